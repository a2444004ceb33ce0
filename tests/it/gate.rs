//! Tools that publish or destroy: nothing without a confirmation that fits.

use serde_json::{Map, Value, json};
use vanta_demo::{Fault, FaultKind, Target};
use vanta_mcp::catalog::{self, Confirmation, Effect, Operation};

use crate::given::{Fill, confirm, found, made};
use crate::harness::{Run, Setup};

fn confirmed_always() -> Vec<(&'static Operation, &'static Confirmation<'static>)> {
    let confirmed = |operation: &'static Operation| {
        Some((operation, operation.confirmation.as_ref().filter(|_| operation.effect.is_confirmed())?))
    };
    let all: Vec<_> = catalog::operations().iter().filter_map(confirmed).collect();
    assert!(all.len() > 40, "{} operations are confirmed", all.len());
    all
}

/// Arguments of a destructive operation that name something that exists, without `confirm`.
async fn aimed(
    run: &Run,
    operation: &'static Operation,
    confirmation: &Confirmation<'_>,
) -> Map<String, Value> {
    let mut arguments = made(operation, Fill::Required);
    arguments.remove("confirm");
    if let Some(member) = confirmation.each {
        let before = catalog::find(confirmation.before.unwrap()).unwrap();
        let known = found(run, before, &json!({})).await;
        if before.is_paged() {
            arguments.extend(among_items(run, before, known, confirmation.argument).await);
            return arguments;
        }
        let last = *before.in_path.last().unwrap();
        for (update, target) in
            arguments[confirmation.argument].as_array_mut().unwrap().iter_mut().zip(&known)
        {
            match member {
                "" => update.clone_from(&target[last]),
                member => update[member].clone_from(&target[last]),
            }
        }
        // What stands before the targets in the path is the first one's.
        for name in &operation.in_path {
            if let Some(parent) = known[0].get(*name) {
                arguments.insert((*name).to_owned(), parent.clone());
            }
        }
        if operation.in_path.contains(&"groupId") {
            arguments.extend(found(run, operation, &json!({})).await.swap_remove(0));
        }
    } else {
        arguments.extend(found(run, operation, &json!({})).await.swap_remove(0));
    }
    arguments
}

/// Targets that a list of their parent answers: the parent's arguments, and the ids of some of its items.
async fn among_items(
    run: &Run,
    list: &Operation,
    parents: Vec<Map<String, Value>>,
    argument: &str,
) -> Map<String, Value> {
    for mut parent in parents {
        let answer = run.value(list.name, Value::Object(parent.clone())).await;
        let ids = answer["items"].as_array().unwrap().iter().map(|item| item["id"].clone());
        let ids: Vec<Value> = ids.take(2).collect();
        if !ids.is_empty() {
            parent.insert(argument.to_owned(), json!(ids));
            return parent;
        }
    }
    panic!("{}: no items anywhere", list.name);
}

fn with(arguments: &Map<String, Value>, name: &str, value: Value) -> Value {
    let mut arguments = arguments.clone();
    arguments.insert(name.to_owned(), value);
    Value::Object(arguments)
}

#[tokio::test]
async fn without_confirm_every_destructive_tool_reads_its_target_and_changes_nothing() {
    let run = Setup::default().start().await;
    for (operation, confirmation) in confirmed_always() {
        let name = operation.name;
        // What is made, or ordered as a whole, is not there to be read.
        if operation.effect == Effect::Publish
            && (confirmation.before.is_none() || !operation.in_path.contains(&confirmation.argument))
        {
            continue;
        }
        let arguments = aimed(&run, operation, confirmation).await;
        run.tenant.forget();
        let preview = run.value(name, Value::Object(arguments.clone())).await;
        assert!(!run.sent_changes(), "{name}: {:?}", run.seen());
        assert_eq!(run.seen().is_empty(), confirmation.before.is_none(), "{name}: the state was read");
        assert_eq!((&preview["preview"], &preview["changed"]), (&json!(name), &json!(false)));
        assert_eq!(
            (&preview["will"], &preview["undo"]),
            (&json!(confirmation.does), &json!(confirmation.undo))
        );
        let wanted = confirm(confirmation, &arguments);
        let told = preview["toConfirm"].as_str().unwrap();
        assert!(told.contains(name) && told.ends_with(&format!("confirm: {wanted}")), "{name}: {told}");
        let targets = wanted.as_array().cloned().unwrap_or_else(|| vec![wanted]);
        assert_eq!(preview["targets"], json!(targets), "{name}");
        for target in targets.iter().filter(|_| confirmation.before.is_some()) {
            let state = &preview["state"][target.as_str().unwrap()];
            assert!(state.get("unavailable").is_none(), "{name}: {preview}");
            // A list that is replaced as a whole is shown itself, and does not repeat what it belongs to.
            let shown =
                state.to_string().contains(target.as_str().unwrap()) || state["count"].as_u64() > Some(0);
            assert!(shown, "{name}: {preview}");
        }
    }
}

