//! The systems that the company has connected, and the changes of its code.

use fastrand::Rng;
use serde_json::{Value, json};

use super::{Dossier, is_found};
use crate::Company;
use crate::ask::Ask;
use crate::audit::Answer;
use crate::audit::audits::Audit;
use crate::audit::moment::Moment;
use crate::pages::page;
use crate::query::{choices, date};
use crate::record::{fresh_id, pick, text};

/// What can be read from a system: as queries name it, as answers do.
const TAGS: &[(&str, &str)] = &[
    ("ACCESS", "Access"),
    ("COMPUTERS", "Computers"),
    ("CUSTOM_RESOURCE", "Custom resources"),
    ("DATA_LOSS_PREVENTION", "Data loss prevention"),
    ("DOCUMENTS", "Documents"),
    ("DOCUMENT_UPLOAD", "Document upload"),
    ("FRAMEWORK", "Frameworks"),
    ("GROUPS", "Groups"),
    ("INVENTORY", "Inventory"),
    ("NOTIFICATIONS", "Notifications"),
    ("PEOPLE", "People"),
    ("POLICIES", "Policies"),
    ("SECURITY_AWARENESS_TRAINING", "Security awareness training"),
    ("SECURITY_SCANNER_ALERTS", "Security scanner alerts"),
    ("SSO", "Single sign-on"),
    ("TASK_CREATION", "Task creation"),
    ("TASK_TRACKING", "Task tracking"),
    ("TRUST_CENTER", "Trust Center"),
    ("VENDOR_DISCOVERY", "Vendor discovery"),
    ("VENDOR_PROCUREMENT", "Vendor procurement"),
    ("VULNERABILITIES", "Vulnerabilities"),
];

/// What a system is: as queries name it, as answers do.
const CATEGORIES: &[(&str, &str)] = &[
    ("ATS_MERGE_ACCOUNT", "Applicant tracking systems"),
    ("BACKGROUND_CHECK_SERVICE", "Background check services"),
    ("CLOUD_PROVIDER", "Cloud providers"),
    ("COMMUNICATION_PLATFORM", "Communication platforms"),
    ("CRM_MERGE_ACCOUNT", "Connected customer databases"),
    ("CRM_PLATFORM", "Customer databases"),
    ("DATASTORE_PROVIDER", "Data stores"),
    ("DATA_LOSS_PREVENTION", "Data loss prevention"),
    ("DATA_WAREHOUSE_PROVIDER", "Data warehouses"),
    ("DOCUMENT_MANAGEMENT_TOOL", "Document management tools"),
    ("ENDPOINT_SECURITY_TOOL", "Endpoint security tools"),
    ("HR_PROVIDER", "Human resources systems"),
    ("IDENTITY_PROVIDER", "Identity providers"),
    ("INCIDENT_MANAGEMENT_TOOL", "Incident management tools"),
    ("MOBILE_DEVICE_MANAGEMENT_TOOL", "Device management tools"),
    ("MONITORING_SERVICE", "Monitoring services"),
    ("OTHER_INTEGRATION", "Other systems"),
    ("SECURITY_AWARENESS_TRAINING_PROVIDER", "Security training providers"),
    ("SECURITY_SCANNER_ALERTS", "Security scanners"),
    ("TASK_TRACKER", "Task trackers"),
    ("VERSION_CONTROL_SYSTEM", "Version control systems"),
    ("VULNERABILITY_SCANNER", "Vulnerability scanners"),
];

/// Integration, its tags and its categories. Others provide access and are of the other kind.
const SYSTEMS: &[(&str, &[&str], &[&str])] = &[
    ("aws", &["ACCESS", "INVENTORY"], &["CLOUD_PROVIDER"]),
    ("gcp", &["ACCESS", "INVENTORY"], &["CLOUD_PROVIDER", "DATA_WAREHOUSE_PROVIDER"]),
    ("github", &["ACCESS", "INVENTORY"], &["VERSION_CONTROL_SYSTEM"]),
    ("okta", &["ACCESS", "GROUPS", "SSO", "VENDOR_DISCOVERY"], &["IDENTITY_PROVIDER"]),
    (
        "gsuiteadmin",
        &["ACCESS", "GROUPS", "PEOPLE", "VENDOR_DISCOVERY"],
        &["IDENTITY_PROVIDER", "DOCUMENT_MANAGEMENT_TOOL"],
    ),
    ("slack", &["ACCESS", "NOTIFICATIONS"], &["COMMUNICATION_PLATFORM"]),
    ("jira", &["ACCESS", "TASK_CREATION", "TASK_TRACKING"], &["TASK_TRACKER"]),
    ("datadog", &["ACCESS"], &["MONITORING_SERVICE"]),
    ("cloudflare", &["ACCESS"], &["CLOUD_PROVIDER"]),
    ("snowflake", &["ACCESS"], &["DATA_WAREHOUSE_PROVIDER"]),
    ("pagerduty", &["ACCESS"], &["INCIDENT_MANAGEMENT_TOOL"]),
    ("salesforce", &["ACCESS"], &["CRM_PLATFORM"]),
    ("rippling", &["ACCESS", "PEOPLE"], &["HR_PROVIDER"]),
    ("kandji", &["ACCESS", "COMPUTERS"], &["MOBILE_DEVICE_MANAGEMENT_TOOL"]),
    ("intune", &["COMPUTERS"], &["MOBILE_DEVICE_MANAGEMENT_TOOL"]),
    ("jamf", &["COMPUTERS", "VENDOR_DISCOVERY"], &["MOBILE_DEVICE_MANAGEMENT_TOOL"]),
    ("snyk", &["ACCESS", "VULNERABILITIES"], &["VULNERABILITY_SCANNER"]),
    ("inspector", &["VULNERABILITIES"], &["VULNERABILITY_SCANNER"]),
    ("dependabot", &["VULNERABILITIES"], &["VULNERABILITY_SCANNER"]),
    ("trivy", &["VULNERABILITIES"], &["VULNERABILITY_SCANNER"]),
    ("mongodbatlas", &["ACCESS", "INVENTORY"], &["DATASTORE_PROVIDER"]),
    ("vanta", &["POLICIES"], &["OTHER_INTEGRATION"]),
];

