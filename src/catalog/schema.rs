//! The JSON Schema of a tool's arguments: what a person writes under `tools/`, in the words that every model's API takes.
//!
//! Those are the words that Anthropic, OpenAI, Gemini (`parameters` of a function declaration) and Bedrock (Amazon Nova
//! among its models) have in common: no list of types, no null, nothing beside `anyOf`, no
//! `additionalProperties`, of the formats `date-time` alone. What a tool takes is checked more strictly than this says: see `arguments` in the room `api`.

use serde_json::{Map, Value, json};

use super::members;

/// More endings than this are not worth their tokens: a refusal names them all.
const MANY: usize = 8;

pub fn file(accepts: &[String]) -> Value {
    let text = |about: &str| json!({ "type": "string", "minLength": 1, "description": about });
    let accepted = if accepts.len() > MANY {
        "the usual office, text, image, certificate and archive files".to_owned()
    } else {
        accepts.join(", ")
    };
    let about = format!(
        "Path of a local file in a folder that the operator allowed, or the file itself as {{name, base64}}. Accepted: {accepted}."
    );
    json!({
        "anyOf": [text(&about), {
            "type": "object",
            "properties": { "name": text("File name with its ending."), "base64": text("Content in base64.") },
            "required": ["name", "base64"],
        }],
    })
}

pub fn folder() -> Value {
    json!({
        "type": "string", "minLength": 1,
        "description": "Folder to save into: one that the operator allowed, or one below it. If omitted, a small \
         text, CSV, JSON or image is returned in the answer; anything else is saved in the first allowed folder.",
    })
}

/// The most items on a page, as the overview pages of Vanta's APIs have it.
pub const LARGEST_PAGE: u16 = 100;

/// The arguments of a list beside its filters, each with its name. `most` is the largest page; none where the whole list
/// comes at once and is cut into pages here. What their names say, and the server's instructions say of all lists, is not
/// said in each: all schemas together are most of what a list of tools costs.
pub fn of_list(most: Option<u16>, show: &[String], members: &str) -> Vec<(&'static str, Value)> {
    let page_size = match most {
        Some(most) => {
            json!({ "type": "integer", "minimum": 1, "maximum": most, "description": "Default 50." })
        }
        None => json!({ "type": "integer", "minimum": 1, "description": "Default: all that fit." }),
    };
    let flag = json!({ "type": "boolean" });
    vec![
        ("pageSize", page_size),
        ("pageCursor", json!({ "type": "string", "description": "nextCursor of the previous page." })),
        ("all", flag.clone()),
        ("maxItems", json!({ "type": "integer", "minimum": 1 })),
        ("countOnly", flag),
        ("groupBy", json!({ "type": "string" })),
        ("jq", json!({ "type": "string", "description": jq(show, members) })),
        ("format", json!({ "type": "string", "enum": ["json", "table"] })),
        ("maxChars", json!({ "type": "integer", "minimum": LEAST_CHARS })),
    ]
}

/// The least that an answer may be cut to, in characters.
const LEAST_CHARS: u32 = 1000;

/// What is said of `jq`, with examples of the tool's own fields.
fn jq(show: &[String], members: &str) -> String {
    let known: Vec<&str> = match show {
        [] => members::outermost(members).map(|(name, _)| name).collect(),
        show => show.iter().map(String::as_str).collect(),
    };
    let last = |field: &str| field.rsplit('.').next().unwrap_or(field).to_lowercase();
    let find = |wanted: &[&str]| {
        wanted.iter().find_map(|wanted| known.iter().find(|field| last(field).ends_with(wanted)).copied())
    };
    let name = find(&["name", "title", "display", "domain", "question", "id"]).unwrap_or("id");
    let kind = find(&["status", "severity", "level", "source", "category", "type", "plan"]).unwrap_or(name);
    let open = known.iter().find(|field| field.contains("wner")).copied();
    let open = open.or_else(|| find(&["date", "at", "emailaddress"])).unwrap_or(kind);
    format!("On all items: map(select(.{open}==null)), sort_by(.{name}), group_by(.{kind})|map(length)")
}

