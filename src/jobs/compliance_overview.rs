//! The job `compliance_overview`: where the whole program stands today, in numbers.
//!
//! A trend is told where the rows have dates of their own, and against snapshots of earlier days where there are any: the API
//! keeps no history.

pub(super) mod numbers;
mod parts;
pub(super) mod read;

use futures::future::try_join;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::builder::keep_up;
use super::columns::InColumns;
use super::desk::Desk;
use super::gaps::Gaps;
use super::job::Job;
use super::pick::{NamedIn, pick};
use super::trend::{SnapshotTrend, unknown_before};
use super::typed::{answer_schema_of, schema_of, typed};
use crate::answer::Answer;
use crate::call::CallError;
use crate::index::{DayOfNumbers, Snapshots, TenantIndex};
use numbers::{OverviewScope, numbers, progress};
use parts::{
    Deadlines, DocumentsToRenew, FailingTests, OpenIssues, OpenTasks, PolicyVersions, RisksToScore,
    VendorReviews,
};
use read::{FrameworkProgress, OverviewRows, read};

pub(super) static COMPLIANCE_OVERVIEW: Job = Job {
    name: "compliance_overview",
    title: "Overview of compliance",
    about: "Where compliance stands now: progress of each framework, then counts of failing tests, missing documents, people's \
            overdue tasks, vulnerabilities due, vendor reviews, policies, risks and issues. framework narrows progress, tests \
            and documents. For what changed use changes_since, for single items list_tests or list_documents.",
    asks: &[
        "how compliant are we",
        "where do we stand with compliance",
        "compliance overview",
        "status of our soc 2 program",
        "are we ready for the audit",
        "compliance dashboard in numbers",
        "summary of our security posture for the board",
        "how far along are we with iso 27001",
        "overall compliance status",
        "what needs attention in vanta",
        "weekly compliance status report",
        "how are we doing on hipaa",
        "give me the big picture of our compliance",
        "compliance health check",
        "what is overdue across the program",
        "progress of all frameworks",
        "key figures of our compliance program",
        "executive summary of compliance",
        "are we in good shape",
        "biggest open gaps right now",
    ],
    toolset: "controls",
    usual: true,
    uses: &["list_frameworks"],
    also: &[
        "list_tests",
        "list_documents",
        "list_people",
        "list_vulnerabilities",
        "list_vendors",
        "list_policies",
        "list_issues",
        "list_risk_scenarios",
    ],
    input: schema_of::<WantedOverviewOf>,
    output: answer_schema_of::<ComplianceOverview>,
    run: |desk, arguments| {
        Box::pin(async move {
            let WantedOverviewOf { framework, fresh } = typed(desk.job(), arguments)?;
            run(desk.fresh(fresh), framework).await.map(|overview| Answer::done(&overview))
        })
    },
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedOverviewOf {
    /// Only this framework: id or name, e.g. SOC 2. Default: all.
    #[schemars(length(min = 1, max = 100))]
    framework: Option<String>,
    /// Read everything now, not from what was read moments ago.
    #[serde(default)]
    fresh: bool,
}

/// Where compliance stands.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ComplianceOverview {
    /// Progress as Vanta counts it: controls completed, tests and documents passing.
    frameworks: InColumns,
    /// Tests that fail, those in rollout aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    tests: Option<FailingTests>,
    /// Tests without a valid result, often because a connection is broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    invalid_tests: Option<usize>,
    /// Documents that are missing or have lapsed.
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<DocumentsToRenew>,
    /// People with open security tasks, in the whole organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<OpenTasks>,
    /// Active vulnerabilities with an SLA deadline until 30 days from now, in the whole organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    vulnerabilities: Option<Deadlines>,
    /// Vendors that are not archived.
    #[serde(skip_serializing_if = "Option::is_none")]
    vendors: Option<VendorReviews>,
    /// Policies by the state of their latest version.
    #[serde(skip_serializing_if = "Option::is_none")]
    policies: Option<PolicyVersions>,
    /// Open issues.
    #[serde(skip_serializing_if = "Option::is_none")]
    issues: Option<OpenIssues>,
    /// Risks that are not archived.
    #[serde(skip_serializing_if = "Option::is_none")]
    risks: Option<RisksToScore>,
    /// What changed in a week, as far as the rows have dates.
    trend: WeekTrend,
    /// What is not counted here, and the tool that has it.
    left_out: &'static [&'static str],
    /// What the API does not say.
    cannot_know: Vec<String>,
    /// What was not looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_looked_at: Vec<String>,
}

/// What changed in the last seven days, and since earlier snapshots.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WeekTrend {
    /// The first day of the week.
    since: String,
    /// Tests that fail and flipped since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    tests_newly_failing: Option<usize>,
    /// Documents that are not OK and whose status changed since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    documents_lapsed: Option<usize>,
    /// Numbers of now beside those that were kept about 7 and 30 days ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshots: Option<SnapshotTrend>,
}

