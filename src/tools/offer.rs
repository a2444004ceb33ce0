//! What a caller is offered: what may be called, and how a name leads to a tool.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::choice::Choice;
use super::findable::Findable;
use super::naming::UnknownName;
use super::rules::NotOffered;
use super::selection::Selection;
use super::spec::{Site, Uses, Warnings};
use super::tool::Tool;
use super::written::run::{Run, runner};
use super::written::status::{self, Readiness};
use crate::answer::Answer;
use crate::api::{Clients, arguments};
use crate::call::{CallError, Calls, Context};
use crate::catalog::Api;
use crate::files::{Folders, Shelf};
use crate::gate::{Grant, Principal, Refusal};
use crate::jobs::{Desk, typed};

/// The tools on offer to those who were granted the same.
pub struct Offer {
    profile: Arc<Clients>,
    calls: Calls,
    selection: Selection,
    warnings: Arc<Warnings>,
}

/// A tool that may be run, with its arguments: for a tool that runs others, the other and its arguments.
#[derive(Debug)]
pub struct Resolved {
    /// The tool.
    pub tool: Tool,
    /// What with; an object, if its caller keeps to the schema.
    pub arguments: Value,
}

/// Why a call leads to no tool. Each holds the reason in words.
#[derive(Debug)]
pub enum Unresolved {
    /// No tool has the name: an error of the protocol.
    Unknown(String),
    /// There is one that is not to be run: an answer that a model reads.
    Refused(String),
}

impl Offer {
    /// What is offered to everybody whom nothing narrows. `warnings` are told by `server_status`.
    #[must_use]
    pub fn new(profile: Arc<Clients>, calls: &Calls, choice: Choice, mut warnings: Warnings) -> Self {
        let calls = calls.without(choice.closed());
        let selection = Selection::new(calls.operator(), &profile, choice);
        for warning in selection.in_vain(&profile) {
            tracing::warn!("{warning}");
            warnings.of_operator.push(warning);
        }
        // For the log this is a matter of serving: see `Offer::warn_of_clients`.
        warnings.of_operator.extend(selection.too_many());
        Self { profile, calls, selection, warnings: warnings.into() }
    }

    /// Says in the log what clients may not take, which matters to whoever serves them.
    pub fn warn_of_clients(&self) {
        if let Some(warning) = self.selection.too_many() {
            tracing::warn!("{warning}");
        }
    }

    /// The same for callers on other machines: without any local folder, and without what concerns the settings. Their
    /// exports wait on this shelf.
    #[must_use]
    pub fn remote(&self, shelf: Shelf) -> Self {
        let choice = self.selection.rules().choice.clone();
        let selection = Selection::new(self.calls.operator(), &self.profile, choice);
        let warnings = Arc::new(self.warnings.for_callers());
        Self { warnings, ..self.with(self.calls.without_folders(shelf), selection) }
    }

    /// The same for a caller who was granted less.
    ///
    /// # Errors
    /// A toolset of the caller's does not exist.
    pub fn narrowed_to(&self, principal: &Principal) -> Result<Self, UnknownName> {
        let mut choice = self.selection.rules().choice.clone();
        if let Principal::Recognised { toolsets, .. } = principal
            && !toolsets.is_empty()
        {
            choice = choice.bounded_to(toolsets.iter().map(String::as_str))?;
        }
        let calls = self.calls.without(choice.closed());
        let policy = calls.operator().narrowed_to(principal);
        let selection = Selection::new(policy, &self.profile, choice);
        Ok(self.with(calls, selection))
    }

    fn with(&self, calls: Calls, selection: Selection) -> Self {
        let (profile, warnings) = (Arc::clone(&self.profile), Arc::clone(&self.warnings));
        Self { profile, calls, selection, warnings }
    }

    /// The credentials that its calls go out with.
    #[must_use]
    pub fn profile(&self) -> &Arc<Clients> {
        &self.profile
    }

    /// The folders that its calls read files from and write them to.
    #[must_use]
    pub fn folders(&self) -> &Folders {
        self.calls.folders()
    }

    /// The tools that may be called, and which of them are listed.
    #[must_use]
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// How many operations and jobs can be called and are not listed.
    #[must_use]
    pub fn not_listed(&self) -> usize {
        self.selection.not_listed(&self.profile)
    }

