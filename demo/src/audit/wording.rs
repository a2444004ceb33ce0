//! The texts of the opening data: policies, information requests, what people write to each other.

/// A policy by id and title.
pub(super) const POLICIES: [(&str, &str); 16] = [
    ("acceptable-use-policy", "Acceptable Use Policy"),
    ("access-control-policy", "Access Control Policy"),
    ("asset-management-policy", "Asset Management Policy"),
    ("business-continuity-plan", "Business Continuity and Disaster Recovery Plan"),
    ("code-of-conduct", "Code of Conduct"),
    ("cryptography-policy", "Cryptography Policy"),
    ("data-management-policy", "Data Management Policy"),
    ("human-resource-security-policy", "Human Resource Security Policy"),
    ("incident-response-plan", "Incident Response Plan"),
    ("information-security-policy", "Information Security Policy"),
    ("information-security-roles", "Information Security Roles and Responsibilities"),
    ("operations-security-policy", "Operations Security Policy"),
    ("physical-security-policy", "Physical Security Policy"),
    ("risk-management-policy", "Risk Management Policy"),
    ("secure-development-policy", "Secure Development Policy"),
    ("third-party-management-policy", "Third-Party Management Policy"),
];

/// An information request as the auditors wrote it.
pub(super) struct Question {
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) scope: &'static str,
    pub(super) cadence: Option<&'static str>,
    pub(super) codes: &'static [&'static str],
}

const fn question(
    title: &'static str,
    scope: &'static str,
    cadence: Option<&'static str>,
    codes: &'static [&'static str],
    description: &'static str,
) -> Question {
    Question { title, description, scope, cadence, codes }
}

const ONCE: Option<&str> = None;
const MONTHLY: Option<&str> = Some("MONTHLY");
const QUARTERLY: Option<&str> = Some("QUARTERLY");
const HALF_YEARLY: Option<&str> = Some("BIANNUALLY");
const YEARLY: Option<&str> = Some("ANNUALLY");
const NOW: &str = "POINT_IN_TIME";
const ALL: &str = "POPULATION";
const SOME: &str = "SAMPLE";

