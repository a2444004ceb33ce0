//! Long reads as tasks, over stdin and stdout, message by message.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vanta_demo::{Fault, FaultKind, Limits, Target, Tenant};

use crate::harness::{PATIENCE, Scratch, Wire, command, credentials, eventually, tenant};

/// The name of the extension.
const TASKS: &str = "io.modelcontextprotocol/tasks";

/// Whether a request says that its client takes tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Declares {
    Tasks,
    Nothing,
}

/// The binary on pipes, asked as a client of 2026-07-28 asks.
struct Alone {
    tenant: Tenant,
    wire: Wire,
    last: u64,
}

impl Alone {
    async fn start(variables: &[(&str, &str)]) -> Self {
        let tenant = tenant(Limits::Off).await;
        let mut command = command();
        command.envs(credentials(&tenant)).env("VANTA_MCP_ACCESS", "read").envs(variables.iter().copied());
        Self { tenant, wire: Wire::start(command), last: 0 }
    }

    /// Sends a request and waits for its answer.
    async fn ask(&mut self, declares: Declares, method: &str, params: Value) -> Value {
        let id = self.send(declares, method, params).await;
        loop {
            let message = self.wire.receive().await.expect("an answer");
            if message["id"] == id {
                return message;
            }
        }
    }

    async fn send(&mut self, declares: Declares, method: &str, mut params: Value) -> u64 {
        self.last += 1;
        params["_meta"] = meta(declares);
        let request = json!({"jsonrpc": "2.0", "id": self.last, "method": method, "params": params});
        self.wire.message(&request).await;
        self.last
    }

    /// The result of a call.
    async fn call(&mut self, declares: Declares, tool: &str, arguments: Value) -> Value {
        let mut answer =
            self.ask(declares, "tools/call", json!({"name": tool, "arguments": arguments})).await;
        assert!(answer["result"].is_object(), "{answer}");
        answer["result"].take()
    }

    /// The id of a call that must become a task.
    async fn task(&mut self, tool: &str, arguments: Value) -> String {
        let created = self.call(Declares::Tasks, tool, arguments).await;
        assert_eq!(created["resultType"], "task", "{created}");
        created["taskId"].as_str().unwrap().to_owned()
    }

    async fn state(&mut self, id: &str) -> Value {
        self.ask(Declares::Tasks, "tasks/get", json!({"taskId": id})).await["result"].take()
    }

    /// Asks until the task has ended. All states that were seen.
    async fn ended(&mut self, id: &str) -> Vec<Value> {
        let mut states = Vec::new();
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "it goes on: {states:?}");
            let state = self.state(id).await;
            let ended = state["status"] != "working";
            states.push(state);
            if ended {
                return states;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn slow(&self, path: &str, delay: Duration, times: u32) {
        let kind = FaultKind::Slow(delay);
        self.tenant.fault(Fault { on: Target::Path(path.to_owned()), kind, times });
    }

    /// How many requests the tenant has seen for this path.
    fn seen(&self, path: &str) -> usize {
        self.tenant.seen().iter().filter(|seen| seen.path == path).count()
    }
}

fn meta(declares: Declares) -> Value {
    let capabilities = match declares {
        Declares::Tasks => json!({"extensions": {TASKS: {}}}),
        Declares::Nothing => json!({}),
    };
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": capabilities,
        "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "0"},
    })
}

/// A result without what differs from call to call.
fn content(result: &Value) -> (&Value, &Value, &Value) {
    (&result["content"], &result["structuredContent"], &result["isError"])
}

