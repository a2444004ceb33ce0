use serde_json::{Value, json};

use super::{Bench, LEAD, SECOND, comment, refused, text};

fn custom() -> Value {
    json!({
        "externalId": "CUS-1", "name": "Own control", "description": "What we do besides",
        "effectiveDate": "2026-01-01T00:00:00Z", "category": "NETWORK SECURITY",
        "sections": [{ "frameworkId": "ISO_27001_2022", "sectionId": "A.8.20" }],
    })
}

fn verdict(state: &str) -> Value {
    json!({ "assessmentState": state, "justification": "Five samples passed", "auditorEmail": LEAD })
}

#[test]
fn lists_controls_and_filters_by_external_id() {
    let mut bench = Bench::new();
    let audit = bench.active();
    let controls = bench.all(&format!("{audit}/controls"));
    assert_eq!(controls.len(), 80);
    assert_eq!(controls[0]["framework"], "soc2");
    assert!(controls[0]["sections"][0]["name"].is_string());
    let (one, two) = (text(&controls[0], "externalId"), text(&controls[1], "externalId"));
    let both = format!("{audit}/controls?externalIdMatchesAny={one}&externalIdMatchesAny={two}");
    assert_eq!(bench.all(&both).len(), 2);
    assert!(bench.all(&format!("{audit}/controls?externalIdMatchesAny=ext-0")).is_empty());
}

#[test]
fn a_custom_control_needs_a_classic_audit() {
    let mut bench = Bench::new();
    let (active, finished) = (bench.active(), bench.finished());
    let on_list = bench.send("POST", &format!("{active}/controls/custom-controls"), custom());
    assert_eq!(refused(&on_list, "information request list"), 422);
    let path = format!("{finished}/controls/custom-controls");
    let (status, made) = bench.send("POST", &path, custom());
    assert_eq!((status, text(&made, "source")), (201, "Custom"));
    let found = bench.all(&format!("{finished}/controls?externalIdMatchesAny=CUS-1"));
    assert_eq!(found[0]["id"], made["id"]);
    assert_eq!(bench.send("POST", &path, custom()).0, 409);
}

#[test]
fn refuses_custom_controls_that_lack_something() {
    let mut bench = Bench::new();
    let path = format!("{}/controls/custom-controls", bench.finished());
    let mut sent = |name: &str, value: Value| {
        let mut body = custom();
        body[name] = value;
        bench.send("POST", &path, body)
    };
    assert_eq!(refused(&sent("category", json!("NETWORKS")), "NETWORK SECURITY"), 400);
    assert_eq!(refused(&sent("role", json!("BOTH")), "GDPR"), 422);
    assert_eq!(refused(&sent("sections", json!([{ "sectionId": "1" }])), "frameworkId"), 400);
    assert_eq!(refused(&sent("effectiveDate", json!("someday")), "effectiveDate"), 400);
    assert_eq!(sent("name", Value::Null).1["name"], "CUS-1");
    assert_eq!(refused(&bench.send("POST", &path, json!({})), "externalId"), 400);
}

