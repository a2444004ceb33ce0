//! Printing. A closed pipe ends the printing, not the program with a panic.

use std::io::{self, IsTerminal as _, Write as _};

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

/// The widest cell of a table, in characters.
const CELL: usize = 60;

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

/// A table as wide as the terminal, or as its content where there is none.
pub(super) fn table(head: &[impl AsRef<str>], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(head.iter().map(AsRef::as_ref));
    table.set_content_arrangement(ContentArrangement::Dynamic);
    if let Some((width, _)) = terminal_size::terminal_size() {
        table.set_width(width.0);
    }
    for row in rows {
        table.add_row(row);
    }
    table.trim_fmt()
}

/// An answer for a person: its list as a table, the rest as lines.
pub(super) fn readable(value: &Value) -> String {
    let mut lines = Vec::new();
    let Some(members) = value.as_object() else { return cell(value) };
    if let Some(items) = members.get("items").and_then(Value::as_array) {
        lines.push(items_table(items));
    }
    for (name, member) in members.iter().filter(|(name, _)| *name != "items") {
        append(&mut lines, 0, name, member);
    }
    lines.join("\n")
}

fn items_table(items: &[Value]) -> String {
    let mut columns: Vec<&str> = Vec::new();
    for item in items {
        for name in item.as_object().into_iter().flat_map(|members| members.keys()) {
            if !columns.contains(&name.as_str()) {
                columns.push(name);
            }
        }
    }
    // What identifies an item is what a reader looks for first.
    columns.sort_by_key(|name| match *name {
        "id" | "user" => 0,
        "name" | "title" | "displayName" => 1,
        _ => 2,
    });
    if columns.is_empty() {
        return if items.is_empty() {
            "(none)".to_owned()
        } else {
            items.iter().map(cell).collect::<Vec<_>>().join("\n")
        };
    }
    let rows = items.iter().map(|item| {
        columns.iter().map(|name| shorten(&item.get(*name).map(cell).unwrap_or_default())).collect()
    });
    let head: Vec<String> = columns.iter().map(|name| plain(name)).collect();
    table(&head, rows)
}

fn append(lines: &mut Vec<String>, depth: usize, name: &str, value: &Value) {
    let indent = "  ".repeat(depth);
    let name = plain(name);
    match value {
        Value::Object(members) if !members.is_empty() => {
            lines.push(format!("{indent}{name}:"));
            for (name, member) in members {
                append(lines, depth + 1, name, member);
            }
        }
        Value::Array(all) if all.iter().any(Value::is_object) => {
            lines.push(format!("{indent}{name}:"));
            for (index, one) in all.iter().enumerate() {
                append(lines, depth + 1, &format!("{}", index + 1), one);
            }
        }
        other => lines.push(format!("{indent}{name}: {}", cell(other))),
    }
}

/// A value in one line. What comes from upstream cannot steer the terminal.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => plain(text),
        Value::Array(all) if all.iter().all(|one| !one.is_object() && !one.is_array()) => {
            all.iter().map(cell).collect::<Vec<_>>().join(", ")
        }
        Value::Object(members) => {
            let named = ["displayName", "name", "emailAddress"]
                .into_iter()
                .find_map(|name| members.get(name)?.as_str());
            named.map_or_else(|| plain(&value.to_string()), plain)
        }
        other => plain(&other.to_string()),
    }
}

/// A text without control characters.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The same for a text of many lines, which keeps its lines and columns.
pub(super) fn plain_lines(text: &str) -> String {
    let steers = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    text.replace("\r\n", "\n").trim_end().chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(CELL) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn items_are_a_table_and_the_rest_are_lines() {
        let text = readable(&json!({
            "items": [{"name": "Acme", "id": "v1", "tags": ["a", "b"]}, {"id": "v2", "owner": {"displayName": "Ann"}}],
            "count": 2
        }));
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        let expected = [" id  name  tags  owner", " v1  Acme  a, b", " v2              Ann", "count: 2"];
        assert_eq!(lines, expected);
    }

    #[test]
    fn upstream_text_cannot_steer_the_terminal() {
        let text = readable(
            &json!({"name": "\u{1b}[2Jgone\r\nnew line", "items": [{"id": "\u{9b}31m", "\u{1b}": 1}],
            "nested": {"\u{1b}[2J": {"\u{7}": 1}}}),
        );
        assert!(text.contains("new line") && text.contains("[2Jgone"), "{text:?}");
        assert!(text.chars().all(|c| !c.is_control() || c == '\n'), "{text:?}");
        assert_eq!(plain_lines("a\tb\r\n\u{1b}[2Jc\n"), "a\tb\n [2Jc");
    }
}
