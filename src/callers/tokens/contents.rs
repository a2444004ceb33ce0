//! What a file of tokens says, entry by entry.
//!
//! An entry that cannot be read grants nothing, and takes nothing from the
//! others: a slip of the pen must neither keep in force what has been taken out
//! of the file nor lock everybody out.

use serde::Deserialize;
use toml::{Table, Value};

use super::super::legible::legible;
use super::entry::{TokenEntry, is_name};
use crate::tools::Choice;

/// The entries that can be read, and what is wrong with the others.
#[derive(Debug, Default)]
pub(super) struct TokenContents {
    pub(super) entries: Vec<CheckedEntry>,
    /// What is wrong, and where. Nothing of the file that may be secret is in it.
    pub(super) slips: Vec<String>,
}

/// An entry with the hash that it holds.
#[derive(Debug, Clone)]
pub(super) struct CheckedEntry {
    pub(super) entry: TokenEntry,
    pub(super) hash: [u8; 32],
}

/// The text of one entry with its header.
struct Piece<'t> {
    /// The line of the header, from 1.
    line: usize,
    text: &'t str,
}

/// A piece that is as it should be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Single {
    token: [TokenEntry; 1],
}

impl TokenContents {
    pub(super) fn of(text: &str) -> Self {
        let mut contents = match toml::from_str::<Table>(text) {
            Ok(table) => Self::of_table(table, text),
            Err(_) => Self::of_pieces(text),
        };
        contents.drop_doubles();
        contents
    }

    /// Whether a caller of that name can be read.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|known| known.entry.name == name)
    }

    fn of_table(mut table: Table, text: &str) -> Self {
        let mut contents = Self::default();
        let entries = match table.remove("token") {
            Some(Value::Array(entries)) => entries,
            None => Vec::new(),
            Some(_) => {
                contents.slips.push("`token` must be a list of [[token]] entries".to_owned());
                Vec::new()
            }
        };
        contents.slips.extend(table.keys().map(|key| format!("unknown key {:?}", legible(key))));
        let (_, pieces) = pieces(text);
        let pieces = if pieces.len() == entries.len() { pieces } else { Vec::new() };
        for (at, value) in entries.into_iter().enumerate() {
            match (value.try_into::<TokenEntry>(), pieces.get(at)) {
                (Ok(entry), piece) => contents.check(entry, piece.map(|piece| piece.line), at),
                (Err(_), Some(piece)) => contents.slips.extend(single(piece).err()),
                (Err(error), None) => {
                    contents.slips.push(format!("entry {}: {}", at + 1, fit_to_show(error.message())));
                }
            }
        }
        contents
    }

    /// Of a text that is not TOML as a whole, the entries that are by themselves.
    fn of_pieces(text: &str) -> Self {
        let mut contents = Self::default();
        let (before, pieces) = pieces(text);
        // What stands in a text of several lines may look like an entry and is none.
        let mut in_doubt = has_long_text(before);
        if let Err(error) = toml::from_str::<Table>(before) {
            contents.slips.push(format!(
                "line {}: {}",
                line_in(before, &error),
                fit_to_show(error.message())
            ));
        }
        for (at, piece) in pieces.iter().enumerate() {
            in_doubt = in_doubt || has_long_text(piece.text);
            match single(piece) {
                Ok(_) if in_doubt => {
                    contents.slips.push(format!(
                        "line {}: the entry follows a multi-line string, so it is ignored",
                        piece.line
                    ));
                }
                Ok(entry) => contents.check(entry, Some(piece.line), at),
                Err(slip) => contents.slips.push(slip),
            }
        }
        contents
    }

    fn check(&mut self, entry: TokenEntry, line: Option<usize>, at: usize) {
        let place = line.map_or_else(|| format!("entry {}", at + 1), |line| format!("line {line}"));
        match checked(entry) {
            Ok(checked) => self.entries.push(checked),
            Err(problem) => self.slips.push(format!("{place}: {problem}")),
        }
    }

    /// Of two entries with one name or one token nobody knows which is meant, so neither grants anything.
    fn drop_doubles(&mut self) {
        let same = |one: &CheckedEntry, other: &CheckedEntry| {
            one.entry.name == other.entry.name || one.hash == other.hash
        };
        let all = std::mem::take(&mut self.entries);
        for one in &all {
            if all.iter().filter(|other| same(one, other)).count() == 1 {
                self.entries.push(one.clone());
            } else {
                self.slips.push(format!("the name {:?} or its token occurs twice", legible(&one.entry.name)));
            }
        }
    }
}

fn checked(entry: TokenEntry) -> Result<CheckedEntry, String> {
    let name = legible(&entry.name);
    if !is_name(&entry.name) {
        return Err(format!("{name:?} is not a valid caller name"));
    }
    Choice::default()
        .bounded_to(entry.toolsets.iter().map(String::as_str))
        .map_err(|error| error.to_string())?;
    let mut hash = [0; 32];
    match hex::decode_to_slice(&entry.sha256, &mut hash) {
        Ok(()) => Ok(CheckedEntry { entry, hash }),
        Err(_) => Err(format!(
            "`sha256` of {name:?} must be 64 hexadecimal digits: the token's hash, not the token"
        )),
    }
}

fn single(piece: &Piece<'_>) -> Result<TokenEntry, String> {
    match toml::from_str::<Single>(piece.text) {
        Ok(Single { token: [entry] }) => Ok(entry),
        Err(error) => {
            let line = piece.line + line_in(piece.text, &error) - 1;
            Err(format!("line {line}: {}", fit_to_show(error.message())))
        }
    }
}

/// The line that an error is at, from 1. It is named and not shown: it may hold what somebody took for the right place of
/// a token.
fn line_in(text: &str, error: &toml::de::Error) -> usize {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    before.matches('\n').count() + 1
}