#[test]
fn assesses_where_the_segment_is_clear() {
    let mut bench = Bench::new();
    let (active, finished) = (bench.active(), bench.finished());
    let control = text(&bench.all(&format!("{active}/controls"))[0], "id").to_owned();
    let path = format!("{active}/controls/{control}/assessment");
    let (status, made) = bench.send("PUT", &path, verdict("IN_PLACE"));
    assert_eq!((status, text(&made, "controlId")), (200, control.as_str()));
    assert!(made["segmentId"].is_string());
    assert_eq!(refused(&bench.send("PUT", &path, verdict("CONFORMING")), "NOT_IN_PLACE"), 422);
    assert_eq!(refused(&bench.send("PUT", &path, verdict("FINE")), "IN_PLACE"), 400);
    let mut stranger = verdict("IN_PLACE");
    stranger["auditorEmail"] = json!("p1@tiny.example");
    assert_eq!(refused(&bench.send("PUT", &path, stranger), "p1@tiny.example"), 404);
    let mut long = verdict("IN_PLACE");
    long["justification"] = json!("x".repeat(5001));
    assert_eq!(refused(&bench.send("PUT", &path, long), "5000"), 400);
    assert_eq!(bench.send("PUT", &format!("{active}/controls/none/assessment"), verdict("IN_PLACE")).0, 404);

    let control = text(&bench.all(&format!("{finished}/controls"))[0], "id").to_owned();
    let path = format!("{finished}/controls/{control}/assessment");
    assert_eq!(refused(&bench.send("PUT", &path, verdict("CONFORMING")), "exactly one program segment"), 422);
    let mut named = verdict("CONFORMING");
    named["segmentId"] = bench.get(&finished).1["segments"][1]["id"].clone();
    assert_eq!(bench.send("PUT", &path, named.clone()).1["segmentId"], named["segmentId"]);
    named["segmentId"] = json!("none");
    assert_eq!(bench.send("PUT", &path, named).0, 422);
}

#[test]
fn comments_on_a_control_live_and_go() {
    let mut bench = Bench::new();
    let audit = bench.active();
    let control = text(&bench.all(&format!("{audit}/controls"))[3], "id").to_owned();
    let path = format!("{audit}/controls/{control}/comments");
    let before = bench.all(&path).len();
    let (status, made) = bench.send("POST", &path, comment(LEAD));
    assert_eq!((status, text(&made, "authorName")), (200, "Ingrid Solvang"));
    assert!(made.get("auditEvidenceId").is_none());
    assert_eq!(bench.all(&path).len(), before + 1);

    let one = format!("{path}/{}", text(&made, "id"));
    bench.later(10);
    let (_, changed) = bench.send("PATCH", &one, json!({ "text": "With the year.", "email": LEAD }));
    assert_eq!(
        (text(&changed, "text"), text(&changed, "modificationDate")),
        ("With the year.", "2026-11-22T09:10:00.000Z")
    );
    assert_eq!(refused(&bench.send("PATCH", &one, json!({ "text": "x", "email": SECOND })), "author"), 403);
    assert_eq!(refused(&bench.send("DELETE", &one, Value::Null), "object"), 400);
    assert_eq!(refused(&bench.send("DELETE", &one, json!({})), "email"), 400);
    assert_eq!(bench.send("DELETE", &one, json!({ "email": SECOND })).0, 403);
    assert_eq!(bench.send("DELETE", &one, json!({ "email": LEAD })).0, 204);
    assert_eq!(bench.send("DELETE", &one, json!({ "email": LEAD })).0, 404);
    assert_eq!(bench.all(&path).len(), before);
    let gone = bench.all(&format!("{path}?changedSinceDate=2026-11-22T09:05:00Z"));
    assert!(gone[0]["deletionDate"].is_string());
    assert_eq!(bench.send("PUT", &one, json!({})).0, 405);
}

#[test]
fn requests_of_a_control_share_a_code_with_it_or_name_it() {
    let mut bench = Bench::new();
    let audit = bench.active();
    let controls = bench.all(&format!("{audit}/controls"));
    let changes = controls.iter().find(|control| control["sections"][0]["name"] == "CC8.1").unwrap();
    let path = format!("{audit}/controls/{}/information-requests", text(changes, "id"));
    let listed = bench.all(&path);
    let by_code = |request: &&Value| request["frameworkCodes"].as_array().unwrap().contains(&json!("CC8.1"));
    assert!(listed.iter().filter(by_code).count() >= 3);
    let made = json!({
        "uniqueId": "n-1", "title": "Linked", "requestType": "SAMPLE", "frameworkCodes": [],
        "additionalControlIds": [changes["id"]],
    });
    bench.send("POST", &format!("{audit}/information-requests"), made);
    assert_eq!(bench.all(&path).len(), listed.len() + 1);
}
