//! The one door that every call goes through: build, admit, send, read the answer.

mod advice;
mod attaching;
mod collecting;
mod confirming;
mod context;
mod exporting;
mod fetching;
mod filters;
mod handing;
mod identifying;
mod ledger;
mod names;
mod naming;
mod noted;
mod previewing;
mod programs;
mod references;
mod sending;
mod trial;
mod whole;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};
use thiserror::Error;
use tokio::time::Instant;

use crate::answer::{Answer, AnswerStyle, Exports, ListFormat, MOST_CHARS, Success, WantedList};
use crate::api::arguments::ArgumentsError;
use crate::api::uncatalogued::ReadPath;
use crate::api::{Cause, Failure, FileCause, Freshness, Request, Response, request};
use crate::catalog::export::asks_for_export;
use crate::catalog::{self, Effect, Operation, TRUST_CENTER};
use crate::files::{CollectionError, ExportError, FileError, Folders, Shelf};
use crate::gate::{self, AskedCall, Confirming, Decision, Permit, Policy, Refusal};
use crate::index;
use crate::program::ProgramError;

use attaching::FileLooks;
use sending::{sender, term};

pub use context::{Afterwards, Asks, Consent, Context, Progress, Question, Step, Trace};
pub use names::{Candidate, NameMeaning, meaning, problem};
pub use trial::{Trial, TrialTarget};
pub use whole::ReadList;

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
    #[error("{failure}{advice}")]
    Failed {
        /// What happened.
        failure: Arc<Failure>,
        /// What its caller can do about it beside, with a blank before it; empty where nothing is known.
        advice: String,
    },
    /// The file to send, or the folder to save into, cannot be used.
    #[error("{tool}: {cause} Nothing was sent.")]
    File {
        /// The tool's name.
        tool: &'static str,
        /// What is wrong with it.
        cause: FileError,
    },
    /// The list was not written into a file, or not to its end.
    #[error("{tool}: {cause}")]
    Export {
        /// The tool's name.
        tool: &'static str,
        /// Why not.
        cause: ExportError,
    },
    /// Files were not collected into a folder, or not to the end.
    #[error("{tool}: {cause}")]
    Collection {
        /// The tool's name.
        tool: &'static str,
        /// Why not.
        cause: Box<CollectionError>,
    },
    /// The list was read, and the program did not run on it.
    #[error("{tool}: {cause} {samples}")]
    Program {
        /// The tool's name.
        tool: &'static str,
        /// Why not.
        cause: Box<ProgramError>,
        /// What it was given, in sentences.
        samples: Box<str>,
    },
    /// Names are given where ids are due, and it is not certain whose they are.
    #[error("{tool} was not carried out. {}.", problems.join(". "))]
    Unidentified {
        /// The tool's name.
        tool: &'static str,
        /// One sentence without a full stop for each name.
        problems: Vec<String>,
    },
    /// Nobody waited for the answer any more before anything was sent.
    #[error("The call was cancelled before anything was sent.")]
    Cancelled,
    /// The target of a destructive call was not found when its state was read.
    #[error(
        "{tool}: the target was not found, so there is nothing to confirm and nothing was changed. {cause}"
    )]
    NothingToConfirm {
        /// The tool's name.
        tool: &'static str,
        /// What reading it brought.
        cause: Box<CallError>,
    },
    /// The list that holds a target was read to its end without finding it.
    #[error("{target} is not among the items that {list} returns. Check the ids.")]
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
            Self::File { tool, .. } => format!("{tool}: the file or folder cannot be used"),
            Self::Export { tool, .. } => format!("{tool}: the list could not be exported"),
            Self::Collection { tool, .. } => format!("{tool}: the files could not be collected"),
            Self::Program { tool, .. } => format!("{tool}: the jq program did not run"),
            Self::Unidentified { tool, .. } => format!("{tool}: a name in the place of an id is not clear"),
            Self::Failed { failure, .. } if matches!(failure.cause, Cause::File(_)) => {
                format!("{}: the file could not be transferred", failure.operation.name)
            }
            other => other.to_string(),
        }
    }
}

impl From<Failure> for CallError {
    fn from(failure: Failure) -> Self {
        Self::Failed { failure: Arc::new(failure), advice: String::new() }
    }
}

/// Makes calls. Cloning is cheap.
#[derive(Clone)]
pub struct Calls {
    /// What the operator allows everybody.
    operator: Policy,
    folders: Arc<Folders>,
    /// Operations that are not run, by name, whatever asks for them.
    closed: Arc<BTreeSet<&'static str>>,
    looks: FileLooks,
    /// The form of answers where a call does not say which.
    form: AnswerStyle,
    /// How what was previewed is confirmed.
    confirming: Confirming,
}

impl Calls {
    /// Calls within what the operator allows, with local files in these folders alone.
    #[must_use]
    pub fn new(operator: Policy, folders: Folders) -> Self {
        let (closed, looks, form) = (Arc::default(), FileLooks::default(), AnswerStyle::default());
        let confirming = Confirming::default();
        Self { operator, folders: Arc::new(folders), closed, looks, form, confirming }
    }

