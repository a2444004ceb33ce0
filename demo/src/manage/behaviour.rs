//! What a client of the simulated Manage API can rely on.

mod assessments;
mod changes;
mod contracts;
mod customer_trust;
mod found;
mod inventory;
mod knowledge;
mod large;
mod program;
mod questionnaires;
mod responses;
mod risk_mappings;
mod risks;
mod traps;
mod trust_center;

use super::*;
use crate::ask::File;

const NOW: &str = "2026-11-22T08:00:00Z";

/// Lists of records with an id, and that of integrations.
const LISTS: [&str; 18] = [
    "controls",
    "tests",
    "documents",
    "people",
    "vendors",
    "vulnerabilities",
    "users",
    "groups",
    "integrations",
    "vendor-assessment-types",
    "vendor-risk-attributes",
    "discovered-vendors",
    "vulnerable-assets",
    "vulnerability-remediations",
    "policies",
    "issues",
    "monitored-computers",
    "event-logs",
];

struct Client(Manage);

/// A file for each part that is summed up as one: `{"fileName", "mimeType", "bytes"}`.
fn sent_files(body: &Value) -> Vec<File> {
    let parts = body.as_object().into_iter().flatten().filter(|(_, part)| part.get("fileName").is_some());
    parts
        .map(|(part, summary)| File {
            part: part.clone(),
            name: text(summary, "fileName").to_owned(),
            mime: text(summary, "mimeType").to_owned(),
            content: vec![b'x'; usize::try_from(summary["bytes"].as_u64().unwrap_or(0)).unwrap()].into(),
        })
        .collect()
}

impl Client {
    fn new() -> Self {
        Self(Manage::new(3, NOW.parse().unwrap()))
    }

    fn send(&mut self, method: &str, target: &str, body: Value) -> (u16, Value) {
        self.send_at(NOW, method, target, body)
    }

    fn send_at(&mut self, now: &str, method: &str, target: &str, body: Value) -> (u16, Value) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let files = sent_files(&body);
        let ask = Ask {
            method: method.into(),
            path: format!("v1/{path}").split('/').map(str::to_owned).collect(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            body,
            files,
            now: now.parse().unwrap(),
        };
        self.0.answer(&ask).map_or((0, Value::Null), Reply::parts)
    }

    fn get(&mut self, target: &str) -> Value {
        let (status, body) = self.send("GET", target, Value::Null);
        assert_eq!(status, 200, "{target}: {body}");
        body
    }

    /// All items of a list, page by page.
    fn list(&mut self, target: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let sign = if target.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{target}{sign}pageSize=100{cursor}"));
            all.extend(page["results"]["data"].as_array().unwrap().clone());
            let info = &page["results"]["pageInfo"];
            if info["hasNextPage"] != true {
                return all;
            }
            cursor = format!("&pageCursor={}", info["endCursor"].as_str().unwrap());
        }
    }
}

