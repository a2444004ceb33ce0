//! Whatever happens while the index is built, no answer is wrong: what it names fails, and that it names all is said only
//! where it does.

use std::time::Duration;

use serde_json::{Value, json};
use vanta_demo::{Fault, FaultKind, FaultRate, Limits, Options, Target, Tenant};

use super::{ask, command, finished, looks, process};
use crate::harness::{Setup, Wire, eventually};
use crate::jobs::failing_controls::{Truth, named, truth};

/// What each answer says it has not looked at, whatever happens.
const ALWAYS: usize = 2;

/// Everything is named, whatever it is.
fn whole(framework: Option<&str>) -> Value {
    let mut arguments = json!({"limit": 200});
    if let Some(framework) = framework {
        arguments["framework"] = json!(framework);
    }
    arguments
}

/// Fails where an answer says what is not so. Whether it claims to be the whole truth.
fn is_whole(answer: &Value, truth: &Truth, what: &str) -> bool {
    let named = named(answer);
    for (control, reasons) in &named {
        let right = truth.failing.get(control);
        assert!(
            right.is_some_and(|right| reasons.is_subset(right)),
            "{what}: {control} fails by {right:?}: {answer}"
        );
    }
    let claims = answer.get("unfinished").is_none()
        && answer["lookedAt"] == answer["of"]
        && answer["notLookedAt"].as_array().unwrap().len() == ALWAYS;
    if claims {
        assert_eq!(named, truth.failing, "{what}: {answer}");
        assert_eq!(answer["of"], truth.controls.len(), "{what}: {answer}");
        assert_eq!(answer["noEvidenceMapped"]["count"], truth.unproven.len(), "{what}: {answer}");
    }
    claims
}

/// What a question is answered with, if it is no error.
async fn asked(wire: &mut Wire, arguments: &Value) -> Option<Value> {
    let call = json!({"name": "failing_controls", "arguments": arguments});
    wire.message(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call})).await;
    let message = wire.receive().await.unwrap();
    (message["result"]["isError"] == false).then(|| message["result"]["structuredContent"].clone())
}

/// A tenant, what is true of it, and nobody who has asked of it yet.
async fn known_tenant(framework: Option<&str>) -> (Tenant, Truth) {
    let run = Setup::default().start().await;
    let truth = truth(&run, framework).await;
    run.tenant.forget();
    run.client.cancel().await.unwrap();
    (run.tenant, truth)
}

/// Every other tenant of the same moment is the same.
async fn another() -> Tenant {
    Tenant::start(Options { limits: Limits::Off, ..Options::default() }).await.unwrap()
}

fn body(status: u16, body: &str) -> FaultKind {
    FaultKind::Body { status, body: body.to_owned() }
}

