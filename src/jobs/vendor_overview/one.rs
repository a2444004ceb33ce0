//! One vendor, with its reviews, findings, documents and assessments.

use futures::future::try_join4;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::record::{Vendor, VendorDecision};
use crate::call::CallError;
use crate::jobs::columns::{InColumns, short};
use crate::jobs::days::{day, shown};
use crate::jobs::desk::Desk;
use crate::jobs::gaps::Gaps;
use crate::jobs::users::ReadUsers;

/// One vendor.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct VendorInFull {
    /// The vendor's name.
    vendor: String,
    /// Its id, which changes take.
    id: String,
    /// `MANAGED`, `IN_PROCUREMENT` or `ARCHIVED`.
    status: Option<String>,
    /// Its category.
    category: Option<String>,
    /// Risk before any safeguards; UNSCORED is not low.
    inherent_risk: String,
    /// Risk left after safeguards.
    residual_risk: String,
    /// The latest decision on it.
    decision: Option<String>,
    /// Who is responsible for its security.
    security_owner: Value,
    /// Who is responsible for it in the business.
    business_owner: Value,
    /// When a security review was last completed; null: never.
    last_review: Option<String>,
    /// When the next one is due.
    next_review: Option<String>,
    /// Whether that was before today.
    review_overdue: bool,
    /// Start, renewal and end of the contract.
    contract: ContractDates,
    /// Its security reviews; absent: not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    reviews: Option<WorkOnVendor>,
    /// Its findings; absent: not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<WorkOnVendor>,
    /// Its assessments; absent: not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    assessments: Option<WorkOnVendor>,
    /// Its documents, the newest first; absent: not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<DocumentsOfVendor>,
}

/// Dates of a contract.
#[derive(Serialize, JsonSchema)]
struct ContractDates {
    /// Start.
    starts: Option<String>,
    /// Renewal.
    renews: Option<String>,
    /// End.
    ends: Option<String>,
}

/// Reviews, findings or assessments.
#[derive(Serialize, JsonSchema)]
struct WorkOnVendor {
    /// How many there are.
    count: usize,
    /// How many of them are open.
    open: usize,
    /// They, the open ones first.
    list: InColumns,
}

