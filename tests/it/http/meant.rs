//! Arguments as clients and models really send them, by every way in: a listed tool over stdio and over HTTP, the tools
//! that run others, and `vanta-mcp call`.

use serde_json::{Value, json};
use vanta_demo::{Limits, Seen, Tenant};
use vanta_mcp::catalog::Effect;

use super::{Era, Served, message};
use crate::cli::finish;
use crate::harness::{Run, Setup, Wire, command, credentials, tenant, text};

/// What comes of one call.
enum Outcome {
    /// This query goes upstream, in any order.
    Query(&'static [(&'static str, &'static str)]),
    /// This body goes upstream.
    Body(Value),
    /// It is carried out, and the answer holds all of this.
    Answers(&'static [&'static str]),
    /// Nothing is sent, and the message holds all of this.
    Refused(&'static [&'static str]),
}

use Outcome::{Answers, Body, Query, Refused};

struct Case {
    tool: &'static str,
    arguments: Value,
    outcome: Outcome,
}

/// 50 items, as nobody said how many.
const USUAL: (&str, &str) = ("pageSize", "50");

fn vendors(arguments: Value, query: &'static [(&'static str, &'static str)]) -> Case {
    Case { tool: "list_vendors", arguments, outcome: Query(query) }
}

fn case(tool: &'static str, arguments: Value, outcome: Outcome) -> Case {
    Case { tool, arguments, outcome }
}

fn numbers_lists_and_envelopes() -> Vec<Case> {
    vec![
        vendors(json!({"pageSize": "7"}), &[("pageSize", "7")]),
        vendors(json!({"pageSize": 7.0}), &[("pageSize", "7")]),
        vendors(json!({"pageSize": "7.0", "pageCursor": null}), &[("pageSize", "7")]),
        vendors(json!({"page_size": "7"}), &[("pageSize", "7")]),
        case("list_vendors", json!({"page_size": 2, "fields": ["id"]}), Answers(&["\"nextCursor\":"])),
        vendors(json!({"statusMatchesAny": "MANAGED"}), &[USUAL, ("statusMatchesAny", "MANAGED")]),
        vendors(
            json!({"statusMatchesAny": "[\"MANAGED\",\"ARCHIVED\"]"}),
            &[USUAL, ("statusMatchesAny", "MANAGED"), ("statusMatchesAny", "ARCHIVED")],
        ),
        vendors(json!({"fields": "[\"id\"]", "name": "a, b"}), &[USUAL, ("name", "a, b")]),
        vendors(json!({"toolCallId": "c", "sessionId": "s", "action": "x", "chatInput": "hi"}), &[USUAL]),
        case(
            "create_vendor",
            json!({
                "name": "A", "isVisibleToAuditors": "True", "websiteUrl": null,
                "contractAmount": "{\"amount\": \"5\", \"currency\": \"USD\"}",
            }),
            Body(
                json!({"name": "A", "isVisibleToAuditors": true, "contractAmount": {"amount": 5, "currency": "USD"}}),
            ),
        ),
        // What may be null stays null.
        case(
            "create_group",
            json!({"name": "A", "description": null}),
            Body(json!({"name": "A", "description": null})),
        ),
        case(
            "list_vendors",
            json!({"fields": ["nmae"], "pageSize": 1}),
            Refused(&["unknown field \"nmae\"; did you mean `name`?"]),
        ),
        case(
            "list_vendors",
            json!({"fields": "id,name", "pageSize": 1}),
            Refused(&["`fields` was read as one name that contains a comma; write [\"id\",\"name\"]"]),
        ),
        case("list_vendors", json!({"pageSize": 2.5}), Refused(&["`pageSize` must be an integer"])),
        case(
            "list_vendors",
            json!({"page_size": 5, "pageSize": 6}),
            Refused(&["`page_size` is another name for `pageSize`; pass only one of them"]),
        ),
        case("list_vendors", json!({"execution_id": 5}), Refused(&["unknown argument `execution_id`"])),
        case(
            "list_vendors",
            json!({"statusMatchesAny": "MANAGED,ARCHIVED"}),
            Refused(&["as a list: [\"MANAGED\",\"ARCHIVED\"]"]),
        ),
        case(
            "set_panel_account_plan",
            json!({"user": "acme", "plan": 5}),
            Refused(&["`plan` must be null or a string, not a number"]),
        ),
        // A consent is never put right.
        case(
            "offboard_people",
            json!({"updates": [{"id": "p"}], "confirm": "p"}),
            Refused(&["`confirm` must be an array"]),
        ),
        case("list_vendors", json!({"name": "null"}), Refused(&["`name` is the text `null`", "omit it"])),
        case(
            "list_people",
            json!({"groupIdsMatchesAny": [""]}),
            Refused(&["`groupIdsMatchesAny[0]` must not be empty"]),
        ),
        case("get_vendor", json!({"vendorId": "undefined"}), Refused(&["`vendorId`"])),
        case(
            "update_vendor",
            json!({"vendorId": "v", "securityOwnerUserId": "null"}),
            Refused(&["`securityOwnerUserId` is the text `null`"]),
        ),
        case(
            "deactivate_vulnerabilities",
            json!({"updates": [{"id": "", "deactivateReason": "r", "shouldReactivateWhenFixable": true}]}),
            Refused(&["`updates[0].id` must not be empty"]),
        ),
        case(
            "create_panel_account",
            json!({"user": "a", "domain": "a.example", "plan": ""}),
            Refused(&["`plan` must not be empty"]),
        ),
    ]
}

