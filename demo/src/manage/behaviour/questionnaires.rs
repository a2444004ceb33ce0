//! Questionnaires of customers: finding, creating and answering them, and what becomes of them.

use super::customer_trust::tag;
use super::*;

pub(super) const LIST: &str = "customer-trust/questionnaires";

/// The first questionnaire in this status.
pub(super) fn in_status(client: &mut Client, status: &str) -> Value {
    client.list(&format!("{LIST}?statusMatchesAny={status}")).remove(0)
}

pub(super) fn path(questionnaire: &Value) -> String {
    format!("{LIST}/{}", id(questionnaire))
}

pub(super) fn responses(client: &mut Client, questionnaire: &Value) -> Vec<Value> {
    client.list(&format!("{}/responses", path(questionnaire)))
}

#[test]
fn questionnaires_hang_together_with_accounts_people_and_tags() {
    let mut client = Client::new();
    let users: Vec<String> = client.list("users").iter().map(id).collect();
    let groups: Vec<String> = client.list("groups").iter().map(id).collect();
    let accounts: Vec<String> = client.list("customer-trust/accounts").iter().map(id).collect();
    let all = client.list(LIST);
    assert_eq!(all.len(), 13);
    for one in &all {
        assert_eq!(client.get(&path(one)), *one);
        let account = &one["customerTrustAccountId"];
        assert!(account.is_null() || accounts.iter().any(|id| account == id));
        for (assignment, user) in [("ownerAssignment", "owner"), ("approverAssignment", "approver")] {
            let known = match text(&one[assignment], "type") {
                "User" => users.contains(&id(&one[assignment])) && one[user]["email"].is_string(),
                "Team" => groups.contains(&id(&one[assignment])) && one[user].is_null(),
                _ => one[assignment].is_null() && one[user].is_null(),
            };
            assert!(
                known && (one[assignment].is_null() || one[assignment]["displayName"].is_string()),
                "{one}"
            );
        }
        assert!(one["tagIdentifiers"][0]["tagName"].is_string());
        assert_eq!(one["statusLog"][0]["status"], one["status"]);
        let dates: Vec<&str> =
            one["statusLog"].as_array().unwrap().iter().map(|entry| text(entry, "updatedAt")).collect();
        assert!(dates.is_sorted_by(|later, earlier| later >= earlier), "{dates:?}");
    }
    let late = |one: &&Value| one["dueDate"].is_string() && text(one, "dueDate") < NOW;
    assert!(all.iter().filter(late).count() > 2);
}

#[test]
fn a_questionnaire_has_every_property() {
    let mut client = Client::new();
    let one = in_status(&mut client, "ON_HOLD");
    let listed = [
        "id",
        "displayName",
        "url",
        "type",
        "status",
        "statusLog",
        "approver",
        "companyUrl",
        "description",
        "dueDate",
        "metadata",
        "owner",
        "tagIdentifiers",
        "createdDate",
        "updatedDate",
        "ownerAssignment",
        "approverAssignment",
        "customerTrustAccountId",
        "tagAndCategoryIds",
        "completedDate",
    ];
    assert!(!listed.is_empty() && listed.iter().all(|name| one.get(*name).is_some()), "{one}");
    assert!(one.get("readBy").is_none());
    let expected = [
        "answer",
        "answerPartsSchema",
        "answerPartsValues",
        "answerSchema",
        "approvedBy",
        "attachedEvidence",
        "editedBy",
        "generatedAnswerLogId",
        "id",
        "isPendingAnswerGeneration",
        "originType",
        "ownerAssignment",
        "question",
        "sectionId",
        "sequenceLabel",
    ];
    assert_eq!(names(&responses(&mut client, &one)[0]), expected);
}

#[test]
fn each_filter_of_questionnaires_narrows_them() {
    let mut client = Client::new();
    let all = client.list(LIST);
    let with_owner = all.iter().find(|one| one["owner"].is_object()).unwrap();
    let with_approver = all.iter().find(|one| one["approver"].is_object()).unwrap();
    let filters = [
        "q=BRIGHTWATER".to_owned(),
        "statusMatchesAny=COMPLETE&statusMatchesAny=ERROR".to_owned(),
        "typeMatchesAny=WEBSITE".to_owned(),
        "createdAfter=2026-11-01".to_owned(),
        "createdBefore=2026-11-01".to_owned(),
        format!("ownerIdMatchesAny={}", id(&with_owner["owner"])),
        format!("approverIdMatchesAny={}", id(&with_approver["approver"])),
    ];
    for filter in filters {
        let found = client.list(&format!("{LIST}?{filter}")).len();
        assert!((1..all.len()).contains(&found), "{filter}: {found}");
    }
    let count = |client: &mut Client, filter: &str| client.list(&format!("{LIST}?{filter}")).len();
    let halves = ["createdAfter=2026-11-01", "createdBefore=2026-11-01"].map(|half| count(&mut client, half));
    assert_eq!(halves[0] + halves[1], all.len());
    for site in client.list(&format!("{LIST}?typeMatchesAny=WEBSITE")) {
        assert_eq!(text(&site, "type"), "PORTAL");
    }
    for unknown in ["statusMatchesAny=DONE", "typeMatchesAny=PORTAL"] {
        assert_eq!(count(&mut client, unknown), 0, "{unknown}");
    }
    assert_eq!(client.send("GET", &format!("{LIST}?createdAfter=soon"), Value::Null).0, 400);
}

