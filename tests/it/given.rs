//! Arguments for any operation: made from its schema, or found in the tenant.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use vanta_mcp::catalog::nullable::with_nulls;
use vanta_mcp::catalog::{self, Confirmation, Known, Method, Operation, Shape};

use crate::harness::{Run, text};

/// What means something in a URL, and a letter beyond ASCII.
const AWKWARD: &str = "../a/b?c=d&e#f g+h%2e;\u{e9}";

/// The same without what no id of Vanta's own holds, and without what would make it a name.
const AWKWARD_ID: &str = "a.b&c=d;e:f,g+h";

/// Which of the arguments are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    Required,
    All,
    /// All, with null where null is allowed.
    Nulls,
}

/// The schema of an operation's arguments.
pub fn schema(operation: &Operation) -> Value {
    with_nulls(serde_json::from_str(operation.schema.get()).unwrap(), &operation.nullable)
}

/// Arguments that fit the schema, and the right `confirm`.
pub fn made(operation: &Operation, fill: Fill) -> Map<String, Value> {
    let Value::Object(mut arguments) = sample("", &schema(operation), fill) else {
        panic!("{}", operation.name)
    };
    arguments.remove("confirm");
    arguments.remove("confirmation");
    for name in operation.in_path.iter().filter(|name| !operation.foreign_ids.contains(name)) {
        let id = arguments.get_mut(*name).unwrap();
        if id.as_str().unwrap().contains(AWKWARD) {
            *id = json!(awkward_id(name));
        }
    }
    for from in &operation.values_from {
        match arguments.get_mut(from.argument) {
            Some(Value::Array(all)) => *all = vec![json!(awkward_id(from.argument)), json!("x")],
            Some(id) if id.is_string() => *id = json!(awkward_id(from.argument)),
            _ => {}
        }
    }
    for name in &operation.days {
        if let Some(day) = arguments.get_mut(*name) {
            *day = json!("2027-03-04");
        }
    }
    // Fields that do not exist are refused.
    if operation.known == Known::Whole && arguments.contains_key("fields") {
        arguments.insert("fields".to_owned(), json!(["*"]));
        arguments.remove("groupBy");
    }
    // A program stands beside no count, and a count may check its filters.
    if operation.is_list() {
        arguments.remove("jq");
        arguments.remove("countOnly");
        if operation.shape == Shape::List && arguments.contains_key("pageCursor") {
            arguments.insert("pageCursor".to_owned(), json!("1@"));
        }
    }
    // Where a file goes is this machine's matter and sends nothing.
    if operation.shape == Shape::File {
        arguments.remove("folder");
    }
    if operation.upload.is_some() {
        let (name, content) = sample_file(operation);
        arguments.insert("file".to_owned(), json!({"name": name, "base64": STANDARD.encode(content)}));
    }
    if let Some(confirmation) = &operation.confirmation {
        arguments.insert("confirm".to_owned(), confirm(confirmation, &arguments));
    }
    arguments
}

fn awkward_id(name: &str) -> String {
    format!("{AWKWARD_ID}-{}", name.to_lowercase())
}

/// A small file of a kind that the operation accepts.
pub fn sample_file(operation: &Operation) -> (String, Vec<u8>) {
    let ending = operation.upload.as_ref().unwrap().accepts[0];
    let content: &[u8] = match ending {
        "pdf" => b"%PDF-1.4\n\xff binary \0 content",
        "png" => b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "ico" => b"\0\0\x01\0\x01\0\x10\x10",
        "xlsx" => b"PK\x03\x04\x14\0\x06\0rest",
        other => panic!("no sample of {other}"),
    };
    (format!("sample \"1\" \u{e9}.{ending}").replace('"', ""), content.to_vec())
}

/// What `confirm` has to be for these arguments.
pub fn confirm(confirmation: &Confirmation<'_>, arguments: &Map<String, Value>) -> Value {
    let target = &arguments[confirmation.argument];
    match confirmation.each {
        None | Some("") => target.clone(),
        Some(member) => target.as_array().unwrap().iter().map(|entry| entry[member].clone()).collect(),
    }
}

