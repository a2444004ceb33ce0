//! Whatever a program does, it ends in time, takes no more memory than it may, and the process that asked goes on.
//!
//! `PROPTEST_CASES` says how many batches of programs are tried.

use std::env;
use std::process::Command;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use vanta_mcp::parts::{ProgramError, Reshaped};

use super::interpreter;

/// The time that a program has here.
const TIME: Duration = Duration::from_millis(400);

/// How much longer it may seem to take where the machine is busy.
const BUSY: Duration = Duration::from_secs(15);

/// How many run at once.
const BATCH: usize = 4;

/// Batches, unless somebody says otherwise.
const CASES: u32 = 32;

/// The most memory of a process, in KiB: the 64 MiB that a program has, and what a binary with debug information takes
/// before.
const MEMORY: i64 = (64 + 40) << 10;

/// Set in the process in which programs are tried: what its children took is then known to be theirs.
const INSIDE: &str = "VANTA_MCP_TEST_PROGRAMS";

const ITEMS: &[u8] =
    br#"[{"id":"a","n":1,"tags":["x","y"],"at":"2026-01-02T03:04:05Z"},{"id":"b","n":-2.5e3,"tags":null}]"#;

/// What stands for itself, a line each.
const LEAVES: &str = r#"
.
.[]
.[0]
.[].n
.[].tags
.[]?
..
null
0
-1
1.5
1e9
infinite
nan
[]
{}
"ab"
""
true
empty
error
range(10)
range(1e9)
[range(1000)]
repeat(.)
"x" * 100000000
"x" * 30000
explode
implode
tojson
fromjson
tostring
tonumber
length
add
keys
to_entries
from_entries
sort
reverse
unique
flatten
transpose
combinations
recurse
paths
min
max
first
last
floor
sqrt
todate
fromdate
now
type
not
@csv
@base64
@base64d
input
halt
debug
utf8bytelength
"#;

/// What is made of two others, `A` and `B`.
const COMPOUNDS: &str = r#"
(A | B)
(A, B)
(A + B)
(A - B)
(A * B)
(A / B)
(A % B)
(A // B)
(A and B)
(A == B)
[A]
[A, B]
{a: A}
{(A): B}
.[A]
.[A:B]
map(A)
select(A)
sort_by(A)
group_by(A)
(reduce A as $x (0; B))
(foreach A as $x (0; B))
limit(5; A)
limit(A; B)
first(A)
last(A)
until(A; B)
while(A; B)
repeat(A)
recurse(A)
(def f: A | f; f)
(def f: A, f; f)
(def f: B + f; f)
(try A catch B)
(if A then B else . end)
path(A)
(A |= B)
(A = B)
(A as $x | B)
walk(A)
"\(A) \(B)"
range(A; B)
splits(A)
test(A)
"#;

fn lines(text: &'static str) -> Vec<&'static str> {
    text.lines().filter(|line| !line.is_empty()).collect()
}

fn programs() -> impl Strategy<Value = String> {
    let leaf = select(lines(LEAVES)).prop_map(str::to_owned);
    leaf.prop_recursive(6, 24, 2, |inner| {
        (select(lines(COMPOUNDS)), inner.clone(), inner).prop_map(|(compound, a, b)| {
            let parts = compound.split_inclusive(['A', 'B']);
            parts.map(|part| part.replace('A', "\u{1}").replace('B', &b).replace('\u{1}', &a)).collect()
        })
    })
}

/// What came of one, where that is not what may come of any.
async fn wrong(program: String) -> Option<String> {
    let begin = Instant::now();
    let result = interpreter().within(TIME).run(&program, ITEMS).await;
    let took = begin.elapsed();
    let problem = match result {
        _ if took > TIME + BUSY => format!("took {took:?}"),
        Ok(Reshaped::Array(one) | Reshaped::Value(one)) if one.get().len() > 20 << 20 => "long".to_owned(),
        Ok(_) => return None,
        Err(error @ (ProgramError::Items { .. } | ProgramError::NotStarted(_))) => error.to_string(),
        // jaq panics here and there; a process that a signal ended has to be understood.
        Err(ProgramError::Ended { how }) if how.contains("signal") => how,
        Err(error) if error.to_string().len() > 1500 => {
            format!("a message of {} bytes", error.to_string().len())
        }
        Err(_) => return None,
    };
    Some(format!("{program}\n{problem}"))
}

fn tried() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cases = env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 50, ..Config::default() };
    let tried = TestRunner::new(config).run(&vec(programs(), BATCH), |batch| {
        let all = futures::future::join_all(batch.into_iter().map(wrong));
        let wrong: Vec<String> = runtime.block_on(all).into_iter().flatten().collect();
        proptest::prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        proptest::prop_assert!(children_took() <= MEMORY, "{} KiB", children_took());
        Ok(())
    });
    tried.unwrap();
    // And one that takes all it may, so that the measure is known to measure: not all that it was given has to be in memory
    // at once.
    let patient = interpreter().within(BUSY);
    let program = "def f: if . < 2 then . else (. - 1 | f) + (. - 2 | f) end; 60 | f";
    let full = runtime.block_on(patient.run(program, ITEMS)).unwrap_err();
    assert!(matches!(full, ProgramError::TooMuchMemory), "{full}");
    let took = children_took();
    assert!((32 << 10..=MEMORY).contains(&took), "{took} KiB");
}

/// The most memory that any child had that has ended, in KiB.
fn children_took() -> i64 {
    use nix::sys::resource::{UsageWho, getrusage};
    getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss()
}

#[test]
fn no_program_takes_more_than_it_may() {
    if env::var_os(INSIDE).is_some() {
        return tried();
    }
    let this = ["--exact", "program::bounds::no_program_takes_more_than_it_may", "--nocapture"];
    let inside = Command::new(env::current_exe().unwrap()).args(this).env(INSIDE, "1").output().unwrap();
    let said = [inside.stdout, inside.stderr].concat();
    assert!(inside.status.success(), "{}", String::from_utf8_lossy(&said));
    assert!(String::from_utf8_lossy(&said).contains("1 passed"), "it was tried");
}
