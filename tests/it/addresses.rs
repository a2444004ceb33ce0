//! Single things that are read at an address, guides, and what completes them without a request.

use rmcp::model::{
    ArgumentInfo, CompleteRequestParams, CompletionContext, ReadResourceRequestParams, Reference,
    ResourceContents,
};
use rmcp::service::ServiceError;
use serde_json::{Value, json};
use vanta_demo::{FaultKind, Target};

use crate::harness::{Generation, Run, Setup, eventually};

/// MCP's code for a resource that is not there, until 2025-11-25.
const NOT_FOUND: i32 = -32002;

const BOTH: [Generation; 2] = [Generation::Initialize, Generation::Discover];

async fn templates(run: &Run) -> Vec<String> {
    let templates = run.client.list_all_resource_templates().await.unwrap();
    templates.into_iter().map(|template| template.uri_template.clone()).collect()
}

/// What stands at an address: its type and its text.
async fn at(run: &Run, uri: &str) -> (String, String) {
    let read = run.client.read_resource(ReadResourceRequestParams::new(uri)).await.unwrap();
    let ResourceContents::TextResourceContents { text, mime_type, uri: told, .. } = &read.contents[0] else {
        panic!("no text")
    };
    assert_eq!(told, uri);
    (mime_type.clone().unwrap(), text.clone())
}

/// Why nothing stands there.
async fn nothing_at(run: &Run, uri: &str) -> (i32, String) {
    match run.client.read_resource(ReadResourceRequestParams::new(uri)).await {
        Err(ServiceError::McpError(error)) => (error.code.0, error.message.into_owned()),
        other => panic!("{uri}: {other:?}"),
    }
}

async fn complete(
    run: &Run,
    reference: Reference,
    argument: (&str, &str),
    audit: Option<&str>,
) -> Vec<String> {
    let mut asked = CompleteRequestParams::new(reference, ArgumentInfo::new(argument.0, argument.1));
    if let Some(audit) = audit {
        let arguments = [("audit".to_owned(), audit.to_owned())].into();
        asked.context = Some(CompletionContext::with_arguments(arguments));
    }
    run.client.complete(asked).await.unwrap().completion.values
}

