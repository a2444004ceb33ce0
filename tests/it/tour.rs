//! `vanta-mcp demo`: it fits a terminal, what it says is true, and what it ends with can be pasted.

use std::path::Path;

use serde_json::Value;
use tokio::process::Command;

use crate::cli::{finish, run_in};
use crate::harness::{BINARY, Listener};

/// What follows this in the tour, up to the next heading.
fn chapter<'t>(tour: &'t str, heading: &str) -> &'t str {
    let (_, rest) = tour.split_once(heading).unwrap_or_else(|| panic!("{heading}: {tour}"));
    rest.split("\n# ").next().unwrap()
}

/// The configuration at its end.
fn pasted(tour: &str) -> &str {
    &tour[tour.rfind("\n{").unwrap()..]
}

/// A day as the tour writes it, `26 Nov 2026`.
fn day(text: &str) -> (i32, usize, i32) {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split([' ', ',']).filter(|word| !word.is_empty());
    let day = words.next().unwrap().parse().unwrap();
    let month = words.next().unwrap();
    let month = MONTHS.iter().position(|known| *known == month).unwrap();
    (words.next().unwrap().parse().unwrap(), month, day)
}

#[tokio::test]
async fn the_demo_shows_an_assistants_work_from_reading_to_a_confirmed_termination() {
    let real = Listener::silent().await;
    let variables =
        [("VANTA_BASE_URL", &*real.url), ("VANTA_CLIENT_ID", "real"), ("VANTA_CLIENT_SECRET", "real-secret")];
    let begun = std::time::Instant::now();
    let done = run_in(&variables, &["demo"]).await;
    let took = begun.elapsed();
    assert_eq!((done.code, &*done.stderr), (Some(0), ""), "{done:?}");
    // In this order: the calls, and what each must show.
    let mut rest = &*done.stdout;
    for expected in [
        "> failing_controls {\"limit\":3}",
        "One call.",
        "> failing_controls {\"framework\":\"HIPAA\"",
        " requests instead of ",
        "explain_failure",
        "list_vulnerabilities",
        "list_audit_evidence",
        "list_questionnaire_responses",
        "list_answer_library_entries",
        "find_tools",
        "set_audit_evidence_status",
        "create_panel_account",
        "password",
        "terminate_panel_account",
        "\"confirm\"",
        "refused",
        "nothing was changed",
        "terminate_panel_account",
        "changed: no",
        "terminate_panel_account",
        "\"confirm\"",
        "terminated: yes",
        "mcpServers",
    ] {
        rest = rest
            .split_once(expected)
            .unwrap_or_else(|| panic!("{expected} is missing or out of order: {}", done.stdout))
            .1;
    }
    assert!(real.heard().is_empty());
    assert!(took < std::time::Duration::from_secs(60), "the tour took {took:?}");
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert!(lines.len() <= 120, "{} lines", lines.len());
    for line in lines.iter().filter(|line| !line.trim_start().starts_with("\"command\"")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[tokio::test]
async fn what_the_tour_says_is_true_and_does_not_contradict_itself() {
    let tour = run_in(&[], &["demo"]).await.stdout;
    let count = async |tool: &str, arguments: &str| {
        let mut all = 0;
        let mut arguments: Value = serde_json::from_str(arguments).unwrap();
        loop {
            let page = run_in(&[], &["call", "--demo", tool, &arguments.to_string()]).await.json();
            all += page["items"].as_array().unwrap().len();
            match page.get("nextCursor") {
                Some(next) => arguments["pageCursor"] = next.clone(),
                None => return all,
            }
        }
    };
    // A number that stands before some words.
    let number = |text: &str, words: &str| -> usize {
        let (before, _) = text.split_once(words).unwrap_or_else(|| panic!("{words}: {text}"));
        let digits = before.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap();
        digits.parse().unwrap_or_else(|_| panic!("{words}: {text}"))
    };
    let said = |chapter: &str| chapter.split_whitespace().collect::<Vec<_>>().join(" ");
    let all = count("list_controls", r#"{"pageSize":100}"#).await;
    let first = said(chapter(&tour, "# Which controls fail, and why?"));
    assert_eq!(number(&first, " controls fail, worst first"), all, "{first}");
    let requests = number(&first, " in all. Your own Vanta takes");
    assert!(requests > all, "{first}");
    let minutes = requests.div_ceil(50) - 1;
    assert!(first.contains(&format!("takes {minutes} minutes")), "{first}");
    // The second question rests on what the first one found out.
    let framework = r#"{"frameworkMatchesAny":["hipaa"],"pageSize":100}"#;
    let of_framework = count("list_controls", framework).await;
    let second = said(chapter(&tour, "# And for HIPAA alone?"));
    assert_eq!(number(&second, " controls fail, worst first"), of_framework, "{second}");
    assert_eq!(number(&second, "; which tests belong"), requests, "{second}");
    assert!(number(&second, " requests instead of") < 10, "{second}");

    let why = chapter(&tour, "# Why does the test fail that is due first?");
    let dated = |name: &str| day(why.split_once(name).unwrap().1.trim_start());
    let since = dated("test.since:");
    assert!(since < dated("test.due:"), "a test is due after it began to fail: {why}");
    let created: Vec<_> = why
        .lines()
        .skip_while(|line| !line.starts_with("item "))
        .skip(1)
        .take_while(|line| !line.starts_with('('))
        .map(|line| day(line.rsplit("  ").next().unwrap()))
        .collect();
    assert!(!created.is_empty() && created.iter().all(|created| since <= *created), "{why}");
    let name = why.split_once("\"test\":\"").unwrap().1.split('"').next().unwrap();
    let failing =
        run_in(&[], &["call", "--demo", "list_tests", r#"{"statusFilter":"NEEDS_ATTENTION"}"#]).await;
    let id =
        failing.json()["items"].as_array().unwrap().iter().find(|test| test["name"] == name).unwrap()["id"]
            .clone();
    let failing = serde_json::json!({"testId": id, "entityStatus": "FAILING"}).to_string();
    let fail = count("list_test_entities", &failing).await;
    assert!(why.contains(&format!("({fail} items fail; shown: {})", created.len())), "{why}");

    let questions = chapter(&tour, "# Which questions of a customer are open");
    let id = questions.split_once("\"questionnaireId\":\"").unwrap().1.split('"').next().unwrap();
    let all = count("list_questionnaire_responses", &format!(r#"{{"questionnaireId":"{id}"}}"#)).await;
    assert!(questions.contains(&format!("{all} questions, ")), "{questions}");
}

#[tokio::test]
async fn the_tour_ends_with_how_a_client_starts_the_program_that_ran() {
    let folder = tempfile::tempdir().unwrap();
    let installed = folder.path().join("vanta-mcp");
    std::fs::copy(BINARY, &installed).unwrap();
    let bin = Path::new("/home/me/.cargo/bin/vanta-mcp");
    for (program, path, expected, first) in [
        (&*installed, folder.path(), Path::new("vanta-mcp"), false),
        (&installed, Path::new("/nowhere"), &installed, false),
        (Path::new(BINARY), folder.path(), bin, true),
    ] {
        let mut started = Command::new(program);
        started.arg("demo").env_clear().env("HOME", folder.path());
        started.env("CARGO_HOME", "/home/me/.cargo").env("PATH", path);
        let tour = finish(started, "").await.stdout;
        let entry = pasted(&tour);
        let value: Value = serde_json::from_str(entry).unwrap();
        assert_eq!(Path::new(value["mcpServers"]["vanta"]["command"].as_str().unwrap()), expected, "{entry}");
        assert_eq!(value["mcpServers"]["vanta"]["args"], serde_json::json!(["serve", "--demo"]));
        assert!(entry.find("\"command\"") < entry.find("\"args\""), "{entry}");
        assert_eq!(tour.contains("cargo install --locked --path ."), first, "{tour}");
    }
}
