//! Documents that are missing, have lapsed, or are to be renewed.

use futures::future::join_all;
use serde_json::json;

use super::super::builder::go_on;
use super::super::days::day;
use super::super::relations::{Relations, look_at_renewal};
use super::rows::DueDocument;
use super::things::{DueKind, DueThing, FoundDue, ReadDue};
use crate::call::CallError;
use crate::index::{DocumentDetail, TenantIndex, WantedPart};
use crate::state::Moment;

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
        let (mut found, mut soon, mut unknown) = (FoundDue::default(), Vec::new(), 0_usize);
        for document in &documents {
            match document.upload_status.as_deref() {
                Some("Needs document" | "Needs update") => found.things.push(document.overdue()),
                Some("OK") => match relations.document(&document.id).map(|looked| &looked.found) {
                    Some(Ok(detail)) if detail.has_renewal => {
                        let renewal = detail.renewal.as_deref().and_then(day);
                        if renewal.is_some_and(|renewal| renewal <= self.until) {
                            soon.push(document);
                        }
                    }
                    Some(Err(reason)) => self.gaps.name(format!("when a document is renewed: {reason}")),
                    _ => unknown += 1,
                },
                _ => {}
            }
        }
        let (again, as_known) = soon.split_at(soon.len().min(READ_AGAIN));
        let known = |document: &&DueDocument| {
            let looked = relations.document(&document.id)?;
            Some((looked.at, looked.found.as_ref().ok()?))
        };
        let again = again.iter().filter_map(|document| Some((*document, known(document)?)));
        let read = join_all(again.map(|(document, known)| self.read_again(document, known))).await;
        for thing in read {
            found.things.extend(thing?);
        }
        for document in as_known {
            let looked = relations.document(&document.id);
            if let Some(looked) = looked {
                self.age.rests_on(looked.at);
            }
            let renewal = looked.and_then(|looked| looked.found.as_ref().ok());
            found.things.extend(renewal.and_then(|detail| document.renewed(detail.renewal.as_deref()?)));
        }
        found.unfinished = self.go_on(&relations, unknown).await;
        Ok(found)
    }

    /// A document's renewal date as it is now, and kept so.
    async fn read_again(
        &self,
        document: &DueDocument,
        known: (Moment, &DocumentDetail),
    ) -> Result<Option<DueThing>, CallError> {
        let what = "a document's renewal date";
        let read = look_at_renewal(self.desk, &document.id, known).await;
        let Some(looked) = self.gaps.or_name(what, read)? else { return Ok(None) };
        let renewal = looked.found.as_ref().ok().and_then(|detail| detail.renewal.clone());
        if let Some(index) = TenantIndex::of(self.desk.clients()) {
            index.keep_documents(vec![(document.id.clone(), looked)]).await;
        }
        Ok(renewal.and_then(|renewal| document.renewed(&renewal)))
    }

    /// Has the renewal dates read that are not known yet.
    async fn go_on(&self, relations: &Relations, unknown: usize) -> Option<String> {
        if unknown == 0 {
            return None;
        }
        let (index, behind) = (relations.index().cloned(), self.desk.behind());
        let (Some(index), Some(behind)) = (index, behind) else {
            self.gaps.name(format!("renewal dates of {unknown} documents: each takes two requests"));
            return None;
        };
        index.want(WantedPart::Renewals).await;
        go_on(behind, index);
        let minutes = (2 * unknown).div_ceil(30);
        Some(format!(
            "The renewal dates of {unknown} documents are not known yet, so more may fall due. They are being read now, which \
             takes about {minutes} {}. Ask again then for all of them.",
            if minutes == 1 { "minute" } else { "minutes" }
        ))
    }
}
