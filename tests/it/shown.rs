//! How much an answer shows, and in which form.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::harness::{Listener, Run, Setup, text};
use crate::lists::object;

/// The most characters of an answer, as it is by default.
const USUAL: usize = 20_000;

/// A server with answers as long as a client gets them.
async fn usual() -> Run {
    Setup::access("destroy").with("VANTA_MCP_MAX_CHARS", "20000").start().await
}

/// The text of an answer, which must not be longer than it may be.
async fn shown(run: &Run, tool: &str, arguments: Value, most: usize) -> Value {
    let result = run.result(tool, arguments.clone()).await;
    let text = text(&result);
    assert_ne!(result.is_error, Some(true), "{tool}: {text}");
    assert!(text.chars().count() <= most, "{tool} {arguments}: {} characters", text.chars().count());
    serde_json::from_str(&text).unwrap()
}

/// What stands at a path of an item, null where there is nothing.
fn at<'v>(item: &'v Value, path: &str) -> &'v Value {
    path.split('.').fold(item, |value, name| value.get(name).unwrap_or(&Value::Null))
}

/// A moment as a table shows it.
fn by_day(value: &Value) -> Value {
    match value.as_str() {
        Some(text) if text.len() > 19 && text.as_bytes()[10] == b'T' && text.ends_with('Z') => {
            json!(text[..10])
        }
        _ => value.clone(),
    }
}

const LISTS: [&str; 8] = [
    "list_controls",
    "list_people",
    "list_vulnerabilities",
    "list_tests",
    "list_documents",
    "list_vendors",
    "list_frameworks",
    "list_panel_accounts",
];

