//! The transport of protocol 2024-11-05.

use futures::StreamExt as _;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::{Served, Tokens};
use crate::harness::PATIENCE;

/// An open stream, event by event.
struct Events {
    stream: futures::stream::BoxStream<'static, String>,
    buffer: String,
}

impl Events {
    async fn open(served: &Served, token: &str) -> Self {
        let request = served.client.get(served.url("/sse")).header(AUTHORIZATION, format!("Bearer {token}"));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let pieces = response.bytes_stream().map(|piece| String::from_utf8(piece.unwrap().to_vec()).unwrap());
        Self { stream: pieces.boxed(), buffer: String::new() }
    }

    /// The name and data of the next event.
    async fn next(&mut self) -> (String, String) {
        loop {
            if let Some((event, rest)) = self.buffer.split_once("\n\n") {
                let field =
                    |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                let found = field("event:").zip(field("data:")).map(|(a, b)| (a.to_owned(), b.to_owned()));
                let rest = rest.to_owned();
                self.buffer.clone_from(&rest);
                if let Some(found) = found {
                    return found;
                }
                continue;
            }
            let piece = tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("an event in time");
            self.buffer.push_str(&piece.expect("the stream goes on"));
        }
    }

    async fn message(&mut self) -> Value {
        let (event, data) = self.next().await;
        assert_eq!(event, "message");
        serde_json::from_str(&data).unwrap()
    }
}

async fn post(served: &Served, token: &str, endpoint: &str, message: &Value) -> u16 {
    let request = served.client.post(served.url(endpoint)).header(AUTHORIZATION, format!("Bearer {token}"));
    request
        .header("content-type", "application/json")
        .body(message.to_string())
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

fn initialize() -> Value {
    json!({
        "jsonrpc": "2.0", "id": 0, "method": "initialize",
        "params": {"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}
    })
}

#[tokio::test]
async fn an_old_client_gets_the_same_tools_within_the_same_bounds() {
    let tokens = Tokens::new();
    let alice = tokens.add("alice", &["--access", "read"]).await;
    let mallory = tokens.add("mallory", &["--access", "destroy"]).await;
    let served = Served::start(&["--tokens", &tokens.path, "--sse"]).await;
    let mut events = Events::open(&served, &alice).await;
    let (event, endpoint) = events.next().await;
    assert_eq!(event, "endpoint");
    assert_eq!(post(&served, &alice, &endpoint, &initialize()).await, 202);
    let begun = events.message().await;
    assert_eq!(begun["result"]["protocolVersion"], "2024-11-05");
    assert_eq!(
        post(&served, &alice, &endpoint, &json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))
            .await,
        202
    );
    let call = |tool: &str| json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": tool, "arguments": {}}});
    assert_eq!(post(&served, &alice, &endpoint, &call("list_frameworks")).await, 202);
    let answer = events.message().await;
    assert_eq!(answer["id"], 7);
    assert!(answer["result"]["content"][0]["text"].as_str().unwrap().contains("soc2"));
    let mut export = call("list_vendors");
    export["params"]["arguments"] = json!({"export": {"format": "jsonl"}});
    assert_eq!(post(&served, &alice, &endpoint, &export).await, 202);
    let answer = events.message().await;
    // This revision has no links in answers.
    assert_eq!(answer["result"]["content"].as_array().unwrap().len(), 1, "{answer}");
    let exported = answer["result"]["structuredContent"]["exported"].clone();
    let read =
        json!({"jsonrpc": "2.0", "id": 8, "method": "resources/read", "params": {"uri": exported["uri"]}});
    assert_eq!(post(&served, &alice, &endpoint, &read).await, 202);
    let answer = events.message().await;
    let text = answer["result"]["contents"][0]["text"].as_str().unwrap();
    assert_eq!(json!(text.lines().count()), exported["count"]);
    assert_eq!(post(&served, &alice, &endpoint, &call("delete_vendor")).await, 202);
    assert_eq!(events.message().await["result"]["isError"], true, "the token grants `read`");
    assert_eq!(post(&served, &mallory, &endpoint, &call("list_frameworks")).await, 404, "another's session");
    assert_eq!(post(&served, &alice, "/messages?sessionId=none", &call("list_frameworks")).await, 404);
    assert_eq!(post(&served, &alice, "/messages", &call("list_frameworks")).await, 404);
    assert_eq!(post(&served, &alice, &endpoint, &json!(["no", "message"])).await, 400);
    drop(events);
    crate::harness::eventually("the session ends with its stream", async || {
        post(&served, &alice, &endpoint, &call("list_frameworks")).await == 404
    })
    .await;
}

#[tokio::test]
async fn it_is_there_only_where_it_was_asked_for() {
    let served = Served::start(&[]).await;
    assert_eq!(served.client.get(served.url("/sse")).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_signal_ends_open_streams() {
    let tokens = Tokens::new();
    let alice = tokens.add("alice", &[]).await;
    let mut served = Served::start(&["--tokens", &tokens.path, "--sse"]).await;
    let mut events = Events::open(&served, &alice).await;
    let (_, endpoint) = events.next().await;
    assert_eq!(post(&served, &alice, &endpoint, &initialize()).await, 202);
    events.message().await;
    served.signal("-TERM");
    let ended = tokio::time::timeout(PATIENCE, served.child.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(0));
}
