//! Policies, issues, monitored computers, the event log.

use super::*;

#[test]
fn a_policy_is_in_order_exactly_where_its_test_passes() {
    let mut client = Client::new();
    let policies = client.list("policies");
    assert_eq!(policies.len(), 18);
    for policy in &policies {
        assert_eq!(client.get(&format!("policies/{}", id(policy))), *policy);
        let test = client.get(&format!("tests/{}-approved", id(policy)));
        assert_eq!(policy["status"] == "NEEDS_REMEDIATION", test["status"] == "NEEDS_ATTENTION", "{policy}");
        assert_eq!(policy["approvedAtDate"].is_null(), policy["latestApprovedVersion"].is_null());
        let state = text(&policy["latestVersion"], "status");
        let approved = text(policy, "approvedAtDate");
        let year_ago = "2025-11-22";
        if matches!(state, "APPROVED" | "RENEW_SOON") {
            assert!(approved > year_ago && policy["status"] == "OK", "{policy}");
        }
        assert!(policy["status"] != "OK" || approved > year_ago, "{policy}");
        assert_ne!(policy["description"], policy["name"]);
    }
    let states: std::collections::HashSet<&str> =
        policies.iter().map(|policy| text(&policy["latestVersion"], "status")).collect();
    assert!(states.len() > 2, "{states:?}");
    assert_eq!(client.get("policies?pageSize=5")["results"]["data"].as_array().unwrap().len(), 5);
    assert_eq!(client.send("GET", "policies/none", Value::Null).0, 404);
}

#[test]
fn issues_name_records_that_there_are() {
    let mut client = Client::new();
    let users: Vec<String> = client.list("users").iter().map(id).collect();
    let issues = client.list("issues");
    assert_eq!(issues.len(), 12);
    for issue in &issues {
        assert_eq!(client.get(&format!("issues/{}", id(issue))), *issue);
        for (list, area) in [
            ("mappedControlIds", "controls"),
            ("mappedRiskScenarioIds", "risk-scenarios"),
            ("mappedPolicyIds", "policies"),
        ] {
            for other in issue[list].as_array().unwrap() {
                client.get(&format!("{area}/{}", other.as_str().unwrap()));
            }
        }
        for owner in issue["owners"].as_array().unwrap() {
            assert_eq!(owner["ownerType"], "USER");
            assert!(users.contains(&text(owner, "ownerId").to_owned()));
        }
        assert_eq!(issue["status"] == "CLOSED", issue["closedMetadata"].is_object());
        assert!(text(issue, "detectedDate") <= text(issue, "createdDate"));
        assert!(text(issue, "createdDate") <= text(issue, "lastModifiedDate"));
        assert!(text(issue, "lastModifiedDate") <= "2026-11-22T08:00:00.000Z");
        let plan = issue["template"] == "STANDARD_POAM";
        assert_eq!((issue.get("type").is_none(), issue.get("systemsDescription").is_some()), (plan, plan));
    }
    assert_eq!(client.send("GET", "issues/none", Value::Null).0, 404);
}

