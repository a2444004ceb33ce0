//! Programs that mean harm, each with what becomes of it.

use std::time::{Duration, Instant};

use vanta_mcp::parts::ProgramError;

use super::{interpreter, run, told};

/// Much more than the 2 s that a program has, as the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a program may come to: what it runs out of first may depend on the machine.
type Ends = &'static [&'static str];

const SLOW: Ends = &["slow"];
const FULL: Ends = &["memory", "slow"];
const LONG: Ends = &["output", "slow"];
const DEEP: Ends = &["deep", "memory", "slow"];
const FAILED: Ends = &["failed"];
const UNREAD: Ends = &["unread"];

const PROGRAMS: [(&str, Ends); 47] = [
    // Time.
    ("last(repeat(1))", SLOW),
    ("last(range(1e18))", SLOW),
    ("[limit(0; repeat(1))], until(false; .)", SLOW),
    ("def f: f; f", SLOW),
    ("reduce repeat(1) as $x (0; . + $x)", SLOW),
    ("foreach repeat(1) as $x (0; . + $x; empty)", SLOW),
    ("range(1e9) as $x | range(1e9) as $y | empty", SLOW),
    ("first(repeat(1) | select(. == 2))", SLOW),
    ("label $out | repeat(1) | if . == 2 then break $out else empty end", SLOW),
    ("def fib: if . < 2 then . else (. - 1 | fib) + (. - 2 | fib) end; 60 | fib", FULL),
    // Memory.
    ("[range(1e18)]", FULL),
    ("[repeat(\"abcdefgh\")]", FULL),
    ("[range(1e5)] | map(. as $x | [range(1e5)] | index($x)) | length", FULL),
    ("\"x\" * 100000000 | length", FULL),
    ("\"x\" * 1000000000000 | length", FULL),
    ("\"x\" * 9223372036854775807 | length", FULL),
    ("reduce range(60) as $_ (\"x\"; . + .) | length", FULL),
    ("reduce range(60) as $_ ([1]; . + .) | length", FULL),
    ("\"x\" * 30000000 | explode | length", FULL),
    ("[range(3000000)] | map(tostring) | join(\",\") | length", FULL),
    ("[range(9000000)] | implode | length", FULL),
    ("[0, 1] | [combinations(30)] | length", FULL),
    ("[range(100)] | [.,.,.,.,.,.] | [combinations] | length", FULL),
    ("[.[range(1e9)]?] | length", FULL),
    ("reduce range(200) as $_ (2; . * .) | tostring | length", FULL),
    ("{} | reduce range(1e9) as $i (.; .[$i | tostring] = $i) | length", FULL),
    ("\"a\" * 5000000 | [match(\".\"; \"g\")] | length", FULL),
    ("\"a\" * 30000000 | gsub(\"a\"; \"bb\") | length", FULL),
    ("\"a\" | test(\"((a{1000}){1000}){1000}\")", &["memory", "slow", "failed"]),
    ("\"a\" * 1000000 | test(\"(a*)*(a*)*b\")", &["memory", "slow", "others"]),
    // Output.
    ("range(1e18)", LONG),
    ("repeat(\"0123456789\" * 1000)", LONG),
    ("\"x\" * 30000000", LONG),
    ("[\"x\" * 10000000 | ., ., .]", LONG),
    // Depth.
    ("def f: 1 + f; f", DEEP),
    ("def f: f | f; f", DEEP),
    ("def f(x): f(x | x); f(.)", DEEP),
    ("reduce range(200) as $_ (null; [.])", &["deep"]),
    ("reduce range(1e6) as $_ (null; [.])", DEEP),
    ("reduce range(1e6) as $_ (null; {a: .}) | tojson | length", DEEP),
    ("reduce range(1e6) as $_ (null; [.]) | error", DEEP),
    ("\"[\" * 1000000 | fromjson", DEEP),
    // Out of the process.
    ("include \"/etc/passwd\"; .", UNREAD),
    ("import \"/etc/passwd\" as $p; $p", UNREAD),
    ("\"2020-01-01 Europe/Paris\" | strptime(\"%Y-%m-%d %Q\")", FAILED),
    // What jaq takes for no number of times, or for no index.
    ("\"x\" * 1e9", FAILED),
    (".[100000000000000000] = 1", FAILED),
];

fn kind(error: &ProgramError) -> &'static str {
    match error {
        ProgramError::TooSlow { .. } => "slow",
        ProgramError::TooMuchMemory => "memory",
        ProgramError::TooMuchOutput => "output",
        ProgramError::TooDeep => "deep",
        ProgramError::Failed { .. } => "failed",
        ProgramError::Ended { .. } => "ended",
        ProgramError::Module { .. } => "unread",
        _ => "other",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_program_is_ended_and_told_so() {
    let all = PROGRAMS.map(|(program, expected)| async move {
        let begin = Instant::now();
        // What has no end needs no more time to show it.
        let time = Duration::from_millis(if expected == SLOW { 400 } else { 2000 });
        let came = match interpreter().within(time).run(program, b"[]").await.map(|made| told(&made)) {
            Ok(outcome) if outcome.len() < 100 => "others",
            Ok(outcome) => panic!("{program}: {} bytes", outcome.len()),
            Err(error) => {
                assert!(error.to_string().len() < 1000, "{error}");
                kind(&error)
            }
        };
        assert!(begin.elapsed() < PATIENCE * 4, "{program}: {:?}", begin.elapsed());
        (!expected.contains(&came)).then(|| format!("{program}: {came}, not {expected:?}"))
    });
    let wrong: Vec<String> = futures::future::join_all(all).await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn the_parent_goes_on() {
    let begin = Instant::now();
    for program in ["[range(1e18)]", "last(repeat(1))", "def f: 1 + f; f"] {
        assert!(run(program, "[]").await.is_err(), "{program}");
        assert_eq!(run("length", "[1,2]").await.unwrap(), "value 2");
    }
    assert!(begin.elapsed() < 3 * PATIENCE, "{:?}", begin.elapsed());
}
