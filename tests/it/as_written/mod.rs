//! Settings, secrets, paths and certificates as people write and paste them, by every way that leads into the binary: one
//! table of cases, each with what is set, what is called, and what is told.

mod chosen;
mod pasted;
mod paths;
mod reached;

use std::fs;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use vanta_demo::{Limits, Tenant};

use crate::cli::run_in;
use crate::harness::{PATIENCE, Scratch, Wire, command, tenant};

/// How a case ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The call is answered.
    Answered,
    /// The call is answered with an error.
    Refused,
    /// The binary does not start.
    NotStarted,
}

/// By which ways a case is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ways {
    All,
    /// Not over HTTP, where a path of this machine means nothing.
    Local,
}

struct Case {
    name: &'static str,
    variables: Vec<(&'static str, String)>,
    flags: Vec<String>,
    tool: &'static str,
    arguments: Value,
    ways: Ways,
    end: End,
    /// What the answer, or the log, must tell.
    told: Vec<String>,
    /// What neither may.
    untold: Vec<String>,
}

impl Case {
    fn new(name: &'static str, variables: &[(&'static str, &str)]) -> Self {
        Self {
            name,
            variables: variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
            flags: Vec::new(),
            tool: "server_status",
            arguments: json!({}),
            ways: Ways::All,
            end: End::Answered,
            told: Vec::new(),
            untold: vec!["hunter2".to_owned()],
        }
    }

    fn calls(self, tool: &'static str) -> Self {
        Self { tool, ..self }
    }

    fn with(self, arguments: Value) -> Self {
        Self { arguments, ways: Ways::Local, ..self }
    }

    fn flags(self, flags: &[&str]) -> Self {
        Self { flags: flags.iter().map(|flag| (*flag).to_owned()).collect(), ..self }
    }

    fn ends(self, end: End) -> Self {
        Self { end, ..self }
    }

    fn tells(mut self, told: &[&str]) -> Self {
        self.told.extend(told.iter().map(|told| (*told).to_owned()));
        self
    }

    fn hides(mut self, untold: &[&str]) -> Self {
        self.untold.extend(untold.iter().map(|untold| (*untold).to_owned()));
        self
    }

    async fn check(&self) {
        let variables: Vec<(&str, &str)> =
            self.variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.judge("call", self.by_call(&variables).await);
        self.judge("stdio", self.by_stdio(&variables).await);
        if self.ways == Ways::All {
            self.judge("http", self.by_http(&variables).await);
        }
    }

    fn judge(&self, way: &str, (end, told): (End, String)) {
        assert_eq!(end, self.end, "{} by {way}: {told}", self.name);
        for expected in &self.told {
            assert!(told.contains(expected), "{} by {way}: {expected}: {told}", self.name);
        }
        for hidden in &self.untold {
            assert!(!told.contains(hidden), "{} by {way}: {hidden}: {told}", self.name);
        }
    }

    async fn by_call(&self, variables: &[(&str, &str)]) -> (End, String) {
        let arguments = self.arguments.to_string();
        let mut line = vec!["call", self.tool, &arguments];
        line.extend(self.flags.iter().map(String::as_str));
        let done = run_in(variables, &line).await;
        let end = match done.code {
            Some(0) => End::Answered,
            Some(1) => End::Refused,
            _ => End::NotStarted,
        };
        let answer: Value = serde_json::from_str(&done.stdout).unwrap_or_default();
        let answer = answer["error"].as_str().unwrap_or(&done.stdout).to_owned();
        (end, format!("{answer}\n{}", done.stderr))
    }

    async fn by_stdio(&self, variables: &[(&str, &str)]) -> (End, String) {
        let mut command = command();
        command.envs(variables.iter().copied()).arg("serve").args(&self.flags);
        if self.end == End::NotStarted {
            let output = command.stdin(Stdio::null()).output().await.unwrap();
            return ended(output.status.code(), &output.stderr);
        }
        let mut wire = Wire::start(command);
        wire.initialize().await;
        wire.message(&self.message()).await;
        let answer = wire.receive().await.unwrap();
        read(&answer)
    }

    async fn by_http(&self, variables: &[(&str, &str)]) -> (End, String) {
        let mut command = command();
        command.envs(variables.iter().copied()).args(["serve", "--http", "127.0.0.1:0"]).args(&self.flags);
        if self.end == End::NotStarted {
            let output = command.stdin(Stdio::null()).output().await.unwrap();
            return ended(output.status.code(), &output.stderr);
        }
        let mut served = Served::begin(command).await;
        let mut message = self.message();
        message["params"]["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "0"},
        });
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let sent = client
            .post(&served.url)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", "tools/call")
            .header("mcp-name", self.tool)
            .body(message.to_string());
        let text = sent.send().await.unwrap().text().await.unwrap();
        let mut answers = text.lines().filter_map(|line| {
            serde_json::from_str::<Value>(line.strip_prefix("data:").unwrap_or(line)).ok()
        });
        let (end, told) = read(&answers.rfind(|one| one.get("id").is_some()).expect(&text));
        (end, format!("{told}\n{}", served.end().await))
    }

    fn message(&self) -> Value {
        let call = json!({"name": self.tool, "arguments": self.arguments});
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call})
    }
}

/// The binary that serves over HTTP.
struct Served {
    child: Child,
    stderr: BufReader<ChildStderr>,
    log: String,
    /// Of `/mcp`.
    url: String,
}

impl Served {
    async fn begin(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut log = String::new();
        let url = loop {
            let begun = log.len();
            let read =
                tokio::time::timeout(PATIENCE, stderr.read_line(&mut log)).await.expect("a line in time");
            assert_ne!(read.unwrap(), 0, "it ended: {log}");
            if let Some((_, rest)) = log[begun..].split_once("serving MCP at ") {
                break rest.split([';', '\n']).next().unwrap().to_owned();
            }
        };
        Self { child, stderr, log, url }
    }

    /// All that it has logged.
    async fn end(&mut self) -> String {
        self.child.kill().await.unwrap();
        self.stderr.read_to_string(&mut self.log).await.unwrap();
        self.log.clone()
    }
}

fn ended(code: Option<i32>, stderr: &[u8]) -> (End, String) {
    let end = if code == Some(2) { End::NotStarted } else { End::Answered };
    (end, String::from_utf8_lossy(stderr).into_owned())
}

fn read(answer: &Value) -> (End, String) {
    let result = &answer["result"];
    let text = result["content"][0]["text"].as_str().unwrap_or_default();
    let error = answer["error"]["message"].as_str().unwrap_or_default();
    let is_error = result["isError"] == true || answer.get("error").is_some();
    (if is_error { End::Refused } else { End::Answered }, format!("{text}{error}"))
}

/// What the cases are about.
struct World {
    tenant: Tenant,
    scratch: Scratch,
}

impl World {
    async fn new() -> Self {
        Self { tenant: tenant(Limits::Off).await, scratch: Scratch::new("as-written") }
    }

    fn folder(&self) -> String {
        self.scratch.path()
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = format!("{}/{name}", self.folder());
        fs::write(&path, content).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path
    }

    /// A case with the tenant as Vanta, and further variables.
    fn vanta(&self, name: &'static str, more: &[(&'static str, &str)]) -> Case {
        let mut case = Case::new(name, &[("VANTA_BASE_URL", &self.tenant.vanta_url())]);
        case.variables.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        case.calls("list_frameworks")
    }
}