    /// The same calls whose previews are confirmed so.
    #[must_use]
    pub fn confirming(&self, confirming: Confirming) -> Self {
        Self { confirming, ..self.clone() }
    }

    /// The same calls with answers in another form where a call does not say which.
    #[must_use]
    pub fn in_form(&self, form: AnswerStyle) -> Self {
        Self { form, ..self.clone() }
    }

    /// The same calls without those of these operations, which previews do not make either.
    #[must_use]
    pub fn without(&self, closed: BTreeSet<&'static str>) -> Self {
        Self { closed: Arc::new(closed), ..self.clone() }
    }

    /// The same calls for somebody on another machine, to whom local folders mean nothing, and whose exports wait on this
    /// shelf.
    #[must_use]
    pub fn without_folders(&self, shelf: Shelf) -> Self {
        Self { folders: Arc::new(self.folders.closed(shelf)), ..self.clone() }
    }

    /// The same calls with answers that are read here, and not by a model.
    fn for_us(&self) -> Self {
        self.in_form(AnswerStyle { format: Some(ListFormat::Json), most: MOST_CHARS, ..self.form })
    }

    /// The form of answers, which name `export` where it is offered.
    fn form(&self) -> AnswerStyle {
        let exports = if self.folders.take_exports() { Exports::Offered } else { Exports::NotOffered };
        AnswerStyle { exports, ..self.form }
    }

    /// The folders that the operator allows.
    #[must_use]
    pub fn folders(&self) -> &Folders {
        &self.folders
    }

    /// What the operator allows everybody.
    #[must_use]
    pub fn operator(&self) -> Policy {
        self.operator
    }

    /// Carries out one call. `arguments` is an object, in which a name that means one thing may stand for its id.
    ///
    /// # Errors
    /// Wrong arguments, a refusal of the gate, a failure upstream.
    pub async fn call(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: &Value,
    ) -> Result<Answer, CallError> {
        let answer = if names::are_in(operation, arguments) {
            Box::pin(self.call_by_names(cx, operation, arguments)).await?
        } else {
            self.call_by_ids(cx, operation, arguments).await?
        };
        if !references::may_refer(operation, arguments) || answer.finds_nothing() {
            return Ok(answer);
        }
        Ok(Box::pin(self.with_names(cx, operation, arguments, answer)).await)
    }

    /// Carries out one call, whose ids are ids.
    async fn call_by_ids(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: &Value,
    ) -> Result<Answer, CallError> {
        let arguments = &*filled_in(cx, operation, arguments);
        let mut request = request::build(operation, arguments, |other| self.offers(cx, other))?;
        let none = Map::new();
        let members = arguments.as_object().unwrap_or(&none);
        let wanted = AskedCall { operation, effect: request.effect, arguments: members };
        let mut notes = std::mem::take(&mut request.echo);
        let answer = match gate::admit(self.operator, &cx.principal, wanted)? {
            Decision::Permit(permit) => {
                let sent = if operation.is_list() && asks_for_export(arguments) {
                    match self.folders.shelf() {
                        Some(shelf) => Box::pin(self.hand_over(cx, operation, arguments, shelf)).await,
                        None => Box::pin(self.export(cx, operation, arguments)).await,
                    }
                } else if let Some(wanted) = WantedList::of(operation, arguments, self.form()) {
                    Box::pin(self.collect(cx, operation, arguments, wanted)).await
                } else {
                    self.send(cx, permit, request, arguments).await
                };
                sent.map_err(|error| explained(error, arguments))?
            }
            // What is rare is kept aside, so that the usual call's future stays small.
            Decision::Preview(targets) => Box::pin(self.preview(cx, &request, arguments, targets)).await?,
            Decision::Claim(claim) => {
                let permit = Box::pin(self.confirmed(cx, &request, arguments, claim)).await?;
                let sent = Box::pin(self.send(cx, permit, request, arguments)).await;
                sent.map_err(|error| explained(error, arguments))?
            }
        };
        if answer.success == Success::AllFailed {
            notes.extend(filters::commas(operation, arguments));
        } else if answer.finds_nothing() {
            notes.extend(Box::pin(self.why_nothing(cx, operation, arguments)).await);
        }
        notes.extend(filters::comma_in_fields(arguments));
        Ok(answer.with_notes(&notes))
    }

    /// Reads a path that the catalog does not have.
    ///
    /// # Errors
    /// A refusal of the gate, a failure upstream.
    pub async fn read(
        &self,
        cx: &Context,
        path: ReadPath,
        freshness: Freshness,
    ) -> Result<Answer, CallError> {
        let none = Value::Object(Map::new());
        let (operation, none_given) = (path.operation(), Map::new());
        let wanted = AskedCall::unraised(operation, &none_given);
        match gate::admit(self.operator, &cx.principal, wanted)? {
            Decision::Permit(permit) => self.send(cx, permit, path.into_request(freshness), &none).await,
            // What only reads is never previewed.
            Decision::Preview(_) | Decision::Claim(_) => Err(CallError::Cancelled),
        }
    }

