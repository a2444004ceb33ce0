//! The kinds of resources that an integration can send, with the properties of each.

use super::schema::{Property, Shape, may, must};

/// A kind of resource: the end of its path, and the properties of one resource besides the common ones.
pub(super) struct Kind {
    pub(super) path: &'static str,
    pub(super) properties: &'static [Property],
}

/// What every resource has.
pub(super) const COMMON: &[Property] =
    &[must("displayName", Shape::Text), must("uniqueId", Shape::Text), must("externalUrl", Shape::Address)];

pub(super) const KINDS: &[Kind] = &[
    Kind { path: "api_endpoint_vulnerability_connectors", properties: ENDPOINT_VULNERABILITY },
    Kind { path: "background_check_connector", properties: BACKGROUND_CHECK },
    Kind { path: "custom_resource", properties: &[] },
    Kind { path: "macos_user_computer", properties: MAC },
    Kind { path: "package_vulnerability_connectors", properties: PACKAGE_VULNERABILITY },
    Kind { path: "secret", properties: SECRET },
    Kind { path: "security_task", properties: SECURITY_TASK },
    Kind { path: "static_analysis_code_vulnerability_connectors", properties: CODE_VULNERABILITY },
    Kind { path: "user_account", properties: USER_ACCOUNT },
    Kind { path: "user_security_training_status", properties: TRAINING_STATUS },
    Kind { path: "vulnerable_component", properties: VULNERABLE_COMPONENT },
    Kind { path: "windows_user_computer", properties: WINDOWS_COMPUTER },
];

const ENDPOINT_VULNERABILITY: &[Property] = &[
    must("occurrences", Shape::Each(&Shape::Object(REQUEST))),
    must("severity", Shape::Number),
    must("vulnerableComponentUniqueId", Shape::Text),
    must("description", Shape::Text),
    must("remediationInstructions", Shape::Text),
    must("url", Shape::Text),
    must("httpMethod", Shape::Text),
    may("cveId", Shape::Text),
    may("cvss3Vector", Shape::Text),
    may("cvss3Score", Shape::Number),
];

const BACKGROUND_CHECK: &[Property] = &[
    must("fullName", Shape::Text),
    must("email", Shape::Text),
    must("status", Shape::OneOf(&["INCOMPLETE", "IN_PROGRESS", "COMPLETE"])),
    may("completionDate", Shape::Moment),
];

const MAC: &[Property] = &[
    must("collectedTimestamp", Shape::Moment),
    must("osName", Shape::Text),
    must("osVersion", Shape::Text),
    must("hardwareUuid", Shape::Text),
    must("serialNumber", Shape::Text),
    must("applications", Shape::Each(&Shape::Object(APPLICATION))),
    must("browserExtensions", Shape::Each(&Shape::Object(BROWSER_EXTENSION))),
    must("drives", Shape::Each(&Shape::Object(MAC_DRIVE))),
    must("users", Shape::Each(&Shape::Object(USER))),
    must("systemScreenlockPolicies", Shape::Each(&Shape::Object(SCREEN_LOCK))),
    must("isManaged", Shape::Flag),
    must("autoUpdatesEnabled", Shape::Flag),
    may("owner", Shape::Text),
    may("passwordPolicy", Shape::Object(PASSWORD_POLICY)),
    may("lastEnrolledTimestamp", Shape::Moment),
    may("isXProtectEnabled", Shape::Flag),
];

const PACKAGE_VULNERABILITY: &[Property] = &[
    must("packageName", Shape::Text),
    must("packageVersion", Shape::Text),
    must("severity", Shape::Number),
    must("vulnerableComponentUniqueId", Shape::Text),
    must("description", Shape::Text),
    must("isResolvable", Shape::Flag),
    must("remediationInstructions", Shape::Text),
    may("isReachable", Shape::Flag),
    may("cveId", Shape::Text),
    may("cvss3Vector", Shape::Text),
    may("cvss3Score", Shape::Number),
];

const SECRET: &[Property] = &[
    must("name", Shape::Text),
    must("description", Shape::Text),
    must("createdTimestamp", Shape::Moment),
    must("creator", Shape::Text),
    must("owner", Shape::Text),
    may("updatedTimestamp", Shape::Moment),
    may("lastAccessedTimestamp", Shape::Moment),
    may("expiresTimestamp", Shape::Moment),
];

