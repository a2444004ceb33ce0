//! Which tools are offered: the access level, the credentials and the scopes decide, in that order.

mod status;

use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::api::Clients;
use crate::api::arguments::nearest;
use crate::catalog::{self, Api, Effect, Operation, Scope};
use crate::gate::{Policy, Refusal};

pub use status::Status;

/// A tool as it is offered.
#[derive(Debug, Clone, Copy)]
pub enum Tool {
    /// An operation of the catalog.
    Declared(&'static Operation),
    /// One that is written by hand.
    Written(Written),
}

/// The tools that are written by hand. None of them reaches an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// What is configured, what is missing, what is wrong.
    ServerStatus,
    /// Panics, so that a test can see what becomes of it.
    #[cfg(test)]
    Panics,
}

impl Written {
    /// The tool's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ServerStatus => "server_status",
            #[cfg(test)]
            Self::Panics => "panics",
        }
    }

    /// For people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::ServerStatus => "Show the server's status",
            #[cfg(test)]
            Self::Panics => "Panic",
        }
    }

    /// For a model that chooses.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::ServerStatus => {
                "Show what this server can reach: which of the APIs (Manage Vanta, Conduct an Audit, Build Integrations, \
                 and the unrelated Vanta Panel for web hosting) have credentials, what to set for the others, the access \
                 level, the scopes and any warnings. Use it when a tool that you expect is missing or refused; it sends \
                 nothing upstream and changes nothing."
            }
            #[cfg(test)]
            Self::Panics => "Panics.",
        }
    }

    /// The schema of its arguments: none.
    #[must_use]
    pub fn schema(self) -> Map<String, Value> {
        Map::from_iter([
            ("type".to_owned(), json!("object")),
            ("properties".to_owned(), json!({})),
            ("additionalProperties".to_owned(), json!(false)),
        ])
    }
}

impl Tool {
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
            Self::Written(_) => Effect::Read,
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
}

impl Selection {
    /// Chooses among all tools.
    #[must_use]
    pub fn new(policy: Policy, clients: &Clients) -> Self {
        let declared = catalog::operations()
            .iter()
            .filter(|operation| !operation.deprecated && check(policy, clients, operation).is_ok());
        let mut tools = vec![Tool::Written(Written::ServerStatus)];
        #[cfg(test)]
        tools.push(Tool::Written(Written::Panics));
        tools.extend(declared.map(Tool::Declared));
        tools.sort_by_key(|tool| tool.name());
        Self { tools, policy }
    }

    /// What is listed, by name.
    #[must_use]
    pub fn listed(&self) -> &[Tool] {
        &self.tools
    }

    /// The tool of that name, if it can be called.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn find(&self, clients: &Clients, name: &str) -> Result<Tool, NotOffered> {
        if let Ok(index) = self.tools.binary_search_by(|tool| tool.name().cmp(name)) {
            return self.tools.get(index).copied().ok_or_else(|| unknown(name));
        }
        let operation = catalog::find(name).ok_or_else(|| unknown(name))?;
        check(self.policy, clients, operation)?;
        Ok(Tool::Declared(operation))
    }
}

fn unknown(name: &str) -> NotOffered {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    let names = catalog::operations().iter().map(|operation| operation.name);
    NotOffered::Unknown { near: nearest(&shown, names), name: shown }
}

/// The order in which a tool can be ruled out; the access level has the first word.
fn check(policy: Policy, clients: &Clients, operation: &'static Operation) -> Result<(), NotOffered> {
    let tool = operation.name;
    policy.allows(operation)?;
    let api = operation.api;
    let upstream = clients.upstream(api).ok_or(NotOffered::NoCredentials { tool, api })?;
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
