//! What the auditor sent back, with the last word on it.

use std::collections::HashMap;

use futures::future::try_join_all;
use serde::Deserialize;
use serde_json::{Value, json};

use super::review::{EvidenceState, NAME, RequestState, author};
use crate::call::CallError;
use crate::jobs::audits::KnownAudit;
use crate::jobs::columns::short;
use crate::jobs::days::shown;
use crate::jobs::desk::Desk;
use crate::jobs::gaps::Gaps;

/// Of how many flagged requests the reason is read, at a request each.
const REASONS_READ: usize = 5;

/// How long a comment or reason is shown.
const WORD: usize = 120;

/// In the place of a comment or reason that was not read.
const UNREAD: &str = "(not looked at)";

/// What somebody said on a piece of evidence.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EvidenceComment {
    audit_evidence_id: Option<String>,
    text: Option<String>,
    creation_date: Option<String>,
    deletion_date: Option<String>,
    author_name: Option<String>,
    email: Option<String>,
}

/// Something that happened to an information request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestEvent {
    timestamp: Option<String>,
    user_email: Option<String>,
    new_status: Option<String>,
    reason: Option<String>,
}

/// Something that was sent back, as it is shown.
pub(super) struct SentBack {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) since: Option<String>,
    pub(super) last_word: Option<String>,
    pub(super) by: Option<String>,
}

/// The flagged pieces of evidence with the last comment on each since then. Without any, no comment is read.
pub(super) async fn flagged_evidence(
    desk: &Desk<'_>,
    audit: &KnownAudit,
    evidence: &[EvidenceState],
    gaps: &Gaps,
) -> Result<Vec<SentBack>, CallError> {
    let flagged: Vec<&EvidenceState> = evidence.iter().filter(|item| item.status == "Flagged").collect();
    if flagged.is_empty() {
        return Ok(Vec::new());
    }
    let arguments = json!({ "auditId": audit.id });
    let read = desk.also::<EvidenceComment>("comments on evidence", "list_audit_comments", arguments, gaps);
    let comments = read.await?.map(|list| gaps.rows("comments on evidence", list));
    let mut last: HashMap<&str, &EvidenceComment> = HashMap::new();
    for comment in comments.iter().flatten().filter(|comment| comment.deletion_date.is_none()) {
        let Some(id) = comment.audit_evidence_id.as_deref() else { continue };
        let newest = last.entry(id).or_insert(comment);
        if comment.creation_date > newest.creation_date {
            *newest = comment;
        }
    }
    let sent_back = flagged.into_iter().map(|item| {
        let since = last.get(item.id.as_str());
        let word = since.filter(|comment| comment.creation_date >= item.status_updated_date);
        SentBack {
            name: short(item.name.as_deref().unwrap_or(&item.id), NAME),
            kind: item.evidence_type.clone().unwrap_or_default(),
            since: shown(item.status_updated_date.as_deref()),
            last_word: match &comments {
                Some(_) => word.and_then(|comment| Some(short(comment.text.as_deref()?, WORD))),
                None => Some(UNREAD.to_owned()),
            },
            by: word
                .and_then(|comment| comment.author_name.as_deref().or(comment.email.as_deref()))
                .map(author),
        }
    });
    Ok(sent_back.collect())
}

/// The flagged requests, as far as they are read with the reason that the auditor gave.
pub(super) async fn flagged_requests(
    desk: &Desk<'_>,
    audit: &KnownAudit,
    requests: &[RequestState],
    gaps: &Gaps,
) -> Result<Vec<SentBack>, CallError> {
    let mut flagged: Vec<&RequestState> =
        requests.iter().filter(|request| request.approval_status == "AUDITOR_FLAGGED").collect();
    flagged.sort_by(|a, b| b.modification_date.cmp(&a.modification_date));
    if flagged.len() > REASONS_READ {
        gaps.name(format!("why {} of {} requests were flagged", flagged.len() - REASONS_READ, flagged.len()));
    }
    let reads = flagged.iter().take(REASONS_READ).map(|request| {
        let arguments = json!({ "auditId": audit.id, "requestId": request.id });
        desk.also::<RequestEvent>("reasons of flags", "list_information_request_activity", arguments, gaps)
    });
    let histories = try_join_all(reads).await?;
    let verdicts = histories.into_iter().map(|history| {
        let events = gaps.rows("reasons of flags", history?);
        let flags = events.into_iter().filter(|event| event.new_status.as_deref() == Some("AUDITOR_FLAGGED"));
        Some(flags.max_by(|a, b| a.timestamp.cmp(&b.timestamp)))
    });
    let verdicts = verdicts.chain(std::iter::repeat_with(|| None));
    let sent_back = flagged.iter().zip(verdicts).map(|(request, read)| {
        let verdict = read.as_ref().and_then(Option::as_ref);
        let reason = verdict.and_then(|event| Some(short(event.reason.as_deref()?, WORD)));
        SentBack {
            name: request.shown_name(),
            kind: "Information request".to_owned(),
            since: shown(verdict.and_then(|event| event.timestamp.as_deref())),
            last_word: if read.is_some() { reason } else { Some(UNREAD.to_owned()) },
            by: verdict.and_then(|event| event.user_email.as_deref()).map(author),
        }
    });
    Ok(sent_back.collect())
}

impl SentBack {
    /// As it is shown.
    pub(super) fn row(&self) -> Vec<Value> {
        vec![json!(self.name), json!(self.kind), json!(self.since), json!(self.last_word), json!(self.by)]
    }
}
