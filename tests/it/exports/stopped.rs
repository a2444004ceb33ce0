//! Exports that something stops in the middle.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;

use super::{Long, asked, cursor, ids, in_order, is_part, names, with};
use crate::harness::{Listener, Scratch, Setup, Wire, command, eventually};

#[tokio::test]
async fn after_a_fault_the_same_call_goes_on_where_it_stopped() {
    let (scratch, is_open) = (Scratch::new("exports-fault"), Arc::new(AtomicBool::new(false)));
    let long = Long { items: 950, page: 100, gate: 400, status: 500, is_open: Arc::clone(&is_open) };
    let upstream = long.start().await;
    let setup = Setup::default().with("VANTA_MCP_FILES", scratch.path());
    let run = setup.with("VANTA_BASE_URL", &*upstream.url).start().await;
    let wanted = json!({"export": {"format": "csv", "name": "all"}});
    let error = run.error("list_vendors", wanted.clone()).await;
    assert!(
        error.contains(
            "400 items had been read before it. The same call within 24 hours (without `fresh`) continues"
        ),
        "{error}"
    );
    assert!(names(scratch.path()).iter().all(|name| is_part(name)), "no half file by its name");
    let before = asked(&upstream);
    assert_eq!(before[..5], [0, 100, 200, 300, 400]);
    is_open.store(true, Ordering::Relaxed);
    // Another list begins from its start.
    let other = json!({"maxItems": 5, "fields": ["id"], "export": {"format": "jsonl", "name": "all"}});
    let told = run.value("list_vendors", other).await;
    assert_eq!(ids(told["exported"]["path"].as_str().unwrap()), in_order(5));
    let other = asked(&upstream).len();
    // In another format it is the same list.
    let told =
        run.value("list_vendors", with(&wanted, "export", json!({"format": "jsonl", "name": "all"}))).await;
    assert_eq!(asked(&upstream)[other..], [400, 500, 600, 700, 800, 900]);
    assert_eq!(ids(told["exported"]["path"].as_str().unwrap()), in_order(950));
    assert_eq!((&told["exported"]["count"], &told["rows"][0]["id"]), (&json!(950), &json!("v0")));
    assert_eq!(told["exported"]["columns"], json!(["id", "name", "owner.id"]));
    assert!(told["note"].as_str().unwrap().contains("had stopped after 400 items"), "{told}");
    // What was written is not gone on with.
    let again = run.value("list_vendors", wanted.clone()).await;
    assert!(again.get("note").is_none(), "{again}");
    // And what is to be fresh is read from the start.
    is_open.store(false, Ordering::Relaxed);
    run.error("list_vendors", wanted.clone()).await;
    is_open.store(true, Ordering::Relaxed);
    let before = asked(&upstream).len();
    let fresh = run.value("list_vendors", with(&wanted, "fresh", json!(true))).await;
    assert_eq!(asked(&upstream)[before..].len(), 10);
    assert_eq!((&fresh["exported"]["count"], fresh.get("note")), (&json!(950), None));
    assert_eq!(names(scratch.path()), ["all (1).csv", "all (1).jsonl", "all.csv", "all.jsonl"]);
}

#[tokio::test]
async fn a_cursor_that_is_not_taken_any_more_is_read_from_the_start() {
    let (scratch, is_open) = (Scratch::new("exports-stale"), Arc::new(AtomicBool::new(false)));
    let long = Long { items: 250, page: 100, gate: 100, status: 400, is_open: Arc::clone(&is_open) };
    // It opens once the old cursor was refused and the first page is asked for again.
    let (firsts, gate) = (AtomicUsize::new(0), Arc::clone(&is_open));
    let upstream = Listener::start(move |request| {
        if request.starts_with("GET")
            && cursor(request).is_none()
            && firsts.fetch_add(1, Ordering::Relaxed) > 0
        {
            gate.store(true, Ordering::Relaxed);
        }
        long.answer(request)
    })
    .await;
    let setup = Setup::default().with("VANTA_MCP_FILES", scratch.path());
    let run = setup.with("VANTA_BASE_URL", &*upstream.url).start().await;
    let wanted = json!({"export": {"format": "jsonl"}});
    let error = run.error("list_vendors", wanted.clone()).await;
    assert!(error.contains("100 items had been read"), "{error}");
    let told = run.value("list_vendors", wanted).await;
    assert_eq!(asked(&upstream), [0, 100, 100, 0, 100, 200]);
    assert_eq!(ids(told["exported"]["path"].as_str().unwrap()), in_order(250));
    assert!(told.get("note").is_none(), "it continues nothing: {told}");
}

