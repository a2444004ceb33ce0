//! Which tools are offered: the access level, what the operator ruled out, the credentials and the scopes decide, in
//! that order. Which of them are listed is the operator's choice; the others are found and run by name.

mod choice;
pub mod find;
pub mod prompts;
pub mod search;
mod status;
mod written;

use thiserror::Error;

use crate::api::Clients;
use crate::api::arguments::nearest;
use crate::catalog::{self, Api, Effect, Operation, Scope};
use crate::gate::{Policy, Refusal};

pub use choice::{Choice, UnknownName, toolsets};
pub use status::Status;
pub use written::Written;

/// A tool as it is offered.
#[derive(Debug, Clone, Copy)]
pub enum Tool {
    /// An operation of the catalog.
    Declared(&'static Operation),
    /// One that is written by hand.
    Written(Written),
}

impl Tool {
    /// The tool of that name, whether or not it is offered to anybody.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let written = || Written::ALL.iter().find(|written| written.name() == name);
        catalog::find(name).map(Self::Declared).or_else(|| written().copied().map(Self::Written))
    }

    /// The tool's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Declared(operation) => operation.name,
            Self::Written(written) => written.name(),
        }
    }

    /// What a call does at the most.
    #[must_use]
    pub fn effect(self) -> Effect {
        match self {
            Self::Declared(operation) => operation.effect,
            Self::Written(written) => written.effect(),
        }
    }

    /// The scope that it goes by, as the upstream spells it; empty where none is needed.
    #[must_use]
    pub fn scope(self, clients: &Clients) -> &'static str {
        let Self::Declared(operation) = self else { return "" };
        let upstream = clients.upstream(operation.api);
        upstream.and_then(|upstream| upstream.scope_for(operation)).map_or("", Scope::as_str)
    }
}

/// Why a name cannot be called.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum NotOffered {
    /// There is no such tool.
    #[error("Unknown tool: {name}.{}", .near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default())]
    Unknown {
        /// What was asked for.
        name: String,
        /// What was probably meant.
        near: Option<&'static str>,
    },
    /// It does more than the operator allows.
    #[error(transparent)]
    AboveAccess(#[from] Refusal),
    /// The operator ruled it out.
    #[error("{tool} is not offered: the operator excluded it (--exclude-tools or VANTA_MCP_EXCLUDE_TOOLS).")]
    Excluded {
        /// The tool's name.
        tool: &'static str,
    },
    /// The caller's token is for other toolsets.
    #[error(
        "{tool} is not offered to you: the token that you came with is for other toolsets. Nothing was sent."
    )]
    OutsideToolsets {
        /// The tool's name.
        tool: &'static str,
    },
    /// No API has credentials.
    #[error(
        "{tool} is not offered: no credentials are set, so there is no tool to find or run. See server_status."
    )]
    NothingToReach {
        /// The tool's name.
        tool: &'static str,
    },
    /// Its API has no credentials.
    #[error("{tool} is not offered: there are no credentials for {}. Set {}.", .api.title(), crate::api::credential_settings(*.api))]
    NoCredentials {
        /// The tool's name.
        tool: &'static str,
        /// Its API.
        api: Api,
    },
    /// The settings grant none of its scopes.
    #[error(
        "{tool} is not offered: it needs the scope {scopes}, which the settings do not grant at this access level. Add it to {setting}."
    )]
    NoScope {
        /// The tool's name.
        tool: &'static str,
        /// Those of which one is needed.
        scopes: String,
        /// Where they are set.
        setting: &'static str,
    },
}

/// The offered tools, in the order in which they are listed.
pub struct Selection {
    tools: Vec<Tool>,
    policy: Policy,
    choice: Choice,
}

impl Selection {
    /// Chooses among all tools.
    #[must_use]
    pub fn new(policy: Policy, clients: &Clients, choice: Choice) -> Self {
        let mut selection = Self { tools: Vec::new(), policy, choice };
        let operations = catalog::operations().iter();
        let declared = operations.filter(|operation| {
            selection.choice.lists(operation) && selection.check(clients, operation).is_ok()
        });
        // With nothing to reach there is nothing to find or run either.
        let reaches = Api::ALL.into_iter().any(|api| clients.upstream(api).is_some());
        let written = Written::ALL.iter().copied().filter(|written| {
            let about_tools =
                matches!(written, Written::FindTools | Written::RunReadTool | Written::RunWriteTool);
            selection.policy.allows_written(written.name(), written.effect()).is_ok()
                && (reaches || !about_tools)
                && !selection.choice.excludes(written.name())
        });
        let mut tools: Vec<Tool> = declared.map(Tool::Declared).chain(written.map(Tool::Written)).collect();
        tools.sort_by_key(|tool| tool.name());
        selection.tools = tools;
        selection
    }

    /// What is listed, by name.
    #[must_use]
    pub fn listed(&self) -> &[Tool] {
        &self.tools
    }

