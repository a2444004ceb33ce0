//! `/v1/knowledge-base/resources`: what documents and web pages have in common.

use serde_json::Value;

use super::{Bounds, has_words, verify};
use crate::ask::{Ask, Reply};
use crate::manage::addresses::passing;
use crate::manage::customer_trust::tags;
use crate::manage::{Manage, Outcome};
use crate::pages::page_of;
use crate::query::choices;
use crate::record::{set, text, without};

pub(super) const FILE: &str = "FILE";
pub(super) const URL: &str = "URL";
/// Kept with a document, not shown.
const OF_FILE: &[&str] = &["fileName", "mimeType"];
/// How long a file's address works.
const ADDRESS_HOURS: i64 = 1;

impl Manage {
    pub(super) fn resources_route(&mut self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => self.list_resources(ask),
            ("POST", ["documents"]) => self.create_document_resource(ask),
            ("PATCH", ["documents", id]) => self.change_document_resource(id, ask),
            ("POST", ["documents", id, "upload"]) => self.replace_resource_file(id, ask),
            ("POST", ["webpages"]) => self.create_webpage(ask),
            ("PATCH", ["webpages", id]) => self.change_webpage(id, ask),
            ("GET", [id]) => self.resource(id, ask),
            ("DELETE", [id]) => self.delete_resource(id),
            ("POST", [id, "verify"]) => self.verify_resource(id, ask),
            _ => return None,
        };
        Some(outcome)
    }

    fn list_resources(&self, ask: &Ask) -> Outcome {
        let kinds = choices(ask, "typeMatchesAny", &[FILE, URL])?;
        let (bounds, tagged) = (Bounds::of(ask)?, tags::asked_for(ask)?);
        let wanted = |resource: &&Value| {
            (kinds.is_empty() || kinds.contains(&text(resource, "type")))
                && bounds.hold(resource)
                && ask.one("q").is_none_or(|query| has_words(text(resource, "title"), query))
                && has_tag_of_each_category(resource, &tagged)
        };
        let resources = self.knowledge.resources.all().iter().filter(wanted);
        Ok(page_of(ask, resources.collect(), |resource| self.shown_resource(resource, ask)))
    }

    fn shown_resource(&self, resource: &Value, ask: &Ask) -> Value {
        let mut shown = without(resource, OF_FILE);
        if text(resource, "type") == FILE {
            let path = format!("knowledge-base/{}/{}", text(resource, "id"), text(resource, "fileName"));
            set(&mut shown, "fileUrl", passing(&path, ask.now, ADDRESS_HOURS).0);
        }
        self.show_known(&mut shown, ask.now);
        shown
    }

    /// A resource as it is now.
    pub(super) fn resource(&self, id: &str, ask: &Ask) -> Outcome {
        let resource = self.knowledge.resources.find(id)?;
        Ok(Reply::ok(self.shown_resource(resource, ask)))
    }

    fn delete_resource(&mut self, id: &str) -> Outcome {
        self.knowledge.resources.remove(id)?;
        self.drawer.discard(id);
        Ok(Reply::Empty(204))
    }

    fn verify_resource(&mut self, id: &str, ask: &Ask) -> Outcome {
        verify(self.knowledge.resources.find_mut(id)?, ask)?;
        self.resource(id, ask)
    }
}

/// Whether a resource has, of each category that is asked for, one of the tags that are asked for.
fn has_tag_of_each_category(resource: &Value, tagged: &[(String, String)]) -> bool {
    tagged.iter().all(|(category, _)| {
        let mut same = tagged.iter().filter(|(other, _)| other == category);
        same.any(|(category, tag)| tags::has(resource, category, tag))
    })
}