const SECURITY_TASK: &[Property] = &[
    must("taskId", Shape::Text),
    must("taskTitle", Shape::Text),
    must("createdTimestamp", Shape::Moment),
    must("taskState", Shape::OneOf(&["OPEN", "IN_PROGRESS", "CLOSED"])),
    must("priority", Shape::OneOf(&["P0", "P1", "P2", "P3", "P4"])),
    must("assignees", Shape::Each(&Shape::Text)),
    must("creator", Shape::Text),
    must("labels", Shape::Each(&Shape::Text)),
    may("closedTimestamp", Shape::Moment),
    may("updatedTimestamp", Shape::Moment),
];

const CODE_VULNERABILITY: &[Property] = &[
    must("occurrences", Shape::Each(&Shape::Object(PLACE))),
    must("severity", Shape::Whole),
    must("confidence", Shape::Whole),
    must("isResolvable", Shape::Flag),
    must("vulnerableComponentUniqueId", Shape::Text),
    must("description", Shape::Text),
    must("remediationInstructions", Shape::Text),
    may("cveId", Shape::Text),
    may("cvss3Vector", Shape::Text),
    may("cvss3Score", Shape::Number),
];

const USER_ACCOUNT: &[Property] = &[
    must("fullName", Shape::Text),
    must("accountName", Shape::Text),
    must("email", Shape::Text),
    must("permissionLevel", Shape::OneOf(&["ADMIN", "EDITOR", "BASE"])),
    must("createdTimestamp", Shape::Moment),
    must("status", Shape::OneOf(&["ACTIVE", "DEACTIVATED"])),
    must("mfaEnabled", Shape::Flag),
    must(
        "mfaMethods",
        Shape::Each(&Shape::OneOf(&[
            "UNSUPPORTED",
            "DISABLED",
            "SMS",
            "EMAIL",
            "OTP",
            "HARDWARE_TOKEN",
            "PUSH_PROMPT",
        ])),
    ),
    must("authMethod", Shape::OneOf(&["SSO", "PASSWORD", "TOKEN", "BIOMETRIC"])),
    may("roleDescription", Shape::Text),
    may("updatedTimestamp", Shape::Moment),
    may("deactivatedTimestamp", Shape::Moment),
    may("lastLoginTimestamp", Shape::Moment),
    may("lastPasswordResetTimestamp", Shape::Moment),
    may("groupIds", Shape::Each(&Shape::Text)),
];

const TRAINING_STATUS: &[Property] = &[
    must("trainingId", Shape::Text),
    must("trainingName", Shape::Text),
    must(
        "frameworksFulfilled",
        Shape::Each(&Shape::OneOf(&["SOC2", "ISO27001", "HIPAA", "PCI", "GDPR", "CCPA"])),
    ),
    must("traineeFullName", Shape::Text),
    must("traineeAccountName", Shape::Text),
    must("traineeEmail", Shape::Text),
    must("status", Shape::OneOf(&["INCOMPLETE", "COMPLETE"])),
    must("trainingCreatedTimestamp", Shape::Moment),
    must("trainingDueTimestamp", Shape::Moment),
    may("trainingCompletedTimestamp", Shape::Moment),
];

const VULNERABLE_COMPONENT: &[Property] = &[
    must("collectedTimestamp", Shape::Moment),
    must("name", Shape::Text),
    must("description", Shape::Text),
    must(
        "targetType",
        Shape::OneOf(&[
            "HOST",
            "SERVER",
            "CONTAINER",
            "CONTAINER_REPOSITORY",
            "CONTAINER_REPOSITORY_IMAGE",
            "CODE_REPOSITORY",
            "SERVERLESS_FUNCTION",
            "MANIFEST_FILE",
            "WORKSTATION",
        ]),
    ),
];

