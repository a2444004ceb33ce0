//! Public controls and their categories.

use super::*;

/// A company's control that is not on the Trust Center.
const PRIVATE: &str = "visitors-registered";

fn category_named(client: &mut Client, name: &str) -> String {
    let found = client.results("control-categories").into_iter().find(|one| one["name"] == name);
    id(&found.unwrap())
}

/// The ids of the controls that say they are in a category, in the order of the list.
fn members(client: &mut Client, category: &str) -> Vec<String> {
    let controls = client.pages("controls").into_iter();
    let mine = controls
        .filter(|control| control["categories"].as_array().unwrap().iter().any(|one| one["id"] == category));
    mine.map(|control| id(&control)).collect()
}

#[test]
fn public_controls_are_the_companys_and_follow_it() {
    let mut client = Client::new();
    let company = client.list("controls");
    let public = client.pages("controls");
    assert!(public.len() > 20);
    for control in &public {
        let own = company.iter().find(|own| id(own) == id(control)).unwrap();
        assert_eq!((&control["name"], &control["description"]), (&own["name"], &own["description"]));
        assert!(!control["categories"].as_array().unwrap().is_empty());
        assert_eq!(client.at(&format!("controls/{}", id(control))), *control);
    }
    let both = client.at("controls/customer-data-deleted-on-request");
    assert_eq!(both["categories"].as_array().unwrap().len(), 2);
    client.send("PATCH", "controls/backups-performed", json!({ "name": "Backups made" }));
    assert_eq!(client.at("controls/backups-performed")["name"], "Backups made");
    client.send("DELETE", "controls/backups-performed", Value::Null);
    assert_eq!(client.status("GET", "controls/backups-performed"), 404);
    assert_eq!(client.pages("controls").len(), public.len() - 1);
}

#[test]
fn a_control_is_published_under_categories_and_withdrawn_from_all() {
    let mut client = Client::new();
    let (access, people) = (category_named(&mut client, "Access"), category_named(&mut client, "People"));
    let body =
        |control: &str, categories: &[&String]| json!({ "controlId": control, "categoryIds": categories });
    assert_eq!(client.status("GET", &format!("controls/{PRIVATE}")), 404);
    let (status, control) = client.ask_center("POST", "controls", body(PRIVATE, &[&access, &people]));
    assert_eq!((status, id(&control)), (200, PRIVATE.to_owned()));
    assert_eq!(client.at(&format!("controls/{PRIVATE}")), control);
    assert_eq!(members(&mut client, &access).last().unwrap(), PRIVATE);
    assert!(members(&mut client, &people).contains(&PRIVATE.to_owned()));
    assert_eq!(client.ask_center("POST", "controls", body(PRIVATE, &[&access])).0, 409);
    assert_eq!(client.ask_center("POST", "controls", body("office-access-restricted", &[])).0, 422);
    let nowhere = "none".to_owned();
    assert_eq!(client.ask_center("POST", "controls", body("office-access-restricted", &[&nowhere])).0, 404);
    assert_eq!(client.ask_center("POST", "controls", body("none", &[&access])).0, 404);
    assert_eq!(client.status("GET", "controls/office-access-restricted"), 404);
    assert_eq!(client.status("DELETE", &format!("controls/{PRIVATE}")), 204);
    assert_eq!(client.status("DELETE", &format!("controls/{PRIVATE}")), 404);
    assert!(!members(&mut client, &access).contains(&PRIVATE.to_owned()));
    client.get(&format!("controls/{PRIVATE}"));
}

#[test]
fn categories_are_created_changed_and_deleted_with_their_controls() {
    let mut client = Client::new();
    let (status, category) = client.ask_center("POST", "control-categories", json!({ "name": "Office" }));
    let path = format!("control-categories/{}", id(&category));
    assert_eq!((status, text(&category, "visibility")), (200, "PUBLIC"));
    let change = json!({ "visibility": "SHAREABLE", "statusVisibilityOverride": "SHOW_OK_ONLY" });
    client.ask_center("PATCH", &path, change);
    let changed = client.at(&path);
    assert_eq!(
        (text(&changed, "name"), text(&changed, "visibility"), text(&changed, "statusVisibilityOverride")),
        ("Office", "SHAREABLE", "SHOW_OK_ONLY")
    );
    assert!(changed.get("controlIds").is_none());
    client.ask_center("PATCH", &path, json!({ "statusVisibilityOverride": null }));
    assert_eq!(client.at(&path)["statusVisibilityOverride"], Value::Null);
    assert_eq!(client.ask_center("PATCH", &path, json!({ "visibility": "PRIVATE" })).0, 422);
    assert_eq!(client.ask_center("POST", "control-categories", json!({})).0, 422);
    assert_eq!(client.status("DELETE", &path), 204);
    assert_eq!(client.status("GET", &path), 404);

    let privacy = category_named(&mut client, "Privacy");
    assert_eq!(client.status("DELETE", &format!("control-categories/{privacy}")), 204);
    assert_eq!(client.status("GET", "controls/privacy-policy-published"), 404);
    let left = client.at("controls/customer-data-deleted-on-request");
    assert_eq!(left["categories"].as_array().unwrap().len(), 1);
}

