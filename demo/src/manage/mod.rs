//! The simulated Manage API over one company: controls, tests, documents, frameworks, people, vendors,
//! vulnerabilities, the systems it has connected, what it tells its customers, and what else these name.
//!
//! Each area is a file with its data and its routes; what ties areas together is in `links`.

mod addresses;
mod assets;
mod business_units;
mod computers;
mod contracts;
mod controls;
mod custom_assets;
mod customer_trust;
mod discovered;
mod documents;
mod events;
mod frameworks;
mod integrations;
mod invented;
mod issues;
mod knowledge;
mod links;
mod people;
mod policies;
mod requirement_sets;
mod requirements;
mod risks;
mod standing;
mod tests;
mod trust_center;
mod vendors;
mod vulnerabilities;

#[cfg(test)]
mod behaviour;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::ask::{Ask, Reply};
use super::company::{Company, DOMAIN, NAME};
use super::files::Drawer;
use super::record::text;
use super::shelf::Shelf;
use super::size::Size;
use controls::Controls;
use customer_trust::CustomerTrust;
use customer_trust::tags::Tags;
use discovered::Discovered;
use documents::Documents;
use events::Events;
use integrations::Integrations;
use issues::Issues;
use knowledge::Knowledge;
use links::Links;
use people::People;
use risks::Risks;
use standing::FrameworkState;
use tests::Tests;
pub(crate) use trust_center::SLUG as TRUST_CENTER;
use trust_center::{Opening, TrustCenter};
use vendors::Vendors;
use vulnerabilities::Vulnerabilities;

// Lists that auditors have too, over what they see of the company.
pub(super) use assets::listed as list_assets;
pub(super) use computers::listed as list_computers;
pub(super) use people::list as list_people;
pub(super) use vulnerabilities::{list_remediations, listed as list_vulnerabilities};

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
    customer_trust: CustomerTrust,
    knowledge: Knowledge,
    contracts: Shelf,
    trust_center: TrustCenter,
    policies: Shelf,
    risks: Risks,
    issues: Issues,
    events: Events,
    computers: Shelf,
    custom_assets: Shelf,
    standing: FrameworkState,
    links: Links,
    /// How many pieces of evidence an audit has, where that is not as usual.
    evidence: Option<usize>,
    /// What is in uploaded files, of documents and vendors and the Trust Center alike.
    drawer: Drawer,
    /// Makes the ids of what is created later.
    rng: Rng,
}

impl Manage {
    /// The usual company.
    #[cfg(test)]
    pub(super) fn new(seed: u64, now: Timestamp) -> Self {
        Self::sized(seed, now, Size::Usual)
    }

