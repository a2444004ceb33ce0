//! What a client is offered beside tools: resources about the server, completions, a log, progress.

use std::time::Duration;

use rmcp::model::{
    ArgumentInfo, CompleteRequestParams, ReadResourceRequestParams, Reference, ResourceContents,
};
use serde_json::{Value, json};
use vanta_demo::{Fault, FaultKind, Limits, Target, Tenant};

use crate::harness::{Generation, Run, Setup, Wire, command, credentials, tenant};

const BOTH: [Generation; 2] = [Generation::Initialize, Generation::Discover];

async fn read(run: &Run, uri: &str) -> String {
    let read = run.client.read_resource(ReadResourceRequestParams::new(uri)).await.unwrap();
    let ResourceContents::TextResourceContents { text, .. } = &read.contents[0] else { panic!("no text") };
    text.clone()
}

#[tokio::test]
async fn resources_tell_which_tools_there_are() {
    for generation in BOTH {
        let run = Setup { generation, access: Some("read"), ..Setup::default() }.start().await;
        let uris: Vec<_> =
            run.client.list_all_resources().await.unwrap().into_iter().map(|one| one.uri.clone()).collect();
        assert_eq!(uris[..2], ["vanta-mcp://toolsets", "vanta-mcp://status"]);
        assert!(uris[2..].iter().all(|uri| uri.starts_with("guide://")), "{uris:?}");
        let toolsets = read(&run, "vanta-mcp://toolsets").await;
        assert!(
            toolsets.contains("## Controls (controls)") && toolsets.contains("- list_controls (read):"),
            "{toolsets}"
        );
        assert!(!toolsets.contains("delete_vendor"), "what may not be called is not told");
        let status: Value = serde_json::from_str(&read(&run, "vanta-mcp://status").await).unwrap();
        assert_eq!(status["access"], "read");
        let tool: Value = serde_json::from_str(&read(&run, "vanta-mcp://tools/list_controls").await).unwrap();
        assert_eq!((&tool["effect"], &tool["inputSchema"]["type"]), (&json!("read"), &json!("object")));
        for missing in [
            "vanta-mcp://tools/delete_vendor",
            "vanta-mcp://tools/none",
            "vanta-mcp://",
            "file:///etc/passwd",
        ] {
            let problem =
                run.client.read_resource(ReadResourceRequestParams::new(missing)).await.unwrap_err();
            assert!(problem.to_string().contains(missing), "{problem}");
        }
        let reference = Reference::for_resource("vanta-mcp://tools/{name}");
        let asked = CompleteRequestParams::new(reference, ArgumentInfo::new("name", "list_audit_c"));
        let completed = run.client.complete(asked).await.unwrap().completion;
        assert!(completed.values.contains(&"list_audit_controls".to_owned()), "{completed:?}");
        assert!(completed.values.iter().all(|name| name.starts_with("list_audit_c")));
    }
}

async fn wire() -> (Tenant, Wire) {
    let tenant = tenant(Limits::Off).await;
    let mut command = command();
    command.envs(credentials(&tenant)).env("VANTA_MCP_ACCESS", "destroy");
    let mut wire = Wire::start(command);
    wire.initialize().await;
    (tenant, wire)
}

fn request(id: u64, method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

#[tokio::test]
async fn a_client_that_wants_a_log_gets_lines_of_its_level() {
    let (_tenant, mut wire) = wire().await;
    let call = |id: u64, tool: &str| request(id, "tools/call", &json!({"name": tool, "arguments": {}}));
    wire.message(&call(1, "list_frameworks")).await;
    assert_eq!(wire.receive().await.unwrap()["id"], 1, "nothing but the answer unless it was asked for");
    wire.message(&request(2, "logging/setLevel", &json!({"level": "info"}))).await;
    assert_eq!(wire.receive().await.unwrap()["result"], json!({}));
    wire.message(&call(3, "list_frameworks")).await;
    let line = wire.receive().await.unwrap();
    assert_eq!(
        (&line["method"], &line["params"]["level"]),
        (&json!("notifications/message"), &json!("info"))
    );
    assert_eq!(line["params"]["data"]["tool"], "list_frameworks");
    assert_eq!(wire.receive().await.unwrap()["id"], 3);
    wire.message(&request(4, "logging/setLevel", &json!({"level": "warning"}))).await;
    wire.receive().await.unwrap();
    wire.message(&call(5, "list_frameworks")).await;
    assert_eq!(wire.receive().await.unwrap()["id"], 5, "what went well is less than a warning");
    wire.message(&call(6, "get_control")).await;
    assert_eq!(wire.receive().await.unwrap()["params"]["level"], "warning");
    assert_eq!(wire.receive().await.unwrap()["id"], 6);
}

#[tokio::test]
async fn a_call_that_takes_long_shows_that_it_goes_on_if_the_client_asks() {
    let (tenant, mut wire) = wire().await;
    let slow =
        || tenant.fault(Fault { on: Target::Vanta, kind: FaultKind::Slow(Duration::from_secs(5)), times: 1 });
    slow();
    let params = json!({"name": "list_frameworks", "arguments": {}, "_meta": {"progressToken": "p1"}});
    wire.message(&request(1, "tools/call", &params)).await;
    let mut last = 0.0;
    let answer = loop {
        let message = wire.receive().await.unwrap();
        if message.get("id").is_some() {
            break message;
        }
        assert_eq!(
            (&message["method"], &message["params"]["progressToken"]),
            (&json!("notifications/progress"), &json!("p1"))
        );
        let progress = message["params"]["progress"].as_f64().unwrap();
        assert!(progress > last, "progress grows");
        last = progress;
    };
    assert!(last >= 2.0 && answer["result"]["isError"] == false, "{last}: {answer}");
    slow();
    wire.message(&request(2, "tools/call", &json!({"name": "list_frameworks", "arguments": {}}))).await;
    assert_eq!(wire.receive().await.unwrap()["id"], 2, "nobody asked");
}
