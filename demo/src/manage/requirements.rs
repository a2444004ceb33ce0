//! The requirements of the company's three frameworks, in categories.

/// A framework as the tenant has it.
pub(super) struct Framework {
    pub(super) id: &'static str,
    pub(super) display: &'static str,
    pub(super) shorthand: &'static str,
    pub(super) about: &'static str,
    pub(super) categories: &'static [Category],
}

/// A category: id, name, and its requirements with id and gist.
pub(super) struct Category {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) requirements: &'static [(&'static str, &'static str)],
}

pub(super) const FRAMEWORKS: &[Framework] = &[SOC2, ISO_27001, HIPAA];

const SOC2: Framework = Framework {
    id: "soc2",
    display: "SOC 2",
    shorthand: "SOC 2",
    about: "Trust services criteria that service organizations use to demonstrate how they protect customer data.",
    categories: &[
        Category {
            id: "CC 1.0",
            name: "Control Environment",
            requirements: &[
                ("CC 1.1", "The entity demonstrates a commitment to integrity and ethical values."),
                ("CC 1.2", "The board oversees internal control independently of management."),
                ("CC 1.3", "Structures, reporting lines and authorities are established."),
                ("CC 1.4", "Competent people are attracted, developed and retained."),
                ("CC 1.5", "Individuals are held accountable for their internal control responsibilities."),
            ],
        },
        Category {
            id: "CC 2.0",
            name: "Communication and Information",
            requirements: &[
                ("CC 2.1", "Relevant, quality information supports internal control."),
                ("CC 2.2", "Objectives and responsibilities are communicated internally."),
                ("CC 2.3", "Internal control matters are communicated to external parties."),
            ],
        },
        Category {
            id: "CC 3.0",
            name: "Risk Assessment",
            requirements: &[
                ("CC 3.1", "Objectives are specified clearly enough to assess the risks to them."),
                ("CC 3.2", "Risks are identified and analyzed."),
                ("CC 3.3", "The possibility of fraud is considered."),
                ("CC 3.4", "Changes that could affect internal control are assessed."),
            ],
        },
        Category {
            id: "CC 4.0",
            name: "Monitoring Activities",
            requirements: &[
                ("CC 4.1", "Evaluations show whether controls are present and functioning."),
                ("CC 4.2", "Deficiencies are communicated to those responsible for corrective action."),
            ],
        },
        Category {
            id: "CC 5.0",
            name: "Control Activities",
            requirements: &[
                ("CC 5.1", "Control activities reduce risks to acceptable levels."),
                ("CC 5.2", "General controls over technology are in place."),
                ("CC 5.3", "Control activities are deployed through policies and procedures."),
            ],
        },
        Category {
            id: "CC 6.0",
            name: "Logical and Physical Access Controls",
            requirements: &[
                ("CC 6.1", "Logical access is secured by software, infrastructure and architecture."),
                ("CC 6.2", "Users are registered and authorized before they are issued credentials."),
                ("CC 6.3", "Access follows roles, least privilege and separation of duties."),
                ("CC 6.4", "Physical access to facilities and assets is restricted."),
                ("CC 6.5", "Protections over assets are discontinued only after their data is destroyed."),
                ("CC 6.6", "The system is protected against threats from outside its boundaries."),
                ("CC 6.7", "The transmission and movement of information are restricted and protected."),
                ("CC 6.8", "Unauthorized or malicious software is prevented or detected."),
            ],
        },
        Category {
            id: "CC 7.0",
            name: "System Operations",
            requirements: &[
                ("CC 7.1", "New vulnerabilities and configuration changes are detected."),
                ("CC 7.2", "System components are monitored for anomalies."),
                ("CC 7.3", "Security events are evaluated."),
                ("CC 7.4", "Security incidents are handled through a defined response program."),
                ("CC 7.5", "Recovery from incidents is planned and carried out."),
            ],
        },
        Category {
            id: "CC 8.0",
            name: "Change Management",
            requirements: &[("CC 8.1", "Changes are authorized, tested, approved and documented.")],
        },
        Category {
            id: "CC 9.0",
            name: "Risk Mitigation",
            requirements: &[
                ("CC 9.1", "Risks of business disruption are mitigated."),
                ("CC 9.2", "Risks from vendors and business partners are managed."),
            ],
        },
        Category {
            id: "A 1.0",
            name: "Availability",
            requirements: &[
                ("A 1.1", "Capacity is monitored and planned."),
                ("A 1.2", "Environment, backups and recovery infrastructure are protected."),
                ("A 1.3", "Recovery plans are tested."),
            ],
        },
        Category {
            id: "C 1.0",
            name: "Confidentiality",
            requirements: &[
                ("C 1.1", "Confidential information is identified and maintained."),
                ("C 1.2", "Confidential information is disposed of."),
            ],
        },
    ],
};