#[test]
fn every_filter_of_issues_narrows_them() {
    let mut client = Client::new();
    client.0.name_audits(&["audit-now".to_owned(), "audit-then".to_owned()]);
    let all = client.list("issues");
    let owner = text(&all[0]["owners"][0], "ownerId");
    for filter in [
        "search=bucket".to_owned(),
        "search=warehouse".to_owned(),
        "readableIssueIdMatchesAny=ISS-002&readableIssueIdMatchesAny=ISS-005".to_owned(),
        "statusMatchesAny=CLOSED".to_owned(),
        "severityMatchesAny=CRITICAL&severityMatchesAny=NO_SEVERITY".to_owned(),
        "sourceMatchesAny=INCIDENT".to_owned(),
        "typeMatchesAny=MAJOR_NONCONFORMITY".to_owned(),
        format!("ownerIdMatchesAny={owner}"),
        "templateMatchesAny=STANDARD_POAM".to_owned(),
        "closeReasonMatchesAny=RESOLVED".to_owned(),
        "closedAfterDate=2026-01-01".to_owned(),
        "dueBeforeDate=2026-11-22".to_owned(),
        "dueBeforeDate=2026-11-22&includeIssuesWithoutDueDate=true".to_owned(),
        "includeOnlyIssuesWithoutDueDate=true".to_owned(),
        "detectedBeforeDate=2026-06-01".to_owned(),
        "createdAfterDate=2026-10-01".to_owned(),
        "auditIdMatchesAny=audit-now".to_owned(),
        "auditIdMatchesAny=audit-then".to_owned(),
        "controlIdMatchesAny=access-reviews-conducted".to_owned(),
    ] {
        let found = client.list(&format!("issues?{filter}")).len();
        assert!((1..all.len()).contains(&found), "{filter}: {found}");
    }
    let due = client.list("issues?dueBeforeDate=2026-11-22").len();
    let with = client.list("issues?dueBeforeDate=2026-11-22&includeIssuesWithoutDueDate=true").len();
    let without = client.list("issues?includeOnlyIssuesWithoutDueDate=true").len();
    assert_eq!(with, due + without);
    assert_eq!(client.list("issues?includeIssuesWithoutDueDate=true").len(), all.len());
    let both = "issues?dueAfterDate=2026-01-01&includeOnlyIssuesWithoutDueDate=true";
    assert_eq!(client.send("GET", both, Value::Null).0, 400);
    assert!(client.list("issues?statusMatchesAny=OPEN").is_empty());
}

#[test]
fn issues_are_sorted_by_grades_and_dates() {
    let mut client = Client::new();
    let mut order = |query: &str, key: &str| -> Vec<String> {
        client.list(&format!("issues?{query}")).iter().map(|issue| text(issue, key).to_owned()).collect()
    };
    let dates = order("orderBy=detectedDate", "detectedDate");
    assert!(dates.is_sorted());
    let mut back = order("orderBy=detectedDate&orderDirection=desc", "detectedDate");
    back.reverse();
    assert_eq!(back, dates);
    let grades = order("orderBy=severity&orderDirection=desc", "severity");
    assert_eq!((grades[0].as_str(), grades[11].as_str()), ("CRITICAL", "NO_SEVERITY"));
    let states = order("orderBy=status", "status");
    assert_eq!((states[0].as_str(), states[11].as_str()), ("NOT_STARTED", "CLOSED"));
    assert_eq!(client.send("GET", "issues?orderBy=title", Value::Null).0, 400);
}

#[test]
fn computers_are_devices_and_fail_what_their_tests_say() {
    let mut client = Client::new();
    let computers = client.list("monitored-computers");
    assert!(computers.len() > 80);
    let kinds = [("kandji", "KandjiComputer"), ("intune", "IntuneComputer"), ("jamf", "JamfComputer")];
    let checks = [
        ("malware-protected", "antivirusInstallation"),
        ("screen-locked", "screenlock"),
        ("password-manager", "passwordManager"),
        ("disk-encrypted", "diskEncryption"),
    ];
    for computer in &computers {
        let fleet = text(computer, "integrationId");
        let kind = kinds.iter().find(|(of, _)| *of == fleet).unwrap().1;
        let device =
            client.get(&format!("integrations/{fleet}/resource-kinds/{kind}/resources/{}", id(computer)));
        assert_eq!(computer["diskEncryption"]["outcome"] == "FAIL", device["isEncrypted"] == false);
        assert_eq!(computer["owner"]["id"], device["owner"]);
        assert_eq!(client.get(&format!("monitored-computers/{}", id(computer))), *computer);
    }
    for fleet in ["kandji", "intune"] {
        for (check, outcome) in checks {
            let test = format!("tests/{fleet}-{check}/entities?entityStatus=FAILING");
            let mut failing: Vec<String> = client.list(&test).iter().map(id).collect();
            let of_fleet = computers.iter().filter(|computer| text(computer, "integrationId") == fleet);
            let mut shown: Vec<String> =
                of_fleet.filter(|computer| computer[outcome]["outcome"] == "FAIL").map(id).collect();
            failing.sort();
            shown.sort();
            assert_eq!(shown, failing, "{fleet} {check}");
        }
    }
    assert_eq!(client.send("GET", "monitored-computers/none", Value::Null).0, 404);
}

