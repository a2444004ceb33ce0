//! Writing a list into a file: page after page through the one door, as for a list that is read to its end, and none of them
//! kept. What stops it in the middle stops it for a while: the same call goes on.

use std::sync::Arc;

use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};
use tokio::task::spawn_blocking;

use super::collecting::{after, largest_page, page_of};
use super::{CallError, Calls, Context};
use crate::answer::{Answer, Collected, Extent, ListFields, WantedList};
use crate::api::arguments::ArgumentsError;
use crate::api::{Cause, Credential, Failure};
use crate::catalog::Operation;
use crate::catalog::export::EXPORT;
use crate::files::{ExportError, ExportName, ExportPart, ExportPlace, Saved};

/// Those that do not change what is in the file, so that a call without them is the same.
const BESIDE: [&str; 6] = [EXPORT, "all", "format", "fresh", "maxChars", "pageSize"];

/// How many digits of a hash tell one export from another.
const DIGITS: usize = 32;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExportFormat {
    /// An object a line.
    Jsonl,
    /// A table.
    Csv,
}

impl ExportFormat {
    /// As it is asked for, and as the names of its files end.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }

    /// What it is on the network.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Jsonl => "application/x-ndjson",
            Self::Csv => "text/csv",
        }
    }
}

/// A file that is asked for.
#[derive(Debug)]
pub(super) struct WantedExport {
    pub(super) format: ExportFormat,
    pub(super) name: ExportName,
}

impl WantedExport {
    /// The file that a call asks for.
    ///
    /// # Errors
    /// It asks for a name that no file can have.
    pub(super) fn of(operation: &'static Operation, arguments: &Value) -> Result<Self, ArgumentsError> {
        let unfit = |problem: String| ArgumentsError::Unfit { tool: operation.name, problems: vec![problem] };
        let text = |name: &str| arguments.get(EXPORT)?.get(name)?.as_str();
        let format = if text("format") == Some("csv") { ExportFormat::Csv } else { ExportFormat::Jsonl };
        let usual = operation.name.strip_prefix("list_").unwrap_or(operation.name);
        let name = ExportName::new(text("name").unwrap_or(usual), format.as_str()).ok_or_else(|| {
            unfit(format!(
                "`export.name` must be a file name without a folder, such as {usual}.{}",
                format.as_str()
            ))
        })?;
        Ok(Self { format, name })
    }
}

impl Calls {
    /// Writes a list into a file.
    pub(super) async fn export(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: &Value,
    ) -> Result<Answer, CallError> {
        let export = WantedExport::of(operation, arguments)?;
        let mut part = self.part(cx, operation, arguments).await?;
        let wanted = WantedList::exported(operation, arguments, self.form());
        let fields = ListFields::of(operation, arguments);
        let mut list = Collected::new(operation, &wanted, &fields);
        // What was read before is not what is wanted then.
        let is_fresh = arguments.get("fresh").and_then(Value::as_bool) == Some(true);
        if is_fresh && part.place().items > 0 {
            part.restart().await.map_err(|cause| failed(operation, cause))?;
        }
        let mut resumed = match resume(&mut part, &mut list).await {
            Ok(Some(items)) => items,
            // Somebody else wrote to it.
            Ok(None) => {
                part.restart().await.map_err(|cause| failed(operation, cause))?;
                list = Collected::new(operation, &wanted, &fields);
                0
            }
            Err(cause) => return Err(failed(operation, cause)),
        };
        let largest = largest_page(operation, arguments, Extent::All);
        let mut has_read = false;
        while !part.place().is_whole {
            let page = page_of(operation, largest, arguments, &list);
            let mut response = match self.page(cx, operation, &page).await {
                Ok(response) => response,
                // A cursor may be too old to go on from.
                Err(error) if resumed > 0 && !has_read && is_refused(&error) => {
                    part.restart().await.map_err(|cause| failed(operation, cause))?;
                    list = Collected::new(operation, &wanted, &fields);
                    resumed = 0;
                    continue;
                }
                Err(error) => return Err(stopped(error, &part)),
            };
            has_read = true;
            let taken = list.take(&mut response);
            taken.map_err(|cause| stopped(Failure::new(operation, cause).into(), &part))?;
            drop(response);
            let lines = list.lines();
            let place = ExportPlace::after(list.count(), list.cursor(), !list.goes_on());
            part.append(&lines, place).await.map_err(|cause| failed(operation, cause))?;
            if list.goes_on() {
                self.report(cx, operation, largest, &list).await;
            }
        }
        let mut notes = Vec::new();
        if resumed > 0 {
            notes.push(format!(
                "This continues an export that had stopped after {resumed} items; those were read then, at most a day ago. \
                 To read all again, add `fresh: true`."
            ));
        }
        if list.count() == 0 {
            notes.extend(self.why_nothing(cx, operation, arguments).await);
        }
        let saved = written(part, &export, &list).await.map_err(|cause| failed(operation, cause))?;
        let file = json!({
            "path": saved.path,
            "format": export.format.as_str(),
            "count": list.count(),
            "columns": list.columns().names(),
            "size": saved.receipt.size,
            "sha256": saved.receipt.sha256,
        });
        Ok(list.exported(file, notes))
    }

