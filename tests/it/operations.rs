//! Every operation of the catalog: what is sent upstream, what is listed, and that the reads hang together.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use serde_json::{Map, Value, json};
use vanta_demo::{Credential, FaultKind, Seen, Target};
use vanta_mcp::catalog::{self, Effect, Encoding, Operation};
use vanta_mcp::parts::{Findable, Receipt};

use crate::given::{Fill, answered, found, made, sample_file, schema};
use crate::harness::{Run, Scratch, Setup, text};

#[tokio::test]
async fn every_operation_sends_exactly_its_method_path_query_and_body() {
    let run = Setup::default().start().await;
    for operation in catalog::operations() {
        for fill in [Fill::Required, Fill::All, Fill::Nulls] {
            let arguments = made(operation, fill);
            let confirmed = confirmed(&run, operation, &arguments).await;
            run.tenant.forget();
            let result = run.result(operation.name, confirmed).await;
            let told = format!(
                "{} {fill:?} {}: {}",
                operation.name,
                Value::Object(arguments.clone()),
                text(&result)
            );
            assert!(!told.contains("There is no endpoint"), "the tenant answers everything: {told}");
            run.tenant.mend();
            let mut seen = run.seen();
            // What is confirmed is read again before it is changed.
            let reads = if operation.confirmation.is_some() { seen.len().saturating_sub(1) } else { 0 };
            assert!(seen.drain(..reads).all(|read| read.method == "GET"), "{told}");
            let [mut sent] = seen.try_into().unwrap_or_else(|sent| panic!("{told}: {sent:?}"));
            // The boundary between the parts is another one each time.
            let kind = sent.content_type.take();
            sent.content_type = kind.map(|kind| kind.split(';').next().unwrap_or_default().to_owned());
            sent.at = Duration::ZERO;
            let expected = expected(operation, &arguments, sent.status);
            assert_eq!(sent, expected, "{told}");
        }
    }
}

/// The arguments with the confirmation of their preview, where the operation wants one: what they name is made up, so that
/// every read of it is answered alike.
async fn confirmed(run: &Run, operation: &Operation, arguments: &Map<String, Value>) -> Value {
    let arguments = Value::Object(arguments.clone());
    let Some(confirmation) = &operation.confirmation else { return arguments };
    if !operation.effect_of(&arguments).is_confirmed() {
        return arguments;
    }
    let targets = arguments[confirmation.argument].as_array().map_or(1, Vec::len);
    let reads = if confirmation.before.is_some() { 2 * u32::try_from(targets).unwrap() } else { 0 };
    let body = json!({"ok": true}).to_string();
    run.fault(Target::Reads, FaultKind::Body { status: 200, body }, reads);
    run.previewed(operation.name, &arguments).await
}

