//! Small faults of an upstream or a caller, each in a table: what is answered, the same over stdio, over HTTP and by
//! `vanta-mcp call`.

mod ways;

use serde_json::{Value, json};
#[cfg(unix)]
use tokio::process::Command;
use ways::{Script, Scripted, Told, Ways, json_answer};

#[cfg(unix)]
use crate::harness::{BINARY, Wire, command};

/// What has to come of a case.
enum Due {
    /// An error that holds the first and nothing of the others.
    Error(&'static [&'static str], &'static [&'static str]),
    /// An answer with these values at these pointers, and words in its note.
    Answer(&'static [(&'static str, &'static str)], &'static [&'static str]),
}

fn holds(case: &str, told: &Told, due: &Due) {
    match (due, told) {
        (Due::Error(with, without), Told::Error(text)) => {
            for words in *with {
                assert!(text.contains(words), "{case}: {words}: {text}");
            }
            for words in *without {
                assert!(!text.contains(words), "{case}: not {words}: {text}");
            }
        }
        (Due::Answer(values, note), Told::Answer(answer)) => {
            for (pointer, value) in *values {
                let value: Value = serde_json::from_str(value).unwrap();
                assert_eq!(answer.pointer(pointer), Some(&value), "{case}: {pointer}: {answer}");
            }
            let told = answer["note"].as_str().unwrap_or_default();
            assert_eq!(note.is_empty(), told.is_empty(), "{case}: {answer}");
            for words in *note {
                assert!(told.contains(words), "{case}: {words}: {told}");
            }
        }
        _ => panic!("{case}: {}", told.text()),
    }
}

const MAY_BE: Due = Due::Error(&["may have taken effect"], &["Nothing was changed", "The change was made"]);

#[tokio::test]
async fn what_the_panel_answers_in_an_unknown_form_may_have_taken_effect() {
    let script = Script::start().await;
    let mut ways = Ways::start(&script, "destroy").await;
    let html = |status| Scripted { status, content_type: "text/html", body: b"<h1>Welcome</h1>".to_vec() };
    let plain = Scripted { status: 200, content_type: "text/plain", body: b"OK".to_vec() };
    for (case, answer) in [
        ("a number for ok", json_answer(200, r#"{"ok":1,"data":{}}"#)),
        ("success for ok", json_answer(200, r#"{"success":"yes"}"#)),
        ("an error that is none", json_answer(200, r#"{"success":true,"error":false}"#)),
        ("an error without ok", json_answer(200, r#"{"error":"quota"}"#)),
        ("ok twice", json_answer(200, r#"{"ok":true,"ok":false}"#)),
        ("a list", json_answer(200, "[]")),
        ("null", json_answer(200, "null")),
        ("a text", json_answer(200, r#""OK""#)),
        ("a bare word", plain),
        ("a page", html(200)),
        ("nothing", json_answer(200, "")),
        ("no content", json_answer(204, "")),
        ("accepted", json_answer(202, "{}")),
        ("cut", json_answer(200, r#"{"ok":tr"#)),
        ("ok with a refusal's status", json_answer(422, r#"{"ok":true}"#)),
        ("nobody", json_answer(0, "")),
    ] {
        *script.next.lock().unwrap() = answer;
        for (tool, arguments) in [
            ("create_panel_account", json!({"user": "acme"})),
            ("terminate_panel_account", json!({"user": "acme", "confirm": "acme"})),
            ("set_panel_account_plan", json!({"user": "acme", "plan": "p"})),
        ] {
            let told = ways.told(case, tool, &arguments).await;
            holds(&format!("{case}, {tool}"), &told, &MAY_BE);
        }
    }
}

#[tokio::test]
async fn an_account_that_exists_may_be_the_one_that_was_made() {
    let script = Script::start().await;
    let look = &["It may be the one that an earlier call made", "cannot be read again"];
    for (access, with, without) in [
        (
            "destroy",
            &["with get_panel_account", "set a new one with set_panel_account_password"][..],
            &["Change the arguments"][..],
        ),
        ("write", &["with get_panel_account", "somebody who may"], &["set_panel_account_password"]),
    ] {
        let mut ways = Ways::start(&script, access).await;
        let arguments = json!({"user": "acme"});
        *script.next.lock().unwrap() = json_answer(0, "");
        let lost = ways.told("lost", "create_panel_account", &arguments).await.text();
        for status in [200, 400, 409, 422] {
            *script.next.lock().unwrap() = json_answer(status, r#"{"ok":false,"error":"account_exists"}"#);
            let told = ways.told("exists", "create_panel_account", &arguments).await.text();
            for words in look {
                assert!(told.contains(words), "{words}: {told}");
            }
            for words in with {
                assert!(told.contains(words) && lost.contains(words), "{words}: {told} / {lost}");
            }
            assert!(without.iter().all(|words| !told.contains(words) && !lost.contains(words)), "{told}");
        }
    }
}

#[tokio::test]
async fn an_id_that_is_a_route_of_the_api_is_not_sent() {
    let script = Script::start().await;
    for (access, tool, arguments, due) in [
        (
            "read",
            "get_control",
            json!({"controlId": "controls-library"}),
            Due::Error(
                &["`controlId`", "`controls-library`", "list_library_controls", "Nothing was sent"],
                &[],
            ),
        ),
        (
            "read",
            "list_control_documents",
            json!({"controlId": "Controls-Library "}),
            Due::Error(&["`Controls-Library` is a route", "list_library_controls"], &[]),
        ),
        (
            "read",
            "get_person",
            json!({"personId": "offboard"}),
            Due::Error(&["`offboard` is a route"], &["offboard_people"]),
        ),
        (
            "destroy",
            "get_person",
            json!({"personId": "offboard"}),
            Due::Error(&["`offboard` is a route", "offboard_people"], &[]),
        ),
        (
            "read",
            "list_audit_control_comments",
            json!({"auditId": "duplicate", "controlId": "custom-controls"}),
            Due::Error(&["Nothing was sent"], &["duplicate_audit"]),
        ),
        (
            "destroy",
            "delete_control",
            json!({"controlId": "deactivated-controls", "confirm": "deactivated-controls"}),
            Due::Error(&["list_deactivated_controls", "Nothing was sent"], &[]),
        ),
    ] {
        let mut ways = Ways::start(&script, access).await;
        let told = ways.told(tool, tool, &arguments).await;
        holds(tool, &told, &due);
        let told = ways.over_stdio("run_read_tool", &json!({"tool": tool, "arguments": arguments})).await;
        assert!(matches!(told, Told::Error(_)), "{told:?}");
    }
    assert!(script.heard.lock().unwrap().is_empty(), "nothing is sent");
}

/// A page of two items, the second of which has these bytes for a value.
fn page(bad: &[u8]) -> Vec<u8> {
    [
        br#"{"results":{"data":[{"id":"v1","name":"Good"},{"name":"#.as_slice(),
        bad,
        br#","id":"v2","riskLevel":"HIGH"}],"pageInfo":{"endCursor":"c","hasNextPage":true}}}"#,
    ]
    .concat()
}

#[tokio::test]
async fn one_bad_value_hides_nothing_else() {
    let script = Script::start().await;
    let mut ways = Ways::start(&script, "destroy").await;
    let all = json!({"fields": ["*"]});
    for (case, bad, good, told) in [
        ("half a pair", &br#""a\ud800""#[..], "\"a\u{fffd}\"", "surrogate"),
        ("not UTF-8", b"\"caf\xe9\"", "\"caf\u{fffd}\"", "UTF-8"),
        ("too large", b"1e999", "\"1e999\"", "number"),
        ("no number", b"NaN", "\"NaN\"", "number"),
        ("a line break", b"\"a\nb\"", r#""a\nb""#, "escape"),
        ("no escape", br#""a\qb""#, r#""a\\qb""#, "escape"),
        (
            "deep inside",
            b"{\"x\":[{\"y\":\"\xff\"}]}",
            "{\"x\":[{\"y\":\"\u{fffd}\"}]}",
            "items[1].name.x[0].y",
        ),
    ] {
        *script.next.lock().unwrap() = json_answer(200, page(bad));
        for arguments in [&json!({}), &all, &json!({"fields": ["id", "name"]})] {
            let Told::Answer(answer) = ways.told(case, "list_vendors", arguments).await else {
                panic!("{case}")
            };
            let good: Value = serde_json::from_str(good).unwrap();
            assert_eq!((&answer["items"][0]["name"], &answer["items"][1]["name"]), (&json!("Good"), &good));
            assert_eq!((&answer["count"], &answer["nextCursor"]), (&json!(2), &json!("c")), "{case}");
            let note = answer["note"].as_str().unwrap();
            for words in ["items[1].name", "(id v2)", told] {
                assert!(note.contains(words), "{case}: {words}: {note}");
            }
        }
    }
}

#[tokio::test]
async fn an_answer_of_any_kind_is_read_as_far_as_it_can_be() {
    let script = Script::start().await;
    let mut ways = Ways::start(&script, "destroy").await;
    let surrogate =
        r#"{"results":{"data":[{"id":"v1"}],"pageInfo":{"endCursor":"\ud800","hasNextPage":true}}}"#;
    for (case, tool, arguments, answer, due) in [
        (
            "a whole page says nothing of it",
            "list_vendors",
            json!({}),
            json_answer(200, page(b"\"\\ud83d\\ude00\"")),
            Due::Answer(&[("/items/1/name", "\"\u{1f600}\"")], &[]),
        ),
        (
            "a cursor",
            "list_vendors",
            json!({}),
            json_answer(200, surrogate),
            Due::Answer(&[("/nextCursor", "\"\u{fffd}\"")], &["results.pageInfo.endCursor"]),
        ),
        (
            "one thing alone",
            "get_vendor",
            json!({"vendorId": "v1"}),
            json_answer(200, b"{\"id\":\"v1\",\"name\":\"\xff\"}".as_slice()),
            Due::Answer(&[("/id", "\"v1\"")], &["`name`"]),
        ),
        (
            "a name of a member",
            "get_vendor",
            json!({"vendorId": "v1"}),
            json_answer(200, r#"{"id":"v1","\udfff":1}"#),
            Due::Answer(&[("/\u{fffd}", "1")], &["surrogate"]),
        ),
        (
            "a mark before the JSON",
            "get_vendor",
            json!({"vendorId": "v1"}),
            json_answer(200, "\u{feff}{\"id\":\"v1\"}"),
            Due::Answer(&[("/id", "\"v1\"")], &[]),
        ),
        (
            "a change of the Panel's",
            "create_panel_account",
            json!({"user": "acme"}),
            json_answer(
                200,
                b"{\"ok\":true,\"password\":\"Xk29\",\"account\":{\"motd\":\"\xff\"}}".as_slice(),
            ),
            Due::Answer(&[("/password", "\"Xk29\"")], &["account.motd"]),
        ),
        (
            "accounts",
            "list_panel_accounts",
            json!({}),
            json_answer(200, r#"{"ok":true,"accounts":[{"user":"a","disk":1e999}]}"#),
            Due::Answer(&[("/items/0/disk", "\"1e999\"")], &["items[0].disk", "(id a)"]),
        ),
        (
            "a bulk change",
            "add_people_to_group",
            json!({"groupId": "g", "updates": [{"id": "p1"}]}),
            json_answer(200, r#"{"results":[{"id":"p1","status":"ERROR","message":"\ud800"}]}"#),
            Due::Error(&["\"failed\":1", "p1", "items[0].message"], &[]),
        ),
        (
            "a refusal",
            "get_vendor",
            json!({"vendorId": "v1"}),
            json_answer(422, b"{\"message\":\"No such caf\xe9\",\"x\":1e999}".as_slice()),
            Due::Error(&["answered 422", "No such caf\u{fffd}"], &["1e999"]),
        ),
        (
            "what is cut",
            "list_vendors",
            json!({}),
            json_answer(200, r#"{"results":{"data":[{"id":"\ud800"}"#),
            Due::Error(&["not complete, valid JSON"], &[]),
        ),
    ] {
        *script.next.lock().unwrap() = answer;
        let told = ways.told(case, tool, &arguments).await;
        holds(case, &told, &due);
    }
}

#[tokio::test]
async fn a_field_that_exists_is_not_called_unknown_where_a_row_lacks_it() {
    let script = Script::start().await;
    let mut ways = Ways::start(&script, "read").await;
    let page = |item: &str| {
        let info = r#"{"endCursor":null,"hasNextPage":false}"#;
        json_answer(200, format!(r#"{{"results":{{"data":[{item}],"pageInfo":{info}}}}}"#))
    };
    for (case, tool, item, fields, unknown, near) in [
        (
            "null",
            "list_vendors",
            r#"{"id":"v","authDetails":null}"#,
            &["authDetails.method"][..],
            json!(null),
            None,
        ),
        (
            "lacking",
            "list_vendors",
            r#"{"id":"v"}"#,
            &["authDetails.method", "websiteUrl"],
            json!(null),
            None,
        ),
        // What is known in part may have others.
        (
            "inside a null",
            "list_vendor_categories",
            r#"{"id":"v","newer":null}"#,
            &["newer.x"],
            json!(null),
            None,
        ),
        ("newer", "list_vendor_categories", r#"{"id":"v","newer":1}"#, &["newer"], json!(null), None),
        ("unlike all", "list_vendor_categories", r#"{"id":"v"}"#, &["zzz"], json!(["zzz"]), None),
        ("audits", "list_audits", r#"{"id":"a"}"#, &["completionDate"], json!(null), None::<&str>),
    ] {
        *script.next.lock().unwrap() = page(item);
        let Told::Answer(answer) = ways.told(case, tool, &json!({ "fields": fields })).await else {
            panic!("{case}")
        };
        assert_eq!(answer["unknownFields"], unknown, "{case}: {answer}");
        let note = answer["note"].as_str();
        assert_eq!(note.is_some(), near.is_some(), "{case}: {answer}");
        assert!(near.is_none_or(|near| note.unwrap().contains(near)), "{case}: {answer}");
    }
}

#[tokio::test]
async fn an_unknown_tool_is_told_with_those_that_it_may_mean() {
    let script = Script::start().await;
    for (access, tool, with, without) in [
        (
            "read",
            "list_audit_evidence_comments",
            &[
                "Unknown tool: list_audit_evidence_comments.",
                "Did you mean ",
                "list_audit_comments",
                "find_tools",
            ][..],
            &["create_"][..],
        ),
        ("read", "list_vendor", &["Did you mean list_vendors? find_tools"], &[" or "]),
        ("read", "mcp__vanta__list_vendors", &["list_vendors"], &[]),
        ("read", "getVendors", &["get_vendor"], &[]),
        ("read", "delete_vendors", &["Unknown tool: delete_vendors."], &["delete_vendor,", "delete_vendor?"]),
        ("destroy", "delete_vendors", &["Did you mean delete_vendor?"], &[]),
        ("read", "zzzz", &["Unknown tool: zzzz. find_tools searches all tools"], &["Did you mean"]),
        ("read", "list_zzzz", &["Unknown tool: list_zzzz. find_tools"], &["Did you mean"]),
    ] {
        let mut ways = Ways::start(&script, access).await;
        let told = ways.told(tool, tool, &json!({})).await;
        let run = ways.told(tool, "run_read_tool", &json!({ "tool": tool })).await;
        for told in [told, run] {
            let Told::Error(told) = told else { panic!("{tool}") };
            assert!(with.iter().all(|words| told.contains(words)), "{tool}: {told}");
            assert!(without.iter().all(|words| !told.contains(words)), "{tool}: {told}");
            assert!(told.split([' ', ',', '?']).filter(|word| word.contains('_')).count() <= 5, "{told}");
        }
    }
}

/// A client that is killed leaves its end of the pipe to whoever else has it: here, to the test.
#[cfg(unix)]
#[tokio::test]
async fn a_server_ends_when_its_parent_is_gone_though_the_pipe_is_open() {
    let mut shell = Command::new("sh");
    // A background command of a shell reads from nowhere, unless it is told to read from elsewhere.
    shell.args(["-c", "exec 3<&0; \"$0\" serve <&3 3<&- & wait", BINARY]);
    shell.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    for (name, value) in command().as_std().get_envs() {
        shell.envs(value.map(|value| (name, value)));
    }
    shell.kill_on_drop(true);
    let mut wire = Wire::start(shell);
    wire.initialize().await;
    wire.child.start_kill().unwrap();
    wire.child.wait().await.unwrap();
    assert_eq!(wire.receive().await, None, "it has ended, though its stdin has not");
    drop(wire.stdin);
}
