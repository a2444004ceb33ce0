//! The answer of `failing_controls`.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::columns::{InColumns, short};
use super::super::days;
use super::super::frameworks::FrameworkRow;
use super::super::gaps::Gaps;
use super::found::{ControlFindings, FailingControl, InScope};
use super::rows::{DocumentRow, FailingNow, TestRow};
use crate::catalog::Api;
use crate::index::KeptControl;

/// How many failing tests and documents are described, each, for so many controls that are named.
const DESCRIBED: usize = 14;
const FOR_NAMED: usize = 40;

/// How many are described however few controls are named.
const LEAST_DESCRIBED: usize = 10;

/// How many of the other controls are told by their external ids.
const IDS: usize = 40;

/// How many controls without evidence are told.
const UNPROVEN: usize = 10;

/// How long a name is shown.
const LONGEST: usize = 60;

/// Requests a minute that are left to the index while others ask.
const SPARE: u64 = 30;

/// Which controls fail, and why.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FailingControls {
    /// The framework, where one was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    framework: Option<String>,
    /// The owner, where one was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// How many controls fail, of those that were looked at; absent while none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    failing: Option<usize>,
    /// How many controls there are.
    of: usize,
    /// How many of them were looked at: if fewer than all, `failing` is a lower bound.
    looked_at: usize,
    /// What is still being looked at, and for how long.
    #[serde(skip_serializing_if = "Option::is_none")]
    unfinished: Option<String>,
    /// The failing tests in force that concern these controls; `n` is how controls refer to them.
    tests: InColumns,
    /// The documents that are missing or lapsed; `n` is how controls refer to them.
    documents: InColumns,
    /// The failing controls, worst first, with the numbers of their failing tests and documents; `+2`: two more, not shown.
    controls: InColumns,
    /// The external ids of the next failing controls.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    more: Vec<String>,
    /// Controls to which nothing at all is mapped: neither passing nor failing.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_evidence_mapped: Option<ControlsApart>,
    /// Controls of which no test fails, but some have no valid result.
    #[serde(skip_serializing_if = "Option::is_none")]
    invalid_tests_only: Option<ControlsApart>,
    /// What this rests on.
    basis: FailingBasis,
    /// What was not looked at.
    not_looked_at: Vec<String>,
}

/// Controls that are told apart.
#[derive(Serialize, JsonSchema)]
struct ControlsApart {
    /// How many.
    count: usize,
    /// The external ids of the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    first: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FailingBasis {
    /// What was read for this answer.
    read_now: &'static str,
    /// When the controls were listed.
    controls_listed: String,
    /// When the oldest look was that it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_relation: Option<String>,
    /// Vanta's own count beside this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    vanta_counts: Option<String>,
}

