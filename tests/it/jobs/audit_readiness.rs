//! `audit_readiness`.

use serde_json::{Value, json};
use vanta_demo::{FaultKind, Target};

use super::{asked, column, records};
use crate::harness::{Run, Setup};

/// The active audit, which has a request list, and the finished one, which is classic.
async fn audits(run: &Run) -> (Value, Value) {
    let mut audits = records(run, "list_audits", json!({})).await;
    audits.sort_by_key(|audit| !audit["completionDate"].is_null());
    let [active, finished] = audits.try_into().expect("two audits");
    (active, finished)
}

fn of<'v>(items: &'v [Value], name: &str, value: &str) -> Vec<&'v Value> {
    items.iter().filter(|item| item[name] == value).collect()
}

fn today() -> String {
    jiff::Timestamp::now().to_string()[..10].to_owned()
}

#[tokio::test]
async fn evidence_and_requests_are_counted_by_whose_turn_it_is() {
    let run = Setup::default().start().await;
    let (active, _) = audits(&run).await;
    let id = json!({"auditId": active["id"]});
    let evidence = records(&run, "list_audit_evidence", id.clone()).await;
    let requests = records(&run, "list_information_requests", id.clone()).await;

    let answer = asked(&run, "audit_readiness", json!({}), 8_000, 8).await;
    assert_eq!(answer["audit"]["id"], active["id"]);
    assert_eq!(answer["audit"]["kind"], "request list");
    let told = &answer["evidence"];
    assert_eq!(told["total"], evidence.len());
    for (status, count) in told["byStatus"].as_object().unwrap() {
        assert_eq!(*count, of(&evidence, "status", status).len(), "{status}");
    }
    assert_eq!(told["auditorActs"], of(&evidence, "status", "Ready for audit").len());
    let owed = ["Flagged", "Not ready for audit", "Initialized"];
    let owed: usize = owed.iter().map(|status| of(&evidence, "status", status).len()).sum();
    assert_eq!(told["customerActs"], owed);

    let told = &answer["requests"];
    assert_eq!(told["total"], requests.len());
    let approved = of(&requests, "approvalStatus", "AUDITOR_APPROVED").len();
    assert_eq!(told["open"], requests.len() - approved);
    assert_eq!(told["auditorActs"], of(&requests, "approvalStatus", "READY_FOR_AUDIT").len());
    let late = |request: &&Value| {
        ["NEEDS_EVIDENCE", "AUDITOR_FLAGGED"].contains(&request["approvalStatus"].as_str().unwrap())
            && request["dueDate"].as_str().unwrap()[..10] < *today()
    };
    let late: Vec<&Value> = requests.iter().filter(late).collect();
    assert!(!late.is_empty());
    assert_eq!(told["overdue"], late.len());
    let shown = column(&answer["overdue"], "request");
    assert_eq!(shown.len(), late.len());
    for request in late {
        let name =
            format!("{} {}", request["uniqueId"].as_str().unwrap(), request["title"].as_str().unwrap());
        assert!(shown.iter().any(|shown| name.starts_with(shown.as_str().unwrap().trim_end_matches('…'))));
    }
    assert!(answer.get("notLookedAt").is_none(), "{answer}");
}

#[tokio::test]
async fn what_was_flagged_comes_with_the_last_word_since_then() {
    let run = Setup::default().start().await;
    let (active, _) = audits(&run).await;
    let id = json!({"auditId": active["id"]});
    let flagged = records(&run, "list_audit_evidence", id.clone()).await;
    let flagged = of(&flagged, "status", "Flagged");
    let comments = records(&run, "list_audit_comments", id.clone()).await;
    let requests = records(&run, "list_information_requests", id.clone()).await;
    let sent_back = of(&requests, "approvalStatus", "AUDITOR_FLAGGED");
    let answer = asked(&run, "audit_readiness", json!({"audit": active["id"]}), 8_000, 8).await;
    let table = &answer["flagged"];
    assert_eq!(column(table, "name").len(), flagged.len() + sent_back.len());
    let words = column(table, "lastWord");
    for item in &flagged {
        let on = comments.iter().filter(|comment| comment["auditEvidenceId"] == item["id"]);
        let last = on.max_by_key(|comment| comment["creationDate"].as_str().unwrap().to_owned());
        let last = last.filter(|last| last["creationDate"].as_str() >= item["statusUpdatedDate"].as_str());
        let name = item["name"].as_str().unwrap();
        let is_it = |shown: &Value| name.starts_with(shown.as_str().unwrap().trim_end_matches('…'));
        let at = column(table, "name").iter().position(is_it).unwrap();
        assert_eq!(words[at], last.map_or(Value::Null, |last| last["text"].clone()), "{name}");
    }
    assert!(words.iter().any(Value::is_string));
    for request in sent_back {
        let of_request = json!({"auditId": active["id"], "requestId": request["id"]});
        let history = records(&run, "list_information_request_activity", of_request).await;
        let verdict = of(&history, "newStatus", "AUDITOR_FLAGGED").pop().unwrap().clone();
        assert!(words.contains(&verdict["reason"]), "{verdict}");
    }
}

