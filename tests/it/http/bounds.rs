//! What a caller can make the server hold, by asking without reading, and by connections.

use std::time::{Duration, Instant};

use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use vanta_demo::{Fault, FaultKind, Target};

use super::{Era, Served, Tokens, told};
use crate::harness::{PATIENCE, eventually};

/// A stream of HTTP with SSE that is read no further than its first event, and the endpoint that this one names.
async fn unread_stream(served: &Served, token: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(&served.address).await.unwrap();
    let head = format!(
        "GET /sse HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\n\r\n",
        served.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut read = String::new();
    while !read.contains("sessionId=") || !read.ends_with("\n\n") && !read.ends_with("\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).await.unwrap();
        read.push(char::from(byte[0]));
    }
    let endpoint = read.split_once("data: ").unwrap().1.split_whitespace().next().unwrap().to_owned();
    (stream, endpoint)
}

#[tokio::test]
async fn a_stream_that_nobody_reads_is_asked_nothing_more() {
    let tokens = Tokens::new();
    let token = tokens.add("alice", &["--access", "read"]).await;
    let served =
        Served::start(&["--tokens", &tokens.path, "--sse", "--toolsets", "all", "--max-calls", "8"]).await;
    let (mut stream, endpoint) = unread_stream(&served, &token).await;
    let post = async |message: Value| {
        let request =
            served.client.post(served.url(&endpoint)).header(AUTHORIZATION, format!("Bearer {token}"));
        let request = request.header("content-type", "application/json").body(message.to_string());
        request.send().await.unwrap()
    };
    let hello = json!({
        "jsonrpc": "2.0", "id": 0, "method": "initialize",
        "params": {"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}
    });
    assert_eq!(post(hello).await.status(), 202);
    assert_eq!(post(json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await.status(), 202);
    let list = |id: u32| json!({"jsonrpc": "2.0", "id": id, "method": "tools/list"});
    let mut asked = 0;
    let refused = loop {
        asked += 1;
        let answer = post(list(asked)).await;
        if answer.status() != 202 {
            break answer;
        }
        // What is no longer wanted may be on its way already, and counts until it is taken.
        let cancel = json!({
            "jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": asked}
        });
        assert_eq!(post(cancel).await.status(), 202);
        assert!(asked < 200, "it goes on and on");
    };
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "1");
    // Once the caller reads there is room again.
    tokio::spawn(async move { tokio::io::copy(&mut stream, &mut tokio::io::sink()).await });
    eventually("there is room again", async || {
        asked += 1;
        post(list(asked)).await.status() == 202
    })
    .await;
}

/// A request that is answered in a few words, over a connection that is kept open.
fn kept_open(served: &Served, token: &str) -> String {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({"name": "list_frameworks", "arguments": {}, "_meta": meta});
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string();
    format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nMcp-Protocol-Version: 2026-07-28\r\n\
         Mcp-Method: tools/call\r\nMcp-Name: list_frameworks\r\nContent-Length: {}\r\n\r\n{message}",
        served.address,
        message.len()
    )
}

/// A connection on which this has been asked, and the status of the answer, of which no more is read than its head.
async fn asked(served: &Served, request: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(&served.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = tokio::time::timeout(PATIENCE, stream.read_u8()).await.expect("an answer in time");
        head.push(byte.expect("an answer"));
    }
    let status = String::from_utf8_lossy(&head).split(' ').nth(1).unwrap().to_owned();
    (stream, status)
}

/// How many of these connections the server has closed.
async fn closed(streams: &mut [TcpStream]) -> usize {
    let mut count = 0;
    for stream in streams {
        let mut rest = [0; 4096];
        // What is open has nothing more to say once its answer has been read.
        loop {
            match tokio::time::timeout(Duration::from_millis(20), stream.read(&mut rest)).await {
                Ok(Ok(0) | Err(_)) => break count += 1,
                Ok(Ok(_)) => {}
                Err(_) => break,
            }
        }
    }
    count
}

