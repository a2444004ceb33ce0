//! What lists cost whoever reads them: the text of each answer, and the requests behind it.
//!
//! `cargo bench --bench answers` prints one JSON object a line, for 100 and for 1,000 items of six kinds: what the upstream
//! itself answers, and what each way of asking for the list is answered by the server. `.ci/answers.mjs` counts the tokens.
//!
//! The items are the demo tenant's at a fixed moment, in turn until there are enough, each with an id of its own; they are
//! served by this program, which counts the requests, to the real binary, which is asked over stdio as a client asks it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench reports on stdout, and one that cannot go on may end"
)]

mod client;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::Uri;
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use vanta_demo::{Application, Limits, Options, Tenant};

use client::Client;

const BINARY: &str = env!("CARGO_BIN_EXE_vanta-mcp");

/// When the demo tenant's items are from: its dates lie around this moment, so that each run counts the same.
const MOMENT: &str = "2026-11-02T09:00:00Z";

/// How many items a page of the upstream's has at most.
const PAGE: usize = 100;

/// A kind of items, and how it is asked for.
struct Kind {
    name: &'static str,
    /// Three fields of each item.
    fields: [&'static str; 3],
    /// A field to group by.
    group: &'static str,
    /// A question that no filter of the API answers.
    program: &'static str,
}

const KINDS: [Kind; 6] = [
    Kind {
        name: "controls",
        fields: ["id", "name", "owner.displayName"],
        group: "source",
        program: "map(select(.owner == null)) | length",
    },
    Kind {
        name: "people",
        fields: ["id", "name.display", "tasksSummary.status"],
        group: "employment.status",
        program: r#"map(select(.tasksSummary.status == "OVERDUE")) | length"#,
    },
    Kind {
        name: "vulnerabilities",
        fields: ["id", "name", "remediateByDate"],
        group: "severity",
        program: "group_by(.targetId) | map({asset: .[0].targetId, open: length}) | sort_by(-.open) | .[:5]",
    },
    Kind {
        name: "tests",
        fields: ["id", "name", "status"],
        group: "status",
        program: r#"map(select(.status == "NEEDS_ATTENTION" and .owner == null)) | length"#,
    },
    Kind {
        name: "documents",
        fields: ["id", "title", "uploadStatus"],
        group: "uploadStatus",
        program: "map(select(.ownerId == null)) | length",
    },
    Kind {
        name: "vendors",
        fields: ["id", "name", "inherentRiskLevel"],
        group: "inherentRiskLevel",
        program: r#"map(select(.inherentRiskLevel == "HIGH" and .lastSecurityReviewCompletionDate == null)) | length"#,
    },
];

/// What the upstream has, and what it was asked for.
#[derive(Default)]
struct Shelf {
    lists: BTreeMap<String, Vec<Value>>,
    /// How many items of a list there are at present.
    size: usize,
    requests: usize,
    /// The bytes of its answers, for what the upstream itself costs.
    bodies: String,
}

type Shared = Arc<Mutex<Shelf>>;

fn main() {
    // `cargo test` runs benches too, with this flag absent: there is nothing to test here.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let shared = Shared::default();
    let url = runtime.block_on(async {
        shared.lock().unwrap().lists = lists().await;
        upstream(Arc::clone(&shared)).await
    });
    let mut server = Server::start(&url);
    for size in [100, 1_000] {
        shared.lock().unwrap().size = size;
        for kind in &KINDS {
            measure(&mut server, &shared, kind, size);
        }
    }
}

/// Prints what each way of asking costs.
fn measure(server: &mut Server, shared: &Shared, kind: &Kind, size: usize) {
    // What is shown in one answer, and what is read to its end.
    let items = if size <= PAGE { json!({"pageSize": PAGE}) } else { json!({"all": true}) };
    let with = |name: &str, value: Value| {
        let mut arguments = items.clone();
        arguments[name] = value;
        arguments
    };
    // The whole list in objects, to be compared with what the upstream says.
    let mut whole = with("format", json!("json"));
    whole["maxChars"] = json!(1_000_000);
    for (view, arguments) in [
        ("upstream", json!({"countOnly": true})),
        ("default", items.clone()),
        ("json", whole),
        ("fields", with("fields", json!(kind.fields))),
        ("countOnly", json!({"countOnly": true})),
        ("groupBy", json!({"groupBy": kind.group})),
        ("jq", json!({"jq": kind.program})),
    ] {
        {
            let mut shelf = shared.lock().unwrap();
            shelf.requests = 0;
            shelf.bodies.clear();
        }
        let (text, answer) = server.call(&format!("list_{}", kind.name), &arguments);
        let shelf = shared.lock().unwrap();
        // Reading all of it brings every byte that a client without this server would have read.
        let text = if view == "upstream" { shelf.bodies.clone() } else { text };
        let line = json!({
            "kind": kind.name, "items": size, "view": view, "arguments": arguments, "shown": answer["count"],
            "requests": shelf.requests, "text": text,
        });
        println!("{line}");
    }
}

/// All items of each kind that the demo tenant has.
async fn lists() -> BTreeMap<String, Vec<Value>> {
    let options = Options { limits: Limits::Off, now: MOMENT.parse().unwrap(), ..Options::default() };
    let tenant = Tenant::start(options).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let (id, secret) = tenant.application(Application::Manage);
    let asked = json!({"client_id": id, "client_secret": secret, "grant_type": "client_credentials",
        "scope": "vanta-api.all:read"});
    let token = client.post(format!("{}/oauth/token", tenant.vanta_url())).json(&asked).send().await.unwrap();
    let token: Value = token.json().await.unwrap();
    let token = token["access_token"].as_str().unwrap();
    let mut lists = BTreeMap::new();
    for kind in &KINDS {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let mut url = format!("{}/v1/{}?pageSize={PAGE}", tenant.vanta_url(), kind.name);
            if !cursor.is_empty() {
                write!(url, "&pageCursor={cursor}").unwrap();
            }
            let page = client.get(url).bearer_auth(token).send().await.unwrap();
            let mut page: Value = page.json().await.unwrap();
            items.append(page["results"]["data"].as_array_mut().unwrap());
            if page["results"]["pageInfo"]["hasNextPage"] != true {
                break;
            }
            page["results"]["pageInfo"]["endCursor"].as_str().unwrap().clone_into(&mut cursor);
        }
        lists.insert(format!("/v1/{}", kind.name), items);
    }
    lists
}

