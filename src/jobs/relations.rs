//! What proves each control: from the index where it was looked at, else read now if that is little, else left to whoever
//! builds the index.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::json;

use super::desk::Desk;
use super::gaps::reason;
use super::side_by_side::{NotLooked, SideBySide};
use crate::api::Cause;
use crate::call::CallError;
use crate::catalog::Api;
use crate::index::{ControlEvidence, DocumentDetail, GONE, KeptControl, KnownTenant, LookedAt, TenantIndex};
use crate::state::Moment;

/// How many things are read for a question itself, at one request each; beyond it what is known is answered at once.
const AT_ONCE: usize = 40;

/// How many requests of the minute a question leaves to others.
const LEFT: usize = 5;

/// How many things are looked at before they are kept: what a call that is stopped loses.
const KEPT_AT_A_TIME: usize = 24;

/// What is known of a tenant's relations, for one question.
pub(super) struct Relations {
    index: Option<TenantIndex>,
    known: KnownTenant,
    now: Moment,
    /// Why the last thing could not be looked at that this question wanted to look at.
    failed: Option<String>,
}

/// The controls of a test.
pub(super) struct ControlsOfTest<'r> {
    /// Those that are known.
    pub(super) named: Vec<&'r KeptControl>,
    /// How many controls were looked at, those aside of which something may have changed since.
    pub(super) looked: usize,
    /// The oldest look.
    pub(super) oldest: Option<Moment>,
    /// How many controls there are, where that is known.
    pub(super) of: Option<usize>,
}

/// Since when controls may no longer be what they were: all of them, and each by its frameworks.
struct ChangedControls<'k> {
    all: Option<Moment>,
    by_control: HashMap<&'k str, Moment>,
}

impl ChangedControls<'_> {
    fn of(&self, control: &str) -> Option<Moment> {
        self.all.max(self.by_control.get(control).copied())
    }
}

/// Something with an id, of which nothing else is needed.
#[derive(Deserialize)]
struct Reference {
    id: String,
}

#[derive(Deserialize)]
struct ControlStatus {
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DocumentDates {
    next_renewal_date: Option<String>,
}

impl Relations {
    /// What is known now.
    pub(super) async fn open(desk: &Desk<'_>) -> Self {
        let index = TenantIndex::of(desk.clients());
        let known = match &index {
            Some(index) => index.known().await,
            None => KnownTenant::default(),
        };
        Self { index, known, now: moment(desk), failed: None }
    }

    pub(super) fn known(&self) -> &KnownTenant {
        &self.known
    }

    pub(super) fn index(&self) -> Option<&TenantIndex> {
        self.index.as_ref()
    }

    pub(super) fn now(&self) -> Moment {
        self.now
    }

    /// What is known of a control's tests.
    pub(super) fn evidence(&self, control: &str) -> Option<&LookedAt<ControlEvidence>> {
        self.known.evidence(control, self.now)
    }

    /// What is known of a document.
    pub(super) fn document(&self, id: &str) -> Option<&LookedAt<DocumentDetail>> {
        self.known.document(id, self.now)
    }

    /// The names of the frameworks of each test, by the test's id; none unless all controls of all frameworks were looked at,
    /// and none of them again since something changed.
    pub(super) fn frameworks_of_tests(&self) -> Option<HashMap<String, Vec<String>>> {
        let mut frameworks = HashMap::<String, Vec<String>>::new();
        if !self.known.has_all_frameworks(self.now) {
            return None;
        }
        for (_, kept) in self.known.frameworks() {
            for control in kept.controls.as_ref()? {
                let evidence = self.evidence(&control.id)?;
                if self.known.is_doubtful(&control.id, evidence.at, kept.changed) {
                    return None;
                }
                for test in &evidence.found.as_ref().ok()?.tests {
                    let of = frameworks.entry(test.clone()).or_default();
                    if !of.contains(&kept.name) {
                        of.push(kept.name.clone());
                    }
                }
            }
        }
        Some(frameworks)
    }