/// The request list of the SOC 2 audit.
pub(super) const QUESTIONS: [Question; 25] = [
    question(
        "New hires during the audit period",
        ALL,
        YEARLY,
        &["CC1.4"],
        "A list of all new hires, with start dates.",
    ),
    question(
        "Terminations during the audit period",
        ALL,
        YEARLY,
        &["CC6.2"],
        "A list of terminated employees, with their last day of work.",
    ),
    question(
        "Access removed after termination",
        SOME,
        QUARTERLY,
        &["CC6.2", "CC6.3"],
        "For five terminated employees: when each account was deactivated.",
    ),
    question(
        "Quarterly access review",
        SOME,
        QUARTERLY,
        &["CC6.3"],
        "The signed access reviews for two quarters, with the resulting changes.",
    ),
    question(
        "Production administrators",
        ALL,
        QUARTERLY,
        &["CC6.1", "CC6.3"],
        "Everyone with administrator access to production, with the justification.",
    ),
    question(
        "MFA settings of the identity provider",
        NOW,
        ONCE,
        &["CC6.1"],
        "A screenshot of the sign-in policy that applies to all users.",
    ),
    question(
        "Password policy settings",
        NOW,
        ONCE,
        &["CC6.1"],
        "The current settings, as an export or a screenshot.",
    ),
    question(
        "Changes deployed to production",
        ALL,
        QUARTERLY,
        &["CC8.1"],
        "All changes merged during the period, from the version control system.",
    ),
    question(
        "Change review and testing",
        SOME,
        QUARTERLY,
        &["CC8.1"],
        "For 25 sampled changes: reviewer, test results and approval.",
    ),
    question(
        "Emergency changes",
        ALL,
        ONCE,
        &["CC8.1"],
        "Changes that bypassed the standard process, and their retrospective review.",
    ),
    question(
        "Security incidents during the period",
        ALL,
        YEARLY,
        &["CC7.3", "CC7.4"],
        "The incident log, or a signed statement that there were no incidents.",
    ),
    question(
        "Incident response exercise",
        NOW,
        YEARLY,
        &["CC7.5"],
        "Minutes and findings from the latest tabletop exercise.",
    ),
    question(
        "External penetration test",
        NOW,
        YEARLY,
        &["CC4.1", "CC7.1"],
        "The latest report and the remediation plan for its findings.",
    ),
    question(
        "Vulnerability scans",
        SOME,
        MONTHLY,
        &["CC7.1"],
        "Scan results for three months, with tickets for critical findings.",
    ),
    question(
        "Backup restoration",
        SOME,
        HALF_YEARLY,
        &["A1.2", "A1.3"],
        "Evidence that a backup was restored and verified.",
    ),
    question(
        "Business continuity test",
        NOW,
        YEARLY,
        &["A1.3"],
        "The plan, date, participants and results of the latest test.",
    ),
    question(
        "Capacity monitoring",
        NOW,
        ONCE,
        &["A1.1"],
        "The dashboard and the alerts for CPU load and storage.",
    ),
    question(
        "Encryption at rest",
        NOW,
        ONCE,
        &["CC6.1", "CC6.7"],
        "Encryption settings for each production data store.",
    ),
    question("Encryption in transit", NOW, ONCE, &["CC6.7"], "The TLS configuration of public endpoints."),
    question(
        "Production firewall rules",
        NOW,
        QUARTERLY,
        &["CC6.6"],
        "An export of the rules, with the latest review.",
    ),
    question(
        "Vendors with access to customer data",
        ALL,
        YEARLY,
        &["CC9.2"],
        "The vendor list with risk levels and owners.",
    ),
    question(
        "Vendor security reviews",
        SOME,
        YEARLY,
        &["CC9.2"],
        "For five critical vendors: the review and the report it is based on.",
    ),
    question(
        "Risk assessment",
        NOW,
        YEARLY,
        &["CC3.1", "CC3.2"],
        "The risk register, with an owner and treatment for each risk.",
    ),
    question(
        "Board oversight of security",
        NOW,
        QUARTERLY,
        &["CC1.2"],
        "Minutes of two meetings that discussed security.",
    ),
    question(
        "Security awareness training",
        SOME,
        YEARLY,
        &["CC1.4", "CC2.2"],
        "Completion records for 25 sampled employees.",
    ),
];

/// Why auditors flag what they were given.
pub(super) const FLAG_REASONS: [&str; 4] = [
    "The export ends a month before the audit period does. Please provide the rest.",
    "The screenshot does not show the system name or a date.",
    "Two of the sampled items are missing from the file.",
    "The approval is dated after the change. Please explain, or provide the original approval.",
];

/// What auditors write about evidence and requests.
pub(super) const AUDITOR_REMARKS: [&str; 6] = [
    "Could you confirm that this covers the whole audit period?",
    "Thank you, this is what we were looking for. We will finish our review this week.",
    "Please add who approved this, and when.",
    "We need the export in its original format as well as the screenshot.",
    "Which team operates this control day to day?",
    "We have attached our sample; please provide the selected items.",
];

/// What the company's people answer.
pub(super) const COMPANY_REMARKS: [&str; 6] = [
    "Yes, it runs from the first day of the window to today.",
    "I have uploaded a new version that shows the date.",
    "The platform team runs it; I can set up a walkthrough.",
    "We are waiting for an export from the vendor and expect it by Friday.",
    "Approved by our head of engineering; the ticket is linked in the document.",
    "We switched tools in the spring, so there are two exports.",
];

/// Observations that auditors note from a walkthrough.
pub(super) const OBSERVATIONS: [&str; 3] = [
    "Observed an engineer open a pull request: it could not be merged until a second person approved it.",
    "Observed the alert reach the on-call engineer within two minutes of the simulated failure.",
    "Walked through the offboarding checklist with the people team; every step has an owner.",
];