#[tokio::test]
async fn a_table_holds_what_the_objects_hold() {
    let run = usual().await;
    for tool in LISTS {
        let with = |format: &str| json!({"pageSize": 20, "format": format});
        let objects = shown(&run, tool, with("json"), USUAL).await;
        let table = shown(&run, tool, with("table"), USUAL).await;
        let items = objects["items"].as_array().unwrap();
        let columns: Vec<&str> =
            table["columns"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let rows = table["rows"].as_array().unwrap();
        assert_eq!((rows.len(), &table["count"]), (items.len(), &json!(items.len())), "{tool}");
        assert_eq!(table.get("nextCursor"), objects.get("nextCursor"), "{tool}");
        for (row, item) in rows.iter().zip(items) {
            let by_day = if tool == "list_panel_accounts" { Value::clone } else { by_day };
            let expected: Vec<Value> = columns.iter().map(|column| by_day(at(item, column))).collect();
            assert_eq!(row, &json!(expected), "{tool}");
        }
        let told: BTreeSet<&str> = columns.iter().map(|column| column.split('.').next().unwrap()).collect();
        let known: BTreeSet<&str> =
            items.iter().flat_map(|item| item.as_object().unwrap().keys().map(String::as_str)).collect();
        assert_eq!(told, known, "{tool}: each member is a column");
    }
}

#[tokio::test]
async fn the_shorter_form_is_the_usual_one() {
    let run = usual().await;
    let many = shown(&run, "list_controls", json!({"pageSize": 50}), USUAL).await;
    assert!(many.get("columns").is_some() && many.get("items").is_none(), "{many}");
    let few = shown(&run, "list_controls", json!({"pageSize": 4}), USUAL).await;
    assert!(few.get("items").is_some() && few.get("columns").is_none(), "{few}");
    let none = shown(&run, "list_vendors", json!({"name": "no such vendor", "format": "table"}), USUAL).await;
    assert_eq!(none["items"], json!([]));
    let refused = run.error("list_vendors", json!({"format": "csv"})).await;
    assert!(refused.contains("json") && refused.contains("table"), "{refused}");
}

#[tokio::test]
async fn a_moment_is_whole_where_its_field_is_named() {
    let run = usual().await;
    let usual = shown(&run, "list_vulnerabilities", json!({"format": "table"}), USUAL).await;
    let named = json!({"format": "table", "fields": ["id", "remediateByDate"]});
    let named = shown(&run, "list_vulnerabilities", named, USUAL).await;
    let of = |answer: &Value, name: &str| {
        let column = answer["columns"].as_array().unwrap().iter().position(|column| column == name).unwrap();
        let rows = answer["rows"].as_array().unwrap();
        rows.iter().map(|row| row[column].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(named["columns"], json!(["id", "remediateByDate"]));
    for (day, moment) in of(&usual, "remediateByDate").iter().zip(of(&named, "remediateByDate")) {
        assert!(day.len() <= 10 && moment.starts_with(day.as_str()) && moment.len() != 10, "{day} {moment}");
    }
}

/// All items of a list, in as many answers as it takes.
async fn all_of(
    run: &Run,
    tool: &str,
    mut arguments: Map<String, Value>,
    most: usize,
) -> (Vec<Value>, usize) {
    let (mut items, mut answers) = (Vec::new(), 0);
    loop {
        let mut page = shown(run, tool, Value::Object(arguments.clone()), most).await;
        let page_items = page["items"].as_array_mut().unwrap();
        assert!(!page_items.is_empty(), "{tool}: {page}");
        assert_eq!(page["count"], page["items"].as_array().unwrap().len(), "{tool}");
        items.append(page["items"].as_array_mut().unwrap());
        answers += 1;
        match page.get("nextCursor") {
            Some(cursor) => arguments.insert("pageCursor".to_owned(), cursor.clone()),
            None => return (items, answers),
        };
    }
}

#[tokio::test]
async fn what_there_is_no_room_for_begins_the_next_answer() {
    let run = usual().await;
    for tool in LISTS {
        let whole = object(json!({"format": "json", "maxChars": 1_000_000, "pageSize": 100}));
        let (expected, _) = all_of(&run, tool, whole, 1 << 20).await;
        for (more, most) in [
            (json!({"pageSize": 100}), 3_000),
            (json!({"pageSize": 7}), 1_000),
            (json!({"all": true}), 4_000),
            (json!({"maxItems": 30}), 2_500),
            // However small the pages are that come before.
            (json!({"all": true, "pageSize": 2}), 6_000),
        ] {
            let mut arguments = object(more.clone());
            arguments.insert("format".to_owned(), json!("json"));
            arguments.insert("maxChars".to_owned(), json!(most));
            let (items, answers) = all_of(&run, tool, arguments, most).await;
            assert_eq!(items, expected, "{tool} {more}: each item once, in order");
            assert!(answers > 1 || expected.len() < 15, "{tool} {more}");
        }
    }
}

#[tokio::test]
async fn a_list_that_was_cut_says_of_how_many_and_what_helps() {
    let run = usual().await;
    let page = shown(
        &run,
        "list_vulnerabilities",
        json!({"pageSize": 100, "format": "json", "fields": ["*"]}),
        USUAL,
    )
    .await;
    let count = page["count"].as_u64().unwrap();
    let note = page["note"].as_str().unwrap();
    assert!(count < 100 && note.contains(&format!("first {count} of the 100 items on this page")), "{note}");
    for word in [
        "20000 characters",
        "`fields`",
        "`groupBy`",
        "`jq`",
        "`maxChars`",
        "`severity`",
        "nextCursor continues",
    ] {
        assert!(note.contains(word), "{word}: {note}");
    }
    assert_eq!(page["nextCursor"], format!("{count}@"));
    let counted = shown(&run, "list_vulnerabilities", json!({"countOnly": true}), USUAL).await;
    let all = shown(&run, "list_vulnerabilities", json!({"all": true, "format": "json"}), USUAL).await;
    assert_eq!(all["total"], counted["count"], "how many there are");
    let note = all["note"].as_str().unwrap();
    assert!(note.contains(&format!("first {} of {} items", all["count"], counted["count"])), "{note}");
    // A list that fits is not spoken of.
    let fits = shown(&run, "list_frameworks", json!({"all": true}), USUAL).await;
    assert!(fits.get("note").is_none() && fits.get("total").is_none(), "{fits}");
    for wrong in [json!({"maxChars": 10}), json!({"maxChars": "many"}), json!({"maxItems": 0})] {
        run.error("list_vendors", wrong).await;
    }
}

/// An upstream whose texts are long, and whose cursors look like ours.
fn long_winded(request: &str) -> (u16, String) {
    if request.contains("/oauth/token") {
        return (200, json!({"access_token": "t", "token_type": "bearer", "expires_in": 3600}).to_string());
    }
    let text = "long words ".repeat(6_000);
    if request.contains("/v1/vendors/") {
        return (200, json!({"id": "v1", "name": text, "additionalNotes": text}).to_string());
    }
    if request.contains("/v1/controls") {
        let (from, next) = match request.split_once("pageCursor=") {
            None => (0, Some("5@x")),
            Some((_, rest)) if rest.starts_with("5%40x") => (5, None),
            Some((_, rest)) => {
                return (400, json!({"message": format!("no such cursor {rest}")}).to_string());
            }
        };
        let items: Vec<Value> =
            (from..from + 5).map(|id| json!({"id": format!("c{id}"), "name": "n"})).collect();
        let info = json!({"endCursor": next.unwrap_or("e"), "hasNextPage": next.is_some()});
        return (200, json!({"results": {"data": items, "pageInfo": info}}).to_string());
    }
    let items: Vec<Value> = (0..5).map(|id| json!({"id": format!("v{id}"), "name": text})).collect();
    let info = json!({"endCursor": "e", "hasNextPage": false});
    (200, json!({"results": {"data": items, "pageInfo": info}, "remark": text}).to_string())
}

#[tokio::test]
async fn single_objects_long_items_and_previews_are_cut_too() {
    let upstream = Listener::start(long_winded).await;
    let setup = Setup::access("destroy").with("VANTA_MCP_MAX_CHARS", "20000");
    let run = setup.with("VANTA_BASE_URL", &*upstream.url).start().await;
    let one = shown(&run, "get_vendor", json!({"vendorId": "v1"}), USUAL).await;
    assert!(
        one["note"].as_str().is_some_and(|note| note.contains("Left out")),
        "{}",
        &one.to_string()[..600]
    );
    assert!(one["name"].as_str().unwrap().starts_with("long words"));
    let list = json!({"pageSize": 100, "format": "json"});
    let (items, answers) = all_of(&run, "list_vendors", object(list), USUAL).await;
    assert_eq!((items.len(), answers), (5, 5), "each item has an answer of its own, without its end");
    assert_eq!(one["id"], "v1", "what is short stays whole");
    assert!(one.to_string().len() > 18_000, "the room is used: {}", one.to_string().len());
    let preview = shown(&run, "delete_vendor", json!({"vendorId": "v1"}), USUAL).await;
    assert_eq!(preview["state"]["v1"]["id"], "v1");
    assert!(
        preview["state"]["v1"]["leftOut"].as_str().unwrap().contains("long text"),
        "{}",
        preview["state"]["v1"]["leftOut"]
    );
    assert!(preview["toConfirm"].is_string() && preview["undo"].is_string());
}

#[tokio::test]
async fn an_upstreams_cursor_that_looks_like_ours_is_still_its_own() {
    let upstream = Listener::start(long_winded).await;
    let run = Setup::default().with("VANTA_BASE_URL", &*upstream.url).start().await;
    let whole = object(json!({"format": "json"}));
    let (items, answers) = all_of(&run, "list_controls", whole, 1 << 20).await;
    let ids: Vec<&str> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), ids[5], answers), (10, "c5", 2));
    let all = run.value("list_controls", json!({"all": true})).await;
    assert_eq!(all["count"], 10);
}