async fn upstream(shared: Shared) -> String {
    let token =
        || async { axum::Json(json!({"access_token": "t", "expires_in": 3600, "token_type": "Bearer"})) };
    let app =
        Router::new().route("/oauth/token", post(token)).route("/v1/{kind}", get(page)).with_state(shared);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

/// One page of a list, as Vanta answers it.
async fn page(
    State(shared): State<Shared>,
    uri: Uri,
    Query(query): Query<HashMap<String, String>>,
) -> ([(&'static str, &'static str); 1], String) {
    let mut shelf = shared.lock().unwrap();
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<usize>().ok());
    let begin = number("pageCursor").unwrap_or(0);
    let end = (begin + number("pageSize").unwrap_or(10)).min(shelf.size);
    let items = &shelf.lists[uri.path()];
    let data: Vec<Value> = (begin..end).map(|index| numbered(items, index)).collect();
    let info = json!({"startCursor": begin.to_string(), "endCursor": end.to_string(),
        "hasNextPage": end < shelf.size, "hasPreviousPage": begin > 0});
    let body = json!({"results": {"pageInfo": info, "data": data}}).to_string();
    shelf.requests += 1;
    shelf.bodies.push_str(&body);
    ([("content-type", "application/json")], body)
}

/// The item at a place of an endless list: those that there are, in turn, with ids of the same form.
fn numbered(items: &[Value], index: usize) -> Value {
    let mut item = items[index % items.len()].clone();
    let turn = index / items.len();
    if turn > 0 {
        let id = item["id"].as_str().unwrap();
        let is_hex = id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        // What is shuffled is no easier to write in tokens than what was drawn by chance.
        let id = if is_hex { rotated(id, turn) } else { format!("{id}-{turn}") };
        item["id"] = json!(id);
    }
    item
}

/// A hexadecimal number with each digit moved on, another one for each of 256 turns.
fn rotated(id: &str, by: usize) -> String {
    let digit = |(place, digit): (usize, char)| {
        let value = u32::try_from(by * (place + 1) + by / 16).unwrap() + digit.to_digit(16).unwrap();
        char::from_digit(value % 16, 16).unwrap()
    };
    id.chars().enumerate().map(digit).collect()
}

/// The binary with a client at its pipes.
struct Server(Client);

impl Server {
    fn start(url: &str) -> Self {
        let mut command = Command::new(BINARY);
        command
            .arg("serve")
            .env_clear()
            .envs([
                ("VANTA_BASE_URL", url),
                ("VANTA_CLIENT_ID", "vci_bench"),
                ("VANTA_CLIENT_SECRET", "vcs_bench"),
                // More calls than Vanta takes in a minute, and each as if it were the first.
                ("VANTA_MCP_LIMITS", "off"),
                ("VANTA_MCP_CACHE", "0"),
                ("VANTA_MCP_STATE", "memory"),
            ])
            .stderr(Stdio::null());
        Self(Client::start(&mut command))
    }

    /// The text of an answer, and what it says.
    fn call(&mut self, tool: &str, arguments: &Value) -> (String, Value) {
        let answer = self.0.call(tool, arguments);
        let result = &answer["result"];
        let text = result["content"][0]["text"].as_str().unwrap().to_owned();
        assert_ne!(result["isError"], true, "{tool} {arguments}: {text}");
        (text, result["structuredContent"].clone())
    }
}
