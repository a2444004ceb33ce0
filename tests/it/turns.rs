//! How calls wait for their turns: who waits is counted and told how long, what comes too late is refused at once, what is under
//! way at once is bounded, and each answer says what it cost.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use vanta_demo::{FaultKind, Limits, Target};

use crate::cli::finish;
use crate::faults::upstream::{Asked, Reply, Upstream, answer, fine, token};
use crate::harness::{Setup, Wire, command, eventually};

const BUDGET: &str = "vanta-mcp/budget";

/// A process that calls an upstream.
struct Caller {
    wire: Wire,
    /// What came and was not asked for yet, by id.
    answers: BTreeMap<u64, Value>,
    /// What was told of waits, by id.
    told: Vec<(u64, String)>,
}

impl Caller {
    async fn start(upstream: &Upstream, variables: &[(&str, &str)]) -> Self {
        let mut command = command();
        command
            .env("VANTA_BASE_URL", &upstream.url)
            .env("VANTA_CLIENT_ID", "vci_x")
            .env("VANTA_CLIENT_SECRET", "vcs_y")
            .env("VANTA_PANEL_URL", format!("{}/panel", upstream.url))
            .env("VANTA_PANEL_TOKEN", "vp_z")
            .env("VANTA_MCP_ACCESS", "destroy")
            .env("VANTA_MCP_TOOLSETS", "all")
            .envs(variables.iter().copied());
        let mut wire = Wire::start(command);
        wire.initialize().await;
        Self { wire, answers: BTreeMap::new(), told: Vec::new() }
    }

    async fn call(&mut self, id: u64, tool: &str, arguments: Value) {
        let params = json!({"name": tool, "arguments": arguments, "_meta": {"progressToken": id}});
        let call = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
        self.wire.message(&call).await;
    }

    /// A read that no other is the same as.
    async fn read(&mut self, id: u64) {
        self.call(id, "list_vendors", json!({"name": format!("v{id}")})).await;
    }

    async fn hear(&mut self) {
        let message = self.wire.receive().await.unwrap();
        if message["method"] == "notifications/progress" {
            let words = message["params"]["message"].as_str().unwrap().to_owned();
            self.told.push((message["params"]["progressToken"].as_u64().unwrap(), words));
        } else if let Some(id) = message["id"].as_u64() {
            self.answers.insert(id, message["result"].clone());
        }
    }

    /// The result of a call.
    async fn answer(&mut self, id: u64) -> Value {
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                return answer;
            }
            self.hear().await;
        }
    }

    /// So many calls of which this is told.
    async fn all_told(&mut self, words: &str, many: usize) -> BTreeSet<u64> {
        loop {
            let found = self.told.iter().filter(|(_, told)| told.contains(words)).map(|(id, _)| *id);
            let found: BTreeSet<u64> = found.collect();
            if found.len() >= many {
                return found;
            }
            self.hear().await;
        }
    }

    /// What is told of the wait of a call.
    async fn progress(&mut self, id: u64, words: &str) -> String {
        loop {
            if let Some((_, told)) = self.told.iter().find(|(of, told)| *of == id && told.contains(words)) {
                return told.clone();
            }
            self.hear().await;
        }
    }

    /// How the first API is doing, as `server_status` says.
    async fn standing(&mut self, id: u64) -> Value {
        self.call(id, "server_status", json!({})).await;
        self.answer(id).await["structuredContent"]["apis"][0].clone()
    }
}

fn said(answer: &Value) -> &str {
    answer["content"][0]["text"].as_str().unwrap()
}

/// How a limit is doing in a standing.
fn limit<'s>(standing: &'s Value, name: &str) -> &'s Value {
    let found = standing["limits"].as_array().unwrap().iter().find(|limit| limit["limit"] == name);
    found.unwrap_or_else(|| panic!("{name}: {standing}"))
}

