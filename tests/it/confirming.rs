//! What a preview shows is carried out once, soon, as it was shown, and for the same caller.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use tempfile::TempDir;
use vanta_demo::{FaultKind, Limits, Target, Tenant};

use crate::cli::finish;
use crate::harness::{self, Run, Setup, Wire};

const TOOL: &str = "terminate_panel_account";

fn baker() -> Value {
    json!({"user": "baker", "confirm": "baker"})
}

/// How many terminations the Panel was asked for.
fn sent(run: &Run) -> usize {
    run.seen().iter().filter(|seen| seen.method == "DELETE").count()
}

#[tokio::test]
async fn who_confirms_without_having_seen_sees_first() {
    let run = Setup::default().start().await;
    let preview = run.value(TOOL, baker()).await;
    assert_eq!((&preview["preview"], &preview["changed"]), (&json!(TOOL), &json!(false)), "{preview}");
    let told = run.error(TOOL, json!({"user": "baker", "confirmation": preview["confirmation"]})).await;
    assert!(told.contains("`confirm` is not") && told.contains("nothing was changed"), "{told}");
    assert_eq!(sent(&run), 0);
    let mut confirmed = baker();
    confirmed["confirmation"] = preview["confirmation"].clone();
    run.value(TOOL, confirmed).await;
    assert_eq!(sent(&run), 1);
}

#[tokio::test]
async fn a_confirmation_is_good_for_its_own_call_alone() {
    let run = Setup::default().start().await;
    let confirmed = run.previewed(TOOL, &baker()).await;
    let token = &confirmed["confirmation"];
    let mut altered: Vec<char> = token.as_str().unwrap().chars().collect();
    altered[60] = if altered[60] == 'A' { 'B' } else { 'A' };
    let altered: String = altered.into_iter().collect();
    let vendor = run.value("list_vendors", json!({"pageSize": 1})).await["items"][0]["id"].clone();
    for (tool, arguments, expected) in [
        (
            TOOL,
            json!({"user": "kiln", "confirm": "kiln", "confirmation": token}),
            "not those that were previewed",
        ),
        (
            "delete_vendor",
            json!({"vendorId": vendor, "confirm": vendor, "confirmation": token}),
            "for another tool",
        ),
        (TOOL, json!({"user": "baker", "confirm": "baker", "confirmation": "yes"}), "copy it whole"),
        (TOOL, json!({"user": "baker", "confirm": "baker", "confirmation": altered}), "was altered"),
        (TOOL, json!({"user": "baker", "confirm": "baker", "confirmation": ""}), "copy it whole"),
    ] {
        let told = run.error(tool, arguments).await;
        assert!(told.contains(expected) && told.contains("Nothing was changed"), "{expected}: {told}");
        assert!(told.contains("new preview"), "{told}");
    }
    assert!(!run.sent_changes());
    run.value(TOOL, confirmed.clone()).await;
    let told = run.error(TOOL, confirmed).await;
    assert!(told.contains("has already been used"), "{told}");
    assert_eq!(sent(&run), 1);
}

/// What is sent counts, and not how it is spelled: an empty sync is not the one that was shown.
#[tokio::test]
async fn a_sync_is_carried_out_with_what_was_previewed() {
    let run = Setup::default().start().await;
    let tool = vanta_mcp::catalog::find("sync_connector_user_accounts").unwrap();
    let mut arguments = Value::Object(crate::given::made(tool, crate::given::Fill::Required));
    run.fault(Target::Reads, FaultKind::Body { status: 200, body: "{}".to_owned() }, 3);
    let confirmed = run.previewed(tool.name, &arguments).await;
    let mut emptied = confirmed.clone();
    emptied["resources"] = json!([]);
    let told = run.error(tool.name, emptied).await;
    assert!(told.contains("not those that were previewed"), "{told}");
    assert!(!run.sent_changes());
    // The same in another order of members is the same.
    let members = arguments["resources"][0].as_object().unwrap();
    let turned: serde_json::Map<String, Value> =
        members.iter().rev().map(|(name, value)| (name.clone(), value.clone())).collect();
    arguments["resources"][0] = Value::Object(turned);
    arguments["confirmation"] = confirmed["confirmation"].clone();
    let _ = run.result(tool.name, arguments).await;
    assert!(run.sent_changes());
}

