//! Settings and secrets: which source wins, what is said of a mistake in each, and that files of secrets work.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use vanta_demo::{Application, Limits, Tenant};

use crate::cli::{Done, run, run_in};
use crate::harness::{credentials, tenant};

/// Runs the binary with the tenant's address, but without its credentials unless `more` brings them.
async fn run_at(tenant: &Tenant, more: &[(&str, &str)], arguments: &[&str]) -> Done {
    let url = tenant.vanta_url();
    let variables: Vec<_> = [("VANTA_BASE_URL", &*url)].into_iter().chain(more.iter().copied()).collect();
    run_in(&variables, arguments).await
}

/// A folder of its own, removed at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("vanta-mcp-cli-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str, mode: u32) -> String {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn flags_beat_the_environment_which_beats_the_file_which_beats_the_defaults() {
    let folder = Folder::new();
    let config = folder.file("settings.toml", "access = \"write\"\n", 0o600);
    folder.file("vanta-mcp/config.toml", "access = \"write\"\n", 0o600);
    let home = folder.0.to_str().unwrap();
    for (variables, arguments, expected) in [
        (&[][..], &[][..], "read"),
        (&[("XDG_CONFIG_HOME", home)], &[], "write"),
        (&[("VANTA_MCP_CONFIG", &*config)], &[], "write"),
        (&[], &["--config", &*config], "write"),
        (&[("VANTA_MCP_ACCESS", "destroy")], &["--config", &*config], "destroy"),
        (&[("VANTA_MCP_ACCESS", "")], &["--config", &*config], "write"),
        (&[("VANTA_MCP_ACCESS", "destroy")], &["--config", &*config, "--access", "read"], "read"),
        (&[("VANTA_MCP_ACCESS", "destroy"), ("XDG_CONFIG_HOME", home)], &[], "destroy"),
    ] {
        let arguments: Vec<&str> = ["call", "server_status"].iter().chain(arguments).copied().collect();
        let status = run_in(variables, &arguments).await.json();
        assert_eq!(status["access"], expected, "{variables:?} {arguments:?}");
    }
}

