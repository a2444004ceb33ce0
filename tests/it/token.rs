//! Access tokens: when they are asked for, with what, how often, and what is said when there is none.

use std::time::{Duration, Instant};

use futures::future::join_all;
use rmcp::model::CallToolResult;
use serde_json::{Value, json};
use vanta_demo::{Application, Credential, FaultKind, Target};
use vanta_mcp::catalog::{self, Api, Effect};

use crate::harness::{PATIENCE, Run, Setup, tenant, text};

const READ: &str = "vanta-api.all:read";
const READ_AND_WRITE: &str = "vanta-api.all:read vanta-api.all:write";

async fn list_vendors(run: &Run) -> Value {
    run.value("list_vendors", json!({"pageSize": 1})).await
}

/// The scopes that each token request asked for, in order.
fn scopes(run: &Run) -> Vec<String> {
    run.token_requests()
        .iter()
        .map(|seen| seen.body.as_ref().unwrap()["scope"].as_str().unwrap().to_owned())
        .collect()
}

/// What `server_status` says of an API.
async fn status(run: &Run, api: &str) -> Value {
    let status = run.value("server_status", json!({})).await;
    status["apis"].as_array().unwrap().iter().find(|entry| entry["api"] == api).unwrap().clone()
}

fn statuses(run: &Run) -> Vec<Option<u16>> {
    run.seen().iter().map(|seen| seen.status).collect()
}

async fn twenty_calls(run: &Run) -> Vec<CallToolResult> {
    // No two alike, since what is the same is sent once.
    join_all((1..=20).map(|size| run.result("list_vendors", json!({"pageSize": size})))).await
}

#[tokio::test]
async fn a_token_is_fetched_at_the_first_call_and_kept() {
    let run = Setup::default().start().await;
    assert!(run.names().await.len() > 50);
    assert!(status(&run, "manage").await["token"].as_str().unwrap().contains("not fetched yet"));
    assert!(run.tenant.seen().is_empty(), "nothing is sent before the first call");
    for _ in 0..3 {
        list_vendors(&run).await;
        assert_eq!(run.token_requests().len(), 1);
    }
    assert!(status(&run, "manage").await["token"].as_str().unwrap().starts_with("valid for another 3"));
}

#[tokio::test]
async fn many_first_calls_at_once_share_one_token_request() {
    let run = Setup::default().start().await;
    for result in twenty_calls(&run).await {
        assert_ne!(result.is_error, Some(true), "{}", text(&result));
    }
    assert_eq!((run.token_requests().len(), run.seen().len()), (1, 20));
}

#[tokio::test]
async fn a_token_request_is_json_with_the_scopes_of_the_access_level() {
    for (access, expected) in [
        (None, READ),
        (Some("read"), READ),
        (Some("write"), READ_AND_WRITE),
        (Some("destroy"), READ_AND_WRITE),
    ] {
        let run = Setup { access, ..Setup::default() }.start().await;
        list_vendors(&run).await;
        let request = run.token_requests().remove(0);
        let (id, secret) = run.tenant.application(Application::Manage);
        let body = json!({"grant_type": "client_credentials", "client_id": id, "client_secret": secret, "scope": expected});
        assert_eq!(request.body, Some(body), "{access:?}");
        assert_eq!(request.content_type.as_deref(), Some("application/json"));
        assert_eq!(
            (request.method.as_str(), request.query.len(), request.credential),
            ("POST", 0, Credential::None)
        );
    }
}

#[tokio::test]
async fn each_application_has_a_token_of_its_own() {
    let run = Setup::access("write").start().await;
    list_vendors(&run).await;
    run.value("list_audits", json!({})).await;
    list_vendors(&run).await;
    assert_eq!(
        scopes(&run),
        [READ_AND_WRITE, "auditor-api.audit:read auditor-api.audit:write auditor-api.auditor:write"]
    );
    let ids: Vec<Value> =
        run.token_requests().iter().map(|seen| seen.body.as_ref().unwrap()["client_id"].clone()).collect();
    assert_eq!(
        ids,
        [Application::Manage, Application::Audit].map(|api| json!(run.tenant.application(api).0))
    );
}

