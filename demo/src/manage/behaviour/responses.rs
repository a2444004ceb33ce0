//! Responses to the questions of a questionnaire, and exports of it.

use super::questionnaires::{LIST, in_status, path, responses};
use super::*;

/// An answered response of this kind, and its path.
fn response_of_kind(client: &mut Client, kind: &str) -> (String, Value) {
    for questionnaire in client.list(&format!("{LIST}?statusMatchesAny=IN_REVIEW&statusMatchesAny=COMPLETE"))
    {
        for response in responses(client, &questionnaire) {
            if text(&response, "answerSchema") == kind {
                return (format!("{}/responses/{}", path(&questionnaire), id(&response)), response);
            }
        }
    }
    unreachable!("no response is a {kind}")
}

#[test]
fn the_answers_are_as_far_as_the_status_says() {
    let mut client = Client::new();
    let mut open = |status: &str| {
        let one = in_status(&mut client, status);
        let all = responses(&mut client, &one);
        let open = all.iter().filter(|response| response["originType"].is_null()).count();
        let approved = all.iter().filter(|response| response["approvedBy"].is_object()).count();
        (all.len(), open, approved)
    };
    assert_eq!(open("COMPLETE"), (8, 0, 8));
    assert_eq!(open("IN_REVIEW"), (8, 0, 4));
    assert_eq!(open("WAITING_ON_ANSWERS"), (8, 4, 0));
    assert_eq!(open("EXTRACTING_QUESTIONS"), (0, 0, 0));
    let one = in_status(&mut client, "IN_PROGRESS");
    let all = responses(&mut client, &one);
    assert_eq!(all.iter().filter(|response| response["isPendingAnswerGeneration"] == true).count(), 1);
    let labels: Vec<&str> = all.iter().map(|response| text(response, "sequenceLabel")).collect();
    assert_eq!(labels, ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1", "3.2"]);
    let found = client.list(&format!("{}/responses?q=MULTI-FACTOR", path(&one)));
    assert_eq!(found.len(), 1);
    let evidence = all.iter().find_map(|response| response["attachedEvidence"][0].as_object()).unwrap();
    let resource = evidence["id"].as_str().unwrap();
    assert_eq!(client.get(&format!("knowledge-base/resources/{resource}"))["title"], evidence["title"]);
    client.send("DELETE", &format!("knowledge-base/resources/{resource}"), Value::Null);
    let left = responses(&mut client, &one);
    assert!(!json!(left).to_string().contains(resource));
}

#[test]
fn an_answer_is_changed_part_by_part() {
    let mut client = Client::new();
    let (path, before) = response_of_kind(&mut client, "SINGLE_SELECT_WITH_COMMENT");
    let (status, _) = client.send("PATCH", &path, json!({ "answerPartsValues": { "choice": "No" } }));
    let changed = client.get(&path);
    assert_eq!((status, &changed["answerPartsValues"]["choice"]), (200, &json!("No")));
    assert_eq!(changed["answerPartsValues"]["comment"], before["answerPartsValues"]["comment"]);
    assert_eq!((&changed["approvedBy"], text(&changed, "originType")), (&Value::Null, "MANUAL"));
    assert!(changed["editedBy"].is_object());
    client.send("PATCH", &path, json!({ "answerPartsValues": { "choice": null, "comment": null } }));
    let cleared = client.get(&path);
    assert_eq!(cleared["answerPartsValues"], json!({ "choice": null, "comment": null }));
    assert_eq!(cleared["originType"], Value::Null);
    let (several, _) = response_of_kind(&mut client, "MULTI_SELECT");
    let (number, _) = response_of_kind(&mut client, "NUMBER");
    let cases = [
        (&path, json!({ "choice": "Perhaps" })),
        (&path, json!({ "comment": 3 })),
        (&path, json!({ "verdict": "Yes" })),
        (&several, json!({ "choices": ["Nowhere"] })),
        (&several, json!({ "choices": "SOC 2" })),
        (&number, json!({ "number": "three" })),
    ];
    for (path, values) in cases {
        let body = json!({ "answerPartsValues": values });
        assert_eq!(client.send("PATCH", path, body.clone()).0, 422, "{body}");
    }
    assert_eq!(client.get(&path), cleared);
    assert_eq!(client.send("PATCH", &path, json!({})).0, 422);
    assert_eq!(client.send("PATCH", &number, json!({ "answerPartsValues": { "number": 7 } })).0, 200);
    assert_eq!(client.get(&number)["answerPartsValues"]["number"], 7);
}

#[test]
fn a_response_has_an_owner_and_belongs_to_one_questionnaire() {
    let mut client = Client::new();
    let (one, other) = (in_status(&mut client, "IN_PROGRESS"), in_status(&mut client, "IN_REVIEW"));
    let response = id(&responses(&mut client, &one)[0]);
    let owner = format!("{}/responses/{response}/owner", path(&one));
    let person = id(&client.list("people")[4]);
    let body = json!({ "ownerAssignment": { "type": "User", "id": person } });
    assert_eq!(client.send("PATCH", &owner, body).0, 200);
    let target = format!("{}/responses/{response}", path(&one));
    assert_eq!(client.get(&target)["ownerAssignment"]["id"], json!(person));
    assert_eq!(client.send("PATCH", &owner, json!({})).0, 422);
    assert_eq!(client.send("PATCH", &owner, json!({ "ownerAssignment": { "type": "User" } })).0, 422);
    let nobody = json!({ "ownerAssignment": { "type": "User", "id": "nobody" } });
    assert_eq!(client.send("PATCH", &owner, nobody).0, 404);
    assert_eq!(client.send("PATCH", &owner, json!({ "ownerAssignment": null })).0, 200);
    assert_eq!(client.get(&target)["ownerAssignment"], Value::Null);
    for missing in
        [format!("{}/responses/{response}", path(&other)), format!("{}/responses/none", path(&one))]
    {
        assert_eq!(client.send("GET", &missing, Value::Null).0, 404, "{missing}");
    }
}

#[test]
fn an_export_is_done_a_little_later() {
    let mut client = Client::new();
    let target = format!("{LIST}/exports");
    let one = id(&in_status(&mut client, "COMPLETE"));
    let body = json!({ "questionnaireId": one, "format": "csv" });
    let (status, export) = client.send("POST", &target, body.clone());
    assert_eq!((status, text(&export, "status"), text(&export, "format")), (202, "pending", "csv"));
    assert_eq!(names(&export), ["format", "id", "requestedAt", "status"]);
    let path = format!("{target}/{}", id(&export));
    assert_eq!(client.get(&path), export);
    let done = client.get(&path);
    assert_eq!(text(&done, "status"), "completed");
    assert!(text(&done, "downloadUrl").contains(".csv?"));
    assert_eq!(text(&done, "expiresAt"), "2026-11-23T08:00:00.000Z");
    let (_, again) = client.send_at("2026-11-22T09:00:00Z", "GET", &path, Value::Null);
    assert_eq!(again["completedAt"], done["completedAt"]);
    assert_ne!(again["downloadUrl"], done["downloadUrl"]);
    let (_, patient) = client.send("POST", &target, body);
    let path = format!("{target}/{}", id(&patient));
    let (_, late) = client.send_at("2026-11-22T08:00:05Z", "GET", &path, Value::Null);
    assert_eq!(text(&late, "status"), "completed");
    let wrong = [
        (422, json!({ "questionnaireId": one, "format": "pdf" })),
        (422, json!({ "questionnaireId": one })),
        (404, json!({ "questionnaireId": "none", "format": "csv" })),
    ];
    for (expected, body) in wrong {
        assert_eq!(client.send("POST", &target, body.clone()).0, expected, "{body}");
    }
    assert_eq!(client.send("GET", &format!("{target}/none"), Value::Null).0, 404);
}

#[test]
fn a_portal_cannot_be_exported_in_its_original_form() {
    let mut client = Client::new();
    let portal = id(&client.list(&format!("{LIST}?typeMatchesAny=WEBSITE"))[0]);
    let body = json!({ "questionnaireId": portal, "format": "original" });
    let (_, export) = client.send("POST", &format!("{LIST}/exports"), body);
    let path = format!("{LIST}/exports/{}", id(&export));
    client.get(&path);
    let failed = client.get(&path);
    assert_eq!(text(&failed, "status"), "failed");
    assert_eq!(names(&failed), ["errorMessage", "failedAt", "format", "id", "requestedAt", "status"]);
}
