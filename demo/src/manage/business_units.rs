//! `/v1/business-units`: the parts of the company that its compliance work is scoped to.

use serde_json::{Value, json};

use super::Outcome;
use crate::ask::{Ask, Reply};
use crate::pages::page_of;

/// Id, name and what the part does.
const UNITS: &[(&str, &str, &str)] = &[
    ("64c0de5a10b7d2f3a9e40001", "Patient platform", "The product used by clinics and patients."),
    ("64c0de5a10b7d2f3a9e40002", "Payer services", "Billing and reporting for insurers."),
    ("64c0de5a10b7d2f3a9e40003", "Quillmere Ireland", "Sales and support in Europe."),
];

pub(super) fn route(method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
    let outcome = match (method, rest) {
        ("GET", []) => Ok(page_of(ask, UNITS.iter().collect(), shown)),
        ("GET", [id]) => UNITS
            .iter()
            .find(|unit| unit.0 == *id)
            .map(|unit| Reply::ok(shown(unit)))
            .ok_or_else(|| Reply::not_found("Business unit", id)),
        _ => return None,
    };
    Some(outcome)
}

fn shown((id, name, about): &(&str, &str, &str)) -> Value {
    json!({ "id": id, "displayName": name, "description": about })
}
