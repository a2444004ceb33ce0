//! Documents that are missing, have lapsed, or are to be renewed.

use futures::future::join_all;
use futures::stream::{self, StreamExt as _};
use serde_json::json;

use super::super::builder::go_on;
use super::super::days::day;
use super::super::relations::{Relations, renewal_of};
use super::super::side_by_side::AT_THE_SAME_TIME;
use super::rows::DueDocument;
use super::things::{DueKind, DueThing, FoundDue, ReadDue};
use crate::call::CallError;
use crate::index::WantedPart;

/// How many renewal dates that are known are read again before they are named.
const READ_AGAIN: usize = 15;

impl ReadDue<'_> {
    /// Documents: what is missing or has lapsed is overdue; when the others are to be renewed is in each one's own answer, so
    /// it comes from the index, and is read again before it is named.
    pub(super) async fn documents(&self) -> Result<FoundDue, CallError> {
        if !self.wants(DueKind::Document) {
            return Ok(FoundDue::default());
        }
        let list = self.desk.list::<DueDocument>("list_documents", json!({})).await?;
        let documents = self.gaps.rows("documents", list);
        let relations = Relations::open(self.desk).await;
        let (mut found, mut soon, mut unknown) = (FoundDue::default(), Vec::new(), Vec::new());
        for document in &documents {
            match document.upload_status.as_deref() {
                Some("Needs document" | "Needs update") => found.things.push(document.overdue()),
                Some("OK") => match relations.document(&document.id).map(|looked| (looked.at, &looked.found))
                {
                    Some((at, Ok(detail))) if detail.has_renewal => {
                        found.saw(at);
                        let renewal = detail.renewal.as_deref().and_then(day);
                        if renewal.is_some_and(|renewal| renewal <= self.until) {
                            soon.push(document);
                        }
                    }
                    Some((_, Err(reason))) => self.gaps.name(format!("when a document is renewed: {reason}")),
                    _ => unknown.push(document),
                },
                _ => {}
            }
        }
        let (again, as_known) = soon.split_at(soon.len().min(READ_AGAIN));
        let read = join_all(again.iter().map(|document| self.read_now(document))).await;
        for thing in read {
            found.things.extend(thing?);
        }
        for document in as_known {
            let renewal = relations.document(&document.id).and_then(|looked| looked.found.as_ref().ok());
            found.things.extend(renewal.and_then(|detail| document.renewed(detail.renewal.as_deref()?)));
        }
        found.dates_of = found.dates_known + unknown.len();
        found.unfinished = match (relations.index().cloned(), self.desk.behind()) {
            _ if unknown.is_empty() => None,
            (Some(index), Some(behind)) => {
                index.want(WantedPart::Renewals).await;
                go_on(behind, index);
                Some(told_later(unknown.len()))
            }
            // Nobody goes on after the answer: what is not known is read for it.
            _ => {
                let reading: Vec<_> = unknown.iter().map(|one| self.read_now(one)).collect();
                let mut reading = stream::iter(reading).buffer_unordered(AT_THE_SAME_TIME);
                while let Some(thing) = reading.next().await {
                    found.things.extend(thing?);
                }
                None
            }
        };
        Ok(found)
    }

    /// A document to be renewed, by its date as it is now.
    async fn read_now(&self, document: &DueDocument) -> Result<Option<DueThing>, CallError> {
        let read = renewal_of(self.desk, &document.id).await;
        let renewal = self.gaps.or_name("a document's renewal date", read)?;
        Ok(renewal.flatten().and_then(|renewal| document.renewed(&renewal)))
    }
}

/// That the renewal dates of so many documents are being read.
fn told_later(unknown: usize) -> String {
    let minutes = (2 * unknown).div_ceil(30);
    format!(
        "The renewal dates of {unknown} documents are not known yet, so more may fall due. They are being read now, which takes \
         about {minutes} {}. Ask again then for all of them.",
        if minutes == 1 { "minute" } else { "minutes" }
    )
}
