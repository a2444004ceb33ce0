//! The job `audit_readiness`: how far an audit is, and whose turn it is.

mod review;
mod sent_back;

use futures::future::try_join;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::audits::{KnownAudit, chosen};
use super::columns::{Counts, InColumns, short};
use super::days::shown;
use super::desk::Desk;
use super::gaps::Gaps;
use super::job::Job;
use super::typed::{schema_of, typed};
use crate::answer::Answer;
use crate::call::CallError;
use review::{AUTHOR, EvidenceState, NAME, OWED, RequestState};
use sent_back::{SentBack, flagged_evidence, flagged_requests};

pub(super) static AUDIT_READINESS: Job = Job {
    name: "audit_readiness",
    title: "How far an audit is",
    about: "How far an audit of your audit firm is: evidence and information requests by status, whether auditor or customer \
            must act, what was flagged with the last word on it, what is overdue. Vanta's statuses, not an opinion on the \
            outcome. To download the evidence use collect_audit_evidence.",
    asks: &[
        "how far is the audit",
        "is the client ready for the audit",
        "audit status",
        "what is still open in the audit",
        "what do i have to review next",
        "what is the client still missing for the audit",
        "audit progress summary for the kickoff call",
        "how many pieces of evidence are accepted and how many flagged",
        "which requests are overdue in the engagement",
        "why was the evidence sent back",
        "whose turn is it in the soc 2 engagement",
        "evidence by status for our client",
        "state of the engagement with open and late requests",
        "weekly status report of the audit",
        "what is holding up the audit",
        "flagged evidence with the latest comments",
        "can we close the fieldwork",
        "pbc progress and overdue items",
        "give me the readiness of the current audit",
        "who has to act in the audit, us or the customer",
    ],
    toolset: "audits",
    usual: true,
    uses: &["list_audits", "list_audit_evidence"],
    also: &["list_audit_comments", "list_information_requests", "list_information_request_activity"],
    input: schema_of::<WantedReadiness>,
    output: super::typed::answer_schema_of::<AuditReadiness>,
    run: |desk, arguments| {
        Box::pin(async move {
            let WantedReadiness { audit, fresh } = typed(desk.job(), arguments)?;
            Box::pin(run(desk.fresh(fresh), audit.as_deref())).await.map(|readiness| Answer::done(&readiness))
        })
    },
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedReadiness {
    /// Id or name of the audit, or its customer; default the active one, if there is one alone.
    audit: Option<String>,
    /// Read everything now, not from what was read moments ago.
    #[serde(default)]
    fresh: bool,
}

/// How far an audit is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AuditReadiness {
    /// Which audit.
    audit: AboutAudit,
    /// The pieces of evidence.
    evidence: ReviewedEvidence,
    /// The information requests; absent for a classic audit, or where they could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    requests: Option<ReviewedRequests>,
    /// What the auditor sent back, newest first; lastWord is the last comment or reason since then, null if none.
    flagged: InColumns,
    /// Requests that the customer owes and whose due day is past, oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    overdue: Option<InColumns>,
    /// What was not looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_looked_at: Vec<String>,
    /// What Vanta does not say.
    cannot_know: &'static [&'static str],
}

/// Which audit it is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AboutAudit {
    id: String,
    name: Option<String>,
    customer: Option<String>,
    framework: Option<String>,
    /// "classic" or "request list".
    kind: &'static str,
    /// First and last day of the audit window.
    window: String,
    /// The day of the report; absent while the audit is active.
    #[serde(skip_serializing_if = "Option::is_none")]
    completed: Option<String>,
    /// Since when the customer sees the request list; "not yet" where it was not shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    requests_shared: Option<String>,
}

/// The evidence of an audit in numbers.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ReviewedEvidence {
    /// How many pieces there are, deleted ones aside.
    total: usize,
    /// How many are in each status.
    by_status: Counts,
    /// How many wait for the auditor: Ready for audit.
    auditor_acts: usize,
    /// How many wait for the customer: Flagged, Not ready for audit, Initialized.
    customer_acts: usize,
}

/// The information requests of an audit in numbers.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ReviewedRequests {
    /// How many there are, deleted ones aside.
    total: usize,
    /// How many are in each status.
    by_status: Counts,
    /// How many are not approved yet.
    open: usize,
    /// Of these, how many the customer owes though their due day is past.
    overdue: usize,
    /// How many wait for the auditor: `READY_FOR_AUDIT`.
    auditor_acts: usize,
    /// How many wait for the customer: `NEEDS_EVIDENCE`, `AUDITOR_FLAGGED`, `READY_FOR_INTERNAL_REVIEW`.
    customer_acts: usize,
}

const FLAGGED: &[&str] = &["name", "type", "since", "lastWord", "by"];

const OVERDUE: &[&str] = &["request", "due", "owner"];

/// How many flagged things are shown.
const FLAGGED_SHOWN: usize = 20;