    /// The controls that a test is known to be mapped to.
    pub(super) fn controls_of_test(&self, test: &str) -> ControlsOfTest<'_> {
        let mut names = HashMap::<&str, &KeptControl>::new();
        let all = self.known.controls(self.now);
        let of_frameworks = self.known.frameworks().flat_map(|(_, kept)| kept.controls.iter().flatten());
        for control in all.iter().flat_map(|list| &list.rows).chain(of_frameworks) {
            names.insert(&control.id, control);
        }
        let changed = self.changed_controls();
        let (mut named, mut looked, mut oldest) = (Vec::new(), 0, None::<Moment>);
        for (id, at, evidence) in self.known.evidenced(self.now) {
            looked += usize::from(!self.known.is_doubtful(id, at, changed.of(id)));
            oldest = Some(oldest.map_or(at, |oldest| oldest.min(at)));
            if evidence.tests.iter().any(|own| own == test) {
                named.extend(names.get(id).copied());
            }
        }
        named.sort_by(|a: &&KeptControl, b| a.external_id.cmp(&b.external_id));
        ControlsOfTest { named, looked, oldest, of: all.map(|list| list.rows.len()) }
    }

    /// Since when controls may no longer be what they were.
    fn changed_controls(&self) -> ChangedControls<'_> {
        let mut by_control = HashMap::<&str, Moment>::new();
        for (_, kept) in self.known.frameworks() {
            let Some(changed) = kept.changed else { continue };
            for control in kept.controls.iter().flatten() {
                let at = by_control.entry(&control.id).or_insert(changed);
                *at = changed.max(*at);
            }
        }
        ChangedControls { all: self.known.numbers("").and_then(|kept| kept.changed), by_control }
    }

    /// Looks at the tests of those of these controls that were not looked at, or before `changed`, unless that takes too
    /// many requests. Returns how many are still to be looked at.
    ///
    /// # Errors
    /// The call was cancelled, or the API cannot be asked.
    pub(super) async fn look_at_controls(
        &mut self,
        desk: &Desk<'_>,
        controls: &[&str],
        changed: Option<Moment>,
    ) -> Result<usize, CallError> {
        let due = self.known.to_look_at(controls.iter().copied(), changed, self.now);
        let due: Vec<String> = due.into_iter().map(str::to_owned).collect();
        let all = due.len();
        if all > self.at_once(desk) {
            return Ok(all);
        }
        let mut sides = SideBySide::new(desk, "controls", due.len());
        for some in due.chunks(KEPT_AT_A_TIME) {
            let look = |id: String| async move {
                let looked = look_at_control(desk, &id).await;
                (id, looked)
            };
            let looked = sides.look(some, look).await?;
            self.known.learn_evidence(&looked);
            let is_gone = looked.iter().any(|(_, looked)| matches!(&looked.found, Err(why) if why == GONE));
            if let Some(index) = &self.index {
                index.keep_evidence(looked).await;
                if is_gone {
                    index.forget_lists().await;
                }
            }
        }
        let NotLooked { left, failed } = sides.end()?;
        Ok(self.left(desk, left, failed))
    }

    /// Looks at the controls of those of these documents that were not looked at, unless that takes too many requests.
    /// Returns how many are still to be looked at.
    ///
    /// # Errors
    /// The call was cancelled, or the API cannot be asked.
    pub(super) async fn look_at_documents(
        &mut self,
        desk: &Desk<'_>,
        documents: &[&str],
        changed: Option<Moment>,
    ) -> Result<usize, CallError> {
        let due = |id: &&&str| {
            self.document(id).is_none_or(|looked| self.known.is_doubtful(id, looked.at, changed))
        };
        let due: Vec<String> = documents.iter().filter(due).map(|id| (*id).to_owned()).collect();
        let all = due.len();
        if all > self.at_once(desk) {
            return Ok(all);
        }
        let mut sides = SideBySide::new(desk, "documents", due.len());
        for some in due.chunks(KEPT_AT_A_TIME) {
            let look = |id: String| async move {
                let looked = look_at_document(desk, &id, Dates::NotAsked).await;
                (id, looked)
            };
            let looked = sides.look(some, look).await?;
            self.known.learn_documents(&looked);
            if let Some(index) = &self.index {
                index.keep_documents(looked).await;
            }
        }
        let NotLooked { left, failed } = sides.end()?;
        Ok(self.left(desk, left, failed))
    }

    /// Why something could not be looked at that is not known therefore.
    pub(super) fn failure(&self) -> &str {
        self.failed.as_deref().unwrap_or("not looked at")
    }

    /// How many are still to be looked at, of so many that could not be: none where nobody goes on after the answer.
    fn left(&mut self, desk: &Desk<'_>, left: usize, failed: Option<CallError>) -> usize {
        self.failed = failed.map(|error| reason(&error)).or_else(|| self.failed.take());
        if self.index.is_some() && desk.behind().is_some() { left } else { 0 }
    }

    /// How many things this question reads by itself. Where nobody goes on after the answer, it is all of them.
    fn at_once(&self, desk: &Desk<'_>) -> usize {
        if self.index.is_none() || desk.behind().is_none() {
            return usize::MAX;
        }
        let left =
            desk.clients().budget_left(Api::Manage).iter().map(|left| usize::from(left.requests)).min();
        left.map_or(AT_ONCE, |left| left.saturating_sub(LEFT).min(AT_ONCE))
    }
}

