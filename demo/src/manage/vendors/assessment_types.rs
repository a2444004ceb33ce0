//! `/v1/vendor-assessment-types`: the kinds of assessment that vendors go through.

use serde_json::{Value, json};

use crate::ask::{Ask, Reply};
use crate::manage::Outcome;
use crate::pages::page_of;
use crate::query::choice;
use crate::record::text;

/// Whether assessments of a type can still be started.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TypeState {
    Active,
    Archived,
}

impl TypeState {
    const fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Archived => "ARCHIVED",
        }
    }
}

const SECURITY: &str = "64b8f1d2e70a93c5d6020001";
const PRIVACY: &str = "64b8f1d2e70a93c5d6020002";

/// What assessments are of: id and name.
pub(super) const IN_USE: &[(&str, &str)] =
    &[(SECURITY, "Annual security review"), (PRIVACY, "Privacy review")];

/// Who answers an assessment: the vendor, or the company's own people.
pub(super) const EXTERNAL: &str = "EXTERNAL";
const INTERNAL: &str = "INTERNAL";

/// Id, name, description and state.
const TYPES: &[(&str, &str, Option<&str>, TypeState)] = &[
    (
        SECURITY,
        "Annual security review",
        Some("An annual review of a vendor's reports, findings and access."),
        TypeState::Active,
    ),
    (
        PRIVACY,
        "Privacy review",
        Some("What health information a vendor receives, and under which agreement."),
        TypeState::Active,
    ),
    (
        "64b8f1d2e70a93c5d6020003",
        "Continuity review",
        Some("How long the company can operate without the vendor."),
        TypeState::Active,
    ),
    ("64b8f1d2e70a93c5d6020004", "Artificial intelligence review", None, TypeState::Active),
    (
        "64b8f1d2e70a93c5d6020005",
        "Onboarding questionnaire",
        Some("The spreadsheet sent to new vendors before reviews were managed in Vanta."),
        TypeState::Archived,
    ),
];

/// Risk level of a vendor, what it is asked for, and how often it is assessed again.
const RULES: &[(&str, &[&str], Option<&str>)] = &[
    ("CRITICAL", &["SOC2_REPORT", "PENETRATION_TEST"], Some("P6M")),
    ("HIGH", &["SOC2_REPORT"], Some("P1Y")),
    ("MEDIUM", &["SOC2_REPORT"], Some("P2Y")),
    ("LOW", &[], None),
];

pub(in crate::manage) fn route(method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
    let types = || TYPES.iter().map(shown);
    let outcome = match (method, rest) {
        ("GET", []) => {
            choice(ask, "status", &[TypeState::Active.name(), TypeState::Archived.name()]).map(|wanted| {
                let kept = types().filter(|kind| wanted.is_none_or(|wanted| text(kind, "status") == wanted));
                page_of(ask, kept.collect(), |kind| kind)
            })
        }
        ("GET", [id]) => find(id).map(|(kind, _)| Reply::ok(kind)),
        ("GET", [id, "rules"]) => find(id).map(|_| Reply::ok(rules(id))),
        _ => return None,
    };
    Some(outcome)
}

/// The type with this id and how it stands, or 404.
pub(super) fn find(id: &str) -> Result<(Value, TypeState), Reply> {
    let found = TYPES.iter().find(|kind| kind.0 == id).map(|kind| (shown(kind), kind.3));
    found.ok_or_else(|| Reply::not_found("Assessment type", id))
}

/// Who answers assessments of this type.
pub(super) fn audience(id: &str) -> &'static str {
    if IN_USE.iter().any(|(used, _)| *used == id) { EXTERNAL } else { INTERNAL }
}

fn rules(id: &str) -> Value {
    let questionnaires: &[&str] = if audience(id) == EXTERNAL { &["Security questionnaire"] } else { &[] };
    let rules = RULES.iter().map(|(level, evidence, again)| {
        json!({
            "vendorRiskLevel": level,
            "evidence": evidence,
            "questionnaires": questionnaires,
            "reassessmentCadence": again,
        })
    });
    json!({ "assessmentTypeId": id, "rules": rules.collect::<Vec<_>>() })
}

fn shown((id, name, description, standing): &(&str, &str, Option<&str>, TypeState)) -> Value {
    json!({ "id": id, "name": name, "description": description, "status": standing.name() })
}