/// It is not known how the list names its items, so that none of its forms may keep a removal from being confirmed.
#[tokio::test]
async fn a_list_of_unknown_form_shows_its_targets_and_holds_none_back() {
    let run = Setup::default().start().await;
    let arguments = json!({"riskScenarioId": "a", "issueIdsToUnlink": ["one"]});
    let page = |items: Value| json!({"results": {"data": items, "pageInfo": {"hasNextPage": false}}});
    for (body, expected) in [
        (page(json!(["two", "one"])), "\"one\":\"one\""),
        (page(json!([{"issueId": "two"}, {"issueId": "one", "by": "a person"}])), "a person"),
        (page(json!([{"issueId": "two"}])), "not among the first items"),
        (json!({"issueIds": ["one", "two"]}), "issueIds"),
        (json!(["two", "one"]), "\"one\":\"one\""),
    ] {
        run.fault(Target::Vanta, FaultKind::Body { status: 200, body: body.to_string() }, 1);
        let preview = run.value("remove_risk_scenario_issues", arguments.clone()).await;
        let state = preview["state"].to_string();
        assert!(state.contains(expected) && !state.contains("unavailable"), "{body}: {preview}");
    }
}

/// The object id comes from the risk, the ids from its list, and a body that is not known from whoever knows it.
#[tokio::test]
async fn what_is_unlinked_from_a_risk_can_be_linked_again() {
    let run = Setup::default().start().await;
    let risk = json!({"riskScenarioId": "leavers-keep-access-to-systems"});
    let id = run.value("get_risk_scenario", risk).await["id"].take();
    let list = json!({"riskScenarioId": id});
    let linked = run.value("list_risk_scenario_issues", list.clone()).await;
    let issue = linked["items"][0]["id"].clone();
    assert_eq!((&linked["count"], issue.is_string()), (&json!(1), true), "{linked}");
    let unlink = json!({"riskScenarioId": id, "issueIdsToUnlink": [issue], "confirm": [issue]});
    run.confirmed("remove_risk_scenario_issues", unlink).await;
    assert_eq!(run.value("list_risk_scenario_issues", list.clone()).await["count"], 0);
    let link = json!({"riskScenarioId": id, "extra": {"whateverItIsCalled": [issue]}});
    run.value("add_risk_scenario_issues", link).await;
    assert_eq!(run.value("list_risk_scenario_issues", list).await["items"], linked["items"]);
}

#[tokio::test]
async fn a_confirm_that_is_not_the_target_is_refused_and_nothing_is_sent() {
    let run = Setup::default().start().await;
    for (operation, confirmation) in confirmed_always() {
        let arguments = made(operation, Fill::All);
        let wrong = match &arguments["confirm"] {
            Value::String(right) => {
                vec![json!(format!("{right} ")), json!(right.to_uppercase()), json!("yes"), json!("")]
            }
            Value::Array(right) => {
                let one_more: Vec<_> = right.iter().cloned().chain([json!("other")]).collect();
                vec![json!([right[0]]), json!([right[0], right[0]]), json!(one_more), json!([])]
            }
            other => panic!("{other}"),
        };
        for confirm in wrong {
            let told = run.error(operation.name, with(&arguments, "confirm", confirm.clone())).await;
            assert!(told.contains("nothing was changed"), "{}: {told}", operation.name);
            assert!(told.contains(&format!("`{}`", confirmation.argument)), "{}: {told}", operation.name);
        }
        for confirm in [json!(true), json!(null), json!({"yes": "yes"})] {
            let told = run.error(operation.name, with(&arguments, "confirm", confirm)).await;
            assert!(told.contains("`confirm` must be"), "{}: {told}", operation.name);
        }
    }
    assert!(run.tenant.seen().is_empty(), "not even a token was asked for");
}

#[tokio::test]
async fn above_the_access_level_a_tool_is_neither_listed_nor_callable() {
    for highest in [Effect::Read, Effect::Write, Effect::Publish] {
        let access = highest.as_str();
        let run = Setup::access(access).start().await;
        let names = run.names().await;
        for operation in catalog::operations() {
            let offered = operation.effect <= highest;
            assert_eq!(
                names.iter().any(|name| name == operation.name),
                offered && !operation.deprecated,
                "{}",
                operation.name
            );
            if !offered {
                let told = run.error(operation.name, Value::Object(made(operation, Fill::Required))).await;
                assert!(told.contains(&format!("VANTA_MCP_ACCESS={}", operation.effect)), "{access}: {told}");
            }
        }
        assert!(run.tenant.seen().is_empty(), "{access}");
    }
    let default = Setup { access: None, ..Setup::default() }.start().await;
    assert_eq!(
        default.value("server_status", json!({})).await["access"],
        "read",
        "nothing but reading unless it is set"
    );
}

#[tokio::test]
async fn wrong_arguments_end_a_destructive_call_before_anything_is_sent() {
    let run = Setup::default().start().await;
    for (operation, confirmation) in confirmed_always() {
        let mut arguments = made(operation, Fill::Required);
        let told = run.error(operation.name, with(&arguments, "confrim", json!("x"))).await;
        assert!(told.contains("did you mean `confirm`") && told.contains("Nothing was sent"), "{told}");
        arguments.remove(confirmation.argument);
        let told = run.error(operation.name, Value::Object(arguments.clone())).await;
        assert!(told.contains(&format!("`{}` is required", confirmation.argument)), "{told}");
        arguments.remove("confirm");
        run.error(operation.name, Value::Object(arguments)).await;
    }
    assert!(run.tenant.seen().is_empty());
}

