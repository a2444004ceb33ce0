//! `/v1/policies`: the company's policies. Whether one is in order is what its test says.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::tests::{self, Tests};
use super::{Manage, Outcome};
use crate::ask::{Ask, Reply};
use crate::clock::iso_days;
use crate::pages::page_of;
use crate::record::{fresh_id, text};
use crate::shelf::Shelf;

/// Policy id and what the policy is for.
const ABOUT: &[(&str, &str)] = &[
    (
        "access-control-policy",
        "Defines who may access which systems, how access is approved and how it is revoked.",
    ),
    ("acceptable-use-policy", "Defines the acceptable use of company computers, accounts and data."),
    (
        "asset-management-policy",
        "Defines how computers and cloud resources are inventoried, owned and returned.",
    ),
    (
        "business-continuity-plan",
        "Describes how operations continue when an office, a provider or a key person is unavailable.",
    ),
    ("change-management-policy", "Defines how changes to production are reviewed, tested and released."),
    ("code-of-conduct", "Sets expectations for conduct toward colleagues, patients and partners."),
    ("cryptography-policy", "Defines the approved ciphers and key lengths, and who manages the keys."),
    ("data-management-policy", "Defines data classes, and how each is handled, retained and deleted."),
    ("human-resources-policy", "Defines security requirements before, during and after employment."),
    ("incident-response-plan", "Defines roles, escalation and notification during security incidents."),
    (
        "information-security-policy",
        "Defines the objectives, roles and requirements of the security program.",
    ),
    ("operations-security-policy", "Covers logging, monitoring, backups and patching of production systems."),
    ("physical-security-policy", "Covers badges, visitors and equipment in the offices."),
    ("privacy-policy", "Describes how health information and other personal data are handled."),
    ("risk-management-policy", "Defines how risks are identified, scored, treated and accepted."),
    ("secure-development-policy", "Defines the reviews and tests that code must pass before release."),
    ("third-party-policy", "Defines how vendors are selected, reviewed and offboarded."),
    ("hipaa-sanctions-policy", "Defines the sanctions for violations of HIPAA policies."),
];

pub(super) fn shelf(now: Timestamp, tests: &Tests, rng: &mut Rng) -> Shelf {
    let policies = tests::policies().enumerate().map(|(index, (id, name))| {
        let test = tests.shelf.get(&format!("{id}-approved"));
        let in_order = test.is_none_or(|test| text(test, "status") != "NEEDS_ATTENTION");
        policy(index, id, name, in_order, now, rng)
    });
    Shelf::new("Policy", policies.collect())
}

fn policy(index: usize, id: &str, name: &str, in_order: bool, now: Timestamp, rng: &mut Rng) -> Value {
    // The state of the newest version, and the age in days of the newest approval.
    let (state, age) = match (in_order, index % 6) {
        (true, 2) => ("RENEW_SOON", Some(rng.i64(340..364))),
        (true, 4) => ("PENDING_APPROVAL", Some(rng.i64(200..340))),
        (true, _) => ("APPROVED", Some(rng.i64(20..330))),
        (false, 0 | 3) => ("EXPIRED", Some(rng.i64(366..420))),
        (false, 1) => ("NOT_STARTED", None),
        (false, 2) => ("DRAFT", Some(rng.i64(366..500))),
        (false, _) => ("PENDING_APPROVAL", None),
    };
    let about = ABOUT.iter().find(|(of, _)| *of == id).map(|(_, about)| *about);
    let languages: &[&str] = if id == "code-of-conduct" { &["EN", "ES"] } else { &["EN"] };
    let documents = languages.iter().map(|language| {
        let slug = fresh_id(rng);
        let url = format!("https://app.vanta.example/doc/{id}-{slug}");
        json!({ "language": language, "slugId": slug, "url": url })
    });
    let documents: Vec<Value> = documents.collect();
    json!({
        "id": id,
        "name": name,
        "description": about.unwrap_or(name),
        "status": if in_order { "OK" } else { "NEEDS_REMEDIATION" },
        "approvedAtDate": age.map(|days| iso_days(now, -days)),
        "latestVersion": { "status": state },
        "latestApprovedVersion": age.map(|_| json!({ "documents": documents })),
    })
}

impl Manage {
    pub(super) fn policies_route(&self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => Ok(page_of(ask, self.policies.all().iter().collect(), Value::clone)),
            ("GET", [id]) => self.policies.find(id).cloned().map(Reply::ok),
            _ => return None,
        };
        Some(outcome)
    }
}
