//! What leaves the process, and what never does: secrets, the name of the program, the way to an upstream.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::errors::vendor;
use crate::harness::{Listener, Setup};

const TOKEN: &str = "vat_7f3kq9zlx2m8";
const SECRET: &str = "ssh-client-9d2h5k";
const PANEL: &str = "vp_q8w7e6r5t4y3";
const PASSWORD: &str = "hunter2-\"and\"-more";

/// An upstream that repeats what it was sent, at places where a cut might leave a half of it.
async fn gossip() -> Listener {
    let turn = AtomicUsize::new(0);
    Listener::start(move |request| {
        if request.starts_with("POST /oauth/token") && !request.contains("audit") {
            return (200, json!({"access_token": TOKEN, "expires_in": 3600}).to_string());
        }
        if request.starts_with("GET") && request.contains("api=account&") {
            return (200, json!({"ok": true, "account": {"user": "acme"}}).to_string());
        }
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        let mut all = "x ".repeat([0, 142, 145, 147][turn / 3 % 4]);
        for secret in [TOKEN, SECRET, PANEL, PASSWORD] {
            if request.contains(&json!(secret).to_string()[1..secret.len()]) {
                all = format!("{all}{secret} ");
            }
        }
        all += request;
        match turn % 3 {
            0 => (400, json!({"ok": false, "error": all, "message": all}).to_string()),
            1 => (200, format!("<p>{all}")),
            _ => (500, json!({"ok": false, "what": all}).to_string()),
        }
    })
    .await
}

#[tokio::test]
async fn no_secret_is_told_or_logged_even_where_an_upstream_repeats_it() {
    let gossip = gossip().await;
    for log in ["trace", "trace,rmcp::service=trace,json"] {
        let run = Setup::default()
            .with("VANTA_MCP_LOG", log)
            .with("VANTA_BASE_URL", &*gossip.url)
            .with("VANTA_CLIENT_SECRET", SECRET)
            .with("VANTA_AUDIT_CLIENT_ID", "audit")
            .with("VANTA_AUDIT_CLIENT_SECRET", SECRET)
            .with("VANTA_PANEL_URL", &*gossip.url)
            .with("VANTA_PANEL_TOKEN", PANEL)
            .start()
            .await;
        let mut told = String::new();
        // Five calls in twelve rounds: each meets all three answers at all four places.
        for _ in 0..12 {
            for (tool, arguments) in [
                ("list_vendors", json!({})),
                ("list_audits", json!({})),
                ("ping_panel", json!({})),
                ("create_panel_account", json!({"user": "acme", "password": PASSWORD})),
                (
                    "set_panel_account_password",
                    json!({"user": "acme", "confirm": "acme", "password": PASSWORD}),
                ),
            ] {
                let confirms = arguments.get("confirm").is_some();
                let arguments = if confirms { run.previewed(tool, &arguments).await } else { arguments };
                told += &run.error(tool, arguments).await;
            }
        }
        told += &run
            .error("set_panel_account_password", json!({"user": 5, "pasword": PASSWORD, "confirm": PASSWORD}))
            .await;
        told += &run.value("server_status", json!({})).await.to_string();
        assert!(told.contains("[redacted]"), "{told}");
        let log = run.log().await;
        assert!(log.contains("asking for a token"), "the log is on: {log}");
        for secret in [TOKEN, SECRET, PANEL, PASSWORD] {
            assert!(!told.contains(&secret[..7]), "{secret} in {told}");
            assert!(!log.contains(&secret[..7]), "{secret} in {log}");
        }
    }
}

/// An upstream that did what was asked, and repeats all that it was sent in every form that comes to mind.
async fn chatty() -> Listener {
    Listener::start(|request| {
        if request.starts_with("POST /oauth/token") {
            return (200, json!({"access_token": TOKEN, "expires_in": 3600}).to_string());
        }
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let sent: Value = serde_json::from_str(body).unwrap_or_default();
        let basic = STANDARD.encode(format!("id:{SECRET}"));
        let mut echo = if request.contains("api=") {
            json!({"note": format!("as {PANEL} says"), PANEL: 1, "sent": sent, "request": request})
        } else {
            let url = URL_SAFE_NO_PAD.encode(format!("x{TOKEN}"));
            json!({"token": TOKEN, "basic": format!("Basic {basic}"), "url": url, "sent": sent})
        };
        for (name, value) in [("password", &sent["password"]), ("key", &sent["ftp"]["api_key"])] {
            let value = value.as_str().unwrap_or_default();
            echo[format!("{name}64")] = json!(STANDARD.encode(format!("user:{value}")));
            echo[format!("{name}-encoded")] = json!(utf8_percent_encode(value, NON_ALPHANUMERIC).to_string());
        }
        let page = json!({"endCursor": null, "hasNextPage": false});
        let body = if request.contains("api=") {
            json!({"ok": true, "password": "made-for-you", "echo": echo})
        } else if request.contains("/v1/vendors?") {
            json!({"results": {"data": [{"id": "v", "name": TOKEN, "websiteUrl": echo}], "pageInfo": page}})
        } else {
            json!({"id": "v", "echo": echo})
        };
        // As PHP writes it.
        (200, body.to_string().replace('/', "\\/"))
    })
    .await
}

