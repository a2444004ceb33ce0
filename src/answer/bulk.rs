//! Bulk changes: a 200 can hide that some or all of them failed.

use std::collections::HashSet;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::bounded::Bounds;
use super::fields::without_nulls;
use super::list::{self, AsTheyCame};
use super::object::Success;
use super::own::Own;
use crate::catalog::Operation;

/// How much is shown of what stands beside the outcomes, in bytes of its text.
const MAX_BESIDE: usize = 4 << 10;

/// Counts what was done, names what failed, and what was asked for and not answered. `around` are the members of the body,
/// where it is an object.
///
/// # Errors
/// The body cannot be read.
pub(super) fn answer(
    operation: &Operation,
    arguments: &Value,
    body: Option<&RawValue>,
    around: Option<&AsTheyCame<'_>>,
) -> serde_json::Result<(Own, Success)> {
    let asked = operation.in_body.iter().find_map(|name| arguments.get(name)?.as_array());
    let asked = asked.map_or(&[][..], Vec::as_slice);
    let mut bounds = Bounds::new();
    let told = entries(operation, body, around, &mut bounds)?;
    let (mut own, success) = match told {
        Outcomes::Entries { mut entries, beside } => {
            name(&mut entries, asked);
            let (mut own, success) = counted(&entries, asked);
            own.keep_beside(beside);
            (own, success)
        }
        Outcomes::Otherwise(body) => {
            let asked: Vec<&str> = asked.iter().filter_map(identifier).collect();
            let mut own = Own::default();
            own.say("answer", body);
            own.say("unanswered", json!(asked));
            own.note(
                "The answer does not report a result for each item. Read the items before you repeat the \
                change.",
            );
            (own, Success::Done)
        }
    };
    own.tell(bounds.left_out);
    Ok((own, success))
}

/// What an upstream says of a bulk change.
enum Outcomes {
    /// What became of each, and what it says beside.
    Entries { entries: Vec<Value>, beside: Map<String, Value> },
    /// Something else.
    Otherwise(Value),
}

impl Outcomes {
    fn alone(entries: Vec<Value>) -> Self {
        Self::Entries { entries, beside: Map::new() }
    }
}

/// The entries of an answer and what stands beside them: its list, or where there is none the one list whose entries
/// have a status; one entry may come alone. Nothing at all is no entry.
fn entries(
    operation: &Operation,
    body: Option<&RawValue>,
    around: Option<&AsTheyCame<'_>>,
    bounds: &mut Bounds,
) -> serde_json::Result<Outcomes> {
    let Some(body) = body else { return Ok(Outcomes::alone(Vec::new())) };
    if let Some(found) = list::find(operation, body, around)? {
        let entries = match bounds.value(found.items)? {
            Value::Array(all) => all,
            other => vec![other],
        };
        return Ok(Outcomes::Entries { entries, beside: list::beside(found.beside, MAX_BESIDE)? });
    }
    let mut body = bounds.value(body)?;
    let Some(members) = body.as_object_mut() else { return Ok(Outcomes::Otherwise(body)) };
    members.retain(|_, member| !member.is_null());
    if members.is_empty() {
        return Ok(Outcomes::alone(Vec::new()));
    }
    if succeeded(&body) || refused(&body) {
        return Ok(Outcomes::alone(vec![body]));
    }
    let tells = |list: &Value| {
        let all = list.as_array().filter(|all| !all.is_empty());
        all.is_some_and(|all| all.iter().all(|entry| succeeded(entry) || refused(entry)))
    };
    let members = body.as_object().into_iter().flatten();
    let mut telling = members.filter(|(_, member)| tells(member)).map(|(name, _)| name.clone());
    let (Some(name), None) = (telling.next(), telling.next()) else { return Ok(Outcomes::Otherwise(body)) };
    match body {
        Value::Object(mut members) => match members.remove(&name) {
            Some(Value::Array(entries)) => Ok(Outcomes::Entries { entries, beside: members }),
            _ => Ok(Outcomes::alone(Vec::new())),
        },
        other => Ok(Outcomes::Otherwise(other)),
    }
}

