//! Answers that are not what they should be: none of them may look like a success, and nothing in them may be lost.

use rmcp::model::CallToolResult;
use serde_json::{Value, json};
use vanta_demo::{FaultKind, Target};

use crate::harness::{Run, Setup, text};

async fn answered(run: &Run, on: Target, body: &Value, tool: &str, arguments: Value) -> CallToolResult {
    let confirms = arguments.get("confirm").is_some();
    let arguments = if confirms { run.previewed(tool, &arguments).await } else { arguments };
    let on = if confirms { Target::Changes } else { on };
    run.fault(on, FaultKind::Body { status: 200, body: body.to_string() }, 1);
    run.result(tool, arguments).await
}

#[tokio::test]
async fn the_panel_has_done_it_only_if_it_says_so() {
    let run = Setup::default().start().await;
    let confirmed = json!({"user": "baker", "confirm": "baker"});
    for body in [
        json!({"ok": false, "error": "no_such_account"}),
        json!({"ok": 0, "error": "no_such_account"}),
        json!({"ok": "false"}),
        json!({"ok": null}),
        json!({"error": "no_such_account"}),
        json!({}),
        json!({"account": {}}),
    ] {
        let told = answered(&run, Target::Panel, &body, "terminate_panel_account", confirmed.clone()).await;
        assert_eq!(told.is_error, Some(true), "{body}: {told:?}");
    }
    let unsaid =
        answered(&run, Target::Panel, &json!({}), "terminate_panel_account", confirmed.clone()).await;
    assert!(text(&unsaid).contains("may have taken effect"), "{unsaid:?}");
    let done =
        answered(&run, Target::Panel, &json!({"ok": true}), "terminate_panel_account", confirmed).await;
    assert_ne!(done.is_error, Some(true), "{done:?}");
    assert_eq!(done.structured_content.unwrap()["done"], true);
}

#[tokio::test]
async fn an_answer_that_says_neither_yes_nor_no_may_have_been_a_yes() {
    let run = Setup::default().with("VANTA_MCP_LOG", "debug").start().await;
    let made = "Xk29-generated";
    let create = ("create_panel_account", json!({"user": "acme"}));
    let replace = ("set_panel_account_password", json!({"user": "baker", "confirm": "baker"}));
    for ok in [json!(1), json!(0), json!("true"), json!("false"), json!(null), json!({}), json!([])] {
        for (tool, arguments) in [&create, &replace] {
            let body = json!({"ok": ok, "password": made, "message": made, "error": "some_code"});
            let told = text(&answered(&run, Target::Panel, &body, tool, arguments.clone()).await);
            for expected in ["answered 200 in an unknown format", "\"some_code\"", "may have taken effect"] {
                assert!(told.contains(expected), "{expected}: {told}");
            }
            assert!(!told.contains(made) && !told.contains("Nothing was changed"), "{told}");
        }
        let told = text(&answered(&run, Target::Panel, &json!({"ok": ok}), "ping_panel", json!({})).await);
        assert!(told.contains("in an unknown format"), "{told}");
    }
    assert!(!run.log().await.contains(made));
}

#[tokio::test]
async fn what_may_hold_a_password_that_was_just_made_is_never_quoted() {
    let run = Setup::default().with("VANTA_MCP_LOG", "debug").start().await;
    let made = "Xk29-generated";
    for (status, body) in [
        (200, json!({"ok": false, "error": "weak_password", "password": made})),
        (422, json!({"ok": false, "error": "weak_password", "message": made})),
        (500, json!({"ok": false, "error": {"message": made}, "password": made})),
        (500, json!({"ok": false, "error": format!("created with {made}")})),
        (429, json!({"message": made})),
        (401, json!({"message": made})),
        (403, json!({"error": "insufficient_scope", "message": made})),
        (307, json!({"message": made})),
        (201, json!([made])),
        (201, json!(made)),
    ] {
        for (tool, arguments) in [
            ("create_panel_account", json!({"user": "acme"})),
            ("set_panel_account_password", json!({"user": "baker", "confirm": "baker"})),
        ] {
            let confirms = arguments.get("confirm").is_some();
            let arguments = if confirms { run.previewed(tool, &arguments).await } else { arguments };
            run.fault(Target::Changes, FaultKind::Body { status, body: body.to_string() }, 1);
            let told = run.error(tool, arguments).await;
            assert!(!told.contains(made), "{told}");
            assert_eq!(told.contains("weak_password"), body["error"] == "weak_password", "{told}");
        }
    }
    for body in [format!("<p>Made: {made}"), format!("{{\"ok\":true,\"password\":\"{made}")] {
        run.fault(Target::Panel, FaultKind::Body { status: 201, body }, 1);
        let told = run.error("create_panel_account", json!({"user": "acme"})).await;
        assert!(!told.contains(made) && told.contains("may have taken effect"), "{told}");
    }
    assert!(!run.log().await.contains(made));
}

