//! What is listed, what is found and run beside it, and what is ruled out.

use std::collections::BTreeSet;

use rmcp::model::{PaginatedRequestParams, Tool};
use serde_json::{Value, json};
use vanta_mcp::catalog::{self, Effect};
use vanta_mcp::parts::Findable;

use crate::harness::{BINARY, Generation, Run, Scratch, Setup, Wire, command, credentials, tenant, text};

const FINDERS: [&str; 4] = ["find_tools", "run_read_tool", "run_write_tool", "run_destroy_tool"];

fn offering(toolsets: &'static str) -> Setup {
    Setup::default().with("VANTA_MCP_TOOLSETS", toolsets)
}

async fn listed(setup: Setup) -> BTreeSet<String> {
    setup.start().await.names().await.into_iter().collect()
}

fn of_toolset(name: &str) -> BTreeSet<String> {
    let all = Findable::all().filter(|tool| !tool.is_deprecated() && tool.toolset() == name);
    all.map(|tool| tool.name().to_owned()).collect()
}

fn always() -> BTreeSet<String> {
    FINDERS.into_iter().chain(["server_status"]).map(str::to_owned).collect()
}

#[tokio::test]
async fn few_tools_are_listed_where_nobody_chooses_and_the_same_to_both_generations() {
    let mut lists = Vec::new();
    for generation in [Generation::Initialize, Generation::Discover] {
        let setup = Setup { generation, ..offering("") };
        let run = setup.start().await;
        lists.push(run.client.list_all_tools().await.unwrap());
        assert_eq!(lists.last(), Some(&run.client.list_all_tools().await.unwrap()), "and again the same");
    }
    assert_eq!(lists[0], lists[1]);
    let names: BTreeSet<&str> = lists[0].iter().map(|tool| tool.name.as_ref()).collect();
    assert!(FINDERS.iter().all(|finder| names.contains(finder)));
    assert!(names.len() <= 32, "{}", names.len());
    assert!(lists[0].is_sorted_by(|a, b| a.name < b.name));
    let usual = catalog::operations().iter().filter(|operation| operation.usual);
    let usual: BTreeSet<&str> = usual.map(|operation| operation.name).collect();
    assert!(usual.is_subset(&names), "at the highest access level all of the chosen few are there");
}

#[tokio::test]
async fn what_is_listed_by_default_stays_within_the_access_level() {
    for (access, level) in [("read", Effect::Read), ("write", Effect::Write)] {
        let names = listed(Setup::access(access).with("VANTA_MCP_TOOLSETS", "")).await;
        assert_eq!(names.contains("run_write_tool"), level > Effect::Read);
        for name in &names {
            assert!(catalog::find(name).is_none_or(|operation| operation.effect <= level), "{name}");
        }
    }
}

#[tokio::test]
async fn toolsets_are_listed_whole_and_nothing_else() {
    for area in catalog::areas() {
        assert!(!of_toolset(area.toolset).is_empty(), "{}", area.toolset);
    }
    let two = &of_toolset("vendors") | &of_toolset("panel");
    assert_eq!(listed(offering("vendors, panel")).await, &two | &always());
    let both = listed(offering("default,risk")).await;
    assert!(both.is_superset(&of_toolset("risk")) && both.contains("list_controls"));
    let all = Findable::all().filter(|tool| !tool.is_deprecated()).count();
    assert_eq!(listed(offering("all")).await.len(), all + always().len());
}

#[tokio::test]
async fn single_tools_are_added_and_excluding_beats_adding() {
    let setup = offering("vendors")
        .with("VANTA_MCP_TOOLS", "list_people,list_audit_people_legacy,delete_vendor")
        .with("VANTA_MCP_EXCLUDE_TOOLS", "delete_vendor list_vendors run_write_tool");
    let run = setup.start().await;
    let names = run.names().await;
    let has = |name: &str| names.iter().any(|listed| listed == name);
    assert!(has("list_people") && has("get_vendor"));
    assert!(has("list_audit_people_legacy"), "a deprecated tool is listed by its own name");
    for gone in ["delete_vendor", "list_vendors", "run_write_tool"] {
        assert!(!has(gone), "{gone}");
        let told = run.error(gone, json!({})).await;
        assert!(told.contains("(VANTA_MCP_EXCLUDE_TOOLS, --exclude-tools)"), "{told}");
    }
    let told = run.error("run_read_tool", json!({"tool": "list_vendors"})).await;
    assert!(told.contains("excluded"), "{told}");
    let found = run.value("find_tools", json!({"query": "delete a vendor", "limit": 20})).await;
    assert!(!found.to_string().contains("\"delete_vendor\""), "what is excluded is not found: {found}");
    assert!(run.seen().is_empty());
}

