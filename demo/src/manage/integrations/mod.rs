//! Integrations: connected systems, and the inventory that is read from them.

mod accounts;
mod catalog;
mod resources;
mod routes;
mod updates;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::people::People;
use super::tests::Tests;
use crate::record::{fresh_id, text};
use crate::shelf::Shelf;
use crate::size::Growth;
use catalog::{CONNECTED, Form};

/// What the inventory is drawn from.
struct Surroundings<'a> {
    now: Timestamp,
    people: &'a People,
    tests: &'a Tests,
    assets: &'a Shelf,
    growth: Option<&'a Growth>,
    members: Vec<accounts::Member<'a>>,
}

/// One kind of resource of an integration.
struct Inventory {
    kind: &'static str,
    form: Form,
    resources: Vec<Value>,
}

struct Integration {
    /// As it is answered.
    record: Value,
    inventories: Vec<Inventory>,
}

pub(super) struct Integrations(Vec<Integration>);

impl Integrations {
    pub(super) fn new(
        now: Timestamp,
        people: &People,
        tests: &Tests,
        assets: &Shelf,
        growth: Option<&Growth>,
        rng: &mut Rng,
    ) -> Self {
        let members = people.listed().map(|person| accounts::Member::of(person, people)).collect();
        let around = Surroundings { now, people, tests, assets, growth, members };
        Self(CONNECTED.iter().map(|system| integration(system, &around, rng)).collect())
    }

    /// The resources of one kind; none where there is no such integration or kind.
    pub(super) fn resources(&self, integration: &str, kind: &str) -> &[Value] {
        let found = self.0.iter().find(|other| text(&other.record, "integrationId") == integration);
        let inventory = found.and_then(|found| found.inventories.iter().find(|other| other.kind == kind));
        inventory.map(|inventory| inventory.resources.as_slice()).unwrap_or_default()
    }
}

fn integration(system: &catalog::System, around: &Surroundings<'_>, rng: &mut Rng) -> Integration {
    let (id, name, errors, kinds) = system;
    let connections: Vec<String> = errors.iter().map(|_| fresh_id(rng)).collect();
    let shown = connections.iter().zip(*errors).map(|(connection, error)| {
        json!({
            "connectionId": connection,
            "isDisabled": error.is_some(),
            "connectionErrorMessage": error,
        })
    });
    let record = json!({
        "integrationId": id,
        "displayName": name,
        "resourceKinds": kinds.iter().map(|(kind, ..)| *kind).collect::<Vec<_>>(),
        "connections": shown.collect::<Vec<_>>(),
    });
    let inventories = kinds.iter().map(|(kind, form, source)| {
        let place = resources::Place { integration: id, kind, form: *form, connections: &connections };
        Inventory { kind, form: *form, resources: resources::of(&place, *source, around, rng) }
    });
    Integration { record, inventories: inventories.collect() }
}
