//! What a client can rely on in a large company.

use std::collections::HashSet;

use super::*;

fn large(controls: usize) -> Client {
    Client(Manage::sized(3, NOW.parse().unwrap(), Size::Large { controls }))
}

/// How many items there are in a list, and that no id comes twice.
fn count(client: &mut Client, list: &str, key: &str) -> usize {
    let items = client.list(list);
    let ids: HashSet<&str> = items.iter().map(|item| text(item, key)).collect();
    assert_eq!(ids.len(), items.len(), "{list} by {key}");
    items.len()
}

#[test]
fn a_thousand_controls_come_with_as_much_of_everything_as_promised() {
    let mut client = large(1000);
    let promised = [
        ("controls", 1000),
        ("tests", 300),
        ("tests?statusFilter=NEEDS_ATTENTION&isInRollout=false", 16),
        ("documents", 150),
        ("documents?statusMatchesAny=Needs document", 14),
        ("documents?statusMatchesAny=Needs update", 9),
        ("people", 200),
        ("people?employmentStatus=CURRENT", 164),
        ("monitored-computers", 200),
        ("vulnerabilities?includeVulnerabilitiesWithoutSlas=true", 500),
        ("vulnerabilities?isDeactivated=false&slaDeadlineBeforeDate=2026-12-22T08:00:00Z", 149),
        ("vulnerabilities?isDeactivated=true", 42),
        ("vulnerable-assets", 80),
        ("vendors", 80),
        ("event-logs?startDate=2026-11-15T08:00:00Z", 412),
        ("frameworks", 3),
        ("controls?frameworkMatchesAny=soc2", 86),
        ("controls?frameworkMatchesAny=iso27001_2022", 601),
        ("controls?frameworkMatchesAny=hipaa", 214),
    ];
    for (list, amount) in promised {
        assert_eq!(count(&mut client, list, "id"), amount, "{list}");
    }
    let risks = ["Risk Scenario", "Enterprise Risk"]
        .map(|kind| format!("risk-scenarios?includeIgnored=true&type={kind}"));
    assert_eq!(risks.iter().map(|list| count(&mut client, list, "riskId")).sum::<usize>(), 60);
    assert_eq!(count(&mut client, "controls", "externalId"), 1000);
    assert_eq!(count(&mut client, "people", "emailAddress"), 200);
    assert_eq!(count(&mut client, "vendors", "name"), 80);
    assert_eq!(count(&mut client, "documents", "title"), 150);
}

/// Controls named twice are told apart by their ids alone.
#[test]
fn names_of_controls_repeat_and_some_controls_serve_no_framework() {
    let mut client = large(1000);
    let controls = client.list("controls");
    let names: HashSet<&str> = controls.iter().map(|control| text(control, "name")).collect();
    assert!(names.len() < controls.len());
    let all = "controls?frameworkMatchesAny=soc2&frameworkMatchesAny=iso27001_2022&frameworkMatchesAny=hipaa";
    assert_eq!(client.list(all).len(), 601);
}

#[test]
fn the_frameworks_of_a_large_company_count_what_its_records_say() {
    let mut client = large(1000);
    let mut evidence = Vec::new();
    for control in client.list("controls") {
        let id = id(&control);
        let tests = client.list(&format!("controls/{id}/tests"));
        let documents = client.list(&format!("controls/{id}/documents"));
        evidence.push((id, tests, documents));
    }
    for framework in client.list("frameworks") {
        let of = id(&framework);
        let controls: HashSet<String> =
            client.list(&format!("controls?frameworkMatchesAny={of}")).iter().map(id).collect();
        let mine = || evidence.iter().filter(|(id, ..)| controls.contains(id));
        let passing = |item: &Value| text(item, "status") == "OK" || text(item, "uploadStatus") == "OK";
        let completed = mine().filter(|(_, tests, documents)| {
            let mut all = tests.iter().chain(documents).peekable();
            all.peek().is_some() && all.all(passing)
        });
        assert_eq!(framework["numControlsTotal"], controls.len());
        assert_eq!(framework["numControlsCompleted"], completed.count(), "{of}");
        let mut tests: Vec<&Value> = mine().flat_map(|(_, tests, _)| tests).collect();
        tests.sort_by_key(|test| text(test, "id"));
        tests.dedup_by_key(|test| text(test, "id"));
        assert_eq!(framework["numTestsTotal"], tests.len(), "{of}");
        assert_eq!(framework["numTestsPassing"], tests.iter().filter(|test| passing(test)).count());
        assert_eq!(client.list(&format!("tests?frameworkFilter={of}")).len(), tests.len());
        let requirements = &client.get(&format!("frameworks/{of}"))["requirementCategories"];
        let categories = requirements.as_array().unwrap().iter();
        let named: HashSet<String> = categories
            .flat_map(|category| category["requirements"].as_array().unwrap())
            .flat_map(|requirement| requirement["controls"].as_array().unwrap())
            .map(id)
            .collect();
        assert_eq!(named, controls, "{of}");
    }
    let in_force = client.list("tests?statusFilter=NEEDS_ATTENTION&isInRollout=false");
    let in_force: HashSet<String> = in_force.iter().map(id).collect();
    let failing =
        |item: &Value| in_force.contains(&id(item)) || text(item, "uploadStatus").starts_with("Needs");
    let failed = evidence.iter().filter(|(_, tests, documents)| tests.iter().chain(documents).any(failing));
    let failed = failed.count();
    assert!((80..120).contains(&failed), "{failed} controls fail");
    let bare = evidence.iter().filter(|(_, tests, documents)| tests.is_empty() && documents.is_empty());
    assert_eq!(bare.count(), 11);
}

#[test]
fn the_largest_company_has_what_it_was_measured_with() {
    let mut client = large(10_000);
    for (list, amount) in
        [("controls", 10_000), ("tests", 1500), ("documents", 1500), ("vulnerable-assets", 5000)]
    {
        assert_eq!(count(&mut client, list, "id"), amount, "{list}");
    }
    assert_eq!(count(&mut client, "people", "emailAddress"), 2000);
    assert_eq!(count(&mut client, "vendors", "name"), 800);
    let failing = client.list("tests?statusFilter=NEEDS_ATTENTION&isInRollout=false");
    let items = failing.iter().map(|test| test["remediationStatusInfo"]["itemCount"].as_u64().unwrap());
    assert_eq!((failing.len(), items.sum::<u64>()), (80, 50_000));
    let most = failing.iter().max_by_key(|test| test["remediationStatusInfo"]["itemCount"].as_u64()).unwrap();
    let entities = format!("tests/{}/entities", id(most));
    assert_eq!(count(&mut client, &entities, "displayName"), 875);
}

#[test]
fn a_large_company_is_the_same_each_time() {
    let mut both = [large(1000), large(1000)].map(|mut client| {
        ["controls", "tests", "vulnerabilities", "monitored-computers", "event-logs"]
            .map(|list| client.list(list))
    });
    let [first, second] = &mut both;
    assert!(first == second);
}
