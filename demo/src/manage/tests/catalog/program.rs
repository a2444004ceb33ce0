//! Checks of what people and the program have to do in time.

use super::{Check, Entity, check};

pub(super) const PEOPLE_CHECKS: &[Check] = &[
    people("background-checks", "Background checks completed", &["Background checks performed"]),
    people("security-training", "Security training completed", &["Security awareness training completed"]),
    people("privacy-training", "Privacy training completed", &["Privacy training completed"]),
    people(
        "secure-coding-training",
        "Secure coding training completed",
        &["Secure coding training completed"],
    ),
    people("agreements-signed", "Confidentiality agreements signed", &["Confidentiality agreements signed"]),
    people("evaluated", "Performance reviewed in the last year", &["Performance evaluations conducted"]),
    people("offboarded-in-time", "Offboarding completed on time", &["Offboarding checklist completed"]),
    people("equipment-returned", "Equipment returned after offboarding", &["Assets returned on termination"]),
];

const fn people(id: &'static str, name: &'static str, controls: &'static [&'static str]) -> Check {
    check(
        id,
        "Employees",
        Entity::Person,
        controls,
        [
            name,
            "personnel listed in {x} have completed this on time",
            "Some personnel are overdue.",
            "Remind the listed people, or correct their records in {x}.",
        ],
    )
}

pub(super) const PROGRAM_CHECKS: &[Check] = &[
    program(
        "risk-assessment",
        "Risk analysis",
        "Risk assessment completed in the last year",
        &["Risk assessments performed"],
    ),
    program("risk-treatments", "Risk analysis", "Risk treatments on schedule", &["Risk treatment tracked"]),
    program(
        "vendors-reviewed",
        "Vendors",
        "Critical vendors reviewed",
        &["Vendor security reviews performed"],
    ),
    program("vendors-owned", "Vendors", "Vendors have an owner", &["Vendor inventory maintained"]),
    program(
        "vendor-findings",
        "Vendors",
        "Vendor findings remediated on schedule",
        &["Vendor findings remediated"],
    ),
    program(
        "baas-signed",
        "Vendors",
        "Business associate agreements on file",
        &["Business associate agreements signed"],
    ),
    program(
        "incidents-closed",
        "Monitoring alerts",
        "Incidents resolved on time",
        &["Incidents tracked and resolved"],
    ),
    program("alerts-triaged", "CSPM alert management", "Alerts assigned within one day", &["Alerts triaged"]),
    program(
        "pentest-findings",
        "Vulnerability management",
        "Penetration test findings remediated",
        &["Penetration test findings tracked"],
    ),
    program("owners-assigned", "Custom", "Controls have an owner", &["Control owners assigned"]),
];

const fn program(
    id: &'static str,
    category: &'static str,
    name: &'static str,
    controls: &'static [&'static str],
) -> Check {
    let entity = match category.as_bytes() {
        b"Vendors" => Entity::Vendor,
        _ => Entity::Task,
    };
    check(
        id,
        category,
        entity,
        controls,
        [
            name,
            "the items that {x} tracks for this part of the program are completed on time",
            "Some items are past their due date.",
            "Complete the listed items.",
        ],
    )
}