/// A value that fits a schema, different for each name.
fn sample(name: &str, schema: &Value, fill: Fill) -> Value {
    if let Some(forms) = schema["anyOf"].as_array() {
        let (null, values): (Vec<_>, Vec<_>) = forms.iter().partition(|form| form["type"] == "null");
        if fill == Fill::Nulls && !null.is_empty() {
            return Value::Null;
        }
        let choice = if fill == Fill::All { values.last() } else { values.first() };
        return sample(name, choice.unwrap(), fill);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|all| all.first()) {
        return first.clone();
    }
    let least = schema["minimum"].as_u64().unwrap_or(0);
    let number = (name.len() as u64).clamp(least, schema["maximum"].as_u64().unwrap_or(u64::MAX));
    match schema["type"].as_str().unwrap() {
        "string" if schema["format"] == "date-time" => json!("2027-03-04T05:06:07.008Z"),
        "string" => json!(format!("{AWKWARD} {name}")),
        "integer" => json!(number),
        "number" => json!(0.5),
        "boolean" => json!(name.len().is_multiple_of(2)),
        "array" => (0..2).map(|index| sample(&format!("{name}.{index}"), &schema["items"], fill)).collect(),
        "object" => object(name, schema, fill),
        other => panic!("{name}: no sample of {other}"),
    }
}

fn object(name: &str, schema: &Value, fill: Fill) -> Value {
    let Some(properties) = schema["properties"].as_object() else {
        return json!({"quota": 5, "tags": ["a", null], "deep": {"b": false}});
    };
    let required =
        |property: &String| schema["required"].as_array().is_some_and(|all| all.contains(&json!(property)));
    let wanted = properties.iter().filter(|(property, _)| fill != Fill::Required || required(property));
    let members = wanted
        .map(|(property, inner)| (property.clone(), sample(&format!("{name}.{property}"), inner, fill)));
    Value::Object(members.collect())
}

/// Lists that do not stand at the path of what they list.
const ELSEWHERE: [(&str, &str); 5] = [
    ("/v1/audits/{auditId}/evidence/{auditEvidenceId}/comments", "list_audit_comments"),
    ("/v1/audits/{auditId}/personnel/account-access", "list_audit_access_services"),
    ("/v1/audits/{auditId}/risks", "list_audit_risk_snapshots"),
    ("/v1/knowledge-base/resources/documents", "list_knowledge_resources"),
    ("user", "list_panel_accounts"),
];

/// What no list answers: the name of the company's Trust Center, and a word of an enumeration.
const KNOWN: [(&str, &str); 2] = [("slugId", "quillmere"), ("productContextId", "EXTERNAL_TRUST_CENTER")];

/// Real values for what names the target of an operation, found by listing what stands before each of them.
///
/// `narrow` are further arguments of the lists that take them.
pub async fn found(run: &Run, operation: &Operation, narrow: &Value) -> Vec<Map<String, Value>> {
    if operation.in_query.contains(&"user") {
        return children(run, "user", "user", &Map::new(), narrow).await;
    }
    let mut found = vec![Map::new()];
    if operation.in_query.contains(&"resourceId") || operation.in_body.contains(&"resourceId") {
        // The id of a pushed kind of resources is the integration's own; the tenant's are called after the kind.
        let kind = operation.path.rsplit('/').next().unwrap().replace('_', "-");
        found[0].insert("resourceId".to_owned(), json!(format!("demo-{kind}")));
    }
    if operation.name == "get_questionnaire_export" {
        return vec![exported(run).await];
    }
    let segments: Vec<&str> = operation.path.split('/').collect();
    for (index, segment) in segments.iter().enumerate() {
        let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { continue };
        let list = segments[..index].join("/");
        if let Some((_, value)) = KNOWN.iter().find(|(known, _)| *known == name) {
            for one in &mut found {
                one.insert(name.to_owned(), json!(value));
            }
            continue;
        }
        let mut next = Vec::new();
        for parent in &found {
            next.extend(children(run, &list, name, parent, narrow).await);
            if next.len() > 200 {
                break;
            }
        }
        found = next;
    }
    if operation.path.contains("/mappings/") && operation.foreign_ids.is_empty() {
        by_object_id(run, &mut found).await;
    }
    found
}

