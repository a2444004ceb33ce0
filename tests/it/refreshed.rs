//! The index stays true by itself: what others change in the tenant is seen, in spare budget and while questions come, and before
//! that nothing false is said.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use vanta_demo::{Limits, Options, Target, Tenant};

use crate::harness::{self, Run, Setup, within};
use crate::jobs::failing_controls::{named, truth};
use crate::jobs::{column, records, refused};

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

const SOC2: &str = "soc2";

fn asked() -> Value {
    json!({"framework": SOC2, "limit": 200})
}

/// Everything is read one after the other, beside other tests.
const LONG: Duration = Duration::from_secs(150);

async fn eventually(what: &str, is_so: impl AsyncFnMut() -> bool) {
    within(LONG, what, is_so).await;
}

/// The answer as soon as nothing is left to be looked at.
async fn finished(run: &Run, arguments: Value) -> Value {
    let mut last = Value::Null;
    eventually("all is looked at", async || {
        last = run.value("failing_controls", arguments.clone()).await;
        last.get("unfinished").is_none()
    })
    .await;
    last
}

/// A server that keeps everything, once it has looked at everything.
async fn built() -> Run {
    let run = Setup::default().with("VANTA_MCP_INDEX", "all").start().await;
    finished(&run, asked()).await;
    eventually("everything is looked at", async || {
        let kept = run.value("server_status", json!({})).await["kept"].clone();
        kept["controls"] == kept["controlsOf"] && kept["snapshots"] == 1
    })
    .await;
    let documents: BTreeSet<String> =
        records(&run, "list_documents", json!({})).await.iter().map(id).collect();
    eventually("each document is looked at", async || {
        let seen = run.seen();
        let own = seen.iter().filter_map(|seen| seen.path.strip_prefix("/v1/documents/"));
        own.filter(|id| documents.contains(*id)).collect::<BTreeSet<_>>().len() == documents.len()
    })
    .await;
    run
}

/// Somebody else changes something in the tenant.
async fn changed_by_others(tenant: &Tenant, tool: &str, mut arguments: Value) {
    let confirm = arguments.as_object_mut().unwrap().remove("confirm");
    let mut command = harness::command();
    command.envs(harness::credentials(tenant)).env("VANTA_MCP_ACCESS", "destroy");
    command.env("VANTA_MCP_TOOLSETS", "all").env("VANTA_MCP_INDEX", "off");
    command.args(["call", tool, &arguments.to_string()]);
    if let Some(target) = confirm {
        command.args(["--confirm", target.as_str().unwrap()]);
    }
    let done = command.output().await.unwrap();
    assert!(done.status.success(), "{tool}: {}", String::from_utf8_lossy(&done.stderr));
}

