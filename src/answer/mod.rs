//! What the model gets to read: the upstream's JSON, cut to what is useful.
//!
//! Pure: a response and the caller's choice of fields in, one value out. The
//! text and the structured content of a result are both made from that value.

mod fields;

use serde_json::{Map, Value, json};

use crate::api::Response;
use crate::catalog::{Api, Effect, Operation, Shape};
use fields::Fields;

/// The answer of one call.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Always an object.
    pub value: Value,
    /// Whether what was asked for was done.
    pub success: Success,
}

/// Whether what was asked for was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Success {
    /// All of it, or in bulk at least a part, of which the answer tells.
    Done,
    /// Of a bulk change, nothing.
    AllFailed,
}

impl Answer {
    /// An answer that says that all is well.
    #[must_use]
    pub fn done(value: Value) -> Self {
        Self { value, success: Success::Done }
    }
}

/// Shapes a successful response.
#[must_use]
pub fn shape(operation: &Operation, arguments: &Value, response: Response) -> Answer {
    let Some(mut body) = response.body else {
        return Answer::done(without_content(operation, response.status));
    };
    if operation.api == Api::Panel
        && let Some(members) = body.as_object_mut()
    {
        members.remove("ok");
    }
    if operation.shape == Shape::Bulk
        && let Some(answer) = bulk(&body)
    {
        return answer;
    }
    let fields = Fields::choose(operation, arguments);
    let mut value = match items(operation, &mut body) {
        Some(FoundList { items, next_cursor, rest }) => list(items, next_cursor, rest, &fields),
        None => single(body, &fields),
    };
    mark_shown_once(operation, arguments, &mut value);
    if operation.shape == Shape::Delayed
        && let Some(members) = value.as_object_mut()
    {
        members.entry("message").or_insert_with(|| Value::from(LATER));
    }
    Answer::done(value)
}

const LATER: &str = "Accepted. It takes effect with a delay.";

/// A 204 in words, since an answer must say something.
fn without_content(operation: &Operation, status: u16) -> Value {
    let message = if operation.shape == Shape::Delayed || status == 202 {
        format!("{LATER} ({}, status {status})", operation.title)
    } else {
        format!("Done: {} (status {status}, no content).", operation.title)
    };
    json!({ "done": true, "message": message })
}

/// A list that was found in an answer.
struct FoundList {
    items: Vec<Value>,
    next_cursor: Option<Value>,
    rest: Map<String, Value>,
}

/// Finds the list: `results.data` with page info, `results`, a bare array, or the member that the catalog names.
fn items(operation: &Operation, body: &mut Value) -> Option<FoundList> {
    let found = |items| Some(FoundList { items, next_cursor: None, rest: Map::new() });
    if let Value::Array(all) = body {
        return found(std::mem::take(all));
    }
    let members = body.as_object_mut()?;
    if let Some(name) = operation.items
        && let Some(Value::Array(all)) = members.get_mut(name)
    {
        let items = std::mem::take(all);
        members.remove(name);
        return Some(FoundList { items, next_cursor: None, rest: std::mem::take(members) });
    }
    match members.get_mut("results")? {
        Value::Array(all) => found(std::mem::take(all)),
        Value::Object(results) => {
            let Some(Value::Array(all)) = results.get_mut("data") else { return None };
            let items = std::mem::take(all);
            let page = results.get("pageInfo").and_then(Value::as_object);
            let page = page.filter(|page| page.get("hasNextPage").and_then(Value::as_bool) == Some(true));
            let next_cursor = page.and_then(|page| page.get("endCursor")).filter(|cursor| !cursor.is_null());
            Some(FoundList { items, next_cursor: next_cursor.cloned(), rest: Map::new() })
        }
        _ => None,
    }
}

fn list(
    items: Vec<Value>,
    next_cursor: Option<Value>,
    rest: Map<String, Value>,
    fields: &Fields<'_>,
) -> Value {
    let count = items.len();
    let unknown = fields.unknown(&items);
    let items: Vec<Value> = items.into_iter().map(|item| fields.keep(item)).collect();
    let mut value =
        Map::from_iter([("items".to_owned(), Value::Array(items)), ("count".to_owned(), json!(count))]);
    if let Some(cursor) = next_cursor {
        value.insert("next_cursor".to_owned(), cursor);
    }
    if !unknown.is_empty() {
        value.insert("unknown_fields".to_owned(), json!(unknown));
    }
    for (name, mut other) in rest {
        without_nulls(&mut other);
        value.entry(name).or_insert(other);
    }
    Value::Object(value)
}

