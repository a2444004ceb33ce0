//! A tool: declared in the catalog, a job, or written by hand.

use super::spec::Written;
use super::written::WRITTEN;
use crate::api::Clients;
use crate::catalog::{self, Effect, Operation, Scope};
use crate::jobs::{self, Job};

/// A tool as it is offered.
#[derive(Debug, Clone, Copy)]
pub enum Tool {
    /// An operation of the catalog.
    Declared(&'static Operation),
    /// A question that is answered by several calls.
    Job(&'static Job),
    /// One that is written by hand.
    Written(&'static dyn Written),
}

impl Tool {
    /// The tool of that name, whether or not it is offered to anybody.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let job = || jobs::find(name).map(Self::Job);
        catalog::find(name).map(Self::Declared).or_else(job).or_else(|| written(name).map(Self::Written))
    }

    /// The tool's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Declared(operation) => operation.name,
            Self::Job(job) => job.name,
            Self::Written(written) => written.spec().name,
        }
    }

    /// What a call does at the most.
    #[must_use]
    pub fn effect(self) -> Effect {
        match self {
            Self::Declared(operation) => operation.effect,
            Self::Job(job) => job.effect(),
            Self::Written(written) => written.spec().effect(),
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

/// The written tool of that name.
pub fn written(name: &str) -> Option<&'static dyn Written> {
    WRITTEN.iter().find(|written| written.spec().name == name).copied()
}
