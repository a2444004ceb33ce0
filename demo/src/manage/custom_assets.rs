//! `/v1/custom-assets`: what the company has put into its inventory by itself.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::people::People;
use super::{Manage, Outcome};
use crate::ask::Ask;
use crate::clock::iso_days;
use crate::pages::page_of;
use crate::record::fresh_id;
use crate::shelf::Shelf;

/// Name, kind and age in days; the newest first, as they are listed.
const ASSETS: &[(&str, &str, i64)] = &[
    ("Label printer in the Leeds office", "Printer", 21),
    ("Finance team backup safe", "Safe", 64),
    ("Demonstration tablets", "Tablet", 140),
    ("Badge readers at the main entrance", "Access control", 388),
    ("Paper consent archive", "Paper record", 702),
];

pub(super) fn shelf(now: Timestamp, people: &People, rng: &mut Rng) -> Shelf {
    let assets = ASSETS.iter().enumerate().map(|(index, (name, kind, age))| {
        json!({
            "id": fresh_id(rng),
            "name": name,
            "type": kind,
            "owner": people.leader(index),
            "creationDate": iso_days(now, -age),
        })
    });
    Shelf::new("Custom asset", assets.collect())
}

impl Manage {
    pub(super) fn custom_assets_route(&self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        (method == "GET" && rest.is_empty())
            .then(|| Ok(page_of(ask, self.custom_assets.all().iter().collect(), Value::clone)))
    }
}
