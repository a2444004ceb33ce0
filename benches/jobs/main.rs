//! Questions that people ask, each with the right answer, and what the answer of the server cost.
//!
//! `cargo bench --bench jobs` asks the questions of `questions.toml` of demo tenants with 1,000 and 10,000 controls, with the
//! index off and with one that is built, and prints one JSON object a line: the calls, the requests, the text, and whether
//! the answer was right. `.ci/jobs.mjs` counts the tokens and keeps the table in docs/questions.md.
//!
//! Then it prints how large the index is, and what opening it takes.
//!
//! What is right is computed from the tenant's own records, which a plain HTTP client reads before the server is started:
//! see [`truth`]. Further arguments that are numbers are the sizes to ask, `VANTA_MCP_BINARY` another binary to be asked.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    reason = "a bench reports on stdout, and one that cannot go on may end"
)]

mod answers;
#[path = "../client/mod.rs"]
mod client;
mod plain;
mod records;
mod server;
mod truth;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use vanta_demo::{Limits, Options, Size, Tenant};

use answers::differences;
use records::Records;
use server::Server;

const QUESTIONS: &str = include_str!("questions.toml");

/// How large the companies are, in controls.
const SIZES: [usize; 2] = [1_000, 10_000];

#[derive(Deserialize)]
struct Questions {
    question: Vec<Question>,
}

/// A question as somebody asks it, and what an assistant does about it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    /// Words in braces stand for something of the tenant's: see [`truth::given`].
    ask: String,
    tool: String,
    #[serde(default)]
    arguments: Value,
    /// The function that computes what is right.
    truth: String,
    /// The most tokens that the answer may cost.
    tokens: usize,
    /// Where the answer has what must equal each part of the truth.
    #[serde(default)]
    equal: BTreeMap<String, Vec<String>>,
    /// Where the answer names some of a part of the truth, and nothing else.
    #[serde(default)]
    some_of: BTreeMap<String, Vec<String>>,
}

/// A question with what is right about it.
struct Asked {
    question: Question,
    right: Value,
}

fn main() {
    // `cargo test` runs benches too, with this flag absent: there is nothing to test here.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let sizes: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for controls in if sizes.is_empty() { SIZES.to_vec() } else { sizes } {
        runtime.block_on(at_size(controls));
    }
}

async fn at_size(controls: usize) {
    let options = Options { limits: Limits::Off, size: Size::Large { controls }, ..Options::default() };
    let tenant = Tenant::start(options).await.unwrap();
    let begun = Instant::now();
    let records = Records::read(&tenant).await;
    let given = truth::given(&records);
    let questions: Questions = toml::from_str(QUESTIONS).unwrap();
    let asked: Vec<Asked> = questions
        .question
        .into_iter()
        .map(|question| {
            let question = with(question, &given);
            let right = truth::of(&question.truth, &records);
            Asked { question, right }
        })
        .collect();
    let failing_items: u64 = records
        .failing_tests()
        .map(|test| test["remediationStatusInfo"]["itemCount"].as_u64().unwrap_or_default())
        .sum();
    drop(records);
    eprint(&format!("{controls} controls: the truth took {:?}", begun.elapsed()));
    let folder = tempfile::tempdir().unwrap();
    for index in ["off", "asked"] {
        let begun = Instant::now();
        let mut server = Server::start(&tenant, index, folder.path());
        if index == "asked" {
            // What is asked for the first time is answered with what is known; this waits for the rest.
            for Asked { question, .. } in &asked {
                server.until_finished(&question.tool, &question.arguments);
            }
            eprint(&format!("{controls} controls: the index took {:?}", begun.elapsed()));
        }
        let begun = Instant::now();
        for one in &asked {
            tell(&mut server, &tenant, one, controls, index);
        }
        eprint(&format!("{controls} controls, index {index}: the questions took {:?}", begun.elapsed()));
    }
    let opened = opened(&tenant, &folder, &asked);
    println!("{}", json!({ "controls": controls, "entities": failing_items, "opened": opened }));
}

/// How large the index is, and what a process that opens it takes beyond one that has none, to answer the same question.
fn opened(tenant: &Tenant, folder: &TempDir, asked: &[Asked]) -> Value {
    let one = asked.iter().find(|one| one.question.tool == "explain_failure").unwrap();
    let once = |index: &str| {
        let mut server = Server::start(tenant, index, folder.path());
        // Its token is had, and its connection.
        server.until_finished("list_frameworks", &json!({}));
        let begun = Instant::now();
        server.until_finished(&one.question.tool, &one.question.arguments);
        (begun.elapsed(), server.peak_kib().unwrap_or_default())
    };
    let several = |index: &str| -> (Vec<Duration>, Vec<u64>) { (0..5).map(|_| once(index)).unzip() };
    let (with, without) = (several("asked"), several("off"));
    let took = |times: &[Duration]| times.iter().min().unwrap().as_secs_f64() * 1000.0;
    let kib = |peaks: &[u64]| *peaks.iter().min().unwrap();
    json!({
        "milliseconds": (took(&with.0) - took(&without.0)).max(0.0).round(),
        "peakKib": kib(&with.1).saturating_sub(kib(&without.1)),
        "storeBytes": std::fs::read_dir(folder.path().join("vanta-mcp")).unwrap()
            .map(|file| file.unwrap().metadata().unwrap().len()).sum::<u64>(),
    })
}

/// Asks a question, and prints what came of it.
fn tell(server: &mut Server, tenant: &Tenant, asked: &Asked, controls: usize, index: &str) {
    let Asked { question, right } = asked;
    tenant.forget();
    let begun = Instant::now();
    let (calls, text, answer) = server.until_finished(&question.tool, &question.arguments);
    let took = begun.elapsed();
    let requests = tenant.seen().iter().filter(|seen| seen.path != "/oauth/token").count();
    let wrong = differences(right, &answer, &question.equal, &question.some_of);
    let line = json!({
        "controls": controls, "index": index, "ask": question.ask, "tool": question.tool, "calls": calls,
        "requests": requests, "milliseconds": took.as_millis(), "text": text, "most": question.tokens, "wrong": wrong,
    });
    println!("{line}");
}

/// The question about something that there is.
fn with(question: Question, given: &BTreeMap<&'static str, String>) -> Question {
    let filled = |text: &str| {
        given.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    };
    let mut arguments = if question.arguments.is_null() { json!({}) } else { question.arguments };
    for value in arguments.as_object_mut().unwrap().values_mut() {
        if let Some(text) = value.as_str() {
            *value = json!(filled(text));
        }
    }
    // What it is called differs from day to day, and the table is the same.
    Question { arguments, ..question }
}

#[expect(clippy::print_stderr, reason = "stdout is read by a program")]
fn eprint(line: &str) {
    eprintln!("{line}");
}
