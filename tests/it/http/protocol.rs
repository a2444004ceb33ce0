//! What clients send that is not quite as the specification has it: served where it can be, else refused in words.

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use super::{Era, Served, Tokens};
use crate::harness::{Wire, command};

const VERSIONS: [&str; 5] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];

/// A request to `/mcp` with these headers and nothing else.
fn bare(served: &Served, method: Method, path: &str, headers: &[(&str, &str)]) -> RequestBuilder {
    let request = served.client.request(method, served.url(path));
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

fn initialize(id: u64) -> Value {
    let client = json!({"name": "t", "version": "0"});
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
    json!({"jsonrpc": "2.0", "id": id, "method": "initialize", "params": params})
}

fn frameworks(meta: &Value) -> Value {
    let params = json!({"name": "list_frameworks", "arguments": {}, "_meta": meta});
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
}

fn kind(response: &Response) -> &str {
    response.headers().get(CONTENT_TYPE).map_or("none", |kind| kind.to_str().unwrap())
}

/// The only message of an answer in the form that its type says.
async fn answer(response: Response) -> Value {
    let is_stream = kind(&response) == "text/event-stream";
    let text = response.text().await.unwrap();
    if !is_stream {
        return serde_json::from_str(&text).unwrap_or_else(|_| panic!("JSON: {text}"));
    }
    let mut events =
        text.lines().rev().filter_map(|line| serde_json::from_str(line.strip_prefix("data:")?.trim()).ok());
    events.next().unwrap_or_else(|| panic!("an event: {text}"))
}

/// A refusal: a JSON-RPC error, whatever it refuses.
async fn refused(what: &str, response: Response, status: u16, code: i64, id: &Value, says: &str) -> Value {
    assert_eq!((response.status().as_u16(), kind(&response)), (status, "application/json"), "{what}");
    let error = answer(response).await;
    assert_eq!((&error["jsonrpc"], error.get("id")), (&json!("2.0"), Some(id)), "{what}: {error}");
    assert_eq!(error["error"]["code"], code, "{what}: {error}");
    let told = error["error"]["message"].as_str().unwrap_or_default();
    assert!(told.contains(says), "{what}: {told}");
    error
}

#[tokio::test]
async fn an_answer_comes_in_the_form_that_is_taken() {
    const JSON: &str = "application/json";
    const EVENTS: &str = "text/event-stream";
    let served = Served::start(&[]).await;
    for (accept, begins, answers, with_progress) in [
        (&["application/json, text/event-stream"][..], EVENTS, JSON, EVENTS),
        (&[JSON], JSON, JSON, JSON),
        (&["Application/JSON; charset=utf-8"], JSON, JSON, JSON),
        (&["application/*;q=0.5"], JSON, JSON, JSON),
        (&["application/json, text/event-stream;q=0"], JSON, JSON, JSON),
        (&[EVENTS], EVENTS, EVENTS, EVENTS),
        (&["text/*"], EVENTS, EVENTS, EVENTS),
        (&["application/json;q=0", "TEXT/EVENT-STREAM"], EVENTS, EVENTS, EVENTS),
        (&[EVENTS, JSON], EVENTS, JSON, EVENTS),
        (&["*/*"], JSON, JSON, JSON),
        (&[], JSON, JSON, JSON),
    ] {
        let post = |path: &str, message: &Value| {
            let request = bare(&served, Method::POST, path, &[("content-type", JSON)]);
            accept
                .iter()
                .fold(request, |request, accept| request.header(ACCEPT, *accept))
                .body(message.to_string())
        };
        // With a session, at the address as people write it too.
        let begun = post("/mcp/", &initialize(0)).send().await.unwrap();
        assert_eq!((begun.status().as_u16(), kind(&begun)), (200, begins), "{accept:?}");
        let session = begun.headers()["mcp-session-id"].to_str().unwrap().to_owned();
        assert_eq!(answer(begun).await["result"]["protocolVersion"], "2025-11-25", "{accept:?}");
        let in_session = |message: &Value| post("/mcp/?a=b", message).header("mcp-session-id", &session);
        let noted = in_session(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        assert_eq!(noted.send().await.unwrap().status(), 202, "{accept:?}");
        let listed =
            in_session(&json!({"jsonrpc": "2.0", "id": "l", "method": "tools/list"})).send().await.unwrap();
        assert_eq!(kind(&listed), begins, "{accept:?}");
        assert_eq!(answer(listed).await["id"], "l", "{accept:?}");
        // Without, and each time a read that is answered directly and one that is not.
        let of_2026 = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {},
        });
        for (meta, is_direct) in [(json!({}), true), (json!({"example.com/x": 1}), false)] {
            let (mut whole, mut told) = (of_2026.clone(), meta.clone());
            whole.as_object_mut().unwrap().extend(meta.as_object().unwrap().clone());
            let alone = |meta: &Value| {
                let headers = [("mcp-method", "tools/call"), ("mcp-name", "list_frameworks")];
                let request = post("/mcp", &frameworks(meta)).header("mcp-protocol-version", "2026-07-28");
                headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
            };
            told["progressToken"] = json!("p");
            for (what, request, expected) in [
                ("session", in_session(&frameworks(&meta)), if is_direct { answers } else { begins }),
                ("session, told", in_session(&frameworks(&told)), with_progress),
                ("alone", alone(&whole), answers),
            ] {
                let response = request.send().await.unwrap();
                assert_eq!(
                    (response.status().as_u16(), kind(&response)),
                    (200, expected),
                    "{accept:?} {what}"
                );
                let answer = answer(response).await;
                assert!(
                    answer["result"]["structuredContent"].to_string().contains("soc2"),
                    "{what}: {answer}"
                );
            }
        }
        // The stream of a session is one of events.
        let stream = served.client.get(served.url("/mcp/")).header("mcp-session-id", &session);
        let stream =
            accept.iter().fold(stream, |stream, accept| stream.header(ACCEPT, *accept)).send().await.unwrap();
        let takes_events = begins == EVENTS || accept.iter().all(|accept| *accept == "*/*");
        assert_eq!(stream.status(), if takes_events { 200 } else { 406 }, "{accept:?}");
        assert_eq!(kind(&stream), if takes_events { EVENTS } else { JSON }, "{accept:?}");
    }
}