#[tokio::test]
async fn whoever_would_come_too_late_is_refused_at_once_however_many_they_are() {
    let upstream = Upstream::start(fine).await;
    let variables = [("VANTA_MCP_LIMITS", "manage=20"), ("VANTA_MCP_WAIT", "30")];
    let mut caller = Caller::start(&upstream, &variables).await;
    let began = Instant::now();
    for id in 1..=120 {
        caller.read(id).await;
    }
    let mut good = 0;
    for id in 1..=120 {
        let answer = caller.answer(id).await;
        if answer["isError"] == false {
            good += 1;
            continue;
        }
        for expected in ["The call was not sent.", "20 requests a minute", "Try again after "] {
            assert!(said(&answer).contains(expected), "{expected}: {answer}");
        }
        assert_eq!(answer["_meta"][BUDGET]["left"], json!({"manage": 0}), "{answer}");
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!((good, upstream.counts().0), (20, 20));
}

/// Each of the two has less waiting than there is room for, and both together more.
#[tokio::test]
async fn processes_that_begin_at_the_same_moment_learn_of_each_other() {
    let upstream = Upstream::start(fine).await;
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("state.db");
    let state = state.to_str().unwrap();
    let variables = [("VANTA_MCP_LIMITS", "manage=50"), ("VANTA_MCP_WAIT", "30"), ("VANTA_MCP_STATE", state)];
    let mut callers =
        [Caller::start(&upstream, &variables).await, Caller::start(&upstream, &variables).await];
    let began = Instant::now();
    for id in 1..=40 {
        for caller in &mut callers {
            caller.read(id).await;
        }
    }
    let mut good = 0;
    for caller in &mut callers {
        for id in 1..=40 {
            good += usize::from(caller.answer(id).await["isError"] == false);
        }
    }
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert!((45..=50).contains(&good), "{good}");
    assert_eq!(upstream.counts().0, good);
}

#[tokio::test]
async fn all_who_wait_are_counted_and_told_how_long() {
    let upstream = Upstream::start(fine).await;
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("state.db");
    let state = state.to_str().unwrap();
    let variables =
        [("VANTA_MCP_LIMITS", "manage=50"), ("VANTA_MCP_WAIT", "600"), ("VANTA_MCP_STATE", state)];
    let mut caller = Caller::start(&upstream, &variables).await;
    for id in 1..=130 {
        caller.read(id).await;
    }
    caller.all_told("Waiting for a turn", 80).await;
    while caller.answers.len() < 50 {
        caller.hear().await;
    }
    let seconds = |told: &str| -> u64 {
        told.split("about ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
    };
    let longest =
        caller.told.iter().filter(|(_, told)| told.contains("behind ")).map(|(_, told)| seconds(told));
    let longest = longest.max().unwrap();
    assert!((115..=123).contains(&longest), "thirty go in the second minute from now: {longest}");
    let standing = caller.standing(200).await;
    let waiting = &limit(&standing, "manage")["waiting"];
    assert_eq!(waiting, &json!({"processes": 1, "calls": 80, "callers": 1}), "{standing}");
    // Another process sees the same.
    let mut other = command();
    other.env("VANTA_BASE_URL", &upstream.url).env("VANTA_CLIENT_ID", "vci_x");
    other.env("VANTA_CLIENT_SECRET", "vcs_y").envs(variables).args(["status", "--json"]);
    let status = finish(other, "").await.json();
    assert_eq!(limit(&status["apis"][0], "manage")["waiting"]["calls"], 80, "{status}");
    assert_eq!(upstream.counts().0, 50);
}

/// The upstream says nothing, so nothing ends.
fn hangs(asked: &Asked) -> Reply {
    if asked.is_for_token() { token(asked) } else { Reply::Hangs("") }
}

/// Each with what it is about, and whether it is limited.
#[tokio::test]
async fn no_more_than_so_many_are_on_the_wire_and_the_others_spend_nothing() {
    for (limits, tool) in
        [("off", "list_vendors"), ("manage=50", "list_vendors"), ("off", "get_panel_account")]
    {
        let upstream = Upstream::start(hangs).await;
        let mut caller = Caller::start(&upstream, &[("VANTA_MCP_LIMITS", limits)]).await;
        for id in 1..=40 {
            let name = format!("v{id}");
            let arguments =
                if tool == "list_vendors" { json!({ "name": name }) } else { json!({ "user": name }) };
            caller.call(id, tool, arguments).await;
        }
        eventually("as many are sent as may be", async || upstream.counts().0 >= 32).await;
        // Those that wait have told so, and all have had their chance.
        let waiting = caller.all_told("Waiting for earlier calls to be answered", 8).await;
        assert_eq!((waiting.len(), upstream.counts().0), (8, 32), "{limits}");
        let sent: Vec<u64> = (1..=40).filter(|id| !waiting.contains(id)).collect();
        if limits != "off" {
            let standing = caller.standing(200).await;
            let limit = limit(&standing, "manage");
            assert_eq!((&limit["left"], &limit["waiting"]["calls"]), (&json!(18), &json!(8)), "{standing}");
        }
        let cancel = |id: u64| json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}});
        caller.wire.message(&cancel(sent[0])).await;
        eventually("the next is sent once there is room", async || upstream.counts().0 == 33).await;
        // Whoever goes while it waits takes nobody's place.
        caller.wire.message(&cancel(*waiting.last().unwrap())).await;
        caller.wire.message(&cancel(sent[1])).await;
        eventually("and the next but one", async || upstream.counts().0 >= 34).await;
    }
}

