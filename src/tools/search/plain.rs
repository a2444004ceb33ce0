//! What of a query is about the task: without what is quoted, and knowing which words are names.

use std::collections::HashSet;

use super::words::split;

/// Marks between which something is quoted, as they open and close.
const QUOTES: [(char, char); 6] =
    [('"', '"'), ('\'', '\''), ('“', '”'), ('‘', '’'), ('«', '»'), ('「', '」')];

/// How many words must be left for what is quoted to be left out.
const ENOUGH: usize = 3;

/// A query without what is quoted in it.
pub struct Plain {
    /// What is left.
    pub text: String,
    /// Words that are written as names are, in small letters.
    names: HashSet<String>,
    /// Whether it names a website by its domain.
    pub has_domain: bool,
}

impl Plain {
    /// Never fails: where little else is said, what is quoted stays.
    pub fn of(text: &str) -> Self {
        let bare = without_quotes(text);
        let text = if split(&bare).len() >= ENOUGH { bare } else { text.to_owned() };
        let names = names(&text);
        let has_domain = text.split_whitespace().any(is_domain);
        Self { text, names, has_domain }
    }

    /// Whether a word in small letters is a name.
    pub fn is_name(&self, said: &str) -> bool {
        self.names.contains(said)
    }
}

/// A text without what stands between quotation marks; an apostrophe is none.
fn without_quotes(text: &str) -> String {
    let mut bare = String::new();
    let mut rest = text;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let tail = rest.get(first.len_utf8()..).unwrap_or_default();
        let close = QUOTES.iter().find(|(open, _)| *open == first).map(|(_, close)| *close);
        let quoted = close.filter(|_| !before.is_alphanumeric()).and_then(|close| {
            let ends = tail.match_indices(close).find(|(at, mark)| {
                let next = tail.get(at + mark.len()..).and_then(|after| after.chars().next());
                !next.is_some_and(char::is_alphanumeric)
            });
            ends.map(|(at, mark)| at + mark.len())
        });
        before = first;
        if let Some(end) = quoted {
            bare.push(' ');
            rest = tail.get(end..).unwrap_or_default();
        } else {
            bare.push(first);
            rest = tail;
        }
    }
    bare
}

/// Whether a piece of text is a website's name such as `example.com`, and neither an address nor a number.
fn is_domain(piece: &str) -> bool {
    let bare = piece.trim_matches(|c: char| !c.is_alphanumeric());
    let Some((name, ending)) = bare.strip_suffix("'s").unwrap_or(bare).rsplit_once('.') else { return false };
    let letters = |text: &str| text.len() >= 2 && text.chars().all(|c| c.is_ascii_lowercase());
    letters(ending)
        && name.len() >= 2
        && !bare.contains(['@', '/', '_'])
        && name.contains(char::is_alphabetic)
}

/// Words with a capital that do not begin a sentence, and parts of addresses; none where every word has one.
fn names(text: &str) -> HashSet<String> {
    let mut names = HashSet::new();
    let (mut begins, mut small) = (true, false);
    for piece in text.split_whitespace() {
        let word = piece.trim_start_matches(|c: char| !c.is_alphanumeric());
        let capital = word.starts_with(char::is_uppercase);
        let address = word.trim_end_matches(|c: char| !c.is_alphanumeric()).contains(['.', '@', '/']);
        small |= word.starts_with(char::is_lowercase);
        if address || capital && !begins {
            names.extend(split(word));
        }
        begins = piece.ends_with(['.', '!', '?', ':']);
    }
    if small { names } else { HashSet::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_left_out_where_something_else_is_said() {
        for (text, left) in [
            ("new FAQ on the trust page: 'Do you train AI?' -> 'No.'", "new FAQ on the trust page:   ->  "),
            ("the vendor's 'lost laptop' risk isn't ours", "the vendor's   risk isn't ours"),
            ("delete \"vendors\"", "delete \"vendors\""),
        ] {
            assert_eq!(Plain::of(text).text, left, "{text}");
        }
    }

    #[test]
    fn a_capital_makes_a_name_where_no_sentence_begins() {
        let plain = Plain::of("Offboard Lena, then mail s.osei@marlow.com. Vendors stay.");
        for (word, is_name) in [("offboard", false), ("lena", true), ("osei", true), ("vendors", false)] {
            assert_eq!(plain.is_name(word), is_name, "{word}");
        }
        assert!(!Plain::of("LIST VENDORS").is_name("vendors"));
        for (text, has) in [("is example.org's account up?", true), ("mail a@b.com. Then 1.5 e.g.", false)] {
            assert_eq!(Plain::of(text).has_domain, has, "{text}");
        }
    }
}
