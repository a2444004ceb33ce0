//! The answer library, and the resources of the knowledge base.

use super::customer_trust::tag;
use super::*;

const LIBRARY: &str = "knowledge-base/answer-library";
const RESOURCES: &str = "knowledge-base/resources";

fn pair((category, tag): &(String, String)) -> Value {
    json!({ "categoryId": category, "tagId": tag })
}

fn called(client: &mut Client, title: &str) -> String {
    let all = client.list(RESOURCES);
    id(all.iter().find(|resource| text(resource, "title") == title).unwrap())
}

fn sheet(name: &str) -> Value {
    json!({ "fileName": name, "mimeType": "application/pdf", "bytes": 5 })
}

#[test]
fn each_filter_of_the_knowledge_base_narrows_it() {
    let mut client = Client::new();
    let hipaa = tag(&mut client, "Framework", "HIPAA");
    let tags = in_query(&json!([pair(&hipaa)]));
    for list in [LIBRARY, RESOURCES] {
        let all = client.list(list).len();
        assert_eq!(all, 12);
        let word = if list == LIBRARY { "q=quarter%20OWNERS" } else { "q=report%20soc" };
        let filters = [
            word.to_owned(),
            format!("matchesTags={tags}"),
            "expiresBefore=2026-11-22T08:00:00Z".to_owned(),
            "expiresAfter=2026-11-22T08:00:00Z".to_owned(),
            "lastUpdatedAfter=2026-08-01".to_owned(),
            "lastUpdatedBefore=2026-08-01".to_owned(),
        ];
        for filter in filters {
            let found = client.list(&format!("{list}?{filter}")).len();
            assert!((1..all).contains(&found), "{list}?{filter}: {found}");
        }
        for wrong in ["matchesTags=HIPAA", "matchesTags=[{}]", "matchesTags={}", "expiresAfter=soon"] {
            assert_eq!(client.send("GET", &format!("{list}?{wrong}"), Value::Null).0, 400, "{wrong}");
        }
        let expired = client.list(&format!("{list}?expiresBefore=2026-11-22T08:00:00Z"));
        assert!(!expired.is_empty() && expired.iter().all(|one| one["expirationStatus"] == "EXPIRED"));
        let expired_too = client.list(list).iter().filter(|one| one["expirationStatus"] == "EXPIRED").count();
        assert_eq!(expired.len(), expired_too);
    }
    let pages = client.list(&format!("{RESOURCES}?typeMatchesAny=URL"));
    assert_eq!((pages.len(), client.list(&format!("{RESOURCES}?typeMatchesAny=FILE")).len()), (4, 8));
    assert!(client.list(&format!("{RESOURCES}?typeMatchesAny=PAGE")).is_empty());
}

#[test]
fn tags_narrow_answers_by_any_and_resources_by_each_category() {
    let mut client = Client::new();
    let [hipaa, soc] = ["HIPAA", "SOC 2"].map(|name| tag(&mut client, "Framework", name));
    let care = tag(&mut client, "Product", "Care platform");
    let mut count = |list: &str, tags: &[&(String, String)]| {
        let tags = in_query(&tags.iter().map(|tag| pair(tag)).collect());
        client.list(&format!("{list}?matchesTags={tags}")).len()
    };
    for list in [LIBRARY, RESOURCES] {
        let apart = count(list, &[&hipaa]) + count(list, &[&soc]);
        assert_eq!(count(list, &[&hipaa, &soc]), apart);
    }
    let apart = count(LIBRARY, &[&hipaa]) + count(LIBRARY, &[&care]);
    assert_eq!(count(LIBRARY, &[&hipaa, &care]), apart);
    assert_eq!(count(RESOURCES, &[&hipaa, &care]), 0);
    let attestation = called(&mut client, "HIPAA attestation");
    let body = json!({ "tags": [pair(&hipaa), pair(&care)] });
    client.send("PATCH", &format!("{RESOURCES}/documents/{attestation}"), body);
    let tags = in_query(&json!([pair(&hipaa), pair(&care)]));
    assert_eq!(client.list(&format!("{RESOURCES}?matchesTags={tags}")).len(), 1);
}