#[test]
fn those_who_may_be_assigned_are_users() {
    let mut client = Client::new();
    let mut users = |query: &str| {
        let answer = client.get(&format!("{LIST}/assignable-users?{query}"));
        assert_eq!((names(&answer["results"]), answer.as_object().unwrap().len()), (vec!["data"], 1));
        answer["results"]["data"].as_array().unwrap().clone()
    };
    let (owners, approvers) = (users("role=owner"), users("role=approver"));
    assert!(approvers.len() > 2 && approvers.len() < owners.len());
    assert_eq!((names(&owners[0]), users("")), (vec!["displayName", "id"], owners.clone()));
    let first = text(&owners[0], "displayName").to_uppercase();
    assert_eq!(users(&format!("q={}", first.replace(' ', "%20")))[0], owners[0]);
    assert_eq!(client.send("GET", &format!("{LIST}/assignable-users?role=king"), Value::Null).0, 400);
}

#[test]
fn a_file_becomes_a_questionnaire_whose_questions_are_read_a_little_later() {
    let mut client = Client::new();
    let (category, product) = tag(&mut client, "Product", "Analytics");
    let person = id(&client.list("people")[2]);
    let account = id(&client.list("customer-trust/accounts")[0]);
    let body = json!({
        "file": { "fileName": "Questions.XLSX", "mimeType": "application/octet-stream", "bytes": 9 },
        "displayName": "Spring check", "customerTrustAccountId": account, "dueDate": "2026-12-01",
        "ownerAssignment": json!({ "type": "User", "id": person }).to_string(),
        "metadata": json!([{ "key": "deal.size", "value": "42" }]).to_string(),
        "tagAndCategoryIds": json!([{ "categoryId": category, "tagId": product }]).to_string(),
        "includeUntaggedEntitiesForCategoryIds": format!("{category}, "),
    });
    let (status, created) = client.send("POST", &format!("{LIST}/file"), body);
    assert_eq!((status, text(&created, "type")), (201, "FILE"));
    assert_eq!(text(&created, "status"), "QUEUED_FOR_EXTRACTION");
    assert_eq!(created["metadata"], json!([{ "key": "deal.size", "value": "42" }]));
    assert_eq!(
        (&created["owner"]["id"], &created["tagIdentifiers"][0]["tagName"]),
        (&json!(person), &json!("Analytics"))
    );
    assert_eq!(created["includeUntaggedEntitiesForCategoryIds"], json!([category]));
    let path = path(&created);
    assert_eq!(client.get(&path), created);
    assert!(responses(&mut client, &created).is_empty());
    for action in ["approve", "complete"] {
        assert_eq!(client.send("POST", &format!("{path}/{action}"), Value::Null).0, 422, "{action}");
    }
    assert_eq!(client.send("PATCH", &path, json!({ "status": "ON_HOLD" })).0, 422);
    let (_, later) = client.send_at("2026-11-22T08:00:11Z", "GET", &path, Value::Null);
    assert_eq!((text(&later, "status"), later["statusLog"].as_array().unwrap().len()), ("IN_PROGRESS", 2));
    let questions = responses(&mut client, &created);
    let open = questions.iter().filter(|response| response["originType"].is_null()).count();
    assert_eq!((questions.len(), open), (8, 2));
}

#[test]
fn a_portal_becomes_a_questionnaire() {
    let mut client = Client::new();
    let path_of_new = format!("{LIST}/website");
    let body = json!({
        "displayName": "Portal of Wexcombe", "url": "https://portal.wexcombe.example/7",
        "companyUrl": "wexcombe.example", "description": "Second round",
    });
    let (status, created) = client.send("POST", &path_of_new, body);
    assert_eq!((status, text(&created, "type")), (201, "PORTAL"));
    let read = client.get(&path(&created));
    assert_eq!(
        (text(&read, "url"), text(&read, "description")),
        ("https://portal.wexcombe.example/7", "Second round")
    );
    let with = |key: &str, value: Value| {
        let mut body = json!({ "displayName": "A", "url": "https://a.example" });
        crate::record::set(&mut body, key, value);
        body
    };
    let many = vec![json!({ "key": "a", "value": "b" }); 31];
    let cases = [
        (400, Value::Null),
        (422, json!({ "displayName": "A" })),
        (422, with("url", json!("a portal"))),
        (422, with("dueDate", json!("soon"))),
        (422, with("metadata", json!([{ "key": "a b", "value": "c" }]))),
        (422, with("metadata", json!(many))),
        (422, with("ownerAssignment", json!({ "type": "Robot", "id": "a" }))),
        (404, with("ownerAssignment", json!({ "type": "Team", "id": "a" }))),
        (404, with("customerTrustAccountId", json!("none"))),
        (404, with("tagAndCategoryIds", json!([{ "categoryId": "a", "tagId": "b" }]))),
        (404, with("includeUntaggedEntitiesForCategoryIds", json!(["none"]))),
    ];
    for (expected, body) in cases {
        assert_eq!(client.send("POST", &path_of_new, body.clone()).0, expected, "{body}");
    }
    let file = json!({ "fileName": "a.txt", "mimeType": "text/plain", "bytes": 1 });
    let sheet = json!({ "fileName": "a.xlsx", "mimeType": "application/vnd.ms-excel", "bytes": 1 });
    let files = [
        json!({ "file": file, "displayName": "A" }),
        json!({ "displayName": "A" }),
        json!({ "file": sheet }),
        json!({ "file": sheet, "displayName": "A", "metadata": "key=value" }),
    ];
    for body in files {
        assert_eq!(client.send("POST", &format!("{LIST}/file"), body.clone()).0, 422, "{body}");
    }
    assert_eq!(client.list(LIST).len(), 14);
}

