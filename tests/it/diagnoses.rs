//! What `vanta-mcp doctor` and `vanta-mcp status` say of what they find: each sentence as a newcomer reads it.

use serde_json::json;
use vanta_demo::{FaultKind, Limits, Target, Tenant};

use crate::cli::{run, run_in};
use crate::doctor::{Checks, doctor, with};
use crate::harness::{Listener, Scratch, credentials, tenant};

/// A Panel that answers in one way.
fn panel(listener: &Listener) -> [(&str, &str); 2] {
    [("VANTA_PANEL_URL", &*listener.url), ("VANTA_PANEL_TOKEN", "vp_hunter2")]
}

async fn answering(status: u16, body: &'static str) -> Listener {
    Listener::start(move |_| (status, body.to_owned())).await
}

#[tokio::test]
async fn a_scope_that_is_missing_and_not_named_is_told_without_a_gap() {
    let tenant = tenant(Limits::Off).await;
    let vague = answering(403, r#"{"ok":false,"error":"insufficient_scope"}"#).await;
    let told = doctor(&tenant, &panel(&vague)).await;
    told.says("panel", "failed", &["a scope is missing", "accounts:read", "VANTA_PANEL_TOKEN"]);
    let words = told.find("panel").1;
    assert!(
        !words.contains("  ") && !words.contains("the scope is") && !words.contains("scope in"),
        "{words}"
    );
    // The tool that needs one names it.
    let checks =
        doctor(&tenant, &[&panel(&vague)[..], &[("VANTA_MCP_EXCLUDE_TOOLS", "ping_panel")]].concat()).await;
    checks.says("panel", "failed", &["the scope accounts:read is missing", "with the scope accounts:read"]);
    assert_eq!(vague.heard().len(), 2, "the token itself is accepted, so the other header is not tried");
}

#[tokio::test]
async fn a_panel_that_says_with_200_that_there_is_no_token_is_tried_with_the_other_header() {
    let tenant = tenant(Limits::Off).await;
    for (status, words) in [
        (200, r#"{"ok":false,"error":"Missing token"}"#),
        (200, r#"{"ok":false,"error":"unauthorized"}"#),
        (403, r#"{"ok":false,"error":"invalid_token"}"#),
        (400, r#"{"ok":false,"message":"No API key was sent"}"#),
    ] {
        let stripping = Listener::start(move |request| {
            let is_through = request.contains("x-api-key: ");
            if is_through { (200, json!({"ok": true}).to_string()) } else { (status, words.to_owned()) }
        })
        .await;
        let checks = doctor(&tenant, &panel(&stripping)).await;
        let expected =
            ["refused as Authorization: Bearer and accepted as X-API-Key", "Set VANTA_PANEL_AUTH=x-api-key"];
        checks.says("panel", "failed", &expected);
        let refusing = answering(status, words).await;
        let checks = doctor(&tenant, &panel(&refusing)).await;
        let expected = ["does not accept the token", "refused as Authorization: Bearer and as X-API-Key"];
        checks.says("panel", "failed", &expected);
        assert_eq!(refusing.heard().len(), 2);
        // Who calls a tool learns the same.
        let called = with(&tenant, &panel(&refusing), &["call", "ping_panel"]).await;
        assert_eq!(called.code, Some(1), "{called:?}");
        assert!(called.stdout.contains("VANTA_PANEL_AUTH=x-api-key"), "{called:?}");
    }
    // Nor is a page, a redirect, or an answer that cannot be read.
    for (status, body, advice) in [
        (200, "<h1>Sign in</h1>", "Check that the base URL is the API's"),
        (302, "", "Check the configured base URL (VANTA_PANEL_URL)."),
        (200, "{\"ok\":tr", "Run this again later"),
        (200, "", "Run this again later"),
        (404, "{}", "Check VANTA_PANEL_URL: there is no such API at this address."),
    ] {
        let odd = answering(status, body).await;
        let checks = doctor(&tenant, &panel(&odd)).await;
        checks.says("panel", "failed", &[advice]);
        let words = checks.find("panel").1;
        assert!(!words.contains("token is refused") && !words.contains("new token"), "{words}");
    }
    // What has nothing to do with the token is not laid on it.
    let closed = answering(200, r#"{"ok":false,"error":"maintenance"}"#).await;
    let checks = doctor(&tenant, &panel(&closed)).await;
    checks.says("panel", "failed", &["maintenance"]);
    let words = checks.find("panel").1;
    assert!(!words.contains("token is refused") && !words.contains("new token"), "{words}");
}

#[tokio::test]
async fn a_pause_that_an_api_asks_for_is_told_as_long_as_it_is() {
    let tenant = tenant(Limits::Off).await;
    // One of 70 s would end before a token is given up, and after the doctor does.
    for (seconds, told) in [
        (70, "Run this again in "),
        (100, "Run this again in 100 s."),
        (4000, "Run this again in 5 minutes or more."),
    ] {
        for (on, check) in [(Target::Panel, "panel"), (Target::Token, "manage")] {
            let kind = FaultKind::TooManyRequests { retry_after: Some(seconds) };
            // One application's token request is the first that comes.
            let times = if on == Target::Token { 3 } else { 1 };
            tenant.fault(vanta_demo::Fault { on, kind, times });
            let checks = doctor(&tenant, &[]).await;
            checks.says(check, "warning", &["429", told]);
            assert!(!checks.find(check).1.contains("in a minute"), "{checks:?}");
        }
    }
}

#[tokio::test]
async fn settings_that_the_demo_ignores_are_named_with_where_they_are() {
    let folder = Scratch::new("demo-ignores");
    let file = format!("{}/config.toml", folder.path());
    std::fs::write(&file, "[panel]\nurl = \"https://panel.acme.test\"\n").unwrap();
    let variables =
        [("VANTA_CLIENT_ID", "vci_x"), ("VANTA_CLIENT_SECRET", "vcs_hunter2"), ("VANTA_MCP_CONFIG", &*file)];
    let checks = Checks::of(&run_in(&variables, &["doctor", "--demo", "--json"]).await);
    let in_file = format!("`panel.url` (in {file})");
    checks.says(
        "settings",
        "warning",
        &["VANTA_CLIENT_ID (environment), VANTA_CLIENT_SECRET (environment)", &in_file, "without --demo"],
    );
    assert!(!checks.find("settings").1.contains("Correct or remove"), "{checks:?}");
    assert!(checks.all.iter().filter(|one| one["check"] != "settings").all(|one| one["result"] == "ok"));
}

#[tokio::test]
async fn a_setting_that_is_odd_is_told_with_what_to_do_about_it() {
    let folder = Scratch::new("odd-settings");
    let secret = format!("{}/secret", folder.path());
    std::fs::write(&secret, "vcs_hunter2\n").unwrap();
    let open = format!("chmod 600 {secret}");
    let id = ("VANTA_CLIENT_ID", "vci_x");
    let at = ("VANTA_BASE_URL", "http://127.0.0.1:1");
    let mut cases = vec![
        (
            vec![("VANTA_CLIENT_IDD", "vci_x")],
            vec!["unknown setting VANTA_CLIENT_IDD (environment)", "VANTA_CLIENT_ID"],
        ),
        (vec![id, at], vec!["a client id but no secret", "set VANTA_CLIENT_ID and VANTA_CLIENT_SECRET"]),
        (
            vec![("VANTA_CLIENT_ID", "\"\"")],
            vec!["VANTA_CLIENT_ID (environment) is empty", "give it a value, or remove it"],
        ),
        (
            vec![
                id,
                ("VANTA_CLIENT_SECRET", "vcs_hunter2"),
                ("VANTA_CONNECTORS_CLIENT_ID", "vci_x"),
                ("VANTA_CONNECTORS_CLIENT_SECRET", "vcs_hunter2"),
                at,
            ],
            vec!["Manage Vanta and Build Integrations have the same client id", "an application for each"],
        ),
        (vec![("HTTPS_PROXY", "socks5://x")], vec!["HTTPS_PROXY (environment)", "set an address such as"]),
        (
            vec![("NO_PROXY", "${HOSTS}"), ("HTTPS_PROXY", "http://x:1")],
            vec!["NO_PROXY (environment)", "replace it"],
        ),
        (
            vec![("SSL_CERT_FILE", "/nowhere")],
            vec!["SSL_CERT_FILE (environment)", "correct it, or remove it"],
        ),
    ];
    if cfg!(unix) {
        cases.push((
            vec![id, ("VANTA_CLIENT_SECRET_FILE", &*secret), at],
            vec!["contains a secret and has mode", &open],
        ));
    }
    for (variables, expected) in cases {
        let checks = Checks::of(&run_in(&variables, &["doctor", "--json", "--within", "5"]).await);
        let found = checks.all.iter().filter(|one| one["check"] == "settings").map(|one| {
            assert_eq!(one["result"], "warning", "{one}");
            format!("{} | {}", one["found"].as_str().unwrap(), one["toDo"].as_str().unwrap())
        });
        let found: Vec<String> = found.collect();
        let is_said = |text: &&String| expected.iter().all(|part| text.contains(part));
        assert!(found.iter().any(|text| is_said(&text)), "{expected:?}: {found:?}");
        // The other advice would be wrong for most of them.
        assert!(found.iter().all(|text| !text.contains("that setting")), "{found:?}");
    }
}

/// The tenant's credentials of these APIs alone.
fn only<'t>(
    all: &'t std::collections::BTreeMap<&'static str, String>,
    begin: &[&str],
) -> Vec<(&'static str, &'t str)> {
    let is_one = |name: &&&'static str| begin.iter().any(|begin| name.starts_with(begin));
    all.keys().filter(is_one).map(|name| (*name, &*all[name])).collect()
}

#[tokio::test]
async fn whatever_is_configured_alone_is_checked_and_the_rest_is_left_to_choice() {
    let tenant: Tenant = tenant(Limits::Off).await;
    let all = credentials(&tenant);
    for (begin, own) in [
        (&["VANTA_PANEL"][..], "panel"),
        (&["VANTA_CLIENT", "VANTA_BASE"], "manage"),
        (&["VANTA_AUDIT", "VANTA_BASE"], "audit"),
        (&["VANTA_CONNECTORS", "VANTA_BASE"], "connectors"),
    ] {
        let variables = only(&all, begin);
        let done = run_in(&variables, &["doctor", "--json"]).await;
        assert_eq!(done.code, Some(0), "{done:?}");
        let checks = Checks::of(&done);
        checks.says(own, "ok", &["answered in"]);
        for other in ["manage", "audit", "connectors", "panel"].into_iter().filter(|other| *other != own) {
            checks.says(other, "not_configured", &["no credentials are set", "If you need it, set VANTA_"]);
        }
        let status = run_in(&variables, &["status"]).await.json();
        let configured = |api: &&serde_json::Value| api["configured"] == true;
        let apis: Vec<_> = status["apis"].as_array().unwrap().iter().filter(configured).collect();
        assert_eq!((apis.len(), &apis[0]["api"]), (1, &json!(own)), "{status}");
        assert!(status.get("toBegin").is_none(), "{status}");
    }
}

#[tokio::test]
async fn without_any_setting_it_is_said_how_to_begin() {
    let nothing = run(&["doctor", "--json"]).await;
    assert_eq!((nothing.code, &*nothing.stderr), (Some(1), ""), "{nothing:?}");
    let checks = Checks::of(&nothing);
    checks.says("settings", "ok", &["no mistakes"]);
    checks.says("credentials", "failed", &["no API is configured", "VANTA_CLIENT_ID", "--demo"]);
    let status = run(&["status"]).await;
    assert_eq!((status.code, &*status.stderr), (Some(0), ""), "{status:?}");
    let status = status.json();
    assert!(status["toBegin"].as_str().unwrap().contains("VANTA_CLIENT_ID"), "{status}");
}

#[tokio::test]
async fn a_read_that_is_ruled_out_is_no_riddle() {
    let tenant = tenant(Limits::Off).await;
    let variables = [("VANTA_MCP_EXCLUDE_TOOLS", "list_vendors"), ("VANTA_SCOPES", "vanta-api.vendors:read")];
    let checks = doctor(&tenant, &variables).await;
    checks.says("manage", "warning", &["were not tried", "VANTA_MCP_EXCLUDE_TOOLS", "VANTA_SCOPES"]);
}
