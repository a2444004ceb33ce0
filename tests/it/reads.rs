//! What is read twice: at once it is sent once, and a moment later not at all, unless something was changed or the caller
//! wants it fresh.

use std::time::Duration;

use futures::future::join_all;
use rmcp::model::CallToolResult;
use serde_json::{Value, json};
use vanta_demo::{Fault, FaultKind, Limits, Target, Tenant};

use crate::harness::{self, Run, Setup, Wire, eventually, text};

/// A run whose reads are kept as long as they are unless somebody says otherwise.
fn keeping() -> Setup {
    Setup::default().with("VANTA_MCP_CACHE", "")
}

async fn read(run: &Run, arguments: Value) -> CallToolResult {
    let result = run.result("list_vendors", arguments).await;
    assert_ne!(result.is_error, Some(true), "{}", text(&result));
    result
}

/// What an answer says of the cache.
fn hit(result: &CallToolResult) -> Value {
    let cache = result.meta.as_ref().and_then(|meta| meta.get("vanta-mcp/cache"));
    cache.map_or(Value::Null, |cache| cache["hit"].clone())
}

fn reads(tenant: &Tenant) -> usize {
    tenant.seen().iter().filter(|seen| seen.method == "GET").count()
}

fn slowly(tenant: &Tenant, seconds: f64) {
    let kind = FaultKind::Slow(Duration::from_secs_f64(seconds));
    tenant.fault(Fault { on: Target::Vanta, kind, times: 1 });
}

#[tokio::test]
async fn a_read_is_kept_for_who_reads_the_same_and_says_so() {
    let run = keeping().start().await;
    let first = read(&run, json!({"pageSize": 2})).await;
    let second = read(&run, json!({"pageSize": 2})).await;
    assert_eq!((hit(&first), hit(&second)), (Value::Null, json!("kept")));
    assert_eq!(first.structured_content, second.structured_content);
    let age = second.meta.unwrap()["vanta-mcp/cache"]["ageSeconds"].as_f64().unwrap();
    assert!((0.0..30.0).contains(&age), "{age}");
    assert_eq!(reads(&run.tenant), 1);
    // Which fields are shown is no other read; which items are is.
    let fields = read(&run, json!({"pageSize": 2, "fields": ["name"]})).await;
    assert_eq!((hit(&fields), reads(&run.tenant)), (json!("kept"), 1));
    assert_eq!(fields.structured_content.unwrap()["items"][0].as_object().unwrap().len(), 1);
    for (reads_before, arguments) in
        [json!({"pageSize": 3}), json!({"pageSize": 2, "fresh": true})].into_iter().enumerate()
    {
        assert_eq!(hit(&read(&run, arguments).await), Value::Null);
        assert_eq!(reads(&run.tenant), reads_before + 2);
    }
    // What was read fresh is kept in its turn.
    assert_eq!(hit(&read(&run, json!({"pageSize": 2})).await), json!("kept"));
}

#[tokio::test]
async fn nothing_is_kept_past_its_time_and_nothing_where_it_is_switched_off() {
    let run = Setup::default().with("VANTA_MCP_CACHE", "4").start().await;
    read(&run, json!({})).await;
    assert_eq!(hit(&read(&run, json!({})).await), json!("kept"));
    tokio::time::sleep(Duration::from_millis(4050)).await;
    assert_eq!((hit(&read(&run, json!({})).await), reads(&run.tenant)), (Value::Null, 2));
    let off = Setup::default().with("VANTA_MCP_CACHE", "0").start().await;
    for _ in 0..2 {
        assert_eq!(hit(&read(&off, json!({})).await), Value::Null);
    }
    assert_eq!(reads(&off.tenant), 2);
}

#[tokio::test]
async fn a_refusal_is_not_kept_and_neither_is_what_the_panel_says() {
    let run = keeping().start().await;
    for _ in 0..2 {
        run.error("get_vendor", json!({"vendorId": "nobody"})).await;
        assert_eq!(hit(&run.result("list_panel_accounts", json!({})).await), Value::Null);
    }
    assert_eq!(reads(&run.tenant), 4);
    let told = run.error("list_panel_accounts", json!({"fresh": true})).await;
    assert!(told.contains("fresh"), "{told}");
}

