//! The one door that every call goes through: build, admit, send, shape.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future::join_all;
use serde_json::{Map, Value};
use thiserror::Error;
use tokio::task::spawn_blocking;

use crate::answer::{self, Answer, State};
use crate::api::arguments::ArgumentsError;
use crate::api::{Cause, Clients, Failure, Flat, Request, request};
use crate::catalog::{self, Confirmation, Operation, Shape};
use crate::files::{FileError, Folders, PathArgument as Argument};
use crate::gate::{self, Decision, Grant, Policy, Refusal};

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
    /// The file to send, or the folder to save into, cannot be used.
    #[error("{tool}: {cause} Nothing was sent.")]
    File {
        /// The tool's name.
        tool: &'static str,
        /// What is wrong with it.
        cause: FileError,
    },
    /// The target of a destructive call was not found when its state was read.
    #[error(
        "{tool}: its target was not found, so there is nothing to confirm and nothing was changed. {cause}"
    )]
    NothingToConfirm {
        /// The tool's name.
        tool: &'static str,
        /// What reading it brought.
        cause: Box<CallError>,
    },
    /// The list that holds a target was read to its end without finding it.
    #[error("{target} is not among the items that {list} answers. Check the ids.")]
    NoSuchTarget {
        /// The target's identifier.
        target: String,
        /// The tool that lists what exists.
        list: &'static str,
    },
}

impl CallError {
    /// The same for the log, which holds no path of this machine and no name of a file.
    #[must_use]
    pub fn for_log(&self) -> String {
        match self {
            Self::File { tool, .. } => format!("{tool}: the file or the folder cannot be used"),
            Self::Failed(failure) if matches!(failure.cause, Cause::File(_)) => {
                format!("{}: the file did not come through", failure.operation.name)
            }
            other => other.to_string(),
        }
    }
}

impl From<Failure> for CallError {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

/// What a call brought.
pub enum Carried {
    /// An answer.
    Answer(Answer),
    /// An answer as the text that it would be written as.
    Flat(String),
}

/// Makes calls. Cloning is cheap.
#[derive(Clone)]
pub struct Caller {
    policy: Policy,
    clients: Arc<Clients>,
    folders: Arc<Folders>,
    /// Operations that are not run, by name, whatever asks for them.
    closed: Arc<BTreeSet<&'static str>>,
}

impl Caller {
    /// Calls to these APIs, within this policy, with local files in these folders alone.
    #[must_use]
    pub fn new(policy: Policy, clients: Arc<Clients>, folders: Folders) -> Self {
        Self { policy, clients, folders: Arc::new(folders), closed: Arc::default() }
    }

    /// The same calls for somebody who was granted less.
    #[must_use]
    pub fn granted(&self, grant: Grant) -> Self {
        Self { policy: self.policy.granted(grant), ..self.clone() }
    }

    /// The same calls without those of these operations, which previews do not make either.
    #[must_use]
    pub fn without(self, closed: BTreeSet<&'static str>) -> Self {
        Self { closed: Arc::new(closed), ..self }
    }

    /// The same calls for somebody on another machine, to whom local folders mean nothing.
    #[must_use]
    pub fn without_folders(&self) -> Self {
        Self { folders: Arc::new(self.folders.closed()), ..self.clone() }
    }

    /// The folders that the operator allows.
    #[must_use]
    pub fn folders(&self) -> &Folders {
        &self.folders
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
        match self.carry_out(operation, arguments, None).await? {
            Carried::Answer(answer) => Ok(answer),
            // Nobody asked for it.
            Carried::Flat(text) => Ok(Answer::done(Value::from(text))),
        }
    }

    /// The same for who needs no more of a usual answer than its text.
    ///
    /// # Errors
    /// As for [`Self::call`].
    pub async fn call_flat(
        &self,
        operation: &'static Operation,
        arguments: &Value,
    ) -> Result<Carried, CallError> {
        self.carry_out(operation, arguments, answer::flat(operation, arguments)).await
    }

