//! What is told of a call beside its end: that it was repeated, what it waits for, and that it is not wanted any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::upstream::{Reply, Upstream, answer, fine, token};
use super::{HEAD, MESSAGE, REFUSED};
use crate::errors::holds;
use crate::harness::{Setup, Wire, command, eventually};

/// A change that was sent once is not called unsent because a second attempt was.
#[tokio::test]
async fn what_the_first_attempt_may_have_done_is_told_of_the_last() {
    let upstream = Upstream::start(|asked| {
        if asked.is_for_token() {
            return token(asked);
        }
        if asked.before == 0 { Reply::Reset("") } else { answer(404, "", MESSAGE) }
    })
    .await;
    let run = Setup::default().with("VANTA_BASE_URL", &*upstream.url).start().await;
    let told = run.error("update_vendor", json!({"vendorId": "v", "additionalNotes": "n"})).await;
    holds(
        &told,
        &[
            "update_vendor: after 2 attempts, ",
            "answered 404",
            "The change may have taken effect at an earlier attempt. Read the target to check",
        ],
    );
    assert!(!told.contains(REFUSED), "{told}");
}

#[tokio::test]
async fn an_answer_says_how_often_it_was_asked_for() {
    let upstream = Upstream::start(|asked| match (asked.is_for_token(), asked.before) {
        (false, 0) => answer(503, "", MESSAGE),
        (false, 1) => Reply::Reset(HEAD),
        (false, _) if asked.line.contains("/panel") => answer(200, "", r#"{"ok":true,"data":{"pong":true}}"#),
        _ => fine(asked),
    })
    .await;
    let run = Setup::default()
        .with("VANTA_BASE_URL", &*upstream.url)
        .with("VANTA_PANEL_URL", format!("{}/panel", upstream.url))
        .with("VANTA_MCP_LIMITS", "")
        .start()
        .await;
    let cost = async |tool| run.result(tool, json!({})).await.meta.unwrap()["vanta-mcp/budget"].clone();
    let first = cost("list_vendors").await;
    assert_eq!((&first["repeated"], &first["waitedSeconds"]), (&json!(2), &json!(0.0)), "{first}");
    assert_eq!(first["left"], json!({"manage": 47}), "each attempt takes a turn");
    let second = cost("list_vendors").await;
    assert_eq!((second.get("repeated"), &second["left"]), (None, &json!({"manage": 46})), "{second}");
}

/// The Panel has no budget, but what is repeated there is told as well.
#[tokio::test]
async fn a_repeated_answer_says_so_where_nothing_is_limited() {
    let upstream = Upstream::start(|asked| {
        if asked.before == 0 {
            answer(502, "", MESSAGE)
        } else {
            answer(200, "", r#"{"ok":true,"data":{"pong":true}}"#)
        }
    })
    .await;
    let run = Setup::default().with("VANTA_PANEL_URL", &*upstream.url).start().await;
    let result = run.result("ping_panel", json!({})).await;
    assert_eq!(result.meta.unwrap()["vanta-mcp/budget"]["repeated"], 1);
    assert!(
        run.result("ping_panel", json!({}))
            .await
            .meta
            .is_none_or(|meta| meta.get("vanta-mcp/budget").is_none())
    );
}

async fn wire(upstream: &Upstream) -> Wire {
    let mut command = command();
    command
        .env("VANTA_BASE_URL", &upstream.url)
        .env("VANTA_CLIENT_ID", "vci_x")
        .env("VANTA_CLIENT_SECRET", "vcs_y")
        .env("VANTA_MCP_ACCESS", "destroy")
        .env("VANTA_MCP_TOOLSETS", "all");
    let mut wire = Wire::start(command);
    wire.initialize().await;
    wire
}

fn call(id: u64, tool: &str, arguments: &Value) -> Value {
    let params = json!({"name": tool, "arguments": arguments, "_meta": {"progressToken": id}});
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
}

fn cancelled(id: u64) -> Value {
    json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}})
}