#[tokio::test]
async fn a_mistake_in_any_source_is_told_with_its_source() {
    let folder = Folder::new();
    let status = ["call", "server_status"];
    for (name, value, expected) in [
        (
            "VANTA_MCP_ACESS",
            "read",
            &["unknown setting `VANTA_MCP_ACESS` in the environment", "did you mean `VANTA_MCP_ACCESS`?"][..],
        ),
        (
            "VANTA_MCP_ACCESS",
            "all",
            &["VANTA_MCP_ACCESS (environment) is invalid", "read, write, publish or destroy, not `all`"],
        ),
        ("VANTA_MCP_TIMEOUT", "0", &["VANTA_MCP_TIMEOUT (environment)", "1 to 600"]),
        ("VANTA_MCP_LOG", "json,vanta_mcp=loud", &["VANTA_MCP_LOG (environment)", "json or human"]),
        ("VANTA_MCP_LOG", "loud", &["VANTA_MCP_LOG (environment)", "json or human"]),
        ("VANTA_REGION", "uk", &["VANTA_REGION (environment)", "us, eu, aus or gov"]),
        ("VANTA_SCOPES", "everything", &["VANTA_SCOPES (environment)", "vanta-api.vendors:read"]),
        ("VANTA_PANEL_AUTH", "basic", &["VANTA_PANEL_AUTH (environment)", "bearer or x-api-key"]),
        ("VANTA_BASE_URL", "api.vanta.com", &["VANTA_BASE_URL (environment)", "https://host/"]),
        (
            "VANTA_BASE_URL",
            "http://api.vanta.com",
            &["VANTA_BASE_URL (environment)", "plain http", "Use https"],
        ),
        (
            "VANTA_PANEL_URL",
            "http://192.0.2.1/",
            &["VANTA_PANEL_URL (environment)", "plain http", "Use https"],
        ),
        ("VANTA_MCP_CONFIG", "/nowhere/at/all.toml", &["/nowhere/at/all.toml", "cannot be read"]),
        (
            "VANTA_CLIENT_SECRET_FILE",
            "/nowhere/at/all",
            &["VANTA_CLIENT_SECRET_FILE (environment)", "cannot be read"],
        ),
        ("VANTA_ENV_FILE", "/nowhere/at/all", &["VANTA_ENV_FILE (environment)", "cannot be read"]),
        ("VANTA_MCP_STATE", "mysql://host/x", &["VANTA_MCP_STATE (environment)", "memory", "postgres://"]),
    ] {
        run_in(&[(name, value)], &status).await.is_wrong_usage(expected);
    }
    let twice = [("VANTA_CLIENT_SECRET", "hunter2-direct"), ("VANTA_CLIENT_SECRET_FILE", "/a")];
    let done = run_in(&twice, &status).await;
    done.is_wrong_usage(&[
        "VANTA_CLIENT_SECRET (environment) and VANTA_CLIENT_SECRET_FILE (environment)",
        "keep one",
    ]);
    assert!(!done.stderr.contains("hunter2"));

    for (flag, value, expected) in [
        ("--access", "all", &["--access is invalid", "not `all`"][..]),
        ("--timeout", "soon", &["--timeout is invalid", "1 to 600, not `soon`"]),
        ("--base-url", "http://api.vanta.com", &["--base-url is plain http"]),
        ("--log", "loud", &["--log is invalid"]),
        ("--state", "state.db", &["--state is not an absolute path", "memory"]),
        ("--config", "/nowhere/at/all.toml", &["/nowhere/at/all.toml", "cannot be read"]),
    ] {
        run(&["call", "server_status", flag, value]).await.is_wrong_usage(expected);
    }

    for (text, expected) in [
        ("acces = \"read\"", &["unknown setting `acces` in ", "did you mean `access`?"][..]),
        ("[manage]\nclient_idd = \"a\"", &["`manage.client_idd` in ", "did you mean `manage.client_id`?"]),
        ("access = \"all\"", &["`access` (in ", "invalid", "not `all`"]),
        ("timeout = true", &["`timeout` (in ", "invalid"]),
        ("config = \"a\"", &["unknown setting `config` in "]),
        ("region = \"us\"\naccess = ", &["line 2", "not valid TOML"]),
        ("[panel]\nurl = \"http://192.0.2.1/\"", &["`panel.url` (in ", "plain http"]),
    ] {
        let config = folder.file("settings.toml", text, 0o600);
        let done = run(&["call", "server_status", "--config", &config]).await;
        done.is_wrong_usage(expected);
        done.is_wrong_usage(&[&config]);
    }
}

/// What may be put into the wrong place, each with the part of it that must not be told.
const JSON: &str = r#"{"client_id": "vci_hunter2", "client_secret": "vcs_hunter2"}"#;
const RANDOM: &str = "hunter2hunter2hunter2";