/// What has to arrive, put together from nothing but what the catalog says about each argument's place.
fn expected(operation: &Operation, arguments: &Map<String, Value>, status: Option<u16>) -> Seen {
    let path: Vec<String> = operation
        .path
        .split('/')
        .map(|segment| match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => encoded(arguments[name].as_str().unwrap()),
            None => segment.to_owned(),
        })
        .collect();
    let mut query: Vec<(String, String)> =
        operation.constants.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    for name in &operation.in_query {
        let values = match arguments.get(*name) {
            Some(one) if operation.as_json.contains(name) => vec![json!(one.to_string())],
            Some(Value::Array(all)) => all.clone(),
            other => other.cloned().into_iter().collect(),
        };
        query.extend(values.iter().map(|value| ((*name).to_owned(), plain(value))));
    }
    if operation.is_paged() {
        query.push(("pageSize".to_owned(), arguments.get("pageSize").map_or("50".to_owned(), plain)));
        query.extend(arguments.get("pageCursor").map(|cursor| ("pageCursor".to_owned(), plain(cursor))));
    }
    let mut body = Map::new();
    for name in operation.in_body.iter().chain(&operation.repeat_in_body) {
        match arguments.get(*name) {
            Some(Value::Null) if operation.form == Encoding::Multipart => {}
            Some(value) if operation.form == Encoding::Multipart => {
                body.insert((*name).to_owned(), json!(one_text(operation, name, value)));
            }
            Some(Value::Object(members)) if operation.spread == Some(name) => body.extend(members.clone()),
            Some(value) => {
                body.insert((*name).to_owned(), value.clone());
            }
            None => {}
        }
    }
    if let Some(upload) = &operation.upload {
        let (name, content) = sample_file(operation);
        let (bytes, sha256) = (content.len(), hex(&content));
        let mime = mime_guess::from_path(&name).first_raw().unwrap();
        body.insert(
            upload.part.to_owned(),
            json!({"fileName": name, "mimeType": mime, "bytes": bytes, "sha256": sha256}),
        );
    }
    let multipart = operation.form == Encoding::Multipart;
    let has_body = multipart || !operation.in_body.is_empty() || !operation.repeat_in_body.is_empty();
    Seen {
        method: operation.method.as_str().to_owned(),
        path: if operation.path.is_empty() { "/".to_owned() } else { path.join("/") },
        query,
        credential: Credential::Authorization,
        user_agent: Some(format!("vanta-mcp/{}", env!("CARGO_PKG_VERSION"))),
        content_type: has_body
            .then(|| if multipart { "multipart/form-data" } else { "application/json" }.to_owned()),
        body: has_body.then_some(Value::Object(body)),
        status,
        at: Duration::ZERO,
        fault: None,
    }
}

/// What a part of a multipart body holds.
fn one_text(operation: &Operation, name: &&str, value: &Value) -> String {
    match value {
        Value::Array(all) if operation.as_commas.contains(name) => {
            all.iter().map(plain).collect::<Vec<_>>().join(",")
        }
        other => plain(other),
    }
}

