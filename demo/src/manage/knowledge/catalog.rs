//! What the knowledge base holds at the start.

/// Question, answer, tag, days until it expires, and days since it was verified.
pub(super) type Answer = (&'static str, &'static str, &'static str, Option<i64>, Option<i64>);

pub(super) const ANSWERS: &[Answer] = &[
    (
        "Is customer data encrypted at rest?",
        "Yes. Databases, object storage and backups are encrypted with AES-256; keys are stored in a managed key \
         service and rotated annually.",
        "Care platform",
        Some(121),
        Some(59),
    ),
    (
        "Is customer data encrypted in transit?",
        "Yes. All public endpoints and all internal service connections use TLS 1.2 or newer.",
        "Care platform",
        Some(121),
        Some(59),
    ),
    (
        "Is multi-factor authentication required for employees?",
        "Yes. All employees sign in through the identity provider, which requires a second factor every time.",
        "SOC 2",
        Some(33),
        Some(147),
    ),
    (
        "How often are access rights reviewed?",
        "System owners review them every quarter; access that is no longer needed is removed within five days.",
        "SOC 2",
        Some(-9),
        Some(189),
    ),
    (
        "Do you perform penetration tests?",
        "Yes. An independent firm tests the platform and both apps annually, and retests all findings.",
        "ISO 27001",
        Some(64),
        Some(116),
    ),
    (
        "How soon are customers notified of a breach?",
        "Within 48 hours of confirmation, with the known scope and cause.",
        "HIPAA",
        Some(12),
        Some(168),
    ),
    (
        "Will you sign a business associate agreement?",
        "Yes, with every customer whose patient data we process.",
        "HIPAA",
        Some(150),
        Some(30),
    ),
    (
        "Where is customer data stored?",
        "In two regions of the United States; customers in the European Union are served from Frankfurt.",
        "United States",
        Some(-41),
        Some(221),
    ),
    (
        "What are your recovery time and recovery point objectives?",
        "RTO: four hours. RPO: 15 minutes.",
        "Care platform",
        Some(88),
        Some(92),
    ),
    (
        "How are subprocessors selected and announced?",
        "Each subprocessor passes a security review; customers are notified of new ones 30 days in advance.",
        "SOC 2",
        None,
        None,
    ),
    (
        "Is data used to train machine-learning models?",
        "Not without a separate agreement; the analytics product uses only aggregated data.",
        "Analytics",
        Some(5),
        None,
    ),
    (
        "How can patient data be deleted?",
        "The customer contacts support; the data is deleted from production within 30 days and from backups within \
         90 days.",
        "Patient app",
        Some(170),
        Some(10),
    ),
];

/// Title, file, who may see it, whether it may be downloaded, tag, and days until it expires.
pub(super) type Document =
    (&'static str, &'static str, &'static str, &'static str, &'static str, Option<i64>);

pub(super) const DOCUMENTS: &[Document] = &[
    ("SOC 2 Type 2 report", "soc-2-type-2-report.pdf", "REQUEST_ACCESS", "VIEW_ONLY", "SOC 2", Some(203)),
    (
        "ISO 27001 certificate",
        "iso-27001-certificate.pdf",
        "PUBLIC",
        "VIEW_AND_DOWNLOAD",
        "ISO 27001",
        Some(488),
    ),
    (
        "Penetration test report",
        "penetration-test-report.pdf",
        "REQUEST_ACCESS",
        "VIEW_ONLY",
        "SOC 2",
        Some(57),
    ),
    ("HIPAA attestation", "hipaa-attestation.pdf", "SHAREABLE", "VIEW_AND_DOWNLOAD", "HIPAA", Some(19)),
    ("Business continuity plan", "business-continuity-plan.docx", "PRIVATE", "VIEW_ONLY", "SOC 2", Some(140)),
    (
        "Cyber insurance certificate",
        "cyber-insurance-certificate.pdf",
        "SHAREABLE",
        "VIEW_AND_DOWNLOAD",
        "United States",
        Some(-16),
    ),
    ("Data flow diagram", "data-flow-diagram.png", "REQUEST_ACCESS", "VIEW_ONLY", "Care platform", None),
    ("Subprocessor list", "subprocessor-list.csv", "PUBLIC", "VIEW_AND_DOWNLOAD", "HIPAA", Some(75)),
];

/// Title, address, whether its sub-pages count, whether everyone may see it, and days until it expires.
pub(super) type Page = (&'static str, &'static str, bool, bool, Option<i64>);

pub(super) const PAGES: &[Page] = &[
    ("Security overview", "https://quillmere.example/security", true, true, Some(110)),
    ("Privacy notice", "https://quillmere.example/privacy", false, true, Some(-3)),
    ("Service status", "https://status.quillmere.example", false, true, None),
    ("Engineering handbook", "https://wiki.quillmere.example/engineering", true, false, Some(240)),
];