#[tokio::test]
async fn a_target_that_changed_since_is_left_alone_and_the_change_is_told() {
    let run = Setup::default().start().await;
    let confirmed = run.previewed(TOOL, &baker()).await;
    let before = run.value("get_panel_account", json!({"user": "baker"})).await;
    let plan = if before["account"]["plan"] == "starter" { "business" } else { "starter" };
    run.value("set_panel_account_plan", json!({"user": "baker", "plan": plan})).await;
    let told = run.error(TOOL, confirmed).await;
    assert!(told.contains("has changed since the preview"), "{told}");
    assert!(told.contains(&format!("→ \"{plan}\"")), "what changed is told: {told}");
    assert_eq!(sent(&run), 0);
    run.confirmed(TOOL, baker()).await;
    assert_eq!(sent(&run), 1);
}

#[tokio::test]
async fn a_target_that_cannot_be_read_again_is_left_alone() {
    let run = Setup::default().start().await;
    let confirmed = run.previewed(TOOL, &baker()).await;
    run.fault(Target::Panel, FaultKind::Internal, 20);
    let told = run.error(TOOL, confirmed).await;
    assert!(told.contains("could not be read again") && told.contains("Nothing was changed"), "{told}");
    assert_eq!(sent(&run), 0);
}

#[tokio::test]
async fn of_a_thousand_uses_of_one_confirmation_one_goes_through() {
    let run = Setup::default().start().await;
    let confirmed = run.previewed(TOOL, &baker()).await;
    let results = join_all((0..1000).map(|_| run.result(TOOL, confirmed.clone()))).await;
    let done = results.iter().filter(|result| result.is_error != Some(true)).count();
    assert_eq!((done, sent(&run)), (1, 1));
}

async fn process(tenant: &Tenant, folder: &TempDir, variables: &[(&str, &str)]) -> Wire {
    let mut command = harness::command();
    command
        .envs(harness::credentials(tenant))
        .env("VANTA_MCP_STATE", folder.path().join("vanta-mcp/state.db"));
    command
        .env("VANTA_MCP_ACCESS", "destroy")
        .env("VANTA_MCP_TOOLSETS", "all")
        .envs(variables.iter().copied());
    let mut wire = Wire::start(command);
    wire.initialize().await;
    wire
}

async fn call(wire: &mut Wire, arguments: &Value) -> (bool, Value) {
    let call = json!({"name": TOOL, "arguments": arguments});
    wire.message(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call})).await;
    let mut message = wire.receive().await.unwrap();
    let text = message["result"]["content"][0]["text"].take();
    let structured = message["result"]["structuredContent"].take();
    (message["result"]["isError"] == true, if structured.is_null() { text } else { structured })
}

/// What one process showed another may carry out, and neither twice; another state has another key.
#[tokio::test]
async fn a_confirmation_holds_for_all_who_share_the_state_and_for_nobody_else() {
    let tenant = harness::tenant(Limits::Enforced).await;
    let (folder, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut one = process(&tenant, &folder, &[]).await;
    let mut other = process(&tenant, &folder, &[]).await;
    let mut stranger = process(&tenant, &elsewhere, &[]).await;
    let (_, preview) = call(&mut one, &json!({"user": "baker"})).await;
    let mut confirmed = baker();
    confirmed["confirmation"] = preview["confirmation"].clone();
    let (failed, told) = call(&mut stranger, &confirmed).await;
    assert!(failed && told.as_str().unwrap().contains("was not made here"), "{told}");
    let (failed, done) = call(&mut other, &confirmed).await;
    assert!(!failed, "{done}");
    let (failed, told) = call(&mut one, &confirmed).await;
    assert!(failed && told.as_str().unwrap().contains("already been used"), "{told}");
}

#[tokio::test]
async fn a_confirmation_expires() {
    let run = Setup::default().with("VANTA_MCP_CONFIRM_WITHIN", "10").start().await;
    let confirmed = run.previewed(TOOL, &baker()).await;
    tokio::time::sleep(Duration::from_secs(11)).await;
    let told = run.error(TOOL, confirmed).await;
    assert!(told.contains("has expired"), "{told}");
    assert_eq!(sent(&run), 0);
}

/// Whether it was used before could not be told.
#[cfg(unix)]
#[tokio::test]
async fn without_a_state_that_can_be_used_nothing_is_confirmed() {
    let tenant = harness::tenant(Limits::Enforced).await;
    let folder = TempDir::new().unwrap();
    let mut wire = process(&tenant, &folder, &[]).await;
    let (_, preview) = call(&mut wire, &json!({"user": "baker"})).await;
    let mut confirmed = baker();
    confirmed["confirmation"] = preview["confirmation"].clone();
    let place = folder.path().join("vanta-mcp/state.db");
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", place.display()));
    }
    std::fs::write(&place, "not a database at all, and long enough to be one ".repeat(200)).unwrap();
    for arguments in [&confirmed, &json!({"user": "baker"})] {
        let (failed, told) = call(&mut wire, arguments).await;
        let told = told.as_str().unwrap();
        assert!(
            failed && told.contains("cannot be checked") && told.contains("Nothing was changed"),
            "{told}"
        );
    }
    assert!(tenant.seen().iter().all(|seen| seen.method != "DELETE"));
}