#[tokio::test]
async fn what_is_no_message_is_told_the_same_over_http_and_stdio() {
    let served = Served::start(&[]).await;
    let mut wired = command();
    wired.args(["serve", "--demo"]);
    let mut wire = Wire::start(wired);
    let deep = format!(r#"{{"jsonrpc":"2.0","id":3,"method":"ping","params":{}}}"#, "[".repeat(300));
    for (bytes, code, id, says) in [
        (&b"{nope"[..], -32700, json!(null), "not JSON"),
        (br#"{"jsonrpc":"2.0","id":1,"method":"tools/li"#, -32700, json!(null), "not JSON"),
        (b"\xff\xfe", -32700, json!(null), "not UTF-8"),
        (deep.as_bytes(), -32700, json!(null), "not JSON"),
        (b"[]", -32600, json!(null), "batch"),
        (br#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600, json!(null), "2025-06-18"),
        (br#"[{"jsonrpc":"2.0","id":1,"method":"initialize"}]"#, -32600, json!(null), "one per POST"),
        (b"5", -32600, json!(null), "must be a JSON object"),
        (br#""x""#, -32600, json!(null), "must be a JSON object"),
        (b"{}", -32600, json!(null), "`jsonrpc`"),
        (br#"{"id":"a","method":"ping"}"#, -32600, json!("a"), "`jsonrpc`"),
        (br#"{"jsonrpc":"1.0","id":4,"method":"ping"}"#, -32600, json!(4), "`jsonrpc`"),
        (br#"{"jsonrpc":"2.0","id":4}"#, -32600, json!(4), "`method`"),
        (br#"{"jsonrpc":"2.0","id":4,"method":{}}"#, -32600, json!(4), "`method`"),
        (br#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600, json!(null), "`id`"),
        (br#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600, json!(null), "`id`"),
        (br#"{"jsonrpc":"2.0","id":4,"method":"tools/list","params":[]}"#, -32600, json!(4), "`params`"),
        (br#"{"jsonrpc":"2.0","id":4,"method":"tools/list"}"#, -32600, json!(4), "`initialize` first"),
        (br#"{"jsonrpc":"2.0","id":4,"method":"initialize"}"#, -32602, json!(4), "`protocolVersion`"),
        (
            br#"{"jsonrpc":"2.0","id":4,"method":"initialize","params":{"protocolVersion":5}}"#,
            -32602,
            json!(4),
            "`clientInfo`",
        ),
        (br#"{"jsonrpc":"2.0","id":"b","method":"no/such"}"#, -32600, json!("b"), "`no/such` came before"),
    ] {
        let what = String::from_utf8_lossy(bytes).into_owned();
        let request = bare(&served, Method::POST, "/mcp", &[("content-type", "application/json")]);
        let response = request.body(bytes.to_vec()).send().await.unwrap();
        refused(&what, response, 400, code, &id, says).await;
        wire.send(bytes).await;
        wire.send(b"\n").await;
        let answer = wire.receive().await.unwrap();
        assert_eq!(
            (answer.get("id"), &answer["error"]["code"]),
            (Some(&id), &json!(code)),
            "{what}: {answer}"
        );
        assert!(answer["error"]["message"].as_str().unwrap().contains(says), "{what}: {answer}");
    }
    // A line without anything on it is no message, a body without anything is a bad one.
    let empty =
        bare(&served, Method::POST, "/mcp", &[("content-type", "application/json")]).send().await.unwrap();
    refused("empty", empty, 400, -32700, &Value::Null, "empty").await;
    wire.initialize().await;
    wire.message(&json!({"jsonrpc": "2.0", "id": 9, "method": "tools/list"})).await;
    assert_eq!(wire.receive().await.unwrap()["id"], 9, "it goes on");
}

type Header = (&'static str, &'static str);

/// What is asked, the request's line, headers and body, and the refusal's status, code, `id` and words.
type RefusedCase =
    (&'static str, &'static str, &'static [Header], &'static str, u16, i64, Option<u64>, &'static str);

const TYPED: Header = ("content-type", "application/json");
const ODD: Header = ("mcp-protocol-version", "1999-01-01");
const UNKNOWN: Header = ("mcp-session-id", "none");
/// Stands for one that there is.
const SESSION: Header = ("mcp-session-id", "");
const TOKEN: Header = ("authorization", "");

const REFUSED: &[RefusedCase] = &[
    ("no token", "POST /mcp", &[TYPED], "list", 401, -32600, None, "unauthorized"),
    (
        "wrong token",
        "POST /mcp",
        &[TYPED, ("authorization", "Bearer x")],
        "list",
        401,
        -32600,
        None,
        "unknown",
    ),
    (
        "strange host",
        "POST /mcp",
        &[TOKEN, ("host", "evil.example")],
        "list",
        403,
        -32600,
        None,
        "--allow-host",
    ),
    (
        "strange page",
        "POST /mcp",
        &[TOKEN, ("origin", "https://evil.example")],
        "list",
        403,
        -32600,
        None,
        "--allow-origin",
    ),
    ("no such path", "POST /mcp/x", &[TOKEN, TYPED], "list", 404, -32600, None, "/mcp"),
    ("no such path, read", "GET /", &[TOKEN], "", 404, -32600, None, "/mcp"),
    ("no such session", "POST /mcp", &[TOKEN, TYPED, UNKNOWN], "list", 404, -32600, Some(7), "initialize"),
    (
        "two sessions",
        "POST /mcp",
        &[TOKEN, TYPED, SESSION, UNKNOWN],
        "list",
        404,
        -32600,
        Some(7),
        "initialize",
    ),
    ("no such session, stream", "GET /mcp", &[TOKEN, UNKNOWN], "", 404, -32600, None, "initialize"),
    ("no such session, end", "DELETE /mcp", &[TOKEN, UNKNOWN], "", 404, -32600, None, "initialize"),
    ("a stream without session", "GET /mcp", &[TOKEN], "", 400, -32600, None, "`initialize` first"),
    ("an end without session", "DELETE /mcp", &[TOKEN], "", 400, -32600, None, "Mcp-Session-Id"),
    ("another method", "PUT /mcp", &[TOKEN, TYPED, SESSION], "list", 405, -32600, None, "method"),
    ("a page that asks", "OPTIONS /mcp/", &[TOKEN], "", 405, -32600, None, "method"),
    ("another method, metadata", "POST /sse", &[TOKEN, TYPED], "list", 405, -32600, Some(7), "method"),
    (
        "nothing that is taken",
        "POST /mcp",
        &[TOKEN, TYPED, SESSION, ("accept", "text/html")],
        "list",
        406,
        -32600,
        Some(7),
        "Accept",
    ),
    (
        "nothing that is taken, initialize",
        "POST /mcp",
        &[TOKEN, TYPED, ("accept", "image/*")],
        "begin",
        406,
        -32600,
        Some(7),
        "Accept",
    ),
    (
        "a stream as JSON",
        "GET /mcp",
        &[TOKEN, SESSION, ("accept", "application/json")],
        "",
        406,
        -32600,
        None,
        "text/event-stream",
    ),
    (
        "a subscription as JSON",
        "POST /mcp",
        &[TOKEN, TYPED, ("accept", "application/json")],
        "listen",
        406,
        -32600,
        Some(7),
        "text/event-stream",
    ),
    ("no type", "POST /mcp", &[TOKEN, SESSION], "list", 415, -32600, Some(7), "Content-Type"),
    (
        "another type",
        "POST /mcp",
        &[TOKEN, SESSION, ("content-type", "text/plain")],
        "list",
        415,
        -32600,
        Some(7),
        "Content-Type",
    ),
    ("too much", "POST /mcp", &[TOKEN, TYPED, SESSION], "heavy", 413, -32600, Some(7), ""),
    ("too many sessions", "POST /mcp", &[TOKEN, TYPED], "begin", 503, -32603, Some(7), "sessions"),
    ("before initialize", "POST /mcp", &[TOKEN, TYPED], "list", 400, -32600, Some(7), "Mcp-Session-Id"),
    (
        "unknown version",
        "POST /mcp",
        &[TOKEN, TYPED, SESSION, ODD],
        "list",
        400,
        -32022,
        Some(7),
        "2025-11-25",
    ),
    (
        "unknown version, no session",
        "POST /mcp",
        &[TOKEN, TYPED, ODD],
        "list",
        400,
        -32022,
        Some(7),
        "2026-07-28",
    ),
    ("unknown version, stream", "GET /mcp", &[TOKEN, SESSION, ODD], "", 400, -32022, None, "2025-11-25"),
    ("unknown version, end", "DELETE /mcp", &[TOKEN, SESSION, ODD], "", 400, -32022, None, "2025-11-25"),
    (
        "an answer before initialize",
        "POST /mcp",
        &[TOKEN, TYPED],
        r#"{"jsonrpc":"2.0","id":7,"result":{}}"#,
        400,
        -32600,
        Some(7),
        "this message came before",
    ),
    (
        "an initialize without id",
        "POST /mcp",
        &[TOKEN, TYPED],
        r#"{"jsonrpc":"2.0","method":"initialize"}"#,
        400,
        -32602,
        None,
        "`id`",
    ),
    ("old transport, no session", "POST /messages", &[TOKEN, TYPED], "list", 404, -32600, Some(7), "session"),
    (
        "old transport, another's",
        "POST /messages?sessionId=x",
        &[TOKEN, TYPED],
        "list",
        404,
        -32600,
        Some(7),
        "session",
    ),
    (
        "old transport, no message",
        "POST /messages?sessionId=x",
        &[TOKEN, TYPED],
        "{",
        400,
        -32700,
        None,
        "not JSON",
    ),
];

#[tokio::test]
async fn every_refusal_is_an_error_that_names_its_request() {
    let tokens = Tokens::new();
    let token = tokens.add("alice", &[]).await;
    let served = Served::start(&["--tokens", &tokens.path, "--sse", "--max-sessions", "1"]).await;
    let session = served.session(Some(&token)).await;
    let bearer = format!("Bearer {token}");
    let of = |method: &str| json!({"jsonrpc": "2.0", "id": 7, "method": method});
    for (what, line, headers, body, status, code, id, says) in REFUSED {
        let (method, path) = line.split_once(' ').unwrap();
        let filled = headers.iter().map(|header| match *header {
            TOKEN => (header.0, &*bearer),
            SESSION => (header.0, &*session),
            other => other,
        });
        let request = bare(&served, method.parse().unwrap(), path, &filled.collect::<Vec<_>>());
        let request = match *body {
            "" => request,
            "list" => request.body(of("tools/list").to_string()),
            "listen" => request.body(of("subscriptions/listen").to_string()),
            "begin" => request.body(initialize(7).to_string()),
            "heavy" => {
                let mut heavy = of("tools/list");
                heavy["params"]["a"] = vec![0; 1 << 20].into();
                request.body(heavy.to_string())
            }
            other => request.body(other),
        };
        let response = request.send().await.unwrap();
        assert_eq!(response.headers().contains_key("www-authenticate"), *status == 401, "{what}");
        assert_eq!(response.headers().contains_key("allow"), *status == 405, "{what}");
        let error = refused(what, response, *status, *code, &json!(id), says).await;
        if *code == -32022 {
            let versions = json!({"requested": "1999-01-01", "supported": VERSIONS});
            assert_eq!(error["error"]["data"], versions, "{what}");
        }
    }
    // Nothing of it has cost the session.
    let lives = served.post(Some(&token), Era::Session(&session), of("tools/list")).send().await.unwrap();
    assert_eq!(lives.status(), 200);
}

#[tokio::test]
async fn the_version_of_initialize_is_that_of_its_body() {
    let served = Served::start(&[]).await;
    for version in ["2025-11-25", "2025-03-26", "2026-07-28", "1999-01-01", "", "latest"] {
        let headers = [("content-type", "application/json"), ("mcp-protocol-version", version)];
        let request = bare(&served, Method::POST, "/mcp", &headers).body(initialize(1).to_string());
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{version}");
        assert_eq!(answer(response).await["result"]["protocolVersion"], "2025-11-25", "{version}");
    }
    // Of later requests it is held against those that are served, before anything else that is wrong with them.
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2099-01-01", "io.modelcontextprotocol/clientCapabilities": {},
    });
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}});
    let headers = [TYPED, ("mcp-protocol-version", "2099-01-01")];
    let later = bare(&served, Method::POST, "/mcp", &headers).body(message.to_string()).send().await.unwrap();
    let error = refused("a version to come", later, 400, -32022, &json!(1), "2026-07-28").await;
    assert_eq!(error["error"]["data"], json!({"requested": "2099-01-01", "supported": VERSIONS}));
    // 2026-07-28 has no such method, and a request says that it is of it by more than the header.
    let of_2026 = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {},
    });
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"_meta": of_2026}});
    let headers = [
        ("content-type", "application/json"),
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "initialize"),
    ];
    let gone = bare(&served, Method::POST, "/mcp", &headers).body(message.to_string()).send().await.unwrap();
    refused("a method that is gone", gone, 404, -32601, &json!(1), "initialize").await;
}
