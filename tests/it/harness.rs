//! The real binary with a client at one end and a demo tenant at the other.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jsonschema::Validator;
use rmcp::model::{CallToolRequestParams, CallToolResult, ErrorData, ProtocolVersion};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt as _, RoleClient, RunningService, ServiceError};
use rmcp::transport::TokioChildProcess;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;
use vanta_demo::{Application, Fault, FaultKind, Limits, Options, Seen, Size, Target, Tenant};

/// The binary under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_vanta-mcp");

/// Longer than anything here may take; a test that waits this long has failed.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The generation of the protocol that a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// 2025-11-25, with `initialize`.
    Initialize,
    /// 2026-07-28, with `server/discover` and `_meta` on each request.
    Discover,
}

/// What a run begins with.
pub struct Setup {
    pub generation: Generation,
    pub limits: Limits,
    /// How large the tenant's company is.
    pub size: Size,
    /// The value of `VANTA_MCP_ACCESS`; none leaves it out.
    pub access: Option<&'static str>,
    /// Further variables; an empty value takes one away.
    pub variables: BTreeMap<&'static str, String>,
    pub arguments: Vec<&'static str>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            generation: Generation::Initialize,
            limits: Limits::Off,
            size: Size::Usual,
            access: Some("destroy"),
            variables: BTreeMap::new(),
            arguments: Vec::new(),
        }
    }
}

impl Setup {
    pub fn access(access: &'static str) -> Self {
        Self { access: Some(access), ..Self::default() }
    }

    /// With a tenant of so many controls, and more of everything else; see [`Size::Large`].
    pub fn large(controls: usize) -> Self {
        Self { size: Size::Large { controls }, ..Self::default() }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.insert(name, value.into());
        self
    }

    /// The binary connected to a fresh tenant.
    pub async fn start(self) -> Run {
        let options = Options { limits: self.limits, size: self.size, ..Options::default() };
        let tenant = Tenant::start(options).await.unwrap();
        self.start_with(tenant).await
    }

    pub async fn start_with(self, tenant: Tenant) -> Run {
        let mut command = command();
        command.envs(credentials(&tenant)).env("VANTA_MCP_TOOLSETS", "all");
        if let Some(access) = self.access {
            command.env("VANTA_MCP_ACCESS", access);
        }
        for (name, value) in &self.variables {
            if value.is_empty() {
                command.env_remove(name)
            } else {
                command.env(name, value)
            };
        }
        command.args(&self.arguments);
        let (process, stderr) = TokioChildProcess::builder(command).stderr(Stdio::piped()).spawn().unwrap();
        let pid = process.id().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let into = Arc::clone(&log);
        let mut stderr = stderr.unwrap();
        tokio::spawn(async move {
            let mut chunk = [0; 4096];
            while let Ok(read @ 1..) = stderr.read(&mut chunk).await {
                into.lock().await.push_str(&String::from_utf8_lossy(&chunk[..read]));
            }
        });
        let lifecycle = match self.generation {
            Generation::Initialize => ClientLifecycleMode::Initialize,
            Generation::Discover => {
                ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] }
            }
        };
        let client = ().serve_with_lifecycle(process, lifecycle).await.unwrap();
        Run { tenant, client, log, pid }
    }
}

/// A tenant of which nobody has asked anything yet, always the same company at the same moment of generation.
pub async fn tenant(limits: Limits) -> Tenant {
    Tenant::start(Options { limits, ..Options::default() }).await.unwrap()
}

/// The binary in an environment of its own: no variable and no settings file of this machine reaches it.
pub fn command() -> Command {
    let mut command = Command::new(BINARY);
    command.env_clear().env("HOME", empty_home()).env("XDG_CONFIG_HOME", empty_home()).kill_on_drop(true);
    // Tests ask more of their tenants in a second than Vanta takes in a minute.
    command.env("VANTA_MCP_LIMITS", "off").env("VANTA_MCP_STATE", "memory");
    // And they change them behind the server's back.
    command.env("VANTA_MCP_CACHE", "0");
    // Nothing is read that nobody asked for.
    command.env("VANTA_MCP_INDEX", "asked");
    // Tests of how long an answer is say so.
    command.env("VANTA_MCP_MAX_CHARS", "1000000");
    command
}

fn empty_home() -> PathBuf {
    let home = std::env::temp_dir().join("vanta-mcp-tests-empty-home");
    std::fs::create_dir_all(&home).unwrap();
    home
}

