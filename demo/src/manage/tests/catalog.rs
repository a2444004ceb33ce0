//! The automated tests: kinds of checks, and what each kind is run on.

mod program;
mod settings;

use super::subjects::{COMPUTERS, POLICIES, RESOURCES, SCANNERS, SYSTEMS, Subject};
use program::{PEOPLE_CHECKS, PROGRAM_CHECKS};
pub(super) use settings::CLOUD_CHECKS;
use settings::{CODE_CHECKS, COMPUTER_CHECKS};

/// One kind of check. `{x}` stands for what it is run on.
#[derive(Clone, Copy)]
pub(super) struct Check {
    /// The end of the test's id, after the id of what it is run on.
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// Completes "Verifies that …".
    pub(super) verifies: &'static str,
    /// What fails where it fails, in a sentence.
    pub(super) failure: &'static str,
    /// What to do about it, in a sentence.
    pub(super) remedy: &'static str,
    pub(super) category: &'static str,
    /// Names of the controls that the test belongs to.
    pub(super) controls: &'static [&'static str],
    pub(super) entity: Entity,
}

/// What one failing entity of a test is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Entity {
    Account,
    Resource,
    Person,
    Computer,
    Repository,
    Vulnerability,
    Vendor,
    Task,
}

const fn check(
    id: &'static str,
    category: &'static str,
    entity: Entity,
    controls: &'static [&'static str],
    words: [&'static str; 4],
) -> Check {
    let [name, verifies, failure, remedy] = words;
    Check { id, name, verifies, failure, remedy, category, controls, entity }
}

