//! What the integration has sent before the tenant starts.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::Company;
use crate::clock::iso_days;
use crate::record::{at, set, take_over, text, turn};

/// Where the integration's own pages are.
const PORTAL: &str = "https://portal.quillmere.example";
/// The components that scanners of the integration look at: name, description, kind.
const COMPONENTS: &[(&str, &str, &str)] = &[
    ("clinic-portal", "Clinic-facing pages", "CODE_REPOSITORY"),
    ("clinic-portal-api", "Portal API", "SERVER"),
    ("lab-gateway", "Imports laboratory results", "CONTAINER"),
    ("fax-bridge", "Converts faxes to messages", "SERVERLESS_FUNCTION"),
];

pub(super) struct Seeds<'a> {
    pub(super) now: Timestamp,
    pub(super) company: &'a Company,
    pub(super) rng: &'a mut Rng,
}

impl Seeds<'_> {
    /// The resources of a kind.
    pub(super) fn of(&mut self, kind: &str) -> Vec<Value> {
        match kind {
            "api_endpoint_vulnerability_connectors" => Self::endpoint_vulnerabilities(),
            "background_check_connector" => self.background_checks(),
            "custom_resource" => Self::custom_resources(),
            "macos_user_computer" => (0..4).map(|index| self.mac(index)).collect(),
            "package_vulnerability_connectors" => Self::package_vulnerabilities(),
            "secret" => self.secrets(),
            "security_task" => self.tasks(),
            "static_analysis_code_vulnerability_connectors" => self.code_vulnerabilities(),
            "user_account" => (0..8).map(|index| self.account(index)).collect(),
            "user_security_training_status" => (0..6).map(|index| self.training(index)).collect(),
            "vulnerable_component" => self.components(),
            "windows_user_computer" => (0..3).map(|index| self.windows(index)).collect(),
            _ => Vec::new(),
        }
    }

    fn days(&self, days: i64) -> String {
        iso_days(self.now, days)
    }

    /// A moment so many days back.
    fn ago(&mut self, days: std::ops::Range<i64>) -> String {
        let days = self.rng.i64(days);
        self.days(-days)
    }

    /// Name and email address of someone at the company.
    fn person(&self, index: usize) -> (String, String) {
        let people = &self.company.people;
        let person = people.get(index * 5 % people.len().max(1)).unwrap_or(&Value::Null);
        (at(person, "/name/display").to_owned(), text(person, "emailAddress").to_owned())
    }

    fn account(&mut self, index: usize) -> Value {
        let (name, email) = self.person(index);
        let gone = index == 6;
        let by_password = index % 3 == 1;
        let mut account = json!({
            "fullName": name,
            "accountName": email.split('@').next(),
            "email": email,
            "permissionLevel": turn(&["ADMIN", "BASE", "EDITOR", "BASE"], index),
            "createdTimestamp": self.ago(90..900),
            "status": if gone { "DEACTIVATED" } else { "ACTIVE" },
            "mfaEnabled": index != 4,
            "mfaMethods": [if index == 4 { "DISABLED" } else { "OTP" }],
            "authMethod": if by_password { "PASSWORD" } else { "SSO" },
            "lastLoginTimestamp": self.ago(0..40),
        });
        if gone {
            set(&mut account, "deactivatedTimestamp", self.days(-12));
        }
        common(&format!("account-{index}"), &name, account)
    }

    fn background_checks(&mut self) -> Vec<Value> {
        let states = ["COMPLETE", "COMPLETE", "IN_PROGRESS", "COMPLETE", "INCOMPLETE"];
        let checks = states.iter().enumerate().map(|(index, state)| {
            let (name, email) = self.person(index + 2);
            let mut check = json!({ "fullName": name, "email": email, "status": state });
            if *state == "COMPLETE" {
                set(&mut check, "completionDate", self.ago(30..600));
            }
            common(&format!("check-{index}"), &format!("Background check for {name}"), check)
        });
        checks.collect()
    }

    fn custom_resources() -> Vec<Value> {
        let agreements = ["Riverside Clinic", "Birchwood Practice", "Northgate Laboratory"].iter();
        let agreements = agreements.enumerate().map(|(index, clinic)| {
            common(&format!("agreement-{index}"), &format!("Agreement with {clinic}"), json!({}))
        });
        agreements.collect()
    }

    /// What computers of both systems have in common.
    fn computer(&mut self, index: usize, prefix: &str) -> Value {
        let (_, owner) = self.person(index + 7);
        let lock = json!({ "requiresPassword": true, "screenSleepTimeoutMs": 600_000 });
        let user = owner.split('@').next().unwrap_or_default().to_owned();
        let computer = json!({
            "collectedTimestamp": self.days(if index == 2 { -19 } else { 0 }),
            "hardwareUuid": format!("{:08X}-{:04X}-4A7E-9C11-{:012X}", self.rng.u32(..), self.rng.u16(..), self.rng.u64(..1 << 48)),
            "serialNumber": format!("{prefix}{:07}", self.rng.u32(..10_000_000)),
            "browserExtensions": [{ "extensionId": "password-manager", "name": "1Password", "browser": "CHROME" }],
            "users": [{
                "username": user,
                "screenlockPolicies": [lock],
                "screenlockSettings": lock,
                "lastLoginTimestamp": self.days(-1),
            }],
            "systemScreenlockPolicies": [lock],
            "isManaged": true,
            "autoUpdatesEnabled": index != 1,
            "owner": owner,
            "passwordPolicy": { "minimumLengthRequirement": 12 },
            "lastEnrolledTimestamp": self.ago(60..700),
        });
        let id = format!("{}-{index}", prefix.to_lowercase());
        common(&id, &format!("Exam room computer {prefix}{}", index + 1), computer)
    }

    fn mac(&mut self, index: usize) -> Value {
        let mut mac = self.computer(index, "QM");
        let own = json!({
            "osName": "macOS",
            "osVersion": turn(&["26.1", "26.0", "15.7"], index),
            "applications": [{ "name": "Clinic portal", "bundleId": "example.quillmere.portal" }],
            "drives": [{
                "name": "Macintosh HD",
                "encrypted": index != 3,
                "filevaultEnabled": index != 3,
                "isBootVolume": true,
            }],
            "isXProtectEnabled": true,
        });
        take_over(&mut mac, &own, &["osName", "osVersion", "applications", "drives", "isXProtectEnabled"]);
        mac
    }

    fn windows(&mut self, index: usize) -> Value {
        let mut computer = self.computer(index, "QW");
        let firewall = if index == 1 { "POOR" } else { "GOOD" };
        let own = json!({
            "osName": "Windows",
            "osVersion": "11 24H2",
            "programs": [{ "name": "Clinic portal" }],
            "drives": [{ "name": "C:", "encrypted": true, "isBootVolume": true }],
            "windowsSecurityProducts": [{
                "name": "Microsoft Defender",
                "category": "ANTIVIRUS",
                "state": "ON",
                "stateTimestamp": self.days(-1),
                "signaturesUpToDate": index != 2,
            }],
            "windowsSecurityCenter": {
                "firewall": firewall,
                "autoupdate": "GOOD",
                "antivirus": "GOOD",
                "internetSetting": "GOOD",
                "userAccountControl": "GOOD",
                "windowsSecurityCenterService": "GOOD",
            },
        });
        let names =
            ["osName", "osVersion", "programs", "drives", "windowsSecurityProducts", "windowsSecurityCenter"];
        take_over(&mut computer, &own, &names);
        computer
    }

    fn components(&mut self) -> Vec<Value> {
        let components = COMPONENTS.iter().map(|(name, about, kind)| {
            let own = json!({
                "collectedTimestamp": self.days(0),
                "name": name,
                "description": about,
                "targetType": kind,
            });
            common(name, name, own)
        });
        components.collect()
    }

    fn package_vulnerabilities() -> Vec<Value> {
        let packages = [("openssl", "3.0.2", 8.1), ("lodash", "4.17.20", 5.6), ("axios", "1.6.0", 6.5)];
        let found = packages.iter().enumerate().map(|(index, (package, version, score))| {
            let cve = format!("CVE-2026-{}", 90_100 + index);
            let own = json!({
                "packageName": package,
                "packageVersion": version,
                "severity": score,
                "vulnerableComponentUniqueId": component(index),
                "description": format!("A vulnerability in {package} {version} can be exploited remotely."),
                "isResolvable": index != 2,
                "remediationInstructions": format!("Upgrade {package} to the latest release."),
                "isReachable": index == 0,
                "cveId": cve,
                "cvss3Score": score,
            });
            common(&format!("package-{index}"), &format!("{cve} in {package}"), own)
        });
        found.collect()
    }

    fn code_vulnerabilities(&mut self) -> Vec<Value> {
        let rules = [("SQL injection", "src/search.ts", 8), ("Secret written to a log", "src/login.ts", 5)];
        let found = rules.iter().enumerate().map(|(index, (rule, path, severity))| {
            let line = self.rng.u16(20..300);
            let own = json!({
                "occurrences": [{
                    "path": path,
                    "beginLine": line,
                    "endLine": line + 2,
                    "beginColumn": 5,
                    "endColumn": 48,
                }],
                "severity": severity,
                "confidence": 7,
                "isResolvable": true,
                "vulnerableComponentUniqueId": component(0),
                "description": format!("{rule}."),
                "remediationInstructions": "Fix the highlighted lines and run the analysis again.",
            });
            common(&format!("code-{index}"), rule, own)
        });
        found.collect()
    }

    fn endpoint_vulnerabilities() -> Vec<Value> {
        let endpoints = [
            ("GET", "/patients/{id}", "Records of other clinics can be read by guessing ids", 9.1),
            ("POST", "/login", "Sign-in attempts are not rate-limited", 5.3),
            ("GET", "/files", "File names are reflected without escaping", 4.7),
        ];
        let found = endpoints.iter().enumerate().map(|(index, (method, path, flaw, score))| {
            let own = json!({
                "occurrences": [{ "description": flaw, "fromUrl": format!("{PORTAL}{path}") }],
                "severity": score,
                "vulnerableComponentUniqueId": component(1),
                "description": format!("{flaw}."),
                "remediationInstructions": "Validate authorization and input on the server.",
                "url": format!("{PORTAL}{path}"),
                "httpMethod": method,
                "cvss3Score": score,
            });
            common(&format!("endpoint-{index}"), flaw, own)
        });
        found.collect()
    }

    fn secrets(&mut self) -> Vec<Value> {
        let secrets = [("lab-gateway-key", 20), ("portal-session-key", 200), ("fax-provider-token", -4)];
        let secrets = secrets.iter().enumerate().map(|(index, (name, days))| {
            let (_, creator) = self.person(index);
            let own = json!({
                "name": name,
                "description": format!("Used by {}.", component(index + 1)),
                "createdTimestamp": self.days(days - 365),
                "creator": creator,
                "owner": creator,
                "lastAccessedTimestamp": self.days(-1),
                "expiresTimestamp": self.days(*days),
            });
            common(&format!("secret-{index}"), name, own)
        });
        secrets.collect()
    }

    fn tasks(&mut self) -> Vec<Value> {
        let tasks: [(&str, &str, &str, i64); 4] = [
            ("Check authorization on patient records", "OPEN", "P0", 3),
            ("Rotate the token of the fax provider", "IN_PROGRESS", "P1", 9),
            ("Rate-limit sign-in attempts", "OPEN", "P2", 40),
            ("Remove the old upload page", "CLOSED", "P3", 70),
        ];
        let tasks = tasks.iter().enumerate().map(|(index, (title, state, priority, age))| {
            let ((_, assignee), (_, creator)) = (self.person(index), self.person(index + 1));
            let mut task = json!({
                "taskId": format!("PORTAL-{}", 210 + index),
                "taskTitle": title,
                "createdTimestamp": self.days(-age),
                "taskState": state,
                "priority": priority,
                "assignees": [assignee],
                "creator": creator,
                "labels": ["security"],
            });
            if *state == "CLOSED" {
                set(&mut task, "closedTimestamp", self.days(-30));
            }
            common(&format!("task-{index}"), title, task)
        });
        tasks.collect()
    }

    fn training(&mut self, index: usize) -> Value {
        let (name, email) = self.person(index);
        let open = index % 4 == 3;
        let mut training = json!({
            "trainingId": "portal-privacy",
            "trainingName": "Privacy in the clinic portal",
            "frameworksFulfilled": ["HIPAA", "SOC2"],
            "traineeFullName": name,
            "traineeAccountName": email.split('@').next(),
            "traineeEmail": email,
            "status": if open { "INCOMPLETE" } else { "COMPLETE" },
            "trainingCreatedTimestamp": self.days(-120),
            "trainingDueTimestamp": self.days(if open { -3 } else { -60 }),
        });
        if !open {
            set(&mut training, "trainingCompletedTimestamp", self.ago(61..110));
        }
        common(&format!("training-{index}"), &format!("Training for {name}"), training)
    }
}

/// The unique id of one of the components.
fn component(index: usize) -> &'static str {
    turn(COMPONENTS, index).0
}

/// A resource with what all have, and its own.
fn common(id: &str, name: &str, own: Value) -> Value {
    let mut resource = own;
    set(&mut resource, "displayName", name);
    set(&mut resource, "uniqueId", id);
    set(&mut resource, "externalUrl", format!("{PORTAL}/admin/{id}"));
    resource
}