#[tokio::test]
async fn a_secret_in_the_wrong_place_is_known_by_its_looks_and_never_told() {
    let id = ("VANTA_CLIENT_ID", "vci_a");
    for (variables, named, looks) in [
        (&[("VANTA_ENV_FILE", JSON)][..], "VANTA_ENV_FILE (environment)", "JSON"),
        (&[("VANTA_ENV_FILE", RANDOM)], "VANTA_ENV_FILE (environment)", "a secret"),
        (&[id, ("VANTA_CLIENT_SECRET_FILE", "vcs_hunter2")], "VANTA_CLIENT_SECRET_FILE", "a client secret"),
        (&[id, ("VANTA_CLIENT_SECRET_FILE", RANDOM)], "VANTA_CLIENT_SECRET_FILE", "a secret"),
        (&[("VANTA_PANEL_TOKEN_FILE", "vp_hunter2")], "VANTA_PANEL_TOKEN_FILE", "a token"),
        (&[("VANTA_PANEL_URL", "vp_hunter2")], "VANTA_PANEL_URL (environment)", "a token"),
        (&[("VANTA_PANEL_URL", "hunter2")], "VANTA_PANEL_URL (environment)", ""),
        (&[("VANTA_PANEL_URL", "hunter2:x")], "VANTA_PANEL_URL (environment)", ""),
        (&[("VANTA_PANEL_URL", "me:hunter2@panel.example.com")], "VANTA_PANEL_URL", "a user or password"),
        (&[("VANTA_BASE_URL", "https://me:hunter2@host/")], "VANTA_BASE_URL", "a user or password"),
        (&[("VANTA_BASE_URL", "https://host/?key=hunter2")], "VANTA_BASE_URL", "an address"),
        (
            &[("VANTA_CLIENT_ID", "vcs_hunter2"), ("VANTA_CLIENT_SECRET", "vci_a")],
            "VANTA_CLIENT_ID",
            "swapped?",
        ),
        (&[id, ("VANTA_CLIENT_SECRET", "vci_hunter2")], "VANTA_CLIENT_SECRET", "a client id"),
        (&[id, ("VANTA_CLIENT_SECRET", JSON)], "VANTA_CLIENT_SECRET", "JSON"),
        (
            &[("VANTA_PANEL_URL", "https://p.example"), ("VANTA_PANEL_TOKEN", "vcs_hunter2")],
            "VANTA_PANEL_TOKEN",
            "a client secret",
        ),
        (&[("VANTA_SCOPES", "vcs_hunter2")], "VANTA_SCOPES (environment)", "a client secret"),
        (&[("VANTA_SCOPES", "hunter2")], "VANTA_SCOPES (environment)", ""),
        (&[("VANTA_MCP_ACCESS", "vp_hunter2")], "VANTA_MCP_ACCESS (environment)", "a token"),
        (&[("VANTA_MCP_TIMEOUT", RANDOM)], "VANTA_MCP_TIMEOUT (environment)", "a secret"),
        (&[("VANTA_REGION", JSON)], "VANTA_REGION (environment)", "JSON"),
        (&[("VANTA_PANEL_AUTH", "Bearer hunter2")], "VANTA_PANEL_AUTH (environment)", "a token"),
        (&[("VANTA_MCP_TOOLSETS", "vp_hunter2")], "VANTA_MCP_TOOLSETS (environment)", "a token"),
        (&[("VANTA_MCP_FILES", "vp_hunter2")], "VANTA_MCP_FILES (environment)", "a token"),
        (&[("VANTA_MCP_LOG", "hunter2")], "VANTA_MCP_LOG (environment)", ""),
        (&[("VANTA_MCP_CONFIG", JSON)], "the settings file", "JSON"),
        (&[("VANTA_MCP_CONFIG", "vcs_hunter2")], "the settings file", "a client secret"),
        (&[("VANTA_MCP_HTTP", "hunter2")], "VANTA_MCP_HTTP (environment)", ""),
        (&[("VANTA_MCP_HTTP", "0"), ("VANTA_MCP_TOKENS", "vmcp_hunter2")], "VANTA_MCP_TOKENS", "a token"),
        (
            &[
                ("VANTA_MCP_HTTP", "0"),
                ("VANTA_MCP_TLS_CERT", "/c"),
                ("VANTA_MCP_TLS_KEY", "-----BEGIN KEY-----\nhunter2"),
            ],
            "VANTA_MCP_TLS_KEY",
            "a key or a certificate",
        ),
        (
            &[
                ("VANTA_MCP_HTTP", "0"),
                ("VANTA_MCP_ISSUER", "https://me:hunter2@host"),
                ("VANTA_MCP_AUDIENCE", "https://m"),
            ],
            "VANTA_MCP_ISSUER",
            "a user or password",
        ),
        (
            &[
                ("VANTA_MCP_HTTP", "0"),
                ("VANTA_MCP_ISSUER", "https://host"),
                ("VANTA_MCP_AUDIENCE", "https://me:hunter2@m"),
            ],
            "VANTA_MCP_AUDIENCE",
            "a user or password",
        ),
        (
            &[("VANTA_MCP_HTTP", "0"), ("VANTA_MCP_ALLOW_ORIGIN", "https://me:hunter2@app.example.com")],
            "VANTA_MCP_ALLOW_ORIGIN",
            "a user or password",
        ),
        (&[("VANTA_MCP_HTTP", "0"), ("VANTA_MCP_ALLOW_HOST", "hunter2/x")], "VANTA_MCP_ALLOW_HOST", ""),
    ] {
        let done = run_in(variables, &["call", "server_status"]).await;
        done.is_wrong_usage(&[named, looks]);
        assert!(!done.stderr.contains("hunter2"), "{}", done.stderr);
    }
    for arguments in
        [&["serve", "vp_hunter2"][..], &["vp_hunter2"], &["call", "server_status", "--client-secret=hunter2"]]
    {
        let done = run(arguments).await;
        done.is_wrong_usage(&[]);
        assert!(!done.stderr.contains("hunter2"), "{}", done.stderr);
    }
    let folder = Folder::new();
    let swapped = json!({"client_id": "vcs_hunter2", "client_secret": "vci_a"}).to_string();
    let swapped = folder.file("env.json", &swapped, 0o600);
    let done = run_in(&[("VANTA_ENV_FILE", &swapped)], &["call", "server_status"]).await;
    done.is_wrong_usage(&["VANTA_ENV_FILE (environment) should contain the client id", "swapped?"]);
    assert!(!done.stderr.contains("hunter2"), "{}", done.stderr);
    // Where nothing tells the two apart, at least the status does not.
    let swapped = [("VANTA_CLIENT_ID", "hunter2"), ("VANTA_CLIENT_SECRET", "an-id")];
    let status = run_in(&swapped, &["call", "server_status"]).await;
    assert!(
        status.json()["apis"][0]["configured"] == true && !status.stdout.contains("hunter2"),
        "{}",
        status.stdout
    );
    // Nor does a collector that has a password.
    let traced = [("OTEL_EXPORTER_OTLP_ENDPOINT", "https://me:hunter2@[x"), ("VANTA_MCP_LOG", "trace")];
    let done = run_in(&traced, &["call", "server_status"]).await;
    assert!(!done.stderr.contains("hunter2"), "{}", done.stderr);
}

