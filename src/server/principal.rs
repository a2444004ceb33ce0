//! Who calls, where callers are told apart.

use std::fmt;
use std::sync::Arc;

use super::Offer;

/// A caller whom the transport has recognised. It travels in the extensions of the HTTP request.
#[derive(Clone)]
pub struct Principal {
    name: Arc<str>,
    offer: Arc<Offer>,
}

impl Principal {
    /// The caller of that name, which is unique among callers and fit for a log.
    #[must_use]
    pub fn new(name: Arc<str>, offer: Arc<Offer>) -> Self {
        Self { name, offer }
    }

    /// What callers are told apart by.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// What the caller may do.
    #[must_use]
    pub fn offer(&self) -> &Arc<Offer> {
        &self.offer
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Principal").field(&self.name).finish()
    }
}
