//! Resources, their media and their categories.

use super::*;

fn upload(title: &str, is_public: &str) -> Value {
    let file = json!({ "fileName": "memo.pdf", "mimeType": "application/pdf", "bytes": 321 });
    json!({ "file": file, "title": title, "isPublic": is_public })
}

#[test]
fn resources_of_the_company_are_its_documents() {
    let mut client = Client::new();
    let documents = client.list("documents");
    let resources = client.results("resources");
    let shared =
        resources.iter().filter(|one| documents.iter().any(|document| document["title"] == one["title"]));
    assert!(shared.count() >= 6);
    let public = resources.iter().filter(|one| one["isPublic"] == true).count();
    assert!((3..resources.len() - 3).contains(&public));
    for resource in &resources {
        assert!(text(resource, "creationDate") <= text(resource, "updatedDate"), "{resource}");
        let media = client.at(&format!("resources/{}/media", id(resource)));
        assert!(media.as_u64().unwrap() > 10);
    }
}

#[test]
fn an_upload_is_kept_changed_and_deleted() {
    let mut client = Client::new();
    let (status, resource) = client.ask_center("POST", "resources", upload("Memo", "false"));
    assert_eq!(
        (status, &resource["isPublic"], text(&resource, "fileName")),
        (201, &json!(false), "memo.pdf")
    );
    let path = format!("resources/{}", id(&resource));
    assert_eq!(client.at(&path), resource);
    assert_eq!(client.at(&format!("{path}/media")), 321);
    let change = json!({ "title": "Note", "isPublic": true, "description": "Short." });
    let (status, answer) = client.ask_center("PATCH", &path, change);
    assert_eq!((status, &answer), (200, &client.at(&path)));
    assert_eq!((text(&answer, "title"), &answer["isPublic"]), ("Note", &json!(true)));
    assert_eq!(client.ask_center("PATCH", &path, json!({ "isPublic": "true" })).0, 422);
    for wrong in [upload("Memo", "maybe"), json!({ "title": "Memo", "isPublic": "true" })] {
        assert_eq!(client.ask_center("POST", "resources", wrong.clone()).0, 422, "{wrong}");
    }
    assert_eq!(client.status("DELETE", &path), 204);
    assert_eq!((client.status("GET", &path), client.status("GET", &format!("{path}/media"))), (404, 404));
}

#[test]
fn a_deleted_resource_is_open_to_nobody() {
    let mut client = Client::new();
    let viewer = client.pages("viewers").into_iter().find(|one| one["resourceIds"].is_array()).unwrap();
    let resource = viewer["resourceIds"][0].as_str().unwrap().to_owned();
    assert!(client.pages("access-requests").iter().any(|one| one.to_string().contains(&resource)));
    assert_eq!(client.status("DELETE", &format!("resources/{resource}")), 204);
    for list in ["viewers", "access-requests"] {
        assert!(!client.pages(list).iter().any(|one| one.to_string().contains(&resource)), "{list}");
    }
    assert_eq!(
        client.pages("viewers").iter().filter(|one| one["resourceIds"].is_null()).count(),
        client.pages("viewers").iter().filter(|one| one["accessLevel"] == "FULL_ACCESS").count()
    );
}

#[test]
fn resource_categories_are_ordered_as_a_whole() {
    let mut client = Client::new();
    let (status, category) = client.ask_center("POST", "resource-categories", json!({ "name": "Letters" }));
    assert_eq!(status, 200);
    let path = format!("resource-categories/{}", id(&category));
    client.ask_center("PATCH", &path, json!({ "name": "Mail" }));
    let mut order = ids(&client.results("resource-categories"));
    assert_eq!(client.results("resource-categories").last().unwrap()["name"], "Mail");
    order.rotate_right(1);
    let (status, answer) =
        client.ask_center("PUT", "resource-categories/order", json!({ "categoryIds": order }));
    assert_eq!((status, &answer["results"][0]["name"]), (200, &json!("Mail")));
    assert_eq!(ids(&client.results("resource-categories")), order);
    let wrong = json!({ "categoryIds": order[1..] });
    assert_eq!(client.ask_center("PUT", "resource-categories/order", wrong).0, 422);
    assert_eq!(client.status("PUT", "resource-categories/order"), 400);
    assert_eq!(client.ask_center("PATCH", &path, json!({})).0, 422);
    assert_eq!(client.status("DELETE", &path), 204);
    assert_eq!(client.status("DELETE", &path), 404);
    assert_eq!(ids(&client.results("resource-categories")), order[1..]);
}
