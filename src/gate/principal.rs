//! Who calls, as far as it decides on what may be done.

use std::sync::Arc;

use crate::catalog::{Api, Effect};

/// Who makes a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Whoever reaches the server: callers are not told apart, and none of them is granted less than another.
    Anybody,
    /// A caller who was recognised.
    Recognised {
        /// Unique among callers, and fit for a log.
        name: Arc<str>,
        /// How much is granted.
        grant: Grant,
        /// The toolsets that are granted; all where none is named.
        toolsets: Arc<[String]>,
    },
}

/// What a caller was granted in each product; `None` where nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Grant {
    /// In Vanta's three APIs.
    pub vanta: Option<Effect>,
    /// In Vanta Panel.
    pub panel: Option<Effect>,
}

impl Principal {
    /// The name of a caller who was recognised.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Anybody => None,
            Self::Recognised { name, .. } => Some(name),
        }
    }

    /// How much is granted; `None` where nothing narrows what the operator allows.
    #[must_use]
    pub fn grant(&self) -> Option<Grant> {
        match self {
            Self::Anybody => None,
            Self::Recognised { grant, .. } => Some(*grant),
        }
    }
}

impl Grant {
    /// The highest effect that is granted in the product of an API.
    #[must_use]
    pub fn access(self, api: Api) -> Option<Effect> {
        match api {
            Api::Manage | Api::Audit | Api::Connectors => self.vanta,
            Api::Panel => self.panel,
        }
    }
}