#[tokio::test]
async fn the_panels_accounts_are_paged_filtered_and_counted_here() {
    let run = usual().await;
    let whole =
        shown(&run, "list_panel_accounts", json!({"format": "json", "maxChars": 1_000_000}), 1 << 20).await;
    let accounts = whole["items"].as_array().unwrap();
    let (paged, answers) =
        all_of(&run, "list_panel_accounts", object(json!({"format": "json", "pageSize": 5})), USUAL).await;
    assert_eq!((&paged, answers), (accounts, accounts.len().div_ceil(5)));
    let first = shown(&run, "list_panel_accounts", json!({"format": "json", "pageSize": 5}), USUAL).await;
    assert_eq!(first["total"], accounts.len());
    let suspended = accounts.iter().filter(|account| account["status"] == "suspended").count();
    for status in ["suspended", "SUSPENDED"] {
        let told =
            shown(&run, "list_panel_accounts", json!({"status": status, "countOnly": true}), USUAL).await;
        assert_eq!(told["count"], suspended);
    }
    let told = shown(&run, "list_panel_accounts", json!({"groupBy": "status"}), USUAL).await;
    assert_eq!((&told["groups"]["suspended"], &told["count"]), (&json!(suspended), &json!(accounts.len())));
    let plan = json!({"plan": accounts[0]["plan"], "status": accounts[0]["status"], "format": "json"});
    let told = shown(&run, "list_panel_accounts", plan, USUAL).await;
    let alike = |account: &&Value| {
        account["plan"] == accounts[0]["plan"] && account["status"] == accounts[0]["status"]
    };
    assert_eq!(told["items"], json!(accounts.iter().filter(alike).collect::<Vec<_>>()));
    let one = json!({"user": accounts[3]["user"], "fields": ["domain", "nothing"]});
    let told = shown(&run, "list_panel_accounts", one, USUAL).await;
    assert_eq!(told["items"], json!([{"domain": accounts[3]["domain"]}]));
    assert_eq!(told["unknownFields"], json!(["nothing"]), "what the Panel reports is not all known");
    // From the middle on there are as many as ever.
    let middle = json!({"pageCursor": "4@", "pageSize": 3, "format": "json"});
    assert_eq!(shown(&run, "list_panel_accounts", middle, USUAL).await["total"], accounts.len());
    let none = shown(&run, "list_panel_accounts", json!({"status": "nope"}), USUAL).await;
    assert!(none["note"].as_str().unwrap().contains("\"active\",\"suspended\""), "{none}");
    for cursor in ["x", "600", "-1", "next", "3@x"] {
        let refused = run.error("list_panel_accounts", json!({"pageCursor": cursor})).await;
        assert!(refused.contains("not the nextCursor"), "{refused}");
    }
    assert_eq!(
        run.seen().iter().filter(|seen| seen.path.contains("plan")).count(),
        0,
        "the Panel is sent no filter"
    );
}

