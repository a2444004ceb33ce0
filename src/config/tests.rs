//! Each rule of the settings, with a case that breaks it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::api::{Credential, TokenHeader};
use crate::catalog::{Api, Effect};
use crate::state::StatePlace;

use super::*;

/// A folder of one test's own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("vanta-mcp-config-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn load(
    flags: &[(&'static str, &str)],
    variables: &[(&str, &str)],
    file: Option<&str>,
) -> Result<Config, ConfigError> {
    let flags: BTreeMap<_, _> = flags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
    let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Config::load(&Layers::read(flags, variables, file.map(PathBuf::from))?)
}

fn problem(flags: &[(&'static str, &str)], variables: &[(&str, &str)], file: Option<&str>) -> String {
    load(flags, variables, file).unwrap_err().to_string()
}

#[test]
fn flags_beat_environment_beats_file_beats_default() {
    let folder = Folder::new("order");
    let file = folder.file("config.toml", "access = \"write\"\n");
    let access = |flags: &[_], variables: &[_], file| load(flags, variables, file).unwrap().access;
    assert_eq!(access(&[], &[], None), Effect::Read);
    assert_eq!(access(&[], &[], Some(&file)), Effect::Write);
    assert_eq!(access(&[], &[("VANTA_MCP_ACCESS", "destroy")], Some(&file)), Effect::Destroy);
    assert_eq!(access(&[("access", "read")], &[("VANTA_MCP_ACCESS", "destroy")], Some(&file)), Effect::Read);
    assert_eq!(access(&[], &[("VANTA_MCP_ACCESS", "")], Some(&file)), Effect::Write, "empty is not set");
}

#[test]
fn a_malformed_value_names_the_setting_and_its_source() {
    let folder = Folder::new("malformed");
    let file = folder.file("config.toml", "access = \"all\"\n");
    assert!(
        problem(&[("access", "all")], &[], None).starts_with("--access is invalid: expected read, write")
    );
    assert!(problem(&[], &[("VANTA_MCP_ACCESS", "all")], None).starts_with("VANTA_MCP_ACCESS (environment)"));
    let told = problem(&[], &[], Some(&file));
    assert!(told.contains("`access` (in ") && told.contains("config.toml"), "{told}");
    assert!(problem(&[], &[("VANTA_REGION", "uk")], None).contains("us, eu, aus or gov"));
    assert!(problem(&[], &[("VANTA_MCP_TIMEOUT", "0")], None).contains("1 to 600"));
    assert!(problem(&[], &[("VANTA_PANEL_AUTH", "basic")], None).contains("bearer or x-api-key"));
    assert!(problem(&[], &[("VANTA_MCP_LOG", "loud")], None).contains("VANTA_MCP_LOG"));
    assert!(problem(&[], &[("VANTA_SCOPES", "all")], None).contains("VANTA_SCOPES"));
}

#[test]
fn an_unknown_setting_is_an_error_with_the_nearest() {
    let folder = Folder::new("unknown");
    let file = folder.file("config.toml", "[manage]\nclient_idd = \"x\"\n");
    assert!(problem(&[], &[("VANTA_MCP_ACESS", "read")], None).contains("did you mean `VANTA_MCP_ACCESS`"));
    assert!(problem(&[], &[], Some(&file)).contains("did you mean `manage.client_id`"));
    let slip = load(&[], &[("VANTA_CLIENT_SECRT", "x"), ("VANTA_OTHER_PROGRAM", "x")], None).unwrap();
    assert_eq!(slip.warnings.len(), 1, "{:?}", slip.warnings);
    assert!(slip.warnings[0].contains("did you mean VANTA_CLIENT_SECRET?"));
}

#[test]
fn a_settings_file_that_is_named_must_be_there_and_be_toml() {
    let folder = Folder::new("file");
    assert!(problem(&[("config", "/nowhere/config.toml")], &[], None).contains("/nowhere/config.toml"));
    assert!(load(&[], &[], Some("/nowhere/config.toml")).is_ok(), "the usual one may be absent");
    let file = folder.file("broken.toml", "access = \"read\"\n[manage\nclient_id = \"hunter2-id\"\n");
    let told = problem(&[("config", &file)], &[], None);
    assert!(told.contains("line 2") && !told.contains("hunter2"), "{told}");
}

#[test]
fn credentials_come_from_variables_files_and_vantas_own_file() {
    let folder = Folder::new("credentials");
    let secret = folder.file("secret", "from-file\n");
    let vanta = folder.file("vanta.env", r#"{"client_id": "vci", "client_secret": "vcs"}"#);
    let id = |config: &Config| match config.upstreams.first().map(|upstream| &upstream.credential) {
        Some(Credential::Application { client_id, .. }) => client_id.clone(),
        _ => String::new(),
    };
    let direct = load(&[], &[("VANTA_CLIENT_ID", "a"), ("VANTA_CLIENT_SECRET", "b")], None).unwrap();
    assert_eq!(id(&direct), "a");
    let in_file =
        load(&[], &[("VANTA_CLIENT_ID", "a"), ("VANTA_CLIENT_SECRET_FILE", &secret)], None).unwrap();
    assert_eq!(id(&in_file), "a");
    let own = load(&[], &[("VANTA_ENV_FILE", &vanta)], None).unwrap();
    assert_eq!(id(&own), "vci");
    let both = problem(&[], &[("VANTA_CLIENT_SECRET", "b"), ("VANTA_CLIENT_SECRET_FILE", &secret)], None);
    assert!(both.contains("keep one"), "{both}");
    let mixed = problem(&[], &[("VANTA_CLIENT_ID", "a"), ("VANTA_ENV_FILE", &vanta)], None);
    assert!(mixed.contains("VANTA_CLIENT_ID") && mixed.contains("keep one"), "{mixed}");
    let broken = folder.file("broken.env", r#"{"client_id": "vci", "secret": "hunter2"}"#);
    let told = problem(&[], &[("VANTA_ENV_FILE", &broken)], None);
    assert!(told.contains("VANTA_ENV_FILE") && !told.contains("hunter2"), "{told}");
}

#[test]
fn half_a_credential_is_a_warning_that_says_what_to_set() {
    let half = load(&[], &[("VANTA_AUDIT_CLIENT_ID", "a")], None).unwrap();
    assert!(half.upstreams.is_empty());
    assert!(half.warnings[0].contains("VANTA_AUDIT_CLIENT_SECRET"), "{:?}", half.warnings);
    let half = load(&[], &[("VANTA_PANEL_TOKEN", "vp_x")], None).unwrap();
    assert!(half.warnings[0].contains("VANTA_PANEL_URL"), "{:?}", half.warnings);
}

#[cfg(unix)]
#[test]
fn a_secrets_file_that_others_can_read_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("mode");
    let secret = folder.file("secret", "x-secret");
    for (mode, warned) in [(0o644, true), (0o640, true), (0o700, true), (0o600, false), (0o400, false)] {
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(mode)).unwrap();
        let config =
            load(&[], &[("VANTA_CLIENT_ID", "a"), ("VANTA_CLIENT_SECRET_FILE", &secret)], None).unwrap();
        assert_eq!(config.warnings.iter().any(|warning| warning.contains(&secret)), warned, "{mode:o}");
    }
}

#[test]
fn plain_http_is_for_this_machine_alone() {
    for refused in
        ["http://api.vanta.com", "http://10.0.0.1", "http://localhost.example.com", "http://127.0.0.1.nip.io"]
    {
        assert!(problem(&[("base_url", refused)], &[], None).contains("unencrypted"), "{refused}");
    }
    for accepted in
        ["http://127.0.0.1:9", "http://[::1]:9", "http://localhost:9", "https://vanta.example.com"]
    {
        assert!(load(&[("base_url", accepted)], &[], None).is_ok(), "{accepted}");
    }
    for malformed in ["ftp://127.0.0.1", "https://user:hunter2@host/", "not an address", "https://host/?x=1"]
    {
        let told = problem(&[("base_url", malformed)], &[], None);
        assert!(told.contains("--base-url") && !told.contains("hunter2"), "{told}");
    }
    assert!(
        problem(&[], &[("VANTA_PANEL_URL", "http://panel.example.org")], None).contains("VANTA_PANEL_URL")
    );
}

#[test]
fn regions_and_addresses() {
    let credentials = [("VANTA_CLIENT_ID", "a"), ("VANTA_CLIENT_SECRET", "b")];
    let base = |flags: &[(&'static str, &str)]| {
        load(flags, &credentials, None).unwrap().upstreams[0].base.to_string()
    };
    assert_eq!(base(&[]), "https://api.vanta.com/");
    assert_eq!(base(&[("region", "gov")]), "https://api.vanta-gov.com/");
    for same in ["us", "EU", " Aus ", "'eu'"] {
        assert_eq!(base(&[("region", same)]), "https://api.vanta.com/", "{same}");
    }
    assert_eq!(base(&[("region", "gov"), ("base_url", "https://x.example/v1/")]), "https://x.example/");
}

#[test]
fn scopes_follow_the_access_level_and_what_is_granted() {
    let scopes = |access: &str, granted: &str| {
        let variables = [("VANTA_CLIENT_ID", "a"), ("VANTA_CLIENT_SECRET", "b"), ("VANTA_SCOPES", granted)];
        let config = load(&[("access", access)], &variables, None).unwrap();
        let Credential::Application { scopes, .. } = &config.upstreams[0].credential else { panic!() };
        scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(scopes("read", ""), ["vanta-api.all:read"]);
    assert_eq!(scopes("write", ""), ["vanta-api.all:read", "vanta-api.all:write"]);
    let vendors = "vanta-api.vendors:read, vanta-api.vendors:write";
    assert_eq!(scopes("read", vendors), ["vanta-api.vendors:read"]);
    assert_eq!(scopes("destroy", vendors), ["vanta-api.vendors:read", "vanta-api.vendors:write"]);
}

#[test]
fn no_secret_is_in_debug() {
    let variables = [
        ("VANTA_CLIENT_ID", "a"),
        ("VANTA_CLIENT_SECRET", "hunter2-secret"),
        ("VANTA_PANEL_URL", "https://panel.example.org"),
        ("VANTA_PANEL_TOKEN", "vp_hunter2"),
        ("VANTA_PANEL_AUTH", "x-api-key"),
    ];
    let config = load(&[], &variables, None).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    let swapped = [
        ("VANTA_CLIENT_ID", "hunter2"),
        ("VANTA_CLIENT_SECRET", "an-id"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://me:hunter2@collector.example.com"),
    ];
    let odd = load(&[], &swapped, None).unwrap();
    assert!(odd.telemetry.is_some() && !format!("{odd:?}").contains("hunter2"));
    let panel = config.upstreams.iter().find(|upstream| upstream.api == Api::Panel).unwrap();
    assert!(matches!(panel.credential, Credential::Token { header: TokenHeader::ApiKey, .. }));
}

#[test]
fn the_log_has_a_level_and_a_form_and_never_rmcps_messages() {
    let log = |value: &str| load(&[("log", value)], &[], None).unwrap().log;
    assert_eq!(log("json").format, LogFormat::Json);
    assert_eq!(log("debug,human").format, LogFormat::Human);
    for value in ["trace", "rmcp=trace", "debug,rmcp=debug,json"] {
        let filter = log(value).filter;
        assert!(!filter.would_enable("rmcp", &tracing::Level::DEBUG), "{value}");
        assert!(!filter.would_enable("rmcp::service", &tracing::Level::WARN), "{value}");
    }
    assert!(log("info").filter.would_enable("vanta_mcp", &tracing::Level::INFO));
}

#[test]
fn the_file_takes_each_value_in_its_own_type() {
    let folder = Folder::new("types");
    for (content, sound) in [
        ("timeout = 5", true),
        ("[manage]\nscopes = [\"vanta-api.all:read\"]", true),
        ("access = [\"read\"]", false),
        ("log = 3", false),
        ("[manage]\nclient_id = 5", false),
        ("[manage]\nclient_secret = [\"hunter2\"]", false),
        ("[panel]\nurl = true", false),
    ] {
        let file = folder.file("config.toml", content);
        let loaded = load(&[], &[], Some(&file));
        assert_eq!(loaded.is_ok(), sound, "{content}");
        assert!(!format!("{loaded:?}").contains("hunter2"));
    }
}

#[test]
fn what_can_only_be_a_slip_is_told() {
    let split = problem(
        &[],
        &[("VANTA_PANEL_URL", "https://p.example"), ("VANTA_PANEL_TOKEN", "vp_hunter2\nx")],
        None,
    );
    assert!(split.contains("VANTA_PANEL_TOKEN") && !split.contains("hunter2"), "{split}");
    let twice = [
        ("VANTA_CLIENT_ID", "a"),
        ("VANTA_CLIENT_SECRET", "b"),
        ("VANTA_AUDIT_CLIENT_ID", "a"),
        ("VANTA_AUDIT_CLIENT_SECRET", "b"),
    ];
    assert!(load(&[], &twice, None).unwrap().warnings[0].contains("same client id"));
}

#[test]
fn the_two_halves_of_a_credential_are_of_one_source() {
    let folder = Folder::new("halves");
    let vanta = folder.file("vanta.env", r#"{"client_id": "vci", "client_secret": "hunter2"}"#);
    let file = folder.file("config.toml", &format!("[manage]\nenv_file = '{vanta}'\n"));
    let mixed = problem(&[], &[("VANTA_CLIENT_ID", "a")], Some(&file));
    assert!(mixed.contains("use one source") && !mixed.contains("hunter2"), "{mixed}");
    let whole = load(&[], &[("VANTA_CLIENT_ID", "a"), ("VANTA_CLIENT_SECRET", "b")], Some(&file));
    assert!(whole.is_ok(), "a whole one in a stronger place is used");
}

#[test]
fn messages_name_settings_that_there_are() {
    let known: Vec<String> = table::variables().collect();
    for api in Api::ALL {
        for variable in crate::api::credential_settings(api).split(" and ") {
            assert!(known.iter().any(|known| known == variable), "{variable}");
        }
    }
}

#[test]
fn each_name_of_a_list_may_have_quotation_marks() {
    let flags = [
        ("http.listen", "127.0.0.1:0"),
        ("http.issuer", "https://login.example.com"),
        ("http.public_url", "https://mcp.example.com/mcp"),
        ("http.audience", "\"a b\", 'c',d"),
    ];
    let variables = [("VANTA_CLIENT_ID", "a"), ("VANTA_CLIENT_SECRET", "b")];
    let scopes = ("VANTA_SCOPES", "'vanta-api.vendors:read','vanta-api.documents:read'");
    let config = load(&flags, &[variables[0], variables[1], scopes], None).unwrap();
    assert_eq!(config.http.unwrap().callers.oauth.unwrap().audiences, ["a b", "c", "d"]);
    let Credential::Application { scopes, .. } = &config.upstreams[0].credential else { panic!() };
    assert_eq!(scopes.len(), 2);
}

#[test]
fn state_is_kept_in_a_file_a_database_or_memory() {
    let folder = Folder::new("state");
    let place =
        |value: &str| load(&[], &[("VANTA_MCP_STATE", value), ("HOME", "/home/me")], None).map(|c| c.state);
    let file = |value: &str| match place(value).unwrap() {
        StatePlace::File(Some(path)) => path.display().to_string(),
        other => panic!("{value}: {other:?}"),
    };
    assert!(
        matches!(place("memory"), Ok(StatePlace::Memory))
            && matches!(place("Memory"), Ok(StatePlace::Memory))
    );
    #[cfg(unix)]
    for (value, path) in [
        ("/srv/state.db", "/srv/state.db"),
        ("~/x/state.db", "/home/me/x/state.db"),
        ("file:///srv/a%20b.db", "/srv/a b.db"),
    ] {
        assert_eq!(file(value), path);
    }
    assert!(file("").ends_with("state.db"), "{}", file(""));
    let existing = folder.0.display().to_string();
    for value in [
        "foo",
        "state.db",
        "./state.db",
        "mysql://me:hunter2@host/x",
        "redis://host",
        "sqlite:///srv/x",
        "file://x/y",
        &existing,
    ] {
        let told = place(value).unwrap_err().to_string();
        assert!(told.starts_with("VANTA_MCP_STATE (environment) ") && !told.contains("hunter2"), "{told}");
        assert!(
            !value.contains("//") || told.contains("postgres://") || told.contains("another machine"),
            "{told}"
        );
    }
    let unfilled = place("${HOME}/state.db").unwrap_err().to_string();
    assert!(unfilled.contains("placeholder"), "{unfilled}");
    let flag = load(&[("state", "memory")], &[("VANTA_MCP_STATE", "foo")], None).unwrap();
    assert!(matches!(flag.state, StatePlace::Memory));
}

#[cfg(feature = "postgres")]
#[test]
fn the_password_of_a_database_is_never_shown_and_no_flag_takes_it() {
    let folder = Folder::new("state-database");
    let url = "postgres://me:hunter2@db.example.com/state?sslmode=verify-full";
    let loaded = load(&[], &[("VANTA_MCP_STATE", url)], None).unwrap();
    let shown = format!("{loaded:?}");
    assert!(shown.contains("me@db.example.com:5432/state") && !shown.contains("hunter2"), "{shown}");
    let told = problem(&[("state", url)], &[], None);
    assert!(told.contains("--state holds a password") && !told.contains("hunter2"), "{told}");
    assert!(load(&[("state", "postgres://me@db.example.com/state")], &[], None).is_ok());
    for (value, expected) in [
        ("postgres://me:hunter2@host/s?sslmode=on", "unknown sslmode"),
        ("postgres://me:hun@ter2@host/s", "%40"),
        ("postgres://me:hunter2@host/s?colour=red", "cannot be read as postgres://"),
        ("postgres://me:${PASSWORD}@host/s", "placeholder"),
    ] {
        let told = problem(&[], &[("VANTA_MCP_STATE", value)], None);
        assert!(told.contains(expected) && !told.contains("hun"), "{told}");
    }
    let file = folder.file("config.toml", &format!("state = \"{url}\"\n"));
    let warnings = load(&[], &[], Some(&file)).unwrap().warnings;
    assert_eq!(warnings.len(), usize::from(cfg!(unix)), "{warnings:?}");
    let file = folder.file("config.toml", "state = \"memory\"\n");
    assert!(load(&[], &[], Some(&file)).unwrap().warnings.is_empty());
}
