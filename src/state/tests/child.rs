//! Other processes that share a store: this test's own program, which runs one test that is a job.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use super::super::sqlite::Sqlite;
use super::suite::{add, add_kept, key};
use super::*;

/// What tells a process its job: verb, place, id of the record.
const JOB: &str = "VANTA_MCP_TEST_JOB";

/// How many changes a process makes that counts.
pub const COUNTED: u64 = 200;

/// A process at work, which is killed with its owner.
pub struct Process {
    child: Child,
    lines: BufReader<ChildStdout>,
}

/// The command of a process with a job.
pub fn command(verb: &str, place: &str, id: &str) -> Command {
    by(Command::new(std::env::current_exe().unwrap()), verb, place, id)
}

/// The same by another program, which gets this one to run as its last arguments.
pub fn by(mut command: Command, verb: &str, place: &str, id: &str) -> Command {
    command
        .args(["--exact", "state::tests::child::job", "--ignored", "--nocapture"])
        .env(JOB, format!("{verb}\n{place}\n{id}"))
        .stdout(Stdio::piped());
    command
}

impl Process {
    pub fn start(verb: &str, place: &str, id: &str) -> Self {
        Self::of(command(verb, place, id))
    }

    pub fn of(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// What it says next; `None` where it has ended.
    pub fn says(&mut self) -> Option<String> {
        let mut line = String::new();
        while self.lines.read_line(&mut line).unwrap() > 0 {
            // The test runner writes on the same line.
            if let Some((_, said)) = line.trim_end().split_once("job: ") {
                return Some(said.to_owned());
            }
            line.clear();
        }
        None
    }

    /// As `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn is_done(&mut self) -> bool {
        while self.says().is_some() {}
        self.child.wait().unwrap().success()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn store(place: &str) -> Arc<dyn Store> {
    #[cfg(feature = "postgres")]
    if place.starts_with("postgres://") {
        let address = super::postgres::at(place);
        return Arc::new(super::super::postgres::Postgres::new(address));
    }
    Arc::new(Sqlite::new(PathBuf::from(place)))
}

fn say(what: &str) {
    println!("job: {what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "other tests run it in processes of their own"]
async fn job() {
    let job = std::env::var(JOB).expect("a job");
    let [verb, place, id] = job.split('\n').collect::<Vec<_>>()[..] else { panic!("{job}") };
    let (store, key) = (store(place), key(id));
    match verb {
        "count" => {
            for _ in 0..COUNTED {
                add(&*store, &key).await.unwrap();
            }
        }
        "count on" => loop {
            say(&add(&*store, &key).await.unwrap().to_string());
        },
        "hold" => {
            let hold = |_: Moment, _: Option<&str>| {
                say("holds");
                std::thread::sleep(Duration::from_secs(600));
                Some("0".to_owned())
            };
            store.change(&key, Box::new(hold)).await.unwrap();
        }
        "read only" => {
            let kept = add_kept(&Shared::new(Arc::clone(&store)), &key).await;
            for done in [add(&*store, &key).await, kept] {
                assert!(matches!(done, Err(StoreError::ReadOnly { .. })), "{done:?}");
            }
        }
        #[cfg(unix)]
        "fill" => super::sqlite::a_full_disk_is_told(&PathBuf::from(place)).await,
        #[cfg(unix)]
        "tamper" => super::tampered::a_log_is_cut_while_it_is_open(&PathBuf::from(place), &key.id).await,
        _ => panic!("{verb}"),
    }
}

/// Several processes count at once, and none is lost.
pub async fn processes_lose_nothing(store: &dyn Store, place: &str) {
    let mut all: Vec<_> = (0..4).map(|_| Process::start("count", place, "processes")).collect();
    for process in &mut all {
        assert!(process.is_done());
    }
    assert_eq!(add(store, &key("processes")).await, Ok(4 * COUNTED + 1));
}
