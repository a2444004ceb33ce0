//! What each caller is offered. Callers who were granted the same are offered the same, which is made once.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use super::listing::{GRANTED_TTL_MS, ListedOffer, TTL_MS};
use crate::files::Shelf;
use crate::gate::{Grant, Principal};
use crate::tools::{Offer, UnknownName};

/// How many kinds of callers are kept ready.
const KINDS: usize = 256;

/// What decides on an offer.
#[derive(PartialEq, Eq, Hash)]
struct OfferKind {
    grant: Grant,
    toolsets: Arc<[String]>,
}

/// All offers of a server.
pub(super) struct Offers {
    to_anybody: Arc<ListedOffer>,
    /// What those are offered who were granted the same, in the same toolsets.
    narrowed: Mutex<HashMap<OfferKind, Arc<ListedOffer>>>,
    /// How many tools the operator wants on a page of the list.
    page: Option<NonZeroUsize>,
}

impl Offers {
    pub(super) fn new(to_anybody: Offer, page: Option<NonZeroUsize>) -> Self {
        let to_anybody = Arc::new(ListedOffer::new(to_anybody, page, TTL_MS));
        Self { to_anybody, narrowed: Mutex::default(), page }
    }

    pub(super) fn remote(&self, shelf: Shelf) -> Self {
        Self::new(self.to_anybody.offer.remote(shelf), self.page)
    }

    pub(super) fn to_anybody(&self) -> &Arc<ListedOffer> {
        &self.to_anybody
    }

    pub(super) fn to(&self, principal: &Principal) -> Result<Arc<ListedOffer>, UnknownName> {
        let Principal::Recognised { grant, toolsets, .. } = principal else {
            return Ok(Arc::clone(&self.to_anybody));
        };
        let kind = OfferKind { grant: *grant, toolsets: Arc::clone(toolsets) };
        let mut narrowed = self.narrowed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(offer) = narrowed.get(&kind) {
            return Ok(Arc::clone(offer));
        }
        let offer = self.to_anybody.offer.narrowed_to(principal)?;
        let made = Arc::new(ListedOffer::new(offer, self.page, GRANTED_TTL_MS));
        if narrowed.len() >= KINDS {
            narrowed.clear();
        }
        narrowed.insert(kind, Arc::clone(&made));
        Ok(made)
    }
}
