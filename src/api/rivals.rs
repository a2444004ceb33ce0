//! Whether others use another secret of the same application.
//!
//! While a secret is being replaced two are valid. Vanta keeps one active token per application, so processes with one of them
//! and processes with the other take each other's tokens away, at the cost of a token request each time. A token is not
//! passed on from one secret to the other: whoever has only a secret that was withdrawn is to have no token either.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::token_error::OTHER_SECRET;
use crate::state::kept::KeptToken;
use crate::state::token::{SEVERAL_SECRETS, SecretsInUse};

/// What this process knows of others that use another secret of the application.
#[derive(Default)]
pub(super) struct Rivals {
    /// The newest token that was of use here, by its generation; zero where there was none.
    own: AtomicU64,
    /// When a token was found that another secret had brought since.
    found: Mutex<Option<Instant>>,
}

impl Rivals {
    /// A token is of use here.
    pub(super) fn has_own(&self, kept: &KeptToken) {
        self.own.fetch_max(kept.generation, Ordering::Relaxed);
    }

    /// A token was had by another secret. Where it came after one that was of use here, somebody uses that secret still,
    /// which is returned, and told once.
    pub(super) fn finds(&self, kept: &KeptToken, upstream: &str) -> bool {
        let own = self.own.load(Ordering::Relaxed);
        if own == 0 || kept.generation <= own {
            return false;
        }
        if self.secrets() == SecretsInUse::One {
            tracing::warn!(upstream, "{OTHER_SECRET}");
        }
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        true
    }

    /// Whether they have been found lately.
    pub(super) fn secrets(&self) -> SecretsInUse {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = found.is_some_and(|at| at.elapsed() < SEVERAL_SECRETS);
        if lately { SecretsInUse::Several } else { SecretsInUse::One }
    }
}