#[tokio::test]
async fn what_has_no_meaning_without_http_is_named() {
    let folder = Folder::new();
    let config = folder.file("settings.toml", "[http]\nissuer = \"https://login.example.com\"\n", 0o600);
    for (variables, arguments, told) in [
        (&[][..], &["--tokens", "/t"][..], "--tokens has no meaning without --http"),
        (
            &[("VANTA_MCP_TLS_CERT", "/c")],
            &["--allow-host", "a", "--sse", "--admin", "9090"],
            "--admin, --sse, VANTA_MCP_TLS_CERT (environment) and --allow-host have no meaning without --http",
        ),
        (&[], &["--config", &config], "`http.issuer` (in "),
        (&[], &["--admin-open"], "--admin-open has no meaning without --http"),
    ] {
        let arguments: Vec<&str> = ["serve", "--demo"].iter().chain(arguments).copied().collect();
        let done = run_in(variables, &arguments).await;
        let lines: Vec<&str> = done.stderr.lines().filter(|line| line.contains("without --http")).collect();
        let [line] = lines[..] else { panic!("one line: {}", done.stderr) };
        assert!(line.contains(told), "{line}");
    }
    let plain = run(&["serve", "--demo", "--timeout", "5"]).await;
    assert_eq!(plain.code, Some(0), "{plain:?}");
    assert!(!plain.stderr.contains("--http"), "{}", plain.stderr);
    let call = run_in(&[("VANTA_MCP_ADMIN", "9090")], &["call", "server_status"]).await;
    assert!(!call.stderr.contains("--http"), "only serving is meant: {}", call.stderr);
    assert_eq!(call.json()["access"], "read");
}

