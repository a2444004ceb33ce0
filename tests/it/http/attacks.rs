//! What a hostile caller, page or network may try.

use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::header::{HOST, ORIGIN};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Era, Served, Tokens, message};
use crate::harness::PATIENCE;

/// Sends bytes as they are, and reads what comes until the connection ends.
async fn raw(served: &Served, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(&served.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    rest(stream).await
}

/// All that comes until the connection ends. That may be abrupt, where the server has not read all that it was sent.
async fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("an end in time");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of an answer. No answer is none, and fails the test.
fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_else(|| panic!("no answer: {answer:?}"))
}

#[tokio::test]
async fn a_rebound_name_and_a_strange_page_are_turned_away_on_every_route() {
    let served = Served::start(&[
        "--sse",
        "--allow-host",
        "mcp.example.com",
        "--allow-origin",
        "https://app.example.com",
    ])
    .await;
    for path in ["/mcp", "/sse", "/messages?sessionId=1", "/", "/.well-known/oauth-protected-resource"] {
        for (header, value) in [(HOST, "evil.example"), (ORIGIN, "https://evil.example"), (ORIGIN, "null")] {
            for method in ["GET", "POST", "DELETE", "OPTIONS"] {
                let request = served.client.request(method.parse().unwrap(), served.url(path));
                let answer = request.header(&header, value).send().await.unwrap();
                assert_eq!(answer.status(), 403, "{method} {path} {header}: {value}");
                assert!(!answer.headers().contains_key("access-control-allow-origin"));
            }
        }
    }
    let own = format!("http://{}", served.address);
    for (host, origin) in
        [("mcp.example.com", None), (&*served.address, Some(own.as_str())), ("localhost:1", None)]
    {
        let mut request = served.post(
            None,
            Era::Alone,
            json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}),
        );
        request = request.header(HOST, host);
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        assert_eq!(request.send().await.unwrap().status(), 200, "{host}");
    }
    let preflight = served.client.request(reqwest::Method::OPTIONS, served.url("/mcp"));
    let preflight = preflight
        .header(ORIGIN, "https://app.example.com")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,mcp-session-id,authorization");
    let preflight = preflight.send().await.unwrap();
    assert_eq!(preflight.headers()["access-control-allow-origin"], "https://app.example.com");
    assert!(preflight.headers()["access-control-allow-headers"].to_str().unwrap().contains("mcp-session-id"));
}

#[tokio::test]
async fn paths_that_only_look_like_ours_lead_nowhere() {
    let served = Served::start(&["--sse"]).await;
    for path in [
        "/mcp//",
        "//mcp",
        "/mcp/..",
        "/./mcp",
        "/%6dcp",
        "/mcp%00",
        "/MCP",
        "/mcp;x",
        "/sse/x",
        "/messages/..%2fmcp",
        "/x/../mcp",
        "*",
    ] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}",
            served.address
        );
        let answer = raw(&served, request.as_bytes()).await;
        assert_eq!(status(&answer), "404", "{path}: {answer}");
    }
}

#[tokio::test]
async fn smuggled_and_injected_headers_are_refused() {
    let served = Served::start(&[]).await;
    // Everything about the request is good but the one thing that is tried.
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {},
    });
    let body =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}}).to_string();
    let good = "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
                Mcp-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\nConnection: close\r\n";
    let (host, all) = (format!("Host: {}\r\n", served.address), body.len());
    let length = format!("Content-Length: {all}\r\n");
    for (what, head, expected) in [
        ("nothing", format!("{host}{length}"), "200"),
        ("two lengths", format!("{host}{length}Content-Length: 3\r\n"), "400"),
        ("a length and chunks", format!("{host}{length}Transfer-Encoding: gzip\r\n"), "400"),
        ("no host", length.clone(), "403"),
        ("two hosts", format!("{host}{length}Host: evil.example\r\n"), "403"),
        ("a bare line end in a value", format!("{host}{length}X-Odd: a\nX-Evil: 1\rb\r\n"), "400"),
        ("a zero byte", format!("{host}{length}X-Odd: a\0b\r\n"), "400"),
        ("a space before the colon", format!("{host}Content-Length : {all}\r\n"), "400"),
        ("a length that is none", format!("{host}Content-Length: -1\r\n"), "400"),
    ] {
        let answer = raw(&served, format!("POST /mcp HTTP/1.1\r\n{head}{good}\r\n{body}").as_bytes()).await;
        assert_eq!(status(&answer), expected, "{what}: {answer}");
        assert!(!answer.to_lowercase().contains("x-evil"), "{what}: {answer}");
    }
    let mut endless = format!("POST /mcp HTTP/1.1\r\n{host}X-Long: ");
    // As much as is read, so that nothing of it is left in the way of the answer.
    endless.extend(std::iter::repeat_n('a', (32 << 10) - endless.len()));
    assert_eq!(status(&raw(&served, endless.as_bytes()).await), "431", "a head without end");
    let session = "a%0d%0aSet-Cookie:%20x=1";
    let answer = served.ask(None, Era::Session(session), "tools/list", json!({})).await;
    assert_eq!(answer.status(), 404);
    assert!(!answer.headers().contains_key("set-cookie"));
}