impl ControlFindings<'_> {
    pub(super) fn answer(
        &self,
        framework: Option<&FrameworkRow>,
        failing: &FailingNow,
        scope: &InScope,
        limit: usize,
        gaps: Gaps,
    ) -> FailingControls {
        for (reason, count) in &self.refused {
            gaps.name(format!("tests of {count} controls: {reason}"));
        }
        for (reason, count) in &self.loose_documents {
            gaps.name(format!("which controls {count} of the documents prove, so more may fail: {reason}"));
        }
        if let Some(unheld) = self.unheld(framework, failing, scope) {
            gaps.name(unheld);
        }
        gaps.name("policies behind a control: the API does not say which");
        gaps.name("tests in rollout: they are not in force");
        // Of what was not looked at, "none" would be a guess.
        let is_known = self.looked > 0 || scope.controls.is_empty();
        let (named, more) = self.failing.split_at(self.failing.len().min(limit));
        // While not all is known, what fails may concern any control.
        let coverage = if scope.due == 0 { Coverage::Whole } else { Coverage::Partial };
        let most = (limit * DESCRIBED / FOR_NAMED).max(LEAST_DESCRIBED);
        let of_tests = self.failing.iter().flat_map(|one| one.tests.iter().copied());
        let shown_tests = Described::of(of_tests, (failing.tests.len(), most), coverage);
        let of_documents = self.failing.iter().flat_map(|one| one.documents.iter().copied());
        let shown_documents = Described::of(of_documents, (failing.documents.len(), most), coverage);
        FailingControls {
            framework: framework.map(|framework| framework.name().to_owned()),
            owner: scope.owner.clone(),
            failing: is_known.then_some(self.failing.len()),
            of: scope.controls.len(),
            looked_at: self.looked,
            unfinished: unfinished(framework, failing, scope),
            tests: tests(&failing.tests, &shown_tests),
            documents: documents(&failing.documents, &shown_documents, scope),
            controls: controls(named, self.failing.len(), &shown_tests, &shown_documents),
            more: others(more),
            no_evidence_mapped: is_known.then(|| apart(&self.unproven)),
            invalid_tests_only: is_known.then(|| apart(&self.invalid)),
            basis: FailingBasis {
                read_now: "failing tests and documents",
                controls_listed: days::minute(scope.at),
                oldest_relation: self.oldest.map(days::minute),
                vanta_counts: framework.and_then(|framework| self.check(framework, scope)),
            },
            not_looked_at: gaps.told(),
        }
    }

    /// What shows that a mapping is not known: a test of the framework that no control of it has.
    fn unheld(
        &self,
        framework: Option<&FrameworkRow>,
        failing: &FailingNow,
        scope: &InScope,
    ) -> Option<String> {
        let framework = framework.filter(|_| scope.owner.is_none() && scope.due == 0)?;
        let held: HashSet<usize> = self.failing.iter().flat_map(|one| one.tests.iter().copied()).collect();
        let unheld = failing.tests.len() - held.len();
        let name = framework.name();
        (unheld > 0 && self.looked == scope.controls.len()).then(|| {
            format!(
                "which controls {unheld} of the failing tests of {name} belong to: none that was looked at has them, so a mapping \
                 may be newer than what is kept; fresh: true reads the mappings again"
            )
        })
    }

    /// Vanta's own count of a framework beside this one, where all was looked at.
    fn check(&self, framework: &FrameworkRow, scope: &InScope) -> Option<String> {
        if scope.owner.is_some() {
            return None;
        }
        let incomplete = framework.incomplete()?;
        let ours = self.failing.len() + self.unproven.len() + self.invalid.len();
        let counts = format!("{}: Vanta counts {incomplete} controls as incomplete", framework.name());
        if scope.due > 0 || u64::try_from(ours).ok() == Some(incomplete) {
            return Some(counts);
        }
        Some(format!(
            "{counts}, this answer finds {ours} that fail, have no evidence or invalid tests alone: a policy, a test in \
             progress or a mapping that changed can be between them; fresh: true reads the mappings again"
        ))
    }
}

/// What is known already, where the controls were not all looked at, and how long the rest takes.
fn unfinished(framework: Option<&FrameworkRow>, failing: &FailingNow, scope: &InScope) -> Option<String> {
    if scope.due == 0 {
        return None;
    }
    let counted = framework.and_then(|framework| {
        let (total, incomplete) = (framework.num_controls_total?, framework.incomplete()?);
        Some(format!("{}: Vanta counts {incomplete} of {total} controls as incomplete. ", framework.name()))
    });
    let due = u64::try_from(scope.due).unwrap_or(u64::MAX);
    let spare = Api::Manage.per_minute().map_or(SPARE, |most| SPARE.min(u64::from(most)));
    let minutes = due.div_ceil(spare);
    let minutes = if minutes == 1 { "1 minute".to_owned() } else { format!("{minutes} minutes") };
    Some(format!(
        "{}{} tests and {} documents fail. Naming all controls behind the tests takes {due} more requests, about \
         {minutes}: they are being read now. Ask again then for the exact answer.",
        counted.unwrap_or_default(),
        failing.tests.len(),
        failing.documents.len(),
    ))
}

/// Whether all controls in question were looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coverage {
    Whole,
    Partial,
}

/// Which of the failing tests, or of the documents, are described, in which order: those of the worst controls first.
struct Described {
    /// Their places.
    places: Vec<usize>,
    /// How many concern the controls in question.
    of: usize,
}

impl Described {
    /// `concerned` are the places that the controls name, the worst control first; the others follow where it is not known
    /// yet that they concern none, and `most` of `all` are described.
    fn of(concerned: impl Iterator<Item = usize>, (all, most): (usize, usize), coverage: Coverage) -> Self {
        let mut places: Vec<usize> = Vec::new();
        let mut is_in = vec![false; all];
        let others = if coverage == Coverage::Whole { 0..0 } else { 0..all };
        for place in concerned.chain(others) {
            if let Some(is_in) = is_in.get_mut(place).filter(|is_in| !**is_in) {
                *is_in = true;
                places.push(place);
            }
        }
        let of = places.len();
        places.truncate(most);
        Self { places, of }
    }