/// That somebody who has no connection yet is answered at once.
async fn gets_in(served: &Served, token: &str) {
    let begun = Instant::now();
    let (_, status) = asked(served, &kept_open(served, token)).await;
    assert_eq!(status, "200");
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    let begun = Instant::now();
    assert!(!served.names(Some(token), Era::Alone).await.is_empty());
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn connections_that_one_caller_keeps_open_make_room_for_another() {
    let tokens = Tokens::new();
    let (greedy, modest) = (tokens.add("greedy", &[]).await, tokens.add("modest", &[]).await);
    let served = Served::start(&["--tokens", &tokens.path, "--max-connections", "8"]).await;
    let request = kept_open(&served, &greedy);
    let mut kept = Vec::new();
    for _ in 0..8 {
        let (stream, status) = asked(&served, &request).await;
        assert_eq!(status, "200");
        kept.push(stream);
    }
    assert_eq!(closed(&mut kept).await, 0, "while there is room, as many as it likes");
    gets_in(&served, &modest).await;
    assert!((1..=2).contains(&closed(&mut kept).await), "one for each connection that came");
}

#[tokio::test]
async fn streams_of_one_caller_take_its_share_of_connections_and_no_more() {
    let tokens = Tokens::new();
    let (greedy, modest) = (tokens.add("greedy", &[]).await, tokens.add("modest", &[]).await);
    let served = Served::start(&["--tokens", &tokens.path, "--sse", "--max-connections", "8"]).await;
    let request = format!(
        "GET /sse HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {greedy}\r\nAccept: text/event-stream\r\n\r\n",
        served.address
    );
    let mut streams = Vec::new();
    let mut statuses = Vec::new();
    for _ in 0..8 {
        let (stream, status) = asked(&served, &request).await;
        streams.push(stream);
        statuses.push(status);
    }
    assert_eq!(statuses, ["200", "200", "429", "429", "429", "429", "429", "429"], "a quarter of all");
    gets_in(&served, &modest).await;
    assert_eq!(closed(&mut streams[..2]).await, 0, "what is under way stays");
    let refused = served.ask(Some(&greedy), Era::Alone, "tools/list", json!({})).await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"1".parse().unwrap()));
    assert!(refused.text().await.unwrap().contains("too many connections in use for one caller"));
    drop(streams);
    eventually("there is room again", async || {
        served.ask(Some(&greedy), Era::Alone, "tools/list", json!({})).await.status() == 200
    })
    .await;
}

#[tokio::test]
async fn answers_that_nobody_reads_count_as_calls() {
    let served = Served::start(&["--max-calls", "2"]).await;
    // The longest answer there is, most of it written as text in text, twice on each connection: that is more than the
    // system takes off the server's hands.
    let item = json!({"id": "soc2", "displayName": "\"".repeat(25_000)});
    let items = vec![item; 19];
    let body = json!({"results": {"data": items, "pageInfo": {"hasNextPage": false}}}).to_string();
    let kind = FaultKind::Body { status: 200, body };
    served.tenant.fault(Fault { on: Target::Vanta, kind, times: 4 });
    let message = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": "list_frameworks", "arguments": {"fresh": true}, "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            }
        }
    })
    .to_string();
    let request = format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nAccept: application/json, \
         text/event-stream\r\nMcp-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: \
         list_frameworks\r\nContent-Length: {}\r\n\r\n{message}",
        served.address,
        message.len()
    );
    let mut unread = Vec::new();
    for _ in 0..2 {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 << 10).unwrap();
        let mut stream = socket.connect(served.address.parse().unwrap()).await.unwrap();
        stream.write_all(request.repeat(2).as_bytes()).await.unwrap();
        unread.push(stream);
    }
    // To ask before would take a call away from those that are to be left unread.
    eventually("all of them are under way", async || {
        served.tenant.seen().iter().filter(|seen| seen.path == "/v1/frameworks").count() == 4
    })
    .await;
    let refused = served.ask(None, Era::Alone, "tools/list", json!({})).await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"1".parse().unwrap()));
    assert_eq!(served.initialize(None).await.status(), 200, "what is answered in a few words is");
    drop(unread);
    eventually("there is room again", async || {
        served.ask(None, Era::Alone, "tools/list", json!({})).await.status() == 200
    })
    .await;
}

