//! Who something is assigned to: a user or a team, kept by id and shown by name.

use serde_json::{Value, json};

use crate::ask::Reply;
use crate::fields::{self, Shape, must};
use crate::manage::people::People;
use crate::record::text;

pub(in crate::manage) const USERS: &[&str] = &["User"];
pub(in crate::manage) const USERS_AND_TEAMS: &[&str] = &["User", "Team"];

/// Someone who owns things, as an assignment.
pub(in crate::manage) fn leader(people: &People, which: usize) -> Value {
    json!({ "type": "User", "id": people.leader_id(which) })
}

/// What a body says about an assignment: `None` where it says nothing, null where it takes it away.
///
/// 422 for a kind that may not be assigned, 404 for someone unknown.
pub(in crate::manage) fn assigned(
    people: &People,
    body: &Value,
    key: &str,
    kinds: &'static [&'static str],
) -> Result<Option<Value>, Reply> {
    let Some(actor) = body.get(key) else { return Ok(None) };
    if actor.is_null() {
        return Ok(Some(Value::Null));
    }
    if !actor.is_object() {
        return Err(Reply::error(422, format!("{key} must be an object")));
    }
    fields::check(actor, &[must("type", Shape::OneOf(kinds)), must("id", Shape::Text)])?;
    let (kind, id) = (text(actor, "type"), text(actor, "id"));
    let found = if kind == "Team" { people.group(id) } else { people.get(id) };
    found.ok_or_else(|| Reply::not_found(kind, id))?;
    Ok(Some(json!({ "type": kind, "id": id })))
}

/// An assignment with the name of whom it is to; null of none.
pub(in crate::manage) fn shown(people: &People, actor: &Value) -> Value {
    if actor.is_null() {
        return Value::Null;
    }
    let id = text(actor, "id");
    let name = if text(actor, "type") == "Team" {
        people.group(id).and_then(|group| group.get("name"))
    } else {
        people.get(id).and_then(|person| person.pointer("/name/display"))
    };
    json!({ "type": actor.get("type"), "id": id, "displayName": name })
}

/// The user of an assignment, with an email address; null where it is to a team or to nobody.
pub(in crate::manage) fn user(people: &People, actor: &Value) -> Value {
    if text(actor, "type") != "User" {
        return Value::Null;
    }
    let id = text(actor, "id");
    let person = people.get(id);
    json!({
        "id": id,
        "displayName": person.and_then(|person| person.pointer("/name/display")),
        "email": person.and_then(|person| person.get("emailAddress")),
    })
}

/// Whoever calls the API, where a user is named as the one who did something.
pub(in crate::manage) fn application() -> Value {
    json!({ "id": "demo-application", "displayName": "API application", "email": null })
}