/// How many overdue requests are shown.
const OVERDUE_SHOWN: usize = 12;

const CANNOT_KNOW: &[&str] = &[
    "who at the customer owns a piece of evidence",
    "why evidence was flagged, where nobody commented on it",
    "whether the auditor will be satisfied",
];

async fn run(desk: Desk<'_>, asked: Option<&str>) -> Result<AuditReadiness, CallError> {
    let gaps = Gaps::default();
    let audit = chosen(&desk, asked, &gaps).await?;
    let of_audit = json!({ "auditId": audit.id });
    let evidence = desk.list::<EvidenceState>("list_audit_evidence", of_audit.clone());
    let (evidence, requests) = Box::pin(try_join(evidence, requests(&desk, &audit, &gaps))).await?;
    let mut evidence = gaps.rows("evidence", evidence);
    evidence.retain(|item| item.deletion_date.is_none());
    let mut flagged = flagged_evidence(&desk, &audit, &evidence, &gaps).await?;
    if let Some(requests) = &requests {
        flagged.extend(flagged_requests(&desk, &audit, requests, &gaps).await?);
    }
    flagged.sort_by(|a, b| b.since.cmp(&a.since));
    let today = desk.today();
    let mut overdue: Vec<&RequestState> =
        requests.iter().flatten().filter(|request| request.is_overdue(today)).collect();
    overdue.sort_by(|a, b| a.due_date.cmp(&b.due_date));
    let rows = overdue.iter().map(|request| request.row()).collect();
    Ok(AuditReadiness {
        audit: AboutAudit::of(&audit),
        evidence: ReviewedEvidence::of(&evidence),
        overdue: requests.is_some().then(|| InColumns::first(OVERDUE, OVERDUE_SHOWN, rows)),
        requests: requests.as_deref().map(|requests| ReviewedRequests::of(requests, overdue.len())),
        flagged: InColumns::first(FLAGGED, FLAGGED_SHOWN, flagged.iter().map(SentBack::row).collect()),
        not_looked_at: gaps.told(),
        cannot_know: CANNOT_KNOW,
    })
}

/// The information requests that were not deleted; `None` for an audit without, or where they cannot be read.
async fn requests(
    desk: &Desk<'_>,
    audit: &KnownAudit,
    gaps: &Gaps,
) -> Result<Option<Vec<RequestState>>, CallError> {
    if !audit.has_request_list() {
        return Ok(None);
    }
    let arguments = json!({ "auditId": audit.id });
    let read = desk.also::<RequestState>("requests", "list_information_requests", arguments, gaps).await?;
    Ok(read.map(|list| {
        let mut requests = gaps.rows("requests", list);
        requests.retain(|request| request.deletion_date.is_none());
        requests
    }))
}

impl AboutAudit {
    fn of(audit: &KnownAudit) -> Self {
        let day = |text: Option<&str>| shown(text).unwrap_or_else(|| "?".to_owned());
        let window =
            format!("{}/{}", day(audit.audit_start_date.as_deref()), day(audit.audit_end_date.as_deref()));
        let shared = audit.auditor_request_list_metadata.as_ref().map(|list| {
            shown(list.requests_shared_with_customer.as_deref()).unwrap_or_else(|| "not yet".to_owned())
        });
        Self {
            id: audit.id.clone(),
            name: audit.display_name.as_deref().map(|name| short(name, NAME)),
            customer: audit.customer().map(|name| short(name, NAME)),
            framework: audit.framework.as_deref().map(|name| short(name, NAME)),
            kind: if audit.has_request_list() { "request list" } else { "classic" },
            window,
            completed: shown(audit.completion_date.as_deref()),
            requests_shared: shared,
        }
    }
}

impl ReviewedEvidence {
    fn of(evidence: &[EvidenceState]) -> Self {
        let by_status = Counts::of(evidence.iter().map(|item| status(&item.status)));
        let all = |kinds: &[&str]| kinds.iter().map(|kind| by_status.count(kind)).sum();
        Self {
            total: evidence.len(),
            auditor_acts: by_status.count("Ready for audit"),
            customer_acts: all(&["Flagged", "Not ready for audit", "Initialized"]),
            by_status,
        }
    }
}

impl ReviewedRequests {
    fn of(requests: &[RequestState], overdue: usize) -> Self {
        let by_status = Counts::of(requests.iter().map(|request| status(&request.approval_status)));
        Self {
            total: requests.len(),
            open: requests.len() - by_status.count("AUDITOR_APPROVED"),
            overdue,
            auditor_acts: by_status.count("READY_FOR_AUDIT"),
            customer_acts: OWED.iter().map(|kind| by_status.count(kind)).sum(),
            by_status,
        }
    }
}

/// A status as it is counted: one that is not known is one of its own.
fn status(text: &str) -> String {
    if text.is_empty() { "(not said)".to_owned() } else { short(text, AUTHOR) }
}
