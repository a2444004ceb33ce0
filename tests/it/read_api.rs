//! `read_api`: what the catalog does not have is read, inside the API's own address and nowhere else.

use serde_json::{Value, json};
use vanta_demo::Limits;

use crate::cli::finish;
use crate::harness::{Listener, Setup, command, credentials, tenant};

fn reading(path: &str) -> Value {
    json!({"api": "manage", "path": path})
}

#[tokio::test]
async fn a_path_without_a_tool_is_read_with_its_query() {
    let vanta = Listener::start(|asked| {
        if asked.starts_with("POST /oauth/token") {
            let token = json!({"access_token": "t", "token_type": "Bearer", "expires_in": 3600, "scope": "vanta-api.all:read"});
            return (200, token.to_string());
        }
        let page = json!({"results": {
            "data": [{"id": "m1", "phase": null}, {"id": "m2", "phase": "FULL"}],
            "pageInfo": {"hasNextPage": true, "endCursor": "c2"},
        }});
        (200, page.to_string())
    })
    .await;
    let run = Setup::access("read").with("VANTA_BASE_URL", vanta.url.clone()).start().await;
    let arguments = json!({
        "api": "manage", "path": "/v1/moons/a b/phases",
        "query": {"pageSize": 2, "phaseMatchesAny": ["FULL", "NEW"], "isVisible": true},
    });
    for (tool, arguments) in [
        ("read_api", arguments.clone()),
        ("run_read_tool", json!({"tool": "read_api", "arguments": arguments})),
    ] {
        let answer = run.value(tool, arguments).await;
        assert_eq!((&answer["count"], &answer["nextCursor"]), (&json!(2), &json!("c2")), "{answer}");
    }
    let asked = vanta.heard();
    let line = "GET /v1/moons/a%20b/phases?isVisible=true&pageSize=2&phaseMatchesAny=FULL&phaseMatchesAny=NEW HTTP/1.1";
    assert_eq!(asked.iter().filter(|one| one.starts_with(line)).count(), 2, "{asked:?}");
}

#[tokio::test]
async fn nothing_leads_out_of_the_apis_own_address() {
    let run = Setup::default().start().await;
    for (arguments, expected) in [
        (reading("/oauth/token"), "must begin with /v1/"),
        (reading("/v1/../oauth/token"), "`.` or `..`"),
        (reading("/v1/%2e%2e/oauth/token"), "must not contain `%`"),
        (reading("/v1/..%2foauth%2ftoken"), "must not contain `%`"),
        (reading("/v1/..\\oauth\\token"), "must not contain `\\`"),
        (reading("/v1//evil.example/x"), "empty segments"),
        (reading("//evil.example/v1/x"), "must begin with /v1/"),
        (reading("https://evil.example/v1/x"), "must begin with /v1/"),
        (reading("@evil.example/v1/x"), "must begin with /v1/"),
        (reading("/v1/moons?x=1"), "must not contain `?`"),
        (reading("/v1/moons#x"), "must not contain `#`"),
        (reading("/v1/moons\r\nHost: evil"), "control characters"),
        (reading("/v1/vendors"), "call list_vendors"),
        (reading("/v1/Vendors/abc"), "call get_vendor"),
        (reading("/v1/audits/x/moons"), "belongs to Conduct an Audit: pass `api` \"audit\""),
        (json!({"api": "panel", "path": "/v1/moons"}), "`api` must be one of"),
        (json!({"api": "manage", "path": "/v1/moons", "method": "POST"}), "unknown argument `method`"),
        (json!({"api": "manage", "path": "/v1/moons", "query": {"a": {"b": 1}}}), "`query.a` must be"),
        (reading(""), "`path` must not be empty"),
    ] {
        let told = run.error("read_api", arguments.clone()).await;
        assert!(told.contains(expected) && told.contains("Nothing was sent"), "{arguments}: {told}");
    }
    assert!(run.tenant.seen().is_empty(), "not even a token was asked for");
}

#[tokio::test]
async fn it_is_found_where_nothing_else_fits_and_it_may_be_used() {
    let run = Setup::access("read").start().await;
    assert!(!run.names().await.iter().any(|name| name == "read_api"), "it is not listed");
    let found = run.value("find_tools", json!({"query": "zyzzyva qwertz"})).await;
    assert_eq!((&found["count"], &found["best"]["name"]), (&json!(0), &json!("read_api")), "{found}");
    assert!(found["note"].as_str().unwrap().contains("use read_api"), "{found}");
    assert_eq!(found["best"]["inputSchema"]["required"], json!(["api", "path"]));
    let found = run.value("find_tools", json!({"query": "read_api"})).await;
    assert_eq!((&found["count"], &found["items"][0]["name"]), (&json!(1), &json!("read_api")));
    let found = run.value("find_tools", json!({"query": "list the vendors"})).await;
    assert!(!found.to_string().contains("read_api"), "{found}");
    let found = run.value("find_tools", json!({"query": "zyzzyva qwertz", "effect": "write"})).await;
    assert_eq!((&found["count"], &found["best"]), (&json!(0), &Value::Null), "{found}");

    let closed = Setup::access("read").with("VANTA_MCP_EXCLUDE_TOOLS", "read_api").start().await;
    let found = closed.value("find_tools", json!({"query": "zyzzyva qwertz"})).await;
    assert_eq!((&found["count"], &found["best"]), (&json!(0), &Value::Null), "{found}");
    let told = closed.error("read_api", reading("/v1/moons")).await;
    assert!(told.contains("excluded"), "{told}");
    assert!(closed.tenant.seen().is_empty());
}

#[tokio::test]
async fn on_the_command_line_it_reads_as_well() {
    let tenant = tenant(Limits::Off).await;
    let mut command = command();
    command.envs(credentials(&tenant)).args([
        "call",
        "--json",
        "read_api",
        r#"{"api":"manage","path":"/v1/moons"}"#,
    ]);
    let done = finish(command, "").await;
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.stdout.contains("answered 404") && done.stdout.contains("path does not exist"), "{done:?}");
}