/// What risks are mapped to goes by their object ids, which the answer about a single risk alone shows.
async fn by_object_id(run: &Run, found: &mut [Map<String, Value>]) {
    for one in found {
        let mut risk = run.value("get_risk_scenario", Value::Object(one.clone())).await;
        one.insert("riskScenarioId".to_owned(), risk["id"].take());
    }
}

/// What a read answers; nothing where the tenant says that this parent is not of the kind that has it: some lists are
/// there for audits with the wider view, or with a single segment, alone, and not every document was evaluated.
pub async fn answered(run: &Run, operation: &Operation, arguments: Map<String, Value>) -> Option<Value> {
    let result = run.result(operation.name, Value::Object(arguments)).await;
    if result.is_error != Some(true) {
        return Some(result.structured_content.expect("structured content"));
    }
    let told = text(&result);
    let lacking: &[&str] = if operation.path.starts_with("/v1/audits/") {
        &["answered 403", "answered 422"]
    } else if operation.path.ends_with("/evaluation") {
        &["answered 404", "answered 422"]
    } else {
        &[]
    };
    assert!(lacking.iter().any(|status| told.contains(status)), "{told}");
    None
}

/// An export that was just asked for, since nothing lists them.
async fn exported(run: &Run) -> Map<String, Value> {
    let questionnaires = json!({"statusMatchesAny": ["COMPLETE", "APPROVED"]});
    let questionnaire = run.value("list_questionnaires", questionnaires).await["items"][0]["id"].take();
    let create = catalog::find("create_questionnaire_export").unwrap();
    let mut arguments = made(create, Fill::Required);
    arguments.insert("questionnaireId".to_owned(), questionnaire);
    let export = run.value(create.name, Value::Object(arguments)).await;
    Map::from_iter([("id".to_owned(), export["id"].clone())])
}

/// The parent's arguments with the id of each of its children in the list at `path`.
async fn children(
    run: &Run,
    path: &str,
    name: &str,
    parent: &Map<String, Value>,
    narrow: &Value,
) -> Vec<Map<String, Value>> {
    let elsewhere =
        ELSEWHERE.iter().find(|(here, _)| *here == path).and_then(|(_, tool)| catalog::find(tool));
    let at_path = || catalog::operations().iter().find(|one| one.method == Method::Get && one.path == path);
    let list = elsewhere.or_else(at_path).unwrap_or_else(|| panic!("nothing lists {path}"));
    let takes = |name: &str| list.in_path.contains(&name) || list.in_query.contains(&name);
    let both = parent.iter().chain(narrow.as_object().into_iter().flatten());
    let mut arguments: Map<_, _> =
        both.filter(|(name, _)| takes(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    if list.is_paged() {
        arguments.insert("pageSize".to_owned(), json!(100));
    }
    if list.is_list() {
        arguments.insert("format".to_owned(), json!("json"));
    }
    if path.ends_with("/resources/documents") {
        arguments.insert("typeMatchesAny".to_owned(), json!(["FILE"]));
    }
    let Some(answer) = answered(run, list, arguments).await else { return Vec::new() };
    let items = answer["items"].as_array().unwrap_or_else(|| panic!("{}: {answer}", list.name));
    // Where a list is wider than the parent, its items say where they belong.
    let belongs = |item: &&Value| parent.iter().all(|(name, id)| item.get(name).is_none_or(|its| its == id));
    let child = |item: &Value| {
        let places = ["id", name, "riskId"];
        let id = places.iter().find_map(|place| item.get(place));
        let id = id.unwrap_or_else(|| panic!("{}: {item}", list.name));
        parent
            .iter()
            .map(|(name, id)| (name.clone(), id.clone()))
            .chain([(name.to_owned(), id.clone())])
            .collect()
    };
    items.iter().filter(belongs).map(child).collect()
}