fn hex(content: &[u8]) -> String {
    Receipt::of(content).sha256
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// RFC 3986 section 2.3: what is not unreserved is encoded, byte for byte.
fn encoded(text: &str) -> String {
    let letter = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(letter).collect()
}

#[tokio::test]
async fn every_read_succeeds_with_ids_that_the_lists_answer() {
    let folder = Scratch::new("reads");
    let run = Setup::default().with("VANTA_MCP_FILES", folder.path()).start().await;
    for operation in catalog::operations().iter().filter(|operation| operation.effect == Effect::Read) {
        let narrow = match operation.name {
            "get_information_request_test_snapshot" => {
                json!({"evidenceTypeMatchesAny": ["VANTA_TEST_SNAPSHOT"]})
            }
            _ => json!({}),
        };
        let known = found(&run, operation, &narrow).await;
        assert!(!known.is_empty(), "{}: the tenant has no such thing", operation.name);
        if operation.is_paged() || operation.items.is_some() {
            assert!(has_items_for_one(&run, operation, &known).await, "{}: nothing anywhere", operation.name);
            continue;
        }
        let mut read = 0;
        for arguments in known.into_iter().take(3) {
            let last = operation.in_path.last().and_then(|name| Some((*name, arguments.get(*name)?.clone())));
            let Some(value) = answered(&run, operation, arguments).await else { continue };
            read += 1;
            if let Some((name, id)) = last.filter(|(name, _)| {
                *name != "slugId" && operation.path.ends_with('}') && value.get("id").is_some()
            }) {
                assert!(
                    [value.get(name), value.get("id"), value.get("riskId")].contains(&Some(&id)),
                    "{}: {value}",
                    operation.name
                );
            }
        }
        assert!(read > 0, "{}: none could be read", operation.name);
    }
}

async fn has_items_for_one(run: &Run, operation: &Operation, parents: &[Map<String, Value>]) -> bool {
    for parent in parents {
        if answered(run, operation, parent.clone()).await.is_some_and(|answer| answer["count"] != 0) {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn every_listed_tool_has_a_title_a_description_and_four_hints_that_fit_its_effect() {
    let run = Setup::default().start().await;
    let tools = run.client.list_all_tools().await.unwrap();
    let expected: BTreeSet<&str> = catalog::operations()
        .iter()
        .filter(|operation| !operation.deprecated)
        .map(|operation| operation.name)
        .chain(Findable::all().map(Findable::name).filter(|name| catalog::find(name).is_none()))
        .chain(["find_tools", "run_read_tool", "run_write_tool", "run_destroy_tool", "server_status"])
        .collect();
    assert_eq!(tools.iter().map(|tool| tool.name.as_ref()).collect::<BTreeSet<_>>(), expected);
    assert_eq!(tools.len(), expected.len(), "no name is listed twice");
    for tool in &tools {
        let operation = catalog::find(&tool.name);
        let written = match tool.name.as_ref() {
            "run_write_tool" => Effect::Write,
            "run_destroy_tool" => Effect::Publish,
            _ => Effect::Read,
        };
        let effect = operation.map_or(written, |operation| operation.effect);
        let title = tool.title.as_deref().unwrap_or_default();
        assert!(!title.trim().is_empty(), "{}", tool.name);
        assert!(tool.description.as_deref().is_some_and(|about| about.len() > 20), "{}", tool.name);
        assert_eq!(tool.input_schema["type"], "object", "{}", tool.name);
        let hints = tool.annotations.as_ref().unwrap();
        assert_eq!(hints.read_only_hint, Some(effect == Effect::Read), "{}", tool.name);
        let destroys =
            operation.map_or(effect.is_confirmed(), |known| known.most().is_confirmed() || known.overwrites);
        assert_eq!(hints.destructive_hint, Some(destroys), "{}", tool.name);
        assert_eq!(
            hints.idempotent_hint,
            Some(operation.map_or(effect == Effect::Read, |known| known.idempotent)),
            "{}",
            tool.name
        );
        let is_job = matches!(Findable::named(&tool.name), Some(Findable::Job(_)));
        let reaches_out = operation.is_some() || is_job || tool.name.starts_with("run_");
        assert_eq!(hints.open_world_hint, Some(reaches_out), "{}", tool.name);
    }
}

#[tokio::test]
async fn every_tool_that_a_description_names_is_there() {
    let run = Setup::default().start().await;
    let tools = run.client.list_all_tools().await.unwrap();
    let names: HashSet<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
    let verbs: HashSet<&str> = names.iter().filter_map(|name| Some(name.split_once('_')?.0)).collect();
    let mut mentioned = 0;
    for tool in &tools {
        let said = serde_json::to_string(tool).unwrap();
        let words = said.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for word in words.filter(|word| word.split_once('_').is_some_and(|(verb, _)| verbs.contains(verb))) {
            let callable = names.contains(word) || catalog::find(word).is_some();
            assert!(callable, "{} names {word}, which is not there", tool.name);
            mentioned += usize::from(word != tool.name);
        }
    }
    assert!(mentioned > 100, "the words were found: {mentioned}");
}

#[tokio::test]
async fn a_deprecated_tool_is_not_listed_and_can_be_called() {
    let run = Setup::default().start().await;
    let listed = run.names().await;
    let deprecated: Vec<&Operation> =
        catalog::operations().iter().filter(|operation| operation.deprecated).collect();
    assert!(!deprecated.is_empty());
    for operation in deprecated {
        assert!(!listed.iter().any(|name| name == operation.name), "{}", operation.name);
        run.value(operation.name, Value::Object(found(&run, operation, &json!({})).await.remove(0))).await;
    }
}

#[test]
fn the_samples_hold_what_an_encoder_can_get_wrong() {
    let operation = catalog::find("get_integration_resource").unwrap();
    let id = made(operation, Fill::Required)["resourceId"].as_str().unwrap().to_owned();
    assert!(
        ["/", "?", "#", "&", "%", "..", " ", "\u{e9}"].iter().all(|awkward| id.contains(awkward)),
        "{id}"
    );
    let all = made(catalog::find("update_vendor").unwrap(), Fill::Nulls);
    assert!(
        all.values().any(Value::is_null)
            && all.values().any(Value::is_object)
            && all.values().any(Value::is_array)
    );
    assert!(schema(operation)["required"].as_array().unwrap().contains(&json!("resourceId")));
}