async fn ids(run: &Run, list: &str, arguments: Value) -> Vec<String> {
    let list = run.value(list, arguments).await;
    list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_forms_of_address_are_as_they_were() {
    let run = Setup::access("read").start().await;
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let templates = run.client.list_all_resource_templates().await.unwrap();
    settings.bind(|| insta::assert_json_snapshot!("resource_templates", templates));
    let resources = run.client.list_all_resources().await.unwrap();
    settings.bind(|| insta::assert_json_snapshot!("resources", resources));
}

#[tokio::test]
async fn an_address_answers_what_its_tool_answers() {
    for generation in BOTH {
        let run = Setup { generation, access: Some("read"), ..Setup::default() }.start().await;
        let audit = ids(&run, "list_audits", json!({})).await.remove(0);
        let evidence = ids(&run, "list_audit_evidence", json!({"auditId": audit})).await.remove(0);
        let document = ids(&run, "list_documents", json!({"pageSize": 1})).await.remove(0);
        let test = ids(&run, "list_tests", json!({"pageSize": 1})).await.remove(0);
        for (uri, tool, arguments) in [
            (
                "vanta://controls/backups-performed".to_owned(),
                "get_control",
                json!({"controlId": "backups-performed"}),
            ),
            (
                "VANTA://controls/backups%2dperformed".to_owned(),
                "get_control",
                json!({"controlId": "backups-performed"}),
            ),
            (format!("vanta://tests/{test}"), "get_test", json!({"testId": test})),
            (format!("vanta://documents/{document}"), "get_document", json!({"documentId": document})),
            (
                format!("vanta://audits/{audit}/evidence/{evidence}"),
                "get_audit_evidence",
                json!({"auditId": audit, "auditEvidenceId": evidence}),
            ),
            ("panel://accounts/baker".to_owned(), "get_panel_account", json!({"user": "baker"})),
        ] {
            let (kind, text) = at(&run, &uri).await;
            let read: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(
                (kind.as_str(), &read),
                ("application/json", &run.value(tool, arguments).await),
                "{uri}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_address_is_said_and_sends_nothing() {
    for generation in BOTH {
        let run = Setup { generation, access: Some("read"), ..Setup::default() }.start().await;
        // 2026-07-28 has no code of its own for it.
        let not_found = if generation == Generation::Initialize { NOT_FOUND } else { -32602 };
        for (uri, code, told) in [
            ("vanta://controls/", -32602, "{id} of vanta://controls/{id} is missing"),
            ("vanta://controls/a%zz", -32602, "write % as %25"),
            ("vanta://controls/%ff", -32602, "not UTF-8"),
            ("vanta://controls/a?b=c", -32602, "write ? as %3F"),
            ("vanta://controls/a%2F..%2Fb", -32602, "contains `/`"),
            ("vanta://controls/controls-library", -32602, "list_library_controls"),
            ("vanta://controls/a/b", NOT_FOUND, "resources/templates/list"),
            ("vanta://vendors/a", NOT_FOUND, "resources/templates/list"),
            ("panel://controls/a", NOT_FOUND, "unknown resource panel://controls/a"),
            ("https://controls/a", NOT_FOUND, "unknown resource https://controls/a"),
            ("guide://nothing", NOT_FOUND, "unknown resource guide://nothing"),
        ] {
            let (was, message) = nothing_at(&run, uri).await;
            assert_eq!(was, if code == NOT_FOUND { not_found } else { code }, "{uri}: {message}");
            assert!(message.contains(told), "{uri}: {message}");
        }
        assert_eq!(run.seen(), [], "nothing was sent");
        let (code, message) = nothing_at(&run, "vanta://controls/not-there").await;
        assert!(code == not_found && message.contains("Check the id with list_controls"), "{code} {message}");
        let (code, message) = nothing_at(&run, "panel://accounts/%C3%B6").await;
        assert!(code == not_found && message.contains("list_panel_accounts"), "{code} {message}");
        run.fault(Target::Path("/v1/controls/backups-performed".into()), FaultKind::Internal, 20);
        let (code, message) = nothing_at(&run, "vanta://controls/backups-performed").await;
        assert!(code == -32603 && message.contains("500"), "{code} {message}");
    }
}

#[tokio::test]
async fn an_address_goes_by_what_its_caller_may_call() {
    let hidden = [
        Setup::access("read").with("VANTA_MCP_EXCLUDE_TOOLS", "get_control"),
        Setup::access("read").with("VANTA_CLIENT_ID", "").with("VANTA_CLIENT_SECRET", ""),
    ];
    for (setup, why) in hidden.into_iter().zip(["excluded", "no credentials"]) {
        let run = setup.start().await;
        assert!(!templates(&run).await.contains(&"vanta://controls/{id}".to_owned()));
        assert!(templates(&run).await.contains(&"panel://accounts/{user}".to_owned()));
        let (code, message) = nothing_at(&run, "vanta://controls/backups-performed").await;
        assert!(code == NOT_FOUND && message.contains(why), "{code} {message}");
        let reference = Reference::for_resource("vanta://controls/{id}");
        assert!(complete(&run, reference, ("id", ""), None).await.is_empty());
        assert_eq!(run.seen(), []);
    }
    let run = Setup::access("read").with("VANTA_PANEL_URL", "").with("VANTA_PANEL_TOKEN", "").start().await;
    assert!(templates(&run).await.iter().all(|template| !template.starts_with("panel:")));
}

#[tokio::test]
async fn an_address_shares_what_was_read_a_moment_ago() {
    let run = Setup { generation: Generation::Discover, ..Setup::access("read") }
        .with("VANTA_MCP_CACHE", "60")
        .start()
        .await;
    run.value("get_control", json!({"controlId": "backups-performed"})).await;
    let before = run.seen().len();
    let uri = "vanta://controls/backups-performed";
    let read = run.client.read_resource(ReadResourceRequestParams::new(uri)).await.unwrap();
    assert_eq!(run.seen().len(), before);
    assert_eq!(read.meta.unwrap()["vanta-mcp/cache"]["hit"], "kept");
    assert_eq!(read.ttl_ms, Some(0));
}

#[tokio::test]
async fn completion_knows_what_was_read_a_moment_ago_and_asks_nobody() {
    for generation in BOTH {
        let run = Setup { generation, ..Setup::access("read") }
            .with("VANTA_MCP_CACHE", "60")
            .with("VANTA_MCP_INDEX", "off")
            .start()
            .await;
        let forms: [(&str, &str); 5] = [
            ("vanta://controls/{id}", "id"),
            ("vanta://tests/{id}", "id"),
            ("vanta://documents/{id}", "id"),
            ("vanta://audits/{audit}/evidence/{id}", "audit"),
            ("panel://accounts/{user}", "user"),
        ];
        for (form, variable) in forms {
            let values = complete(&run, Reference::for_resource(form), (variable, ""), None).await;
            assert!(values.is_empty(), "{form}: nothing is known yet: {values:?}");
        }
        assert_eq!(run.seen(), []);
        let controls = ids(&run, "list_controls", json!({"pageSize": 100})).await;
        let audits = ids(&run, "list_audits", json!({})).await;
        let of_audit = ids(&run, "list_audit_evidence", json!({"auditId": audits[0], "pageSize": 100})).await;
        for list in ["list_vendors", "list_people", "list_frameworks"] {
            run.value(list, json!({"pageSize": 100})).await;
        }
        let before = run.seen().len();
        let control = Reference::for_resource("vanta://controls/{id}");
        let values = complete(&run, control.clone(), ("id", "back"), None).await;
        assert!(values.contains(&"backups-performed".to_owned()), "{values:?}");
        let values = complete(&run, control.clone(), ("id", "BCD-01"), None).await;
        assert_eq!(values, ["backups-performed"], "by its external id");
        assert_eq!(complete(&run, control, ("id", ""), None).await.len(), controls.len());
        let evidence = Reference::for_resource("vanta://audits/{audit}/evidence/{id}");
        let mut known = complete(&run, evidence.clone(), ("audit", ""), None).await;
        known.sort();
        let mut all = audits.clone();
        all.sort();
        assert_eq!(known, all);
        assert!(complete(&run, evidence.clone(), ("id", ""), None).await.is_empty(), "of which audit?");
        let known = complete(&run, evidence.clone(), ("id", ""), Some(&audits[0])).await;
        assert!(!known.is_empty() && known.iter().all(|id| of_audit.contains(id)), "{known:?}");
        assert!(complete(&run, evidence, ("id", ""), Some("other")).await.is_empty());
        for (prompt, argument, typed, value) in [
            ("review_vendor", "vendor", "amazon", "Amazon Web Services"),
            ("triage_failing_tests", "framework", "soc", "SOC 2"),
            ("offboard_person", "person", "greta", "Greta Rautio"),
        ] {
            let values = complete(&run, Reference::for_prompt(prompt), (argument, typed), None).await;
            assert!(values.contains(&value.to_owned()), "{prompt} {argument}: {values:?}");
        }
        let reference = Reference::for_prompt("provision_hosting_account");
        assert!(
            complete(&run, reference, ("plan", ""), None).await.is_empty(),
            "it is not offered to readers"
        );
        assert!(complete(&run, Reference::for_prompt("none"), ("x", ""), None).await.is_empty());
        assert_eq!(run.seen().len(), before, "no request was sent");
    }
}

#[tokio::test]
async fn completion_knows_what_the_index_keeps() {
    let run = Setup::access("read").start().await;
    run.value("failing_controls", json!({"framework": "SOC 2"})).await;
    let before = run.seen().len();
    // What the question needs and has no requests for is read after its answer.
    eventually("the tests are known", async || {
        let tests = Reference::for_resource("vanta://tests/{id}");
        !complete(&run, tests, ("id", ""), None).await.is_empty()
    })
    .await;
    let controls =
        complete(&run, Reference::for_resource("vanta://controls/{id}"), ("id", "back"), None).await;
    assert!(controls.contains(&"backups-performed".to_owned()), "{controls:?}");
    for (argument, typed, value) in [("framework", "soc", "SOC 2"), ("owner", "greta", "Greta Rautio")] {
        let values =
            complete(&run, Reference::for_prompt("triage_failing_tests"), (argument, typed), None).await;
        assert!(values.contains(&value.to_owned()), "{argument}: {values:?}");
    }
    // What the question began goes on meanwhile: the tests and documents of one control after another.
    let since: Vec<_> = run.seen().split_off(before).into_iter().map(|seen| seen.path).collect();
    let of_index = |path: &String| path.starts_with("/v1/controls/") || path.starts_with("/v1/documents/");
    assert!(since.iter().all(of_index), "{since:?}");
}

#[tokio::test]
async fn a_list_says_at_which_addresses_its_items_can_be_read() {
    for generation in BOTH {
        let run = Setup { generation, ..Setup::access("read") }.start().await;
        let result = run.result("list_controls", json!({"pageSize": 2})).await;
        assert_eq!(result.meta.unwrap()["vanta-mcp/itemsAt"], "vanta://controls/{id}");
        let result = run.result("run_read_tool", json!({"tool": "list_panel_accounts"})).await;
        assert_eq!(result.meta.unwrap()["vanta-mcp/itemsAt"], "panel://accounts/{user}");
        let result = run.result("list_vendors", json!({"pageSize": 2})).await;
        assert!(result.meta.is_none_or(|meta| !meta.contains_key("vanta-mcp/itemsAt")));
        assert!(result.content.iter().all(|block| block.as_resource_link().is_none()), "links cost tokens");
    }
    let run = Setup::access("read").with("VANTA_MCP_EXCLUDE_TOOLS", "get_control").start().await;
    let result = run.result("list_controls", json!({"pageSize": 2})).await;
    assert!(result.meta.is_none_or(|meta| !meta.contains_key("vanta-mcp/itemsAt")), "it cannot be read");
}

#[tokio::test]
async fn guides_are_listed_and_say_what_is_so() {
    for generation in BOTH {
        let run = Setup { generation, ..Setup::default() }.start().await;
        for uri in ["guide://paging", "guide://confirmation", "guide://jq", "guide://limits"] {
            let (kind, text) = at(&run, uri).await;
            assert!(kind == "text/markdown" && text.starts_with("# "), "{uri}");
        }
    }
    let run = Setup::default().start().await;
    // Each program of the guide runs on a list that has what it names.
    let (_, jq) = at(&run, "guide://jq").await;
    let programs: Vec<String> = jq
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" | `"))
        .map(|(_, program)| program.trim_end_matches("` |").replace("\\|", "|"))
        .collect();
    assert!(programs.len() >= 5, "{programs:?}");
    for program in programs {
        let list = if program.contains("latestFlipDate") { "list_tests" } else { "list_controls" };
        run.value(list, json!({"jq": program})).await;
    }
    let both = run.error("list_controls", json!({"jq": "length", "countOnly": true})).await;
    assert!(both.contains("cannot be combined"), "{both}");
    // Paging.
    let all = run.value("list_controls", json!({"countOnly": true})).await["count"].as_u64().unwrap();
    let page = run.value("list_controls", json!({"pageSize": 100})).await;
    assert!(all > 100 && page["count"] == 100 && page["nextCursor"].is_string());
    let next = run.value("list_controls", json!({"pageSize": 100, "pageCursor": page["nextCursor"]})).await;
    assert!(next["count"] == all - 100 && next.get("nextCursor").is_none(), "{all}");
    let cut = run.value("list_controls", json!({"all": true, "maxChars": 2000})).await;
    assert!(cut["note"].is_string() && cut["nextCursor"].is_string(), "{cut}");
    // Confirmation.
    let (_, told) = at(&run, "guide://confirmation").await;
    let preview = run.value("terminate_panel_account", json!({"user": "baker"})).await;
    for member in ["changed", "targets", "will", "undo", "state", "toConfirm"] {
        assert!(told.contains(&format!("`{member}`")) && preview.get(member).is_some(), "{member}");
    }
    for wrong in [json!(true), json!("yes"), json!("hillside-bakery.example")] {
        run.error("terminate_panel_account", json!({"user": "baker", "confirm": wrong})).await;
    }
    assert!(!run.sent_changes());
}
