//! What those who run the server are told.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Attribute;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use vanta_demo::{Fault, FaultKind, Limits, Target};

use super::issuer::{Issuer, Signer};
use super::oauth::AUDIENCE;
use super::{Era, Served, Tokens, message, told};
use crate::cli::run_in;
use crate::harness::{PATIENCE, Scratch, credentials, eventually, tenant};

/// The address that the log tells.
pub(super) async fn admin(served: &Served) -> String {
    let log = served.log.lock().await.clone();
    let (_, rest) = log.split_once("health and metrics at ").expect("the address is told");
    rest.lines().next().unwrap().to_owned()
}

async fn text(served: &Served, url: &str) -> (u16, String) {
    let answer = served.client.get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// The value of a series, by its name and labels as they are written.
fn series(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

#[tokio::test]
async fn counts_are_told_and_hold_nothing_of_what_callers_wrote() {
    let tokens = Tokens::new();
    let alice = tokens.add("alice", &["--access", "read"]).await;
    let served = Served::start(&["--admin", "127.0.0.1:0", "--tokens", &tokens.path]).await;
    let admin = admin(&served).await;
    assert_eq!(text(&served, &format!("{admin}/healthz")).await, (200, "alive\n".to_owned()));
    assert_eq!(text(&served, &format!("{admin}/mcp")).await.0, 404);
    let session = served.session(Some(&alice)).await;
    for era in [Era::Alone, Era::Session(&session)] {
        served.call(Some(&alice), era, "list_controls", json!({})).await;
    }
    served.call(Some(&alice), Era::Alone, "update_vendor", json!({})).await;
    served.ask(Some(&alice), Era::Alone, "tools/call", json!({"name": "evil_tool", "arguments": {}})).await;
    served.ask(Some("vmcp_guess"), Era::Alone, "tools/list", json!({})).await;
    served.client.get(served.url("/evil-path")).send().await.unwrap();
    let (status, counts) = text(&served, &format!("{admin}/metrics")).await;
    assert_eq!(status, 200);
    let is = |name: &str| series(&counts, name).unwrap_or_else(|| panic!("{name} in\n{counts}"));
    assert!((is("vanta_mcp_tool_calls_total{tool=\"list_controls\",outcome=\"done\"}") - 2.0).abs() < 0.1);
    assert!((is("vanta_mcp_tool_calls_total{tool=\"update_vendor\",outcome=\"refused\"}") - 1.0).abs() < 0.1);
    assert!((is("vanta_mcp_tool_calls_total{tool=\"unknown\",outcome=\"refused\"}") - 1.0).abs() < 0.1);
    assert!((is("vanta_mcp_upstream_requests_total{api=\"manage\",outcome=\"success\"}") - 2.0).abs() < 0.1);
    assert!((is("vanta_mcp_upstream_budget_left{api=\"manage\"}") - 48.0).abs() < 0.1);
    assert!((is("vanta_mcp_token_requests_total{outcome=\"success\"}") - 1.0).abs() < 0.1);
    assert!(is("vanta_mcp_token_age_seconds{api=\"manage\"}") < 60.0);
    assert!(is("vanta_mcp_token_expires_seconds{api=\"manage\"}") > 60.0);
    assert!((is("vanta_mcp_sessions") - 1.0).abs() < 0.1);
    assert!(is("vanta_mcp_http_connections") >= 1.0);
    assert!(is("vanta_mcp_calls_under_way").abs() < 0.1);
    assert!(is("vanta_mcp_wait_seconds_count{for=\"token\"}") > 1.0);
    assert!(is("vanta_mcp_tool_call_seconds_bucket{effect=\"read\",le=\"+Inf\"}") > 1.0);
    assert!(
        (is("vanta_mcp_http_requests_total{route=\"/mcp\",method=\"POST\",status=\"401\"}") - 1.0).abs()
            < 0.1
    );
    assert!(
        (is("vanta_mcp_http_requests_total{route=\"other\",method=\"GET\",status=\"404\"}") - 1.0).abs()
            < 0.1
    );
    for private in ["evil", "alice", "vmcp_", &session] {
        assert!(!counts.contains(private), "{private} in\n{counts}");
    }
}

/// What `/readyz` answers.
async fn readiness(served: &Served) -> (u16, Value) {
    let (status, text) = text(served, &format!("{}/readyz", admin(served).await)).await;
    (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}")))
}

#[tokio::test]
async fn readiness_tells_of_each_api_without_what_is_not_for_everybody() {
    let folder = Scratch::new("ready");
    let state = format!("{}/vanta-mcp/state.db", folder.path());
    let served = Served::start_with(&["--admin", "127.0.0.1:0"], &[("VANTA_MCP_STATE", &state)]).await;
    let (status, before) = readiness(&served).await;
    assert_eq!((status, &before["ready"]), (200, &json!(true)), "{before}");
    assert_eq!(before["apis"][0]["token"], "not fetched yet; the first call fetches it");
    assert!(served.tenant.seen().is_empty(), "nothing is sent upstream");
    served.call(None, Era::Alone, "list_controls", json!({})).await;
    let body = json!({"message": "of a private person"}).to_string();
    let fault = Fault { on: Target::Vanta, kind: FaultKind::Body { status: 403, body }, times: 1 };
    served.tenant.fault(fault);
    served.call(None, Era::Alone, "list_vendors", json!({})).await;
    let (status, after) = readiness(&served).await;
    assert_eq!((status, &after["warnings"]), (200, &json!([])), "{after}");
    let manage = &after["apis"][0];
    assert_eq!(manage["granted"], json!(["vanta-api.all:read", "vanta-api.all:write"]), "{manage}");
    assert!(manage["tokenAgeSeconds"].as_u64().unwrap() < 60, "{manage}");
    assert!(manage["tokenExpiresInSeconds"].as_u64().unwrap() > 60, "{manage}");
    let error = &manage["lastError"];
    assert_eq!(
        (&error["tool"], &error["kind"], &error["status"]),
        (&json!("list_vendors"), &json!("refused"), &json!(403))
    );
    assert_eq!(after["state"], json!({"kind": "SQLite", "health": "ok"}));
    let told = after.to_string();
    for private in ["private person", "127.0.0.1", &folder.path(), "vci_", "vcs_", "vp_", "http://"] {
        assert!(!told.contains(private), "{private} in {told}");
    }
}

#[tokio::test]
async fn a_lost_state_is_a_warning_and_a_server_without_credentials_is_not_ready() {
    let lost = "postgres://me:hunter2@127.0.0.1:1/state";
    let served = Served::start_with(&["--admin", "127.0.0.1:0"], &[("VANTA_MCP_STATE", lost)]).await;
    let (status, told) = readiness(&served).await;
    assert_eq!(
        (status, &told["ready"], &told["state"]["health"]),
        (200, &json!(true), &json!("unavailable"))
    );
    assert!(told["warnings"][0].as_str().unwrap().contains("shared state is unavailable"), "{told}");
    assert!(!told.to_string().contains("127.0.0.1") && !told.to_string().contains("hunter2"), "{told}");
    // Reads go on.
    let answer = served.call(None, Era::Alone, "list_frameworks", json!({})).await;
    assert!(super::told(&answer).1.contains("soc2"), "{answer}");

    // One that takes a connection and says nothing does not make a probe wait.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("postgres://me:hunter2@{}/state", silent.local_addr().unwrap());
    let served = Served::start_with(&["--admin", "127.0.0.1:0"], &[("VANTA_MCP_STATE", &silent)]).await;
    let began = Instant::now();
    let (status, told) = readiness(&served).await;
    assert_eq!((status, &told["state"]["health"]), (200, &json!("unavailable")), "{told}");
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());

    let none = credentials(&tenant(Limits::Off).await);
    let none: Vec<(&str, &str)> = none.keys().map(|name| (*name, "")).collect();
    let served = Served::start_with(&["--admin", "127.0.0.1:0"], &none).await;
    let (status, told) = readiness(&served).await;
    assert_eq!((status, &told["reasons"]), (503, &json!(["no API has credentials"])), "{told}");
}

#[tokio::test]
async fn a_server_that_ends_is_alive_and_not_ready() {
    let mut served = Served::start(&["--admin", "127.0.0.1:0"]).await;
    let admin = admin(&served).await;
    let slow = FaultKind::Slow(Duration::from_secs(3));
    served.tenant.fault(Fault { on: Target::Vanta, kind: slow, times: 1 });
    let call = served.call(None, Era::Alone, "list_frameworks", json!({}));
    let ready = format!("{admin}/readyz");
    let stop = async {
        let under_way = || served.tenant.seen().iter().any(|seen| seen.path == "/v1/frameworks");
        eventually("the call is under way", async || under_way()).await;
        served.signal("-TERM");
        eventually("it is not ready any more", async || text(&served, &ready).await.0 == 503).await;
        assert_eq!(text(&served, &format!("{admin}/healthz")).await.0, 200, "it lives until it has ended");
    };
    let (answer, ()) = tokio::join!(call, stop);
    assert!(told(&answer).1.contains("soc2"), "{answer}");
    assert!(tokio::time::timeout(PATIENCE, served.child.wait()).await.unwrap().unwrap().success());
}

#[tokio::test]
async fn nothing_is_told_where_nobody_asked_for_it() {
    let served = Served::start(&[]).await;
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(text(&served, &served.url(path)).await.0, 404, "{path}");
    }
}