fn id(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// A control of the framework that does not fail, with what people call it.
async fn passing(run: &Run) -> (String, String) {
    let truth = truth(run, Some(SOC2)).await;
    let called = |control: &Value| control["externalId"].as_str().unwrap().to_owned();
    let passes = |control: &&Value| !truth.failing.contains_key(&called(control));
    let control = truth.controls.iter().find(passes).unwrap();
    (id(control), called(control))
}

async fn failing_test(run: &Run) -> Value {
    let filter = json!({"statusFilter": "NEEDS_ATTENTION", "isInRollout": false, "frameworkFilter": SOC2});
    records(run, "list_tests", filter).await[0].clone()
}

/// Asks until the answer is what the tenant's records say.
async fn comes_true(run: &Run, what: &str) -> Value {
    let expected = truth(run, Some(SOC2)).await.failing;
    let mut last = Value::Null;
    eventually(what, async || {
        last = finished(run, asked()).await;
        named(&last) == expected
    })
    .await;
    last
}

fn reads_of(run: &Run, path: &str) -> usize {
    run.seen().iter().filter(|seen| seen.path == path).count()
}

#[tokio::test]
async fn a_test_that_others_map_is_seen_by_the_event_log() {
    let run = built().await;
    let ((control, called), test) = (passing(&run).await, failing_test(&run).await);
    let arguments = json!({"controlId": control, "testId": test["id"]});
    changed_by_others(&run.tenant, "add_control_test", arguments).await;
    // The numbers of the framework do not show it: the test was in it before.
    let before = finished(&run, asked()).await;
    if !named(&before).contains_key(&called) {
        let counts = before["basis"]["vantaCounts"].as_str().unwrap();
        assert!(counts.contains("this answer finds") && counts.contains("fresh: true"), "{counts}");
    }
    run.tenant.put_forward(16 * MINUTE);
    run.tenant.forget();
    let after = comes_true(&run, "the new mapping is seen").await;
    assert!(named(&after).contains_key(&called));
    let looks = run.seen().iter().filter(|seen| seen.path == format!("/v1/controls/{control}/tests")).count();
    // Once by the server, and once by this test for the truth.
    assert!(looks >= 2, "{looks}");
    let since = run.seen().into_iter().find(|seen| seen.path == "/v1/event-logs").unwrap();
    assert!(since.query.iter().any(|(name, _)| name == "startDate"), "{since:?}");
}

#[tokio::test]
async fn a_mapping_that_others_remove_is_seen_by_the_event_log() {
    let run = built().await;
    let failing = truth(&run, Some(SOC2)).await;
    let in_force = json!({"statusFilter": "NEEDS_ATTENTION", "isInRollout": false});
    let tests = records(&run, "list_tests", in_force).await;
    let mut gone = None;
    for control in &failing.controls {
        let own = records(&run, "list_control_tests", json!({"controlId": id(control)})).await;
        if let Some(test) = own.iter().find(|own| tests.iter().any(|test| test["id"] == own["id"])) {
            gone = Some((id(control), id(test)));
            break;
        }
    }
    let (control, test) = gone.unwrap();
    let arguments = json!({"controlId": control, "testId": test, "confirm": test});
    changed_by_others(&run.tenant, "remove_control_test", arguments).await;
    run.tenant.put_forward(16 * MINUTE);
    comes_true(&run, "the mapping is seen to be gone").await;
}

#[tokio::test]
async fn new_names_and_what_is_gone_are_seen_by_whole_lists_where_no_event_tells_of_them() {
    let run = built().await;
    run.fault(Target::Path("/v1/event-logs".to_owned()), refused(403), 1_000);
    let truth = truth(&run, Some(SOC2)).await;
    let failing: Vec<&Value> = truth
        .controls
        .iter()
        .filter(|control| truth.failing.contains_key(control["externalId"].as_str().unwrap()))
        .collect();
    let (renamed, deleted) = (id(failing[0]), id(failing[1]));
    changed_by_others(&run.tenant, "update_control", json!({"controlId": renamed, "externalId": "NEW-1"}))
        .await;
    changed_by_others(&run.tenant, "delete_control", json!({"controlId": deleted, "confirm": deleted})).await;
    // It is not among the framework's controls any more, whose number tells so at once.
    let soon = finished(&run, asked()).await;
    assert_eq!(soon["of"], truth.controls.len() - 1, "{soon}");
    run.tenant.put_forward(25 * 60 * MINUTE);
    let after = comes_true(&run, "the new name is seen").await;
    assert!(named(&after).contains_key("NEW-1"));
    let kept = async || run.value("server_status", json!({})).await["kept"].clone();
    eventually("nothing is kept of the one that is gone", async || {
        let kept = kept().await;
        kept["controls"] == kept["controlsOf"]
    })
    .await;
}

#[tokio::test]
async fn a_control_that_is_not_found_any_more_does_not_count_as_passing() {
    let run = Setup::default().start().await;
    finished(&run, asked()).await;
    let controls = records(&run, "list_controls", json!({"frameworkMatchesAny": [SOC2]})).await;
    let gone = id(&controls[0]);
    run.fault(Target::Path(format!("/v1/controls/{gone}/tests")), refused(404), 50);
    let answer = finished(&run, json!({"framework": SOC2, "limit": 200, "fresh": true})).await;
    assert!(answer["notLookedAt"].to_string().contains("it is gone (404)"), "{answer}");
    assert_eq!(answer["lookedAt"], controls.len() - 1, "it does not count as passing");
}

#[tokio::test]
async fn the_oldest_relations_are_looked_at_again_in_turn_and_all_within_a_week() {
    let run = built().await;
    let looks = || {
        let of_tests = |path: &str| path.starts_with("/v1/controls/") && path.ends_with("/tests");
        let of_documents = |path: &str| path.starts_with("/v1/documents/") && path.ends_with("/controls");
        run.seen().iter().filter(|seen| of_tests(&seen.path) || of_documents(&seen.path)).count()
    };
    run.tenant.put_forward(6 * DAY);
    run.tenant.forget();
    finished(&run, asked()).await;
    eventually("some are looked at again", async || looks() > 0).await;
    let kept = run.value("server_status", json!({})).await["kept"].clone();
    let all = kept["controls"].as_u64().unwrap() + kept["documents"].as_u64().unwrap();
    let share = usize::try_from(all.div_ceil(192)).unwrap();
    // What the event log names of that time is looked at besides; nothing happened in it.
    let paths: Vec<String> = run.seen().into_iter().map(|seen| seen.path).collect();
    assert!(looks() <= share, "{} of {all}: {paths:?}", looks());
    run.tenant.put_forward(2 * DAY);
    finished(&run, asked()).await;
    eventually("all are looked at again", async || {
        finished(&run, asked()).await;
        looks() >= usize::try_from(all).unwrap()
    })
    .await;
}

#[tokio::test]
async fn nothing_is_read_that_nobody_asked_for_where_that_is_wanted() {
    let run = Setup::default().start().await;
    finished(&run, asked()).await;
    run.tenant.put_forward(2 * DAY);
    run.tenant.forget();
    finished(&run, asked()).await;
    finished(&run, asked()).await;
    assert_eq!((reads_of(&run, "/v1/event-logs"), reads_of(&run, "/v1/people")), (0, 0));
}

#[tokio::test]
async fn one_process_of_several_reads_the_log() {
    let tenant = harness::tenant(Limits::Off).await;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("vanta-mcp/state.db").display().to_string();
    let setup = || Setup::default().with("VANTA_MCP_INDEX", "all").with("VANTA_MCP_STATE", place.clone());
    let first = setup().start_with(tenant).await;
    finished(&first, asked()).await;
    let status = async |run: &Run| run.value("server_status", json!({})).await["kept"].clone();
    eventually("everything is looked at", async || {
        let kept = status(&first).await;
        kept["controls"] == kept["controlsOf"] && kept["snapshots"] == 1
    })
    .await;
    first.tenant.put_forward(16 * MINUTE);
    let before = status(&first).await["refreshed"].clone();
    first.tenant.forget();
    eventually("it is compared", async || {
        finished(&first, asked()).await;
        status(&first).await["refreshed"] != before
    })
    .await;
    let mut other = harness::command();
    other.envs(harness::credentials(&first.tenant)).env("VANTA_MCP_STATE", &place);
    other.env("VANTA_MCP_INDEX", "all");
    let mut other = harness::Wire::start(other);
    other.initialize().await;
    let call = json!({"name": "failing_controls", "arguments": asked()});
    other.message(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call})).await;
    assert_eq!(other.receive().await.unwrap()["result"]["isError"], false);
    finished(&first, asked()).await;
    assert_eq!(reads_of(&first, "/v1/event-logs"), 1);
}

