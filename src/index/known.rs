//! What is known of a tenant at one time.

use std::collections::HashMap;
use std::time::Duration;

use super::doubts::{Doubts, Refreshed};
use super::kept::{
    ControlEvidence, DocumentDetail, FORGOTTEN, KeptControl, KeptFramework, KeptList, LookedAt, WantedPart,
};
use crate::state::Moment;

/// After so long something is looked at again when there is time; it still counts.
pub(super) const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// After so long nothing counts any more.
const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// After so long something that could not be looked at is tried again.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// What is known of a tenant, of one generation throughout: nothing that is kept meanwhile changes it.
///
/// Of each thing it is known, refused, or not looked at. Only what is known may be counted, as some or as none.
#[derive(Debug, Default)]
pub struct KnownTenant {
    pub(super) controls: Option<KeptList<KeptControl>>,
    pub(super) framework_list: Option<KeptList<String>>,
    pub(super) frameworks: HashMap<String, KeptFramework>,
    pub(super) evidence: HashMap<String, LookedAt<ControlEvidence>>,
    pub(super) documents: HashMap<String, LookedAt<DocumentDetail>>,
    pub(super) wanted: Vec<WantedPart>,
    pub(super) doubts: Doubts,
    pub(super) refreshed: Refreshed,
}

impl KnownTenant {
    /// All controls, where the list was read to its end in the last week.
    #[must_use]
    pub fn controls(&self, now: Moment) -> Option<&KeptList<KeptControl>> {
        self.controls.as_ref().filter(|list| list.certain && list.at.until(now) < WEEK)
    }

    /// A framework whose controls were read, if its numbers are still these.
    #[must_use]
    pub fn framework(&self, id: &str, totals: [u64; 3], now: Moment) -> Option<&KeptFramework> {
        let kept = self.frameworks.get(id)?;
        (kept.totals == totals && kept.controls.is_some() && kept.at.until(now) < WEEK).then_some(kept)
    }

    /// What was seen of a framework's numbers, whatever they are now.
    #[must_use]
    pub fn numbers(&self, id: &str) -> Option<&KeptFramework> {
        self.frameworks.get(id)
    }

    /// When the numbers of any framework were last seen to change, or all was last asked for afresh.
    #[must_use]
    pub fn last_change(&self) -> Option<Moment> {
        self.frameworks.values().filter_map(|kept| kept.changed).max()
    }

    /// What is known of a control's tests; none where they were not looked at, or too long ago.
    #[must_use]
    pub fn evidence(&self, control: &str, now: Moment) -> Option<&LookedAt<ControlEvidence>> {
        self.evidence.get(control).filter(|looked| counts(looked, now))
    }

    /// What is known of a document's controls and dates; none where it was not looked at, or too long ago.
    #[must_use]
    pub fn document(&self, id: &str, now: Moment) -> Option<&LookedAt<DocumentDetail>> {
        self.documents.get(id).filter(|looked| counts(looked, now))
    }

    /// Adds what was just found out of controls.
    pub fn learn_evidence(&mut self, looked: &[(String, LookedAt<ControlEvidence>)]) {
        self.evidence.extend(looked.iter().cloned());
    }

    /// Adds what was just found out of documents.
    pub fn learn_documents(&mut self, looked: &[(String, LookedAt<DocumentDetail>)]) {
        self.documents.extend(looked.iter().cloned());
    }

    /// The frameworks that are known.
    pub fn frameworks(&self) -> impl Iterator<Item = (&str, &KeptFramework)> {
        let list = self.framework_list.as_ref().filter(|list| list.certain);
        // One that is not in a later list is gone.
        let is_there = move |id: &String, kept: &KeptFramework| {
            !id.is_empty() && list.is_none_or(|list| kept.at > list.at || list.rows.contains(id))
        };
        let there = self.frameworks.iter().filter(move |(id, kept)| is_there(id, kept));
        there.map(|(id, kept)| (id.as_str(), kept))
    }

    /// Whether the list of frameworks was read in the last week, and each one's controls.
    #[must_use]
    pub fn has_all_frameworks(&self, now: Moment) -> bool {
        let list = self.framework_list.as_ref().filter(|list| list.certain && list.at.until(now) < WEEK);
        let is_read = |id: &String| self.frameworks.get(id).is_some_and(|kept| kept.controls.is_some());
        list.is_some_and(|list| list.rows.iter().all(is_read))
    }

