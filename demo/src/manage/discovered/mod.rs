//! Discovered vendors: products that someone uses and nobody has taken on.

mod catalog;
mod routes;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::integrations::Integrations;
use super::people::People;
use crate::clock::iso_days;
use crate::record::{fresh_id, slug, text};
use crate::shelf::Shelf;
use catalog::{Decision, Entry, FOUND};

pub(super) struct Discovered {
    shelf: Shelf,
    /// Discovered vendor id and its accounts.
    accounts: Vec<(String, Vec<Value>)>,
}

impl Discovered {
    pub(super) fn new(now: Timestamp, people: &People, integrations: &Integrations, rng: &mut Rng) -> Self {
        let (mut vendors, mut accounts) = (Vec::new(), Vec::new());
        for (index, entry) in FOUND.iter().enumerate() {
            let used_by = accounts_of(entry, people, integrations, rng);
            let vendor = vendor(index, entry, used_by.len(), now, people, rng);
            accounts.push((text(&vendor, "id").to_owned(), used_by));
            vendors.push(vendor);
        }
        Self { shelf: Shelf::new("Discovered vendor", vendors), accounts }
    }

    fn accounts(&self, vendor: &str) -> &[Value] {
        self.accounts.iter().find(|(of, _)| of == vendor).map(|(_, used)| used.as_slice()).unwrap_or_default()
    }
}

fn vendor(index: usize, entry: &Entry, used: usize, now: Timestamp, people: &People, rng: &mut Rng) -> Value {
    let (name, category, source, decision) = entry;
    let age = rng.i64(8..400);
    let (ignored, rejected) = match decision {
        Decision::Open => (None, None),
        Decision::Ignored(reason) => (Some(reason), None),
        Decision::Rejected(reason) => (None, Some(reason)),
    };
    let by = people.leader_id(index);
    let on = iso_days(now, -rng.i64(1..age));
    json!({
        "id": fresh_id(rng),
        "name": name,
        "normalizedName": slug(name).replace('-', ""),
        "category": category.map(|name| json!({ "name": name })),
        "source": source,
        "discoveredDate": iso_days(now, -age),
        "numberOfAccounts": used,
        "ignored": ignored.map(|reason| {
            json!({ "ignoredByUserId": by, "ignoredReason": reason, "ignoredAtDate": on })
        }),
        "rejected": rejected.map(|reason| {
            json!({ "rejectedByUserId": by, "rejectedReason": reason, "rejectedAtDate": on })
        }),
    })
}

/// Users, or the computers on which device management found the product.
fn accounts_of(entry: &Entry, people: &People, integrations: &Integrations, rng: &mut Rng) -> Vec<Value> {
    let (_, _, source, _) = entry;
    let count = rng.usize(1..18);
    if *source == "JAMF" {
        let computers = integrations.resources("jamf", "JamfComputer");
        return computers.iter().take(count).map(|computer| found_on(computer, people)).collect();
    }
    let at_work = people.listed().filter(|person| people.has_access(text(person, "id")));
    let mut users: Vec<&Value> = at_work.collect();
    rng.shuffle(&mut users);
    users.into_iter().take(count).map(user).collect()
}

fn user(person: &Value) -> Value {
    json!({
        "id": person.get("id"),
        "email": person.get("emailAddress"),
        "displayName": person.pointer("/name/display"),
        "type": "USER",
    })
}

fn found_on(computer: &Value, people: &People) -> Value {
    let owner = people.listed().find(|person| text(person, "id") == text(computer, "owner"));
    json!({
        "id": computer.get("resourceId"),
        "displayName": computer.get("displayName"),
        "owner": owner.map(user),
        "type": "COMPUTER",
    })
}
