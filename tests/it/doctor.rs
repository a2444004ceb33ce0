//! `vanta-mcp doctor` and `vanta-mcp status`: what works, what does not and how to correct it, and what the processes share.

use std::fs;
use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use vanta_demo::{FaultKind, Limits, Seen, Target, Tenant};

use crate::cli::{Done, finish, run, run_in};
use crate::harness::{Listener, Scratch, Setup, Wire, command, credentials, eventually, tenant, unchecked};
use crate::secured::{Authority, Manner, SecuredUpstream, nobody, self_signed};

/// A run with all credentials of a tenant and these variables over them.
pub async fn with(tenant: &Tenant, variables: &[(&str, &str)], arguments: &[&str]) -> Done {
    let mut command = command();
    command.envs(credentials(tenant)).envs(variables.iter().copied()).args(arguments);
    finish(command, "").await
}

pub async fn doctor(tenant: &Tenant, variables: &[(&str, &str)]) -> Checks {
    Checks::of(&with(tenant, variables, &["doctor", "--json"]).await)
}

/// What a doctor found.
#[derive(Debug)]
pub struct Checks {
    pub all: Vec<Value>,
}

impl Checks {
    pub fn of(done: &Done) -> Self {
        let told: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
        let all = told["checks"].as_array().unwrap().clone();
        let failed = all.iter().any(|one| one["result"] == "failed");
        assert_eq!((told["ok"] == true, done.code), (!failed, Some(i32::from(failed))), "{done:?}");
        for one in &all {
            let needs = one["result"] != "ok";
            assert_eq!(one["toDo"].as_str().is_some_and(|text| text.ends_with(['.', '`'])), needs, "{one}");
        }
        assert!(!done.stdout.contains("hunter2") && !done.stderr.contains("hunter2"), "{done:?}");
        Self { all }
    }

    /// How a check ended, and all that is said of it.
    pub fn find(&self, check: &str) -> (&str, String) {
        let found: Vec<&Value> = self.all.iter().filter(|one| one["check"] == check).collect();
        let [one] = found[..] else { panic!("{check}: {:?}", self.all) };
        let text = |name: &str| one[name].as_str().unwrap_or_default();
        (text("result"), format!("{} | {}", text("found"), text("toDo")))
    }

    pub fn says(&self, check: &str, result: &str, expected: &[&str]) {
        let (found, words) = self.find(check);
        assert_eq!(found, result, "{check}: {words}");
        for expected in expected {
            assert!(words.contains(expected), "{check}: {expected}: {words}");
        }
    }
}

fn reads(tenant: &Tenant) -> Vec<Seen> {
    tenant.seen().into_iter().filter(|seen| seen.path != "/oauth/token").collect()
}

#[tokio::test]
async fn what_works_is_said_after_one_read_for_each_credential() {
    let tenant = tenant(Limits::Enforced).await;
    let folder = Scratch::new("doctor");
    let place = format!("{}/vanta-mcp/state.db", folder.path());
    let variables = [("VANTA_MCP_STATE", &*place), ("VANTA_MCP_ACCESS", "write")];
    let checks = doctor(&tenant, &variables).await;
    checks.says("state", "ok", &["SQLite", &place, "written and read back"]);
    checks.says("manage", "ok", &["Manage Vanta", "list_frameworks answered"]);
    checks.says("manage scopes", "ok", &["granted: vanta-api.all:read vanta-api.all:write"]);
    checks.says("audit", "ok", &["list_audits answered"]);
    checks.says("connectors", "ok", &["the credentials are accepted"]);
    checks.says("panel", "ok", &["ping_panel answered", "Authorization: Bearer"]);
    let seen = reads(&tenant);
    assert_eq!(seen.len(), 4, "{seen:?}");
    assert!(seen.iter().all(|seen| seen.method == "GET"), "{seen:?}");
    // A second process uses the same tokens.
    let lines = with(&tenant, &variables, &["doctor"]).await;
    assert_eq!((lines.code, tenant.seen().len()), (Some(0), 3 + 4 + 4), "{lines:?}");
    assert!(lines.stdout.ends_with("\nEverything that is configured works.\n"), "{}", lines.stdout);
    let fits = |line: &str| line.chars().count() <= 80 || line.trim().starts_with('/');
    assert!(lines.stdout.lines().all(fits), "{}", lines.stdout);
    // The id that does not exist is no error of the API's.
    let status = with(&tenant, &variables, &["status"]).await.json();
    assert!(!status.to_string().contains("lastError"), "{status}");
}