#[test]
fn an_answer_is_created_changed_and_deleted() {
    let mut client = Client::new();
    let soc = tag(&mut client, "Framework", "SOC 2");
    let person = id(&client.list("people")[3]);
    let body = json!({
        "question": "Do you scan dependencies?", "answer": "Yes.", "expirationDate": "2026-11-21",
        "ownerAssignment": { "type": "User", "id": person }, "tags": [pair(&soc), pair(&soc)],
    });
    let (status, created) = client.send("POST", LIBRARY, body);
    let expected = [
        "answer",
        "expirationDate",
        "expirationStatus",
        "id",
        "lastUpdated",
        "lastVerified",
        "ownerAssignment",
        "question",
        "tags",
    ];
    assert_eq!((status, names(&created)), (200, expected.to_vec()));
    assert_eq!(
        (text(&created, "expirationStatus"), created["tags"].as_array().unwrap().len()),
        ("EXPIRED", 1)
    );
    assert_eq!(created["ownerAssignment"]["id"], json!(person));
    let path = format!("{LIBRARY}/{}", id(&created));
    assert_eq!(client.get(&path), created);
    let change =
        json!({ "answer": "On each change.", "ownerAssignment": null, "expirationDate": null, "tags": [] });
    client.send_at("2026-11-23T00:00:00Z", "PATCH", &path, change);
    let changed = client.get(&path);
    assert_eq!(
        (text(&changed, "answer"), text(&changed, "question")),
        ("On each change.", "Do you scan dependencies?")
    );
    assert_eq!((&changed["ownerAssignment"], &changed["tags"]), (&Value::Null, &json!([])));
    assert_eq!(
        (text(&changed, "expirationStatus"), text(&changed, "lastUpdated")),
        ("CURRENT", "2026-11-23T00:00:00.000Z")
    );
    assert_eq!(client.send("DELETE", &path, Value::Null).0, 204);
    for (method, target) in
        [("GET", path.clone()), ("PATCH", path.clone()), ("POST", format!("{path}/verify"))]
    {
        assert_eq!(client.send(method, &target, Value::Null).0, 404, "{method} {target}");
    }
    let wrong = [
        (400, Value::Null),
        (422, json!({ "question": "Why?" })),
        (422, json!({ "question": "Why?", "answer": "So.", "tags": "SOC 2" })),
        (
            422,
            json!({ "question": "Why?", "answer": "So.", "ownerAssignment": { "type": "Team", "id": "a" } }),
        ),
        (
            404,
            json!({ "question": "Why?", "answer": "So.", "ownerAssignment": { "type": "User", "id": "a" } }),
        ),
    ];
    for (expected, body) in wrong {
        assert_eq!(client.send("POST", LIBRARY, body.clone()).0, expected, "{body}");
    }
    assert_eq!(client.list(LIBRARY).len(), 12);
}

#[test]
fn what_is_verified_is_good_again() {
    let mut client = Client::new();
    for list in [LIBRARY, RESOURCES] {
        let expired = client.list(&format!("{list}?expiresBefore=2026-11-22T08:00:00Z"));
        let path = format!("{list}/{}", id(&expired[0]));
        let (status, verified) = client.send("POST", &format!("{path}/verify"), Value::Null);
        assert_eq!((status, text(&verified, "expirationStatus")), (200, "CURRENT"));
        assert_eq!(text(&verified, "expirationDate"), "2027-05-21T08:00:00.000Z");
        assert_eq!(text(&verified, "lastVerified"), "2026-11-22T08:00:00.000Z");
        assert_eq!(client.get(&path), verified);
        assert_eq!(
            client.list(&format!("{list}?expiresBefore=2026-11-22T08:00:00Z")).len(),
            expired.len() - 1
        );
        client.send("POST", &format!("{path}/verify"), json!({ "expirationDate": "2026-12-24" }));
        assert_eq!(text(&client.get(&path), "expirationDate"), "2026-12-24T00:00:00.000Z");
        assert_eq!(
            client.send("POST", &format!("{path}/verify"), json!({ "expirationDate": "soon" })).0,
            422
        );
    }
}

