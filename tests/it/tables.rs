//! How `vanta-mcp call` prints an answer for a person: tables and lines that fit 80 columns, with ids whole.

use std::path::Path;

use serde_json::{Value, json};
use tokio::process::Command;
use unicode_width::UnicodeWidthStr as _;

use crate::cli::{Done, finish, run_in};
use crate::harness::{BINARY, Listener, unchecked};

const ID: &str = "74d463a8482814114032bd50";

/// A list of vendors, as an upstream that says this would make it.
async fn listed(items: &Value, next: Option<&str>, columns: &str, arguments: &[&str]) -> Done {
    let (items, next) = (items.clone(), next.map(str::to_owned));
    let upstream = Listener::start(move |request| {
        let answer = if request.contains("/oauth/token") {
            json!({"access_token": "vat_1", "token_type": "Bearer", "expires_in": 3600})
        } else {
            let page = json!({"hasNextPage": next.is_some(), "hasPreviousPage": false, "startCursor": "s",
                "endCursor": next.clone().unwrap_or_else(|| "e".to_owned())});
            json!({"results": {"data": items, "pageInfo": page}})
        };
        (200, answer.to_string())
    })
    .await;
    let variables = [
        ("VANTA_BASE_URL", &*upstream.url),
        ("VANTA_CLIENT_ID", "vci_1"),
        ("VANTA_CLIENT_SECRET", "vcs_1"),
        ("COLUMNS", columns),
    ];
    let all = [&["call"][..], arguments, &["list_vendors", r#"{"fields":["*"]}"#]].concat();
    run_in(&variables, &all).await
}

/// A moment so many days from now, as APIs write it.
fn days(days: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let seconds = i64::try_from(now).unwrap() + days * 86_400;
    // Civil from days, as Howard Hinnant gives it.
    let shifted = seconds.div_euclid(86_400) + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T12:30:00.000Z")
}

#[tokio::test]
async fn a_list_is_a_table_that_fits_with_ids_whole() {
    let long = "A name that goes on and on and on and on and on and on and on and on and on";
    let owner = json!({"id": "75cbe438d92330a68f6c6665", "displayName": "Carys Okonjo"});
    let cases = [
        (
            "a long name is cut, the id is not",
            json!([{"id": ID, "name": long}]),
            "80",
            &["--table"][..],
            vec![format!(
                "id                        name\n{ID}  A name that goes on and on and on and on and on and o…\n\n1 item."
            )],
        ),
        (
            "wide characters count twice",
            json!([{"id": ID, "name": "日本語".repeat(12)}]),
            "60",
            &["--table"],
            vec![format!("{ID}  日本語日本語日本語日本語日本語日…\n")],
        ),
        (
            "a nested object is its name",
            json!([{"id": ID, "name": "A", "owner": owner}]),
            "80",
            &["--table"],
            vec![format!("{ID}  A     Carys Okonjo\n")],
        ),
        (
            "yes and no, and lists",
            json!([{"id": ID, "name": "A", "isOpen": true, "tags": ["x", "y"], "rows": [1, 2, 3, 4]}]),
            "80",
            &["--table"],
            vec!["yes".into(), "x, y".into(), "4 rows".into()],
        ),
        (
            "dates in words",
            json!([{"id": ID, "name": "A", "dueDate": days(5), "lastDate": days(-2)}]),
            "100",
            &["--table"],
            vec!["(in 5 days)".into(), "(2 days ago)".into(), "Dates are in UTC.".into()],
        ),
        (
            "a date that does not fit is a day",
            json!([{"id": ID, "name": "A name of thirty characters ok", "seenDate": days(-2)}]),
            "70",
            &["--table"],
            vec!["seenDate\n".into()],
        ),
        (
            "picked columns, in that order",
            json!([{"id": ID, "name": "A", "owner": owner, "z": 1}]),
            "80",
            &["--columns", "owner.displayName, z,id"],
            vec![format!("owner.displayName  z  id\nCarys Okonjo       1  {ID}\n")],
        ),
        (
            "a block an item where no table fits",
            json!([{"id": ID, "name": "A name"}, {"id": "b", "name": long}]),
            "30",
            &["--table"],
            vec![format!(
                "id:   {ID}\nname: A name\n\nid:   b\nname: A name that goes on and\n      on and on and on and on\n"
            )],
        ),
        (
            "nothing steers the terminal",
            json!([{"id": "\u{1b}[2J", "name": "a\u{202e}b\r\nc\u{9b}", "\u{7}x": 1}]),
            "80",
            &["--table"],
            vec!["a b  c".into()],
        ),
        (
            "an id of another name is the first column",
            json!([{"a": "x", "riskId": ID}, {"a": "x", "riskId": "r2"}]),
            "80",
            &["--table"],
            vec![format!("riskId                    a\n{ID}  x\n")],
        ),
        ("an empty list", json!([]), "80", &["--table"], vec!["0 items.".into()]),
    ];
    for (name, items, columns, arguments, expected) in cases {
        let done = listed(&items, None, columns, arguments).await;
        assert_eq!((done.code, &*done.stderr), (Some(0), ""), "{name}: {done:?}");
        let width: usize = columns.parse().unwrap();
        for line in done.stdout.lines() {
            assert!(line.width() <= width, "{name}: {line}");
            assert!(!line.chars().any(char::is_control), "{name}: {line:?}");
        }
        for expected in expected {
            assert!(done.stdout.contains(&*expected), "{name}: {expected}: {}", done.stdout);
        }
        assert!(!done.stdout.contains('{'), "{name}: no JSON: {}", done.stdout);
    }
}

#[tokio::test]
async fn what_has_no_name_is_told_in_words_and_short_values_stay_whole() {
    let long = "A name that goes on and on and on and on and on and on and on and on and on";
    let cases = [
        (
            "lists of things without a name are counted, and an object without one is told by what it says",
            json!([{"id": ID, "name": "A", "connections": [{"isDisabled": false, "error": null}],
                "info": {"itemCount": 3, "soonest": "2026-11-11T00:00:00.000Z", "status": "OVERDUE"}}]),
            "100",
            &["--table"][..],
            vec!["  1 connection  ".into(), "OVERDUE, 11 Nov 2026\n".into()],
        ),
        (
            "of picked columns only the widest text is shortened",
            json!([{"id": ID, "name": long, "status": "MANAGED", "aVeryLongHeadOfAShortColumn": 1}]),
            "100",
            &["--columns", "id,name,status,aVeryLongHeadOfAShortColumn"],
            vec![
                "  status   aVeryLongHeadOfAShortColumn\n".into(),
                format!("{ID}  A name that goes on and on and on a…  MANAGED  1\n"),
            ],
        ),
    ];
    for (name, items, columns, arguments, expected) in cases {
        let done = listed(&items, None, columns, arguments).await;
        assert_eq!((done.code, &*done.stderr), (Some(0), ""), "{name}: {done:?}");
        for expected in expected {
            assert!(done.stdout.contains(&*expected), "{name}: {expected}: {}", done.stdout);
        }
        assert!(!done.stdout.contains(['{', ':']), "{name}: no JSON: {}", done.stdout);
    }
}

#[tokio::test]
async fn what_a_table_leaves_out_is_named_with_how_to_see_it() {
    let item = json!({"id": ID, "name": "Amazon Web Services", "status": "MANAGED", "category": {"displayName": "Cloud infrastructure"},
        "securityOwnerUserId": "77626d237a5c17c42bc9d1eb", "notes": "x".repeat(50), "contractRenewalDate": days(90)});
    let done = listed(&json!([item]), Some("abc"), "80", &["--table"]).await.stdout;
    let (_, left_out) = done.split_once("Columns left out: ").unwrap();
    let left_out: String = left_out.split('.').next().unwrap().replace('\n', " ");
    let head: Vec<&str> = done.lines().next().unwrap().split_whitespace().collect();
    for name in item.as_object().unwrap().keys() {
        let is_left_out = left_out.split(", ").any(|one| one == name);
        assert!(head.contains(&&**name) != is_left_out, "{name}: {done}");
    }
    assert_eq!(head[..2], ["id", "name"], "{done}");
    assert!(left_out.contains("notes"), "the least important goes first: {done}");
    // What it says can be done works.
    let (_, hint) = done.split_once("To choose columns: --columns ").unwrap();
    let (hint, rest) = hint.split_once(';').unwrap();
    assert!(rest.replace('\n', " ").starts_with(" everything: --json."), "{done}");
    let picked = listed(&json!([item]), None, "80", &["--columns", hint]).await;
    let shown: Vec<&str> = picked.stdout.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(shown.join(","), hint, "{picked:?}");
    assert!(
        done.contains("1 item on this page.\nMore: add \"pageCursor\":\"abc\" to the arguments."),
        "{done}"
    );
}

#[tokio::test]
async fn a_column_that_there_is_not_is_refused_with_those_that_there_are() {
    let items = json!([{"id": ID, "owner": {"displayName": "Ann"}}]);
    for columns in ["id,nmae", "nmae", "owner.name"] {
        let done = listed(&items, None, "80", &["--columns", columns]).await;
        let wrong = columns.rsplit(',').next().unwrap();
        done.is_wrong_usage(&[&format!(
            "unknown column `{wrong}`; the columns are id, owner, owner.displayName."
        )]);
    }
    // What changes something is not done before the columns are looked at.
    let change =
        ["call", "--demo", "--access", "write", "--columns", "x", "create_vendor", r#"{"name":"A"}"#];
    run_in(&[], &change).await.is_wrong_usage(&["--columns", "create_vendor"]);
}

/// The fields that a call asks for are its columns, in that order.
#[tokio::test]
async fn the_fields_that_are_asked_for_are_the_columns() {
    for (fields, head) in [
        (r#"["status","name","id"]"#, "status name id"),
        (r#"["name","securityOwnerUserId"]"#, "name securityOwnerUserId"),
        (r#"["name","category.displayName"]"#, "name category.displayName"),
        (r#"["*"]"#, "id name"),
    ] {
        let arguments = format!(r#"{{"fields":{fields},"pageSize":2}}"#);
        let done =
            run_in(&[("COLUMNS", "80")], &["call", "--demo", "--table", "list_vendors", &arguments]).await;
        assert_eq!(done.code, Some(0), "{done:?}");
        let shown: Vec<&str> = done.stdout.lines().next().unwrap().split_whitespace().collect();
        assert!(shown.join(" ").starts_with(head), "{fields}: {}", done.stdout);
        assert_eq!(done.stdout.contains("Columns left out"), fields.contains('*'), "{}", done.stdout);
    }
    let picked = ["call", "--demo", "--columns", "id", "list_vendors", r#"{"fields":["name","id"]}"#];
    let done = run_in(&[], &picked).await;
    assert!(done.stdout.starts_with("id\n"), "columns beat fields: {}", done.stdout);
}

#[tokio::test]
async fn tools_that_were_found_are_a_line_each_and_reasons_are_told_once() {
    let found = async |arguments: &[&str]| {
        let line = [&["call", "--demo", "--table"][..], arguments].concat();
        let done = run_in(&[("COLUMNS", "80")], &line).await;
        assert!(done.stdout.lines().all(|line| line.width() <= 80), "{}", done.stdout);
        done.stdout
    };
    let delete = found(&["find_tools", r#"{"query":"delete a vendor","limit":3}"#]).await;
    let lines: Vec<&str> = delete.lines().take_while(|line| !line.is_empty()).collect();
    assert!(lines.len() == 3 && lines[0].starts_with("delete_vendor: "), "{delete}");
    assert_eq!(delete.matches("above this server's access level").count(), 1, "{delete}");
    assert!(!delete.contains("inputSchema") && !delete.contains('{'), "{delete}");
    let (_, shows) = delete.split_once("Arguments of the best one: vanta-mcp ").unwrap();
    // What it says can be done works.
    let shown = run_in(&[], &shows.split_whitespace().collect::<Vec<_>>()).await;
    assert!(shown.code == Some(0) && shown.stdout.contains("vendorId"), "{shown:?}");
    let read = found(&["find_tools", r#"{"query":"list_vendors","limit":1}"#]).await;
    assert!(read.ends_with("Arguments of the best one: vanta-mcp tools --demo list_vendors\n"), "{read}");
    assert!(!read.contains("Not offered"), "{read}");
    let nothing = found(&["find_tools", r#"{"query":"zzqx"}"#]).await;
    assert!(nothing.starts_with("No tool fits this well."), "{nothing}");
}

/// No cell of the demo's lists is JSON, whatever is in it.
#[tokio::test]
async fn no_cell_is_json() {
    for tool in [
        "list_tests",
        "list_vendors",
        "list_integrations",
        "list_people",
        "list_risk_scenarios",
        "list_issues",
    ] {
        let every = ["call", "--demo", "--table", tool, r#"{"pageSize":5,"fields":["*"]}"#];
        let done = run_in(&[("COLUMNS", "300")], &every).await;
        assert_eq!(done.code, Some(0), "{done:?}");
        assert!(!done.stdout.contains(['{', '[']), "{tool}: {}", done.stdout);
    }
}

#[tokio::test]
async fn a_pipe_gets_json_unless_a_table_is_asked_for() {
    let items = json!([{"id": ID, "name": "A"}]);
    for arguments in [&[][..], &["--json"]] {
        let done = listed(&items, None, "80", arguments).await;
        assert_eq!(done.json()["items"][0]["id"], ID);
    }
    for arguments in [&["--table"][..], &["--columns", "id"]] {
        let done = listed(&items, None, "80", arguments).await;
        assert!(done.stdout.starts_with("id"), "{done:?}");
    }
}

#[tokio::test]
async fn every_list_of_the_demo_fits_80_columns_and_a_single_object_is_aligned() {
    for tool in [
        "list_vulnerabilities",
        "list_vendors",
        "list_people",
        "list_tests",
        "list_controls",
        "list_audits",
        "list_documents",
        "list_policies",
        "list_risk_scenarios",
        "list_questionnaires",
        "list_panel_accounts",
    ] {
        for columns in ["80", "48"] {
            let done = run_in(&[("COLUMNS", columns)], &["call", "--demo", "--table", tool]).await;
            assert_eq!(done.code, Some(0), "{tool}: {done:?}");
            let width: usize = columns.parse().unwrap();
            for line in done.stdout.lines() {
                // An id is never cut.
                let is_one_word = line.split_whitespace().count() == 1;
                assert!(line.width() <= width || is_one_word, "{tool}: {line}");
            }
            // The first column is what identifies an item, and is whole.
            let rows = done.stdout.lines().skip(1).take_while(|line| columns == "80" && !line.is_empty());
            let key = |line: &str| line.split("  ").next().unwrap_or_default().to_owned();
            assert!(
                rows.map(key).all(|key| !key.is_empty() && !key.contains('…')),
                "{tool}: {}",
                done.stdout
            );
        }
    }
    let test = ["call", "--demo", "--table", "get_test", r#"{"testId":"gcp-accounts-associated"}"#];
    let told = run_in(&[("COLUMNS", "80")], &test).await.stdout;
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "id:                     gcp-accounts-associated", "{told}");
    assert!(lines.contains(&"  isDeactivated: no"), "{told}");
    assert!(told.contains(" UTC (") && lines.iter().all(|line| line.width() <= 80), "{told}");
}

#[tokio::test]
async fn a_terminal_says_how_wide_a_table_is() {
    if !Path::new("/usr/bin/script").exists() {
        unchecked("how wide a table is on a terminal: there is no /usr/bin/script to make one with");
        return;
    }
    for (size, widest) in [
        ("stty rows 24 cols 80;", 80),
        ("stty rows 24 cols 120;", 120),
        ("stty rows 24 cols 0;", 80),
        ("stty rows 24 cols 80; COLUMNS=60", 60),
    ] {
        let mut script = Command::new("/usr/bin/script");
        let line = format!("{size} '{BINARY}' call --demo list_vendors");
        script.env_clear().env("PATH", "/usr/bin:/bin").args(["-qec", &line, "/dev/null"]).kill_on_drop(true);
        let done = finish(script, "").await;
        let widths: Vec<usize> = done.stdout.lines().map(str::width).collect();
        let most = widths.iter().max().unwrap();
        assert!(*most <= widest && *most > widest - 25, "{size} {most}: {}", done.stdout);
        assert!(done.stdout.contains("Columns left out: "), "{size}: {}", done.stdout);
    }
    let mut script = Command::new("/usr/bin/script");
    let line = format!("stty rows 24 cols 80; '{BINARY}' tools --demo --toolsets all");
    script.env_clear().env("PATH", "/usr/bin:/bin").env("VANTA_MCP_LOG", "error");
    let done = finish(
        {
            script.args(["-qec", &line, "/dev/null"]).kill_on_drop(true);
            script
        },
        "",
    )
    .await;
    let tools = done.stdout.split("\r\n\r\n").next().unwrap();
    assert!(
        tools.lines().count() > 100 && done.stdout.lines().all(|line| line.width() <= 80),
        "{}",
        done.stdout
    );
    assert!(tools.lines().any(|line| line.starts_with("list_vendors ")), "names are whole: {tools}");
}
