//! What the server bears: calls a second and latency at 1, 8, 32 and 256 in flight, over stdio and over HTTP.
//!
//! `cargo bench --bench load` builds with the release profile, needs `wrk` (a package of every Linux distribution), and
//! prints each figure beside that of a bare axum proxy which makes the same request of the same upstream, loaded by the
//! same tool in the same run, in turns, of which it tells the middle. Then it makes 100,000 calls and prints what memory they left.
//!
//! Upstream and proxy are this program again, as processes of their own.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench reports on stdout, and one that cannot go on may end"
)]

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::{any, get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const BINARY: &str = env!("CARGO_BIN_EXE_vanta-mcp");
const LEVELS: [usize; 4] = [1, 8, 32, 256];
const SECONDS: u32 = 3;

/// How often each is measured, in turns: a machine that others use too is now faster and now slower.
const ROUNDS: usize = 5;

/// One page of frameworks, as Vanta answers it.
const PAGE: &str = r#"{"results":{"data":[
{"id":"soc2","displayName":"SOC 2","numControlsCompleted":64,"numControlsTotal":156,"numDocumentsPassing":39,"numDocumentsTotal":60,"numTestsPassing":225,"numTestsTotal":273},
{"id":"iso27001_2022","displayName":"ISO 27001:2022","numControlsCompleted":50,"numControlsTotal":131,"numDocumentsPassing":32,"numDocumentsTotal":52,"numTestsPassing":212,"numTestsTotal":258},
{"id":"hipaa","displayName":"HIPAA","numControlsCompleted":45,"numControlsTotal":106,"numDocumentsPassing":27,"numDocumentsTotal":40,"numTestsPassing":156,"numTestsTotal":192}
],"pageInfo":{"startCursor":null,"endCursor":null,"hasNextPage":false,"hasPreviousPage":false}}}"#;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("upstream") => serve(upstream()),
        Some("proxy") => serve(proxy(&arguments[2])),
        // `cargo test` runs benches too, with this flag absent: there is nothing to test here.
        _ if arguments.iter().any(|argument| argument == "--bench") => bench(),
        _ => {}
    }
}

fn upstream() -> Router {
    let json = |body: &'static str| async move { ([("content-type", "application/json")], body) };
    Router::new().route("/v1/frameworks", get(move || json(PAGE))).route(
        "/oauth/token",
        post(move || json(r#"{"access_token":"t","expires_in":3600,"token_type":"Bearer"}"#)),
    )
}

/// The least that would do: one request in, one request out, the answer handed on.
fn proxy(upstream: &str) -> Router {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let url = format!("{upstream}/v1/frameworks?pageSize=50");
    let hand_on = move || {
        let (client, url) = (client.clone(), url.clone());
        async move {
            let body = client.get(url).bearer_auth("t").send().await.unwrap().bytes().await.unwrap();
            ([("content-type", "application/json")], body)
        }
    };
    Router::new().route("/", any(hand_on))
}

fn serve(app: Router) {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("at http://{}", listener.local_addr().unwrap());
        let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, app).await.unwrap();
    });
}

/// A process that tells on one of its outputs where it serves.
struct Serving {
    child: Child,
    url: String,
}

impl Serving {
    fn this(role: &[&str]) -> Self {
        let mut child =
            Command::new(std::env::current_exe().unwrap()).args(role).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("at ").expect("an address").to_owned();
        Self { child, url }
    }

