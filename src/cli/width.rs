//! Texts measured in the columns of a terminal, of which a wide character takes two.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// A text in at most this many columns; what was cut ends in `…`.
pub(super) fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut taken = 1;
    for character in text.chars() {
        taken += character.width().unwrap_or_default();
        if taken > most {
            break;
        }
        kept.push(character);
    }
    format!("{}…", kept.trim_end())
}

/// A text in lines of at most this width; only a single word, like an id or an address, may be longer.
pub(super) fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A text and blanks up to this many columns.
pub(super) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_and_wrapped_by_columns_and_not_by_characters() {
        for (text, most, expected) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
        ] {
            assert_eq!(cut(text, most), expected, "{text} {most}");
        }
        assert_eq!(wrapped("日本 語 abc", 7), ["日本 語", "abc"]);
        assert_eq!(wrapped("a 0123456789 b", 5), ["a", "0123456789", "b"]);
        assert_eq!(padded("日", 3), "日 ");
    }
}
