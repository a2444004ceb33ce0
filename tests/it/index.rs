//! What is kept of a tenant: shared by processes, sealed, resumed after a process was killed, and never wrong.

mod faults;
mod things;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tempfile::TempDir;
use vanta_demo::{Limits, Tenant};

use crate::harness::{self, Wire, eventually};

/// One more process of the tenant's, with the state in this folder.
async fn process(tenant: &Tenant, folder: &TempDir) -> Wire {
    let mut wire = Wire::start(command(tenant, folder));
    wire.initialize().await;
    wire
}

fn command(tenant: &Tenant, folder: &TempDir) -> tokio::process::Command {
    let mut command = harness::command();
    command.envs(harness::credentials(tenant)).env("VANTA_MCP_STATE", place(folder));
    command
}

fn place(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("vanta-mcp/state.db")
}

async fn ask(wire: &mut Wire, arguments: Value) -> Value {
    let call = json!({"name": "failing_controls", "arguments": arguments});
    wire.message(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call})).await;
    let message = wire.receive().await.unwrap();
    assert_eq!(message["result"]["isError"], false, "{message}");
    message["result"]["structuredContent"].clone()
}

/// The answer once nothing is left to be looked at.
async fn finished(wire: &mut Wire, arguments: &Value) -> Value {
    let mut last = Value::Null;
    eventually("all is looked at", async || {
        last = ask(wire, arguments.clone()).await;
        last.get("unfinished").is_none()
    })
    .await;
    last
}

/// How often each control's tests were read.
fn looks(tenant: &Tenant) -> BTreeMap<String, usize> {
    let mut looks = BTreeMap::new();
    for seen in tenant.seen() {
        if let Some(id) = seen.path.strip_prefix("/v1/controls/").and_then(|rest| rest.strip_suffix("/tests"))
        {
            *looks.entry(id.to_owned()).or_insert(0) += 1;
        }
    }
    looks
}

/// What an answer says of controls, without when it was looked at.
fn said(answer: &Value) -> Value {
    let mut said = answer.clone();
    said.as_object_mut().unwrap().remove("basis");
    said
}

#[tokio::test]
async fn a_process_that_is_killed_leaves_what_the_next_goes_on_with() {
    let tenant = harness::tenant(Limits::Off).await;
    let folder = tempfile::tempdir().unwrap();
    let mut first = process(&tenant, &folder).await;
    let begun = ask(&mut first, json!({})).await;
    assert!(begun["unfinished"].is_string(), "{begun}");
    eventually("some controls are looked at", async || looks(&tenant).len() > 30).await;
    first.child.kill().await.unwrap();
    let before = looks(&tenant).len();

    let mut second = process(&tenant, &folder).await;
    let next = ask(&mut second, json!({})).await;
    assert!(next["lookedAt"].as_u64().unwrap() > 20, "{next}");
    // The part of the one who builds is free again after a while.
    let last = finished(&mut second, &json!({})).await;
    assert_eq!(last["lookedAt"], last["of"]);
    let again: usize = looks(&tenant).values().filter(|times| **times > 1).count();
    assert!(again <= 16, "{again} of {before} were looked at again");
}

#[tokio::test]
async fn two_processes_look_at_each_control_once() {
    let tenant = harness::tenant(Limits::Off).await;
    let folder = tempfile::tempdir().unwrap();
    let (mut first, mut second) = (process(&tenant, &folder).await, process(&tenant, &folder).await);
    let ours = ask(&mut first, json!({})).await;
    let theirs = ask(&mut second, json!({})).await;
    assert!(ours["unfinished"].is_string() && theirs["unfinished"].is_string());
    let (ours, theirs) = (finished(&mut first, &json!({})).await, finished(&mut second, &json!({})).await);
    assert_eq!(said(&ours), said(&theirs));
    let twice: Vec<String> =
        looks(&tenant).into_iter().filter(|(_, times)| *times > 1).map(|(id, _)| id).collect();
    // The last few of a question may be read by itself while the one who builds is at them.
    assert!(twice.len() <= 40, "{twice:?}");
}

#[tokio::test]
async fn nothing_of_the_tenant_can_be_read_in_the_file_and_clearing_forgets_it() {
    let tenant = harness::tenant(Limits::Off).await;
    let folder = tempfile::tempdir().unwrap();
    let mut wire = process(&tenant, &folder).await;
    let answer = finished(&mut wire, &json!({"framework": "soc2"})).await;
    let names: BTreeSet<String> = answer["controls"]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| [row[0].as_str().unwrap().to_owned(), row[1].as_str().unwrap().to_owned()])
        .collect();
    let whole: Vec<u8> = std::fs::read_dir(place(&folder).parent().unwrap())
        .unwrap()
        .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect();
    let whole = String::from_utf8_lossy(&whole);
    assert!(whole.contains("index"), "it is kept there");
    for name in names {
        assert!(!whole.contains(&name), "{name}");
    }
    let before: usize = looks(&tenant).values().sum();
    finished(&mut wire, &json!({"framework": "soc2"})).await;
    assert_eq!(looks(&tenant).values().sum::<usize>(), before, "it is known");

    let done = command(&tenant, &folder).args(["index", "clear"]).output().await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(String::from_utf8_lossy(&done.stdout).contains("is deleted"));
    finished(&mut wire, &json!({"framework": "soc2"})).await;
    assert_eq!(looks(&tenant).values().sum::<usize>(), 2 * before, "all is looked at again");
    let again = command(&tenant, &folder).args(["index", "clear"]).output().await.unwrap();
    assert!(again.status.success());
}

#[tokio::test]
async fn with_the_index_off_a_question_reads_what_it_needs_and_keeps_nothing() {
    let tenant = harness::tenant(Limits::Off).await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(&tenant, &folder);
    command.env("VANTA_MCP_INDEX", "off");
    let mut wire = Wire::start(command);
    wire.initialize().await;
    let first = ask(&mut wire, json!({"framework": "soc2"})).await;
    assert_eq!((&first["lookedAt"], first.get("unfinished")), (&first["of"], None));
    let before: usize = looks(&tenant).values().sum();
    ask(&mut wire, json!({"framework": "soc2"})).await;
    assert_eq!(looks(&tenant).values().sum::<usize>(), 2 * before);
}
