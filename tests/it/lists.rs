//! Lists beyond a page: all of it, how many, how many of each kind.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use vanta_demo::{FaultKind, Target};

use crate::harness::{Listener, Run, Setup};

/// Every item of a list, page by page as a client without these arguments reads it.
pub async fn paged(run: &Run, tool: &str, mut arguments: Value) -> Vec<Value> {
    let mut items = Vec::new();
    loop {
        let mut page = run.value(tool, arguments.clone()).await;
        items.append(page["items"].as_array_mut().unwrap());
        match page.get("nextCursor") {
            Some(cursor) => arguments = with(&arguments, "pageCursor", cursor.clone()),
            None => return items,
        }
    }
}

/// The members of a JSON object.
pub fn object(value: Value) -> Map<String, Value> {
    let Value::Object(members) = value else { panic!("an object") };
    members
}

/// Arguments with one more.
pub fn with(arguments: &Value, name: &str, value: Value) -> Value {
    let mut members = object(arguments.clone());
    members.insert(name.to_owned(), value);
    Value::Object(members)
}

#[tokio::test]
async fn all_of_a_list_is_what_its_pages_hold() {
    let run = Setup::default().start().await;
    for (tool, arguments) in [
        ("list_controls", json!({"pageSize": 7})),
        ("list_people", json!({"pageSize": 10, "fields": ["name", "emailAddress"]})),
        ("list_vulnerabilities", json!({"pageSize": 9, "severity": "HIGH"})),
        ("list_vendors", json!({"name": "no such vendor"})),
    ] {
        let expected = paged(&run, tool, arguments.clone()).await;
        let all = run.value(tool, with(&arguments, "all", json!(true))).await;
        assert_eq!(all["items"].as_array().unwrap(), &expected, "{tool}");
        assert_eq!((&all["count"], all.get("nextCursor")), (&json!(expected.len()), None), "{tool}");
        let counted = run.value(tool, with(&arguments, "countOnly", json!(true))).await;
        assert_eq!(counted["count"], expected.len(), "{tool}");
        assert!(counted.get("items").is_none(), "{tool}");
        // A fault in the middle changes nothing but time.
        run.fault(Target::Vanta, FaultKind::Unavailable, 1);
        let again = run.value(tool, with(&arguments, "all", json!(true))).await;
        assert_eq!(again, all, "{tool}");
    }
}

#[tokio::test]
async fn so_many_items_and_where_the_rest_begins() {
    let run = Setup::default().start().await;
    let expected = paged(&run, "list_controls", json!({})).await;
    let first = run.value("list_controls", json!({"maxItems": 30, "pageSize": 20})).await;
    assert_eq!(first["items"].as_array().unwrap(), &expected[..30]);
    assert_eq!(first["count"], 30);
    let rest = json!({"pageCursor": first["nextCursor"], "all": true});
    assert_eq!(run.value("list_controls", rest).await["items"].as_array().unwrap(), &expected[30..]);
    let more = run.value("list_controls", json!({"maxItems": 100_000})).await;
    assert_eq!((more["items"].as_array().unwrap(), more.get("nextCursor")), (&expected, None));
}

#[tokio::test]
async fn a_list_is_counted_by_the_values_of_a_field() {
    let run = Setup::default().start().await;
    for (tool, path) in [
        ("list_tests", "status"),
        ("list_controls", "owner.displayName"),
        ("list_people", "employment.status"),
        ("list_vendors", "contractRenewalDate"),
    ] {
        let items = paged(&run, tool, json!({"fields": ["*"], "pageSize": 100})).await;
        let mut expected: BTreeMap<String, u64> = BTreeMap::new();
        for item in &items {
            let value = item.pointer(&format!("/{}", path.replace('.', "/"))).and_then(Value::as_str);
            *expected.entry(value.unwrap_or("(none)").to_owned()).or_default() += 1;
        }
        let told = run.value(tool, json!({"groupBy": path})).await;
        assert_eq!(told["groups"], json!(expected), "{tool} by {path}");
        assert_eq!(told["count"], items.len(), "{tool}");
        assert!(told.get("note").is_none(), "{told}");
    }
}

