//! What auditors see of the company, and new auditors.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Bench, LEAD, START, refused, text};
use crate::Company;

/// The books of the real company instead of the tiny one.
fn bench() -> (Bench, Company) {
    let now = START.parse().unwrap();
    let company = crate::manage::Manage::new(7, now).company();
    (Bench { books: super::Books::new(7, now, &company), now }, company)
}

fn ids(items: &[Value]) -> BTreeSet<&str> {
    items.iter().map(|item| text(item, "id")).collect()
}

/// The number of items that a filter leaves, having checked that it leaves some and not all.
fn narrowed(bench: &mut Bench, list: &str, filter: &str) -> usize {
    let (all, found) = (bench.all(list).len(), bench.all(&format!("{list}?{filter}")).len());
    assert!((1..all).contains(&found), "{list}?{filter}: {found} of {all}");
    found
}

/// Whether an answer is a list of nothing, as the answer to a filter is that knows no such value.
fn is_empty((status, list): &(u16, Value)) -> bool {
    *status == 200 && list["results"]["data"] == json!([])
}

#[test]
fn a_new_auditor_can_sign() {
    let mut bench = Bench::new();
    let audit = bench.active();
    let email = "solveig.brandt@larkfield-assurance.example";
    let evidence = text(&bench.all(&format!("{audit}/evidence"))[0], "id").to_owned();
    let change = json!({ "statusUpdate": { "auditorEmail": email, "stateTransition": "MARK_NA" } });
    let target = format!("{audit}/evidence/{evidence}");
    assert_eq!(bench.send("PATCH", &target, change.clone()).0, 422);
    let body = json!({ "email": email, "givenName": "Solveig", "familyName": "Brandt" });
    let (status, auditor) = bench.send("POST", "/v1/auditors", body.clone());
    assert_eq!((status, text(&auditor, "familyName")), (200, "Brandt"));
    assert!(!text(&auditor, "id").is_empty() && !text(&auditor, "organizationId").is_empty());
    assert_eq!(bench.send("PATCH", &target, change).0, 200);
    assert_eq!(refused(&bench.send("POST", "/v1/auditors", body), email), 409);
    let known = json!({ "email": LEAD, "givenName": "A", "familyName": "B" });
    assert_eq!(bench.send("POST", "/v1/auditors", known).0, 409);
    let wrong = json!({ "email": "nobody", "givenName": "A", "familyName": "B" });
    assert_eq!(refused(&bench.send("POST", "/v1/auditors", wrong), "email"), 400);
    assert_eq!(refused(&bench.send("POST", "/v1/auditors", json!({ "email": email })), "givenName"), 400);
    assert_eq!(bench.get("/v1/auditors").0, 405);
    assert!(bench.ask("GET", "/v1/auditors/a", Value::Null).is_none());
}

#[test]
fn lists_of_the_company_are_read_only_and_of_known_audits() {
    let mut bench = Bench::new();
    let audit = bench.active();
    for list in ["people", "managed-vendors", "organization/information", "issues/items", "risks/snapshots"] {
        assert_eq!(bench.get(&format!("{audit}/{list}")).0, 200, "{list}");
        assert_eq!(bench.send("POST", &format!("{audit}/{list}"), json!({})).0, 405, "{list}");
        assert_eq!(bench.get(&format!("/v1/audits/none/{list}")).0, 404, "{list}");
    }
    for nothing in ["assets", "issues", "personnel", "organization/people", "vendors/a"] {
        assert!(bench.ask("GET", &format!("{audit}/{nothing}"), Value::Null).is_none(), "{nothing}");
    }
}

#[test]
fn controlled_view_and_segments_decide_what_is_shown() {
    let (mut bench, _) = bench();
    let (active, finished) = (bench.active(), bench.finished());
    for list in ["personnel/groups", "personnel/people", "risks/snapshots", "risks/any"] {
        assert_eq!(
            refused(&bench.get(&format!("{finished}/{list}")), "Controlled Audit View"),
            403,
            "{list}"
        );
    }
    for list in ["personnel/account-access/services", "personnel/account-access/any", "assets/code-changes"] {
        assert_eq!(refused(&bench.get(&format!("{finished}/{list}")), "segment"), 422, "{list}");
    }
    assert_eq!(bench.get(&format!("{active}/risks/any")).0, 404);
    assert_eq!(bench.get(&format!("{active}/personnel/account-access/any")).0, 404);
    for list in ["people", "vendors", "vulnerabilities", "integrations", "issues/snapshots"] {
        assert!(!bench.all(&format!("{finished}/{list}")).is_empty(), "{list}");
    }
}

