//! One application, several processes: they share its token and its requests a minute as if they were one.

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;
use vanta_demo::{Fault, FaultKind, Limits, Seen, Target, Tenant};

use crate::harness::{self, Wire};

/// The state that the processes of a test share.
enum Place {
    File(TempDir),
    Database(String),
}

impl Place {
    fn file() -> Self {
        Self::File(tempfile::tempdir().unwrap())
    }

    fn name(&self) -> String {
        match self {
            Self::File(folder) => folder.path().join("vanta-mcp/state.db").to_str().unwrap().to_owned(),
            Self::Database(url) => url.clone(),
        }
    }
}

/// One more process with the tenant's credentials and this state; Vanta's limits hold only where they are wanted.
async fn process(tenant: &Tenant, place: &Place, limits: Limits) -> Wire {
    let mut wire = Wire::start(command(tenant, place, limits));
    wire.initialize().await;
    wire
}

fn command(tenant: &Tenant, place: &Place, limits: Limits) -> Command {
    let mut command = harness::command();
    command.envs(harness::credentials(tenant)).env("VANTA_MCP_STATE", place.name());
    if matches!(limits, Limits::Enforced) {
        command.env_remove("VANTA_MCP_LIMITS");
    } else {
        // Tokens stay limited: they are what is shared here.
        command.env("VANTA_MCP_LIMITS", "off,token=5");
    }
    command
}