    /// How many operations can be called and are not listed, those aside that are about to end.
    #[must_use]
    pub fn not_listed(&self, clients: &Clients) -> usize {
        let callable =
            |operation: &&'static Operation| !operation.deprecated && self.check(clients, operation).is_ok();
        catalog::operations()
            .iter()
            .filter(callable)
            .filter(|operation| !self.choice.lists(operation))
            .count()
    }

    /// What the operator chose.
    #[must_use]
    pub fn choice(&self) -> &Choice {
        &self.choice
    }

    /// Whether the operator ruled a tool out.
    #[must_use]
    pub fn excludes(&self, name: &str) -> bool {
        self.choice.excludes(name)
    }

    /// The tool of that name, if it can be called: listed or not.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn find(&self, clients: &Clients, name: &str) -> Result<Tool, NotOffered> {
        if let Ok(index) = self.tools.binary_search_by(|tool| tool.name().cmp(name)) {
            return self.tools.get(index).copied().ok_or_else(|| unknown(name));
        }
        if let Some(written) = Written::ALL.iter().find(|written| written.name() == name) {
            return Err(self.why_not_written(*written));
        }
        let operation = catalog::find(name).ok_or_else(|| unknown(name))?;
        self.check(clients, operation)?;
        Ok(Tool::Declared(operation))
    }

    fn why_not_written(&self, written: Written) -> NotOffered {
        let tool = written.name();
        if self.excludes(tool) {
            return NotOffered::Excluded { tool };
        }
        match self.policy.allows_written(tool, written.effect()) {
            Err(refusal) => refusal.into(),
            Ok(()) => NotOffered::NothingToReach { tool },
        }
    }

    /// The order in which a tool can be ruled out; the access level has the first word.
    fn check(&self, clients: &Clients, operation: &'static Operation) -> Result<(), NotOffered> {
        self.policy.allows(operation)?;
        if self.choice.excludes(operation.name) {
            return Err(NotOffered::Excluded { tool: operation.name });
        }
        if !self.choice.is_open_to(operation) {
            return Err(NotOffered::OutsideToolsets { tool: operation.name });
        }
        reachable(clients, operation)
    }

    /// Whether the caller's token grants an operation; whoever needs none is granted all.
    #[must_use]
    pub fn is_granted(&self, operation: &'static Operation) -> bool {
        !self.policy.is_granted() || self.policy.allows(operation).is_ok()
    }

    /// Everything that stands between a caller and a tool.
    #[must_use]
    pub fn obstacles(&self, clients: &Clients, operation: &'static Operation) -> Vec<NotOffered> {
        let level = self.policy.allows(operation).err().map(NotOffered::from);
        level.into_iter().chain(reachable(clients, operation).err()).collect()
    }

    /// What was chosen in vain, a sentence each: a toolset or tool of which nothing can be offered.
    #[must_use]
    pub fn in_vain(&self, clients: &Clients) -> Vec<String> {
        let offers = |operation: &'static Operation| self.check(clients, operation).is_ok();
        let toolsets = self.choice.names().into_iter().filter(|name| {
            let mut own =
                catalog::operations().iter().filter(|operation| operation.toolset == *name).peekable();
            own.peek().is_some() && !own.any(offers)
        });
        let toolsets = toolsets.map(|name| {
            let first = catalog::operations().iter().find(|operation| operation.toolset == name);
            let reason = first.and_then(|operation| self.check(clients, operation).err());
            format!(
                "Nothing of the toolset {name} is listed: {}",
                reason.map(|r| r.to_string()).unwrap_or_default()
            )
        });
        let tools =
            self.choice.added().filter_map(|name| self.find(clients, name).err()).map(|r| r.to_string());
        toolsets.chain(tools).collect()
    }
}

/// Whether there are credentials and scopes for an operation.
fn reachable(clients: &Clients, operation: &'static Operation) -> Result<(), NotOffered> {
    let (tool, api) = (operation.name, operation.api);
    let upstream = clients.upstream(api).ok_or(NotOffered::NoCredentials { tool, api })?;
    if upstream.covers(operation) {
        return Ok(());
    }
    let scopes: Vec<&str> = operation.scopes().iter().map(|scope| scope.as_str()).collect();
    Err(NotOffered::NoScope { tool, scopes: scopes.join(" or "), setting: scope_setting(api) })
}

/// How like an unknown name another must be to be offered in its place: a slip of a letter or two, no other thing.
const LIKE: f64 = 0.75;

fn unknown(name: &str) -> NotOffered {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    let written = Written::ALL.iter().map(|written| written.name());
    let names = catalog::operations().iter().map(|operation| operation.name).chain(written);
    let near = nearest(&shown, names)
        .filter(|near| strsim::normalized_damerau_levenshtein(&shown.to_lowercase(), near) > LIKE);
    NotOffered::Unknown { near, name: shown }
}

fn scope_setting(api: Api) -> &'static str {
    match api {
        Api::Audit => "VANTA_AUDIT_SCOPES",
        Api::Connectors => "VANTA_CONNECTORS_SCOPES",
        Api::Manage | Api::Panel => "VANTA_SCOPES",
    }
}
