//! What this server costs over the least that would do: start-up, memory, and time added to a call.
//!
//! `cargo bench` builds with the release profile and prints figures with their floor, measured in the same run:
//! - spawn to `tools/list` answered, beside spawn to the end of `vanta-mcp --version`;
//! - memory before and after the first call: all that is resident, and of it what is this process's own (anonymous);
//! - a call over stdio beside a bare reqwest loop that makes the same request of the same upstream.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench reports on stdout, and one that cannot go on may end"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use vanta_demo::{Application, Limits, Options, Tenant};

const BINARY: &str = env!("CARGO_BIN_EXE_vanta-mcp");
const SPAWNS: usize = 60;
const ROUNDS: usize = 40;
const CALLS_A_ROUND: usize = 50;

fn main() {
    // `cargo test` runs benches too, with this flag absent: there is nothing to test here.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = Runtime::new().unwrap();
    let tenant =
        runtime.block_on(Tenant::start(Options { limits: Limits::Off, ..Options::default() })).unwrap();
    start_up(&tenant);
    memory(&tenant);
    added(&runtime, &tenant);
}

fn start_up(tenant: &Tenant) {
    let (mut usual, mut all, mut floor) = (Vec::new(), Vec::new(), Vec::new());
    let mut sizes = [0; 2];
    for _ in 0..SPAWNS {
        for (toolsets, times, size) in [("default", &mut usual, 0), ("all", &mut all, 1)] {
            let began = Instant::now();
            let mut session = Session::start(tenant, toolsets);
            sizes[size] = session.ask("tools/list", &json!({})).len();
            times.push(began.elapsed());
        }
        let began = Instant::now();
        let ended = Command::new(BINARY).arg("--version").stdout(Stdio::null()).status().unwrap();
        assert!(ended.success());
        floor.push(began.elapsed());
    }
    let floor = median(floor);
    for (what, times, size) in [("default", usual, sizes[0]), ("all", all, sizes[1])] {
        let listed = median(times);
        println!(
            "spawn to tools/list  {:>9}   {what}, {size} bytes (floor, --version: {}; ratio {:.1})",
            show(listed),
            show(floor),
            ratio(listed, floor)
        );
    }
}

fn memory(tenant: &Tenant) {
    let mut session = Session::start(tenant, "default");
    session.ask("tools/list", &json!({}));
    let before = ["Rss:", "Anonymous:"].map(|figure| session.mib(figure));
    session.call("list_vendors", &json!({}));
    let after = ["Rss:", "Anonymous:"].map(|figure| session.mib(figure));
    for (what, before, after) in
        [("resident memory", before[0], after[0]), ("of it its own", before[1], after[1])]
    {
        println!(
            "{what:20} {after:>6.1} MiB after the first call (before it: {before:.1} MiB; ratio {:.2})",
            after / before
        );
    }
}

fn added(runtime: &Runtime, tenant: &Tenant) {
    let mut session = Session::start(tenant, "default");
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let panel_url = format!("{}?api=account&user=baker", tenant.panel_url());
    let panel_token = tenant.panel_token().to_owned();
    compare(
        "one account (0.3 kB)",
        runtime,
        &http,
        (&panel_url, &panel_token),
        &mut session,
        ("get_panel_account", json!({"user": "baker"})),
    );
    let list_url = format!("{}?api=accounts", tenant.panel_url());
    compare(
        "a list of 12 (4 kB)",
        runtime,
        &http,
        (&list_url, &panel_token),
        &mut session,
        ("list_panel_accounts", json!({})),
    );
}

fn compare(
    what: &str,
    runtime: &Runtime,
    http: &reqwest::Client,
    (url, token): (&str, &str),
    session: &mut Session,
    (tool, arguments): (&str, Value),
) {
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        for _ in 0..CALLS_A_ROUND {
            let began = Instant::now();
            session.call(tool, &arguments);
            let through_us = began.elapsed();
            let began = Instant::now();
            let answer: Value = runtime.block_on(async {
                http.get(url).bearer_auth(token).send().await.unwrap().json().await.unwrap()
            });
            let by_itself = began.elapsed();
            assert_eq!(answer["ok"], true);
            // The first round warms both up.
            if round > 0 {
                ours.push(through_us);
                bare.push(by_itself);
            }
        }
    }
    let (ours, bare) = (median(ours), median(bare));
    let added = ours.saturating_sub(bare);
    println!(
        "added to a call      {:>9}   {what}: {} over stdio, {} bare reqwest; ratio {:.2}",
        show(added),
        show(ours),
        show(bare),
        ratio(ours, bare)
    );
}

/// The binary with a tenant behind it, asked over its pipes one message after the other.
struct Session {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    next: u64,
}

impl Session {
    fn start(tenant: &Tenant, toolsets: &str) -> Self {
        let (id, secret) = tenant.application(Application::Manage);
        let audit = tenant.application(Application::Audit);
        let connectors = tenant.application(Application::Connectors);
        let mut child = Command::new(BINARY)
            .env_clear()
            .env("VANTA_BASE_URL", tenant.vanta_url())
            .env("VANTA_CLIENT_ID", id)
            .env("VANTA_CLIENT_SECRET", secret)
            .env("VANTA_AUDIT_CLIENT_ID", audit.0)
            .env("VANTA_AUDIT_CLIENT_SECRET", audit.1)
            .env("VANTA_CONNECTORS_CLIENT_ID", connectors.0)
            .env("VANTA_CONNECTORS_CLIENT_SECRET", connectors.1)
            .env("VANTA_PANEL_URL", tenant.panel_url())
            .env("VANTA_PANEL_TOKEN", tenant.panel_token())
            .env("VANTA_MCP_ACCESS", "destroy")
            // More calls than Vanta takes in a minute.
            .env("VANTA_MCP_LIMITS", "off")
            .env("VANTA_MCP_CACHE", "0")
            .env("VANTA_MCP_STATE", "memory")
            .env("VANTA_MCP_TOOLSETS", toolsets)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::with_capacity(1 << 20, child.stdout.take().unwrap());
        let mut session = Self { child, stdin, stdout, next: 0 };
        session.ask(
            "initialize",
            &json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "0"}}),
        );
        session.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        session
    }

    fn send(&mut self, message: &Value) {
        let line = format!("{message}\n");
        self.stdin.as_mut().unwrap().write_all(line.as_bytes()).unwrap();
    }

    fn ask(&mut self, method: &str, params: &Value) -> String {
        self.next += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.next, "method": method, "params": params}));
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    fn call(&mut self, tool: &str, arguments: &Value) {
        let answer = self.ask("tools/call", &json!({"name": tool, "arguments": arguments}));
        assert!(answer.contains("\"isError\":false"), "{answer}");
    }

    /// A figure of the child's memory maps, in MiB; zero where the system does not tell.
    fn mib(&self, figure: &str) -> f64 {
        let maps = format!("/proc/{}/smaps_rollup", self.child.id());
        let maps = std::fs::read_to_string(maps).unwrap_or_default();
        let line = maps.lines().find(|line| line.starts_with(figure)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.stdin = None;
        self.child.wait().unwrap();
    }
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

fn show(duration: Duration) -> String {
    format!("{:.3} ms", duration.as_secs_f64() * 1000.0)
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}
