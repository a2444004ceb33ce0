//! Names and e-mail addresses where an id is due: what they are taken for, what is refused, and what it costs.

use serde_json::{Value, json};

use crate::harness::{Listener, Run, Setup};

/// Requests since so many came before, each by its method and path.
fn since(run: &Run, before: usize) -> Vec<String> {
    run.seen()[before..].iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect()
}

async fn first(run: &Run, tool: &str, arguments: Value) -> Value {
    run.value(tool, arguments).await["items"][0].clone()
}

#[tokio::test]
async fn a_read_takes_a_name_that_means_one_thing_and_says_what_it_took() {
    let run = Setup::access("read").start().await;
    let vendor = first(&run, "list_vendors", json!({})).await;
    let person = first(&run, "list_people", json!({"fields": ["id", "emailAddress", "name.display"]})).await;
    let control = first(&run, "list_controls", json!({"fields": ["id", "externalId", "name"]})).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let cases = [
        ("get_vendor", "vendorId", text(&vendor["id"]), text(&vendor["name"]).to_uppercase(), 1),
        ("get_person", "personId", text(&person["id"]), text(&person["emailAddress"]), 1),
        ("get_control", "controlId", text(&control["id"]), text(&control["externalId"]), 2),
        ("get_framework", "frameworkId", "soc2".to_owned(), "SOC 2".to_owned(), 1),
    ];
    for (tool, argument, id, name, most) in cases {
        let before = run.seen().len();
        let by_id = run.value(tool, json!({argument: id})).await;
        assert_eq!(since(&run, before).len(), 1, "{tool}: an id costs nothing");
        assert!(by_id.get("note").is_none(), "{by_id}");
        let before = run.seen().len();
        let mut by_name = run.value(tool, json!({argument: name})).await;
        let sent = since(&run, before);
        assert!((2..=1 + most).contains(&sent.len()), "{tool}: {sent:?}");
        let note = by_name.as_object_mut().unwrap().remove("note").unwrap();
        let expected = format!("`{argument}`: {} is {{", json!(name));
        assert!(note.as_str().unwrap().starts_with(&expected), "{note}");
        assert!(note.as_str().unwrap().contains(&json!(id).to_string()), "{note}");
        assert_eq!(by_name, by_id, "{tool}");
    }
}

#[tokio::test]
async fn filters_and_lists_below_a_thing_take_names_too() {
    let run = Setup::access("read").start().await;
    let owner = first(&run, "list_tests", json!({"fields": ["owner"]})).await["owner"].clone();
    let cases = [
        ("list_controls", "frameworkMatchesAny", json!(["soc2"]), json!(["SOC 2"])),
        ("list_tests", "frameworkFilter", json!("soc2"), json!("soc 2")),
        ("list_tests", "ownerFilter", owner["id"].clone(), owner["emailAddress"].clone()),
        ("list_framework_controls", "frameworkId", json!("soc2"), json!("SOC 2")),
    ];
    for (tool, argument, id, name) in cases {
        let by_id = run.value(tool, json!({argument: id, "all": true})).await;
        assert_ne!(by_id["count"], 0, "{tool}");
        let mut by_name = run.value(tool, json!({argument: name, "all": true})).await;
        let note = by_name.as_object_mut().unwrap().remove("note").unwrap_or_default();
        assert!(note.as_str().unwrap_or_default().contains(" is {"), "{tool}: {note}");
        assert_eq!(by_name, by_id, "{tool}");
    }
}

#[tokio::test]
async fn what_changes_something_is_told_the_id_and_not_sent() {
    let run = Setup::default().start().await;
    let vendor = first(&run, "list_vendors", json!({})).await;
    let (id, name) = (vendor["id"].to_string(), vendor["name"].as_str().unwrap());
    for (tool, arguments) in [
        ("delete_vendor", json!({"vendorId": name})),
        ("delete_vendor", json!({"vendorId": name, "confirm": name})),
        ("update_vendor", json!({"vendorId": name, "name": "X"})),
    ] {
        let told = run.error(tool, arguments).await;
        assert!(
            told.starts_with(&format!("{tool} was not carried out. `vendorId` must be an id here")),
            "{told}"
        );
        assert!(told.contains(&id), "{told}");
    }
    assert!(!run.sent_changes());
}

/// An upstream with these items in each of its lists.
async fn listing(items: Vec<Value>) -> Listener {
    Listener::start(move |request| {
        if request.contains("/oauth/token") {
            return (
                200,
                json!({"access_token": "t", "token_type": "bearer", "expires_in": 3600}).to_string(),
            );
        }
        let target = request.split(' ').nth(1).unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path.matches('/').count() > 2 {
            return (404, json!({"message": "Not found"}).to_string());
        }
        let number = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).and_then(|(_, value)| value.parse::<usize>().ok())
        };
        let begin = number("pageCursor").unwrap_or(0);
        let end = (begin + number("pageSize").unwrap_or(10)).min(items.len());
        let info = json!({"endCursor": end.to_string(), "hasNextPage": end < items.len()});
        (200, json!({"results": {"data": items[begin..end], "pageInfo": info}}).to_string())
    })
    .await
}