    /// The numbers of these places, and how many of them are not described.
    fn numbers(&self, places: &[usize]) -> Vec<Value> {
        let number = |place: &usize| self.places.iter().position(|shown| shown == place).map(|at| at + 1);
        let mut numbers: Vec<usize> = places.iter().filter_map(number).collect();
        numbers.sort_unstable();
        let others = places.len() - numbers.len();
        let others = (others > 0).then(|| json!(format!("+{others}")));
        numbers.into_iter().map(|number| json!(number)).chain(others).collect()
    }

    fn in_columns<T>(
        &self,
        columns: &'static [&'static str],
        all: &[T],
        row: impl Fn(usize, &T) -> Vec<Value>,
    ) -> InColumns {
        let shown = self.places.iter().filter_map(|place| all.get(*place));
        let rows = shown.enumerate().map(|(at, one)| row(at + 1, one)).collect();
        let mut rows = InColumns::first(columns, self.places.len(), rows);
        rows.of = (self.of > self.places.len()).then_some(self.of);
        rows
    }
}

fn tests(failing: &[TestRow], shown: &Described) -> InColumns {
    shown.in_columns(&["n", "name", "items", "since", "due", "owner"], failing, |n, test| {
        let info = test.remediation_status_info.as_ref();
        let due = info.and_then(|info| info.soonest_remediate_by_date.as_deref());
        vec![
            json!(n),
            // explain_failure takes the name: the id beside it would cost as much again.
            json!(name_or_id(test.name.as_deref(), &test.id)),
            json!(info.and_then(|info| info.item_count)),
            json!(days::shown(test.latest_flip_date.as_deref())),
            json!(days::shown(due)),
            json!(test.owner.as_ref().and_then(|owner| owner.display_name.as_deref())),
        ]
    })
}

fn documents(failing: &[DocumentRow], shown: &Described, scope: &InScope) -> InColumns {
    let owner = |id: &str| {
        let owners = scope.controls.iter().filter_map(|control| control.owner.as_ref());
        owners.into_iter().find(|owner| owner.id == id).map(|owner| owner.name.clone())
    };
    shown.in_columns(&["n", "title", "status", "since", "owner"], failing, |n, document| {
        let id = document.owner_id.as_deref();
        vec![
            json!(n),
            json!(name_or_id(document.title.as_deref(), &document.id)),
            json!(document.upload_status),
            json!(days::shown(document.upload_status_date.as_deref())),
            json!(id.map(|id| owner(id).unwrap_or_else(|| id.to_owned()))),
        ]
    })
}

fn controls(
    named: &[FailingControl<'_>],
    all: usize,
    shown_tests: &Described,
    shown_documents: &Described,
) -> InColumns {
    let row = |one: &FailingControl<'_>| -> Vec<Value> {
        vec![
            json!(called(one.control)),
            json!(short(&one.control.name, LONGEST)),
            json!(one.control.owner.as_ref().map(|owner| owner.name.as_str())),
            json!(shown_tests.numbers(&one.tests)),
            json!(shown_documents.numbers(&one.documents)),
        ]
    };
    let mut columns = InColumns::first(
        &["externalId", "name", "owner", "tests", "documents"],
        named.len(),
        named.iter().map(row).collect(),
    );
    columns.of = (all > named.len()).then_some(all);
    columns
}

/// The external ids of the controls that are not named, the worst first, and how many more there are.
fn others(more: &[FailingControl<'_>]) -> Vec<String> {
    let left = more.len().saturating_sub(IDS);
    let rest = (left > 0).then(|| format!("… {left} more"));
    more.iter().take(IDS).map(|one| called(one.control)).chain(rest).collect()
}

fn apart(controls: &[&KeptControl]) -> ControlsApart {
    ControlsApart {
        count: controls.len(),
        first: controls.iter().take(UNPROVEN).map(|control| called(control)).collect(),
    }
}

/// A name by which something can be asked about again: one that is too long to be shown whole is no such name.
fn name_or_id<'n>(name: Option<&'n str>, id: &'n str) -> &'n str {
    name.filter(|name| name.chars().count() <= LONGEST).unwrap_or(id)
}

/// What people call a control.
fn called(control: &KeptControl) -> String {
    control.external_id.clone().unwrap_or_else(|| control.id.clone())
}
