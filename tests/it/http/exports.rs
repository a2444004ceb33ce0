//! Lists that are handed over as resources, which wait for whoever made them and for nobody else.

use std::path::Path;

use serde_json::{Value, json};
use vanta_demo::{Fault, FaultKind, Target};

use super::{Era, Served, Tokens, message, told};
use crate::harness::{Listener, Scratch, eventually};

/// What is answered to a call that exports.
async fn exported(served: &Served, token: Option<&str>, era: Era<'_>, tool: &str, arguments: Value) -> Value {
    let answer = served.call(token, era, tool, arguments).await;
    assert_eq!(answer["result"]["isError"], false, "{answer}");
    answer["result"].clone()
}

/// What reading a resource brings: its result, or its error with the address taken out.
async fn read(served: &Served, token: Option<&str>, era: Era<'_>, uri: &str) -> Result<Value, String> {
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"uri": uri}});
    let mut request = served.post(token, era, request);
    if era == Era::Alone {
        request = request.header("mcp-name", uri);
    }
    let answer = message(request.send().await.unwrap()).await;
    match answer.get("error") {
        None => Ok(answer["result"].clone()),
        Some(error) => Err(error.to_string().replace(uri, "URI")),
    }
}

fn uri(result: &Value) -> &str {
    result["structuredContent"]["exported"]["uri"].as_str().unwrap()
}

fn sha256(text: &str) -> String {
    hex::encode(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()))
}

const NOBODY_S: &str = "vanta://exports/0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn its_maker_reads_an_export_and_to_others_it_is_as_if_it_never_was() {
    let tokens = Tokens::new();
    let alice = tokens.add("alice", &["--access", "read"]).await;
    let bob = tokens.add("bob", &["--access", "destroy"]).await;
    let folder = Scratch::new("http-exports");
    let served = Served::start_with(&["--tokens", &tokens.path], &[("TMPDIR", &folder.path())]).await;
    let sessions = (served.session(Some(&alice)).await, served.session(Some(&bob)).await);
    for (era, other) in [(Era::Alone, Era::Alone), (Era::Session(&sessions.0), Era::Session(&sessions.1))] {
        let alice = Some(&*alice);
        let listed = message(served.ask(alice, era, "tools/list", json!({})).await).await;
        let tools = listed["result"]["tools"].as_array().unwrap();
        let list = tools.iter().find(|tool| tool["name"] == "list_controls").unwrap();
        assert!(list["inputSchema"]["properties"]["export"]["properties"]["format"].is_object(), "{list}");
        for (format, kind) in [("csv", "text/csv"), ("jsonl", "application/x-ndjson")] {
            let wanted = json!({"export": {"format": format, "name": "ours"}});
            let run = json!({"tool": "list_vendors", "arguments": wanted});
            let result = exported(&served, alice, era, "run_read_tool", run).await;
            let (file, link) = (&result["structuredContent"]["exported"], &result["content"][1]);
            assert_eq!((&link["type"], &link["uri"]), (&json!("resource_link"), &file["uri"]), "{result}");
            assert_eq!(
                (&link["name"], &link["mimeType"], &link["size"]),
                (&json!(format!("ours.{format}")), &json!(kind), &file["size"])
            );
            assert!(file.get("path").is_none() && file["expiresAt"].as_str().is_some(), "{file}");
            assert_eq!(result["structuredContent"]["rows"].as_array().unwrap().len(), 3);
            for _ in 0..2 {
                let mine = read(&served, alice, era, uri(&result)).await.unwrap();
                let content = &mine["contents"][0];
                let text = content["text"].as_str().unwrap();
                assert_eq!((&content["mimeType"], &content["uri"]), (&json!(kind), &file["uri"]));
                assert_eq!((&file["sha256"], &file["size"]), (&json!(sha256(text)), &json!(text.len())));
                let heads = usize::from(format == "csv");
                assert_eq!(json!(text.lines().count() - heads), file["count"], "{text}");
            }
            let theirs = read(&served, Some(&bob), other, uri(&result)).await.unwrap_err();
            assert_eq!(theirs, read(&served, Some(&bob), other, NOBODY_S).await.unwrap_err());
            assert_eq!(
                theirs,
                read(&served, alice, era, NOBODY_S).await.unwrap_err(),
                "told apart by nothing"
            );
            assert!(theirs.contains("unknown resource URI"), "{theirs}");
        }
    }
    let left: Vec<_> = Path::new(&folder.path()).read_dir().unwrap().collect();
    assert!(left.is_empty(), "no file of an export has a name: {left:?}");
    let log = served.log.lock().await.clone();
    assert!(!log.contains("vanta://exports/"), "{log}");
}

#[tokio::test]
async fn where_callers_are_not_told_apart_the_address_is_enough() {
    let served = Served::start(&[]).await;
    let result =
        exported(&served, None, Era::Alone, "list_panel_accounts", json!({"export": {"format": "csv"}}))
            .await;
    let note = result["structuredContent"]["note"].as_str().unwrap();
    assert!(note.contains("anyone who has the address"), "{note}");
    let session = served.session(None).await;
    let read = read(&served, None, Era::Session(&session), uri(&result)).await.unwrap();
    assert!(read["contents"][0]["text"].as_str().unwrap().contains(",user\r\n"), "{read}");
}

