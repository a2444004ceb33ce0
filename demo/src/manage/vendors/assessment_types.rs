//! `/v1/vendor-assessment-types`: the kinds of assessment that vendors go through.

use serde_json::{Value, json};

use crate::ask::{Ask, Reply};
use crate::manage::Outcome;
use crate::pages::page_of;
use crate::query::choice;
use crate::record::text;

const ACTIVE: &str = "ACTIVE";
const ARCHIVED: &str = "ARCHIVED";

/// What assessments are of: id and name.
pub(super) const IN_USE: &[(&str, &str)] =
    &[("annual-review", "Annual security review"), ("privacy-review", "Privacy review")];

/// Id, name, description and state.
const TYPES: &[(&str, &str, Option<&str>, &str)] = &[
    (
        "annual-review",
        "Annual security review",
        Some("Reports, findings and access of a vendor, looked at once a year."),
        ACTIVE,
    ),
    (
        "privacy-review",
        "Privacy review",
        Some("What health information a vendor receives, and under which agreement."),
        ACTIVE,
    ),
    (
        "continuity-review",
        "Continuity review",
        Some("How long the company could do without a vendor."),
        ACTIVE,
    ),
    ("artificial-intelligence-review", "Artificial intelligence review", None, ACTIVE),
    (
        "onboarding-questionnaire",
        "Onboarding questionnaire",
        Some("The spreadsheet sent to new vendors before reviews were kept here."),
        ARCHIVED,
    ),
];

pub(in crate::manage) fn route(method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
    let types = || TYPES.iter().map(shown);
    let outcome = match (method, rest) {
        ("GET", []) => choice(ask, "status", &[ACTIVE, ARCHIVED]).map(|wanted| {
            let kept = types().filter(|kind| wanted.is_none_or(|wanted| text(kind, "status") == wanted));
            page_of(ask, kept.collect(), |kind| kind)
        }),
        ("GET", [id]) => types()
            .find(|kind| text(kind, "id") == *id)
            .map(Reply::ok)
            .ok_or_else(|| Reply::not_found("Assessment type", id)),
        _ => return None,
    };
    Some(outcome)
}

fn shown((id, name, description, status): &(&str, &str, Option<&str>, &str)) -> Value {
    json!({ "id": id, "name": name, "description": description, "status": status })
}