async fn begin(wire: &mut Wire, id: usize) {
    let call = json!({"name": "list_frameworks", "arguments": {}});
    wire.message(&json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": call})).await;
}

/// The result of a call, which must be no error.
fn good(message: &Value) -> &Value {
    let result = &message["result"];
    assert_eq!(result["isError"], false, "{message}");
    result
}

/// The next answer, however long it takes.
async fn answer(wire: &mut Wire) -> Value {
    let line =
        tokio::time::timeout(Duration::from_secs(100), wire.stdout.next_line()).await.expect("an answer");
    serde_json::from_str(&line.unwrap().unwrap()).unwrap()
}

fn is_token(seen: &Seen) -> bool {
    seen.path == "/oauth/token"
}

fn tokens(tenant: &Tenant) -> usize {
    tenant.seen().iter().filter(|seen| is_token(seen)).count()
}

/// All that was sent to the API, none of it refused.
fn accepted(tenant: &Tenant) -> usize {
    let seen = tenant.seen();
    let calls: Vec<&Seen> = seen.iter().filter(|seen| !is_token(seen)).collect();
    let refused: Vec<_> =
        calls.iter().filter(|seen| seen.status != Some(200)).map(|seen| seen.status).collect();
    assert!(refused.is_empty(), "{refused:?}");
    calls.len()
}

/// So many processes make so many calls each, in turn.
async fn in_turn(tenant: &Tenant, place: &Place, processes: usize, calls: usize) {
    let mut wires = Vec::new();
    for _ in 0..processes {
        wires.push(process(tenant, place, Limits::Off).await);
    }
    for call in 1..=calls {
        for wire in &mut wires {
            begin(wire, call).await;
        }
        for wire in &mut wires {
            good(&answer(wire).await);
        }
    }
    assert_eq!(accepted(tenant), processes * calls);
    assert_eq!(tokens(tenant), 1, "one token for all");
}

#[tokio::test]
async fn eight_processes_make_two_hundred_calls_each_with_one_token() {
    let tenant = harness::tenant(Limits::Off).await;
    in_turn(&tenant, &Place::file(), 8, 200).await;
}

#[tokio::test]
async fn three_processes_share_a_token_over_postgresql() {
    let Ok(url) = std::env::var("VANTA_MCP_TEST_POSTGRES") else {
        assert!(std::env::var_os("VANTA_MCP_CHECK_ALL").is_none(), "there is no PostgreSQL to test with");
        eprintln!("NOT CHECKED: sharing over PostgreSQL; start one with tests/postgres/start");
        return;
    };
    let tenant = harness::tenant(Limits::Off).await;
    in_turn(&tenant, &Place::Database(url), 3, 200).await;
}

/// A process that is killed without notice, in the middle of whatever it does.
async fn killed(mut wire: Wire) -> ExitStatus {
    wire.child.start_kill().unwrap();
    wire.child.wait().await.unwrap()
}

#[tokio::test]
async fn processes_that_are_killed_take_nothing_with_them() {
    let tenant = harness::tenant(Limits::Off).await;
    let place = Place::file();
    let mut wires = Vec::new();
    for _ in 0..8 {
        wires.push(process(&tenant, &place, Limits::Off).await);
    }
    let began = Instant::now();
    let mut call = 0;
    for round in 0..5_u64 {
        while began.elapsed() < Duration::from_secs(round + 1) {
            call += 1;
            for wire in &mut wires {
                begin(wire, call).await;
            }
            for wire in &mut wires {
                good(&answer(wire).await);
            }
        }
        // It goes while its call is under way, and another comes.
        let mut victim = wires.remove(0);
        begin(&mut victim, 0).await;
        assert!(!killed(victim).await.success());
        wires.push(process(&tenant, &place, Limits::Off).await);
    }
    assert!(call > 10, "{call} calls");
    assert_eq!(tokens(&tenant), 1);
}

/// The one that asks for the token is killed while it does: the others wait for some seconds and ask themselves.
#[tokio::test]
async fn one_who_is_killed_while_it_asks_for_the_token_delays_the_others_by_five_seconds_at_most() {
    let tenant = harness::tenant(Limits::Off).await;
    let place = Place::file();
    let slow = FaultKind::Slow(Duration::from_secs(30));
    tenant.fault(Fault { on: Target::Token, kind: slow, times: 1 });
    let mut first = process(&tenant, &place, Limits::Off).await;
    begin(&mut first, 1).await;
    harness::eventually("the token is asked for", async || tokens(&tenant) == 1).await;
    killed(first).await;
    let mut second = process(&tenant, &place, Limits::Off).await;
    let began = Instant::now();
    begin(&mut second, 1).await;
    good(&answer(&mut second).await);
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
}

/// What is beyond the minute's limit waits for its turn, over all processes.
#[tokio::test]
async fn eighty_calls_of_four_processes_wait_for_their_turns_and_none_is_refused() {
    let tenant = harness::tenant(Limits::Enforced).await;
    let place = Place::file();
    let began = Instant::now();
    let work = (0..4).map(|_| async {
        let mut wire = process(&tenant, &place, Limits::Enforced).await;
        let mut waited = 0.0_f64;
        for call in 1..=20 {
            begin(&mut wire, call).await;
            let answer = answer(&mut wire).await;
            let budget = &good(&answer)["_meta"]["vanta-mcp/budget"];
            assert!(budget["left"]["manage"].as_u64().unwrap() < 50, "{answer}");
            waited = waited.max(budget["waitedSeconds"].as_f64().unwrap());
        }
        waited
    });
    let waited = futures::future::join_all(work).await;
    assert!(waited.iter().any(|seconds| *seconds > 30.0), "{waited:?}");
    assert_eq!(accepted(&tenant), 80);
    assert_eq!(tokens(&tenant), 1);
    let took = began.elapsed();
    assert!(took > Duration::from_secs(59) && took < Duration::from_secs(75), "{took:?}");
}

/// A process that asks again as soon as it has an answer does not take the turns that calls of another have waited for.
#[cfg(unix)]
#[tokio::test]
async fn calls_that_wait_are_not_overtaken_by_those_of_a_busier_process() {
    let tenant = harness::tenant(Limits::Off).await;
    let place = Place::file();
    let start = async || {
        let mut command = command(&tenant, &place, Limits::Off);
        command.env("VANTA_MCP_LIMITS", "manage=20,token=5");
        let mut wire = Wire::start(command);
        wire.initialize().await;
        wire
    };
    let (mut busy, mut patient) = (start().await, start().await);
    let began = Instant::now();
    for id in 0..10 {
        begin(&mut busy, id).await;
    }
    // It spends the minute's turns, and goes on to have ten calls under way.
    for id in 10..30 {
        good(&answer(&mut busy).await);
        begin(&mut busy, id).await;
    }
    for id in 0..8 {
        begin(&mut patient, id).await;
    }
    // It is held up when the turns come free, for less long than a process that was killed is remembered.
    let pid = patient.child.id().unwrap().to_string();
    let held_up = async {
        for (signal, until) in [("-STOP", 60_900), ("-CONT", 62_000)] {
            tokio::time::sleep_until((began + Duration::from_millis(until)).into()).await;
            assert!(Command::new("kill").args([signal, &pid]).status().await.unwrap().success());
        }
    };
    let served = async {
        for _ in 0..8 {
            good(&answer(&mut patient).await);
        }
    };
    let more = async {
        for id in 30.. {
            good(&answer(&mut busy).await);
            begin(&mut busy, id).await;
        }
    };
    tokio::select! {
        ((), ()) = futures::future::join(held_up, served) => {}
        () = more => {}
    }
    let took = began.elapsed();
    assert!(took > Duration::from_secs(59) && took < Duration::from_secs(70), "{took:?}");
}

/// A wait that would be too long is not begun: the answer says at once when to come back.
#[tokio::test]
async fn a_call_that_would_wait_too_long_is_told_when_to_come_back() {
    let tenant = harness::tenant(Limits::Enforced).await;
    let place = Place::file();
    let mut short = command(&tenant, &place, Limits::Enforced);
    short.env("VANTA_MCP_WAIT", "5").env("VANTA_MCP_LIMITS", "manage=2");
    let mut wire = Wire::start(short);
    wire.initialize().await;
    for call in 1..=2 {
        begin(&mut wire, call).await;
        good(&answer(&mut wire).await);
    }
    let began = Instant::now();
    begin(&mut wire, 3).await;
    let refused = answer(&mut wire).await;
    let text = refused["result"]["content"][0]["text"].as_str().unwrap();
    assert!(began.elapsed() < Duration::from_secs(2));
    for expected in ["The call was not sent.", "2 requests a minute", "Try again after "] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(accepted(&tenant), 2);
}

/// Another program that takes the token time and again is named as what it is.
#[tokio::test]
async fn a_program_that_takes_the_token_is_spoken_of() {
    let tenant = harness::tenant(Limits::Off).await;
    let (ours, theirs) = (Place::file(), Place::file());
    let mut a = process(&tenant, &ours, Limits::Off).await;
    let mut b = process(&tenant, &theirs, Limits::Off).await;
    // Each takes the token of the other, which both survive: a 401 is answered with a new token.
    for call in 1..=2 {
        for wire in [&mut a, &mut b] {
            begin(wire, call).await;
            good(&answer(wire).await);
        }
    }
    assert_eq!(tokens(&tenant), 4);
}
