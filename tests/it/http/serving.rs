//! Both generations at one address, within bounds, to the end.

use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use vanta_demo::{Fault, FaultKind, Target};

use super::{Era, Served, Tokens, message, told};
use crate::harness::{PATIENCE, command, eventually};

#[tokio::test]
async fn both_generations_are_served_at_once() {
    let served = Served::start(&[]).await;
    let id = served.session(None).await;
    for era in [Era::Session(&id), Era::Alone] {
        let names = served.names(None, era).await;
        assert!(names.contains(&"list_controls".to_owned()) && names.contains(&"find_tools".to_owned()));
        let answer = served.call(None, era, "list_frameworks", json!({})).await;
        let (failed, text) = told(&answer);
        assert!(!failed && text.contains("soc2"), "{text}");
    }
    let ended = served.client.delete(served.url("/mcp")).header("mcp-session-id", &id).send().await.unwrap();
    assert!(ended.status().is_success());
    let after = served.ask(None, Era::Session(&id), "tools/list", json!({})).await;
    assert_eq!(after.status(), 404, "the client begins anew");
}

#[tokio::test]
async fn a_destructive_call_is_previewed_and_confirmed_as_over_stdio() {
    let served = Served::start(&[]).await;
    let account = json!({"user": "baker"});
    let (failed, preview) = told(&served.call(None, Era::Alone, "terminate_panel_account", account).await);
    assert!(!failed && preview.contains("confirm"), "{preview}");
    let wrong = json!({"user": "baker", "confirm": "yes"});
    let (failed, text) = told(&served.call(None, Era::Alone, "terminate_panel_account", wrong).await);
    assert!(failed && text.contains("nothing was changed"), "{text}");
    let preview: Value = serde_json::from_str(&preview).unwrap();
    let right = json!({"user": "baker", "confirm": "baker", "confirmation": preview["confirmation"]});
    let (failed, text) = told(&served.call(None, Era::Alone, "terminate_panel_account", right).await);
    assert!(!failed && !text.contains("toConfirm"), "{text}");
}

#[tokio::test]
async fn a_local_path_means_nothing_over_the_network() {
    let served = Served::start(&["--files", "/"]).await;
    let arguments = json!({
        "documentId": "x", "file": "/etc/hostname", "effectiveAtDate": "2026-01-01T00:00:00Z"
    });
    let (failed, text) = told(&served.call(None, Era::Alone, "upload_document_file", arguments).await);
    assert!(failed && text.contains("over the network") && text.contains("base64"), "{text}");
    let export = json!({"export": {"format": "csv", "name": "/etc/hostname"}});
    let (failed, text) = told(&served.call(None, Era::Alone, "list_vendors", export).await);
    assert!(failed && text.contains("must be a file name without a folder"), "{text}");
    let (failed, text) = told(&served.call(None, Era::Alone, "collect_audit_evidence", json!({})).await);
    assert!(failed && text.contains("not available over the network"), "{text}");
    eventually("the operator is told", async || served.log.lock().await.contains("--files has no meaning"))
        .await;
}

#[tokio::test]
async fn an_open_server_listens_on_loopback_alone() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8080"] {
        let refused = command().args(["serve", "--demo", "--http", address]).output().await.unwrap();
        assert_eq!(refused.status.code(), Some(2));
        let told = String::from_utf8(refused.stderr).unwrap();
        assert!(told.contains("--tokens") && told.contains("127.0.0.1"), "{told}");
    }
}

#[tokio::test]
async fn a_server_without_a_name_is_warned_of() {
    let tokens = Tokens::new();
    let token = tokens.add("alice", &[]).await;
    let unnamed = "no host name is allowed";
    let served = Served::start_at("0.0.0.0:0", &["--tokens", &tokens.path], &[]).await;
    let log = served.log.lock().await.clone();
    assert!(log.contains(unnamed) && log.contains("--allow-host"), "{log}");
    let url = served.url("/mcp").replace("0.0.0.0", "127.0.0.1");
    let asked =
        served.client.post(url).header("authorization", format!("Bearer {token}")).send().await.unwrap();
    assert_eq!(asked.status(), 403, "as the warning says");
    for (listen, more) in [("0.0.0.0:0", &["--allow-host", "localhost"][..]), ("127.0.0.1:0", &[])] {
        let arguments: Vec<&str> = ["--tokens", &tokens.path].iter().chain(more).copied().collect();
        let served = Served::start_at(listen, &arguments, &[]).await;
        assert!(!served.log.lock().await.contains(unnamed), "{listen}");
    }
}

#[tokio::test]
async fn a_caller_has_so_many_calls_at_once_and_no_more() {
    let served = Served::start(&["--max-calls", "2"]).await;
    let slow = FaultKind::Slow(Duration::from_secs(2));
    served.tenant.fault(Fault { on: Target::Vanta, kind: slow, times: 2 });
    let call = || {
        served.ask(
            None,
            Era::Alone,
            "tools/call",
            json!({"name": "list_frameworks", "arguments": {"fresh": true}}),
        )
    };
    let late = async {
        eventually("both are under way", async || {
            served.tenant.seen().iter().filter(|seen| seen.path == "/v1/frameworks").count() == 2
        })
        .await;
        call().await
    };
    let (one, two, three) = tokio::join!(call(), call(), late);
    assert_eq!(three.status(), 429);
    assert_eq!(three.headers()["retry-after"], "1");
    assert!(message(three).await["error"]["message"].as_str().unwrap().contains("nothing was done"));
    for answer in [one, two] {
        assert!(!told(&message(answer).await).0);
    }
    assert!(
        !told(&served.call(None, Era::Alone, "list_frameworks", json!({})).await).0,
        "there is room again"
    );
}

