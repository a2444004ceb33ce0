//! What a model gets to read: pages, fields, empty answers, bulk answers, and a password that is shown once.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vanta_demo::{Fault, FaultKind, Target};
use vanta_mcp::catalog;

use crate::harness::{Run, Setup, eventually, text};

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(all) => all.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        _ => false,
    }
}

async fn ids(run: &Run, tool: &str, arguments: Value) -> Vec<String> {
    let page = run.value(tool, arguments).await;
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_page_is_items_count_and_a_cursor_while_there_is_more() {
    let run = Setup::default().start().await;
    let first = run.value("list_controls", json!({})).await;
    assert_eq!(keys(&first), ["count", "items", "nextCursor"].into());
    assert_eq!((first["items"].as_array().unwrap().len(), &first["count"]), (50, &json!(50)));
    let all = run.value("list_frameworks", json!({})).await;
    assert_eq!(keys(&all), ["count", "items"].into(), "no cursor on the last page");
    assert_eq!(all["count"], 3);
    let accounts = run.value("list_panel_accounts", json!({})).await;
    assert_eq!((keys(&accounts), &accounts["count"]), (["count", "items"].into(), &json!(12)));
}

#[tokio::test]
async fn following_the_cursors_covers_every_item_exactly_once() {
    let run = Setup::default().start().await;
    let whole = json!({"includeVulnerabilitiesWithoutSlas": true});
    for (tool, given, size, total) in [
        ("list_vulnerabilities", whole, 37, 400),
        ("list_people", json!({}), 100, 120),
        ("list_vendors", json!({}), 40, 40),
    ] {
        let mut seen = Vec::new();
        let mut arguments = given;
        arguments["pageSize"] = json!(size);
        loop {
            let page = run.value(tool, arguments.clone()).await;
            let items = page["items"].as_array().unwrap();
            assert_eq!(page["count"], items.len(), "{tool}");
            seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            let Some(cursor) = page.get("nextCursor") else { break };
            assert_eq!(items.len(), size, "{tool}: a page that is not the last is full");
            arguments["pageCursor"] = cursor.clone();
        }
        assert_eq!(seen.len(), total, "{tool}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), total, "{tool}: none twice");
    }
}

#[tokio::test]
async fn the_caller_chooses_the_fields_of_an_item() {
    let run = Setup::default().start().await;
    let item = async |fields: Option<Value>| {
        let mut arguments = json!({"pageSize": 1});
        if let Some(fields) = fields {
            arguments["fields"] = fields;
        }
        run.value("list_vendors", arguments).await
    };
    let usual = item(None).await;
    let outer = |path: &&'static str| path.split('.').next().unwrap();
    let show: BTreeSet<&str> = catalog::find("list_vendors").unwrap().show.iter().map(outer).collect();
    assert!(keys(&usual["items"][0]).is_subset(&show) && keys(&usual["items"][0]).len() > 3, "{usual}");
    let all = item(Some(json!(["*"]))).await;
    assert!(keys(&all["items"][0]).is_superset(&keys(&usual["items"][0])), "{all}");
    assert!(!keys(&all["items"][0]).is_subset(&show), "more than the usual ones: {all}");
    let named = item(Some(json!(["name", "websiteUrl"]))).await;
    assert_eq!(keys(&named["items"][0]), ["name", "websiteUrl"].into());
    let inner = item(Some(json!(["authDetails.method"]))).await;
    assert_eq!(keys(&inner["items"][0]), ["authDetails"].into());
    assert_eq!(keys(&inner["items"][0]["authDetails"]), ["method"].into(), "{inner}");
    assert!(named.get("unknownFields").is_none());
    let unknown = run.error("list_vendors", json!({"fields": ["name", "nmae"]})).await;
    assert!(unknown.contains("did you mean `name`?"), "{unknown}");
    // One thing by its id is cut in the same way.
    let framework = run.value("list_frameworks", json!({})).await["items"][0]["id"].take();
    let one = run.value("get_framework", json!({"frameworkId": framework, "fields": ["displayName"]})).await;
    assert_eq!(keys(&one), ["displayName"].into());
}

#[tokio::test]
async fn nulls_are_left_out_unless_they_were_asked_for() {
    let run = Setup::default().start().await;
    for tool in [
        "list_vendors",
        "list_people",
        "list_vulnerabilities",
        "list_tests",
        "list_panel_accounts",
        "list_audits",
    ] {
        let plain = run.value(tool, json!({})).await;
        assert!(plain["count"].as_u64() > Some(0) && !has_null(&plain), "{tool}: {plain}");
    }
    for fields in [json!(["*"]), json!(["id", "leaveInfo"])] {
        let people = run.value("list_people", json!({"fields": fields})).await;
        assert_eq!(has_null(&people), fields[0] == "id", "{fields}");
    }
    let vendor = ids(&run, "list_vendors", json!({})).await.remove(0);
    assert!(!has_null(&run.value("get_vendor", json!({"vendorId": vendor})).await));
}

#[tokio::test]
async fn the_text_is_the_structured_content_without_a_needless_byte() {
    let run = Setup::default().start().await;
    let control = ids(&run, "list_controls", json!({})).await.remove(0);
    let calls = [
        ("list_controls", json!({})),
        ("get_control", json!({"controlId": control})),
        ("delete_control", json!({"controlId": control})),
        ("delete_control", json!({"controlId": control, "confirm": control})),
        ("ping_panel", json!({})),
        ("server_status", json!({})),
    ];
    for (tool, arguments) in calls {
        let result = run.result(tool, arguments).await;
        assert_eq!(result.content.len(), 1, "{tool}");
        assert_eq!(
            text(&result),
            serde_json::to_string(&result.structured_content.unwrap()).unwrap(),
            "{tool}"
        );
    }
}

#[tokio::test]
async fn an_answer_without_content_is_said_in_words() {
    let run = Setup::default().start().await;
    let vendor = ids(&run, "list_vendors", json!({})).await.remove(0);
    let gone = run.confirmed("delete_vendor", json!({"vendorId": vendor, "confirm": vendor})).await;
    assert_eq!(run.seen().last().unwrap().status, Some(204));
    assert_eq!(gone["done"], true);
    assert!(gone["message"].as_str().unwrap().starts_with("Done: Delete"), "{gone}");
}

#[tokio::test]
async fn what_takes_effect_later_is_said_to() {
    let run = Setup::default().start().await;
    let failing = ids(&run, "list_tests", json!({"statusFilter": "NEEDS_ATTENTION"})).await.remove(0);
    let entity = ids(&run, "list_test_entities", json!({"testId": failing})).await.remove(0);
    let arguments =
        json!({"testId": failing, "entityId": entity, "deactivateReason": "tested", "confirm": entity});
    let later = run.confirmed("deactivate_test_entity", arguments).await;
    assert_eq!(run.seen().last().unwrap().status, Some(202));
    assert!(later["message"].as_str().unwrap().contains("takes effect after a delay"), "{later}");
}

/// One operation may be done at once or later, which its status alone tells.
#[tokio::test]
async fn what_is_there_already_is_not_said_to_come_later() {
    let run = Setup::default().start().await;
    let mut told = Vec::new();
    for document in ids(&run, "list_documents", json!({"statusMatchesAny": ["OK"], "pageSize": 20})).await {
        let result = run.result("evaluate_document", json!({"documentId": document})).await;
        let status = run.seen().last().unwrap().status;
        // Sensitive ones are refused.
        if status != Some(422) {
            told.push((status, text(&result)));
        }
    }
    for (status, words) in [(202, "Accepted. It takes effect after a delay."), (204, "Done: ")] {
        let mut with_status = told.iter().filter(|(of, _)| *of == Some(status)).peekable();
        assert!(with_status.peek().is_some(), "{status}: {told:?}");
        assert!(with_status.all(|(_, told)| told.contains(words)), "{status}: {told:?}");
    }
}

/// Outside of the operations of which a bulk answer is known, the entries are passed on, failures among them.
#[tokio::test]
async fn entries_of_an_answer_that_is_not_known_are_passed_on() {
    let run = Setup::default().start().await;
    let users = ids(&run, "list_users", json!({"pageSize": 1})).await;
    let both = [users[0].as_str(), "none-such"];
    let updates: Vec<Value> = both.iter().map(|id| json!({ "id": id })).collect();
    let answer = run.confirmed("deactivate_users", json!({"updates": updates, "confirm": both})).await;
    let told = answer.to_string();
    assert!(told.contains("SUCCESS") && told.contains("ERROR") && told.contains("none-such"), "{told}");
    assert_eq!(run.value("get_user", json!({"userId": both[0]})).await["isActive"], false);
}

/// Marks vulnerabilities as not to be watched, with the confirmation that fits.
fn deactivation(ids: &[&str]) -> Value {
    let update =
        |id: &&str| json!({"id": id, "deactivateReason": "tested", "shouldReactivateWhenFixable": false});
    json!({"updates": ids.iter().map(update).collect::<Vec<_>>(), "confirm": ids})
}

#[tokio::test]
async fn a_bulk_change_counts_what_was_done_and_names_what_failed() {
    let run = Setup::default().start().await;
    let known = ids(&run, "list_vulnerabilities", json!({"isDeactivated": false})).await;
    let (one, two) = (known[0].as_str(), known[1].as_str());
    let done = run.confirmed("deactivate_vulnerabilities", deactivation(&[one])).await;
    assert_eq!(done, json!({"succeeded": 1, "failed": 0}));
    let part = run.confirmed("deactivate_vulnerabilities", deactivation(&[two, "none-such"])).await;
    assert_eq!((&part["succeeded"], &part["failed"]), (&json!(1), &json!(1)));
    assert_eq!(keys(&part["failures"][0]), ["id", "message"].into());
    assert_eq!(
        (&part["failures"][0]["id"], part["failures"].as_array().unwrap().len()),
        (&json!("none-such"), 1)
    );
    let again = run.previewed("deactivate_vulnerabilities", &deactivation(&["none-such", one])).await;
    let none = run.error("deactivate_vulnerabilities", again).await;
    assert!(none.starts_with("Nothing was changed."), "{none}");
    assert!(none.contains("none-such") && none.contains(one), "{none}");
}

#[tokio::test]
async fn a_generated_password_is_in_one_answer_and_nowhere_else() {
    let run = Setup::default().with("VANTA_MCP_LOG", "trace").start().await;
    let account = json!({"user": "newshop", "domain": "newshop.example", "email": "owner@newshop.example"});
    let created = run.value("create_panel_account", account.clone()).await;
    let replaced =
        run.confirmed("set_panel_account_password", json!({"user": "newshop", "confirm": "newshop"})).await;
    let mut passwords = Vec::new();
    for answer in [&created, &replaced] {
        let password = answer["password"].as_str().unwrap();
        assert!(password.len() >= 16, "{answer}");
        assert!(answer["shownOnce"].as_str().unwrap().contains("cannot be read again"), "{answer}");
        passwords.push(password.to_owned());
    }
    assert_ne!(passwords[0], passwords[1]);

    let mut later = Vec::new();
    for (tool, arguments) in [
        ("list_panel_accounts", json!({})),
        ("get_panel_account", json!({"user": "newshop"})),
        ("create_panel_account", account),
        ("set_panel_account_password", json!({"user": "newshop"})),
        ("server_status", json!({})),
    ] {
        later.push(text(&run.result(tool, arguments).await));
    }
    // Nor is one that the caller chose given back, even where the Panel does.
    let own = "Correct-horse-7";
    let told =
        json!({"ok": true, "password": own, "account": {"user": "newshop", "password": own}}).to_string();
    let chosen = json!({"user": "newshop", "confirm": "newshop", "password": own});
    let chosen = run.previewed("set_panel_account_password", &chosen).await;
    run.tenant.fault(Fault {
        on: Target::Changes,
        kind: FaultKind::Body { status: 200, body: told },
        times: 1,
    });
    later.push(text(&run.result("set_panel_account_password", chosen).await));
    passwords.push(own.to_owned());

    run.error("ping_panel", json!({"last_of_all": true})).await;
    eventually("the log has come to the last call", async || run.log().await.contains("last_of_all")).await;
    later.push(run.log().await);
    passwords.push(run.tenant.panel_token().to_owned());
    for place in later {
        for password in &passwords {
            assert!(!place.contains(password), "{place}");
        }
    }
}
