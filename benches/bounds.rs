//! What an attack can make the server hold, and how long it makes others wait.
//!
//! `cargo bench --bench bounds` builds with the release profile and prints, each for a server of its own over HTTP:
//! - the memory at the peak beyond that after a first call: for a request of 15.9 MB, for answers of 4 and 16 MB in several
//!   forms, for 32 answers of 16 MB at once, and for a refusal of 15 MB; beside it how many times the bytes that is;
//! - what a second caller's call to an upstream that is well takes while a first has 64 calls at one that hangs, beside
//!   what it takes alone.
//!
//! Memory is told where `/proc` is (Linux).

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench reports on stdout, and one that cannot go on may end"
)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::{any, get, post};
use futures::future::join_all;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::bytes::Bytes;

const BINARY: &str = env!("CARGO_BIN_EXE_vanta-mcp");
const MIB: usize = 1 << 20;

/// How long the hanging upstream says nothing.
const SILENCE: Duration = Duration::from_secs(20);

/// What the upstream answers about vendors.
type Answer = Arc<Mutex<(u16, Bytes)>>;

fn main() {
    // `cargo test` runs benches too, with this flag absent: there is nothing to test here.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let answer = Answer::default();
        let upstream = upstream(Arc::clone(&answer)).await;
        requests(&upstream, &answer).await;
        answers(&upstream, &answer).await;
        waiting(&upstream, &answer).await;
    });
}

async fn requests(upstream: &str, answer: &Answer) {
    let junk = json!(vec![json!({"": 0}); 15_900_000 / 7]);
    for (what, tool, arguments) in [
        ("request", "list_vendors", json!({ "fields": junk })),
        (
            "request, run_read_tool",
            "run_read_tool",
            json!({"tool": "list_vendors", "arguments": {"fields": junk}}),
        ),
        ("request, find_tools", "find_tools", json!({"query": "vendors", "junk": junk})),
    ] {
        let server = Server::start(upstream, answer).await;
        let size = arguments.to_string().len();
        server.call(None, tool, &arguments).await;
        server.tell(what, size, 1);
    }
}

