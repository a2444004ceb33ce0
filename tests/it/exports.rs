//! Lists that are written into files, through the real binary.

mod stopped;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::harness::{Listener, Run, Scratch, Setup, text};
use crate::lists::{paged, with};

/// The binary with a folder that it may write to.
async fn desk(scratch: &Scratch) -> Run {
    Setup::default().with("VANTA_MCP_FILES", scratch.path()).start().await
}

/// The objects of a file with one a line.
fn objects(path: &str) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The rows of a table as objects, empty cells left out.
fn rows(path: &str) -> (Vec<String>, Vec<BTreeMap<String, String>>) {
    let mut table = csv::Reader::from_path(path).unwrap();
    let columns: Vec<String> = table.headers().unwrap().iter().map(str::to_owned).collect();
    let row = |row: csv::StringRecord| {
        let cells = columns.iter().cloned().zip(row.iter().map(str::to_owned));
        cells.filter(|(_, cell)| !cell.is_empty()).collect()
    };
    let rows = table.records().map(|record| row(record.unwrap())).collect();
    (columns, rows)
}

/// What an item has at the ends of its branches, as a table shows it.
fn leaves(item: &Value, within: &str, into: &mut BTreeMap<String, String>) {
    match item {
        Value::Object(members) => {
            for (name, value) in members {
                let path = if within.is_empty() { name.clone() } else { format!("{within}.{name}") };
                leaves(value, &path, into);
            }
        }
        Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        Value::String(text) if text.starts_with(['=', '+', '-', '@']) => {
            into.insert(within.to_owned(), format!("'{text}"));
        }
        Value::String(text) => drop(into.insert(within.to_owned(), text.clone())),
        other => drop(into.insert(within.to_owned(), other.to_string())),
    }
}

fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, inner| !inner.is_null());
            members.values_mut().for_each(without_nulls);
        }
        Value::Array(all) => all.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// The names of all that is in a folder.
fn names(folder: impl AsRef<Path>) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

/// Whether a file is what an export leaves as long as it is not whole.
fn is_part(name: &str) -> bool {
    name.starts_with(".vanta-mcp-export-")
}

#[tokio::test]
async fn a_file_holds_what_the_pages_of_the_list_hold() {
    let scratch = Scratch::new("exports");
    let run = desk(&scratch).await;
    for (tool, arguments) in [
        ("list_vendors", json!({})),
        ("list_people", json!({"pageSize": 10, "fields": ["name", "emailAddress", "employment.status"]})),
        ("list_vulnerabilities", json!({"pageSize": 9, "severity": "HIGH"})),
        ("list_panel_accounts", json!({"status": "active"})),
        ("list_vendors", json!({"name": "no such vendor"})),
    ] {
        let named = arguments.get("fields").is_some();
        let all = if named { arguments.clone() } else { with(&arguments, "fields", json!(["*"])) };
        let expected = paged(&run, tool, all).await;
        let wanted = with(&arguments, "export", json!({"format": "jsonl", "name": "items"}));
        let told = run.value(tool, wanted).await;
        let exported = &told["exported"];
        let path = exported["path"].as_str().unwrap();
        let mut items = objects(path);
        let first: Vec<Value> = items.iter().take(3).cloned().collect();
        if named {
            assert_eq!(told["rows"], json!(first), "{tool}");
        } else {
            items.iter_mut().for_each(without_nulls);
        }
        assert_eq!(items, expected, "{tool}");
        assert_eq!(told["rows"].as_array().unwrap().len(), first.len(), "{tool}");
        let bytes = fs::read(path).unwrap();
        assert_eq!(
            (&exported["count"], &exported["size"], &exported["format"]),
            (&json!(items.len()), &json!(bytes.len()), &json!("jsonl"))
        );
        let sha256 = hex::encode(ring::digest::digest(&ring::digest::SHA256, &bytes));
        assert_eq!(exported["sha256"], sha256, "{tool}");
        let mut text = told.clone();
        assert!(!named || text["note"].take().is_null(), "{told}");

        let wanted = with(&arguments, "export", json!({"format": "csv", "name": "items.CSV"}));
        let told = run.value(tool, wanted).await;
        let (columns, rows) = rows(told["exported"]["path"].as_str().unwrap());
        assert_eq!(told["exported"]["columns"], json!(columns), "{tool}");
        let flat = |item: &Value| {
            let mut cells = BTreeMap::new();
            leaves(item, "", &mut cells);
            cells
        };
        assert_eq!(rows, expected.iter().map(flat).collect::<Vec<_>>(), "{tool}");
    }
    let files = names(scratch.path());
    let of = |ending: &str| files.iter().filter(|name| name.ends_with(ending)).count();
    assert_eq!((of(".jsonl"), of(".csv"), files.len()), (5, 5, 10), "nothing else is left: {files:?}");
    assert!(files.contains(&"items (4).csv".to_owned()), "nothing is overwritten: {files:?}");
}

