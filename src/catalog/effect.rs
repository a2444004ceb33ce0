//! What a call does to people, evidence, access, service and the outside world.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a call does, and as an access level the most that is offered. Ordered by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Changes or adds something.
    Write,
    /// Reaches outsiders, gives access, or cannot be taken back.
    Publish,
    /// Deletes, or takes access, service, evidence or monitoring away.
    Destroy,
}

impl Effect {
    /// All, the least first.
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Publish, Self::Destroy];

    /// The effect of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effect| effect.as_str() == name)
    }

    /// The highest of this effect and others.
    #[must_use]
    pub fn raised_to(self, others: impl Iterator<Item = Self>) -> Self {
        others.fold(self, Self::max)
    }

    /// Whether it is confirmed before it is carried out.
    #[must_use]
    pub fn is_confirmed(self) -> bool {
        self >= Self::Publish
    }

    /// The lower-case name, as in configuration and catalog.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Publish => "publish",
            Self::Destroy => "destroy",
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
