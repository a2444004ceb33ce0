//! What goes wrong upstream: what is said of it, that nothing is blindly repeated, and that the server works on.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use vanta_demo::{Application, FaultKind, Limits, PanelScope, Target};

use crate::harness::{Listener, PATIENCE, Run, Setup, tenant};

/// Said of a change that was refused.
const REFUSED: &str = "Nothing was changed.";
/// Said of a change whose outcome nobody knows.
const UNKNOWN: &str = "The change may have taken effect. Check whether it was made before you repeat it.";
/// The same, where repeating does no harm.
const UNKNOWN_REPEATABLE: &str =
    "The change may have taken effect. Read the target to check, or repeat the call";
/// Said of a change that was made.
const DONE: &str = "The change was made, but the answer was lost.";

/// How many requests are sent of a call that meets nothing but a fault.
#[derive(Debug, Clone, Copy)]
struct Sent {
    read: u32,
    idempotent: u32,
    other: u32,
}

/// A fault that another time may not bring.
const REPEATED: Sent = Sent { read: 5, idempotent: 5, other: 1 };
/// A fault that stays, or one that asks for more time than a call has.
const ONCE: Sent = Sent { read: 1, idempotent: 1, other: 1 };

/// A fault, what is said of it, what is said of a change that meets it, when to try a read again, and how often it is met.
struct Case {
    kind: FaultKind,
    told: &'static [&'static str],
    fate: &'static str,
    retry: Option<&'static str>,
    sent: Sent,
}

fn case(
    kind: FaultKind,
    told: &'static [&'static str],
    fate: &'static str,
    retry: Option<&'static str>,
) -> Case {
    Case { kind, told, fate, retry, sent: ONCE }
}

fn repeated(
    kind: FaultKind,
    told: &'static [&'static str],
    fate: &'static str,
    retry: Option<&'static str>,
) -> Case {
    Case { kind, told, fate, retry, sent: REPEATED }
}

fn body(status: u16, body: &Value) -> FaultKind {
    FaultKind::Body { status, body: body.to_string() }
}

fn refusal(status: u16) -> FaultKind {
    body(status, &json!({"message": "as the upstream says"}))
}

fn cases() -> Vec<Case> {
    let soon = Some("Try again after 5 s.");
    vec![
        repeated(
            FaultKind::TooManyRequests { retry_after: None },
            &["answered 429, too many requests: \"Too many"],
            REFUSED,
            Some("Try again after 60 s."),
        ),
        case(
            FaultKind::Internal,
            &["answered 500 Internal Server Error: \"Something went wrong on our side\""],
            UNKNOWN,
            soon,
        ),
        repeated(
            FaultKind::Unavailable,
            &["answered 503 Service Unavailable: \"The service is unavailable"],
            UNKNOWN,
            soon,
        ),
        repeated(FaultKind::Dropped, &["ended before the answer was complete"], UNKNOWN, soon),
        repeated(FaultKind::DroppedAfter, &["ended before the answer was complete"], UNKNOWN, soon),
        case(FaultKind::Truncated, &["the answer (200) is not complete, valid JSON"], DONE, soon),
        case(
            FaultKind::Html { status: 200 },
            &["answered 200 with something other than JSON", "\"200 200 proxy\"", "base URL"],
            UNKNOWN,
            None,
        ),
        repeated(
            FaultKind::Html { status: 502 },
            &["answered 502 with something other than JSON", "\"502 502 proxy\"", "proxy"],
            UNKNOWN,
            soon,
        ),
        case(
            FaultKind::Html { status: 403 },
            &["answered 403 with something other than JSON", "\"403 403 proxy\""],
            REFUSED,
            None,
        ),
        case(
            FaultKind::Huge { bytes: 17 << 20 },
            &["the answer (200) is larger than 16 MiB and was not read"],
            DONE,
            None,
        ),
        case(
            refusal(400),
            &["answered 400 Bad Request: \"as the upstream says\"", "Change the arguments"],
            REFUSED,
            None,
        ),
        case(refusal(403), &["answered 403 Forbidden: \"as the upstream says\""], REFUSED, None),
        case(
            refusal(404),
            &["answered 404 Not Found: \"as the upstream says\"", "Check the ids"],
            REFUSED,
            None,
        ),
        case(
            refusal(409),
            &["answered 409 Conflict: \"as the upstream says\"", "Change the arguments"],
            REFUSED,
            None,
        ),
        case(
            refusal(422),
            &["answered 422 Unprocessable Entity: \"as the upstream says\"", "Change the arguments"],
            REFUSED,
            None,
        ),
        case(
            body(403, &json!({"error": "insufficient_scope"})),
            &["the scope vanta-api.", "Grant vanta-api.", "Developer Console"],
            REFUSED,
            None,
        ),
    ]
}