const WINDOWS_COMPUTER: &[Property] = &[
    must("collectedTimestamp", Shape::Moment),
    must("osName", Shape::Text),
    must("osVersion", Shape::Text),
    must("hardwareUuid", Shape::Text),
    must("serialNumber", Shape::Text),
    must("programs", Shape::Each(&Shape::Object(PROGRAM))),
    must("browserExtensions", Shape::Each(&Shape::Object(BROWSER_EXTENSION))),
    must("drives", Shape::Each(&Shape::Object(WINDOWS_DRIVE))),
    must("users", Shape::Each(&Shape::Object(USER))),
    must("systemScreenlockPolicies", Shape::Each(&Shape::Object(SCREEN_LOCK))),
    must("isManaged", Shape::Flag),
    must("autoUpdatesEnabled", Shape::Flag),
    may("owner", Shape::Text),
    may("passwordPolicy", Shape::Object(PASSWORD_POLICY)),
    may("lastEnrolledTimestamp", Shape::Moment),
    may("windowsSecurityProducts", Shape::Each(&Shape::Object(SECURITY_PRODUCT))),
    may("windowsSecurityCenter", Shape::Object(SECURITY_CENTER)),
];

const PAIR: &[Property] = &[must("key", Shape::Text), must("value", Shape::Text)];

const REQUEST: &[Property] = &[
    must("description", Shape::Text),
    may("fromUrl", Shape::Text),
    may("queryParams", Shape::Each(&Shape::Object(PAIR))),
    may("headers", Shape::Each(&Shape::Object(PAIR))),
    may("body", Shape::Text),
];

const APPLICATION: &[Property] =
    &[must("name", Shape::Text), must("bundleId", Shape::Text), may("lastOpenedTimestamp", Shape::Moment)];

const BROWSER_EXTENSION: &[Property] = &[
    must("extensionId", Shape::Text),
    must("name", Shape::Text),
    must("browser", Shape::OneOf(&["CHROME", "FIREFOX", "OPERA", "SAFARI", "EDGE"])),
];

const MAC_DRIVE: &[Property] = &[
    must("name", Shape::Text),
    must("encrypted", Shape::Flag),
    must("filevaultEnabled", Shape::Flag),
    may("isBootVolume", Shape::Flag),
];

const SCREEN_LOCK: &[Property] =
    &[must("requiresPassword", Shape::Flag), must("screenSleepTimeoutMs", Shape::Whole)];

const USER: &[Property] = &[
    must("username", Shape::Text),
    must("screenlockPolicies", Shape::Each(&Shape::Object(SCREEN_LOCK))),
    must("screenlockSettings", Shape::Object(SCREEN_LOCK)),
    may("lastLoginTimestamp", Shape::Moment),
];

const PASSWORD_POLICY: &[Property] = &[must("minimumLengthRequirement", Shape::Whole)];

const PLACE: &[Property] = &[
    must("path", Shape::Text),
    must("beginLine", Shape::Whole),
    must("endLine", Shape::Whole),
    must("beginColumn", Shape::Whole),
    must("endColumn", Shape::Whole),
];

const PROGRAM: &[Property] = &[must("name", Shape::Text), may("lastOpenedTimestamp", Shape::Moment)];

const WINDOWS_DRIVE: &[Property] =
    &[must("name", Shape::Text), must("encrypted", Shape::Flag), may("isBootVolume", Shape::Flag)];

const SECURITY_PRODUCT: &[Property] = &[
    must("name", Shape::Text),
    must("category", Shape::OneOf(&["FIREWALL", "ANTIVIRUS", "ANTISPYWARE"])),
    must("state", Shape::OneOf(&["ON", "OFF", "UNKNOWN"])),
    must("stateTimestamp", Shape::Moment),
    must("signaturesUpToDate", Shape::Flag),
];

/// What Windows says of one of its safeguards.
const HEALTH: &[&str] = &["GOOD", "POOR", "SNOOZED", "NOT_MONITORED", "ERROR"];

const SECURITY_CENTER: &[Property] = &[
    must("firewall", Shape::OneOf(HEALTH)),
    must("autoupdate", Shape::OneOf(HEALTH)),
    must("antivirus", Shape::OneOf(HEALTH)),
    must("internetSetting", Shape::OneOf(HEALTH)),
    must("userAccountControl", Shape::OneOf(HEALTH)),
    must("windowsSecurityCenterService", Shape::OneOf(HEALTH)),
];
