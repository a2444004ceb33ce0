//! The lists that are read, with the members that show a change.

use futures::future::{try_join, try_join3, try_join4, try_join5};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::call::CallError;
use crate::index::{KeptThing, ThingKind};
use crate::jobs::desk::Desk;
use crate::jobs::gaps::Gaps;
use crate::jobs::known_names::known_things;
use crate::state::Moment;

/// How many pages of the event log are read: it has no end, and its order is not documented.
const PAGES: usize = 10;

/// What was read; none where it could not be.
pub struct Lists {
    pub tests: Vec<ChangedTest>,
    pub documents: Option<Vec<ChangedDocument>>,
    pub vulnerabilities: Option<Vec<ChangedVulnerability>>,
    pub remediations: Option<Vec<ChangedRemediation>>,
    pub people: Option<Vec<ChangedPerson>>,
    pub issues: Option<Vec<ChangedIssue>>,
    pub vendors: Option<Vec<ChangedVendor>>,
    pub policies: Option<Vec<ChangedPolicy>>,
    pub questionnaires: Option<Vec<ChangedQuestionnaire>>,
    pub waiting: Option<Vec<ChangedRequest>>,
    pub decided: Option<Vec<ChangedRequest>>,
    pub events: Option<Vec<LogEvent>>,
    pub users: Option<Vec<KnownUser>>,
    /// When the users were read, where they are from the index.
    pub users_kept: Option<Moment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedTest {
    pub id: Option<String>,
    pub name: Option<String>,
    pub status: Option<String>,
    pub latest_flip_date: Option<String>,
    pub deactivated_status_info: Option<SwitchedOff>,
    pub remediation_status_info: Option<FailingItems>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SwitchedOff {
    pub last_updated_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailingItems {
    pub item_count: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedDocument {
    pub id: Option<String>,
    pub title: Option<String>,
    pub upload_status: Option<String>,
    pub upload_status_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedVulnerability {
    pub id: Option<String>,
    pub name: Option<String>,
    pub severity: Option<String>,
    pub first_detected_date: Option<String>,
    pub deactivate_metadata: Option<SetAside>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetAside {
    pub deactivated_on_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedRemediation {
    pub sla_deadline_date: Option<String>,
    pub remediation_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedPerson {
    pub id: Option<String>,
    pub email_address: Option<String>,
    pub name: Option<ShownName>,
    pub employment: Option<EmploymentDates>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownName {
    pub display: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EmploymentDates {
    pub start_date: Option<String>,
    pub end_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedIssue {
    pub id: Option<String>,
    pub readable_issue_id: Option<String>,
    pub title: Option<String>,
    pub created_date: Option<String>,
    pub last_modified_date: Option<String>,
    pub closed_metadata: Option<Closed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Closed {
    pub closed_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedVendor {
    pub id: Option<String>,
    pub name: Option<String>,
    pub last_security_review_completion_date: Option<String>,
    pub latest_decision: Option<DecidedVendor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DecidedVendor {
    pub status: Option<String>,
    pub last_updated_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedPolicy {
    pub id: Option<String>,
    pub name: Option<String>,
    pub approved_at_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedQuestionnaire {
    pub id: Option<String>,
    pub display_name: Option<String>,
    pub created_date: Option<String>,
    pub status_log: Option<Vec<StatusEntry>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusEntry {
    pub status: Option<String>,
    pub updated_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedRequest {
    pub creation_date: Option<String>,
    pub updated_date: Option<String>,
    pub outcome: Option<String>,
}

#[derive(Deserialize)]
pub struct LogEvent {
    pub date: Option<String>,
    pub action: Option<String>,
    pub actor: Option<LogThing>,
    pub targets: Option<Vec<LogThing>>,
}

/// Who did something, or what it was done to.
#[derive(Deserialize)]
pub struct LogThing {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KnownUser {
    pub id: Option<String>,
    pub display_name: Option<String>,
    pub email: Option<String>,
}

/// Reads everything at once.
///
/// # Errors
/// The tests cannot be read, or the call was cancelled.
pub async fn all(desk: &Desk<'_>, since: Timestamp, gaps: &Gaps) -> Result<Lists, CallError> {
    // Without both parameters neither those set aside nor those without a deadline are sure to come.
    let vulnerabilities = json!({ "includeVulnerabilitiesWithoutSlas": true });
    let fixed = json!({ "remediatedAfterDate": since.to_string() });
    let log = json!({ "startDate": since.to_string() });
    let everything = || json!({});
    let known = known_things(desk, ThingKind::User).await;
    let read_users = async { if known.is_some() { Ok(None) } else { users(desk, gaps).await } };
    let (
        (tests, documents, people, issues),
        (vulnerabilities, remediations, vendors, policies, questionnaires),
        (events, users, (waiting, decided)),
    ) = try_join3(
        try_join4(
            desk.list("list_tests", json!({ "isInRollout": false })),
            desk.also("documents", "list_documents", everything(), gaps),
            desk.also("people", "list_people", everything(), gaps),
            desk.also("issues", "list_issues", everything(), gaps),
        ),
        try_join5(
            desk.also("vulnerabilities", "list_vulnerabilities", vulnerabilities, gaps),
            desk.also("fixed vulnerabilities", "list_vulnerability_remediations", fixed, gaps),
            desk.also("vendors", "list_vendors", everything(), gaps),
            desk.also("policies", "list_policies", everything(), gaps),
            desk.also("questionnaires", "list_questionnaires", everything(), gaps),
        ),
        try_join3(
            desk.also_beginning("event log", ("list_event_logs", PAGES), log, gaps),
            read_users,
            access_requests(desk, gaps),
        ),
    )
    .await?;
    Ok(Lists {
        tests: gaps.rows("tests", tests),
        documents: documents.map(|list| gaps.rows("documents", list)),
        vulnerabilities: vulnerabilities.map(|list| gaps.rows("vulnerabilities", list)),
        remediations: remediations.map(|list| gaps.rows("fixed vulnerabilities", list)),
        people: people.map(|list| gaps.rows("people", list)),
        issues: issues.map(|list| gaps.rows("issues", list)),
        vendors: vendors.map(|list| gaps.rows("vendors", list)),
        policies: policies.map(|list| gaps.rows("policies", list)),
        questionnaires: questionnaires.map(|list| gaps.rows("questionnaires", list)),
        waiting,
        decided,
        events: events.map(|list| gaps.rows("event log", list)),
        users: known.as_ref().map(|known| known.things.iter().map(KnownUser::from).collect()).or(users),
        users_kept: known.map(|known| known.at),
    })
}

/// The users, for the names of those who did something.
///
/// # Errors
/// The call was cancelled.
pub async fn users(desk: &Desk<'_>, gaps: &Gaps) -> Result<Option<Vec<KnownUser>>, CallError> {
    const WHAT: &str = "names of users";
    let users = desk.also(WHAT, "list_users", json!({}), gaps).await?;
    Ok(users.map(|list| gaps.rows(WHAT, list)))
}

impl From<&KeptThing> for KnownUser {
    fn from(user: &KeptThing) -> Self {
        let name = |place: usize| user.names.get(place).filter(|name| !name.is_empty()).cloned();
        Self { id: Some(user.id.clone()), display_name: name(0), email: name(1) }
    }
}

type Requests = Option<Vec<ChangedRequest>>;

/// The requests that wait, and those that were decided.
async fn access_requests(desk: &Desk<'_>, gaps: &Gaps) -> Result<(Requests, Requests), CallError> {
    const WAITING: &str = "waiting Trust Center requests";
    const DECIDED: &str = "decided Trust Center requests";
    if !desk.has_trust_center() {
        gaps.name("Trust Center requests: the settings name no Trust Center (VANTA_TRUST_CENTER)");
        return Ok((None, None));
    }
    let (waiting, decided) = try_join(
        desk.also(WAITING, "list_trust_center_access_requests", json!({}), gaps),
        desk.also(DECIDED, "list_trust_center_request_history", json!({}), gaps),
    )
    .await?;
    Ok((waiting.map(|list| gaps.rows(WAITING, list)), decided.map(|list| gaps.rows(DECIDED, list))))
}
