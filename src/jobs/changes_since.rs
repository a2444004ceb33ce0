//! The job `changes_since`: what happened since a day.
//!
//! The API keeps no history: a change is told where a row has the date of its last one, or the event log has it. So what
//! changed twice is told once, and what has no date is not told at all.

mod log;
mod names;
mod outside;
mod parts;
mod read;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::builder::keep_up;
use super::columns::InColumns;
use super::days;
use super::desk::Desk;
use super::gaps::Gaps;
use super::job::Job;
use super::known_names::IndexAge;
use super::trend::{SnapshotDifferences, unknown_before};
use super::typed::{answer_schema_of, schema_of, typed};
use crate::answer::Answer;
use crate::api::arguments::ArgumentsError;
use crate::call::CallError;
use crate::index::TenantIndex;
use log::LogChanges;
use names::KnownNames;
use outside::{QuestionnaireChanges, RequestChanges, VendorChanges};
use parts::{DocumentChanges, IssueChanges, PeopleChanges, TestChanges, VulnerabilityChanges};

pub(super) static CHANGES_SINCE: Job = Job {
    name: "changes_since",
    title: "What changed since a day",
    about: "What changed since a day, by default in the last week: tests newly failing or repaired, documents, \
            vulnerabilities, joiners and leavers, issues, vendors, policies, questionnaires, Trust Center requests, and who did \
            what by the event log. Earlier percentages are unknown. For today's state use compliance_overview, for every event \
            list_event_logs.",
    asks: &[
        "what changed since last week",
        "what happened since monday",
        "what is new since my last visit",
        "changes in the last 30 days",
        "weekly change report",
        "what got worse this week",
        "which tests started failing since yesterday",
        "what improved since last month",
        "anything new in vanta",
        "catch me up on compliance",
        "what did i miss while on vacation",
        "new vulnerabilities and fixes this week",
        "who joined and who left this month",
        "which tests were repaired since friday",
        "documents that lapsed recently",
        "difference to last week",
        "recent activity in our compliance program",
        "who changed what since yesterday",
        "summary of the week for the security meeting",
        "changes since november 1",
    ],
    toolset: "organization",
    usual: true,
    uses: &["list_tests"],
    also: &[
        "list_documents",
        "list_vulnerabilities",
        "list_vulnerability_remediations",
        "list_people",
        "list_issues",
        "list_vendors",
        "list_policies",
        "list_questionnaires",
        "list_trust_center_access_requests",
        "list_trust_center_request_history",
        "list_event_logs",
        "list_users",
        "list_controls",
        "list_risk_scenarios",
    ],
    input: schema_of::<WantedChanges>,
    output: answer_schema_of::<ChangesSince>,
    run: |desk, arguments| {
        Box::pin(async move {
            let WantedChanges { date, fresh } = typed(desk.job(), arguments)?;
            run(desk.fresh(fresh), date.as_deref()).await.map(|changes| Answer::done(&changes))
        })
    },
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedChanges {
    /// Day or moment in UTC, e.g. 2026-03-31 or 2026-03-31T08:00:00Z. Default: 7 days ago.
    #[schemars(length(min = 1, max = 40))]
    date: Option<String>,
    /// Read everything now, not from what was read moments ago.
    #[serde(default)]
    fresh: bool,
}

/// What changed since a day.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChangesSince {
    /// Since when.
    since: String,
    /// Tests that flipped, those in rollout aside.
    tests: TestChanges,
    /// Documents whose status changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<DocumentChanges>,
    /// Vulnerabilities.
    vulnerabilities: VulnerabilityChanges,
    /// People who started or left.
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<PeopleChanges>,
    /// Issues.
    #[serde(skip_serializing_if = "Option::is_none")]
    issues: Option<IssueChanges>,
    /// Vendors that were reviewed or decided on.
    #[serde(skip_serializing_if = "Option::is_none")]
    vendors: Option<VendorChanges>,
    /// Policies that were approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    policies_approved: Option<InColumns>,
    /// Security questionnaires of customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    questionnaires: Option<QuestionnaireChanges>,
    /// Requests for access to the Trust Center.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_requests: Option<RequestChanges>,
    /// Numbers without dates of their own, by two snapshots that were kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshots: Option<SnapshotDifferences>,
    /// The event log: who did what.
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<LogChanges>,
    /// When the oldest of the log's names was read that are from the index.
    #[serde(skip_serializing_if = "Option::is_none")]
    names_as_of: Option<String>,
    /// What the API does not say.
    cannot_know: Vec<String>,
    /// What was not looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_looked_at: Vec<String>,
}

