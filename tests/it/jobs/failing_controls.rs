//! `failing_controls`: right, cheap the second time, and never sure of what was not looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use vanta_demo::Target;

use super::{asked, column, records, refused};
use crate::harness::{Run, Setup, within};

/// What the tenant's own records say of its controls.
pub struct Truth {
    /// Each control that fails, by external id, with the names of its failing tests and the titles of its documents.
    pub failing: BTreeMap<String, BTreeSet<String>>,
    /// Controls to which nothing is mapped.
    pub unproven: BTreeSet<String>,
    pub controls: Vec<Value>,
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_owned()
}

pub async fn truth(run: &Run, framework: Option<&str>) -> Truth {
    let filter = framework.map_or_else(|| json!({}), |id| json!({"frameworkMatchesAny": [id]}));
    let controls = records(run, "list_controls", filter).await;
    let in_force = json!({"statusFilter": "NEEDS_ATTENTION", "isInRollout": false});
    let tests: BTreeSet<String> =
        records(run, "list_tests", in_force).await.iter().map(|test| text(test, "id")).collect();
    let (mut failing, mut unproven) = (BTreeMap::<String, BTreeSet<String>>::new(), BTreeSet::new());
    for control in &controls {
        let (id, called) = (text(control, "id"), text(control, "externalId"));
        let own = records(run, "list_control_tests", json!({"controlId": id})).await;
        let documents = records(run, "list_control_documents", json!({"controlId": id})).await;
        if own.is_empty() && documents.is_empty() {
            unproven.insert(called.clone());
        }
        let missing = ["Needs document", "Needs update"].map(Value::from);
        let bad = documents.iter().filter(|document| missing.contains(&document["uploadStatus"]));
        let why = own.iter().filter(|test| tests.contains(&text(test, "id"))).map(|test| text(test, "name"));
        let why: BTreeSet<String> = why.chain(bad.map(|document| text(document, "title"))).collect();
        if !why.is_empty() {
            failing.insert(called, why);
        }
    }
    Truth { failing, unproven, controls }
}

/// The answer as soon as nothing is left to be looked at.
pub async fn finished(run: &Run, arguments: Value) -> Value {
    let mut last = Value::Null;
    // Everything is read one after the other, beside other tests.
    within(Duration::from_secs(150), "all is looked at", async || {
        last = run.value("failing_controls", arguments.clone()).await;
        last.get("unfinished").is_none()
    })
    .await;
    last
}

/// Each control that is named, with what fails in it.
pub fn named(answer: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let (tests, documents) = (column(&answer["tests"], "name"), column(&answer["documents"], "title"));
    let names = |of: &[Value], numbers: &Value| -> Vec<String> {
        let numbers =
            numbers.as_array().unwrap().iter().map(|n| usize::try_from(n.as_u64().unwrap()).unwrap());
        numbers.map(|n| of[n - 1].as_str().unwrap().to_owned()).collect()
    };
    let table = &answer["controls"];
    let rows =
        column(table, "externalId").into_iter().zip(column(table, "tests")).zip(column(table, "documents"));
    rows.map(|((id, own), papers)| {
        let why = names(&tests, &own).into_iter().chain(names(&documents, &papers)).collect();
        (id.as_str().unwrap().to_owned(), why)
    })
    .collect()
}

#[tokio::test]
async fn the_failing_controls_are_those_that_the_records_say() {
    let run = Setup::default().start().await;
    for framework in [Some("soc2"), None] {
        let truth = truth(&run, framework).await;
        assert!(truth.failing.len() > 3 && truth.failing.len() < truth.controls.len());
        let mut arguments = json!({"limit": 200});
        if let Some(framework) = framework {
            arguments["framework"] = json!(framework);
        }
        let answer = finished(&run, arguments).await;
        assert_eq!(named(&answer), truth.failing, "{framework:?}");
        assert_eq!(
            (&answer["of"], &answer["lookedAt"]),
            (&json!(truth.controls.len()), &json!(truth.controls.len()))
        );
        assert_eq!(answer["noEvidenceMapped"]["count"], truth.unproven.len());
    }
}