    /// Sends a request, and enters what it cost.
    async fn sent(
        &self,
        cx: &Context,
        permit: Permit,
        mut request: Request,
        arguments: &Value,
    ) -> Result<Response, CallError> {
        let operation = request.operation;
        let opens = self.looks.files_of(&self.folders, operation, arguments).await;
        request.opens = opens.map_err(|cause| CallError::File { tool: operation.name, cause })?;
        let client = cx
            .profile
            .scoped(operation.api, request.effect)
            .map_err(|cause| Failure::new(operation, cause))?;
        let began = Instant::now();
        let sender = sender(cx, operation, arguments);
        let answered = client.send(permit, request, &sender, &term(cx)).await;
        let spent = answered.as_ref().map_or_else(|failure| &failure.spent, |response| &response.spent);
        cx.ledger.enter(began, spent);
        // Whatever became of a change, what it may have changed is looked at again.
        if operation.effect > Effect::Read {
            Box::pin(index::touched(&cx.profile, operation, arguments)).await;
            Box::pin(index::renamed(&cx.profile, operation)).await;
        }
        answered.map_err(|failure| self.advised(cx, failure))
    }

    /// Filters that nothing can pass, since what they name does not exist: an empty list would look like an answer. Costs a
    /// request for each filter that may be one, and none where no filter takes ids.
    async fn why_nothing(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: &Value,
    ) -> Vec<String> {
        let mut notes = filters::commas(operation, arguments);
        for filter in filters::to_look_up(operation, arguments) {
            if self.closed.contains(filter.from.name) {
                continue;
            }
            let said = notes.len();
            for look in filter.looks(arguments) {
                let read = Box::pin(self.for_us().call_by_ids(cx, filter.from, &look.arguments)).await;
                let missing = match read {
                    Err(error) if is_missing(&error) => filter.told(&look, None),
                    // What cannot be looked up is not spoken of.
                    Err(_) => None,
                    Ok(answer) => filter.told(&look, Some(&answer.value())),
                };
                notes.extend(missing);
            }
            if notes.len() > said {
                notes.extend(filter.not_looked_up());
            }
        }
        notes
    }

    /// Whether a caller may call an operation, so that it can be told of it.
    #[must_use]
    pub fn offers(&self, cx: &Context, operation: &'static Operation) -> bool {
        let policy = self.operator.narrowed_to(&cx.principal);
        let upstream = cx.profile.upstream(operation.api);
        !self.closed.contains(operation.name)
            && policy.allows(operation).is_ok()
            && upstream.is_some_and(|upstream| upstream.covers(operation))
    }

    /// A failure with what its caller can do about it.
    fn advised(&self, cx: &Context, failure: Arc<Failure>) -> CallError {
        let failure = match Arc::try_unwrap(failure) {
            Ok(Failure { operation, cause: Cause::File(FileCause::Unopened(cause)), .. }) => {
                return CallError::File { tool: operation.name, cause };
            }
            Ok(other) => Arc::new(other),
            Err(shared) => shared,
        };
        let offered = |tool: &str| catalog::find(tool).is_some_and(|tool| self.offers(cx, tool));
        let advice = advice::on(&failure, offered);
        CallError::Failed { failure, advice }
    }
}

/// The arguments with the Trust Center of the settings, where it is left out.
fn filled_in<'a>(cx: &Context, operation: &Operation, arguments: &'a Value) -> Cow<'a, Value> {
    let is_named = |slug: &Value| !slug.is_null() && slug.as_str().is_none_or(|slug| !slug.trim().is_empty());
    let slug = cx.profile.trust_center().filter(|_| operation.is_of_trust_center());
    let Some(slug) = slug.filter(|_| !arguments.get(TRUST_CENTER).is_some_and(is_named)) else {
        return Cow::Borrowed(arguments);
    };
    let mut members = arguments.as_object().cloned().unwrap_or_default();
    members.insert(TRUST_CENTER.to_owned(), Value::from(slug));
    Cow::Owned(Value::Object(members))
}

/// A refusal of arguments of which one may have been meant as several says so.
fn explained(mut error: CallError, arguments: &Value) -> CallError {
    if let CallError::Failed { failure, advice } = &mut error
        && matches!(failure.cause, Cause::Refused { status: 400 | 404 | 422, .. })
    {
        for hint in filters::commas(failure.operation, arguments) {
            advice.push(' ');
            advice.push_str(&hint);
        }
    }
    error
}

/// Whether an error says that what a call is about is not there.
#[must_use]
pub fn is_missing(error: &CallError) -> bool {
    match error {
        CallError::Failed { failure, .. } => matches!(failure.cause, Cause::Refused { status: 404, .. }),
        CallError::NoSuchTarget { .. } | CallError::NothingToConfirm { .. } => true,
        CallError::Arguments(_)
        | CallError::Refused(_)
        | CallError::Cancelled
        | CallError::Unidentified { .. }
        | CallError::File { .. }
        | CallError::Export { .. }
        | CallError::Collection { .. }
        | CallError::Program { .. } => false,
    }
}
