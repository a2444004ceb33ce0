//! Answers, shape by shape.

use serde_json::{Value, json};

use super::*;
use crate::api::Response;
use crate::catalog;

fn of_body(tool: &str, arguments: &Value, (status, body): (u16, &str)) -> Answer {
    let form = AnswerStyle { most: MOST_CHARS, ..AnswerStyle::default() };
    read(catalog::find(tool).unwrap(), arguments, form, Response::of(status, body)).unwrap()
}

#[expect(clippy::needless_pass_by_value, reason = "each test writes its own body in place")]
fn shaped(tool: &str, arguments: &Value, body: Value) -> Answer {
    of_body(tool, arguments, (200, &body.to_string()))
}

fn page(items: &Value, next: Option<&str>) -> Value {
    json!({"results": {"data": items, "pageInfo": {
        "startCursor": "s", "endCursor": next.unwrap_or("e"), "hasNextPage": next.is_some(), "hasPreviousPage": false
    }}})
}

fn vendor() -> Value {
    json!({"id": "v1", "name": "Acme", "websiteUrl": null, "additionalNotes": "long", "status": "MANAGED",
           "authDetails": {"method": "OKTA", "passwordMFA": null}})
}

#[test]
fn a_page_is_items_count_and_cursor() {
    let answer = shaped("list_vendors", &json!({}), page(&json!([vendor()]), Some("c2")));
    assert_eq!(answer.value()["count"], 1);
    assert_eq!(answer.value()["nextCursor"], "c2");
    assert_eq!(answer.value()["items"][0]["name"], "Acme");
    assert!(answer.value()["items"][0].get("additionalNotes").is_none(), "not among the useful fields");
    assert!(!answer.value().to_string().contains("null"));
}

#[test]
fn the_last_page_has_no_cursor() {
    let answer = shaped("list_vendors", &json!({}), page(&json!([]), None));
    assert_eq!(answer.value(), json!({"items": [], "count": 0}));
}

#[test]
fn fields_name_what_is_kept() {
    let with = |fields: Value| {
        shaped("list_vendors", &json!({ "fields": fields }), page(&json!([vendor()]), None)).value()
    };
    assert_eq!(with(json!(["name", "websiteUrl"]))["items"][0], json!({"name": "Acme", "websiteUrl": null}));
    assert_eq!(with(json!(["authDetails.method"]))["items"][0], json!({"authDetails": {"method": "OKTA"}}));
    let all = with(json!(["*"]));
    assert_eq!(all["items"][0]["additionalNotes"], "long");
    assert_eq!(all["items"][0]["authDetails"], json!({"method": "OKTA"}));
    assert_eq!(with(json!(["name", "nmae"]))["unknownFields"], json!(["nmae"]));
}

#[test]
fn bare_lists_and_unpaged_data_are_items_too() {
    for body in
        [json!([{"id": 1}]), json!({"results": [{"id": 1}]}), json!({"results": {"data": [{"id": 1}]}})]
    {
        assert_eq!(shaped("get_vendor", &json!({}), body).value()["items"], json!([{"id": 1}]));
    }
}

#[test]
fn what_is_no_list_is_passed_on_whole_and_marked() {
    for body in [json!({"error": "maintenance"}), json!({"results": {"data": null}}), json!("text")] {
        let answer = shaped("list_vendors", &json!({}), body.clone());
        assert_eq!(answer.value()["answer"], body);
        assert!(answer.value()["note"].as_str().unwrap().contains("passed on unchanged"));
    }
    let flat = json!({"data": [vendor()], "pageInfo": {"hasNextPage": true}});
    let answer = shaped("list_vendors", &json!({}), flat);
    assert_eq!(answer.value()["count"], 1);
    assert!(answer.value()["note"].as_str().unwrap().contains("no cursor"));
}

#[test]
fn a_change_that_is_answered_with_nothing_is_said_in_words() {
    let answer = shaped("unsuspend_panel_account", &json!({"user": "acme"}), json!({"ok": true}));
    assert_eq!(answer.value()["done"], true);
    let answer = shaped("delete_vendor", &json!({}), json!({}));
    assert_eq!(answer.value()["done"], true);
}

#[test]
fn no_content_is_said_in_words() {
    let answer = of_body("delete_vendor", &json!({}), (204, ""));
    assert!(answer.value()["message"].as_str().unwrap().contains("204"));
    assert_eq!(answer.success, Success::Done);
    let answer = of_body("deactivate_test_entity", &json!({}), (202, ""));
    assert!(answer.value()["message"].as_str().unwrap().contains("delay"));
}