#[tokio::test]
async fn secrets_in_files_of_every_kind_authenticate() {
    let tenant = tenant(Limits::Off).await;
    let folder = Folder::new();
    let (id, secret) = tenant.application(Application::Manage);
    let secret_file = folder.file("secret", &format!("{secret}\n"), 0o600);
    let env_file =
        folder.file("env.json", &json!({"client_id": id, "client_secret": secret}).to_string(), 0o600);
    let panel_file = folder.file("panel", tenant.panel_token(), 0o600);
    let direct = folder.file(
        "direct.toml",
        &format!("[manage]\nclient_id = \"{id}\"\nclient_secret = \"{secret}\"\n"),
        0o600,
    );
    let indirect = format!("[manage]\nclient_id = \"{id}\"\nclient_secret_file = \"{secret_file}\"\n");
    let indirect = folder.file("indirect.toml", &indirect, 0o600);
    let panel_url = tenant.panel_url();
    for (variables, tool) in [
        (&[("VANTA_CLIENT_ID", id), ("VANTA_CLIENT_SECRET_FILE", &*secret_file)][..], "list_vendors"),
        (&[("VANTA_ENV_FILE", &env_file)], "list_vendors"),
        (&[("VANTA_MCP_CONFIG", &direct)], "list_vendors"),
        (&[("VANTA_MCP_CONFIG", &indirect)], "list_vendors"),
        (&[("VANTA_PANEL_URL", &panel_url), ("VANTA_PANEL_TOKEN_FILE", &panel_file)], "list_panel_accounts"),
    ] {
        let done = run_at(&tenant, variables, &["call", tool]).await;
        assert!(done.json()["count"].as_u64() > Some(0), "{variables:?}");
        assert_eq!(done.stderr, "", "nothing to warn of");
    }
    let broken =
        folder.file("broken.json", &format!("{{\"client_id\": \"{id}\", \"secret\": \"{secret}\"}}"), 0o600);
    let done = run_at(&tenant, &[("VANTA_ENV_FILE", &broken)], &["call", "list_vendors"]).await;
    done.is_wrong_usage(&["VANTA_ENV_FILE (environment)", "is not JSON with client_id and client_secret"]);
    assert!(!done.stderr.contains(secret));
}

#[cfg(unix)]
#[tokio::test]
async fn a_secret_that_others_can_read_is_warned_of_by_name() {
    let tenant = tenant(Limits::Off).await;
    let folder = Folder::new();
    let (id, secret) = tenant.application(Application::Manage);
    let open = folder.file("secret", secret, 0o644);
    let env = folder.file("env.json", &json!({"client_id": id, "client_secret": secret}).to_string(), 0o640);
    let settings = folder.file(
        "open.toml",
        &format!("[manage]\nclient_id = \"{id}\"\nclient_secret = \"{secret}\"\n"),
        0o604,
    );
    for (variables, path, mode) in [
        (&[("VANTA_CLIENT_ID", id), ("VANTA_CLIENT_SECRET_FILE", &*open)][..], &open, "0644"),
        (&[("VANTA_ENV_FILE", &env)], &env, "0640"),
        (&[("VANTA_MCP_CONFIG", &settings)], &settings, "0604"),
    ] {
        let done = run_at(&tenant, variables, &["call", "server_status"]).await;
        let warnings = done.json()["warnings"].as_array().unwrap().clone();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        for told in [warnings[0].as_str().unwrap(), &*done.stderr] {
            assert!(told.contains(&**path) && told.contains(mode) && told.contains("chmod 600"), "{told}");
            assert!(!told.contains(secret));
        }
    }
}

#[tokio::test]
async fn without_credentials_the_one_tool_says_what_to_set() {
    let listed = run(&["tools", "--json"]).await;
    let names: Vec<Value> =
        listed.json()["tools"].as_array().unwrap().iter().map(|tool| tool["name"].clone()).collect();
    assert_eq!(names, ["server_status"]);
    assert!(listed.stderr.contains("no credentials are set"), "{}", listed.stderr);
    let status = run(&["call", "server_status"]).await.json();
    for told in [
        "VANTA_CLIENT_ID",
        "VANTA_CLIENT_SECRET",
        "VANTA_PANEL_URL",
        "VANTA_PANEL_TOKEN",
        "VANTA_AUDIT_CLIENT_ID",
        "VANTA_AUDIT_CLIENT_SECRET",
        "Developer Console",
        "Auditor API",
        "vWHM",
        "--demo",
    ] {
        assert!(status["toBegin"].as_str().unwrap().contains(told), "{told}: {status}");
        assert!(listed.stderr.contains(told), "{told}: {}", listed.stderr);
    }
}