/// Everything that gives a process access to a tenant.
pub fn credentials(tenant: &Tenant) -> BTreeMap<&'static str, String> {
    let mut variables = BTreeMap::new();
    for (application, id, secret) in [
        (Application::Manage, "VANTA_CLIENT_ID", "VANTA_CLIENT_SECRET"),
        (Application::Audit, "VANTA_AUDIT_CLIENT_ID", "VANTA_AUDIT_CLIENT_SECRET"),
        (Application::Connectors, "VANTA_CONNECTORS_CLIENT_ID", "VANTA_CONNECTORS_CLIENT_SECRET"),
    ] {
        let (client_id, client_secret) = tenant.application(application);
        variables.insert(id, client_id.to_owned());
        variables.insert(secret, client_secret.to_owned());
    }
    variables.insert("VANTA_BASE_URL", tenant.vanta_url());
    variables.insert("VANTA_PANEL_URL", tenant.panel_url());
    variables.insert("VANTA_PANEL_TOKEN", tenant.panel_token().to_owned());
    variables
}

/// The output schemas of all tools that have one.
static OUTPUT_SCHEMAS: LazyLock<BTreeMap<String, Validator>> = LazyLock::new(|| {
    let arguments = ["tools", "--demo", "--access", "destroy", "--toolsets", "all", "--json"];
    let shown = std::process::Command::new(BINARY).args(arguments).env_clear().output().unwrap();
    let list: Value = serde_json::from_slice(&shown.stdout).unwrap();
    let tools = list["tools"].as_array().unwrap().iter().filter(|tool| tool.get("outputSchema").is_some());
    tools
        .map(|tool| {
            let validator = jsonschema::validator_for(&tool["outputSchema"]).unwrap();
            (tool["name"].as_str().unwrap().to_owned(), validator)
        })
        .collect()
});

/// Clients refuse a result that is not what the tool's output schema says: every answer in these tests has to be.
fn fits_its_schema(tool: &str, result: &CallToolResult) {
    let Some(schema) = OUTPUT_SCHEMAS.get(tool).filter(|_| result.is_error != Some(true)) else { return };
    let content = result.structured_content.as_ref();
    let content = content.unwrap_or_else(|| panic!("{tool}: no structured content"));
    let wrong: Vec<_> = schema.iter_errors(content).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{tool}: {wrong:?} in {content}");
}

/// A running binary, its client and its tenant.
pub struct Run {
    pub tenant: Tenant,
    pub client: RunningService<RoleClient, ()>,
    log: Arc<Mutex<String>>,
    pid: u32,
}

impl Run {
    /// The most memory that the binary has had at once, in KiB.
    #[cfg(target_os = "linux")]
    pub fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// The result of one call; a protocol error fails the test.
    pub async fn result(&self, tool: &str, arguments: Value) -> CallToolResult {
        self.attempt(tool, arguments).await.unwrap()
    }

    /// One call that may be answered with a protocol error.
    pub async fn attempt(&self, tool: &str, arguments: Value) -> Result<CallToolResult, ServiceError> {
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        let request = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        let result = tokio::time::timeout(PATIENCE, self.client.call_tool(request)).await;
        let result = result.expect("an answer in time");
        if let Ok(result) = &result {
            fits_its_schema(tool, result);
        }
        result
    }

    /// The structured content of a call that must succeed; a list's items are objects unless the call says otherwise.
    pub async fn value(&self, tool: &str, mut arguments: Value) -> Value {
        if tool.starts_with("list_")
            && let Some(members) = arguments.as_object_mut()
        {
            members.entry("format").or_insert_with(|| Value::from("json"));
        }
        let result = self.result(tool, arguments).await;
        assert_ne!(result.is_error, Some(true), "{tool}: {}", text(&result));
        result.structured_content.expect("structured content")
    }

    /// The arguments of a destructive call with the confirmation of its preview.
    pub async fn previewed(&self, tool: &str, arguments: &Value) -> Value {
        let mut unseen = arguments.clone();
        unseen.as_object_mut().unwrap().remove("confirm");
        let preview = self.value(tool, unseen).await;
        let mut confirmed = arguments.clone();
        confirmed["confirmation"] = preview["confirmation"].clone();
        assert!(confirmed["confirmation"].is_string(), "{tool}: {preview}");
        confirmed
    }

    /// What a destructive call brings that is previewed and then confirmed; its arguments hold `confirm`.
    pub async fn confirmed(&self, tool: &str, arguments: Value) -> Value {
        self.value(tool, self.previewed(tool, &arguments).await).await
    }

    /// The text of a call that must be answered with an error.
    pub async fn error(&self, tool: &str, arguments: Value) -> String {
        let result = self.result(tool, arguments).await;
        assert_eq!(result.is_error, Some(true), "{tool} succeeded: {}", text(&result));
        assert!(result.structured_content.is_none(), "an error is text alone");
        text(&result)
    }

    /// The protocol error of a call that must be refused as such.
    pub async fn protocol_error(&self, tool: &str, arguments: Value) -> ErrorData {
        match self.attempt(tool, arguments).await {
            Err(ServiceError::McpError(error)) => error,
            other => panic!("no protocol error: {other:?}"),
        }
    }

    /// Names of the listed tools.
    pub async fn names(&self) -> Vec<String> {
        let tools = self.client.list_all_tools().await.unwrap();
        tools.into_iter().map(|tool| tool.name.into_owned()).collect()
    }

