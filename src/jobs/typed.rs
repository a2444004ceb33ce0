//! Arguments and answers as types: the schema that a model is shown, and the arguments as the type that it was made of.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::api::arguments::ArgumentsError;

/// The arguments of a tool that takes none.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoArguments {}

/// The schema of arguments as a model is shown it: descriptions from the comments of its members, nothing for Rust alone.
pub fn schema_of<T: JsonSchema>() -> Map<String, Value> {
    schema_with::<T>(SchemaSettings::draft2020_12(), RecursiveTransform(for_models))
}

/// The same of an answer, which may leave out a member that is not written where it is empty.
pub fn answer_schema_of<T: JsonSchema>() -> Map<String, Value> {
    schema_with::<T>(SchemaSettings::draft2020_12().for_serialize(), RecursiveTransform(for_clients))
}

fn schema_with<T: JsonSchema>(
    settings: SchemaSettings,
    transform: impl Transform + Clone + Send + 'static,
) -> Map<String, Value> {
    let settings = settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let settings = settings.with_transform(transform);
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    // What the tool is for is said in its own description.
    schema.remove("description");
    let mut members = std::mem::take(schema.ensure_object());
    // Some clients look for it where there are none.
    members.entry("properties").or_insert_with(|| Value::Object(Map::new()));
    members
}

/// Takes out what says nothing to a model (names and number formats of Rust, that what may be left out may be null), and
/// the words that not every model's API takes.
fn for_models(schema: &mut Schema) {
    for_clients(schema);
    let or_null = schema.get("type").and_then(Value::as_array).cloned();
    if let Some(mut kinds) = or_null {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            schema.insert("type".to_owned(), only.clone());
        }
    }
    // Not every model's API takes it. That a tool takes no other members is checked all the same.
    schema.remove("additionalProperties");
}

/// Takes out of an answer's schema what says nothing to a client. That something may be null stays: clients check answers.
fn for_clients(schema: &mut Schema) {
    for word in ["title", "format", "default"] {
        schema.remove(word);
    }
    // A member that a comment spreads over several lines is one paragraph.
    if let Some(text) = schema.get("description").and_then(Value::as_str) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        schema.insert("description".to_owned(), Value::from(text));
    }
}

/// A written tool's arguments as their type.
///
/// # Errors
/// They are not what the type wants, though they fit the schema that was made of it.
pub fn typed<T: DeserializeOwned>(tool: &'static str, arguments: Value) -> Result<T, ArgumentsError> {
    serde_json::from_value(with_whole_numbers(arguments))
        .map_err(|problem| ArgumentsError::Unfit { tool, problems: vec![problem.to_string()] })
}

/// JSON Schema counts 2.0 among the integers; a type of Rust would not.
fn with_whole_numbers(arguments: Value) -> Value {
    let Value::Object(mut members) = arguments else { return arguments };
    for value in members.values_mut() {
        if let Some(number) = value.as_f64().filter(|number| value.is_f64() && number.fract() == 0.0) {
            *value = format!("{number:.0}").parse().map_or_else(|_| Value::from(number), Value::Number);
        }
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_answer_leaves_out_is_not_required() {
        #[derive(serde::Serialize, JsonSchema)]
        struct Told {
            /// How many.
            count: usize,
            /// What else.
            #[serde(skip_serializing_if = "Vec::is_empty")]
            more: Vec<String>,
            /// Where known.
            #[serde(skip_serializing_if = "Option::is_none")]
            known: Option<usize>,
        }
        let told = json!(Told { count: 0, more: Vec::new(), known: None });
        assert_eq!(told, json!({"count": 0}));
        let schema = answer_schema_of::<Told>();
        assert_eq!(schema["required"], json!(["count"]));
        assert_eq!(
            schema["properties"]["known"],
            json!({"type": ["integer", "null"], "description": "Where known.", "minimum": 0})
        );
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        let members: Value =
            serde_json::from_str(r#"{"a": 2.0, "b": 1e1, "c": 2.5, "d": "2.0", "e": 3}"#).unwrap();
        assert_eq!(with_whole_numbers(members), json!({"a": 2, "b": 10, "c": 2.5, "d": "2.0", "e": 3}));
    }
}
