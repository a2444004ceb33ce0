//! Obtaining the files of one piece of evidence.

use serde::Deserialize;
use serde_json::{Value, json};

use super::handed_over::{Attachment, EvidencePiece, Whence};
use super::manifest::{ManifestRow, RowOutcome};
use crate::api::{Cause, FileCause};
use crate::call::CallError;
use crate::files::{CollectedFile, Collection, CollectionError, FileLabel, Saving};
use crate::jobs::desk::{Desk, Stored};
use crate::jobs::gaps::reason;

/// Where evidence is obtained from, and where it goes.
#[derive(Clone, Copy)]
pub(super) struct EvidenceDesk<'p> {
    pub(super) desk: &'p Desk<'p>,
    pub(super) audit: &'p str,
    pub(super) collection: &'p Collection,
}

/// What became of a piece.
pub(super) struct Obtained {
    pub(super) rows: Vec<ManifestRow>,
    /// How many files were downloaded.
    pub(super) downloaded: usize,
    /// How many were not, though another time they might be.
    pub(super) failed: usize,
    /// Whether nothing came that had to, for reasons that are not this piece's own.
    pub(super) is_outage: bool,
}

/// What there is of a piece.
struct PieceItems {
    items: Vec<Item>,
    /// Why these may not be all.
    doubt: Option<String>,
}

/// A file of a piece, or what stands for one.
struct Item {
    id: String,
    name: String,
    media_type: String,
    content: ItemContent,
}

enum ItemContent {
    /// It is at this address.
    Address(String),
    /// The customer gave this instead.
    Link(String),
    /// It is this.
    Text(String),
    /// It is the data of a test.
    Snapshot,
}

/// A file as its address is listed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedFile {
    id: String,
    url: String,
    filename: Option<String>,
    is_downloadable: Option<bool>,
    mime_type: Option<String>,
}

/// Why a file was not obtained.
enum Missed {
    /// The call ends with it.
    Ends(CallError),
    /// It is told of in the manifest.
    Told(CallError),
}

impl From<CallError> for Missed {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Cancelled | CallError::Collection { .. } => Self::Ends(error),
            other if matches!(cause(&other), Some(Cause::Unwanted)) => Self::Ends(CallError::Cancelled),
            // A disk that is full does not take the next file either.
            other if matches!(cause(&other), Some(Cause::File(FileCause::Unsaved(_)))) => Self::Ends(other),
            other => Self::Told(other),
        }
    }
}

/// Whether a failure is not that of one file or piece: nobody answers, or nobody may ask.
fn is_outage(error: &CallError) -> bool {
    let Some(cause) = cause(error) else { return false };
    matches!(
        cause,
        Cause::Unconnected(_)
            | Cause::TimedOut { .. }
            | Cause::Interrupted { .. }
            | Cause::Stalled { .. }
            | Cause::TooManyRequests { .. }
            | Cause::NoTurn { .. }
            | Cause::Token(_)
            | Cause::NotRenewed(_)
            | Cause::Unauthorized { .. }
            | Cause::InsufficientScope { .. }
            | Cause::ScopeNotGranted { .. }
            | Cause::NotJson { .. }
            | Cause::Refused { status: 500..=599, .. }
    )
}

fn cause(error: &CallError) -> Option<&Cause> {
    match error {
        CallError::Failed { failure, .. } => Some(&failure.cause),
        _ => None,
    }
}