#[tokio::test]
async fn a_field_that_no_item_has_is_not_taken_for_an_empty_one() {
    let run = Setup::default().start().await;
    // Not all that these items can have is known, so it is looked for in all of them before it is called unknown.
    let told = run.value("list_vendor_categories", json!({"groupBy": "zzzqqqxxx"})).await;
    assert_eq!(told["unknownFields"], json!(["zzzqqqxxx"]));
    assert!(told["note"].as_str().unwrap().contains("has it. Nothing was grouped."), "{told}");
    assert!(told.get("groups").is_none() && told.get("count").is_none(), "{told}");
}

#[tokio::test]
async fn groups_of_a_list_valued_field_say_that_they_overlap() {
    let run = Setup::default().start().await;
    let items = paged(&run, "list_controls", json!({"fields": ["*"]})).await;
    let sum: usize =
        items.iter().map(|item| item["domains"].as_array().map_or(1, |all| all.len().max(1))).sum();
    let told = run.value("list_controls", json!({"groupBy": "domains"})).await;
    let groups: u64 = told["groups"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(groups, u64::try_from(sum).unwrap());
    if sum != items.len() {
        assert!(told["note"].as_str().unwrap().contains(&format!("add up to {sum}")), "{told}");
    }
}

/// An upstream that ignores a filter, as one does that does not know it.
fn heedless(request: &str) -> (u16, String) {
    if request.contains("/oauth/token") {
        return (200, json!({"access_token": "t", "token_type": "bearer", "expires_in": 3600}).to_string());
    }
    let page = |from: usize, until: usize, next: Option<&str>| {
        let items: Vec<Value> =
            (from..until).map(|id| json!({"id": format!("v{id}"), "status": "MANAGED"})).collect();
        let info = json!({"endCursor": next.unwrap_or("e"), "hasNextPage": next.is_some()});
        (200, json!({"results": {"data": items, "pageInfo": info}}).to_string())
    };
    if request.contains("name=short") {
        return page(0, 2, None);
    }
    if request.contains("shifted") && request.contains("pageCursor=c2") {
        // An item was added before: the last of the first page comes again.
        return page(2, 5, None);
    }
    if request.contains("shifted") {
        return page(0, 3, Some("c2"));
    }
    if request.contains("endless") {
        return page(0, 3, Some("same"));
    }
    if request.contains("circle") {
        let next = if request.contains("pageCursor=one") { "two" } else { "one" };
        return page(0, 3, Some(next));
    }
    if request.contains("hollow") {
        let next = request
            .split("pageCursor=")
            .nth(1)
            .map_or(0, |rest| rest.split([' ', '&']).next().unwrap().len());
        return page(0, 0, Some(&"x".repeat(next + 1)));
    }
    if request.contains("ignored") || request.contains("statusMatchesAny=IN_PROCUREMENT") {
        let next = (!request.contains("pageCursor=rest")).then_some("rest");
        return if next.is_some() { page(0, 100, next) } else { page(100, 130, None) };
    }
    page(0, 40, None)
}

#[tokio::test]
async fn a_filter_that_changed_nothing_is_named() {
    let upstream = Listener::start(heedless).await;
    let run = Setup::default().with("VANTA_BASE_URL", &*upstream.url).start().await;
    let told = run.value("list_vendors", json!({"countOnly": true, "statusMatchesAny": ["ARCHIVED"]})).await;
    assert_eq!(told["count"], 40);
    assert!(
        told["note"].as_str().unwrap().contains("The filter `statusMatchesAny` changed nothing"),
        "{told}"
    );
    let told = run.value("list_vendors", json!({"groupBy": "status", "name": "short"})).await;
    assert_eq!((&told["groups"], told.get("note")), (&json!({"MANAGED": 2}), None));
    // Of a longer list the first page is compared.
    let wanted = json!({"countOnly": true, "name": "ignored", "statusMatchesAny": ["IN_PROCUREMENT"]});
    let told = run.value("list_vendors", wanted).await;
    assert_eq!(told["count"], 130);
    assert!(
        told["note"].as_str().unwrap().contains("may have changed nothing: the first 100 items"),
        "{told}"
    );
}

#[tokio::test]
async fn a_list_in_an_order_says_nothing_of_its_filters() {
    // As many as pass it come first.
    let page = |from: usize, to: usize, next: Option<&str>| {
        let items: Vec<Value> =
            (from..to).map(|id| json!({"id": format!("v{id}"), "status": "OPEN"})).collect();
        let info = json!({"hasNextPage": next.is_some(), "hasPreviousPage": false, "startCursor": null, "endCursor": next});
        (200, json!({"results": {"data": items, "pageInfo": info}}).to_string())
    };
    let upstream = Listener::start(move |request| {
        if request.starts_with("POST /oauth/token") {
            return (
                200,
                json!({"access_token": "t", "expires_in": 3599, "token_type": "Bearer"}).to_string(),
            );
        }
        let next = (!request.contains("pageCursor=rest")).then_some("rest");
        if next.is_some() { page(0, 100, next) } else { page(100, 130, None) }
    })
    .await;
    let run = Setup::default().with("VANTA_BASE_URL", &*upstream.url).start().await;
    let bound = json!({"countOnly": true, "slaDeadlineBeforeDate": "2026-12-01T00:00:00Z"});
    let told = run.value("list_vulnerabilities", bound).await;
    assert_eq!((&told["count"], told.get("note")), (&json!(130), None), "{told}");
    let sorted = json!({"countOnly": true, "statusMatchesAny": ["NOT_STARTED"], "orderBy": "createdDate"});
    let told = run.value("list_issues", sorted).await;
    assert_eq!((&told["count"], told.get("note")), (&json!(130), None), "{told}");
}

#[tokio::test]
async fn fields_inside_of_a_lists_objects_are_named_and_grouped_by() {
    let run = Setup::default().start().await;
    let whole = run.value("list_issues", json!({"fields": ["id", "owners"], "all": true})).await;
    let whole = whole["items"].as_array().unwrap();
    let named = json!({"fields": ["id", "owners.ownerId"], "all": true});
    let told = run.value("list_issues", named).await;
    assert!(told.get("unknownFields").is_none(), "{told}");
    let mut groups = std::collections::BTreeMap::<String, u64>::new();
    for (item, whole) in told["items"].as_array().unwrap().iter().zip(whole) {
        let owners = whole["owners"].as_array().unwrap();
        let expected: Vec<Value> = owners.iter().map(|owner| json!({"ownerId": owner["ownerId"]})).collect();
        assert_eq!(item["owners"], json!(expected));
        let mut ids: Vec<&str> = owners.iter().map(|owner| owner["ownerId"].as_str().unwrap()).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            *groups.entry("(none)".to_owned()).or_default() += 1;
        }
        for id in ids {
            *groups.entry(id.to_owned()).or_default() += 1;
        }
    }
    let grouped = run.value("list_issues", json!({"groupBy": "owners.ownerId"})).await;
    assert_eq!(grouped["groups"], json!(groups), "{grouped}");
    // Two of them go together, and one that there is not is named.
    let both = json!({"fields": ["owners.ownerType", "owners.ownerId", "owners.nothing"], "pageSize": 1});
    let told = run.value("list_issues", both).await;
    assert_eq!(told["items"][0]["owners"], whole[0]["owners"]);
    assert_eq!(told["unknownFields"], json!(["owners.nothing"]), "{told}");
}