#[test]
fn computers_are_found_by_any_of_their_problems() {
    let mut client = Client::new();
    let all = client.list("monitored-computers");
    let filter = |problem: &str| format!("monitored-computers?complianceStatusFilterMatchesAny={problem}");
    let silent = client.list(&filter("LAST_CHECK_OVER_14_DAYS"));
    let expected = all.iter().filter(|computer| text(computer, "lastCheckDate") < "2026-11-08T08");
    assert!(!silent.is_empty());
    assert_eq!(silent, expected.cloned().collect::<Vec<_>>());
    let passwords = client.list(&filter("PWM_NOT_INSTALLED"));
    assert!(!passwords.is_empty() && passwords.iter().all(|one| one["passwordManager"]["outcome"] == "FAIL"));
    let either =
        client.list(&filter("PWM_NOT_INSTALLED&complianceStatusFilterMatchesAny=LAST_CHECK_OVER_14_DAYS"));
    assert!(either.len() > silent.len().max(passwords.len()));
    for problem in ["HD_NOT_ENCRYPTED", "AV_NOT_INSTALLED", "SCREENLOCK_NOT_CONFIGURED"] {
        assert!((1..all.len()).contains(&client.list(&filter(problem)).len()), "{problem}");
    }
    assert!(client.list(&filter("TOO_OLD")).is_empty());
}

#[test]
fn what_is_done_is_in_the_log() {
    let mut client = Client::new();
    let before = client.list("event-logs");
    assert!(before.len() > 100);
    assert!(before.is_sorted_by(|newer, older| text(newer, "date") >= text(older, "date")));
    for event in &before {
        let target = &event["targets"][0];
        client.get(&format!("{}/{}", text(target, "type"), id(target)));
        client.get(&format!("users/{}", id(&event["actor"])));
    }
    let recent = client.list("event-logs?startDate=2026-11-01T00:00:00Z");
    assert!((1..before.len()).contains(&recent.len()));
    assert!(!recent.is_empty() && recent.iter().all(|event| text(event, "date") >= "2026-11-01"));
    assert_eq!(client.send("GET", "event-logs?startDate=lately", Value::Null).0, 400);

    let vendor = client.send("POST", "vendors", json!({ "name": "Brassica Labs" })).1;
    client.send("POST", "vendors", json!({}));
    let people = client.list("people");
    let leave = json!({ "startDate": "2026-11-01", "endDate": null });
    client.send("POST", &format!("people/{}/set-leave", id(&people[3])), leave);
    let updates = json!({ "updates": [{ "id": id(&people[9]), "reason": "A bot" }, { "id": "nobody" }] });
    client.send("POST", "people/mark-as-not-people", updates);
    let log = client.list("event-logs");
    assert_eq!(log.len(), before.len() + 3);
    let seen: Vec<(&str, String)> =
        log.iter().take(3).map(|event| (text(event, "action"), id(&event["targets"][0]))).collect();
    assert_eq!(
        seen,
        [
            ("people.mark-as-not-people", id(&people[9])),
            ("people.set-leave", id(&people[3])),
            ("vendors.create", id(&vendor)),
        ]
    );
    assert_eq!(
        (log[0]["targets"].as_array().unwrap().len(), text(&log[0]["actor"], "type")),
        (1, "APPLICATION")
    );
}

