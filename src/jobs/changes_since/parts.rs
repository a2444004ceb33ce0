//! What changed inside: tests, documents, vulnerabilities, people, issues and policies.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::read::{
    ChangedDocument, ChangedIssue, ChangedPerson, ChangedPolicy, ChangedRemediation, ChangedTest,
    ChangedVulnerability,
};
use crate::jobs::columns::{Counts, InColumns, short};
use crate::jobs::days;

/// How many rows of each kind are shown, and how long a name is.
pub const SHOWN: usize = 5;
const WORST: usize = 8;
const NAME: usize = 40;
/// Names of tests say what is wrong, and are longer.
const TEST: usize = 60;

/// From the moment that is asked for until now.
#[derive(Debug, Clone, Copy)]
pub struct ChangeSpan {
    since: Timestamp,
    now: Timestamp,
}

impl ChangeSpan {
    #[must_use]
    pub fn new(since: Timestamp, now: Timestamp) -> Self {
        Self { since, now }
    }

    /// Whether a date lies in it; what is planned does not.
    pub fn holds(self, text: Option<&str>) -> bool {
        text.and_then(days::moment).is_some_and(|moment| moment >= self.since && moment <= self.now)
    }
}

/// Those whose date lies in the span, with it, the latest first.
pub fn dated<T>(rows: &[T], span: ChangeSpan, date: impl Fn(&T) -> Option<&str>) -> Vec<&T> {
    let mut found: Vec<&T> = rows.iter().filter(|row| span.holds(date(row))).collect();
    found.sort_by_key(|row| std::cmp::Reverse(date(row).and_then(days::moment)));
    found
}

pub fn name(text: Option<&str>) -> Value {
    json!(text.map(|text| short(text, NAME)))
}

pub fn day(text: Option<&str>) -> Value {
    json!(days::shown(text))
}

/// Tests that flipped.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestChanges {
    /// How many fail that passed before.
    newly_failing: usize,
    /// How many pass that failed before.
    repaired: usize,
    /// How many were switched off.
    switched_off: usize,
    /// How many fail of which the API does not say since when; they are not counted above.
    #[serde(skip_serializing_if = "is_zero")]
    failing_since_unknown: usize,
    /// Those newly failing, with the number of failing items.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    failing: InColumns,
    /// Those repaired.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    passing: InColumns,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl TestChanges {
    pub fn of(tests: &[ChangedTest], span: ChangeSpan) -> Self {
        let is = |test: &ChangedTest, status: &str| test.status.as_deref() == Some(status);
        let flipped = dated(tests, span, |test| test.latest_flip_date.as_deref());
        let failing: Vec<&ChangedTest> =
            flipped.iter().filter(|test| is(test, "NEEDS_ATTENTION")).copied().collect();
        let passing: Vec<&ChangedTest> = flipped.iter().filter(|test| is(test, "OK")).copied().collect();
        let off = tests.iter().filter(|test| {
            let info = test.deactivated_status_info.as_ref();
            is(test, "DEACTIVATED") && span.holds(info.and_then(|info| info.last_updated_date.as_deref()))
        });
        let unknown =
            tests.iter().filter(|test| is(test, "NEEDS_ATTENTION") && test.latest_flip_date.is_none());
        let items =
            |test: &ChangedTest| test.remediation_status_info.as_ref().and_then(|info| info.item_count);
        let when = |test: &ChangedTest| day(test.latest_flip_date.as_deref());
        let called = |test: &ChangedTest| json!(test.name.as_deref().map(|text| short(text, TEST)));
        let row = |test: &&ChangedTest| vec![called(test), when(test), json!(items(test))];
        let repaired = |test: &&ChangedTest| vec![called(test), when(test)];
        Self {
            newly_failing: failing.len(),
            repaired: passing.len(),
            switched_off: off.count(),
            failing_since_unknown: unknown.count(),
            failing: InColumns::first(&["test", "since", "items"], WORST, failing.iter().map(row).collect()),
            passing: InColumns::first(&["test", "since"], SHOWN, passing.iter().map(repaired).collect()),
        }
    }
}

/// Documents whose status changed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DocumentChanges {
    /// How many are not OK any more.
    lapsed: usize,
    /// How many became OK.
    handed_in: usize,
    /// Those that lapsed.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    lacking: InColumns,
    /// Those handed in.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    current: InColumns,
}

impl DocumentChanges {
    pub fn of(documents: &[ChangedDocument], span: ChangeSpan) -> Self {
        let changed = dated(documents, span, |one| one.upload_status_date.as_deref());
        let with = |among: &[&str]| -> Vec<Vec<Value>> {
            let is = |one: &&&ChangedDocument| {
                one.upload_status.as_deref().is_some_and(|status| among.contains(&status))
            };
            let row = |one: &&ChangedDocument| {
                vec![name(one.title.as_deref()), day(one.upload_status_date.as_deref())]
            };
            changed.iter().filter(is).map(row).collect()
        };
        let (lapsed, current) = (with(&["Needs document", "Needs update"]), with(&["OK"]));
        Self {
            lapsed: lapsed.len(),
            handed_in: current.len(),
            lacking: InColumns::first(&["document", "since"], SHOWN, lapsed),
            current: InColumns::first(&["document", "since"], SHOWN, current),
        }
    }
}

