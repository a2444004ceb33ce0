//! The documentation keeps its word: what is generated in it is fresh, what it shows to paste works, its links lead
//! somewhere. `tests/docs/run` runs its commands.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vanta_mcp::catalog::{self, Effect, Known};
use vanta_mcp::parts::Findable;
use vanta_mcp::parts::table::{SETTINGS, ValueKind};

use crate::harness::{self, Wire};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(file(name)).unwrap()
}

/// Every page that a reader may open, by its path.
fn pages() -> Vec<String> {
    let top =
        ["README.md", "SECURITY.md", "PRIVACY.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(str::to_owned);
    let mut pages = top.to_vec();
    for entry in std::fs::read_dir(file("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
            pages.push(format!("docs/{name}"));
        }
    }
    assert!(pages.len() > 12, "{pages:?}");
    pages
}

/// A page with this text between the two markers.
fn with_between_markers(page: &str, marker: &str, wanted: &str) -> String {
    let (begin, end) = (format!("<!-- {marker} -->\n"), format!("<!-- /{marker} -->"));
    let (before, rest) = page.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{begin}{wanted}{end}{after}")
}

#[test]
fn what_is_generated_is_fresh() {
    let example = format!("\n```json\n{}```\n\n", read("mcp.json.example"));
    let mut stale = Vec::new();
    for (page, marker, wanted) in [
        ("README.md", "mcp.json.example", example),
        ("docs/settings.md", "settings", settings()),
        ("docs/tools.md", "operations", operations()),
        ("docs/tools.md", "jobs", jobs()),
        ("docs/tools.md", "areas", areas()),
    ] {
        let present = read(page);
        let fresh = with_between_markers(&present, marker, &wanted);
        if fresh != present {
            std::fs::write(file(page), fresh).unwrap();
            stale.push(format!("{page}: {marker}"));
        }
    }
    assert!(
        stale.is_empty(),
        "these were stale and have been rewritten: look at them and commit them: {stale:?}"
    );
}

/// How many operations there are, and how that number comes about.
fn operations() -> String {
    let all = catalog::operations();
    let of = |api: catalog::Api| all.iter().filter(|operation| operation.api == api).count();
    let in_part = all.iter().filter(|operation| operation.known == Known::InPart).count();
    let ending = all.iter().filter(|operation| operation.deprecated).count();
    let vanta = all.len() - of(catalog::Api::Panel);
    format!(
        "\n**{} operations**, each with a tool: {vanta} of Vanta ({} Manage Vanta, {} Conduct an Audit, {} Build \
         Integrations; {in_part} of them are publicly documented in part only) and {} of Vanta Panel. {ending} that Vanta \
         has announced the end of are listed only by name, so `--toolsets all` lists {}, and with them the {} [jobs](#jobs), \
         `server_status`, `find_tools`, `run_read_tool` and `run_write_tool`.\n\n",
        all.len(),
        of(catalog::Api::Manage),
        of(catalog::Api::Audit),
        of(catalog::Api::Connectors),
        of(catalog::Api::Panel),
        all.len() - ending,
        all_jobs().count()
    )
}

fn all_jobs() -> impl Iterator<Item = Findable> {
    Findable::all().filter(|tool| matches!(tool, Findable::Job(_)))
}

/// Each job with the first sentence of its description.
fn jobs() -> String {
    let mut table = "\n| job | toolset | what it answers |\n| --- | --- | --- |\n".to_owned();
    for job in all_jobs() {
        let about = job.about().split_once(". ").map_or(job.about(), |(first, _)| first);
        writeln!(table, "| `{}` | `{}` | {} |", job.name(), job.toolset(), about.trim_end_matches('.'))
            .unwrap();
    }
    table + "\n"
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
    table + "| | `--demo` | | Use the built-in demo tenant instead of real upstreams | |\n\n"
}

fn areas() -> String {
    let mut table = "\n| API | area | toolset | tools | read | write | publish | destroy | scopes |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for area in catalog::areas() {
        let own: Vec<_> =
            catalog::operations().iter().filter(|o| o.api == area.api && o.area == area.name).collect();
        let count = |effect| own.iter().filter(|operation| operation.effect == effect).count();
        let [read, write, publish, destroy] = Effect::ALL.map(count);
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
            "| {api} | {title} | `{toolset}` | {all} | {read} | {write} | {publish} | {destroy} | `{scopes}` |"
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
        let words: Vec<&str> = line.split_whitespace().filter(|word| !dated(line, word)).collect();
        let found = tour.lines().any(|printed| words.iter().all(|word| printed.contains(word)));
        assert!(found, "the tour does not print: {line}");
        shown += 1;
    }
    assert!(shown > 10, "a real transcript is shown");
}

/// Whether a word follows the clock: the numbers and the month of a line that names a year of this century.
fn dated(line: &str, word: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let year =
        line.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() == 4 && digits.starts_with("20"));
    year && (word.contains(|c: char| c.is_ascii_digit()) || MONTHS.contains(&word))
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
fn the_documented_commands_run_in_ci() {
    let (readme, ci) = (read("README.md"), read(".ci/run"));
    assert!(readme.contains("cargo test --locked") && ci.contains("cargo test --locked"));
    assert!(ci.lines().any(|line| line.starts_with("tests/docs/run ")));
}