    /// The file in the making that a call is about.
    async fn part(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: &Value,
    ) -> Result<ExportPart, CallError> {
        let key = key(cx, operation, arguments);
        let folders = Arc::clone(&self.folders);
        let part = spawn_blocking(move || folders.export(&key)).await;
        part.unwrap_or(Err(ExportError::Lost)).map_err(|cause| failed(operation, cause))
    }
}

/// Takes what is in the file already; how many items, or `None` where it cannot be read as them.
async fn resume(part: &mut ExportPart, list: &mut Collected<'_>) -> Result<Option<usize>, ExportError> {
    let place = part.place().clone();
    if place.items == 0 {
        return Ok(Some(0));
    }
    let mut is_broken = false;
    part.read_again(|line| is_broken |= list.again(line).is_err()).await?;
    if is_broken || list.count() != place.items {
        return Ok(None);
    }
    if let Some(cursor) = &place.cursor {
        list.go_on(cursor);
    }
    Ok(Some(place.items))
}

/// The file under its own name.
async fn written(
    part: ExportPart,
    export: &WantedExport,
    list: &Collected<'_>,
) -> Result<Saved, ExportError> {
    match export.format {
        ExportFormat::Jsonl => part.finish(&export.name).await,
        ExportFormat::Csv => {
            let columns = list.columns();
            part.finish_as(&export.name, move |lines, into| columns.write(lines, into)).await
        }
    }
}

/// What tells one export from another: what is read, from where, and with what.
fn key(cx: &Context, operation: &Operation, arguments: &Value) -> String {
    let upstream = cx.profile.upstream(operation.api);
    let client = upstream.map(|upstream| match &upstream.credential {
        Credential::Application { client_id, .. } => client_id.as_str(),
        Credential::Token { .. } => "",
    });
    let mut members: Map<String, Value> = arguments.as_object().cloned().unwrap_or_default();
    members.retain(|name, value| !BESIDE.contains(&name.as_str()) && !value.is_null());
    let base = upstream.map(|upstream| upstream.base.as_str());
    let whole = json!([operation.name, base, client, members]).to_string();
    let mut key = hex::encode(digest(&SHA256, whole.as_bytes()));
    key.truncate(DIGITS);
    key
}

pub(super) fn failed(operation: &Operation, cause: ExportError) -> CallError {
    CallError::Export { tool: operation.name, cause }
}

/// Whether the upstream did not take the cursor.
fn is_refused(error: &CallError) -> bool {
    let CallError::Failed { failure, .. } = error else { return false };
    matches!(failure.cause, Cause::Refused { status: 400 | 404 | 410 | 422, .. })
}

/// A failure in the middle of an export.
fn stopped(error: CallError, part: &ExportPart) -> CallError {
    let items = part.place().items;
    match after(error, items) {
        CallError::Failed { failure, advice } if items > 0 => CallError::Failed {
            failure,
            advice: format!(
                "{advice} The same call within 24 hours (without `fresh`) continues the export after them."
            ),
        },
        other => other,
    }
}
