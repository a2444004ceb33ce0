//! Output schemas: what a client may count on in an answer. Clients refuse an answer that is not so.
//!
//! Every other test asks through the same client as these, which holds each answer against the schema of its tool.

use serde_json::{Value, json};

use crate::harness::{Generation, Run, Setup};

/// The words of an output schema.
const WORDS: [&str; 2] = ["type", "properties"];

async fn tools(run: &Run) -> Vec<Value> {
    let tools = run.client.list_all_tools().await.unwrap();
    tools.into_iter().map(|tool| serde_json::to_value(tool).unwrap()).collect()
}

#[tokio::test]
async fn lists_and_jobs_have_an_output_schema_that_every_client_compiles() {
    for generation in [Generation::Initialize, Generation::Discover] {
        let run = Setup { generation, ..Setup::default() }.start().await;
        let mut with = Vec::new();
        for tool in tools(&run).await {
            let name = tool["name"].as_str().unwrap();
            let Some(schema) = tool.get("outputSchema") else { continue };
            with.push(name.to_owned());
            let words = schema.as_object().unwrap();
            assert!(words.keys().all(|word| WORDS.contains(&word.as_str())), "{name}: {schema}");
            assert_eq!(schema["type"], "object", "{name}: older clients are not shown another root");
            for (member, kind) in schema["properties"].as_object().unwrap() {
                let kind = kind.as_object().unwrap();
                let plain = kind.is_empty() || kind.len() == 1 && kind["type"].is_string();
                assert!(plain, "{name}: {member} is {kind:?}");
            }
        }
        for name in ["list_controls", "failing_controls", "list_panel_accounts", "due"] {
            assert!(with.contains(&name.to_owned()), "{name}");
        }
        for name in ["get_control", "run_read_tool", "update_vendor"] {
            assert!(!with.contains(&name.to_owned()), "{name}");
        }
        assert!(with.len() > 100, "{}", with.len());
    }
}

#[tokio::test]
async fn every_form_of_a_list_is_what_its_schema_says() {
    for generation in [Generation::Initialize, Generation::Discover] {
        let run = Setup { generation, ..Setup::default() }.start().await;
        for arguments in [
            json!({}),
            json!({"format": "table"}),
            json!({"format": "json", "pageSize": 1}),
            json!({"all": true}),
            json!({"all": true, "maxChars": 1000}),
            json!({"maxItems": 3}),
            json!({"countOnly": true}),
            json!({"groupBy": "status"}),
            json!({"jq": "length"}),
            json!({"jq": "null"}),
            json!({"jq": "{count: \"many\", nextCursor: 1}"}),
            json!({"jq": "map(.id)"}),
            json!({"fields": ["*"]}),
        ] {
            for tool in ["list_vendors", "list_panel_accounts"] {
                run.result(tool, arguments.clone()).await;
            }
        }
        run.result("list_documents", json!({"frameworkMatchesAny": ["nothing"]})).await;
        // An error has no structured content, and is held to nothing.
        run.error("list_vendors", json!({"pageSize": "many"})).await;
    }
}

#[tokio::test]
async fn the_whole_schema_of_a_job_holds_for_its_answer() {
    let run = Setup::access("read").start().await;
    for (job, arguments) in [
        ("audit_readiness", json!({})),
        ("changes_since", json!({})),
        ("compliance_overview", json!({})),
        ("due", json!({"days": 60})),
        ("failing_controls", json!({"framework": "SOC 2"})),
        ("explain_failure", json!({"test": "okta-mfa-enabled"})),
        ("find_panel_account", json!({"account": "baker"})),
        ("find_panel_account", json!({"account": "nobody"})),
        ("panel_overview", json!({})),
        ("offboarding_check", json!({"person": "Greta Rautio"})),
        ("person_duties", json!({"person": "Greta Rautio"})),
        ("top_risks", json!({})),
        ("trust_center_access", json!({"slugId": "quillmere"})),
        ("unencrypted_computers", json!({})),
        ("vendor_overview", json!({})),
        ("vendor_overview", json!({"vendor": "Okta"})),
    ] {
        let uri = format!("vanta-mcp://tools/{job}");
        let read = rmcp::model::ReadResourceRequestParams::new(uri);
        let read = run.client.read_resource(read).await.unwrap();
        let rmcp::model::ResourceContents::TextResourceContents { text, .. } = &read.contents[0] else {
            panic!("no text")
        };
        let told: Value = serde_json::from_str(text).unwrap();
        let schema = jsonschema::validator_for(&told["outputSchema"]).unwrap();
        let result = run.result(job, arguments).await;
        if result.is_error == Some(true) {
            // Several audits may be meant.
            assert_eq!(job, "audit_readiness", "{result:?}");
            continue;
        }
        let answer = result.structured_content.unwrap();
        let wrong: Vec<_> = schema.iter_errors(&answer).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{job}: {wrong:?}");
    }
}
