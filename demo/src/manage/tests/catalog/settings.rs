//! Checks of settings: on computers, repositories and in clouds.

use super::{Check, Entity, check};

pub(super) const COMPUTER_CHECKS: &[Check] = &[
    computer("disk-encrypted", "Disk encryption enabled ({x})", &["Workstation disks encrypted"]),
    computer("malware-protected", "Malware protection running ({x})", &["Malware protection installed"]),
    computer("screen-locked", "Screen lock enabled ({x})", &["Screen lock enforced"]),
    computer(
        "updated",
        "Operating systems up to date ({x})",
        &["Workstation updates enforced", "Operating systems patched"],
    ),
    computer("password-manager", "Password manager installed ({x})", &["Password manager provided"]),
    computer("firewall-on", "Firewall enabled ({x})", &["Workstation firewall enabled"]),
];

const fn computer(id: &'static str, name: &'static str, controls: &'static [&'static str]) -> Check {
    check(
        id,
        "Computers",
        Entity::Computer,
        controls,
        [
            name,
            "computers managed by {x} meet this requirement",
            "Some computers managed by {x} do not meet this requirement, or have not checked in for two weeks.",
            "Fix the listed computers, or have them check in again.",
        ],
    )
}

pub(super) const CODE_CHECKS: &[Check] = &[
    code("review-required", "Code review required before merging", &["Code changes reviewed"]),
    code("author-not-reviewer", "Authors do not approve their own changes", &["Code changes reviewed"]),
    code("checks-required", "Automated checks required before merging", &["Changes tested before release"]),
    code(
        "force-push-blocked",
        "Force pushes to the default branch blocked",
        &["Source code access restricted"],
    ),
    code("repositories-private", "Repositories are private", &["Source code access restricted"]),
    code(
        "secret-scanning",
        "Secret scanning enabled",
        &["Leaked secrets detected", "Secrets kept in a vault"],
    ),
    code("code-scanning", "Code scanning enabled", &["Static analysis performed"]),
    code("updates-on", "Automated dependency updates enabled", &["Dependencies updated"]),
    code(
        "deploys-by-pipeline",
        "Deployments go through the pipeline",
        &["Production deployments restricted"],
    ),
];

const fn code(id: &'static str, name: &'static str, controls: &'static [&'static str]) -> Check {
    check(
        id,
        "Software development",
        Entity::Repository,
        controls,
        [
            name,
            "every in-scope {x} repository has this setting",
            "Some {x} repositories do not have this setting.",
            "Update the settings of the listed repositories.",
        ],
    )
}

pub(in crate::manage::tests) const CLOUD_CHECKS: &[Check] = &[
    cloud("root-mfa", "MFA enabled for the {x} root account", &["Root accounts protected"]),
    cloud("root-unused", "{x} root account not used", &["Root accounts protected"]),
    cloud("trail-on", "{x} audit logging enabled", &["Cloud activity logged", "Logs protected from change"]),
    cloud("logs-retained", "{x} logs retained for one year", &["Logs retained"]),
    cloud("threat-detection", "Threat detection enabled in {x}", &["Intrusion detection operated"]),
    cloud("ssh-closed", "SSH not open to the internet ({x})", &["Network access restricted"]),
    cloud("flow-logs", "VPC flow logs enabled ({x})", &["Networks segmented"]),
    cloud("tls-only", "{x} load balancers accept only TLS", &["Data encrypted in transit"]),
    cloud("keys-rotated", "{x} keys rotated yearly", &["Encryption keys rotated"]),
    cloud("certificates-valid", "{x} certificates not expiring soon", &["Certificates monitored"]),
    cloud("waf-on", "Web application firewall enabled ({x})", &["Web application firewall operated"]),
    cloud("cpu-alerts", "CPU alerts configured ({x})", &["Capacity monitored", "Infrastructure monitored"]),
    cloud("zones", "{x} databases deployed across multiple zones", &["Production spread over zones"]),
    cloud("images-scanned", "{x} container images scanned", &["Container images scanned"]),
];

const fn cloud(id: &'static str, name: &'static str, controls: &'static [&'static str]) -> Check {
    check(
        id,
        "Infrastructure",
        Entity::Resource,
        controls,
        [
            name,
            "in-scope {x} accounts and projects have this setting",
            "Some {x} resources do not have this setting.",
            "Update the listed resources, then wait for the next test run.",
        ],
    )
}
