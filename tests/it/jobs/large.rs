//! Jobs of a company with 1,000 controls: no answer is longer than at a small one, and none costs more requests than it may.

use serde_json::{Value, json};

use super::{asked, column};
use crate::harness::{Setup, eventually};
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
    let mut last = Value::Null;
    eventually("all 1,000 controls are looked at", async || {
        last = run.value("failing_controls", json!({})).await;
        last.get("unfinished").is_none()
    })
    .await;
    assert_eq!((&last["lookedAt"], column(&last["controls"], "name").len()), (&json!(1_000), 45));
    let again = asked(&run, "failing_controls", json!({}), 8_600, 4).await;
    assert_eq!(again["failing"], last["failing"]);
}