/// Obtains what there is of a piece; nothing is asked for that is there already.
///
/// # Errors
/// The call was cancelled, or the disk does not take any more.
pub(super) async fn obtained(place: EvidenceDesk<'_>, piece: &EvidencePiece) -> Result<Obtained, CallError> {
    if let Some(rows) = place.complete(piece) {
        return Ok(Obtained { rows, downloaded: 0, failed: 0, is_outage: false });
    }
    let PieceItems { items, doubt } = match place.items(piece).await.map_err(Missed::from) {
        Ok(items) => items,
        Err(Missed::Ends(error)) => return Err(error),
        Err(Missed::Told(error)) => {
            let row = piece.row(RowOutcome::NotCollected).because(&reason(&error));
            let is_outage = is_outage(&error);
            return Ok(Obtained { rows: vec![row], downloaded: 0, failed: 1, is_outage });
        }
    };
    let mut done = Obtained { rows: Vec::new(), downloaded: 0, failed: 0, is_outage: doubt.is_none() };
    if let Some(doubt) = doubt {
        done.failed += 1;
        done.rows.push(piece.row(RowOutcome::NotCollected).because(&format!("its list of files: {doubt}")));
    } else if items.is_empty() {
        done.rows.push(piece.row(RowOutcome::NotCollected).because("no file"));
    }
    for item in &items {
        place.take(piece, item, &mut done).await?;
    }
    done.is_outage &= done.failed > 0;
    if done.failed == 0 {
        place.noted(piece, &mut done.rows).await?;
    }
    Ok(done)
}