#[tokio::test]
async fn previews_and_errors_say_what_they_cost() {
    let setup = Setup { limits: Limits::Enforced, ..Setup::default() };
    let run = setup.with("VANTA_MCP_LIMITS", "manage=5,token=5").with("VANTA_MCP_WAIT", "1").start().await;
    let budget = |result: &rmcp::model::CallToolResult| {
        let meta = result.meta.as_ref().unwrap_or_else(|| panic!("{result:?}"));
        meta.get(BUDGET).cloned().unwrap_or_default()
    };
    let vendors = run.value("list_vendors", json!({"pageSize": 1})).await;
    let id = vendors["items"][0]["id"].clone();
    let preview = run.result("delete_vendor", json!({"vendorId": id})).await;
    assert_eq!(preview.structured_content.as_ref().unwrap()["changed"], false, "{preview:?}");
    assert_eq!(budget(&preview)["left"], json!({"manage": 3}), "{preview:?}");
    let missing = run.result("get_vendor", json!({"vendorId": "none-such"})).await;
    assert_eq!((missing.is_error, budget(&missing)["left"].clone()), (Some(true), json!({"manage": 2})));
    let nothing = run.result("delete_vendor", json!({"vendorId": "none-such"})).await;
    assert_eq!((nothing.is_error, budget(&nothing)["left"].clone()), (Some(true), json!({"manage": 1})));
    run.fault(Target::Vanta, FaultKind::Unavailable, 9);
    let failed = run.result("list_vendors", json!({"pageSize": 2})).await;
    assert_eq!(failed.is_error, Some(true));
    let cost = budget(&failed);
    assert_eq!((&cost["left"], &cost["repeated"]), (&json!({"manage": 0}), &json!(1)), "{cost}");
    let late = run.result("list_vendors", json!({"pageSize": 3})).await;
    assert_eq!((late.is_error, budget(&late)["left"].clone()), (Some(true), json!({"manage": 0})));
    // What sends nothing costs nothing.
    assert!(run.result("get_vendor", json!({})).await.meta.is_none());
}

/// A list of so many pages, of one item each.
fn paged(pages: usize) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| {
        if asked.is_for_token() {
            return token(asked);
        }
        let page = asked.line.split("pageCursor=").nth(1).map_or(0, |rest| {
            rest.split([' ', '&']).next().unwrap().trim_start_matches('c').parse::<usize>().unwrap()
        });
        let next = page + 1;
        let info = json!({"endCursor": format!("c{next}"), "hasNextPage": next < pages});
        let data = json!([{"id": format!("v{page}"), "name": "V"}]);
        answer(200, "", &json!({"results": {"data": data, "pageInfo": info}}).to_string())
    }
}

/// Nobody else calls: the whole minute is its own, whether or not it may wait.
#[tokio::test]
async fn a_collection_alone_has_the_whole_minute() {
    for wait in ["75", "0"] {
        let upstream = Upstream::start(paged(60)).await;
        let variables = [("VANTA_MCP_LIMITS", "manage=60"), ("VANTA_MCP_WAIT", wait)];
        let mut caller = Caller::start(&upstream, &variables).await;
        let began = Instant::now();
        caller.call(1, "list_vendors", json!({"all": true})).await;
        let all = caller.answer(1).await;
        assert_eq!(all["structuredContent"]["count"], 60, "{all}");
        assert_eq!(all["_meta"][BUDGET]["left"], json!({"manage": 0}), "{all}");
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        assert_eq!(upstream.counts().0, 60);
    }
}