/// The names of a record's properties, in alphabetical order.
fn names(record: &Value) -> Vec<&str> {
    record.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A JSON value as a query parameter.
fn in_query(value: &Value) -> String {
    url::form_urlencoded::byte_serialize(value.to_string().as_bytes()).collect()
}

fn id(record: &Value) -> String {
    text(record, "id").to_owned()
}

#[test]
fn the_company_has_its_promised_size() {
    let mut client = Client::new();
    let mut count = |list: &str| client.list(list).len();
    assert!(count("controls") >= 150);
    assert_eq!((count("documents"), count("people"), count("vendors")), (60, 120, 40));
    assert_eq!(
        (count("vulnerabilities?includeVulnerabilitiesWithoutSlas=true"), count("frameworks")),
        (400, 3)
    );
    let tests = count("tests");
    let failing = count("tests?statusFilter=NEEDS_ATTENTION");
    assert!(tests >= 240 && (tests / 20..tests / 5).contains(&failing), "{failing} of {tests}");
    assert!(count("people?tasksSummaryStatusMatchesAny=OVERDUE") > 5);
    assert!(count("people?employmentStatus=FORMER") > 5);
    assert!(count("people?employmentStatus=ON_LEAVE") > 1);
}

#[test]
fn the_same_seed_and_time_give_the_same_bytes() {
    let bytes = || {
        let mut client = Client::new();
        LISTS.map(|list| Value::from(client.list(list)).to_string())
    };
    assert_eq!(bytes(), bytes());
}

#[test]
fn no_two_records_share_an_id_and_every_link_leads_somewhere() {
    let mut client = Client::new();
    for list in LISTS.into_iter().filter(|list| *list != "integrations") {
        let mut ids: Vec<String> = client.list(list).iter().map(id).collect();
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "{list}");
    }
    let controls: Vec<String> = client.list("controls").iter().map(id).collect();
    let links = &client.0.links;
    let requirements: Vec<&str> = requirements::FRAMEWORKS
        .iter()
        .flat_map(|framework| framework.categories.iter().flat_map(|category| category.requirements))
        .map(|(id, _)| *id)
        .collect();
    for mapping in &links.mappings {
        assert!(controls.contains(&mapping.control));
        assert!(requirements.contains(&mapping.requirement.as_str()), "{}", mapping.requirement);
    }
    for test in client.0.tests.shelf.all() {
        let mut tied = links.tests.with(text(test, "id"));
        assert!(tied.all(|control| controls.iter().any(|id| id == control)), "{test}");
        assert!(links.tests.with(text(test, "id")).count() > 0);
    }
    for document in client.0.documents.shelf.all() {
        let mut tied = links.documents.with(text(document, "id"));
        assert!(tied.all(|control| controls.iter().any(|id| id == control)), "{document}");
    }
}

#[test]
fn a_control_follows_from_its_tests_and_documents() {
    let mut client = Client::new();
    let mut statuses = Vec::new();
    for control in client.list("controls") {
        let detail = client.get(&format!("controls/{}", id(&control)));
        let tests = client.list(&format!("controls/{}/tests", id(&control)));
        let passing = tests.iter().filter(|test| text(test, "status") == "OK").count();
        assert_eq!(
            (&detail["numTestsTotal"], &detail["numTestsPassing"]),
            (&json!(tests.len()), &json!(passing))
        );
        statuses.push(text(&detail, "status").to_owned());
    }
    for status in ["NO_EVIDENCE_MAPPED", "NOT_STARTED", "IN_PROGRESS", "COMPLETED"] {
        assert!(statuses.iter().any(|other| other == status), "no control is {status}");
    }
}

#[test]
fn control_mappings_and_owners_are_seen_later() {
    let mut client = Client::new();
    let path = "controls/web-application-firewall-operated";
    let before = client.list(&format!("{path}/tests")).len();
    let (status, answer) =
        client.send("POST", &format!("{path}/add-test-to-control"), json!({ "testId": "slack-mfa-enabled" }));
    assert_eq!((status, text(&answer["test"], "id")), (200, "slack-mfa-enabled"));
    assert_eq!(client.list(&format!("{path}/tests")).len(), before + 1);
    assert!(
        client
            .list("tests?controlFilter=web-application-firewall-operated")
            .iter()
            .any(|test| id(test) == "slack-mfa-enabled")
    );
    assert_eq!(client.send("DELETE", &format!("{path}/tests/slack-mfa-enabled"), Value::Null).0, 204);
    assert_eq!(client.send("DELETE", &format!("{path}/tests/slack-mfa-enabled"), Value::Null).0, 404);
    let person = id(&client.list("users")[30]);
    client.send("POST", &format!("{path}/set-owner"), json!({ "userId": person }));
    assert_eq!(client.get(path)["owner"]["id"], json!(person));
    client.send("POST", &format!("{path}/set-owner"), json!({ "userId": null }));
    assert_eq!(client.get(path)["owner"], Value::Null);
    assert_eq!(client.send("POST", &format!("{path}/set-owner"), json!({})).0, 422);
}

