use serde_json::{Value, json};

use super::{Bench, LEAD, SECOND, comment, refused, text};

#[test]
fn accepting_changes_the_status_and_is_logged() {
    let mut bench = Bench::new();
    let path = bench.request("READY_FOR_AUDIT");
    bench.later(2);
    let (status, accepted) =
        bench.send("POST", &format!("{path}/accept-evidence"), json!({ "auditorEmail": LEAD }));
    assert_eq!((status, text(&accepted, "approvalStatus")), (200, "AUDITOR_APPROVED"));
    assert_eq!(bench.get(&path).1, accepted);
    let activity = bench.all(&format!("{path}/activity"));
    let last = activity.last().unwrap();
    assert_eq!(text(last, "userEmail"), LEAD);
    assert_eq!((text(last, "oldStatus"), text(last, "newStatus")), ("READY_FOR_AUDIT", "AUDITOR_APPROVED"));
}

#[test]
fn flagging_needs_a_reason_and_shows_it() {
    let mut bench = Bench::new();
    let path = bench.request("READY_FOR_AUDIT");
    let flag = format!("{path}/flag-evidence");
    assert_eq!(refused(&bench.send("POST", &flag, json!({ "auditorEmail": LEAD })), "reason"), 400);
    let body = json!({ "auditorEmail": SECOND, "reason": "A page is missing" });
    assert_eq!(bench.send("POST", &flag, body).1["approvalStatus"], "AUDITOR_FLAGGED");
    let activity = bench.all(&format!("{path}/activity"));
    assert_eq!(activity.last().unwrap()["reason"], "A page is missing");
}

#[test]
fn nothing_can_be_judged_before_it_is_shared_or_by_a_stranger() {
    let mut bench = Bench::new();
    let path = bench.request("NEEDS_EVIDENCE");
    let early = bench.send("POST", &format!("{path}/accept-evidence"), json!({ "auditorEmail": LEAD }));
    assert_eq!(refused(&early, "shared"), 422);
    let path = bench.request("READY_FOR_AUDIT");
    let stranger = json!({ "auditorEmail": "p1@tiny.example" });
    assert_eq!(bench.send("POST", &format!("{path}/accept-evidence"), stranger).0, 422);
    assert_eq!(bench.get(&format!("{path}/accept-evidence")).0, 405);
}

#[test]
fn comments_on_a_request_live_and_go() {
    let mut bench = Bench::new();
    let path = format!("{}/comments", bench.request("AUDITOR_FLAGGED"));
    let before = bench.all(&path).len();
    assert!(before > 0);
    let made = bench.send("POST", &path, comment(SECOND)).1;
    let one = format!("{path}/{}", text(&made, "id"));
    assert_eq!(bench.get(&one).1, made);
    let audit = bench.active();
    assert!(!bench.all(&format!("{audit}/comments")).contains(&made));
    let changed = bench.send("PATCH", &one, json!({ "text": "Better", "email": SECOND })).1;
    assert_eq!(bench.get(&one).1, changed);
    assert_eq!(refused(&bench.send("PATCH", &one, json!({ "email": SECOND })), "text"), 400);
    assert_eq!(bench.send("DELETE", &one, json!({ "email": LEAD })).0, 403);
    assert_eq!(bench.send("DELETE", &one, json!({ "email": SECOND })).0, 204);
    let (status, deleted) = bench.get(&one);
    assert_eq!((status, deleted["deletionDate"].is_string()), (200, true), "can still be read");
    assert_eq!(bench.all(&path).len(), before);
    let request = path.trim_end_matches("/comments");
    assert_eq!(bench.send("DELETE", request, Value::Null).0, 204);
    assert_eq!(bench.get(&one).0, 200, "a comment outlives its request");
    assert_eq!(bench.get(&path).0, 404);
}

/// Every exhibit of every request, with its path.
fn exhibits(bench: &mut Bench) -> Vec<(String, Value)> {
    let list = format!("{}/information-requests", bench.active());
    let requests = bench.all(&list);
    let mut found = Vec::new();
    for request in requests {
        let path = format!("{list}/{}/evidence", text(&request, "id"));
        found
            .extend(bench.all(&path).into_iter().map(|item| (format!("{path}/{}", text(&item, "id")), item)));
    }
    found
}

#[test]
fn evidence_that_is_not_shared_or_whose_request_is_gone_is_not_found() {
    let mut bench = Bench::new();
    let all = exhibits(&mut bench);
    let unshared = all.iter().find(|(_, item)| item["visibleToAuditorDate"].is_null()).unwrap();
    assert_eq!(bench.get(&unshared.0).0, 404);
    let (path, _) = all.iter().find(|(_, item)| item["visibleToAuditorDate"].is_string()).unwrap();
    assert_eq!(bench.get(path).0, 200);
    let request = path.split("/evidence/").next().unwrap();
    assert_eq!(bench.send("DELETE", request, Value::Null).0, 204);
    assert_eq!(bench.get(path).0, 404);
}

#[test]
fn every_kind_of_evidence_is_there_and_can_be_filtered() {
    let mut bench = Bench::new();
    let kinds = [
        ("UPLOADED_DOCUMENT", "/evidence/url"),
        ("OBSERVATION", "/evidence/observationDetails"),
        ("LINK", "/evidence/url"),
        ("VANTA_DOCUMENT", "/evidence/file/url"),
        ("VANTA_POLICY", "/evidence/file/url"),
        ("VANTA_TEST", "/evidence/file/url"),
        ("VANTA_TEST_SNAPSHOT", "/evidence/testRunStatus"),
    ];
    let all = exhibits(&mut bench);
    for (kind, property) in kinds {
        let is_shared = |item: &Value| item["visibleToAuditorDate"].is_string();
        let of_kind = |item: &Value| item["evidenceType"] == kind && is_shared(item);
        let (path, item) = all.iter().find(|(_, item)| of_kind(item)).unwrap();
        assert!(item.pointer(property).unwrap().is_string(), "{item}");
        assert_eq!(bench.get(path).1, *item);
        let list = path.rsplit_once('/').unwrap().0;
        let filtered = bench.all(&format!("{list}?evidenceTypeMatchesAny={kind}"));
        assert!(filtered.contains(item) && filtered.iter().all(|item| item["evidenceType"] == kind));
    }
    let list = all[0].0.rsplit_once('/').unwrap().0;
    assert_eq!(refused(&bench.get(&format!("{list}?evidenceTypeMatchesAny=PAPER")), "LINK"), 400);
    assert!(bench.all(&format!("{list}?changedSinceDate=2026-11-22T09:00:00Z")).is_empty());
    assert_eq!(bench.get(&format!("{list}/none")).0, 404);
    assert!(all.iter().any(|(_, item)| item["visibleToAuditorDate"].is_null()));
}

#[test]
fn only_a_snapshot_has_snapshot_details() {
    let mut bench = Bench::new();
    let all = exhibits(&mut bench);
    let (path, item) = all.iter().find(|(_, item)| item["evidenceType"] == "VANTA_TEST_SNAPSHOT").unwrap();
    let (status, details) = bench.get(&format!("{path}/test-snapshot"));
    assert_eq!((status, &details["testId"]), (200, &item["evidence"]["testId"]));
    assert_eq!(details["rawTestData"].as_array().unwrap().len(), 4);
    let (path, _) = all.iter().find(|(_, item)| item["evidenceType"] == "LINK").unwrap();
    assert_eq!(refused(&bench.get(&format!("{path}/test-snapshot")), "LINK"), 422);
}
