//! Which values of an operation's arguments may be null.
//!
//! The schema that clients are shown cannot say it: Gemini takes neither a list of types nor anything beside `anyOf`, and a
//! form of its own for null is passed on by some clients as the former. So it says the type alone, the description says
//! what null does, and the check knows from here.

use serde_json::{Map, Value, json};

/// The schema with null among the forms of what stands at these paths: `owner`, `authDetails.method`, `updates[].until`.
#[must_use]
pub fn with_nulls(mut schema: Value, paths: &[&str]) -> Value {
    for path in paths {
        if let Some(place) = find(&mut schema, path) {
            or_null(place);
        }
    }
    schema
}

fn find<'s>(schema: &'s mut Value, path: &str) -> Option<&'s mut Value> {
    let mut place = schema;
    for step in path.split('.') {
        let name = step.trim_end_matches("[]");
        place = place.get_mut("properties")?.get_mut(name)?;
        for _ in 0..step.matches("[]").count() {
            place = place.get_mut("items")?;
        }
    }
    Some(place)
}

fn or_null(place: &mut Value) {
    let nothing = json!({ "type": "null" });
    let Value::Object(schema) = place else { return };
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.push(nothing);
        return;
    }
    let mut either = Map::new();
    if let Some(about) = schema.remove("description") {
        either.insert("description".to_owned(), about);
    }
    let value = Value::Object(std::mem::take(schema));
    either.insert("anyOf".to_owned(), json!([value, nothing]));
    *place = Value::Object(either);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_a_form_of_what_stands_at_a_path() {
        let schema = json!({"properties": {
            "a": {"type": "string", "description": "A."},
            "b": {"type": "array", "items": {"properties": {"c": {"anyOf": [{"type": "string"}]}}}},
        }});
        let expected = json!({"properties": {
            "a": {"description": "A.", "anyOf": [{"type": "string"}, {"type": "null"}]},
            "b": {"type": "array", "items": {"properties": {"c": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}},
        }});
        assert_eq!(with_nulls(schema, &["a", "b[].c", "none.here"]), expected);
    }
}