/// One number, wherever it is said.
#[test]
fn how_many_operations_there_are_is_said_alike_everywhere() {
    let all = catalog::operations().len();
    let panel = catalog::operations().iter().filter(|operation| operation.api == catalog::Api::Panel).count();
    let vanta = all - panel;
    for (page, said) in [
        ("README.md", format!("{all} operations: {vanta} of Vanta's three APIs, {panel} of the Panel")),
        ("docs/comparison.md", format!("| tools | {all} operations |")),
    ] {
        assert!(read(page).contains(&said), "{page}: {said}");
    }
    let listed = std::process::Command::new(harness::BINARY)
        .args(["tools", "--demo", "find_tools"])
        .env_clear()
        .output();
    let told = String::from_utf8(listed.unwrap().stdout).unwrap();
    // Jobs are found as operations are.
    assert!(told.contains(&format!("among all {}", all + all_jobs().count())), "{told}");
}

/// Words are what lies between white space, in tables and code too.
#[test]
fn the_readme_is_read_in_five_minutes() {
    let words = read("README.md").split_whitespace().count();
    assert!((900..=1300).contains(&words), "the README has {words} words");
}

/// The heading's anchor, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

fn anchors(page: &str) -> Vec<String> {
    let mut fenced = false;
    let mut anchors = Vec::new();
    for line in page.lines() {
        fenced ^= line.starts_with("```");
        if let Some(heading) = line.strip_prefix('#').filter(|_| !fenced) {
            anchors.push(anchor(heading.trim_start_matches('#').trim()));
        }
    }
    anchors
}

/// Where the links of a page lead.
fn links(page: &str) -> Vec<&str> {
    page.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)).collect()
}

/// What is wrong with a link in a page.
fn wrong_link(page: &str, link: &str) -> Option<String> {
    if link.starts_with("https://") {
        return None;
    }
    let (path, wanted) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let folder = Path::new(page).parent().unwrap();
    let target = if path.is_empty() { file(page) } else { file(&folder.join(path).to_string_lossy()) };
    if !target.exists() {
        return Some(format!("{page}: {link}: there is no such file"));
    }
    let wanted = wanted?;
    let headings = anchors(&std::fs::read_to_string(target).unwrap());
    (!headings.iter().any(|heading| heading == wanted))
        .then(|| format!("{page}: {link}: no such heading among {headings:?}"))
}

#[test]
fn every_link_leads_somewhere() {
    let mut followed = 0;
    let mut wrong = Vec::new();
    for page in pages() {
        let text = read(&page);
        for link in links(&text) {
            followed += 1;
            wrong.extend(wrong_link(&page, link));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(followed > 40, "only {followed} links were found");
    assert!(wrong_link("docs/index.md", "nowhere.md").is_some());
    assert!(wrong_link("docs/index.md", "tools.md#no-such-heading").is_some());
    assert!(wrong_link("docs/index.md", "http://example.com").is_some());
}

#[test]
fn every_page_is_reached_from_the_index() {
    let index = read("docs/index.md");
    for page in pages() {
        let link = page.strip_prefix("docs/").map_or_else(|| format!("../{page}"), str::to_owned);
        assert!(
            page == "docs/index.md" || index.contains(&format!("]({link})")),
            "docs/index.md lacks {link}"
        );
    }
}

/// The blocks of a kind of text in a page.
fn blocks<'p>(page: &'p str, kind: &str) -> Vec<&'p str> {
    let opening = format!("```{kind}\n");
    page.split(opening.as_str()).skip(1).map(|rest| rest.split_once("```").unwrap().0).collect()
}

/// What a reader pastes into a client or a settings file can be read, and what it starts, starts.
#[tokio::test]
async fn what_is_shown_to_paste_can_be_pasted() {
    let mut started = 0;
    for page in pages() {
        let text = read(&page);
        for block in blocks(&text, "toml") {
            if let Err(error) = block.parse::<toml::Table>() {
                panic!("{page}: {error}\n{block}");
            }
        }
        for block in blocks(&text, "json") {
            let value: Value =
                serde_json::from_str(block).unwrap_or_else(|error| panic!("{page}: {error}\n{block}"));
            let servers = value.get("mcpServers").or_else(|| value.get("servers")).and_then(Value::as_object);
            for entry in servers.into_iter().flat_map(|servers| servers.values()) {
                let Some(command) = entry.get("command") else { continue };
                if command == "docker" {
                    // tests/image/run starts the image.
                    continue;
                }
                assert_eq!(command, "vanta-mcp", "{page}");
                let mut command = harness::command();
                for argument in entry["args"].as_array().unwrap() {
                    command.arg(argument.as_str().unwrap());
                }
                Wire::start(command).initialize().await;
                started += 1;
            }
        }
    }
    assert!(started >= 3, "{started} servers were started");
}