#[tokio::test]
async fn a_message_has_bounds_however_it_comes() {
    let served = Served::start(&[]).await;
    let announced =
        format!("POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Length: 99999999999\r\n\r\n", served.address);
    assert_eq!(status(&raw(&served, announced.as_bytes()).await), "413");
    let mut chunked = TcpStream::connect(&served.address).await.unwrap();
    let head =
        format!("POST /mcp HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\n\r\n", served.address);
    chunked.write_all(head.as_bytes()).await.unwrap();
    let piece = format!("100000\r\n{}\r\n", "x".repeat(1 << 20));
    // As much as may be, and one byte: the answer comes at once, and nothing is left on its way.
    for _ in 0..16 {
        chunked.write_all(piece.as_bytes()).await.unwrap();
    }
    chunked.write_all(b"1\r\nx\r\n").await.unwrap();
    assert_eq!(status(&rest(chunked).await), "413");
    let deep = "[".repeat(200_000);
    let deep = served.client.post(served.url("/mcp")).header("content-type", "application/json").body(deep);
    let deep = deep.header("accept", "application/json, text/event-stream").send().await.unwrap();
    assert_eq!(deep.status(), 413, "it is weighed before it is read");
    assert!(!served.names(None, Era::Alone).await.is_empty(), "it lives on");
}

#[tokio::test]
async fn a_slow_body_is_not_waited_for() {
    let served = Served::start(&[]).await;
    let begun = Instant::now();
    let head = format!("POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Length: 100\r\n\r\n{{", served.address);
    let answer = raw(&served, head.as_bytes()).await;
    assert_eq!(status(&answer), "408");
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_half_open_connections_do_not_keep_others_out() {
    // This process holds them all open, so where the system allows fewer files, they are fewer.
    let room = usize::try_from(rlimit::increase_nofile_limit(20_000).unwrap()).unwrap();
    let all = room.saturating_sub(1000).min(10_000) / 500 * 500;
    let mut served = Served::start(&[]).await;
    let before = served.resident_kib();
    let mut held = Vec::with_capacity(all);
    while held.len() < all {
        let open = join_all((0..500).map(|_| TcpStream::connect(&served.address))).await;
        for stream in open {
            let mut stream = stream.unwrap();
            // A place is taken away from those that say nothing, so some find themselves shut out already.
            let _ = stream.write_all(b"POST /mcp HTTP/1.1\r\nHost: 127").await;
            held.push(stream);
        }
        if held.len() % 2500 == 0 {
            let begun = Instant::now();
            let names = served.names(None, Era::Alone).await;
            assert!(!names.is_empty() && begun.elapsed() < Duration::from_secs(5), "after {}", held.len());
        }
    }
    let grown = served.resident_kib().saturating_sub(before);
    assert!(grown < 128 << 10, "{grown} KiB for those that it holds, 2048 at the most");
    drop(held);
    assert!(served.child.try_wait().unwrap().is_none(), "it lives on");
}

#[tokio::test]
async fn one_caller_cannot_take_all_sessions() {
    let tokens = Tokens::new();
    let greedy = tokens.add("greedy", &[]).await;
    let modest = tokens.add("modest", &[]).await;
    let served = Served::start(&["--tokens", &tokens.path]).await;
    let mut answers = Vec::new();
    for _ in 0..10 {
        answers.extend(join_all((0..100).map(|_| served.initialize(Some(&greedy)))).await);
    }
    let begun = answers.iter().filter(|answer| answer.status() == 200).count();
    assert_eq!((answers.len(), begun), (1000, 100), "a tenth of all");
    let refused = answers.into_iter().find(|answer| answer.status() != 200).unwrap();
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"30".parse().unwrap()));
    assert!(message(refused).await["error"]["message"].as_str().unwrap().contains("sessions"));
    assert_eq!(served.initialize(Some(&modest)).await.status(), 200);
}