#[tokio::test]
async fn an_empty_list_says_why_it_is_empty() {
    let scratch = Scratch::new("exports-empty");
    let run = desk(&scratch).await;
    let filter = json!({"frameworkMatchesAny": ["none-such"], "export": {"format": "csv"}});
    let told = run.value("list_controls", filter).await;
    assert_eq!(told["exported"]["count"], 0);
    assert!(told["note"].as_str().unwrap().contains("none-such"), "{told}");
}

#[tokio::test]
async fn so_many_items_and_no_more() {
    let scratch = Scratch::new("exports-some");
    let run = desk(&scratch).await;
    let expected = paged(&run, "list_controls", json!({"fields": ["id"]})).await;
    run.tenant.forget();
    let wanted =
        json!({"maxItems": 12, "pageSize": 5, "all": true, "fields": ["id"], "export": {"format": "jsonl"}});
    let told = run.value("list_controls", wanted).await;
    assert_eq!(objects(told["exported"]["path"].as_str().unwrap()), expected[..12]);
    assert!(told["note"].as_str().unwrap().contains("Only the first 12 items"), "{told}");
    assert_eq!(run.seen().len(), 3);
    assert_eq!(names(scratch.path()), ["controls.jsonl"]);
}

#[tokio::test]
async fn what_cannot_be_written_is_refused_before_anything_is_sent() {
    let scratch = Scratch::new("exports-refused");
    let run = desk(&scratch).await;
    for (arguments, told) in [
        (
            json!({"export": {"format": "csv", "name": "../x.csv"}}),
            "file name without a folder, such as vendors.csv",
        ),
        (json!({"export": {"format": "csv", "name": "/etc/x"}}), "file name without a folder"),
        (json!({"export": {"format": "jsonl", "name": ".."}}), "such as vendors.jsonl"),
        (json!({"export": {"format": "xlsx"}}), "must be one of `jsonl`, `csv`"),
        (json!({"export": {}}), "`export.format` is required"),
        (json!({"export": {"format": "csv"}, "countOnly": true}), "cannot be combined with `countOnly`"),
        (json!({"export": {"format": "csv"}, "groupBy": "status"}), "with `groupBy`"),
        (json!({"export": {"format": "csv"}, "jq": "."}), "with `jq`"),
    ] {
        let error = run.error("list_vendors", arguments.clone()).await;
        assert!(error.contains(told) && error.contains("Nothing was sent"), "{arguments}: {error}");
    }
    let error = run.error("get_vendor", json!({"vendorId": "v", "export": {"format": "csv"}})).await;
    assert!(error.contains("unknown argument `export`"), "{error}");
    assert!(run.seen().is_empty() && names(scratch.path()).is_empty());
    let closed = Setup::default().start().await;
    let error = closed.error("list_vendors", json!({"export": {"format": "csv"}})).await;
    assert!(error.contains("--files DIR") && error.contains("Nothing was sent"), "{error}");
    assert!(closed.seen().is_empty());
}

#[tokio::test]
async fn the_argument_is_shown_where_a_folder_is_open_and_nowhere_else() {
    let scratch = Scratch::new("exports-shown");
    for (run, is_open) in [(desk(&scratch).await, true), (Setup::default().start().await, false)] {
        let tools = run.client.list_all_tools().await.unwrap();
        let found = run.value("find_tools", json!({"query": "list_vendors"})).await;
        let mut lists = 0;
        for tool in &tools {
            let schema = json!(tool.input_schema);
            let properties = schema["properties"].as_object().unwrap();
            let is_list = properties.contains_key("groupBy");
            lists += usize::from(is_list);
            assert_eq!(properties.contains_key("export"), is_list && is_open, "{}", tool.name);
        }
        assert!(lists > 80, "{lists}");
        let cut = run.value("list_controls", json!({"maxChars": 1000})).await;
        assert_eq!(cut["note"].as_str().unwrap().contains("to a file with `export`"), is_open, "{cut}");
        let best = &found["best"]["inputSchema"]["properties"];
        assert_eq!(best.get("export").is_some(), is_open, "{best}");
    }
}

/// An upstream of so many items on pages of so many. A page at or after `gate` fails with this status until the gate is open.
struct Long {
    items: usize,
    page: usize,
    gate: usize,
    status: u16,
    is_open: Arc<AtomicBool>,
}

impl Long {
    async fn start(self) -> Listener {
        Listener::start(move |request| self.answer(request)).await
    }