#[tokio::test]
async fn an_excluded_tool_stays_out_at_any_access_level_and_an_access_level_above_all() {
    let run = Setup::access("read").with("VANTA_MCP_TOOLS", "delete_vendor,create_vendor").start().await;
    let names = run.names().await;
    assert!(!names.iter().any(|name| name == "delete_vendor" || name == "create_vendor"));
    assert!(run.error("delete_vendor", json!({})).await.contains("VANTA_MCP_ACCESS=destroy"));
    assert!(
        run.error("run_write_tool", json!({"tool": "create_vendor"}))
            .await
            .contains("VANTA_MCP_ACCESS=write")
    );
}

#[tokio::test]
async fn an_unknown_name_ends_the_start_with_the_nearest() {
    for (flag, value, told) in [
        ("--toolsets", "vendor", "did you mean `vendors`?"),
        ("--tools", "list_vendor", "did you mean `list_vendors`?"),
        ("--exclude-tools", "list_contols", "did you mean `list_controls`?"),
        ("--toolsets", "zzz", "unknown toolset `zzz`"),
    ] {
        let done = command().args(["tools", "--demo", flag, value]).output().await.unwrap();
        let error = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(2), "{error}");
        assert!(error.contains(flag) && error.contains(told), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[tokio::test]
async fn flags_may_be_repeated_and_the_file_may_hold_lists() {
    let flags =
        ["tools", "--demo", "--json", "--toolsets", "panel", "--toolsets", "risk", "--tools=get_vendor"];
    let flags = command().args(flags).output().await.unwrap();
    let folder = Scratch::new("offer");
    let file = std::path::Path::new(&folder.path()).join("config.toml");
    std::fs::write(&file, "toolsets = [\"panel\", \"risk\"]\ntools = [\"get_vendor\"]\n").unwrap();
    let from_file =
        command().args(["tools", "--demo", "--json", "--config"]).arg(&file).output().await.unwrap();
    assert_eq!(flags.stdout, from_file.stdout);
    let list: Value = serde_json::from_slice(&flags.stdout).unwrap();
    let has = |name: &str| list["tools"].as_array().unwrap().iter().any(|tool| tool["name"] == name);
    assert!(
        has("list_panel_accounts") && has("list_risk_scenarios") && has("get_vendor") && !has("list_tests")
    );
}

#[tokio::test]
async fn a_search_answers_descriptions_the_best_schema_and_the_names_of_the_area() {
    let run = offering("").start().await;
    let found = run.value("find_tools", json!({"query": "delete a vendor", "limit": 3})).await;
    let items = found["items"].as_array().unwrap();
    assert_eq!((items.len(), found["count"].as_u64()), (3, Some(3)));
    assert_eq!(items[0]["name"], "delete_vendor", "{found}");
    assert_eq!(items[0]["effect"], "destroy");
    assert!(items.iter().all(|item| item["about"].as_str().is_some_and(|about| about.ends_with('.'))));
    let delete = catalog::find("delete_vendor").unwrap();
    assert_eq!(items[0]["about"], *delete.about, "the whole description");
    let schema: Value = serde_json::from_str(delete.schema.get()).unwrap();
    assert_eq!((&found["best"]["name"], &found["best"]["inputSchema"]), (&json!("delete_vendor"), &schema));
    let confirm = found["best"]["confirm"].as_str().unwrap();
    assert!(confirm.contains("`vendorId`") && confirm.contains("preview"), "{confirm}");
    let shown = |name: &str| found["others"]["Vendors"].as_array().unwrap().contains(&json!(name));
    assert!(shown("list_vendors") && shown("set_vendor_status") && !shown("delete_vendor"), "{found}");
    let read = run.value("find_tools", json!({"query": "list_vendors"})).await;
    assert!(read["best"].get("confirm").is_none(), "{read}");

    let by_name = run.value("find_tools", json!({"query": "get_trust_center_faq", "limit": 1})).await;
    assert_eq!(by_name["best"]["name"], "get_trust_center_faq");

    let panel = run.value("find_tools", json!({"query": "account", "api": "panel", "limit": 20})).await;
    let names = |found: &Value| -> Vec<String> {
        found["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(names(&panel).iter().all(|name| name.contains("panel")) && names(&panel).len() > 5);
    let reads = run.value("find_tools", json!({"query": "vendor", "effect": "read", "limit": 20})).await;
    let reads = reads["items"].as_array().unwrap();
    assert!(reads.len() > 5 && reads.iter().all(|item| item["effect"] == "read"), "{reads:?}");
    let nothing = run.value("find_tools", json!({"query": "zzqx"})).await;
    assert!(nothing["count"] == 0 && nothing["note"].as_str().is_some(), "{nothing}");
    assert!(run.seen().is_empty(), "a search asks nobody");
    let wrong = run.error("find_tools", json!({"query": "", "apis": "panel"})).await;
    assert!(wrong.contains("`query` must not be empty") && wrong.contains("did you mean `api`?"), "{wrong}");
}

#[tokio::test]
async fn an_area_is_listed_and_searched() {
    let run = offering("").start().await;
    let area = run.value("find_tools", json!({"area": "Audit evidence"})).await;
    let items = area["items"].as_array().unwrap();
    assert_eq!(items.len(), 7, "{area}");
    let evidence = items.iter().find(|item| item["name"] == "get_audit_evidence").unwrap();
    let title = &*catalog::find("get_audit_evidence").unwrap().title;
    assert_eq!((&evidence["effect"], &evidence["about"]), (&json!("read"), &json!(title)));
    let large = run.value("find_tools", json!({"area": "trust-center"})).await;
    assert!(large["note"].as_str().unwrap().contains("`area`"), "{large}");
    assert!(large["others"]["Trust Center content"].as_array().unwrap().len() > 20, "{large}");
    let areas = run.value("find_tools", json!({})).await;
    assert!(areas["others"]["people"].as_array().unwrap().contains(&json!("Groups")), "{areas}");
    let within = run.value("find_tools", json!({"query": "delete", "area": "vendors", "limit": 20})).await;
    let names = within["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap());
    let names: Vec<&str> = names.collect();
    assert!(names.len() > 3 && names.iter().all(|name| name.contains("vendor")), "{names:?}");
    let wrong = run.error("find_tools", json!({"area": "vendor"})).await;
    assert!(wrong.contains("did you mean vendors?") && wrong.contains("Nothing was sent"), "{wrong}");
    assert!(run.seen().is_empty(), "a search asks nobody");
}

#[tokio::test]
async fn what_no_tool_does_is_told_with_what_a_person_does() {
    let run = offering("").start().await;
    for (query, told, near) in [
        ("remind people of overdue training", "People page", Some("list_people")),
        ("order me a pizza", "No tool does this", None),
        ("book a taxi to the airport", "No tool does this", None),
        ("Bestell mir bitte ein Taxi zum Flughafen", "No tool", None),
        ("create a policy", "Policies page", Some("list_policies")),
    ] {
        let found = run.value("find_tools", json!({"query": query})).await;
        assert!(found["count"] == 0 && found["items"] == json!([]), "{query}: {found}");
        assert!(found["note"].as_str().unwrap().contains(told), "{query}: {found}");
        if let Some(near) = near {
            assert!(found["closest"].as_array().unwrap().contains(&json!(near)), "{query}: {found}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_called_is_found_with_the_reason() {
    let run = Setup::access("read").with("VANTA_PANEL_TOKEN", "").with("VANTA_PANEL_URL", "").start().await;
    let item = |found: &Value, name: &str| {
        let items = found["items"].as_array().unwrap();
        items.iter().find(|item| item["name"] == name).cloned().unwrap_or_else(|| panic!("{found}"))
    };
    let found = run.value("find_tools", json!({"query": "delete a vendor"})).await;
    assert!(item(&found, "delete_vendor")["notOffered"].as_str().unwrap().contains("access level"));
    let found = run.value("find_tools", json!({"query": "list panel accounts"})).await;
    let told = item(&found, "list_panel_accounts");
    assert!(told["notOffered"].as_str().unwrap().contains("credentials"), "{told}");
}

/// The same call by its own name and by its name as an argument.
async fn both_ways(
    run: &Run,
    runner: &str,
    tool: &str,
    arguments: Value,
) -> [(Option<bool>, Value, String); 2] {
    let direct = run.result(tool, arguments.clone()).await;
    let run_by_name = run.result(runner, json!({"tool": tool, "arguments": arguments})).await;
    [direct, run_by_name].map(|result| {
        let told = text(&result);
        (result.is_error, result.structured_content.unwrap_or_default(), told)
    })
}

#[tokio::test]
async fn a_tool_run_by_name_answers_as_if_it_had_been_called() {
    let run = offering("").start().await;
    let reads = [
        ("list_trust_center_faqs", json!({"slugId": "quillmere"})),
        ("list_vendors", json!({"pageSize": 2, "fields": ["name"]})),
        ("get_vendor", json!({"vendorId": "nobody"})),
        ("list_vendors", json!({"page_sise": 2})),
        ("get_vendor", json!({})),
    ];
    for (tool, arguments) in reads {
        let [direct, by_name] = both_ways(&run, "run_read_tool", tool, arguments).await;
        assert_eq!(direct, by_name, "{tool}");
    }
    run.tenant.forget();
    let vendor = run.value("list_vendors", json!({"pageSize": 1})).await["items"][0]["id"].clone();
    let [direct, by_name] =
        both_ways(&run, "run_destroy_tool", "delete_vendor", json!({"vendorId": vendor})).await;
    let untold = |preview: &str| preview.split("\"confirmation\"").next().unwrap().to_owned();
    assert_eq!(untold(&direct.2), untold(&by_name.2), "a preview both ways");
    assert!(direct.2.contains("preview") && !run.sent_changes(), "{direct:?}");
    let arguments = json!({"vendorId": vendor, "confirm": "no"});
    let [direct, by_name] = both_ways(&run, "run_destroy_tool", "delete_vendor", arguments).await;
    assert!(direct == by_name && direct.0 == Some(true) && !run.sent_changes());
    let arguments = json!({"vendorId": vendor, "confirm": vendor});
    let arguments = run.previewed("delete_vendor", &arguments).await;
    run.value("run_destroy_tool", json!({"tool": "delete_vendor", "arguments": arguments})).await;
    assert!(
        run.error("run_read_tool", json!({"tool": "get_vendor", "arguments": {"vendorId": vendor}}))
            .await
            .contains("404")
    );
}

#[tokio::test]
async fn a_write_does_not_pass_for_a_read() {
    let run = offering("").start().await;
    for operation in catalog::operations().iter().filter(|operation| operation.effect > Effect::Read) {
        let (runner, other) = match operation.effect {
            Effect::Write => ("run_write_tool", "run_destroy_tool"),
            _ => ("run_destroy_tool", "run_write_tool"),
        };
        for wrong in ["run_read_tool", other] {
            let told = run.error(wrong, json!({"tool": operation.name, "arguments": {}})).await;
            assert!(
                told.contains(&format!("Run it with {runner}")) && told.contains("Nothing was sent"),
                "{told}"
            );
        }
    }
    assert!(run.seen().is_empty());
    let reading = Setup::access("read").start().await;
    let told = reading.error("run_write_tool", json!({"tool": "list_vendors"})).await;
    assert!(told.contains("VANTA_MCP_ACCESS=write"), "{told}");
    let told = reading.error("run_read_tool", json!({"tool": "delete_vendor", "arguments": {}})).await;
    assert!(told.contains("VANTA_MCP_ACCESS=destroy"), "{told}");
}

#[tokio::test]
async fn a_wrong_name_or_form_is_told_and_nothing_is_sent() {
    let run = offering("").start().await;
    for (arguments, told) in [
        (json!({"tool": "list_vendor"}), "Did you mean list_vendors?"),
        (json!({"arguments": {}}), "`tool` is required"),
        (json!({"tool": "list_vendors", "arguments": "none"}), "`arguments` must be an object, not a string"),
        (json!({"tool": "run_write_tool"}), "run_write_tool cannot be run by name"),
        (json!({"tool": "server_status"}), "call server_status directly"),
    ] {
        let error = run.error("run_read_tool", arguments).await;
        assert!(error.contains(told), "{told}: {error}");
    }
    assert!(run.seen().is_empty());
}

async fn page(run: &Run, cursor: Option<String>, size: Option<u64>) -> (Vec<Tool>, Option<String>) {
    let mut request = PaginatedRequestParams::default().with_cursor(cursor);
    if let Some(size) = size {
        let meta = json!({"_meta": {"vanta-mcp/pageSize": size}});
        request.meta = serde_json::from_value::<PaginatedRequestParams>(meta).unwrap().meta;
    }
    let list = run.client.list_tools(Some(request)).await.unwrap();
    (list.tools, list.next_cursor)
}

#[tokio::test]
async fn the_list_comes_in_pages_where_they_are_asked_for() {
    let run = offering("all").start().await;
    let (whole, next) = page(&run, None, None).await;
    assert!(next.is_none() && whole.len() > 300, "one page where nobody asks");
    let mut pages = Vec::new();
    let mut cursor = None;
    for turn in 0..whole.len() {
        let (tools, next) = page(&run, cursor, (turn == 0).then_some(50)).await;
        assert!((1..=50).contains(&tools.len()), "{} tools", tools.len());
        pages.extend(tools);
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages, whole, "no gap, no overlap");
    for wrong in ["", "x", "50", "5000.50", "0.0", "-1.5"] {
        let request = PaginatedRequestParams::default().with_cursor(Some(wrong.to_owned()));
        let error = run.client.list_tools(Some(request)).await.unwrap_err().to_string();
        assert!(error.contains("-32602") && error.contains("cursor"), "{error}");
    }
    let by_setting = offering("all").with("VANTA_MCP_LIST_PAGE", "100").start().await;
    assert_eq!(page(&by_setting, None, None).await.0.len(), 100);
    assert_eq!(by_setting.client.list_all_tools().await.unwrap(), whole);
}

#[tokio::test]
async fn a_list_is_the_same_whichever_way_it_is_written() {
    let tenant = tenant(vanta_demo::Limits::Off).await;
    for own in [None, Some("2026-07-28")] {
        let mut command = command();
        command
            .envs(credentials(&tenant))
            .env("VANTA_MCP_TOOLSETS", "all")
            .env("VANTA_MCP_ACCESS", "destroy");
        let mut wire = Wire::start(command);
        let mut meta = json!({});
        match own {
            None => wire.initialize().await,
            Some(own) => {
                meta["io.modelcontextprotocol/protocolVersion"] = json!(own);
                meta["io.modelcontextprotocol/clientCapabilities"] = json!({});
            }
        }
        let mut lists = Vec::new();
        // What is not known in a request goes another way, and so does the first request of a client without sessions.
        for odd in [true, false, false] {
            let mut said = meta.clone();
            if odd {
                said["example.com/odd"] = json!(1);
            }
            let list =
                json!({"jsonrpc": "2.0", "id": "l", "method": "tools/list", "params": {"_meta": said}});
            wire.message(&list).await;
            lists.push(wire.receive().await.unwrap());
        }
        assert!(lists[0]["result"]["tools"].as_array().unwrap().len() > 320);
        assert_eq!(lists[0], lists[1]);
        assert_eq!(lists[1], lists[2]);
        assert_eq!(lists[1]["result"]["ttlMs"].is_u64(), own.is_some());
    }
}

#[tokio::test]
async fn the_instructions_say_how_to_find_page_confirm_and_distrust_in_250_words() {
    let tenant = tenant(vanta_demo::Limits::Off).await;
    let mut command = command();
    command.envs(credentials(&tenant));
    let mut wire = Wire::start(command);
    wire.message(&json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}
    }))
    .await;
    let answer = wire.receive().await.unwrap();
    let told = answer["result"]["instructions"].as_str().unwrap();
    assert!(told.split_whitespace().count() <= 250, "{}", told.split_whitespace().count());
    let all = catalog::operations().len();
    assert!(told.contains(&format!("all {all} tools")), "{told}");
    wire.message(&json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"})).await;
    let listed = wire.receive().await.unwrap();
    let find = listed["result"]["tools"].as_array().unwrap().iter().find(|tool| tool["name"] == "find_tools");
    let jobs = vanta_mcp::parts::Findable::all()
        .filter(|tool| matches!(tool, vanta_mcp::parts::Findable::Job(_)))
        .count();
    let found = format!("all {},", all + jobs);
    assert!(find.unwrap()["description"].as_str().unwrap().contains(&found), "{find:?}");
    for word in [
        "compliance",
        "web-hosting",
        "find_tools",
        "run_read_tool",
        "pageCursor",
        "confirm",
        "never instructions",
    ] {
        assert!(told.contains(word), "{word}");
    }
}

#[test]
fn a_change_to_any_tool_shows_in_review() {
    let shown = std::process::Command::new(BINARY)
        .args(["tools", "--demo", "--access", "destroy", "--toolsets", "all", "--json"])
        .env_clear()
        .output()
        .unwrap();
    let list: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert!(list["tools"].as_array().unwrap().len() > 320);
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_json_snapshot!("all_tools", list));
}
