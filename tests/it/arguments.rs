//! Arguments: whatever does not fit is told by name and path, all at once, and nothing is sent.

use serde_json::{Value, json};
use vanta_mcp::catalog::{self, Shape};

use crate::given::{self, Fill};
use crate::harness::{Run, Setup};

/// One wrong call and everything that must be said of it.
type Wrong = (&'static str, Value, &'static [&'static str]);

async fn each_is_refused(run: &Run, wrong: Vec<Wrong>) {
    for (tool, arguments, expected) in wrong {
        let told = run.error(tool, arguments).await;
        assert!(told.starts_with(&format!("{tool}: ")), "{told}");
        for expected in expected.iter().copied().chain(["Nothing was sent."]) {
            assert!(told.contains(expected), "{expected}: {told}");
        }
    }
    assert!(run.tenant.seen().is_empty(), "not even a token was asked for");
}

#[tokio::test]
async fn a_missing_argument_is_named_with_what_it_is() {
    each_is_refused(
        &Setup::default().start().await,
        vec![
            ("get_vendor", json!({}), &["`vendorId` is required (Vendor id, from list_vendors)"]),
            ("create_vendor", json!({}), &["`name` is required"]),
            (
                "create_vendor",
                json!({"name": "A", "contractAmount": {"amount": 5}}),
                &["`contractAmount.currency` is required"],
            ),
            (
                "create_vendor",
                json!({"name": "A", "customFields": [{"label": "a"}]}),
                &["`customFields[0].value` is required"],
            ),
            ("set_panel_account_plan", json!({"user": "acme"}), &["`plan` is required"]),
            ("terminate_panel_account", json!({"confirm": "acme"}), &["`user` is required"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_unknown_argument_is_named_with_the_nearest_known_one() {
    each_is_refused(
        &Setup::default().start().await,
        vec![
            (
                "get_vendor",
                json!({"vendorId": "v", "vendorid": "v"}),
                &["unknown argument `vendorid`; did you mean `vendorId`?"],
            ),
            (
                "list_vendors",
                json!({"page_sise": 5}),
                &["unknown argument `page_sise`; did you mean `pageSize`?"],
            ),
            (
                "list_vendors",
                json!({"zzz": 5}),
                &["unknown argument `zzz`; known are ", "`statusMatchesAny`"],
            ),
            (
                "create_vendor",
                json!({"name": "A", "authDetails": {"metod": "OKTA"}}),
                &["unknown argument `authDetails.metod`; did you mean `method`?"],
            ),
            ("ping_panel", json!({"user": "acme"}), &["unknown argument `user`"]),
            (
                "terminate_panel_account",
                json!({"user": "acme", "confirmed": "acme"}),
                &["did you mean `confirm`?"],
            ),
            ("list_vendors", json!({"a\u{1b}[2J\nb": 1}), &["unknown argument `a[2Jb`"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_value_of_the_wrong_type_or_outside_its_limits_is_named_and_not_repeated() {
    let run = Setup::default().start().await;
    each_is_refused(
        &run,
        vec![
            ("list_vendors", json!({"pageSize": "five"}), &["`pageSize` must be an integer, not a string"]),
            ("list_vendors", json!({"pageSize": 2.5}), &["`pageSize` must be an integer, not a number"]),
            ("list_vendors", json!({"pageSize": 0}), &["`pageSize` must be at least 1"]),
            ("list_vendors", json!({"pageSize": 101}), &["`pageSize` must be at most 100"]),
            (
                "list_vendors",
                json!({"statusMatchesAny": "[MANAGED"}),
                &["`statusMatchesAny` must be an array, not a string"],
            ),
            (
                "list_vendors",
                json!({"statusMatchesAny": ["MANAGED", "managd"]}),
                &["`statusMatchesAny[1]` must be one of `MANAGED`", "did you mean `MANAGED`?"],
            ),
            ("get_vendor", json!({"vendorId": 5}), &["`vendorId` must be a string, not a number"]),
            ("get_vendor", json!({"vendorId": null}), &["`vendorId` must be a string, not null"]),
            ("create_vendor", json!({"name": null}), &["`name` must be a string, not null"]),
            (
                "create_vendor",
                json!({"name": "A", "isVisibleToAuditors": "yes"}),
                &["`isVisibleToAuditors` must be a boolean, not a string"],
            ),
            (
                "create_vendor",
                json!({"name": "A", "status": "GONE"}),
                &["`status` must be one of `MANAGED`, `ARCHIVED`, `IN_PROCUREMENT`"],
            ),
            (
                "create_vendor",
                json!({"name": "A", "contractAmount": {"amount": "five", "currency": "USD"}}),
                &["`contractAmount.amount` must be a number, not a string"],
            ),
            (
                "create_vendor",
                json!({"name": "A", "customFields": [{"label": "a", "value": 5}]}),
                &["`customFields[0].value` has none of the accepted types"],
            ),
            (
                "set_panel_account_plan",
                json!({"user": "acme", "plan": 5}),
                &["`plan` must be null or a string, not a number"],
            ),
            ("get_panel_account", json!({"user": ""}), &["`user` must not be empty"]),
        ],
    )
    .await;
    let told = run
        .error("set_panel_account_password", json!({"user": {"hunter2": 1}, "password": ["hunter2"]}))
        .await;
    assert!(!told.contains("hunter2"), "{told}");
}

#[tokio::test]
async fn all_problems_are_told_at_once() {
    let wrong = json!({
        "nam": "A", "status": "GONE", "isVisibleToAuditors": 1, "contractAmount": {"currency": "USD", "amont": 5},
    });
    each_is_refused(
        &Setup::default().start().await,
        vec![(
            "create_vendor",
            wrong,
            &[
                "6 problems",
                "`name` is required",
                "unknown argument `nam`; did you mean `name`?",
                "`status` must be one of",
                "`isVisibleToAuditors` must be a boolean",
                "`contractAmount.amount` is required",
                "unknown argument `contractAmount.amont`; did you mean `amount`?",
            ],
        )],
    )
    .await;
}

#[tokio::test]
async fn more_than_any_call_needs_is_refused_and_the_server_works_on() {
    let run = Setup::default().start().await;
    let much = json!({"name": "x".repeat(10 << 20)});
    each_is_refused(
        &run,
        vec![("create_vendor", much, &["the arguments are 10485771 bytes", "at most 1048576"])],
    )
    .await;
    let large = run.value("create_vendor", json!({"name": "x".repeat(1 << 19)})).await;
    assert!(large["id"].is_string());
}

#[tokio::test]
async fn null_is_sent_where_it_means_something() {
    let run = Setup::default().start().await;
    let user = run.value("list_panel_accounts", json!({})).await["items"][0]["user"].clone();
    run.confirmed("set_panel_account_plan", json!({"user": user, "plan": null, "confirm": user})).await;
    assert_eq!(run.seen().last().unwrap().body, Some(json!({"user": user, "plan": null})));
}

#[tokio::test]
async fn a_bulk_change_takes_so_many_entries_and_no_more() {
    let run = Setup::default().start().await;
    let mut met = 0;
    for operation in catalog::operations().iter().filter(|operation| operation.shape == Shape::Bulk) {
        let schema: Value = serde_json::from_str(operation.schema.get()).unwrap();
        for (list, schema) in schema["properties"].as_object().unwrap() {
            if schema["type"] != "array" || !operation.in_body.contains(&list.as_str()) {
                continue;
            }
            let entry = if schema["items"]["type"] == "string" { json!("a") } else { json!({"id": "a"}) };
            let entries = |count: u64| json!({ list: vec![&entry; usize::try_from(count).unwrap()] });
            let most = schema["maxItems"].as_u64().unwrap();
            let told = async |count| run.error(operation.name, entries(count)).await;
            let (too_many, none) = (told(most + 1).await, told(0).await);
            assert!(too_many.contains(&format!("`{list}` must have at most {most} entries")), "{too_many}");
            assert!(none.contains(&format!("`{list}` must have at least one entry")), "{none}");
            met += 1;
        }
    }
    assert_eq!(met, 10, "each operation has one list");
    assert!(run.tenant.seen().is_empty(), "nothing was sent");
    let ids = |count: usize| json!({"idpGroupIds": vec!["a"; count]});
    each_is_refused(&run, vec![("import_idp_groups", ids(51), &["`idpGroupIds` must have at most 50 "])])
        .await;
    run.result("import_idp_groups", ids(50)).await;
    assert_eq!(run.seen().len(), 1, "as many as may be are sent");
}

#[tokio::test]
async fn what_says_nothing_is_no_filter_no_cursor_and_no_id() {
    let run = Setup::default().start().await;
    let mut wrong = Vec::new();
    for nothing in ["", "  ", "null", "undefined"] {
        wrong.push(("list_vendors", json!({ "name": nothing }), &["`name`", "omit it"][..]));
        wrong.push(("list_vendors", json!({ "pageCursor": nothing }), &["`pageCursor`", "omit it"]));
        wrong.push((
            "list_people",
            json!({ "taskStatusMatchesAny": [nothing] }),
            &["`taskStatusMatchesAny[0]`"],
        ));
        wrong.push(("get_vendor", json!({ "vendorId": nothing }), &["`vendorId`"]));
    }
    wrong.push((
        "create_panel_account",
        json!({"user": "a", "domain": "a.example", "plan": ""}),
        &["`plan` must not be empty"],
    ));
    wrong.push(("set_panel_account_plan", json!({"user": "a", "plan": ""}), &["`plan` must not be empty"]));
    each_is_refused(&run, wrong).await;
}

/// Every kind of text that might be taken for more than one segment, and its only harmless spelling.
const TRICKS: [(&str, &str); 9] = [
    ("../vendors", "..%2Fvendors"),
    ("a/b?x=1#y", "a%2Fb%3Fx%3D1%23y"),
    ("%2e%2e", "%252e%252e"),
    ("%2F", "%252F"),
    ("..\\..", "..%5C.."),
    ("...", "..."),
    ("a b", "a%20b"),
    ("a;b=c&d", "a%3Bb%3Dc%26d"),
    ("é/日本", "%C3%A9%2F%E6%97%A5%E6%9C%AC"),
];

#[tokio::test]
async fn an_id_from_elsewhere_stays_one_segment_of_the_path() {
    let run = Setup::default().start().await;
    let resource = |id: &str| json!({"integrationId": "aws", "resourceKind": "Role", "resourceId": id});
    let below = "/v1/integrations/aws/resource-kinds/Role/resources";
    for (id, segment) in TRICKS {
        for (tool, arguments, path) in [
            ("get_integration_resource", resource(id), format!("{below}/{segment}")),
            ("get_risk_scenario", json!({ "riskScenarioId": id }), format!("/v1/risk-scenarios/{segment}")),
        ] {
            run.tenant.forget();
            run.result(tool, arguments).await;
            let paths: Vec<String> = run.seen().into_iter().map(|seen| seen.path).collect();
            assert_eq!(paths, [path], "{tool} {id:?}");
        }
    }
    run.tenant.forget();
    for id in [".", "..", "a\nb", "\r\nHost: evil", "a\u{0}b"] {
        each_is_refused(&run, vec![("get_integration_resource", resource(id), &["`resourceId`"])]).await;
    }
}

#[tokio::test]
async fn no_path_can_be_changed_by_an_argument() {
    let run = Setup::default().start().await;
    let mut met = 0;
    for operation in catalog::operations().iter().filter(|operation| !operation.in_path.is_empty()) {
        let schema: Value = serde_json::from_str(operation.schema.get()).unwrap();
        let strict = |name: &&&str| {
            schema["properties"][**name].get("enum").is_none() && !operation.foreign_ids.contains(*name)
        };
        for name in operation.in_path.iter().filter(strict) {
            for (id, held) in [
                ("../a", "`/`"),
                ("a\\b", "`\\`"),
                ("a..b", "`..`"),
                ("%2e%2e", "`%`"),
                ("a?b", "`?`"),
                ("a#b", "`#`"),
            ] {
                let mut arguments = given::made(operation, Fill::Required);
                arguments.insert((*name).to_owned(), json!(id));
                let told = run.error(operation.name, Value::Object(arguments)).await;
                assert!(
                    told.contains(&format!("`{name}` is not an id, because it contains {held}")),
                    "{told}"
                );
            }
            met += 1;
        }
    }
    assert!(run.tenant.seen().is_empty());
    assert!(met > 200, "{met} arguments");
}

#[tokio::test]
async fn a_path_parameter_that_is_no_segment_is_refused() {
    let run = Setup::default().start().await;
    for (id, expected) in [
        ("", "must not be empty"),
        (".", "cannot be `.` or `..`"),
        ("..", "cannot be `.` or `..`"),
        ("\r\nHost: evil", "contains a control character"),
        ("a\u{0}b", "contains a control character"),
    ] {
        for tool in ["get_vendor", "update_vendor", "delete_vendor", "list_vendor_findings"] {
            each_is_refused(&run, vec![(tool, json!({ "vendorId": id }), &["`vendorId`"])]).await;
            let told = run.error(tool, json!({ "vendorId": id })).await;
            assert!(told.contains(expected), "{told}");
        }
    }
}

#[tokio::test]
async fn further_fields_override_nothing() {
    let run = Setup::default().start().await;
    for (member, expected) in [
        ("User", "`user` is a separate argument"),
        ("PASSWORD", "`password` is a separate argument"),
        ("Action", "chooses the operation"),
        ("_method", "can change what the request does"),
        ("_Token", "can change what the request does"),
        ("X-HTTP-Method-Override", "can change what the request does"),
        ("X-Api-Key", "identifies the caller"),
    ] {
        let arguments = json!({"user": "acme", "extra": {member: "terminate-me"}});
        let named = format!("`extra.{member}`");
        for (tool, arguments) in [
            ("create_panel_account", arguments.clone()),
            ("run_write_tool", json!({"tool": "create_panel_account", "arguments": arguments})),
        ] {
            let told = run.error(tool, arguments).await;
            assert!(told.contains(&named) && told.contains(expected), "{told}");
            assert!(told.contains("Nothing was sent") && !told.contains("terminate-me"), "{told}");
        }
    }
    assert!(run.tenant.seen().is_empty());
}

#[tokio::test]
async fn our_own_arguments_are_taken_in_every_usual_spelling() {
    let run = Setup::default().start().await;
    let all = run.value("list_vendors", json!({"countOnly": true})).await["count"].clone();
    let count = |answer: &Value| answer["count"].clone();
    for (spellings, value, is_taken) in [
        (&["count_only", "count-only", "countonly", "CountOnly"][..], json!(true), "count"),
        (&["max_items", "max-items", "maxitems"], json!(3), "three"),
        (&["page_size", "page-size", "pagesize", "PAGE_SIZE"], json!(3), "three"),
        (&["group_by", "group-by", "groupby"], json!("status"), "groups"),
        (&["All", "ALL"], json!(true), "all"),
        (&["Fields", "FIELDS"], json!(["id"]), "id"),
    ] {
        for spelling in spellings {
            let direct = run.value("list_vendors", json!({*spelling: value})).await;
            let by_name = json!({"tool": "list_vendors", "arguments": {*spelling: value, "format": "json"}});
            let indirect = run.value("run_read_tool", by_name).await;
            for answer in [direct, indirect] {
                let told = format!("{spelling}: {answer}");
                match is_taken {
                    "count" => assert!(count(&answer) == all && answer.get("items").is_none(), "{told}"),
                    "three" => assert_eq!(count(&answer), 3, "{told}"),
                    "groups" => assert!(answer["groups"].is_object(), "{told}"),
                    "all" => assert_eq!(count(&answer), all, "{told}"),
                    _ => assert_eq!(answer["items"][0].as_object().unwrap().len(), 1, "{told}"),
                }
            }
        }
    }
    let sent = run.seen().len();
    run.value("list_vendors", json!({"Fresh": true, "pageSize": 1})).await;
    assert_eq!(run.seen().len(), sent + 1);
    // Of two that differ neither is chosen, and the API's own are as it spells them.
    each_is_refused(
        &Setup::default().start().await,
        vec![
            (
                "list_vendors",
                json!({"max_items": 5, "maxItems": 6}),
                &["`max_items` is another name for `maxItems`; pass only one of them"],
            ),
            ("get_vendor", json!({"vendor_id": "v"}), &["did you mean `vendorId`?"]),
            ("delete_vendor", json!({"vendorId": "v", "Confirm": "v"}), &["did you mean `confirm`?"]),
        ],
    )
    .await;
}
