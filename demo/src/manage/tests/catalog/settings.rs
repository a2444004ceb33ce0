//! Checks of settings: on computers, repositories and in clouds.

use super::{Check, Entity, check};

pub(super) const COMPUTER_CHECKS: &[Check] = &[
    computer("disk-encrypted", "Disks encrypted ({x})", &["Workstation disks encrypted"]),
    computer("malware-protected", "Malware protection running ({x})", &["Malware protection installed"]),
    computer("screen-locked", "Screen lock set ({x})", &["Screen lock enforced"]),
    computer(
        "updated",
        "Operating systems up to date ({x})",
        &["Workstation updates enforced", "Operating systems patched"],
    ),
    computer("password-manager", "Password manager installed ({x})", &["Password manager provided"]),
    computer("firewall-on", "Firewall on ({x})", &["Workstation firewall enabled"]),
];

const fn computer(id: &'static str, name: &'static str, controls: &'static [&'static str]) -> Check {
    check(
        id,
        "Computers",
        Entity::Computer,
        controls,
        [
            name,
            "computers managed by {x} have this setting",
            "Some computers managed by {x} lack this setting, or have not reported for two weeks.",
            "Correct the setting on the listed computers, or let them report again.",
        ],
    )
}

pub(super) const CODE_CHECKS: &[Check] = &[
    code("review-required", "Review required before merging", &["Code changes reviewed"]),
    code("author-not-reviewer", "Authors do not approve their own changes", &["Code changes reviewed"]),
    code("checks-required", "Automated checks required before merging", &["Changes tested before release"]),
    code(
        "force-push-blocked",
        "Force pushes to the default branch blocked",
        &["Source code access restricted"],
    ),
    code("repositories-private", "Repositories private", &["Source code access restricted"]),
    code("secret-scanning", "Secret scanning on", &["Leaked secrets detected", "Secrets kept in a vault"]),
    code("code-scanning", "Code scanning on", &["Static analysis performed"]),
    code("updates-on", "Dependency updates on", &["Dependencies updated"]),
    code("deploys-by-pipeline", "Deployments come from the pipeline", &["Production deployments restricted"]),
];

const fn code(id: &'static str, name: &'static str, controls: &'static [&'static str]) -> Check {
    check(
        id,
        "Software development",
        Entity::Repository,
        controls,
        [
            name,
            "every in-scope repository in {x} is set so",
            "Some repositories in {x} are not set so.",
            "Change the settings of the listed repositories.",
        ],
    )
}

pub(super) const CLOUD_CHECKS: &[Check] = &[
    cloud("root-mfa", "Root account of {x} has MFA", &["Root accounts protected"]),
    cloud("root-unused", "Root account of {x} unused", &["Root accounts protected"]),
    cloud("trail-on", "Audit trail of {x} on", &["Cloud activity logged", "Logs protected from change"]),
    cloud("logs-retained", "Logs of {x} kept for a year", &["Logs retained"]),
    cloud("threat-detection", "Threat detection on in {x}", &["Intrusion detection operated"]),
    cloud("ssh-closed", "SSH in {x} closed to the internet", &["Network access restricted"]),
    cloud("flow-logs", "Flow logs of {x} networks on", &["Networks segmented"]),
    cloud("tls-only", "Load balancers of {x} accept TLS only", &["Data encrypted in transit"]),
    cloud("keys-rotated", "Keys in {x} rotated yearly", &["Encryption keys rotated"]),
    cloud("certificates-valid", "Certificates in {x} not about to expire", &["Certificates monitored"]),
    cloud("waf-on", "Web application firewall of {x} on", &["Web application firewall operated"]),
    cloud("cpu-alerts", "Alerts on load in {x}", &["Capacity monitored", "Infrastructure monitored"]),
    cloud("zones", "Databases in {x} spread over zones", &["Production spread over zones"]),
    cloud("images-scanned", "Container images in {x} scanned", &["Container images scanned"]),
];

const fn cloud(id: &'static str, name: &'static str, controls: &'static [&'static str]) -> Check {
    check(
        id,
        "Infrastructure",
        Entity::Resource,
        controls,
        [
            name,
            "in-scope accounts and projects of {x} are set so",
            "Some resources in {x} are not set so.",
            "Change the settings of the listed resources, then wait for the next run.",
        ],
    )
}