/// What the parser says, unless it may have a value in it.
fn fit_to_show(message: &str) -> &str {
    let names_a_key = ["unknown field", "missing field", "duplicate key", "`expires`"];
    let line = message.lines().next().unwrap_or_default();
    if names_a_key.iter().any(|begin| line.starts_with(begin)) { line } else { "it cannot be read" }
}

fn has_long_text(text: &str) -> bool {
    text.contains("\"\"\"") || text.contains("'''")
}

/// What stands before the first entry, and the entries. Together they are the whole text.
fn pieces(text: &str) -> (&str, Vec<Piece<'_>>) {
    let mut begins = Vec::new();
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if is_header(line) {
            begins.push((at, number + 1));
        }
        at += line.len();
    }
    let ends = begins.iter().skip(1).map(|(at, _)| *at).chain([text.len()]);
    let piece = |(&(begin, line), end)| Piece { line, text: text.get(begin..end).unwrap_or_default() };
    let before = begins.first().map_or(text, |(first, _)| text.get(..*first).unwrap_or_default());
    (before, std::iter::zip(&begins, ends).map(piece).collect())
}

fn is_header(line: &str) -> bool {
    let dense: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    dense.starts_with("[[token]]")
}

/// The text without the entry of that name, each of the others as it was; none where that cannot be done.
pub(super) fn without(text: &str, name: &str) -> Option<String> {
    let (before, all) = pieces(text);
    let is_it = |piece: &Piece<'_>| single(piece).is_ok_and(|entry| entry.name == name);
    let mut left = before.to_owned();
    left.extend(all.iter().filter(|piece| !is_it(piece)).map(|piece| piece.text));
    // What it means is looked at, and not only how it is written.
    let names = |text: &str| -> Vec<String> {
        TokenContents::of(text).entries.into_iter().map(|known| known.entry.name).collect()
    };
    let wanted: Vec<String> = names(text).into_iter().filter(|other| other != name).collect();
    (names(&left) == wanted).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, digit: char) -> String {
        format!(
            "[[token]]\nname = \"{name}\"\nsha256 = \"{}\"\naccess = \"read\"\n",
            digit.to_string().repeat(64)
        )
    }

    fn names(text: &str) -> (Vec<String>, usize) {
        let contents = TokenContents::of(text);
        (contents.entries.into_iter().map(|known| known.entry.name).collect(), contents.slips.len())
    }

    #[test]
    fn a_file_that_is_not_right_says_where_and_shows_nothing_of_it() {
        let hash = "ab".repeat(32);
        for (text, told) in [
            (
                "[[token]]\nname = \"a\"\nsha256 = \"vmcp_secret\"\naccess = \"read\"".to_owned(),
                "not the token",
            ),
            (
                format!("[[token]]\nname = \"a\"\nsha256 = \"{}\"\naccess = \"read\"", "+a".repeat(32)),
                "64 hexadecimal digits",
            ),
            (
                format!("[[token]]\nname = \"a b\"\nsha256 = \"{hash}\"\naccess = \"read\""),
                "not a valid caller name",
            ),
            (format!("[[token]]\nname = \"a\"\nsha256 = \"{hash}\"\naccess = \"vmcp_secret\""), "line 4"),
            (
                format!(
                    "[[token]]\nname = \"a\"\nsha256 = \"{hash}\"\naccess = \"read\"\ntoolsets = \"vmcp_secret\""
                ),
                "line 5",
            ),
            (format!("[[token]]\nname = \"a\"\nsha256 = \"{hash}\"\naccess = \"read\"\nscope = 1"), "scope"),
            (format!("{}expires = 12:00:00", entry("a", 'a')), "line 5"),
            ("nonsense".to_owned(), "line 1"),
            (entry("a", 'a').repeat(2), "twice"),
        ] {
            let contents = TokenContents::of(&text);
            let problem = contents.slips.join("; ");
            assert!(problem.contains(told), "{problem}");
            assert!(!problem.contains("vmcp_secret") && contents.entries.is_empty(), "{problem}");
        }
    }

    #[test]
    fn an_entry_that_cannot_be_read_takes_nothing_from_the_others() {
        let (one, two, three) = (entry("one", '1'), entry("two", '2'), entry("three", '3'));
        let of =
            |names: &[&str], slips| (names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(), slips);
        assert_eq!(names(&format!("# ours\n{one}{two}")), of(&["one", "two"], 0));
        assert_eq!(names(&format!("{one}{two}oh\n{three}")), of(&["one", "three"], 1));
        assert_eq!(names(&format!("oh\n{one}")), of(&["one"], 1));
        let level = two.replace("read", "root");
        assert_eq!(names(&format!("{one}{level}{three}")), of(&["one", "three"], 1));
        assert_eq!(names(&format!("{one}{one}{three}")), of(&["three"], 2));
        // What looks like an entry stands in a text, so it is none.
        assert_eq!(names(&format!("{one}note = \"\"\"\n{two}\"\"\"\n{three}oh")), of(&[], 3));
    }

    #[test]
    fn an_entry_is_taken_out_and_the_others_stay_as_they_are() {
        let (one, two) = (entry("one", '1'), entry("two", '2'));
        let text = format!("# ours\n{one}# of two\n\n{two}");
        assert_eq!(without(&text, "one").unwrap(), format!("# ours\n{two}"));
        assert_eq!(without(&text, "two").unwrap(), format!("# ours\n{one}# of two\n\n"));
        let inline =
            format!("token = [{{name = \"one\", sha256 = \"{}\", access = \"read\"}}]", "1".repeat(64));
        assert_eq!(names(&inline).0, ["one"]);
        assert_eq!(without(&inline, "one"), None);
    }
}
