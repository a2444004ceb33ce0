//! The tenant over a real socket: what only a connection can show.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

/// One answer as it came off the wire; no status where the connection ended without one.
struct Got {
    status: Option<u16>,
    /// How it ended, where not in order.
    broke: Option<ErrorKind>,
    head: String,
    text: String,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

/// Sends one request on a connection of its own and reads until the tenant closes it.
async fn send(url: &str, method: &str, path: &str, headers: &str, body: &str) -> Got {
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(host).await.unwrap();
    let length = body.len();
    let fixed = format!("host: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n");
    let request = format!("{method} {path} HTTP/1.1\r\n{fixed}{headers}\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let broke = stream.read_to_end(&mut bytes).await.err().map(|error| error.kind());
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Got { status, broke, head: head.to_lowercase(), text: body.to_owned() }
}

async fn tenant(limits: Limits) -> Tenant {
    let now = "2026-11-22T08:00:00Z".parse().unwrap();
    Tenant::start(Options { seed: 11, now, limits, ..Options::default() }).await.unwrap()
}

async fn token(tenant: &Tenant, api: Application, scope: &str) -> Got {
    let (id, secret) = tenant.application(api);
    let grant = "client_credentials";
    let body = json!({ "grant_type": grant, "client_id": id, "client_secret": secret, "scope": scope });
    send(&tenant.vanta_url(), "POST", "/oauth/token", "content-type: application/json\r\n", &body.to_string())
        .await
}

async fn signed_in(tenant: &Tenant) -> String {
    let got = token(tenant, Application::Manage, "vanta-api.all:read vanta-api.all:write").await;
    format!("authorization: Bearer {}\r\n", got.json()["access_token"].as_str().unwrap())
}

async fn get(tenant: &Tenant, headers: &str, path: &str) -> Got {
    send(&tenant.vanta_url(), "GET", path, headers, "").await
}

#[tokio::test]
async fn a_tenant_starts_at_once_and_stops_when_dropped() {
    let before = Instant::now();
    let running = tenant(Limits::Enforced).await;
    assert!(before.elapsed() < Duration::from_millis(50), "{:?}", before.elapsed());
    let url = running.vanta_url();
    assert_ne!(format!("{url}/"), running.panel_url());
    drop(running);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(TcpStream::connect(url.trim_start_matches("http://")).await.is_err());
}

#[tokio::test]
async fn a_token_opens_its_own_api_only() {
    let tenant = tenant(Limits::Enforced).await;
    assert_eq!(get(&tenant, "", "/v1/controls").await.status, Some(401));
    let manage = signed_in(&tenant).await;
    let controls = get(&tenant, &manage, "/v1/controls?pageSize=2").await;
    assert_eq!(controls.status, Some(200));
    assert_eq!(controls.json()["results"]["data"].as_array().unwrap().len(), 2);
    assert_eq!(get(&tenant, &manage, "/v1/audits").await.status, Some(403));
    assert_eq!(get(&tenant, &manage, "/v1/nothing").await.status, Some(404));
    tenant.revoke_tokens();
    assert_eq!(get(&tenant, &manage, "/v1/controls").await.status, Some(401));
}

#[tokio::test]
async fn a_missing_scope_is_named_in_the_challenge() {
    let tenant = tenant(Limits::Enforced).await;
    let got = token(&tenant, Application::Manage, "vanta-api.vendors:read").await;
    let headers = format!("authorization: Bearer {}\r\n", got.json()["access_token"].as_str().unwrap());
    assert_eq!(get(&tenant, &headers, "/v1/vendors").await.status, Some(200));
    let refused = get(&tenant, &headers, "/v1/controls").await;
    assert_eq!((refused.status, &refused.json()["error"]), (Some(403), &json!("insufficient_scope")));
    assert!(
        refused
            .head
            .contains("www-authenticate: bearer error=\"insufficient_scope\", scope=\"vanta-api.all:read\"")
    );
    tenant.restrict(Application::Manage, &["vanta-api.all:read"]);
    let refused = token(&tenant, Application::Manage, "vanta-api.all:write").await;
    assert_eq!((refused.status, &refused.json()["error"]), (Some(400), &json!("invalid_scope")));
}

#[tokio::test]
async fn the_budget_of_a_minute_runs_out_unless_limits_are_off() {
    let enforced = tenant(Limits::Enforced).await;
    let headers = signed_in(&enforced).await;
    for _ in 0..50 {
        assert_eq!(get(&enforced, &headers, "/v1/frameworks/soc3").await.status, Some(404));
    }
    let refused = get(&enforced, &headers, "/v1/frameworks").await;
    assert_eq!(refused.status, Some(429));
    assert!(refused.head.contains("retry-after: "));
    let off = tenant(Limits::Off).await;
    for _ in 0..8 {
        assert_eq!(token(&off, Application::Audit, "auditor-api.audit:read").await.status, Some(200));
    }
}

#[tokio::test]
async fn faults_do_what_they_say() {
    let tenant = tenant(Limits::Off).await;
    let headers = signed_in(&tenant).await;
    let order = |kind| tenant.fault(Fault { on: Target::Vanta, kind, times: 1 });
    let fetch = async || get(&tenant, &headers, "/v1/controls").await;

    order(FaultKind::Dropped);
    assert_eq!(fetch().await.status, None);
    order(FaultKind::TooManyRequests { retry_after: Some(7) });
    let limited = fetch().await;
    assert!(limited.status == Some(429) && limited.head.contains("retry-after: 7"));
    order(FaultKind::RevokedToken);
    assert_eq!(fetch().await.status, Some(401));
    order(FaultKind::Html { status: 502 });
    let page = fetch().await;
    assert!(page.status == Some(502) && page.head.contains("text/html") && page.text.starts_with("<html>"));
    order(FaultKind::Redirect { to: "http://elsewhere.example/".into() });
    assert!(fetch().await.head.contains("location: http://elsewhere.example/"));
    order(FaultKind::Truncated);
    let cut = fetch().await;
    assert_eq!((cut.status, cut.json()), (Some(200), Value::Null));
    order(FaultKind::Huge { bytes: 200_000 });
    assert!(fetch().await.text.len() > 200_000);
    order(FaultKind::Body { status: 200, body: "[]".into() });
    assert_eq!(fetch().await.text, "[]");
    let before = Instant::now();
    order(FaultKind::Slow(Duration::from_millis(60)));
    assert!(fetch().await.status == Some(200) && before.elapsed() >= Duration::from_millis(60));
    assert_eq!(fetch().await.status, Some(200));
}

#[tokio::test]
async fn connections_break_before_an_answer_and_in_the_middle_of_one() {
    let tenant = tenant(Limits::Off).await;
    let headers = signed_in(&tenant).await;
    let hit = async |kind| {
        tenant.fault(Fault { on: Target::Vanta, kind, times: 1 });
        get(&tenant, &headers, "/v1/controls").await
    };
    let whole = get(&tenant, &headers, "/v1/controls").await;
    assert_eq!((whole.status, whole.broke), (Some(200), None));

    let reset = hit(FaultKind::Reset).await;
    assert_eq!((reset.status, reset.broke), (None, Some(ErrorKind::ConnectionReset)));
    let broken = hit(FaultKind::Broken).await;
    assert_eq!((broken.status, broken.broke), (Some(200), Some(ErrorKind::ConnectionReset)));
    assert_eq!(broken.text, whole.text[..whole.text.len() / 2]);
    assert!(broken.head.contains(&format!("content-length: {}", whole.text.len())));

    let before = Instant::now();
    let halting = hit(FaultKind::Halting(Duration::from_millis(60))).await;
    assert_eq!((halting.text, halting.broke), (whole.text, None));
    assert!(before.elapsed() >= Duration::from_millis(60));
    let faults: Vec<_> = tenant.seen().into_iter().filter_map(|seen| seen.fault).collect();
    assert_eq!(faults.len(), 3);
}

#[tokio::test]
async fn a_connection_dropped_after_the_change_leaves_the_change() {
    let tenant = tenant(Limits::Off).await;
    let headers = signed_in(&tenant).await;
    tenant.fault(Fault { on: Target::Path("/v1/vendors".into()), kind: FaultKind::DroppedAfter, times: 1 });
    let json = format!("{headers}content-type: application/json\r\n");
    let got = send(&tenant.vanta_url(), "POST", "/v1/vendors", &json, r#"{"name":"Brassica Labs"}"#).await;
    assert_eq!(got.status, None);
    let found = get(&tenant, &headers, "/v1/vendors?name=brassica").await.json();
    assert_eq!(found["results"]["data"].as_array().unwrap().len(), 1);
    assert_eq!(
        tenant.seen().iter().map(|seen| seen.status).collect::<Vec<_>>(),
        [Some(200), None, Some(200)]
    );
}

#[tokio::test]
async fn every_request_is_on_record_without_its_credential() {
    let tenant = tenant(Limits::Off).await;
    let headers = signed_in(&tenant).await;
    tenant.forget();
    get(&tenant, &format!("{headers}user-agent: probe\r\n"), "/v1/tests/a%2Fb?statusFilter=OK&x=%20").await;
    let key = format!("x-api-key: {}\r\n", tenant.panel_token_with(&[PanelScope::AccountsRead]));
    let panel = send(&tenant.panel_url(), "GET", "/?api=accounts", &key, "").await;
    assert_eq!(panel.json()["accounts"].as_array().unwrap().len(), 12);
    let seen = tenant.seen();
    assert_eq!(seen[0].path, "/v1/tests/a%2Fb");
    assert_eq!(seen[0].query, [("statusFilter".into(), "OK".into()), ("x".into(), " ".into())]);
    assert_eq!(
        (seen[0].credential, seen[0].user_agent.as_deref()),
        (Credential::Authorization, Some("probe"))
    );
    assert_eq!((seen[1].credential, seen[1].status), (Credential::ApiKey, Some(200)));
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let tenant = tenant(Limits::Off).await;
    let headers = format!("{}content-type: application/json\r\n", signed_in(&tenant).await);
    let got = send(&tenant.vanta_url(), "POST", "/v1/vendors", &headers, "{").await;
    assert_eq!(got.status, Some(400));
    let got = send(&tenant.vanta_url(), "POST", "/v1/vendors", &headers, "{}").await;
    assert!(got.status == Some(422) && got.text.contains("name"));
}

#[tokio::test]
async fn stored_files_are_on_a_host_of_their_own_that_takes_no_token() {
    let tenant = tenant(Limits::Off).await;
    let scope = "auditor-api.audit:read";
    let got = token(&tenant, Application::Audit, scope).await;
    let bearer = format!("authorization: Bearer {}\r\n", got.json()["access_token"].as_str().unwrap());
    let vanta = tenant.vanta_url();
    let list = async |path: &str| {
        send(&vanta, "GET", path, &bearer, "").await.json()["results"]["data"].as_array().unwrap().clone()
    };
    let audits = list("/v1/audits?isActiveAudit=true").await;
    let audit = format!("/v1/audits/{}", audits[0]["id"].as_str().unwrap());
    let evidence = list(&format!("{audit}/evidence?pageSize=100")).await;
    let accepted = evidence.iter().find(|item| item["status"] == "Accepted").unwrap();
    let files = list(&format!("{audit}/evidence/{}/urls", accepted["id"].as_str().unwrap())).await;
    let address = files[0]["url"].as_str().unwrap();
    let host = &address[..address.match_indices('/').nth(2).unwrap().0];
    assert_ne!(host, vanta);
    let path = &address[host.len()..];
    let file = send(host, "GET", path, "", "").await;
    assert_eq!(file.status, Some(200));
    assert!(file.text.contains(files[0]["filename"].as_str().unwrap()), "{}", file.text);
    for (path, headers, status, word) in [
        (path.to_owned(), &*bearer, 400, "Only one auth mechanism"),
        (format!("{path}0"), "", 403, "signature"),
        (path.replace("expires=", "expires=1"), "", 403, "signature"),
        (path.split('?').next().unwrap().to_owned(), "", 403, "signature"),
        ("/none".to_owned(), "", 404, "NoSuchKey"),
    ] {
        let refused = send(host, "GET", &path, headers, "").await;
        assert_eq!(refused.status, Some(status), "{path}");
        assert!(refused.text.contains(word), "{}", refused.text);
    }
    let seen = tenant.downloads();
    assert_eq!((seen.len(), seen[0].credential), (6, Credential::None));
    assert!(tenant.seen().iter().all(|seen| seen.path != path.split('?').next().unwrap()));
}
