//! What `find_tools` found, for a person: a tool a line, and below why some of them cannot be called.

use serde_json::Value;

use super::args::Mode;
use super::output::plain;
use super::width::{cut, wrapped};

/// The tool whose answers these are.
pub(super) const FIND_TOOLS: &str = "find_tools";

/// The whole answer, in lines of at most this width.
pub(super) fn text(answer: &Value, mode: Mode, width: usize) -> String {
    let items = answer.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut notes: Vec<String> = Vec::new();
    for (reason, names) in obstacles(items) {
        notes.push(format!("Not offered ({reason}): {}.", names.join(", ")));
    }
    notes.extend(answer.get("note").and_then(Value::as_str).map(plain));
    if let Some(best) = answer.pointer("/best/name").and_then(Value::as_str) {
        let demo = if mode == Mode::Demo { " --demo" } else { "" };
        // It is shown where it may be called.
        let refused =
            items.iter().find(|tool| member(tool, "name") == best && tool.get("notOffered").is_some());
        let access = match refused.map(|tool| member(tool, "effect")) {
            None | Some("read") => String::new(),
            Some(effect) => format!(" --access {}", plain(effect)),
        };
        notes.push(format!("Arguments of the best one: vanta-mcp tools{demo}{access} {}", plain(best)));
    }
    let mut lines: Vec<String> = tools(items, width).collect();
    if !lines.is_empty() && !notes.is_empty() {
        lines.push(String::new());
    }
    lines.extend(notes.iter().flat_map(|note| wrapped(note, width)));
    lines.join("\n")
}

/// A line a tool: its name, and as much of what it does as fits.
pub(super) fn tools(items: &[Value], width: usize) -> impl Iterator<Item = String> {
    items
        .iter()
        .map(move |tool| cut(&plain(&format!("{}: {}", member(tool, "name"), member(tool, "about"))), width))
}

/// Each reason why tools cannot be called, with their names.
fn obstacles(items: &[Value]) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for tool in items {
        let (name, reason) = (plain(member(tool, "name")), plain(member(tool, "notOffered")));
        match found.iter_mut().find(|(known, _)| *known == reason) {
            _ if reason.is_empty() => {}
            Some((_, names)) => names.push(name),
            None => found.push((reason, vec![name])),
        }
    }
    found
}

fn member<'v>(tool: &'v Value, name: &str) -> &'v str {
    tool.get(name).and_then(Value::as_str).unwrap_or_default()
}
