//! Schemas from types.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value};

use crate::api::Clients;
use crate::catalog::export::add_export;
use crate::catalog::{Operation, TRUST_CENTER};
use crate::files::Folders;

/// The schema of a type as a model is shown it: descriptions from the comments of its members, nothing for Rust alone.
pub fn of<T: JsonSchema>() -> Map<String, Value> {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let settings = settings.with_transform(RecursiveTransform(for_models));
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    // What the tool is for is said in its own description.
    schema.remove("description");
    let mut members = std::mem::take(schema.ensure_object());
    // Some clients look for it where there are none.
    members.entry("properties").or_insert_with(|| Value::Object(Map::new()));
    members
}

/// The schema of an operation's arguments as it is offered: what the settings name may be left out, and a list can be
/// exported where a folder is open.
pub fn offered(operation: &Operation, clients: &Clients, folders: &Folders) -> Map<String, Value> {
    let mut schema: Map<String, Value> = serde_json::from_str(operation.schema.get()).unwrap_or_default();
    if is_filled_in(operation, clients)
        && let Some(Value::Array(required)) = schema.get_mut("required")
    {
        required.retain(|name| name != TRUST_CENTER);
    }
    if can_export(operation, folders)
        && let Some(Value::Object(properties)) = schema.get_mut("properties")
    {
        add_export(properties);
    }
    schema
}

/// Whether the schema is offered as it stands in the catalog.
pub fn is_of_catalog(operation: &Operation, clients: &Clients, folders: &Folders) -> bool {
    !is_filled_in(operation, clients) && !can_export(operation, folders)
}

/// Whether an operation answers a list, and there is a folder to write it into.
fn can_export(operation: &Operation, folders: &Folders) -> bool {
    operation.is_list() && folders.are_open()
}

/// Whether the settings name what an operation is about.
fn is_filled_in(operation: &Operation, clients: &Clients) -> bool {
    operation.is_of_trust_center() && clients.trust_center().is_some()
}

/// Takes out what says nothing to a model (names and number formats of Rust, that what may be left out may be null), and
/// the words that not every model's API takes.
fn for_models(schema: &mut Schema) {
    schema.remove("title");
    schema.remove("format");
    let or_null = schema.get("type").and_then(Value::as_array).cloned();
    if let Some(mut kinds) = or_null {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            schema.insert("type".to_owned(), only.clone());
        }
    }
    schema.remove("default");
    // Not every model's API takes it. That a tool takes no other members is checked all the same.
    schema.remove("additionalProperties");
    // A member that a comment spreads over several lines is one paragraph.
    if let Some(text) = schema.get("description").and_then(Value::as_str) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        schema.insert("description".to_owned(), Value::from(text));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::tools::written::WRITTEN;

    fn input(name: &str) -> serde_json::Value {
        let written = WRITTEN.iter().find(|written| written.spec().name == name).unwrap();
        json!((written.spec().input)())
    }

    #[test]
    fn a_schema_holds_what_a_model_needs_and_nothing_else() {
        let run = json!({
            "type": "object",
            "properties": {
                "tool": {"type": "string", "minLength": 1, "description": "Name of the tool, from find_tools."},
                "arguments": {
                    "type": "object",
                    "description": "Its arguments, as its input schema defines them; omit if none."
                }
            },
            "required": ["tool"]
        });
        assert_eq!(input("run_read_tool"), run);
        assert_eq!(input("run_write_tool"), run);
        let none = json!({"type": "object", "properties": {}});
        assert_eq!(input("server_status"), none);
        let find = json!({
            "type": "object",
            "properties": {
                "query": {
                    "type": "string", "minLength": 1, "maxLength": 500,
                    "description": "The task in a few words, e.g. who has not finished training; or a tool's name."
                },
                "area": {
                    "type": "string", "minLength": 1, "maxLength": 64,
                    "description": "An area to list, or with query to search in: audits, connectors, controls, documents, information-requests, integrations, knowledge, organization, panel, people, questionnaires, risk, tests, trust-center, vendors, vulnerabilities."
                },
                "api": {
                    "type": "string", "enum": ["manage", "audit", "connectors", "panel"],
                    "description": "Only this API: manage is compliance, audit for audit firms, connectors for integrations that push data, panel web hosting."
                },
                "effect": {
                    "type": "string", "enum": ["read", "write", "destroy"],
                    "description": "Only this effect: read changes nothing, destroy deletes or removes."
                },
                "limit": {
                    "type": "integer", "minimum": 1, "maximum": 20,
                    "description": "Maximum number of tools; default 3."
                }
            }
        });
        assert_eq!(input("find_tools"), find);
    }

    #[test]
    fn what_a_written_tool_uses_is_in_the_catalog() {
        use crate::tools::Uses;
        for written in WRITTEN {
            if let Uses::Operations(names) = written.spec().uses {
                for name in names {
                    assert!(crate::catalog::find(name).is_some(), "{name}");
                }
            }
        }
    }
}