    fn product(upstream: &str) -> Self {
        let mut child = product(upstream)
            .args(["serve", "--http", "127.0.0.1:0", "--max-calls", "1000", "--max-connections", "1000"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let line = lines.find(|line| line.contains("serving MCP at")).expect("an address");
        let url = line.split_once("at ").and_then(|(_, rest)| rest.split(';').next()).unwrap().to_owned();
        // What else it says must be read, or it would wait for room.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }

    /// `VmRSS`, in MiB; zero where the system does not tell.
    fn resident(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|figure| figure.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn product(upstream: &str) -> Command {
    let mut command = Command::new(BINARY);
    command.env_clear().envs([
        ("VANTA_BASE_URL", upstream),
        ("VANTA_CLIENT_ID", "vci_bench"),
        ("VANTA_CLIENT_SECRET", "vcs_bench"),
        // More calls than Vanta takes in a minute.
        ("VANTA_MCP_LIMITS", "off"),
        ("VANTA_MCP_STATE", "memory"),
    ]);
    command
}

/// What one load gave.
struct Figures {
    calls: f64,
    rate: f64,
    p50: Duration,
    p99: Duration,
}

fn bench() {
    if Command::new("wrk").arg("-v").output().is_err() {
        println!("wrk is needed: apt-get install wrk, brew install wrk");
        return;
    }
    let upstream = Serving::this(&["upstream"]);
    let proxy = Serving::this(&["proxy", &upstream.url]);
    let product = Serving::product(&upstream.url);
    let session = session(&product.url);
    println!(
        "{:>9} {:34} {:>10} {:>10} {:>10}   ratio to the proxy",
        "in flight", "", "calls/s", "p50", "p99"
    );
    let in_session = script(&call(1), &[("Mcp-Session-Id", &session)]);
    for level in LEVELS {
        let rounds: Vec<[Figures; 4]> = (0..ROUNDS)
            .map(|_| {
                [
                    wrk(&proxy.url, &script(&call(1), &[]), level),
                    wrk(&product.url, &modern(), level),
                    wrk(&product.url, &in_session, level),
                    stdio(&upstream.url, level),
                ]
            })
            .collect();
        let floor = middle(&rounds, 0);
        show(level, "bare axum proxy", &floor, None);
        show(level, "Streamable HTTP, 2026-07-28", &middle(&rounds, 1), Some(&floor));
        show(level, "Streamable HTTP, 2025-11-25", &middle(&rounds, 2), Some(&floor));
        show(level, "stdio", &middle(&rounds, 3), Some(&floor));
    }
    drop(product);
    memory(&upstream.url);
}

/// The middle one of a place's rounds, figure by figure.
fn middle(rounds: &[[Figures; 4]], place: usize) -> Figures {
    let of = |figure: fn(&Figures) -> f64| {
        let mut all: Vec<f64> = rounds.iter().map(|round| figure(&round[place])).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let time = |figure| Duration::from_secs_f64(of(figure));
    Figures {
        calls: of(|figures| figures.calls),
        rate: of(|figures| figures.rate),
        p50: time(|figures| figures.p50.as_secs_f64()),
        p99: time(|figures| figures.p99.as_secs_f64()),
    }
}

fn show(level: usize, what: &str, figures: &Figures, floor: Option<&Figures>) {
    let ms = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1000.0);
    let ratio = floor.map(|floor| {
        let late = figures.p99.as_secs_f64() / floor.p99.as_secs_f64();
        format!("{:.2} of its calls, {late:.2} of its p99", figures.rate / floor.rate)
    });
    println!(
        "{level:>9} {what:34} {:>10.0} {:>10} {:>10}   {}",
        figures.rate,
        ms(figures.p50),
        ms(figures.p99),
        ratio.unwrap_or_default()
    );
}

/// What 100,000 calls leave, against what the first 10,000 left.
fn memory(upstream: &str) {
    let product = Serving::product(upstream);
    let until = |most: f64, made: &mut f64| {
        while *made < most {
            *made += wrk_for(1, &product.url, &modern(), 32).calls;
        }
        (*made, product.resident())
    };
    let mut made = 0.0;
    let (first, before) = until(10_000.0, &mut made);
    let (all, after) = until(first + 100_000.0, &mut made);
    println!(
        "memory: {before:.1} MiB after {first:.0} calls, {after:.1} MiB after {all:.0}; ratio {:.2}",
        after / before
    );
}

fn call(id: u64) -> Value {
    // What is the same would be sent once.
    let params = json!({"name": "list_frameworks", "arguments": {"fresh": true}});
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
}

/// The call as a client of 2026-07-28 posts it.
fn modern() -> String {
    let mut call = call(1);
    call["params"]["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let headers = [
        ("Mcp-Protocol-Version", "2026-07-28"),
        ("Mcp-Method", "tools/call"),
        ("Mcp-Name", "list_frameworks"),
    ];
    script(&call, &headers)
}

/// What wrk sends, in its own language. No two calls have the same id, since in a session none may.
fn script(body: &Value, headers: &[(&str, &str)]) -> String {
    let usual = [("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")];
    let lines =
        usual.iter().chain(headers).map(|(name, value)| format!("wrk.headers[\"{name}\"] = \"{value}\"\n"));
    let body = body.to_string();
    let (before, after) = body.split_once("\"id\":1").unwrap();
    format!(
        "wrk.method = \"POST\"\n{}local id = 1\nrequest = function()\n  id = id + 1\n  \
         return wrk.format(nil, nil, nil, [[{before}\"id\":]] .. id .. [[{after}]])\nend\n",
        lines.collect::<String>()
    )
}

fn wrk(url: &str, script: &str, level: usize) -> Figures {
    wrk_for(SECONDS, url, script, level)
}

fn wrk_for(seconds: u32, url: &str, script: &str, level: usize) -> Figures {
    let file = std::env::temp_dir().join(format!("load-{}.lua", std::process::id()));
    std::fs::write(&file, script).unwrap();
    let run = Command::new("wrk")
        .args(["-t1", &format!("-c{level}"), &format!("-d{seconds}s"), "--latency", "-s"])
        .arg(&file)
        .arg(url)
        .output()
        .unwrap();
    let _ = std::fs::remove_file(file);
    let told = String::from_utf8(run.stdout).unwrap();
    assert!(!told.contains("Non-2xx") && !told.contains("Socket errors"), "{told}");
    let after = |lead: &str| {
        let line = told.lines().map(str::trim).find_map(|line| line.strip_prefix(lead));
        line.unwrap_or_else(|| panic!("no {lead} in {told}")).trim().to_owned()
    };
    let line = told.lines().find(|line| line.contains("requests in")).unwrap();
    Figures {
        calls: line.split_whitespace().next().unwrap().parse().unwrap(),
        rate: after("Requests/sec:").parse().unwrap(),
        p50: time(&after("50%")),
        p99: time(&after("99%")),
    }
}

/// A time as wrk writes it: `12.34us`, `1.20ms`, `1.02s`.
fn time(text: &str) -> Duration {
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap();
    let (figure, unit) = text.split_at(split);
    let seconds = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        _ => 1.0,
    };
    Duration::from_secs_f64(figure.parse::<f64>().unwrap() * seconds)
}

/// A new session of 2025-11-25, in which a call succeeds.
fn session(url: &str) -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let post = |session: &str, message: &Value| {
        let mut request = client
            .post(url)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        if !session.is_empty() {
            request = request.header("mcp-session-id", session);
        }
        runtime.block_on(async {
            let answer = request.body(message.to_string()).send().await.unwrap();
            let id = answer.headers().get("mcp-session-id").map(|id| id.to_str().unwrap().to_owned());
            (id, answer.text().await.unwrap())
        })
    };
    let hello = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "load", "version": "0"}});
    let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello});
    let id = post("", &hello).0.expect("a session");
    post(&id, &json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    let answer = post(&id, &call(1)).1;
    assert!(answer.contains("iso27001_2022"), "{answer}");
    id
}