    /// What the API saw, token requests left out.
    pub fn seen(&self) -> Vec<Seen> {
        self.tenant.seen().into_iter().filter(|seen| seen.path != "/oauth/token").collect()
    }

    /// The token requests.
    pub fn token_requests(&self) -> Vec<Seen> {
        self.tenant.seen().into_iter().filter(|seen| seen.path == "/oauth/token").collect()
    }

    /// Whether anything that could change something was sent.
    pub fn sent_changes(&self) -> bool {
        self.seen().iter().any(|seen| seen.method != "GET")
    }

    /// Lets something go wrong with the next so many requests of a kind.
    pub fn fault(&self, on: Target, kind: FaultKind, times: u32) {
        self.tenant.fault(Fault { on, kind, times });
    }

    /// What the binary has written to stderr so far.
    pub async fn log(&self) -> String {
        self.log.lock().await.clone()
    }
}

/// Waits until something is so, and fails where it never is.
pub async fn eventually(what: &str, is_so: impl AsyncFnMut() -> bool) {
    within(PATIENCE, what, is_so).await;
}

/// The same for what takes many requests one after the other.
pub async fn within(patience: Duration, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + patience;
    while !is_so().await {
        assert!(tokio::time::Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The text of a result.
pub fn text(result: &CallToolResult) -> String {
    result.content.iter().filter_map(|block| block.as_text()).map(|text| text.text.as_str()).collect()
}

/// The binary on bare pipes, for what a well-behaved client never sends.
pub struct Wire {
    pub child: Child,
    pub stdin: Option<ChildStdin>,
    pub stdout: Lines<BufReader<ChildStdout>>,
}

impl Wire {
    /// Starts `vanta-mcp serve` in the given environment.
    pub fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { stdin: child.stdin.take(), child, stdout }
    }

    /// Sends bytes as they are.
    pub async fn send(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes).await.unwrap();
        stdin.flush().await.unwrap();
    }

    /// Sends one message in one line.
    pub async fn message(&mut self, message: &Value) {
        self.send(format!("{message}\n").as_bytes()).await;
    }

    /// The next line of stdout, which must be JSON; `None` where stdout has ended.
    pub async fn receive(&mut self) -> Option<Value> {
        let line = tokio::time::timeout(PATIENCE, self.stdout.next_line()).await.expect("a line in time");
        line.unwrap().map(|line| serde_json::from_str(&line).expect("stdout carries protocol alone"))
    }

    /// Goes through `initialize` as a 2025-11-25 client does.
    pub async fn initialize(&mut self) {
        self.message(&serde_json::json!({
            "jsonrpc": "2.0", "id": 0, "method": "initialize",
            "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}
        }))
        .await;
        assert_eq!(self.receive().await.unwrap()["id"], 0);
        self.message(&serde_json::json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
    }

    /// Closes stdin, as a client does that leaves.
    pub fn leave(&mut self) {
        self.stdin = None;
    }
}

/// A bare HTTP listener that keeps every request as it came, for addresses where nothing, or no tenant, should be.
pub struct Listener {
    pub url: String,
    heard: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Listener {
    /// Answers each request with a status and a JSON text.
    pub async fn start(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
        let (into, answer) = (Arc::clone(&heard), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (into, answer) = (Arc::clone(&into), Arc::clone(&answer));
                tokio::spawn(async move {
                    let request = request(&mut stream).await;
                    into.lock().unwrap().push(request.clone());
                    let (status, body) = answer(&request);
                    let head = format!(
                        "HTTP/1.1 {status} Scripted\r\ncontent-type: application/json\r\nconnection: close"
                    );
                    let _ = stream
                        .write_all(
                            format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).as_bytes(),
                        )
                        .await;
                });
            }
        });
        Self { url, heard }
    }

    /// One that should hear nothing.
    pub async fn silent() -> Self {
        Self::start(|_| (502, "{}".to_owned())).await
    }

    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// A whole request: up to the end of its head, then as much as it announces.
pub async fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let announced = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            if body.len() >= announced.unwrap_or(0) {
                return text;
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return text;
        }
    }
}

/// A folder of a test's own, gone with it.
pub struct Scratch(TempDir);

impl Scratch {
    pub fn new(name: &str) -> Self {
        Self(TempDir::with_prefix(format!("vanta-mcp-{name}-")).unwrap())
    }

    pub fn path(&self) -> String {
        self.0.path().to_string_lossy().into_owned()
    }
}

/// Says that something is not checked, as what it is checked with is not there: past the test runner's capture, since it
/// must not look like a check that passed. Where everything has to be checked, as in `.ci/run`, it fails.
pub fn unchecked(what: &str) {
    assert!(std::env::var_os("VANTA_MCP_CHECK_ALL").is_none(), "NOT CHECKED: {what}");
    std::io::Write::write_all(&mut std::io::stderr(), format!("NOT CHECKED: {what}\n").as_bytes()).unwrap();
}