#[tokio::test]
async fn the_panels_lists_tell_the_nearest_field_and_group_as_they_filter() {
    let accounts = json!({"accounts": [
        {"user": "a", "status": "Active"}, {"user": "b", "status": "active"}, {"user": "c", "status": "suspended"},
    ]});
    let upstream = Listener::start(move |_| (200, accounts.to_string())).await;
    let run = Setup::default().with("VANTA_PANEL_URL", &*upstream.url).start().await;
    let told = run.value("list_panel_accounts", json!({"fields": ["usr"]})).await;
    assert!(told["note"].as_str().unwrap().contains("Unknown field `usr`; did you mean `user`?"), "{told}");
    let grouped = run.value("list_panel_accounts", json!({"groupBy": "status"})).await;
    assert_eq!(grouped["groups"], json!({"Active": 2, "suspended": 1}), "{grouped}");
    let filtered = run.value("list_panel_accounts", json!({"status": "ACTIVE"})).await;
    assert_eq!(filtered["count"], 2);
}

#[tokio::test]
async fn what_comes_twice_is_counted_once_and_a_list_without_an_end_ends() {
    let upstream = Listener::start(heedless).await;
    let run = Setup::default().with("VANTA_BASE_URL", &*upstream.url).start().await;
    let told = run.value("list_vendors", json!({"all": true, "name": "shifted"})).await;
    assert_eq!(told["count"], 5);
    assert!(told["note"].as_str().unwrap().contains("1 item came twice"), "{told}");
    let told = run.value("list_vendors", json!({"all": true, "name": "endless"})).await;
    assert_eq!(told["count"], 3);
    assert!(told["note"].as_str().unwrap().contains("lead back to what was read before"), "{told}");
    // However long the circle is.
    let before = upstream.heard().len();
    let told = run.value("list_vendors", json!({"countOnly": true, "name": "circle"})).await;
    assert!(told["note"].as_str().unwrap().contains("lead back"), "{told}");
    assert!(upstream.heard().len() - before < 10);
    // Pages without items, with ever new cursors.
    let before = upstream.heard().len();
    let told = run.value("list_vendors", json!({"all": true, "name": "hollow"})).await;
    assert!(told["note"].as_str().unwrap().contains("lead back"), "{told}");
    assert!(upstream.heard().len() - before < 10);
}

