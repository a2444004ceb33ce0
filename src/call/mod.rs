//! The one door that every call goes through: build, admit, send, shape.

use std::sync::Arc;

use futures::future::join_all;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::answer::{self, Answer, State};
use crate::api::arguments::ArgumentsError;
use crate::api::{Clients, Failure, request};
use crate::catalog::{self, Confirmation, Operation};
use crate::gate::{self, Decision, Policy, Refusal};

/// How many targets' states a preview reads: each costs a request of the minute's budget.
const MAX_STATES: usize = 5;

/// How many pages are searched for a target that has no read of its own.
const MAX_PAGES: usize = 5;

/// A call that was not carried out as asked. `Display` is what a model reads.
#[derive(Debug, Error)]
pub enum CallError {
    /// The arguments do not fit the tool.
    #[error(transparent)]
    Arguments(#[from] ArgumentsError),
    /// The gate does not let it through.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The upstream did not carry it out.
    #[error(transparent)]
    Failed(Box<Failure>),
    /// The list that holds a target was read to its end without finding it.
    #[error(
        "{target} is not among the items that {list} answers, so there is nothing to confirm and nothing was changed. \
         Check the ids."
    )]
    NoSuchTarget {
        /// The target's identifier.
        target: String,
        /// The tool that lists what exists.
        list: &'static str,
    },
}

impl From<Failure> for CallError {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

/// Makes calls. Cloning is cheap.
#[derive(Clone)]
pub struct Caller {
    policy: Policy,
    clients: Arc<Clients>,
}

impl Caller {
    /// Calls to these APIs, within this policy.
    #[must_use]
    pub fn new(policy: Policy, clients: Arc<Clients>) -> Self {
        Self { policy, clients }
    }

    /// The clients, for telling their state.
    #[must_use]
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// What the operator allows.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// Carries out one call. `arguments` is an object.
    ///
    /// # Errors
    /// Wrong arguments, a refusal of the gate, a failure upstream.
    pub async fn call(&self, operation: &'static Operation, arguments: &Value) -> Result<Answer, CallError> {
        let request = request::build(operation, arguments)?;
        let none = Map::new();
        match gate::admit(self.policy, operation, arguments.as_object().unwrap_or(&none))? {
            Decision::Permit(permit) => {
                let client = self
                    .clients
                    .scoped(operation.api, operation.effect)
                    .map_err(|cause| Failure { operation, cause })?;
                let response = client.send(permit, request).await?;
                Ok(answer::shape(operation, arguments, response))
            }
            Decision::Preview(targets) => self.preview(operation, arguments, &targets).await,
        }
    }

    /// What a destructive call would do, with its targets as they are now. Sends reads alone.
    async fn preview(
        &self,
        operation: &'static Operation,
        arguments: &Value,
        targets: &[String],
    ) -> Result<Answer, CallError> {
        let before =
            operation.confirmation.as_ref().and_then(|c| c.before.and_then(catalog::find).map(|b| (c, b)));
        let mut states = Vec::new();
        if let Some((confirmation, before)) = before {
            let read = targets
                .iter()
                .take(MAX_STATES)
                .map(|target| self.state(before, confirmation, arguments, target));
            for (target, state) in targets.iter().zip(join_all(read).await) {
                let state = match state {
                    // There is nothing to confirm about a thing that does not exist.
                    Err(error) if targets.len() == 1 && is_missing(&error) => return Err(error),
                    other => other.map_err(|error| error.to_string()),
                };
                states.push(State { target: target.clone(), state });
            }
        }
        answer::preview(operation, targets, states)
            .ok_or_else(|| Refusal::NoTarget { tool: operation.name, argument: "confirm" }.into())
    }

    /// The present state of one target: read by its id, or looked for in a list.
    async fn state(
        &self,
        before: &'static Operation,
        confirmation: &Confirmation<'_>,
        arguments: &Value,
        target: &str,
    ) -> Result<Value, CallError> {
        let mut wanted = Map::new();
        for name in before.in_path.iter().chain(&before.in_query) {
            match arguments.get(name) {
                // The target's own argument goes by its value, which for a list is one entry of it.
                Some(value) if *name != confirmation.argument => {
                    wanted.insert((*name).to_owned(), value.clone());
                }
                _ if before.in_path.contains(name) || *name == confirmation.argument => {
                    wanted.insert((*name).to_owned(), Value::from(target));
                }
                _ => {}
            }
        }
        if !before.is_paged() {
            return Ok(Box::pin(self.call(before, &Value::Object(wanted))).await?.value);
        }
        wanted.insert("page_size".to_owned(), Value::from(100));
        for _ in 0..MAX_PAGES {
            let page = Box::pin(self.call(before, &Value::Object(wanted.clone()))).await?.value;
            let items = page.get("items").and_then(Value::as_array);
            if let Some(found) =
                items.into_iter().flatten().find(|item| item.get("id").is_some_and(|id| id == target))
            {
                return Ok(found.clone());
            }
            let Some(cursor) = page.get("next_cursor") else {
                return Err(CallError::NoSuchTarget { target: target.to_owned(), list: before.name });
            };
            wanted.insert("page_cursor".to_owned(), cursor.clone());
        }
        Ok(Value::from(format!("not among the first items that {} answers", before.name)))
    }
}

fn is_missing(error: &CallError) -> bool {
    match error {
        CallError::Failed(failure) => matches!(failure.cause, crate::api::Cause::Refused { status: 404, .. }),
        CallError::NoSuchTarget { .. } => true,
        CallError::Arguments(_) | CallError::Refused(_) => false,
    }
}