#[test]
fn the_companys_own_lists_are_as_the_company_has_them() {
    let (mut bench, company) = bench();
    let audit = bench.active();
    let list = |name: &str| format!("{audit}/{name}");
    assert_eq!(bench.all(&list("people")), company.people);
    let vulnerabilities = list("vulnerabilities?includeVulnerabilitiesWithoutSlas=true");
    assert_eq!(bench.all(&vulnerabilities), company.vulnerabilities);
    assert_eq!(bench.all(&list("vulnerable-assets")), company.assets);
    assert_eq!(bench.all(&list("monitored-computers")), company.computers);
    let visible = company.vendors.iter().filter(|vendor| vendor["isVisibleToAuditors"] == true).count();
    assert_eq!(bench.all(&list("vendors")).len(), visible);
    assert!(visible < company.vendors.len());
    let remediations = bench.all(&list("vulnerability-remediations"));
    assert_eq!(remediations.len(), company.remediations.len());
    assert!(
        !remediations.is_empty()
            && remediations.iter().all(|remediation| remediation.get("integrationId").is_none())
    );
    for (name, filter) in [
        ("people", "tasksSummaryStatusMatchesAny=OVERDUE"),
        ("people", "taskTypeMatchesAny=ACCEPT_POLICIES&taskStatusMatchesAny=OVERDUE"),
        ("vulnerabilities", "query=resolver"),
        ("vulnerabilities", "severity=CRITICAL"),
        ("vulnerable-assets", "query=billing"),
        ("vulnerable-assets", "assetType=SERVER"),
        ("vulnerability-remediations", "isRemediatedOnTime=false"),
        ("monitored-computers", "complianceStatusFilterMatchesAny=PWM_NOT_INSTALLED"),
    ] {
        narrowed(&mut bench, &list(name), filter);
    }
    assert!(is_empty(&bench.get(&format!("{}?severity=SOME", list("vulnerabilities")))));
}

#[test]
fn managed_vendors_have_their_findings_and_an_order() {
    let (mut bench, company) = bench();
    let list = format!("{}/managed-vendors", bench.active());
    let vendors = bench.all(&list);
    assert!(vendors.is_sorted_by_key(|vendor| text(vendor, "name").to_lowercase()));
    let shown: u64 = vendors.iter().map(|vendor| vendor["findings"].as_u64().unwrap()).sum();
    let of_visible =
        company.findings.iter().filter(|finding| ids(&vendors).contains(text(finding, "vendorId")));
    assert_eq!(shown, of_visible.count() as u64);
    assert!(shown > 5);
    assert!(vendors.iter().any(|vendor| vendor["dataAgreements"]["total"] == 2));
    assert!(vendors.iter().any(|vendor| vendor["dataAgreements"].is_null()));
    for filter in
        ["search=google", "vendorStatusesMatchesAny=IN_PROCUREMENT", "inherentRiskMatchesAny=CRITICAL"]
    {
        narrowed(&mut bench, &list, filter);
    }
    let worst = bench.all(&format!("{list}?orderBy=inherentRisk&orderDirection=desc"));
    assert_eq!(
        (text(&worst[0], "inherentRisk"), text(worst.last().unwrap(), "inherentRisk")),
        ("CRITICAL", "UNSCORED")
    );
    assert_eq!(bench.get(&format!("{list}?orderBy=findings")).0, 400);
    assert!(is_empty(&bench.get(&format!("{list}?vendorStatusesMatchesAny=MANAGED"))));
}

#[test]
fn integrations_and_code_changes_are_found() {
    let (mut bench, company) = bench();
    let audit = bench.active();
    let list = format!("{audit}/integrations");
    assert_eq!(bench.all(&list).len(), company.integrations.len());
    for filter in ["search=git", "tagsMatchesAny=VULNERABILITIES", "categoriesMatchesAny=CLOUD_PROVIDER"] {
        narrowed(&mut bench, &list, filter);
    }
    let scanners = bench.all(&format!("{list}?tagsMatchesAny=VULNERABILITIES"));
    assert!(
        !scanners.is_empty()
            && scanners.iter().all(|one| one["tags"].as_array().unwrap().contains(&json!("Vulnerabilities")))
    );
    assert!(is_empty(&bench.get(&format!("{list}?tagsMatchesAny=MAGIC"))));

    let list = format!("{audit}/assets/code-changes");
    let changes = bench.all(&list);
    let (_, record) = bench.get(&audit);
    assert!(changes.len() > 50);
    for change in &changes {
        assert!(company.assets.iter().any(|asset| asset["name"] == change["repository"]), "{change}");
        assert!(text(change, "openedAt") < text(change, "closedAt") && text(change, "closedAt") < START);
        assert!(text(change, "closedAt") >= text(&record, "auditStartDate"));
    }
    let after = narrowed(&mut bench, &list, "closedAfterDate=2026-06-01");
    let before = narrowed(&mut bench, &list, "closedBeforeDate=2026-06-01");
    assert_eq!(after + before, changes.len());
    narrowed(&mut bench, &list, "search=billing");
    assert_eq!(bench.all(&format!("{list}?sourcesMatchesAny=gitlab")).len(), 0);
    assert_eq!(
        bench.all(&format!("{list}?sourcesMatchesAny=gitlab&sourcesMatchesAny=github")).len(),
        changes.len()
    );
    assert!(is_empty(&bench.get(&format!("{list}?sourcesMatchesAny=cvs"))));
}

