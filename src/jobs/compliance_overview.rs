//! The job `compliance_overview`: where the whole program stands today, in numbers.
//!
//! A trend is told only where the rows have dates of their own: the API keeps no history, and an earlier percentage cannot be
//! computed.

mod parts;

use futures::future::{try_join, try_join4, try_join5};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::columns::{InColumns, short};
use super::days;
use super::desk::Desk;
use super::gaps::Gaps;
use super::job::Job;
use super::pick::{NamedIn, pick};
use super::typed::{answer_schema_of, schema_of, typed};
use crate::answer::Answer;
use crate::call::{CallError, Candidate};
use parts::{
    Deadlines, DocumentsToRenew, FailingTests, OpenIssues, OpenTasks, PolicyVersions, RisksToScore, Rows,
    VendorReviews,
};

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
    cannot_know: &'static [&'static str],
    /// What was not looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_looked_at: Vec<String>,
}

/// What changed in the last seven days.
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
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameworkProgress {
    id: Option<String>,
    display_name: Option<String>,
    shorthand_name: Option<String>,
    num_controls_completed: Option<u64>,
    num_controls_total: Option<u64>,
    num_documents_passing: Option<u64>,
    num_documents_total: Option<u64>,
    num_tests_passing: Option<u64>,
    num_tests_total: Option<u64>,
}

const LEFT_OUT: &[&str] = &[
    "vulnerabilities without a deadline or due later: list_vulnerabilities",
    "renewal dates of documents: get_document",
    "enterprise risks: top_risks",
    "tests repaired and everything else that changed: changes_since",
];

const CANNOT_KNOW: &[&str] =
    &["whether an auditor agrees: the counts are Vanta's", "earlier percentages: the API keeps no history"];

/// How many frameworks are shown.
const FRAMEWORKS: usize = 12;

/// How many days ahead deadlines of vulnerabilities count, and how many back a change does.
const AHEAD: u32 = 30;
const BACK: i32 = 7;

/// How long the name of a framework is shown.
const NAME: usize = 40;

/// The states of people's tasks that are read: those that are done or paused are of no interest here.
const OPEN_TASKS: &[&str] = &["OVERDUE", "DUE_SOON", "OFFBOARDING_OVERDUE", "OFFBOARDING_DUE_SOON"];

async fn run(desk: Desk<'_>, framework: Option<String>) -> Result<ComplianceOverview, CallError> {
    let gaps = Gaps::default();
    let (frameworks, read) = if let Some(asked) = framework {
        // Which framework is meant has to be known before its tests can be asked for.
        let place = NamedIn { job: desk.job(), argument: "framework", list: "list_frameworks" };
        let all = gaps.rows("frameworks", desk.list("list_frameworks", json!({})).await?);
        let one = pick(place, &asked, &all, FrameworkProgress::candidate)?;
        (vec![one.row()], read(&desk, one.id.as_deref(), &gaps).await?)
    } else {
        let all = desk.list::<FrameworkProgress>("list_frameworks", json!({}));
        let (all, read) = try_join(all, read(&desk, None, &gaps)).await?;
        (gaps.rows("frameworks", all).iter().map(FrameworkProgress::row).collect(), read)
    };
    let since = desk.today().saturating_sub(jiff::Span::new().days(BACK));
    Ok(told(frameworks, &read, &desk, since, gaps))
}

fn told(
    frameworks: Vec<Vec<Value>>,
    read: &Rows,
    desk: &Desk<'_>,
    since: Date,
    gaps: Gaps,
) -> ComplianceOverview {
    let now = desk.now();
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
        },
        left_out: LEFT_OUT,
        cannot_know: CANNOT_KNOW,
        not_looked_at: gaps.told(),
    }
}

/// Reads everything but the frameworks, and keeps what fits its question: a filter that is not known upstream would let all
/// through.
async fn read(desk: &Desk<'_>, framework: Option<&str>, gaps: &Gaps) -> Result<Rows, CallError> {
    let tests = |status: &str| {
        let mut wanted = json!({ "statusFilter": status, "isInRollout": false });
        if let (Some(framework), Some(members)) = (framework, wanted.as_object_mut()) {
            members.insert("frameworkFilter".to_owned(), json!(framework));
        }
        wanted
    };
    let documents = match framework {
        Some(framework) => json!({ "statusMatchesAny": parts::NOT_OK, "frameworkMatchesAny": [framework] }),
        None => json!({ "statusMatchesAny": parts::NOT_OK }),
    };
    let horizon = days::after(desk.today(), AHEAD + 1);
    let vulnerabilities =
        json!({ "slaDeadlineBeforeDate": format!("{horizon}T00:00:00Z"), "isDeactivated": false });
    let people = json!({ "tasksSummaryStatusMatchesAny": OPEN_TASKS });
    let issues = json!({ "statusMatchesAny": ["NOT_STARTED", "IN_PROGRESS"] });
    let ((failing, invalid, documents, people), (vulnerabilities, vendors, policies, issues, risks)) =
        try_join(
            try_join4(
                desk.also("failing tests", "list_tests", tests("NEEDS_ATTENTION"), gaps),
                desk.also("invalid tests", "list_tests", tests("INVALID"), gaps),
                desk.also("documents", "list_documents", documents, gaps),
                desk.also("people's tasks", "list_people", people, gaps),
            ),
            try_join5(
                desk.also("vulnerabilities", "list_vulnerabilities", vulnerabilities, gaps),
                desk.also("vendors", "list_vendors", json!({}), gaps),
                desk.also("policies", "list_policies", json!({}), gaps),
                desk.also("issues", "list_issues", issues, gaps),
                desk.also("risks", "list_risk_scenarios", json!({}), gaps),
            ),
        )
        .await?;
    let read = Rows {
        failing: failing.map(|list| gaps.rows("failing tests", list)),
        invalid: invalid.map(|list| gaps.rows("invalid tests", list)),
        documents: documents.map(|list| gaps.rows("documents", list)),
        people: people.map(|list| gaps.rows("people's tasks", list)),
        vulnerabilities: vulnerabilities.map(|list| gaps.rows("vulnerabilities", list)),
        vendors: vendors.map(|list| gaps.rows("vendors", list)),
        policies: policies.map(|list| gaps.rows("policies", list)),
        issues: issues.map(|list| gaps.rows("issues", list)),
        risks: risks.map(|list| gaps.rows("risks", list)),
    };
    Ok(read.fitting(horizon))
}

impl FrameworkProgress {
    fn candidate(&self) -> Candidate {
        let names = [("displayName", &self.display_name), ("shorthandName", &self.shorthand_name)];
        let names = names.into_iter().filter_map(|(field, name)| Some((field, name.as_deref()?)));
        Candidate::new(("id", self.id.as_deref().unwrap_or_default()), names)
    }

    fn row(&self) -> Vec<Value> {
        let share = |part: Option<u64>, whole: Option<u64>| Some(format!("{} of {}", part?, whole?));
        vec![
            json!(self.id),
            json!(self.display_name.as_deref().map(|name| short(name, NAME))),
            json!(share(self.num_controls_completed, self.num_controls_total)),
            json!(share(self.num_tests_passing, self.num_tests_total)),
            json!(share(self.num_documents_passing, self.num_documents_total)),
        ]
    }
}