#[tokio::test]
async fn a_command_line_names_what_it_destroys() {
    let call = async |more: &[&str]| {
        let mut command = harness::command();
        command.args(["call", "--demo", "--access", "destroy", TOOL, "{\"user\":\"baker\"}"]).args(more);
        finish(command, "").await
    };
    let shown = call(&[]).await;
    assert_eq!(shown.code, Some(0));
    assert!(shown.stdout.contains("\"changed\":false"), "{}", shown.stdout);
    let repeat = "vanta-mcp call terminate_panel_account '{\"user\":\"baker\"}' --confirm baker";
    assert!(shown.stderr.contains(repeat), "{}", shown.stderr);
    let wrong = call(&["--confirm", "kiln"]).await;
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.stderr.contains("does not repeat baker, so nothing was changed"), "{}", wrong.stderr);
    let done = call(&["--confirm", "baker"]).await;
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stdout.contains("\"terminated\":true"), "{}", done.stdout);
}

/// A process whose client can ask a person, before 2026-07-28.
async fn with_a_person(tenant: &Tenant, by: &str) -> Wire {
    let mut command = harness::command();
    command.envs(harness::credentials(tenant)).env("VANTA_MCP_ACCESS", "destroy");
    command.env("VANTA_MCP_TOOLSETS", "all").env("VANTA_MCP_CONFIRM", by);
    let mut wire = Wire::start(command);
    let client = json!({"name": "t", "version": "0"});
    let params =
        json!({"protocolVersion": "2025-11-25", "capabilities": {"elicitation": {}}, "clientInfo": client});
    wire.message(&json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params})).await;
    wire.receive().await.unwrap();
    wire.message(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
    wire
}

fn terminations(tenant: &Tenant) -> usize {
    tenant.seen().iter().filter(|seen| seen.method == "DELETE").count()
}