#[tokio::test]
async fn several_at_once_do_not_take_each_other_for_a_failure() {
    let tenant = tenant(Limits::Off).await;
    let folder = Scratch::new("doctors");
    let place = format!("{}/vanta-mcp/state.db", folder.path());
    let variables = [("VANTA_MCP_STATE", &*place)];
    for checks in join_all((0..6).map(|_| doctor(&tenant, &variables))).await {
        checks.says("state", "ok", &["written and read back"]);
    }
}

#[tokio::test]
async fn what_is_not_configured_is_no_failure_unless_nothing_is() {
    let tenant = tenant(Limits::Off).await;
    let without = [("VANTA_AUDIT_CLIENT_ID", ""), ("VANTA_AUDIT_CLIENT_SECRET", ""), ("VANTA_PANEL_URL", "")];
    let checks = doctor(&tenant, &[&without[..], &[("VANTA_PANEL_TOKEN", "")]].concat()).await;
    checks.says("audit", "not_configured", &["set VANTA_AUDIT_CLIENT_ID and VANTA_AUDIT_CLIENT_SECRET."]);
    checks.says("panel", "not_configured", &["set VANTA_PANEL_URL and VANTA_PANEL_TOKEN."]);
    checks.says("manage", "ok", &[]);
    // One half was meant to be configured.
    let half = doctor(&tenant, &without).await;
    half.says("panel", "failed", &["it has a token but no address", "VANTA_PANEL_URL"]);
    let nothing = Checks::of(&run(&["doctor", "--json"]).await);
    nothing.says("credentials", "failed", &["no API is configured", "--demo", "VANTA_CLIENT_ID"]);
    let demo = Checks::of(&run(&["doctor", "--demo", "--json"]).await);
    assert!(demo.all.iter().all(|one| one["result"] == "ok"), "{demo:?}");
}

#[tokio::test]
async fn a_credential_that_does_not_work_is_told_with_the_setting() {
    let tenant = tenant(Limits::Off).await;
    let far = format!("http://{}", nobody().await);
    let scope = Listener::start(|request| {
        if request.starts_with("POST /oauth/token") {
            (200, json!({"access_token": "vat_x", "expires_in": 3600}).to_string())
        } else {
            (403, json!({"error": "insufficient_scope"}).to_string())
        }
    })
    .await;
    let invalid = Listener::start(|_| (400, json!({"error": "invalid_scope"}).to_string())).await;
    let read = ("VANTA_MCP_ACCESS", "read");
    for (variables, expected) in [
        (
            &[("VANTA_CLIENT_SECRET", "vcs_hunter2"), read][..],
            &[
                "does not accept the client id and secret (401",
                "Check VANTA_CLIENT_ID and VANTA_CLIENT_SECRET.",
            ][..],
        ),
        (
            &[("VANTA_BASE_URL", &scope.url), read],
            &["the scope vanta-api.all:read is missing", "Grant vanta-api."],
        ),
        (
            &[("VANTA_BASE_URL", &invalid.url), read],
            &["invalid_scope", "Grant vanta-api.all:read to the application"],
        ),
        (
            &[("VANTA_BASE_URL", &far), ("VANTA_MCP_TIMEOUT", "2"), read],
            &["could not be reached", "Check the network, the proxy settings and the configured address."],
        ),
    ] {
        let checks = doctor(&tenant, variables).await;
        checks.says("manage", "failed", expected);
        checks.says("panel", "ok", &[]);
    }
}

#[tokio::test]
async fn a_budget_that_is_spent_is_kept_and_says_nothing_of_the_credential() {
    let tenant = tenant(Limits::Off).await;
    let folder = Scratch::new("spent");
    let place = format!("{}/vanta-mcp/state.db", folder.path());
    // A turn comes after a minute, which is longer than a doctor waits.
    let variables = [("VANTA_MCP_STATE", &*place), ("VANTA_MCP_LIMITS", "manage=1")];
    doctor(&tenant, &variables).await.says("manage", "ok", &[]);
    let sent = reads(&tenant).iter().filter(|seen| seen.path == "/v1/frameworks").count();
    let began = Instant::now();
    let checks = doctor(&tenant, &variables).await;
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    checks.says("manage", "warning", &["is used up", "Run this again in "]);
    let again = reads(&tenant).iter().filter(|seen| seen.path == "/v1/frameworks").count();
    assert_eq!((sent, again), (1, 1));
}