#[tokio::test]
async fn no_secret_comes_back_in_an_answer_that_is_a_success() {
    let chatty = chatty().await;
    let run = Setup::default()
        .with("VANTA_BASE_URL", &*chatty.url)
        .with("VANTA_CLIENT_SECRET", SECRET)
        .with("VANTA_PANEL_URL", &*chatty.url)
        .with("VANTA_PANEL_TOKEN", PANEL)
        .start()
        .await;
    let key = "ak/3f9+x \u{e9}";
    let extra = json!({"ftp": {"api_key": key}, "quota": 5});
    let mut told = Vec::new();
    for (tool, arguments) in [
        ("list_vendors", json!({"fields": ["*"]})),
        ("list_vendors", json!({"fields": ["name", "websiteUrl"]})),
        ("list_vendors", json!({})),
        ("get_vendor", json!({"vendorId": "v"})),
        ("create_vendor", json!({"name": "Acme"})),
        ("get_panel_account", json!({"user": "acme"})),
        ("create_panel_account", json!({"user": "acme", "password": PASSWORD, "extra": extra})),
        ("set_panel_account_password", json!({"user": "acme", "confirm": "acme", "password": PASSWORD})),
    ] {
        let confirms = arguments.get("confirm").is_some();
        let arguments = if confirms { run.previewed(tool, &arguments).await } else { arguments };
        let value = run.value(tool, arguments).await.to_string();
        assert!(value.contains("[redacted]"), "{tool}: {value}");
        let encoded = [SECRET, TOKEN, PANEL, PASSWORD, key].map(|secret| {
            let inner = STANDARD.encode(format!("user:{secret}"));
            (secret, inner, utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string())
        });
        for (secret, base64, percent) in &encoded {
            let json = json!(secret).to_string();
            for form in [&json[1..json.len() - 1], base64, percent] {
                assert!(!value.contains(form), "{tool}: {form} in {value}");
            }
        }
        for core in
            [&STANDARD.encode(format!("id:{SECRET}"))[4..], &URL_SAFE_NO_PAD.encode(format!("x{TOKEN}"))[2..]]
        {
            assert!(!value.contains(core), "{tool}: {core} in {value}");
        }
        told.push(value);
    }
    assert!(told.iter().any(|value| value.contains("\"quota\":5")), "the rest is kept: {told:?}");
    // What was made is shown, once, and marked; what was chosen is not.
    let made = run.value("create_panel_account", json!({"user": "acme", "extra": extra})).await;
    assert_eq!(made["password"], "made-for-you");
    assert!(made["shownOnce"].as_str().unwrap().contains("password"), "{made}");
}

#[tokio::test]
async fn requests_say_which_program_sends_them() {
    let run = Setup::default().start().await;
    vendor(&run).await;
    run.value("ping_panel", json!({})).await;
    let expected = format!("vanta-mcp/{}", env!("CARGO_PKG_VERSION"));
    let seen = run.tenant.seen();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|seen| seen.user_agent.as_deref() == Some(&*expected)), "{seen:?}");
}

#[tokio::test]
async fn the_demo_tenant_is_reached_without_a_proxy() {
    let proxy = Listener::silent().await;
    let mut setup = Setup::default().with("HTTP_PROXY", &*proxy.url).with("ALL_PROXY", &*proxy.url);
    setup.arguments = vec!["serve", "--demo"];
    let run = setup.start().await;
    vendor(&run).await;
    run.value("ping_panel", json!({})).await;
    assert!(proxy.heard().is_empty());
    assert!(run.tenant.seen().is_empty(), "the credentials of the environment are not used");
}
