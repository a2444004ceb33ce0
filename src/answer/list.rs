//! Lists, wherever an answer has them.

use serde_json::{Map, Value, json};

use super::fields::{Fields, without_nulls};
use crate::catalog::Operation;

/// What comes after a page.
pub(super) enum Next {
    /// Nothing.
    End,
    /// The page of this cursor.
    Cursor(Value),
    /// More, to which the upstream gave no cursor.
    Unreachable,
}

impl Next {
    fn of(page: Option<&Value>) -> Self {
        let cursor = page.and_then(|page| page.get("endCursor"));
        let cursor = cursor.filter(|cursor| !cursor.is_null() && *cursor != "");
        match (page.and_then(|page| page.get("hasNextPage")).and_then(Value::as_bool), cursor) {
            (Some(true), Some(cursor)) => Self::Cursor(cursor.clone()),
            (Some(true), None) => Self::Unreachable,
            _ => Self::End,
        }
    }
}

/// A list that was found in an answer.
pub(super) struct FoundList {
    pub(super) items: Vec<Value>,
    pub(super) next: Next,
    pub(super) rest: Map<String, Value>,
}

/// Finds the list: `results.data` with page info, `results`, a bare array, or the member that the catalog names.
pub(super) fn items(operation: &Operation, body: &mut Value) -> Option<FoundList> {
    if let Value::Array(all) = body {
        return Some(FoundList { items: std::mem::take(all), next: Next::End, rest: Map::new() });
    }
    let members = body.as_object_mut()?;
    let named = operation.items.filter(|name| members.get(*name).is_some_and(Value::is_array));
    if let Some(name) = named.or_else(|| members.get("results")?.is_array().then_some("results")) {
        let Some(Value::Array(items)) = members.remove(name) else { return None };
        return Some(FoundList { items, next: Next::End, rest: std::mem::take(members) });
    }
    let has_data = |members: &Map<String, Value>| members.get("data").is_some_and(Value::is_array);
    let mut results = match members.get("results") {
        Some(Value::Object(inner)) if has_data(inner) => match members.remove("results") {
            Some(Value::Object(inner)) => inner,
            _ => return None,
        },
        // Some answers leave the outer member out.
        None if operation.is_paged() && has_data(members) => std::mem::take(members),
        _ => return None,
    };
    let Some(Value::Array(items)) = results.remove("data") else { return None };
    let next = Next::of(results.remove("pageInfo").as_ref());
    // What an upstream says beside the list may be that the list is not whole.
    results.append(members);
    Some(FoundList { items, next, rest: results })
}

/// A list as it is shown: its items, how many they are, and the cursor to the next.
pub(super) fn shown(found: FoundList, fields: &Fields<'_>) -> Value {
    let count = found.items.len();
    let unknown = fields.unknown(&found.items);
    let items: Vec<Value> = found.items.into_iter().map(|item| fields.keep(item)).collect();
    let mut value =
        Map::from_iter([("items".to_owned(), Value::Array(items)), ("count".to_owned(), json!(count))]);
    match found.next {
        Next::End => {}
        Next::Cursor(cursor) => {
            value.insert("next_cursor".to_owned(), cursor);
        }
        Next::Unreachable => {
            let note = "There are more items, but the upstream gave no cursor to them: use a filter.";
            value.insert("note".to_owned(), json!(note));
        }
    }
    if !unknown.is_empty() {
        value.insert("unknown_fields".to_owned(), json!(unknown));
    }
    keep_beside(&mut value, found.rest);
    Value::Object(value)
}

/// Keeps what stood beside a list, under names that the answer does not have itself.
pub(super) fn keep_beside(value: &mut Map<String, Value>, rest: Map<String, Value>) {
    for (name, mut other) in rest.into_iter().filter(|(_, other)| !other.is_null()) {
        without_nulls(&mut other);
        value.entry(name).or_insert(other);
    }
}
