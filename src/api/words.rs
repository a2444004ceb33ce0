//! An upstream's own words, as a message repeats them: cut, in one line, within quotation marks. They are data.

/// How much of an upstream's message is passed on, in characters.
pub(super) const MAX_WORDS: usize = 300;

/// The first words of a text, in one line. They are quoted where they are shown, so they hold no quotation mark that
/// would end the quotation early.
pub(super) fn first_words(text: &str) -> String {
    let line: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line = line.join(" ").replace('"', "'");
    match line.char_indices().nth(MAX_WORDS) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// The last cause in a chain, which is the one that tells a person something.
pub(super) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// A length in bytes, as a person reads it.
pub(super) fn size(bytes: usize) -> String {
    if bytes < 1 << 20 { format!("{} KiB", bytes >> 10) } else { format!("{} MiB", bytes >> 20) }
}

/// What an upstream wrote, as a message goes on with it.
pub(super) fn quote(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": \"{message}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_and_in_one_line_and_cannot_end_their_quotation() {
        assert_eq!(first_words(&"x".repeat(1000)).chars().count(), MAX_WORDS + 1);
        assert_eq!(first_words("a\u{7}b\r\nc"), "a b c");
        assert_eq!(first_words("no \"quotes\""), "no 'quotes'");
    }
}
