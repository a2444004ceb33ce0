//! `subprocessors`: the vendors that handle customers' data, as visitors read of them.

use fastrand::Rng;
use serde_json::{Value, json};

use super::call::{Call, results};
use crate::ask::Reply;
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::Outcome;
use crate::record::{fresh_id, take_over, text};
use crate::shelf::Shelf;

const NEW: &[Field] = &[
    must("name", Shape::Text),
    may("url", Shape::Text),
    may("description", Shape::Text),
    may("location", Shape::Text),
    may("purpose", Shape::Text),
];
/// Name and address stay as they were created.
const CHANGES: &[Field] = &[
    may("description", Shape::Text).or_null(),
    may("location", Shape::Text).or_null(),
    may("purpose", Shape::Text).or_null(),
];

/// Vendor, location, description; website and purpose are the vendor's.
const SEEDED: &[(&str, Option<&str>, Option<&str>)] = &[
    ("Amazon Web Services", Some("United States"), Some("Hosts the application and its backups.")),
    ("Google Cloud", Some("United States"), Some("Stores de-identified analytics data.")),
    ("MongoDB", Some("United States"), Some("Hosts the databases in the company's cloud accounts.")),
    ("Snowflake", Some("United States"), None),
    ("Datadog", Some("United States"), Some("Receives logs that contain no health information.")),
    ("Zoom", Some("United States"), Some("Carries video visits; nothing is recorded.")),
    ("Zendesk", Some("United States, Ireland"), Some("Receives support requests from clinics.")),
    ("Twilio", Some("United States"), None),
    ("SendGrid", None, None),
];

pub(super) struct Subprocessors(Shelf);

impl Subprocessors {
    pub(super) fn new(vendors: &Shelf, rng: &mut Rng) -> Self {
        let seeded = SEEDED.iter().filter_map(|(name, location, description)| {
            let vendor = vendors.all().iter().find(|vendor| text(vendor, "name") == *name)?;
            Some(json!({
                "id": fresh_id(rng),
                "name": name,
                "description": description,
                "location": location,
                "purpose": vendor.get("servicesProvided"),
                "url": vendor.get("websiteUrl"),
            }))
        });
        Self(Shelf::new("Subprocessor", seeded.collect()))
    }

    pub(super) fn route(&mut self, path: &[&str], call: &mut Call<'_>) -> Option<Outcome> {
        let outcome = match (call.method, path) {
            ("GET", [_]) => Ok(results(self.0.all().iter().cloned())),
            ("POST", [_]) => self.create(call),
            ("GET", [_, id]) => self.0.find(id).cloned().map(Reply::ok),
            ("PATCH", [_, id]) => self.change(id, call.body()),
            ("DELETE", [_, id]) => self.0.remove(id).map(|_| Reply::Empty(204)),
            _ => return None,
        };
        Some(outcome)
    }

    fn create(&mut self, call: &mut Call<'_>) -> Outcome {
        fields::check(call.body(), NEW)?;
        let mut subprocessor = json!({
            "id": call.fresh_id(),
            "description": null,
            "location": null,
            "purpose": null,
            "url": null,
        });
        let keys = ["name", "description", "location", "purpose", "url"];
        take_over(&mut subprocessor, call.body(), &keys);
        self.0.add(subprocessor.clone());
        Ok(Reply::Json(201, subprocessor))
    }

    fn change(&mut self, id: &str, body: &Value) -> Outcome {
        fields::check(body, CHANGES)?;
        let subprocessor = self.0.find_mut(id)?;
        take_over(subprocessor, body, &["description", "location", "purpose"]);
        Ok(Reply::ok(subprocessor.clone()))
    }
}
