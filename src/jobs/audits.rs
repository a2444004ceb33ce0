//! Which audit of the firm a job is about: one that is named, else the active one.

use serde::Deserialize;
use serde_json::json;

use super::desk::Desk;
use super::gaps::Gaps;
use super::pick::{NamedIn, pick};
use crate::call::{CallError, Candidate};

/// An audit.
#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
pub(super) struct KnownAudit {
    pub(super) id: String,
    pub(super) display_name: Option<String>,
    customer_display_name: Option<String>,
    customer_organization_name: Option<String>,
    pub(super) framework: Option<String>,
    pub(super) audit_start_date: Option<String>,
    pub(super) audit_end_date: Option<String>,
    pub(super) completion_date: Option<String>,
    deletion_date: Option<String>,
    pub(super) auditor_request_list_metadata: Option<RequestListState>,
    segments: Option<Vec<AuditSegment>>,
}

/// The request list of an audit, which a classic one has not.
#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestListState {
    pub(super) requests_shared_with_customer: Option<String>,
}

/// A part of what an audit covers.
#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
struct AuditSegment {
    kind: Option<String>,
}

/// How many audits are listed where none is named.
const LISTED: usize = 15;

impl KnownAudit {
    /// Whether it is built on an information request list.
    pub(super) fn has_request_list(&self) -> bool {
        self.auditor_request_list_metadata.is_some()
    }

    /// How many program segments it has; `None` where that is not said.
    pub(super) fn program_segments(&self) -> Option<usize> {
        let is_program = |segment: &&AuditSegment| segment.kind.as_deref() == Some("PROGRAM");
        self.segments.as_ref().map(|segments| segments.iter().filter(is_program).count())
    }

    /// The customer's name.
    pub(super) fn customer(&self) -> Option<&str> {
        self.customer_display_name.as_deref().or(self.customer_organization_name.as_deref())
    }

    fn candidate(&self) -> Candidate {
        let named = [
            ("displayName", &self.display_name),
            ("customerDisplayName", &self.customer_display_name),
            ("customerOrganizationName", &self.customer_organization_name),
        ];
        let names = named.into_iter().filter_map(|(field, name)| Some((field, name.as_deref()?)));
        Candidate::new(("id", &self.id), names)
    }
}

/// The audit that is meant: the one of this id or name, or that of the customer of this name; where none is asked for, the
/// active one. Deleted ones are not meant. That the list of audits may not be whole is named among the gaps.
///
/// # Errors
/// None is meant, or any of several; the audits cannot be read.
pub(super) async fn chosen(
    desk: &Desk<'_>,
    asked: Option<&str>,
    gaps: &Gaps,
) -> Result<KnownAudit, CallError> {
    let filter = if asked.is_some() { json!({}) } else { json!({ "isActiveAudit": true }) };
    let mut audits = gaps.rows("audits", desk.list::<KnownAudit>("list_audits", filter).await?);
    audits.retain(|audit| audit.deletion_date.is_none());
    if let Some(asked) = asked {
        let place = NamedIn { job: desk.job(), argument: "audit", list: "list_audits" };
        return pick(place, asked, &audits, KnownAudit::candidate).cloned();
    }
    // The list answers a filter that it does not know with everything.
    audits.retain(|audit| audit.completion_date.is_none());
    match <[KnownAudit; 1]>::try_from(audits) {
        Ok([only]) => Ok(only),
        Err(others) => Err(CallError::Unidentified { tool: desk.job(), problems: vec![unclear(&others)] }),
    }
}

/// Why it is not clear which audit is meant where none is asked for, without a full stop.
fn unclear(active: &[KnownAudit]) -> String {
    if active.is_empty() {
        return "`audit` is missing, and no audit is active; pass the id or name of one that list_audits returns"
            .to_owned();
    }
    let told: Vec<String> = active.iter().take(LISTED).map(|audit| audit.candidate().told()).collect();
    let more = active.len().saturating_sub(LISTED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!(
        "`audit` is missing, and {} audits are active: {}{more}; pass the id of the one you mean",
        active.len(),
        told.join(", ")
    )
}