impl EvidenceDesk<'_> {
    /// Takes one file of a piece, or what stands for one.
    async fn take(&self, piece: &EvidencePiece, item: &Item, done: &mut Obtained) -> Result<(), CallError> {
        let of_item = |outcome| ManifestRow { file_id: Some(item.id.clone()), ..piece.row(outcome) };
        if let ItemContent::Link(link) = &item.content {
            done.rows.push(ManifestRow { link: Some(link.clone()), ..of_item(RowOutcome::Link) });
            return Ok(());
        }
        let key = format!("{}/{}", piece.id, item.id);
        let before = self.collection.file(&key);
        let is_same = |file: &&CollectedFile| !piece.version.is_empty() && file.version == piece.version;
        if let Some(same) = before.as_ref().filter(is_same) {
            done.rows.push(of_item(RowOutcome::Collected).with(same));
            return Ok(());
        }
        match self.obtain(piece, item, &key).await {
            Ok(file) => {
                done.is_outage = false;
                done.downloaded += usize::from(before.as_ref().is_none_or(|old| old.file != file.file));
                done.rows.push(of_item(RowOutcome::Collected).with(&file));
                if let Some(old) = before.filter(|old| old.file != file.file) {
                    done.rows.push(of_item(RowOutcome::Earlier).with(&old).because("the evidence changed"));
                }
            }
            Err(Missed::Ends(error)) => return Err(error),
            Err(Missed::Told(error)) => {
                done.is_outage &= is_outage(&error);
                done.failed += 1;
                done.rows.push(of_item(RowOutcome::NotCollected).because(&reason(&error)));
            }
        }
        Ok(())
    }

    /// The rows of a piece that was complete in this version, where all its files are there still.
    fn complete(&self, piece: &EvidencePiece) -> Option<Vec<ManifestRow>> {
        let is_same = |version: &str| !piece.version.is_empty() && version == piece.version;
        let noted = self.collection.complete(&piece.id).filter(|noted| is_same(&noted.version))?;
        let mut rows = rows_of(&noted.detail)?;
        let is_gone =
            |row: &ManifestRow| row.file.as_deref().is_some_and(|file| !self.collection.holds(file));
        rows.retain(|row| row.is_file() || !is_gone(row));
        let is_there = |row: &ManifestRow| match (&row.file, &row.sha256) {
            (Some(file), Some(sha256)) if row.is_file() => self.collection.has(file, sha256),
            _ => true,
        };
        rows.iter().all(is_there).then(|| {
            let now = |row| ManifestRow { name: piece.name.clone(), status: piece.status.clone(), ..row };
            rows.into_iter().map(now).collect()
        })
    }

    /// Notes a piece that is complete, with the rows of what it was before.
    async fn noted(&self, piece: &EvidencePiece, rows: &mut Vec<ManifestRow>) -> Result<(), CallError> {
        let before = self.collection.complete(&piece.id).and_then(|noted| rows_of(&noted.detail));
        for old in before.unwrap_or_default() {
            if old.file.is_some() && rows.iter().all(|row| row.file != old.file) {
                rows.push(
                    ManifestRow { outcome: RowOutcome::Earlier, ..old }.because("the evidence changed"),
                );
            }
        }
        let noted = self.collection.note(&piece.id, &piece.version, json!(rows)).await;
        noted.map_err(|cause| self.ended(cause))
    }

    /// Rows of files that are there from before, though their evidence is not handed over any more, or is gone.
    pub(super) fn earlier(&self, rows: &[ManifestRow]) -> Vec<ManifestRow> {
        let told: Vec<&str> = rows.iter().filter_map(|row| row.file.as_deref()).collect();
        let known =
            self.collection.things().into_iter().filter_map(|(_, noted)| rows_of(&noted.detail)).flatten();
        let is_untold = |file: &str| !told.contains(&file) && self.collection.holds(file);
        let untold = known.filter(|row| row.file.as_deref().is_some_and(is_untold));
        let why = "no longer handed over, changed or deleted";
        untold.map(|row| ManifestRow { outcome: RowOutcome::Earlier, ..row }.because(why)).collect()
    }

    fn ended(&self, cause: CollectionError) -> CallError {
        CallError::Collection { tool: self.desk.job(), cause: Box::new(cause) }
    }

    /// The call that the addresses of a piece come from.
    fn call(&self, piece: &EvidencePiece) -> (&'static str, Value) {
        match &piece.whence {
            Whence::Listed => (
                "list_audit_evidence_urls",
                json!({ "auditId": self.audit, "auditEvidenceId": piece.id, "fresh": true }),
            ),
            Whence::Attached { request, .. } => (
                "get_information_request_evidence",
                json!({ "auditId": self.audit, "requestId": request, "evidenceId": piece.id, "fresh": true }),
            ),
        }
    }

    /// What there is of a piece.
    async fn items(&self, piece: &EvidencePiece) -> Result<PieceItems, CallError> {
        match &piece.whence {
            Whence::Listed => self.listed(piece).await,
            Whence::Attached { kind, content, .. } => {
                Ok(PieceItems { items: attached(piece, kind, content).into_iter().collect(), doubt: None })
            }
        }
    }

    async fn listed(&self, piece: &EvidencePiece) -> Result<PieceItems, CallError> {
        let (tool, arguments) = self.call(piece);
        let files = self.desk.list::<ListedFile>(tool, arguments).await?;
        let item = |file: ListedFile| Item {
            name: file.filename.unwrap_or_else(|| piece.name.clone()),
            media_type: file.mime_type.unwrap_or_default(),
            content: match file.is_downloadable {
                Some(true) => ItemContent::Address(file.url),
                // What is not said to be stored is the customer's, and not opened.
                _ => ItemContent::Link(file.url),
            },
            id: file.id,
        };
        Ok(PieceItems { doubt: files.doubt(), items: files.rows.into_iter().map(item).collect() })
    }

    /// A newer address of a file; `None` where the piece has it no more.
    async fn renewed(&self, piece: &EvidencePiece, item: &Item) -> Result<Option<String>, CallError> {
        let items = match &piece.whence {
            Whence::Listed => self.listed(piece).await?.items,
            Whence::Attached { kind, .. } => {
                let (tool, arguments) = self.call(piece);
                let again: Attachment = self.desk.one(tool, arguments).await?;
                attached(piece, kind, &again.evidence).into_iter().collect()
            }
        };
        let same = items.into_iter().find(|again| again.id == item.id);
        Ok(same.and_then(|again| match again.content {
            ItemContent::Address(address) => Some(address),
            _ => None,
        }))
    }

    async fn obtain(&self, piece: &EvidencePiece, item: &Item, key: &str) -> Result<CollectedFile, Missed> {
        let ended = |cause| Missed::Ends(self.ended(cause));
        let mut saving = self.collection.begin().await.map_err(ended)?;
        match &item.content {
            ItemContent::Address(address) => self.download(piece, item, address, &mut saving).await?,
            ItemContent::Text(text) | ItemContent::Link(text) => {
                self.put(&mut saving, text.as_bytes()).await?;
            }
            ItemContent::Snapshot => {
                let (_, arguments) = self.call(piece);
                let data: Value = self.desk.one("get_information_request_test_snapshot", arguments).await?;
                self.put(&mut saving, &serde_json::to_vec_pretty(&data).unwrap_or_default()).await?;
            }
        }
        let label = FileLabel { name: &item.name, media_type: &item.media_type, id: &item.id };
        self.collection.keep(saving, label, key, &piece.version).await.map_err(ended)
    }

    async fn put(&self, saving: &mut Saving, content: &[u8]) -> Result<(), Missed> {
        let folder = self.collection.path();
        let put = saving.write(content).await;
        put.map_err(|cause| Missed::Ends(self.ended(CollectionError::Unsaved { folder, cause })))
    }

    /// Downloads a file; where its address has expired, once more from a new one.
    async fn download(
        &self,
        piece: &EvidencePiece,
        item: &Item,
        address: &str,
        saving: &mut Saving,
    ) -> Result<(), Missed> {
        let refused = match self.fetch(piece, item, address, saving).await {
            Err(Missed::Told(error))
                if matches!(cause(&error), Some(Cause::Refused { status: 400..=499, .. })) =>
            {
                error
            }
            other => return other,
        };
        let Some(address) = self.renewed(piece, item).await? else { return Err(Missed::Told(refused)) };
        let folder = self.collection.path();
        let restarted = saving.restart().await;
        restarted.map_err(|cause| Missed::Ends(self.ended(CollectionError::Unsaved { folder, cause })))?;
        self.fetch(piece, item, &address, saving).await
    }

    async fn fetch(
        &self,
        piece: &EvidencePiece,
        item: &Item,
        address: &str,
        saving: &mut Saving,
    ) -> Result<(), Missed> {
        let stored = Stored { address, media_type: &item.media_type, limit: self.collection.limit() };
        let (tool, arguments) = self.call(piece);
        Ok(self.desk.fetch((tool, &arguments), stored, saving).await?)
    }
}

