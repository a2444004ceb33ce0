//! `compliance-frameworks`: the badges on the Trust Center.

use fastrand::Rng;
use serde_json::{Value, json};

use super::call::{Call, done, is_image, results};
use crate::ask::Reply;
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::Outcome;
use crate::record::{fresh_id, take_over};
use crate::shelf::Shelf;

const STANDARDS: &[&str] = &[
    "aiact",
    "aiuc1",
    "aue8",
    "awsFTR",
    "bsic5",
    "ccpa",
    "cisv8",
    "cjis",
    "cmmc2",
    "cps234",
    "cri",
    "dora",
    "fedRAMPr5",
    "fedramp",
    "fedramp20x",
    "fedramp20x_2026",
    "gdpr",
    "hipaa",
    "hitruste1",
    "iso9001",
    "iso27001",
    "iso27001_2022",
    "iso27017",
    "iso27018",
    "iso27701",
    "iso27701_2025",
    "iso42001",
    "msftSSPA",
    "mvsp",
    "nis2d",
    "nist53",
    "nist171",
    "nist171r3",
    "nistAiRmf",
    "nistCSF",
    "nistcsf2",
    "ofdss",
    "pciDss4",
    "pciSaqA",
    "pciSaqAEP",
    "pciSaqDMerchant",
    "pciSaqDSP",
    "soc2",
    "soxITGC",
    "t23nycrr500",
    "tisax",
    "tisax2027",
    "iso22301",
    "trust",
    "ukCyberEssentials",
    "ukCyberEssentials33",
    "usDataPrivacy",
    "fedrampKSI",
];
const NEW: &[Field] = &[
    must("name", Shape::Text),
    may("standard", Shape::OneOf(STANDARDS)).or_null(),
    may("description", Shape::Text),
];
const CHANGES: &[Field] = &[
    may("name", Shape::Text),
    may("standard", Shape::OneOf(STANDARDS)).or_null(),
    may("description", Shape::Text).or_null(),
];
const SEEDED: &[(&str, Option<&str>, Option<&str>)] = &[
    ("SOC 2 Type II", Some("soc2"), Some("Security, availability and confidentiality, audited annually.")),
    (
        "ISO 27001:2022",
        Some("iso27001_2022"),
        Some("The certification covers the entire product and its operations."),
    ),
    ("HIPAA", Some("hipaa"), Some("Business associate agreements are available to every clinic.")),
    ("Annual penetration test", None, None),
];

pub(super) struct Frameworks(Shelf);

impl Frameworks {
    pub(super) fn new(rng: &mut Rng) -> Self {
        let seeded = SEEDED.iter().map(|(name, standard, description)| {
            json!({ "id": fresh_id(rng), "name": name, "standard": standard, "description": description })
        });
        Self(Shelf::new("Compliance framework", seeded.collect()))
    }

    pub(super) fn route(&mut self, path: &[&str], call: &mut Call<'_>) -> Option<Outcome> {
        let outcome = match (call.method, path) {
            ("GET", [_]) => Ok(results(self.0.all().iter().cloned())),
            ("POST", [_]) => self.create(call),
            ("PATCH", [_, id]) => self.change(id, call.body()),
            ("DELETE", [_, id]) => self.delete(id, call),
            ("POST", [_, id, "badge"]) => self.upload_badge(id, call),
            _ => return None,
        };
        Some(outcome)
    }

    fn create(&mut self, call: &mut Call<'_>) -> Outcome {
        fields::check(call.body(), NEW)?;
        let mut framework = json!({ "id": call.fresh_id(), "standard": null, "description": null });
        take_over(&mut framework, call.body(), &["name", "standard", "description"]);
        self.0.add(framework.clone());
        Ok(Reply::ok(framework))
    }

    fn change(&mut self, id: &str, body: &Value) -> Outcome {
        fields::check(body, CHANGES)?;
        let framework = self.0.find_mut(id)?;
        take_over(framework, body, &["name", "standard", "description"]);
        Ok(Reply::ok(framework.clone()))
    }

    fn delete(&mut self, id: &str, call: &mut Call<'_>) -> Outcome {
        self.0.remove(id)?;
        call.drawer.discard(id);
        Ok(Reply::Empty(204))
    }

    fn upload_badge(&self, id: &str, call: &mut Call<'_>) -> Outcome {
        self.0.find(id)?;
        let file = call.ask.file("file")?;
        is_image("file", &file.mime)?;
        call.drawer.keep(id, file);
        Ok(done())
    }
}
