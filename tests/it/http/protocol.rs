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
    let events =
        text.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data:")?.trim()).ok());
    events.last().unwrap_or_else(|| panic!("an event: {text}"))
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
        (&["*/*"], JSON, JSON, EVENTS),
        (&[], JSON, JSON, EVENTS),
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
        let takes_events = begins == EVENTS || with_progress == EVENTS;
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

#[tokio::test]
async fn every_refusal_is_an_error_that_names_its_request() {
    let tokens = Tokens::new();
    let token = format!("Bearer {}", tokens.add("alice", &[]).await);
    let served = Served::start(&["--tokens", &tokens.path, "--sse", "--max-sessions", "1"]).await;
    let session = served.session(Some(token.strip_prefix("Bearer ").unwrap())).await;
    let by: (&str, &str) = ("authorization", &token);
    let typed = ("content-type", "application/json");
    let named = ("mcp-session-id", &*session);
    let unknown = ("mcp-session-id", "none");
    let odd = ("mcp-protocol-version", "1999-01-01");
    let list = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/list"}).to_string();
    let listen = json!({"jsonrpc": "2.0", "id": 7, "method": "subscriptions/listen"}).to_string();
    let (none, seven) = (Value::Null, json!(7));
    let heavy = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": {"a": vec![0; 1 << 20]}});
    let heavy = heavy.to_string();
    let begin = initialize(7).to_string();
    let cases: &[(&str, Method, &str, &[(&str, &str)], &str, u16, i64, &Value, &str)] = &[
        ("no token", Method::POST, "/mcp", &[typed], &list, 401, -32600, &none, "unauthorized"),
        (
            "wrong token",
            Method::POST,
            "/mcp",
            &[typed, ("authorization", "Bearer x")],
            &list,
            401,
            -32600,
            &none,
            "unknown",
        ),
        (
            "strange host",
            Method::POST,
            "/mcp",
            &[by, ("host", "evil.example")],
            &list,
            403,
            -32600,
            &none,
            "--allow-host",
        ),
        (
            "strange page",
            Method::POST,
            "/mcp",
            &[by, ("origin", "https://evil.example")],
            &list,
            403,
            -32600,
            &none,
            "--allow-origin",
        ),
        ("no such path", Method::POST, "/mcp/x", &[by, typed], &list, 404, -32600, &none, "/mcp"),
        ("no such path, read", Method::GET, "/", &[by], "", 404, -32600, &none, "/mcp"),
        (
            "no such session",
            Method::POST,
            "/mcp",
            &[by, typed, unknown],
            &list,
            404,
            -32600,
            &seven,
            "initialize",
        ),
        (
            "two sessions",
            Method::POST,
            "/mcp",
            &[by, typed, named, unknown],
            &list,
            404,
            -32600,
            &seven,
            "initialize",
        ),
        (
            "no such session, stream",
            Method::GET,
            "/mcp",
            &[by, unknown],
            "",
            404,
            -32600,
            &none,
            "initialize",
        ),
        (
            "no such session, end",
            Method::DELETE,
            "/mcp",
            &[by, unknown],
            "",
            404,
            -32600,
            &none,
            "initialize",
        ),
        ("a stream without session", Method::GET, "/mcp", &[by], "", 400, -32600, &none, "ession"),
        ("an end without session", Method::DELETE, "/mcp", &[by], "", 400, -32600, &none, "ession"),
        ("another method", Method::PUT, "/mcp", &[by, typed, named], &list, 405, -32600, &none, "method"),
        ("a page that asks", Method::OPTIONS, "/mcp/", &[by], "", 405, -32600, &none, "method"),
        (
            "another method, metadata",
            Method::POST,
            "/sse",
            &[by, typed],
            &list,
            405,
            -32600,
            &seven,
            "method",
        ),
        (
            "nothing that is taken",
            Method::POST,
            "/mcp",
            &[by, typed, named, ("accept", "text/html")],
            &list,
            406,
            -32600,
            &seven,
            "Accept",
        ),
        (
            "nothing that is taken, initialize",
            Method::POST,
            "/mcp",
            &[by, typed, ("accept", "image/*")],
            &begin,
            406,
            -32600,
            &seven,
            "Accept",
        ),
        (
            "a stream as JSON",
            Method::GET,
            "/mcp",
            &[by, named, ("accept", "application/json")],
            "",
            406,
            -32600,
            &none,
            "text/event-stream",
        ),
        (
            "a subscription as JSON",
            Method::POST,
            "/mcp",
            &[by, typed, ("accept", "application/json")],
            &listen,
            406,
            -32600,
            &seven,
            "text/event-stream",
        ),
        ("no type", Method::POST, "/mcp", &[by, named], &list, 415, -32600, &seven, "Content-Type"),
        (
            "another type",
            Method::POST,
            "/mcp",
            &[by, named, ("content-type", "text/plain")],
            &list,
            415,
            -32600,
            &seven,
            "Content-Type",
        ),
        ("too much", Method::POST, "/mcp", &[by, typed, named], &heavy, 413, -32600, &seven, ""),
        ("too many sessions", Method::POST, "/mcp", &[by, typed], &begin, 503, -32603, &seven, "sessions"),
        (
            "before initialize",
            Method::POST,
            "/mcp",
            &[by, typed],
            &list,
            400,
            -32600,
            &seven,
            "Mcp-Session-Id",
        ),
        (
            "unknown version",
            Method::POST,
            "/mcp",
            &[by, typed, named, odd],
            &list,
            400,
            -32022,
            &seven,
            "2025-11-25",
        ),
        (
            "unknown version, no session",
            Method::POST,
            "/mcp",
            &[by, typed, odd],
            &list,
            400,
            -32022,
            &seven,
            "2026-07-28",
        ),
        (
            "unknown version, stream",
            Method::GET,
            "/mcp",
            &[by, named, odd],
            "",
            400,
            -32022,
            &none,
            "2025-11-25",
        ),
        (
            "unknown version, end",
            Method::DELETE,
            "/mcp",
            &[by, named, odd],
            "",
            400,
            -32022,
            &none,
            "2025-11-25",
        ),
        (
            "old transport, no session",
            Method::POST,
            "/messages",
            &[by, typed],
            &list,
            404,
            -32600,
            &seven,
            "session",
        ),
        (
            "old transport, another's",
            Method::POST,
            "/messages?sessionId=x",
            &[by, typed],
            &list,
            404,
            -32600,
            &seven,
            "session",
        ),
        (
            "old transport, no message",
            Method::POST,
            "/messages?sessionId=x",
            &[by, typed],
            "{",
            400,
            -32700,
            &none,
            "not JSON",
        ),
    ];
    for (what, method, path, headers, body, status, code, id, says) in cases {
        let request = bare(&served, method.clone(), path, headers);
        let request = if body.is_empty() { request } else { request.body((*body).to_owned()) };
        let response = request.send().await.unwrap();
        assert_eq!(response.headers().contains_key("www-authenticate"), *status == 401, "{what}");
        assert_eq!(response.headers().contains_key("allow"), *status == 405, "{what}");
        let error = refused(what, response, *status, *code, id, says).await;
        if *code == -32022 {
            assert_eq!(
                error["error"]["data"],
                json!({"requested": "1999-01-01", "supported": VERSIONS}),
                "{what}"
            );
        }
    }
    // Nothing of it has cost the session.
    let message = serde_json::from_str(&list).unwrap();
    let lives =
        served.post(token.strip_prefix("Bearer "), Era::Session(&session), message).send().await.unwrap();
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
}
