//! Programs in jq: what they answer, what is said of those that fail, and that none takes more than it may.

#[cfg(target_os = "linux")]
mod bounds;
mod hostile;

use std::time::{Duration, Instant};

use vanta_mcp::parts::{Interpreter, ProgramError, Reshaped};

use crate::harness::BINARY;

fn interpreter() -> Interpreter {
    Interpreter::of(BINARY)
}

/// All outputs, with the kind of the result before them.
fn told(made: &Reshaped) -> String {
    match made {
        Reshaped::Array(array) => format!("array {array}"),
        Reshaped::Value(value) => format!("value {value}"),
        Reshaped::Several(values) => {
            let values: Vec<&str> = values.iter().map(|value| value.get()).collect();
            format!("several {}", values.join(" "))
        }
    }
}

async fn run(program: &str, items: &str) -> Result<String, ProgramError> {
    interpreter().run(program, items.as_bytes()).await.map(|made| told(&made))
}

#[tokio::test]
async fn one_array_another_value_and_several_outputs_are_told_apart() {
    const ITEMS: &str = r#"[{"id":"b","n":1},{"id":"a","n":12345678901234567890.50}]"#;
    for (program, expected) in [
        ("sort_by(.id)", r#"array [{"id":"a","n":12345678901234567890.50},{"id":"b","n":1}]"#),
        ("map(select(.n == 7))", "array []"),
        ("length", "value 2"),
        ("{ids: map(.id)}", r#"value {"ids":["b","a"]}"#),
        (".[] | .id", r#"several "b" "a""#),
        ("empty", "several "),
        (".[0], halt, .[1]", r#"value {"id":"b","n":1}"#),
        ("```jq\n.[0].id\n```", r#"value "b""#),
        ("[\"\\u2028\\r\\n=\"]", "array [\"\u{2028}\\r\\n=\"]"),
    ] {
        assert_eq!(run(program, ITEMS).await.unwrap(), expected, "{program}");
    }
}

#[tokio::test]
async fn a_program_that_fails_says_why_and_what_to_do() {
    const ITEMS: &str = r#"[{"id":"1","tags":[{"a":1}]},{"id":"2","tags":null}]"#;
    for (program, begin, end) in [
        (
            ".items[]",
            "the jq program failed: cannot index the array of items with \"items\".",
            "The input is the array of items itself, not an object",
        ),
        (
            ".results.data | length",
            "the jq program failed: cannot index the array of items with \"results\".",
            "without `.items` or `.results.data`.",
        ),
        (
            ".[] | .tags.a",
            "the jq program failed: cannot index [{\"a\":1}] with \"a\".",
            "Go through an array with `[]` first",
        ),
        (
            ".[] | .tags[].a",
            "the jq program failed after 1 output: cannot use null as iterable",
            "write `.a[]?` or",
        ),
        (
            "map(.tags | ascii_upcase)",
            "the jq program failed: cannot use [{\"a\":1}] as string.",
            "Try the part that failed on one item",
        ),
        ("error(\"a \\\"b\\\"\")", "the jq program failed: a \"b\".", "Try the part"),
        (
            "map({(.tags): 1})",
            "the jq program made an object with the key [{\"a\":1}];",
            "keys must be strings",
        ),
        (
            "\"2026-01-02\" | fromdate",
            "the jq program failed: failed to find time component",
            "write `. + \"T00:00:00Z\" | fromdate`",
        ),
        (
            "map(.id",
            "the jq program has a mistake at line 1, column 8 (after `map(.id`): expected `)`, found the end.",
            "Correct",
        ),
        ("jq --arg x 1 '.[]'", "`jq` takes the program alone", "(`--arg`)"),
        (" ", "the jq program is empty.", "Write a program"),
    ] {
        let error = run(program, ITEMS).await.unwrap_err().to_string();
        assert!(error.starts_with(begin), "{program}: {error}");
        assert!(error.contains(end), "{program}: {error}");
    }
    let long = format!("[{}{{}}]", r#"{"id":"a"},"#.repeat(10_000));
    let error = run(". - 1", &long).await.unwrap_err().to_string();
    assert!(error.contains(" … ") && error.contains(r#"{"id":"a"},{}] - 1. Try"#), "{error}");
    assert!(error.len() < 1000, "{error}");
    for no_items in ["[", "", "[1] 2"] {
        let error = run(".", no_items).await.unwrap_err();
        assert!(matches!(error, ProgramError::Items { .. }), "{no_items}: {error}");
    }
}

#[tokio::test]
async fn where_there_is_no_interpreter_that_is_said() {
    let nowhere = Interpreter::of("/nonexistent/vanta-mcp").run(".", b"[]").await.unwrap_err();
    assert!(nowhere.to_string().starts_with("the jq interpreter could not be started ("), "{nowhere}");
    // A binary that is not this one: what it prints is no answer.
    let other = Interpreter::of_this_binary().unwrap().run(".", b"[]").await.unwrap_err();
    assert!(matches!(other, ProgramError::Ended { .. }), "{other}");
}

#[tokio::test]
async fn the_process_is_of_no_use_to_a_person() {
    let help = crate::harness::command().arg("--help").output().await.unwrap();
    assert!(!String::from_utf8_lossy(&help.stdout).contains("jq-program"));
    for stdin in ["", "{}", "jq program of 1 bytes\n"] {
        let mut command = std::process::Command::new(BINARY);
        command.arg("run-jq-program").stdin(std::process::Stdio::piped());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), stdin.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), output.stdout.len(), output.stderr.len()),
            (Some(2), 0, 0),
            "{stdin}"
        );
    }
    let more = crate::harness::command().args(["run-jq-program", "--help"]).output().await.unwrap();
    let complaint = String::from_utf8_lossy(&more.stderr).into_owned();
    assert!(complaint.contains("unknown command `run-jq-program`"), "{complaint}");
}

#[tokio::test]
async fn who_no_longer_waits_gives_the_turn_back() {
    let interpreter = interpreter().within(Duration::from_secs(20));
    let begin = Instant::now();
    // More than may run at once: turns that were not given back would be missed.
    for _ in 0..6 {
        let endless = interpreter.run("last(repeat(1))", b"[]");
        assert!(tokio::time::timeout(Duration::from_millis(50), endless).await.is_err(), "it does not end");
    }
    assert_eq!(run("1", "[]").await.unwrap(), "value 1");
    assert!(begin.elapsed() < Duration::from_secs(15), "{:?}", begin.elapsed());
}

/// The binary by a name of its own, by which its processes are known.
#[cfg(target_os = "linux")]
struct Known {
    _folder: tempfile::TempDir,
    executable: std::path::PathBuf,
}

#[cfg(target_os = "linux")]
impl Known {
    fn new() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let executable = folder.path().canonicalize().unwrap().join("known");
        std::fs::hard_link(BINARY, &executable).unwrap();
        Self { _folder: folder, executable }
    }

    fn processes(&self) -> usize {
        let all = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        let executables = all.filter_map(|process| std::fs::read_link(process.path().join("exe")).ok());
        executables.filter(|executable| *executable == self.executable).count()
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn four_run_at_once_and_none_is_left_behind() {
    let known = Known::new();
    let interpreter = Interpreter::of(&known.executable).within(Duration::from_millis(300));
    let all = futures::future::join_all((0..10).map(|_| interpreter.run("last(repeat(1))", b"[]")));
    let counted = async {
        let mut most = 0;
        loop {
            most = most.max(known.processes());
            tokio::time::sleep(Duration::from_millis(5)).await;
            assert!(most <= 4, "{most} at once");
        }
    };
    tokio::select! {
        ended = all => assert!(ended.iter().all(|ended| matches!(ended, Err(ProgramError::TooSlow { .. })))),
        () = counted => {}
    }
    // And where nobody waits for the end.
    let patient = Interpreter::of(&known.executable).within(Duration::from_secs(20));
    let endless = patient.run("last(repeat(1))", b"[]");
    let begun = crate::harness::eventually("it runs", async || known.processes() > 0);
    tokio::select! {
        _ = endless => panic!("it does not end"),
        () = begun => {}
    }
    crate::harness::eventually("it was ended", async || known.processes() == 0).await;
}
