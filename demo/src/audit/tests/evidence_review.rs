use serde_json::{Value, json};

use super::{Bench, LEAD, comment, refused, text};

fn transition(name: &str) -> Value {
    json!({ "statusUpdate": { "auditorEmail": LEAD, "stateTransition": name } })
}

/// The path of the first evidence item in a state.
fn item(bench: &mut Bench, audit: &str, status: &str) -> String {
    let evidence = bench.all(&format!("{audit}/evidence"));
    let found = evidence.iter().find(|item| item["status"] == status).unwrap();
    format!("{audit}/evidence/{}", text(found, "id"))
}

#[test]
fn a_transition_is_seen_by_later_reads() {
    let mut bench = Bench::new();
    let audit = bench.active();
    let path = item(&mut bench, &audit, "Ready for audit");
    assert!(bench.all(&format!("{audit}/evidence?changedSinceDate=2026-11-22T09:01:00Z")).is_empty());
    bench.later(5);
    let steps = [
        ("FLAG", "Flagged"),
        ("ACCEPT", "Accepted"),
        ("MARK_NA", "NA"),
        ("MARK_APPLICABLE", "Not ready for audit"),
        ("READY_FOR_AUDIT", "Ready for audit"),
    ];
    for (step, status) in steps {
        let (code, changed) = bench.send("PATCH", &path, transition(step));
        assert_eq!((code, text(&changed, "status")), (200, status));
        assert_eq!(bench.get(&path).1, changed);
    }
    assert_eq!(bench.all(&format!("{audit}/evidence?changedSinceDate=2026-11-22T09:01:00Z")).len(), 1);
}

#[test]
fn refuses_transitions_that_make_no_sense() {
    let mut bench = Bench::new();
    let audit = bench.active();
    let path = item(&mut bench, &audit, "Not ready for audit");
    for step in ["ACCEPT", "FLAG", "MARK_APPLICABLE"] {
        assert_eq!(refused(&bench.send("PATCH", &path, transition(step)), step), 422);
    }
    assert_eq!(refused(&bench.send("PATCH", &path, transition("REJECT")), "MARK_NA"), 400);
    let nobody = json!({ "statusUpdate": { "stateTransition": "ACCEPT" } });
    assert_eq!(refused(&bench.send("PATCH", &path, nobody), "auditorEmail"), 400);
    assert_eq!(bench.send("PATCH", &path, json!({})).0, 200);
    assert_eq!(bench.get(&format!("{audit}/evidence/none")).0, 404);
    assert_eq!(bench.send("DELETE", &path, json!({})).0, 405);
}

#[test]
fn a_comment_on_evidence_appears_in_the_audits_comments() {
    let mut bench = Bench::new();
    let audit = bench.active();
    let path = item(&mut bench, &audit, "Flagged");
    let before = bench.all(&format!("{audit}/comments")).len();
    let (status, made) = bench.send("POST", &format!("{path}/comments"), comment(LEAD));
    assert_eq!(status, 200);
    assert!(path.ends_with(text(&made, "auditEvidenceId")));
    let listed = bench.all(&format!("{audit}/comments"));
    assert_eq!(listed.len(), before + 1);
    assert!(listed.contains(&made));
    let fresh = bench.all(&format!("{audit}/comments?changedSinceDate=2026-11-22T09:00:00Z"));
    assert_eq!((fresh.len(), &fresh[0]), (1, &made));
    assert_eq!(bench.get(&format!("{path}/comments/{}", text(&made, "id"))).1, made);
    assert_eq!(bench.get(&format!("{path}/comments/none")).0, 404);
    let missing = bench.send("POST", &format!("{path}/comments"), json!({ "text": "x" }));
    assert_eq!(refused(&missing, "email, creationDate"), 400);
    let stranger = bench.send("POST", &format!("{path}/comments"), comment("p1@tiny.example"));
    assert_eq!(refused(&stranger, "audit firm"), 422);
}

#[test]
fn addresses_of_files_are_short_lived_and_not_for_everything() {
    let mut bench = Bench::new();
    let (active, finished) = (bench.active(), bench.finished());
    let path = format!("{}/urls", item(&mut bench, &active, "Accepted"));
    let first = bench.all(&path);
    assert!(first[0]["isDownloadable"].is_boolean() && first[0]["mimeType"].is_string());
    bench.later(1);
    assert_ne!(bench.all(&path)[0]["url"], first[0]["url"]);
    for status in ["Not ready for audit", "Initialized"] {
        let path = format!("{}/urls", item(&mut bench, &active, status));
        assert_eq!(refused(&bench.get(&path), status), 422);
    }
    let path = format!("{}/urls", item(&mut bench, &finished, "Accepted"));
    assert_eq!(refused(&bench.get(&path), "segment"), 422);
}

#[test]
fn a_custom_evidence_request_becomes_evidence() {
    let mut bench = Bench::new();
    let audit = bench.active();
    let path = format!("{audit}/evidence/custom-evidence-requests");
    let control = bench.all(&format!("{audit}/controls"))[0].clone();
    let body = json!({
        "controlIds": [control["id"]], "title": "Door log", "description": "One week of the door log",
        "cadence": "P1Y", "reminderWindow": "P1W", "isRestricted": true, "auditorEmail": LEAD,
    });
    let (status, made) = bench.send("POST", &path, body.clone());
    assert_eq!((status, text(&made, "cadence")), (200, "P1Y"));
    let evidence = bench.all(&format!("{audit}/evidence"));
    let found = evidence.iter().find(|item| item["evidenceId"] == made["id"]).unwrap();
    assert_eq!((text(found, "name"), text(found, "status")), ("Door log", "Initialized"));
    assert_eq!(found["relatedControls"][0]["name"], control["name"]);

    let mut sent = |name: &str, value: Value| {
        let mut body = body.clone();
        body[name] = value;
        bench.send("POST", &path, body)
    };
    assert_eq!(refused(&sent("controlIds", json!(["none"])), "none"), 422);
    assert_eq!(refused(&sent("controlIds", json!("none")), "controlIds"), 400);
    assert_eq!(refused(&sent("cadence", json!("P9Y")), "P2Y"), 400);
    assert_eq!(refused(&sent("isRestricted", json!("yes")), "isRestricted"), 400);
    assert_eq!(bench.get(&path).0, 405);
}
