//! Schemas of operations, as they are offered.

use serde_json::{Map, Value};

use crate::api::Clients;
use crate::catalog::export::add_export;
use crate::catalog::{Operation, TRUST_CENTER};
use crate::files::Folders;

/// The schema of an operation's arguments as it is offered: what the settings name may be left out, and a list can be
/// exported where a folder is open, and over HTTP.
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

/// Whether an operation answers a list, and there is somewhere to write it.
fn can_export(operation: &Operation, folders: &Folders) -> bool {
    operation.is_list() && folders.take_exports()
}

/// Whether the settings name what an operation is about.
fn is_filled_in(operation: &Operation, clients: &Clients) -> bool {
    operation.is_of_trust_center() && clients.trust_center().is_some()
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
                    "type": "string", "enum": ["read", "write", "publish", "destroy"],
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