#[tokio::test]
async fn a_person_is_shown_what_will_happen_and_only_a_yes_carries_it_out() {
    let tenant = harness::tenant(Limits::Enforced).await;
    let mut wire = with_a_person(&tenant, "person-if-able").await;
    let answers = [
        (json!({"result": {"action": "decline"}}), "said no"),
        (json!({"result": {"action": "accept", "content": {"confirm": false}}}), "said no"),
        (json!({"result": {"action": "cancel"}}), "said no"),
        (json!({"error": {"code": -32603, "message": "no window"}}), "nobody answered"),
        (json!({"result": {"action": "accept", "content": {"confirm": true}}}), "\"terminated\":true"),
    ];
    for (number, (answer, expected)) in answers.into_iter().enumerate() {
        let (_, preview) = call(&mut wire, &json!({"user": "baker"})).await;
        let mut confirmed = baker();
        confirmed["confirmation"] = preview["confirmation"].clone();
        let params = json!({"name": TOOL, "arguments": confirmed});
        wire.message(
            &json!({"jsonrpc": "2.0", "id": 100 + number, "method": "tools/call", "params": params}),
        )
        .await;
        let asked = wire.receive().await.unwrap();
        assert_eq!(asked["method"], "elicitation/create", "{asked}");
        let message = asked["params"]["message"].as_str().unwrap();
        for shown in ["Where: Vanta Panel at 127.0.0.1", "Target: \"baker\"", "As it is now: {\"baker\""] {
            assert!(message.contains(shown), "{shown}: {message}");
        }
        assert_eq!(terminations(&tenant), 0, "nothing before the yes");
        let mut said = answer;
        said["jsonrpc"] = json!("2.0");
        said["id"] = asked["id"].clone();
        wire.message(&said).await;
        let result = wire.receive().await.unwrap();
        let text = result["result"]["content"][0]["text"].as_str().unwrap();
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(terminations(&tenant), 1);
}

#[tokio::test]
async fn where_a_person_must_say_yes_a_client_that_cannot_ask_changes_nothing() {
    let run = Setup::default().with("VANTA_MCP_CONFIRM", "person").start().await;
    let confirmed = run.previewed(TOOL, &baker()).await;
    let told = run.error(TOOL, confirmed).await;
    assert!(told.contains("this client cannot ask one") && told.contains("nothing was changed"), "{told}");
    assert!(!run.sent_changes());
    let tenant = harness::tenant(Limits::Enforced).await;
    let mut wire = with_a_person(&tenant, "arguments").await;
    let (_, preview) = call(&mut wire, &json!({"user": "baker"})).await;
    let mut confirmed = baker();
    confirmed["confirmation"] = preview["confirmation"].clone();
    let (failed, done) = call(&mut wire, &confirmed).await;
    assert!(!failed && done["terminated"] == true, "nobody is asked: {done}");
}

/// Since 2026-07-28 a question is an answer, and its answer comes with the call made again.
#[tokio::test]
async fn the_answer_to_a_question_comes_with_the_same_call_again() {
    let tenant = harness::tenant(Limits::Enforced).await;
    let mut command = harness::command();
    command.envs(harness::credentials(&tenant)).env("VANTA_MCP_ACCESS", "destroy");
    command.env("VANTA_MCP_TOOLSETS", "all");
    let mut wire = Wire::start(command);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}},
        "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "0"},
    });
    let mut id = 0;
    let mut ask = async |arguments: &Value, more: Value| {
        id += 1;
        let mut params = json!({"name": TOOL, "arguments": arguments, "_meta": meta});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        wire.message(&json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})).await;
        wire.receive().await.unwrap()["result"].clone()
    };
    let yes = json!({"confirm": {"action": "accept", "content": {"confirm": true}}});
    let mut confirmed = Vec::new();
    for user in ["baker", "kiln"] {
        let preview = ask(&json!({"user": user}), json!({})).await;
        let token = preview["structuredContent"]["confirmation"].clone();
        confirmed.push(json!({"user": user, "confirm": user, "confirmation": token}));
    }
    let (first, second) = (&confirmed[0], &confirmed[1]);
    let asked = ask(first, json!({})).await;
    assert_eq!(asked["resultType"], "input_required", "{asked}");
    let state = asked["requestState"].clone();
    // What was said to one question is no answer to another, nor is what nobody was asked.
    for (arguments, state) in [(second, &state), (first, &json!("made up"))] {
        let again = ask(arguments, json!({"inputResponses": yes, "requestState": state})).await;
        assert_eq!(again["resultType"], "input_required", "{again}");
    }
    assert_eq!(terminations(&tenant), 0);
    let done = ask(first, json!({"inputResponses": yes, "requestState": state})).await;
    assert_eq!(done["structuredContent"]["terminated"], true, "{done}");
    let again = ask(first, json!({"inputResponses": yes, "requestState": state})).await;
    assert_eq!(again["isError"], true, "{again}");
    let no = json!({"confirm": {"action": "decline"}});
    let asked = ask(second, json!({})).await;
    let refused = ask(second, json!({"inputResponses": no, "requestState": asked["requestState"]})).await;
    assert!(refused["content"][0]["text"].as_str().unwrap().contains("said no"), "{refused}");
    assert_eq!(terminations(&tenant), 1);
}
