//! What a person copies from one run of the demo tenant to the next: its ids are the same whenever it starts.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vanta_demo::{Limits, Options, Tenant};
use vanta_mcp::catalog::{self, Effect};

use crate::cli::run;
use crate::given::{answered, found};
use crate::harness::Setup;

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
    for operation in catalog::operations() {
        let is_list = operation.effect == Effect::Read && operation.name.starts_with("list_");
        if !is_list || operation.deprecated {
            continue;
        }
        let Some(mut arguments) = found(&run, operation, &json!({})).await.into_iter().next() else {
            continue;
        };
        if !operation.show.is_empty() {
            arguments.insert("fields".to_owned(), json!(["*"]));
        }
        if operation.is_list() {
            arguments.insert("format".to_owned(), json!("json"));
        }
        if let Some(answer) = answered(&run, operation, arguments).await {
            answers.insert(operation.name, answer);
        }
    }
    answers
}

#[tokio::test]
async fn every_id_of_the_demo_is_the_same_in_every_run() {
    let (first, second) = (answers(0).await, answers(400 * 86_400 + 4_321).await);
    assert!(first.len() > 100, "{} lists: {:?}", first.len(), first.keys());
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

#[tokio::test]
async fn a_large_company_is_served_as_any_other() {
    let run = Setup::large(1000).start().await;
    let all = run.value("list_controls", json!({"all": true, "fields": ["id"]})).await;
    assert_eq!(all["items"].as_array().map(Vec::len), Some(1000), "{all}");
}
