//! What creating and changing a resource has in common, and documents: files with a title.

use serde_json::{Value, json};

use super::resources::FILE;
use crate::ask::{Ask, File, Reply};
use crate::clock::iso;
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::customer_trust::actors::{USERS, assigned};
use crate::manage::customer_trust::parts::{moment, read_as_json, set_given};
use crate::manage::{Manage, Outcome};
use crate::record::{fresh_id, set, take_over, text};

pub(super) const PRIVATE: &str = "PRIVATE";
pub(super) const PUBLIC: &str = "PUBLIC";
const REQUEST_ACCESS: &str = "REQUEST_ACCESS";
const VISIBILITIES: &[&str] = &[PRIVATE, "SHAREABLE", REQUEST_ACCESS, PUBLIC];
/// Where a document must be visible for a category of the Trust Center to mean something.
const LISTED: &[&str] = &[REQUEST_ACCESS, PUBLIC];
const PERMISSIONS: &[&str] = &["VIEW_ONLY", "VIEW_AND_DOWNLOAD"];

const NEW: &[Field] = &[
    must("file", Shape::Object),
    must("title", Shape::Text),
    may("description", Shape::Text),
    may("ownerAssignment", Shape::Object),
    may("customerVisibility", Shape::OneOf(VISIBILITIES)),
    may("downloadPermission", Shape::OneOf(PERMISSIONS)),
    may("isUsedInQuestionnaires", Shape::Flag),
    may("expirationDate", Shape::Date),
    may("tags", Shape::List),
    may("categoryId", Shape::Text),
];
const CHANGED: &[Field] = &[
    may("title", Shape::Text),
    may("description", Shape::Text).or_null(),
    may("ownerAssignment", Shape::Object).or_null(),
    may("customerVisibility", Shape::OneOf(VISIBILITIES)),
    may("downloadPermission", Shape::OneOf(PERMISSIONS)),
    may("isUsedInQuestionnaires", Shape::Flag),
    may("expirationDate", Shape::Date).or_null(),
    may("tags", Shape::List),
    may("categoryId", Shape::Text).or_null(),
];

/// A resource of which nothing is known but its kind.
pub(super) fn blank(id: &str, kind: &str) -> Value {
    json!({
        "id": id,
        "type": kind,
        "description": null,
        "customerVisibility": PRIVATE,
        "isUsedInQuestionnaires": false,
        "ownerAssignment": null,
        "expirationDate": null,
        "lastVerified": null,
        "tags": [],
        "categoryId": null,
    })
}

impl Manage {
    /// Takes over what a checked body says about a resource, whose category goes where it is not listed.
    pub(super) fn fill_resource(
        &self,
        resource: &mut Value,
        body: &Value,
        listed: &[&str],
        ask: &Ask,
    ) -> Result<(), Reply> {
        let owner = assigned(&self.people, body, "ownerAssignment", USERS)?;
        let tags = self.customer_trust.tags.named_in(body, "tags")?;
        take_over(resource, body, &["title", "description", "customerVisibility", "isUsedInQuestionnaires"]);
        let is_listed = listed.contains(&text(resource, "customerVisibility"));
        if !is_listed && body.get("categoryId").is_some_and(Value::is_string) {
            let message = format!("categoryId needs customerVisibility {}", listed.join(" or "));
            return Err(Reply::error(422, message));
        }
        take_over(resource, body, &["categoryId"]);
        if !is_listed {
            set(resource, "categoryId", Value::Null);
        }
        set_given(resource, "ownerAssignment", owner);
        set_given(resource, "expirationDate", moment(body, "expirationDate"));
        set_given(resource, "tags", tags);
        set(resource, "lastUpdated", iso(ask.now));
        Ok(())
    }

    /// A resource of this kind; one of the other kind is as unknown as none.
    pub(super) fn resource_of(&self, kind: &str, id: &str) -> Result<&Value, Reply> {
        let resource = self.knowledge.resources.find(id)?;
        if text(resource, "type") == kind {
            return Ok(resource);
        }
        let what = if kind == FILE { "Document resource" } else { "Webpage resource" };
        Err(Reply::not_found(what, id))
    }

    pub(super) fn create_document_resource(&mut self, ask: &Ask) -> Outcome {
        let body = read_as_json(&ask.body, &["ownerAssignment", "tags", "isUsedInQuestionnaires"])?;
        fields::check(&body, NEW)?;
        let file = ask.file("file")?;
        let id = fresh_id(&mut self.rng);
        let mut resource = blank(&id, FILE);
        set(&mut resource, "downloadPermission", "VIEW_ONLY");
        take_over(&mut resource, &body, &["downloadPermission"]);
        hold(&mut resource, file);
        self.fill_resource(&mut resource, &body, LISTED, ask)?;
        self.drawer.keep(&id, file);
        self.knowledge.resources.add(resource);
        self.resource(&id, ask)
    }

    pub(super) fn change_document_resource(&mut self, id: &str, ask: &Ask) -> Outcome {
        let mut resource = self.resource_of(FILE, id)?.clone();
        fields::check(&ask.body, CHANGED)?;
        self.fill_resource(&mut resource, &ask.body, LISTED, ask)?;
        take_over(&mut resource, &ask.body, &["downloadPermission"]);
        *self.knowledge.resources.find_mut(id)? = resource;
        self.resource(id, ask)
    }

    pub(super) fn replace_resource_file(&mut self, id: &str, ask: &Ask) -> Outcome {
        self.resource_of(FILE, id)?;
        fields::check(&ask.body, &[must("file", Shape::Object)])?;
        let file = ask.file("file")?;
        self.drawer.keep(id, file);
        let resource = self.knowledge.resources.find_mut(id)?;
        hold(resource, file);
        set(resource, "lastUpdated", iso(ask.now));
        self.resource(id, ask)
    }
}

fn hold(resource: &mut Value, file: &File) {
    set(resource, "fileName", file.name.as_str());
    set(resource, "mimeType", file.mime.as_str());
}