#[test]
fn accounts_are_those_of_the_connections() {
    let (mut bench, company) = bench();
    let audit = bench.active();
    let services = bench.all(&format!("{audit}/personnel/account-access/services"));
    let accounts_of = |bench: &mut Bench, service: &Value, query: &str| {
        bench.all(&format!("{audit}/personnel/account-access/{}{query}", text(service, "id")))
    };
    let shown: usize = services.iter().map(|service| accounts_of(&mut bench, service, "").len()).sum();
    assert_eq!(shown, company.accounts.len());
    let named = |name: &str| services.iter().find(|service| text(service, "service") == name).unwrap();
    let all = accounts_of(&mut bench, named("okta"), "");
    let active = accounts_of(&mut bench, named("okta"), "?status=ACTIVE");
    let gone = accounts_of(&mut bench, named("okta"), "?status=DEACTIVATED");
    assert!(!gone.is_empty() && active.len() + gone.len() == all.len());
    assert!(!active.is_empty() && active.iter().all(|account| account["deactivatedDate"].is_null()));
    assert_eq!(accounts_of(&mut bench, named("zendesk"), "?status=ACTIVE").len(), 0);
    assert!(!accounts_of(&mut bench, named("zendesk"), "?status=UNKNOWN").is_empty());
    let email = text(&active[0], "accountName").to_owned();
    assert_eq!(accounts_of(&mut bench, named("okta"), &format!("?search={email}")).len(), 1);
    let aws: Vec<&Value> = services.iter().filter(|service| text(service, "service") == "aws").collect();
    assert!(aws.len() == 2 && aws.iter().all(|service| service["subAccountId"].is_string()));
    let path = format!("{audit}/personnel/account-access/{}?status=OPEN", text(named("okta"), "id"));
    assert!(is_empty(&bench.get(&path)));
}

#[test]
fn personnel_says_who_belongs_where_and_what_is_open() {
    let (mut bench, company) = bench();
    let audit = bench.active();
    let groups = bench.all(&format!("{audit}/personnel/groups"));
    assert_eq!(groups.len(), company.groups.len());
    assert!(groups.is_sorted_by_key(|group| text(group, "name").to_lowercase()));
    let everyone = groups.iter().find(|group| group["name"] == "Everyone").unwrap();
    assert_eq!((&everyone["members"], &everyone["source"]), (&json!(120), &json!("Vanta")));
    assert!(everyone["pointOfContact"].is_string() && everyone["tasksLastUpdated"].is_string());
    let list = format!("{audit}/personnel/groups");
    for filter in ["search=security", "sourcesMatchesAny=okta"] {
        narrowed(&mut bench, &list, filter);
    }
    let largest = bench.all(&format!("{list}?orderBy=members&orderDirection=desc"));
    assert_eq!(largest[0]["name"], "Everyone");

    let list = format!("{audit}/personnel/people");
    let people = bench.all(&list);
    assert_eq!(people.len(), company.people.len());
    assert!(people.is_sorted_by_key(|person| text(person, "name").to_lowercase()));
    let small = groups.iter().find(|group| group["name"] == "Finance and legal").unwrap();
    let members = narrowed(&mut bench, &list, &format!("groupsMatchesAny={}", text(small, "id")));
    assert_eq!(small["members"], json!(members));
    for filter in ["status=ON_LEAVE", "status=PREVIOUSLY_EMPLOYED", "search=amara"] {
        narrowed(&mut bench, &list, filter);
    }
    let late: Vec<&Value> =
        people.iter().filter(|person| person["taskStatus"]["status"] == "SECURITY_TASKS_OVERDUE").collect();
    assert!(!late.is_empty());
    for person in late {
        let open = ["policies", "trainings", "deviceMonitoring", "backgroundChecks", "customOnboarding"]
            .iter()
            .filter(|task| person[**task]["status"] == "SECURITY_TASKS_OVERDUE");
        assert_eq!(json!(open.count()), person["taskStatus"]["numTasksOverdue"], "{person}");
        assert_eq!(person["lastReminded"], "2026-11-20");
    }
    assert!(is_empty(&bench.get(&format!("{list}?status=CURRENT"))));
}

