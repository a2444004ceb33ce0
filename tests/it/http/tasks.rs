//! Long reads as tasks, over HTTP, where callers are told apart.

use std::time::{Duration, Instant};

use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use vanta_demo::{Fault, FaultKind, Target};

use super::{Era, Served, Tokens, message};
use crate::harness::{PATIENCE, eventually};

const TASKS: &str = "io.modelcontextprotocol/tasks";

/// A request of 2026-07-28 whose client takes tasks.
async fn ask(served: &Served, token: Option<&str>, method: &str, params: Value) -> Value {
    let named = params["taskId"].as_str().map(str::to_owned);
    let asked = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let mut request = served.post(token, Era::Alone, asked).build().unwrap();
    let mut body: Value = serde_json::from_slice(request.body().unwrap().as_bytes().unwrap()).unwrap();
    body["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"] =
        json!({"extensions": {TASKS: {}}});
    *request.body_mut() = Some(body.to_string().into());
    if let Some(id) = named {
        request.headers_mut().insert("mcp-name", HeaderValue::from_str(&id).unwrap());
    }
    message(served.client.execute(request).await.unwrap()).await
}

fn whole_list() -> Value {
    json!({"name": "list_controls", "arguments": {"all": true, "pageSize": 50}})
}

async fn begun(served: &Served, token: Option<&str>) -> String {
    let created = ask(served, token, "tools/call", whole_list()).await;
    assert_eq!(created["result"]["resultType"], "task", "{created}");
    created["result"]["taskId"].as_str().unwrap().to_owned()
}

/// Its last state.
async fn ended(served: &Served, token: Option<&str>, id: &str) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < deadline, "it goes on");
        let mut answer = ask(served, token, "tasks/get", json!({"taskId": id})).await;
        if answer["result"]["status"] != "working" {
            return answer["result"].take();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_task_is_its_callers_alone() {
    let tokens = Tokens::new();
    let (anna, bert) = (tokens.add("anna", &[]).await, tokens.add("bert", &[]).await);
    let served = Served::start(&["--tokens", &tokens.path]).await;
    let id = begun(&served, Some(&anna)).await;
    for method in ["tasks/get", "tasks/cancel", "tasks/update"] {
        let params = |id: &str| json!({"taskId": id, "inputResponses": {}});
        let others = ask(&served, Some(&bert), method, params(&id)).await;
        let unknown = ask(&served, Some(&bert), method, params("none")).await;
        assert_eq!(others["error"]["code"], -32602, "{others}");
        assert_eq!(others, unknown, "{method}");
    }
    let last = ended(&served, Some(&anna), &id).await;
    assert_eq!(last["status"], "completed", "{last}");
    let plain = served.ask(Some(&anna), Era::Alone, "tools/call", whole_list()).await;
    let plain = message(plain).await;
    assert_eq!(plain["result"]["resultType"], "complete", "{plain}");
    assert_eq!(last["result"]["structuredContent"], plain["result"]["structuredContent"]);
}

#[tokio::test]
async fn a_task_goes_on_without_its_request_and_stops_when_told() {
    let served = Served::start(&[]).await;
    let kind = FaultKind::Slow(Duration::from_millis(200));
    served.tenant.fault(Fault { on: Target::Path("/v1/controls".to_owned()), kind, times: 100 });
    let seen = || served.tenant.seen().iter().filter(|seen| seen.path == "/v1/controls").count();
    let id = begun(&served, None).await;
    // The request has ended with the handle.
    eventually("the second page is asked for", async || seen() >= 2).await;
    let told = ask(&served, None, "tasks/cancel", json!({"taskId": id})).await;
    assert_eq!(told["result"]["resultType"], "complete", "{told}");
    assert_eq!(ended(&served, None, &id).await["status"], "cancelled");
    let then = seen();
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(seen(), then);
}

#[tokio::test]
async fn a_session_that_declares_tasks_gets_none() {
    let served = Served::start(&[]).await;
    let hello = json!({
        "jsonrpc": "2.0", "id": 0, "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25", "capabilities": {"extensions": {TASKS: {}}},
            "clientInfo": {"name": "t", "version": "0"},
        },
    });
    let begun = served.post(None, Era::Session(""), hello).send().await.unwrap();
    let id = begun.headers()["mcp-session-id"].to_str().unwrap().to_owned();
    assert_eq!(message(begun).await["result"]["capabilities"].get("extensions"), None);
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    served.post(None, Era::Session(&id), ready).send().await.unwrap();
    let answer = message(served.ask(None, Era::Session(&id), "tools/call", whole_list()).await).await;
    assert!(answer["result"]["structuredContent"].is_object(), "{answer}");
    let refused = served.ask(None, Era::Session(&id), "tasks/get", json!({"taskId": "none"})).await;
    assert_eq!(message(refused).await["error"]["code"], -32601);
}
