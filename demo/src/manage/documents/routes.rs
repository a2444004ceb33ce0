//! `/v1/documents`.

use serde_json::{Value, json};

use super::{collected, listed};
use crate::ask::{Ask, Reply};
use crate::clock::iso;
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::{Manage, Outcome};
use crate::pages::page_of;
use crate::query::choices;
use crate::record::{fresh_id, set, take_over, text};

const STATUSES: &[&str] = &["Needs document", "Needs update", "Not relevant", "OK"];
const NEW: &[Field] = &[
    must("title", Shape::Text),
    must("description", Shape::Text),
    must("timeSensitivity", Shape::OneOf(&["MOST_RECENT", "DURING_AUDIT_WINDOW"])),
    must("cadence", Shape::OneOf(&["P0D", "P1D", "P1W", "P1M", "P3M", "P6M", "P1Y", "P2Y"])),
    must("reminderWindow", Shape::OneOf(&["P0D", "P1D", "P1W", "P1M", "P3M"])),
    must("isSensitive", Shape::Flag),
];

impl Manage {
    pub(in crate::manage) fn documents_route(
        &mut self,
        method: &str,
        rest: &[&str],
        ask: &Ask,
    ) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => self.list_documents(ask),
            ("POST", []) => self.create_document(ask),
            ("GET", [id]) => self.documents.shelf.find(id).cloned().map(Reply::ok),
            ("DELETE", [id]) => self.delete_document(id),
            ("GET", [id, "controls"]) => self.list_document_controls(id, ask),
            ("POST", [id, "set-owner"]) => self.set_document_owner(id, ask),
            ("POST", [id, "submit"]) => self.submit_document(id, ask),
            ("POST", [id, "evaluate"]) => self.evaluate_document(id, ask),
            ("GET", [id, "evaluation"]) => self.document_evaluation(id, ask),
            ("GET", [id, "links"]) => self.collected(id, &self.documents.links, ask),
            ("POST", [id, "links"]) => self.create_link(id, ask),
            ("DELETE", [id, "links", link]) => drop_collected(&mut self.documents.links, id, link, "Link"),
            ("GET", [id, "uploads"]) => self.collected(id, &self.documents.files, ask),
            ("POST", [id, "uploads"]) => self.upload_file(id, ask),
            ("GET", [id, "uploads", file, "media"]) => self.document_media(id, file),
            ("DELETE", [id, "uploads", file]) => {
                self.drawer.discard(file);
                drop_collected(&mut self.documents.files, id, file, "File")
            }
            _ => return None,
        };
        Some(outcome)
    }

    fn list_documents(&self, ask: &Ask) -> Outcome {
        let statuses = choices(ask, "statusMatchesAny", STATUSES)?;
        let frameworks = ask.all("frameworkMatchesAny");
        let serves =
            |id: &str| self.links.documents.with(id).any(|control| self.links.serves(control, &frameworks));
        let wanted = |document: &&Value| {
            (statuses.is_empty() || statuses.contains(&text(document, "uploadStatus")))
                && (frameworks.is_empty() || serves(text(document, "id")))
                && !self.rests(self.links.documents.with(text(document, "id")), ask.now)
        };
        Ok(page_of(ask, self.documents.shelf.all().iter().filter(wanted).collect(), listed))
    }

    fn create_document(&mut self, ask: &Ask) -> Outcome {
        fields::check(&ask.body, NEW)?;
        let id = fresh_id(&mut self.rng);
        let mut document = json!({
            "id": id,
            "ownerId": null,
            "category": "Custom",
            "uploadStatus": "Needs document",
            "uploadStatusDate": null,
            "url": format!("https://app.vanta.example/documents/{id}"),
            "deactivatedStatus": {
                "isDeactivated": false,
                "reason": null,
                "creationDate": iso(ask.now),
                "expiration": null,
            },
            "note": null,
            "nextRenewalDate": null,
            "renewalCadence": ask.body.get("cadence"),
            "subscribers": [],
        });
        take_over(&mut document, &ask.body, &["title", "description", "isSensitive", "reminderWindow"]);
        self.documents.shelf.add(document.clone());
        Ok(Reply::Json(201, listed(&document)))
    }

    fn delete_document(&mut self, id: &str) -> Outcome {
        self.documents.shelf.remove(id)?;
        self.documents.files.retain(|(of, _)| of != id);
        self.documents.links.retain(|(of, _)| of != id);
        self.documents.evaluations.retain(|evaluation| evaluation.document != id);
        self.links.documents.forget(id);
        Ok(Reply::Empty(204))
    }

    fn list_document_controls(&self, id: &str, ask: &Ask) -> Outcome {
        self.documents.shelf.find(id)?;
        let controls = self.links.documents.with(id).filter_map(|control| self.controls.active.get(control));
        Ok(page_of(ask, controls.collect(), Value::clone))
    }

    fn set_document_owner(&mut self, id: &str, ask: &Ask) -> Outcome {
        fields::check(&ask.body, &[must("userId", Shape::Text).or_null()])?;
        let owner = self.people.owner_of(&ask.body)?;
        let document = self.documents.shelf.find_mut(id)?;
        set(document, "ownerId", owner.get("id").cloned().unwrap_or_default());
        Ok(Reply::ok(listed(document)))
    }

    /// Submitting makes a document current, given that there is something to submit.
    fn submit_document(&mut self, id: &str, ask: &Ask) -> Outcome {
        let document = self.documents.shelf.find_mut(id)?;
        let something = |collected: &[(String, Value)]| collected.iter().any(|(of, _)| of == id);
        if !something(&self.documents.files) && !something(&self.documents.links) {
            return Err(Reply::error(422, "There is no file and no link to submit"));
        }
        set(document, "uploadStatus", "OK");
        set(document, "uploadStatusDate", iso(ask.now));
        Ok(Reply::Empty(204))
    }

    fn collected(&self, id: &str, of: &[(String, Value)], ask: &Ask) -> Outcome {
        self.documents.shelf.find(id)?;
        let mine = of.iter().filter(|(document, _)| document == id).map(|(_, item)| item);
        Ok(page_of(ask, mine.collect(), Value::clone))
    }

    fn create_link(&mut self, id: &str, ask: &Ask) -> Outcome {
        self.documents.shelf.find(id)?;
        let wanted = [
            must("url", Shape::Text),
            must("title", Shape::Text),
            may("description", Shape::Text).or_null(),
            may("effectiveDate", Shape::Date).or_null(),
        ];
        fields::check(&ask.body, &wanted)?;
        let mut link = json!({
            "id": fresh_id(&mut self.rng),
            "creationDate": iso(ask.now),
            "effectiveDate": null,
            "description": "",
        });
        take_over(&mut link, &ask.body, &["url", "title", "effectiveDate"]);
        set(&mut link, "description", text(&ask.body, "description"));
        self.documents.links.push((id.to_owned(), link.clone()));
        Ok(Reply::Json(201, link))
    }

    fn upload_file(&mut self, id: &str, ask: &Ask) -> Outcome {
        self.documents.shelf.find(id)?;
        fields::check(&ask.body, &[must("file", Shape::Object), may("effectiveAtDate", Shape::Date)])?;
        let mut file = collected::uploaded(&fresh_id(&mut self.rng), ask);
        set(&mut file, "effectiveDate", ask.body.get("effectiveAtDate").cloned().unwrap_or_default());
        self.drawer.keep(text(&file, "id"), ask.file("file")?);
        self.documents.files.push((id.to_owned(), file.clone()));
        Ok(Reply::Json(201, file))
    }

    fn document_media(&self, id: &str, file: &str) -> Outcome {
        self.documents.shelf.find(id)?;
        let found = self.documents.files.iter().find(|(of, item)| of == id && text(item, "id") == file);
        found.map(|(_, item)| self.drawer.hand_out(item)).ok_or_else(|| Reply::not_found("File", file))
    }
}

fn drop_collected(collected: &mut Vec<(String, Value)>, document: &str, id: &str, what: &str) -> Outcome {
    let mine = |(of, item): &(String, Value)| of == document && text(item, "id") == id;
    if !collected.iter().any(mine) {
        return Err(Reply::not_found(what, id));
    }
    collected.retain(|entry| !mine(entry));
    Ok(Reply::Empty(204))
}
