//! `access-requests` that wait, and `historical-access-requests` that were answered.

use serde_json::Value;

use super::viewers::blank;
use super::{Access, LEVELS, known_resources, opened, require_nda};
use crate::ask::Reply;
use crate::fields::{self, Field, Shape, may};
use crate::manage::Outcome;
use crate::manage::trust_center::call::Call;
use crate::manage::trust_center::resources::Resources;
use crate::pages::page_of;
use crate::record::{set, take_over, text};

const APPROVAL: &[Field] = &[
    may("expirationDate", Shape::Date),
    may("isNdaRequired", Shape::Flag),
    may("resourceIds", Shape::List),
    may("accessLevel", Shape::OneOf(LEVELS)),
];

impl Access {
    pub(super) fn requests_route(
        &mut self,
        path: &[&str],
        resources: &Resources,
        call: &mut Call<'_>,
    ) -> Option<Outcome> {
        let outcome = match (call.method, path) {
            ("GET", ["historical-access-requests"]) => {
                Ok(page_of(call.ask, self.history.iter().collect(), Value::clone))
            }
            ("GET", ["access-requests"]) => {
                Ok(page_of(call.ask, self.requests.all().iter().collect(), Value::clone))
            }
            ("GET", ["access-requests", id]) => self.requests.find(id).cloned().map(Reply::ok),
            ("POST", ["access-requests", id, "approve"]) => self.approve(id, resources, call),
            ("POST", ["access-requests", id, "deny"]) => self.deny(id, call),
            _ => return None,
        };
        Some(outcome)
    }

    /// Whoever is approved becomes a viewer; one who is a viewer already gets what was asked for.
    fn approve(&mut self, id: &str, resources: &Resources, call: &mut Call<'_>) -> Outcome {
        let body = call.body();
        let request = self.requests.find(id)?.clone();
        fields::check(body, APPROVAL)?;
        known_resources(body, resources)?;
        let known = self.by_email(text(&request, "email"));
        let viewer = known.unwrap_or_else(|| {
            let viewer = call.fresh_id();
            self.viewers.add(blank(&viewer, &call.now()));
            viewer
        });
        let viewer = self.viewers.find_mut(&viewer)?;
        take_over(viewer, &request, &["email", "name", "companyName", "accessLevel"]);
        take_over(viewer, body, &["accessLevel"]);
        set(viewer, "expirationDate", body.get("expirationDate").cloned().unwrap_or_default());
        let named = body.get("resourceIds").or_else(|| request.get("requestedResources"));
        let open = opened(text(viewer, "accessLevel"), named, resources);
        set(viewer, "resourceIds", open);
        require_nda(viewer, body.get("isNdaRequired").and_then(Value::as_bool).unwrap_or(true));
        set(viewer, "updatedDate", call.now());
        self.close(id, "APPROVED", call)
    }

    fn deny(&mut self, id: &str, call: &Call<'_>) -> Outcome {
        self.requests.find(id)?;
        fields::check(call.body(), &[may("reason", Shape::Text)])?;
        self.close(id, "DENIED", call)
    }

    fn close(&mut self, id: &str, outcome: &str, call: &Call<'_>) -> Outcome {
        let mut request = self.requests.remove(id)?;
        set(&mut request, "outcome", outcome);
        set(&mut request, "updatedDate", call.now());
        self.history.insert(0, request);
        Ok(Reply::Empty(204))
    }
}
