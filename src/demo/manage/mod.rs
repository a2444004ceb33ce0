//! The simulated Manage API over one company: controls, tests, documents, frameworks, people, vendors,
//! vulnerabilities, the systems it has connected, and what else these name.
//!
//! Each area is a file with its data and its routes; what ties areas together is in `links`.

mod assets;
mod controls;
mod discovered;
mod documents;
mod frameworks;
mod integrations;
mod links;
mod people;
mod requirements;
mod tests;
mod vendors;
mod vulnerabilities;

#[cfg(test)]
mod behaviour;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::ask::{Ask, Reply};
use super::company::{Company, DOMAIN, NAME};
use super::record::text;
use super::shelf::Shelf;
use controls::Controls;
use discovered::Discovered;
use documents::Documents;
use integrations::Integrations;
use links::Links;
use people::People;
use tests::Tests;
use vendors::Vendors;
use vulnerabilities::Vulnerabilities;

/// What a route answers; an early refusal is as good an answer as any.
type Outcome = Result<Reply, Reply>;

pub(super) struct Manage {
    people: People,
    controls: Controls,
    tests: Tests,
    documents: Documents,
    vendors: Vendors,
    assets: Shelf,
    vulnerabilities: Vulnerabilities,
    integrations: Integrations,
    discovered: Discovered,
    links: Links,
    /// Makes the ids of what is created later.
    rng: Rng,
}

impl Manage {
    pub(super) fn new(seed: u64, now: Timestamp) -> Self {
        let rng = |area: u64| Rng::with_seed(seed.wrapping_mul(31).wrapping_add(area));
        let mut links = Links::default();
        let people = People::new(now, &mut rng(1));
        let controls = Controls::new(now, &people, &mut links, &mut rng(2));
        let vendors = Vendors::new(now, &people, &mut rng(3));
        let tests = Tests::new(now, &people, &mut links, &mut rng(4));
        let documents = Documents::new(now, &people, &mut links, &mut rng(5));
        let assets = assets::shelf(now, &mut rng(8));
        let vulnerabilities = Vulnerabilities::new(now, &people, &assets, &mut rng(6));
        let integrations = Integrations::new(now, &people, &tests, &assets, &mut rng(9));
        let discovered = Discovered::new(now, &people, &integrations, &mut rng(10));
        Self {
            people,
            controls,
            tests,
            documents,
            vendors,
            assets,
            vulnerabilities,
            integrations,
            discovered,
            links,
            rng: rng(7),
        }
    }

    /// Snapshots of the records as they are listed now.
    pub(super) fn company(&self) -> Company {
        Company {
            name: NAME.to_owned(),
            domain: DOMAIN.to_owned(),
            people: self.people.listed().cloned().collect(),
            controls: self.controls.active.all().to_vec(),
            tests: self.tests.shelf.all().iter().map(tests::shown).collect(),
            documents: self.documents.shelf.all().iter().map(documents::listed).collect(),
            vendors: self.vendors.shelf.all().to_vec(),
        }
    }

    /// `None` where this API has no such path and method.
    pub(super) fn answer(&mut self, ask: &Ask) -> Option<Reply> {
        let (method, path) = ask.route();
        let (area, rest) = match path.as_slice() {
            ["v1", area, rest @ ..] => (*area, rest),
            _ => return None,
        };
        let outcome = match area {
            "controls" => self.controls_route(method, rest, ask)?,
            "discovered-vendors" => self.discovered_route(method, rest, ask)?,
            "documents" => self.documents_route(method, rest, ask)?,
            "frameworks" => self.frameworks_route(method, rest, ask)?,
            "groups" => self.groups_route(method, rest, ask)?,
            "integrations" => self.integrations_route(method, rest, ask)?,
            "people" => self.people_route(method, rest, ask)?,
            "tests" => self.tests_route(method, rest, ask)?,
            "users" => self.users_route(method, rest, ask)?,
            "vendor-assessment-types" => vendors::assessment_types::route(method, rest, ask)?,
            "vendor-risk-attributes" => vendors::risk_attributes::route(method, rest, ask)?,
            "vendors" => self.vendors_route(method, rest, ask)?,
            "vulnerabilities" => self.vulnerabilities_route(method, rest, ask)?,
            "vulnerability-remediations" => self.remediations_route(method, rest, ask)?,
            "vulnerable-assets" => self.assets_route(method, rest, ask)?,
            _ => return None,
        };
        Some(outcome.unwrap_or_else(|refusal| refusal))
    }
}

/// One entry of a bulk answer.
fn bulk_entry(id: &str, outcome: Result<(), String>) -> Value {
    match outcome {
        Ok(()) => json!({ "id": id, "status": "SUCCESS" }),
        Err(message) => json!({ "id": id, "status": "ERROR", "message": message }),
    }
}

/// Applies `change` to each entry of the body's `updates`, at most fifty of them, and answers one entry for
/// each.
fn bulk(ask: &Ask, mut change: impl FnMut(&str, &Value) -> Result<(), String>) -> Outcome {
    const MOST: usize = 50;
    super::fields::check(&ask.body, &[super::fields::must("updates", super::fields::Shape::List)])?;
    let updates = ask.body.get("updates").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if updates.len() > MOST {
        return Err(Reply::error(422, format!("updates may have at most {MOST} entries")));
    }
    let results = updates.iter().map(|update| {
        let id = text(update, "id");
        let outcome = if id.is_empty() { Err("id is required".to_owned()) } else { change(id, update) };
        bulk_entry(id, outcome)
    });
    Ok(Reply::ok(json!({ "results": results.collect::<Vec<_>>() })))
}