fn rows_of(detail: &Value) -> Option<Vec<ManifestRow>> {
    serde_json::from_value(detail.clone()).ok()
}

/// What was attached to an information request: a file, a link, a note, the data of a test.
fn attached(piece: &EvidencePiece, kind: &str, content: &Value) -> Option<Item> {
    let within = content.get("file").filter(|file| file.is_object()).unwrap_or(content);
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let title = text(content, "title").unwrap_or_else(|| piece.name.clone());
    let item = |id: &str, name: String, media_type: &str, content| Item {
        id: id.to_owned(),
        name,
        media_type: media_type.to_owned(),
        content,
    };
    match kind {
        "OBSERVATION" => {
            let note = text(content, "observationDetails")?;
            Some(item("note", format!("{title} note"), "text/plain", ItemContent::Text(note)))
        }
        "VANTA_TEST_SNAPSHOT" => Some(item("snapshot", title, "application/json", ItemContent::Snapshot)),
        _ => {
            let (id, url) = (text(within, "id").unwrap_or_else(|| "file".to_owned()), text(within, "url")?);
            if kind == "LINK" || text(within, "type").as_deref() == Some("link") {
                return Some(item(&id, title, "", ItemContent::Link(url)));
            }
            let name = text(within, "filename").unwrap_or(title);
            let media_type = text(within, "mimeType").unwrap_or_default();
            Some(item(&id, name, &media_type, ItemContent::Address(url)))
        }
    }
}
