//! The answer of `failing_controls`.

use jiff::Timestamp;
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
use crate::state::Moment;

/// How many failing tests and documents are described.
const DESCRIBED: usize = 30;

/// How many of the other controls are told by their external ids.
const IDS: usize = 150;

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
    /// How many controls fail, of those that were looked at.
    failing: usize,
    /// How many controls there are.
    of: usize,
    /// How many of them were looked at: if fewer than all, `failing` is a lower bound.
    looked_at: usize,
    /// What is still being looked at, and for how long.
    #[serde(skip_serializing_if = "Option::is_none")]
    unfinished: Option<String>,
    /// The failing tests in force; `n` is how controls refer to them.
    tests: InColumns,
    /// The documents that are missing or lapsed; `n` is how controls refer to them.
    documents: InColumns,
    /// The failing controls, worst first, with the numbers of their failing tests and documents.
    controls: InColumns,
    /// The external ids of the other failing controls.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    more: Vec<String>,
    /// Controls to which nothing at all is mapped: neither passing nor failing.
    no_evidence_mapped: ControlsApart,
    /// Controls of which no test fails, but some have no valid result.
    invalid_tests_only: ControlsApart,
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
        gaps.name("policies behind a control: the API does not say which");
        gaps.name("tests in rollout: they are not in force");
        let (named, more) = self.failing.split_at(self.failing.len().min(limit));
        FailingControls {
            framework: framework.map(|framework| framework.name().to_owned()),
            owner: scope.owner.clone(),
            failing: self.failing.len(),
            of: scope.controls.len(),
            looked_at: self.looked,
            unfinished: unfinished(framework, failing, scope),
            tests: tests(&failing.tests),
            documents: documents(&failing.documents, scope),
            controls: controls(named, self.failing.len()),
            more: more.iter().take(IDS).map(|one| called(one.control)).collect(),
            no_evidence_mapped: apart(&self.unproven),
            invalid_tests_only: apart(&self.invalid),
            basis: FailingBasis {
                read_now: "failing tests and documents",
                controls_listed: minute(scope.at),
                oldest_relation: self.oldest.map(minute),
                vanta_counts: framework.and_then(|framework| self.check(framework, scope)),
            },
            not_looked_at: gaps.told(),
        }
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
             progress or a mapping that changed can be between them"
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

fn tests(failing: &[TestRow]) -> InColumns {
    let rows = rows(failing, |n, test| {
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
    });
    InColumns::first(&["n", "name", "items", "since", "due", "owner"], DESCRIBED, rows)
}

fn documents(failing: &[DocumentRow], scope: &InScope) -> InColumns {
    let owner = |id: &str| {
        let owners = scope.controls.iter().filter_map(|control| control.owner.as_ref());
        owners.into_iter().find(|owner| owner.id == id).map(|owner| owner.name.clone())
    };
    let rows = rows(failing, |n, document| {
        let id = document.owner_id.as_deref();
        vec![
            json!(n),
            json!(name_or_id(document.title.as_deref(), &document.id)),
            json!(document.upload_status),
            json!(days::shown(document.upload_status_date.as_deref())),
            json!(id.map(|id| owner(id).unwrap_or_else(|| id.to_owned()))),
        ]
    });
    InColumns::first(&["n", "title", "status", "since", "owner"], DESCRIBED, rows)
}

fn controls(named: &[FailingControl<'_>], all: usize) -> InColumns {
    let numbers = |places: &[usize]| -> Vec<usize> { places.iter().map(|at| at + 1).collect() };
    let row = |one: &FailingControl<'_>| -> Vec<Value> {
        vec![
            json!(called(one.control)),
            json!(short(&one.control.name, LONGEST)),
            json!(one.control.owner.as_ref().map(|owner| owner.name.as_str())),
            json!(numbers(&one.tests)),
            json!(numbers(&one.documents)),
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

/// A moment to the minute: `2026-11-28T07:12Z`.
fn minute(moment: Moment) -> String {
    let Ok(moment) = Timestamp::from_millisecond(moment.0) else { return String::new() };
    moment.strftime("%Y-%m-%dT%H:%MZ").to_string()
}

/// A row for each, with its number from 1.
fn rows<T>(all: &[T], row: impl Fn(usize, &T) -> Vec<Value>) -> Vec<Vec<Value>> {
    all.iter().enumerate().map(|(at, one)| row(at + 1, one)).collect()
}