const SOURCES: &[&str] = &["github", "gitlab", "bitbucket", "azuredevops"];
const CHANGES: usize = 180;
/// How far back the changes reach, in days.
const DAYS: i64 = 440;
const VERBS: &[&str] = &["Fix", "Add", "Simplify", "Speed up", "Log", "Test", "Document"];
const THINGS: &[&str] = &[
    "export retries",
    "date-of-birth validation",
    "session timeout",
    "result pagination",
    "read audit trail",
    "key rotation",
    "image upload",
    "text message reminders",
];

pub(super) fn list_integrations(company: &Company, ask: &Ask) -> Answer {
    let tags = choices(ask, "tagsMatchesAny", &keys(TAGS))?;
    let categories = choices(ask, "categoriesMatchesAny", &keys(CATEGORIES))?;
    let any =
        |wanted: &[&str], mine: &[&str]| wanted.is_empty() || mine.iter().any(|key| wanted.contains(key));
    let rows = company.integrations.iter().filter_map(|integration| {
        let id = text(integration, "integrationId");
        let known = SYSTEMS.iter().find(|(system, ..)| *system == id);
        let (mine, kinds) =
            known.map_or((&["ACCESS"][..], &["OTHER_INTEGRATION"][..]), |known| (known.1, known.2));
        let row = json!({
            "id": id,
            "name": text(integration, "displayName"),
            "tags": names(TAGS, mine),
            "categories": names(CATEGORIES, kinds),
        });
        (any(&tags, mine) && any(&categories, kinds) && is_found(ask, &row, &["name"])).then_some(row)
    });
    Ok(page(ask, rows.collect()))
}

fn keys(table: &[(&'static str, &'static str)]) -> Vec<&'static str> {
    table.iter().map(|(key, _)| *key).collect()
}

fn names(table: &[(&str, &'static str)], keys: &[&str]) -> Vec<&'static str> {
    table.iter().filter(|(key, _)| keys.contains(key)).map(|(_, name)| *name).collect()
}

/// Changes to the company's repositories in the order in which they were closed, the newest first.
pub(super) fn code_changes(now: Moment, company: &Company, rng: &mut Rng) -> Vec<Value> {
    let repositories: Vec<&str> = company
        .assets
        .iter()
        .filter(|asset| text(asset, "assetType") == "CODE_REPOSITORY")
        .map(|asset| text(asset, "name"))
        .collect();
    let mut ages: Vec<i64> = (0..CHANGES).map(|_| rng.i64(4..DAYS * 24)).collect();
    ages.sort_unstable();
    let changes = ages.into_iter().enumerate().map(|(index, age)| {
        let closed = now.plus_hours(-age);
        json!({
            "id": fresh_id(rng),
            "codeChange": format!("{} {}", pick(VERBS, rng), pick(THINGS, rng)),
            "identifier": (4000 - index * 3).to_string(),
            "service": "github",
            "repository": pick(&repositories, rng),
            "openedAt": closed.plus_hours(-rng.i64(1..120)),
            "closedAt": closed,
        })
    });
    changes.collect()
}

/// The changes that were closed within the audit window; 422 unless the audit has one segment.
pub(super) fn list_code_changes(audit: &Audit, dossier: &Dossier, ask: &Ask) -> Answer {
    audit.only_segment()?;
    let sources = choices(ask, "sourcesMatchesAny", SOURCES)?;
    let after = date(ask, "closedAfterDate")?.map(Moment::new);
    let before = date(ask, "closedBeforeDate")?.map(Moment::new);
    let window = audit.record.audit_start_date..=audit.record.audit_end_date;
    let wanted = |change: &&Value| {
        Moment::read(text(change, "closedAt")).is_some_and(|closed| {
            window.contains(&closed)
                && after.is_none_or(|after| closed >= after)
                && before.is_none_or(|before| closed <= before)
        }) && (sources.is_empty() || sources.contains(&text(change, "service")))
            && is_found(ask, change, &["codeChange", "repository"])
    };
    Ok(page(ask, dossier.code_changes.iter().filter(wanted).cloned().collect()))
}