/// Meets one fault with one call, of which exactly one request must have been sent.
async fn meet(run: &Run, on: Target, kind: &FaultKind, tool: &str, arguments: Value) -> String {
    meet_often(run, on, kind, 1, tool, arguments).await
}

/// Meets one fault with each request of one call, of which exactly so many must have been sent: one more would succeed.
async fn meet_often(
    run: &Run,
    on: Target,
    kind: &FaultKind,
    sent: u32,
    tool: &str,
    arguments: Value,
) -> String {
    run.tenant.forget();
    run.fault(on, kind.clone(), sent);
    let told = run.error(tool, arguments).await;
    assert_eq!(run.seen().len(), sent as usize, "{tool} meets {kind:?}");
    let begins = if sent > 1 { format!("{tool}: after {sent} attempts, ") } else { format!("{tool}: ") };
    assert!(told.starts_with(&begins) && (sent > 1 || !told.contains("attempts")), "{begins}: {told}");
    told
}

/// Those cases that take their time each by itself, and one after the other what takes none.
fn by_duration() -> Vec<Vec<Case>> {
    let (slow, quick): (Vec<Case>, Vec<Case>) = cases().into_iter().partition(|case| case.sent.read > 1);
    slow.into_iter().map(|case| vec![case]).chain([quick]).collect()
}

/// All of this is in a text.
pub fn holds(told: &str, expected: &[&str]) {
    for expected in expected {
        assert!(told.contains(expected), "{expected}: {told}");
    }
}

/// The id of some vendor; a call that must work.
pub async fn vendor(run: &Run) -> String {
    let vendors = run.value("list_vendors", json!({"pageSize": 1})).await;
    vendors["items"][0]["id"].as_str().unwrap().to_owned()
}

async fn count(run: &Run, name: &str) -> Value {
    run.value("list_vendors", json!({ "name": name })).await["count"].clone()
}

#[tokio::test]
async fn a_read_that_fails_says_what_happened_and_when_to_try_again() {
    join_all(by_duration().into_iter().map(|cases| async {
        let run = Setup::default().start().await;
        vendor(&run).await;
        for Case { kind, told: expected, retry, sent, .. } in cases {
            let told = meet_often(&run, Target::Vanta, &kind, sent.read, "list_vendors", json!({})).await;
            holds(&told, expected);
            assert_eq!(told.contains("Try again"), retry.is_some(), "{told}");
            holds(&told, retry.as_slice());
            assert!(
                !told.contains("change was") && !told.contains("change may"),
                "a read changes nothing: {told}"
            );
            vendor(&run).await;
        }
    }))
    .await;
}

#[tokio::test]
async fn a_write_that_fails_says_whether_it_may_have_taken_effect() {
    join_all(by_duration().into_iter().map(|cases| async {
        let run = Setup::default().start().await;
        let id = vendor(&run).await;
        for (index, case) in cases.into_iter().enumerate() {
            a_change_meets(&run, &id, &format!("Faulty Vendor {index}."), case).await;
        }
    }))
    .await;
}

