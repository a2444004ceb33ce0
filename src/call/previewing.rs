//! What a destructive call would be done to, as it is now.

use futures::future::join_all;
use serde_json::{Map, Value};

use super::{CallError, Calls, Context, is_missing};
use crate::answer::TargetState;
use crate::catalog::{self, Known, Operation};

/// How many targets' states a preview reads: each costs a request of the minute's budget.
const MAX_STATES: usize = 5;

/// How many pages are searched for a target that has no read of its own.
const MAX_PAGES: usize = 5;

impl Calls {
    /// The targets of a destructive call as they are now, as far as a preview shows them. Sends reads alone.
    pub(super) async fn states(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: &Value,
        targets: &[String],
    ) -> Result<Vec<TargetState>, CallError> {
        let before = operation.confirmation.as_ref().and_then(|confirmation| {
            let before = confirmation.before.filter(|before| !self.closed.contains(before))?;
            Some((confirmation, catalog::find(before)?))
        });
        let Some((confirmation, before)) = before else { return Ok(Vec::new()) };
        let reading = Reading { before, argument: confirmation.argument, arguments };
        let read = targets.iter().take(MAX_STATES).map(|target| self.state(cx, reading, target));
        let mut states = Vec::new();
        for (target, state) in targets.iter().zip(join_all(read).await) {
            let state = match state {
                // There is nothing to confirm about a thing that does not exist.
                Err(error) if targets.len() == 1 && is_missing(&error) => {
                    return Err(CallError::NothingToConfirm { tool: operation.name, cause: Box::new(error) });
                }
                other => other.map_err(|error| error.to_string()),
            };
            states.push(TargetState { target: target.clone(), state });
        }
        Ok(states)
    }

    /// The present state of one target: read by its id, or looked for in a list.
    async fn state(&self, cx: &Context, reading: Reading<'_>, target: &str) -> Result<Value, CallError> {
        let before = reading.before;
        let mut wanted = reading.wanted(target);
        if before.is_paged() {
            wanted.insert("pageSize".to_owned(), Value::from(100));
        }
        // Consent is given to what is there now.
        if before.is_kept() {
            wanted.insert("fresh".to_owned(), Value::from(true));
        }
        for _ in 0..MAX_PAGES {
            let arguments = Value::Object(wanted.clone());
            let mut page = Box::pin(self.for_us().call_by_ids(cx, before, &arguments)).await?.value();
            let Some(Value::Array(items)) = page.get_mut("items").filter(|_| !reading.is_of_target()) else {
                return Ok(page);
            };
            if let Some(place) = items.iter().position(|item| reading.is_target(item, target)) {
                return Ok(items.swap_remove(place));
            }
            let Some(cursor) = page.get("nextCursor") else {
                if before.known == Known::InPart {
                    break;
                }
                return Err(CallError::NoSuchTarget { target: target.to_owned(), list: before.name });
            };
            wanted.insert("pageCursor".to_owned(), cursor.clone());
        }
        Ok(Value::from(format!("not among the first items that {} returns", before.name)))
    }
}

/// How the present state of a call's targets is read.
#[derive(Clone, Copy)]
struct Reading<'c> {
    /// The operation that reads it.
    before: &'static Operation,
    /// The argument that identifies a target.
    argument: &'static str,
    /// All that the call was made with.
    arguments: &'c Value,
}

impl Reading<'_> {
    fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.before.in_path.iter().chain(&self.before.in_query).copied()
    }

    /// What to read one target with.
    fn wanted(&self, target: &str) -> Map<String, Value> {
        let mut wanted = Map::new();
        for name in self.parameters() {
            match self.arguments.get(name) {
                // The target's own argument goes by its value, which for a list is one entry of it.
                Some(value) if name != self.argument => {
                    wanted.insert(name.to_owned(), value.clone());
                }
                _ if self.before.in_path.contains(&name) || name == self.argument => {
                    wanted.insert(name.to_owned(), Value::from(target));
                }
                _ => {}
            }
        }
        wanted
    }

    /// Whether an item of a list is the target. Where it is not known how the list names its items, any name does.
    fn is_target(&self, item: &Value, target: &str) -> bool {
        let identifies = |name: &str| item.get(name).is_some_and(|id| id == target);
        match item {
            _ if identifies("id") || identifies(self.argument) => true,
            Value::Object(members) if self.before.known == Known::InPart => {
                members.values().any(|value| value == target)
            }
            whole => whole == target,
        }
    }

    /// Whether what is read is the target's own: what is asked for by the target itself is its state, and any other list
    /// holds the target among others.
    fn is_of_target(&self) -> bool {
        self.parameters().any(|name| name == self.argument)
    }
}