fn dates() -> Vec<Case> {
    vec![
        case(
            "list_issues",
            json!({"createdAfterDate": "2026-03-31"}),
            Query(&[USUAL, ("createdAfterDate", "2026-03-31T00:00:00Z")]),
        ),
        case(
            "list_issues",
            json!({"createdAfterDate": "2026-03-31"}),
            Answers(&["`createdAfterDate` was sent as 2026-03-31T00:00:00Z."]),
        ),
        case(
            "list_vulnerabilities",
            json!({"slaDeadlineBeforeDate": "2026-03-31T09:30:00+02:00"}),
            Query(&[USUAL, ("slaDeadlineBeforeDate", "2026-03-31T09:30:00+02:00")]),
        ),
        case(
            "list_questionnaires",
            json!({"createdAfter": "2026-03-31"}),
            Query(&[USUAL, ("createdAfter", "2026-03-31")]),
        ),
        case(
            "create_vendor",
            json!({"name": "Dated", "contractStartDate": "2026-03-31"}),
            Body(json!({"name": "Dated", "contractStartDate": "2026-03-31T00:00:00Z"})),
        ),
        case(
            "create_vendor",
            json!({"name": "Dated", "contractStartDate": "2026-03-31"}),
            Answers(&["`contractStartDate` was sent as 2026-03-31T00:00:00Z."]),
        ),
        case(
            "list_issues",
            json!({"createdAfterDate": "last week"}),
            Refused(&["`createdAfterDate` must be a date", "2026-03-31"]),
        ),
        case(
            "list_issues",
            json!({"createdAfterDate": "2026-02-30"}),
            Refused(&["`createdAfterDate` must be a date"]),
        ),
        case(
            "list_issues",
            json!({"createdAfterDate": "31/03/2026"}),
            Refused(&["`createdAfterDate` must be a date"]),
        ),
        case(
            "list_issues",
            json!({"createdAfterDate": "2026-03-31T09:30:00"}),
            Refused(&["without a UTC offset", "Z for UTC"]),
        ),
        case(
            "list_questionnaires",
            json!({"createdAfter": "soon"}),
            Refused(&["`createdAfter` must be a date"]),
        ),
        case(
            "update_vendor",
            json!({"vendorId": "v", "contractStartDate": "soon"}),
            Refused(&["`contractStartDate` must be a date"]),
        ),
    ]
}

