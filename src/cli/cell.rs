//! One value of an answer in one line, in words.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::output::plain;
use super::when::ToldDate;

/// The longest list that a table shows name by name.
const NAMES: usize = 3;

/// What an object is called by, the first that it has.
const CALLED: [&str; 6] = ["displayName", "display", "name", "title", "emailAddress", "id"];

/// A value in one line, and how it is said with less.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) text: String,
    /// Of a date: the day alone.
    pub(super) day: Option<String>,
}

impl Cell {
    /// For a column of a table.
    pub(super) fn of(value: &Value, now: Timestamp) -> Self {
        if let Some(told) = value.as_str().and_then(|text| ToldDate::of(text, now)) {
            return Self { text: told.near, day: Some(told.day) };
        }
        let text = match value {
            Value::Array(all) if all.len() > NAMES => format!("{} items", all.len()),
            other => in_line(other, now),
        };
        Self { text, day: None }
    }
}

/// A value in one line, whole. What comes from upstream cannot steer the terminal.
pub(super) fn in_line(value: &Value, now: Timestamp) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => match ToldDate::of(text, now) {
            Some(told) => told.whole,
            None => plain(text),
        },
        Value::Array(all) if all.is_empty() => "none".to_owned(),
        Value::Array(all) => all.iter().map(|one| in_line(one, now)).collect::<Vec<_>>().join(", "),
        Value::Object(members) => called(members).unwrap_or_else(|| pairs(members, now)),
    }
}

/// What an object is called.
fn called(members: &Map<String, Value>) -> Option<String> {
    CALLED.into_iter().find_map(|name| match members.get(name)? {
        Value::String(text) => Some(plain(text)),
        // A person's name has parts.
        Value::Object(parts) => called(parts),
        _ => None,
    })
}

/// The members of an object that is called nothing.
fn pairs(members: &Map<String, Value>, now: Timestamp) -> String {
    match members.values().next() {
        None => "none".to_owned(),
        Some(only) if members.len() == 1 => in_line(only, now),
        Some(_) => members
            .iter()
            .map(|(name, value)| format!("{}: {}", plain(name), in_line(value, now)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_told_in_words() {
        let now: Timestamp = "2026-11-28T11:08:00Z".parse().unwrap();
        for (value, expected) in [
            (json!(true), "yes"),
            (json!(null), "-"),
            (json!([]), "none"),
            (json!({}), "none"),
            (json!(["a", "b"]), "a, b"),
            (json!([1, 2, 3, 4]), "4 items"),
            (json!([{"name": "A"}, {"title": "B"}]), "A, B"),
            (json!({"id": "1", "emailAddress": "a@b", "name": "Ann"}), "Ann"),
            (json!({"name": {"display": "Ann Bee", "first": "Ann"}, "id": "1"}), "Ann Bee"),
            (json!({"id": "1", "other": 2}), "1"),
            (json!({"major": 1, "minor": 0}), "major: 1, minor: 0"),
            (json!({"asked": "2026-11-26T00:00:00Z"}), "26 Nov 2026, 00:00 UTC (2 days ago)"),
            (json!("\u{1b}[2J"), " [2J"),
        ] {
            assert_eq!(Cell::of(&value, now).text, expected, "{value}");
        }
    }
}
