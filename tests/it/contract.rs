//! The catalog against a list of Vanta's operations, where one is at hand.
//!
//! The list is no part of this project. It is read from `VANTA_OPERATIONS`,
//! else from `../shared/vanta-api/operations.jsonl`: one JSON object a line
//! with `api`, `id`, `method`, `path`, `path_params`, `query`, `body`,
//! `multipart`, `response.kind` and `deprecated`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use vanta_mcp::catalog::{self, Api, Encoding, Known, Operation, Shape};

use crate::given;
use crate::harness::unchecked;

/// Where the catalog differs from the list on purpose: tool, what the list says, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "list_information_requests",
        r#"query parameters: ["changedSinceDate","segmentIdsMatchesAny"] here, ["changedSinceDate"] there"#,
        "The list is older than this filter; newer clients of Vanta's auditors have it.",
    ),
    (
        "set_vendor_status",
        r#"status: {"enum":["MANAGED","ARCHIVED","IN_PROCUREMENT"],"type":"string"} here, {"type":"string"} there"#,
        "The list types every part of a multipart body as a bare string; the three values are documented, and the same \
         as everywhere else a vendor's status is given.",
    ),
];

fn list() -> Option<Vec<Value>> {
    let path = std::env::var_os("VANTA_OPERATIONS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vanta-api/operations.jsonl"),
        PathBuf::from,
    );
    let Ok(text) = std::fs::read_to_string(&path) else {
        unchecked(
            "the catalog against Vanta's operations: no list of them was found. Name one with VANTA_OPERATIONS; \
             tests/it/contract.rs says what is in it",
        );
        return None;
    };
    let list: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!list.is_empty(), "the list of Vanta's operations is empty");
    Some(list)
}

fn key(operation: &Operation) -> (String, String, String) {
    (operation.api.to_string(), operation.method.as_str().to_owned(), operation.path.to_owned())
}

fn listed_key(entry: &Value) -> (String, String, String) {
    let text = |name: &str| entry[name].as_str().unwrap().to_owned();
    (text("api"), text("method"), text("path"))
}

#[test]
fn the_catalog_has_what_vanta_has() {
    let Some(list) = list() else { return };
    let listed: BTreeMap<_, _> = list.iter().map(|entry| (listed_key(entry), entry)).collect();
    let mut differences = Vec::new();
    let whole = |operation: &&Operation| operation.api != Api::Panel && operation.known == Known::Whole;
    for operation in catalog::operations().iter().filter(whole) {
        let Some(entry) = listed.get(&key(operation)) else {
            differences.push(format!("{}: Vanta has no such operation", operation.name));
            continue;
        };
        differences
            .extend(compare(operation, entry).into_iter().map(|what| format!("{}: {what}", operation.name)));
    }
    differences.retain(|difference| {
        !EXCEPTIONS.iter().any(|(tool, what, _)| *difference == format!("{tool}: {what}"))
    });
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn the_catalog_misses_nothing_that_vanta_has() {
    let Some(list) = list() else { return };
    let have: BTreeSet<_> = catalog::operations().iter().map(key).collect();
    let missing: Vec<_> = list.iter().map(listed_key).filter(|key| !have.contains(key)).collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
    let whole = catalog::operations().iter().filter(|operation| operation.known == Known::Whole);
    let (panel, vanta): (Vec<_>, Vec<_>) = whole.partition(|operation| operation.api == Api::Panel);
    assert_eq!(vanta.len(), list.len(), "each once");
    assert_eq!(panel.len(), 9, "the Panel's");
}

/// What a page says of an operation's place is inferred, so that nothing is offered that may not be there.
fn is_inferred(entry: &Value) -> bool {
    entry["unread"].as_array().into_iter().flatten().any(|what| what.as_str().unwrap().contains("(inferred)"))
}

/// Operations of which the pages show a part are held to that part, and what is not known of them is counted aloud.
#[test]
fn what_is_known_in_part_is_held_to_what_is_known() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vanta-api/operations-since.jsonl");
    let Ok(text) = std::fs::read_to_string(path) else {
        return unchecked("the operations that are known in part: no list of them was found");
    };
    let entries = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let entries: Vec<Value> = entries.filter(|entry| !is_inferred(entry)).collect();
    let in_part: BTreeMap<_, _> = catalog::operations()
        .iter()
        .filter(|operation| operation.known == Known::InPart)
        .map(|operation| (key(operation), operation))
        .collect();
    let listed: BTreeSet<_> = entries.iter().map(listed_key).collect();
    let have: BTreeSet<_> = in_part.keys().cloned().collect();
    assert_eq!(have, listed);
    let mut unread = 0;
    for entry in &entries {
        let operation = in_part[&listed_key(entry)];
        held_to_what_is_known(operation, entry);
        unread += entry["unread"].as_array().map_or(0, Vec::len);
    }
    let said =
        format!("KNOWN IN PART: {} operations, of which {unread} facts are not known\n", entries.len());
    std::io::Write::write_all(&mut std::io::stderr(), said.as_bytes()).unwrap();
}

