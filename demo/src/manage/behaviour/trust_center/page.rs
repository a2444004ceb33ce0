//! The Trust Center's own settings, its badges, questions and subprocessors.

use super::*;

fn picture(part: &str) -> Value {
    json!({ part: { "fileName": "a.png", "mimeType": "image/png", "bytes": 7 } })
}

fn text_file(part: &str) -> Value {
    json!({ part: { "fileName": "a.txt", "mimeType": "text/plain", "bytes": 7 } })
}

#[test]
fn settings_are_changed_one_by_one_and_read_again() {
    let mut client = Client::new();
    let before = client.get(CENTER);
    assert_eq!(before["customDomain"], "trust.quillmere.example");
    let change = json!({
        "title": null,
        "companyDescription": "Video visits.",
        "isPublic": false,
        "controlVisibilityMode": "SHOW_ALL_WITH_STATUS",
        "bannerSetting": { "setting": "GRADIENT", "endColor": "#000000" },
        "customTheme": { "primary": null, "secondary": "#123456" },
    });
    let (status, answer) = client.send("PATCH", CENTER, change);
    let after = client.get(CENTER);
    assert_eq!((status, &answer), (200, &after));
    assert_eq!((&after["title"], &after["isPublic"]), (&Value::Null, &json!(false)));
    assert_eq!(after["controlVisibilityMode"], "SHOW_ALL_WITH_STATUS");
    assert_eq!(after["privacyPolicy"], before["privacyPolicy"]);
    assert_eq!(after["bannerSetting"]["startColor"], before["bannerSetting"]["startColor"]);
    assert_eq!(after["bannerSetting"]["endColor"], "#000000");
    assert_eq!(after["customTheme"], json!({ "primary": null, "secondary": "#123456" }));
    assert_ne!(after["updatedDate"], before["updatedDate"]);
    client.send("PATCH", CENTER, json!({ "bannerSetting": { "setting": "MINIMAL" } }));
    let plain = json!({ "setting": "MINIMAL", "startColor": null, "endColor": null });
    assert_eq!(client.get(CENTER)["bannerSetting"], plain);
}

#[test]
fn wrong_settings_change_nothing() {
    let mut client = Client::new();
    let before = client.get(CENTER);
    for wrong in [
        json!({ "title": "New", "isPublic": "yes" }),
        json!({ "title": "New", "bannerSetting": {} }),
        json!({ "title": "New", "bannerSetting": { "setting": "CUSTOM_IMAGE" } }),
        json!({ "title": "New", "customTheme": { "primary": 7 } }),
        json!({ "title": "New", "privacyPolicy": "our policy" }),
        json!({ "title": "New", "contactEmail": "nobody" }),
        json!({ "title": "New", "controlVisibilityMode": "SHOW_NOTHING" }),
    ] {
        assert_eq!(client.send("PATCH", CENTER, wrong.clone()).0, 422, "{wrong}");
    }
    assert_eq!(client.send("PATCH", CENTER, json!(["title"])).0, 400);
    assert_eq!(client.get(CENTER), before);
}

#[test]
fn a_favicon_is_a_picture() {
    let mut client = Client::new();
    assert_eq!(
        client.ask_center("POST", "favicon", picture("favicon")),
        (200, json!({ "isSuccessful": true }))
    );
    assert_eq!(client.ask_center("POST", "favicon", picture("file")).0, 422);
    assert_eq!(client.ask_center("POST", "favicon", text_file("favicon")).0, 422);
}

#[test]
fn videos_and_kinds_of_data_are_replaced_as_a_whole() {
    let mut client = Client::new();
    let videos = json!([{ "url": "https://youtu.be/abc", "title": "Tour" }]);
    let (status, answer) = client.ask_center("PUT", "videos", json!({ "videos": videos }));
    let kept = json!([{ "url": "https://youtu.be/abc", "title": "Tour", "description": null }]);
    assert_eq!((status, &answer["results"]), (200, &kept));
    for url in ["https://videos.example/abc", "abc"] {
        let videos = json!({ "videos": [{ "url": url, "title": "Tour" }] });
        assert_eq!(client.ask_center("PUT", "videos", videos).0, 422, "{url}");
    }
    assert_eq!(client.ask_center("PUT", "videos", json!({ "videos": [{ "title": "Tour" }] })).0, 422);

    let data = json!([{ "dataCollected": "Shoe size", "status": "HIDDEN" }]);
    let body = json!({ "dataCollected": data, "dataCollectedHeading": "Data" });
    assert_eq!(client.ask_center("PUT", "data-collected", body).0, 200);
    assert_eq!(Value::from(client.results("data-collected")), data);
    assert_eq!(client.get(CENTER)["dataCollectedHeading"], "Data");
    let wrong = json!({ "dataCollected": [{ "dataCollected": "Shoe size", "status": "LOST" }] });
    assert_eq!(client.ask_center("PUT", "data-collected", wrong).0, 422);
    assert_eq!(Value::from(client.results("data-collected")), data);
    assert_eq!(client.ask_center("PUT", "data-collected", json!({ "dataCollected": [] })).0, 200);
    assert!(client.results("data-collected").is_empty());
}