fn filters() -> Vec<Case> {
    let frameworks = &[
        "nothing has the value \\\"soc3\\\"",
        "(list_frameworks): \\\"hipaa\\\", \\\"iso27001_2022\\\", \\\"soc2\\\"",
    ][..];
    vec![
        case("list_controls", json!({"frameworkMatchesAny": ["soc3"]}), Answers(frameworks)),
        case("list_documents", json!({"frameworkMatchesAny": "soc3"}), Answers(frameworks)),
        case("list_tests", json!({"frameworkFilter": "soc3"}), Answers(frameworks)),
        case(
            "list_tests",
            json!({"ownerFilter": "nobody"}),
            Answers(&["`ownerFilter`: get_user finds nothing with the id \\\"nobody\\\""]),
        ),
        case(
            "list_issues",
            json!({"ownerIdMatchesAny": ["u1", "u2", "u3", "u4"]}),
            Answers(&["finds nothing with the id \\\"u3\\\"", "Its other values (1) were not checked."]),
        ),
        case(
            "list_questionnaires",
            json!({"ownerIdMatchesAny": ["u2"]}),
            Answers(&["nothing has the value \\\"u2\\\""]),
        ),
        case(
            "list_risk_scenarios",
            json!({"ownerMatchesAny": ["x"]}),
            Answers(&["nothing has the value \\\"x\\\"", "@quillmere.example"]),
        ),
        case(
            "list_controls",
            json!({"frameworkMatchesAny": "hipaa,soc2"}),
            Answers(&["several values write {\\\"frameworkMatchesAny\\\":[\\\"hipaa\\\",\\\"soc2\\\"]}"]),
        ),
        // What an upstream refuses as one value may be several.
        case(
            "import_idp_groups",
            json!({"idpGroupIds": "a,b"}),
            Answers(&["NOT_FOUND", "for several values write"]),
        ),
        case(
            "add_risk_scenario_integrations",
            json!({"riskScenarioId": "none", "integrationIdsToAdd": "a,b"}),
            Answers(&["answered 404", "for several values write {"]),
        ),
        // An empty list that is the truth needs no excuse, and costs no further request.
        case(
            "list_vendors",
            json!({"name": "no vendor has this name"}),
            Answers(&["{\"count\":0,\"items\":[]}"]),
        ),
    ]
}

/// What was asked of the APIs, tokens aside.
fn seen(tenant: &Tenant) -> Vec<Seen> {
    tenant.seen().into_iter().filter(|seen| seen.path != "/oauth/token").collect()
}

fn judge(way: &str, case: &Case, told: &str, sent: &[Seen]) {
    let about = format!("{} {} by {way}: {told} {sent:?}", case.tool, case.arguments);
    match &case.outcome {
        Query(expected) => {
            let mut query: Vec<(&str, &str)> =
                sent[0].query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let mut expected = expected.to_vec();
            query.sort_unstable();
            expected.sort_unstable();
            assert_eq!(query, expected, "{about}");
        }
        Body(expected) => assert_eq!(sent[0].body.as_ref(), Some(expected), "{about}"),
        Answers(words) => words.iter().for_each(|word| assert!(told.contains(word), "{word}: {about}")),
        Refused(words) => {
            assert!(sent.is_empty(), "{about}");
            let words = words.iter().chain(&["Nothing was sent"]);
            words.for_each(|word| assert!(told.contains(word), "{word}: {about}"));
        }
    }
}

async fn by_stdio(run: &Run, tool: &str, arguments: Value) -> (String, Vec<Seen>) {
    run.tenant.forget();
    let told = text(&run.result(tool, arguments).await);
    (told, seen(&run.tenant))
}