/// The moment at which a desk works.
pub(super) fn moment(desk: &Desk<'_>) -> Moment {
    Moment(desk.now().as_millisecond())
}

/// Whether a document's own dates are read too, at a request more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dates {
    Asked,
    NotAsked,
}

/// Looks at the tests of a control; where it has none, at whether anything at all proves it.
///
/// # Errors
/// The API could not be asked: a refusal of this one thing is no error, but what was found.
pub(super) async fn look_at_control(
    desk: &Desk<'_>,
    id: &str,
) -> Result<LookedAt<ControlEvidence>, CallError> {
    let at = moment(desk);
    let found = async {
        let list = desk.list::<Reference>("list_control_tests", json!({ "controlId": id })).await?;
        if let Some(doubt) = list.doubt() {
            return Ok(Err(doubt));
        }
        let tests: Vec<String> = list.rows.into_iter().map(|test| test.id).collect();
        let unproven = tests.is_empty() && desk.offers("get_control") && {
            let control = desk.one::<ControlStatus>("get_control", json!({ "controlId": id })).await?;
            control.status.as_deref() == Some("NO_EVIDENCE_MAPPED")
        };
        Ok(Ok(ControlEvidence { tests, unproven }))
    };
    found_at(at, found.await)
}

/// When a document is to be renewed, as the API writes it.
///
/// # Errors
/// As of any call.
pub(super) async fn renewal_of(desk: &Desk<'_>, id: &str) -> Result<Option<String>, CallError> {
    let dates = desk.one::<DocumentDates>("get_document", json!({ "documentId": id })).await?;
    Ok(dates.next_renewal_date)
}

/// Looks at the controls of a document, and at its dates.
///
/// # Errors
/// As of [`look_at_control`].
pub(super) async fn look_at_document(
    desk: &Desk<'_>,
    id: &str,
    dates: Dates,
) -> Result<LookedAt<DocumentDetail>, CallError> {
    let at = moment(desk);
    let found = async {
        let list = desk.list::<Reference>("list_document_controls", json!({ "documentId": id })).await?;
        if let Some(doubt) = list.doubt() {
            return Ok(Err(doubt));
        }
        let controls = list.rows.into_iter().map(|control| control.id).collect();
        let mut detail = DocumentDetail { controls, ..DocumentDetail::default() };
        if dates == Dates::Asked {
            detail.renewal = renewal_of(desk, id).await?;
            detail.has_renewal = true;
        }
        Ok(Ok(detail))
    };
    found_at(at, found.await)
}

fn found_at<T>(at: Moment, found: Result<Result<T, String>, CallError>) -> Result<LookedAt<T>, CallError> {
    match found {
        Ok(found) => Ok(LookedAt { at, found }),
        Err(CallError::Failed { failure, .. }) if is_gone(&failure.cause) => {
            Ok(LookedAt { at, found: Err(GONE.to_owned()) })
        }
        Err(CallError::Failed { failure, .. }) if is_refusal(&failure.cause) => {
            Ok(LookedAt { at, found: Err(failure.cause.to_string()) })
        }
        Err(error) => Err(error),
    }
}

/// Whether the API answered that there is no such thing.
fn is_gone(cause: &Cause) -> bool {
    matches!(cause, Cause::Refused { status: 404 | 410, .. })
}

/// Whether the API answered that this one thing cannot be read, so that it would answer the same to a repetition.
pub(super) fn is_refusal(cause: &Cause) -> bool {
    matches!(cause, Cause::Refused { status: 400..=499, .. } | Cause::InsufficientScope { .. })
}
