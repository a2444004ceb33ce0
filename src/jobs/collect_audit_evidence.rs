//! The job `collect_audit_evidence`: all evidence of an audit that was handed over, as files in a folder.

mod handed_over;
mod manifest;
mod obtaining;

use futures::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::audits::{KnownAudit, chosen};
use super::columns::{Counts, short};
use super::desk::Desk;
use super::gaps::Gaps;
use super::job::Job;
use super::typed::{schema_of, typed};
use crate::answer::Answer;
use crate::call::CallError;
use handed_over::{EvidencePiece, FoundEvidence, found};
use manifest::{ManifestRow, OWN, RowOutcome, write};
use obtaining::{EvidenceDesk, Obtained, obtained};

pub(super) static COLLECT_AUDIT_EVIDENCE: Job = Job {
    name: "collect_audit_evidence",
    title: "Download the evidence of an audit",
    about: "Download all evidence of an audit that the customer handed over into a folder of its own on this machine, with a \
            manifest (CSV, JSON) of every piece, its status and SHA-256. Called again, it takes only what is new or changed. \
            Links are listed, not opened. For the review status use audit_readiness.",
    asks: &[
        "download all evidence of the audit",
        "save the audit evidence to a folder",
        "get all files of the engagement",
        "collect the evidence for our workpapers",
        "export everything the client handed in",
        "archive the evidence of this audit",
        "download the client's files for the soc 2 audit",
        "pull all evidence to my computer",
        "evidence package with checksums",
        "bulk download of audit evidence",
        "fetch new evidence since the last download",
        "make a manifest of the audit evidence",
        "copy all pbc submissions into a folder",
        "zip of all audit evidence",
        "offline copy of the evidence",
        "hand the evidence over to the reviewer as files",
        "download every screenshot and policy of the engagement",
        "mirror the evidence of the audit locally",
    ],
    toolset: "audits",
    usual: true,
    uses: &["list_audits", "list_audit_evidence", "list_audit_evidence_urls"],
    also: &[
        "list_information_requests",
        "list_information_request_evidence",
        "get_information_request_evidence",
        "get_information_request_test_snapshot",
    ],
    input: schema_of::<WantedEvidence>,
    output: super::typed::answer_schema_of::<EvidenceCollection>,
    run: |desk, arguments| {
        Box::pin(async move {
            let WantedEvidence { audit, folder, fresh } = typed(desk.job(), arguments)?;
            let wanted = (audit.as_deref(), folder.as_deref());
            Box::pin(run(desk.fresh(fresh), wanted)).await.map(|collection| Answer::done(&collection))
        })
    },
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedEvidence {
    /// Id or name of the audit, or its customer; default the active one, if there is one alone.
    audit: Option<String>,
    /// Existing folder, inside one opened with --files, in which the audit's own folder is made; default the first of those.
    folder: Option<String>,
    /// Read the lists now, not from what was read moments ago.
    #[serde(default)]
    fresh: bool,
}

/// What was collected.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EvidenceCollection {
    /// The audit's own folder.
    folder: String,
    /// How many files of evidence are there now.
    files: usize,
    /// Of these, how many were downloaded by this call.
    downloaded: usize,
    /// Of these, how many were there before, unchanged.
    unchanged: usize,
    /// The size of all files, in bytes.
    bytes: u64,
    /// How many links the customer gave instead of files; they are in the manifest.
    links: usize,
    /// How many pieces or files are not there, by reason.
    not_collected: Counts,
    /// The files that list every piece, in the same folder.
    manifest: &'static [&'static str],
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// What was not looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_looked_at: Vec<String>,
}

/// How many pieces are obtained at once. Addresses live for about an hour, so each is asked for right before it is used.
const BATCH: usize = 6;

/// After how many batches that came to nothing the others are not tried. That it was their own fault is not likely then.
const FRUITLESS: usize = 2;

/// How many reasons are told.
const REASONS: usize = 6;

/// Why a piece was not tried.
const NOT_TRIED: &str = "not tried, since all before it failed";

/// How long a reason is shown.
const REASON: usize = 90;

async fn run(
    desk: Desk<'_>,
    (asked, folder): (Option<&str>, Option<&str>),
) -> Result<EvidenceCollection, CallError> {
    let gaps = Gaps::default();
    // A folder that cannot be written to is told before anything is read.
    desk.may_collect(folder)?;
    let quiet = desk.without_steps();
    let reading = desk.within(&quiet);
    let audit = chosen(&reading, asked, &gaps).await?;
    let collection = reading.collection(folder, own_folder(&audit), OWN).await?;
    let FoundEvidence { pieces, mut rows } = found(&reading, &audit, &gaps).await?;
    let place = EvidenceDesk { desk: &reading, audit: &audit.id, collection: &collection };
    let (mut downloaded, mut failed, mut fruitless) = (0, 0, 0);
    for (number, batch) in pieces.chunks(BATCH).enumerate() {
        if fruitless == FRUITLESS {
            let row = |piece: &EvidencePiece| piece.row(RowOutcome::NotCollected).because(NOT_TRIED);
            rows.extend(batch.iter().map(row));
            failed += batch.len();
            continue;
        }
        let batch = try_join_all(batch.iter().map(|piece| obtained(place, piece))).await?;
        // What came, or failed by itself, shows that somebody answers.
        let is_sign = |piece: &Obtained| piece.downloaded > 0 || piece.failed > 0 && !piece.is_outage;
        if batch.iter().any(is_sign) {
            fruitless = 0;
        } else if batch.iter().any(|piece| piece.is_outage) {
            fruitless += 1;
        }
        for Obtained { rows: of_piece, downloaded: new, failed: not, is_outage: _ } in batch {
            rows.extend(of_piece);
            downloaded += new;
            failed += not;
        }
        let (done, all) = (((number + 1) * BATCH).min(pieces.len()), pieces.len());
        let message =
            format!("{done} of {all} pieces of evidence looked through, {downloaded} files downloaded");
        desk.report(done, all, message).await;
    }
    rows.extend(place.earlier(&rows));
    write(&collection, desk.job(), &audit, desk.now(), &rows).await?;
    let collected: Vec<&ManifestRow> = rows.iter().filter(|row| row.is_file()).collect();
    let not_collected = rows.iter().filter(|row| row.outcome == RowOutcome::NotCollected);
    let reasons = not_collected.map(|row| short(row.why.as_deref().unwrap_or("(not said)"), REASON));
    Ok(EvidenceCollection {
        folder: collection.path(),
        files: collected.len(),
        downloaded,
        unchanged: collected.len().saturating_sub(downloaded),
        bytes: collected.iter().filter_map(|row| row.size).sum(),
        links: rows.iter().filter(|row| row.outcome == RowOutcome::Link).count(),
        not_collected: Counts::of(reasons).first(REASONS),
        manifest: OWN,
        next: (failed > 0).then(|| {
            format!("{failed} failed (see `why` in the manifest). The same call again tries only those and what is new.")
        }),
        not_looked_at: gaps.told(),
    })
}

/// The name of an audit's own folder: the same each time, and no other audit's.
fn own_folder(audit: &KnownAudit) -> String {
    let named = [audit.customer(), audit.display_name.as_deref()];
    let named: Vec<String> = named.into_iter().flatten().map(|name| short(name, 60)).collect();
    format!("{} {}", named.join(" "), audit.id)
}