const ISO_27001: Framework = Framework {
    id: "iso27001_2022",
    display: "ISO 27001:2022",
    shorthand: "ISO 27001",
    about: "International standard for an information security management system and its controls.",
    categories: &[
        Category {
            id: "A.5",
            name: "Organizational controls",
            requirements: &[
                ("A.5.1", "Policies for information security"),
                ("A.5.2", "Roles and responsibilities"),
                ("A.5.4", "Management responsibilities"),
                ("A.5.7", "Threat intelligence"),
                ("A.5.8", "Security in project management"),
                ("A.5.9", "Inventory of assets"),
                ("A.5.10", "Acceptable use"),
                ("A.5.11", "Return of assets"),
                ("A.5.12", "Classification of information"),
                ("A.5.13", "Labelling of information"),
                ("A.5.14", "Information transfer"),
                ("A.5.15", "Access control"),
                ("A.5.16", "Identity management"),
                ("A.5.17", "Authentication information"),
                ("A.5.18", "Access rights"),
                ("A.5.19", "Security in supplier relationships"),
                ("A.5.20", "Security in supplier agreements"),
                ("A.5.21", "Security in the supply chain"),
                ("A.5.22", "Monitoring of supplier services"),
                ("A.5.23", "Use of cloud services"),
                ("A.5.24", "Incident management planning"),
                ("A.5.25", "Assessment of security events"),
                ("A.5.26", "Response to incidents"),
                ("A.5.27", "Learning from incidents"),
                ("A.5.29", "Security during disruption"),
                ("A.5.30", "Readiness for business continuity"),
                ("A.5.31", "Legal and contractual requirements"),
                ("A.5.34", "Privacy and personal data"),
                ("A.5.35", "Independent review"),
                ("A.5.36", "Compliance with policies"),
            ],
        },
        Category {
            id: "A.6",
            name: "People controls",
            requirements: &[
                ("A.6.1", "Screening"),
                ("A.6.2", "Terms of employment"),
                ("A.6.3", "Awareness and training"),
                ("A.6.4", "Disciplinary process"),
                ("A.6.5", "Duties after employment"),
                ("A.6.6", "Confidentiality agreements"),
                ("A.6.7", "Remote working"),
                ("A.6.8", "Reporting of events"),
            ],
        },
        Category {
            id: "A.7",
            name: "Physical controls",
            requirements: &[
                ("A.7.1", "Physical perimeters"),
                ("A.7.2", "Physical entry"),
                ("A.7.4", "Physical monitoring"),
                ("A.7.7", "Clear desk and clear screen"),
                ("A.7.14", "Disposal or reuse of equipment"),
            ],
        },
        Category {
            id: "A.8",
            name: "Technological controls",
            requirements: &[
                ("A.8.1", "User endpoint devices"),
                ("A.8.2", "Privileged access"),
                ("A.8.5", "Secure authentication"),
                ("A.8.7", "Protection against malware"),
                ("A.8.8", "Technical vulnerabilities"),
                ("A.8.9", "Configuration management"),
                ("A.8.10", "Deletion of information"),
                ("A.8.11", "Data masking"),
                ("A.8.12", "Prevention of data leaks"),
                ("A.8.13", "Backup"),
                ("A.8.14", "Redundancy"),
                ("A.8.15", "Logging"),
                ("A.8.16", "Monitoring"),
                ("A.8.17", "Clock synchronization"),
                ("A.8.18", "Privileged utility programs"),
                ("A.8.19", "Software installation"),
                ("A.8.20", "Network security"),
                ("A.8.21", "Security of network services"),
                ("A.8.22", "Segregation of networks"),
                ("A.8.23", "Web filtering"),
                ("A.8.24", "Use of cryptography"),
                ("A.8.25", "Secure development lifecycle"),
                ("A.8.26", "Application security requirements"),
                ("A.8.27", "Secure architecture"),
                ("A.8.28", "Secure coding"),
                ("A.8.29", "Security testing"),
                ("A.8.31", "Separation of environments"),
                ("A.8.32", "Change management"),
            ],
        },
    ],
};

const HIPAA: Framework = Framework {
    id: "hipaa",
    display: "HIPAA",
    shorthand: "HIPAA",
    about: "United States rules for the protection of electronic health information.",
    categories: &[
        Category {
            id: "164.308",
            name: "Administrative safeguards",
            requirements: &[
                ("164.308(a)(1)", "Security management process"),
                ("164.308(a)(2)", "Assigned security responsibility"),
                ("164.308(a)(3)", "Workforce security"),
                ("164.308(a)(4)", "Information access management"),
                ("164.308(a)(5)", "Security awareness and training"),
                ("164.308(a)(6)", "Security incident procedures"),
                ("164.308(a)(7)", "Contingency plan"),
                ("164.308(a)(8)", "Evaluation"),
                ("164.308(b)(1)", "Business associate contracts"),
            ],
        },
        Category {
            id: "164.310",
            name: "Physical safeguards",
            requirements: &[
                ("164.310(a)(1)", "Facility access"),
                ("164.310(b)", "Workstation use"),
                ("164.310(c)", "Workstation security"),
                ("164.310(d)(1)", "Device and media controls"),
            ],
        },
        Category {
            id: "164.312",
            name: "Technical safeguards",
            requirements: &[
                ("164.312(a)(1)", "Access control"),
                ("164.312(a)(2)(iv)", "Encryption and decryption"),
                ("164.312(b)", "Audit controls"),
                ("164.312(c)(1)", "Integrity"),
                ("164.312(d)", "Authentication of persons and entities"),
                ("164.312(e)(1)", "Transmission security"),
            ],
        },
        Category {
            id: "164.314",
            name: "Organizational requirements",
            requirements: &[("164.314(a)", "Contracts with business associates")],
        },
        Category {
            id: "164.316",
            name: "Policies and documentation",
            requirements: &[("164.316(a)", "Policies and procedures"), ("164.316(b)(1)", "Documentation")],
        },
    ],
};