/// Vulnerabilities; what is absent was not looked at.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VulnerabilityChanges {
    /// How many were detected first and are still there.
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<usize>,
    /// The new ones by severity.
    #[serde(skip_serializing_if = "Option::is_none")]
    new_by_severity: Option<Counts>,
    /// How many were deactivated, that is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<usize>,
    /// How many were fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<usize>,
    /// Of these, after the SLA deadline.
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed_late: Option<usize>,
}

impl VulnerabilityChanges {
    pub fn of(
        vulnerabilities: Option<&[ChangedVulnerability]>,
        remediations: Option<&[ChangedRemediation]>,
        span: ChangeSpan,
    ) -> Self {
        let new = vulnerabilities.map(|rows| dated(rows, span, |one| one.first_detected_date.as_deref()));
        let severity =
            |one: &&ChangedVulnerability| one.severity.clone().unwrap_or_else(|| "(none)".to_owned());
        let accepted = vulnerabilities.map(|rows| {
            let aside =
                dated(rows, span, |one| one.deactivate_metadata.as_ref()?.deactivated_on_date.as_deref());
            aside.len()
        });
        let fixed = remediations.map(|rows| dated(rows, span, |one| one.remediation_date.as_deref()));
        let is_late = |one: &&&ChangedRemediation| {
            let moment = |text: &Option<String>| text.as_deref().and_then(days::moment);
            let (fixed, due) = (moment(&one.remediation_date), moment(&one.sla_deadline_date));
            fixed.zip(due).is_some_and(|(fixed, due)| fixed > due)
        };
        Self {
            new: new.as_ref().map(Vec::len),
            new_by_severity: new.as_ref().map(|new| Counts::of(new.iter().map(severity)).first(SHOWN)),
            accepted,
            fixed: fixed.as_ref().map(Vec::len),
            fixed_late: fixed.as_ref().map(|fixed| fixed.iter().filter(is_late).count()),
        }
    }
}

/// People who started or left.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PeopleChanges {
    /// How many started.
    joined: usize,
    /// How many left.
    left: usize,
    /// Those who started.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    joiners: InColumns,
    /// Those who left.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    leavers: InColumns,
}

impl PeopleChanges {
    pub fn of(people: &[ChangedPerson], span: ChangeSpan) -> Self {
        fn start(person: &ChangedPerson) -> Option<&str> {
            person.employment.as_ref()?.start_date.as_deref()
        }
        fn end(person: &ChangedPerson) -> Option<&str> {
            person.employment.as_ref()?.end_date.as_deref()
        }
        let rows = |date: fn(&ChangedPerson) -> Option<&str>| -> Vec<Vec<Value>> {
            let found = dated(people, span, date);
            found.into_iter().map(|person| vec![name(person.called()), day(date(person))]).collect()
        };
        let (joined, left) = (rows(start), rows(end));
        Self {
            joined: joined.len(),
            left: left.len(),
            joiners: InColumns::first(&["person", "start"], SHOWN, joined),
            leavers: InColumns::first(&["person", "end"], SHOWN, left),
        }
    }
}

impl ChangedPerson {
    /// The name, or where there is none the address.
    pub fn called(&self) -> Option<&str> {
        let name = self.name.as_ref().and_then(|name| name.display.as_deref());
        name.or(self.email_address.as_deref())
    }
}

/// Issues.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssueChanges {
    /// How many were opened.
    opened: usize,
    /// How many were closed.
    closed: usize,
    /// How many others were edited.
    edited: usize,
    /// These issues, the one changed last first.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    issues: InColumns,
}

impl IssueChanges {
    pub fn of(issues: &[ChangedIssue], span: ChangeSpan) -> Self {
        let mut rows = Vec::new();
        let (mut opened, mut closed, mut edited) = (0, 0, 0);
        let newest = |issue: &ChangedIssue| {
            let dates = [Some(&issue.last_modified_date), Some(&issue.created_date), issue.closed()];
            dates.into_iter().flatten().filter_map(|text| days::moment(text.as_deref()?)).max()
        };
        let mut in_turn: Vec<&ChangedIssue> = issues.iter().collect();
        in_turn.sort_by_key(|issue| std::cmp::Reverse(newest(issue)));
        for issue in in_turn {
            let is_closed = span.holds(issue.closed().and_then(Option::as_deref));
            let is_opened = span.holds(issue.created_date.as_deref());
            let is_edited = span.holds(issue.last_modified_date.as_deref());
            opened += usize::from(is_opened);
            closed += usize::from(is_closed);
            let change = match (is_opened, is_closed, is_edited) {
                (true, true, _) => "opened and closed",
                (true, false, _) => "opened",
                (false, true, _) => "closed",
                (false, false, true) => "edited",
                (false, false, false) => continue,
            };
            edited += usize::from(change == "edited");
            rows.push(vec![json!(issue.readable_issue_id), name(issue.title.as_deref()), json!(change)]);
        }
        Self { opened, closed, edited, issues: InColumns::first(&["issue", "title", "change"], SHOWN, rows) }
    }
}

impl ChangedIssue {
    fn closed(&self) -> Option<&Option<String>> {
        self.closed_metadata.as_ref().map(|closed| &closed.closed_date)
    }
}

/// Policies that were approved, the latest first.
pub fn approved(policies: &[ChangedPolicy], span: ChangeSpan) -> InColumns {
    let found = dated(policies, span, |policy| policy.approved_at_date.as_deref());
    let row =
        |policy: &ChangedPolicy| vec![name(policy.name.as_deref()), day(policy.approved_at_date.as_deref())];
    InColumns::first(&["policy", "approved"], SHOWN, found.into_iter().map(row).collect())
}
