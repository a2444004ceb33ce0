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
    ("access-control-policy", "Who may use which system, who approves it and how access ends."),
    ("acceptable-use-policy", "What company computers, accounts and data may be used for."),
    ("asset-management-policy", "How computers and cloud resources are listed, owned and given back."),
    ("business-continuity-plan", "How work goes on when an office, a provider or a key person is lost."),
    ("change-management-policy", "How changes to production are reviewed, tested and released."),
    ("code-of-conduct", "How people treat each other, patients and partners."),
    ("cryptography-policy", "Which ciphers and key lengths are allowed and who keeps the keys."),
    ("data-management-policy", "Classes of data, how each is handled and when it is deleted."),
    ("human-resources-policy", "Security before, during and after employment."),
    ("incident-response-plan", "Who does what when something goes wrong, and who is told when."),
    ("information-security-policy", "Aims, roles and rules of the security program."),
    ("operations-security-policy", "Logging, monitoring, backups and patching of production."),
    ("physical-security-policy", "Badges, visitors and equipment in the offices."),
    ("privacy-policy", "How health information and other personal data are handled."),
    ("risk-management-policy", "How risks are found, scored, treated and accepted."),
    ("secure-development-policy", "What code has to pass before it reaches patients."),
    ("third-party-policy", "How vendors are chosen, reviewed and let go."),
    ("hipaa-sanctions-policy", "What follows when someone breaks the rules for health information."),
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