/// The status that each admin route answers under this name.
async fn statuses(served: &Served, admin: &str, host: &str) -> Vec<u16> {
    let mut statuses = Vec::new();
    for path in ["/healthz", "/readyz", "/metrics", "/other"] {
        let request = served.client.get(format!("{admin}{path}")).header("host", host);
        statuses.push(request.send().await.unwrap().status().as_u16());
    }
    statuses
}

#[tokio::test]
async fn only_by_this_machines_names_is_it_told() {
    let served = Served::start(&["--admin", "127.0.0.1:0"]).await;
    let admin = admin(&served).await;
    let own = admin.trim_start_matches("http://");
    for host in [own, "localhost", "localhost:1", "127.0.0.1", "127.0.0.1:9", "[::1]:9", "LOCALHOST:9"] {
        assert_eq!(statuses(&served, &admin, host).await, [200, 200, 200, 404], "{host}");
    }
    for host in
        ["evil.example", "evil.example:9", "127.0.0.1.nip.io", "localhost.evil.example", "evil@localhost"]
    {
        assert_eq!(statuses(&served, &admin, host).await, [403; 4], "{host}");
    }
    let refused = served.client.get(format!("{admin}/metrics")).header("host", "evil.example").send().await;
    let told = refused.unwrap().text().await.unwrap();
    assert!(told.contains("--admin-open") && !told.contains("vanta_mcp_"), "{told}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_address_of_loopback_goes_by_itself_too() {
    let served = Served::start(&["--admin", "127.0.0.2:0"]).await;
    let admin = admin(&served).await;
    let own = admin.trim_start_matches("http://");
    assert_eq!(statuses(&served, &admin, own).await, [200, 200, 200, 404]);
    assert_eq!(statuses(&served, &admin, "127.0.0.3:9").await, [403; 4]);
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_one_only_if_the_operator_says_so() {
    let folder = Scratch::new("admin");
    let file = format!("{}/settings.toml", folder.path());
    std::fs::write(&file, "[http]\nadmin = \"[::]:0\"\n").unwrap();
    let serve = ["serve", "--demo", "--http", "127.0.0.1:0"];
    for (variables, more, named) in [
        (&[][..], &["--admin", "0.0.0.0:0"][..], "--admin is 0.0.0.0:0"),
        (&[], &["--admin", "192.0.2.1:9090", "--admin-open=false"], "--admin is 192.0.2.1:9090"),
        (&[("VANTA_MCP_ADMIN", "0.0.0.0:0")], &[], "VANTA_MCP_ADMIN (environment) is 0.0.0.0:0"),
        (&[], &["--config", &file], "`http.admin` (in "),
    ] {
        let arguments: Vec<&str> = serve.iter().chain(more).copied().collect();
        run_in(variables, &arguments).await.is_wrong_usage(&[named, "--admin-open"]);
    }
    for (variables, more) in [(&[][..], &["--admin-open"][..]), (&[("VANTA_MCP_ADMIN_OPEN", "true")], &[])] {
        let arguments: Vec<&str> = ["--admin", "0.0.0.0:0"].iter().chain(more).copied().collect();
        let served = Served::start_with(&arguments, variables).await;
        let admin = admin(&served).await.replace("0.0.0.0", "127.0.0.1");
        for host in ["localhost", "probe.example:9090"] {
            assert_eq!(statuses(&served, &admin, host).await, [200, 200, 200, 404], "{host}");
        }
    }
}

/// A collector, and the spans that it is sent.
async fn collector() -> (String, mpsc::UnboundedReceiver<Span>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, received) = mpsc::unbounded_channel();
    let collect = post(move |body: Bytes| async move {
        let request = ExportTraceServiceRequest::decode(body).unwrap();
        let scopes = request.resource_spans.into_iter().flat_map(|spans| spans.scope_spans);
        for span in scopes.flat_map(|scope| scope.spans) {
            sender.send(span).unwrap();
        }
    });
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/v1/traces", collect)).await });
    (url, received)
}

fn attribute(span: &Span, key: &str) -> Option<String> {
    let value = span.attributes.iter().find(|attribute| attribute.key == key)?.value.as_ref()?;
    match value.value.as_ref()? {
        Attribute::StringValue(text) => Some(text.clone()),
        _ => None,
    }
}

#[tokio::test]
async fn a_call_that_needs_more_scopes_counts_as_refused() {
    let signer = Signer::ed();
    let issuer = Issuer::start(&[signer.public("k1")]).await;
    let served =
        Served::start(&["--admin", "127.0.0.1:0", "--issuer", &issuer.url, "--audience", AUDIENCE]).await;
    let head = json!({"alg": signer.algorithm(), "typ": "at+jwt", "kid": "k1"});
    let token = signer.token(&head, &issuer.claims("vanta:read"));
    let call = json!({"name": "delete_vendor", "arguments": {}});
    assert_eq!(served.ask(Some(&token), Era::Alone, "tools/call", call).await.status(), 403);
    let (_, counts) = text(&served, &format!("{}/metrics", admin(&served).await)).await;
    let refused = series(&counts, "vanta_mcp_tool_calls_total{tool=\"delete_vendor\",outcome=\"refused\"}");
    assert!((refused.expect("it is counted") - 1.0).abs() < 0.1, "{counts}");
}

#[tokio::test]
async fn each_call_is_a_span_below_the_clients() {
    let (url, mut spans) = collector().await;
    let served =
        Served::start_with(&[], &[("OTEL_EXPORTER_OTLP_ENDPOINT", &url), ("OTEL_BSP_SCHEDULE_DELAY", "200")])
            .await;
    let (trace, parent) = (0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128, 0xb7ad_6b71_6920_3331_u128);
    let params = json!({
        "name": "list_controls", "arguments": {},
        "_meta": {"traceparent": format!("00-{trace:032x}-{parent:016x}-01"), "tracestate": "vendor=1"}
    });
    let session = served.session(None).await;
    assert_eq!(served.ask(None, Era::Session(&session), "tools/call", params).await.status(), 200);
    served.call(None, Era::Alone, "get_control", json!({"controlId": "none"})).await;
    let mut all = Vec::new();
    while all.len() < 2 {
        all.push(tokio::time::timeout(PATIENCE, spans.recv()).await.expect("a span in time").unwrap());
    }
    let of = |name: &str| all.iter().find(|span| span.name == name).expect("a span of that name");
    let number = |bytes: &[u8]| bytes.iter().fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
    let listed = of("tools/call list_controls");
    assert_eq!((number(&listed.trace_id), number(&listed.parent_span_id)), (trace, parent));
    assert_eq!(attribute(listed, "gen_ai.tool.name").as_deref(), Some("list_controls"));
    assert_eq!(attribute(listed, "vanta_mcp.outcome").as_deref(), Some("done"));
    assert!(
        listed.end_time_unix_nano - listed.start_time_unix_nano
            < u64::try_from(Duration::from_secs(30).as_nanos()).unwrap()
    );
    let failed = of("tools/call get_control");
    assert!(failed.parent_span_id.is_empty());
    assert_eq!(attribute(failed, "vanta_mcp.outcome").as_deref(), Some("failed"));
}

#[tokio::test]
async fn a_caller_switches_off_the_span_of_no_change() {
    let (url, mut spans) = collector().await;
    let served = Served::start_with(
        &[],
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &url),
            ("OTEL_BSP_SCHEDULE_DELAY", "200"),
            ("VANTA_MCP_LOG", "vanta_mcp=info"),
        ],
    )
    .await;
    let (trace, parent) = (0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128, 0xb7ad_6b71_6920_3331_u128);
    let session = served.session(None).await;
    // A change that another tool runs is one too, and so is one that fails.
    let calls = [
        ("list_controls", json!({}), None),
        ("create_vendor", json!({"name": "Traced"}), Some("create_vendor")),
        ("run_read_tool", json!({"tool": "list_controls", "arguments": {}}), None),
        (
            "run_write_tool",
            json!({"tool": "create_group", "arguments": {"name": "Traced"}}),
            Some("create_group"),
        ),
        ("delete_vendor", json!({"vendorId": "none", "confirm": "none"}), Some("delete_vendor")),
    ];
    for (name, arguments, _) in &calls {
        let params = json!({
            "name": name, "arguments": arguments,
            "_meta": {"traceparent": format!("00-{trace:032x}-{parent:016x}-00"), "tracestate": "vendor=1"}
        });
        let request = served.post(
            None,
            Era::Session(&session),
            json!({
                "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params
            }),
        );
        let request = request.header("traceparent", format!("00-{trace:032x}-{parent:016x}-00"));
        message(request.send().await.unwrap()).await;
    }
    served.call(None, Era::Alone, "list_vendors", json!({})).await;
    let changes = calls.iter().filter_map(|(_, _, span)| *span);
    let mut expected: Vec<String> =
        changes.chain(["list_vendors"]).map(|name| format!("tools/call {name}")).collect();
    let mut names = Vec::new();
    while names.len() < expected.len() {
        names.push(tokio::time::timeout(PATIENCE, spans.recv()).await.expect("a span in time").unwrap().name);
    }
    names.sort_unstable();
    expected.sort_unstable();
    assert_eq!(names, expected, "each change, and the read that nobody switched off");
    let log = served.log.lock().await.clone();
    for name in ["create_vendor", "create_group", "delete_vendor"] {
        assert!(log.contains(&format!("tool=\"{name}\"")), "{log}");
    }
}

#[tokio::test]
async fn the_last_spans_are_sent_before_the_end() {
    let (url, mut spans) = collector().await;
    let mut served = Served::start_with(
        &[],
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", &url), ("OTEL_BSP_SCHEDULE_DELAY", "3600000")],
    )
    .await;
    served.call(None, Era::Alone, "list_controls", json!({})).await;
    assert!(spans.try_recv().is_err());
    served.signal("-TERM");
    assert!(tokio::time::timeout(PATIENCE, served.child.wait()).await.unwrap().unwrap().success());
    assert_eq!(spans.recv().await.unwrap().name, "tools/call list_controls");
}