#[tokio::test]
async fn what_is_counted_in_part_says_so() {
    let run = Setup::default().start().await;
    let told = run.value("list_controls", json!({"countOnly": true, "maxItems": 12})).await;
    assert_eq!(told["count"], 12);
    assert!(told["note"].as_str().unwrap().contains("Only the first 12 items were counted"), "{told}");
    let page = run.value("list_controls", json!({"pageSize": 5})).await;
    let told = run.value("list_controls", json!({"countOnly": true, "pageCursor": page["nextCursor"]})).await;
    assert!(told["note"].as_str().unwrap().contains("from `pageCursor` on"), "{told}");
}

#[tokio::test]
async fn a_page_that_fails_for_good_is_told_with_how_far_the_list_was_read() {
    let upstream = Listener::start(|request| {
        if request.contains("pageCursor=c2") {
            return (400, json!({"message": "bad cursor"}).to_string());
        }
        heedless(&request.replace("name=", "name=shifted"))
    })
    .await;
    let run = Setup::default().with("VANTA_BASE_URL", &*upstream.url).start().await;
    let told = run.error("list_vendors", json!({"all": true, "name": "x"})).await;
    assert!(told.contains("bad cursor") && told.contains("3 items had been read before it"), "{told}");
}

#[tokio::test]
async fn a_program_runs_on_all_items_with_every_field() {
    let run = Setup::default().start().await;
    let items = paged(&run, "list_controls", json!({"fields": ["*"], "pageSize": 100})).await;
    let open = items.iter().filter(|item| item.get("owner").is_none_or(Value::is_null)).count();
    let told = run.value("list_controls", json!({"jq": "map(select(.owner == null)) | length"})).await;
    assert_eq!(told, json!({ "result": open }));
    let names = json!({"jq": "sort_by(.name) | map(.name)", "pageSize": 9});
    let told = run.value("list_controls", names).await;
    let mut expected: Vec<&str> = items.iter().map(|item| item["name"].as_str().unwrap()).collect();
    expected.sort_unstable();
    assert_eq!((&told["items"], &told["count"]), (&json!(expected), &json!(items.len())));
    // Of the fields that are named, and of as many items as are wanted.
    let some = json!({"jq": "map(keys) | unique", "fields": ["id", "name"], "maxItems": 5});
    let told = run.value("list_controls", some).await;
    assert_eq!(told["items"], json!([["id", "name"]]));
    assert!(told["note"].as_str().unwrap().contains("the first 5 items"), "{told}");
    // Several outputs are a list too, and what is too long is cut.
    let told = run
        .value("list_controls", json!({"jq": ".[] | {id, name}", "maxChars": 2000, "format": "json"}))
        .await;
    assert_eq!(told["total"], items.len());
    assert!(told["count"].as_u64().unwrap() < 40 && told.to_string().len() <= 2000, "{told}");
}

#[tokio::test]
async fn a_program_with_a_mistake_costs_one_page() {
    let run = Setup::default().start().await;
    for (program, told) in [
        ("map(select(.owner == null)", "line 1, column 27"),
        ("map(sellect(.owner))", "Did you mean `select`?"),
        (".items[]", "The input is the array of items itself"),
    ] {
        run.tenant.forget();
        let refused = run.error("list_controls", json!({"jq": program, "pageSize": 20})).await;
        assert!(refused.contains(told) && refused.starts_with("list_controls: "), "{refused}");
        assert!(
            refused.contains("The input is an array of items, such as {\"creationDate\""),
            "two items: {refused}"
        );
        let reads = run.seen().len();
        assert!(reads == 1 || told.contains("input"), "{program}: {reads} requests");
    }
}
