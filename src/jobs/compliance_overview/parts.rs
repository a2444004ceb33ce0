//! The rows that the overview reads, and what it counts in them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::jobs::columns::{Counts, InColumns, short};
use crate::jobs::days;

/// The states of documents that lack something.
pub const NOT_OK: &[&str] = &["Needs document", "Needs update"];

/// How many owners and categories are told apart.
const KINDS: usize = 5;

/// How long the name of an owner or a category is shown.
const NAME: usize = 40;

const SEVERITIES: &[&str] = &["CRITICAL", "HIGH", "MEDIUM", "LOW"];

/// What was read; none where it could not be.
pub struct Rows {
    pub failing: Option<Vec<TestStanding>>,
    pub invalid: Option<Vec<TestStanding>>,
    pub documents: Option<Vec<DocumentStanding>>,
    pub people: Option<Vec<PersonStanding>>,
    pub vulnerabilities: Option<Vec<VulnerabilityStanding>>,
    pub vendors: Option<Vec<VendorStanding>>,
    pub policies: Option<Vec<PolicyStanding>>,
    pub issues: Option<Vec<IssueStanding>>,
    pub risks: Option<Vec<RiskStanding>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestStanding {
    pub status: Option<String>,
    pub category: Option<String>,
    pub latest_flip_date: Option<String>,
    pub owner: Option<TestOwner>,
    pub remediation_status_info: Option<TestRemediation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestOwner {
    pub display_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestRemediation {
    pub status: Option<String>,
    pub item_count: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentStanding {
    pub owner_id: Option<String>,
    pub upload_status: Option<String>,
    pub upload_status_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonStanding {
    pub tasks_summary: Option<TasksStanding>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TasksStanding {
    pub status: Option<String>,
    pub details: Option<BTreeMap<String, Option<TaskStanding>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskStanding {
    pub status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VulnerabilityStanding {
    pub severity: Option<String>,
    pub remediate_by_date: Option<String>,
    pub deactivate_metadata: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VendorStanding {
    pub status: Option<String>,
    pub inherent_risk_level: Option<String>,
    pub next_security_review_due_date: Option<String>,
    pub last_security_review_completion_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyStanding {
    pub approved_at_date: Option<String>,
    pub latest_version: Option<VersionStanding>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionStanding {
    pub status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IssueStanding {
    pub status: Option<String>,
    pub severity: Option<String>,
    pub due_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RiskStanding {
    pub residual_likelihood: Option<f64>,
    pub residual_impact: Option<f64>,
    pub is_archived: Option<bool>,
}

impl Rows {
    /// Those that fit the questions. Vulnerabilities are due before the horizon.
    pub fn fitting(mut self, horizon: Date) -> Self {
        keep(&mut self.failing, |test| test.status.as_deref() == Some("NEEDS_ATTENTION"));
        keep(&mut self.invalid, |test| test.status.as_deref() == Some("INVALID"));
        keep(&mut self.documents, |one| one.upload_status.as_deref().is_some_and(|is| NOT_OK.contains(&is)));
        keep(&mut self.vulnerabilities, |one| {
            let due = one.remediate_by_date.as_deref().and_then(days::day);
            one.deactivate_metadata.is_none() && due.is_some_and(|due| due < horizon)
        });
        keep(&mut self.vendors, |vendor| vendor.status.as_deref() != Some("ARCHIVED"));
        keep(&mut self.issues, |issue| issue.status.as_deref() != Some("CLOSED"));
        keep(&mut self.risks, |risk| risk.is_archived != Some(true));
        self
    }
}

fn keep<T>(rows: &mut Option<Vec<T>>, fits: impl Fn(&T) -> bool) {
    if let Some(rows) = rows {
        rows.retain(|row| fits(row));
    }
}

/// Whether a date is on that day or later.
pub fn is_since(text: Option<&str>, since: Date) -> bool {
    text.and_then(days::day).is_some_and(|day| day >= since)
}

fn is_past(text: Option<&str>, now: Timestamp) -> bool {
    text.and_then(days::moment).is_some_and(|moment| moment < now)
}

/// How many of these rows are so.
fn count<T>(rows: &[T], is_so: impl Fn(&T) -> bool) -> usize {
    rows.iter().filter(|row| is_so(row)).count()
}

/// Tests that fail.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FailingTests {
    /// How many fail.
    failing: usize,
    /// Of these, past the deadline of an item.
    overdue: usize,
    /// Of these, with a deadline soon, as Vanta counts it.
    due_soon: usize,
    /// Items that fail them, together.
    failing_items: u64,
    /// By owner.
    by_owner: Counts,
    /// By category.
    by_category: Counts,
}

impl FailingTests {
    pub fn of(tests: &[TestStanding]) -> Self {
        let remediation = |test: &TestStanding, status: &str| {
            test.remediation_status_info.as_ref().and_then(|info| info.status.as_deref()) == Some(status)
        };
        let owner = |test: &TestStanding| {
            let name = test.owner.as_ref().map(|owner| owner.display_name.as_deref().unwrap_or("(no name)"));
            short(name.unwrap_or("(nobody)"), NAME)
        };
        let category = |test: &TestStanding| short(test.category.as_deref().unwrap_or("(none)"), NAME);
        let items = tests.iter().filter_map(|test| test.remediation_status_info.as_ref()?.item_count);
        Self {
            failing: tests.len(),
            overdue: count(tests, |test| remediation(test, "OVERDUE")),
            due_soon: count(tests, |test| remediation(test, "DUE_SOON")),
            failing_items: items.sum(),
            by_owner: Counts::of(tests.iter().map(owner)).first(KINDS),
            by_category: Counts::of(tests.iter().map(category)).first(KINDS),
        }
    }
}

/// Documents that are missing or have lapsed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DocumentsToRenew {
    /// Never handed in.
    needs_document: usize,
    /// Handed in once, and lapsed.
    needs_update: usize,
    /// Of both, without an owner.
    without_owner: usize,
}

impl DocumentsToRenew {
    pub fn of(documents: &[DocumentStanding]) -> Self {
        let is = |one: &DocumentStanding, status| one.upload_status.as_deref() == Some(status);
        Self {
            needs_document: count(documents, |one| is(one, "Needs document")),
            needs_update: count(documents, |one| is(one, "Needs update")),
            without_owner: count(documents, |one| one.owner_id.is_none()),
        }
    }
}

/// People with open security tasks.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenTasks {
    /// People with an overdue task.
    overdue: usize,
    /// People with a task due soon, as Vanta counts it, and none overdue.
    due_soon: usize,
    /// Leavers whose offboarding is overdue.
    offboarding_overdue: usize,
    /// Leavers whose offboarding is due soon.
    offboarding_due_soon: usize,
    /// Overdue tasks by kind; a person may have several.
    overdue_by_kind: Counts,
}

impl OpenTasks {
    pub fn of(people: &[PersonStanding]) -> Self {
        let is = |person: &PersonStanding, status: &str| {
            person.tasks_summary.as_ref().and_then(|tasks| tasks.status.as_deref()) == Some(status)
        };
        let tasks = people.iter().filter_map(|person| person.tasks_summary.as_ref());
        let details = tasks.filter_map(|tasks| tasks.details.as_ref()).flatten();
        let overdue = details
            .filter(|(_, task)| task.as_ref().and_then(|task| task.status.as_deref()) == Some("OVERDUE"));
        Self {
            overdue: count(people, |person| is(person, "OVERDUE")),
            due_soon: count(people, |person| is(person, "DUE_SOON")),
            offboarding_overdue: count(people, |person| is(person, "OFFBOARDING_OVERDUE")),
            offboarding_due_soon: count(people, |person| is(person, "OFFBOARDING_DUE_SOON")),
            overdue_by_kind: Counts::of(overdue.map(|(kind, _)| short(kind, NAME))),
        }
    }
}

/// Vulnerabilities by severity and deadline.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Deadlines {
    /// Past the deadline.
    overdue: usize,
    /// Due from now to 30 days ahead.
    due_in_30_days: usize,
    /// Both by severity.
    by_severity: InColumns,
}

impl Deadlines {
    pub fn of(vulnerabilities: &[VulnerabilityStanding], now: Timestamp) -> Self {
        let is_overdue = |one: &VulnerabilityStanding| is_past(one.remediate_by_date.as_deref(), now);
        let overdue = count(vulnerabilities, is_overdue);
        let rows = SEVERITIES.iter().map(|severity| {
            let of = vulnerabilities.iter().filter(|one| one.severity.as_deref() == Some(severity));
            let (late, coming): (Vec<_>, Vec<_>) = of.partition(|one| is_overdue(one));
            vec![json!(severity), json!(late.len()), json!(coming.len())]
        });
        Self {
            overdue,
            due_in_30_days: vulnerabilities.len() - overdue,
            by_severity: InColumns::first(
                &["severity", "overdue", "dueIn30Days"],
                SEVERITIES.len(),
                rows.collect(),
            ),
        }
    }
}

/// Reviews of vendors.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VendorReviews {
    /// How many vendors there are.
    vendors: usize,
    /// Those whose next security review is past its date.
    review_overdue: usize,
    /// Those of inherent risk HIGH or CRITICAL that were never reviewed.
    high_or_critical_never_reviewed: usize,
    /// Those whose inherent risk has no score.
    unscored: usize,
}

impl VendorReviews {
    pub fn of(vendors: &[VendorStanding], now: Timestamp) -> Self {
        let level = |vendor: &VendorStanding, among: &[&str]| {
            vendor.inherent_risk_level.as_deref().is_some_and(|level| among.contains(&level))
        };
        let is_new = |vendor: &VendorStanding| vendor.last_security_review_completion_date.is_none();
        Self {
            vendors: vendors.len(),
            review_overdue: count(vendors, |one| is_past(one.next_security_review_due_date.as_deref(), now)),
            high_or_critical_never_reviewed: count(vendors, |one| {
                is_new(one) && level(one, &["HIGH", "CRITICAL"])
            }),
            unscored: count(vendors, |one| one.inherent_risk_level.is_none() || level(one, &["UNSCORED"])),
        }
    }
}

/// Policies.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyVersions {
    /// How many policies there are.
    policies: usize,
    /// Those that were never approved.
    never_approved: usize,
    /// By the state of the latest version; `RENEW_SOON` and `EXPIRED` need a renewal.
    by_latest_version: Counts,
}

impl PolicyVersions {
    pub fn of(policies: &[PolicyStanding]) -> Self {
        let state = |policy: &PolicyStanding| {
            let state = policy.latest_version.as_ref().and_then(|version| version.status.as_deref());
            short(state.unwrap_or("(none)"), NAME)
        };
        Self {
            policies: policies.len(),
            never_approved: count(policies, |policy| policy.approved_at_date.is_none()),
            by_latest_version: Counts::of(policies.iter().map(state)).first(KINDS + 1),
        }
    }
}

/// Open issues.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenIssues {
    /// How many are open.
    open: usize,
    /// Of these, past their due date.
    overdue: usize,
    /// By severity.
    by_severity: Counts,
}

impl OpenIssues {
    pub fn of(issues: &[IssueStanding], now: Timestamp) -> Self {
        let severity = |issue: &IssueStanding| short(issue.severity.as_deref().unwrap_or("(none)"), NAME);
        Self {
            open: issues.len(),
            overdue: count(issues, |issue| is_past(issue.due_date.as_deref(), now)),
            by_severity: Counts::of(issues.iter().map(severity)).first(KINDS),
        }
    }
}

/// Risks.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RisksToScore {
    /// How many risks there are.
    risks: usize,
    /// Those without a residual score.
    without_residual_score: usize,
}

impl RisksToScore {
    pub fn of(risks: &[RiskStanding]) -> Self {
        let is_scored =
            |risk: &RiskStanding| risk.residual_likelihood.is_some() && risk.residual_impact.is_some();
        Self { risks: risks.len(), without_residual_score: count(risks, |risk| !is_scored(risk)) }
    }
}
