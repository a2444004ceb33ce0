//! The command line: what a person types, what comes back, and with which exit code.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use vanta_mcp::parts::table;

use crate::harness::{
    BINARY, Listener, PATIENCE, Scratch, Setup, command, credentials, eventually, tenant, unchecked,
};

/// What a finished run left behind.
#[derive(Debug)]
pub struct Done {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Done {
    /// The JSON on stdout of a run that succeeded.
    pub fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// One sentence on stderr with all of this in it, nothing on stdout, exit code 2.
    pub fn is_wrong_usage(&self, expected: &[&str]) {
        assert_eq!((self.code, &*self.stdout), (Some(2), ""), "{self:?}");
        let lines: Vec<&str> = self.stderr.lines().collect();
        let [sentence] = lines[..] else { panic!("not one line: {}", self.stderr) };
        assert!(sentence.starts_with("vanta-mcp: ") && sentence.ends_with(['.', '?']), "{sentence}");
        assert!(!sentence.contains("?."), "one mark ends a sentence: {sentence}");
        let first: Vec<char> = sentence.trim_start_matches("vanta-mcp: ").chars().take(2).collect();
        let is_capital = first[0].is_uppercase() && first[1].is_lowercase();
        assert!(!is_capital, "sentences begin alike: {sentence}");
        for expected in expected {
            assert!(sentence.contains(expected), "{expected}: {sentence}");
        }
    }
}

pub async fn finish(mut command: Command, stdin: &str) -> Done {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that ends without reading closes the pipe, which is its right.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes()).await;
    let output =
        tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("an end in time").unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Done { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Runs the binary in an environment of these variables alone.
pub async fn run_in(variables: &[(&str, &str)], arguments: &[&str]) -> Done {
    let mut command = command();
    command.envs(variables.iter().copied()).args(arguments);
    finish(command, "").await
}

pub async fn run(arguments: &[&str]) -> Done {
    run_in(&[], arguments).await
}

#[tokio::test]
async fn version_and_help_say_what_there_is() {
    let version = run(&["--version"]).await;
    assert_eq!(
        (version.code, version.stdout.trim()),
        (Some(0), concat!("vanta-mcp ", env!("CARGO_PKG_VERSION")))
    );
    let help = run(&["--help"]).await;
    assert_eq!((help.code, &*help.stderr), (Some(0), ""));
    for expected in ["Examples:", "vanta-mcp demo", "vanta-mcp call --demo", "--demo", "serve", "tools"] {
        assert!(help.stdout.contains(expected), "{expected}");
    }
    for setting in table::SETTINGS {
        assert!(help.stdout.contains(setting.env), "{}", setting.env);
        assert!(
            setting.flag.is_none_or(|flag| {
                // A switch may go without its value, which the help writes as --flag[=<...>].
                help.stdout.contains(&format!("--{flag} ")) || help.stdout.contains(&format!("--{flag}[="))
            }),
            "{}",
            setting.key
        );
    }
}

#[tokio::test]
async fn wrong_usage_is_one_sentence_and_exit_code_2() {
    for (arguments, expected) in [
        (&["servee"][..], &["`servee`", "did you mean `serve`?"][..]),
        (&["--acess", "read"], &["`--acess`", "did you mean `--access`?"]),
        (&["call"], &["<TOOL> is missing"]),
        (&["call", "--demo", "list_vendors", "{"], &["the arguments are not a JSON object"]),
        (&["call", "--demo", "list_vendors", "[1]"], &["the arguments are not a JSON object"]),
        (
            &["call", "--demo", "list_vendor"],
            &[
                "unknown tool `list_vendor`; did you mean `list_vendors`? All tools: vanta-mcp tools --toolsets all.",
            ],
        ),
        (&["call", "--demo", "zzzz"], &["unknown tool `zzzz`. All tools: vanta-mcp tools --toolsets all."]),
        (&["tools", "--demo", "list_vendor"], &["unknown tool `list_vendor`; did you mean `list_vendors`?"]),
        (&["tools", "--demo", "--toolsets", "vendor"], &["unknown toolset `vendor`"]),
        (
            &["tools", "--demo", "delete_vendor"],
            &["delete_vendor is not offered", "VANTA_MCP_ACCESS=destroy"],
        ),
        (&["tools", "list_vendors"], &["VANTA_CLIENT_ID and VANTA_CLIENT_SECRET"]),
    ] {
        let done = run_in(&[("VANTA_MCP_LOG", "error")], arguments).await;
        done.is_wrong_usage(expected);
    }
}

#[tokio::test]
async fn a_call_exits_with_0_or_1_and_prints_json_on_a_pipe() {
    let done = run(&["call", "--demo", "list_vendors", r#"{"pageSize":"2"}"#]).await;
    assert_eq!(done.json()["items"].as_array().unwrap().len(), 2);
    let explicit = run(&["call", "--demo", "--json", "list_vendors", r#"{"pageSize":2}"#]).await;
    assert_eq!(explicit.json()["count"], 2);
    for (arguments, expected) in [
        (["call", "--demo", "list_vendors", r#"{"pageSize":"two"}"#], "`pageSize` must be an integer"),
        (["call", "--demo", "get_vendor", r#"{"vendorId":"nobody"}"#], "answered 404"),
        (["call", "--demo", "create_vendor", r#"{"name":"A"}"#], "VANTA_MCP_ACCESS=write"),
    ] {
        let done = run(&arguments).await;
        assert_eq!(done.code, Some(1), "{done:?}");
        let told: Value = serde_json::from_str(&done.stdout).unwrap();
        assert!(told["error"].as_str().unwrap().contains(expected), "{told}");
    }
}

#[tokio::test]
async fn arguments_may_come_from_stdin() {
    for (stdin, code) in [("{\"pageSize\":\n 3}", 0), ("{\"pageSize\":", 2), ("", 2)] {
        let mut command = command();
        command.args(["call", "--demo", "list_vendors", "-"]);
        let done = finish(command, stdin).await;
        assert_eq!(done.code, Some(code), "{done:?}");
        if code == 0 {
            assert_eq!(done.json()["count"], 3);
        } else {
            done.is_wrong_usage(&["the arguments are not a JSON object"]);
        }
    }
}

#[tokio::test]
async fn tools_shows_what_a_client_is_shown() {
    let tenant = crate::harness::tenant(vanta_demo::Limits::Off).await;
    let client =
        Setup::access("write").with("VANTA_TRUST_CENTER", tenant.trust_center()).start_with(tenant).await;
    let listed = serde_json::to_value(client.client.list_tools(None).await.unwrap()).unwrap();
    let shown = run(&["tools", "--demo", "--access", "write", "--toolsets", "all", "--json"]).await.json();
    assert_eq!(shown, listed);

    let table = run(&["tools", "--demo", "--access", "write", "--toolsets", "all"]).await;
    assert_eq!(table.code, Some(0), "{table:?}");
    let rows: Vec<Vec<&str>> = table.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0][..3], ["name", "effect", "scope"]);
    for tool in listed["tools"].as_array().unwrap() {
        let row = rows
            .iter()
            .find(|row| row[0] == tool["name"])
            .unwrap_or_else(|| panic!("{} has no row", tool["name"]));
        let reads = tool["annotations"]["readOnlyHint"] == true;
        assert_eq!(row[1], if reads { "read" } else { "write" });
    }
    let row = rows.iter().find(|row| row[0] == "create_panel_account").unwrap();
    assert_eq!(row[2], "accounts:write");

    let one = run(&["tools", "--demo", "--access", "write", "create_vendor"]).await;
    let tool =
        listed["tools"].as_array().unwrap().iter().find(|tool| tool["name"] == "create_vendor").unwrap();
    assert!(one.stdout.contains(tool["description"].as_str().unwrap()), "{}", one.stdout);
    let schema = one.stdout.split_once("\n{").map(|(_, schema)| format!("{{{schema}")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&schema).unwrap(), tool["inputSchema"]);
}

#[tokio::test]
async fn the_demo_needs_no_credentials_and_ignores_real_ones() {
    let real = Listener::silent().await;
    let variables = [
        ("VANTA_BASE_URL", &*real.url),
        ("VANTA_CLIENT_ID", "real"),
        ("VANTA_CLIENT_SECRET", "real-secret"),
        ("VANTA_PANEL_URL", &*real.url),
        ("VANTA_PANEL_TOKEN", "vp_real"),
    ];
    for tool in ["list_vendors", "list_audits", "list_panel_accounts"] {
        assert!(run_in(&variables, &["call", "--demo", tool]).await.json()["count"].as_u64() > Some(0));
    }
    assert!(real.heard().is_empty(), "{:?}", real.heard());
    let broken = [("VANTA_CLIENT_SECRET_FILE", "/nowhere/at/all"), ("VANTA_PANEL_URL", "http://192.0.2.1/")];
    run_in(&broken, &["call", "--demo", "list_vendors"]).await.json();
    run_in(&variables, &["call", "list_vendors"]).await;
    assert!(!real.heard().is_empty(), "without --demo they are used");
}

#[tokio::test]
async fn on_a_terminal_an_answer_is_readable() {
    if !Path::new("/usr/bin/script").exists() {
        unchecked("how answers look on a terminal: there is no /usr/bin/script to make one with");
        return;
    }
    let terminal = async |arguments: &str| {
        let mut script = Command::new("/usr/bin/script");
        let line = format!("'{BINARY}' call --demo {arguments}");
        script.env_clear().env("PATH", "/usr/bin:/bin").args(["-qec", &line, "/dev/null"]).kill_on_drop(true);
        finish(script, "").await
    };
    let done = terminal("list_vendors '{\"pageSize\":2}'").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let mut lines = done.stdout.lines();
    let head: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(head[..2], ["id", "name"], "{done:?}");
    assert!(lines.any(|line| line == "2 items on this page."), "{done:?}");
    assert!(!done.stdout.contains(r#""items":"#), "no JSON: {done:?}");

    let error = terminal("get_vendor '{\"vendorId\":\"nobody\"}'").await;
    assert_eq!(error.code, Some(1), "{error:?}");
    assert!(error.stdout.starts_with("vanta-mcp: get_vendor: ") && error.stdout.contains("404"), "{error:?}");
    let json = terminal("--json list_vendors '{\"pageSize\":2}'").await;
    assert_eq!(json.json()["count"], 2);
}

/// The binary with a tenant and a state of its own in a file.
async fn with_state(folder: &Scratch) -> (vanta_demo::Tenant, Command) {
    let tenant = tenant(vanta_demo::Limits::Off).await;
    let mut call = command();
    call.envs(credentials(&tenant)).env("VANTA_MCP_STATE", format!("{}/state.db", folder.path()));
    (tenant, call)
}

fn looked_at(tenant: &vanta_demo::Tenant) -> usize {
    let is_look = |path: &str| path.starts_with("/v1/controls/") && path.ends_with("/tests");
    tenant.seen().iter().filter(|seen| is_look(&seen.path)).count()
}

#[cfg(unix)]
#[tokio::test]
async fn a_call_that_is_stopped_says_how_it_goes_on_and_goes_on() {
    let folder = Scratch::new("stopped");
    let (tenant, mut first) = with_state(&folder).await;
    let slow = vanta_demo::FaultKind::Slow(std::time::Duration::from_millis(30));
    let path = vanta_demo::Target::Path("/v1/controls/".to_owned());
    tenant.fault(vanta_demo::Fault { on: path, kind: slow, times: 1000 });
    first.args(["call", "failing_controls"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = first.spawn().unwrap();
    eventually("some controls are looked at", async || looked_at(&tenant) > 60).await;
    let id = child.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.unwrap().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(130), 0), "{stderr}");
    assert!(stderr.contains("stopped; what was found out of the controls so far is kept"), "{stderr}");
    assert!(!stderr.contains("looked at"), "nobody looks at a terminal: {stderr}");

    let before = looked_at(&tenant);
    let mut second = command();
    second.envs(credentials(&tenant)).env("VANTA_MCP_STATE", format!("{}/state.db", folder.path()));
    second.args(["call", "failing_controls"]);
    let answer = finish(second, "").await.json();
    assert_eq!(answer["lookedAt"], answer["of"], "{answer}");
    let all = usize::try_from(answer["of"].as_u64().unwrap()).unwrap();
    let more = looked_at(&tenant) - before;
    assert!(more <= all - 48, "{more} of {all} were looked at again");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn at_a_terminal_a_long_call_says_how_far_it_is() {
    if !Path::new("/usr/bin/script").exists() {
        return unchecked("progress at a terminal: there is no `script` here");
    }
    let folder = Scratch::new("terminal");
    for (more, expected) in [("", true), (" --quiet", false)] {
        let tenant = tenant(vanta_demo::Limits::Off).await;
        let slow = vanta_demo::FaultKind::Slow(std::time::Duration::from_millis(100));
        let path = vanta_demo::Target::Path("/v1/controls/".to_owned());
        tenant.fault(vanta_demo::Fault { on: path, kind: slow, times: 100 });
        let program = format!("{BINARY} call failing_controls{more} >{}/answer", folder.path());
        // It gives what it runs a terminal, and hands on what is written there.
        let mut script = command();
        let variables: Vec<_> = script
            .as_std()
            .get_envs()
            .map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned)))
            .collect();
        script = Command::new("/usr/bin/script");
        script.env_clear().kill_on_drop(true);
        for (name, value) in variables {
            if let Some(value) = value {
                script.env(name, value);
            }
        }
        script.envs(credentials(&tenant)).env("PATH", "/usr/bin:/bin");
        script.args(["-qefc", &program, "/dev/null"]);
        let done = finish(script, "").await;
        assert_eq!(done.code, Some(0), "{done:?}");
        let told = done
            .stdout
            .split('\r')
            .any(|line| line.starts_with("looked at ") && line.contains(" of 156 controls"));
        assert_eq!(told, expected, "{done:?}");
        let answer = std::fs::read_to_string(format!("{}/answer", folder.path())).unwrap();
        assert!(answer.starts_with("{\"failing\""), "{answer}");
        if expected {
            assert!(done.stdout.ends_with('\r'), "the line is gone at the end: {done:?}");
        }
    }
}