/// The argument that chooses an item's fields.
pub fn fields(show: &[String], members: &str) -> Value {
    let usual = if show.is_empty() { "all".to_owned() } else { show.join(", ") };
    let others = members::others(members, show);
    let about = match (show, others.as_slice()) {
        ([], []) => "Default: all.".to_owned(),
        ([], all) => format!("Default: all: {}.", all.join(", ")),
        (_, []) => format!("Default: {usual}."),
        (_, others) => format!("* for all. Default: {usual}. Others: {}.", others.join(", ")),
    };
    json!({ "type": "array", "items": { "type": "string" }, "description": about })
}

/// A filter of a list that is filtered here.
pub fn here(name: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "description": format!("Only this {name}.") })
}

/// The argument of a read that may be answered by what was read a moment ago.
pub fn fresh() -> Value {
    json!({ "type": "boolean" })
}

/// The argument `confirmation`.
pub fn confirmation() -> Value {
    json!({ "type": "string", "description": "The preview's `confirmation`, copied." })
}

/// The argument `confirm` for a target that is an argument, or a member of each entry of one; `raised` names the arguments
/// without which nothing is to be confirmed.
pub fn confirm(argument: &str, each: Option<&str>, raised: Option<&str>) -> Value {
    let why = match raised {
        None => "Without it and `confirmation` the answer is a preview.".to_owned(),
        Some(names) => format!("Asked for by a preview, which some values of {names} are answered with."),
    };
    match each {
        None => json!({
            "type": "string",
            "description": format!("Repeat {argument} exactly to carry it out. {why}"),
        }),
        Some(member) => {
            let what =
                if member.is_empty() { argument.to_owned() } else { format!("every {member} of {argument}") };
            json!({
                "type": "array",
                "items": { "type": "string" },
                "description": format!("Repeat {what} exactly to carry it out. {why}"),
            })
        }
    }
}

/// The format that a schema keeps: the others are not known to every model's API.
const MOMENT: &str = "date-time";

/// Turns what a person writes into what a client is shown: every enumeration says that it is of texts, and nothing stands
/// beside `anyOf`. Where `nullable` stood, `at` is put among the paths that may be null.
pub fn finish(schema: Value, at: &str, nullable: &mut Vec<String>) -> Value {
    let Value::Object(mut schema) = schema else { return schema };
    if schema.remove("nullable") == Some(Value::Bool(true)) {
        nullable.push(at.to_owned());
    }
    if schema.get("format").is_some_and(|format| format != MOMENT) {
        schema.remove("format");
    }
    if schema.contains_key("enum") {
        schema.entry("type").or_insert_with(|| json!("string"));
    }
    if let Some(inner) = schema.remove("items") {
        schema.insert("items".to_owned(), finish(inner, &format!("{at}[]"), nullable));
    }
    if let Some(Value::Object(properties)) = schema.remove("properties") {
        let inside = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        let finished: Map<_, _> = properties
            .into_iter()
            .map(|(name, inner)| {
                let finished = finish(inner, &inside(&name), nullable);
                (name, finished)
            })
            .collect();
        schema.insert("properties".to_owned(), Value::Object(finished));
    }
    if let Some(Value::Array(choices)) = schema.remove("anyOf") {
        let forms = choices.into_iter().map(|choice| finish(choice, at, nullable)).collect();
        return alone(schema.get("description").and_then(Value::as_str), forms);
    }
    Value::Object(schema)
}

/// Forms with nothing beside them: what is said of all of them stands in the first.
fn alone(about: Option<&str>, mut forms: Vec<Value>) -> Value {
    if let (Some(about), Some(Value::Object(first))) = (about, forms.first_mut()) {
        first.insert("description".to_owned(), json!(about));
    }
    json!({ "anyOf": forms })
}
