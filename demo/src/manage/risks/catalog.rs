//! The risks that the register starts with.

use super::{ENTERPRISE, SCENARIO};

pub(super) struct Scenario {
    pub(super) id: &'static str,
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

/// A risk of which nothing is known but its id, its title and what could happen.
const fn scenario(id: &'static str, title: &'static str, detail: &'static str) -> Scenario {
    Scenario {
        id,
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
        note: Some("Two attempts were detected last year; multi-factor authentication blocked both."),
        controls: &["Multi-factor authentication enforced", "Access reviews conducted"],
        planned: &["Session timeout enforced"],
        ..scenario(
            "patient-records-read-with-a-stolen-password",
            "Patient records accessed with stolen credentials",
            "An attacker signs in with leaked credentials, or those from a phishing page, and reads health information.",
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
            "ransomware-encrypts-production-data",
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
        note: Some("Scored for the four vendors that store health information."),
        controls: &["Vendor security reviews performed", "Business associate agreements signed"],
        ..scenario(
            "a-critical-vendor-loses-health-information",
            "A critical vendor loses health information",
            "A vendor that stores patient records is breached or loses them, and does not notify us in time.",
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
            "the-cloud-region-is-lost-for-a-day",
            "Cloud region outage of one day",
            "The region that hosts production fails for longer than the committed recovery time.",
        )
    },
    Scenario {
        scores: [4, 3, 3, 3],
        categories: &["Human resources"],
        protects: &[C],
        treatment: Some("Mitigate"),
        review: "REQUESTED_CHANGES",
        note: Some("The approver requests the number of late cases in the last quarter."),
        controls: &["Access revoked upon termination", "Offboarding checklist completed"],
        ..scenario(
            "leavers-keep-access-to-systems",
            "Former employees retain access to systems",
            "Accounts outside single sign-on remain active after an employee leaves.",
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
            "known-weaknesses-are-exploited-before-they-are-fixed",
            "Known vulnerabilities exploited before they are remediated",
            "A published vulnerability in a library or an image is exploited before its remediation deadline.",
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
            "a-storage-bucket-is-opened-to-the-public",
            "Storage bucket exposed to the public",
            "A manual change makes a bucket with patient reports publicly readable.",
        )
    },
    Scenario {
        scores: [2, 4, 2, 2],
        categories: &["Legal"],
        protects: &[C],
        treatment: Some("Transfer"),
        review: "APPROVED",
        note: Some("The insurance policy covers notification and legal costs."),
        controls: &["Cyber insurance maintained", "Breach notification procedure established"],
        ..scenario(
            "breach-costs-exceed-the-reserves",
            "Breach costs exceed the reserves",
            "Notification costs, legal fees and fines after a breach exceed what the company can afford.",
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
            "a-laptop-is-stolen-on-a-trip",
            "Laptop stolen while traveling",
            "A company computer with active sessions is stolen from a train or a hotel.",
        )
    },
    Scenario {
        scores: [3, 4, 0, 0],
        categories: &["Artificial intelligence"],
        protects: &[C, I],
        review: "NOT_REVIEWED",
        note: Some("Identified during a review of discovered vendors."),
        planned: &["Privacy impact assessed"],
        ..scenario(
            "health-information-is-pasted-into-a-chat-assistant",
            "Health information entered into an AI assistant",
            "Staff use AI assistants that retain what is entered, without an agreement with the provider.",
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
            "a-faulty-release-shows-wrong-results",
            "Faulty release shows incorrect results",
            "A change that was not tested with real units shows lab results on the wrong scale.",
        )
    },
    Scenario {
        scores: [1, 3, 1, 2],
        protects: &[A],
        treatment: Some("Accept"),
        review: "APPROVED",
        ..scenario(
            "the-office-has-no-power-for-a-week",
            "Office power outage of one week",
            "The office cannot be used; affected staff work from home.",
        )
    },
    Scenario {
        review: "DRAFT",
        ..scenario(
            "translated-consent-forms-differ-from-the-original",
            "Translated consent forms differ from the original",
            "A translation omits a purpose, so that consent does not cover the processing.",
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
            "the-server-room-floods",
            "Server room flooding",
            "Water enters the server room. Closed: the room was retired when the last server moved to the cloud.",
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
            "clinics-lose-trust-after-an-incident",
            "Clinics lose trust after an incident",
            "Partners terminate their contracts because of how an incident was handled.",
        )
    },
    Scenario {
        scores: [2, 4, 0, 0],
        categories: &["Legal"],
        treatment: Some("Mitigate"),
        review: "DRAFT",
        kind: ENTERPRISE,
        ..scenario(
            "new-rules-for-medical-software-apply-at-once",
            "New medical software regulation takes effect without notice",
            "A change in the law makes part of the product subject to regulatory approval.",
        )
    },
];
