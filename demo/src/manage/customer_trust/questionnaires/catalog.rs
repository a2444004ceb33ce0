//! What customers ask: the questionnaires of the start, and the questions that come up again and again.

/// Display name, kind, status, account by its place in their list, days until it is due, and age in days.
pub(super) type Entry = (&'static str, &'static str, &'static str, Option<usize>, Option<i64>, i64);

pub(super) const SPREADSHEET: &str = "FILE";
pub(super) const WEBSITE: &str = "PORTAL";
pub(super) const DOCUMENT: &str = "DOCUMENT";

pub(super) const QUESTIONNAIRES: &[Entry] = &[
    ("Harrowgate vendor security assessment", SPREADSHEET, "IN_PROGRESS", Some(0), Some(6), 8),
    ("Brightwater third-party review", SPREADSHEET, "IN_REVIEW", Some(1), Some(2), 15),
    ("Calder Valley HIPAA questions", DOCUMENT, "READY_FOR_REVIEW", Some(2), Some(-3), 21),
    ("Larkspur risk portal", WEBSITE, "WAITING_ON_ANSWERS", Some(3), Some(9), 5),
    ("Redmarsh research data addendum", SPREADSHEET, "ON_HOLD", Some(4), Some(-12), 60),
    ("Saint Odile annual review", SPREADSHEET, "COMPLETE", Some(5), Some(-30), 74),
    ("Northfold cloud questionnaire", SPREADSHEET, "APPROVED", Some(6), Some(1), 18),
    ("Meridale data protection questions", DOCUMENT, "COMPLETE", Some(7), Some(-95), 130),
    ("Ostrander onboarding portal", WEBSITE, "NO_LONGER_NEEDED", Some(8), Some(-40), 90),
    ("Tidewater pilot security form", DOCUMENT, "EXTRACTING_QUESTIONS", Some(9), Some(14), 0),
    ("Fenwick supplier checklist", SPREADSHEET, "ERROR", Some(10), None, 2),
    ("Juniper privacy questionnaire", SPREADSHEET, "IN_PROGRESS", Some(11), Some(20), 4),
    ("Insurance renewal security questions", DOCUMENT, "READY_FOR_REVIEW", None, Some(4), 11),
];

/// What answers a question.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    Words(&'static str),
    /// Yes, no or not applicable, and what is to be said about it.
    Choice(&'static str, &'static str),
    /// Some of what is offered.
    Several(&'static [&'static str], &'static [&'static str]),
    Number(u32),
}

use Answer::{Choice, Number, Several, Words};

#[derive(Clone, Copy)]
pub(super) struct Question {
    pub(super) section: &'static str,
    pub(super) asks: &'static str,
    pub(super) answer: Answer,
    /// Where the answer comes from.
    pub(super) origin: &'static str,
    /// The resource that backs it, by its title.
    pub(super) evidence: Option<&'static str>,
}

const fn question(
    section: &'static str,
    asks: &'static str,
    answer: Answer,
    origin: &'static str,
    evidence: Option<&'static str>,
) -> Question {
    Question { section, asks, answer, origin, evidence }
}

const LIBRARY: &str = "ANSWER_LIBRARY";

/// Kept in the order of their sections.
pub(super) const QUESTIONS: &[Question] = &[
    question(
        "Organization",
        "Which certifications and reports do you hold?",
        Several(&["SOC 2", "ISO 27001", "HIPAA", "HITRUST", "PCI DSS"], &["SOC 2", "ISO 27001", "HIPAA"]),
        "RESOURCE",
        Some("SOC 2 Type 2 report"),
    ),
    question("Organization", "How many employees does the company have?", Number(120), "AI", None),
    question(
        "Organization",
        "Do you carry cyber insurance?",
        Choice("Yes", "Yes. The policy is renewed every fall."),
        "RESOURCE",
        Some("Cyber insurance certificate"),
    ),
    question(
        "Access",
        "Is multi-factor authentication enforced for all employees?",
        Choice("Yes", "Yes. Our identity provider requires a second factor at every sign-in."),
        LIBRARY,
        None,
    ),
    question(
        "Access",
        "Describe your access review process.",
        Words("System owners review access every quarter and remove access that is no longer needed."),
        LIBRARY,
        None,
    ),
    question(
        "Access",
        "Is access revoked when an employee leaves?",
        Choice("Yes", "Yes, within one business day; this is recorded in the offboarding checklist."),
        "AI",
        None,
    ),
    question(
        "Data",
        "Is our data encrypted at rest and in transit?",
        Choice("Yes", "AES-256 at rest, TLS 1.2 or newer in transit."),
        LIBRARY,
        Some("Data flow diagram"),
    ),
    question(
        "Data",
        "In which regions is our data stored?",
        Several(&["United States", "European Union", "Asia", "Other"], &["United States"]),
        LIBRARY,
        None,
    ),
    question(
        "Data",
        "Is our data segregated from that of other customers?",
        Choice("Yes", "Yes. Each customer has a dedicated schema and dedicated encryption keys."),
        "AI",
        None,
    ),
    question(
        "Operations",
        "When was the last penetration test, and what were the results?",
        Words("Within the past year; all high-severity findings were remediated and retested."),
        "RESOURCE",
        Some("Penetration test report"),
    ),
    question(
        "Operations",
        "Within how many hours of confirming a breach do you notify us?",
        Number(48),
        LIBRARY,
        None,
    ),
    question(
        "Operations",
        "Is the disaster recovery plan tested every year?",
        Choice("Yes", "Yes. The last test met both recovery objectives."),
        "MANUAL",
        Some("Business continuity plan"),
    ),
    question(
        "Privacy",
        "Do you use AI to process our data?",
        Choice("Not applicable", "Only under a separate agreement."),
        "MANUAL",
        None,
    ),
    question(
        "Privacy",
        "List the subprocessors that would have access to our data.",
        Words("See our published subprocessor list, which is kept up to date."),
        "RESOURCE",
        Some("Subprocessor list"),
    ),
];
