//! Which tools the operator wants listed, by toolset and by name.

use std::collections::BTreeSet;

use crate::catalog::{self, Operation};
use crate::jobs::Job;

/// The word for all toolsets.
pub const ALL: &str = "all";

/// The word for the chosen few that are listed where nobody chooses.
pub const DEFAULT: &str = "default";

/// What the operator chose. The access level and the credentials still have the last word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub(super) toolsets: BTreeSet<&'static str>,
    pub(super) added: BTreeSet<&'static str>,
    pub(super) excluded: BTreeSet<&'static str>,
    /// Where the toolsets are not only what is listed but all that may be used.
    pub(super) bounded: bool,
}

impl Default for Choice {
    /// The chosen few.
    fn default() -> Self {
        Self {
            toolsets: BTreeSet::from([DEFAULT]),
            added: BTreeSet::new(),
            excluded: BTreeSet::new(),
            bounded: false,
        }
    }
}

impl Choice {
    /// Whether an operation may be used at all, listed or not.
    #[must_use]
    pub fn is_open_to(&self, operation: &Operation) -> bool {
        !self.bounded || self.has(operation)
    }

    /// Whether an operation is in one of the toolsets.
    fn has(&self, operation: &Operation) -> bool {
        self.names_toolset(operation.toolset) || (operation.usual && self.toolsets.contains(DEFAULT))
    }

    fn names_toolset(&self, toolset: &str) -> bool {
        self.toolsets.contains(ALL) || self.toolsets.contains(toolset)
    }

    /// Whether a job is to be listed.
    #[must_use]
    pub fn lists_job(&self, job: &Job) -> bool {
        let chosen = self.names_toolset(job.toolset) || (job.usual && self.toolsets.contains(DEFAULT));
        !self.excludes(job.name) && (chosen || self.added.contains(job.name))
    }

    /// Whether a tool is ruled out.
    #[must_use]
    pub fn excludes(&self, name: &str) -> bool {
        self.excluded.contains(name)
    }

    /// The operations that are not run, whatever asks for them.
    #[must_use]
    pub fn closed(&self) -> BTreeSet<&'static str> {
        if self.excluded.is_empty() && !self.bounded {
            return BTreeSet::new();
        }
        let all = catalog::operations().iter();
        let closed = all.filter(|operation| self.excludes(operation.name) || !self.is_open_to(operation));
        closed.map(|operation| operation.name).collect()
    }

    /// Whether an operation is to be listed. A deprecated one is listed by its own name alone.
    #[must_use]
    pub fn lists(&self, operation: &Operation) -> bool {
        if self.excludes(operation.name) {
            return false;
        }
        self.added.contains(operation.name) || (!operation.deprecated && self.has(operation))
    }

    /// The single tools that are listed besides.
    pub fn added(&self) -> impl Iterator<Item = &'static str> {
        self.added.iter().copied()
    }

    /// The toolsets, in words.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.toolsets.iter().copied().collect()
    }
}