#[tokio::test]
async fn an_export_expires_and_is_not_for_whoever_is_granted_less_since() {
    let tokens = Tokens::new();
    let alice = tokens.add("alice", &["--access", "read"]).await;
    let served = Served::start(&["--tokens", &tokens.path, "--export-kept", "2"]).await;
    let wanted = json!({"export": {"format": "csv"}});
    let result = exported(&served, Some(&alice), Era::Alone, "list_vendors", wanted.clone()).await;
    let (uri, token) = (uri(&result), Some(&*alice));
    let first = read(&served, token, Era::Alone, uri).await.unwrap();
    assert!(first["ttlMs"].as_u64().unwrap() <= 2_000, "{first}");
    let unknown = read(&served, token, Era::Alone, NOBODY_S).await.unwrap_err();
    eventually("it expires", async || {
        read(&served, token, Era::Alone, uri).await.is_err_and(|error| error == unknown)
    })
    .await;
    let served = Served::start(&["--tokens", &tokens.path]).await;
    let result = exported(&served, token, Era::Alone, "list_vendors", wanted).await;
    let entries = std::fs::read_to_string(&tokens.path).unwrap();
    assert!(entries.contains("access = \"read\""), "{entries}");
    std::fs::write(
        &tokens.path,
        entries.replace("access = \"read\"", "access = \"read\"\ntoolsets = [\"panel\"]"),
    )
    .unwrap();
    let uri = self::uri(&result);
    eventually("the token is for other tools", async || {
        read(&served, token, Era::Alone, uri).await.is_err_and(|error| error == unknown)
    })
    .await;
}

#[tokio::test]
async fn what_breaks_off_in_the_middle_is_no_export_and_takes_no_room() {
    let tokens = Tokens::new();
    let alice = tokens.add("alice", &["--access", "read"]).await;
    let served = Served::start(&["--tokens", &tokens.path]).await;
    let wanted = json!({"export": {"format": "jsonl"}});
    let on = Target::Path("/v1/vulnerabilities".to_owned());
    served.tenant.fault(Fault { on, kind: FaultKind::Truncated, times: 10_000 });
    for _ in 0..17 {
        let failed = served.call(Some(&alice), Era::Alone, "list_vulnerabilities", wanted.clone()).await;
        let (failed, text) = told(&failed);
        assert!(failed && !text.contains("vanta://") && !text.contains("expires in"), "{text}");
    }
    exported(&served, Some(&alice), Era::Alone, "list_vendors", wanted.clone()).await;
    let upstream = Listener::start(|request| {
        if request.contains("/oauth/token") {
            return (
                200,
                json!({"access_token": "t", "token_type": "bearer", "expires_in": 3600}).to_string(),
            );
        }
        if request.contains("pageCursor=") {
            return (403, json!({"message": "no"}).to_string());
        }
        let info = json!({"endCursor": "next", "hasNextPage": true});
        (200, json!({"results": {"data": [{"id": "v1"}], "pageInfo": info}}).to_string())
    })
    .await;
    let served = Served::start_with(&[], &[("VANTA_BASE_URL", &upstream.url)]).await;
    let (failed, text) = told(&served.call(None, Era::Alone, "list_vendors", wanted).await);
    assert!(failed && text.contains("1 items had been read before it"), "{text}");
    assert!(!text.contains("24 hours") && !text.contains("vanta://"), "nothing is gone on with: {text}");
}

#[tokio::test]
async fn what_is_too_long_for_one_message_is_refused_with_what_to_do() {
    let name = "x".repeat(16 << 10);
    let upstream = Listener::start(move |request| {
        if request.contains("/oauth/token") {
            return (
                200,
                json!({"access_token": "t", "token_type": "bearer", "expires_in": 3600}).to_string(),
            );
        }
        let from = request.split_once("pageCursor=at").map_or(0, |(_, rest)| {
            rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
        });
        let items: Vec<Value> =
            (from..from + 60).map(|id| json!({"id": format!("v{id}"), "name": name})).collect();
        let info = json!({"endCursor": format!("at{}", from + 60), "hasNextPage": from < 600});
        (200, json!({"results": {"data": items, "pageInfo": info}}).to_string())
    })
    .await;
    let served = Served::start_with(&[], &[("VANTA_BASE_URL", &upstream.url)]).await;
    let whole = json!({"export": {"format": "csv"}});
    let (failed, text) = told(&served.call(None, Era::Alone, "list_vendors", whole).await);
    assert!(failed && text.contains("8 MiB") && text.contains("`fields`"), "{text}");
    assert!(upstream.heard().len() < 12, "it stops where it is too long");
    let less = json!({"fields": ["id"], "export": {"format": "csv"}});
    let result = exported(&served, None, Era::Alone, "list_vendors", less).await;
    assert_eq!(result["structuredContent"]["exported"]["count"], 660, "{result}");
}

#[tokio::test]
async fn a_caller_who_has_all_the_room_is_told_when_there_is_more_and_another_has_their_own() {
    let tokens = Tokens::new();
    let alice = tokens.add("alice", &["--access", "read"]).await;
    let bob = tokens.add("bob", &["--access", "read"]).await;
    let served = Served::start(&["--tokens", &tokens.path]).await;
    let wanted = json!({"export": {"format": "csv"}});
    for _ in 0..16 {
        exported(&served, Some(&alice), Era::Alone, "list_frameworks", wanted.clone()).await;
    }
    let before = served.tenant.seen().len();
    let (failed, text) =
        told(&served.call(Some(&alice), Era::Alone, "list_frameworks", wanted.clone()).await);
    assert!(failed && text.contains("16 exports") && text.contains("expires in"), "{text}");
    assert_eq!(served.tenant.seen().len(), before, "nothing was sent");
    exported(&served, Some(&bob), Era::Alone, "list_frameworks", wanted).await;
}
