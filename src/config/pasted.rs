//! Values as people paste them: with white space, quotation marks or a header's words around them.

/// What quotation marks begin and end with: typed ones, and those that word processors make of them.
const QUOTES: [(char, char); 6] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('\u{201c}', '\u{201d}'),
    ('\u{2018}', '\u{2019}'),
    ('\u{201e}', '\u{201c}'),
];

/// The headers that tokens are copied out of with.
const HEADERS: [&str; 2] = ["authorization:", "x-api-key:"];

/// A value without what surrounds it: white space, and one pair of quotation marks.
pub(super) fn plain(raw: &str) -> &str {
    let text = trimmed(raw);
    unquoted(text).map_or(text, trimmed)
}

/// A secret without what surrounds it: as any value, and without the `Bearer ` that it is sent behind.
pub(super) fn secret(raw: &str) -> &str {
    let text = trimmed(raw);
    let inner = unquoted(text).map(trimmed);
    let value = inner.unwrap_or(text);
    match without_header(value) {
        // One pair is taken off, wherever it is.
        Some(rest) if inner.is_none() => plain(rest),
        Some(rest) => rest,
        None => value,
    }
}

fn trimmed(text: &str) -> &str {
    // What has no shape is pasted along with what has.
    let is_nothing =
        |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200d}' | '\u{2060}');
    text.trim_matches(is_nothing)
}

/// What is within one pair of quotation marks around all of the text. Two quoted words side by side are not one.
fn unquoted(text: &str) -> Option<&str> {
    let within = |(begin, end): (char, char)| {
        let inner = text.strip_prefix(begin)?.strip_suffix(end)?;
        (!inner.contains([begin, end])).then_some(inner)
    };
    QUOTES.into_iter().find_map(within)
}

fn without_header(text: &str) -> Option<&str> {
    let after = |text: &str, begin: &str| -> Option<usize> {
        text.get(..begin.len()).filter(|found| found.eq_ignore_ascii_case(begin)).map(str::len)
    };
    let header = HEADERS.into_iter().find_map(|name| after(text, name));
    let value = text.get(header.unwrap_or_default()..).map(trimmed)?;
    let scheme = after(value, "bearer").and_then(|length| value.get(length..));
    match scheme.filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace)) {
        Some(rest) => Some(trimmed(rest)),
        None => header.map(|_| value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pair_of_quotes_and_the_words_of_a_header_are_taken_off() {
        for (raw, expected) in [
            ("vcs_1", "vcs_1"),
            (" \tvcs_1\r\n", "vcs_1"),
            ("\u{feff}vcs_1\u{200b}", "vcs_1"),
            ("\"vcs_1\"", "vcs_1"),
            ("' vcs_1 '", "vcs_1"),
            ("\u{201c}vcs_1\u{201d}", "vcs_1"),
            ("\"'vcs_1'\"", "'vcs_1'"),
            ("\"vcs_1'", "\"vcs_1'"),
            ("\"vcs_1", "\"vcs_1"),
            ("vcs\"1\"", "vcs\"1\""),
            ("\"\"", ""),
            ("\"", "\""),
            ("\"a\",\"b\"", "\"a\",\"b\""),
        ] {
            assert_eq!(plain(raw), expected, "{raw}");
        }
        for (raw, expected) in [
            ("Bearer vp_1", "vp_1"),
            ("bearer\tvp_1 ", "vp_1"),
            ("\"BEARER vp_1\"", "vp_1"),
            ("Bearer \"vp_1\"", "vp_1"),
            ("Authorization: Bearer vp_1", "vp_1"),
            ("'X-Api-Key: vp_1'", "vp_1"),
            ("Bearer", ""),
            ("\"Bearer \"", ""),
            ("bearervp_1", "bearervp_1"),
            ("\"vp_1\"", "vp_1"),
            ("é", "é"),
        ] {
            assert_eq!(secret(raw), expected, "{raw}");
        }
    }
}
