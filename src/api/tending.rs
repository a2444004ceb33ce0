//! Which question's leave is the latest, so that what goes on after the answers goes on by that one alone.

use std::sync::PoisonError;

use tokio_util::sync::CancellationToken;

use super::client::Clients;

impl Clients {
    /// Takes that part from whoever has it: their token is cancelled, and the next who takes it cancels this one.
    #[must_use]
    pub fn tend(&self) -> CancellationToken {
        let own = CancellationToken::new();
        let mut latest = self.tended.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *latest, own.clone()).cancel();
        own
    }
}