    /// The controls whose tests are known, of all that were ever looked at, with the time of the look.
    pub fn evidenced(&self, now: Moment) -> impl Iterator<Item = (&str, Moment, &ControlEvidence)> {
        let known = self.evidence.iter().filter(move |(_, looked)| counts(looked, now));
        known.filter_map(|(id, looked)| Some((id.as_str(), looked.at, looked.found.as_ref().ok()?)))
    }

    /// What was asked about and is not all looked at yet, the first asked first.
    #[must_use]
    pub fn wanted(&self) -> &[WantedPart] {
        &self.wanted
    }

    /// Whether what was looked at of a control or document then may have changed since; `changed` is what is known of all that
    /// the question is about.
    #[must_use]
    pub fn is_doubtful(&self, id: &str, at: Moment, changed: Option<Moment>) -> bool {
        is_doubtful(at, self.doubts.since(id, changed))
    }

    /// When the tenant was last looked through for changes.
    #[must_use]
    pub fn refreshed(&self) -> Refreshed {
        self.refreshed
    }

    /// Of these controls those whose tests are to be looked at, those not looked at at all first, then the oldest. What is
    /// from before `changed` may no longer be so.
    #[must_use]
    pub fn to_look_at<'i>(
        &self,
        controls: impl IntoIterator<Item = &'i str>,
        changed: Option<Moment>,
        now: Moment,
    ) -> Vec<&'i str> {
        let mut due: Vec<(Option<Moment>, &str)> = Vec::new();
        for control in controls {
            match self.evidence(control, now) {
                None => due.push((None, control)),
                Some(looked)
                    if self.is_doubtful(control, looked.at, changed) || looked.at.until(now) >= WEEK =>
                {
                    due.push((Some(looked.at), control));
                }
                Some(_) => {}
            }
        }
        due.sort();
        due.into_iter().map(|(_, control)| control).collect()
    }
}

/// Whether what was looked at may have changed since.
#[must_use]
fn is_doubtful(at: Moment, changed: Option<Moment>) -> bool {
    changed.is_some_and(|changed| at < changed)
}

fn counts<T>(looked: &LookedAt<T>, now: Moment) -> bool {
    if matches!(&looked.found, Err(reason) if reason == FORGOTTEN) {
        return false;
    }
    looked.at.until(now) < if looked.found.is_ok() { MONTH } else { HOUR }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(at: Moment, found: Result<&[&str], &str>) -> LookedAt<ControlEvidence> {
        let found = found.map(|tests| ControlEvidence {
            tests: tests.iter().map(|&test| test.to_owned()).collect(),
            unproven: false,
        });
        LookedAt { at, found: found.map_err(str::to_owned) }
    }

    #[test]
    fn what_is_old_refused_or_in_doubt_is_looked_at_again() {
        let now = Moment(1_800_000_000_000);
        let ago = |span| now.minus(span);
        let evidence = HashMap::from([
            ("fresh".to_owned(), looked(ago(HOUR), Ok(&["t"]))),
            ("old".to_owned(), looked(ago(WEEK), Ok(&["t"]))),
            ("ancient".to_owned(), looked(ago(MONTH), Ok(&["t"]))),
            ("refused".to_owned(), looked(ago(Duration::from_secs(60)), Err("403"))),
            ("refused long ago".to_owned(), looked(ago(HOUR), Err("403"))),
        ]);
        let known = KnownTenant { evidence, ..KnownTenant::default() };
        let all = ["fresh", "old", "ancient", "refused", "refused long ago", "never"];
        assert_eq!(known.to_look_at(all, None, now), ["ancient", "never", "refused long ago", "old"]);
        let changed = Some(ago(Duration::from_secs(120)));
        let due = known.to_look_at(all, changed, now);
        assert_eq!(due, ["ancient", "never", "refused long ago", "old", "fresh"]);
        assert!(known.evidence("ancient", now).is_none() && known.evidence("old", now).is_some());
        assert!(known.evidence("refused", now).unwrap().found.is_err());
    }
}