const LEFT_OUT: &[&str] = &[
    "vulnerabilities without a deadline or due later: list_vulnerabilities",
    "renewal dates of documents: get_document",
    "enterprise risks: top_risks",
    "tests repaired and everything else that changed: changes_since",
];

const CANNOT_KNOW: &str = "whether an auditor agrees: the counts are Vanta's";

/// How many frameworks are shown.
const FRAMEWORKS: usize = 12;

/// How many days back a change counts.
const BACK: i32 = 7;

/// What is kept of earlier days, and today's numbers.
struct OverDays {
    /// None where nothing is kept.
    kept: Option<Snapshots>,
    today: DayOfNumbers,
}

async fn run(desk: Desk<'_>, framework: Option<String>) -> Result<ComplianceOverview, CallError> {
    let gaps = Gaps::default();
    let (list, read, asked) = if let Some(asked) = framework {
        // Which framework is meant has to be known before its tests can be asked for.
        let place = NamedIn { job: desk.job(), argument: "framework", list: "list_frameworks" };
        let all = desk.list::<FrameworkProgress>("list_frameworks", json!({})).await?;
        let id = pick(place, &asked, &all.rows, FrameworkProgress::candidate)?.id.clone();
        let read = read(&desk, id.as_deref(), &gaps).await?;
        (all, read, Some(id))
    } else {
        let all = desk.list::<FrameworkProgress>("list_frameworks", json!({}));
        let (all, read) = try_join(all, read(&desk, None, &gaps)).await?;
        (all, read, None)
    };
    let scope = if asked.is_none() { OverviewScope::Everything } else { OverviewScope::OneFramework };
    let mut today = numbers(&read, scope, desk.now());
    if list.is_certain() {
        today.extend(progress(&list.rows));
    }
    let days = over_days(&desk, today).await;
    let frameworks = gaps.rows("frameworks", list);
    let shown = frameworks.iter().filter(|framework| asked.as_ref().is_none_or(|id| framework.id == *id));
    let shown = shown.map(FrameworkProgress::row).collect();
    Ok(told(shown, &read, &desk, &days, gaps))
}

/// What is kept of earlier days; today's numbers are kept with it, and whoever builds the index goes on.
async fn over_days(desk: &Desk<'_>, today: DayOfNumbers) -> OverDays {
    let Some(index) = TenantIndex::of(desk.clients()) else { return OverDays { kept: None, today } };
    let kept = index.snapshots().await;
    let has = kept.of(desk.today());
    if today.keys().any(|name| !has.contains_key(name)) {
        index.keep_numbers(desk.today(), today.clone()).await;
    }
    keep_up(desk);
    OverDays { kept: Some(kept), today }
}

fn told(
    frameworks: Vec<Vec<Value>>,
    OverviewRows { rows: read, .. }: &OverviewRows,
    desk: &Desk<'_>,
    days: &OverDays,
    gaps: Gaps,
) -> ComplianceOverview {
    let (now, today) = (desk.now(), desk.today());
    let since = today.saturating_sub(jiff::Span::new().days(BACK));
    ComplianceOverview {
        frameworks: InColumns::first(
            &["id", "name", "controls", "tests", "documents"],
            FRAMEWORKS,
            frameworks,
        ),
        tests: read.failing.as_deref().map(FailingTests::of),
        invalid_tests: read.invalid.as_ref().map(Vec::len),
        documents: read.documents.as_deref().map(DocumentsToRenew::of),
        people: read.people.as_deref().map(OpenTasks::of),
        vulnerabilities: read.vulnerabilities.as_deref().map(|rows| Deadlines::of(rows, now)),
        vendors: read.vendors.as_deref().map(|rows| VendorReviews::of(rows, now)),
        policies: read.policies.as_deref().map(PolicyVersions::of),
        issues: read.issues.as_deref().map(|rows| OpenIssues::of(rows, now)),
        risks: read.risks.as_deref().map(RisksToScore::of),
        trend: WeekTrend {
            since: since.to_string(),
            tests_newly_failing: read.failing.as_ref().map(|tests| {
                tests.iter().filter(|test| parts::is_since(test.latest_flip_date.as_deref(), since)).count()
            }),
            documents_lapsed: read.documents.as_ref().map(|documents| {
                let changed = |text: Option<&str>| parts::is_since(text, since);
                documents.iter().filter(|one| changed(one.upload_status_date.as_deref())).count()
            }),
            snapshots: days.kept.as_ref().and_then(|kept| SnapshotTrend::of(kept, &days.today, today)),
        },
        left_out: LEFT_OUT,
        cannot_know: vec![CANNOT_KNOW.to_owned(), unknown_before(days.kept.as_ref(), today)],
        not_looked_at: gaps.told(),
    }
}