#[test]
fn a_document_is_created_changed_replaced_and_deleted() {
    let mut client = Client::new();
    let soc = tag(&mut client, "Framework", "SOC 2");
    let person = id(&client.list("people")[3]);
    let body = json!({
        "file": sheet("bridge.pdf"), "title": "Bridge letter", "description": "Until the next report",
        "ownerAssignment": json!({ "type": "User", "id": person }).to_string(),
        "customerVisibility": "REQUEST_ACCESS", "isUsedInQuestionnaires": "true",
        "tags": json!([pair(&soc)]).to_string(), "categoryId": "reports",
    });
    let (status, created) = client.send("POST", &format!("{RESOURCES}/documents"), body);
    let expected = [
        "categoryId",
        "customerVisibility",
        "description",
        "downloadPermission",
        "expirationDate",
        "expirationStatus",
        "fileUrl",
        "id",
        "isUsedInQuestionnaires",
        "lastUpdated",
        "lastVerified",
        "ownerAssignment",
        "tags",
        "title",
        "type",
    ];
    assert_eq!((status, names(&created)), (200, expected.to_vec()));
    assert_eq!(
        (&created["isUsedInQuestionnaires"], &created["tags"][0]["tagName"]),
        (&json!(true), &json!("SOC 2"))
    );
    assert!(text(&created, "fileUrl").contains("/bridge.pdf?"));
    assert_eq!(
        (text(&created, "categoryId"), &created["ownerAssignment"]["id"]),
        ("reports", &json!(person))
    );
    let path = format!("{RESOURCES}/{}", id(&created));
    assert_eq!(client.get(&path), created);
    let own = format!("{RESOURCES}/documents/{}", id(&created));
    let change = json!({
        "title": "Letter", "customerVisibility": "PRIVATE", "downloadPermission": "VIEW_AND_DOWNLOAD",
        "description": null, "isUsedInQuestionnaires": false,
    });
    client.send("PATCH", &own, change);
    let changed = client.get(&path);
    assert_eq!(
        (text(&changed, "title"), text(&changed, "downloadPermission")),
        ("Letter", "VIEW_AND_DOWNLOAD")
    );
    assert_eq!((&changed["categoryId"], &changed["description"]), (&Value::Null, &Value::Null));
    let (status, replaced) = client.send_at(
        "2026-11-24T00:00:00Z",
        "POST",
        &format!("{own}/upload"),
        json!({ "file": sheet("b2.pdf") }),
    );
    assert_eq!((status, text(&replaced, "lastUpdated")), (200, "2026-11-24T00:00:00.000Z"));
    assert!(text(&client.get(&path), "fileUrl").contains("/b2.pdf?"));
    let (_, later) = client.send_at("2026-11-24T01:00:00Z", "GET", &path, Value::Null);
    assert_ne!(later["fileUrl"], replaced["fileUrl"]);
    assert_eq!(client.send("DELETE", &path, Value::Null).0, 204);
    for (method, target) in [("GET", path), ("PATCH", own.clone()), ("POST", format!("{own}/upload"))] {
        assert_eq!(client.send(method, &target, Value::Null).0, 404, "{method} {target}");
    }
}

