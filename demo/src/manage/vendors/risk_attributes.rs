//! `/v1/vendor-risk-attributes`: traits that a vendor's inherent risk follows from.

use serde_json::{Value, json};

use crate::ask::Ask;
use crate::manage::Outcome;
use crate::pages::page_of;

/// Whether vendors can be given an attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Offered {
    Enabled,
    Disabled,
}

struct Attribute {
    id: &'static str,
    name: &'static str,
    about: &'static str,
    level: &'static str,
    categories: &'static [&'static str],
    offered: Offered,
}

const fn attribute(
    id: &'static str,
    [name, about]: [&'static str; 2],
    level: &'static str,
    categories: &'static [&'static str],
) -> Attribute {
    Attribute { id, name, about, level, categories, offered: Offered::Enabled }
}

const ATTRIBUTES: &[Attribute] = &[
    attribute(
        "stores-health-information",
        ["Stores health information", "The vendor stores patients' health information."],
        "CRITICAL",
        &["Cloud infrastructure", "Data storage", "Collaboration"],
    ),
    attribute(
        "runs-production",
        ["Runs production", "Patients cannot be served during a vendor outage."],
        "CRITICAL",
        &["Cloud infrastructure", "Data storage", "Identity"],
    ),
    attribute(
        "changes-source-code",
        ["Changes source code", "The vendor stores source code or can change what is released."],
        "CRITICAL",
        &["Development"],
    ),
    attribute(
        "transmits-health-information",
        ["Transmits health information", "Health information passes through the vendor but is not stored."],
        "HIGH",
        &["Collaboration", "Communication", "Data storage", "Network", "Support"],
    ),
    attribute(
        "holds-credentials",
        ["Holds credentials", "The vendor stores passwords or can control company computers."],
        "HIGH",
        &["Human resources", "Identity", "IT"],
    ),
    attribute(
        "holds-customer-contacts",
        ["Holds customer contacts", "The vendor stores names and addresses of customers or payers."],
        "HIGH",
        &["Payments", "Sales", "Support"],
    ),
    attribute(
        "reads-production-logs",
        ["Reads production logs", "The vendor receives logs or metrics from production systems."],
        "HIGH",
        &["Data storage", "Monitoring"],
    ),
    attribute(
        "reads-internal-systems",
        ["Reads internal systems", "The vendor can read the company's tickets, documents or reports."],
        "MEDIUM",
        &["Analytics", "Collaboration", "Development", "Monitoring", "Support"],
    ),
    attribute(
        "holds-personnel-records",
        ["Holds personnel records", "The vendor stores applicant or personnel records."],
        "MEDIUM",
        &["Human resources"],
    ),
    attribute(
        "holds-contracts-and-accounts",
        ["Holds contracts and accounts", "The vendor stores contracts, invoices or accounting records."],
        "MEDIUM",
        &["Finance", "Legal"],
    ),
    attribute(
        "writes-to-customers",
        ["Writes to customers", "The vendor sends messages on the company's behalf."],
        "MEDIUM",
        &["Communication", "Marketing"],
    ),
    attribute(
        "no-sensitive-data",
        ["No sensitive data", "The vendor does not handle sensitive data."],
        "LOW",
        &["Design", "Development", "Human resources", "Marketing", "Sales"],
    ),
    Attribute {
        id: "visits-offices",
        name: "Visits offices",
        about: "Vendor staff work in the company's offices.",
        level: "UNSCORED",
        categories: &["IT"],
        offered: Offered::Disabled,
    },
];

/// The ids of the attributes that put a vendor of this category at this level.
pub(super) fn behind(level: &str, category: &str) -> Vec<&'static str> {
    let fitting = ATTRIBUTES.iter().filter(|attribute| {
        attribute.offered == Offered::Enabled
            && attribute.level == level
            && attribute.categories.contains(&category)
    });
    fitting.map(|attribute| attribute.id).collect()
}

/// There is nothing to look up by id here; the list is all there is.
pub(in crate::manage) fn route(method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
    (method == "GET" && rest.is_empty()).then(|| Ok(page_of(ask, ATTRIBUTES.iter().collect(), shown)))
}

fn shown(attribute: &Attribute) -> Value {
    json!({
        "id": attribute.id,
        "name": attribute.name,
        "description": attribute.about,
        "vendorCategories": attribute.categories,
        "enabled": attribute.offered == Offered::Enabled,
        "riskLevel": attribute.level,
    })
}