async fn answers(upstream: &str, answer: &Answer) {
    let page =
        |items: &str| format!(r#"{{"results":{{"data":[{items}],"pageInfo":{{"hasNextPage":false}}}}}}"#);
    let small = |size: usize| page(&vec![r#"{"a":1}"#; size / 8].join(","));
    let inner = |size: usize| page(&format!(r#"{{"a":[{}]}}"#, vec![r#"{"":0}"#; size / 7].join(",")));
    let text = |size: usize| page(&format!(r#"{{"a":"{}"}}"#, "x".repeat(size)));
    let usual = |size: usize| {
        let item =
            json!({"id": "64c0e5f9e2a1", "name": "Acme", "status": "MANAGED", "notes": "x".repeat(500)});
        page(&vec![item.to_string(); size / (item.to_string().len() + 1)].join(","))
    };
    for size in [4 * MIB, 16 * MIB - 100] {
        for (what, body) in [
            ("answer, small items", small(size)),
            ("answer, a list inside of one item", inner(size)),
            ("answer, one text", text(size)),
            ("answer, usual items", usual(size)),
        ] {
            asked(upstream, answer, what, (200, body), 1).await;
        }
    }
    for (what, body) in [
        ("32 answers at once, small items", small(16 * MIB - 100)),
        ("32 answers at once, usual items", usual(16 * MIB - 100)),
    ] {
        asked(upstream, answer, what, (200, body), 32).await;
    }
    let refusal = format!(r#"{{"errors":[{}]}}"#, vec![r#"{"message":"no"}"#; 15 * MIB / 17].join(","));
    asked(upstream, answer, "refusal", (500, refusal), 1).await;
}

async fn asked(upstream: &str, answer: &Answer, what: &str, given: (u16, String), at_once: usize) {
    let server = Server::start(upstream, answer).await;
    let size = given.1.len();
    *answer.lock().unwrap() = (given.0, given.1.into());
    // What is the same would be sent once.
    let arguments = json!({"fields": ["*"], "fresh": true});
    join_all((0..at_once).map(|_| server.call(None, "list_vendors", &arguments))).await;
    server.tell(what, size, at_once);
}

async fn waiting(upstream: &str, answer: &Answer) {
    let tokens = std::env::temp_dir().join(format!("bounds-{}.toml", std::process::id()));
    let path = tokens.to_str().unwrap();
    let token = |name: &str| {
        let made = Command::new(BINARY).args(["token", "new", name, "--tokens", path]).output().unwrap();
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    };
    let (greedy, modest) = (token("greedy"), token("modest"));
    let server =
        Server::start_with(upstream, answer, &["--tokens", path, "--max-calls", "64"], Some(&modest)).await;
    let accounts = async || {
        let began = Instant::now();
        let told = server.call(Some(&modest), "list_panel_accounts", &json!({})).await;
        assert!(told.contains("baker"), "{told}");
        began.elapsed()
    };
    let mut alone = Vec::new();
    for _ in 0..50 {
        alone.push(accounts().await);
    }
    let mut beside = Vec::new();
    let meanwhile = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        for _ in 0..50 {
            beside.push(accounts().await);
        }
    };
    let none = json!({"fresh": true});
    let hanging = join_all((0..64).map(|_| server.call(Some(&greedy), "list_frameworks", &none)));
    // Whoever hangs is not waited for.
    tokio::select! {
        () = meanwhile => {}
        _ = hanging => {}
    }
    let _ = std::fs::remove_file(tokens);
    let longest = |all: &[Duration]| all.iter().max().copied().unwrap_or_default().as_secs_f64() * 1000.0;
    assert_eq!(beside.len(), 50, "the first caller was done before the second");
    println!(
        "a second caller waits {:>8.1} ms at the most of 50 calls, beside 64 calls that hang ({:.1} ms alone)",
        longest(&beside),
        longest(&alone)
    );
}

async fn upstream(answer: Answer) -> String {
    let json = |body: &'static str| async move { ([(header::CONTENT_TYPE, "application/json")], body) };
    let vendors = move || {
        let (status, body) = answer.lock().unwrap().clone();
        let status = StatusCode::from_u16(status).unwrap_or_default();
        async move { (status, [(header::CONTENT_TYPE, "application/json")], body) }
    };
    let app = Router::new()
        .route("/v1/vendors", get(vendors))
        .route("/v1/frameworks", get(async || tokio::time::sleep(SILENCE).await))
        .route("/panel", any(move || json(r#"{"ok":true,"accounts":[{"user":"baker"}]}"#)))
        .route(
            "/oauth/token",
            post(move || json(r#"{"access_token":"t","expires_in":3600,"token_type":"Bearer"}"#)),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// The binary over HTTP, after a first call.
struct Server {
    child: Child,
    url: String,
    client: reqwest::Client,
    /// The peak after the first call, in MiB.
    before: f64,
}

impl Server {
    async fn start(upstream: &str, answer: &Answer) -> Self {
        Self::start_with(upstream, answer, &[], None).await
    }

    async fn start_with(upstream: &str, answer: &Answer, arguments: &[&str], token: Option<&str>) -> Self {
        let page = r#"{"results":{"data":[],"pageInfo":{"hasNextPage":false}}}"#;
        *answer.lock().unwrap() = (200, page.into());
        let mut child = Command::new(BINARY)
            .env_clear()
            .envs([
                ("VANTA_BASE_URL", upstream),
                ("VANTA_CLIENT_ID", "vci_bench"),
                ("VANTA_CLIENT_SECRET", "vcs_bench"),
                ("VANTA_PANEL_URL", &format!("{upstream}/panel")),
                ("VANTA_PANEL_TOKEN", "vp_bench"),
                ("VANTA_MCP_LIMITS", "off"),
                ("VANTA_MCP_STATE", "memory"),
            ])
            .args(["serve", "--http", "127.0.0.1:0"])
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let line = lines.find(|line| line.contains("serving MCP at")).expect("an address");
        let url = line.split_once("at ").and_then(|(_, rest)| rest.split(';').next()).unwrap().to_owned();
        // What else it says must be read, or it would wait for room.
        std::thread::spawn(move || lines.for_each(drop));
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let mut server = Self { child, url, client, before: 0.0 };
        let told = server.call(token, "list_vendors", &json!({})).await;
        assert!(told.contains("\"isError\":false"), "{told}");
        server.before = server.peak();
        server
    }

    /// The text that a call of 2026-07-28 is answered with.
    async fn call(&self, token: Option<&str>, tool: &str, arguments: &Value) -> String {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let params = json!({"name": tool, "arguments": arguments, "_meta": meta});
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let mut request = self
            .client
            .post(&self.url)
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", "tools/call")
            .header("mcp-name", tool)
            .header("content-type", "application/json")
            .body(message.to_string());
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        // To its end, since an answer that takes long begins as a stream; a refusal may come before all was sent.
        match request.send().await {
            Ok(response) => response.text().await.unwrap_or_default(),
            Err(error) => error.to_string(),
        }
    }

    /// `VmHWM`, in MiB; zero where the system does not tell.
    fn peak(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|figure| figure.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    }

    fn tell(&self, what: &str, size: usize, at_once: usize) {
        let (peak, size) = (self.peak(), size as f64 / MIB as f64);
        let grown = peak - self.before;
        println!(
            "{what:36} of {size:>4.1} MiB: {grown:>6.1} MiB more, {:.2} times its bytes ({peak:.1} MiB in all)",
            grown / (size * at_once as f64)
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