/// What can happen to a request, and how often: what is tried again must fail each time.
fn kinds() -> [(&'static str, FaultKind, u32); 8] {
    [
        ("500", FaultKind::Internal, 20),
        ("403", body(403, r#"{"message":"not for you"}"#), 20),
        ("404", body(404, r#"{"message":"gone"}"#), 20),
        ("429", FaultKind::TooManyRequests { retry_after: Some(0) }, 2),
        ("reset", FaultKind::Reset, 20),
        ("no JSON", body(200, "<html>maintenance</html>"), 20),
        ("no list", body(200, r#"{"results":{"pageInfo":{"hasNextPage":false}}}"#), 20),
        ("half a page", FaultKind::Truncated, 20),
    ]
}

/// The path of each request that a question of a framework sends, each once.
async fn paths() -> Vec<String> {
    let tenant = another().await;
    let folder = tempfile::tempdir().unwrap();
    let mut wire = process(&tenant, &folder).await;
    finished(&mut wire, &whole(Some("soc2"))).await;
    let mut paths: Vec<String> = tenant.seen().into_iter().map(|seen| seen.path).collect();
    paths.retain(|path| path != "/oauth/token");
    paths.sort();
    paths.dedup();
    paths
}

/// A single thing of each kind stands for the others: they are read by the same code.
fn sample(paths: &[String]) -> Vec<String> {
    let is_list = |path: &&String| path.split('/').count() == 3;
    let mut sample: Vec<String> = paths.iter().filter(is_list).cloned().collect();
    for (begin, end) in
        [("/v1/controls/", "/tests"), ("/v1/documents/", "/controls"), ("/v1/frameworks/", "/controls")]
    {
        let fits = |path: &&String| path.starts_with(begin) && path.ends_with(end);
        sample.extend(paths.iter().filter(fits).nth(2).or(paths.iter().find(fits)).cloned());
    }
    sample.extend(
        paths.iter().find(|path| path.starts_with("/v1/controls/") && path.split('/').count() == 4).cloned(),
    );
    sample
}

#[tokio::test]
async fn a_fault_at_any_request_makes_no_answer_wrong() {
    let (_, truth) = known_tenant(Some("soc2")).await;
    let sample = sample(&paths().await);
    assert!(sample.len() >= 6, "{sample:?}");
    for (number, path) in sample.iter().enumerate() {
        // Each kind at every other path, and at each path every other kind.
        let kinds = kinds().into_iter().enumerate().filter(|(kind, _)| (kind + number) % 2 == 0);
        for (_, (what, kind, times)) in kinds {
            let what = format!("{what} at {path}");
            let (tenant, folder) = (another().await, tempfile::tempdir().unwrap());
            tenant.fault(Fault { on: Target::Path(path.clone()), kind, times });
            let mut command = command(&tenant, &folder);
            // What is tried again is not waited for.
            command.env("VANTA_MCP_WAIT", "1").env("VANTA_MCP_TIMEOUT", "5");
            let mut wire = Wire::start(command);
            wire.initialize().await;
            for _ in 0..2 {
                if let Some(answer) = asked(&mut wire, &whole(Some("soc2"))).await {
                    is_whole(&answer, &truth, &what);
                }
            }
        }
    }
}

#[tokio::test]
async fn faults_at_random_leave_an_index_that_is_finished_later() {
    let (_, truth) = known_tenant(None).await;
    for seed in [3, 8] {
        let (tenant, folder) = (another().await, tempfile::tempdir().unwrap());
        tenant.fault_at(FaultRate { seed, percent: 25 });
        let mut wire = process(&tenant, &folder).await;
        for _ in 0..6 {
            if let Some(answer) = asked(&mut wire, &whole(None)).await {
                is_whole(&answer, &truth, &format!("seed {seed}"));
            }
        }
        tenant.fault_at(FaultRate { seed, percent: 0 });
        eventually("the index is whole", async || {
            let answer = ask(&mut wire, whole(None)).await;
            is_whole(&answer, &truth, &format!("seed {seed}, later"))
        })
        .await;
    }
}

#[tokio::test]
async fn builders_that_are_killed_at_any_moment_leave_nothing_wrong() {
    let (_, truth) = known_tenant(None).await;
    let (tenant, folder) = (another().await, tempfile::tempdir().unwrap());
    for seen in [0, 3, 11, 24, 47, 60, 90] {
        let mut wire = process(&tenant, &folder).await;
        let what = format!("killed after {seen} looks");
        let before: usize = looks(&tenant).values().sum();
        let call = json!({"name": "failing_controls", "arguments": whole(None)});
        wire.message(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call})).await;
        let answered = tokio::time::timeout(Duration::from_millis(400), async {
            while looks(&tenant).values().sum::<usize>() < before + seen {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        // Where another's part is not free yet, nothing more is looked at, and this one is killed all the same.
        let _ = answered.await;
        wire.child.kill().await.unwrap();
        let mut next = process(&tenant, &folder).await;
        is_whole(&ask(&mut next, whole(None)).await, &truth, &what);
        next.child.kill().await.unwrap();
    }
    let mut last = process(&tenant, &folder).await;
    let answer = finished(&mut last, &whole(None)).await;
    assert!(is_whole(&answer, &truth, "at last"), "{answer}");
}

#[tokio::test]
async fn two_builders_in_bad_weather_come_to_the_same_whole() {
    let (_, truth) = known_tenant(None).await;
    let (tenant, folder) = (another().await, tempfile::tempdir().unwrap());
    tenant.fault_at(FaultRate { seed: 5, percent: 15 });
    let (mut first, mut second) = (process(&tenant, &folder).await, process(&tenant, &folder).await);
    for _ in 0..4 {
        for wire in [&mut first, &mut second] {
            if let Some(answer) = asked(wire, &whole(None)).await {
                is_whole(&answer, &truth, "in bad weather");
            }
        }
    }
    tenant.fault_at(FaultRate { seed: 5, percent: 0 });
    for wire in [&mut first, &mut second] {
        eventually("the index is whole", async || {
            let answer = ask(wire, whole(None)).await;
            is_whole(&answer, &truth, "later")
        })
        .await;
    }
}
