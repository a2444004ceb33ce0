//! `viewers`: those who were let in.

use serde_json::{Value, json};

use super::{Access, FULL, LEVELS, REMOVED, is_removed, known_resources, opened, require_nda};
use crate::ask::{Ask, Reply};
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::Outcome;
use crate::manage::trust_center::call::{Call, done, is_email};
use crate::manage::trust_center::resources::Resources;
use crate::pages::page_of;
use crate::query::flag;
use crate::record::{set, take_over, text, without};

const NEW: &[Field] = &[
    must("email", Shape::Text),
    must("name", Shape::Text),
    must("companyName", Shape::Text),
    must("isNdaRequired", Shape::Flag),
    must("accessLevel", Shape::OneOf(LEVELS)),
    may("expirationDate", Shape::Date),
    may("resourceIds", Shape::List),
    may("customerTrustAccountId", Shape::Text),
];
const CHANGES: &[Field] = &[
    may("accessLevel", Shape::OneOf(LEVELS)),
    may("resourceIds", Shape::List),
    may("expirationDate", Shape::Date).or_null(),
    may("isNdaRequired", Shape::Flag),
    may("customerTrustAccountId", Shape::Text).or_null(),
];

impl Access {
    /// `path` is what follows `viewers`.
    pub(super) fn viewers_route(
        &mut self,
        path: &[&str],
        resources: &Resources,
        call: &mut Call<'_>,
    ) -> Option<Outcome> {
        let outcome = match (call.method, path) {
            ("GET", []) => self.list_viewers(call.ask),
            ("POST", []) => self.add_viewer(resources, call),
            ("GET", [id]) => self.viewer(id).map(|viewer| Reply::ok(shown(viewer))),
            ("PATCH", [id]) => self.change_viewer(id, resources, call),
            ("DELETE", [id]) => self.remove_viewer(id, call),
            ("POST", [id, "send-invite-reminder"]) => self.viewer(id).map(|_| done()),
            _ => return None,
        };
        Some(outcome)
    }

    fn list_viewers(&self, ask: &Ask) -> Outcome {
        let with_removed = flag(ask, "includeRemoved")?.unwrap_or(true);
        let kept = self.viewers.all().iter().filter(|viewer| with_removed || !is_removed(viewer));
        Ok(page_of(ask, kept.collect(), shown))
    }

    /// A viewer who still is one; a removed one can be seen in the list only.
    fn viewer(&self, id: &str) -> Result<&Value, Reply> {
        let found = self.viewers.find(id)?;
        if is_removed(found) { Err(Reply::not_found("Viewer", id)) } else { Ok(found) }
    }

    fn add_viewer(&mut self, resources: &Resources, call: &mut Call<'_>) -> Outcome {
        let body = call.body();
        fields::check(body, NEW)?;
        let email = text(body, "email");
        is_email("email", email)?;
        known_resources(body, resources)?;
        if self.by_email(email).is_some() {
            return Err(Reply::error(409, format!("{email} is a viewer already")));
        }
        let mut viewer = blank(&call.fresh_id(), &call.now());
        let keys =
            ["email", "name", "companyName", "accessLevel", "expirationDate", "customerTrustAccountId"];
        take_over(&mut viewer, body, &keys);
        let level = text(body, "accessLevel");
        set(&mut viewer, "resourceIds", opened(level, body.get("resourceIds"), resources));
        require_nda(&mut viewer, body.get("isNdaRequired") == Some(&json!(true)));
        self.viewers.add(viewer.clone());
        Ok(Reply::ok(shown(&viewer)))
    }

    /// The id of the viewer with this address, whatever its case.
    pub(super) fn by_email(&self, email: &str) -> Option<String> {
        let same = |viewer: &&Value| text(viewer, "email").eq_ignore_ascii_case(email);
        self.present().find(same).map(|viewer| text(viewer, "id").to_owned())
    }

    fn change_viewer(&mut self, id: &str, resources: &Resources, call: &Call<'_>) -> Outcome {
        let body = call.body();
        fields::check(body, CHANGES)?;
        known_resources(body, resources)?;
        self.viewer(id)?;
        let viewer = self.viewers.find_mut(id)?;
        take_over(viewer, body, &["accessLevel", "expirationDate", "customerTrustAccountId"]);
        let level = text(viewer, "accessLevel");
        let named = body.get("resourceIds").or_else(|| viewer.get("resourceIds"));
        let open = opened(level, named, resources);
        set(viewer, "resourceIds", open);
        if let Some(required) = body.get("isNdaRequired").and_then(Value::as_bool) {
            require_nda(viewer, required);
        }
        set(viewer, "updatedDate", call.now());
        Ok(Reply::ok(shown(viewer)))
    }

    fn remove_viewer(&mut self, id: &str, call: &Call<'_>) -> Outcome {
        self.viewer(id)?;
        let viewer = self.viewers.find_mut(id)?;
        set(viewer, REMOVED, call.now());
        set(viewer, "updatedDate", call.now());
        Ok(Reply::Empty(204))
    }
}

/// A viewer of whom nothing is known yet.
pub(super) fn blank(id: &str, date: &str) -> Value {
    json!({
        "id": id,
        "email": "",
        "name": null,
        "companyName": null,
        "resourceIds": null,
        "accessLevel": FULL,
        "ndaInfo": null,
        "externalServiceAssociations": null,
        "creationDate": date,
        "updatedDate": date,
        "expirationDate": null,
        "addedByUser": null,
        "customerTrustAccountId": null,
    })
}

fn shown(viewer: &Value) -> Value {
    without(viewer, &[REMOVED])
}