/// Passes over progress up to the answer to a ping.
async fn lives(wire: &mut Wire, id: u64) {
    wire.message(&json!({"jsonrpc": "2.0", "id": id, "method": "ping"})).await;
    loop {
        let message = wire.receive().await.unwrap();
        if message["method"] != "notifications/progress" {
            assert_eq!(message["id"], id, "{message}");
            return;
        }
    }
}

#[tokio::test]
async fn what_is_cancelled_is_neither_waited_for_nor_repeated() {
    let upstream = Upstream::start(|asked| match asked.is_for_token() {
        true => token(asked),
        false if asked.line.contains("/v1/frameworks") => Reply::Hangs("HTTP/1.1 200 OK\r\n"),
        false if asked.line.contains("/v1/controls") => Reply::Hangs(HEAD),
        // Long enough to be cancelled while it lasts, and so short that a repeat would be seen before the end.
        false => answer(503, "retry-after: 2\r\n", MESSAGE),
    })
    .await;
    let mut wire = wire(&upstream).await;
    let update = json!({"vendorId": "v", "additionalNotes": "n"});
    wire.message(&call(1, "list_frameworks", &json!({}))).await;
    wire.message(&call(2, "list_controls", &json!({}))).await;
    eventually("both reads are on the wire", async || upstream.counts().0 == 2).await;
    assert_eq!(upstream.left(), 0);
    wire.message(&cancelled(1)).await;
    wire.message(&cancelled(2)).await;
    eventually("both requests are taken from the wire", async || upstream.left() == 2).await;
    wire.message(&call(3, "list_vendors", &json!({}))).await;
    wire.message(&call(4, "update_vendor", &update)).await;
    eventually("both were sent once", async || upstream.counts().0 == 4).await;
    // That it waits to try again is told, so from then on there is something to cancel.
    let mut waiting = Vec::new();
    while waiting.len() < 2 {
        let message = wire.receive().await.unwrap();
        let told = message["params"]["message"].as_str().unwrap();
        if told.contains("failed; trying again in 2 s")
            && !waiting.contains(&message["params"]["progressToken"])
        {
            waiting.push(message["params"]["progressToken"].clone());
        }
    }
    wire.message(&cancelled(3)).await;
    wire.message(&cancelled(4)).await;
    tokio::time::sleep(Duration::from_millis(2500)).await;
    lives(&mut wire, 9).await;
    assert_eq!(upstream.counts(), (4, 1), "nothing was repeated");
}

#[tokio::test]
async fn while_a_call_waits_it_says_for_what() {
    let slow = Arc::new(AtomicUsize::new(0));
    let upstream = Upstream::start(move |asked| {
        if asked.is_for_token() {
            // Longer than what is worth a word.
            std::thread::sleep(Duration::from_millis(
                1300 * u64::from(slow.fetch_add(1, Ordering::Relaxed) == 0),
            ));
            return token(asked);
        }
        if asked.before == 0 { answer(503, "retry-after: 1\r\n", MESSAGE) } else { fine(asked) }
    })
    .await;
    let mut wire = wire(&upstream).await;
    wire.message(&call(1, "list_vendors", &json!({}))).await;
    let (mut told, mut done) = (Vec::new(), 0.0);
    let result = loop {
        let message = wire.receive().await.unwrap();
        if message["method"] != "notifications/progress" {
            break message;
        }
        let now = message["params"]["progress"].as_f64().unwrap();
        assert!(now > done, "{now} after {done}");
        done = now;
        told.push(message["params"]["message"].as_str().unwrap().to_owned());
    };
    assert_eq!(result["result"]["_meta"]["vanta-mcp/budget"]["repeated"], 1, "{result}");
    let place = |words: &str| {
        told.iter().position(|one| one.contains(words)).unwrap_or_else(|| panic!("{words}: {told:?}"))
    };
    let places = [place("Waiting for an access token from"), place("failed; trying again in 1 s")];
    assert!(places.is_sorted(), "{told:?}");
    assert!(place("Waiting for an answer from") > places[0], "{told:?}");
}
