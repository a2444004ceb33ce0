use serde_json::{Value, json};

use super::{Bench, refused, text};

fn question() -> Value {
    json!({
        "uniqueId": "ext-1", "title": "List of laptops", "requestType": "POPULATION", "frameworkCodes": ["CC6.1"],
        "cadence": "QUARTERLY", "dueDate": "2026-12-01T00:00:00Z",
    })
}

#[test]
fn creates_and_gets_a_request() {
    let mut bench = Bench::new();
    let list = format!("{}/information-requests", bench.active());
    let (status, made) = bench.send("POST", &list, question());
    assert_eq!((status, text(&made, "approvalStatus")), (201, "NEEDS_EVIDENCE"));
    assert_eq!(text(&made, "dueDate"), "2026-12-01T00:00:00.000Z");
    assert_eq!(bench.get(&format!("{list}/{}", text(&made, "id"))).1, made);
    assert_eq!(bench.all(&list).len(), 26);
    assert_eq!(bench.all(&format!("{list}?changedSinceDate=2026-11-22T09:00:00Z")), [made]);
    assert_eq!(refused(&bench.send("POST", &list, question()), "ext-1"), 409);
}

#[test]
fn refuses_what_cannot_be_asked() {
    let mut bench = Bench::new();
    let finished = bench.finished();
    let list = format!("{}/information-requests", bench.active());
    let mut sent = |name: &str, value: Value| {
        let mut body = question();
        body[name] = value;
        bench.send("POST", &list, body)
    };
    assert_eq!(refused(&sent("frameworkCodes", json!(["CC6.1", "XY1"])), "XY1"), 422);
    assert_eq!(refused(&sent("additionalControlIds", json!(["none"])), "none"), 422);
    assert_eq!(refused(&sent("requestType", json!("ALL")), "POPULATION"), 400);
    assert_eq!(refused(&sent("cadence", json!("DAILY")), "MONTHLY"), 400);
    assert_eq!(refused(&sent("dueDate", json!("tomorrow")), "dueDate"), 400);
    assert_eq!(refused(&sent("title", json!("")), "title"), 400);
    assert_eq!(refused(&bench.send("POST", &list, json!({ "title": "x" })), "uniqueId, requestType"), 400);
    assert_eq!(bench.all(&list).len(), 25);
    let classic = format!("{finished}/information-requests");
    assert_eq!(refused(&bench.send("POST", &classic, question()), "classic"), 422);
    assert!(bench.all(&classic).is_empty());
}

#[test]
fn an_update_changes_what_it_names_and_nothing_else() {
    let mut bench = Bench::new();
    let path = bench.request("NEEDS_EVIDENCE");
    let before = bench.get(&path).1;
    bench.later(30);
    let body = json!({ "title": "New title", "dueDate": null, "additionalControlIds": [] });
    let (status, after) = bench.send("PATCH", &path, body);
    assert_eq!((status, text(&after, "title")), (200, "New title"));
    assert_eq!((&after["dueDate"], &after["additionalControlIds"]), (&Value::Null, &json!([])));
    assert_eq!(after["description"], before["description"]);
    assert_eq!(text(&after, "modificationDate"), "2026-11-22T09:30:00.000Z");
    assert_eq!(bench.get(&path).1, after);
    let activity = bench.all(&format!("{path}/activity?changedSinceDate=2026-11-22T09:30:00Z"));
    assert_eq!(activity.len(), 1);
    assert_eq!(activity[0]["activityType"], "EDIT_REQUEST");
}

#[test]
fn a_refused_update_changes_nothing() {
    let mut bench = Bench::new();
    let path = bench.request("NEEDS_EVIDENCE");
    let before = bench.get(&path).1;
    for body in [
        json!({}),
        json!({ "title": "New", "requestType": "ALL" }),
        json!({ "title": "New", "cadence": null }),
        json!({ "title": "New", "frameworkCodes": ["XY1"] }),
        json!({ "title": "New", "additionalControlIds": ["none"] }),
    ] {
        let status = bench.send("PATCH", &path, body.clone()).0;
        assert!(matches!(status, 400 | 422), "{body}");
    }
    assert_eq!(bench.get(&path).1, before);
}

#[test]
fn a_deleted_request_is_gone_with_all_below_it() {
    let mut bench = Bench::new();
    let list = format!("{}/information-requests", bench.active());
    let path = bench.request("AUDITOR_APPROVED");
    bench.later(1);
    assert_eq!(bench.send("DELETE", &path, Value::Null).0, 204);
    for below in ["", "/activity", "/comments", "/evidence"] {
        assert_eq!(bench.get(&format!("{path}{below}")).0, 404);
    }
    assert_eq!(bench.send("DELETE", &path, Value::Null).0, 404);
    assert_eq!(bench.all(&list).len(), 24);
    let gone = bench.all(&format!("{list}?changedSinceDate=2026-11-22T09:01:00Z"));
    assert_eq!((gone.len(), text(&gone[0], "deletionDate")), (1, "2026-11-22T09:01:00.000Z"));
}
