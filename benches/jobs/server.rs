//! The binary with a client at its pipes.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use vanta_demo::{Application, Tenant};

use super::client::Client;

/// Longer than an index of 10,000 controls takes to be built where nothing limits it.
const PATIENCE: Duration = Duration::from_secs(600);

pub struct Server(Client);

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
        Self(Client::start(&mut command))
    }

    /// The text of an answer, and what it says.
    fn call(&mut self, tool: &str, arguments: &Value) -> (String, Value) {
        let answer = self.0.call(tool, arguments);
        let result = &answer["result"];
        let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        // An error is an answer that is wrong.
        (text, result["structuredContent"].clone())
    }

    /// The most memory that it has had at once, in KiB; none where the system does not say.
    pub fn peak_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.child.id())).ok()?;
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