#[tokio::test]
async fn a_classic_audit_has_no_requests_and_its_flags_have_comments() {
    let run = Setup::default().start().await;
    let (_, classic) = audits(&run).await;
    let evidence = records(&run, "list_audit_evidence", json!({"auditId": classic["id"]})).await;
    let accepted = of(&evidence, "status", "Accepted")[0];
    let auditor = &classic["allowAuditorEmails"][0];
    let on = |more: Value| {
        let mut arguments = json!({"auditId": classic["id"], "auditEvidenceId": accepted["id"]});
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        arguments
    };
    let flag = json!({"statusUpdate": {"auditorEmail": auditor, "stateTransition": "FLAG"}});
    run.value("set_audit_evidence_status", on(flag)).await;
    let silent = asked(&run, "audit_readiness", json!({"audit": classic["displayName"]}), 8_000, 8).await;
    assert_eq!(column(&silent["flagged"], "lastWord"), [Value::Null], "what was said before is no last word");
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(1);
    let comment = json!({"text": "No date\non it", "email": auditor, "creationDate": later.to_string()});
    run.value("create_audit_evidence_comment", on(comment)).await;

    let answer = asked(&run, "audit_readiness", json!({"audit": classic["displayName"]}), 8_000, 8).await;
    assert_eq!(answer["audit"]["kind"], "classic");
    assert!(answer["audit"]["completed"].is_string());
    for absent in ["requests", "overdue"] {
        assert!(answer.get(absent).is_none(), "{absent}: {answer}");
    }
    assert_eq!(answer["evidence"]["customerActs"], 1);
    assert_eq!(column(&answer["flagged"], "name"), std::slice::from_ref(&accepted["name"]));
    assert_eq!(column(&answer["flagged"], "lastWord"), ["No date on it"]);
    assert_eq!(column(&answer["flagged"], "since"), [today()]);
}

#[tokio::test]
async fn an_audit_is_found_by_id_or_name_and_several_are_asked() {
    let run = Setup::default().start().await;
    let (active, finished) = audits(&run).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for named in
        [text(&finished["id"]), text(&finished["displayName"]).to_uppercase(), "ISO 27001".to_owned()]
    {
        let answer = asked(&run, "audit_readiness", json!({"audit": named}), 8_000, 8).await;
        assert_eq!(answer["audit"]["id"], finished["id"], "{named}");
    }
    let both = run.error("audit_readiness", json!({"audit": active["customerDisplayName"]})).await;
    assert!(both.contains("may be any of 2 items"), "{both}");
    assert!(both.contains(&text(&active["id"])) && both.contains(&text(&finished["id"])), "{both}");
    let none = run.error("audit_readiness", json!({"audit": "Qqq"})).await;
    assert!(none.contains("no item of list_audits has the name"), "{none}");
}

