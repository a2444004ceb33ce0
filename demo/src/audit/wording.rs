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
        "Employees who joined in the period",
        ALL,
        YEARLY,
        &["CC1.4"],
        "A list of everyone hired, with start dates.",
    ),
    question(
        "Employees who left in the period",
        ALL,
        YEARLY,
        &["CC6.2"],
        "A list of leavers with their last day of work.",
    ),
    question(
        "Access removed after departure",
        SOME,
        QUARTERLY,
        &["CC6.2", "CC6.3"],
        "For five leavers: when each account was closed.",
    ),
    question(
        "Quarterly access review",
        SOME,
        QUARTERLY,
        &["CC6.3"],
        "The signed review of two quarters, with what was changed after it.",
    ),
    question(
        "Administrators of production",
        ALL,
        QUARTERLY,
        &["CC6.1", "CC6.3"],
        "Everyone who can administer production, and why.",
    ),
    question(
        "Multi-factor settings of the identity provider",
        NOW,
        ONCE,
        &["CC6.1"],
        "A screenshot of the sign-in rule that covers all users.",
    ),
    question("Password rules", NOW, ONCE, &["CC6.1"], "The settings in force, exported or as a screenshot."),
    question(
        "Changes deployed to production",
        ALL,
        QUARTERLY,
        &["CC8.1"],
        "All merged changes of the period, from the version control system.",
    ),
    question(
        "Review and testing of changes",
        SOME,
        QUARTERLY,
        &["CC8.1"],
        "For twenty-five changes: reviewer, test results, approval.",
    ),
    question(
        "Emergency changes",
        ALL,
        ONCE,
        &["CC8.1"],
        "Changes that skipped the usual path, and their later review.",
    ),
    question(
        "Security incidents of the period",
        ALL,
        YEARLY,
        &["CC7.3", "CC7.4"],
        "The incident log; a signed statement if there were none.",
    ),
    question(
        "Incident exercise",
        NOW,
        YEARLY,
        &["CC7.5"],
        "Minutes and findings of the last tabletop exercise.",
    ),
    question(
        "External penetration test",
        NOW,
        YEARLY,
        &["CC4.1", "CC7.1"],
        "The latest report and the plan for its findings.",
    ),
    question(
        "Vulnerability scans",
        SOME,
        MONTHLY,
        &["CC7.1"],
        "The scans of three months, with tickets for what was critical.",
    ),
    question(
        "Backup restoration",
        SOME,
        HALF_YEARLY,
        &["A1.2", "A1.3"],
        "Proof that one backup was restored and checked.",
    ),
    question(
        "Business continuity test",
        NOW,
        YEARLY,
        &["A1.3"],
        "Plan, date, participants and result of the last test.",
    ),
    question(
        "Capacity monitoring",
        NOW,
        ONCE,
        &["A1.1"],
        "The dashboard and the alerts for load and storage.",
    ),
    question("Encryption at rest", NOW, ONCE, &["CC6.1", "CC6.7"], "Settings of each production data store."),
    question("Encryption in transit", NOW, ONCE, &["CC6.7"], "The configuration of the public endpoints."),
    question(
        "Firewall rules of production",
        NOW,
        QUARTERLY,
        &["CC6.6"],
        "An export of the rules, with the last review.",
    ),
    question(
        "Vendors with access to customer data",
        ALL,
        YEARLY,
        &["CC9.2"],
        "The vendor list with risk levels and owners.",
    ),
    question(
        "Security reviews of vendors",
        SOME,
        YEARLY,
        &["CC9.2"],
        "For five critical vendors: the review and the report it rests on.",
    ),
    question(
        "Risk assessment",
        NOW,
        YEARLY,
        &["CC3.1", "CC3.2"],
        "The register, with owner and treatment of each risk.",
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
        "Completion records of twenty-five employees.",
    ),
];

/// Why auditors flag what they were given.
pub(super) const FLAG_REASONS: [&str; 4] = [
    "The export ends a month before the period does. Please add the rest.",
    "The screenshot shows neither the system's name nor a date.",
    "Two of the sampled items are missing from the file.",
    "The approval is later than the change. Please explain or give the original one.",
];

/// What auditors write about evidence and requests.
pub(super) const AUDITOR_REMARKS: [&str; 6] = [
    "Could you confirm that this covers the whole audit period?",
    "Thank you, this is what we were looking for. We will finish our review this week.",
    "Please add who approved this and when.",
    "We need the export in its original format as well as the screenshot.",
    "Which team operates this control day to day?",
    "The sample is attached on our side; please provide the items that we selected.",
];

/// What the company's people answer.
pub(super) const COMPANY_REMARKS: [&str; 6] = [
    "Yes, it runs from the first day of the window to today.",
    "I have uploaded a newer version with the date visible.",
    "The platform team runs it; I can set up a walkthrough.",
    "We are waiting for an export from the vendor and expect it by Friday.",
    "Approved by our head of engineering; the ticket is linked in the document.",
    "We changed tools in spring, so there are two exports.",
];

/// Observations that auditors note from a walkthrough.
pub(super) const OBSERVATIONS: [&str; 3] = [
    "Watched an engineer open a change: merging was impossible before a second person approved it.",
    "Saw the alert reach the on-call engineer within two minutes of the simulated failure.",
    "Walked through the offboarding checklist with the people team; every step had an owner.",
];