#[test]
fn a_questionnaire_is_changed_and_deleted() {
    let mut client = Client::new();
    let one = in_status(&mut client, "IN_PROGRESS");
    let path = path(&one);
    let team = id(&client.list("groups")[1]);
    let change = json!({
        "displayName": "Renamed", "dueDate": null, "status": "ON_HOLD", "approverAssignment": null,
        "ownerAssignment": { "type": "Team", "id": team }, "tagAndCategoryIds": [],
    });
    assert_eq!(client.send("PATCH", &path, change).0, 200);
    let changed = client.get(&path);
    assert_eq!((text(&changed, "displayName"), &changed["dueDate"]), ("Renamed", &Value::Null));
    assert_eq!(
        (&changed["ownerAssignment"]["displayName"], &changed["owner"]),
        (&json!("Engineering"), &Value::Null)
    );
    assert_eq!((&changed["approver"], &changed["tagIdentifiers"]), (&Value::Null, &json!([])));
    assert_eq!(changed["statusLog"][0]["status"], "ON_HOLD");
    assert_eq!(changed["metadata"], one["metadata"]);
    for wrong in [json!({ "status": "APPROVED" }), json!({ "displayName": null }), json!({ "metadata": "a" })]
    {
        assert_eq!(client.send("PATCH", &path, wrong.clone()).0, 422, "{wrong}");
    }
    assert_eq!(client.send("DELETE", &path, Value::Null).0, 204);
    for target in [path.clone(), format!("{path}/responses")] {
        assert_eq!(client.send("GET", &target, Value::Null).0, 404, "{target}");
    }
    assert_eq!(client.send("PATCH", &path, json!({})).0, 404);
    assert_eq!(client.list(LIST).len(), 12);
}

#[test]
fn approved_answers_reach_the_library_when_the_questionnaire_is_complete() {
    let mut client = Client::new();
    let library = "knowledge-base/answer-library";
    let one = in_status(&mut client, "READY_FOR_REVIEW");
    let before = client.list(library).len();
    assert!(responses(&mut client, &one).iter().all(|response| response["approvedBy"].is_null()));
    let body = json!({ "statusChangeMessage": "Looks right." });
    let (status, approved) = client.send("POST", &format!("{}/approve", path(&one)), body);
    assert_eq!((status, text(&approved, "status")), (200, "APPROVED"));
    assert_eq!(approved["statusLog"][0]["message"], "Looks right.");
    let answered = responses(&mut client, &one);
    assert!(
        !answered.is_empty() && answered.iter().all(|response| response["approvedBy"] == one["approver"])
    );
    assert_eq!(client.list(library).len(), before);
    let (_, complete) = client.send("POST", &format!("{}/complete", path(&one)), Value::Null);
    assert_eq!(
        (text(&complete, "status"), &complete["completedDate"]),
        ("COMPLETE", &json!("2026-11-22T08:00:00.000Z"))
    );
    assert_eq!(client.get(&path(&one)), complete);
    let learned = client.list(library);
    assert_eq!(learned.len(), before + answered.len());
    let question = text(&answered[0], "question");
    assert!(
        learned.iter().any(|entry| text(entry, "question") == question && !text(entry, "answer").is_empty())
    );
    client.send("POST", &format!("{}/complete", path(&one)), json!({}));
    assert_eq!(client.list(library).len(), learned.len());
    assert_eq!(client.send("POST", &format!("{LIST}/none/approve"), Value::Null).0, 404);
    let wrong = json!({ "shouldSyncApprovedToAnswerLibrary": "no" });
    assert_eq!(client.send("POST", &format!("{}/complete", path(&one)), wrong).0, 422);
}

#[test]
fn completing_teaches_the_library_nothing_where_that_is_not_wanted_or_not_approved() {
    for (status, body) in
        [("APPROVED", json!({ "shouldSyncApprovedToAnswerLibrary": false })), ("READY_FOR_REVIEW", json!({}))]
    {
        let mut client = Client::new();
        let before = client.list("knowledge-base/answer-library");
        let one = in_status(&mut client, status);
        assert_eq!(client.send("POST", &format!("{}/complete", path(&one)), body).0, 200);
        assert_eq!(client.list("knowledge-base/answer-library"), before);
    }
}
