//! Jobs of a company with 1,000 controls: no answer is longer than at a small one, and none costs more requests than it may.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::{asked, column};
use crate::harness::{Run, Setup, eventually};
use crate::lists::with;

/// Each job with its arguments, the most characters of its answer, some 3.2 to a token, and the most requests.
fn bounds() -> Vec<(&'static str, Value, usize, usize)> {
    vec![
        ("compliance_overview", json!({}), 4_800, 14),
        ("changes_since", json!({}), 6_400, 38),
        ("trust_center_access", json!({"slugId": "quillmere"}), 8_000, 8),
        ("vendor_overview", json!({}), 4_800, 3),
        ("top_risks", json!({}), 3_400, 3),
        ("unencrypted_computers", json!({}), 3_200, 5),
        ("panel_overview", json!({}), 3_200, 1),
    ]
}

/// The answer once all is looked at. Who asks without a pause keeps the one waiting who builds the index: it yields.
async fn finished(run: &Run, arguments: Value) -> Value {
    for _ in 0..300 {
        let answer = run.value("failing_controls", arguments.clone()).await;
        if answer.get("unfinished").is_none() {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    panic!("never finished: {arguments}")
}

#[tokio::test]
async fn answers_stay_short_and_cheap() {
    let run = Setup::large(1_000).start().await;
    for (job, arguments, most, requests) in bounds() {
        asked(&run, job, arguments, most, requests).await;
    }
}

#[tokio::test]
async fn what_the_index_has_is_not_read_again() {
    let run = Setup::large(1_000).start().await;
    let user = run.value("list_users", json!({"pageSize": 1})).await["items"][0].clone();
    let whose = json!({"person": user["email"]});
    // Each job with the most requests it takes when the index is empty, and when it is not.
    for (job, arguments, without, known) in [
        ("person_duties", whose, 26, 16),
        ("changes_since", json!({}), 38, 25),
        ("vendor_overview", json!({}), 3, 1),
    ] {
        let fresh = with(&arguments, "fresh", json!(true));
        let mut first = asked(&run, job, fresh, 6_400, without).await;
        let sent = run.seen().len();
        let mut second = asked(&run, job, arguments, 6_400, known).await;
        assert!(run.seen().len() < sent, "{job}: {sent} requests, and then {}", run.seen().len());
        for member in ["controlsAsOf", "namesAsOf"] {
            first.as_object_mut().unwrap().remove(member);
            second.as_object_mut().unwrap().remove(member);
        }
        assert_eq!(second, first, "{job}");
    }
    let mut last = Value::Null;
    eventually("all renewal dates are known", async || {
        last = run.value("due", json!({})).await;
        last.get("unfinished").is_none()
    })
    .await;
    let again = asked(&run, "due", json!({}), 8_000, 30).await;
    assert!(again["oldestInIndex"].is_string(), "{again}");
}

#[tokio::test]
async fn failing_controls_are_named_at_once_as_far_as_they_are_known_and_then_all() {
    let run = Setup::large(1_000).start().await;
    let first = asked(&run, "failing_controls", json!({}), 10_000, 80).await;
    assert_eq!(first["of"], 1_000);
    assert!(first["unfinished"].as_str().unwrap().contains("more requests"), "{first}");
    let last = finished(&run, json!({})).await;
    assert_eq!((&last["lookedAt"], column(&last["controls"], "name").len()), (&json!(1_000), 40));
    let again = asked(&run, "failing_controls", json!({}), 7_400, 4).await;
    assert_eq!(again["failing"], last["failing"]);
    // What a control refers to is there, and nothing is described that no control refers to.
    for (column_of, table) in [("tests", &again["tests"]), ("documents", &again["documents"])] {
        let described: BTreeSet<u64> = column(table, "n").iter().filter_map(Value::as_u64).collect();
        let named = column(&again["controls"], column_of);
        let named: BTreeSet<u64> =
            named.iter().flat_map(|numbers| numbers.as_array().unwrap()).filter_map(Value::as_u64).collect();
        assert!(named.is_subset(&described) && !named.is_empty(), "{column_of}: {named:?} of {described:?}");
    }
    let others = again["more"].as_array().unwrap();
    let left = others.last().unwrap().as_str().unwrap();
    let named = 40 + others.len();
    let failing = usize::try_from(again["failing"].as_u64().unwrap()).unwrap();
    assert!(named == failing || left == format!("… {} more", failing - (named - 1)), "{left} of {failing}");
}

#[tokio::test]
async fn what_is_asked_for_afresh_is_finished_also_where_more_documents_lack_than_are_read_at_once() {
    let run = Setup::large(2_000).start().await;
    let known = finished(&run, json!({"framework": "soc2"})).await;
    run.tenant.forget();
    let fresh = finished(&run, json!({"framework": "soc2", "fresh": true})).await;
    assert_eq!((&fresh["failing"], &fresh["lookedAt"]), (&known["failing"], &known["of"]));
    let is_look = |path: &str| path.starts_with("/v1/documents/") && path.ends_with("/controls");
    assert!(
        run.seen().iter().filter(|seen| is_look(&seen.path)).count() > 3,
        "documents are looked at again"
    );
}