#[test]
fn controls_are_created_changed_and_deleted() {
    let mut client = Client::new();
    let body = json!({
        "externalId": "NEW-1", "name": "Robots reviewed", "description": "The company reviews its robots.",
        "effectiveDate": "2026-12-01", "domain": "COMPLIANCE",
        "sections": [{ "frameworkId": "SOC_2", "sectionId": "CC 4.1" }],
    });
    let (status, created) = client.send("POST", "controls", body.clone());
    assert_eq!((status, text(&created, "source")), (201, "Custom"));
    assert_eq!(client.send("POST", "controls", body).0, 409);
    assert!(
        client.list("controls?frameworkMatchesAny=soc2").iter().any(|control| id(control) == id(&created))
    );
    let path = format!("controls/{}", id(&created));
    client.send("PATCH", &path, json!({ "name": "Robots audited", "note": "Ask facilities." }));
    let changed = client.get(&path);
    assert_eq!((text(&changed, "name"), text(&changed, "note")), ("Robots audited", "Ask facilities."));
    assert_eq!(text(&changed, "status"), "NO_EVIDENCE_MAPPED");
    assert_eq!(client.send("DELETE", &path, Value::Null).0, 204);
    assert_eq!(client.send("GET", &path, Value::Null).0, 404);
    client.send("DELETE", "controls/visitors-registered", Value::Null);
    assert!(
        client
            .list("controls/deactivated-controls")
            .iter()
            .any(|control| id(control) == "visitors-registered")
    );
    let library = client.list("controls/controls-library");
    client.send("POST", "controls/add-from-library", json!({ "controlId": id(&library[0]) }));
    assert_eq!(client.list("controls/controls-library").len(), library.len() - 1);
}

#[test]
fn a_test_passes_once_its_last_failing_entity_is_set_aside() {
    let mut client = Client::new();
    let test = client.list("tests?statusFilter=NEEDS_ATTENTION").remove(0);
    let path = format!("tests/{}", id(&test));
    let failing = client.list(&format!("{path}/entities"));
    assert_eq!(test["remediationStatusInfo"]["itemCount"], json!(failing.len()));
    for entity in &failing {
        let target = format!("{path}/entities/{}/deactivate", id(entity));
        assert_eq!(client.send("POST", &target, json!({})).0, 422);
        assert_eq!(client.send("POST", &target, json!({ "deactivateReason": "Accepted" })).0, 202);
    }
    let passing = client.get(&path);
    assert_eq!(text(&passing, "status"), "OK");
    assert!(text(&passing, "latestFlipDate") > text(&test, "latestFlipDate"), "{passing}");
    assert!(client.list(&format!("{path}/entities?entityStatus=DEACTIVATED")).len() >= failing.len());
    client.send("POST", &format!("{path}/entities/{}/reactivate", id(&failing[0])), Value::Null);
    assert_eq!(text(&client.get(&path), "status"), "NEEDS_ATTENTION");
}