#[tokio::test]
async fn there_is_no_preview_of_what_does_not_exist() {
    let run = Setup::default().start().await;
    let readable =
        |confirmation: &Confirmation<'_>| confirmation.each.is_none() && confirmation.before.is_some();
    let mut met = 0;
    for (operation, confirmation) in confirmed_always() {
        if !readable(confirmation) {
            continue;
        }
        met += 1;
        let arguments = aimed(&run, operation, confirmation).await;
        let told =
            run.error(operation.name, with(&arguments, confirmation.argument, json!("none-such"))).await;
        assert!(!told.contains("toConfirm"), "{}: {told}", operation.name);
    }
    assert!(met > 20, "{met} operations");
    assert!(!run.sent_changes());
}

#[tokio::test]
async fn a_preview_of_several_targets_shows_each_and_says_which_it_could_not_read() {
    let run = Setup::default().start().await;
    let people = run.value("list_people", json!({"pageSize": 7})).await;
    let mut ids: Vec<&str> =
        people["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    ids.insert(1, "none-such");
    let preview = async |ids: &[&str]| {
        let updates: Vec<Value> = ids.iter().map(|id| json!({"id": id, "reason": "a mailbox"})).collect();
        run.value("mark_accounts_as_not_people", json!({ "updates": updates })).await
    };
    let few = preview(&ids[..3]).await;
    assert_eq!(few["targets"], json!(ids[..3]));
    assert_eq!(few["state"].as_object().unwrap().len(), 3);
    assert!(few["state"]["none-such"]["unavailable"].as_str().unwrap().contains("404"), "{few}");
    assert_eq!(few["state"][ids[2]]["id"], ids[2]);
    assert!(few.get("stateNotRead").is_none());
    let many = preview(&ids).await;
    assert_eq!((many["targets"].as_array().unwrap().len(), many["state"].as_object().unwrap().len()), (8, 5));
    assert!(many["stateNotRead"].as_str().unwrap().contains("3 of the targets"), "{many}");
    assert!(!run.sent_changes());
}

#[tokio::test]
async fn a_target_whose_state_cannot_be_read_is_previewed_without_it() {
    let run = Setup::default().start().await;
    run.tenant.fault(Fault { on: Target::Panel, kind: FaultKind::Internal, times: 1 });
    let preview = run.value("terminate_panel_account", json!({"user": "kiln"})).await;
    assert!(preview["state"]["kiln"]["unavailable"].as_str().unwrap().contains("500"), "{preview}");
    assert!(preview["will"].is_string() && preview["toConfirm"].is_string());
    assert!(!run.sent_changes());
}

#[tokio::test]
async fn a_target_on_a_later_page_of_its_list_is_found() {
    let run = Setup::default().start().await;
    let document = run.value("list_documents", json!({"pageSize": 1})).await["items"][0]["id"].take();
    for number in 0..101 {
        let link = json!({"documentId": document, "url": format!("https://example.com/{number}"), "title": "Tested"});
        run.value("create_document_link", link).await;
    }
    let first = run.value("list_document_links", json!({"documentId": document, "pageSize": 100})).await;
    let next = json!({"documentId": document, "pageCursor": first["nextCursor"]});
    let link = run.value("list_document_links", next).await["items"][0]["id"].as_str().unwrap().to_owned();
    run.tenant.forget();
    let preview = run.value("delete_document_link", json!({"documentId": document, "linkId": link})).await;
    assert_eq!(preview["state"][&link]["id"], link, "{preview}");
    assert_eq!(run.seen().len(), 2, "two pages were read");
    assert!(!run.sent_changes());
}

#[tokio::test]
async fn a_termination_is_previewed_then_refused_then_confirmed() {
    let run = Setup::default().start().await;
    let accounts = run.value("list_panel_accounts", json!({})).await;
    let user = accounts["items"][0]["user"].as_str().unwrap().to_owned();

    let preview = run.value("terminate_panel_account", json!({ "user": user })).await;
    assert_eq!(preview["changed"], false);
    assert_eq!(preview["targets"], json!([user]));
    assert!(preview["state"][&user].to_string().contains(&user), "the present state is shown: {preview}");
    assert!(preview["will"].as_str().unwrap().contains("databases"));
    assert!(!run.sent_changes());

    let refused = run.error("terminate_panel_account", json!({ "user": user, "confirm": "another" })).await;
    assert!(refused.contains("nothing was changed"), "{refused}");
    assert!(!run.sent_changes());

    run.confirmed("terminate_panel_account", json!({ "user": user, "confirm": user })).await;
    let gone = run.error("get_panel_account", json!({ "user": user })).await;
    assert!(gone.contains("account_not_found"), "{gone}");
}
