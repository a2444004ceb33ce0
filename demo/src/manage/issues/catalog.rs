//! The issues that there are at the start. Days count back from now, except for due dates.

/// Which form an issue was written down in, with what only that form has.
#[derive(Clone, Copy)]
pub(super) enum Template {
    /// The kind of finding; none where nobody has judged yet.
    Issue(Option<&'static str>),
    Plan {
        resources: Option<&'static str>,
        systems: Option<&'static str>,
    },
}

impl Template {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Issue(_) => "STANDARD_ISSUE",
            Self::Plan { .. } => "STANDARD_POAM",
        }
    }
}

pub(super) struct Entry {
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) severity: &'static str,
    pub(super) template: Template,
    pub(super) source: &'static str,
    pub(super) cause: Option<&'static str>,
    pub(super) action: Option<&'static str>,
    pub(super) created: i64,
    /// How long it was there before someone wrote it down.
    pub(super) unnoticed: i64,
    /// From now, before it where negative.
    pub(super) due: Option<i64>,
    pub(super) begun: bool,
    /// Reason, days ago, comment.
    pub(super) closed: Option<(&'static str, i64, &'static str)>,
    pub(super) owners: usize,
    pub(super) domain: Option<&'static str>,
    /// Names of controls, ids of risks and of policies.
    pub(super) controls: &'static [&'static str],
    pub(super) risks: &'static [&'static str],
    pub(super) policies: &'static [&'static str],
}

const fn entry(title: &'static str, description: &'static str) -> Entry {
    Entry {
        title,
        description,
        severity: "MEDIUM",
        template: Template::Issue(None),
        source: "SELF_ASSESSMENT",
        cause: None,
        action: None,
        created: 30,
        unnoticed: 1,
        due: None,
        begun: false,
        closed: None,
        owners: 1,
        domain: None,
        controls: &[],
        risks: &[],
        policies: &[],
    }
}

