//! The risk register: filters, scores, approval, controls.

use super::*;
use crate::record::without;

const STOLEN: &str = "patient-records-read-with-a-stolen-password";

#[test]
fn the_register_is_alphabetical_and_without_what_was_not_asked_for() {
    let mut client = Client::new();
    let risks = client.list("risk-scenarios");
    assert!(risks.len() > 10);
    assert!(risks.is_sorted_by_key(|risk| text(risk, "description").to_lowercase()));
    assert!(
        !risks.is_empty()
            && risks.iter().all(|risk| risk["type"] == "Risk Scenario" && risk["isArchived"] == false)
    );
    assert!(
        !risks.is_empty()
            && risks.iter().all(|risk| risk.get("id").is_none() && risk.get("detailedDescription").is_none())
    );
    assert_eq!(client.list("risk-scenarios?includeIgnored=true").len(), risks.len() + 1);
    let enterprise = client.list("risk-scenarios?type=Enterprise%20Risk");
    assert_eq!(enterprise.len(), 2);
    assert!(!enterprise.is_empty() && enterprise.iter().all(|risk| risk["riskRegister"].is_null()));
    let first = client.get("risk-scenarios?pageSize=1&orderBy=createdAt");
    assert_ne!(first["results"]["data"][0]["riskId"], risks[0]["riskId"]);
    assert_eq!(client.send("GET", "risk-scenarios?orderBy=owner", Value::Null).0, 400);
}

#[test]
fn every_filter_of_the_register_narrows_it() {
    let mut client = Client::new();
    let all = client.list("risk-scenarios");
    let owner = all.iter().find_map(|risk| risk["owner"].as_str()).unwrap().to_owned();
    for filter in [
        format!("ownerMatchesAny={owner}"),
        "ownerMatchesAny=No%20owner".to_owned(),
        "searchString=ransomware".to_owned(),
        "searchString=phishing".to_owned(),
        "categoryMatchesAny=Vendors&categoryMatchesAny=Legal".to_owned(),
        "categoryMatchesAny=Uncategorized".to_owned(),
        "ciaCategoryMatchesAny=Integrity".to_owned(),
        "ciaCategoryMatchesAny=Uncategorized".to_owned(),
        "treatmentTypeMatchesAny=Accept".to_owned(),
        "treatmentTypeMatchesAny=No%20treatment%20type".to_owned(),
        "inherentScoreGroupMatchesAny=Critical".to_owned(),
        "inherentScoreGroupMatchesAny=Very%20low&inherentScoreGroupMatchesAny=Low".to_owned(),
        "residualScoreGroupMatchesAny=Low".to_owned(),
        "reviewStatusMatchesAny=PENDING_APPROVAL".to_owned(),
    ] {
        let found = client.list(&format!("risk-scenarios?{filter}")).len();
        assert!((1..all.len()).contains(&found), "{filter}: {found} of {}", all.len());
    }
    let critical = client.list("risk-scenarios?inherentScoreGroupMatchesAny=Critical");
    assert!(
        critical
            .iter()
            .all(|risk| risk["likelihood"].as_u64().unwrap() * risk["impact"].as_u64().unwrap() >= 20)
    );
    assert!(client.list("risk-scenarios?treatmentTypeMatchesAny=Hope").is_empty());
}

#[test]
fn a_new_risk_can_be_found_and_changed() {
    let mut client = Client::new();
    let owner = text(&client.list("people")[4], "emailAddress").to_owned();
    let body = json!({
        "description": "Wrong units on lab results", "likelihood": 2, "impact": 5, "owner": owner,
        "categories": ["Clinical safety"], "ciaCategories": ["Integrity"], "treatment": "Mitigate",
        "customFields": [{ "label": "Reviewed with", "value": ["A", "B"] }],
    });
    let (status, created) = client.send("POST", "risk-scenarios", body.clone());
    assert_eq!((status, text(&created, "riskId")), (200, "wrong-units-on-lab-results"));
    assert_eq!((&created["reviewStatus"], &created["note"]), (&json!("DRAFT"), &Value::Null));
    assert_eq!(
        client.list("risk-scenarios?categoryMatchesAny=Clinical%20safety"),
        std::slice::from_ref(&created)
    );
    let (_, again) = client.send("POST", "risk-scenarios", body);
    assert_eq!(text(&again, "riskId"), "wrong-units-on-lab-results-2");
    let taken = json!({ "description": "x", "riskId": "wrong-units-on-lab-results" });
    assert_eq!(client.send("POST", "risk-scenarios", taken).0, 409);
    let path = "risk-scenarios/wrong-units-on-lab-results";
    let (status, changed) = client.send("PATCH", path, json!({ "owner": null, "note": "Seen twice" }));
    assert_eq!((status, &changed["owner"], &changed["note"]), (200, &Value::Null, &json!("Seen twice")));
    assert_eq!(without(&client.get(path), &["id"]), changed);
    let enterprise = json!({ "description": "A new competitor", "type": "Enterprise Risk" });
    assert_eq!(client.send("POST", "risk-scenarios", enterprise).1["riskRegister"], Value::Null);
    assert_eq!(client.list("risk-scenarios?type=Enterprise%20Risk").len(), 3);
    assert_eq!(client.send("GET", "risk-scenarios/none", Value::Null).0, 404);
}