/// Each by a process of its own, since a pause that was asked for at one call holds up those after it.
#[tokio::test]
async fn a_pause_that_is_asked_for_is_told_and_kept() {
    for (seconds, again) in [(77, "Try again after 77 s."), (31_536_000, "Try again in 5 minutes or more.")] {
        for (tool, arguments, fate) in
            [("list_vendors", json!({}), ""), ("create_vendor", json!({"name": "Paused"}), REFUSED)]
        {
            let run = Setup::default().start().await;
            let kind = FaultKind::TooManyRequests { retry_after: Some(seconds) };
            let told = meet(&run, Target::Vanta, &kind, tool, arguments.clone()).await;
            holds(&told, &["answered 429, too many requests: \"Too many", again, fate]);
            let then = run.error(tool, arguments).await;
            holds(&then, &["asked for a pause (Retry-After)", "The call was not sent.", "Try again "]);
            assert_eq!(run.seen().len(), 1, "{then}");
        }
    }
}

async fn a_change_meets(run: &Run, id: &str, name: &str, case: Case) {
    let Case { kind, told: expected, fate, retry, sent } = case;
    let arguments = json!({ "name": name });
    let told = meet_often(run, Target::Vanta, &kind, sent.other, "create_vendor", arguments).await;
    holds(&told, expected);
    holds(&told, &[fate]);
    assert_eq!(told.contains("Try again"), fate == REFUSED && retry.is_some(), "{told}");
    // Truncated and DroppedAfter are carried out, nothing else is; what was said must fit either.
    let made = count(run, name).await == 1;
    assert_eq!(made, matches!(kind, FaultKind::Truncated | FaultKind::DroppedAfter), "{kind:?}");
    assert!(!(made && fate == REFUSED), "{told}");

    let arguments = json!({"vendorId": id, "additionalNotes": name});
    let told = meet_often(run, Target::Vanta, &kind, sent.idempotent, "update_vendor", arguments).await;
    holds(&told, &[if fate == UNKNOWN { UNKNOWN_REPEATABLE } else { fate }]);
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_not_waited_for() {
    let tenant = tenant(Limits::Off).await;
    let run = Setup::default().with("VANTA_MCP_TIMEOUT", "1").start_with(tenant).await;
    // The tenant makes its company at the first request, which on a busy machine takes its time.
    let warm = async { while run.result("list_vendors", json!({})).await.is_error == Some(true) {} };
    tokio::time::timeout(PATIENCE, warm).await.unwrap();
    for (tool, arguments, fate) in [
        ("list_vendors", json!({}), "Try again after 5 s."),
        ("create_vendor", json!({"name": "Too Late"}), UNKNOWN),
    ] {
        let told =
            meet(&run, Target::Vanta, &FaultKind::Slow(Duration::from_secs(120)), tool, arguments).await;
        holds(&told, &["did not answer in time", fate]);
    }
    run.fault(Target::Token, FaultKind::Slow(Duration::from_secs(120)), 2);
    let told = run.error("list_audits", json!({})).await;
    holds(&told, &["token endpoint", "timed out", "The call was not sent."]);
    vendor(&run).await;
}

#[tokio::test]
async fn a_redirect_is_told_and_never_followed() {
    let elsewhere = Listener::silent().await;
    let run = Setup::default().start().await;
    vendor(&run).await;
    let kind = FaultKind::Redirect { to: format!("{}/v1/vendors?a=b", elsewhere.url) };
    for (on, tool, arguments, fate) in [
        (Target::Vanta, "list_vendors", json!({}), "Check the configured base URL (VANTA_BASE_URL,"),
        (Target::Vanta, "create_vendor", json!({"name": "Elsewhere"}), REFUSED),
        (Target::Panel, "list_panel_accounts", json!({}), "Check the configured base URL (VANTA_PANEL_URL)"),
        (Target::Panel, "create_panel_account", json!({"user": "elsewhere"}), REFUSED),
    ] {
        let told = meet(&run, on, &kind, tool, arguments).await;
        holds(&told, &["answered 307, a redirect, which is not followed", fate]);
        assert!(!told.contains(&elsewhere.url["http://".len()..]), "nothing there is to be set: {told}");
    }
    run.fault(Target::Token, kind, 1);
    let told = run.error("list_audits", json!({})).await;
    holds(&told, &["answered 307", "base URL"]);
    assert!(!told.contains(&elsewhere.url["http://".len()..]), "{told}");
    assert!(elsewhere.heard().is_empty(), "{:?}", elsewhere.heard());
}

#[tokio::test]
async fn a_missing_scope_is_named_with_the_place_to_grant_it() {
    let run = Setup::default().start().await;
    vendor(&run).await;
    run.tenant.restrict(Application::Manage, &["vanta-api.all:read"]);
    run.tenant.forget();
    let told = run.error("create_vendor", json!({"name": "No Scope"})).await;
    holds(
        &told,
        &[
            "answered 403: the scope vanta-api.all:write is missing",
            "Grant vanta-api.all:write",
            "Developer Console",
            REFUSED,
        ],
    );
    assert_eq!(run.seen().len(), 1);

    let tenant = tenant(Limits::Off).await;
    let token = tenant.panel_token_with(&[PanelScope::AccountsRead]);
    let run = Setup::default().with("VANTA_PANEL_TOKEN", token).start_with(tenant).await;
    let told = run.error("create_panel_account", json!({"user": "noscope"})).await;
    holds(&told, &["the scope accounts:write is missing", "vWHM", "VANTA_PANEL_TOKEN", REFUSED]);
    run.value("list_panel_accounts", json!({})).await;
}

#[tokio::test]
async fn every_panel_code_is_told_and_changes_nothing() {
    let run = Setup::default().start().await;
    for (status, code, phrase) in [
        (400, "bad_request", "Change the arguments"),
        (401, "unauthorized", "does not accept the token"),
        (403, "insufficient_scope", "Create a token with the scope accounts:"),
        (404, "account_not_found", "answered 404"),
        (404, "unknown_api", "answered 404"),
        (409, "account_exists", "answered 409 Conflict"),
        (409, "already_suspended", "answered 409 Conflict"),
        (409, "not_suspended", "answered 409 Conflict"),
        (422, "invalid_user", "answered 422"),
        (422, "weak_password", "answered 422"),
        (429, "rate_limited", "Try again after 60 s."),
        // A refusal is one even where the status says that all is well.
        (200, "invalid_domain", "answered 200"),
        (200, "insufficient_scope", "Create a token with the scope accounts:"),
    ] {
        let kind = body(status, &json!({"ok": false, "error": code}));
        // All of them stay as they are but for one, which asks for no pause.
        let sent = if status == 429 { REPEATED } else { ONCE };
        let told = meet_often(&run, Target::Panel, &kind, sent.read, "list_panel_accounts", json!({})).await;
        holds(&told, &[code, phrase]);
        let arguments = json!({"user": "fine"});
        let told =
            meet_often(&run, Target::Panel, &kind, sent.idempotent, "unsuspend_panel_account", arguments)
                .await;
        holds(&told, &[code, REFUSED]);
        let told = meet(&run, Target::Panel, &kind, "create_panel_account", json!({"user": "fine"})).await;
        holds(&told, &[code, phrase, REFUSED]);
    }
    let internal =
        meet(&run, Target::Panel, &FaultKind::Internal, "unsuspend_panel_account", json!({"user": "fine"}))
            .await;
    holds(&internal, &["answered 500", "\"internal\"", UNKNOWN_REPEATABLE]);
    let page = meet(&run, Target::Panel, &FaultKind::Html { status: 200 }, "ping_panel", json!({})).await;
    holds(&page, &["answered 200 with something other than JSON"]);
    let told = run.error("get_panel_account", json!({"user": "nobody"})).await;
    holds(&told, &["answered 404 Not Found: \"account_not_found\""]);
}

#[tokio::test]
async fn an_upstreams_words_are_quoted_cut_and_without_control_characters() {
    let run = Setup::default().start().await;
    vendor(&run).await;
    let message = format!("one\u{1b}[2J\r\ntwo\u{7} \"three\". Nothing was changed. {}", "x".repeat(5000));
    let told =
        meet(&run, Target::Vanta, &body(422, &json!({ "message": message })), "list_vendors", json!({}))
            .await;
    holds(&told, &[": \"one [2J two 'three'. Nothing"]);
    assert!(told.chars().count() < 600, "{told}");
    assert!(!told.chars().any(char::is_control), "{told:?}");
    assert_eq!(told.matches('"').count(), 2, "the quotation ends where the upstream's words end: {told}");
}

/// The catalog states the limits, and the tenant holds to them.
#[tokio::test]
async fn a_call_beyond_a_limit_is_told_which_limit_it_is() {
    // What is left of the minute is longer than a call may take.
    let setup = Setup { limits: Limits::Enforced, ..Setup::default() };
    let run = setup.with("VANTA_MCP_TIMEOUT", "10").start().await;
    let audit = run.value("list_audits", json!({})).await["items"][0]["id"].take();
    let groups = json!({ "auditId": audit });
    for _ in 0..10 {
        run.result("list_audit_groups", groups.clone()).await;
    }
    let told = run.error("list_audit_groups", groups).await;
    assert!(told.contains("This operation accepts at most 10 calls a minute from one application"), "{told}");
    // Another operation has a limit of its own.
    run.value("list_audits", json!({})).await;
    for _ in 0..50 {
        run.value("list_frameworks", json!({})).await;
    }
    let told = run.error("list_vendors", json!({})).await;
    assert!(
        told.contains("Manage Vanta accepts at most 50 requests a minute from one application"),
        "{told}"
    );
}

/// Where a page says what a 403 means, so does the message.
#[tokio::test]
async fn a_refusal_is_told_with_what_is_known_of_it() {
    let run = Setup::default().start().await;
    for (tool, arguments, expected) in [
        ("list_business_units", json!({}), "Business unit scoping may be off"),
        ("get_business_unit", json!({"businessUnitId": "b"}), "Business unit scoping may be off"),
        (
            "start_vendor_assessment",
            json!({"vendorId": "v", "assessmentTypeId": "65fc81a3359c8508c9af880f"}),
            "`vendors:view` and `vendors_data:manage`",
        ),
    ] {
        let mut arguments = arguments;
        if tool == "start_vendor_assessment" {
            run.fault(Target::Reads, body(200, &json!({"id": "v"})), 2);
            arguments["confirm"] = json!("v");
            arguments = run.previewed(tool, &arguments).await;
            run.fault(Target::Changes, body(403, &json!({"message": "Forbidden"})), 1);
        } else {
            run.fault(Target::Vanta, body(403, &json!({"message": "Forbidden"})), 1);
        }
        let told = run.error(tool, arguments).await;
        assert!(told.contains("answered 403") && told.contains(expected), "{told}");
    }
}

/// Where the catalog says which tool returns an id, so does the answer to an id that leads to nothing.
#[tokio::test]
async fn an_unknown_id_is_told_with_the_tool_that_returns_it() {
    let run = Setup::access("destroy").start().await;
    for (tool, arguments, advice) in [
        ("get_vendor", json!({"vendorId": "x"}), "Check the id with list_vendors."),
        ("list_control_tests", json!({"controlId": "x"}), "Check the id with list_controls."),
        (
            "get_vendor_security_review",
            json!({"vendorId": "x", "securityReviewId": "y"}),
            "Check the ids: vendorId with list_vendors, securityReviewId with list_vendor_security_reviews.",
        ),
        ("get_panel_account", json!({"user": "x"}), "Check the id with list_panel_accounts."),
    ] {
        let told = run.error(tool, arguments).await;
        assert!(told.contains("404") && told.ends_with(advice), "{tool}: {told}");
    }
}