#[tokio::test]
async fn what_a_token_does_not_grant_is_not_found_either() {
    let tokens = Tokens::new();
    let reader = tokens.add("reader", &["--access", "read"]).await;
    let owner = tokens.add("owner", &["--access", "destroy"]).await;
    let served = Served::start(&["--tokens", &tokens.path, "--log", "info"]).await;
    let find = async |token: &str| {
        let query = json!({"query": "delete a vendor", "limit": 20});
        told(&served.call(Some(token), Era::Alone, "find_tools", query).await).1
    };
    assert!(find(&owner).await.contains("delete_vendor"));
    let found = find(&reader).await;
    assert!(found.contains("list_vendors"), "{found}");
    for name in ["delete_vendor", "update_vendor", "set_vendor_status"] {
        assert!(!found.contains(&format!("\"name\":\"{name}\"")), "{name}: {found}");
    }
    eventually("the log names who called what", async || {
        let log = served.log.lock().await;
        log.lines().any(|line| line.contains("find_tools") && line.contains("reader"))
    })
    .await;
}

#[tokio::test]
async fn a_message_is_weighed_before_anything_is_made_of_it() {
    let served = Served::start(&[]).await;
    let junk = json!(vec![json!({"": 0}); 300_000]);
    let id = served.session(None).await;
    for era in [Era::Alone, Era::Session(&id)] {
        let arguments = json!({"tool": "list_frameworks", "arguments": {"junk": junk}});
        let answer = served.call(None, era, "run_read_tool", arguments).await;
        let (failed, text) = told(&answer);
        assert!(failed && text.contains("at most 1048576"), "{text}");
        let other =
            served.ask(None, era, "prompts/get", json!({"name": "x", "arguments": {"junk": junk}})).await;
        assert_eq!(other.status(), 413);
    }
    let grown = served.resident_kib();
    assert!(grown < 64 << 10, "{grown} KiB are kept");
    assert!(!told(&served.call(None, Era::Alone, "list_frameworks", json!({})).await).0);
}

#[tokio::test]
async fn a_caller_who_asks_for_much_waits_for_itself_alone() {
    let tokens = Tokens::new();
    let (greedy, modest) = (tokens.add("greedy", &[]).await, tokens.add("modest", &[]).await);
    let served = Served::start(&["--tokens", &tokens.path]).await;
    let call = async |token: &str| {
        let arguments = json!({"name": "list_frameworks", "arguments": {"fresh": true}});
        // To its end: an answer that takes long begins as a stream before it comes.
        served.ask(Some(token), Era::Alone, "tools/call", arguments).await.text().await.unwrap()
    };
    assert!(call(&modest).await.contains("soc2"));
    let slow = FaultKind::Slow(std::time::Duration::from_secs(8));
    served.tenant.fault(Fault { on: Target::Vanta, kind: slow, times: 32 });
    let hanging = futures::future::join_all((0..48).map(|_| call(&greedy)));
    let meanwhile = async {
        eventually("its turns are taken", async || {
            served.tenant.seen().iter().filter(|seen| seen.path == "/v1/frameworks").count() > 32
        })
        .await;
        let begun = std::time::Instant::now();
        assert!(call(&modest).await.contains("soc2"));
        assert!(begun.elapsed() < std::time::Duration::from_secs(4), "{:?}", begun.elapsed());
    };
    let (hanging, ()) = futures::join!(hanging, meanwhile);
    assert!(hanging.iter().all(|answer| answer.contains("soc2")));
}