#[test]
fn wrong_documents_are_refused() {
    let mut client = Client::new();
    let with = |key: &str, value: Value| {
        let mut body = json!({ "file": sheet("a.pdf"), "title": "A" });
        crate::record::set(&mut body, key, value);
        body
    };
    let cases = [
        (422, json!({ "title": "A" })),
        (422, json!({ "file": sheet("a.pdf") })),
        (422, with("customerVisibility", json!("EVERYONE"))),
        (422, with("downloadPermission", json!("PRINT"))),
        (422, with("isUsedInQuestionnaires", json!("often"))),
        (422, with("tags", json!("SOC 2"))),
        (422, with("ownerAssignment", json!("someone"))),
        (404, with("ownerAssignment", json!(r#"{"type":"User","id":"nobody"}"#))),
        (422, with("categoryId", json!("reports"))),
    ];
    for (expected, body) in cases {
        let (status, _) = client.send("POST", &format!("{RESOURCES}/documents"), body.clone());
        assert_eq!(status, expected, "{body}");
    }
    let report = called(&mut client, "SOC 2 Type 2 report");
    let path = format!("{RESOURCES}/documents/{report}");
    let before = client.get(&format!("{RESOURCES}/{report}"));
    for body in [
        json!({ "customerVisibility": "EVERYONE" }),
        json!({ "customerVisibility": "PRIVATE", "categoryId": "reports" }),
        json!({ "isUsedInQuestionnaires": "true" }),
        json!({ "title": null }),
    ] {
        assert_eq!(client.send("PATCH", &path, body.clone()).0, 422, "{body}");
    }
    assert_eq!(client.send("POST", &format!("{path}/upload"), json!({})).0, 422);
    assert_eq!(client.get(&format!("{RESOURCES}/{report}")), before);
    assert_eq!(client.list(RESOURCES).len(), 12);
}

#[test]
fn a_web_page_is_for_everyone_or_for_nobody_and_keeps_its_address() {
    let mut client = Client::new();
    let pages = format!("{RESOURCES}/webpages");
    let body =
        json!({ "title": "Changelog", "url": "https://quillmere.example/changes", "includeSubPages": true });
    let (status, created) = client.send("POST", &pages, body);
    let expected = [
        "categoryId",
        "customerVisibility",
        "description",
        "expirationDate",
        "expirationStatus",
        "id",
        "includeSubPages",
        "isUsedInQuestionnaires",
        "lastUpdated",
        "lastVerified",
        "ownerAssignment",
        "tags",
        "title",
        "type",
        "url",
    ];
    assert_eq!((status, names(&created)), (200, expected.to_vec()));
    assert_eq!((text(&created, "type"), text(&created, "customerVisibility")), ("URL", "PRIVATE"));
    let (page, path) = (format!("{pages}/{}", id(&created)), format!("{RESOURCES}/{}", id(&created)));
    for visibility in ["SHAREABLE", "REQUEST_ACCESS"] {
        let body = json!({ "customerVisibility": visibility });
        assert_eq!(client.send("PATCH", &page, body).0, 422, "{visibility}");
    }
    assert_eq!(client.send("PATCH", &page, json!({ "categoryId": "news" })).0, 422);
    let change = json!({
        "title": "Changes", "url": "https://elsewhere.example", "customerVisibility": "PUBLIC",
        "categoryId": "news", "includeSubPages": false,
    });
    assert_eq!(client.send("PATCH", &page, change).0, 200);
    let changed = client.get(&path);
    assert_eq!(
        (text(&changed, "title"), text(&changed, "url")),
        ("Changes", "https://quillmere.example/changes")
    );
    assert_eq!((text(&changed, "categoryId"), &changed["includeSubPages"]), ("news", &json!(false)));
    for (expected, body) in [
        (422, json!({ "title": "A" })),
        (422, json!({ "title": "A", "url": "quillmere" })),
        (422, json!({ "title": "A", "url": "https://a.example", "customerVisibility": "SHAREABLE" })),
    ] {
        assert_eq!(client.send("POST", &pages, body.clone()).0, expected, "{body}");
    }
    let report = called(&mut client, "SOC 2 Type 2 report");
    assert_eq!(client.send("PATCH", &format!("{pages}/{report}"), json!({})).0, 404);
    assert_eq!(client.send("PATCH", &format!("{RESOURCES}/documents/{}", id(&created)), json!({})).0, 404);
    assert_eq!(client.send("DELETE", &path, Value::Null).0, 204);
    assert_eq!(client.send("GET", &path, Value::Null).0, 404);
}
