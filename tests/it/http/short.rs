//! The short way of a read, which must not be told from the usual one but by its speed.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use serde_json::{Value, json};
use vanta_demo::{Fault, FaultKind, Target};

use super::{Era, Served, message};
use crate::harness::{PATIENCE, eventually};

/// A call with more in its `_meta`, where there is more.
fn with_meta(served: &Served, era: Era<'_>, call: Value, more: &Value) -> reqwest::Request {
    let mut request = served.post(None, era, call).build().unwrap();
    let mut body: Value = serde_json::from_slice(request.body().unwrap().as_bytes().unwrap()).unwrap();
    for (key, value) in more.as_object().unwrap() {
        body["params"]["_meta"][key] = value.clone();
    }
    *request.body_mut() = Some(body.to_string().into());
    request
}

fn call(id: u32, name: &str, arguments: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": name, "arguments": arguments}})
}

fn frameworks(id: u32) -> Value {
    call(id, "list_frameworks", &json!({}))
}

fn slow(served: &Served, seconds: u64) {
    let kind = FaultKind::Slow(Duration::from_secs(seconds));
    served.tenant.fault(Fault { on: Target::Vanta, kind, times: 1 });
}

async fn under_way(served: &Served, calls: usize) {
    eventually("the upstream has been asked", async || {
        served.tenant.seen().iter().filter(|seen| seen.path == "/v1/frameworks").count() == calls
    })
    .await;
}

#[tokio::test]
async fn both_ways_answer_the_same() {
    let served = Served::start(&[]).await;
    let id = served.session(None).await;
    for (number, (name, arguments)) in [
        ("list_frameworks", json!({})),
        ("get_control", json!({"controlId": "none"})),
        ("get_control", json!({})),
        ("list_controls", json!({"pageSize": 2})),
        ("list_vendors", json!({"pageSize": 2})),
        ("list_vendors", json!({"pageSize": 2, "fields": ["*"]})),
        ("list_vendors", json!({"pageSize": 2, "fields": ["name", "authDetails.method", "nmae"]})),
        ("find_tools", json!({"query": "who is overdue"})),
        ("run_read_tool", json!({"tool": "list_frameworks", "arguments": {}})),
        ("run_read_tool", json!({"tool": "terminate_panel_account", "arguments": {"user": "baker"}})),
        ("server_status", json!({})),
        ("terminate_panel_account", json!({"user": "baker"})),
        ("no_such_tool", json!({})),
    ]
    .into_iter()
    .enumerate()
    {
        for era in [Era::Alone, Era::Session(&id)] {
            let post = async |id: usize, more: Value| {
                let call = call(u32::try_from(id).unwrap(), name, &arguments);
                let answer = served.client.execute(with_meta(&served, era, call, &more)).await.unwrap();
                let status = answer.status().as_u16();
                let mut message = message(answer).await;
                // What has moved on between the two calls.
                message["id"] = Value::Null;
                if let Some(apis) = message["result"]["structuredContent"].get_mut("apis") {
                    *apis = Value::Null;
                    message["result"]["content"] = Value::Null;
                }
                if let Some(token) = message["result"]["structuredContent"].get_mut("confirmation") {
                    *token = Value::Null;
                    message["result"]["content"] = Value::Null;
                }
                (status, message)
            };
            let short = post(2 * number + 1, json!({})).await;
            // A member that the short way does not know.
            let usual = post(2 * number + 2, json!({"example.com/x": 1})).await;
            assert_eq!(short, usual, "{name}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_takes_long_comes_as_a_stream() {
    let served = Served::start(&[]).await;
    let id = served.session(None).await;
    for era in [Era::Alone, Era::Session(&id)] {
        let soon = served.client.execute(with_meta(&served, era, frameworks(1), &json!({}))).await.unwrap();
        assert_eq!(soon.headers()["content-type"], "application/json");
        slow(&served, 4);
        let begun = Instant::now();
        let late = served.client.execute(with_meta(&served, era, frameworks(2), &json!({}))).await.unwrap();
        assert!(begun.elapsed() < Duration::from_millis(3500), "the head comes before the answer");
        assert_eq!(late.headers()["content-type"], "text/event-stream");
        assert!(message(late).await.to_string().contains("soc2"));
    }
}

#[tokio::test]
async fn a_call_of_a_session_can_be_cancelled_by_its_own_session_alone() {
    let served = Served::start(&[]).await;
    let (id, other) = (served.session(None).await, served.session(None).await);
    let cancel = async |session: &str| {
        let told = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}});
        assert_eq!(served.post(None, Era::Session(session), told).send().await.unwrap().status(), 202);
    };
    slow(&served, 3);
    let asked = served.client.execute(with_meta(&served, Era::Session(&id), frameworks(7), &json!({})));
    let not_ours = async {
        under_way(&served, 1).await;
        cancel(&other).await;
    };
    let (answered, ()) = tokio::join!(asked, not_ours);
    assert!(message(answered.unwrap()).await.to_string().contains("soc2"));

    slow(&served, 30);
    let begun = Instant::now();
    let asked = served.client.execute(with_meta(&served, Era::Session(&id), frameworks(7), &json!({})));
    let ours = async {
        under_way(&served, 2).await;
        cancel(&id).await;
    };
    let (answered, ()) = tokio::join!(asked, ours);
    assert!(!answered.unwrap().text().await.unwrap().contains("result"), "there is nothing to answer");
    assert!(begun.elapsed() < Duration::from_secs(20));
    // The session goes on, and the id is free again.
    let again = served.client.execute(with_meta(&served, Era::Session(&id), frameworks(7), &json!({}))).await;
    assert!(message(again.unwrap()).await.to_string().contains("soc2"));
}