#[tokio::test]
async fn what_is_not_the_list_is_passed_on_and_marked() {
    let run = Setup::default().start().await;
    for body in
        [json!({"error": "shard down"}), json!({"data": [{"id": "p1"}]}), json!({"results": {"x": 1}})]
    {
        let told = answered(&run, Target::Vanta, &body, "list_group_people", json!({"groupId": "g"})).await;
        let value = told.structured_content.unwrap();
        assert_eq!(value["answer"], body);
        assert!(value["note"].as_str().unwrap().contains("passed on unchanged"), "{value}");
    }
}

#[tokio::test]
async fn what_stands_beside_a_list_is_not_lost() {
    let run = Setup::default().start().await;
    let page =
        json!({"startCursor": null, "endCursor": null, "hasNextPage": false, "hasPreviousPage": false});
    let body = json!({
        "results": {"data": [{"id": "soc2"}], "pageInfo": page, "totalCount": 99},
        "warnings": ["partial data"], "next": null,
    });
    let told = answered(&run, Target::Vanta, &body, "list_frameworks", json!({})).await;
    let value = told.structured_content.unwrap();
    assert_eq!(
        value,
        json!({
            "items": [{"id": "soc2"}], "count": 1,
            "beside": {"totalCount": 99, "warnings": ["partial data"]},
        })
    );
}

#[tokio::test]
async fn a_bulk_change_is_never_taken_for_done_because_its_answer_is_odd() {
    let run = Setup::default().start().await;
    let arguments = json!({"groupId": "g", "updates": [{"id": "p1"}, {"id": "p2"}]});
    let ask = async |body: Value| {
        let told = answered(&run, Target::Vanta, &body, "add_people_to_group", arguments.clone()).await;
        let value = told.structured_content.clone().unwrap_or_default();
        (told.is_error == Some(true), value, text(&told))
    };
    // Failures under another name, or one alone.
    for body in [
        json!({"data": [{"id": "p1", "status": "ERROR", "message": "m"}, {"id": "p2", "status": "ERROR"}]}),
        json!({"errors": [{"id": "p1", "status": "FAILED"}, {"id": "p2", "status": "error"}]}),
    ] {
        let (failed, _, told) = ask(body).await;
        assert!(failed && told.contains("\"failed\":2") && told.contains("p1"), "{told}");
    }
    let (failed, value, _) = ask(json!({"id": "p1", "status": "ERROR", "message": "m"})).await;
    assert!(!failed && value["failed"] == 1 && value["unanswered"] == json!(["p2"]), "{value}");
    // Nothing that can be counted.
    for body in [json!({"results": null}), json!({}), json!([])] {
        let (failed, value, _) = ask(body).await;
        assert!(!failed && value["succeeded"] == 0 && value["unanswered"] == json!(["p1", "p2"]), "{value}");
    }
    let (failed, value, _) = ask(json!({"accepted": true})).await;
    assert!(!failed && value["answer"]["accepted"] == true && value["unanswered"] == json!(["p1", "p2"]));
    // Entries without ids are in the order of what was asked for, and what stands beside them is kept.
    let body =
        json!({"results": [{"status": "SUCCESS"}, {"status": "ERROR", "message": "m"}], "requestId": "r"});
    let (failed, value, _) = ask(body).await;
    assert!(!failed);
    assert_eq!(value["failures"], json!([{"id": "p2", "message": "m"}]));
    assert_eq!((&value["succeeded"], &value["beside"]["requestId"]), (&json!(1), &json!("r")));
}

#[tokio::test]
async fn how_long_to_wait_is_told_for_changes_too() {
    let run = Setup::default().start().await;
    run.fault(Target::Vanta, FaultKind::TooManyRequests { retry_after: Some(90) }, 1);
    let told = run.error("create_group", json!({"name": "Interns"})).await;
    assert!(told.contains("Nothing was changed") && told.contains("90 s"), "{told}");
}

#[tokio::test]
async fn a_preview_reads_nothing_that_the_operator_excluded() {
    let run = Setup::default().with("VANTA_MCP_EXCLUDE_TOOLS", "get_vendor").start().await;
    let vendor = run.value("list_vendors", json!({"pageSize": 1})).await["items"][0]["id"].take();
    run.tenant.forget();
    let preview = run.value("delete_vendor", json!({"vendorId": vendor})).await;
    assert_eq!(preview["targets"], json!([vendor]));
    assert!(preview.get("state").is_none(), "{preview}");
    assert!(run.seen().is_empty(), "nothing was read");
}