#[test]
fn controls_move_between_categories() {
    let mut client = Client::new();
    let people = category_named(&mut client, "People");
    let path = format!("control-categories/{people}/controls");
    let moved = |add: &[&str], remove: &[&str]| json!({ "controlsToAdd": add, "controlsToRemove": remove });
    let body = moved(&[PRIVATE, "backups-performed"], &["background-checks-performed"]);
    let (status, answer) = client.ask_center("PATCH", &path, body);
    assert_eq!((status, text(&answer, "name")), (200, "People"));
    let now = members(&mut client, &people);
    assert!(now.contains(&PRIVATE.to_owned()) && now.contains(&"backups-performed".to_owned()));
    assert_eq!(client.at("controls/background-checks-performed")["categories"], json!([]));
    assert_eq!(client.ask_center("PATCH", &path, moved(&[], &["single-sign-on-required"])).0, 422);
    assert_eq!(client.ask_center("PATCH", &path, moved(&["none"], &[])).0, 404);
    assert_eq!(client.ask_center("PATCH", &path, json!({ "controlsToAdd": [] })).0, 422);
    assert_eq!(members(&mut client, &people), now);
}

#[test]
fn an_order_names_everything_that_it_orders() {
    let mut client = Client::new();
    let mut order = ids(&client.results("control-categories"));
    let wrong = json!({ "orderedCategoryIds": order[1..] });
    assert_eq!(client.ask_center("PUT", "control-categories/order", wrong).0, 422);
    assert_eq!(ids(&client.results("control-categories")), order);
    order.reverse();
    let body = json!({ "orderedCategoryIds": order });
    let (status, answer) = client.ask_center("PUT", "control-categories/order", body);
    assert_eq!((status, ids(answer["results"].as_array().unwrap())), (200, order.clone()));
    assert_eq!(ids(&client.results("control-categories")), order);
    assert_eq!(client.pages("controls")[0]["categories"][0]["name"], "People");

    let category = &order[0];
    let path = format!("control-categories/{category}/controls/order");
    let mut controls = members(&mut client, category);
    controls.reverse();
    let body = json!({ "orderedControlIds": controls });
    assert_eq!(client.ask_center("PUT", &path, body).0, 200);
    assert_eq!(members(&mut client, category), controls);
    let mut twice = controls.clone();
    twice[1] = twice[0].clone();
    for wrong in [twice, controls[1..].to_vec(), [controls.clone(), vec![PRIVATE.to_owned()]].concat()] {
        let body = json!({ "orderedControlIds": wrong });
        assert_eq!(client.ask_center("PUT", &path, body).0, 422, "{wrong:?}");
    }
    client.send("DELETE", &format!("controls/{}", controls[0]), Value::Null);
    let body = json!({ "orderedControlIds": controls[1..] });
    assert_eq!(client.ask_center("PUT", &path, body).0, 200);
}

#[test]
fn tags_are_given_to_many_controls_and_taken_back() {
    let mut client = Client::new();
    let (first, second) = ("backups-performed", "single-sign-on-required");
    let body = |controls: &[&str], tags: &[&str]| json!({ "controlIds": controls, "tagCategory": "product", "tags": tags });
    let (status, answer) =
        client.ask_center("POST", "controls/tags", body(&[first, second], &["web", "app"]));
    assert_eq!(
        (status, ids(answer["results"].as_array().unwrap())),
        (200, vec![first.into(), second.into()])
    );
    let tagged = json!([{ "categoryId": "product", "tagIds": ["web", "app"] }]);
    assert_eq!(client.at(&format!("controls/{first}"))["tagsByCategory"], tagged);
    client.ask_center("POST", "controls/tags", body(&[first], &["app"]));
    assert_eq!(client.at(&format!("controls/{first}"))["tagsByCategory"], tagged);
    assert_eq!(client.ask_center("DELETE", "controls/tags", body(&[first], &["web"])).0, 200);
    let left = json!([{ "categoryId": "product", "tagIds": ["app"] }]);
    assert_eq!(client.at(&format!("controls/{first}"))["tagsByCategory"], left);
    assert_eq!(client.at(&format!("controls/{second}"))["tagsByCategory"], tagged);
    assert_eq!(client.ask_center("POST", "controls/tags", body(&[first, PRIVATE], &["web"])).0, 404);
    assert_eq!(client.at(&format!("controls/{first}"))["tagsByCategory"], left);
    assert_eq!(client.ask_center("POST", "controls/tags", body(&[first; 101], &["web"])).0, 422);
    assert_eq!(client.ask_center("POST", "controls/tags", body(&[first; 100], &["web"])).0, 200);
    assert_eq!(client.ask_center("POST", "controls/tags", json!({ "controlIds": [first] })).0, 422);
}