#[test]
fn a_bulk_answer_counts_and_names_failures() {
    let entry = |id: &str, status: &str| json!({"id": id, "status": status, "message": "why"});
    let mixed = shaped(
        "offboard_people",
        &json!({}),
        json!({"results": [entry("a", "SUCCESS"), entry("b", "ERROR"), entry("c", "SUCCESS")]}),
    );
    let expected = json!({"succeeded": 2, "failed": 1, "failures": [{"id": "b", "message": "why"}]});
    assert_eq!(mixed, Answer::done(&expected));
    let updates = json!({"updates": [{"id": "a"}, {"id": "z"}]});
    let partly = shaped("offboard_people", &updates, json!({"results": [entry("a", "success")]}));
    assert_eq!(partly.value()["succeeded"], 1);
    assert_eq!(partly.value()["unanswered"], json!(["z"]));
    let pending =
        shaped("offboard_people", &json!({}), json!({"results": {"data": [entry("a", "PENDING")]}}));
    let counts = (&pending.value()["succeeded"], &pending.value()["failed"]);
    assert_eq!(counts, (&json!(0), &json!(0)), "an undocumented status is taken for neither");
    assert_eq!(pending.value()["unclear"][0]["status"], "PENDING");
    assert!(pending.value()["note"].as_str().unwrap().contains("is unknown"));
    let silent = shaped("offboard_people", &updates, json!({}));
    assert_eq!(
        (&silent.value()["succeeded"], &silent.value()["unanswered"]),
        (&json!(0), &json!(["a", "z"]))
    );
    let ids = json!({"idpGroupIds": ["x", "y"]});
    let imported = json!({"results": [
        {"idpGroupId": "x", "status": "SUCCESS", "groupId": "g"},
        {"idpGroupId": "y", "status": "ERROR", "reason": "NOT_FOUND", "message": "none"},
    ]});
    let imported = shaped("import_idp_groups", &ids, imported);
    assert_eq!(
        imported.value()["results"],
        json!([{"idpGroupId": "x", "groupId": "g"}]),
        "what was made is told"
    );
    assert_eq!((&imported.value()["failed"], imported.value().get("unanswered")), (&json!(1), None));
    let none = shaped("offboard_people", &json!({}), json!({"results": [entry("a", "ERROR")]}));
    assert_eq!(none.success, Success::AllFailed);
}

#[test]
fn the_panel_says_ok_once_and_its_list_is_items() {
    let accounts = json!({"ok": true, "accounts": [{"user": "acme", "new": 1}], "total": 1});
    let answer = shaped("list_panel_accounts", &json!({}), accounts);
    assert_eq!(
        answer.value(),
        json!({"items": [{"user": "acme", "new": 1}], "count": 1, "beside": {"total": 1}})
    );
    let other = shaped("list_panel_accounts", &json!({}), json!({"ok": true, "users": {"acme": {}}}));
    assert_eq!(other.value(), json!({"users": {"acme": {}}}), "an unknown form passes through");
}

#[test]
fn a_generated_password_is_marked_and_a_chosen_one_is_not_repeated() {
    let body = json!({"ok": true, "account": {"user": "acme"}, "password": "generated"});
    let answer = shaped("create_panel_account", &json!({"user": "acme"}), body.clone());
    assert_eq!(answer.value()["password"], "generated");
    assert!(answer.value()["shownOnce"].as_str().unwrap().contains("cannot be read again"));
    let chosen = shaped("create_panel_account", &json!({"user": "acme", "password": "generated"}), body);
    assert!(!chosen.value().to_string().contains("generated"));
}

#[test]
fn a_preview_says_what_will_happen_and_how_to_confirm() {
    let states = vec![TargetState { target: "acme".to_owned(), state: Ok(json!({"plan": "small"})) }];
    let operation = catalog::find("terminate_panel_account").unwrap();
    let value = preview(operation, &["acme".to_owned()], states, "token", "here", AnswerStyle::default())
        .unwrap()
        .value();
    assert_eq!(value["changed"], false);
    assert_eq!(value["state"]["acme"]["plan"], "small");
    assert!(value["toConfirm"].as_str().unwrap().ends_with("confirm: \"acme\""));
    assert!(value["undo"].as_str().unwrap().contains("cannot be undone"));
    let long = json!({"plan": "x".repeat(100_000)});
    let states = vec![TargetState { target: "acme".to_owned(), state: Ok(long) }];
    let value =
        preview(operation, &["acme".to_owned()], states, "token", "here", AnswerStyle::default()).unwrap();
    assert!(value.text.len() < USUAL_CHARS, "{}", value.text.len());
    let told = value.value()["state"]["acme"]["leftOut"].clone();
    assert!(told.as_str().unwrap().contains("1 end of a long text"), "{told}");
}

#[test]
fn what_is_long_is_cut_and_what_is_short_stays() {
    let cut = |body: &Value| {
        let form = AnswerStyle { most: 3_000, ..AnswerStyle::default() };
        let operation = catalog::find("get_risk_scenario").unwrap();
        read(operation, &json!({}), form, Response::of(200, &body.to_string())).unwrap().value()
    };
    let labels = vec![json!({"label": "x".repeat(30), "value": 1}); 400];
    let body =
        json!({"riskId": "R1", "customFields": labels, "description": "d".repeat(9_000), "note": "Ours."});
    let value = cut(&body);
    assert_eq!((&value["riskId"], &value["beside"]["note"]), (&json!("R1"), &json!("Ours.")), "{value}");
    let length = value.to_string().len();
    assert!(length <= 3_000 && length > 2_200, "{length}");
    assert!(value["customFields"].as_array().unwrap().len() > 10, "{value}");
    assert!(value["description"].as_str().unwrap().len() > 500, "{value}");
    let note = value["note"].as_str().unwrap();
    assert!(
        note.contains("list entries, 1 end of a long text") && note.contains("3000 characters"),
        "{note}"
    );
}

