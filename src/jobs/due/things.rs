//! Things that fall due.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::days::minute;
use super::super::desk::Desk;
use super::super::gaps::Gaps;
use super::super::known_names::IndexAge;
use crate::state::Moment;

/// How long a name is shown.
pub(super) const LONGEST: usize = 60;

/// What can fall due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum DueKind {
    Test,
    Document,
    Policy,
    Person,
    Vulnerability,
    VendorReview,
    VendorContract,
    Issue,
    Questionnaire,
    Answer,
    Viewer,
}

impl DueKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Document => "document",
            Self::Policy => "policy",
            Self::Person => "person",
            Self::Vulnerability => "vulnerability",
            Self::VendorReview => "vendorReview",
            Self::VendorContract => "vendorContract",
            Self::Issue => "issue",
            Self::Questionnaire => "questionnaire",
            Self::Answer => "answer",
            Self::Viewer => "viewer",
        }
    }
}

/// Something that is overdue or falls due, or several of a kind in one place.
#[derive(Debug)]
pub(super) struct DueThing {
    pub(super) kind: DueKind,
    pub(super) what: String,
    /// None is overdue, since when the API does not say.
    pub(super) due: Option<Date>,
    pub(super) owner: Option<String>,
    pub(super) note: Option<String>,
    /// How many it stands for.
    pub(super) count: usize,
}

impl DueThing {
    /// Columns: kind, what, due, owner, note.
    pub(super) fn row(&self) -> Vec<Value> {
        vec![
            json!(self.kind.as_str()),
            json!(self.what),
            json!(self.due.map(|due| due.to_string())),
            json!(self.owner),
            json!(self.note),
        ]
    }
}

/// What `due` is asked for, and where it is read.
pub(super) struct ReadDue<'d> {
    pub(super) desk: &'d Desk<'d>,
    pub(super) gaps: &'d Gaps,
    pub(super) age: &'d IndexAge,
    pub(super) until: Date,
    /// Empty is all.
    pub(super) kinds: &'d [DueKind],
}

/// What was read.
#[derive(Default)]
pub(super) struct FoundDue {
    pub(super) things: Vec<DueThing>,
    /// What is left out, once for each.
    pub(super) left_out: Vec<&'static str>,
    pub(super) unfinished: Option<String>,
    /// Of how many documents the renewal date was known before.
    pub(super) dates_known: usize,
    /// How many documents have one.
    pub(super) dates_of: usize,
    /// The oldest look at one of these dates.
    pub(super) dates_from: Option<Moment>,
}

impl FoundDue {
    /// A renewal date was known, since then.
    pub(super) fn saw(&mut self, at: Moment) {
        self.dates_known += 1;
        self.dates_from = Some(self.dates_from.map_or(at, |from| from.min(at)));
    }

    /// What the renewal dates rest on, where some come from the index.
    pub(super) fn basis(&self) -> Option<String> {
        let from = minute(self.dates_from?);
        Some(format!(
            "renewal dates of {} of {} documents are known, the oldest from {from}; the first that fall due were read again",
            self.dates_known, self.dates_of
        ))
    }
}

impl ReadDue<'_> {
    pub(super) fn wants(&self, kind: DueKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}
