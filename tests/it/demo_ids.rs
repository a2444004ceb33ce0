//! What a person copies from one run of the demo tenant to the next: its ids are the same whenever it starts.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use vanta_demo::{Limits, Options, Tenant};
use vanta_mcp::catalog::{self, Effect, Operation};

use crate::cli::run;
use crate::harness::Setup;

/// The arguments that a list requires, out of what other lists answered; none where one is not known.
fn arguments(operation: &Operation, answers: &BTreeMap<&str, Value>) -> Option<Value> {
    let schema: Value = serde_json::from_str(operation.schema.get()).unwrap();
    let mut arguments = Map::new();
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let about = schema["properties"][name]["description"].as_str().unwrap_or_default();
        let source = about.split("from ").skip(1).find_map(|rest| {
            let end = rest.find(|c: char| c != '_' && !c.is_ascii_lowercase()).unwrap_or(rest.len());
            answers.get(&rest[..end])
        })?;
        let first = source["items"].get(0)?;
        let id = [name, "id"].into_iter().find_map(|member| first.get(member)?.as_str())?;
        arguments.insert(name.to_owned(), json!(id));
    }
    if schema["properties"].get("fields").is_some() {
        arguments.insert("fields".to_owned(), json!(["*"]));
    }
    Some(Value::Object(arguments))
}

/// Every id in a value, in order.
fn ids(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| ids(one, found)),
        Value::Object(members) => {
            for (name, value) in members {
                let is_id = ["id", "Id", "Ids", "uuid"].iter().any(|end| name.ends_with(end));
                match value {
                    Value::String(id) if is_id => found.push(id.clone()),
                    other => ids(other, found),
                }
            }
        }
        _ => {}
    }
}

/// What every list that can be asked for answers, of a tenant that starts so many seconds after its usual time.
async fn answers(later: i64) -> BTreeMap<&'static str, Value> {
    let options = Options { limits: Limits::Off, ..Options::default() };
    let now = options.now + std::time::Duration::from_secs(later.unsigned_abs());
    let tenant = Tenant::start(Options { now, ..options }).await.unwrap();
    let run = Setup::access("read").start_with(tenant).await;
    let mut answers = BTreeMap::new();
    // What a list requires comes from lists that were asked before: three rounds are as deep as they go.
    for _ in 0..3 {
        for operation in catalog::operations() {
            let is_list = operation.effect == Effect::Read && operation.name.starts_with("list_");
            if !is_list || operation.deprecated || answers.contains_key(operation.name) {
                continue;
            }
            let Some(arguments) = arguments(operation, &answers) else { continue };
            if let Some(answer) = run.result(operation.name, arguments).await.structured_content {
                answers.insert(operation.name, answer);
            }
        }
    }
    answers
}

#[tokio::test]
async fn every_id_of_the_demo_is_the_same_in_every_run() {
    let (first, second) = (answers(0).await, answers(400 * 86_400 + 4_321).await);
    assert!(first.len() > 70, "{} lists: {:?}", first.len(), first.keys());
    let mut compared = 0;
    for (tool, answer) in &first {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        ids(answer, &mut before);
        ids(&second[tool], &mut after);
        assert_eq!(before, after, "{tool}");
        compared += before.len();
    }
    assert!(compared > 2000, "{compared} ids");
}

#[tokio::test]
async fn an_id_that_one_run_prints_is_known_to_the_next() {
    let audits = run(&["call", "--demo", "list_audits"]).await.json();
    let arguments = json!({"auditId": audits["items"][0]["id"]}).to_string();
    let evidence = run(&["call", "--demo", "list_audit_evidence", &arguments]).await.json();
    assert!(evidence["count"].as_u64() > Some(0), "{evidence}");
}