#[tokio::test]
async fn after_a_change_everything_is_read_again() {
    let run = keeping().start().await;
    let names =
        async || read(&run, json!({"name": "Brand New"})).await.structured_content.unwrap()["count"].clone();
    assert_eq!(names().await, 0);
    run.value("create_vendor", json!({"name": "Brand New"})).await;
    assert_eq!(names().await, 1, "what was read before is not shown after it");
    // A change that fails may have been made all the same.
    run.fault(Target::Vanta, FaultKind::DroppedAfter, 1);
    run.error("create_vendor", json!({"name": "Brand New Too"})).await;
    assert_eq!(names().await, 2);
}

/// A read that began before a change and ended after it is no news.
#[tokio::test]
async fn what_was_on_its_way_during_a_change_is_neither_kept_nor_shared_after_it() {
    let run = keeping().start().await;
    // A token first, so that the slow request is the read.
    read(&run, json!({"pageSize": 1})).await;
    slowly(&run.tenant, 5.0);
    let old = read(&run, json!({"name": "Brand New"}));
    let change = async {
        eventually("it is on its way", async || reads(&run.tenant) == 2).await;
        run.value("create_vendor", json!({"name": "Brand New"})).await;
        read(&run, json!({"name": "Brand New"})).await
    };
    let (_, after) = tokio::join!(old, change);
    assert_eq!((hit(&after), after.structured_content.unwrap()["count"].clone()), (Value::Null, json!(1)));
    let later = read(&run, json!({"name": "Brand New"})).await;
    assert_eq!(later.structured_content.unwrap()["count"], 1);
}

#[tokio::test]
async fn reads_that_are_the_same_are_sent_once_while_they_are_under_way() {
    let run = Setup::default().start().await;
    slowly(&run.tenant, 4.0);
    let calls = (0..10).map(|call| {
        let fields = if call % 2 == 0 { json!(["name"]) } else { json!(["id"]) };
        run.result("list_vendors", json!({"fields": fields, "format": "json"}))
    });
    let results = join_all(calls).await;
    assert_eq!(reads(&run.tenant), 1);
    for (call, result) in results.iter().enumerate() {
        let item = &result.structured_content.as_ref().unwrap()["items"][0];
        assert_eq!(item.get("name").is_some(), call % 2 == 0, "each gets the fields it asked for");
    }
    let mut hits: Vec<Value> = results.iter().map(hit).collect();
    hits.sort_by_key(Value::is_null);
    assert_eq!(hits, [vec![json!("inFlight"); 9], vec![Value::Null]].concat());
}

/// Whoever began a read may leave; it ends once nobody is left.
#[tokio::test]
async fn a_read_goes_on_for_those_who_are_left() {
    let tenant = harness::tenant(Limits::Off).await;
    let mut command = harness::command();
    command.envs(harness::credentials(&tenant)).env("VANTA_MCP_TOOLSETS", "all");
    let mut wire = Wire::start(command);
    wire.initialize().await;
    let call = |id: u32| json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "list_vendors", "arguments": {}}});
    let cancel =
        |id: u32| json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}});
    slowly(&tenant, 5.0);
    wire.message(&call(1)).await;
    eventually("it is on its way", async || reads(&tenant) == 1).await;
    // What a call waits for is told: so it is known to be among those who wait.
    let mut second = call(2);
    second["params"]["_meta"] = json!({"progressToken": "second"});
    wire.message(&second).await;
    let told = wire.receive().await.unwrap();
    assert_eq!(
        (&told["method"], &told["params"]["progressToken"]),
        (&json!("notifications/progress"), &json!("second"))
    );
    wire.message(&cancel(1)).await;
    let mut answer = wire.receive().await.unwrap();
    while answer["method"] == "notifications/progress" {
        answer = wire.receive().await.unwrap();
    }
    assert_eq!((&answer["id"], &answer["result"]["isError"]), (&json!(2), &json!(false)), "{answer}");
    assert_eq!(reads(&tenant), 1);
}

#[tokio::test]
async fn a_preview_shows_what_is_there_now() {
    let run = keeping().start().await;
    let vendors = read(&run, json!({"pageSize": 1})).await.structured_content.unwrap();
    let vendor = json!({"vendorId": vendors["items"][0]["id"]});
    run.value("get_vendor", vendor.clone()).await;
    let before = reads(&run.tenant);
    run.value("delete_vendor", vendor).await;
    assert_eq!(reads(&run.tenant), before + 1, "consent is given to what is there now");
}

/// A process with this state, which keeps what it reads.
async fn process(tenant: &Tenant, state: &str, limits: &str) -> Wire {
    let mut command = harness::command();
    command.envs(harness::credentials(tenant)).env("VANTA_MCP_TOOLSETS", "all");
    command.env("VANTA_MCP_ACCESS", "write").env("VANTA_MCP_STATE", state).env("VANTA_MCP_LIMITS", limits);
    command.env_remove("VANTA_MCP_CACHE");
    let mut wire = Wire::start(command);
    wire.initialize().await;
    wire
}