/// Calls over the pipes of a process of its own, so many at once.
fn stdio(upstream: &str, level: usize) -> Figures {
    let mut child = product(upstream).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines =
        BufReader::with_capacity(1 << 20, child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let hello = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "load", "version": "0"}});
    writeln!(stdin, "{}", json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello}))
        .unwrap();
    lines.next().unwrap();
    writeln!(stdin, "{}", json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).unwrap();
    let (mut sent, mut times) = (VecDeque::new(), Vec::new());
    let mut next = 1_u64;
    let began = Instant::now();
    let end = began + Duration::from_secs(u64::from(SECONDS));
    loop {
        let open = if Instant::now() < end { level } else { 0 };
        while sent.len() < open {
            sent.push_back((next, Instant::now()));
            // In one piece, as every client writes it: a pipe takes each piece of a formatted line by itself.
            let line = format!("{}\n", call(next));
            stdin.write_all(line.as_bytes()).unwrap();
            next += 1;
        }
        if sent.is_empty() {
            break;
        }
        let line = lines.next().unwrap();
        // Whoever loads the proxy reads no answer either, beyond whether it is one.
        assert!(line.contains("\"isError\":false"), "{line}");
        let id = line.split_once("\"id\":").and_then(|(_, rest)| rest.split(',').next()?.parse::<u64>().ok());
        let place = sent.iter().position(|(sent, _)| Some(*sent) == id).expect("a call under way");
        times.push(sent.remove(place).unwrap().1.elapsed());
    }
    let took = began.elapsed();
    drop(stdin);
    child.wait().unwrap();
    times.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
    let calls = times.len() as f64;
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    Figures { calls, rate: calls / took.as_secs_f64(), p50: at(50), p99: at(99) }
}