fn held_to_what_is_known(operation: &Operation, entry: &Value) {
    let name = operation.name;
    let schema = given::schema(operation);
    assert_eq!(sorted(&operation.in_path), sorted(&strings(&entry["path_params"])), "{name}");
    for parameter in entry["query"].as_array().into_iter().flatten() {
        let parameter_name = parameter["name"].as_str().unwrap();
        let known = is_paging(parameter) && operation.shape == Shape::Page;
        assert!(known || operation.in_query.contains(&parameter_name), "{name}: {parameter_name}");
    }
    // A list whose query was not read is taken as a page, as all lists are.
    let takes_extra = operation.spread == Some("extra");
    let body = entry["body"]["properties"].as_object();
    for (member, wanted) in body.into_iter().flatten() {
        assert!(operation.in_body.contains(&member.as_str()), "{name}: {member}");
        let (ours, theirs) = (plain(&schema["properties"][member]), plain(wanted));
        assert_eq!(ours["type"], theirs["type"], "{name}: {member}");
        let inner = |form: &Value| {
            form["items"]["properties"].as_object().map(|all| all.keys().cloned().collect::<Vec<_>>())
        };
        for part in inner(&theirs).into_iter().flatten() {
            assert!(ours["items"]["properties"][&part].is_object(), "{name}: {member}[].{part}");
        }
    }
    let reads_body = operation.method != catalog::Method::Get;
    let is_unread = entry["unread"].to_string().contains("body");
    assert!(
        !(reads_body && is_unread && body.is_none()) || takes_extra,
        "{name}: what is not known of its body is taken under `extra`"
    );
}

fn compare(operation: &Operation, entry: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    let schema = given::schema(operation);
    let mut differ = |what: &str, ours: Value, theirs: Value| {
        if ours != theirs {
            differences.push(format!("{what}: {ours} here, {theirs} there"));
        }
    };
    differ(
        "path parameters",
        json!(sorted(&operation.in_path)),
        json!(sorted(&strings(&entry["path_params"]))),
    );
    let query: Vec<&Value> = entry["query"].as_array().unwrap().iter().filter(|q| !is_paging(q)).collect();
    let names: Vec<&str> = query.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
    differ("query parameters", json!(sorted(&operation.in_query)), json!(sorted(&names)));
    let paged = entry["query"].as_array().unwrap().iter().any(is_paging);
    differ("pages", json!(operation.shape == Shape::Page), json!(paged));
    if let Some(size) = entry["query"].as_array().unwrap().iter().find(|q| q["name"] == "pageSize") {
        // Where the list names no limit, the overview pages do.
        let most = size.get("maximum").cloned().unwrap_or(json!(100));
        differ("largest page", schema["properties"]["pageSize"]["maximum"].clone(), most);
    }
    differ("deprecated", json!(operation.deprecated), entry["deprecated"].clone());
    differ("multipart", json!(operation.form == Encoding::Multipart), entry["multipart"].clone());
    differ("binary", json!(operation.shape == Shape::File), json!(entry["response"]["kind"] == "binary"));
    // The binary part is the argument `file` everywhere, whatever the part is called.
    let empty = Map::new();
    let body = entry["body"]["properties"].as_object().unwrap_or(&empty);
    let part = body.iter().find(|(_, schema)| schema["format"] == "binary").map(|(name, _)| name.as_str());
    differ("file part", json!(operation.upload.as_ref().map(|upload| upload.part)), json!(part));
    let named = |name| if Some(name) == part { "file" } else { name };
    let required: Vec<&str> = operation.in_path.clone();
    let required_query = query.iter().filter(|q| q["required"] == true).filter_map(|q| q["name"].as_str());
    let required_body = strings(&entry["body"]["required"]).into_iter().map(named);
    let mut all: Vec<&str> = required.into_iter().chain(required_query).chain(required_body).collect();
    all.sort_unstable();
    differ("required", json!(sorted(&strings(&schema["required"]))), json!(all));
    for parameter in query {
        let name = parameter["name"].as_str().unwrap();
        differ(name, sent(operation, name, &schema["properties"][name]), plain(parameter));
    }
    let names: Vec<&str> = body.keys().map(String::as_str).filter(|name| Some(*name) != part).collect();
    differ("body properties", json!(sorted(&operation.in_body)), json!(sorted(&names)));
    for name in names {
        differ(name, sent(operation, name, &schema["properties"][name]), plain(&body[name]));
    }
    differences
}