async fn by_http(served: &Served, case: &Case, era: Era<'_>) -> (String, Vec<Seen>) {
    served.tenant.forget();
    let called = json!({"name": case.tool, "arguments": case.arguments});
    let answer = message(served.ask(None, era, "tools/call", called).await).await;
    let told =
        answer["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    (told, seen(&served.tenant))
}

async fn by_command(tenant: &Tenant, case: &Case) -> (String, Vec<Seen>) {
    tenant.forget();
    let mut command = command();
    command.envs(credentials(tenant)).env("VANTA_MCP_ACCESS", "destroy");
    command.args(["call", "--json", case.tool, &case.arguments.to_string()]);
    let done = finish(command, "").await;
    // A refusal is a member of an object there, in quotation marks of its own.
    let answer: Value = serde_json::from_str(&done.stdout).unwrap();
    let told = answer["error"].as_str().map_or(done.stdout, str::to_owned);
    (told, seen(tenant))
}

#[tokio::test]
async fn what_has_one_meaning_is_taken_and_what_has_two_is_refused_by_every_way_in() {
    let run = Setup::default().start().await;
    let served = Served::start(&[]).await;
    let session = served.session(None).await;
    let commanded = tenant(Limits::Off).await;
    for case in numbers_lists_and_envelopes().iter().chain(&dates()).chain(&filters()) {
        let (told, sent) = by_stdio(&run, case.tool, case.arguments.clone()).await;
        judge("stdio", case, &told, &sent);
        let runner = match vanta_mcp::catalog::find(case.tool).unwrap().effect {
            Effect::Read => "run_read_tool",
            Effect::Write => "run_write_tool",
            Effect::Publish | Effect::Destroy => "run_destroy_tool",
        };
        for arguments in [case.arguments.clone(), Value::from(case.arguments.to_string())] {
            let arguments = json!({"tool": case.tool, "arguments": arguments});
            let (told, sent) = by_stdio(&run, runner, arguments).await;
            judge(runner, case, &told, &sent);
        }
        for era in [Era::Alone, Era::Session(&session)] {
            let (told, sent) = by_http(&served, case, era).await;
            judge("HTTP", case, &told, &sent);
        }
        let (told, sent) = by_command(&commanded, case).await;
        judge("call", case, &told, &sent);
    }
}

/// Some clients put the arguments of a call into a text as well.
#[tokio::test]
async fn arguments_that_are_an_object_in_a_text_are_that_object() {
    let quoted = json!({"name": "list_vendors", "arguments": "{\"pageSize\": 2, \"fields\": [\"id\"]}"});
    let served = Served::start(&[]).await;
    let session = served.session(None).await;
    for era in [Era::Alone, Era::Session(&session)] {
        let answer = message(served.ask(None, era, "tools/call", quoted.clone()).await).await;
        assert_eq!(answer["result"]["structuredContent"]["count"], 2, "{answer}");
    }
    let mut wire = Wire::start(demo());
    wire.initialize().await;
    wire.message(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": quoted})).await;
    let answer = wire.receive().await.unwrap();
    assert_eq!(answer["result"]["structuredContent"]["count"], 2, "{answer}");
}

fn demo() -> tokio::process::Command {
    let mut command = command();
    command.arg("--demo");
    command
}

#[tokio::test]
async fn a_value_that_exists_and_a_later_page_are_not_looked_up() {
    let run = Setup::default().start().await;
    for (arguments, requests) in [
        (json!({"frameworkMatchesAny": ["soc3"]}), 2),
        // Nothing of the second page is doubted.
        (json!({"frameworkMatchesAny": ["soc3"], "pageCursor": "AAAA"}), 1),
        (json!({"frameworkMatchesAny": ["soc2"]}), 1),
    ] {
        let (_, sent) = by_stdio(&run, "list_controls", arguments.clone()).await;
        assert_eq!(sent.len(), requests, "{arguments}");
    }
    // Where it cannot be looked up, nothing is said of it.
    let closed = Setup::default().with("VANTA_MCP_EXCLUDE_TOOLS", "list_frameworks").start().await;
    let (told, sent) = by_stdio(&closed, "list_controls", json!({"frameworkMatchesAny": ["soc3"]})).await;
    assert_eq!((told.as_str(), sent.len()), ("{\"count\":0,\"items\":[]}", 1));
}
