//! Controls that the company does not run: offered by the library, or switched off.

/// Controls of the library that the company has not taken up: name, what is done, domain.
pub(super) const LIBRARY: &[(&str, &str, &str)] = &[
    (
        "Quantum-safe roadmap maintained",
        "plans its migration to quantum-safe cryptography",
        "CRYPTOGRAPHIC_PROTECTIONS",
    ),
    (
        "Models inventoried",
        "keeps an inventory of the machine-learning models it uses",
        "ARTIFICIAL_&_AUTONOMOUS_TECHNOLOGY",
    ),
    (
        "Model outputs reviewed by people",
        "requires human review of model outputs that affect patients",
        "ARTIFICIAL_&_AUTONOMOUS_TECHNOLOGY",
    ),
    (
        "Hardware tokens issued",
        "issues hardware security keys to administrators",
        "IDENTIFICATION_&_AUTHENTICATION",
    ),
    ("Threat intelligence consumed", "monitors threat intelligence for its industry", "THREAT_MANAGEMENT"),
    (
        "Red team exercises run",
        "conducts an annual red team exercise to test its detection",
        "THREAT_MANAGEMENT",
    ),
    ("Maintenance windows announced", "announces maintenance at least five days ahead", "MAINTENANCE"),
    ("Capacity plan reviewed", "reviews its capacity plan twice a year", "CAPACITY_&_PERFORMANCE_PLANNING"),
    ("Firmware updated", "keeps the firmware of network devices up to date", "EMBEDDED_TECHNOLOGY"),
    (
        "Project risks assessed",
        "assesses the security risks of each project",
        "PROJECT_&_RESOURCE MANAGEMENT",
    ),
    ("Security operations center staffed", "monitors alerts around the clock", "SECURITY_OPERATIONS"),
    (
        "Software bill of materials published",
        "publishes a bill of materials with each release",
        "TECHNOLOGY_DEVELOPMENT_&_ACQUISITION",
    ),
];

/// Controls that the company has switched off: name, what was done, domain.
pub(super) const DEACTIVATED: &[(&str, &str, &str)] = &[
    ("Fax transmissions secured", "faxes health information only to verified numbers", "PRIVACY"),
    (
        "Tape backups stored offsite",
        "stores backup tapes at an offsite location",
        "BUSINESS_CONTINUITY_&_DISASTER_RECOVERY",
    ),
    ("Server room access logged", "logs access to the server room", "PHYSICAL_&_ENVIRONMENTAL_SECURITY"),
    ("Modem access disabled", "does not connect modems to its network", "NETWORK SECURITY"),
    (
        "Wireless access segregated",
        "separates the guest wireless network from the office network",
        "NETWORK SECURITY",
    ),
    ("Payment card data tokenized", "replaces card numbers with tokens", "DATA_CLASSIFICATION_&_HANDLING"),
];
