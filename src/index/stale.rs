//! What of a tenant is to be looked at again, and why.

use super::kept::KeptFramework;
use super::known::{KnownTenant, WEEK};
use crate::state::Moment;

/// One thing whose relations are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeptRelation {
    /// A control with its tests; its id.
    Control(String),
    /// A document with its controls and dates; its id.
    Document(String),
}

/// How much of a kind of things was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookedAtOf {
    /// How many are known.
    pub looked: usize,
    /// How many there are, where that is known.
    pub of: Option<usize>,
    /// The oldest look.
    pub oldest: Option<Moment>,
}

impl KnownTenant {
    /// Whether nothing was looked at yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.evidence.is_empty() && self.documents.is_empty()
    }

    /// Whether this is a control that is known.
    #[must_use]
    pub fn has_control(&self, id: &str) -> bool {
        let listed = || self.controls.iter().flat_map(|list| &list.rows).any(|control| control.id == id);
        self.evidence.contains_key(id) || listed()
    }

    /// Whether this is a document that was looked at.
    #[must_use]
    pub fn has_document(&self, id: &str) -> bool {
        self.documents.contains_key(id)
    }

    /// The controls that a test was seen to be mapped to.
    pub fn controls_of(&self, test: &str) -> impl Iterator<Item = &str> {
        let holds = move |test_ids: &[String]| test_ids.iter().any(|id| id == test);
        let found = self
            .evidence
            .iter()
            .filter(move |(_, looked)| looked.found.as_ref().is_ok_and(|evidence| holds(&evidence.tests)));
        found.map(|(id, _)| id.as_str())
    }

    /// What something happened to after it was looked at.
    #[must_use]
    pub fn in_doubt(&self) -> Vec<KeptRelation> {
        let mut doubtful: Vec<KeptRelation> = self
            .doubts
            .of
            .iter()
            .filter_map(|(id, doubt)| {
                if self.evidence.get(id).is_some_and(|looked| looked.at < *doubt) {
                    return Some(KeptRelation::Control(id.clone()));
                }
                let document = self.documents.get(id).is_some_and(|looked| looked.at < *doubt);
                document.then(|| KeptRelation::Document(id.clone()))
            })
            .collect();
        doubtful.sort();
        doubtful
    }

    /// What was looked at before then, the oldest first, and at most a share of all there is: so many parts make the whole.
    #[must_use]
    pub fn oldest(&self, before: Moment, parts: usize) -> Vec<KeptRelation> {
        let controls =
            self.evidence.iter().map(|(id, looked)| (looked.at, KeptRelation::Control(id.clone())));
        let documents =
            self.documents.iter().map(|(id, looked)| (looked.at, KeptRelation::Document(id.clone())));
        let mut old: Vec<_> = controls.chain(documents).filter(|(at, _)| *at < before).collect();
        old.sort();
        old.truncate((self.evidence.len() + self.documents.len()).div_ceil(parts.max(1)));
        old.into_iter().map(|(_, relation)| relation).collect()
    }

    /// Whether a document is to be looked at: it never was, or long ago, or it is in doubt.
    #[must_use]
    pub fn is_due(&self, document: &str, changed: Option<Moment>, now: Moment) -> bool {
        let is_old = |at: Moment| at.until(now) >= WEEK || self.is_doubtful(document, at, changed);
        self.document(document, now).is_none_or(|looked| is_old(looked.at))
    }

    /// The oldest look of all.
    #[must_use]
    pub fn oldest_look(&self) -> Option<Moment> {
        let controls = self.evidence.values().map(|looked| looked.at);
        controls.chain(self.documents.values().map(|looked| looked.at)).min()
    }

    /// A framework as it is to be kept where its numbers are others than were seen: its controls are not known any more, and
    /// what was looked at before now may have changed. None where they are the same, or it is new.
    #[must_use]
    pub fn renumbered(&self, id: &str, totals: [u64; 3], now: Moment) -> Option<KeptFramework> {
        let kept = self.numbers(id).filter(|kept| kept.totals != totals)?;
        Some(KeptFramework { controls: None, totals, changed: Some(now), ..kept.clone() })
    }

    /// How many controls were looked at.
    #[must_use]
    pub fn looked_at_controls(&self) -> LookedAtOf {
        let known = self.evidence.values().filter(|looked| looked.found.is_ok());
        LookedAtOf {
            looked: known.clone().count(),
            of: self.controls.as_ref().filter(|list| list.certain).map(|list| list.rows.len()),
            oldest: known.map(|looked| looked.at).min(),
        }
    }

    /// How many documents were looked at.
    #[must_use]
    pub fn looked_at_documents(&self) -> LookedAtOf {
        let known = self.documents.values().filter(|looked| looked.found.is_ok());
        let (looked, oldest) = (known.clone().count(), known.map(|looked| looked.at).min());
        LookedAtOf { looked, of: None, oldest }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::time::Duration;

    use super::super::doubts::Doubts;
    use super::super::kept::{ControlEvidence, LookedAt};
    use super::*;

    fn known(looks: &[(&str, i64)], doubts: &[(&str, i64)]) -> KnownTenant {
        let look = |at| LookedAt { at: Moment(at), found: Ok(ControlEvidence::default()) };
        let evidence = looks.iter().map(|(id, at)| ((*id).to_owned(), look(*at))).collect();
        let of: HashMap<String, Moment> =
            doubts.iter().map(|(id, at)| ((*id).to_owned(), Moment(*at))).collect();
        KnownTenant { evidence, doubts: Doubts { all: None, of }, ..KnownTenant::default() }
    }

    #[test]
    fn what_happened_after_a_look_puts_it_in_doubt() {
        let known = known(&[("a", 10), ("b", 10), ("c", 10)], &[("a", 11), ("b", 10), ("x", 11)]);
        assert_eq!(known.in_doubt(), [KeptRelation::Control("a".to_owned())]);
        assert!(known.is_doubtful("a", Moment(10), None) && !known.is_doubtful("b", Moment(10), None));
        assert!(known.is_doubtful("b", Moment(10), Some(Moment(12))));
        assert_eq!(known.to_look_at(["a", "b", "c"], None, Moment(20)), ["a"]);
    }

    #[test]
    fn the_oldest_are_looked_at_again_a_part_at_a_time() {
        let hour = i64::try_from(Duration::from_secs(3600).as_millis()).unwrap();
        let known = known(&[("a", 3 * hour), ("b", hour), ("c", 2 * hour), ("d", 9 * hour)], &[]);
        let control = |id: &str| KeptRelation::Control(id.to_owned());
        assert_eq!(known.oldest(Moment(4 * hour), 2), [control("b"), control("c")]);
        assert_eq!(known.oldest(Moment(2 * hour), 1), [control("b")]);
    }
}