#[test]
fn every_list_filter_narrows_its_list() {
    let mut client = Client::new();
    let owner =
        client.list("tests").iter().find_map(|test| test["owner"]["id"].as_str().map(str::to_owned)).unwrap();
    let group = client.list("people")[1]["groupIds"][0].as_str().unwrap().to_owned();
    let cve = client.list("vulnerabilities")[7].clone();
    let filters = [
        "controls?frameworkMatchesAny=hipaa".to_owned(),
        "documents?frameworkMatchesAny=iso27001_2022".to_owned(),
        "documents?statusMatchesAny=OK&statusMatchesAny=Needs%20update".to_owned(),
        "people?employmentStatus=FORMER".to_owned(),
        "people?emailAndNameFilter=amar".to_owned(),
        format!("people?groupIdsMatchesAny={group}"),
        "people?taskTypeMatchesAny=ACCEPT_POLICIES&taskStatusMatchesAny=OVERDUE".to_owned(),
        format!("tests?ownerFilter={owner}"),
        "tests?integrationFilter=aws".to_owned(),
        "tests?frameworkFilter=hipaa".to_owned(),
        "tests?categoryFilter=SECURITY_ALERT_MANAGEMENT".to_owned(),
        "tests?isInRollout=true".to_owned(),
        "vendors?name=google".to_owned(),
        "vendors?statusMatchesAny=IN_PROCUREMENT".to_owned(),
        "vulnerabilities?isDeactivated=true".to_owned(),
        "vulnerabilities?isFixAvailable=false".to_owned(),
        "vulnerabilities?severity=CRITICAL".to_owned(),
        "vulnerabilities?integrationId=snyk".to_owned(),
        "vulnerabilities?packageIdentifier=openssl".to_owned(),
        "vulnerabilities?q=resolver".to_owned(),
        "vulnerabilities?slaDeadlineBeforeDate=2026-11-22T08:00:00Z".to_owned(),
        "vulnerabilities?slaDeadlineAfterDate=2026-11-22T08:00:00Z".to_owned(),
        format!("vulnerabilities?externalVulnerabilityId={}", text(&cve, "name")),
        format!("vulnerabilities?vulnerableAssetId={}", text(&cve, "targetId")),
    ];
    for filter in filters {
        let all = client.list(filter.split('?').next().unwrap()).len();
        let found = client.list(&filter).len();
        assert!((1..all).contains(&found), "{filter}: {found} of {all}");
    }
    assert!(client.list("tests?statusFilter=BROKEN").is_empty());
    assert_eq!(client.send("GET", "people?taskTypeMatchesAny=ACCEPT_POLICIES", Value::Null).0, 400);
}

#[test]
fn offboarding_waits_until_access_is_gone_and_custom_tasks_are_done() {
    let mut client = Client::new();
    let people = client.list("people");
    let leader = id(&people[2]);
    let with =
        |status: &str| id(people.iter().find(|person| person["tasksSummary"]["status"] == status).unwrap());
    let task = "/tasksSummary/details/completeOffboardingCustomTasks/status";
    let due = |state: &str| {
        let mut due =
            people.iter().filter(|person| person["tasksSummary"]["status"] == "OFFBOARDING_DUE_SOON");
        id(due.find(|person| person.pointer(task) == Some(&json!(state))).unwrap())
    };
    let (ready, busy, open) = (due("COMPLETE"), due("DUE_SOON"), with("OFFBOARDING_OVERDUE"));
    let update = |id: &str| json!({ "id": id, "acknowledgerId": leader });
    let updates = [update(&ready), update(&open), update("nobody"), update(&leader), update(&busy)];
    let (status, answer) = client.send("POST", "people/offboard", json!({ "updates": updates }));
    let outcomes: Vec<&str> =
        answer["results"].as_array().unwrap().iter().map(|entry| text(entry, "status")).collect();
    assert_eq!((status, outcomes), (200, vec!["SUCCESS", "ERROR", "ERROR", "ERROR", "ERROR"]));
    assert!(text(&answer["results"][4], "message").contains("custom offboarding tasks"), "{answer}");
    assert_eq!(client.get(&format!("people/{ready}"))["tasksSummary"]["status"], "OFFBOARDING_COMPLETE");
}