#[tokio::test]
async fn ages_go_by_the_clock_of_the_api() {
    let now = jiff::Timestamp::now();
    let ahead = now.checked_add(jiff::SignedDuration::from_hours(24)).unwrap();
    let tenant =
        Tenant::start(Options { now: ahead, limits: Limits::Off, ..Options::default() }).await.unwrap();
    let run = Setup::default().start_with(tenant).await;
    let answer = finished(&run, asked()).await;
    let day = |at: jiff::Timestamp| at.strftime("%Y-%m-%d").to_string();
    for time in ["controlsListed", "oldestRelation"] {
        assert!(answer["basis"][time].as_str().unwrap().starts_with(&day(ahead)), "{answer}");
    }
    let overview = run.value("compliance_overview", json!({})).await;
    let week = ahead.checked_sub(jiff::SignedDuration::from_hours(7 * 24)).unwrap();
    assert_eq!(overview["trend"]["since"], day(week));

    // Nothing counts that is older than 30 days, though by the clock of this machine no minute has passed.
    run.tenant.put_forward(31 * DAY);
    run.tenant.forget();
    // Any answer tells the new time.
    run.value("list_frameworks", json!({})).await;
    let later = finished(&run, asked()).await;
    let month = ahead.checked_add(jiff::SignedDuration::from_hours(31 * 24)).unwrap();
    assert!(later["basis"]["oldestRelation"].as_str().unwrap().starts_with(&day(month)), "{later}");
    assert_eq!(column(&later["tests"], "n").len(), column(&answer["tests"], "n").len());
}
