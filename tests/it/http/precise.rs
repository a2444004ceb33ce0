//! What each version of the protocol is spared, and the words for what is wrong with a request.

use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};

use super::{Era, Served, Tokens, message};
use crate::harness::{Wire, command};

const BOTH: &str = "application/json, text/event-stream";

fn request(method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params})
}

/// A client of some version, which names it in the header or does not.
struct Client<'s> {
    served: &'s Served,
    named: Option<&'s str>,
    session: String,
}

impl Client<'_> {
    fn send(&self, method: Method, body: Option<&Value>) -> reqwest::RequestBuilder {
        let mut request = self.served.client.request(method, self.served.url("/mcp")).header(ACCEPT, BOTH);
        request = request.header("mcp-session-id", &self.session);
        if let Some(named) = self.named {
            request = request.header("mcp-protocol-version", named);
        }
        match body {
            Some(body) => request.header(CONTENT_TYPE, "application/json").body(body.to_string()),
            None => request,
        }
    }
}

#[tokio::test]
async fn an_event_without_a_message_is_for_those_who_know_it_alone() {
    let served = Served::start(&[]).await;
    for (version, named, knows_it) in [
        ("2024-11-05", None, false),
        ("2025-03-26", None, false),
        ("2025-03-26", Some("2025-03-26"), false),
        ("2025-06-18", Some("2025-06-18"), false),
        ("2025-11-25", Some("2025-11-25"), true),
    ] {
        let client = json!({"name": "t", "version": "0"});
        let params = json!({"protocolVersion": version, "capabilities": {}, "clientInfo": client});
        let begun = served.post(None, Era::Session(""), request("initialize", &params)).send().await.unwrap();
        let session = begun.headers()["mcp-session-id"].to_str().unwrap().to_owned();
        let mut heard = vec![begun.text().await.unwrap()];
        let client = Client { served: &served, named, session };
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        assert_eq!(client.send(Method::POST, Some(&ready)).send().await.unwrap().status(), 202);
        let told = json!({"name": "list_frameworks", "arguments": {}, "_meta": {"progressToken": "p"}});
        for message in
            [request("ping", &json!({})), request("tools/list", &json!({})), request("tools/call", &told)]
        {
            let response = client.send(Method::POST, Some(&message)).send().await.unwrap();
            assert_eq!(response.status(), 200, "{version}");
            heard.push(response.text().await.unwrap());
        }
        let stream = client.send(Method::GET, None).send().await.unwrap();
        assert_eq!(stream.status(), 200, "{version}");
        assert_eq!(client.send(Method::DELETE, None).send().await.unwrap().status(), 204);
        for text in &heard {
            let answers =
                text.lines().filter(|line| line.starts_with("data: {") && line.contains("\"result\""));
            assert_eq!(answers.count(), 1, "{version}: {text}");
        }
        heard.push(stream.text().await.unwrap());
        for text in heard {
            let mut data = text.lines().filter_map(|line| line.strip_prefix("data:"));
            assert_eq!(data.any(|data| data.trim().is_empty()), knows_it, "{version} {named:?}: {text}");
            assert_eq!(text.contains("retry:"), knows_it, "{version} {named:?}: {text}");
        }
    }
}

#[tokio::test]
async fn an_unknown_version_is_told_before_that_two_differ() {
    const KNOWN: &str = "2026-07-28";
    const ODD: &str = "2027-01-01";
    let served = Served::start(&[]).await;
    for (header, meta, code) in [
        (Some(ODD), KNOWN, -32022),
        (Some(KNOWN), ODD, -32020),
        (Some("2025-11-25"), ODD, -32020),
        (Some(ODD), ODD, -32022),
        (None, ODD, -32022),
        (Some("2025-11-25"), KNOWN, -32020),
    ] {
        let mut asked = request("tools/list", &json!({}));
        asked["params"]["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": meta, "io.modelcontextprotocol/clientCapabilities": {},
        });
        let post = served.client.post(served.url("/mcp")).header(CONTENT_TYPE, "application/json");
        let post = header.into_iter().fold(post, |post, header| post.header("mcp-protocol-version", header));
        let answer = post.header("mcp-method", "tools/list").body(asked.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{header:?} {meta}");
        let error = message(answer).await;
        assert_eq!((&error["id"], &error["error"]["code"]), (&json!(7), &json!(code)), "{error}");
        if code == -32022 {
            assert_eq!(error["error"]["data"]["requested"], ODD, "{error}");
            assert_eq!(error["error"]["data"]["supported"].as_array().unwrap().len(), 5, "{error}");
            assert!(error["error"]["message"].as_str().unwrap().contains("2025-11-25"), "{error}");
        }
    }
}