#[tokio::test]
async fn a_token_is_replaced_before_it_expires() {
    let run = Setup::default().start().await;
    let lifetime = Duration::from_secs(8);
    run.tenant.token_lifetime(lifetime);
    let begun = Instant::now();
    let replaced = async {
        while run.token_requests().len() < 2 {
            list_vendors(&run).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, replaced).await.unwrap();
    assert!(begun.elapsed() < lifetime, "the first token would have been good for longer");
    let statuses = statuses(&run);
    assert!(statuses.len() > 2, "{statuses:?}");
    assert!(statuses.iter().all(|status| *status == Some(200)), "no call met an expired token: {statuses:?}");
}

#[tokio::test]
async fn a_token_that_is_about_to_expire_serves_while_no_other_can_be_had() {
    let run = Setup::default().start().await;
    run.tenant.token_lifetime(Duration::from_secs(8));
    list_vendors(&run).await;
    run.fault(Target::Token, FaultKind::Internal, 1000);
    let tried = async {
        while run.token_requests().len() < 2 {
            list_vendors(&run).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, tried).await.unwrap();
    list_vendors(&run).await;
    assert_eq!(run.token_requests().len(), 2, "the next attempt waits a moment");
}

#[tokio::test]
async fn after_one_401_a_fresh_token_is_tried_once() {
    let run = Setup::default().start().await;
    run.fault(Target::Vanta, FaultKind::RevokedToken, 1);
    list_vendors(&run).await;
    assert_eq!(statuses(&run), [Some(401), Some(200)]);
    assert_eq!(run.token_requests().len(), 2);
}

#[tokio::test]
async fn a_second_401_is_an_error_and_never_a_third_request() {
    let run = Setup::default().start().await;
    for (tool, arguments) in [("list_vendors", json!({})), ("create_vendor", json!({"name": "Twice"}))] {
        run.tenant.forget();
        run.fault(Target::Vanta, FaultKind::RevokedToken, 3);
        let told = run.error(tool, arguments).await;
        for expected in [
            "401 twice",
            "The access token has been revoked",
            "one active token per application",
            "this one is revoked",
        ] {
            assert!(told.contains(expected), "{expected}: {told}");
        }
        assert_eq!(told.contains("Nothing was changed."), tool == "create_vendor", "{told}");
        assert_eq!(statuses(&run), [Some(401), Some(401)]);
        // The third fault is still queued: it meets the next call, which succeeds at its second attempt.
        run.tenant.forget();
        list_vendors(&run).await;
        assert_eq!(statuses(&run), [Some(401), Some(200)]);
    }
}

#[tokio::test]
async fn many_calls_that_meet_a_revoked_token_share_one_refresh() {
    let run = Setup::default().start().await;
    list_vendors(&run).await;
    run.tenant.revoke_tokens();
    for result in twenty_calls(&run).await {
        assert_ne!(result.is_error, Some(true), "{}", text(&result));
    }
    assert_eq!(run.token_requests().len(), 2);
}

#[tokio::test]
async fn a_write_that_met_a_401_is_carried_out_once() {
    let run = Setup::default().start().await;
    list_vendors(&run).await;
    run.tenant.revoke_tokens();
    run.value("create_vendor", json!({"name": "Carried Out Once"})).await;
    let posts = run.seen().into_iter().filter(|seen| seen.method == "POST").map(|seen| seen.status);
    assert_eq!(posts.collect::<Vec<_>>(), [Some(401), Some(200)]);
    let found = run.value("list_vendors", json!({"name": "Carried Out Once"})).await;
    assert_eq!(found["count"], 1);
}

#[tokio::test]
async fn after_a_refresh_that_failed_the_rejected_token_is_not_sent_again() {
    let run = Setup::default().start().await;
    list_vendors(&run).await;
    run.tenant.revoke_tokens();
    // Each of them is tried twice.
    run.fault(Target::Token, FaultKind::Unavailable, 4);
    for _ in 0..2 {
        run.error("list_vendors", json!({})).await;
    }
    assert_eq!(statuses(&run), [Some(200), Some(401)], "the second call waits for a token of its own");
    list_vendors(&run).await;
}

#[tokio::test]
async fn an_application_without_writing_scopes_falls_back_to_reading() {
    let run = Setup::access("write").start().await;
    run.tenant.restrict(Application::Manage, &[READ]);
    list_vendors(&run).await;
    assert_eq!(scopes(&run), [READ_AND_WRITE, READ]);
    let status = status(&run, "manage").await;
    assert!(status["note"].as_str().unwrap().contains("invalid_scope"), "{status}");
    assert_eq!(status["granted"], json!([READ]));

    let told = run.error("create_vendor", json!({"name": "Not Sent"})).await;
    for expected in ["vanta-api.all:write", "The call was not sent.", "Developer Console"] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    assert!(!run.sent_changes());

    run.tenant.revoke_tokens();
    list_vendors(&run).await;
    assert_eq!(scopes(&run), [READ_AND_WRITE, READ, READ], "writing scopes are not asked for again");
}

#[tokio::test]
async fn narrow_scopes_are_asked_for_and_decide_on_the_tools() {
    let narrow = "vanta-api.vendors:read";
    let run = Setup::default().with("VANTA_SCOPES", narrow).start().await;
    let names = run.names().await;
    let manage: Vec<&String> =
        names.iter().filter(|name| catalog::find(name).is_some_and(|o| o.api == Api::Manage)).collect();
    assert!(manage.iter().any(|name| *name == "list_vendor_findings"), "{manage:?}");
    for name in manage {
        let operation = catalog::find(name).unwrap();
        assert!(operation.path.starts_with("/v1/vendors") && operation.effect == Effect::Read, "{name}");
    }
    list_vendors(&run).await;
    assert_eq!(scopes(&run), [narrow]);
    run.tenant.forget();
    for (tool, scope) in [("list_controls", READ), ("create_vendor", "vanta-api.vendors:write")] {
        let told = run.error(tool, json!({})).await;
        assert!(told.contains(scope) && told.contains("VANTA_SCOPES"), "{told}");
    }
    assert!(run.tenant.seen().is_empty());
}

#[tokio::test]
async fn a_wrong_secret_names_the_variables_and_not_the_secret() {
    let wrong = "not-the-secret-of-anything";
    let run = Setup::default()
        .with("VANTA_CLIENT_SECRET", wrong)
        .with("VANTA_AUDIT_CLIENT_ID", "nobody")
        .start()
        .await;
    let told = run.error("list_vendors", json!({})).await;
    for expected in ["VANTA_CLIENT_ID and VANTA_CLIENT_SECRET", "401", "The call was not sent."] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    assert!(!told.contains(wrong), "{told}");
    let told = run.error("list_audits", json!({})).await;
    assert!(told.contains("VANTA_AUDIT_CLIENT_ID and VANTA_AUDIT_CLIENT_SECRET"), "{told}");
    assert!(run.seen().is_empty());
    assert!(status(&run, "manage").await["token"].as_str().unwrap().contains("failed"));
}

#[tokio::test]
async fn whatever_the_token_endpoint_does_is_told_and_the_next_call_works() {
    let run = Setup::default().start().await;
    let elsewhere = FaultKind::Redirect { to: "http://127.0.0.1:9/".to_owned() };
    for (kind, expected) in [
        (FaultKind::Internal, ["answered 500: \"Something went wrong on our side\"", "after 5 s"]),
        (FaultKind::Unavailable, ["answered 503: \"The service is unavailable", "after 5 s"]),
        (FaultKind::Html { status: 502 }, ["answered 502: \"502 502 proxy\"", "after 5 s"]),
        (FaultKind::Html { status: 200 }, ["answered 200 without a token", "200 proxy"]),
        (FaultKind::Truncated, ["answered 200 without a token", "not a token response in JSON"]),
        (FaultKind::Dropped, ["connection closed", "after 5 s"]),
        (FaultKind::Huge { bytes: 65 << 10 }, ["larger than 64 KiB", "token endpoint"]),
        (elsewhere, ["answered 307", "token endpoint"]),
        (
            FaultKind::Body { status: 200, body: "{}".to_owned() },
            ["answered 200 without a token", "not a token response in JSON"],
        ),
        (
            FaultKind::Body { status: 200, body: r#"{"access_token":"a\nb"}"#.to_owned() },
            ["without a token", "not allowed in a header"],
        ),
    ] {
        run.tenant.forget();
        // What may be over the next time is tried once more.
        let passes =
            matches!(kind, FaultKind::Unavailable | FaultKind::Html { status: 502 } | FaultKind::Dropped);
        let times = if passes { 2 } else { 1 };
        run.fault(Target::Token, kind.clone(), times);
        let told = run.error("list_vendors", json!({})).await;
        for expected in expected.into_iter().chain(["The call was not sent."]) {
            assert!(told.contains(expected), "{kind:?}: {expected}: {told}");
        }
        let asked = usize::try_from(times).unwrap();
        assert_eq!((run.token_requests().len(), run.seen().len()), (asked, 0), "{kind:?}");
        list_vendors(&run).await;
        run.tenant.revoke_tokens();
        // The next round begins without a token.
        run.fault(Target::Token, FaultKind::Internal, 1);
        run.error("list_vendors", json!({})).await;
    }
}

#[tokio::test]
async fn a_token_endpoint_that_asks_for_a_pause_gets_it() {
    let run = Setup::default().start().await;
    run.fault(Target::Token, FaultKind::TooManyRequests { retry_after: Some(90) }, 1);
    let told = run.error("list_vendors", json!({})).await;
    for expected in
        ["answered 429", "5 token requests a minute", "Try again after 90 s", "The call was not sent."]
    {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    let told = run.error("list_vendors", json!({})).await;
    assert!(told.contains("Try again after 8"), "what is left of it: {told}");
    assert_eq!(run.tenant.seen().len(), 1, "nothing is asked meanwhile");
    run.value("list_audits", json!({})).await;
}

#[tokio::test]
async fn a_token_endpoint_that_fails_for_a_moment_is_asked_again() {
    let run = Setup::default().start().await;
    for kind in
        [FaultKind::Dropped, FaultKind::Unavailable, FaultKind::TooManyRequests { retry_after: Some(2) }]
    {
        run.tenant.forget();
        run.fault(Target::Token, kind.clone(), 1);
        list_vendors(&run).await;
        assert_eq!(run.token_requests().len(), 2, "{kind:?}");
        run.tenant.revoke_tokens();
        run.fault(Target::Token, FaultKind::Internal, 1);
        run.error("list_vendors", json!({})).await;
    }
}

#[tokio::test]
async fn a_token_endpoint_that_asks_for_a_year_gets_an_hour() {
    let run = Setup::default().start().await;
    run.fault(Target::Token, FaultKind::TooManyRequests { retry_after: Some(31_536_000) }, 1);
    let told = run.error("list_vendors", json!({})).await;
    assert!(told.contains("Try again in 5 minutes or more.") && !told.contains("31536000"), "{told}");
    let told = run.error("list_vendors", json!({})).await;
    assert!(told.contains("Try again in 5 minutes or more."), "what is left of an hour: {told}");
    assert_eq!(run.tenant.seen().len(), 1, "nothing is asked meanwhile");
}

#[tokio::test]
async fn the_panel_token_travels_in_the_header_that_is_set() {
    for (set, expected) in [
        ("", Credential::Authorization),
        ("bearer", Credential::Authorization),
        ("x-api-key", Credential::ApiKey),
    ] {
        let run = Setup::default().with("VANTA_PANEL_AUTH", set).start().await;
        assert_eq!(run.value("ping_panel", json!({})).await["pong"], true);
        assert_eq!(run.seen()[0].credential, expected, "{set}");
        assert!(run.token_requests().is_empty(), "the Panel's token is not fetched");
    }
}

#[tokio::test]
async fn a_panel_token_that_is_not_accepted_is_an_error_after_one_request() {
    let unknown = "vp_unknown0000000000000000000000000";
    let tenant = tenant(vanta_demo::Limits::Off).await;
    let run = Setup::default().with("VANTA_PANEL_TOKEN", unknown).start_with(tenant).await;
    for tool in ["ping_panel", "list_panel_accounts"] {
        run.tenant.forget();
        let told = run.error(tool, json!({})).await;
        for expected in [
            "does not accept the token (unauthorized)",
            "vWHM",
            "VANTA_PANEL_TOKEN",
            "VANTA_PANEL_AUTH=x-api-key",
        ] {
            assert!(told.contains(expected), "{expected}: {told}");
        }
        assert!(!told.contains(unknown));
        assert_eq!(run.seen().len(), 1, "the Panel's 401 is not tried again");
    }
}
