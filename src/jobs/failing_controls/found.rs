//! Which controls fail, from what fails now and what is known of the controls.

use std::collections::{HashMap, HashSet};

use super::super::relations::Relations;
use super::rows::{DocumentRow, FailingNow, TestRow};
use crate::index::{ControlEvidence, KeptControl};
use crate::state::Moment;

/// The controls that a question is about.
pub(super) struct InScope {
    pub(super) controls: Vec<KeptControl>,
    /// When they were listed.
    pub(super) at: Moment,
    /// Whose they are, where the question is about one owner's.
    pub(super) owner: Option<String>,
    /// What was looked at before may no longer be so.
    pub(super) changed: Option<Moment>,
    /// How many of them are still to be looked at.
    pub(super) due: usize,
}

impl InScope {
    pub(super) fn of(controls: Vec<KeptControl>, at: Moment) -> Self {
        Self { controls, at, owner: None, changed: None, due: 0 }
    }
}

/// A control that fails.
pub(super) struct FailingControl<'s> {
    pub(super) control: &'s KeptControl,
    /// Which of the failing tests, by their places.
    pub(super) tests: Vec<usize>,
    /// Which of the documents, by their places.
    pub(super) documents: Vec<usize>,
}

/// Why something is not known, with of how many.
pub(super) type ReasonCounts = Vec<(String, usize)>;

/// What was found out about the controls in question.
pub(super) struct ControlFindings<'s> {
    /// The worst first.
    pub(super) failing: Vec<FailingControl<'s>>,
    /// To which nothing at all is mapped.
    pub(super) unproven: Vec<&'s KeptControl>,
    /// Of which no test fails, and some have no valid result.
    pub(super) invalid: Vec<&'s KeptControl>,
    /// How many were looked at.
    pub(super) looked: usize,
    /// The oldest look that this rests on.
    pub(super) oldest: Option<Moment>,
    /// Why some could not be looked at, with how many.
    pub(super) refused: ReasonCounts,
    /// Why it is not known which controls some missing documents prove, with how many documents.
    pub(super) loose_documents: ReasonCounts,
}

impl<'s> ControlFindings<'s> {
    pub(super) fn of(scope: &'s InScope, failing: &FailingNow, relations: &Relations) -> Self {
        let tests: HashMap<&str, usize> = places(&failing.tests, |test| &test.id);
        let invalid: HashSet<&str> = failing.invalid.iter().map(|test| test.id.as_str()).collect();
        let (by_control, loose_documents) = documents_by_control(&failing.documents, scope, relations);
        let mut found = Self {
            failing: Vec::new(),
            unproven: Vec::new(),
            invalid: Vec::new(),
            looked: 0,
            oldest: None,
            refused: Vec::new(),
            loose_documents,
        };
        let needs_no_look = failing.tests.is_empty() && failing.invalid.is_empty();
        for control in &scope.controls {
            let evidence = if needs_no_look {
                found.looked += 1;
                relations.evidence(&control.id).and_then(|looked| looked.found.as_ref().ok())
            } else {
                found.evidence(&control.id, scope, relations)
            };
            let has = |test: &String| tests.get(test.as_str()).copied();
            let mut failed: Vec<usize> =
                evidence.map(|evidence| evidence.tests.iter().filter_map(has).collect()).unwrap_or_default();
            failed.sort_unstable();
            let documents = by_control.get(control.id.as_str()).cloned().unwrap_or_default();
            if !failed.is_empty() || !documents.is_empty() {
                found.failing.push(FailingControl { control, tests: failed, documents });
            } else if evidence.is_some_and(|evidence| evidence.unproven) {
                found.unproven.push(control);
            } else if evidence
                .is_some_and(|known| known.tests.iter().any(|test| invalid.contains(test.as_str())))
            {
                found.invalid.push(control);
            }
        }
        found.failing.sort_by_cached_key(|one| {
            let worst = one.tests.iter().filter_map(|at| failing.tests.get(*at)).map(TestRow::urgency).min();
            let items: u64 =
                one.tests.iter().filter_map(|at| failing.tests.get(*at)).map(TestRow::items).sum();
            let since =
                one.tests.iter().filter_map(|at| failing.tests.get(*at)?.latest_flip_date.clone()).min();
            let documents = std::cmp::Reverse(one.documents.len());
            (
                worst.unwrap_or(TestRow::LEAST),
                std::cmp::Reverse(items),
                documents,
                since,
                one.control.name.clone(),
            )
        });
        found
    }

    /// What is known of a control's tests; what it rests on, or why it is not known, is noted.
    fn evidence<'r>(
        &mut self,
        control: &str,
        scope: &InScope,
        relations: &'r Relations,
    ) -> Option<&'r ControlEvidence> {
        let Some(looked) = relations.evidence(control) else {
            // What is still to be looked at is told as unfinished.
            if scope.due == 0 {
                note(&mut self.refused, relations.failure());
            }
            return None;
        };
        match &looked.found {
            Ok(evidence) => {
                if !relations.known().is_doubtful(control, looked.at, scope.changed) {
                    self.looked += 1;
                }
                self.oldest = Some(self.oldest.map_or(looked.at, |oldest| oldest.min(looked.at)));
                Some(evidence)
            }
            Err(reason) => {
                note(&mut self.refused, reason);
                None
            }
        }
    }
}

/// Counts one more for a reason.
fn note(reasons: &mut ReasonCounts, reason: &str) {
    match reasons.iter_mut().find(|(other, _)| other == reason) {
        Some((_, count)) => *count += 1,
        None => reasons.push((reason.to_owned(), 1)),
    }
}

impl TestRow {
    /// Of what is neither overdue nor due soon.
    pub(super) const LEAST: u8 = 2;

    /// The lower the more urgent.
    pub(super) fn urgency(&self) -> u8 {
        match self.remediation_status_info.as_ref().and_then(|info| info.status.as_deref()) {
            Some("OVERDUE") => 0,
            Some("DUE_SOON") => 1,
            _ => Self::LEAST,
        }
    }

    /// How many items fail in it.
    pub(super) fn items(&self) -> u64 {
        self.remediation_status_info.as_ref().and_then(|info| info.item_count).unwrap_or_default()
    }
}

fn places<'r, T>(rows: &'r [T], id: impl Fn(&'r T) -> &'r String) -> HashMap<&'r str, usize> {
    rows.iter().enumerate().map(|(at, row)| (id(row).as_str(), at)).collect()
}

/// The places of the documents of each control, and why those of some documents are not known.
fn documents_by_control<'r>(
    documents: &[DocumentRow],
    scope: &InScope,
    relations: &'r Relations,
) -> (HashMap<&'r str, Vec<usize>>, ReasonCounts) {
    let (mut by_control, mut loose) = (HashMap::<&str, Vec<usize>>::new(), Vec::new());
    for (at, document) in documents.iter().enumerate() {
        match relations.document(&document.id).map(|looked| &looked.found) {
            Some(Ok(detail)) => {
                for control in &detail.controls {
                    by_control.entry(control.as_str()).or_default().push(at);
                }
            }
            Some(Err(reason)) => note(&mut loose, reason),
            None if scope.due == 0 => note(&mut loose, relations.failure()),
            None => {}
        }
    }
    (by_control, loose)
}