#[tokio::test]
async fn a_session_that_wants_a_log_gets_it() {
    let served = Served::start(&[]).await;
    let id = served.session(None).await;
    let level = served.ask(None, Era::Session(&id), "logging/setLevel", json!({"level": "info"})).await;
    assert_eq!(level.status(), 200);
    // Lines that are no answer go out on the session's own stream.
    let own = served.client.get(served.url("/mcp")).header("mcp-session-id", &id);
    let own = own.header("accept", "text/event-stream").send().await.unwrap();
    let answer = served
        .client
        .execute(with_meta(&served, Era::Session(&id), frameworks(2), &json!({})))
        .await
        .unwrap();
    assert!(answer.text().await.unwrap().contains("soc2"));
    let mut pieces = own.bytes_stream();
    let mut heard = String::new();
    while !heard.contains("notifications/message") {
        let piece = tokio::time::timeout(PATIENCE, pieces.next()).await.expect("a line in time");
        heard.push_str(&String::from_utf8_lossy(&piece.unwrap().unwrap()));
    }
    assert!(heard.contains("list_frameworks"), "{heard}");
}

#[tokio::test]
async fn a_session_that_has_not_begun_and_a_header_that_lies_go_the_usual_way() {
    let served = Served::start(&[]).await;
    let begun = served.initialize(None).await;
    let id = begun.headers()["mcp-session-id"].to_str().unwrap().to_owned();
    let early = served.post(None, Era::Session(&id), frameworks(1)).send().await.unwrap();
    assert_ne!(early.headers()["content-type"], "application/json", "rmcp has the say before it is ready");
    let id = served.session(None).await;
    let lying = served.post(None, Era::Session(&id), frameworks(1));
    let lying = lying.header("mcp-protocol-version", "1999-01-01").send().await.unwrap();
    assert_eq!(lying.status(), 400);
    let right =
        served.post(None, Era::Session(&id), frameworks(2)).header("mcp-protocol-version", "2025-11-25");
    assert_eq!(right.send().await.unwrap().status(), 200);
}
