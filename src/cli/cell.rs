//! One value of an answer in one line, in words.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::output::plain;
use super::when::ToldDate;
use super::width::width;

/// The longest list that a table shows name by name.
const NAMES: usize = 3;

/// How many values are told of an object that is called nothing.
const GIST: usize = 2;

/// The widest text that is told of it.
const SHORT: usize = 30;

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
    /// For a column of this name in a table.
    pub(super) fn of(name: &str, value: &Value, now: Timestamp) -> Self {
        if let Some(told) = value.as_str().and_then(|text| ToldDate::of(text, now)) {
            return Self { text: told.near, day: Some(told.day) };
        }
        let text = match value {
            Value::Array(all) if all.is_empty() => in_line(value, now),
            Value::Array(all) => listed(name, all, now),
            other => in_line(other, now),
        };
        Self { text, day: None }
    }
}

/// A value in one line. What comes from upstream cannot steer the terminal.
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
        Value::Object(members) => called(members).unwrap_or_else(|| gist(members, now)),
    }
}

/// A list under this name: what its few items are called, or how many there are.
fn listed(name: &str, all: &[Value], now: Timestamp) -> String {
    let told = |one: &Value| match one {
        Value::Object(members) => called(members),
        Value::Array(_) => None,
        scalar => Some(in_line(scalar, now)),
    };
    let names: Option<Vec<String>> = all.iter().map(told).collect();
    match names {
        Some(names) if names.len() <= NAMES => names.join(", "),
        _ => counted(all.len(), name),
    }
}

/// So many of what a member is called: `1 connection`, `3 open findings`. A name that is no plural counts items.
fn counted(count: usize, name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or_default();
    let mut words = String::new();
    for letter in plain(last).chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    let many = if words.ends_with('s') && !words.ends_with("ss") { words } else { "items".to_owned() };
    if count == 1 { format!("1 {}", singular(&many)) } else { format!("{count} {many}") }
}

/// One of a plural.
fn singular(many: &str) -> String {
    if let Some(stem) = many.strip_suffix("ies") {
        return format!("{stem}y");
    }
    let stem = ["sses", "shes", "ches", "xes", "tuses"].iter().any(|end| many.ends_with(end));
    many.strip_suffix(if stem { "es" } else { "s" }).unwrap_or(many).to_owned()
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

/// What says most of an object that is called nothing, in a few words: its first short texts and days, or else its first
/// numbers and switches by name.
fn gist(members: &Map<String, Value>, now: Timestamp) -> String {
    let (mut texts, mut days, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for (name, value) in members {
        match value {
            Value::String(text) => match ToldDate::of(text, now) {
                Some(told) => days.push(told.day),
                None if text.is_empty() => {}
                None => texts.push(plain(text)),
            },
            Value::Bool(_) | Value::Number(_) => {
                others.push(format!("{} {}", plain(name), in_line(value, now)));
            }
            Value::Null | Value::Array(_) | Value::Object(_) => {}
        }
    }
    let short = texts.iter().filter(|text| width(text) <= SHORT).cloned();
    let mut told: Vec<String> = short.chain(days).take(GIST).collect();
    if told.is_empty() {
        told = texts.into_iter().take(1).collect();
    }
    if told.is_empty() {
        told = others.into_iter().take(GIST).collect();
    }
    if told.is_empty() {
        told.extend(members.iter().find_map(|(name, value)| inner(name, value, now)));
    }
    if told.is_empty() { if members.is_empty() { "none" } else { "-" }.to_owned() } else { told.join(", ") }
}

/// What a member says that is an object or a list itself.
fn inner(name: &str, value: &Value, now: Timestamp) -> Option<String> {
    match value {
        Value::Array(all) if !all.is_empty() => Some(listed(name, all, now)),
        Value::Object(members) if !members.is_empty() => Some(in_line(value, now)),
        _ => None,
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
            (json!([1, 2, 3, 4]), "4 open findings"),
            (json!([{"name": "A"}, {"title": "B"}]), "A, B"),
            (json!([{"isDisabled": false, "connectionErrorMessage": null}]), "1 open finding"),
            (json!([{"a": {"b": 1}}, {"name": "B"}]), "2 open findings"),
            (json!({"id": "1", "emailAddress": "a@b", "name": "Ann"}), "Ann"),
            (json!({"name": {"display": "Ann Bee", "first": "Ann"}, "id": "1"}), "Ann Bee"),
            (json!({"id": "1", "other": 2}), "1"),
            (json!({"major": 1, "minor": 0, "patch": 2}), "major 1, minor 0"),
            (json!({"asked": "2026-11-26T00:00:00Z"}), "26 Nov 2026"),
            (
                json!({"itemCount": 3, "soonest": "2026-11-11T00:00:00Z", "status": "OVERDUE", "why": null}),
                "OVERDUE, 11 Nov 2026",
            ),
            (json!({"isDeactivated": false, "reason": null}), "isDeactivated no"),
            (json!({"first": null}), "-"),
            (json!({"inner": {"status": "OK"}}), "OK"),
            (json!({"rows": [1, 2, 3, 4]}), "4 rows"),
            (json!("\u{1b}[2J"), " [2J"),
        ] {
            assert_eq!(Cell::of("openFindings", &value, now).text, expected, "{value}");
        }
    }

    #[test]
    fn a_count_names_what_it_counts() {
        for (count, name, expected) in [
            (1, "connections", "1 connection"),
            (3, "connections", "3 connections"),
            (1, "owner.policies", "1 policy"),
            (1, "statuses", "1 status"),
            (1, "businessAddresses", "1 business address"),
            (1, "causes", "1 cause"),
            (1, "access", "1 item"),
            (2, "data", "2 items"),
        ] {
            assert_eq!(counted(count, name), expected);
        }
    }
}
