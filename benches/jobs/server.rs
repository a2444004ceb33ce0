//! The binary with a client at its pipes.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vanta_demo::{Application, Tenant};

/// Longer than an index of 10,000 controls takes to be built where nothing limits it.
const PATIENCE: Duration = Duration::from_secs(600);

pub struct Server {
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    last: u64,
}

impl Server {
    /// A process with its state, and the files that it may write, in this folder.
    pub fn start(tenant: &Tenant, index: &str, folder: &Path) -> Self {
        let files = folder.join("files");
        std::fs::create_dir_all(&files).unwrap();
        let binary = std::env::var("VANTA_MCP_BINARY");
        let mut command = Command::new(binary.as_deref().unwrap_or(env!("CARGO_BIN_EXE_vanta-mcp")));
        command.arg("serve").env_clear().envs([
            ("VANTA_BASE_URL", tenant.vanta_url().as_str()),
            ("VANTA_PANEL_URL", &tenant.panel_url()),
            ("VANTA_PANEL_TOKEN", tenant.panel_token()),
            ("VANTA_TRUST_CENTER", tenant.trust_center()),
            ("VANTA_MCP_ACCESS", "read"),
            ("VANTA_MCP_TOOLSETS", "all"),
            // More calls than Vanta takes in a minute, and each as if it were the first.
            ("VANTA_MCP_LIMITS", "off"),
            ("VANTA_MCP_CACHE", "0"),
            ("VANTA_MCP_INDEX", index),
            ("VANTA_MCP_TIMEOUT", "600"),
        ]);
        command.env("VANTA_MCP_STATE", folder.join("vanta-mcp/state.db"));
        command.env("VANTA_MCP_FILES", &files);
        for (application, id, secret) in [
            (Application::Manage, "VANTA_CLIENT_ID", "VANTA_CLIENT_SECRET"),
            (Application::Audit, "VANTA_AUDIT_CLIENT_ID", "VANTA_AUDIT_CLIENT_SECRET"),
        ] {
            let (own_id, own_secret) = tenant.application(application);
            command.env(id, own_id).env(secret, own_secret);
        }
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let lines = BufReader::new(stdout).lines();
        let mut server = Self { child, stdin, lines, last: 0 };
        let client = json!({"name": "bench", "version": "1"});
        server.request(
            "initialize",
            &json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client}),
        );
        server.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        server
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.stdin, "{message}").unwrap();
        self.stdin.flush().unwrap();
    }

    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let id = self.last;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message: Value = serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap();
            if message["id"] == id {
                return message;
            }
        }
    }

    /// The text of an answer, and what it says.
    fn call(&mut self, tool: &str, arguments: &Value) -> (String, Value) {
        let answer = self.request("tools/call", &json!({"name": tool, "arguments": arguments}));
        let result = &answer["result"];
        let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        // An error is an answer that is wrong.
        (text, result["structuredContent"].clone())
    }

    /// The most memory that it has had at once, in KiB; none where the system does not say.
    pub fn peak_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.split_whitespace().next()?.parse().ok()
    }

    /// The answer as soon as it says that it is whole, and how many calls that took.
    pub fn until_finished(&mut self, tool: &str, arguments: &Value) -> (usize, String, Value) {
        let begun = Instant::now();
        for calls in 1.. {
            let (text, answer) = self.call(tool, arguments);
            if answer.get("unfinished").is_none() {
                return (calls, text, answer);
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "{tool} {arguments} is never finished: {}",
                answer["unfinished"]
            );
            std::thread::sleep(Duration::from_millis(250));
        }
        panic!("{tool} is asked without end")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
