//! The argument `export` of a list, which writes the list into a file.
//!
//! It is offered only where a folder is open for files, so it is not in the schemas that the catalog holds: it would cost
//! everybody else its tokens. A call that has it is checked all the same, and refused with what to do.

use serde_json::{Map, Value, json};

/// The argument's name.
pub const EXPORT: &str = "export";

/// What its member `format` can be.
pub const EXPORT_FORMATS: [&str; 2] = ["jsonl", "csv"];

/// Whether a call asks for a file.
#[must_use]
pub fn asks_for_export(arguments: &Value) -> bool {
    arguments.get(EXPORT).is_some_and(|export| !export.is_null())
}

/// The properties of a list's schema with the argument among them.
pub fn add_export(properties: &mut Map<String, Value>) {
    let argument = json!({
        "type": "object",
        "properties": {
            "format": { "type": "string", "enum": EXPORT_FORMATS },
            "name": { "type": "string", "minLength": 1, "description": "File name." },
        },
        "required": ["format"],
        "description": "Write all items to a file.",
    });
    properties.insert(EXPORT.to_owned(), argument);
}

/// The same for a whole schema.
#[must_use]
pub fn with_export(mut schema: Value) -> Value {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        add_export(properties);
    }
    schema
}
