//! `/v1/risk-registers` and `/v1/risk-settings`: where risks are kept, and what they are described with.

use serde_json::{Value, json};

use super::catalog::SCENARIOS;
use super::{CUSTOM_FIELD, REGISTER};
use crate::ask::{Ask, Reply};
use crate::manage::Outcome;
use crate::pages::page_of;

/// Id, name and type. The enterprise register is kept by Vanta; no risk names it.
const REGISTERS: &[(&str, &str, &str)] = &[
    ("64e7a4b1c92d05f8e3160001", "Enterprise risks", "ENTERPRISE"),
    ("64e7a4b1c92d05f8e3160002", REGISTER, "STANDARD"),
];
/// What the company calls the two scores of a risk.
const STAGES: &[(&str, &str)] = &[("INHERENT", "Inherent"), ("RESIDUAL", "Residual")];

pub(in crate::manage) fn route(method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
    let outcome = match (method, rest) {
        ("GET", []) => Ok(page_of(ask, REGISTERS.iter().collect(), shown)),
        ("GET", [id]) => REGISTERS
            .iter()
            .find(|register| register.0 == *id)
            .map(|register| Reply::ok(shown(register)))
            .ok_or_else(|| Reply::not_found("Risk register", id)),
        _ => return None,
    };
    Some(outcome)
}

pub(in crate::manage) fn settings_route(method: &str, rest: &[&str]) -> Option<Outcome> {
    (method == "GET" && rest.is_empty()).then(|| Ok(Reply::ok(settings())))
}

fn shown((id, name, kind): &(&str, &str, &str)) -> Value {
    json!({
        "id": id,
        "name": name,
        "registerType": kind,
        "settings": { "applicableCustomFields": [CUSTOM_FIELD] },
    })
}

fn settings() -> Value {
    let mut categories: Vec<&str> =
        SCENARIOS.iter().flat_map(|scenario| scenario.categories).copied().collect();
    categories.sort_unstable();
    categories.dedup();
    let named = |name: &&str| json!({ "name": name });
    let stages = STAGES.iter().map(|(stage, name)| json!({ "stage": stage, "name": name }));
    json!({
        "scoreStages": stages.collect::<Vec<_>>(),
        "categories": categories.iter().map(named).collect::<Vec<_>>(),
        "customFields": [{ "label": CUSTOM_FIELD, "type": "MULTI_SELECT", "options": ["Board", "Security team"] }],
    })
}
