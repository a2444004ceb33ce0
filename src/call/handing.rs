//! Handing a list over to a caller on another machine: as for one that is written into a folder, but the file waits on
//! the server's shelf and is read as a resource.

use std::io;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::collecting::{after, largest_page, page_of};
use super::exporting::{ExportFormat, WantedExport, failed};
use super::{CallError, Calls, Context};
use crate::answer::{Answer, Collected, Extent, ListFields, Shown, ShownContent, WantedList};
use crate::api::Failure;
use crate::catalog::Operation;
use crate::files::{OnShelf, Shelf, ShelfLabel, address};
use crate::gate::Principal;

impl Calls {
    /// Writes a list into a file on the shelf.
    pub(super) async fn hand_over(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: &Value,
        shelf: &Shelf,
    ) -> Result<Answer, CallError> {
        let export = WantedExport::of(operation, arguments)?;
        let mut part = shelf.begin(&cx.principal).await.map_err(|cause| failed(operation, cause))?;
        let wanted = WantedList::exported(operation, arguments, self.form());
        let fields = ListFields::of(operation, arguments);
        let mut list = Collected::new(operation, &wanted, &fields);
        let largest = largest_page(operation, arguments, Extent::All);
        loop {
            let page = page_of(operation, largest, arguments, &list);
            let mut response =
                self.page(cx, operation, &page).await.map_err(|error| after(error, list.count()))?;
            let taken = list.take(&mut response);
            taken.map_err(|cause| after(Failure::new(operation, cause).into(), list.count()))?;
            drop(response);
            part.append(&list.lines()).await.map_err(|cause| failed(operation, cause))?;
            if !list.goes_on() {
                break;
            }
            self.report(cx, operation, largest, &list).await;
        }
        let mut notes = Vec::new();
        if list.count() == 0 {
            notes.extend(self.why_nothing(cx, operation, arguments).await);
        }
        let (format, columns) = (export.format, list.columns());
        let label = ShelfLabel {
            tool: operation.name,
            name: export.name.as_str().to_owned(),
            media_type: format.media_type(),
        };
        let kept = part.finish(label, move |lines, into| match format {
            ExportFormat::Jsonl => io::copy(lines, into).map(drop),
            ExportFormat::Csv => columns.write(lines, into),
        });
        let kept = kept.await.map_err(|cause| failed(operation, cause))?;
        Ok(told(list, &export, kept, &cx.principal, notes))
    }
}

/// The answer about an export that waits.
fn told(
    list: Collected<'_>,
    export: &WantedExport,
    kept: OnShelf,
    principal: &Principal,
    mut notes: Vec<String>,
) -> Answer {
    let OnShelf { id, receipt, keeps } = kept;
    let uri = address(&id);
    let ends =
        SignedDuration::try_from(keeps).ok().and_then(|keeps| Timestamp::now().checked_add(keeps).ok());
    let whose = match principal {
        Principal::Anybody => "anyone who has the address can",
        Principal::Recognised { .. } => "only you can",
    };
    notes.push(format!("Read the file with resources/read before it expires; {whose}."));
    let file = json!({
        "uri": uri,
        "expiresAt": ends.and_then(|ends| ends.round(jiff::Unit::Second).ok()).map(|ends| ends.to_string()),
        "format": export.format.as_str(),
        "count": list.count(),
        "columns": list.columns().names(),
        "size": receipt.size,
        "sha256": receipt.sha256,
    });
    let content = ShownContent::Link { uri, size: receipt.size };
    let (name, media_type) = (export.name.as_str().to_owned(), export.format.media_type().to_owned());
    Answer { shown: Some(Shown { name, media_type, content }), ..list.exported(file, notes) }
}