/// A parameter as it is sent. What the API wants as a text that holds JSON, a list with commas or a word for yes and no
/// is a real value in the schema and a text on the wire.
fn sent(operation: &Operation, name: &str, schema: &Value) -> Value {
    let as_text = operation.as_json.contains(&name) || operation.as_commas.contains(&name);
    let flag = operation.form == Encoding::Multipart && schema["type"] == "boolean";
    if as_text || flag { json!({ "type": "string" }) } else { plain(schema) }
}

fn is_paging(parameter: &Value) -> bool {
    parameter["name"] == "pageSize" || parameter["name"] == "pageCursor"
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn sorted(names: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    names.sort_unstable();
    names
}

/// A schema in one form for both sides, to its full depth: kind, allowed values, nullability, entries, properties.
/// Words, limits and formats are ours to choose; an open enumeration is a string.
fn plain(schema: &Value) -> Value {
    let mut form = Map::new();
    let mut nullable = schema["nullable"] == true;
    let mut choices: Vec<&Value> =
        ["anyOf", "oneOf"].iter().flat_map(|word| schema[word].as_array().into_iter().flatten()).collect();
    choices.retain(|choice| {
        nullable |= choice["type"] == "null";
        choice["type"] != "null"
    });
    if let [only] = choices.as_slice()
        && let Value::Object(inner) = plain(only)
    {
        form = inner;
    } else if !choices.is_empty() {
        let open = choices.iter().all(|choice| choice["type"] == "string");
        let forms: Vec<Value> = choices.into_iter().map(plain).collect();
        form.insert("any".to_owned(), if open { json!("string") } else { Value::Array(forms) });
        if open {
            form = Map::from_iter([("type".to_owned(), json!("string"))]);
        }
    }
    match &schema["type"] {
        Value::String(kind) => {
            form.insert("type".to_owned(), json!(kind));
        }
        Value::Array(kinds) => {
            nullable |= kinds.iter().any(|kind| kind == "null");
            form.insert(
                "type".to_owned(),
                kinds.iter().find(|kind| *kind != "null").cloned().unwrap_or_default(),
            );
        }
        _ => {}
    }
    if let Some(values) = schema["enum"].as_array() {
        // An enumeration of texts that does not say so.
        form.entry("type").or_insert(json!("string"));
        form.insert("enum".to_owned(), values.iter().filter(|value| !value.is_null()).cloned().collect());
    }
    if schema["items"].is_object() {
        form.insert("items".to_owned(), plain(&schema["items"]));
    }
    if let Some(properties) = schema["properties"].as_object() {
        let inner = properties.iter().map(|(name, property)| (name.clone(), plain(property))).collect();
        form.insert("properties".to_owned(), Value::Object(inner));
        form.insert("required".to_owned(), json!(sorted(&strings(&schema["required"]))));
    }
    if nullable {
        form.insert("nullable".to_owned(), json!(true));
    }
    Value::Object(form)
}
