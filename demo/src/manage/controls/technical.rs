//! Controls of the technical domains: access, cryptography, code, cloud, networks, computers.

use super::Domain;

pub(super) const TECHNICAL: &[Domain] = &[
    Domain {
        name: "IDENTIFICATION_&_AUTHENTICATION",
        code: "IAC",
        soc2: &["CC 6.1", "CC 6.2", "CC 6.3"],
        iso: &["A.5.15", "A.5.16", "A.5.17", "A.5.18", "A.8.2", "A.8.5"],
        hipaa: &["164.308(a)(4)", "164.312(a)(1)", "164.312(d)", "164.308(a)(3)"],
        controls: &[
            ("Unique accounts enforced", "requires unique user accounts in every production system"),
            (
                "Multi-factor authentication enforced",
                "requires multi-factor authentication for access to sensitive systems",
            ),
            (
                "Access reviews conducted",
                "conducts quarterly access reviews of in-scope systems and tracks required changes to completion",
            ),
            ("Access revoked upon termination", "revokes access within one business day of termination"),
            (
                "Access requests approved",
                "grants access only after a documented request and approval by the system owner",
            ),
            (
                "Privileged access restricted",
                "restricts privileged access to personnel whose role requires it",
            ),
            (
                "Password policy enforced",
                "enforces password length and complexity where single sign-on is unavailable",
            ),
            ("Single sign-on required", "requires personnel to sign in through a single identity provider"),
            (
                "Service accounts inventoried",
                "maintains an inventory of service accounts with an owner for each",
            ),
        ],
    },
    Domain {
        name: "CRYPTOGRAPHIC_PROTECTIONS",
        code: "CRY",
        soc2: &["CC 6.1", "CC 6.7"],
        iso: &["A.8.24", "A.8.11"],
        hipaa: &["164.312(a)(2)(iv)", "164.312(e)(1)"],
        controls: &[
            (
                "Data encrypted at rest",
                "encrypts databases, object storage and backups that contain customer data",
            ),
            ("Data encrypted in transit", "accepts only TLS 1.2 or newer on public endpoints"),
            (
                "Encryption keys managed",
                "stores encryption keys in a managed key service and restricts access to them",
            ),
            ("Encryption keys rotated", "rotates customer-managed keys at least annually"),
            ("Certificates monitored", "is alerted 30 days before a public certificate expires"),
            ("Secrets kept in a vault", "stores application secrets in a vault and never in source code"),
            ("Portable media encrypted", "allows company data on removable media only when encrypted"),
        ],
    },
    Domain {
        name: "CHANGE_MANAGEMENT",
        code: "CHG",
        soc2: &["CC 8.1", "CC 5.2"],
        iso: &["A.8.32", "A.8.31", "A.8.19"],
        hipaa: &["164.308(a)(8)"],
        controls: &[
            ("Code changes reviewed", "requires code review by someone other than the author before merging"),
            ("Changes tested before release", "runs automated tests on every change before it is released"),
            (
                "Production deployments restricted",
                "allows production deployments only through the delivery pipeline",
            ),
            ("Environments separated", "separates development, staging and production environments"),
            ("Emergency changes reviewed", "reviews emergency changes within two business days"),
            (
                "Change management policy established",
                "documents how changes are requested, tested and approved",
            ),
            ("Release notes communicated", "notifies customers of changes that affect them"),
        ],
    },
    Domain {
        name: "VULNERABILITY_&_PATCH_MANAGEMENT",
        code: "VPM",
        soc2: &["CC 7.1", "CC 4.1"],
        iso: &["A.8.8", "A.8.29"],
        hipaa: &["164.308(a)(1)", "164.308(a)(5)"],
        controls: &[
            (
                "Vulnerability scans performed",
                "scans hosts, images and dependencies for vulnerabilities every day",
            ),
            ("Vulnerabilities remediated", "remediates vulnerabilities within SLAs based on severity"),
            (
                "Penetration tests performed",
                "engages an independent firm to perform an annual penetration test",
            ),
            (
                "Penetration test findings tracked",
                "tracks penetration test findings until they have been remediated and retested",
            ),
            ("Operating systems patched", "applies operating system updates within 30 days"),
            ("Dependencies updated", "keeps third-party libraries on supported versions"),
            (
                "Vulnerability exceptions approved",
                "requires documented approval for exceptions to remediation deadlines",
            ),
        ],
    },
    Domain {
        name: "CONTINUOUS_MONITORING",
        code: "MON",
        soc2: &["CC 7.2", "CC 4.2", "CC 2.1"],
        iso: &["A.8.15", "A.8.16", "A.8.17"],
        hipaa: &["164.312(b)", "164.308(a)(1)"],
        controls: &[
            ("Infrastructure monitored", "monitors production for availability and anomalies"),
            ("Audit logs collected", "collects audit logs from in-scope systems centrally"),
            ("Logs retained", "retains audit logs for at least one year"),
            ("Logs protected from change", "restricts who can change or delete logs"),
            ("Alerts triaged", "triages every security alert and documents the response"),
            ("Intrusion detection operated", "runs threat detection in its cloud accounts"),
            ("Capacity monitored", "is alerted before storage or compute capacity runs out"),
            ("Clocks synchronized", "synchronizes system clocks to a single time source"),
        ],
    },
    Domain {
        name: "ENDPOINT_SECURITY",
        code: "END",
        soc2: &["CC 6.8", "CC 6.7"],
        iso: &["A.8.1", "A.8.7"],
        hipaa: &["164.310(c)", "164.308(a)(5)"],
        controls: &[
            ("Workstation disks encrypted", "encrypts the disks of all company computers"),
            ("Malware protection installed", "runs malware protection on all company computers"),
            ("Screen lock enforced", "locks idle computers after 15 minutes"),
            ("Workstation updates enforced", "installs operating system updates on computers automatically"),
            ("Password manager provided", "provides a password manager to all personnel"),
            ("Workstation firewall enabled", "enables the firewall on every computer"),
        ],
    },
    Domain {
        name: "MOBILE_DEVICE_MANAGEMENT",
        code: "MDM",
        soc2: &["CC 6.7"],
        iso: &["A.8.1", "A.6.7"],
        hipaa: &["164.310(b)"],
        controls: &[
            (
                "Mobile devices enrolled",
                "requires devices that access company data to be enrolled in device management",
            ),
            ("Lost devices wiped", "can remotely lock and wipe lost devices"),
            ("Remote work secured", "defines security requirements for remote work"),
            ("Personal devices restricted", "keeps customer data off personal devices"),
        ],
    },
    Domain {
        name: "NETWORK SECURITY",
        code: "NET",
        soc2: &["CC 6.6"],
        iso: &["A.8.20", "A.8.21", "A.8.22"],
        hipaa: &["164.312(e)(1)"],
        controls: &[
            ("Network access restricted", "denies inbound network traffic by default"),
            ("Firewall rules reviewed", "reviews firewall rules annually"),
            ("Remote access encrypted", "requires an encrypted connection for remote access to production"),
            ("Networks segmented", "separates networks by sensitivity"),
            (
                "Denial of service protection operated",
                "protects public endpoints against denial-of-service attacks",
            ),
            (
                "Public exposure of storage prevented",
                "blocks public access to storage that contains customer data",
            ),
        ],
    },
    Domain {
        name: "CLOUD_SECURITY",
        code: "CLD",
        soc2: &["CC 6.1", "CC 7.1"],
        iso: &["A.5.23", "A.8.9"],
        hipaa: &["164.312(a)(1)"],
        controls: &[
            ("Cloud accounts hardened", "applies a security baseline to each cloud account"),
            ("Root accounts protected", "secures the root credentials of its cloud accounts"),
            ("Cloud activity logged", "logs all API activity in its cloud accounts"),
            ("Deletion protection enabled", "protects production databases against accidental deletion"),
            ("Infrastructure described as code", "manages infrastructure as code in version control"),
            ("Container images scanned", "scans container images before they are deployed"),
        ],
    },
    Domain {
        name: "CONFIGURATION_MANAGEMENT",
        code: "CFG",
        soc2: &["CC 7.1", "CC 6.8"],
        iso: &["A.8.9", "A.8.18"],
        hipaa: &["164.308(a)(8)"],
        controls: &[
            (
                "Configuration baselines defined",
                "defines secure configuration baselines for hosts and services",
            ),
            ("Configuration drift detected", "is alerted when a configuration deviates from its baseline"),
            ("Default credentials changed", "changes default credentials before use"),
            ("Unneeded services removed", "disables services that production does not need"),
        ],
    },
    Domain {
        name: "SECURE_ENGINEERING_&_ARCHITECTURE",
        code: "SEA",
        soc2: &["CC 5.2", "CC 8.1", "A 1.1"],
        iso: &["A.8.25", "A.8.26", "A.8.27", "A.8.28"],
        hipaa: &["164.312(c)(1)"],
        controls: &[
            ("Development lifecycle established", "follows a documented software development lifecycle"),
            ("Threat models reviewed", "performs threat modeling for new features that handle customer data"),
            ("Source code access restricted", "restricts write access to source code to engineers"),
            ("Static analysis performed", "runs static analysis on every code change"),
            ("Leaked secrets detected", "scans its repositories for committed secrets"),
            ("Architecture diagrams maintained", "maintains up-to-date architecture diagrams"),
        ],
    },
    Domain {
        name: "WEB_SECURITY",
        code: "WEB",
        soc2: &["CC 6.6", "CC 6.7"],
        iso: &["A.8.23", "A.8.26"],
        hipaa: &["164.312(e)(1)"],
        controls: &[
            ("Web application firewall operated", "protects its application with a web application firewall"),
            ("Session timeout enforced", "terminates idle application sessions"),
            ("Security headers set", "sends security headers with every page"),
            ("Customer tenants separated", "logically separates the data of each customer"),
        ],
    },
];
