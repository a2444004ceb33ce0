//! Schemas of answers, as they are listed.

use serde_json::{Map, Value, json};

use super::tool::Tool;

/// The schema of a tool's answers as it is listed: of a job the members that are always there, of a list what every list has. It holds
/// for every form of an answer, and takes few tokens; the whole schema of a job is in `vanta-mcp://tools/{name}`.
pub fn answered(tool: Tool) -> Option<Map<String, Value>> {
    let members = match tool {
        Tool::Declared(operation) if operation.is_list() => of_lists(),
        Tool::Job(job) => at_the_top(&(job.output)()),
        Tool::Declared(_) | Tool::Written(_) => return None,
    };
    let object = [("type".to_owned(), json!("object")), ("properties".to_owned(), Value::Object(members))];
    Some(Map::from_iter(object))
}

fn of_lists() -> Map<String, Value> {
    let kinds = [("count", "integer"), ("nextCursor", "string")];
    kinds.into_iter().map(|(name, kind)| (name.to_owned(), json!({ "type": kind }))).collect()
}

/// The members that an answer always has, each with its type; without one where it may be null.
fn at_the_top(schema: &Map<String, Value>) -> Map<String, Value> {
    let members = schema.get("properties").and_then(Value::as_object);
    let always = schema.get("required").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let members = members
        .into_iter()
        .flatten()
        .filter(|(name, _)| always.iter().any(|one| one.as_str() == Some(name.as_str())));
    let members = members.map(|(name, member)| {
        let kind = member.get("type").and_then(Value::as_str);
        (name.clone(), kind.map_or_else(|| json!({}), |kind| json!({ "type": kind })))
    });
    members.collect()
}
