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
    /// Names of controls, titles of risks and ids of policies.
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
        cause: Some("The checklist does not name systems outside of single sign-on."),
        action: Some("Add these systems to the checklist and review the accounts that are open now."),
        created: 42,
        unnoticed: 5,
        due: Some(-6),
        begun: true,
        owners: 2,
        domain: Some("IDENTIFICATION_&_AUTHENTICATION"),
        controls: &["Access revoked upon termination", "Offboarding checklist completed"],
        risks: &["Leavers keep access to systems"],
        policies: &["access-control-policy"],
        ..entry(
            "Accounts of leavers stay open in three systems",
            "For four of twenty-five sampled leavers an account was open a week after the last day.",
        )
    },
    Entry {
        template: finding("MINOR_NONCONFORMITY"),
        source: "AUDIT",
        cause: Some("The quarterly review was moved twice."),
        action: Some("Complete the review and book the dates of next year."),
        created: 38,
        due: Some(9),
        begun: true,
        domain: Some("IDENTIFICATION_&_AUTHENTICATION"),
        controls: &["Access reviews conducted"],
        risks: &["Patient records read with a stolen password"],
        policies: &["access-control-policy"],
        ..entry(
            "Access review of the last quarter is late",
            "Two of the twelve systems in scope were reviewed after the end of the quarter.",
        )
    },
    Entry {
        severity: "CRITICAL",
        template: finding("EXCEPTION"),
        source: "INCIDENT",
        cause: Some("A template for new buckets did not block public access."),
        action: Some("Block public access for the whole account; check all templates."),
        created: 75,
        unnoticed: 0,
        due: Some(-61),
        closed: Some(("RESOLVED", 64, "Blocked for both accounts; the templates were replaced.")),
        owners: 2,
        domain: Some("CLOUD_SECURITY"),
        controls: &["Public exposure of storage prevented", "Incident lessons reviewed"],
        risks: &["A storage bucket is opened to the public"],
        policies: &["operations-security-policy"],
        ..entry(
            "Bucket with test reports was readable for everyone",
            "For nine hours a staging bucket could be listed without signing in. It held no real records.",
        )
    },
    Entry {
        severity: "HIGH",
        template: Template::Plan {
            resources: Some("Two engineers for three weeks; one license for the scanner."),
            systems: Some("Servers and images of the records and imaging services."),
        },
        cause: Some("Base images are rebuilt only with a release."),
        action: Some("Rebuild images weekly and roll them out automatically."),
        created: 55,
        unnoticed: 12,
        due: Some(20),
        begun: true,
        domain: Some("VULNERABILITY_&_PATCH_MANAGEMENT"),
        controls: &["Vulnerabilities remediated", "Container images scanned"],
        risks: &["Known weaknesses are exploited before they are fixed"],
        ..entry(
            "Critical weaknesses in images exceed their deadline",
            "Images of two services carried critical weaknesses for longer than fifteen days.",
        )
    },
    Entry {
        template: Template::Plan { resources: None, systems: Some("All workstations under Kandji.") },
        source: "EXTERNAL_PARTY",
        created: 20,
        due: Some(70),
        domain: Some("ENDPOINT_SECURITY"),
        controls: &["Workstation firewall enabled", "Screen lock enforced"],
        ..entry(
            "Workstation settings differ between departments",
            "A partner clinic's questionnaire showed that two departments still have the old profile.",
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
            "Rehearsals of incidents involve engineers only",
            "Support and legal people were not part of the last rehearsal.",
        )
    },
    Entry {
        severity: "NO_SEVERITY",
        source: "OTHER",
        created: 4,
        owners: 0,
        risks: &["Health information is pasted into a chat assistant"],
        ..entry(
            "Use of chat assistants is not ruled anywhere",
            "Came up in the monthly meeting of the privacy officer; nobody has looked into it yet.",
        )
    },
    Entry {
        severity: "HIGH",
        template: finding("AREA_OF_CONCERN"),
        source: "AUDIT_EXTERNAL",
        cause: Some("The vendor renews its report in spring only."),
        created: 110,
        unnoticed: 20,
        due: Some(-18),
        begun: true,
        domain: Some("THIRD-PARTY_MANAGEMENT"),
        controls: &["Vendor security reviews performed", "Vendor findings remediated"],
        risks: &["A critical vendor loses health information"],
        policies: &["third-party-policy"],
        ..entry(
            "A critical vendor has no current audit report",
            "The newest report of one vendor with health information ended fourteen months ago.",
        )
    },
    Entry {
        template: finding("MINOR_NONCONFORMITY"),
        created: 160,
        due: Some(-100),
        closed: Some(("ACCEPTED", 98, "Accepted until the move to the new tool in spring.")),
        domain: Some("CHANGE_MANAGEMENT"),
        controls: &["Changes tested before release"],
        policies: &["change-management-policy"],
        ..entry(
            "Changes of the data warehouse are released without a test record",
            "The tool keeps no record of test runs for changes of reports.",
        )
    },
    Entry {
        severity: "LOW",
        created: 90,
        due: Some(-60),
        closed: Some(("DUPLICATE", 88, "The same as ISS-002.")),
        controls: &["Access reviews conducted"],
        ..entry("Reviews of access are late", "Reported by the platform team.")
    },
    Entry {
        severity: "HIGH",
        template: finding("MAJOR_NONCONFORMITY"),
        source: "AUDIT",
        cause: Some("Nobody was named after the previous owner had left."),
        action: Some("Name an owner and a deputy; restore one backup per quarter."),
        created: 418,
        unnoticed: 30,
        due: Some(-330),
        closed: Some(("RESOLVED", 341, "Two restorations were shown to the auditors.")),
        domain: Some("BUSINESS_CONTINUITY_&_DISASTER_RECOVERY"),
        controls: &["Backup restoration tested"],
        risks: &["Ransomware encrypts production data"],
        policies: &["business-continuity-plan"],
        ..entry(
            "Backups were not restored for a year",
            "No restoration was on record between the two yearly audits.",
        )
    },
    Entry {
        template: finding("PROCESS_FOR_IMPROVEMENT"),
        source: "AUDIT",
        action: Some("Keep the register in one place and show it to the leaders twice a year."),
        created: 412,
        due: Some(-300),
        closed: Some(("OTHER", 296, "The register moved here; the old spreadsheet is read-only.")),
        domain: Some("RISK_MANAGEMENT"),
        controls: &["Risk register maintained", "Management review held"],
        policies: &["risk-management-policy"],
        ..entry(
            "The risk register is kept in two places",
            "A spreadsheet and a wiki page named different owners for the same risks.",
        )
    },
];
