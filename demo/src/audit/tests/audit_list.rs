use serde_json::{Value, json};

use super::{Bench, LEAD, refused, text};

fn copy_of(audit: &str) -> Value {
    json!({
        "sourceAuditId": audit.trim_start_matches("/v1/audits/"), "displayName": "Next year",
        "auditStartDate": "2027-01-01T00:00:00Z", "auditEndDate": "2027-12-31T00:00:00Z",
        "earlyAccessStartsAt": "2026-12-20", "allowAuditorEmails": [LEAD],
    })
}

#[test]
fn lists_both_audits_and_filters_them() {
    let mut bench = Bench::new();
    assert_eq!(bench.all("/v1/audits").len(), 2);
    let active = bench.all("/v1/audits?isActiveAudit=true");
    assert_eq!(active[0]["framework"], "SOC 2 Type II");
    assert_eq!(active[0]["segments"].as_array().unwrap().len(), 1);
    assert!(active[0]["auditorRequestListMetadata"]["requestsSharedWithCustomer"].is_string());
    let finished = bench.all("/v1/audits?isActiveAudit=false");
    assert!(finished[0]["completionDate"].is_string());
    assert!(finished[0].get("auditorRequestListMetadata").is_none());
    assert_eq!(bench.all("/v1/audits?changedSinceDate=2026-11-01").len(), 1);
    assert_eq!(bench.get("/v1/audits?pageSize=200").0, 200);
    assert_eq!(bench.get("/v1/audits?pageSize=201").0, 400);
    assert_eq!(refused(&bench.get("/v1/audits?isActiveAudit=yes"), "isActiveAudit"), 400);
    assert_eq!(refused(&bench.get("/v1/audits?changedSinceDate=soon"), "changedSinceDate"), 400);
}

#[test]
fn gets_one_audit_or_says_that_there_is_none() {
    let mut bench = Bench::new();
    let path = bench.active();
    let (status, audit) = bench.get(&path);
    assert_eq!((status, text(&audit, "customerOrganizationName")), (200, "tiny.example"));
    assert_eq!(refused(&bench.get("/v1/audits/none"), "none"), 404);
    assert_eq!(refused(&bench.get("/v1/audits/none/evidence"), "none"), 404);
}

#[test]
fn leaves_other_paths_to_others_and_refuses_other_methods() {
    let mut bench = Bench::new();
    let audit = bench.active();
    let elsewhere =
        ["/v1/controls".to_owned(), format!("{audit}/suppliers"), format!("{audit}/evidence/a/b/c")];
    for path in elsewhere {
        assert!(bench.ask("GET", &path, Value::Null).is_none(), "{path}");
    }
    let paths = ["", "/comments", "/evidence", "/framework-codes", "/controls", "/information-requests"];
    for path in paths {
        assert_eq!(bench.send("PUT", &format!("{audit}{path}"), json!({})).0, 405, "{path}");
    }
    assert_eq!(bench.get("/v1/audits/duplicate").0, 405);
}

#[test]
fn a_duplicate_has_the_requests_without_their_evidence() {
    let mut bench = Bench::new();
    let source = bench.active();
    let (status, copy) = bench.send("POST", "/v1/audits/duplicate", copy_of(&source));
    assert_eq!((status, text(&copy, "displayName")), (200, "Next year"));
    assert_eq!(copy["auditorRequestListMetadata"]["requestsSharedWithCustomer"], Value::Null);
    let path = format!("/v1/audits/{}", text(&copy, "id"));
    assert_eq!(bench.get(&path).1, copy);
    let requests = bench.all(&format!("{path}/information-requests"));
    assert_eq!(requests.len(), 25);
    assert!(
        !requests.is_empty() && requests.iter().all(|request| request["approvalStatus"] == "NEEDS_EVIDENCE")
    );
    assert!(text(&requests[0], "dueDate") > "2027");
    assert!(bench.all(&format!("{path}/evidence")).is_empty());

    bench.later(5);
    let (status, shared) = bench.send("POST", &format!("{path}/share-information-request-list"), Value::Null);
    assert_eq!(status, 200);
    assert_eq!(
        text(&shared["auditorRequestListMetadata"], "requestsSharedWithCustomer"),
        "2026-11-22T09:05:00.000Z"
    );
    assert_eq!(bench.all("/v1/audits?changedSinceDate=2026-11-22T09:01:00Z").len(), 1);
}

#[test]
fn refuses_duplicates_that_cannot_be() {
    let mut bench = Bench::new();
    let (active, finished) = (bench.active(), bench.finished());
    let mut duplicate = |body: Value| bench.send("POST", "/v1/audits/duplicate", body);
    let missing = duplicate(json!({ "displayName": "x" }));
    assert_eq!(refused(&missing, "sourceAuditId, auditStartDate"), 400);
    assert_eq!(refused(&duplicate(Value::Null), "object"), 400);
    assert_eq!(duplicate(copy_of("none")).0, 404);
    assert_eq!(refused(&duplicate(copy_of(&finished)), "request list"), 422);
    let with = |name: &str, value: Value| {
        let mut body = copy_of(&active);
        body[name] = value;
        body
    };
    assert_eq!(duplicate(with("allowAuditorEmails", json!([]))).0, 400);
    assert_eq!(duplicate(with("allowAuditorEmails", json!(["a@elsewhere.example"]))).0, 422);
    assert_eq!(refused(&duplicate(with("auditEndDate", json!("2026-01-01"))), "auditEndDate"), 422);
    let share = bench.send("POST", &format!("{finished}/share-information-request-list"), Value::Null);
    assert_eq!(refused(&share, "request list"), 422);
}