    /// The scope that a tool goes by; empty where it needs none.
    #[must_use]
    pub fn scope(&self, tool: Tool) -> &'static str {
        tool.scope(&self.profile)
    }

    /// Why a name cannot be called; `None` where it can.
    #[must_use]
    pub fn why_not(&self, name: &str) -> Option<String> {
        self.selection.find(&self.profile, name).err().map(|reason| reason.to_string())
    }

    /// The most that anybody can be granted here: the access level, in the products that there are.
    #[must_use]
    pub fn most(&self) -> Grant {
        let of = |apis: &[Api]| {
            let configured = apis.iter().find(|api| self.profile.upstream(**api).is_some());
            configured.and_then(|api| self.selection.rules().policy.access(*api))
        };
        Grant { vanta: of(&[Api::Manage, Api::Audit, Api::Connectors]), panel: of(&[Api::Panel]) }
    }

    /// All that a caller would have to be granted to call this tool, where a greater grant is what is missing.
    #[must_use]
    pub fn beyond_grant(&self, name: &str) -> Option<Grant> {
        let policy = self.selection.rules().policy;
        let reason = self.selection.find(&self.profile, name).err()?;
        let NotOffered::AboveAccess(Refusal::BeyondGrant { effect, .. }) = reason else { return None };
        let mut wanted = Grant { vanta: policy.access(Api::Manage), panel: policy.access(Api::Panel) };
        let product = match Findable::named(name).and_then(Findable::api) {
            Some(Api::Panel) => &mut wanted.panel,
            // The tools of no API are reached with either; most callers are Vanta's.
            _ => &mut wanted.vanta,
        };
        *product = Some(effect);
        Some(wanted)
    }

    /// How the server stands, for a caller of this kind.
    #[must_use]
    pub async fn status(&self) -> Answer {
        status::answer(&self.profile, self.site()).await
    }

    /// Whether the server is ready to be sent calls.
    pub async fn readiness(&self) -> Readiness {
        status::readiness(&self.profile).await
    }

    fn site(&self) -> Site<'_> {
        let Self { calls, selection, warnings, .. } = self;
        Site { rules: selection.rules(), calls, listed: selection.listed().len(), warnings }
    }

    /// The tool that a call means: itself, or the one that it is told to run, with that one's arguments. From here on
    /// the two ways are one.
    ///
    /// # Errors
    /// There is no such tool, or it is not to be run.
    pub fn resolve(&self, name: &str, mut arguments: Value) -> Result<Resolved, Unresolved> {
        let tool = self.selection.find(&self.profile, name).map_err(|reason| match reason {
            NotOffered::Unknown { .. } => Unresolved::Unknown(reason.to_string()),
            _ => Unresolved::Refused(reason.to_string()),
        })?;
        let written = match tool {
            Tool::Declared(operation) => {
                arguments::put_right(operation, &mut arguments);
                return Ok(Resolved { tool, arguments });
            }
            Tool::Job(job) => {
                arguments::put_right_written(job.name, job.input, &mut arguments);
                return Ok(Resolved { tool, arguments });
            }
            Tool::Written(written) => written,
        };
        let spec = written.spec();
        arguments::put_right_written(spec.name, spec.input, &mut arguments);
        let Uses::AnyTool(runs) = spec.uses else { return Ok(Resolved { tool, arguments }) };
        arguments::check_written(spec.name, spec.input, &arguments)
            .map_err(|problem| Unresolved::Refused(problem.to_string()))?;
        let run: Run =
            typed(spec.name, arguments).map_err(|problem| Unresolved::Refused(problem.to_string()))?;
        let inner = self.selection.find(&self.profile, &run.tool);
        let inner = inner.map_err(|reason| Unresolved::Refused(reason.to_string()))?;
        let mut arguments = Value::Object(run.arguments);
        if let Tool::Written(itself) = inner {
            let spec = itself.spec();
            // What is not listed is reached by this way alone in clients that call what is listed.
            if spec.uses == Uses::AnyPath {
                arguments::put_right_written(spec.name, spec.input, &mut arguments);
                return Ok(Resolved { tool: inner, arguments });
            }
            let name = itself.spec().name;
            return Err(Unresolved::Refused(format!("{name} cannot be run by name: call {name} directly.")));
        }
        let (name, effect) = (inner.name(), inner.effect());
        let right = runner(effect);
        if right != runner(runs) {
            return Err(Unresolved::Refused(format!(
                "{} does not run {name}, whose effect is `{effect}`. Nothing was sent. Run it with {right}.",
                spec.name
            )));
        }
        match inner {
            Tool::Declared(operation) => arguments::put_right(operation, &mut arguments),
            Tool::Job(job) => arguments::put_right_written(job.name, job.input, &mut arguments),
            Tool::Written(_) => {}
        }
        Ok(Resolved { tool: inner, arguments })
    }

    /// Runs a tool that a call was resolved to.
    ///
    /// # Errors
    /// As of any call.
    pub async fn run(
        &self,
        cx: &Context,
        Resolved { tool, arguments }: Resolved,
    ) -> Result<Answer, CallError> {
        match tool {
            Tool::Declared(operation) => self.calls.call(cx, operation, &arguments).await,
            Tool::Job(job) => {
                arguments::check_written(job.name, job.input, &arguments)?;
                (job.run)(Desk::new(job.name, cx, &self.calls, Timestamp::now()), arguments).await
            }
            Tool::Written(written) => {
                let spec = written.spec();
                arguments::check_written(spec.name, spec.input, &arguments)?;
                written.run(cx, self.site(), arguments).await
            }
        }
    }
}
