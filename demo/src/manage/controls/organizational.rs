//! Controls of the organizational domains: people, risk, vendors, incidents, continuity, governance.

use super::Domain;

pub(super) const ORGANIZATIONAL: &[Domain] = &[
    Domain {
        name: "INCIDENT_RESPONSE",
        code: "IRO",
        soc2: &["CC 7.3", "CC 7.4", "CC 7.5"],
        iso: &["A.5.24", "A.5.25", "A.5.26", "A.5.27"],
        hipaa: &["164.308(a)(6)", "164.314(a)"],
        controls: &[
            (
                "Incident response plan established",
                "documents roles and responsibilities for security incidents",
            ),
            ("Incident response plan tested", "tests its incident response plan at least annually"),
            (
                "Incidents tracked and resolved",
                "logs, prioritizes and tracks security incidents until they are resolved",
            ),
            (
                "Incident lessons reviewed",
                "conducts a post-incident review within ten days of resolving each major incident",
            ),
            (
                "Breach notification procedure established",
                "notifies affected customers within the time frame required by its contracts",
            ),
            ("On-call rotation staffed", "has an engineer on call at all times"),
            ("Security contact published", "publishes a contact for reporting vulnerabilities"),
        ],
    },
    Domain {
        name: "BUSINESS_CONTINUITY_&_DISASTER_RECOVERY",
        code: "BCD",
        soc2: &["A 1.2", "A 1.3", "CC 9.1"],
        iso: &["A.5.29", "A.5.30", "A.8.13", "A.8.14"],
        hipaa: &["164.308(a)(7)"],
        controls: &[
            ("Backups performed", "backs up production databases every day"),
            ("Backup restoration tested", "tests backup restoration in a separate environment annually"),
            ("Disaster recovery plan established", "documents how services are recovered after a disaster"),
            ("Disaster recovery plan tested", "tests its disaster recovery plan annually"),
            ("Production spread over zones", "runs production in more than one availability zone"),
            (
                "Business continuity plan established",
                "documents how operations continue if an office or key person is unavailable",
            ),
            (
                "Recovery objectives defined",
                "defines recovery time and recovery point objectives for each service",
            ),
        ],
    },
    Domain {
        name: "HUMAN_RESOURCES_SECURITY",
        code: "HRS",
        soc2: &["CC 1.1", "CC 1.4", "CC 1.5"],
        iso: &["A.6.1", "A.6.2", "A.6.4", "A.6.5", "A.6.6"],
        hipaa: &["164.308(a)(3)", "164.308(a)(2)"],
        controls: &[
            ("Background checks performed", "completes a background check before a new hire starts"),
            (
                "Code of conduct acknowledged",
                "requires personnel to acknowledge the code of conduct at hire and annually",
            ),
            (
                "Confidentiality agreements signed",
                "requires employees and contractors to sign a confidentiality agreement",
            ),
            ("Job descriptions maintained", "maintains written job descriptions for each role"),
            ("Performance evaluations conducted", "conducts annual performance evaluations"),
            (
                "Offboarding checklist completed",
                "completes an offboarding checklist for each departing employee",
            ),
            ("Sanctions policy enforced", "sanctions personnel who violate its security policies"),
        ],
    },
    Domain {
        name: "SECURITY_AWARENESS_&_TRAINING",
        code: "SAT",
        soc2: &["CC 1.4", "CC 2.2"],
        iso: &["A.6.3", "A.6.8"],
        hipaa: &["164.308(a)(5)"],
        controls: &[
            (
                "Security awareness training completed",
                "requires security awareness training within 30 days of hire and annually",
            ),
            (
                "Privacy training completed",
                "requires annual privacy training for personnel who handle health information",
            ),
            ("Secure coding training completed", "requires annual secure coding training for engineers"),
            ("Phishing simulations run", "runs a phishing simulation every quarter"),
            (
                "Security events reported by personnel",
                "informs personnel how and where to report security events",
            ),
            (
                "Role-based training provided",
                "provides role-based training to incident responders and administrators",
            ),
        ],
    },
    Domain {
        name: "RISK_MANAGEMENT",
        code: "RSK",
        soc2: &["CC 3.1", "CC 3.2", "CC 3.3", "CC 3.4", "CC 9.1"],
        iso: &["A.5.7", "A.5.8", "A.5.35"],
        hipaa: &["164.308(a)(1)", "164.308(a)(8)"],
        controls: &[
            ("Risk assessments performed", "performs a risk assessment annually"),
            ("Risk register maintained", "maintains a risk register with owners, treatments and due dates"),
            ("Risk treatment tracked", "tracks treatment plans until the risk is accepted or mitigated"),
            (
                "Fraud considered in risk assessment",
                "considers fraud and insider threats in its risk assessment",
            ),
            ("Risk management policy established", "documents how risks are identified, scored and treated"),
            ("Cyber insurance maintained", "maintains cyber insurance coverage"),
            (
                "Health information risk analysis performed",
                "performs an annual risk analysis for electronic protected health information",
            ),
        ],
    },
    Domain {
        name: "THIRD-PARTY_MANAGEMENT",
        code: "TPM",
        soc2: &["CC 9.2", "CC 2.3"],
        iso: &["A.5.19", "A.5.20", "A.5.21", "A.5.22", "A.5.23"],
        hipaa: &["164.308(b)(1)", "164.314(a)"],
        controls: &[
            ("Vendor inventory maintained", "maintains a vendor inventory with owners and risk levels"),
            ("Vendor security reviews performed", "performs annual security reviews of critical vendors"),
            (
                "Vendor agreements signed",
                "has agreements with its vendors that include security and confidentiality terms",
            ),
            (
                "Business associate agreements signed",
                "signs a business associate agreement before sharing health information",
            ),
            ("Vendor findings remediated", "tracks findings from vendor reviews until they are closed"),
            ("Subprocessors disclosed", "publishes a list of the subprocessors that handle customer data"),
            ("Vendor offboarding completed", "retrieves or destroys its data when a vendor contract ends"),
        ],
    },
    Domain {
        name: "SECURITY_&_PRIVACY_GOVERNANCE",
        code: "GOV",
        soc2: &["CC 1.2", "CC 1.3", "CC 5.3", "CC 2.2"],
        iso: &["A.5.1", "A.5.2", "A.5.4", "A.5.36"],
        hipaa: &["164.308(a)(2)", "164.316(a)", "164.316(b)(1)"],
        controls: &[
            ("Information security policies reviewed", "reviews and approves its security policies annually"),
            ("Security roles assigned", "formally assigns security responsibilities"),
            ("Board oversight exercised", "reports on security to the board twice a year"),
            ("Organization chart maintained", "maintains an organization chart with reporting lines"),
            ("Security objectives measured", "measures its security objectives every quarter"),
            ("Policy exceptions documented", "documents policy exceptions with an expiration date"),
            ("Management review held", "holds an annual management review of the management system"),
            ("Privacy officer appointed", "has appointed a privacy officer"),
        ],
    },
    Domain {
        name: "ASSET_MANAGEMENT",
        code: "AST",
        soc2: &["CC 6.1", "CC 6.5"],
        iso: &["A.5.9", "A.5.10", "A.5.11", "A.7.14"],
        hipaa: &["164.310(d)(1)"],
        controls: &[
            (
                "Asset inventory maintained",
                "maintains an inventory of computers and cloud resources with owners",
            ),
            ("Assets returned on termination", "collects company equipment upon termination"),
            ("Media disposed of securely", "wipes or destroys storage media before disposal"),
            ("Acceptable use agreed", "requires personnel to agree to an acceptable use policy"),
            ("Cloud resources tagged with owner", "tags cloud resources with the team that owns them"),
            ("Software installation restricted", "allows only approved software on company computers"),
        ],
    },
    Domain {
        name: "DATA_CLASSIFICATION_&_HANDLING",
        code: "DCH",
        soc2: &["C 1.1", "C 1.2", "CC 6.5"],
        iso: &["A.5.12", "A.5.13", "A.5.14", "A.8.10", "A.8.12"],
        hipaa: &["164.310(d)(1)", "164.312(c)(1)"],
        controls: &[
            ("Data classified", "classifies data by sensitivity"),
            ("Data retention defined", "defines retention periods for each class of data"),
            (
                "Customer data deleted on request",
                "deletes customer data within 30 days of contract termination",
            ),
            ("Production data kept out of tests", "does not use production data in test environments"),
            ("Data flow documented", "documents how customer data flows through its systems"),
            ("Data integrity protected", "detects unauthorized changes to health information"),
            ("Data loss prevented", "monitors email and file sharing for sensitive data"),
        ],
    },
    Domain {
        name: "PRIVACY",
        code: "PRI",
        soc2: &["CC 2.3", "C 1.1"],
        iso: &["A.5.34", "A.5.31"],
        hipaa: &["164.314(a)", "164.316(a)"],
        controls: &[
            ("Privacy policy published", "publishes a privacy policy"),
            ("Data subject requests handled", "responds to data subject requests within 30 days"),
            ("Processing records maintained", "maintains records of processing activities"),
            ("Privacy impact assessed", "performs privacy impact assessments for new processing activities"),
            (
                "Minimum necessary use enforced",
                "limits the use of health information to the minimum necessary",
            ),
        ],
    },
    Domain {
        name: "PHYSICAL_&_ENVIRONMENTAL_SECURITY",
        code: "PES",
        soc2: &["CC 6.4", "A 1.2"],
        iso: &["A.7.1", "A.7.2", "A.7.4", "A.7.7"],
        hipaa: &["164.310(a)(1)", "164.310(b)"],
        controls: &[
            ("Office access restricted", "restricts office access to personal badges"),
            ("Visitors registered", "registers and escorts visitors"),
            ("Data centers reviewed", "reviews the audit reports of its data center providers annually"),
            ("Desks and screens kept clear", "enforces a clear desk and clear screen policy"),
            ("Physical access reviewed", "reviews badge access twice a year"),
        ],
    },
    Domain {
        name: "COMPLIANCE",
        code: "CPL",
        soc2: &["CC 4.1", "CC 5.1", "CC 2.3"],
        iso: &["A.5.31", "A.5.35", "A.5.36"],
        hipaa: &["164.316(b)(1)", "164.308(a)(8)"],
        controls: &[
            ("Internal audits performed", "performs an internal audit of its controls annually"),
            ("Legal requirements tracked", "tracks its legal, regulatory and contractual requirements"),
            ("Corrective actions tracked", "tracks corrective actions until they are verified as effective"),
            ("Terms of service published", "publishes terms of service that state its commitments"),
            ("System description maintained", "maintains a system description for auditors"),
            ("Control owners assigned", "assigns an owner to each control"),
        ],
    },
];
