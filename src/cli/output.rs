//! Printing. A closed pipe ends the printing, not the program with a panic.

use std::io::{self, IsTerminal as _, Write as _};

use comfy_table::{ContentArrangement, Table, presets};

use crate::config::terminal;

/// How wide a terminal is that does not say.
const USUAL: usize = 80;

/// Prints a text and a line end on stdout.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Prints one sentence on stderr.
pub(super) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "vanta-mcp: {text}");
}

/// Whether a person is looking at stdout.
pub(super) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// How many columns a line has: what `COLUMNS` says, else the terminal's, else 80.
pub(super) fn columns() -> usize {
    let size = || terminal_size::terminal_size().map(|(wide, _)| usize::from(wide.0));
    terminal::columns().or_else(size).filter(|wide| *wide > 0).unwrap_or(USUAL)
}

/// A table as wide as the terminal, or as its content where there is none.
pub(super) fn table(head: &[impl AsRef<str>], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = filled(head, rows);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    if let Some((width, _)) = terminal_size::terminal_size() {
        table.set_width(width.0);
    }
    table.trim_fmt()
}

/// A table whose cells are as wide as they should be.
pub(super) fn table_as_wide_as_it_is(
    head: &[impl AsRef<str>],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    filled(head, rows).trim_fmt()
}

fn filled(head: &[impl AsRef<str>], rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(head.iter().map(AsRef::as_ref));
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}

/// Whether a character acts on the terminal, or turns the direction of what follows it.
fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text without control characters.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

/// The same for a text of many lines, which keeps its lines and columns.
pub(super) fn plain_lines(text: &str) -> String {
    let blank = |c: char| steers(c) && !matches!(c, '\n' | '\t');
    text.replace("\r\n", "\n").trim_end().chars().map(|c| if blank(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstream_text_cannot_steer_the_terminal() {
        assert_eq!(plain("\u{1b}[2Jgone\r\nnew\u{9b}31m\u{202e}"), " [2Jgone  new 31m ");
        assert_eq!(plain_lines("a\tb\r\n\u{1b}[2Jc\n"), "a\tb\n [2Jc");
    }
}
