//! The schemas that a client is shown, in the words that every model's API takes.
//!
//! Where a word is not in one of them, a client that hands schemas on as they are gets an error for the whole request:
//! Gemini's `Schema` has no `additionalProperties`, no list of types and of the formats of texts `date-time` alone
//! (ai.google.dev/api/caching, `Schema`); Amazon Nova takes `type`, `properties` and `required` alone at the top
//! (Amazon Nova's user guide, "Defining a tool"); OpenAI and Anthropic take all of these.

use serde_json::Value;

use crate::harness::Setup;

/// The words of a schema below the top.
const WORDS: [&str; 13] = [
    "type",
    "description",
    "properties",
    "required",
    "items",
    "enum",
    "anyOf",
    "format",
    "minItems",
    "maxItems",
    "minLength",
    "minimum",
    "maximum",
];

/// And of one that takes text, where a limit was found.
const OF_TEXT: &str = "maxLength";

const TYPES: [&str; 6] = ["string", "integer", "number", "boolean", "array", "object"];

/// What is wrong with a schema, each with its place.
fn wrong(at: &str, schema: &Value, found: &mut Vec<String>) {
    let Some(words) = schema.as_object() else {
        found.push(format!("{at} is no object"));
        return;
    };
    let mut say = |what: &str| found.push(format!("{at}: {what}"));
    for word in words.keys().filter(|word| !WORDS.contains(&word.as_str()) && *word != OF_TEXT) {
        say(&format!("the word {word}"));
    }
    let kind = words.get("type").map(|kind| kind.as_str().filter(|kind| TYPES.contains(kind)));
    match (kind, words.contains_key("anyOf")) {
        (Some(None), _) => say("`type` is not one type"),
        (None, false) => say("neither `type` nor `anyOf`"),
        _ => {}
    }
    // Vertex AI: "When using any_of, it must be the only field set."
    if words.contains_key("anyOf") && words.len() > 1 {
        say("something beside `anyOf`");
    }
    let kind = kind.flatten().unwrap_or_default();
    if let Some(values) = words.get("enum") {
        let texts = values.as_array().is_some_and(|all| {
            !all.is_empty() && all.iter().all(|value| value.as_str().is_some_and(|text| !text.is_empty()))
        });
        if !texts || kind != "string" {
            say("an enumeration that is not of texts, or does not say so");
        }
    }
    if (kind == "array") != words.contains_key("items") {
        say("`items` belongs to a list, and every list has it");
    }
    if words.contains_key("properties") && kind != "object" {
        say("`properties` of what is no object");
    }
    if words.get("format").is_some_and(|format| format != "date-time" || kind != "string") {
        say("a format that is not date-time");
    }
    for name in words.get("required").and_then(Value::as_array).into_iter().flatten() {
        if !words["properties"].as_object().is_some_and(|known| known.contains_key(name.as_str().unwrap())) {
            say("requires what it does not have");
        }
    }
    for (name, inner) in words.get("properties").and_then(Value::as_object).into_iter().flatten() {
        wrong(&format!("{at}.{name}"), inner, found);
    }
    if let Some(entries) = words.get("items") {
        wrong(&format!("{at}[]"), entries, found);
    }
    for form in words.get("anyOf").and_then(Value::as_array).into_iter().flatten() {
        wrong(&format!("{at}|"), form, found);
    }
}

#[tokio::test]
async fn every_schema_is_in_words_that_every_model_takes() {
    let run = Setup::default().start().await;
    let tools = run.client.list_all_tools().await.unwrap();
    assert!(tools.len() > 300, "{}", tools.len());
    let mut found = Vec::new();
    for tool in tools {
        let top: Vec<&str> = tool.input_schema.keys().map(String::as_str).collect();
        if top.iter().any(|word| !["type", "properties", "required"].contains(word)) {
            found.push(format!("{}: {top:?} at the top", tool.name));
        }
        // Clients put the server's name before it, and OpenAI takes 64 in all.
        if tool.name.len() > 39 {
            found.push(format!("{}: {} characters", tool.name, tool.name.len()));
        }
        wrong(&tool.name, &Value::Object((*tool.input_schema).clone()), &mut found);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn what_is_not_taken_everywhere_is_found() {
    use serde_json::json;
    for schema in [
        json!({"type": ["string", "null"]}),
        json!({"type": "string", "enum": ["A", null]}),
        json!({"enum": ["A"]}),
        json!({"type": "array"}),
        json!({"type": "object", "properties": {}, "additionalProperties": false}),
        json!({"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string", "format": "uuid"}}}}),
        json!({"anyOf": [{"type": "string"}, {"const": 5}]}),
        json!({"type": "object", "properties": {}, "required": ["a"]}),
        json!({"description": "Anything."}),
        json!({"description": "A.", "anyOf": [{"type": "string"}, {"type": "object"}]}),
        json!({"anyOf": [{"type": "string"}, {"type": "null"}]}),
    ] {
        let mut found = Vec::new();
        wrong("t", &schema, &mut found);
        assert!(!found.is_empty(), "{schema}");
    }
}

#[tokio::test]
async fn more_tools_than_some_clients_take_are_warned_of() {
    let all = Setup::default().start().await;
    let status = all.value("server_status", serde_json::json!({})).await;
    let told = status["warnings"].to_string();
    assert!(told.contains("at most 128") && told.contains("find_tools"), "{status}");
    assert!(all.log().await.contains("at most 128"));
    // Whoever looks at the list of tools serves nobody.
    let shown = crate::cli::run(&["tools", "--demo", "--toolsets", "all"]).await;
    assert!(shown.code == Some(0) && !shown.stderr.contains("128"), "{}", shown.stderr);
    let few = Setup::default().with("VANTA_MCP_TOOLSETS", "default").start().await;
    let status = few.value("server_status", serde_json::json!({})).await;
    assert_eq!(status["warnings"], Value::Null, "{status}");
}