#[test]
fn a_framework_rests_until_its_day_or_until_it_is_woken() {
    let mut client = Client::new();
    let (tests, documents) = (client.list("tests").len(), client.list("documents").len());
    let snooze = |client: &mut Client, framework: &str, day: &str| {
        client.send("POST", &format!("frameworks/{framework}/snooze"), json!({ "snoozedUntilDate": day }))
    };
    let (status, rests) = snooze(&mut client, "soc2", "2026-11-23");
    assert_eq!((status, &rests["status"], &rests["hasChanged"]), (200, &json!("SNOOZED"), &json!(true)));
    assert_eq!(snooze(&mut client, "soc2", "2026-11-23").1["hasChanged"], false);
    assert_eq!(snooze(&mut client, "soc2", "2027-03-31").1["snoozedUntilDate"], "2027-03-31");
    for other in ["iso27001_2022", "hipaa"] {
        assert_eq!(snooze(&mut client, other, "2026-11-23").0, 200);
    }
    assert!(client.list("tests").len() < tests && client.list("documents").len() < documents);
    let woken = client.send("POST", "frameworks/soc2/reactivate", Value::Null).1;
    assert_eq!((&woken["status"], &woken["snoozedUntilDate"]), (&json!("ACTIVE"), &Value::Null));
    assert_eq!(client.send("POST", "frameworks/soc2/reactivate", Value::Null).1["hasChanged"], false);
    let next_day = client.send_at("2026-11-23T00:00:00Z", "POST", "frameworks/hipaa/reactivate", Value::Null);
    assert_eq!(next_day.1["hasChanged"], false);
    client.send("POST", "frameworks/iso27001_2022/reactivate", Value::Null);
    assert_eq!((client.list("tests").len(), client.list("documents").len()), (tests, documents));
    for day in ["2026-11-22", "2026-11-23T00:00:00Z", "next week", ""] {
        assert_eq!(snooze(&mut client, "soc2", day).0, 422, "{day}");
    }
    assert_eq!(snooze(&mut client, "none", "2027-03-31").0, 404);
}

#[test]
fn control_sets_are_replaced_as_a_whole() {
    let mut client = Client::new();
    let mut set = |framework: &str, ids: Value| {
        client.send("PUT", &format!("frameworks/{framework}/variants"), json!({ "variantIds": ids }))
    };
    let (status, saved) = set("soc2", json!(["privacy", "security"]));
    assert_eq!((status, &saved["variantIds"]), (200, &json!(["security", "privacy"])));
    assert_eq!(set("soc2", json!(["security"])).1["variantIds"], json!(["security"]));
    for (framework, ids, status) in [
        ("soc2", json!([]), 422),
        ("soc2", json!(["speed"]), 422),
        ("soc2", json!("security"), 422),
        ("hipaa", json!(["security"]), 422),
        ("none", json!(["security"]), 404),
    ] {
        assert_eq!(set(framework, ids.clone()).0, status, "{framework} {ids}");
    }
}

/// What fails was found, then made its test fail, and is due after that.
#[test]
fn the_dates_of_a_failing_test_follow_each_other() {
    let mut client = Client::new();
    let failing: Vec<Value> =
        client.list("tests").into_iter().filter(|test| test["status"] == "NEEDS_ATTENTION").collect();
    assert!(failing.len() > 20, "{}", failing.len());
    let mut overdue = 0;
    for test in failing {
        let entities = client.list(&format!("tests/{}/entities?entityStatus=FAILING", id(&test)));
        let found = entities.iter().map(|entity| text(entity, "createdDate")).min().unwrap();
        let due = text(&test["remediationStatusInfo"], "soonestRemediateByDate");
        assert_eq!(text(&test, "latestFlipDate"), found, "{test}");
        assert!(found < due && text(&test, "latestFlipDate") <= text(&test, "lastTestRunDate"), "{test}");
        overdue += usize::from(test["remediationStatusInfo"]["status"] == "OVERDUE");
    }
    assert!(overdue > 0, "some are past their deadline");
}