/// Documents.
#[derive(Serialize, JsonSchema)]
struct DocumentsOfVendor {
    /// How many there are.
    count: usize,
    /// They.
    list: InColumns,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VendorReview {
    start_date: Option<String>,
    due_date: Option<String>,
    override_due_date: Option<String>,
    completion_date: Option<String>,
    completed_by_user_id: Option<String>,
    decision: Option<VendorDecision>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VendorFinding {
    content: Option<String>,
    risk_status: Option<String>,
    remediation: Option<FindingRemedy>,
}

#[derive(Deserialize)]
struct FindingRemedy {
    state: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VendorAssessment {
    status: Option<String>,
    due_date: Option<String>,
    override_due_date: Option<String>,
    completion_date: Option<String>,
    decision: Option<VendorDecision>,
    assessment_type: Option<AssessmentKind>,
    owner: Option<Assessor>,
}

#[derive(Deserialize)]
struct AssessmentKind {
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assessor {
    display_name: Option<String>,
    email: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VendorPaper {
    title: Option<String>,
    file_name: Option<String>,
    r#type: Option<String>,
    creation_date: Option<String>,
    deletion_date: Option<String>,
}

/// How many of each are shown.
const REVIEWS: usize = 5;
const FINDINGS: usize = 10;
const ASSESSMENTS: usize = 5;
const DOCUMENTS: usize = 8;

/// How long a name and a finding are shown.
const LONGEST: usize = 50;
const FINDING: usize = 120;

/// Reads what is kept of a vendor.
pub(super) async fn one(
    desk: &Desk<'_>,
    vendor: &Vendor,
    users: &ReadUsers,
    gaps: &Gaps,
) -> Result<VendorInFull, CallError> {
    let of = || json!({ "vendorId": vendor.id });
    let (reviews, findings, assessments, documents) = try_join4(
        desk.also::<VendorReview>("security reviews", "list_vendor_security_reviews", of(), gaps),
        desk.also::<VendorFinding>("findings", "list_vendor_findings", of(), gaps),
        desk.also::<VendorAssessment>("assessments", "list_vendor_assessments", of(), gaps),
        desk.also::<VendorPaper>("documents", "list_vendor_documents", of(), gaps),
    )
    .await?;
    let date = |date: Option<Date>| date.map(|date| date.to_string());
    Ok(VendorInFull {
        vendor: short(&vendor.name, LONGEST),
        id: vendor.id.clone(),
        status: vendor.status.clone(),
        category: vendor.category.as_ref().and_then(|category| category.display_name.clone()),
        inherent_risk: vendor.inherent().to_owned(),
        residual_risk: vendor.residual().to_owned(),
        decision: vendor.latest_decision.as_ref().and_then(|decision| decision.status.clone()),
        security_owner: users.shown(vendor.security_owner_user_id.as_deref()),
        business_owner: users.shown(vendor.business_owner_user_id.as_deref()),
        last_review: date(vendor.last_review()),
        next_review: date(vendor.next_review()),
        review_overdue: vendor.is_review_overdue(desk.today()),
        contract: ContractDates {
            starts: date(vendor.contract_starts()),
            renews: date(vendor.contract_renews()),
            ends: date(vendor.contract_ends()),
        },
        reviews: reviews.map(|list| reviews_of(gaps.rows("security reviews", list), users)),
        findings: findings.map(|list| findings_of(gaps.rows("findings", list))),
        assessments: assessments.map(|list| assessments_of(gaps.rows("assessments", list))),
        documents: documents.map(|list| documents_of(gaps.rows("documents", list))),
    })
}

/// The open ones first, each group by what comes first in it.
fn work<T, K: Ord>(
    mut all: Vec<T>,
    is_open: impl Fn(&T) -> bool,
    key: impl Fn(&T) -> K,
    shown: (&'static [&'static str], usize),
    row: impl Fn(&T) -> Vec<Value>,
) -> WorkOnVendor {
    all.sort_by_key(|one| (!is_open(one), key(one)));
    let (columns, most) = shown;
    WorkOnVendor {
        count: all.len(),
        open: all.iter().filter(|one| is_open(one)).count(),
        list: InColumns::first(columns, most, all.iter().map(row).collect()),
    }
}

/// When it is due: a date that somebody set goes before the computed one.
fn due(computed: Option<&str>, set: Option<&str>) -> Option<Date> {
    set.and_then(day).or_else(|| computed.and_then(day))
}

fn reviews_of(reviews: Vec<VendorReview>, users: &ReadUsers) -> WorkOnVendor {
    let due_on = |review: &VendorReview| due(review.due_date.as_deref(), review.override_due_date.as_deref());
    work(
        reviews,
        |review| review.completion_date.is_none(),
        // The newest of those completed first; of the open ones, the earliest due.
        |review| (std::cmp::Reverse(review.completion_date.as_deref().and_then(day)), due_on(review)),
        (&["started", "due", "completed", "by", "decision"], REVIEWS),
        |review| {
            vec![
                json!(shown(review.start_date.as_deref())),
                json!(due_on(review).map(|due| due.to_string())),
                json!(shown(review.completion_date.as_deref())),
                users.shown(review.completed_by_user_id.as_deref()),
                json!(review.decision.as_ref().and_then(|decision| decision.status.as_deref())),
            ]
        },
    )
}

fn findings_of(findings: Vec<VendorFinding>) -> WorkOnVendor {
    let state =
        |finding: &VendorFinding| finding.remediation.as_ref().and_then(|remedy| remedy.state.clone());
    work(
        findings,
        |finding| {
            finding.risk_status.as_deref() == Some("REMEDIATE") && state(finding).as_deref() != Some("CLOSED")
        },
        |finding| finding.risk_status.clone(),
        (&["finding", "decision", "remediation"], FINDINGS),
        |finding| {
            let content = finding.content.as_deref().map(|content| short(content, FINDING));
            vec![json!(content), json!(finding.risk_status), json!(state(finding))]
        },
    )
}

fn assessments_of(assessments: Vec<VendorAssessment>) -> WorkOnVendor {
    let due_on = |one: &VendorAssessment| due(one.due_date.as_deref(), one.override_due_date.as_deref());
    work(
        assessments,
        |one| one.status.as_deref() != Some("COMPLETED"),
        |one| (std::cmp::Reverse(one.completion_date.as_deref().and_then(day)), due_on(one)),
        (&["type", "status", "due", "completed", "owner", "decision"], ASSESSMENTS),
        |one| {
            let kind = one.assessment_type.as_ref().and_then(|kind| kind.name.as_deref());
            let owner = one.owner.as_ref();
            let owner = owner.and_then(|owner| owner.display_name.as_deref().or(owner.email.as_deref()));
            vec![
                json!(kind.map(|kind| short(kind, LONGEST))),
                json!(one.status),
                json!(due_on(one).map(|due| due.to_string())),
                json!(shown(one.completion_date.as_deref())),
                json!(owner.map(|owner| short(owner, LONGEST))),
                json!(one.decision.as_ref().and_then(|decision| decision.status.as_deref())),
            ]
        },
    )
}

fn documents_of(mut documents: Vec<VendorPaper>) -> DocumentsOfVendor {
    documents.retain(|document| document.deletion_date.is_none());
    documents.sort_by_key(|document| std::cmp::Reverse(document.creation_date.as_deref().and_then(day)));
    let row = |document: &VendorPaper| {
        let title = document.title.as_deref().or(document.file_name.as_deref());
        let date = shown(document.creation_date.as_deref());
        vec![json!(title.map(|title| short(title, LONGEST))), json!(document.r#type), json!(date)]
    };
    let rows = documents.iter().map(row).collect();
    DocumentsOfVendor {
        count: documents.len(),
        list: InColumns::first(&["title", "type", "uploaded"], DOCUMENTS, rows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_that_was_set_goes_before_the_computed_one() {
        let set = Some("2026-12-24T00:00:00Z");
        assert_eq!(due(Some("2026-11-01T00:00:00Z"), set).unwrap().to_string(), "2026-12-24");
        assert_eq!(due(Some("2026-11-01T00:00:00Z"), None).unwrap().to_string(), "2026-11-01");
        assert_eq!(due(None, None), None);
    }

    #[test]
    fn a_document_that_was_deleted_is_not_there() {
        let documents = json!([
            {"title": "Old", "type": "CONTRACT", "creationDate": "2025-01-01T00:00:00Z", "deletionDate": null},
            {"title": "Gone", "type": "CONTRACT", "creationDate": "2026-01-01T00:00:00Z", "deletionDate": "2026-02-01"},
            {"title": "New", "type": "SOC2_REPORT", "creationDate": "2026-03-01T00:00:00Z", "deletionDate": null},
        ]);
        let documents = documents_of(serde_json::from_value(documents).unwrap());
        assert_eq!(documents.count, 2);
        assert_eq!(documents.list.rows[0], [json!("New"), json!("SOC2_REPORT"), json!("2026-03-01")]);
    }

    #[test]
    fn findings_that_are_still_to_be_mended_come_first() {
        let findings = json!([
            {"content": "accepted", "riskStatus": "ACCEPT", "remediation": null},
            {"content": "mended", "riskStatus": "REMEDIATE", "remediation": {"state": "CLOSED"}},
            {"content": "open", "riskStatus": "REMEDIATE", "remediation": {"state": "OPEN"}},
        ]);
        let findings = findings_of(serde_json::from_value(findings).unwrap());
        assert_eq!((findings.count, findings.open), (3, 1));
        assert_eq!(findings.list.rows[0][0], "open");
    }
}