    fn answer(&self, request: &str) -> (u16, String) {
        if request.contains("/oauth/token") {
            return (
                200,
                json!({"access_token": "t", "token_type": "bearer", "expires_in": 3600}).to_string(),
            );
        }
        let from = cursor(request).unwrap_or(0);
        if from >= self.gate && !self.is_open.load(Ordering::Relaxed) {
            return (self.status, json!({"message": "not now"}).to_string());
        }
        let to = (from + self.page).min(self.items);
        let items: Vec<String> = (from..to)
            .map(|id| format!("{{\"id\":\"v{id}\",\"name\":\"Vendor {id}\",\"owner\":{{\"id\":null}}}}"))
            .collect();
        let info = json!({"endCursor": format!("at{to}"), "hasNextPage": to < self.items});
        (200, format!("{{\"results\":{{\"data\":[{}],\"pageInfo\":{info}}}}}", items.join(",")))
    }
}

/// Where the page begins that a request asks for.
fn cursor(request: &str) -> Option<usize> {
    let rest = request.split("pageCursor=at").nth(1)?;
    rest.split([' ', '&']).next()?.parse().ok()
}

/// Where the pages began that were asked for.
fn asked(upstream: &Listener) -> Vec<usize> {
    let lists = upstream.heard().into_iter().filter(|request| request.starts_with("GET"));
    lists.map(|request| cursor(&request).unwrap_or(0)).collect()
}

fn ids(path: &str) -> Vec<String> {
    objects(path).iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

fn in_order(items: usize) -> Vec<String> {
    (0..items).map(|id| format!("v{id}")).collect()
}

#[tokio::test]
async fn a_list_that_is_too_large_for_a_file_is_told_and_leaves_nothing() {
    let scratch = Scratch::new("exports-large");
    let long = Long { items: 40_000, page: 10_000, gate: usize::MAX, status: 500, is_open: Arc::default() };
    let upstream = long.start().await;
    let setup = Setup::default().with("VANTA_MCP_FILES", scratch.path()).with("VANTA_MCP_MAX_FILE", "1");
    let run = setup.with("VANTA_BASE_URL", &*upstream.url).start().await;
    let error = run.error("list_vendors", json!({"export": {"format": "jsonl"}})).await;
    assert!(error.contains("more than 1048576 bytes") && error.contains("--max-file"), "{error}");
    assert!(names(scratch.path()).is_empty());
}

#[tokio::test]
async fn what_nobody_went_on_with_for_a_day_is_removed() {
    let scratch = Scratch::new("exports-old");
    let run = desk(&scratch).await;
    let place = |name: &str| PathBuf::from(scratch.path()).join(name);
    let day = std::time::Duration::from_secs(24 * 3600 + 60);
    for (name, age) in [
        (".vanta-mcp-export-old.jsonl.part", day),
        (".vanta-mcp-export-new.jsonl.part", std::time::Duration::ZERO),
        (".vanta-mcp-export-notes.txt", day),
        ("mine.jsonl.part", day),
    ] {
        fs::write(place(name), "x").unwrap();
        let file = fs::File::options().write(true).open(place(name)).unwrap();
        file.set_modified(std::time::SystemTime::now() - age).unwrap();
    }
    run.value("list_vendors", json!({"export": {"format": "jsonl"}})).await;
    assert_eq!(
        names(scratch.path()),
        [
            ".vanta-mcp-export-new.jsonl.part",
            ".vanta-mcp-export-notes.txt",
            "mine.jsonl.part",
            "vendors.jsonl"
        ]
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_hundred_thousand_rows_take_little_memory() {
    let scratch = Scratch::new("exports-many");
    let long = Long { items: 100_000, page: 1_000, gate: usize::MAX, status: 500, is_open: Arc::default() };
    let upstream = long.start().await;
    let setup = Setup::default().with("VANTA_MCP_FILES", scratch.path());
    let run = setup.with("VANTA_BASE_URL", &*upstream.url).start().await;
    run.value("list_vendors", json!({"maxItems": 1})).await;
    let before = run.peak_kib();
    let result = run.result("list_vendors", json!({"export": {"format": "csv"}})).await;
    let told = result.structured_content.clone().unwrap_or_else(|| panic!("{}", text(&result)));
    let grown = run.peak_kib() - before;
    assert_eq!(told["exported"]["count"], 100_000);
    let (columns, rows) = rows(told["exported"]["path"].as_str().unwrap());
    assert_eq!((columns.len(), rows.len()), (3, 100_000));
    let ids: Vec<&String> = rows.iter().map(|row| &row["id"]).collect();
    assert!(ids.iter().zip(in_order(100_000)).all(|(id, expected)| **id == expected));
    assert!(grown < 16 << 10, "{grown} KiB more at the peak");
}
