//! Bulk changes: a 200 can hide that some or all of them failed.

use serde_json::{Map, Value, json};

use super::{Answer, Success, without_nulls};

/// Counts what was done, names what failed, and what was asked for and not answered.
pub(super) fn answer(arguments: &Value, entries: &[Value]) -> Answer {
    let failures: Vec<Value> = entries.iter().filter(|entry| !succeeded(entry)).map(failure).collect();
    let (all, failed) = (entries.len(), failures.len());
    let mut value =
        Map::from_iter([("succeeded".to_owned(), json!(all - failed)), ("failed".to_owned(), json!(failed))]);
    if failed > 0 {
        value.insert("failures".to_owned(), Value::Array(failures));
    }
    let unanswered = unanswered(arguments, entries);
    if !unanswered.is_empty() {
        value.insert("unanswered".to_owned(), json!(unanswered));
        let note = "What became of the unanswered ones is not known: read them before repeating the change.";
        value.insert("note".to_owned(), json!(note));
    }
    let nothing_done = failed > 0 && entries.iter().all(refused) && unanswered.is_empty();
    let success = if nothing_done { Success::AllFailed } else { Success::Done };
    Answer { value: Value::Object(value), success }
}

/// Only an entry that says so has succeeded.
fn succeeded(entry: &Value) -> bool {
    has_status(entry, "success")
}

/// Only an entry that says so was not carried out; another status may still become a success.
fn refused(entry: &Value) -> bool {
    has_status(entry, "error")
}

fn has_status(entry: &Value, wanted: &str) -> bool {
    entry.get("status").and_then(Value::as_str).is_some_and(|status| status.eq_ignore_ascii_case(wanted))
}

/// The entry of a failure. That its status is ERROR goes without saying; another is worth a word.
fn failure(entry: &Value) -> Value {
    let mut failure = entry.clone();
    if let Some(members) = failure.as_object_mut()
        && refused(entry)
    {
        members.remove("status");
    }
    without_nulls(&mut failure);
    failure
}

/// The ids that were asked for and are in no entry. Where entries have no ids, nothing can be said.
fn unanswered<'a>(arguments: &'a Value, entries: &[Value]) -> Vec<&'a str> {
    let answered: Vec<&str> = ids(entries.iter()).collect();
    if answered.len() < entries.len() {
        return Vec::new();
    }
    let updates = arguments.get("updates").and_then(Value::as_array).into_iter().flatten();
    ids(updates).filter(|id| !answered.contains(id)).collect()
}

fn ids<'v>(entries: impl Iterator<Item = &'v Value>) -> impl Iterator<Item = &'v str> {
    entries.filter_map(|entry| entry.get("id")?.as_str())
}