const CANNOT_KNOW: &[&str] = &[
    "old values: the log has none",
    "what changed more than once: only the last date is kept",
    "who or what made a test flip",
    "which controls were completed, and new risk scores",
    "what was deleted, except by the log",
];

/// How many days back it is where no date is given.
const BACK: i32 = 7;

async fn run(desk: Desk<'_>, date: Option<&str>) -> Result<ChangesSince, CallError> {
    let since = since(&desk, date)?;
    let gaps = Gaps::default();
    let lists = read::all(&desk, since, &gaps).await?;
    let (named, age) = (KnownNames::of(&lists), IndexAge::default());
    let log = match &lists.events {
        Some(events) => Some(log::told(&desk, (events, lists.users_kept), named, (&gaps, &age)).await?),
        None => None,
    };
    let kept = match TenantIndex::of(desk.clients()) {
        Some(index) => Some(index.snapshots().await),
        None => None,
    };
    keep_up(&desk);
    let day = since.to_zoned(TimeZone::UTC).date();
    let cannot_know = CANNOT_KNOW.iter().map(|what| (*what).to_owned());
    let cannot_know = cannot_know.chain([unknown_before(kept.as_ref(), desk.today())]).collect();
    let span = parts::ChangeSpan::new(since, desk.now());
    Ok(ChangesSince {
        since: since.to_string(),
        tests: TestChanges::of(&lists.tests, span),
        documents: lists.documents.as_deref().map(|rows| DocumentChanges::of(rows, span)),
        vulnerabilities: VulnerabilityChanges::of(
            lists.vulnerabilities.as_deref(),
            lists.remediations.as_deref(),
            span,
        ),
        people: lists.people.as_deref().map(|rows| PeopleChanges::of(rows, span)),
        issues: lists.issues.as_deref().map(|rows| IssueChanges::of(rows, span)),
        vendors: lists.vendors.as_deref().map(|rows| VendorChanges::of(rows, span)),
        policies_approved: lists.policies.as_deref().map(|rows| parts::approved(rows, span)),
        questionnaires: lists.questionnaires.as_deref().map(|rows| QuestionnaireChanges::of(rows, span)),
        access_requests: RequestChanges::of(lists.waiting.as_deref(), lists.decided.as_deref(), span),
        snapshots: kept.as_ref().and_then(|kept| SnapshotDifferences::of(kept, day, desk.today())),
        log,
        names_as_of: age.told(),
        cannot_know,
        not_looked_at: gaps.told(),
    })
}

/// The moment that is meant: a day is its start in UTC.
fn since(desk: &Desk<'_>, date: Option<&str>) -> Result<Timestamp, ArgumentsError> {
    let unfit = |problem: String| ArgumentsError::Unfit { tool: desk.job(), problems: vec![problem] };
    let Some(date) = date.map(str::trim) else {
        let day = desk.today().saturating_sub(jiff::Span::new().days(BACK));
        return Ok(days::moment(&day.to_string()).unwrap_or(Timestamp::MIN));
    };
    // A time of day without its offset to UTC could be several moments.
    let is_day = date.len() == "2026-03-31".len();
    let moment = if is_day { days::moment(date) } else { date.parse::<Timestamp>().ok() };
    match moment {
        None => Err(unfit(
            "`date` must be a day or a moment in UTC, e.g. 2026-03-31 or 2026-03-31T08:00:00Z".to_owned(),
        )),
        Some(moment) if moment > desk.now() => {
            Err(unfit(format!("`date` must not be in the future; now it is {:.0}", desk.now())))
        }
        Some(moment) => Ok(moment),
    }
}
