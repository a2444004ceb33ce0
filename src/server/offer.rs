//! What a caller is offered: what may be called, what is listed of it, and how a name leads to a tool.

use std::num::NonZeroUsize;
use std::sync::Arc;

use rmcp::model::{ErrorData, ListToolsResult, RequestMetaObject};
use serde_json::{Map, Value};

use super::listing::{Hints, Listing};
use crate::api::arguments;
use crate::call::Caller;
use crate::catalog::{self, Api, Effect};
use crate::gate::{Grant, Refusal};
use crate::tools::{Choice, NotOffered, Selection, Status, Tool, UnknownName, Written, find};

/// The tools on offer to those who were granted the same.
pub struct Offer {
    caller: Caller,
    selection: Selection,
    listing: Listing,
    warnings: Arc<[String]>,
}

impl Offer {
    pub(super) fn new(
        caller: Caller,
        choice: Choice,
        page: Option<NonZeroUsize>,
        mut warnings: Vec<String>,
    ) -> Self {
        let (caller, selection) = select(caller, choice);
        for warning in selection.in_vain(caller.clients()) {
            tracing::warn!("{warning}");
            warnings.push(warning);
        }
        Self { caller, selection, listing: Listing::new(page), warnings: warnings.into() }
    }

    /// The same without any local folder.
    pub(super) fn without_folders(&self) -> Self {
        let choice = self.selection.choice().clone();
        let (caller, selection) = select(self.caller.without_folders(), choice);
        Self { caller, selection, listing: self.listing.fresh(), warnings: Arc::clone(&self.warnings) }
    }

    /// The same for those who were granted less.
    pub(super) fn narrowed(&self, grant: Grant, toolsets: &[String]) -> Result<Self, UnknownName> {
        let mut choice = self.selection.choice().clone();
        if !toolsets.is_empty() {
            choice = choice.bounded_to(toolsets.iter().map(String::as_str))?;
        }
        let (caller, selection) = select(self.caller.granted(grant), choice);
        Ok(Self { caller, selection, listing: self.listing.fresh(), warnings: Arc::clone(&self.warnings) })
    }

    pub(super) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The tools that may be called, and which of them are listed.
    #[must_use]
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// How many operations can be called and are not listed.
    #[must_use]
    pub fn not_listed(&self) -> usize {
        self.selection.not_listed(self.caller.clients())
    }

    /// The scope that a tool goes by; empty where it needs none.
    #[must_use]
    pub fn scope(&self, tool: Tool) -> &'static str {
        tool.scope(self.caller.clients())
    }

    /// Why a name cannot be called; `None` where it can.
    #[must_use]
    pub fn why_not(&self, name: &str) -> Option<String> {
        self.selection.find(self.caller.clients(), name).err().map(|reason| reason.to_string())
    }

    /// The most that anybody can be granted here: the access level, in the products that there are.
    #[must_use]
    pub fn most(&self) -> Grant {
        let clients = self.caller.clients();
        let of = |apis: &[Api]| {
            let configured = apis.iter().find(|api| clients.upstream(**api).is_some());
            configured.and_then(|api| self.caller.policy().access(*api))
        };
        Grant { vanta: of(&[Api::Manage, Api::Audit, Api::Connectors]), panel: of(&[Api::Panel]) }
    }

    /// All that a caller would have to be granted to call this tool, where a greater grant is what is missing.
    #[must_use]
    pub fn beyond_grant(&self, name: &str) -> Option<Grant> {
        let policy = self.caller.policy();
        let reason = self.selection.find(self.caller.clients(), name).err()?;
        let NotOffered::AboveAccess(Refusal::BeyondGrant { effect, .. }) = reason else { return None };
        let mut wanted = Grant { vanta: policy.access(Api::Manage), panel: policy.access(Api::Panel) };
        let product = match catalog::find(name).map(|operation| operation.api) {
            Some(Api::Panel) => &mut wanted.panel,
            // The tools of no API are reached with either; most callers are Vanta's.
            _ => &mut wanted.vanta,
        };
        *product = Some(effect);
        Some(wanted)
    }

    /// One page of the list.
    pub(super) fn page(
        &self,
        asked: (Option<&str>, &RequestMetaObject),
        hints: Hints,
    ) -> Result<ListToolsResult, ErrorData> {
        let most = self.caller.policy().most().unwrap_or(Effect::Read);
        self.listing.page(self.selection.listed(), most, asked, hints)
    }

    pub(super) fn written(&self, written: Written, arguments: &Value) -> Value {
        match written {
            Written::FindTools => find::answer(&self.selection, self.caller.clients(), arguments),
            // These two were resolved to the tool that they run.
            Written::RunReadTool | Written::RunWriteTool => Value::Null,
            Written::ServerStatus => Status {
                clients: self.caller.clients(),
                policy: self.caller.policy(),
                listed: self.selection.listed().len(),
                toolsets: self.selection.choice().names(),
                folders: self.caller.folders().allowed(),
                warnings: &self.warnings,
            }
            .value(),
            #[cfg(test)]
            Written::Panics => std::panic::panic_any("as asked"),
        }
    }

    /// The tool that a call means: itself, or the one that it is told to run, with that one's arguments. From here on
    /// the two ways are one.
    pub(super) fn resolve(&self, name: &str, arguments: Value) -> Result<(Tool, Value), Unresolved> {
        let Self { selection, caller, .. } = self;
        let tool = selection.find(caller.clients(), name).map_err(|reason| match reason {
            NotOffered::Unknown { .. } => Unresolved::Unknown(reason.to_string()),
            _ => Unresolved::Refused(reason.to_string()),
        })?;
        let Tool::Written(written @ (Written::RunReadTool | Written::RunWriteTool)) = tool else {
            return Ok((tool, arguments));
        };
        let refused = |reason: String| Unresolved::Refused(reason);
        arguments::check_written(written.name(), written.schema_text(), &arguments)
            .map_err(|problem| refused(problem.to_string()))?;
        let Value::Object(mut members) = arguments else { return Err(refused(String::new())) };
        let wanted = members.get("tool").and_then(Value::as_str).unwrap_or_default();
        let inner = selection.find(caller.clients(), wanted).map_err(|reason| refused(reason.to_string()))?;
        if let Tool::Written(itself) = inner {
            return Err(refused(format!("{0} is not run by name: call {0} itself.", itself.name())));
        }
        if written == Written::RunReadTool && inner.effect() > Effect::Read {
            let (name, effect) = (inner.name(), inner.effect());
            return Err(refused(format!(
                "{name} does not only read: its effect is `{effect}`. Nothing was sent. Run it with run_write_tool."
            )));
        }
        let arguments = members.remove("arguments").unwrap_or_else(|| Value::Object(Map::new()));
        Ok((inner, arguments))
    }
}

/// What a choice leaves of the calls, and the tools that make them.
fn select(caller: Caller, choice: Choice) -> (Caller, Selection) {
    let caller = caller.without(choice.closed());
    let selection = Selection::new(caller.policy(), caller.clients(), choice);
    (caller, selection)
}

/// Why a call leads to no tool.
pub(super) enum Unresolved {
    /// No tool has the name: an error of the protocol.
    Unknown(String),
    /// There is one that is not to be run: an answer that a model reads.
    Refused(String),
}
