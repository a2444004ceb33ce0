//! What keeps the index true: what was looked through last, and what may have changed since it was looked at.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::state::Moment;

/// When the tenant was last looked through for changes, by the clock of its API.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refreshed {
    /// Until when the event log was read; none where it cannot be read.
    pub events: Option<Moment>,
    /// When the numbers of all frameworks were compared.
    pub numbers: Option<Moment>,
    /// When the lists of controls were read.
    pub lists: Option<Moment>,
    /// When the oldest relations were looked at again.
    pub rolled: Option<Moment>,
    /// When a snapshot was taken for its own sake.
    pub snapshot: Option<Moment>,
}

/// Since when what was looked at before may no longer be so.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Doubts {
    /// Of everything.
    pub(super) all: Option<Moment>,
    /// Of single things, by id.
    pub(super) of: HashMap<String, Moment>,
}

impl Doubts {
    /// Since when what was looked at of this one may no longer be so; `changed` is what else is known of that.
    #[must_use]
    pub fn since(&self, id: &str, changed: Option<Moment>) -> Option<Moment> {
        self.all.max(self.of.get(id).copied()).max(changed)
    }

    /// Adds these; what is there already and later stays.
    pub(super) fn add(&mut self, doubts: &[(String, Moment)]) {
        for (id, at) in doubts {
            let kept = self.of.entry(id.clone()).or_insert(*at);
            *kept = (*kept).max(*at);
        }
    }
}