#[tokio::test]
async fn the_second_answer_costs_four_requests_and_few_tokens() {
    let run = Setup::default().start().await;
    let controls = records(&run, "list_controls", json!({"frameworkMatchesAny": ["soc2"]})).await.len();
    run.tenant.forget();
    finished(&run, json!({"framework": "SOC 2"})).await;
    let first = run
        .seen()
        .iter()
        .filter(|seen| seen.path.contains("/tests") && seen.path.contains("controls"))
        .count();
    assert!(first <= controls, "each control is looked at once");
    let answer = asked(&run, "failing_controls", json!({"framework": "SOC 2"}), 9_000, 4).await;
    assert_eq!(answer["basis"]["readNow"], "failing tests and documents");
}

#[tokio::test]
async fn what_takes_long_is_answered_at_once_with_what_is_known() {
    let run = Setup::default().start().await;
    let first = asked(&run, "failing_controls", json!({}), 20_000, 60).await;
    let controls = records(&run, "list_controls", json!({})).await.len();
    assert!(controls > 40, "more than are read at once");
    let unfinished = first["unfinished"].as_str().unwrap();
    assert!(unfinished.contains("more requests, about") && unfinished.contains("Ask again"), "{unfinished}");
    assert!(first["lookedAt"].as_u64().unwrap() < first["of"].as_u64().unwrap(), "{first}");
    let last = finished(&run, json!({})).await;
    assert_eq!(last["lookedAt"], last["of"]);
}

#[tokio::test]
async fn a_control_that_cannot_be_looked_at_is_said_to_be_unknown() {
    let run = Setup::default().start().await;
    let controls = records(&run, "list_controls", json!({"frameworkMatchesAny": ["soc2"]})).await;
    let id = text(&controls[0], "id");
    run.fault(Target::Path(format!("/v1/controls/{id}/tests")), refused(403), 50);
    let answer = finished(&run, json!({"framework": "soc2", "limit": 200})).await;
    assert_eq!(answer["lookedAt"], controls.len() - 1, "{answer}");
    let gaps = answer["notLookedAt"].to_string();
    assert!(gaps.contains("tests of 1 controls") && gaps.contains("403"), "{gaps}");
}

#[tokio::test]
async fn a_change_of_ours_is_seen_at_once() {
    let run = Setup::default().start().await;
    let before = finished(&run, json!({"framework": "soc2", "limit": 200})).await;
    let failing = named(&before);
    let name = column(&before["tests"], "name")[0].as_str().unwrap().to_owned();
    let tests = records(&run, "list_tests", json!({"statusFilter": "NEEDS_ATTENTION"})).await;
    let test = &tests.iter().find(|test| test["name"] == name.as_str()).unwrap()["id"];
    let controls = records(&run, "list_controls", json!({"frameworkMatchesAny": ["soc2"]})).await;
    let control =
        controls.iter().find(|control| !failing.contains_key(&text(control, "externalId"))).unwrap();
    run.value("add_control_test", json!({"controlId": control["id"], "testId": test})).await;
    let after = named(&finished(&run, json!({"framework": "soc2", "limit": 200})).await);
    assert!(after[&text(control, "externalId")].contains(&name), "{after:?}");
}

#[tokio::test]
async fn names_are_taken_and_several_are_asked_back() {
    let run = Setup::default().start().await;
    let whole = finished(&run, json!({"framework": "SOC 2", "limit": 200})).await;
    let owner = column(&whole["controls"], "owner").into_iter().find(|owner| !owner.is_null()).unwrap();
    let own = finished(&run, json!({"framework": "SOC 2", "owner": owner, "limit": 200})).await;
    assert!(column(&own["controls"], "owner").iter().all(|one| *one == owner), "{own}");
    let expected = column(&whole["controls"], "owner").iter().filter(|one| **one == owner).count();
    assert_eq!(own["failing"], expected);
    for (argument, name) in [("framework", "no such framework"), ("owner", "nobody at all")] {
        let error = run.error("failing_controls", json!({argument: name})).await;
        assert!(error.contains(&format!("`{argument}`")) && error.contains("no item"), "{error}");
    }
}
