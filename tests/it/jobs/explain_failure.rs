//! `explain_failure`.

use serde_json::{Value, json};
use vanta_demo::{FaultKind, Target};

use super::{asked, column, records, refused};
use crate::harness::{Run, Setup};

/// A failing test that is in force and of which some items were excepted, if there is one.
async fn failing(run: &Run) -> Value {
    let tests =
        records(run, "list_tests", json!({"statusFilter": "NEEDS_ATTENTION", "isInRollout": false})).await;
    for test in &tests {
        let excepted = json!({"testId": test["id"], "entityStatus": "DEACTIVATED"});
        if !records(run, "list_test_entities", excepted).await.is_empty() {
            return test.clone();
        }
    }
    tests[0].clone()
}

#[tokio::test]
async fn a_failing_test_is_explained_in_its_own_words_with_what_it_concerns() {
    let run = Setup::default().start().await;
    let test = failing(&run).await;
    let items = records(&run, "list_test_entities", json!({"testId": test["id"]})).await;
    let excepted = json!({"testId": test["id"], "entityStatus": "DEACTIVATED"});
    let excepted = records(&run, "list_test_entities", excepted).await;
    let mut frameworks = Vec::new();
    let all = records(&run, "list_frameworks", json!({})).await;
    for framework in &all {
        let own = records(&run, "list_tests", json!({"frameworkFilter": framework["id"]})).await;
        if own.iter().any(|one| one["id"] == test["id"]) {
            frameworks.push(framework["displayName"].clone());
        }
    }
    for name in [&test["id"], &test["name"]] {
        let answer = asked(&run, "explain_failure", json!({"test": name}), 5_000, all.len() + 3).await;
        assert_eq!(answer["test"]["id"], test["id"]);
        assert_eq!(answer["failing"]["count"], items.len());
        assert_eq!(column(&answer["exceptions"], "item").len(), excepted.len().min(10));
        assert_eq!(answer["matters"]["frameworks"], json!(frameworks), "{answer}");
        let check = answer["says"]["check"].as_str().unwrap().trim_end_matches('…');
        let whole = test["description"].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(whole.starts_with(check), "{check}");
    }
}

#[tokio::test]
async fn controls_are_named_once_they_were_looked_at() {
    let run = Setup::default().start().await;
    let test = failing(&run).await;
    let before = run.value("explain_failure", json!({"test": test["id"]})).await;
    let known = before["matters"]["controlsKnown"].as_str().unwrap();
    assert!(known.starts_with('0'), "{known}");
    super::failing_controls::finished(&run, json!({})).await;
    let mut expected = Vec::new();
    for control in records(&run, "list_controls", json!({})).await {
        let own = records(&run, "list_control_tests", json!({"controlId": control["id"]})).await;
        if own.iter().any(|one| one["id"] == test["id"]) {
            expected.push(control["externalId"].as_str().unwrap().to_owned());
        }
    }
    expected.sort();
    let after = run.value("explain_failure", json!({"test": test["id"]})).await;
    assert_eq!(json!(column(&after["matters"]["controls"], "externalId")), json!(expected), "{after}");
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_what_is_not_clear_is_asked() {
    let run = Setup::default().start().await;
    let test = failing(&run).await;
    run.fault(Target::Path("/v1/frameworks".to_owned()), refused(403), 1);
    let answer = run.value("explain_failure", json!({"test": test["id"]})).await;
    assert!(answer["matters"].get("frameworks").is_none(), "{answer}");
    assert!(
        answer["notLookedAt"].to_string().contains("frameworks: ")
            && answer["notLookedAt"].to_string().contains("403")
    );
    let error = run.error("explain_failure", json!({"test": "no such test at all"})).await;
    assert!(error.contains("no item of list_tests"), "{error}");
    let passing = records(&run, "list_tests", json!({"statusFilter": "OK"})).await;
    let answer = run.value("explain_failure", json!({"test": passing[0]["id"]})).await;
    assert_eq!((&answer["test"]["status"], &answer["failing"]["count"]), (&json!("OK"), &json!(0)));
}

#[tokio::test]
async fn many_frameworks_cost_a_bounded_number_of_requests_and_a_test_in_none_is_found_by_name() {
    let run = Setup::default().start().await;
    let test = failing(&run).await;
    let many: Vec<Value> = (0..12)
        .map(|n| json!({"id": format!("framework{n}"), "displayName": format!("Framework {n}")}))
        .collect();
    let info =
        json!({"hasNextPage": false, "hasPreviousPage": false, "startCursor": null, "endCursor": null});
    let body = json!({"results": {"data": many, "pageInfo": info}}).to_string();
    run.fault(Target::Path("/v1/frameworks".to_owned()), FaultKind::Body { status: 200, body }, 1);
    // The list of frameworks, ten of them, all failing tests, and two lists of items.
    let answer = asked(&run, "explain_failure", json!({"test": test["name"]}), 5_000, 14).await;
    assert_eq!(answer["test"]["id"], test["id"]);
    assert!(answer["matters"].get("frameworks").is_none(), "{answer}");
    assert!(answer["notLookedAt"].to_string().contains("2 of 12 frameworks"), "{answer}");
}