/// The methods that are not found, with the words for them in a session and in 2026-07-28.
const NOT_FOUND: &[(&str, Option<&str>, Option<&str>)] = &[
    ("foo/bar", Some("unknown method `foo/bar`"), Some("unknown method `foo/bar`")),
    ("a\"b", Some("unknown method `a\"b`"), Some("unknown method `a\"b`")),
    ("ping", None, Some("2026-07-28 has no `ping`")),
    ("logging/setLevel", None, Some("2026-07-28 has no `logging/setLevel`")),
    ("initialize", None, Some("2026-07-28 has no `initialize`")),
    (
        "subscriptions/listen",
        Some("`subscriptions/listen` belongs to protocol version 2026-07-28"),
        Some("offer"),
    ),
    ("resources/subscribe", Some("does not offer `resources/subscribe`"), Some("2026-07-28 has no")),
    ("resources/unsubscribe", Some("does not offer `resources/unsubscribe`"), Some("2026-07-28 has no")),
];

fn asking(method: &str) -> Value {
    match method {
        "subscriptions/listen" => json!({"notifications": {}}),
        "resources/subscribe" | "resources/unsubscribe" => json!({"uri": "x:y"}),
        "logging/setLevel" => json!({"level": "info"}),
        _ => json!({}),
    }
}

#[tokio::test]
async fn a_method_that_is_not_found_is_told_in_words() {
    let served = Served::start(&[]).await;
    let session = served.session(None).await;
    let mut in_session = command();
    in_session.args(["serve", "--demo"]);
    let mut wire = Wire::start(in_session);
    wire.initialize().await;
    for (method, of_session, alone) in NOT_FOUND {
        for (era, says) in [(Era::Session(&session), of_session), (Era::Alone, alone)] {
            let Some(says) = says else { continue };
            let post = served.post(None, era, request(method, &asking(method)));
            // What a request is about stands in its head too.
            let about =
                ["uri"].into_iter().find_map(|member| Some(asking(method)[member].as_str()?.to_owned()));
            let post = about.into_iter().fold(post, |post, about| post.header("mcp-name", about));
            let asked = post.send().await.unwrap();
            assert_eq!(asked.status(), if era == Era::Alone { 404 } else { 200 }, "{method} {era:?}");
            let error = message(asked).await;
            assert_eq!((&error["id"], &error["error"]["code"]), (&json!(7), &json!(-32601)), "{error}");
            assert!(error["error"]["message"].as_str().unwrap().contains(says), "{method} {era:?}: {error}");
        }
        let Some(says) = of_session else { continue };
        wire.message(&request(method, &asking(method))).await;
        let error = wire.receive().await.unwrap();
        assert_eq!((&error["id"], &error["error"]["code"]), (&json!(7), &json!(-32601)), "{error}");
        assert!(error["error"]["message"].as_str().unwrap().contains(says), "{method}: {error}");
    }
}