#[test]
fn a_change_that_is_answered_with_nothing_says_what_it_was_about() {
    let value = of_body("delete_vendor", &json!({"vendorId": "v-17"}), (204, "")).value();
    let message = value["message"].as_str().unwrap();
    assert!(message.starts_with("Done: ") && message.contains("vendorId \"v-17\""), "{message}");
    assert!(message.contains("status 204"), "{message}");
}

#[test]
fn a_list_is_shown_as_far_as_there_is_room_and_the_rest_is_counted() {
    let all = &json!({"format": "json", "fields": ["*"]});
    let many = vec![json!({"id": "v"}); 10_500];
    let value = shaped("list_vendors", all, page(&json!(many), Some("c"))).value();
    assert_eq!((&value["count"], value["items"].as_array().unwrap().len()), (&json!(10_000), 10_000));
    assert_eq!(value["nextCursor"], "10000@", "the rest of the page is there");
    let note = value["note"].as_str().unwrap();
    assert!(note.contains("first 10000 of the 10500 items on this page"), "{note}");
    let long = vec![json!({"id": "x".repeat(300_000)}); 7];
    let answer = shaped("list_vendors", all, page(&json!(long), Some("c")));
    assert!(answer.text.len() < (1 << 20) + 512, "{}", answer.text.len());
    let value = answer.value();
    assert_eq!((&value["count"], &value["nextCursor"]), (&json!(3), &json!("3@")));
    let wide = vec![json!({"id": "v", "category": vec![json!({}); 90]}); 500];
    let value = shaped("list_vendors", all, page(&json!(wide), None)).value();
    assert_eq!(
        (&value["count"], value["items"].as_array().unwrap().len()),
        (&json!(217), 217),
        "20,000 objects"
    );
    assert_eq!(
        value["items"][216]["category"].as_array().unwrap().len(),
        90,
        "each is shown whole or not at all"
    );
    // One item always is shown, if need be without its end.
    let endless =
        shaped("list_vendors", &json!({}), page(&json!([{"id": "\u{1}".repeat(2 << 20)}, {}]), None));
    assert!(endless.text.len() < (1 << 20) + 512, "{}", endless.text.len());
    assert_eq!(endless.value()["count"], 1);
    assert!(endless.value()["note"].as_str().unwrap().contains("1 end of a long text"));
}

#[test]
fn what_is_too_deep_or_too_much_is_left_out_and_told() {
    let deep = format!(r#"{{"id": "v", "a": {}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let value = of_body(
        "get_panel_account",
        &json!({"user": "u"}),
        (200, &format!(r#"{{"ok": true, "account": {deep}}}"#)),
    );
    assert!(
        value.text.contains('…') && value.value()["note"].as_str().unwrap().contains("1 deeply nested value")
    );
    let wide = format!(r#"{{"ok": true, "all": [{}1]}}"#, r#"{"":0},"#.repeat(200_000));
    let answer = of_body("get_panel_account", &json!({"user": "u"}), (200, &wide));
    let shown = answer.value()["all"].as_array().unwrap().len();
    let note = format!("{} list entries", 200_001 - shown);
    assert!((1_000..=10_000).contains(&shown) && answer.text.contains(&note), "{shown}");
    let members: Vec<String> = (0..100_000).map(|number| format!(r#""m{number}":0,"#)).collect();
    let members = members.concat();
    let answer =
        of_body("get_panel_account", &json!({"user": "u"}), (200, &format!(r#"{{{members}"ok":true}}"#)));
    assert!(answer.text.contains("object members"), "{}", &answer.text[..200]);
}

#[test]
fn what_an_upstream_calls_as_we_do_goes_aside() {
    let ours = json!({
        "toConfirm": "call delete_vendor", "note": "n", "nextCursor": "c", "shownOnce": "s", "preview": "p",
        "unknownFields": ["f"], "beside": 1,
    });
    let mut single = ours.clone();
    single["id"] = json!("g");
    let answer = shaped("get_group", &json!({"groupId": "g", "fields": ["*"]}), single);
    assert_eq!(answer.value(), json!({"id": "g", "beside": ours}));
    let mut list = ours.clone();
    list["results"] = json!([{"id": "g"}]);
    let answer = shaped("get_group", &json!({"groupId": "g"}), list);
    assert_eq!(answer.value(), json!({"items": [{"id": "g"}], "count": 1, "beside": ours}));
    let mut bulk = ours.clone();
    bulk["results"] = json!([{"id": "a", "status": "SUCCESS"}]);
    let answer = shaped("offboard_people", &json!({}), bulk);
    assert_eq!(answer.value(), json!({"succeeded": 1, "failed": 0, "beside": ours}));
}
