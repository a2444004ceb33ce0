//! Controls: the company's own, those of the library, and those switched off.

mod catalog;
mod grown;
mod organizational;
mod routes;
mod technical;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::links::Links;
use super::people::People;
use crate::clock::iso_days;
use crate::record::{slug, turn};
use crate::shelf::Shelf;
use crate::size::Growth;
use catalog::{DEACTIVATED, LIBRARY};
use organizational::ORGANIZATIONAL;
use technical::TECHNICAL;

/// Controls of one domain and the requirements of the three frameworks that they serve in turn.
struct Domain {
    name: &'static str,
    /// The letters of the external ids: `IAC-04`.
    code: &'static str,
    soc2: &'static [&'static str],
    iso: &'static [&'static str],
    hipaa: &'static [&'static str],
    /// Name, and the sentence's end after "The company …".
    controls: &'static [(&'static str, &'static str)],
}

pub(super) struct Controls {
    pub(super) active: Shelf,
    deactivated: Shelf,
    library: Shelf,
    /// Control id and note; only the answer for one control shows it.
    notes: Vec<(String, String)>,
}

impl Controls {
    pub(super) fn new(
        now: Timestamp,
        people: &People,
        growth: Option<&Growth>,
        links: &mut Links,
        rng: &mut Rng,
    ) -> Self {
        let mut active = Vec::new();
        for domain in TECHNICAL.iter().chain(ORGANIZATIONAL) {
            for (index, (name, deed)) in domain.controls.iter().enumerate() {
                let external = format!("{}-{:02}", domain.code, index + 1);
                let mut control = control(name, deed, domain.name, &external);
                // Every ninth control waits for an owner.
                if active.len() % 9 != 8 {
                    let owner = people.leader(rng.usize(..));
                    crate::record::set(&mut control, "owner", owner);
                }
                map(domain, index, &slug(name), active.len(), growth, links);
                active.push(control);
            }
        }
        active.extend(custom(now, people, active.len(), growth, links, rng));
        if let Some(growth) = growth {
            active.extend(grown::controls(growth, active.len(), now, people, links, rng));
        }
        let dormant = |table: &[(&str, &str, &str)], code: &str| {
            let controls = table.iter().enumerate();
            controls
                .map(|(index, (name, deed, domain))| {
                    control(name, deed, domain, &format!("{code}-{:02}", index + 1))
                })
                .collect()
        };
        Self {
            active: Shelf::new("Control", active),
            deactivated: Shelf::new("Deactivated control", dormant(DEACTIVATED, "OFF")),
            library: Shelf::new("Library control", dormant(LIBRARY, "LIB")),
            notes: vec![(
                "access-reviews-conducted".into(),
                "The next review will start with the cloud accounts.".into(),
            )],
        }
    }

    pub(super) fn note(&self, control: &str) -> Option<&str> {
        self.notes.iter().find(|(of, _)| of == control).map(|(_, note)| note.as_str())
    }

    fn set_note(&mut self, control: &str, note: &str) {
        self.notes.retain(|(of, _)| of != control);
        self.notes.push((control.to_owned(), note.to_owned()));
    }
}

fn control(name: &str, deed: &str, domain: &str, external: &str) -> Value {
    json!({
        "id": slug(name),
        "externalId": external,
        "name": name,
        "description": format!("The company {deed}."),
        "source": "Vanta",
        "domains": [domain],
        "owner": null,
        "role": null,
        "customFields": [],
        "creationDate": null,
        "modificationDate": null,
    })
}

/// Ties a control to one requirement of each framework; two of three controls matter to HIPAA. In a large company, a
/// control's place decides.
fn map(
    domain: &Domain,
    index: usize,
    control: &str,
    place: usize,
    growth: Option<&Growth>,
    links: &mut Links,
) {
    let frameworks = [
        ("soc2", domain.soc2, true),
        ("iso27001_2022", domain.iso, place % 7 != 6),
        ("hipaa", domain.hipaa, place % 3 != 2),
    ];
    for (framework, requirements, usual) in frameworks {
        if growth.map_or(usual, |growth| growth.serves(framework, place)) {
            links.map(control, framework, turn(requirements, index));
        }
    }
}

/// Name, deed, domain, and the requirement of SOC 2 of the controls that the company wrote itself.
const OWN: &[(&str, &str, &str, &str)] = &[
    (
        "Clinical content reviewed",
        "has a clinician review content before patients see it",
        "COMPLIANCE",
        "CC 5.1",
    ),
    (
        "Patient data exports approved",
        "exports patient data only with the privacy officer's approval",
        "PRIVACY",
        "C 1.1",
    ),
    (
        "Partner interfaces inventoried",
        "maintains an inventory of interfaces to partner clinics",
        "ASSET_MANAGEMENT",
        "CC 6.1",
    ),
    (
        "Break-glass access reviewed",
        "reviews each use of emergency access within one day",
        "IDENTIFICATION_&_AUTHENTICATION",
        "CC 6.3",
    ),
];

/// The few that the company wrote itself, dated and with a field of its own.
fn custom(
    now: Timestamp,
    people: &People,
    place: usize,
    growth: Option<&Growth>,
    links: &mut Links,
    rng: &mut Rng,
) -> Vec<Value> {
    let own = OWN.iter().enumerate().map(|(index, (name, deed, domain, requirement))| {
        let mut control = control(name, deed, domain, &format!("QH-{:02}", index + 1));
        let changed = iso_days(now, -rng.i64(5..60));
        crate::record::take_over(
            &mut control,
            &json!({
                "source": "Custom",
                "owner": people.leader(rng.usize(..)),
                "customFields": [{ "label": "Reviewed by", "value": "Clinical safety board" }],
                "creationDate": iso_days(now, -rng.i64(90..500)),
                "modificationDate": changed,
            }),
            &["source", "owner", "customFields", "creationDate", "modificationDate"],
        );
        let frameworks = [
            ("soc2", *requirement, true),
            ("hipaa", "164.308(a)(1)", true),
            ("iso27001_2022", "A.5.36", false),
        ];
        for (framework, requirement, usual) in frameworks {
            if growth.map_or(usual, |growth| growth.serves(framework, place + index)) {
                links.map(&slug(name), framework, requirement);
            }
        }
        control
    });
    own.collect()
}