fn single(body: Value, fields: &Fields<'_>) -> Value {
    if !body.is_object() {
        return json!({ "value": body });
    }
    let unknown = fields.unknown(std::slice::from_ref(&body));
    let mut value = fields.keep(body);
    if let Some(members) = value.as_object_mut()
        && !unknown.is_empty()
    {
        members.insert("unknown_fields".to_owned(), json!(unknown));
    }
    value
}

/// A bulk change answers 200 even where all of it failed: count, and name what failed.
fn bulk(body: &Value) -> Option<Answer> {
    let results = body.get("results").unwrap_or(body).as_array()?;
    let failures: Vec<Value> = results
        .iter()
        .filter(|entry| entry.get("status").and_then(Value::as_str) == Some("ERROR"))
        .map(|entry| {
            let mut failure = entry.clone();
            if let Some(members) = failure.as_object_mut() {
                members.remove("status");
            }
            without_nulls(&mut failure);
            failure
        })
        .collect();
    let (all, failed) = (results.len(), failures.len());
    let value = if failed == 0 {
        json!({ "succeeded": all, "failed": 0 })
    } else {
        json!({ "succeeded": all - failed, "failed": failed, "failures": failures })
    };
    let success = if failed > 0 && failed == all { Success::AllFailed } else { Success::Done };
    Some(Answer { value, success })
}

/// Marks a generated password, and takes one out that the caller chose: it is known, and says nothing.
fn mark_shown_once(operation: &Operation, arguments: &Value, value: &mut Value) {
    for name in &operation.once {
        if arguments.get(name).is_some_and(|given| !given.is_null()) {
            remove(value, name);
        } else if holds(value, name)
            && let Some(members) = value.as_object_mut()
        {
            let note =
                format!("The {name} is in this answer only and can never be read again. Hand it over now.");
            members.insert("shown_once".to_owned(), Value::from(note));
        }
    }
}

fn holds(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(member, inner)| member == name || holds(inner, name)),
        Value::Array(all) => all.iter().any(|inner| holds(inner, name)),
        _ => false,
    }
}

fn remove(value: &mut Value, name: &str) {
    if let Value::Object(members) = value {
        members.remove(name);
        members.values_mut().for_each(|inner| remove(inner, name));
    }
}

/// Takes the members out that are null, at every depth: they say nothing and cost tokens.
pub(crate) fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, inner| !inner.is_null());
            members.values_mut().for_each(without_nulls);
        }
        Value::Array(all) => all.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// What a preview shows of one target: the state as the read tool would answer it.
#[must_use]
pub fn preview(operation: &'static Operation, targets: &[String], states: Vec<State>) -> Option<Answer> {
    let confirmation = operation.confirmation.as_ref()?;
    debug_assert_eq!(operation.effect, Effect::Destroy);
    let confirm = match confirmation.each {
        None => json!(targets.first()),
        Some(_) => json!(targets),
    };
    let to_confirm = format!(
        "Nothing has been changed. To carry it out, call {} again with the same arguments and confirm: {confirm}",
        operation.name
    );
    let mut value = Map::from_iter([
        ("preview".to_owned(), json!(operation.name)),
        ("changed".to_owned(), json!(false)),
        ("will".to_owned(), json!(confirmation.does)),
        ("undo".to_owned(), json!(confirmation.undo)),
        ("targets".to_owned(), json!(targets)),
        ("to_confirm".to_owned(), json!(to_confirm)),
    ]);
    let mut known = Map::new();
    for State { target, state } in states {
        known.insert(target, state.unwrap_or_else(|problem| json!({ "unavailable": problem })));
    }
    if known.len() < targets.len() {
        let missing = targets.len() - known.len();
        let told = format!("The present state of {missing} of the targets was not read.");
        value.insert("state_not_read".to_owned(), json!(told));
    }
    if !known.is_empty() {
        value.insert("state".to_owned(), Value::Object(known));
    }
    Some(Answer::done(Value::Object(value)))
}

/// The present state of one target, or why it is not known.
#[derive(Debug)]
pub struct State {
    /// Its identifier.
    pub target: String,
    /// The state, or the reason in words.
    pub state: Result<Value, String>,
}

#[cfg(test)]
mod tests;