#[tokio::test]
async fn one_half_of_the_credentials_is_told_in_the_log_the_status_and_the_error() {
    for (variable, tool, told) in [
        ("VANTA_CLIENT_ID", "list_vendors", "has a client id but no secret"),
        ("VANTA_CLIENT_SECRET", "list_vendors", "has a client secret but no id"),
        ("VANTA_AUDIT_CLIENT_ID", "list_audits", "has a client id but no secret"),
        ("VANTA_CONNECTORS_CLIENT_ID", "list_connector_macos_computers", "has a client id but no secret"),
        ("VANTA_PANEL_URL", "list_panel_accounts", "has an address but no token"),
        ("VANTA_PANEL_TOKEN", "list_panel_accounts", "has a token but no address"),
    ] {
        let variables = [(variable, if variable.ends_with("URL") { "https://panel.example/" } else { "a" })];
        let status = run_in(&variables, &["call", "server_status"]).await;
        assert!(status.json()["warnings"][0].as_str().unwrap().contains(told), "{status:?}");
        assert!(status.stderr.contains(told), "{}", status.stderr);
        let call = run_in(&variables, &["call", tool]).await;
        let error = format!("{}{}", call.stdout, call.stderr);
        assert!(error.contains("there are no credentials for"), "{error}");
        assert!(call.stdout.contains(told), "{variable}: {error}");
        assert_eq!(call.stdout.contains("registered audit firms"), tool == "list_audits", "{error}");
    }
    let none = run(&["call", "list_audits"]).await;
    let error = none.stdout;
    assert!(
        error.contains("Set VANTA_AUDIT_CLIENT_ID and VANTA_AUDIT_CLIENT_SECRET. Vanta gives"),
        "{error}"
    );
    assert!(error.contains("registered audit firms") && error.contains("Auditor API"), "{error}");
}

#[tokio::test]
async fn what_the_demo_tenant_ignores_is_told_in_one_line() {
    for (variables, told) in [
        (&[("VANTA_SCOPES", "vanta-api.vendors:read")][..], "VANTA_SCOPES (environment) is ignored"),
        (
            &[("VANTA_SCOPES", "vanta-api.vendors:read"), ("VANTA_PANEL_TOKEN_FILE", "/nowhere")],
            "VANTA_SCOPES (environment), VANTA_PANEL_TOKEN_FILE (environment) are ignored",
        ),
    ] {
        for arguments in [&["call", "--demo", "list_vendors"][..], &["tools", "--demo"]] {
            let done = run_in(variables, arguments).await;
            assert_eq!(done.code, Some(0), "{done:?}");
            let expected =
                format!("the demo tenant uses its own credentials and scopes, so {told}; run without --demo");
            assert_eq!(done.stderr.lines().count(), 1, "{done:?}");
            assert!(done.stderr.contains(&expected), "{done:?}");
        }
    }
    let done = run_in(&[("VANTA_MCP_ACCESS", "write")], &["call", "--demo", "list_vendors"]).await;
    assert_eq!(done.stderr, "", "what is not ignored is not told");
}

#[tokio::test]
async fn an_upstream_is_called_with_the_credentials_of_the_environment() {
    let tenant = tenant(Limits::Off).await;
    let variables = credentials(&tenant);
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let status = run_in(&variables, &["call", "server_status"]).await;
    for secret in [tenant.application(Application::Manage).1, tenant.panel_token()] {
        assert!(!status.stdout.contains(secret));
    }
    assert!(tenant.seen().is_empty());
    run_in(&variables, &["call", "list_audits"]).await.json();
    assert_eq!(tenant.seen().len(), 2);
}

#[tokio::test]
async fn state_is_opened_by_no_command_that_calls_nothing() {
    let folder = Folder::new();
    let tenant = tenant(Limits::Off).await;
    let mut variables: Vec<(&str, String)> = credentials(&tenant).into_iter().collect();
    variables.push(("XDG_STATE_HOME", folder.0.to_str().unwrap().to_owned()));
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, &**value)).collect();
    assert!(run_in(&variables, &["tools"]).await.stdout.contains("list_controls"));
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0);
}
