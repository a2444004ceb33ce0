//! What there is to collect: the pieces of evidence that were handed over, and rows for those that were not.

use futures::future::{join_all, try_join};
use serde::Deserialize;
use serde_json::{Value, json};

use super::manifest::{ManifestRow, RowOutcome};
use crate::call::{CallError, ReadList};
use crate::jobs::audits::KnownAudit;
use crate::jobs::desk::Desk;
use crate::jobs::gaps::{Gaps, reason};

/// The statuses in which Vanta gives out addresses; in any other it answers 422.
const HANDED_OVER: [&str; 4] = ["Ready for audit", "Accepted", "Flagged", "NA"];

/// Of how many requests the evidence is read at once.
const AT_ONCE: usize = 6;

/// A piece of evidence that was handed over.
pub(super) struct EvidencePiece {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: String,
    pub(super) source: String,
    /// Changes with the evidence.
    pub(super) version: String,
    pub(super) whence: Whence,
}

/// Where its files come from.
pub(super) enum Whence {
    /// Their addresses are listed for it.
    Listed,
    /// It was attached to an information request.
    Attached {
        /// The request.
        request: String,
        /// `UPLOADED_DOCUMENT`, `LINK` …
        kind: String,
        /// What is attached, in the shape of its kind.
        content: Value,
    },
}

/// What there is.
pub(super) struct FoundEvidence {
    /// What can be obtained.
    pub(super) pieces: Vec<EvidencePiece>,
    /// What cannot, with the reason.
    pub(super) rows: Vec<ManifestRow>,
}

/// A piece of evidence of the audit.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedEvidence {
    id: String,
    name: Option<String>,
    #[serde(default)]
    status: String,
    evidence_type: Option<String>,
    status_updated_date: Option<String>,
    deletion_date: Option<String>,
}

/// An information request, as far as what was attached to it is concerned.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AskedFor {
    id: String,
    unique_id: Option<String>,
    title: Option<String>,
    #[serde(default)]
    approval_status: String,
    deletion_date: Option<String>,
}

/// Something that was attached to an information request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Attachment {
    id: String,
    #[serde(default)]
    evidence_type: String,
    visible_to_auditor_date: Option<String>,
    creation_date: Option<String>,
    modification_date: Option<String>,
    deletion_date: Option<String>,
    #[serde(default)]
    pub(super) evidence: Value,
}

/// Finds all evidence of an audit. Deleted evidence is left out.
pub(super) async fn found(
    desk: &Desk<'_>,
    audit: &KnownAudit,
    gaps: &Gaps,
) -> Result<FoundEvidence, CallError> {
    let evidence = desk.list::<ListedEvidence>("list_audit_evidence", json!({ "auditId": audit.id }));
    let (evidence, mut attached) = Box::pin(try_join(evidence, attached(desk, audit, gaps))).await?;
    let mut evidence = gaps.rows("evidence", evidence);
    evidence.retain(|item| item.deletion_date.is_none());
    let segments = audit.program_segments().filter(|count| *count != 1);
    let mut found = FoundEvidence { pieces: Vec::new(), rows: Vec::new() };
    for item in evidence {
        let (status, kind) = (item.status.as_str(), item.evidence_type.as_deref().unwrap_or_default());
        let name = item.name.as_deref().unwrap_or(&item.id);
        let row = || ManifestRow::of((&item.id, name), (status, kind), RowOutcome::NotCollected);
        if !HANDED_OVER.contains(&status) {
            found.rows.push(row().because(&format!("not handed over ({status})")));
        } else if let Some(count) = segments {
            found.rows.push(row().because(&no_addresses(count)));
        } else {
            found.pieces.push(EvidencePiece {
                name: name.to_owned(),
                source: kind.to_owned(),
                version: item.status_updated_date.clone().unwrap_or_default(),
                whence: Whence::Listed,
                status: item.status,
                id: item.id,
            });
        }
    }
    found.pieces.append(&mut attached.pieces);
    found.rows.append(&mut attached.rows);
    Ok(found)
}

fn no_addresses(segments: usize) -> String {
    format!("Vanta gives no addresses for an audit with {segments} program segments")
}

/// What was attached to the information requests, where the audit has any.
async fn attached(desk: &Desk<'_>, audit: &KnownAudit, gaps: &Gaps) -> Result<FoundEvidence, CallError> {
    let mut found = FoundEvidence { pieces: Vec::new(), rows: Vec::new() };
    if !audit.has_request_list() {
        return Ok(found);
    }
    let arguments = json!({ "auditId": audit.id });
    let read = desk.also::<AskedFor>("requests", "list_information_requests", arguments, gaps).await?;
    let mut requests = read.map(|list| gaps.rows("requests", list)).unwrap_or_default();
    requests.retain(|request| request.deletion_date.is_none());
    // Neither all at once, which would leave no room to others, nor one after the other, which takes long.
    for batch in requests.chunks(AT_ONCE) {
        let reads = batch.iter().map(|request| {
            let arguments = json!({ "auditId": audit.id, "requestId": request.id });
            desk.list::<Attachment>("list_information_request_evidence", arguments)
        });
        for (request, read) in batch.iter().zip(join_all(reads).await) {
            found.take(request, read, gaps)?;
        }
    }
    Ok(found)
}

impl FoundEvidence {
    fn take(
        &mut self,
        request: &AskedFor,
        read: Result<ReadList<Attachment>, CallError>,
        gaps: &Gaps,
    ) -> Result<(), CallError> {
        let title = request.title.as_deref().unwrap_or(&request.id);
        let source = format!("Information request {}", request.unique_id.as_deref().unwrap_or(&request.id));
        let of = (title, request.approval_status.as_str(), source.as_str());
        match read {
            Ok(list) => {
                let attachments = gaps.rows("evidence of requests", list);
                let attachments = attachments.into_iter().filter(|one| one.deletion_date.is_none());
                attachments.for_each(|attachment| self.attach(&request.id, of, attachment));
            }
            Err(CallError::Cancelled) => return Err(CallError::Cancelled),
            Err(error) => {
                let row = ManifestRow::of((&request.id, title), (of.1, of.2), RowOutcome::NotCollected);
                self.rows.push(row.because(&reason(&error)));
                gaps.name(format!("evidence of some requests: {}", reason(&error)));
            }
        }
        Ok(())
    }
}

impl EvidencePiece {
    /// A row of it.
    pub(super) fn row(&self, outcome: RowOutcome) -> ManifestRow {
        ManifestRow::of((&self.id, &self.name), (&self.status, &self.source), outcome)
    }
}

impl FoundEvidence {
    fn attach(&mut self, request: &str, (name, status, source): (&str, &str, &str), attachment: Attachment) {
        if attachment.visible_to_auditor_date.is_none() {
            let row = ManifestRow::of((&attachment.id, name), (status, source), RowOutcome::NotCollected);
            self.rows.push(row.because("not shared with the auditor yet"));
            return;
        }
        self.pieces.push(EvidencePiece {
            id: attachment.id,
            name: name.to_owned(),
            status: status.to_owned(),
            source: source.to_owned(),
            version: attachment.modification_date.or(attachment.creation_date).unwrap_or_default(),
            whence: Whence::Attached {
                request: request.to_owned(),
                kind: attachment.evidence_type,
                content: attachment.evidence,
            },
        });
    }
}
