//! Names that others chose, made fit for a log.

use std::fmt::Write as _;
use std::iter;

/// The name in printable ASCII. Everything else, be it invisible, turned around, or the image of another letter, is
/// written `\u{202e}`; so is a backslash that begins such an escape, so that no two names become one.
#[must_use]
pub fn legible(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let followers = name.char_indices().map(|(at, c)| name.get(at + c.len_utf8()..).unwrap_or_default());
    for (c, rest) in iter::zip(name.chars(), followers) {
        let escapes = c == '\\' && rest.starts_with("u{");
        if (c.is_ascii_graphic() || c == ' ') && !escapes {
            text.push(c);
        } else {
            let _ = write!(text, "{}", c.escape_unicode());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_told_apart_by_eye_is_written_out() {
        for (name, told) in [
            ("alice@example.com", "alice@example.com"),
            ("DOMAIN\\user", "DOMAIN\\user"),
            ("\u{202e}ecila", "\\u{202e}ecila"),
            ("al\u{200b}ice", "al\\u{200b}ice"),
            ("\u{430}lice", "\\u{430}lice"),
            ("a\nb\u{7f}", "a\\u{a}b\\u{7f}"),
            ("\\u{202e}ecila", "\\u{5c}u{202e}ecila"),
        ] {
            assert_eq!(legible(name), told);
        }
    }
}
