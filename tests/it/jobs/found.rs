//! Jobs are found like any tool, under the same rules.

use rmcp::model::{
    ArgumentInfo, CompleteRequestParams, ReadResourceRequestParams, Reference, ResourceContents,
};
use serde_json::{Value, json};

use crate::harness::{Run, Setup, command};

fn names(found: &Value) -> Vec<&str> {
    found["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

async fn resource(run: &Run, uri: &str) -> String {
    let read = run.client.read_resource(ReadResourceRequestParams::new(uri)).await.unwrap();
    let ResourceContents::TextResourceContents { text, .. } = &read.contents[0] else { panic!("no text") };
    text.clone()
}

#[tokio::test]
async fn a_job_is_found_described_listed_and_run() {
    let run = Setup::access("read").start().await;
    let found = run.value("find_tools", json!({"query": "what are our biggest risks"})).await;
    assert_eq!(names(&found)[0], "top_risks", "before the list that it reads: {found}");
    let item = &found["items"][0];
    assert!(item["about"].as_str().unwrap().contains("list_risk_scenario_controls"), "whole: {item}");
    assert_eq!((&item["effect"], &found["best"]["name"]), (&json!("read"), &json!("top_risks")));
    assert_eq!(found["best"]["inputSchema"]["properties"]["n"]["maximum"], 40, "{found}");
    let others = found["others"]["Risk scenarios"].as_array().unwrap();
    assert!(!others.contains(&json!("top_risks")) && !others.is_empty(), "{found}");
    let area = run.value("find_tools", json!({"area": "Risk scenarios"})).await;
    let told = area["items"].as_array().unwrap().iter().find(|item| item["name"] == "top_risks").unwrap();
    assert_eq!(told["about"], "Greatest risks", "{area}");
    let beside = run.value("find_tools", json!({"query": "create a risk scenario"})).await;
    assert!(beside["others"]["Risk scenarios"].as_array().unwrap().contains(&json!("top_risks")), "{beside}");
    let named = run.value("find_tools", json!({"query": "top_risks", "api": "manage"})).await;
    assert_eq!(names(&named)[0], "top_risks");
    let writes = run.value("find_tools", json!({"query": "biggest risks", "effect": "write"})).await;
    assert!(!writes.to_string().contains("top_risks"), "it only reads: {writes}");
    let wanted = json!({"tool": "top_risks", "arguments": {"n": 2}});
    let risks = run.value("run_read_tool", wanted).await;
    assert_eq!(risks["top"]["rows"].as_array().unwrap().len(), 2, "{risks}");
}

#[tokio::test]
async fn what_rules_a_job_or_its_calls_out_rules_it_out_of_the_search() {
    for excluded in ["top_risks", "list_risk_scenarios"] {
        let run = Setup::access("read").with("VANTA_MCP_EXCLUDE_TOOLS", excluded).start().await;
        for asked in
            [json!({"query": "biggest risks"}), json!({"query": "top_risks"}), json!({"area": "risk"})]
        {
            let found = run.value("find_tools", asked).await.to_string();
            assert!(!found.contains("\"top_risks\""), "{excluded}: {found}");
        }
        assert!(!run.names().await.contains(&"top_risks".to_owned()));
        assert!(run.error("top_risks", json!({})).await.contains("excluded"), "{excluded}");
    }
    let run = Setup::access("read").with("VANTA_PANEL_TOKEN", "").with("VANTA_PANEL_URL", "").start().await;
    let found = run.value("find_tools", json!({"query": "panel_overview"})).await;
    assert_eq!(found["items"][0]["notOffered"], "no credentials for Vanta Panel", "{found}");
}

#[tokio::test]
async fn a_job_s_name_is_completed_read_about_and_meant() {
    let run = Setup::access("read").start().await;
    let reference = Reference::for_resource("vanta-mcp://tools/{name}");
    let asked = CompleteRequestParams::new(reference, ArgumentInfo::new("name", "top_"));
    assert_eq!(run.client.complete(asked).await.unwrap().completion.values, ["top_risks"]);
    let about: Value = serde_json::from_str(&resource(&run, "vanta-mcp://tools/top_risks").await).unwrap();
    assert_eq!((&about["title"], &about["effect"]), (&json!("Greatest risks"), &json!("read")));
    let toolsets = resource(&run, "vanta-mcp://toolsets").await;
    assert!(toolsets.contains("- top_risks (read): Greatest risks"), "{toolsets}");
    for meant in ["top_risk", "topRisks", "mcp__vanta__top_risks"] {
        let told = run.protocol_error(meant, json!({})).await.message.to_string();
        assert!(told.contains("top_risks"), "{told}");
    }
}

#[tokio::test]
async fn a_person_finds_jobs_too() {
    for (arguments, code, told) in [
        (&["tools", "--demo", "top_risks"][..], 0, "top_risks (Greatest risks)\neffect: read, scope: none"),
        (&["tools", "--demo"], 0, "panel_overview"),
        (&["tools", "--demo", "--toolsets", "panel", "--tools", "top_risks"], 0, "top_risks"),
        (&["call", "--demo", "find_tools", r#"{"query":"biggest risks"}"#], 0, "\"name\":\"top_risks\""),
        (&["call", "--demo", "top_risk"], 2, "did you mean `top_risks`"),
        (&["top_risks"], 2, "`top_risks` is a tool: vanta-mcp call top_risks."),
        (&["top_risk"], 2, "did you mean `vanta-mcp call top_risks`?"),
        (&["tools", "--demo", "--exclude-tools", "top_risk"], 2, "did you mean `top_risks`?"),
    ] {
        let done = command().args(arguments).output().await.unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(told), "{arguments:?}: {said}");
    }
}