const fn finding(kind: &'static str) -> Template {
    Template::Issue(Some(kind))
}

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        severity: "HIGH",
        template: finding("MAJOR_NONCONFORMITY"),
        source: "AUDIT",
        cause: Some("The checklist does not cover systems outside single sign-on."),
        action: Some("Add these systems to the checklist and review all active accounts."),
        created: 42,
        unnoticed: 5,
        due: Some(-6),
        begun: true,
        owners: 2,
        domain: Some("IDENTIFICATION_&_AUTHENTICATION"),
        controls: &["Access revoked upon termination", "Offboarding checklist completed"],
        risks: &["leavers-keep-access-to-systems"],
        policies: &["access-control-policy"],
        ..entry(
            "Accounts of former employees remain active in three systems",
            "For 4 of 25 sampled terminations, an account was still active one week after the last day of work.",
        )
    },
    Entry {
        template: finding("MINOR_NONCONFORMITY"),
        source: "AUDIT",
        cause: Some("The quarterly review was postponed twice."),
        action: Some("Complete the review and schedule next year's reviews."),
        created: 38,
        due: Some(9),
        begun: true,
        domain: Some("IDENTIFICATION_&_AUTHENTICATION"),
        controls: &["Access reviews conducted"],
        risks: &["patient-records-read-with-a-stolen-password"],
        policies: &["access-control-policy"],
        ..entry(
            "Access review for the last quarter is overdue",
            "Two of the twelve in-scope systems were reviewed after the end of the quarter.",
        )
    },
    Entry {
        severity: "CRITICAL",
        template: finding("EXCEPTION"),
        source: "INCIDENT",
        cause: Some("The template for new buckets did not block public access."),
        action: Some("Block public access at the account level; review all templates."),
        created: 75,
        unnoticed: 0,
        due: Some(-61),
        closed: Some((
            "RESOLVED",
            64,
            "Public access is blocked in both accounts; the templates have been replaced.",
        )),
        owners: 2,
        domain: Some("CLOUD_SECURITY"),
        controls: &["Public exposure of storage prevented", "Incident lessons reviewed"],
        risks: &["a-storage-bucket-is-opened-to-the-public"],
        policies: &["operations-security-policy"],
        ..entry(
            "Bucket with test reports was publicly readable",
            "A staging bucket could be listed without authentication for nine hours. It contained no real records.",
        )
    },
    Entry {
        severity: "HIGH",
        template: Template::Plan {
            resources: Some("Two engineers for three weeks; one license for the scanner."),
            systems: Some("Servers and images for the records and imaging services."),
        },
        cause: Some("Base images are rebuilt only for releases."),
        action: Some("Rebuild images weekly and deploy them automatically."),
        created: 55,
        unnoticed: 12,
        due: Some(20),
        begun: true,
        domain: Some("VULNERABILITY_&_PATCH_MANAGEMENT"),
        controls: &["Vulnerabilities remediated", "Container images scanned"],
        risks: &["known-weaknesses-are-exploited-before-they-are-fixed"],
        ..entry(
            "Critical image vulnerabilities past their remediation deadline",
            "Images of two services had critical vulnerabilities for more than 15 days.",
        )
    },
    Entry {
        template: Template::Plan { resources: None, systems: Some("All workstations managed by Kandji.") },
        source: "EXTERNAL_PARTY",
        created: 20,
        due: Some(70),
        domain: Some("ENDPOINT_SECURITY"),
        controls: &["Workstation firewall enabled", "Screen lock enforced"],
        ..entry(
            "Workstation settings differ between departments",
            "A partner clinic's questionnaire revealed that two departments still use the old profile.",
        )
    },
    Entry {
        severity: "LOW",
        template: finding("OPP_FOR_IMPROVEMENT"),
        source: "AUDIT",
        created: 36,
        domain: Some("INCIDENT_RESPONSE"),
        controls: &["Incident response plan tested"],
        policies: &["incident-response-plan"],
        ..entry(
            "Incident response exercises involve only engineers",
            "Support and legal staff did not take part in the last exercise.",
        )
    },
    Entry {
        severity: "NO_SEVERITY",
        source: "OTHER",
        created: 4,
        owners: 0,
        risks: &["health-information-is-pasted-into-a-chat-assistant"],
        ..entry(
            "No policy covers the use of AI assistants",
            "Raised in the privacy officer's monthly meeting; not investigated yet.",
        )
    },
    Entry {
        severity: "HIGH",
        template: finding("AREA_OF_CONCERN"),
        source: "AUDIT_EXTERNAL",
        cause: Some("The vendor does not renew its report until spring."),
        created: 110,
        unnoticed: 20,
        due: Some(-18),
        begun: true,
        domain: Some("THIRD-PARTY_MANAGEMENT"),
        controls: &["Vendor security reviews performed", "Vendor findings remediated"],
        risks: &["a-critical-vendor-loses-health-information"],
        policies: &["third-party-policy"],
        ..entry(
            "Critical vendor has no current audit report",
            "The latest report from a vendor that handles health information covers a period that ended 14 months ago.",
        )
    },
    Entry {
        template: finding("MINOR_NONCONFORMITY"),
        created: 160,
        due: Some(-100),
        closed: Some(("ACCEPTED", 98, "Accepted until the migration to the new tool in the spring.")),
        domain: Some("CHANGE_MANAGEMENT"),
        controls: &["Changes tested before release"],
        policies: &["change-management-policy"],
        ..entry(
            "Data warehouse changes are released without test records",
            "The tool does not keep records of test runs for report changes.",
        )
    },
    Entry {
        severity: "LOW",
        created: 90,
        due: Some(-60),
        closed: Some(("DUPLICATE", 88, "Duplicate of ISS-002.")),
        controls: &["Access reviews conducted"],
        ..entry("Access reviews are late", "Reported by the platform team.")
    },
    Entry {
        severity: "HIGH",
        template: finding("MAJOR_NONCONFORMITY"),
        source: "AUDIT",
        cause: Some("No new owner was assigned after the previous owner left."),
        action: Some("Assign an owner and a deputy; restore one backup per quarter."),
        created: 418,
        unnoticed: 30,
        due: Some(-330),
        closed: Some(("RESOLVED", 341, "Evidence of two restorations was provided to the auditors.")),
        domain: Some("BUSINESS_CONTINUITY_&_DISASTER_RECOVERY"),
        controls: &["Backup restoration tested"],
        risks: &["ransomware-encrypts-production-data"],
        policies: &["business-continuity-plan"],
        ..entry(
            "No backup restoration test for a year",
            "No restoration test was recorded between the two annual audits.",
        )
    },
    Entry {
        template: finding("PROCESS_FOR_IMPROVEMENT"),
        source: "AUDIT",
        action: Some("Keep the register in one place and review it with leadership twice a year."),
        created: 412,
        due: Some(-300),
        closed: Some(("OTHER", 296, "The register was moved here; the old spreadsheet is read-only.")),
        domain: Some("RISK_MANAGEMENT"),
        controls: &["Risk register maintained", "Management review held"],
        policies: &["risk-management-policy"],
        ..entry(
            "Risk register kept in two places",
            "A spreadsheet and a wiki page listed different owners for the same risks.",
        )
    },
];