#[test]
fn leave_and_marks_are_seen_later() {
    let mut client = Client::new();
    let person = id(&client.list("people")[3]);
    let leave = json!({ "startDate": "2026-11-01", "endDate": null });
    client.send("POST", &format!("people/{person}/set-leave"), leave);
    let away = client.get(&format!("people/{person}"));
    assert_eq!(
        (&away["employment"]["status"], &away["leaveInfo"]["status"]),
        (&json!("ON_LEAVE"), &json!("ACTIVE"))
    );
    client.send("POST", &format!("people/{person}/clear-leave"), Value::Null);
    assert_eq!(client.get(&format!("people/{person}"))["leaveInfo"], Value::Null);
    client.send(
        "POST",
        "people/mark-as-not-people",
        json!({ "updates": [{ "id": person, "reason": "A bot" }] }),
    );
    assert_eq!(client.send("GET", &format!("people/{person}"), Value::Null).0, 404);
    client.send("POST", "people/mark-as-people", json!({ "updates": [{ "id": person }] }));
    assert_eq!(client.list("people").len(), 120);
}

#[test]
fn documents_collect_links_and_files() {
    let mut client = Client::new();
    let open = client.list("documents?statusMatchesAny=Needs%20document").remove(1);
    let path = format!("documents/{}", id(&open));
    assert_eq!(client.send("POST", &format!("{path}/submit"), Value::Null).0, 422);
    let (_, link) =
        client.send("POST", &format!("{path}/links"), json!({ "url": "https://a.example", "title": "A" }));
    let file = json!({ "file": { "fileName": "a.pdf", "mimeType": "application/pdf", "bytes": 3 } });
    assert_eq!(client.send("POST", &format!("{path}/uploads"), file).0, 201);
    assert_eq!(client.send("POST", &format!("{path}/submit"), Value::Null).0, 204);
    assert_eq!(text(&client.get(&path), "uploadStatus"), "OK");
    assert_eq!(client.send("DELETE", &format!("{path}/links/{}", id(&link)), Value::Null).0, 204);
    assert!(client.list(&format!("{path}/links")).iter().all(|other| id(other) != id(&link)));
    assert!(client.list("documents").iter().all(|document| document.get("note").is_none()));
}

#[test]
fn vendors_findings_and_vulnerabilities_keep_what_is_written() {
    let mut client = Client::new();
    let (_, vendor) = client.send("POST", "vendors", json!({ "name": "Brassica Labs", "category": "Data" }));
    let path = format!("vendors/{}", id(&vendor));
    client.send("PATCH", &path, json!({ "inherentRiskLevel": "HIGH", "authDetails": { "method": "SSO" } }));
    let changed = client.get(&path);
    assert_eq!(
        (&changed["inherentRiskLevel"], &changed["authDetails"]["method"]),
        (&json!("HIGH"), &json!("SSO"))
    );
    assert_eq!(client.send("PATCH", &path, json!({ "residualRiskLevel": "SOME" })).0, 422);
    let body = json!({ "content": "No report", "riskStatus": "REMEDIATE" });
    let (_, finding) = client.send("POST", &format!("{path}/findings"), body);
    assert_eq!(finding["remediation"]["state"], "OPEN");
    let target = format!("{path}/findings/{}", id(&finding));
    let (_, accepted) = client.send("PATCH", &target, json!({ "riskStatus": "ACCEPT" }));
    assert_eq!(accepted["remediation"], Value::Null);
    client.send("POST", &format!("{path}/set-status"), json!({ "status": "ARCHIVED" }));
    assert_eq!(client.list("vendors?statusMatchesAny=ARCHIVED&name=brassica").len(), 1);
    assert_eq!(client.send("DELETE", &path, Value::Null).0, 204);
    assert_eq!(client.send("GET", &format!("{path}/findings"), Value::Null).0, 404);
    let cve = id(&client.list("vulnerabilities?isDeactivated=false")[0]);
    let update = json!({ "id": cve, "deactivateReason": "Unreachable", "shouldReactivateWhenFixable": true });
    let (_, answer) =
        client.send("POST", "vulnerabilities/deactivate", json!({ "updates": [update, { "id": cve }] }));
    assert_eq!(
        (&answer["results"][0]["status"], &answer["results"][1]["status"]),
        (&json!("SUCCESS"), &json!("ERROR"))
    );
    assert!(client.get(&format!("vulnerabilities/{cve}"))["deactivateMetadata"].is_object());
}
