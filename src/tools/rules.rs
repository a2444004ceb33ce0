//! What rules a tool out: the access level, the operator, the caller's toolsets, credentials and scopes.

use thiserror::Error;

use super::choice::Choice;
use super::findable::Findable;
use crate::api::uncatalogued::READ_API;
use crate::api::{Clients, Lacking, LackingPart};
use crate::catalog::{Api, Effect, Operation};
use crate::gate::{Policy, Refusal};
use crate::jobs::Job;

/// Why a name cannot be called.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum NotOffered {
    /// There is no such tool.
    #[error("Unknown tool: {name}.{}{}", did_you_mean(near), if *search { " find_tools searches all tools by task." } else { "" })]
    Unknown {
        /// What was asked for.
        name: String,
        /// What was probably meant, the likeliest first; none of them is out of the caller's reach.
        near: Vec<&'static str>,
        /// Whether the caller can search for tools.
        search: bool,
    },
    /// It does more than the operator allows.
    #[error(transparent)]
    AboveAccess(#[from] Refusal),
    /// The operator ruled it out.
    #[error("{tool} is not offered: the operator excluded it (VANTA_MCP_EXCLUDE_TOOLS, --exclude-tools).")]
    Excluded {
        /// The tool's name.
        tool: &'static str,
    },
    /// The caller's token is for other toolsets.
    #[error("{tool} is not offered to you: your token is for other toolsets. Nothing was sent.")]
    OutsideToolsets {
        /// The tool's name.
        tool: &'static str,
    },
    /// No API has credentials and an address.
    #[error(
        "{tool} is not offered: no API is configured, so no tool can be found or run. server_status says what to set."
    )]
    NothingToReach {
        /// The tool's name.
        tool: &'static str,
    },
    /// Its API has no credentials.
    #[error("{tool} is not offered: there are no credentials for {}{}. Set {}.{}", .api.title(), .reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default(), crate::api::credential_settings(*.api), crate::api::credential_holders(*.api))]
    NoCredentials {
        /// The tool's name.
        tool: &'static str,
        /// Its API.
        api: Api,
        /// Why they are missing, where that is known.
        reason: Option<String>,
    },
    /// Its API has credentials, and no address.
    #[error("{tool} is not offered: nothing is sent to {}, because {reason}. Replace the placeholder in {setting} \
             with the value, or remove the setting.", .api.title())]
    NoAddress {
        /// The tool's name.
        tool: &'static str,
        /// Its API.
        api: Api,
        /// Why it has none.
        reason: String,
        /// The setting to be mended.
        setting: String,
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

/// The rules for those who were granted the same.
#[derive(Debug, Clone)]
pub struct Rules {
    /// How much may be done.
    pub policy: Policy,
    /// What the operator chose, and the toolsets that the caller is bound to.
    pub choice: Choice,
}

impl Rules {
    /// The order in which a tool can be ruled out; the access level has the first word.
    ///
    /// # Errors
    /// Why it cannot be called.
    pub fn check(&self, clients: &Clients, operation: &'static Operation) -> Result<(), NotOffered> {
        self.policy.allows(operation)?;
        if self.choice.excludes(operation.name) {
            return Err(NotOffered::Excluded { tool: operation.name });
        }
        if !self.choice.is_open_to(operation) {
            return Err(NotOffered::OutsideToolsets { tool: operation.name });
        }
        reachable(clients, operation)
    }

    /// Whether a job can be called: each operation that it cannot do without can be.
    ///
    /// # Errors
    /// Why it cannot be called.
    pub fn check_job(&self, clients: &Clients, job: &'static Job) -> Result<(), NotOffered> {
        if self.excludes(job.name) {
            return Err(NotOffered::Excluded { tool: job.name });
        }
        Findable::Job(job).operations().try_for_each(|operation| self.check(clients, operation))
    }

    /// Whether an operation or a job can be called.
    ///
    /// # Errors
    /// Why it cannot be called.
    pub fn check_findable(&self, clients: &Clients, tool: Findable) -> Result<(), NotOffered> {
        match tool {
            Findable::Operation(operation) => self.check(clients, operation),
            Findable::Job(job) => self.check_job(clients, job),
        }
    }

    /// Whether a tool is within the access level and neither the operator nor the caller's toolsets rule it out, whether or
    /// not there are credentials for it.
    #[must_use]
    pub fn lets_through(&self, tool: Findable) -> bool {
        !self.excludes(tool.name())
            && tool.operations().all(|operation| {
                self.policy.allows(operation).is_ok()
                    && !self.choice.excludes(operation.name)
                    && self.choice.is_open_to(operation)
            })
    }

    /// Whether a caller may know of a tool: neither the operator nor the caller's toolsets or token rule it out.
    #[must_use]
    pub fn may_be_found(&self, tool: Findable) -> bool {
        !self.excludes(tool.name())
            && tool.operations().all(|operation| {
                !self.excludes(operation.name)
                    && self.choice.is_open_to(operation)
                    && self.is_granted(operation)
            })
    }

    /// Whether the caller's token grants an operation; whoever needs none is granted all.
    #[must_use]
    pub fn is_granted(&self, operation: &'static Operation) -> bool {
        !self.policy.is_granted() || self.policy.allows(operation).is_ok()
    }

    /// Everything that stands between a caller and a tool.
    #[must_use]
    pub fn obstacles(&self, clients: &Clients, tool: Findable) -> Vec<NotOffered> {
        let of = |operation| {
            let level = self.policy.allows(operation).err().map(NotOffered::from);
            level.into_iter().chain(reachable(clients, operation).err())
        };
        tool.operations().flat_map(of).collect()
    }

    /// Whether paths may be read that the catalog does not have: of whoever is bound to toolsets it is not known in which
    /// of them such a path would be.
    ///
    /// # Errors
    /// Why not.
    pub fn reads_paths(&self, clients: &Clients) -> Result<(), NotOffered> {
        let tool = READ_API;
        self.policy.allows_written(tool, Effect::Read)?;
        if self.excludes(tool) {
            return Err(NotOffered::Excluded { tool });
        }
        if self.choice.bounded {
            return Err(NotOffered::OutsideToolsets { tool });
        }
        let reads = |api: &Api| self.policy.access(*api).is_some() && clients.upstream(*api).is_some();
        let reaches = [Api::Manage, Api::Audit, Api::Connectors].iter().any(reads);
        if reaches { Ok(()) } else { Err(NotOffered::NothingToReach { tool }) }
    }

    /// Whether the operator ruled a tool out.
    #[must_use]
    pub fn excludes(&self, name: &str) -> bool {
        self.choice.excludes(name)
    }
}

/// The names that were probably meant, as a question with a blank before it.
fn did_you_mean(near: &[&'static str]) -> String {
    match near {
        [] => String::new(),
        [one] => format!(" Did you mean {one}?"),
        [before @ .., last] => format!(" Did you mean {} or {last}?", before.join(", ")),
    }
}

/// Whether there are credentials and scopes for an operation.
fn reachable(clients: &Clients, operation: &'static Operation) -> Result<(), NotOffered> {
    let (tool, api) = (operation.name, operation.api);
    let missing = || match clients.why_missing(api) {
        Some(Lacking { part: LackingPart::Address { setting }, reason, .. }) => {
            NotOffered::NoAddress { tool, api, reason, setting }
        }
        why => NotOffered::NoCredentials { tool, api, reason: why.map(|lacking| lacking.reason) },
    };
    let upstream = clients.upstream(api).ok_or_else(missing)?;
    if upstream.covers(operation) {
        return Ok(());
    }
    let scopes: Vec<&str> = operation.scopes().iter().map(|scope| scope.as_str()).collect();
    Err(NotOffered::NoScope { tool, scopes: scopes.join(" or "), setting: scope_setting(api) })
}

fn scope_setting(api: Api) -> &'static str {
    match api {
        Api::Audit => "VANTA_AUDIT_SCOPES",
        Api::Connectors => "VANTA_CONNECTORS_SCOPES",
        Api::Manage | Api::Panel => "VANTA_SCOPES",
    }
}
