//! The binary over HTTP.

mod addresses;
mod admin;
mod attacks;
mod bounds;
mod callers;
mod entra;
mod exports;
mod forms;
mod issuer;
mod legacy;
mod meant;
mod oauth;
mod pool;
mod precise;
mod protocol;
mod revoked;
mod serving;
mod short;
mod tasks;
mod tls;

use std::process::Stdio;
use std::sync::Arc;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::Child;
use tokio::sync::Mutex;
use vanta_demo::{Limits, Tenant};

use crate::harness::{PATIENCE, Scratch, command, credentials, tenant};

/// The binary serving at a port of its own, with a tenant behind it.
struct Served {
    tenant: Tenant,
    child: Child,
    /// `127.0.0.1:port`
    address: String,
    client: Client,
    log: Arc<Mutex<String>>,
}

/// Which generation a request is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Era<'s> {
    /// 2025-11-25, in the session of this id.
    Session(&'s str),
    /// 2026-07-28, where each request stands alone.
    Alone,
}

impl Served {
    /// Serves everything up to `destroy` with these arguments besides.
    async fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, &[]).await
    }

    async fn start_with(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::start_at("127.0.0.1:0", arguments, variables).await
    }

    async fn start_at(listen: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let tenant = tenant(Limits::Off).await;
        let mut command = command();
        command
            .envs(credentials(&tenant))
            .env("VANTA_MCP_ACCESS", "destroy")
            .envs(variables.iter().copied())
            .args(["serve", "--http", listen])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let log = Arc::new(Mutex::new(String::new()));
        let address = loop {
            let mut line = String::new();
            let read =
                tokio::time::timeout(PATIENCE, stderr.read_line(&mut line)).await.expect("a line in time");
            assert_ne!(read.unwrap(), 0, "it ended: {}", log.lock().await);
            log.lock().await.push_str(&line);
            if let Some((_, rest)) = line.split_once("serving MCP at ") {
                let url = rest.split_once("://").unwrap().1;
                break url.split_once('/').unwrap().0.to_owned();
            }
        };
        let into = Arc::clone(&log);
        tokio::spawn(async move {
            let mut chunk = [0; 4096];
            while let Ok(read @ 1..) = stderr.read(&mut chunk).await {
                into.lock().await.push_str(&String::from_utf8_lossy(&chunk[..read]));
            }
        });
        Self { tenant, child, address, client: client(), log }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A message as a client of this generation posts it.
    fn post(&self, token: Option<&str>, era: Era<'_>, mut message: Value) -> RequestBuilder {
        let mut request = self
            .client
            .request(Method::POST, self.url("/mcp"))
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json, text/event-stream");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        match era {
            Era::Session("") => {}
            Era::Session(id) => request = request.header("mcp-session-id", id),
            Era::Alone => {
                request = request
                    .header("mcp-protocol-version", "2026-07-28")
                    .header("mcp-method", message["method"].as_str().unwrap());
                if let Some(name) = message["params"]["name"].as_str() {
                    request = request.header("mcp-name", name);
                }
                message["params"]["_meta"] = json!({
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientCapabilities": {},
                    "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "0"},
                });
            }
        }
        request.body(message.to_string())
    }

    /// The answer to `initialize`, whatever it is.
    async fn initialize(&self, token: Option<&str>) -> Response {
        let message = json!({
            "jsonrpc": "2.0", "id": 0, "method": "initialize",
            "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}
        });
        self.post(token, Era::Session(""), message).send().await.unwrap()
    }

    /// The id of a new session.
    async fn session(&self, token: Option<&str>) -> String {
        let response = self.initialize(token).await;
        assert_eq!(response.status(), 200);
        let id = response.headers()["mcp-session-id"].to_str().unwrap().to_owned();
        let message = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let noted = self.post(token, Era::Session(&id), message).send().await.unwrap();
        assert_eq!(noted.status(), 202);
        id
    }

    /// The answer to one request, whatever it is.
    async fn ask(&self, token: Option<&str>, era: Era<'_>, method: &str, params: Value) -> Response {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        self.post(token, era, message).send().await.unwrap()
    }

    async fn call(&self, token: Option<&str>, era: Era<'_>, tool: &str, arguments: Value) -> Value {
        let response =
            self.ask(token, era, "tools/call", json!({"name": tool, "arguments": arguments})).await;
        assert_eq!(response.status(), 200);
        message(response).await
    }

    /// The names that `tools/list` answers.
    async fn names(&self, token: Option<&str>, era: Era<'_>) -> Vec<String> {
        let listed = message(self.ask(token, era, "tools/list", json!({})).await).await;
        let tools = listed["result"]["tools"].as_array().unwrap();
        tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    }

    /// What the process holds in memory, in KiB; zero on a system that does not tell, which Linux is not.
    fn resident_kib(&self) -> u64 {
        if !cfg!(target_os = "linux") {
            return 0;
        }
        let id = self.child.id().unwrap();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Sends a signal.
    fn signal(&self, signal: &str) {
        let id = self.child.id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
    }
}

pub fn client() -> Client {
    // Only once for the process, whichever test comes first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

/// The JSON-RPC message with an id in an answer, be it JSON or a stream of events.
async fn message(response: Response) -> Value {
    let text = tokio::time::timeout(PATIENCE, response.text()).await.expect("an answer in time").unwrap();
    let lines = text.lines().map(|line| line.strip_prefix("data:").unwrap_or(line).trim());
    let messages = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages
        .into_iter()
        .find(|message| message.get("id").is_some())
        .unwrap_or_else(|| panic!("no message: {text}"))
}

/// The text of a tool's answer, and whether it is an error. What is no tool's answer fails the test.
fn told(answer: &Value) -> (bool, String) {
    let result = &answer["result"];
    let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no tool's answer: {answer}"));
    (result["isError"] == true, text.to_owned())
}

/// A file of tokens, and the tokens.
struct Tokens {
    _folder: Scratch,
    path: String,
}

impl Tokens {
    fn new() -> Self {
        let folder = Scratch::new("tokens");
        let path = format!("{}/tokens.toml", folder.path());
        std::fs::write(&path, "").unwrap();
        Self { _folder: folder, path }
    }

    /// A new token, as the command makes it.
    async fn add(&self, name: &str, arguments: &[&str]) -> String {
        let made = command()
            .args(["token", "new", name, "--tokens", &self.path])
            .args(arguments)
            .output()
            .await
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    }
}