/// Of those who have called in the last minutes some may call again, so some room is left to them.
#[tokio::test]
async fn a_collection_leaves_room_to_those_who_called_before() {
    let upstream = Upstream::start(paged(60)).await;
    let variables = [("VANTA_MCP_LIMITS", "manage=60"), ("VANTA_MCP_WAIT", "0")];
    let mut caller = Caller::start(&upstream, &variables).await;
    for id in 1..=4 {
        caller.call(id, "get_vendor", json!({"vendorId": format!("v{id}")})).await;
        caller.answer(id).await;
    }
    caller.call(9, "list_vendors", json!({"all": true})).await;
    let all = caller.answer(9).await;
    assert!(said(&all).contains("51 items had been read before it."), "{all}");
    for id in 11..=15 {
        caller.call(id, "get_vendor", json!({"vendorId": format!("v{id}")})).await;
        assert_eq!(caller.answer(id).await["isError"], false);
    }
}

/// Where nothing is limited, a pause that was asked for holds up the others all the same: of this process, and of one that
/// counts what it sends.
#[tokio::test]
async fn a_pause_is_kept_where_nothing_is_limited() {
    let upstream = Upstream::start(|asked| match (asked.is_for_token(), asked.before) {
        (false, 0) => answer(429, "retry-after: 3\r\n", r#"{"message":"slower"}"#),
        (false, _) if asked.line.contains("/panel") => answer(200, "", r#"{"ok":true,"data":{"pong":true}}"#),
        _ => fine(asked),
    })
    .await;
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("state.db");
    let state = state.to_str().unwrap();
    let mut free = Caller::start(&upstream, &[("VANTA_MCP_LIMITS", "off"), ("VANTA_MCP_STATE", state)]).await;
    let mut counts =
        Caller::start(&upstream, &[("VANTA_MCP_LIMITS", "manage=50"), ("VANTA_MCP_STATE", state)]).await;
    free.call(1, "create_vendor", json!({"name": "V"})).await;
    assert!(said(&free.answer(1).await).contains("answered 429"));
    let began = Instant::now();
    free.read(2).await;
    counts.read(2).await;
    // Another API is asked all the while.
    free.call(3, "ping_panel", json!({})).await;
    assert_eq!(free.answer(3).await["isError"], false);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    free.progress(2, "Waiting for the end of a pause that was asked for").await;
    for caller in [&mut free, &mut counts] {
        let answer = caller.answer(2).await;
        assert_eq!(answer["isError"], false, "{answer}");
        let waited = answer["_meta"][BUDGET]["waitedSeconds"].as_f64().unwrap();
        assert!((2.0..6.0).contains(&waited), "{answer}");
    }
}

#[tokio::test]
async fn a_pause_of_the_panel_holds_up_its_other_calls() {
    let upstream = Upstream::start(|asked| match asked.before {
        0 => answer(429, "retry-after: 90\r\n", r#"{"ok":false,"error":"slow_down"}"#),
        _ => answer(200, "", r#"{"ok":true,"data":{"pong":true}}"#),
    })
    .await;
    let mut caller = Caller::start(&upstream, &[]).await;
    for (id, expected) in [(1, "429"), (2, "asked for a pause")] {
        caller.call(id, "ping_panel", json!({})).await;
        let answer = caller.answer(id).await;
        assert!(said(&answer).contains(expected), "{answer}");
        assert!(said(&answer).contains("Try again after "), "{answer}");
    }
    assert_eq!(upstream.counts().0, 1);
}

/// While a secret is being replaced two are valid, and those who have the one take the tokens of those who have the other.
#[tokio::test]
async fn another_secret_of_the_same_application_is_spoken_of() {
    let upstream = Upstream::start(fine).await;
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("state.db");
    let state = state.to_str().unwrap();
    let mut callers = Vec::new();
    for secret in ["vcs_old", "vcs_new"] {
        let variables = [
            ("VANTA_CLIENT_SECRET", secret),
            ("VANTA_MCP_STATE", state),
            ("VANTA_MCP_LIMITS", "manage=50,token=5"),
            ("VANTA_MCP_WAIT", "1"),
        ];
        callers.push(Caller::start(&upstream, &variables).await);
    }
    let note = |standing: &Value| standing["note"].as_str().unwrap_or_default().to_owned();
    for (id, caller) in callers.iter_mut().enumerate() {
        caller.read(id as u64).await;
        assert_eq!(caller.answer(id as u64).await["isError"], false);
    }
    // That the secret was replaced some time is nothing to speak of.
    assert_eq!(note(&callers[1].standing(10).await), "");
    callers[0].read(20).await;
    assert_eq!(callers[0].answer(20).await["isError"], false);
    for caller in &mut callers {
        let told = note(&caller.standing(21).await);
        assert!(told.contains("Another process uses another secret of this application"), "{told}");
    }
    assert_eq!(upstream.counts(), (3, 3));
}
