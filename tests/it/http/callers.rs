//! Who may call, and what each is offered.

use reqwest::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use super::{Era, Served, Tokens, message, told};
use crate::harness::{Scratch, command, eventually};

async fn status(served: &Served, token: Option<&str>) -> u16 {
    served.ask(token, Era::Alone, "tools/list", json!({})).await.status().as_u16()
}

#[tokio::test]
async fn without_a_good_token_nobody_is_let_in() {
    let tokens = Tokens::new();
    let good = tokens.add("alice", &["--access", "read"]).await;
    let served = Served::start(&["--tokens", &tokens.path, "--sse"]).await;
    assert_eq!(status(&served, Some(&good)).await, 200);
    let missing = served.ask(None, Era::Alone, "tools/list", json!({})).await;
    assert_eq!(missing.status(), 401);
    assert_eq!(missing.headers()[WWW_AUTHENTICATE], "Bearer");
    let wrong = served.ask(Some("vmcp_guess"), Era::Alone, "tools/list", json!({})).await;
    assert_eq!(wrong.status(), 401);
    assert_eq!(wrong.headers()[WWW_AUTHENTICATE], "Bearer error=\"invalid_token\"");
    let said = message(wrong).await.to_string();
    assert!(!said.contains("alice") && !said.contains("vmcp_"), "{said}");
    for header in
        [good.clone(), format!("Basic {good}"), "Bearer".to_owned(), format!("Bearer {good}, Bearer x")]
    {
        let sent = served.client.get(served.url("/mcp")).header(AUTHORIZATION, &header).send().await.unwrap();
        assert_eq!(sent.status(), 401, "{header}");
    }
    let twice = served.client.get(served.url("/mcp")).header(AUTHORIZATION, format!("Bearer {good}"));
    let twice = twice.header(AUTHORIZATION, "Bearer other").send().await.unwrap();
    assert_eq!(twice.status(), 401, "which of two tokens counts is not for the caller to choose");
    for path in ["/sse", "/messages?sessionId=1"] {
        assert_eq!(served.client.get(served.url(path)).send().await.unwrap().status(), 401, "{path}");
    }
    let log = served.log.lock().await.clone();
    assert!(!log.contains(&good), "{log}");
}