/// Kinds of checks with what each is run on.
pub(super) const FAMILIES: &[(&[Check], &[Subject<'static>])] = &[
    (ACCOUNT_CHECKS, SYSTEMS),
    (RESOURCE_CHECKS, RESOURCES),
    (POLICY_CHECKS, POLICIES),
    (FINDING_CHECKS, SCANNERS),
    (COMPUTER_CHECKS, COMPUTERS),
    (CODE_CHECKS, &[("github", "github", "GitHub")]),
    (CLOUD_CHECKS, &[("aws", "aws", "AWS"), ("gcp", "gcp", "Google Cloud")]),
    (PEOPLE_CHECKS, &[("rippling", "people", "Rippling")]),
    (PROGRAM_CHECKS, &[("vanta", "program", "Vanta")]),
];

const ACCOUNT_CHECKS: &[Check] = &[
    check(
        "accounts-deprovisioned",
        "Accounts access",
        Entity::Account,
        &["Access revoked upon termination"],
        [
            "{x} accounts deprovisioned when personnel leave",
            "{x} accounts are removed when their owner leaves the company",
            "Some former personnel still have accounts in {x}.",
            "Deactivate or remove the listed accounts in {x}.",
        ],
    ),
    check(
        "accounts-associated",
        "Account setup",
        Entity::Account,
        &["Unique accounts enforced"],
        [
            "{x} accounts associated with people",
            "every {x} account is linked to a known person or marked as a service account",
            "Some {x} accounts are not linked to a known person.",
            "Link each listed account to a person, or mark it as a service account.",
        ],
    ),
    check(
        "mfa-enabled",
        "Account security",
        Entity::Account,
        &["Multi-factor authentication enforced"],
        [
            "MFA on {x}",
            "multi-factor authentication is enabled for all {x} accounts",
            "Some {x} accounts do not have multi-factor authentication enabled.",
            "Enable multi-factor authentication for the listed accounts.",
        ],
    ),
    check(
        "access-reviewed",
        "Accounts access",
        Entity::Task,
        &["Access reviews conducted"],
        [
            "{x} access reviewed in the last quarter",
            "an access review for {x} was completed in the last 90 days",
            "The access review for {x} is incomplete or overdue.",
            "Complete the access review for {x}.",
        ],
    ),
    check(
        "admins-limited",
        "Accounts access",
        Entity::Account,
        &["Privileged access restricted"],
        [
            "{x} administrator access restricted",
            "only approved people have administrator access to {x}",
            "Some {x} administrators have not been approved.",
            "Approve the listed administrators, or remove their administrator role.",
        ],
    ),
];

const RESOURCE_CHECKS: &[Check] = &[
    check(
        "encrypted",
        "Data storage",
        Entity::Resource,
        &["Data encrypted at rest", "Encryption keys managed"],
        [
            "{x} encrypted at rest",
            "{x} are encrypted with a managed key",
            "Some {x} are not encrypted.",
            "Enable encryption for the listed resources, or recreate them with encryption enabled.",
        ],
    ),
    check(
        "not-public",
        "Infrastructure",
        Entity::Resource,
        &["Public exposure of storage prevented"],
        [
            "{x} not publicly accessible",
            "{x} do not allow public access",
            "Some {x} are publicly accessible.",
            "Block public access to the listed resources.",
        ],
    ),
    check(
        "backed-up",
        "Data storage",
        Entity::Resource,
        &["Backups performed"],
        [
            "{x} backed up daily",
            "{x} have been backed up in the last 24 hours",
            "Some {x} have no recent backup.",
            "Enable automatic backups for the listed resources.",
        ],
    ),
    check(
        "deletion-protected",
        "Infrastructure",
        Entity::Resource,
        &["Deletion protection enabled"],
        [
            "Deletion protection enabled for {x}",
            "{x} are protected from accidental deletion",
            "Some {x} do not have deletion protection enabled.",
            "Enable deletion protection or versioning for the listed resources.",
        ],
    ),
    check(
        "access-logged",
        "Logging",
        Entity::Resource,
        &["Audit logs collected", "Cloud activity logged"],
        [
            "Access logging enabled for {x}",
            "access logging is enabled for {x}",
            "Some {x} do not have access logging enabled.",
            "Enable access logging and send the logs to the log archive.",
        ],
    ),
    check(
        "owner-tagged",
        "IT",
        Entity::Resource,
        &["Cloud resources tagged with owner", "Asset inventory maintained"],
        [
            "{x} have an owner",
            "{x} are tagged with an owner",
            "Some {x} have no owner.",
            "Tag each listed resource with the team that owns it.",
        ],
    ),
];

const POLICY_CHECKS: &[Check] = &[
    check(
        "approved",
        "Policies",
        Entity::Task,
        &["Information security policies reviewed"],
        [
            "{x} approved",
            "the {x} was approved within the last year",
            "The {x} has not been approved in the last year.",
            "Review and approve the {x}.",
        ],
    ),
    check(
        "accepted",
        "Policies",
        Entity::Person,
        &["Code of conduct acknowledged"],
        [
            "{x} accepted by personnel",
            "everyone has accepted the current {x}",
            "Some people have not accepted the {x}.",
            "Remind the listed people to accept the policy.",
        ],
    ),
];

const FINDING_CONTROLS: &[&str] = &["Vulnerabilities remediated", "Vulnerability scans performed"];

const FINDING_CHECKS: &[Check] = &[
    finding("critical-addressed", "Critical vulnerabilities addressed ({x})"),
    finding("high-addressed", "High vulnerabilities addressed ({x})"),
    finding("medium-addressed", "Medium vulnerabilities addressed ({x})"),
    finding("low-addressed", "Low vulnerabilities addressed ({x})"),
];

const fn finding(id: &'static str, name: &'static str) -> Check {
    check(
        id,
        "Vulnerability management",
        Entity::Vulnerability,
        FINDING_CONTROLS,
        [
            name,
            "vulnerabilities of this severity reported by {x} are remediated within their SLA",
            "Some vulnerabilities reported by {x} are past their remediation deadline.",
            "Remediate the listed vulnerabilities, or document why remediation is delayed.",
        ],
    )
}