#[tokio::test]
async fn without_a_name_the_one_active_audit_is_meant_and_of_several_none() {
    let run = Setup::default().start().await;
    let (active, finished) = audits(&run).await;
    let copy = json!({
        "sourceAuditId": active["id"], "confirm": active["id"], "displayName": "Next year", "auditStartDate": "2027-01-01T00:00:00Z",
        "auditEndDate": "2027-12-31T00:00:00Z", "earlyAccessStartsAt": "2026-12-01T00:00:00Z",
        "allowAuditorEmails": active["allowAuditorEmails"],
    });
    let copy = run.confirmed("duplicate_audit", copy).await;
    let error = run.error("audit_readiness", json!({})).await;
    assert!(error.contains("2 audits are active") && error.contains("Next year"), "{error}");
    assert!(!error.contains(finished["id"].as_str().unwrap()), "{error}");
    let answer = asked(&run, "audit_readiness", json!({"audit": "next year"}), 8_000, 8).await;
    assert_eq!(answer["audit"]["id"], copy["id"]);
    assert_eq!(answer["audit"]["requestsShared"], "not yet");
    assert_eq!((&answer["evidence"]["total"], &answer["requests"]["overdue"]), (&json!(0), &json!(0)));

    let page = |items: &[&Value]| {
        let info =
            json!({"hasNextPage": false, "hasPreviousPage": false, "startCursor": null, "endCursor": null});
        FaultKind::Body {
            status: 200,
            body: json!({"results": {"data": items, "pageInfo": info}}).to_string(),
        }
    };
    // The filter left out nothing, and one was deleted.
    let mut deleted = active.clone();
    deleted["deletionDate"] = json!("2026-11-01T00:00:00.000Z");
    run.fault(Target::Path("/v1/audits".to_owned()), page(&[&finished, &deleted]), 1);
    let error = run.error("audit_readiness", json!({})).await;
    assert!(error.contains("no audit is active"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_read_is_not_counted_as_none() {
    let run = Setup::default().start().await;
    let (active, _) = audits(&run).await;
    let path = |rest: &str| Target::Path(format!("/v1/audits/{}/{rest}", active["id"].as_str().unwrap()));
    run.fault(path("information-requests"), FaultKind::Internal, 20);
    let answer = run.value("audit_readiness", json!({})).await;
    assert!(answer.get("requests").is_none() && answer.get("overdue").is_none(), "{answer}");
    assert!(answer["notLookedAt"][0].as_str().unwrap().starts_with("requests: "), "{answer}");

    let run = Setup::default().start().await;
    run.fault(path("comments"), FaultKind::Internal, 20);
    run.fault(path("information-requests/"), FaultKind::Internal, 60);
    let answer = run.value("audit_readiness", json!({})).await;
    let gaps = answer["notLookedAt"].to_string();
    assert!(gaps.contains("comments on evidence") && gaps.contains("reasons of flags"), "{gaps}");
    let words = column(&answer["flagged"], "lastWord");
    assert!(!words.is_empty() && words.iter().all(|word| word == "(not looked at)"), "{words:?}");

    let run = Setup::default().start().await;
    run.fault(path("evidence"), FaultKind::Internal, 20);
    let error = run.error("audit_readiness", json!({})).await;
    assert!(error.contains("500"), "{error}");
}

#[tokio::test]
async fn deleted_things_are_not_counted() {
    let run = Setup::default().start().await;
    let (_, classic) = audits(&run).await;
    let evidence = records(&run, "list_audit_evidence", json!({"auditId": classic["id"]})).await;
    let mut items = evidence[..3].to_vec();
    items[0]["status"] = json!("Flagged");
    items[0]["deletionDate"] = json!("2026-11-01T00:00:00.000Z");
    items[1]["status"] = json!("Under discussion");
    let info =
        json!({"hasNextPage": false, "hasPreviousPage": false, "startCursor": null, "endCursor": null});
    let body = json!({"results": {"data": items, "pageInfo": info}}).to_string();
    let path = format!("/v1/audits/{}/evidence", classic["id"].as_str().unwrap());
    run.fault(Target::Path(path), FaultKind::Body { status: 200, body }, 1);
    let answer = run.value("audit_readiness", json!({"audit": classic["id"]})).await;
    assert_eq!(answer["evidence"]["total"], 2);
    assert_eq!(answer["evidence"]["byStatus"]["Under discussion"], 1, "a status that is not known is shown");
    assert_eq!(answer["flagged"]["rows"], json!([]));
}

#[tokio::test]
async fn a_large_audit_is_answered_as_shortly() {
    let run = Setup::default().start().await;
    let (active, _) = audits(&run).await;
    let id = json!({"auditId": active["id"]});
    let (item, request) = (
        records(&run, "list_audit_evidence", id.clone()).await.remove(0),
        records(&run, "list_information_requests", id).await.remove(0),
    );
    let long = "An unusually long name of something that an auditor wants to see. ".repeat(5);
    let many = |item: &Value, count: usize, change: &dyn Fn(&mut Value)| {
        let one = |number: usize| {
            let mut one = item.clone();
            one["id"] = json!(format!("{number:024x}"));
            change(&mut one);
            one
        };
        let items: Vec<Value> = (0..count).map(one).collect();
        let info =
            json!({"hasNextPage": false, "hasPreviousPage": false, "startCursor": null, "endCursor": null});
        FaultKind::Body {
            status: 200,
            body: json!({"results": {"data": items, "pageInfo": info}}).to_string(),
        }
    };
    let path = |rest: &str| Target::Path(format!("/v1/audits/{}/{rest}", active["id"].as_str().unwrap()));
    let flag = |item: &mut Value| {
        item["status"] = json!("Flagged");
        item["name"] = json!(long);
    };
    let late = |request: &mut Value| {
        request["approvalStatus"] = json!("AUDITOR_FLAGGED");
        request["dueDate"] = json!("2026-01-01T00:00:00.000Z");
        request["title"] = json!(long);
    };
    let comment = |comment: &mut Value| {
        comment["auditEvidenceId"] = comment["id"].clone();
        comment["creationDate"] = json!("2030-01-01T00:00:00.000Z");
        comment["text"] = json!(long);
        comment["authorName"] = json!(long);
    };
    run.fault(path("evidence"), many(&item, 100, &flag), 1);
    run.fault(path("information-requests"), many(&request, 100, &late), 1);
    run.fault(path("comments"), many(&json!({"id": "", "deletionDate": null}), 100, &comment), 1);
    let answer = asked(&run, "audit_readiness", json!({}), 8_000, 9).await;
    assert_eq!((&answer["flagged"]["of"], &answer["overdue"]["of"]), (&json!(200), &json!(100)), "{answer}");
    let gaps = answer["notLookedAt"].to_string();
    assert!(gaps.contains("why 95 of 100 requests were flagged"), "{gaps}");
}