#[tokio::test]
async fn a_task_is_asked_about_until_it_has_the_answer_of_the_call_without_one() {
    let mut alone = Alone::start(&[]).await;
    let told = alone.ask(Declares::Nothing, "server/discover", json!({})).await;
    assert_eq!(told["result"]["capabilities"]["extensions"][TASKS], json!({}), "{told}");
    let through = json!({"tool": "list_controls", "arguments": {"all": true}});
    for (tool, arguments) in [("list_controls", json!({"all": true})), ("run_read_tool", through)] {
        let plain = alone.call(Declares::Nothing, tool, arguments.clone()).await;
        assert_eq!(plain["resultType"], "complete");
        alone.slow("/v1/controls", Duration::from_millis(400), 2);
        let created = alone.call(Declares::Tasks, tool, arguments).await;
        assert_eq!(created["resultType"], "task", "{created}");
        assert_eq!(created["status"], "working");
        assert_eq!(created["ttlMs"], 3_600_000);
        assert_eq!(created["pollIntervalMs"], 1_000);
        assert_eq!(created["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "vanta-mcp");
        let states = alone.ended(created["taskId"].as_str().unwrap()).await;
        let words: Vec<&str> = states.iter().filter_map(|state| state["statusMessage"].as_str()).collect();
        assert!(words.contains(&"100 items read"), "{words:?}");
        let last = states.last().unwrap();
        assert_eq!((&last["status"], &last["resultType"]), (&json!("completed"), &json!("complete")));
        assert_eq!(content(&last["result"]), content(&plain), "{tool}");
    }
    // What is wrong with a call is in the answer, as without a task.
    let wrong = json!({"all": true, "frameworkMatchesAny": 5});
    let plain = alone.call(Declares::Nothing, "list_controls", wrong.clone()).await;
    let id = alone.task("list_controls", wrong).await;
    let states = alone.ended(&id).await;
    let last = states.last().unwrap();
    assert_eq!(last["status"], "completed", "{last}");
    assert_eq!(last["result"]["isError"], true);
    assert_eq!(content(&last["result"]), content(&plain));
    // Nothing is asked for, so what it is told changes nothing.
    let told = alone.ask(Declares::Tasks, "tasks/update", json!({"taskId": id, "inputResponses": {}})).await;
    assert_eq!(told["result"]["resultType"], "complete", "{told}");
}

#[tokio::test]
async fn exports_and_collected_evidence_are_tasks_and_short_reads_are_not() {
    let scratch = Scratch::new("tasks");
    let mut alone = Alone::start(&[("VANTA_MCP_FILES", &scratch.path())]).await;
    let export = json!({"export": {"format": "jsonl"}});
    let id = alone.task("list_vendors", export).await;
    let states = alone.ended(&id).await;
    let answer = &states.last().unwrap()["result"]["structuredContent"];
    let lines = std::fs::read_to_string(answer["exported"]["path"].as_str().unwrap()).unwrap();
    assert_eq!(json!(lines.lines().count()), answer["exported"]["count"], "{answer}");

    let audits = alone.call(Declares::Tasks, "list_audits", json!({"format": "json"})).await;
    let audit = audits["structuredContent"]["items"][0]["id"].clone();
    let id = alone.task("collect_audit_evidence", json!({"audit": audit, "limit": 1})).await;
    let states = alone.ended(&id).await;
    assert_eq!(states.last().unwrap()["status"], "completed", "{states:?}");

    for (tool, arguments) in [
        ("list_controls", json!({})),
        ("list_controls", json!({"all": false})),
        ("list_controls", json!({"countOnly": true})),
        ("failing_controls", json!({})),
        ("server_status", json!({})),
    ] {
        let answer = alone.call(Declares::Tasks, tool, arguments.clone()).await;
        assert_eq!(answer["resultType"], "complete", "{tool} {arguments}");
        assert_ne!(answer["isError"], true, "{tool}: {answer}");
    }
}

#[tokio::test]
async fn without_an_index_failing_controls_takes_long() {
    let mut alone = Alone::start(&[("VANTA_MCP_INDEX", "off")]).await;
    let id = alone.task("failing_controls", json!({"framework": "HIPAA"})).await;
    let states = alone.ended(&id).await;
    let answer = &states.last().unwrap()["result"]["structuredContent"];
    assert_eq!(answer["lookedAt"], answer["of"], "{answer}");
}

#[tokio::test]
async fn a_cancelled_task_asks_the_upstream_nothing_more() {
    let mut alone = Alone::start(&[]).await;
    let delay = Duration::from_millis(200);
    alone.slow("/v1/controls", delay, 100);
    let id = alone.task("list_controls", json!({"all": true, "pageSize": 10})).await;
    eventually("the second page is asked for", async || alone.seen("/v1/controls") >= 2).await;
    let told = alone.ask(Declares::Tasks, "tasks/cancel", json!({"taskId": id})).await;
    assert_eq!(told["result"]["resultType"], "complete", "{told}");
    let states = alone.ended(&id).await;
    assert_eq!(states.last().unwrap()["status"], "cancelled", "{states:?}");
    let seen = alone.seen("/v1/controls");
    tokio::time::sleep(3 * delay).await;
    assert_eq!(alone.seen("/v1/controls"), seen);
    // That it is cancelled once more changes nothing.
    let told = alone.ask(Declares::Tasks, "tasks/cancel", json!({"taskId": id})).await;
    assert_eq!(told["result"]["resultType"], "complete", "{told}");
    assert_eq!(alone.state(&id).await["status"], "cancelled");
}

#[tokio::test]
async fn beyond_the_bound_a_call_is_answered_as_without_tasks() {
    let mut alone = Alone::start(&[]).await;
    let slow = ["controls", "tests", "documents", "people"];
    let mut running = Vec::new();
    for list in slow {
        alone.slow(&format!("/v1/{list}"), Duration::from_secs(60), 1);
        running.push(alone.task(&format!("list_{list}"), json!({"all": true})).await);
    }
    let answer = alone.call(Declares::Tasks, "list_vendors", json!({"all": true})).await;
    assert_eq!(answer["resultType"], "complete", "{answer}");
    for id in running {
        alone.ask(Declares::Tasks, "tasks/cancel", json!({"taskId": id})).await;
        alone.ended(&id).await;
    }
    let id = alone.task("list_vendors", json!({"all": true})).await;
    alone.ended(&id).await;
}

#[tokio::test]
async fn who_does_not_declare_tasks_gets_none() {
    let mut alone = Alone::start(&[]).await;
    let answer = alone.call(Declares::Nothing, "list_controls", json!({"all": true})).await;
    assert_eq!(answer["resultType"], "complete");
    let id = alone.task("list_controls", json!({"all": true})).await;
    let refused = alone.ask(Declares::Nothing, "tasks/get", json!({"taskId": id})).await;
    assert_eq!(refused["error"]["code"], -32021, "{refused}");
    let unknown = alone.ask(Declares::Tasks, "tasks/get", json!({"taskId": "none"})).await;
    assert_eq!(unknown["error"]["code"], -32602, "{unknown}");
    let wrong = alone.ask(Declares::Tasks, "tasks/get", json!({"taskId": 5})).await;
    assert_eq!(wrong["error"]["code"], -32602, "{wrong}");
    assert!(wrong["error"]["message"].as_str().unwrap().contains("`params.taskId`"), "{wrong}");
    for method in ["tasks/list", "tasks/result"] {
        let unknown = alone.ask(Declares::Tasks, method, json!({"taskId": id})).await;
        assert_eq!(unknown["error"]["code"], -32601, "{unknown}");
    }
}

#[tokio::test]
async fn a_session_of_an_older_revision_has_no_tasks_whatever_it_declares() {
    let tenant = tenant(Limits::Off).await;
    let mut command = command();
    command.envs(credentials(&tenant));
    let mut wire = Wire::start(command);
    let request = |id: u64, method: &str, params: Value| json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
    let hello = json!({
        "protocolVersion": "2025-11-25", "capabilities": {"extensions": {TASKS: {}}, "tasks": {}},
        "clientInfo": {"name": "t", "version": "0"},
    });
    wire.message(&request(0, "initialize", hello)).await;
    let begun = wire.receive().await.unwrap();
    assert_eq!(begun["result"]["capabilities"].get("extensions"), None, "{begun}");
    wire.message(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
    let call = json!({"name": "list_controls", "arguments": {"all": true}});
    wire.message(&request(1, "tools/call", call)).await;
    let answer = wire.receive().await.unwrap();
    assert!(answer["result"]["structuredContent"].is_object(), "{answer}");
    assert_eq!(answer["result"].get("taskId"), None);
    wire.message(&request(2, "tasks/get", json!({"taskId": "none"}))).await;
    let refused = wire.receive().await.unwrap();
    assert_eq!(refused["error"]["code"], -32601, "{refused}");
    assert!(refused["error"]["message"].as_str().unwrap().contains("2026-07-28"), "{refused}");
}

#[tokio::test]
async fn a_task_does_not_hold_up_the_end() {
    let mut alone = Alone::start(&[]).await;
    alone.slow("/v1/controls", Duration::from_secs(60), 1);
    alone.task("list_controls", json!({"all": true})).await;
    eventually("it is asked for", async || alone.seen("/v1/controls") == 1).await;
    let begun = Instant::now();
    alone.wire.leave();
    let ended = tokio::time::timeout(PATIENCE, alone.wire.child.wait()).await.expect("an end in time");
    assert!(ended.unwrap().success());
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}
