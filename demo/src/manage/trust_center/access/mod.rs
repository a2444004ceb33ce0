//! Who may read what is not public: viewers, and those who ask to become one.

mod requests;
mod seeded;
mod viewers;

use fastrand::Rng;
use serde_json::Value;

use super::Opening;
use super::call::Call;
use super::resources::Resources;
use crate::ask::Reply;
use crate::manage::Outcome;
use crate::record::{set, text};
use crate::shelf::Shelf;

const FULL: &str = "FULL_ACCESS";
const LEVELS: &[&str] = &[FULL, "PARTIAL_ACCESS"];
/// Kept with a viewer, not shown: when access was taken away.
const REMOVED: &str = "removedDate";

pub(super) struct Access {
    viewers: Shelf,
    /// Requests that wait for an answer.
    requests: Shelf,
    /// Those that have one, the latest first.
    history: Vec<Value>,
}

impl Access {
    pub(super) fn new(opening: &Opening<'_>, resources: &Resources, rng: &mut Rng) -> Self {
        Self {
            viewers: Shelf::new("Viewer", seeded::viewers(opening, resources, rng)),
            requests: Shelf::new("Access request", seeded::requests(opening.now, resources, rng)),
            history: seeded::history(opening.now, resources, rng),
        }
    }

    /// The viewers whom nobody has removed.
    pub(super) fn present(&self) -> impl Iterator<Item = &Value> {
        self.viewers.all().iter().filter(|viewer| !is_removed(viewer))
    }

    pub(super) fn route(
        &mut self,
        path: &[&str],
        resources: &Resources,
        call: &mut Call<'_>,
    ) -> Option<Outcome> {
        match path {
            ["viewers", below @ ..] => self.viewers_route(below, resources, call),
            _ => self.requests_route(path, resources, call),
        }
    }

    /// A resource that is gone can be neither seen nor asked for.
    pub(super) fn forget_resource(&mut self, gone: &str) {
        let edit = |shelf: &mut Shelf, key: &str| {
            let ids: Vec<String> = shelf.all().iter().map(|record| text(record, "id").to_owned()).collect();
            for id in ids {
                if let Ok(record) = shelf.find_mut(&id)
                    && let Some(list) = record.get_mut(key).and_then(Value::as_array_mut)
                {
                    list.retain(|resource| resource != gone);
                }
            }
        };
        edit(&mut self.viewers, "resourceIds");
        edit(&mut self.requests, "requestedResources");
    }
}

fn is_removed(viewer: &Value) -> bool {
    viewer.get(REMOVED).is_some_and(Value::is_string)
}

/// What a level of access opens: `null`, so everything, or the resources named; all there are where none is.
fn opened(level: &str, named: Option<&Value>, resources: &Resources) -> Value {
    if level == FULL {
        return Value::Null;
    }
    let all =
        || resources.shelf.all().iter().map(|resource| text(resource, "id").into()).collect::<Vec<Value>>();
    named.filter(|named| named.is_array()).cloned().unwrap_or_else(|| all().into())
}

/// 404 for a resource of the body's `resourceIds` that there is not.
fn known_resources(body: &Value, resources: &Resources) -> Result<(), Reply> {
    super::call::known_ids(body, "resourceIds", &resources.shelf).map(|_| ())
}

/// Takes down that a viewer must sign a confidentiality agreement or need not; one that is signed stays signed.
fn require_nda(viewer: &mut Value, required: bool) {
    let signed = viewer.pointer("/ndaInfo/satisfiedDate").is_some_and(Value::is_string);
    if !signed {
        let info = if required { seeded::nda("ONE_CLICK", None) } else { Value::Null };
        set(viewer, "ndaInfo", info);
    }
}