#[test]
fn bodies_that_make_no_risk_are_refused() {
    let mut client = Client::new();
    assert_eq!(client.send("POST", "risk-scenarios", Value::Null).0, 400);
    assert_eq!(client.send("POST", "risk-scenarios", json!({})).0, 422);
    for (name, value) in [
        ("likelihood", json!(6)),
        ("impact", json!("high")),
        ("treatment", json!("Ignore")),
        ("ciaCategories", json!(["Privacy"])),
        ("categories", json!([1])),
        ("owner", json!("someone@elsewhere.example")),
        ("riskRegister", json!("Another one")),
        ("customFields", json!([{ "label": "a" }])),
        ("customFields", json!([{ "label": "Reviewed with", "value": [1] }])),
        ("detailedDescription", json!("x".repeat(10_001))),
        ("identificationDate", json!("soon")),
        ("type", json!("Small risk")),
    ] {
        let mut body = json!({ "description": "A risk" });
        body[name] = value.clone();
        assert_eq!(client.send("POST", "risk-scenarios", body).0, 422, "{name}: {value}");
        let change = json!({ name: value });
        assert_eq!(client.send("PATCH", &format!("risk-scenarios/{STOLEN}"), change).0, 422, "{name}");
    }
    let undefined = json!({ "description": "A risk", "customFields": [{ "label": "Wards", "value": "A" }] });
    assert_eq!(client.send("POST", "risk-scenarios", undefined).0, 400, "a call defines no custom field");
    let before = client.get(&format!("risk-scenarios/{STOLEN}"));
    let kind = json!({ "type": "Risk Scenario", "note": "changed" });
    assert_eq!(client.send("PATCH", &format!("risk-scenarios/{STOLEN}"), kind).0, 422);
    assert_eq!(client.get(&format!("risk-scenarios/{STOLEN}")), before);
    let both = json!({ "description": "x", "type": "Enterprise Risk", "riskRegister": "Company register" });
    assert_eq!(client.send("POST", "risk-scenarios", both).0, 422);
}

#[test]
fn approval_is_asked_for_withdrawn_and_lost_by_a_change() {
    let mut client = Client::new();
    let path = format!("risk-scenarios/{STOLEN}");
    assert_eq!(client.get(&path)["reviewStatus"], "APPROVED");
    assert_eq!(client.send("POST", &format!("{path}/submit-for-approval"), Value::Null).0, 422);
    client.send("PATCH", &path, json!({ "impact": 4 }));
    assert_eq!(client.get(&path)["reviewStatus"], "AWAITING_SUBMISSION");
    let (status, asked) =
        client.send("POST", &format!("{path}/submit-for-approval"), json!({ "comment": "Please" }));
    assert_eq!((status, &asked["reviewStatus"]), (200, &json!("PENDING_APPROVAL")));
    assert!(!asked["requiredApprovers"].as_array().unwrap().is_empty());
    assert_eq!(client.send("POST", &format!("{path}/submit-for-approval"), json!({})).0, 422);
    let (status, withdrawn) = client.send("POST", &format!("{path}/cancel-approval-request"), Value::Null);
    assert_eq!((status, &withdrawn["reviewStatus"]), (200, &json!("AWAITING_SUBMISSION")));
    assert_eq!(client.send("POST", &format!("{path}/cancel-approval-request"), Value::Null).0, 422);
    assert_eq!(without(&client.get(&path), &["id"]), withdrawn);
}

#[test]
fn controls_are_tied_to_risks_and_there_are_such_controls() {
    let mut client = Client::new();
    for risk in client.list("risk-scenarios?includeIgnored=true") {
        for tie in client.list(&format!("risk-scenarios/{}/controls", text(&risk, "riskId"))) {
            client.get(&format!("controls/{}", text(&tie, "controlId")));
        }
    }
    let full = client.0.risks.in_full(&client.0.controls);
    let tied: usize = full.iter().map(|risk| risk["controlIds"].as_array().unwrap().len()).sum();
    assert_eq!(
        tied,
        client.0.risks.ties(),
        "a control that is named in the catalog is none of the company's"
    );

    let path = format!("risk-scenarios/{STOLEN}/controls");
    let before = client.list(&path);
    let control =
        client.list("controls").into_iter().find(|control| id(control) == "secrets-kept-in-a-vault").unwrap();
    let body = json!({ "controlId": control["externalId"], "controlType": "TREATMENT_PLAN" });
    let (status, tie) = client.send("POST", &path, body.clone());
    assert_eq!(
        (status, &tie),
        (200, &json!({ "controlId": "secrets-kept-in-a-vault", "controlType": "TREATMENT_PLAN" }))
    );
    assert_eq!(client.send("POST", &path, body).0, 409);
    let target = format!("{path}/secrets-kept-in-a-vault");
    assert_eq!(client.send("PATCH", &target, json!({ "controlType": "EXISTING" })).0, 200);
    assert_eq!(client.list(&path).last().unwrap()["controlType"], "EXISTING");
    assert_eq!(client.send("PATCH", &target, json!({ "controlType": "SOME" })).0, 422);
    assert_eq!(client.send("DELETE", &target, Value::Null).0, 204);
    assert_eq!(client.send("DELETE", &target, Value::Null).0, 404);
    assert_eq!(client.send("PATCH", &target, json!({ "controlType": "EXISTING" })).0, 404);
    assert_eq!(client.list(&path), before);
    assert_eq!(client.send("POST", &path, json!({ "controlId": "none" })).0, 404);
    let gone = text(&before[0], "controlId").to_owned();
    client.send("DELETE", &format!("controls/{gone}"), Value::Null);
    assert_eq!(client.list(&path).len(), before.len() - 1);
}
