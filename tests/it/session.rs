//! A session from its first byte to its last: both generations, bad input, and every way to end.

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vanta_demo::{Fault, FaultKind, Limits, Target, Tenant};

use crate::harness::{Generation, PATIENCE, Setup, Wire, command, credentials, eventually, tenant};

const VERSIONS: [&str; 2] = ["2025-11-25", "2026-07-28"];

/// A tenant and the binary on bare pipes, its session begun.
async fn begun() -> (Tenant, Wire) {
    let (tenant, mut wire) = unbegun().await;
    wire.initialize().await;
    (tenant, wire)
}

async fn unbegun() -> (Tenant, Wire) {
    let tenant = tenant(Limits::Off).await;
    let mut command = command();
    command.envs(credentials(&tenant)).env("VANTA_MCP_ACCESS", "destroy").env("VANTA_MCP_LOG", "trace");
    (tenant, Wire::start(command))
}

fn request(id: u64, method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

fn call(id: u64, tool: &str, arguments: &Value) -> Value {
    request(id, "tools/call", &json!({"name": tool, "arguments": arguments}))
}

/// A change that takes the Panel some time; it is under way when this returns.
async fn slow_change(tenant: &Tenant, wire: &mut Wire, delay: Duration) {
    tenant.fault(Fault { on: Target::Panel, kind: FaultKind::Slow(delay), times: 1 });
    wire.message(&call(7, "unsuspend_panel_account", &json!({"user": "joinery"}))).await;
    eventually("the Panel has the request", async || !tenant.seen().is_empty()).await;
}

async fn end_of(wire: &mut Wire) -> ExitStatus {
    tokio::time::timeout(PATIENCE, wire.child.wait()).await.expect("an end in time").unwrap()
}

/// The ways to end a session from outside.
#[derive(Debug, Clone, Copy)]
enum Ending {
    EndOfInput,
    #[cfg(unix)]
    Signal(&'static str),
}

#[cfg(unix)]
const ENDINGS: [Ending; 3] = [Ending::EndOfInput, Ending::Signal("-INT"), Ending::Signal("-TERM")];
#[cfg(not(unix))]
const ENDINGS: [Ending; 1] = [Ending::EndOfInput];

impl Ending {
    fn bring(self, wire: &mut Wire) {
        match self {
            Self::EndOfInput => wire.leave(),
            #[cfg(unix)]
            Self::Signal(signal) => {
                let id = wire.child.id().unwrap().to_string();
                assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
            }
        }
    }
}

#[tokio::test]
async fn clients_of_both_generations_list_and_call() {
    for generation in [Generation::Initialize, Generation::Discover] {
        let run = Setup { generation, ..Setup::default() }.start().await;
        assert!(run.names().await.contains(&"list_controls".to_owned()), "{generation:?}");
        assert_eq!(run.value("list_frameworks", json!({})).await["count"], 3, "{generation:?}");
        assert!(run.error("get_control", json!({})).await.contains("controlId"), "{generation:?}");
        let unknown = run.protocol_error("list_contols", json!({})).await;
        assert_eq!(unknown.code.0, -32602, "{generation:?}");
        assert!(unknown.message.contains("Did you mean list_controls?"), "{generation:?}: {unknown:?}");
    }
}

#[tokio::test]
async fn initialize_and_discover_tell_name_version_and_instructions() {
    let (_tenant, mut wire) = unbegun().await;
    let hello = json!({"protocolVersion": VERSIONS[0], "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}});
    wire.message(&request(1, "initialize", &hello)).await;
    let told = wire.receive().await.unwrap()["result"].take();
    assert_eq!(told["protocolVersion"], VERSIONS[0]);
    assert_eq!(told["serverInfo"]["name"], "vanta-mcp");
    assert_eq!(told["serverInfo"]["version"], env!("CARGO_PKG_VERSION"));
    assert!(told["instructions"].as_str().unwrap().contains("preview"));
    assert_eq!(
        told["capabilities"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["completions", "logging", "prompts", "resources", "tools"]
    );

    let (_tenant, mut wire) = unbegun().await;
    let meta = json!({"_meta": {
        "io.modelcontextprotocol/protocolVersion": VERSIONS[1], "io.modelcontextprotocol/clientCapabilities": {},
    }});
    wire.message(&request(1, "server/discover", &meta)).await;
    let told = wire.receive().await.unwrap()["result"].take();
    let info = &told["_meta"]["io.modelcontextprotocol/serverInfo"];
    assert_eq!((&info["name"], &info["version"]), (&json!("vanta-mcp"), &json!(env!("CARGO_PKG_VERSION"))));
    assert!(told["instructions"].as_str().unwrap().contains("preview"));
    for version in VERSIONS {
        assert!(told["supportedVersions"].as_array().unwrap().contains(&json!(version)), "{told}");
    }
    // The tools may be kept by the client that asked and by nobody else.
    wire.message(&request(2, "tools/list", &meta)).await;
    let list = wire.receive().await.unwrap()["result"].take();
    assert_eq!(list["cacheScope"], "private");
    assert!(list["ttlMs"].as_u64().unwrap() > 0 && list["tools"].as_array().unwrap().len() > 10);
    wire.message(&request(3, "tools/list", &json!({}))).await;
    assert_eq!(
        wire.receive().await.unwrap()["error"]["code"],
        -32602,
        "this generation says with each request who asks"
    );
}

#[tokio::test]
async fn stdout_carries_protocol_and_nothing_else() {
    let (_tenant, mut wire) = begun().await;
    wire.message(&request(1, "tools/list", &json!({}))).await;
    wire.message(&call(2, "list_frameworks", &json!({}))).await;
    wire.message(&call(3, "get_control", &json!({"controlId": "none"}))).await;
    wire.send(b"{nonsense\n").await;
    let mut answered = Vec::new();
    while answered.len() < 4 {
        let message = wire.receive().await.expect("an answer to each");
        assert_eq!(message["jsonrpc"], "2.0");
        answered.push(message["id"].as_u64());
    }
    answered.sort_unstable();
    assert_eq!(answered, [None, Some(1), Some(2), Some(3)]);
    wire.leave();
    assert!(wire.receive().await.is_none(), "nothing after the last answer");
}

#[tokio::test]
async fn it_ends_with_success_when_its_input_ends_or_a_signal_comes() {
    for ending in ENDINGS {
        for has_begun in [true, false] {
            let (_tenant, mut wire) = begun().await;
            if !has_begun {
                wire = unbegun().await.1;
                // The signal has to find its handler: an answered line shows that the process serves.
                wire.send(b"{nonsense\n").await;
                assert_eq!(wire.receive().await.unwrap()["error"]["code"], -32700);
            }
            let start = Instant::now();
            ending.bring(&mut wire);
            assert_eq!(end_of(&mut wire).await.code(), Some(0), "{ending:?} {has_begun}");
            assert!(
                start.elapsed() < Duration::from_secs(4),
                "{ending:?}: nothing is under way, nothing is waited for"
            );
        }
    }
}

#[tokio::test]
async fn a_call_under_way_is_answered_before_the_end() {
    for ending in ENDINGS {
        let (tenant, mut wire) = begun().await;
        slow_change(&tenant, &mut wire, Duration::from_secs(1)).await;
        ending.bring(&mut wire);
        let answer = wire.receive().await.unwrap_or_else(|| panic!("{ending:?}: no answer"));
        assert_eq!(answer["id"], 7, "{ending:?}");
        assert_eq!(
            answer["result"]["structuredContent"]["account"]["status"], "active",
            "{ending:?}: {answer}"
        );
        assert!(wire.receive().await.is_none());
        assert_eq!(end_of(&mut wire).await.code(), Some(0), "{ending:?}");
    }
}

#[tokio::test]
async fn a_call_that_takes_too_long_does_not_hold_up_the_end() {
    let mut running = Vec::new();
    for ending in ENDINGS {
        let (tenant, mut wire) = begun().await;
        slow_change(&tenant, &mut wire, Duration::from_secs(25)).await;
        let start = Instant::now();
        ending.bring(&mut wire);
        running.push((ending, start, tenant, wire));
    }
    for (ending, start, _tenant, mut wire) in running {
        assert_eq!(end_of(&mut wire).await.code(), Some(0), "{ending:?}");
        let waited = start.elapsed();
        assert!((4..15).contains(&waited.as_secs()), "{ending:?}: {waited:?}");
    }
}

#[tokio::test]
async fn a_change_is_seen_through_once_though_the_client_has_gone() {
    let (tenant, mut wire) = begun().await;
    slow_change(&tenant, &mut wire, Duration::from_secs(1)).await;
    let Wire { mut child, stdin, stdout } = wire;
    drop((stdin, stdout));
    let status = tokio::time::timeout(PATIENCE, child.wait()).await.expect("an end in time").unwrap();
    assert_eq!(status.code(), Some(0));
    let sent: Vec<_> = tenant.seen().iter().map(|seen| (seen.method.clone(), seen.status)).collect();
    assert_eq!(sent, [("POST".to_owned(), Some(200))], "carried out, and not repeated");
}

#[tokio::test]
async fn a_cancelled_change_is_seen_through_and_a_cancelled_read_is_not_answered() {
    let (tenant, mut wire) = begun().await;
    slow_change(&tenant, &mut wire, Duration::from_millis(300)).await;
    let cancelled =
        |id: u64| json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}});
    wire.message(&cancelled(7)).await;
    eventually("the change is carried out", async || tenant.seen()[0].status == Some(200)).await;
    tenant.fault(Fault { on: Target::Panel, kind: FaultKind::Slow(Duration::from_secs(20)), times: 1 });
    wire.message(&call(8, "ping_panel", &json!({}))).await;
    eventually("the Panel is asked", async || tenant.seen().len() == 2).await;
    wire.message(&cancelled(8)).await;
    wire.message(&request(9, "ping", &json!({}))).await;
    assert_eq!(wire.receive().await.unwrap()["id"], 9, "neither cancelled call is answered");
}

/// A message that is answered with an error: the error's code and a part of its text.
async fn refuses(wire: &mut Wire, message: &[u8], code: i64, says: &str) {
    wire.send(message).await;
    wire.send(b"\n").await;
    let shown = String::from_utf8_lossy(&message[..message.len().min(80)]).into_owned();
    let answer = wire.receive().await.unwrap_or_else(|| panic!("no answer to {shown}"));
    assert_eq!(answer["error"]["code"], code, "{shown}: {answer}");
    assert!(answer["error"]["message"].as_str().unwrap().contains(says), "{shown}: {answer}");
    lives(wire).await;
}

/// The very next thing on stdout is the answer to a ping.
async fn lives(wire: &mut Wire) {
    wire.message(&request(99, "ping", &json!({}))).await;
    assert_eq!(wire.receive().await.unwrap(), json!({"jsonrpc": "2.0", "id": 99, "result": {}}));
}

#[tokio::test]
async fn a_bad_message_is_told_what_is_wrong_and_the_session_goes_on() {
    let (tenant, mut wire) = begun().await;
    let cases: &[(&[u8], i64, &str)] = &[
        (b"{not json}", -32700, "not JSON"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/li", -32700, "not JSON"),
        (b"\xff\xfe\x00", -32700, "not UTF-8"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\xc3\x28\"}", -32700, "not UTF-8"),
        (b"[]", -32600, "a batch"),
        (b"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", -32600, "a batch"),
        (b"42", -32600, "not a JSON-RPC 2.0 message"),
        (b"{\"id\":1}", -32600, "not a JSON-RPC 2.0 message"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"no/such\"}", -32601, "no/such"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"prompts/get\"}", -32602, "prompts/get"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"logging/setLevel\"}", -32602, "logging/setLevel"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{}}", -32602, "tools/call"),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\"}", -32602, "tools/call"),
    ];
    for (message, code, says) in cases {
        refuses(&mut wire, message, *code, says).await;
    }
    for arguments in [json!(["a"]), json!("a"), json!(7)] {
        let message = call(1, "list_controls", &arguments).to_string();
        refuses(&mut wire, message.as_bytes(), -32602, "tools/call").await;
    }
    for (tool, says) in [
        ("list_contols", "Did you mean list_controls?"),
        ("zzzz", "Unknown tool: zzzz"),
        ("", "Unknown tool"),
    ] {
        let message = call(1, tool, &json!({})).to_string();
        refuses(&mut wire, message.as_bytes(), -32602, says).await;
    }
    refuses(&mut wire, &vec![b'x'; 17 << 20], -32600, "16 MiB").await;
    assert!(tenant.seen().is_empty(), "nothing was sent");
    wire.message(&call(1, "ping_panel", &json!({}))).await;
    let answer = wire.receive().await.unwrap();
    assert_eq!(answer["result"]["structuredContent"], json!({"pong": true}), "{answer}");
}

#[tokio::test]
async fn what_needs_no_answer_gets_none() {
    let (_tenant, mut wire) = begun().await;
    let silent: &[&[u8]] = &[
        b"\n",
        b"  \t \r\n\n\n",
        b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n",
        b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/unheard-of\",\"params\":{\"a\":1}}\n",
        b"{\"jsonrpc\":\"2.0\",\"id\":55,\"result\":{}}\n",
    ];
    for message in silent {
        wire.send(message).await;
        lives(&mut wire).await;
    }
}

#[tokio::test]
async fn a_session_may_begin_with_noise() {
    let (_tenant, mut wire) = unbegun().await;
    wire.send(b"\n{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n").await;
    wire.send(b"{nonsense\n").await;
    assert_eq!(wire.receive().await.unwrap()["error"]["code"], -32700);
    wire.initialize().await;
    lives(&mut wire).await;
}

#[tokio::test]
async fn a_truncated_message_at_the_end_of_the_input_is_told_and_changes_nothing() {
    let (tenant, mut wire) = begun().await;
    let whole = call(5, "unsuspend_panel_account", &json!({"user": "joinery"})).to_string();
    wire.send(&whole.as_bytes()[..whole.len() - 1]).await;
    wire.leave();
    let told = wire.receive().await.expect("an answer before the end");
    assert_eq!(told["error"]["code"], -32700);
    assert!(wire.receive().await.is_none());
    assert_eq!(end_of(&mut wire).await.code(), Some(0));
    assert!(tenant.seen().is_empty());
}

#[tokio::test]
async fn ten_megabytes_of_arguments_are_refused_and_nothing_is_sent() {
    let (tenant, mut wire) = begun().await;
    let mut bulk = json!([]);
    bulk.as_array_mut().unwrap().resize(10 << 17, json!("seven by"));
    for arguments in [json!({"user": "x".repeat(10 << 20)}), json!({"user": "kiln", "extra": {"all": bulk}})]
    {
        wire.message(&call(3, "create_panel_account", &arguments)).await;
        let answer = wire.receive().await.unwrap();
        assert_eq!(answer["result"]["isError"], true);
        let told = answer["result"]["content"][0]["text"].as_str().unwrap();
        assert!(
            told.contains("at most 1048576") && told.contains("Nothing was sent") && told.len() < 300,
            "{told:.300}"
        );
        lives(&mut wire).await;
    }
    assert!(tenant.seen().is_empty());
}

/// Without the credentials of these variables.
async fn without(missing: &[&str]) -> Setup {
    let mut setup = Setup::default();
    for name in credentials(&tenant(Limits::Off).await).into_keys() {
        if missing.iter().any(|prefix| name.starts_with(prefix)) {
            setup = setup.with(name, "");
        }
    }
    setup
}

#[tokio::test]
async fn without_credentials_it_starts_and_says_what_to_set() {
    let run = without(&["VANTA_"]).await.start().await;
    assert_eq!(run.names().await, ["server_status"]);
    let status = run.value("server_status", json!({})).await.to_string();
    let settings = [
        "VANTA_CLIENT_ID",
        "VANTA_CLIENT_SECRET",
        "VANTA_PANEL_URL",
        "VANTA_PANEL_TOKEN",
        "VANTA_AUDIT_CLIENT_ID",
    ];
    for setting in settings {
        assert!(status.contains(setting), "{setting}: {status}");
    }
    let refused = run.error("list_controls", json!({})).await;
    assert!(refused.contains("VANTA_CLIENT_ID"), "{refused}");
    eventually("the log says what to set", async || {
        let log = run.log().await;
        log.contains("VANTA_CLIENT_ID") && log.contains("VANTA_PANEL_TOKEN")
    })
    .await;
    assert!(run.tenant.seen().is_empty());
}

#[tokio::test]
async fn tools_of_an_api_without_credentials_are_not_listed() {
    let cases: [(&[&str], &str, &str); 3] = [
        (&["VANTA_CLIENT"], "list_controls", "VANTA_CLIENT_ID"),
        (&["VANTA_AUDIT"], "list_audits", "VANTA_AUDIT_CLIENT_ID"),
        (&["VANTA_PANEL"], "list_panel_accounts", "VANTA_PANEL_URL"),
    ];
    for (missing, tool, setting) in cases {
        let run = without(missing).await.start().await;
        let names = run.names().await;
        for (_, other, _) in cases {
            assert_eq!(names.iter().any(|name| name == other), other != tool, "{other} without {missing:?}");
        }
        let refused = run.error(tool, json!({})).await;
        assert!(refused.contains(setting), "{refused}");
        assert!(run.tenant.seen().is_empty());
    }
}
