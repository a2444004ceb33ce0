//! The README keeps its word: what is generated in it is fresh, what it shows to paste works.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vanta_mcp::catalog::{self, Effect, Known};
use vanta_mcp::parts::table::{SETTINGS, ValueKind};

use crate::harness::{self, Wire};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(file(name)).unwrap()
}

/// The README with this text between the two markers.
fn with_between_markers(readme: &str, marker: &str, wanted: &str) -> String {
    let (begin, end) = (format!("<!-- {marker} -->\n"), format!("<!-- /{marker} -->"));
    let (before, rest) = readme.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{begin}{wanted}{end}{after}")
}

#[test]
fn what_is_generated_is_fresh() {
    let readme = read("README.md");
    let example = format!("\n```json\n{}```\n\n", read("mcp.json.example"));
    let mut fresh = readme.clone();
    for (marker, wanted) in [("settings", settings()), ("areas", areas()), ("mcp.json.example", example)] {
        fresh = with_between_markers(&fresh, marker, &wanted);
    }
    if fresh != readme {
        std::fs::write(file("README.md"), fresh).unwrap();
        panic!(
            "generated parts of the README were stale; they have been rewritten: look at them and commit them"
        );
    }
}

fn settings() -> String {
    let mut table =
        "\n| variable | flag | default | what it sets | key in the file |\n| --- | --- | --- | --- | --- |\n"
            .to_owned();
    for setting in SETTINGS {
        let flag = setting.flag.map(|flag| format!("`--{flag}`")).unwrap_or_default();
        let key = if setting.kind == ValueKind::File { String::new() } else { format!("`{}`", setting.key) };
        let variable = match setting.kind {
            ValueKind::Secret => format!("`{0}` or `{0}_FILE`", setting.env),
            _ => format!("`{}`", setting.env),
        };
        writeln!(table, "| {variable} | {flag} | {} | {} | {key} |", setting.default, setting.about).unwrap();
    }
    table + "| | `--demo` | | Use the built-in demo tenant in place of real upstreams | |\n\n"
}

fn areas() -> String {
    let mut table = "\n| API | area | toolset | tools | read | write | destroy | scopes |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for area in catalog::areas() {
        let own: Vec<_> =
            catalog::operations().iter().filter(|o| o.api == area.api && o.area == area.name).collect();
        let count = |effect| own.iter().filter(|operation| operation.effect == effect).count();
        let (read, write, destroy) = (count(Effect::Read), count(Effect::Write), count(Effect::Destroy));
        // Any one of them is enough for the tools of its kind, the broadest first.
        let mut scopes: Vec<&str> = Vec::new();
        for operation in &own {
            let writes = operation.effect > Effect::Read;
            for scope in operation.scopes().iter().filter(|scope| scope.writes() == writes) {
                if !scopes.contains(&scope.as_str()) {
                    scopes.push(scope.as_str());
                }
            }
        }
        scopes.sort_unstable();
        let (all, toolset, scopes) = (own.len(), area.toolset, scopes.join("`, `"));
        let (api, title) = (area.api.title(), &area.title);
        let in_part = own.iter().filter(|operation| operation.known == Known::InPart).count();
        let all = if in_part == 0 { all.to_string() } else { format!("{all} ({in_part} in part)") };
        writeln!(
            table,
            "| {api} | {title} | `{toolset}` | {all} | {read} | {write} | {destroy} | `{scopes}` |"
        )
        .unwrap();
    }
    table + "\n"
}

#[test]
fn the_transcript_is_what_the_tour_prints() {
    let readme = read("README.md");
    let (_, rest) = readme.split_once("<!-- transcript -->").unwrap();
    let (transcript, _) = rest.split_once("<!-- /transcript -->").unwrap();
    let output = std::process::Command::new(harness::BINARY).arg("demo").env_clear().output().unwrap();
    let tour = String::from_utf8(output.stdout).unwrap();
    let lines =
        transcript.lines().filter(|line| !line.is_empty() && !line.starts_with("```") && *line != "…");
    let mut shown = 0;
    for line in lines {
        // Dates follow the clock, and with them the width of columns; the words do not.
        let words: Vec<&str> = line.split_whitespace().filter(|word| !word.contains("20")).collect();
        let found = tour.lines().any(|printed| words.iter().all(|word| printed.contains(word)));
        assert!(found, "the tour does not print: {line}");
        shown += 1;
    }
    assert!(shown > 10, "a real transcript is shown");
}

#[tokio::test]
async fn a_server_starts_from_mcp_json_example() {
    let example: Value = serde_json::from_str(&read("mcp.json.example")).unwrap();
    let entry = &example["mcpServers"]["vanta"];
    assert_eq!(entry["command"], "vanta-mcp");
    let tenant = harness::tenant(vanta_demo::Limits::Enforced).await;
    let real = harness::credentials(&tenant);
    let mut command = harness::command();
    command.args(entry["args"].as_array().unwrap().iter().map(|argument| argument.as_str().unwrap()));
    for (name, value) in entry["env"].as_object().unwrap() {
        // What a person fills in; what the example leaves empty stays so.
        let value = value.as_str().unwrap();
        let filled = if value.starts_with("your") { real[name.as_str()].as_str() } else { value };
        command.env(name, filled);
    }
    command.env("VANTA_BASE_URL", tenant.vanta_url());
    let mut wire = Wire::start(command);
    wire.initialize().await;
    let call = serde_json::json!({"name": "list_frameworks", "arguments": {}});
    wire.message(&serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}))
        .await;
    let answer = wire.receive().await.unwrap();
    assert_eq!(answer["result"]["structuredContent"]["count"], 3, "{answer}");
}

#[test]
fn the_commands_of_the_readme_are_the_ones_that_are_checked() {
    let readme = read("README.md");
    let ci = read(".ci/run");
    assert!(readme.contains("cargo test --locked") && ci.contains("cargo test --locked"));
    assert!(readme.contains("cargo run --locked -- demo"));
}

/// One number, wherever it is said.
#[test]
fn how_many_operations_there_are_is_said_alike_everywhere() {
    let all = catalog::operations().len();
    let vanta = catalog::operations().iter().filter(|operation| operation.api != catalog::Api::Panel).count();
    let in_part = catalog::operations().iter().filter(|operation| operation.known == Known::InPart).count();
    let readme = read("README.md");
    for said in [
        format!("All {vanta} operations of Vanta's three APIs"),
        format!("({in_part} of Vanta's are documented in part"),
        format!("A list of {all} tools"),
    ] {
        assert!(readme.contains(&said), "README.md: {said}");
    }
    let listed = std::process::Command::new(harness::BINARY)
        .args(["tools", "--demo", "find_tools"])
        .env_clear()
        .output();
    let told = String::from_utf8(listed.unwrap().stdout).unwrap();
    assert!(told.contains(&format!("among all {all}")), "{told}");
}