#[tokio::test]
async fn sessions_are_counted_and_those_that_ended_are_not() {
    let served = Served::start(&["--max-sessions", "3"]).await;
    let first = served.session(None).await;
    served.session(None).await;
    served.session(None).await;
    let refused = served.initialize(None).await;
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "30");
    served.client.delete(served.url("/mcp")).header("mcp-session-id", &first).send().await.unwrap();
    assert_eq!(served.initialize(None).await.status(), 200);
    assert!(!served.names(None, Era::Alone).await.is_empty(), "a request without a session needs no room");
}

#[tokio::test]
async fn a_session_that_could_not_be_ended_is_counted_on() {
    let served = Served::start(&["--max-sessions", "3"]).await;
    for _ in 0..3 {
        let id = served.session(None).await;
        let refused = served
            .client
            .delete(served.url("/mcp"))
            .header("mcp-session-id", &id)
            .header("mcp-protocol-version", "1999-01-01")
            .send()
            .await
            .unwrap();
        assert_eq!(refused.status(), 400, "{refused:?}");
        let lives = served.ask(None, Era::Session(&id), "tools/list", json!({})).await;
        assert_eq!(lives.status(), 200, "it lives on");
    }
    assert_eq!(served.initialize(None).await.status(), 503);
}

#[tokio::test]
async fn a_session_that_is_ended_takes_its_reads_along() {
    let served = Served::start(&[]).await;
    let id = served.session(None).await;
    let slow = FaultKind::Slow(Duration::from_secs(30));
    served.tenant.fault(Fault { on: Target::Vanta, kind: slow, times: 1 });
    let begun = std::time::Instant::now();
    let asked = served.ask(None, Era::Session(&id), "tools/call", json!({"name": "list_frameworks"}));
    let ended = async {
        eventually("it is under way", async || {
            served.tenant.seen().iter().any(|seen| seen.path == "/v1/frameworks")
        })
        .await;
        let ended = served.client.delete(served.url("/mcp")).header("mcp-session-id", &id).send().await;
        assert!(ended.unwrap().status().is_success());
    };
    let (asked, ()) = tokio::join!(asked, ended);
    assert!(!asked.text().await.unwrap().contains("result"), "there is nobody to answer");
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_call_under_way_is_finished_before_the_process_ends() {
    let mut served = Served::start(&[]).await;
    let id = served.session(None).await;
    // A stream that would never end by itself.
    let standing = served.client.get(served.url("/mcp")).header("mcp-session-id", &id);
    let standing = standing.header("accept", "text/event-stream").send().await.unwrap();
    assert_eq!(standing.status(), 200);
    let slow = FaultKind::Slow(Duration::from_secs(2));
    served.tenant.fault(Fault { on: Target::Vanta, kind: slow, times: 2 });
    let in_session = served.call(None, Era::Session(&id), "list_frameworks", json!({"pageSize": 9}));
    let alone = served.call(None, Era::Alone, "list_frameworks", json!({"fresh": true}));
    let stop = async {
        eventually("both are under way", async || {
            served.tenant.seen().iter().filter(|seen| seen.path == "/v1/frameworks").count() == 2
        })
        .await;
        served.signal("-TERM");
    };
    let (in_session, alone, ()) = tokio::join!(in_session, alone, stop);
    assert!(told(&in_session).1.contains("soc2"), "{in_session}");
    assert!(told(&alone).1.contains("soc2"), "{alone}");
    let ended = tokio::time::timeout(PATIENCE, served.child.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(0));
    assert!(super::client().get(served.url("/mcp")).send().await.is_err(), "nobody listens any more");
}

/// The system makes connections before the server takes them, and a client has sent its request by then.
#[cfg(unix)]
#[tokio::test]
async fn a_call_that_has_come_but_was_not_taken_yet_is_finished_too() {
    let mut served = Served::start(&[]).await;
    let params = json!({"name": "list_frameworks", "arguments": {}});
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let request = served.post(None, Era::Alone, call).build().unwrap();
    let body = std::str::from_utf8(request.body().unwrap().as_bytes().unwrap()).unwrap();
    let line =
        |(name, value): (&HeaderName, &HeaderValue)| format!("{name}: {}\r\n", value.to_str().unwrap());
    let headers = request.headers().iter().map(line).collect::<Vec<String>>().concat();
    let (address, length) = (&served.address, body.len());
    let head = format!("POST /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n{headers}\r\n");

    served.signal("-STOP");
    let mut early = TcpStream::connect(address).await.unwrap();
    early.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    served.signal("-TERM");
    served.signal("-CONT");

    let mut answer = String::new();
    let read = tokio::time::timeout(PATIENCE, early.read_to_string(&mut answer)).await.unwrap();
    assert!(read.is_ok() && answer.contains("soc2"), "{read:?}: {answer}");
    let ended = tokio::time::timeout(PATIENCE, served.child.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test]
async fn a_call_that_is_told_of_comes_as_a_stream() {
    let served = Served::start(&[]).await;
    let slow = FaultKind::Slow(Duration::from_secs(3));
    served.tenant.fault(Fault { on: Target::Vanta, kind: slow, times: 1 });
    let message = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_frameworks", "arguments": {}}
    });
    let request = served.post(None, Era::Alone, message).build().unwrap();
    let mut body: Value = serde_json::from_slice(request.body().unwrap().as_bytes().unwrap()).unwrap();
    body["params"]["_meta"]["progressToken"] = "p".into();
    let mut request = request;
    *request.body_mut() = Some(body.to_string().into());
    let answer = served.client.execute(request).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let text = answer.text().await.unwrap();
    let (progress, result) = (text.find("notifications/progress").unwrap(), text.find("soc2").unwrap());
    assert!(progress < result, "{text}");
}