#[tokio::test]
async fn a_field_that_does_not_exist_is_refused_with_the_nearest() {
    let run = usual().await;
    let before = run.seen().len();
    for (tool, arguments, told) in [
        ("list_controls", json!({"fields": ["nmae"]}), "did you mean `name`?"),
        (
            "list_controls",
            json!({"fields": ["id", "owner.emailAdress"]}),
            "did you mean `owner.emailAddress`?",
        ),
        ("list_controls", json!({"fields": ["qqqqq"]}), "the fields are id, externalId, name"),
        ("list_controls", json!({"fields": ["id,name"]}), "write [\"id\",\"name\"]"),
        ("list_tests", json!({"groupBy": "statsu"}), "did you mean `status`?"),
        (
            "list_tests",
            json!({"groupBy": "status", "jq": "length"}),
            "`jq` cannot be combined with `groupBy`",
        ),
        (
            "list_tests",
            json!({"countOnly": true, "jq": "length"}),
            "`jq` cannot be combined with `countOnly`",
        ),
        (
            "get_framework",
            json!({"frameworkId": "soc2", "fields": ["displayNme"]}),
            "did you mean `displayName`?",
        ),
    ] {
        let refused = run.error(tool, arguments).await;
        assert!(refused.contains(told) && refused.contains("Nothing was sent"), "{refused}");
    }
    assert_eq!(run.seen().len(), before, "nothing was sent");
    let all = shown(&run, "list_controls", json!({"fields": ["*"], "pageSize": 2}), USUAL).await;
    assert!(all["items"][0].get("description").is_some());
    let listed = run.client.list_all_tools().await.unwrap();
    let controls = listed.iter().find(|tool| tool.name == "list_controls").unwrap();
    let about = controls.input_schema["properties"]["fields"]["description"].as_str().unwrap();
    for name in ["externalId", "owner.{id,emailAddress}", "customFields", "creationDate"] {
        assert!(about.contains(name), "{about}");
    }
}