#[tokio::test]
async fn a_process_that_is_killed_leaves_no_half_file_and_the_next_goes_on() {
    let (scratch, is_open) = (Scratch::new("exports-killed"), Arc::new(AtomicBool::new(false)));
    let long = Long { items: 800, page: 100, gate: 500, status: 503, is_open: Arc::clone(&is_open) };
    let upstream = long.start().await;
    let setup = || {
        let setup = Setup::default().with("VANTA_MCP_FILES", scratch.path());
        setup.with("VANTA_BASE_URL", &*upstream.url)
    };
    let mut killed = command();
    killed.env("VANTA_CLIENT_ID", "c").env("VANTA_CLIENT_SECRET", "s").env("VANTA_BASE_URL", &upstream.url);
    killed.env("VANTA_MCP_FILES", scratch.path());
    let mut wire = Wire::start(killed);
    wire.initialize().await;
    let wanted = json!({"export": {"format": "jsonl"}});
    wire.message(&json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "list_vendors", "arguments": wanted}
    }))
    .await;
    eventually("five pages are read", async || asked(&upstream).contains(&500)).await;
    // Meanwhile nobody else writes the same.
    let other = setup().with("VANTA_CLIENT_ID", "c").with("VANTA_CLIENT_SECRET", "s").start().await;
    let error = other.error("list_vendors", wanted.clone()).await;
    assert!(error.contains("already running in"), "{error}");
    wire.child.kill().await.unwrap();
    let left = names(scratch.path());
    assert!(left.len() == 2 && left.iter().all(|name| is_part(name)), "{left:?}");
    // As if it had been killed while it wrote: half an item, and half a note of it.
    for (ending, half) in [(".jsonl.part", "{\"id\":\"v5"), (".journal.part", "{\"items\":6")] {
        let path = left.iter().find(|name| name.ends_with(ending)).unwrap();
        let mut file =
            fs::OpenOptions::new().append(true).open(PathBuf::from(scratch.path()).join(path)).unwrap();
        std::io::Write::write_all(&mut file, half.as_bytes()).unwrap();
    }
    is_open.store(true, Ordering::Relaxed);
    let before = asked(&upstream).len();
    let told = other.value("list_vendors", wanted).await;
    assert_eq!(asked(&upstream)[before..], [500, 600, 700]);
    assert_eq!(ids(told["exported"]["path"].as_str().unwrap()), in_order(800));
    assert_eq!(names(scratch.path()), ["vendors.jsonl"]);
}

#[tokio::test]
async fn an_export_that_is_cancelled_is_gone_on_with() {
    let (scratch, is_open) = (Scratch::new("exports-cancelled"), Arc::new(AtomicBool::new(false)));
    let long = Long { items: 300, page: 100, gate: 200, status: 503, is_open: Arc::clone(&is_open) };
    let upstream = long.start().await;
    let mut process = command();
    process.env("VANTA_CLIENT_ID", "c").env("VANTA_CLIENT_SECRET", "s").env("VANTA_BASE_URL", &upstream.url);
    process.env("VANTA_MCP_FILES", scratch.path());
    let mut wire = Wire::start(process);
    wire.initialize().await;
    let call = |id: u32| {
        let arguments = json!({"export": {"format": "jsonl"}});
        let params = json!({"name": "list_vendors", "arguments": arguments});
        json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
    };
    wire.message(&call(1)).await;
    eventually("two pages are read", async || asked(&upstream).contains(&200)).await;
    let gone = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}});
    wire.message(&gone).await;
    is_open.store(true, Ordering::Relaxed);
    let before = asked(&upstream).len();
    let mut id = 1;
    let answer = loop {
        id += 1;
        wire.message(&call(id)).await;
        let answer = loop {
            let answer = wire.receive().await.unwrap();
            if answer["id"] == id {
                break answer;
            }
        };
        // A cancelled call may take a moment to end.
        if id > 500 || !answer.to_string().contains("already running") {
            break answer;
        }
    };
    let exported = &answer["result"]["structuredContent"]["exported"];
    assert_eq!(ids(exported["path"].as_str().unwrap_or_else(|| panic!("{answer}"))), in_order(300));
    assert!(!asked(&upstream)[before..].contains(&0), "the pages that were read are not read again");
    assert_eq!(names(scratch.path()), ["vendors.jsonl"]);
}

#[tokio::test]
async fn a_part_that_somebody_else_wrote_to_is_read_from_the_start() {
    let (scratch, is_open) = (Scratch::new("exports-broken"), Arc::new(AtomicBool::new(false)));
    let long = Long { items: 250, page: 100, gate: 200, status: 500, is_open: Arc::clone(&is_open) };
    let upstream = long.start().await;
    let setup = Setup::default().with("VANTA_MCP_FILES", scratch.path());
    let run = setup.with("VANTA_BASE_URL", &*upstream.url).start().await;
    let wanted = json!({"export": {"format": "jsonl"}});
    run.error("list_vendors", wanted.clone()).await;
    let left = names(scratch.path());
    let path = left.iter().find(|name| name.ends_with(".jsonl.part")).unwrap();
    let path = PathBuf::from(scratch.path()).join(path);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("{\"id\":\"v7\"", "{,id,:,v7,,", 1)).unwrap();
    is_open.store(true, Ordering::Relaxed);
    let told = run.value("list_vendors", wanted).await;
    assert_eq!(ids(told["exported"]["path"].as_str().unwrap()), in_order(250));
    assert!(told.get("note").is_none(), "{told}");
}