#[tokio::test]
async fn what_a_token_does_not_grant_is_neither_listed_nor_callable() {
    let tokens = Tokens::new();
    let reader = tokens.add("reader", &["--access", "read"]).await;
    let writer = tokens.add("writer", &["--access", "write", "--toolsets", "panel"]).await;
    let owner = tokens.add("owner", &["--access", "destroy"]).await;
    let served = Served::start(&["--tokens", &tokens.path]).await;
    let session = served.session(Some(&reader)).await;
    for era in [Era::Alone, Era::Session(&session)] {
        let names = served.names(Some(&reader), era).await;
        assert!(names.contains(&"list_controls".to_owned()));
        assert!(
            !names.contains(&"run_write_tool".to_owned()) && !names.contains(&"update_vendor".to_owned())
        );
        for (tool, arguments) in [
            ("terminate_panel_account", json!({"user": "baker", "confirm": "baker"})),
            (
                "run_write_tool",
                json!({"tool": "terminate_panel_account", "arguments": {"user": "baker", "confirm": "baker"}}),
            ),
            (
                "run_read_tool",
                json!({"tool": "terminate_panel_account", "arguments": {"user": "baker", "confirm": "baker"}}),
            ),
        ] {
            let (failed, text) = told(&served.call(Some(&reader), era, tool, arguments).await);
            assert!(failed && text.contains("Nothing was sent"), "{tool}: {text}");
        }
    }
    let names = served.names(Some(&writer), Era::Alone).await;
    assert!(
        names.contains(&"create_panel_account".to_owned()) && !names.contains(&"list_controls".to_owned())
    );
    assert!(!names.contains(&"terminate_panel_account".to_owned()));
    let (failed, text) = told(&served.call(Some(&writer), Era::Alone, "list_controls", json!({})).await);
    assert!(failed && text.contains("other toolsets"), "{text}");
    let run = json!({"tool": "list_controls", "arguments": {}});
    let (failed, text) = told(&served.call(Some(&writer), Era::Alone, "run_read_tool", run).await);
    assert!(failed && text.contains("other toolsets"), "{text}");
    let found =
        served.call(Some(&writer), Era::Alone, "find_tools", json!({"query": "failing controls"})).await;
    assert!(!told(&found).1.contains("list_controls"), "{found}");
    let found = async |query: &str| {
        told(&served.call(Some(&writer), Era::Alone, "find_tools", json!({ "query": query })).await).1
    };
    let (risks, hosting) = (found("top_risks").await, found("overview of the hosting accounts").await);
    assert!(!risks.contains("top_risks") && hosting.contains("panel_overview"), "{risks} {hosting}");
    assert!(served.names(Some(&owner), Era::Alone).await.contains(&"run_write_tool".to_owned()));
    assert!(served.tenant.seen().iter().all(|seen| seen.method == "GET" || seen.path == "/oauth/token"));
    let (_, status) = told(&served.call(Some(&reader), Era::Alone, "server_status", json!({})).await);
    assert!(status.contains("\"access\":\"read\"") && !status.contains("VANTA_MCP_ACCESS=write"), "{status}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_status_tells_a_caller_of_their_own_products_and_of_no_place_on_the_machine() {
    use std::os::unix::fs::PermissionsExt as _;
    let tokens = Tokens::new();
    let panel = tokens.add("panel", &["--access", "write", "--toolsets", "panel"]).await;
    let audits = tokens.add("audits", &["--access", "read", "--toolsets", "audits"]).await;
    let all = tokens.add("all", &["--access", "destroy"]).await;
    let folder = Scratch::new("status");
    let settings = format!("{}/settings.toml", folder.path());
    std::fs::write(&settings, "[panel]\ntoken = \"vp_not-used\"\n").unwrap();
    std::fs::set_permissions(&settings, std::fs::Permissions::from_mode(0o644)).unwrap();
    let serve = ["--tokens", &*tokens.path, "--files", &*folder.path()];
    let served = Served::start_with(&serve, &[("VANTA_MCP_CONFIG", &settings)]).await;
    assert!(served.log.lock().await.contains("chmod 600"), "the operator is told");
    for (token, apis, access) in [
        (&panel, &["panel"][..], "write"),
        (&audits, &["audit"], "read"),
        (&all, &["manage", "audit", "connectors", "panel"], "destroy"),
    ] {
        let session = served.session(Some(token)).await;
        let era = Era::Session(&session);
        let resource =
            served.ask(Some(token), era, "resources/read", json!({"uri": "vanta-mcp://status"})).await;
        let resource = message(resource).await["result"]["contents"][0]["text"].as_str().unwrap().to_owned();
        let (_, called) = told(&served.call(Some(token), era, "server_status", json!({})).await);
        for text in [resource, called] {
            let status: Value = serde_json::from_str(&text).unwrap();
            let told: Vec<&str> =
                status["apis"].as_array().unwrap().iter().map(|api| api["api"].as_str().unwrap()).collect();
            assert_eq!((told.as_slice(), &status["access"]), (apis, &json!(access)), "{status}");
            for place in [&*folder.path(), &settings, &tokens.path] {
                assert!(!text.contains(place), "{text}");
            }
            assert!(status.get("warnings").is_none() && status["folders"] == json!([]), "{status}");
        }
    }
}

#[tokio::test]
async fn a_token_never_grants_more_than_the_operator() {
    let tokens = Tokens::new();
    let owner = tokens.add("owner", &["--access", "destroy"]).await;
    let served = Served::start_with(&["--tokens", &tokens.path], &[("VANTA_MCP_ACCESS", "read")]).await;
    let account = json!({"user": "baker", "confirm": "baker"});
    let (failed, text) =
        told(&served.call(Some(&owner), Era::Alone, "terminate_panel_account", account).await);
    assert!(failed && text.contains("VANTA_MCP_ACCESS=destroy"), "{text}");
}

#[tokio::test]
async fn a_session_is_its_owners_alone() {
    let tokens = Tokens::new();
    let alice = tokens.add("alice", &["--access", "destroy"]).await;
    let mallory = tokens.add("mallory", &["--access", "read"]).await;
    let served = Served::start(&["--tokens", &tokens.path]).await;
    let session = served.session(Some(&alice)).await;
    let stolen = served.ask(Some(&mallory), Era::Session(&session), "tools/list", json!({})).await;
    let invented = served.ask(Some(&mallory), Era::Session("none"), "tools/list", json!({})).await;
    assert_eq!((stolen.status(), invented.status()), (404.try_into().unwrap(), 404.try_into().unwrap()));
    assert_eq!(message(stolen).await, message(invented).await, "whether a session exists is not told");
    for method in [reqwest::Method::GET, reqwest::Method::DELETE] {
        let sent = served.client.request(method.clone(), served.url("/mcp"));
        let sent = sent.header(AUTHORIZATION, format!("Bearer {mallory}")).header("mcp-session-id", &session);
        let sent = sent.header("accept", "text/event-stream").send().await.unwrap();
        assert_eq!(sent.status(), 404, "{method}");
    }
    assert!(!served.names(Some(&alice), Era::Session(&session)).await.is_empty(), "the session lives");
}

#[tokio::test]
async fn the_file_of_tokens_is_read_again_when_it_changes() {
    let tokens = Tokens::new();
    let first = tokens.add("first", &["--access", "read"]).await;
    let served = Served::start(&["--tokens", &tokens.path, "--admin", "127.0.0.1:0"]).await;
    let admin = super::admin::admin(&served).await;
    let second = tokens.add("second", &["--access", "read"]).await;
    eventually("the second is known", async || status(&served, Some(&second)).await == 200).await;
    let text = std::fs::read_to_string(&tokens.path).unwrap();
    std::fs::write(&tokens.path, format!("{text}\nnonsense")).unwrap();
    eventually("what cannot be read grants nothing", async || {
        assert_eq!(status(&served, Some(&first)).await, 200);
        status(&served, Some(&second)).await == 401
    })
    .await;
    assert!(served.log.lock().await.contains("a mistake in the token file"));
    let ready = served.client.get(format!("{admin}/readyz")).send().await.unwrap();
    assert_eq!(ready.status(), 200);
    let told = ready.text().await.unwrap();
    assert!(
        told.contains("\"ready\":true") && told.contains("1 mistake") && !told.contains("second"),
        "{told}"
    );
    let (_, only_second) = text.split_once("\n\n").unwrap();
    std::fs::write(&tokens.path, only_second).unwrap();
    eventually("the first is gone", async || status(&served, Some(&first)).await == 401).await;
    assert_eq!(status(&served, Some(&second)).await, 200);
    let ready = served.client.get(format!("{admin}/readyz")).send().await.unwrap();
    assert!(ready.text().await.unwrap().contains("\"warnings\":[]"));
    std::fs::remove_file(&tokens.path).unwrap();
    eventually("every token is refused", async || status(&served, Some(&second)).await == 401).await;
    let ready = served.client.get(format!("{admin}/readyz")).send().await.unwrap();
    assert!(ready.text().await.unwrap().contains("cannot be read, so none of its tokens is accepted"));
}

#[tokio::test]
async fn our_tokens_never_go_upstream() {
    let tokens = Tokens::new();
    let token = tokens.add("alice", &["--access", "read"]).await;
    let listener = crate::harness::Listener::start(|_| (200, "{}".to_owned())).await;
    let served = Served::start_with(&["--tokens", &tokens.path], &[("VANTA_PANEL_URL", &listener.url)]).await;
    served.call(Some(&token), Era::Alone, "ping_panel", json!({})).await;
    let heard = listener.heard();
    assert_eq!(heard.len(), 1);
    assert!(
        !heard[0].contains(&token) && heard[0].to_lowercase().contains("authorization: bearer"),
        "{}",
        heard[0]
    );
}

#[tokio::test]
async fn making_a_token_says_what_was_made() {
    let made = command().args(["token", "new", "ci", "--toolsets", "controls,tests"]).output().await.unwrap();
    assert!(made.status.success());
    let token = String::from_utf8(made.stdout).unwrap();
    let told = String::from_utf8(made.stderr).unwrap();
    assert!(token.starts_with("vmcp_") && token.trim().len() > 40, "{token}");
    assert!(
        !told.contains(token.trim()) && told.contains("sha256 = \"") && told.contains("access = \"read\""),
        "{told}"
    );
    // What the environment allows the server is not what a token grants unasked.
    let made =
        command().env("VANTA_MCP_ACCESS", "destroy").args(["token", "new", "ci"]).output().await.unwrap();
    assert!(String::from_utf8(made.stderr).unwrap().contains("access = \"read\""));
    for wrong in [
        &["token", "new", "a b"][..],
        &["token", "new", "ci", "--toolsets", "controlz"],
        &["token", "new"],
        &["token"],
    ] {
        let refused = command().args(wrong).output().await.unwrap();
        assert_eq!(refused.status.code(), Some(2), "{wrong:?}");
        assert!(refused.stdout.is_empty());
    }
}

/// Who is granted the same shares; who is granted less does not.
#[tokio::test]
async fn callers_share_what_they_are_granted_alike() {
    let tokens = Tokens::new();
    let one = tokens.add("one", &["--access", "read"]).await;
    let two = tokens.add("two", &["--access", "read"]).await;
    let other = tokens.add("other", &["--access", "write"]).await;
    let served = Served::start(&["--tokens", &tokens.path, "--cache", "30", "--access", "write"]).await;
    let mut told = Vec::new();
    for token in [&one, &two, &other] {
        let answer = served.call(Some(token), Era::Alone, "list_frameworks", json!({})).await;
        told.push(answer["result"]["_meta"]["vanta-mcp/cache"]["hit"].clone());
    }
    assert_eq!(told, [Value::Null, json!("kept"), Value::Null]);
}
