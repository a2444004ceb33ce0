//! What things are called, from the index, so that no list is read for names alone.
//!
//! How something stands now is not taken from there: a question that shows it reads it.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::builder::go_on;
use super::desk::Desk;
use super::relations::moment;
use crate::api::{Freshness, IndexExtent};
use crate::index::{KeptControl, KeptList, KnownThings, TenantIndex, ThingKind};
use crate::state::Moment;

/// When the oldest of what an answer takes from the index was read.
#[derive(Debug, Default)]
pub struct IndexAge(Mutex<Option<Moment>>);

impl IndexAge {
    /// That the answer rests on what was read at that moment.
    pub fn rests_on(&self, at: Moment) {
        let mut oldest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *oldest = Some(oldest.map_or(at, |oldest| oldest.min(at)));
    }

    /// As an answer shows it: `2026-11-28T09:30Z`; none where all was read now.
    #[must_use]
    pub fn told(&self) -> Option<String> {
        let oldest = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        Some(Timestamp::from_millisecond(oldest.0).ok()?.strftime("%Y-%m-%dT%H:%MZ").to_string())
    }
}

/// All things of a kind as the index has them, unless the caller wants them read, or may not list them. Where they are not
/// there, whoever builds the index goes on with it.
pub async fn known_things(desk: &Desk<'_>, kind: ThingKind) -> Option<KnownThings> {
    let index = usable(desk, kind)?;
    let known = index.things(kind, moment(desk)).await;
    if known.is_none() {
        build(desk, index);
    }
    known
}

/// The same of controls, with their owners.
pub async fn known_controls(desk: &Desk<'_>) -> Option<KeptList<KeptControl>> {
    let index = usable(desk, ThingKind::Control)?;
    let known = index.all_controls(moment(desk)).await;
    if known.is_none() {
        build(desk, index);
    }
    known
}

fn usable(desk: &Desk<'_>, kind: ThingKind) -> Option<TenantIndex> {
    if desk.freshness() == Freshness::Anew || !desk.offers(kind.list()) {
        return None;
    }
    TenantIndex::of(desk.clients())
}

fn build(desk: &Desk<'_>, index: TenantIndex) {
    if let Some(behind) = desk.behind().filter(|_| desk.clients().index() == IndexExtent::All) {
        go_on(behind, index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_told() {
        let age = IndexAge::default();
        assert_eq!(age.told(), None);
        age.rests_on(Moment(1_795_860_000_000));
        age.rests_on(Moment(1_795_859_000_000));
        age.rests_on(Moment(1_795_861_000_000));
        assert_eq!(age.told().as_deref(), Some("2026-11-28T09:43Z"));
    }
}