#[tokio::test]
async fn scopes_that_were_refused_are_told_with_what_that_means() {
    let upstream = Listener::start(|request| {
        let refused = ["all:write", "auditor:write"].iter().any(|scope| request.contains(scope));
        if request.starts_with("POST /oauth/token") && refused {
            (400, json!({"error": "invalid_scope"}).to_string())
        } else if request.starts_with("POST /oauth/token") {
            (200, json!({"access_token": "vat_x", "expires_in": 3600}).to_string())
        } else {
            (200, json!({"results": {"data": [], "pageInfo": {"hasNextPage": false}}}).to_string())
        }
    })
    .await;
    let tenant = tenant(Limits::Off).await;
    let variables = [("VANTA_BASE_URL", &*upstream.url), ("VANTA_MCP_ACCESS", "write")];
    let checks = doctor(&tenant, &variables).await;
    checks.says("manage", "ok", &[]);
    let told = ["granted: vanta-api.all:read; refused: vanta-api.all:write", "Developer Console"];
    checks.says("manage scopes", "failed", &told);
    // Most tools of that API work without it.
    checks.says("audit scopes", "warning", &["refused: auditor-api.auditor:write"]);
}

#[tokio::test]
async fn an_excluded_tool_is_not_what_a_credential_is_tried_with() {
    let tenant = tenant(Limits::Off).await;
    let checks = doctor(&tenant, &[("VANTA_MCP_EXCLUDE_TOOLS", "list_frameworks,ping_panel")]).await;
    checks.says("panel", "ok", &["list_panel_accounts answered"]);
    assert!(!checks.find("manage").1.contains("list_frameworks"), "{checks:?}");
    let vendors = [("VANTA_MCP_EXCLUDE_TOOLS", "list_vendors"), ("VANTA_SCOPES", "vanta-api.vendors:read")];
    doctor(&tenant, &vendors).await.says("manage", "warning", &["VANTA_MCP_EXCLUDE_TOOLS"]);
}

#[tokio::test]
async fn the_header_that_gets_through_to_the_panel_is_found() {
    let stripping = Listener::start(|request| {
        if request.contains("x-api-key: ") {
            (200, json!({"ok": true}).to_string())
        } else {
            (401, json!({"ok": false, "error": "unauthorized"}).to_string())
        }
    })
    .await;
    let refusing =
        Listener::start(|_| (401, json!({"ok": false, "error": "unauthorized"}).to_string())).await;
    let tenant = tenant(Limits::Off).await;
    let wordy =
        Listener::start(|_| (401, json!({"ok": false, "message": "no \"key\" of yours"}).to_string())).await;
    let at = |url| [("VANTA_PANEL_URL", url), ("VANTA_PANEL_TOKEN", "vp_hunter2")];
    // What is no code of the Panel's is quoted.
    doctor(&tenant, &at(&*wordy.url)).await.says("panel", "failed", &["(\"no 'key' of yours\")"]);
    let checks = doctor(&tenant, &at(&*stripping.url)).await;
    checks.says("panel", "failed", &["refused as Authorization: Bearer", "Set VANTA_PANEL_AUTH=x-api-key"]);
    assert_eq!(stripping.heard().len(), 2);
    let set =
        doctor(&tenant, &[&at(&*stripping.url)[..], &[("VANTA_PANEL_AUTH", "x-api-key")]].concat()).await;
    set.says("panel", "ok", &["X-API-Key"]);
    let refused = doctor(&tenant, &at(&*refusing.url)).await;
    refused.says(
        "panel",
        "failed",
        &["refused as Authorization: Bearer and as X-API-Key", "vWHM → API Tokens"],
    );
    // The other way round, which the demo tenant takes both ways.
    let usual = Listener::start(|request| {
        if request.contains("authorization: ") {
            (200, json!({"ok": true}).to_string())
        } else {
            (403, "<h1>Forbidden</h1>".to_owned())
        }
    })
    .await;
    let odd = doctor(&tenant, &[&at(&*usual.url)[..], &[("VANTA_PANEL_AUTH", "x-api-key")]].concat()).await;
    odd.says("panel", "failed", &["Set VANTA_PANEL_AUTH=bearer"]);
}

