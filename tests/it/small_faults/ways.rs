//! An upstream that answers in bytes, and the binary before it by all three ways.

use std::process::Stdio;
use std::sync::{Arc, Mutex};

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use crate::cli::finish;
use crate::harness::{PATIENCE, Wire, command};
use crate::http::client;

/// What the upstream answers to whatever it is asked but for a token.
#[derive(Clone)]
pub struct Scripted {
    /// 0 is none: the connection is cut once the request is there.
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
}

/// An upstream that answers what it is told to, in bytes.
pub struct Script {
    url: String,
    pub next: Arc<Mutex<Scripted>>,
    /// The first lines of the requests.
    pub heard: Arc<Mutex<Vec<String>>>,
}

impl Script {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let next = Arc::new(Mutex::new(json_answer(200, "{}")));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (scripted, into) = (Arc::clone(&next), Arc::clone(&heard));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&scripted), Arc::clone(&into)));
            }
        });
        Self { url, next, heard }
    }

    fn command(&self, access: &str) -> Command {
        let mut command = command();
        command
            .env("VANTA_CLIENT_ID", "vci_x")
            .env("VANTA_CLIENT_SECRET", "vcs_y")
            .env("VANTA_AUDIT_CLIENT_ID", "vci_audit")
            .env("VANTA_AUDIT_CLIENT_SECRET", "vcs_audit")
            .env("VANTA_BASE_URL", &self.url)
            .env("VANTA_PANEL_URL", format!("{}/panel", self.url))
            .env("VANTA_PANEL_TOKEN", "vp_z")
            .env("VANTA_MCP_ACCESS", access)
            .env("VANTA_MCP_TOOLSETS", "all");
        command
    }
}

pub fn json_answer(status: u16, body: impl Into<Vec<u8>>) -> Scripted {
    Scripted { status, content_type: "application/json", body: body.into() }
}

async fn answer(mut stream: TcpStream, next: Arc<Mutex<Scripted>>, heard: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    loop {
        if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
            return;
        }
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        if body.len() >= length.unwrap_or(0) {
            break;
        }
    }
    let line = String::from_utf8_lossy(&request).lines().next().unwrap().to_owned();
    let Scripted { status, content_type, body } = if line.contains("/oauth/token") {
        json_answer(200, r#"{"access_token":"t","expires_in":3600}"#)
    } else {
        heard.lock().unwrap().push(line.clone());
        // What is there to be changed.
        if line.starts_with("GET /panel?api=account&") {
            json_answer(200, r#"{"ok":true,"account":{"user":"acme"}}"#)
        } else {
            next.lock().unwrap().clone()
        }
    };
    if status == 0 {
        return;
    }
    let head = format!(
        "HTTP/1.1 {status} Scripted\r\ncontent-type: {content_type}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
}

/// What a caller was told, by whichever way.
#[derive(Debug, PartialEq)]
pub enum Told {
    Answer(Value),
    Error(String),
}

impl Told {
    fn of_message(message: &Value) -> Self {
        if let Some(error) = message.get("error") {
            return Self::Error(error["message"].as_str().unwrap().to_owned());
        }
        let result = &message["result"];
        let text = result["content"][0]["text"].as_str().unwrap();
        if result["isError"] == true {
            return Self::Error(text.to_owned());
        }
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), result["structuredContent"]);
        Self::Answer(result["structuredContent"].clone())
    }

    pub fn text(&self) -> String {
        match self {
            Self::Answer(value) => value.to_string(),
            Self::Error(text) => text.clone(),
        }
    }
}

/// The binary, by all three ways.
pub struct Ways<'s> {
    script: &'s Script,
    access: &'static str,
    wire: Wire,
    http: Child,
    url: String,
}

impl<'s> Ways<'s> {
    pub async fn start(script: &'s Script, access: &'static str) -> Self {
        let mut wire = Wire::start(script.command(access));
        wire.initialize().await;
        let mut command = script.command(access);
        command.args(["serve", "--http", "127.0.0.1:0"]).stdin(Stdio::null()).stderr(Stdio::piped());
        let mut http = command.spawn().unwrap();
        let mut lines = BufReader::new(http.stderr.take().unwrap()).lines();
        let url = loop {
            let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
            if let Some((_, url)) = line.split_once("serving MCP at ") {
                break url.split(';').next().unwrap().to_owned();
            }
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { script, access, wire, http, url }
    }

    pub async fn over_stdio(&mut self, tool: &str, arguments: &Value) -> Told {
        let params = json!({"name": tool, "arguments": arguments});
        self.wire
            .message(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}))
            .await;
        Told::of_message(&self.wire.receive().await.unwrap())
    }

    async fn over_http(&self, tool: &str, arguments: &Value) -> Told {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "0"},
        });
        let params = json!({"name": tool, "arguments": arguments, "_meta": meta});
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let request = client()
            .post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json, text/event-stream")
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", "tools/call")
            .header("mcp-name", tool)
            .body(message.to_string());
        let text = request.send().await.unwrap().text().await.unwrap();
        let data = text.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim);
        let json = data.rev().find(|data| data.starts_with('{')).unwrap_or(&text);
        Told::of_message(&serde_json::from_str(json).unwrap())
    }

    async fn by_call(&self, tool: &str, arguments: &Value) -> Told {
        let mut command = self.script.command(self.access);
        command.args(["call", tool, &arguments.to_string()]);
        if let Some(confirm) = arguments["confirm"].as_str() {
            command.args(["--confirm", confirm]);
        }
        let done = finish(command, "").await;
        match done.code {
            Some(0) => Told::Answer(serde_json::from_str(&done.stdout).unwrap()),
            Some(1) => {
                let error: Value = serde_json::from_str(&done.stdout).unwrap();
                Told::Error(error["error"].as_str().unwrap().to_owned())
            }
            _ => {
                let told = done.stderr.lines().last().unwrap();
                let told = told.strip_prefix("vanta-mcp: unknown tool `").unwrap();
                // A person gets the same names, and a command where a model gets a tool.
                let told = told.strip_suffix(" All tools: vanta-mcp tools --toolsets all.").unwrap();
                let told = told.replace("; did you mean", ". Did you mean").replace('`', "");
                Told::Error(format!("Unknown tool: {told} find_tools searches all tools by task."))
            }
        }
    }

    /// The same by all ways.
    pub async fn told(&mut self, case: &str, tool: &str, arguments: &Value) -> Told {
        let confirmed = |preview: Told| {
            let mut arguments = arguments.clone();
            if let Told::Answer(preview) = preview {
                arguments["confirmation"] = preview["confirmation"].clone();
            }
            arguments
        };
        let confirms = arguments.get("confirm").is_some();
        let given =
            if confirms { confirmed(self.over_stdio(tool, arguments).await) } else { arguments.clone() };
        let told = self.over_stdio(tool, &given).await;
        let given =
            if confirms { confirmed(self.over_http(tool, arguments).await) } else { arguments.clone() };
        assert_eq!(told, self.over_http(tool, &given).await, "{case}: over HTTP");
        assert_eq!(told, self.by_call(tool, arguments).await, "{case}: by vanta-mcp call");
        told
    }
}

impl Drop for Ways<'_> {
    fn drop(&mut self) {
        let _ = self.http.start_kill();
    }
}
