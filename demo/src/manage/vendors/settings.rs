//! `/v1/vendor-categories` and `/v1/vendor-custom-fields`: what vendors are sorted into and described with.

use serde_json::{Value, json};

use super::CUSTOM_FIELD;
use super::catalog::VENDORS;
use crate::ask::Ask;
use crate::manage::Outcome;
use crate::pages::page_of;

/// Categories that the company has added.
const OWN: &[&str] = &["Clinical partners"];
/// Id, label and options, by id; the second has no value on any vendor.
const FIELDS: &[(&str, &str, &[&str])] = &[
    ("64f5c3d8a1b60e7294d10001", CUSTOM_FIELD, &["Health information", "None"]),
    ("64f5c3d8a1b60e7294d10002", "Insured until", &[]),
];

pub(in crate::manage) fn categories_route(method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
    (method == "GET" && rest.is_empty()).then(|| {
        let mut system: Vec<&str> = VENDORS.iter().map(|vendor| vendor.2).collect();
        system.sort_unstable();
        system.dedup();
        let all: Vec<&str> = system.iter().chain(OWN).copied().collect();
        Ok(page_of(ask, all, |name| json!({ "displayName": name, "isCustom": OWN.contains(&name) })))
    })
}

pub(in crate::manage) fn fields_route(method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
    (method == "GET" && rest.is_empty()).then(|| Ok(page_of(ask, FIELDS.iter().collect(), field)))
}

fn field((id, label, options): &(&str, &str, &[&str])) -> Value {
    let options: Vec<Value> = options.iter().map(|option| json!({ "label": option })).collect();
    let kind = if options.is_empty() { "DATE" } else { "SELECT" };
    json!({ "id": id, "label": label, "type": kind, "options": options })
}