    async fn carry_out(
        &self,
        operation: &'static Operation,
        arguments: &Value,
        flat: Option<Flat>,
    ) -> Result<Carried, CallError> {
        let mut request = request::build(operation, arguments)?;
        let none = Map::new();
        match gate::admit(self.policy, operation, arguments.as_object().unwrap_or(&none))? {
            Decision::Permit(permit) => {
                self.attach(&mut request, arguments).await?;
                let client = self
                    .clients
                    .scoped(operation.api, operation.effect)
                    .map_err(|cause| Failure { operation, cause })?;
                request.flat = flat;
                let mut response = client.send(permit, request).await?;
                Ok(match response.flat.take() {
                    Some(text) => Carried::Flat(text),
                    None => Carried::Answer(answer::shape(operation, arguments, response)),
                })
            }
            Decision::Preview(targets) => {
                self.preview(operation, arguments, &targets).await.map(Carried::Answer)
            }
        }
    }

    /// Opens the file that goes with a request, or the folder that its answer may be saved in.
    async fn attach(&self, request: &mut Request, arguments: &Value) -> Result<(), CallError> {
        let operation = request.operation;
        let failed = |cause| CallError::File { tool: operation.name, cause };
        // Disks are slow and base64 is long: neither is for a thread that other calls wait for.
        if let Some(upload) = &operation.upload {
            let file = arguments.get("file").cloned().unwrap_or_default();
            let folders = Arc::clone(&self.folders);
            let opened = spawn_blocking(move || folders.outgoing(&file, &upload.accepts)).await;
            let opened = opened.unwrap_or(Err(FileError::Lost { argument: Argument::File }));
            request.upload = Some(opened.map_err(failed)?);
        }
        if operation.shape == Shape::File {
            let folder = arguments.get("folder").and_then(Value::as_str).map(str::to_owned);
            let folders = Arc::clone(&self.folders);
            let opened = spawn_blocking(move || folders.destination(folder.as_deref())).await;
            let opened = opened.unwrap_or(Err(FileError::Lost { argument: Argument::Folder }));
            request.destination = Some(opened.map_err(failed)?);
        }
        Ok(())
    }

    /// What a destructive call would do, with its targets as they are now. Sends reads alone.
    async fn preview(
        &self,
        operation: &'static Operation,
        arguments: &Value,
        targets: &[String],
    ) -> Result<Answer, CallError> {
        let before = operation.confirmation.as_ref().and_then(|confirmation| {
            let before = confirmation.before.filter(|before| !self.closed.contains(before))?;
            Some((confirmation, catalog::find(before)?))
        });
        let mut states = Vec::new();
        if let Some((confirmation, before)) = before {
            let read = targets
                .iter()
                .take(MAX_STATES)
                .map(|target| self.state(before, confirmation, arguments, target));
            for (target, state) in targets.iter().zip(join_all(read).await) {
                let state = match state {
                    // There is nothing to confirm about a thing that does not exist.
                    Err(error) if targets.len() == 1 && is_missing(&error) => {
                        return Err(CallError::NothingToConfirm {
                            tool: operation.name,
                            cause: Box::new(error),
                        });
                    }
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
        // What is asked for by the target itself is its state; any other list holds the target among others.
        let of_target =
            before.in_path.iter().chain(&before.in_query).any(|name| *name == confirmation.argument);
        if before.is_paged() {
            wanted.insert("page_size".to_owned(), Value::from(100));
        }
        for _ in 0..MAX_PAGES {
            let mut page = Box::pin(self.call(before, &Value::Object(wanted.clone()))).await?.value;
            let Some(Value::Array(items)) = page.get_mut("items").filter(|_| !of_target) else {
                return Ok(page);
            };
            let is_target = |item: &Value| {
                let identifies = |name: &str| item.get(name).is_some_and(|id| id == target);
                identifies("id") || identifies(confirmation.argument)
            };
            if let Some(place) = items.iter().position(is_target) {
                return Ok(items.swap_remove(place));
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
        CallError::Failed(failure) => matches!(failure.cause, Cause::Refused { status: 404, .. }),
        CallError::NoSuchTarget { .. } | CallError::NothingToConfirm { .. } => true,
        CallError::Arguments(_) | CallError::Refused(_) | CallError::File { .. } => false,
    }
}
