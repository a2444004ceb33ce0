//! The risks that the register starts with.

use super::{ENTERPRISE, SCENARIO};

pub(super) struct Scenario {
    pub(super) title: &'static str,
    pub(super) detail: &'static str,
    /// Likelihood and impact, then both after treatment; 0 where there is no score.
    pub(super) scores: [u8; 4],
    pub(super) categories: &'static [&'static str],
    pub(super) protects: &'static [&'static str],
    pub(super) treatment: Option<&'static str>,
    pub(super) review: &'static str,
    pub(super) note: Option<&'static str>,
    /// Names of the controls in place, and of those still to come.
    pub(super) controls: &'static [&'static str],
    pub(super) planned: &'static [&'static str],
    pub(super) kind: &'static str,
    pub(super) archived: bool,
}

const C: &str = "Confidentiality";
const I: &str = "Integrity";
const A: &str = "Availability";

/// A risk of which nothing is known but its title and what could happen.
const fn scenario(title: &'static str, detail: &'static str) -> Scenario {
    Scenario {
        title,
        detail,
        scores: [0; 4],
        categories: &[],
        protects: &[],
        treatment: None,
        review: "DRAFT",
        note: None,
        controls: &[],
        planned: &[],
        kind: SCENARIO,
        archived: false,
    }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        scores: [4, 5, 2, 4],
        categories: &["Access control"],
        protects: &[C],
        treatment: Some("Mitigate"),
        review: "APPROVED",
        note: Some("Two attempts were seen last year; both ended at the second factor."),
        controls: &["Multi-factor authentication enforced", "Access reviews conducted"],
        planned: &["Session timeout enforced"],
        ..scenario(
            "Patient records read with a stolen password",
            "Someone signs in with credentials from a phishing page or a leak and reads health information.",
        )
    },
    Scenario {
        scores: [3, 5, 2, 5],
        categories: &["Malware", "Business continuity"],
        protects: &[A, I],
        treatment: Some("Mitigate"),
        review: "APPROVED",
        controls: &["Malware protection installed", "Backups performed", "Backup restoration tested"],
        planned: &["Networks segmented"],
        ..scenario(
            "Ransomware encrypts production data",
            "An attacker gains a foothold on a workstation and encrypts databases and backups.",
        )
    },
    Scenario {
        scores: [3, 4, 2, 3],
        categories: &["Vendors"],
        protects: &[C, A],
        treatment: Some("Mitigate"),
        review: "PENDING_APPROVAL",
        note: Some("Scored for the four vendors that hold health information."),
        controls: &["Vendor security reviews performed", "Business associate agreements signed"],
        ..scenario(
            "A critical vendor loses health information",
            "A vendor that stores records of patients is breached, or loses them, without telling in time.",
        )
    },
    Scenario {
        scores: [2, 5, 1, 4],
        categories: &["Business continuity"],
        protects: &[A],
        treatment: Some("Mitigate"),
        review: "APPROVED",
        controls: &["Disaster recovery plan tested", "Production spread over zones"],
        ..scenario(
            "The cloud region is lost for a day",
            "The region that production runs in fails for longer than the promised recovery time.",
        )
    },
    Scenario {
        scores: [4, 3, 3, 3],
        categories: &["Human resources"],
        protects: &[C],
        treatment: Some("Mitigate"),
        review: "REQUESTED_CHANGES",
        note: Some("The approver asks for the number of late cases of the last quarter."),
        controls: &["Access revoked upon termination", "Offboarding checklist completed"],
        ..scenario(
            "Leavers keep access to systems",
            "Accounts outside of single sign-on stay open after someone has left.",
        )
    },
    Scenario {
        scores: [4, 4, 0, 0],
        categories: &["Vulnerability management"],
        protects: &[C, I, A],
        treatment: Some("Mitigate"),
        review: "AWAITING_SUBMISSION",
        controls: &["Vulnerabilities remediated", "Dependencies updated"],
        planned: &["Penetration tests performed"],
        ..scenario(
            "Known weaknesses are exploited before they are fixed",
            "A published weakness in a library or an image is used against us while its deadline runs.",
        )
    },
    Scenario {
        scores: [3, 4, 1, 3],
        categories: &["Cloud", "Access control"],
        protects: &[C],
        treatment: Some("Avoid"),
        review: "APPROVED",
        controls: &["Public exposure of storage prevented", "Data encrypted at rest"],
        ..scenario(
            "A storage bucket is opened to the public",
            "A change by hand makes a bucket with reports of patients readable for everyone.",
        )
    },
    Scenario {
        scores: [2, 4, 2, 2],
        categories: &["Legal"],
        protects: &[C],
        treatment: Some("Transfer"),
        review: "APPROVED",
        note: Some("The insurance covers notification and legal advice."),
        controls: &["Cyber insurance maintained", "Breach notification procedure established"],
        ..scenario(
            "Breach costs exceed the reserves",
            "Notification, advice and fines after a breach cost more than the company can carry.",
        )
    },
    Scenario {
        scores: [3, 2, 3, 2],
        categories: &["Physical"],
        protects: &[C],
        treatment: Some("Accept"),
        review: "APPROVED",
        controls: &["Workstation disks encrypted"],
        ..scenario(
            "A laptop is stolen on a trip",
            "A company computer with open sessions is taken from a train or a hotel.",
        )
    },
    Scenario {
        scores: [3, 4, 0, 0],
        categories: &["Artificial intelligence"],
        protects: &[C, I],
        review: "NOT_REVIEWED",
        note: Some("Came up when discovered vendors were looked through."),
        planned: &["Privacy impact assessed"],
        ..scenario(
            "Health information is pasted into a chat assistant",
            "Staff use assistants that keep what is entered, without an agreement with their makers.",
        )
    },
    Scenario {
        scores: [2, 3, 1, 2],
        categories: &["Software development"],
        protects: &[I],
        treatment: Some("Mitigate"),
        review: "APPROVED",
        controls: &["Code changes reviewed", "Changes tested before release"],
        ..scenario(
            "A faulty release shows wrong results",
            "A change that was not tested with real units shows lab results of another scale.",
        )
    },
    Scenario {
        scores: [1, 3, 1, 2],
        protects: &[A],
        treatment: Some("Accept"),
        review: "APPROVED",
        ..scenario(
            "The office has no power for a week",
            "Nobody can work on site; those concerned work from home.",
        )
    },
    Scenario {
        review: "DRAFT",
        ..scenario(
            "Translated consent forms differ from the original",
            "A translation leaves out a purpose, so that consent does not cover what is done.",
        )
    },
    Scenario {
        scores: [2, 2, 1, 1],
        categories: &["Physical"],
        protects: &[A],
        treatment: Some("Avoid"),
        review: "APPROVED",
        archived: true,
        ..scenario(
            "The server room floods",
            "Water enters the room; it was given up when the last server moved to the cloud.",
        )
    },
    Scenario {
        scores: [3, 5, 2, 4],
        categories: &["Strategy"],
        protects: &[C, A],
        treatment: Some("Mitigate"),
        review: "APPROVED",
        controls: &["Board oversight exercised"],
        kind: ENTERPRISE,
        ..scenario(
            "Clinics lose trust after an incident",
            "Partners end their contracts because of how an incident was handled.",
        )
    },
    Scenario {
        scores: [2, 4, 0, 0],
        categories: &["Legal"],
        treatment: Some("Mitigate"),
        review: "DRAFT",
        kind: ENTERPRISE,
        ..scenario(
            "New rules for medical software apply at once",
            "A change of the law makes a part of the product subject to approval.",
        )
    },
];
