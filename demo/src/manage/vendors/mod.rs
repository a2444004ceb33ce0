//! Vendors with their security reviews, assessments, findings and documents.

mod assessing;
pub(super) mod assessment_types;
mod catalog;
mod reviewing;
pub(super) mod risk_attributes;
mod routes;
mod seeded;
pub(super) mod settings;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::Value;

use super::invented;
use super::people::People;
use crate::record::{slug, text, turn};
use crate::shelf::Shelf;
use crate::size::Growth;
use catalog::VENDORS;

pub(super) use routes::blank;

pub(super) struct Vendors {
    pub(super) shelf: Shelf,
    reviews: Shelf,
    assessments: Shelf,
    pub(super) findings: Shelf,
    /// Documents; each keeps the vendor and, where it has one, the security review that it belongs to.
    documents: Shelf,
}

impl Vendors {
    pub(super) fn new(now: Timestamp, people: &People, growth: Option<&Growth>, rng: &mut Rng) -> Self {
        let mut vendors = Self {
            shelf: Shelf::new("Vendor", Vec::new()),
            reviews: Shelf::new("Security review", Vec::new()),
            assessments: Shelf::new("Assessment", Vec::new()),
            findings: Shelf::new("Finding", Vec::new()),
            documents: Shelf::new("Vendor document", Vec::new()),
        };
        for (index, entry) in VENDORS.iter().enumerate() {
            seeded::vendor(&mut vendors, index, *entry, now, people, rng);
        }
        for index in VENDORS.len()..growth.map_or(0, |growth| growth.vendors) {
            let name = invented::vendor(index - VENDORS.len());
            let website = format!("https://{}.example", slug(&name));
            let (.., category, services, inherent, headquarters) = turn(VENDORS, index);
            let entry = (name.as_str(), website.as_str(), category, services, inherent, headquarters);
            seeded::vendor(&mut vendors, index, entry, now, people, rng);
        }
        vendors
    }
}

/// The field that the company has added to vendors and filled in.
const CUSTOM_FIELD: &str = "Data shared";
/// Kept with a document, not shown.
const OF_VENDOR: &str = "vendorId";
const OF_REVIEW: &str = "securityReviewId";

/// The records that belong to a vendor.
fn of<'a>(shelf: &'a Shelf, vendor: &'a str) -> impl Iterator<Item = &'a Value> {
    shelf.all().iter().filter(move |record| text(record, OF_VENDOR) == vendor)
}