#[test]
fn badges_are_of_the_companys_frameworks_and_can_be_changed() {
    let mut client = Client::new();
    let own: Vec<String> = client.list("frameworks").iter().map(id).collect();
    for badge in client.results("compliance-frameworks") {
        let standard = &badge["standard"];
        assert!(standard.is_null() || own.iter().any(|id| standard == id.as_str()), "{badge}");
    }
    let (status, badge) = client.ask_center("POST", "compliance-frameworks", json!({ "name": "GDPR" }));
    assert_eq!((status, &badge["standard"], &badge["description"]), (200, &Value::Null, &Value::Null));
    let path = format!("compliance-frameworks/{}", id(&badge));
    client.ask_center("PATCH", &path, json!({ "standard": "gdpr", "description": "For Europe." }));
    let find = |client: &mut Client| {
        client.results("compliance-frameworks").into_iter().find(|other| id(other) == id(&badge))
    };
    let changed = find(&mut client).unwrap();
    assert_eq!((text(&changed, "name"), text(&changed, "standard")), ("GDPR", "gdpr"));
    client.ask_center("PATCH", &path, json!({ "standard": null }));
    assert_eq!(find(&mut client).unwrap()["standard"], Value::Null);
    assert_eq!(client.ask_center("PATCH", &path, json!({ "standard": "GDPR" })).0, 422);
    assert_eq!(client.ask_center("POST", "compliance-frameworks", json!({ "standard": "gdpr" })).0, 422);
    let target = format!("{path}/badge");
    assert_eq!(client.ask_center("POST", &target, picture("file")), (200, json!({ "isSuccessful": true })));
    assert_eq!(client.ask_center("POST", &target, text_file("file")).0, 422);
    assert_eq!(client.status("POST", &target), 422);
    assert_eq!(client.status("DELETE", &path), 204);
    assert_eq!(find(&mut client), None);
    assert_eq!(client.status("DELETE", &path), 404);
}

#[test]
fn questions_are_filed_under_categories_that_there_are() {
    let mut client = Client::new();
    let (_, category) = client.ask_center("POST", "faq-categories", json!({ "name": "Billing" }));
    let target = format!("faq-categories/{}", id(&category));
    let (_, renamed) = client.ask_center("PATCH", &target, json!({ "name": "Money" }));
    assert_eq!(client.results("faq-categories").last(), Some(&renamed));
    let body = json!({ "question": "How much?", "answer": "It depends.", "categoryId": id(&category) });
    let (status, faq) = client.ask_center("POST", "faqs", body);
    let path = format!("faqs/{}", id(&faq));
    assert_eq!((status, &client.at(&path)), (201, &faq));
    let change = json!({ "question": "How much?", "answer": "Ask sales." });
    client.ask_center("PATCH", &path, change.clone());
    assert_eq!(client.at(&path)["answer"], "Ask sales.");
    assert_eq!(client.at(&path)["categoryId"], category["id"]);
    assert_eq!(client.status("DELETE", &target), 204);
    assert_eq!(client.at(&path)["categoryId"], Value::Null);
    assert_eq!(client.ask_center("PATCH", &path, json!({ "answer": "None" })).0, 422);
    let mut astray = change;
    set(&mut astray, "categoryId", id(&category));
    assert_eq!(client.ask_center("PATCH", &path, astray).0, 404);
    assert_eq!(client.ask_center("POST", "faqs", json!({ "question": "Why?" })).0, 422);
    assert_eq!(client.ask_center("POST", "faq-categories", json!({ "name": null })).0, 422);
    assert_eq!(client.status("DELETE", &path), 204);
    assert_eq!(client.status("GET", &path), 404);
}

#[test]
fn subprocessors_are_vendors_and_keep_name_and_address() {
    let mut client = Client::new();
    let vendors = client.list("vendors");
    let subprocessors = client.results("subprocessors");
    for subprocessor in &subprocessors {
        let vendor = vendors.iter().find(|vendor| vendor["name"] == subprocessor["name"]).unwrap();
        assert_eq!(subprocessor["url"], vendor["websiteUrl"]);
    }
    assert!(subprocessors.len() >= 8);
    let (status, new) = client.ask_center("POST", "subprocessors", json!({ "name": "Brassica Labs" }));
    assert_eq!((status, &new["purpose"]), (201, &Value::Null));
    let path = format!("subprocessors/{}", id(&new));
    let change = json!({ "purpose": "Lab results", "location": "Ireland", "name": "Other", "url": "https://o.example" });
    assert_eq!(client.ask_center("PATCH", &path, change).0, 200);
    let changed = client.at(&path);
    assert_eq!((text(&changed, "name"), text(&changed, "purpose")), ("Brassica Labs", "Lab results"));
    assert_eq!((text(&changed, "location"), &changed["url"]), ("Ireland", &Value::Null));
    client.ask_center("PATCH", &path, json!({ "purpose": null }));
    assert_eq!(client.at(&path)["purpose"], Value::Null);
    assert_eq!(client.ask_center("PATCH", &path, json!({ "location": 7 })).0, 422);
    assert_eq!(client.ask_center("POST", "subprocessors", json!({ "url": "https://a.example" })).0, 422);
    assert_eq!(client.status("DELETE", &path), 204);
    assert_eq!(client.status("GET", &path), 404);
    assert_eq!(client.results("subprocessors"), subprocessors);
}