    pub(super) fn sized(seed: u64, now: Timestamp, size: Size) -> Self {
        let growth = size.growth();
        let growth = growth.as_ref();
        let rng = |area: u64| Rng::with_seed(seed.wrapping_mul(31).wrapping_add(area));
        let mut links = Links::default();
        let mut people = People::new(now, growth, &mut rng(1));
        people.connect_directories(&mut rng(45));
        let controls = Controls::new(now, &people, growth, &mut links, &mut rng(2));
        let vendors = Vendors::new(now, &people, growth, &mut rng(3));
        let tests = Tests::new(now, &people, growth, &mut links, &mut rng(4));
        let documents = Documents::new(now, &people, growth, &mut links, &mut rng(5));
        if growth.is_some() {
            controls.prove(&tests, &documents, &mut links);
        }
        let assets = assets::shelf(now, growth, &mut rng(8));
        let vulnerabilities = Vulnerabilities::new(now, &people, &assets, growth, &mut rng(6));
        let integrations = Integrations::new(now, &people, &tests, &assets, growth, &mut rng(9));
        let discovered = Discovered::new(now, &people, &integrations, &mut rng(10));
        let tags = Tags::new(&mut rng(30));
        let knowledge = Knowledge::new(now, &people, &tags, (&mut rng(33), &mut rng(34)));
        let customer_trust = CustomerTrust::new(now, &people, tags, &knowledge, (&mut rng(31), &mut rng(32)));
        let contracts = contracts::shelf(now, &customer_trust.accounts, &mut rng(35));
        let opening = Opening {
            now,
            people: &people,
            controls: &controls.active,
            vendors: &vendors.shelf,
            accounts: customer_trust.accounts.all(),
        };
        let trust_center = TrustCenter::new(&opening, &rng);
        let policies = policies::shelf(now, &tests, &mut rng(40));
        let custom_assets = custom_assets::shelf(now, &people, &mut rng(46));
        let mut risks = Risks::new(now, &people, growth, &mut rng(41));
        risks.map(&integrations, &vendors, &custom_assets);
        let issues = Issues::new(now, &people, &mut rng(42));
        let computers = computers::shelf(now, &people, &tests, &integrations, &mut rng(44));
        let known = [
            ("controls", &controls.active),
            ("documents", &documents.shelf),
            ("vendors", &vendors.shelf),
            ("tests", &tests.shelf),
            ("people", &people.shelf),
        ];
        let events = Events::new(now, &people, &known, growth, rng(43));
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
            customer_trust,
            knowledge,
            contracts,
            trust_center,
            policies,
            risks,
            issues,
            events,
            computers,
            custom_assets,
            standing: FrameworkState::default(),
            links,
            evidence: growth.map(|growth| growth.evidence),
            drawer: Drawer::default(),
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
            groups: self.people.groups_in_full(),
            findings: self.vendors.findings.all().to_vec(),
            integrations: self.integrations.records(),
            accounts: self.integrations.accounts(),
            computers: self.computers.all().to_vec(),
            assets: self.assets.all().to_vec(),
            vulnerabilities: self.vulnerabilities.all().0.to_vec(),
            remediations: self.vulnerabilities.all().1.to_vec(),
            risks: self.risks.in_full(&self.controls),
            issues: self.issues.all().to_vec(),
            evidence: self.evidence,
        }
    }

    /// Tells which audits there are, the present one first.
    pub(super) fn name_audits(&mut self, audits: &[String]) {
        self.issues.name_audits(audits);
    }

    /// `None` where this API has no such path and method.
    pub(super) fn answer(&mut self, ask: &Ask) -> Option<Reply> {
        let (method, path) = ask.route();
        let (area, rest) = match path.as_slice() {
            ["v1", area, rest @ ..] => (*area, rest),
            _ => return None,
        };
        let outcome = match area {
            "business-units" => business_units::route(method, rest, ask)?,
            "contracts" => self.contracts_route(method, rest, ask)?,
            "controls" => self.controls_route(method, rest, ask)?,
            "custom-assets" => self.custom_assets_route(method, rest, ask)?,
            "customer-trust" => self.customer_trust_route(method, rest, ask)?,
            "discovered-vendors" => self.discovered_route(method, rest, ask)?,
            "documents" => self.documents_route(method, rest, ask)?,
            "event-logs" => self.events_route(method, rest, ask)?,
            "frameworks" => self.frameworks_route(method, rest, ask)?,
            "groups" => self.groups_route(method, rest, ask)?,
            "integrations" => self.integrations_route(method, rest, ask)?,
            "knowledge-base" => self.knowledge_route(method, rest, ask)?,
            "issues" => self.issues_route(method, rest, ask)?,
            "monitored-computers" => self.computers_route(method, rest, ask)?,
            "people" => self.people_route(method, rest, ask)?,
            "policies" => self.policies_route(method, rest, ask)?,
            "risk-registers" => risks::registers::route(method, rest, ask)?,
            "risk-scenarios" => self.risks_route(method, rest, ask)?,
            "risk-settings" => risks::registers::settings_route(method, rest)?,
            "task-requirement-sets" => requirement_sets::route(method, rest, ask)?,
            "tests" => self.tests_route(method, rest, ask)?,
            "trust-centers" => self.trust_center_route(method, rest, ask)?,
            "users" => self.users_route(method, rest, ask)?,
            "vendor-assessment-types" => vendors::assessment_types::route(method, rest, ask)?,
            "vendor-categories" => vendors::settings::categories_route(method, rest, ask)?,
            "vendor-custom-fields" => vendors::settings::fields_route(method, rest, ask)?,
            "vendor-risk-attributes" => vendors::risk_attributes::route(method, rest, ask)?,
            "vendors" => self.vendors_route(method, rest, ask)?,
            "vulnerabilities" => self.vulnerabilities_route(method, rest, ask)?,
            "vulnerability-remediations" => self.remediations_route(method, rest, ask)?,
            "vulnerable-assets" => self.assets_route(method, rest, ask)?,
            _ => return None,
        };
        let reply = outcome.unwrap_or_else(|refusal| refusal);
        self.events.note(ask, &reply);
        Some(reply)
    }
}

/// One entry of a bulk answer.
fn bulk_entry(id: &str, outcome: Result<(), String>) -> Value {
    match outcome {
        Ok(()) => json!({ "id": id, "status": "SUCCESS" }),
        Err(message) => json!({ "id": id, "status": "ERROR", "message": message }),
    }
}

/// Applies `change` to each entry of the body's `updates`, at most `most` of them, and answers one entry for
/// each.
fn bulk(ask: &Ask, most: usize, mut change: impl FnMut(&str, &Value) -> Result<(), String>) -> Outcome {
    super::fields::check(&ask.body, &[super::fields::must("updates", super::fields::Shape::List)])?;
    let updates = ask.body.get("updates").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if updates.len() > most {
        return Err(Reply::error(422, format!("updates may have at most {most} entries")));
    }
    let results = updates.iter().map(|update| {
        let id = text(update, "id");
        let outcome = if id.is_empty() { Err("id is required".to_owned()) } else { change(id, update) };
        bulk_entry(id, outcome)
    });
    Ok(Reply::ok(json!({ "results": results.collect::<Vec<_>>() })))
}