/// Names the entries that do not say what they are about: they are in the order of what was asked for.
fn name(entries: &mut [Value], asked: &[Value]) {
    if entries.len() != asked.len() {
        return;
    }
    for (entry, asked) in entries.iter_mut().zip(asked) {
        if let (Some(members), Some(id)) = (entry.as_object_mut(), identifier(asked))
            && members.keys().all(|name| matches!(name.as_str(), "status" | "message"))
        {
            members.insert("id".to_owned(), Value::from(id));
        }
    }
}

fn counted(entries: &[Value], asked: &[Value]) -> (Own, Success) {
    let (done, rest): (Vec<&Value>, Vec<&Value>) = entries.iter().partition(|entry| succeeded(entry));
    let (failed, unclear): (Vec<&Value>, Vec<&Value>) = rest.into_iter().partition(|entry| refused(entry));
    let mut own = Own::default();
    own.say("succeeded", json!(done.len()));
    own.say("failed", json!(failed.len()));
    let made: Vec<Value> = done.iter().filter_map(|entry| news(entry)).collect();
    let unclear_entries = unclear.iter().map(|entry| shown(entry)).collect();
    for (name, entries) in [
        ("results", made),
        ("failures", failed.iter().map(|entry| shown(entry)).collect()),
        ("unclear", unclear_entries),
    ] {
        if !entries.is_empty() {
            own.say(name, Value::Array(entries));
        }
    }
    let unanswered = unanswered(asked, entries);
    if !unanswered.is_empty() {
        own.say("unanswered", json!(unanswered));
    }
    if !unanswered.is_empty() || !unclear.is_empty() {
        own.note("Whether the unanswered and unclear items were changed is unknown. Read them before you repeat the \
            change.");
    }
    let nothing_done = !failed.is_empty() && failed.len() == entries.len() && unanswered.is_empty();
    let success = if nothing_done { Success::AllFailed } else { Success::Done };
    (own, success)
}

/// What a success tells beside that it is one and of what, such as the id of what was made.
fn news(entry: &Value) -> Option<Value> {
    let mut told = shown(entry);
    let members = told.as_object_mut()?;
    members.remove("message");
    (members.len() > 1).then_some(told)
}

/// Only an entry that says so has succeeded.
fn succeeded(entry: &Value) -> bool {
    has_status(entry, "success")
}

/// Only an entry that says so was not carried out; with another status it may have been, or be yet.
fn refused(entry: &Value) -> bool {
    ["error", "failed", "failure"].iter().any(|status| has_status(entry, status))
}

fn has_status(entry: &Value, wanted: &str) -> bool {
    entry.get("status").and_then(Value::as_str).is_some_and(|status| status.eq_ignore_ascii_case(wanted))
}

/// An entry as it is shown. That a success or failure is one goes without saying; another status is worth a word.
fn shown(entry: &Value) -> Value {
    let mut told = entry.clone();
    if let Some(members) = told.as_object_mut()
        && (refused(entry) || succeeded(entry))
    {
        members.remove("status");
    }
    without_nulls(&mut told);
    told
}

/// The ids that were asked for and are in no entry. Where an entry has none of them, nothing can be said.
fn unanswered<'a>(asked: &'a [Value], entries: &[Value]) -> Vec<&'a str> {
    let asked: Vec<&str> = asked.iter().filter_map(identifier).collect();
    let known: HashSet<&str> = asked.iter().copied().collect();
    let mut answered: HashSet<&str> = HashSet::new();
    for entry in entries {
        let before = answered.len();
        let mut repeats = false;
        for id in texts(entry).filter_map(|text| known.get(text)) {
            repeats |= !answered.insert(id);
        }
        if answered.len() == before && !repeats {
            return Vec::new();
        }
    }
    asked.into_iter().filter(|id| !answered.contains(id)).collect()
}

/// What one change is about: an identifier, or an object that has one.
fn identifier(change: &Value) -> Option<&str> {
    change.as_str().or_else(|| change.get("id")?.as_str())
}

/// The texts of an entry that may be an id: the member that holds it is not called the same everywhere.
fn texts(entry: &Value) -> impl Iterator<Item = &str> {
    let members = entry.as_object().into_iter().flatten();
    members
        .filter(|(name, _)| *name != "status" && *name != "message")
        .filter_map(|(_, value)| value.as_str())
}