#[tokio::test]
async fn whose_certificate_it_is_is_told_accepted_or_not() {
    let folder = Scratch::new("certificates");
    let company = Authority::new("Example \"Corp\" Root");
    let ca = format!("{}/ca.pem", folder.path());
    fs::write(&ca, company.pem()).unwrap();
    let tenant = tenant(Limits::Off).await;
    let good = SecuredUpstream::start(&company.vouches_for(&["localhost"]), Manner::Answers).await;
    let old = SecuredUpstream::start(&company.vouched_for(&["localhost"]), Manner::Answers).await;
    let own = SecuredUpstream::start(&self_signed(&["localhost"]), Manner::Answers).await;
    let other = SecuredUpstream::start(&company.vouches_for(&["panel.example.com"]), Manner::Answers).await;
    let at = |port: u16| format!("https://localhost:{port}");
    let trusting =
        async |port| doctor(&tenant, &[("VANTA_BASE_URL", &at(port)), ("VANTA_MCP_CA_FILE", &ca)]).await;
    let whose = "\"localhost\", issued by \"Example 'Corp' Root\" for \"localhost\", valid until ";
    let checks = trusting(good.port).await;
    checks.says("manage", "ok", &["list_frameworks answered"]);
    checks.says("manage certificate", "ok", &[whose]);
    trusting(old.port).await.says("manage", "failed", &["expired on 2021-02-03", "3 Feb 2021", "clock"]);
    trusting(other.port).await.says("manage", "failed", &["is for a different host", "VANTA_BASE_URL"]);
    let unknown = doctor(&tenant, &[("VANTA_BASE_URL", &at(good.port))]).await;
    unknown.says("manage", "failed", &["issuer is unknown", whose, "VANTA_MCP_CA_FILE"]);
    let alone = doctor(&tenant, &[("VANTA_BASE_URL", &at(own.port))]).await;
    alone.says("manage", "failed", &["self-signed", "issued by \"localhost\"", "VANTA_MCP_CA_FILE"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_state_that_keeps_nothing_fails_and_says_how_to_correct_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let tenant = tenant(Limits::Off).await;
    let folder = Scratch::new("state");
    let open = format!("{}/open", folder.path());
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    fs::write(format!("{}/file", folder.path()), "").unwrap();
    let other = format!("{}/other.db", folder.path());
    fs::write(&other, "not a database at all, and long enough to be one ".repeat(100)).unwrap();
    let (in_open, below) = (format!("{open}/state.db"), format!("{}/file/state.db", folder.path()));
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("postgres://me:hunter2@{}/state?connect_timeout=1", silent.local_addr().unwrap());
    let chmod = format!("chmod go-w '{open}'");
    for (place, expected) in [
        (&*in_open, &["can be written by other users", &*chmod][..]),
        (&below, &["file", "VANTA_MCP_STATE"]),
        (&other, &["is damaged", "Move it away"]),
        (
            "postgres://me:hunter2@127.0.0.1:1/state",
            &["me@127.0.0.1:1/state could not be reached", "refused", "VANTA_MCP_STATE"],
        ),
        (&silent, &["could not be reached", "VANTA_MCP_STATE"]),
    ] {
        let checks = doctor(&tenant, &[("VANTA_MCP_STATE", place)]).await;
        checks.says("state", "failed", expected);
        checks.says("manage", "ok", &[]);
        // The others go on and say so.
        let status = with(&tenant, &[("VANTA_MCP_STATE", place)], &["status"]).await;
        assert_eq!(status.json()["state"]["health"], "unavailable", "{status:?}");
        assert!(!status.stdout.contains("hunter2"), "{status:?}");
        let call = with(&tenant, &[("VANTA_MCP_STATE", place)], &["call", "list_frameworks"]).await;
        assert_eq!(call.code, Some(0), "{call:?}");
        assert!(
            call.stderr.contains("shared state cannot be used") && !call.stderr.contains("hunter2"),
            "{call:?}"
        );
    }
}

#[tokio::test]
async fn a_place_of_an_unknown_kind_is_refused_in_one_sentence_without_its_secret() {
    for place in [
        "redis://me:hunter2@host/1",
        "mysql://me:hunter2@host/x",
        "postgres://me:hun@ter2@host/x",
        "state.db",
    ] {
        let variables = [("VANTA_MCP_STATE", place)];
        for arguments in [&["status"][..], &["serve"], &["call", "server_status"]] {
            let done = run_in(&variables, arguments).await;
            done.is_wrong_usage(&["VANTA_MCP_STATE (environment)"]);
            assert!(!done.stderr.contains("hunter2") && !done.stderr.contains("hun@"), "{done:?}");
        }
        let checks = Checks::of(&run_in(&variables, &["doctor", "--json"]).await);
        checks.says("settings", "failed", &["VANTA_MCP_STATE (environment)", "Correct it, then run"]);
        assert!(!checks.find("settings").1.contains("hun"), "{checks:?}");
    }
}

#[tokio::test]
async fn a_database_keeps_a_record_and_a_wrong_password_is_told() {
    let Ok(url) = std::env::var("VANTA_MCP_TEST_POSTGRES") else {
        unchecked("doctor with PostgreSQL: no server was named. Start one with tests/postgres/start FOLDER");
        return;
    };
    let tenant = tenant(Limits::Off).await;
    let checks = doctor(&tenant, &[("VANTA_MCP_STATE", &url)]).await;
    checks.says("state", "ok", &["PostgreSQL", "written and read back"]);
    let (scheme, rest) = url.split_once("://").unwrap();
    let (user, place) = rest.split_once('@').unwrap();
    let wrong = format!("{scheme}://{}:hunter2@{place}", user.split(':').next().unwrap());
    let checks = doctor(&tenant, &[("VANTA_MCP_STATE", &wrong)]).await;
    checks.says(
        "state",
        "failed",
        &["refused access", "Check user, password and permissions in VANTA_MCP_STATE."],
    );
}

#[tokio::test]
async fn an_upstream_that_hangs_does_not_hang_it() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let tenant = tenant(Limits::Off).await;
    let began = Instant::now();
    let variables = [("VANTA_PANEL_URL", &*url), ("VANTA_BASE_URL", &url)];
    let done = with(&tenant, &variables, &["doctor", "--json", "--within", "2"]).await;
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    let checks = Checks::of(&done);
    checks.says("panel", "failed", &["Check VANTA_PANEL_URL, the network"]);
    checks.says("manage", "failed", &[]);
    run(&["doctor", "--within", "0"]).await.is_wrong_usage(&["--within"]);
}

#[tokio::test]
async fn the_files_of_a_server_over_http_are_looked_at() {
    let folder = Scratch::new("http-files");
    let tokens = format!("{}/tokens.toml", folder.path());
    let made = run(&["token", "new", "alice", "--tokens", &tokens]).await;
    assert_eq!(made.code, Some(0), "{made:?}");
    let identity = self_signed(&["mcp.example.com"]);
    let (certificate, key) = (format!("{}/chain.pem", folder.path()), format!("{}/key.pem", folder.path()));
    fs::write(&certificate, identity.certificate).unwrap();
    fs::write(&key, identity.key).unwrap();
    let serve = ["doctor", "--demo", "--json", "--http", "127.0.0.1:0", "--tokens", &tokens];
    let tls = |cert, key| [&serve[..], &["--tls-cert", cert, "--tls-key", key]].concat();
    let well = Checks::of(&run(&tls(&certificate, &key)).await);
    well.says("token file", "ok", &["1 token"]);
    well.says("own certificate", "ok", &["mcp.example.com"]);
    let swapped = Checks::of(&run(&tls(&key, &certificate)).await);
    swapped.says("own certificate", "failed", &["swapped", "--tls-key"]);
    fs::write(&tokens, "[[token]]\nname = \"bob\"\nsha256 = \"x\"\n").unwrap();
    let wrong = Checks::of(&run(&serve).await);
    assert!(
        wrong.all.iter().any(|one| one["check"] == "token file" && one["result"] == "failed"),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn another_process_tells_what_the_running_ones_share_and_what_failed_last() {
    let folder = Scratch::new("status");
    let place = format!("{}/vanta-mcp/state.db", folder.path());
    let run = Setup::default()
        .with("VANTA_MCP_STATE", &*place)
        .with("VANTA_MCP_LIMITS", "manage=50,token=5")
        .start()
        .await;
    run.value("list_vendors", json!({})).await;
    let body = json!({"message": "a \"reason\""}).to_string();
    run.fault(Target::Vanta, FaultKind::Body { status: 403, body }, 1);
    run.error("list_people", json!({})).await;
    let body = json!({"ok": false, "error": "suspended"}).to_string();
    run.fault(Target::Panel, FaultKind::Body { status: 200, body }, 1);
    run.error("list_panel_accounts", json!({})).await;
    let sent = run.tenant.seen().len();
    let variables = [
        ("VANTA_MCP_STATE", &*place),
        ("VANTA_MCP_LIMITS", "manage=50,token=5"),
        ("VANTA_MCP_ACCESS", "destroy"),
        ("VANTA_MCP_TOOLSETS", "all"),
    ];
    let told = with(&run.tenant, &variables, &["status"]).await.json();
    assert_eq!(run.tenant.seen().len(), sent, "nothing is sent upstream");
    let own = run.value("server_status", json!({})).await;
    let names = |status: &Value| status.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&told), names(&own), "the same members");
    for status in [&told, &own] {
        let manage = &status["apis"][0];
        assert_eq!(manage["granted"], json!(["vanta-api.all:read", "vanta-api.all:write"]), "{manage}");
        assert!(manage["token"].as_str().unwrap().starts_with("valid for another "), "{manage}");
        assert!(manage["tokenAgeSeconds"].as_u64().unwrap() < 60, "{manage}");
        assert_eq!(manage["limits"][0], json!({"limit": "manage", "perMinute": 50, "left": 48}));
        assert_eq!(manage["limits"][1], json!({"limit": "token", "perMinute": 5, "left": 4}));
        let error = &manage["lastError"];
        assert_eq!((&error["tool"], &error["status"]), (&json!("list_people"), &json!(403)), "{error}");
        assert!(error["error"].as_str().unwrap().contains("\"a 'reason'\""), "{error}");
        assert!(error["at"].as_str().unwrap().ends_with('Z'), "{error}");
        assert!(error["secondsAgo"].as_u64().unwrap() < 60, "{error}");
        let panel = &status["apis"][3]["lastError"];
        assert_eq!(panel["tool"], "list_panel_accounts", "{panel}");
        assert!(panel["error"].as_str().unwrap().contains("suspended"), "{panel}");
        assert_eq!(status["state"], json!({"kind": "SQLite", "place": place, "health": "ok"}));
    }
}

#[tokio::test]
async fn another_process_tells_who_waits_and_for_which_limit() {
    let tenant = tenant(Limits::Off).await;
    let folder = Scratch::new("waits");
    let place = format!("{}/vanta-mcp/state.db", folder.path());
    let variables =
        [("VANTA_MCP_STATE", &*place), ("VANTA_MCP_LIMITS", "manage=1"), ("VANTA_MCP_WAIT", "600")];
    let mut command = command();
    command.envs(credentials(&tenant)).envs(variables);
    let mut wire = Wire::start(command);
    wire.initialize().await;
    for id in 1..=3 {
        // No two alike, since what is the same is sent once.
        let call = json!({"name": "list_frameworks", "arguments": {"pageSize": id}});
        wire.message(&json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": call})).await;
        if id == 1 {
            assert_eq!(wire.receive().await.unwrap()["id"], 1);
        }
    }
    eventually("two calls are seen to wait", async || {
        let told = with(&tenant, &variables, &["status"]).await.json();
        let manage = &told["apis"][0];
        manage["waiting"] == 1
            && manage["limits"][0]
                == json!({"limit": "manage", "perMinute": 1, "left": 0,
                    "waiting": {"processes": 1, "calls": 2, "callers": 1}})
    })
    .await;
    assert_eq!(reads(&tenant).len(), 1);
}