#[tokio::test]
async fn parameters_that_do_not_fit_are_named() {
    let served = Served::start(&[]).await;
    let session = served.session(None).await;
    let mut wired = command();
    wired.args(["serve", "--demo"]);
    let mut wire = Wire::start(wired);
    wire.initialize().await;
    for (method, params, says) in [
        ("tools/call", json!({}), "`params.name` is required and must be a string"),
        ("tools/call", json!({"name": 5}), "`params.name` is required and must be a string"),
        (
            "tools/call",
            json!({"name": "list_frameworks", "arguments": 5}),
            "`params.arguments` must be an object",
        ),
        (
            "tools/call",
            json!({"name": "list_frameworks", "arguments": [1]}),
            "`params.arguments` must be an object",
        ),
        ("prompts/get", json!({"arguments": {}}), "`params.name` is required"),
        ("prompts/get", json!({"name": "x", "arguments": "y"}), "`params.arguments` must be an object"),
        ("resources/read", json!({"uri": 5}), "`params.uri` is required and must be a string"),
        ("completion/complete", json!({"argument": {}}), "`params.ref` is required and must be an object"),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "x"}, "argument": {"name": "y"}}),
            "`params.argument.value` is required",
        ),
        (
            "logging/setLevel",
            json!({"level": "loud"}),
            "`params.level` is required and must be one of debug, info",
        ),
    ] {
        let over_http = message(served.ask(None, Era::Session(&session), method, params.clone()).await).await;
        wire.message(&request(method, &params)).await;
        for error in [over_http, wire.receive().await.unwrap()] {
            assert_eq!(error["error"]["code"], -32602, "{params}: {error}");
            let told = error["error"]["message"].as_str().unwrap();
            assert!(told.contains(says) && told.contains(method), "{params}: {told}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_told_with_the_reason_wherever_it_comes() {
    let served = Served::start(&[]).await;
    let session = served.session(None).await;
    let mut wired = command();
    wired.args(["serve", "--demo"]);
    let mut wire = Wire::start(wired);
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":5,"method":"ping","params":{}1{}}}"#,
        r#"{"a":"#.repeat(500),
        "}".repeat(500)
    );
    for (bytes, id, says) in [
        (r#"{"jsonrpc":"2.0","id":5,"id":6,"method":"ping"}"#, json!(null), "duplicate field `id`"),
        (deep.as_str(), json!(5), "recursion limit"),
        (r#"{"jsonrpc":"2.0","id":5,"method":"ping","params":{"a":"\ud800"}}"#, json!(5), "hex escape"),
        (r#"{"jsonrpc":"2.0","id":5,"method":"p\ud800"}"#, json!(null), "hex escape"),
        (r#"{"jsonrpc":"2.0","id":5,"method":"ping","params":{"a":1e999}}"#, json!(5), "number out of range"),
        (
            r#"{"jsonrpc":"2.0","id":1180591620717411303424,"method":"ping"}"#,
            json!(null),
            "`id` must be between -2^63 and 2^63-1",
        ),
    ] {
        let mut told = Vec::new();
        for in_session in [false, true] {
            let post = served.client.post(served.url("/mcp")).header(CONTENT_TYPE, "application/json");
            let post = if in_session { post.header("mcp-session-id", &session) } else { post };
            let answer = post.body(bytes.to_owned()).send().await.unwrap();
            assert_eq!(answer.status(), 400, "{says}");
            told.push(message(answer).await);
        }
        wire.send(bytes.as_bytes()).await;
        wire.send(b"\n").await;
        told.push(wire.receive().await.unwrap());
        for error in told {
            assert_eq!((&error["id"], &error["error"]["code"]), (&id, &json!(-32600)), "{says}: {error}");
            assert!(error["error"]["message"].as_str().unwrap().contains(says), "{says}: {error}");
        }
    }
}

#[tokio::test]
async fn an_error_about_what_has_no_name_has_null_for_one() {
    let served = Served::start(&[]).await;
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {},
    });
    for body in [
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1, "_meta": meta}}),
        json!({"jsonrpc": "2.0", "method": "notifications/unheard-of", "params": {"_meta": meta}}),
        json!({"jsonrpc": "2.0", "id": 5, "result": {}}),
        json!({"jsonrpc": "2.0", "id": null, "error": {"code": 1, "message": "x"}}),
    ] {
        let post = served.client.post(served.url("/mcp")).header(CONTENT_TYPE, "application/json");
        let post = post.header("mcp-protocol-version", "2026-07-28");
        let answer = post.body(body.to_string()).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{body}: {}", answer.status());
        let error: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert!(error["error"]["message"].is_string(), "{body}: {error}");
        let named = if body["id"] == 5 { json!(5) } else { json!(null) };
        assert_eq!(error.get("id"), Some(&named), "{body}: {error}");
    }
}

#[tokio::test]
async fn a_mark_before_a_body_and_what_people_paste_before_a_token_are_taken_off() {
    let tokens = Tokens::new();
    let token = tokens.add("alice", &[]).await;
    let served = Served::start(&["--tokens", &tokens.path]).await;
    for (shown, status) in [
        (format!("Bearer {token}"), 200),
        (format!("Bearer Bearer {token}"), 200),
        (format!("Bearer \"{token}\""), 200),
        (format!("bearer 'Bearer {token}'"), 200),
        (format!("Bearer Bearer {token}x"), 401),
        (format!("Bearer \"{token}"), 401),
        (format!("Basic Bearer {token}"), 401),
    ] {
        let mut body = b"\xEF\xBB\xBF".to_vec();
        let client = json!({"name": "t", "version": "0"});
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
        body.extend_from_slice(request("initialize", &params).to_string().as_bytes());
        let post = served.client.post(served.url("/mcp")).header(CONTENT_TYPE, "application/json");
        let answer = post.header(AUTHORIZATION, &shown).body(body).send().await.unwrap();
        assert_eq!(answer.status(), status, "{shown}");
        if status == 200 {
            assert_eq!(message(answer).await["result"]["protocolVersion"], "2025-11-25");
        }
    }
}
