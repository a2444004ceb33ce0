//! The manifest: what became of every piece of evidence.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::answer::ExportColumns;
use crate::call::CallError;
use crate::files::{CollectedFile, Collection};
use crate::jobs::audits::KnownAudit;

/// Its files.
pub(super) const OWN: &[&str] = &[TABLE, TREE];

const TABLE: &str = "manifest.csv";
const TREE: &str = "manifest.json";

/// The columns of the table, which are the members of a row.
const COLUMNS: &[&str] =
    &["id", "name", "status", "source", "outcome", "file", "sha256", "size", "link", "fileId", "why"];

/// What became of a piece of evidence, or of one of its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ManifestRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: String,
    pub(super) source: String,
    pub(super) outcome: RowOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sha256: Option<String>,
    /// In bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_id: Option<String>,
    /// Why it is not there, or why it still is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum RowOutcome {
    /// The file is there.
    #[serde(rename = "collected")]
    Collected,
    /// The file is there from before, and is not what the evidence is now.
    #[serde(rename = "earlier version")]
    Earlier,
    /// The customer gave a link.
    #[serde(rename = "link")]
    Link,
    /// It is not there.
    #[serde(rename = "not collected")]
    NotCollected,
}

impl ManifestRow {
    /// A row of a piece of evidence, by its id, name, status and source.
    pub(super) fn of((id, name): (&str, &str), (status, source): (&str, &str), outcome: RowOutcome) -> Self {
        let [id, name, status, source] = [id, name, status, source].map(str::to_owned);
        let (file, sha256, size, link, file_id, why) = (None, None, None, None, None, None);
        Self { id, name, status, source, outcome, file, sha256, size, link, file_id, why }
    }

    /// The same with a reason.
    pub(super) fn because(self, why: &str) -> Self {
        Self { why: Some(why.to_owned()), ..self }
    }

    /// The same with the file that is there.
    pub(super) fn with(self, file: &CollectedFile) -> Self {
        let (name, sha256) = (file.file.clone(), file.sha256.clone());
        Self { file: Some(name), sha256: Some(sha256), size: Some(file.size), ..self }
    }

    /// Whether it is of a file that is there, and is what the evidence is now.
    pub(super) fn is_file(&self) -> bool {
        self.outcome == RowOutcome::Collected
    }
}

/// Writes the manifest.
pub(super) async fn write(
    collection: &Collection,
    tool: &'static str,
    audit: &KnownAudit,
    now: Timestamp,
    rows: &[ManifestRow],
) -> Result<(), CallError> {
    let failed = |cause| CallError::Collection { tool, cause: Box::new(cause) };
    let whole = json!({
        "audit": { "id": audit.id, "name": audit.display_name, "customer": audit.customer() },
        "collected": format!("{now:.0}"),
        "evidence": rows,
    });
    let tree = serde_json::to_vec_pretty(&whole).unwrap_or_default();
    let lines: Vec<String> = rows.iter().map(|row| json!(row).to_string()).collect();
    let lines = lines.join("\n");
    let mut table = Vec::new();
    // Nothing that is in memory fails to be read or written.
    let _ = ExportColumns::named(COLUMNS).write(lines.as_bytes(), &mut table);
    collection.replace(TABLE, &table).await.map_err(failed)?;
    collection.replace(TREE, &tree).await.map_err(failed)
}