async fn refused(items: Vec<Value>, tool: &str, arguments: Value) -> (String, usize) {
    let upstream = listing(items).await;
    let run = Setup::access("read").with("VANTA_BASE_URL", &*upstream.url).start().await;
    let told = run.error(tool, arguments).await;
    let requests = upstream.heard().iter().filter(|request| !request.contains("/oauth/token")).count();
    (told, requests)
}

#[tokio::test]
async fn several_that_may_be_meant_are_listed() {
    let items = (0..13).map(|n| json!({"id": format!("a{n}"), "name": format!("Acme \"{n}\"")})).collect();
    let (told, requests) = refused(items, "get_vendor", json!({"vendorId": "ACME"})).await;
    let expected = "get_vendor was not carried out. `vendorId`: \"ACME\" may be any of 13 items of list_vendors: \
        {\"id\":\"a0\",\"name\":\"Acme \\\"0\\\"\"}, ";
    assert!(told.starts_with(expected), "{told}");
    assert!(
        told.ends_with("\"a9\",\"name\":\"Acme \\\"9\\\"\"} and 3 more; pass the id of the one you mean."),
        "{told}"
    );
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn the_nearest_are_named_where_none_is_meant() {
    let items = vec![json!({"id": "a1", "name": "Cloudflare"}), json!({"id": "b1", "name": "Box"})];
    let (told, requests) = refused(items, "get_vendor", json!({"vendorId": "Cloudflair"})).await;
    assert_eq!(
        told,
        "get_vendor was not carried out. `vendorId`: no item of list_vendors has the name \"Cloudflair\"; most like it: \
         {\"id\":\"a1\",\"name\":\"Cloudflare\"}."
    );
    // What its own filter finds, then the list, and then the call itself, since some ids are in capitals.
    assert_eq!(requests, 3);
    let (told, _) =
        refused(vec![json!({"id": "b1", "name": "Box"})], "get_group", json!({"groupId": "Sales"})).await;
    assert!(told.ends_with("has the name \"Sales\"; pass an id or a name that it returns."), "{told}");
}

#[tokio::test]
async fn no_more_than_a_thousand_items_are_looked_through() {
    let items = (0..1_300).map(|n| json!({"id": format!("g{n}"), "name": format!("Group {n}x")})).collect();
    let (told, requests) = refused(items, "get_group", json!({"groupId": "The board"})).await;
    assert!(
        told.contains("none of the first 1,000 items of list_groups has the name \"The board\""),
        "{told}"
    );
    assert_eq!(requests, 10);
}

#[tokio::test]
async fn an_id_that_looks_like_a_name_goes_out_as_it_is() {
    let upstream = Listener::start(|request| {
        let body = if request.contains("/oauth/token") {
            json!({"access_token": "t", "token_type": "bearer", "expires_in": 3600})
        } else if request.contains("/AC-9 ") {
            json!({"id": "AC-9", "name": "Switched off"})
        } else {
            json!({"results": {"data": [{"id": "AC-1", "name": "On"}], "pageInfo": {"hasNextPage": false}}})
        };
        (200, body.to_string())
    })
    .await;
    let run = Setup::access("read").with("VANTA_BASE_URL", &*upstream.url).start().await;
    let told = run.value("get_control", json!({"controlId": "AC-9"})).await;
    assert_eq!((&told["id"], told.get("note")), (&json!("AC-9"), None));
    // What cannot be an id is not sent.
    let before = upstream.heard().len();
    let told = run.error("get_control", json!({"controlId": "AC 9"})).await;
    assert!(told.starts_with("get_control was not carried out. `controlId`: no item"), "{told}");
    assert_eq!(upstream.heard().len(), before + 1);
}

#[tokio::test]
async fn a_filter_by_an_unknown_name_says_so() {
    let run = Setup::access("read").start().await;
    let told = run.error("list_controls", json!({"frameworkMatchesAny": ["SOC 3"]})).await;
    assert!(
        told.contains("no item of list_frameworks has the name \"SOC 3\"; most like it: {\"displayName\":"),
        "{told}"
    );
    let told = run.value("list_controls", json!({"frameworkMatchesAny": ["SOC3"]})).await;
    assert_eq!(told["count"], 0);
    assert!(
        told["note"].as_str().unwrap().contains("no item of list_frameworks has the name \"SOC3\""),
        "{told}"
    );
}

#[tokio::test]
async fn a_list_that_is_not_offered_is_not_looked_through() {
    let upstream = listing(vec![json!({"id": "a1", "name": "Acme"})]).await;
    let run = Setup::access("read").with("VANTA_BASE_URL", &*upstream.url);
    let run = run.with("VANTA_MCP_EXCLUDE_TOOLS", "list_vendors").start().await;
    let told = run.error("get_vendor", json!({"vendorId": "Acme"})).await;
    assert!(!told.contains("a1"), "{told}");
    let asked = upstream.heard();
    assert!(asked.iter().any(|request| request.starts_with("GET /v1/vendors/Acme ")), "{asked:?}");
    assert!(!asked.iter().any(|request| request.starts_with("GET /v1/vendors?")), "{asked:?}");
}