#[test]
fn issues_are_shown_as_they_stood_at_each_snapshot() {
    let (mut bench, company) = bench();
    let audit = bench.active();
    let snapshots = bench.all(&format!("{audit}/issues/snapshots"));
    assert_eq!(snapshots.len(), 3);
    let list = format!("{audit}/issues/items");
    let items = bench.all(&list);
    assert!(items.is_sorted_by(|one, other| text(one, "createdAt") >= text(other, "createdAt")));
    assert_eq!(ids(&items).len(), items.len());
    let (newest, oldest) = (&snapshots[0], &snapshots[2]);
    let of = |snapshot: &Value| format!("snapshotIdMatchesAny={}", text(snapshot, "id"));
    let (many, few) = (narrowed(&mut bench, &list, &of(newest)), narrowed(&mut bench, &list, &of(oldest)));
    assert!(many > few, "{many} {few}");
    for item in &items {
        let snapshot = snapshots.iter().find(|snapshot| snapshot["id"] == item["snapshotId"]).unwrap();
        assert!(text(item, "createdAt") <= text(snapshot, "createdAt"));
        assert!(text(item, "lastModifiedAt") <= text(snapshot, "createdAt"));
        let issue = company.issues.iter().find(|issue| issue["id"] == item["issueId"]).unwrap();
        if item["status"] != issue["status"] {
            assert!(text(&issue["closedMetadata"], "closedDate") > text(snapshot, "createdAt"));
        }
    }
    for filter in ["search=bucket", "createdAfterDate=2026-06-01", "detectedBeforeDate=2026-06-01"] {
        narrowed(&mut bench, &list, filter);
    }
    let first = bench.all(&format!("{list}?orderBy=detectedAt&orderDirection=asc"));
    assert!(first.is_sorted_by_key(|item| text(item, "detectedAt").to_owned()));
    let then = format!("{}/issues/items", bench.finished());
    assert!(bench.all(&then).iter().all(|item| text(item, "createdAt") < "2025-12"));
}

#[test]
fn risks_are_shown_as_they_stood_at_each_snapshot() {
    let (mut bench, company) = bench();
    let audit = bench.active();
    let snapshots = bench.all(&format!("{audit}/risks/snapshots"));
    let list = format!("{audit}/risks/{}", text(&snapshots[0], "id"));
    let risks = bench.all(&list);
    assert!(risks.is_sorted_by(|one, other| text(one, "identified") >= text(other, "identified")));
    assert!(risks.len() > bench.all(&format!("{audit}/risks/{}", text(&snapshots[2], "id"))).len());
    for risk in &risks {
        let known = company.risks.iter().find(|known| known["riskId"] == risk["riskId"]).unwrap();
        assert_eq!(
            (&risk["riskScenario"], &risk["linkedControlIds"]),
            (&known["description"], &known["controlIds"])
        );
        let product =
            known["likelihood"].as_u64().map(|likelihood| likelihood * known["impact"].as_u64().unwrap());
        assert_eq!(risk["inherentRisk"], json!(product));
        assert_eq!(risk["owner"].is_null(), known["owner"].is_null());
    }
    narrowed(&mut bench, &list, "search=ransomware");
    let worst = bench.all(&format!("{list}?orderBy=inherentRisk&orderDirection=desc"));
    assert_eq!((&worst[0]["inherentRisk"], worst[0]["treatment"].as_str()), (&json!(20), Some("MITIGATE")));
    assert_eq!(bench.get(&format!("{list}?orderBy=note")).0, 400);
}

#[test]
fn the_organization_tells_of_itself() {
    let mut bench = Bench::new();
    let audit = bench.active();
    let (_, information) = bench.get(&format!("{audit}/organization/information"));
    assert_eq!(
        (text(&information, "displayName"), text(&information, "url")),
        ("Tiny Works", "https://tiny.example")
    );
    assert_eq!(information.as_object().unwrap().len(), 8);
    let (_, notifications) = bench.get(&format!("{audit}/organization/notifications"));
    let (_, record) = bench.get(&audit);
    assert_eq!(notifications["id"], record["customerOrganizationId"]);
    let external = notifications["externalNotifications"].as_array().unwrap();
    assert!(
        !external.is_empty() && external.iter().all(|one| text(one, "address").ends_with("@tiny.example"))
    );
    assert!(external.iter().any(|one| one["toggleIsSubscribed"] == false));
}