async fn begin(wire: &mut Wire, id: usize, tool: &str, arguments: &Value) {
    let params = json!({"name": tool, "arguments": arguments});
    wire.message(&json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})).await;
}

/// The result of the next call that ends, which must be no error.
async fn ended(wire: &mut Wire) -> Value {
    let answer = wire.receive().await.unwrap();
    assert_eq!(answer["result"]["isError"], false, "{answer}");
    answer["result"].clone()
}

async fn called(wire: &mut Wire, id: usize, tool: &str, arguments: &Value) -> Value {
    begin(wire, id, tool, arguments).await;
    ended(wire).await
}

fn hit_of(result: &Value) -> &Value {
    &result["_meta"]["vanta-mcp/cache"]["hit"]
}

/// Two processes with one application: what one changes, the other does not show as it was.
#[tokio::test]
async fn what_another_process_changed_is_read_again() {
    let tenant = harness::tenant(Limits::Off).await;
    let folder = harness::Scratch::new("reads");
    let state = format!("{}/state/state.db", folder.path());
    let wanted = json!({"name": "Brand New"});
    for limits in ["off", "manage=5000"] {
        let (mut one, mut other) =
            (process(&tenant, &state, limits).await, process(&tenant, &state, limits).await);
        let before = called(&mut one, 1, "list_vendors", &wanted).await;
        assert_eq!(hit_of(&called(&mut one, 2, "list_vendors", &wanted).await), "kept");
        called(&mut other, 1, "create_vendor", &wanted).await;
        let after = called(&mut one, 3, "list_vendors", &wanted).await;
        let count = |told: &Value| told["structuredContent"]["count"].as_u64().unwrap();
        assert_eq!(count(&after), count(&before) + 1, "{limits}");
        // A read that is on its way since before a change is not shared with who asks after it.
        slowly(&tenant, 5.0);
        let sent = reads(&tenant);
        begin(&mut one, 4, "list_vendors", &json!({"name": "Brand New", "pageSize": 9})).await;
        eventually("it is on its way", async || reads(&tenant) > sent).await;
        called(&mut other, 2, "create_vendor", &wanted).await;
        begin(&mut one, 5, "list_vendors", &json!({"name": "Brand New", "pageSize": 9})).await;
        let results = [ended(&mut one).await, ended(&mut one).await];
        assert!(results.iter().all(|result| hit_of(result).is_null()), "{results:?}");
        assert_eq!(
            count(&called(&mut one, 6, "list_vendors", &wanted).await),
            count(&before) + 2,
            "{limits}"
        );
    }
}

/// A process that is killed while it changes something may have changed it.
#[tokio::test]
async fn what_was_read_before_the_change_of_one_who_was_killed_is_not_used() {
    let tenant = harness::tenant(Limits::Off).await;
    let folder = harness::Scratch::new("killed");
    let state = format!("{}/state/state.db", folder.path());
    let (mut one, mut other) = (process(&tenant, &state, "off").await, process(&tenant, &state, "off").await);
    let wanted = json!({"name": "Brand New"});
    called(&mut one, 1, "list_vendors", &wanted).await;
    called(&mut other, 1, "list_vendors", &json!({"pageSize": 1})).await;
    assert_eq!(hit_of(&called(&mut one, 2, "list_vendors", &wanted).await), "kept");
    slowly(&tenant, 30.0);
    let posts =
        || tenant.seen().iter().filter(|seen| seen.method == "POST" && seen.path != "/oauth/token").count();
    begin(&mut other, 2, "create_vendor", &wanted).await;
    eventually("it is on its way", async || posts() == 1).await;
    other.child.kill().await.unwrap();
    for id in 3..5 {
        assert!(hit_of(&called(&mut one, id, "list_vendors", &wanted).await).is_null());
    }
}

/// What others change cannot be known then.
#[cfg(unix)]
#[tokio::test]
async fn nothing_that_was_kept_is_used_while_the_state_is_out_of_reach() {
    use std::os::unix::fs::PermissionsExt as _;
    let tenant = harness::tenant(Limits::Off).await;
    let folder = harness::Scratch::new("open");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let mut wire = process(&tenant, &format!("{}/state.db", folder.path()), "off").await;
    for id in 1..4 {
        assert!(hit_of(&called(&mut wire, id, "list_vendors", &json!({})).await).is_null());
    }
}
