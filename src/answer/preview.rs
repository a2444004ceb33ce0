//! What a destructive call would do, shown before it is confirmed.

use serde_json::{Map, Value, json};

use super::bounded::fitted;
use super::form::AnswerStyle;
use super::object::Answer;
use crate::catalog::Operation;

/// What a preview shows of one target: the state as the read tool would answer it.
#[must_use]
pub fn preview(
    operation: &'static Operation,
    targets: &[String],
    states: Vec<TargetState>,
    token: &str,
    place: &str,
    form: AnswerStyle,
) -> Option<Answer> {
    let confirmation = operation.confirmation.as_ref()?;
    let confirm = match confirmation.each {
        None => json!(targets.first()),
        Some(_) => json!(targets),
    };
    let to_confirm = format!(
        "Nothing has been changed. Show this to the user. With their consent, call {} again with the same arguments, \
         this confirmation, and confirm: {confirm}",
        operation.name
    );
    let mut value = Map::from_iter([
        ("preview".to_owned(), json!(operation.name)),
        ("changed".to_owned(), json!(false)),
        ("will".to_owned(), json!(confirmation.does)),
        ("where".to_owned(), json!(place)),
        ("undo".to_owned(), json!(confirmation.undo)),
        ("targets".to_owned(), json!(targets)),
        ("toConfirm".to_owned(), json!(to_confirm)),
        ("confirmation".to_owned(), json!(token)),
    ]);
    let mut known = Map::new();
    let room = form.room() / states.len().max(1);
    for TargetState { target, state } in states {
        let state = state.map(|state| abridged(state, room));
        known.insert(target, state.unwrap_or_else(|problem| json!({ "unavailable": problem })));
    }
    if known.len() < targets.len() {
        let missing = targets.len() - known.len();
        let told = format!("The current state of {missing} of the targets was not read.");
        value.insert("stateNotRead".to_owned(), json!(told));
    }
    if !known.is_empty() {
        value.insert("state".to_owned(), Value::Object(known));
    }
    Some(Answer::done(&value))
}

/// How many items of a list a preview shows.
const SHOWN_ITEMS: usize = 10;

/// The least that a preview shows of one target, in bytes of its text.
const LEAST_STATE: usize = 300;

/// A state without the tail of a long list, and in at most so many characters: it is to be recognised, not to be worked
/// with.
fn abridged(state: Value, room: usize) -> Value {
    let state = without_tail(state);
    let (mut cut, left_out) = fitted(state, room.max(LEAST_STATE));
    if let (Some(members), Some(told)) = (cut.as_object_mut(), left_out.told()) {
        members.insert("leftOut".to_owned(), json!(told));
    }
    cut
}

fn without_tail(mut state: Value) -> Value {
    let Some(Value::Array(items)) = state.get_mut("items") else { return state };
    let left = items.len().saturating_sub(SHOWN_ITEMS);
    items.truncate(SHOWN_ITEMS);
    if left > 0
        && let Some(members) = state.as_object_mut()
    {
        members.insert("itemsNotShown".to_owned(), json!(left));
    }
    state
}

/// The present state of one target, or why it is not known.
#[derive(Debug)]
pub struct TargetState {
    /// Its identifier.
    pub target: String,
    /// The state, or the reason in words.
    pub state: Result<Value, String>,
}
