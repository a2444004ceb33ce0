//! Arguments as they were meant: models and clients write a number as a text, a list of one as the one, an object as JSON
//! in a text. What has one meaning is taken, and what has two stays as it is, for the check to refuse.

use serde_json::{Map, Number, Value};

/// The argument that is never put right: a consent says exactly what it is about.
const CONFIRM: &str = "confirm";

/// What clients put beside a tool's arguments, by client. It is about their own run, and none of it is meant for a tool.
const ENVELOPES: [(&str, &[&str]); 1] = [("n8n", &["toolCallId", "sessionId", "action", "chatInput"])];

/// The arguments of operations that are this server's own, and are taken in other spellings too: the API's are as it
/// spells them. `confirm` is none of them.
const OWN: [&str; 14] = [
    "confirmation",
    "pageSize",
    "pageCursor",
    "all",
    "maxItems",
    "countOnly",
    "groupBy",
    "jq",
    "format",
    "maxChars",
    "fields",
    "fresh",
    "file",
    "folder",
];

/// Which of a tool's arguments are this server's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnArguments {
    /// Those that operations have beside the API's.
    Listed,
    /// All: the tool is no operation.
    All,
}

impl OwnArguments {
    fn has(self, name: &str) -> bool {
        name != CONFIRM && (self == Self::All || OWN.contains(&name))
    }

    /// The argument that a name is another spelling of, in snake case, kebab case or other letters; `None` where it is the
    /// name of an argument itself.
    pub(super) fn spelled<'k>(self, given: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
        let plain = |name: &str| name.to_ascii_lowercase().replace(['_', '-'], "");
        let wanted = plain(given);
        let mut found = None;
        for name in known {
            if name == given {
                return None;
            }
            if self.has(name) && plain(name) == wanted {
                found = Some(name);
            }
        }
        found
    }
}

/// The largest whole number that a JSON number of any writer keeps (RFC 8259, section 6).
const EXACT: f64 = 9_007_199_254_740_991.0;

/// Puts arguments into the form that a tool's schema wants.
pub(super) fn put_right(schema: &Value, own: OwnArguments, arguments: &mut Value) {
    let Some(members) = arguments.as_object_mut() else { return };
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let is_envelope = |name: &str| ENVELOPES.iter().any(|(_, names)| names.contains(&name));
        members.retain(|name, _| properties.contains_key(name) || !is_envelope(name));
        let known = || properties.keys().map(String::as_str);
        let others = members.keys().filter_map(|given| Some((given.clone(), own.spelled(given, known())?)));
        for (given, name) in others.collect::<Vec<_>>() {
            rename(members, &given, name);
        }
    }
    let confirm = members.remove(CONFIRM);
    object(schema, members);
    if let Some(confirm) = confirm {
        members.insert(CONFIRM.to_owned(), confirm);
    }
}

/// Gives an argument that came in another spelling its name.
fn rename(members: &mut Map<String, Value>, given: &str, name: &str) {
    let Some(value) = members.remove(given) else { return };
    match members.get(name) {
        Some(present) if !present.is_null() && !value.is_null() && *present != value => {
            // It says two things, which the check tells.
            members.insert(given.to_owned(), value);
        }
        Some(present) if !present.is_null() => {}
        _ => {
            members.insert(name.to_owned(), value);
        }
    }
}

fn object(schema: &Value, members: &mut Map<String, Value>) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let required = schema.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    // What may be left out and cannot be null is as if left out.
    members.retain(|name, value| {
        let Some(known) = properties.get(name).filter(|_| value.is_null()) else { return true };
        required.iter().any(|required| required == name) || takes(known, "null")
    });
    for (name, value) in members {
        if let Some(known) = properties.get(name) {
            one(known, value);
        }
    }
}

/// The one form of a schema that is not null; the schema itself where there are several.
pub(super) fn beside_null(schema: &Value) -> &Value {
    let forms = schema.get("anyOf").and_then(Value::as_array);
    let is_value = |form: &&Value| form.get("type").is_none_or(|kind| kind != "null");
    let values = forms.map(|forms| forms.iter().filter(is_value).collect::<Vec<_>>());
    if let Some([only]) = values.as_deref() { only } else { schema }
}

fn one(schema: &Value, value: &mut Value) {
    let schema = beside_null(schema);
    match value {
        Value::String(text) if !takes(schema, "string") => {
            if let Some(meant) = from_text(schema, text) {
                *value = meant;
                // Its parts may be written as texts again.
                one(schema, value);
            }
        }
        // A text that is an object, where texts are taken too: the name of a file does not look like that.
        Value::String(text) if takes(schema, "object") && text.trim_start().starts_with('{') => {
            if let Ok(meant @ Value::Object(_)) = serde_json::from_str::<Value>(text) {
                *value = meant;
            }
        }
        Value::Number(number) if takes(schema, "integer") && number.is_f64() => {
            if let Some(whole) = number.as_f64().and_then(whole) {
                *value = Value::Number(whole);
            }
        }
        Value::Array(all) => {
            if let Some(entries) = schema.get("items") {
                for entry in all {
                    one(entries, entry);
                }
            }
        }
        Value::Object(members) if takes(schema, "object") => object(schema, members),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) if is_list_alone(schema) => {
            *value = Value::Array(vec![value.take()]);
            one(schema, value);
        }
        _ => {}
    }
}

/// What a text means where no text is taken; `None` where it may mean several things, or nothing.
fn from_text(schema: &Value, text: &str) -> Option<Value> {
    let plain = text.trim();
    let read = |begins: char| plain.starts_with(begins).then(|| serde_json::from_str::<Value>(plain).ok())?;
    if takes(schema, "array") {
        // What begins like JSON and is none is no value either.
        return match read('[') {
            Some(list) => Some(list),
            None if plain.starts_with('[') => None,
            None if plain.starts_with('{') => read('{').map(|one| Value::Array(vec![one])),
            None => Some(Value::Array(vec![Value::from(text)])),
        };
    }
    if takes(schema, "object") {
        return read('{');
    }
    if takes(schema, "boolean") {
        let is = |word: &str| plain.eq_ignore_ascii_case(word);
        return if is("true") { Some(Value::Bool(true)) } else { is("false").then_some(Value::Bool(false)) };
    }
    let number = || plain.parse::<f64>().ok().filter(|number| number.is_finite());
    if takes(schema, "integer") {
        let exact = plain.parse::<i64>().ok().map(Number::from);
        return exact.or_else(|| number().and_then(whole)).map(Value::Number);
    }
    if !takes(schema, "number") {
        return None;
    }
    let exact = plain.parse::<i64>().ok().map(Number::from);
    exact.or_else(|| number().and_then(Number::from_f64)).map(Value::Number)
}

/// A number without a fraction as an integer.
fn whole(number: f64) -> Option<Number> {
    let is_whole = number.fract() == 0.0 && number.abs() <= EXACT;
    is_whole.then(|| format!("{number:.0}").parse().ok())?
}

/// Whether a schema takes values of this type, in one of its forms at least.
fn takes(schema: &Value, kind: &str) -> bool {
    let forms = schema.get("anyOf").and_then(Value::as_array);
    schema.get("type").is_some_and(|named| named == kind)
        || forms.is_some_and(|forms| forms.iter().any(|form| takes(form, kind)))
}

/// Whether a list is due and nothing else.
fn is_list_alone(schema: &Value) -> bool {
    schema.get("type").is_some_and(|kind| kind == "array")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::catalog;

    fn meant(mut arguments: Value) -> Value {
        let schema = json!({
            "properties": {
                "n": {"type": "integer"}, "f": {"type": "number"}, "b": {"type": "boolean"}, "s": {"type": "string"},
                "l": {"type": "array", "items": {"type": "string"}}, "k": {"type": "array", "items": {"type": "integer"}},
                "o": {"type": "object", "properties": {"n": {"type": "integer"}, "s": {"type": "string"}}},
                "u": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}, "n": {"type": "integer"}}}},
                "z": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "zl": {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]}, "r": {"type": "string"}, "confirm": {"type": "array", "items": {"type": "string"}},
                "a": {"anyOf": [{"type": "string"}, {"type": "object"}]},
            },
            "required": ["r"],
        });
        put_right(&schema, OwnArguments::Listed, &mut arguments);
        arguments
    }

    #[test]
    fn what_is_our_own_of_the_catalogs_arguments_is_known() {
        let mut seen = BTreeSet::new();
        for operation in catalog::operations() {
            let schema: Value = serde_json::from_str(operation.schema.get()).unwrap();
            let names = schema["properties"].as_object().unwrap().keys();
            let is_sent = |name: &str| {
                [&operation.in_path, &operation.in_query, &operation.in_body, &operation.here]
                    .iter()
                    .any(|all| all.contains(&name))
            };
            seen.extend(names.filter(|name| *name != CONFIRM && !is_sent(name)).cloned());
        }
        assert_eq!(seen, OWN.map(str::to_owned).into());
    }

    #[test]
    fn our_own_arguments_are_taken_in_other_spellings() {
        let schema = json!({"properties": {
            "maxItems": {"type": "integer"}, "pageSize": {"type": "integer"}, "vendorId": {"type": "string"},
            "confirm": {"type": "string"}, "groupBy": {"type": "string"}, "group_by": {"type": "string"},
        }});
        let taken = |own, mut arguments: Value| {
            put_right(&schema, own, &mut arguments);
            arguments
        };
        for name in ["max_items", "max-items", "maxitems", "MaxItems", "MAX_ITEMS"] {
            assert_eq!(taken(OwnArguments::Listed, json!({name: "5"})), json!({"maxItems": 5}), "{name}");
        }
        // What says the same twice is taken once, and null says nothing.
        for both in [json!({"max_items": 5, "maxItems": 5}), json!({"max_items": 5, "maxItems": null})] {
            assert_eq!(taken(OwnArguments::Listed, both), json!({"maxItems": 5}));
        }
        // The API's own, a consent, what is itself an argument, and what says two things stay as they are.
        for given in [
            json!({"vendor_id": "v"}),
            json!({"Confirm": "v"}),
            json!({"group_by": "v"}),
            json!({"max_items": 5, "maxItems": 6}),
        ] {
            assert_eq!(taken(OwnArguments::Listed, given.clone()), given);
        }
        // All of a tool that is no operation are ours.
        assert_eq!(taken(OwnArguments::All, json!({"vendor_id": "v"})), json!({"vendorId": "v"}));
        assert_eq!(taken(OwnArguments::All, json!({"Confirm": "v"})), json!({"Confirm": "v"}));
    }

    #[test]
    fn what_has_one_meaning_is_taken() {
        for (given, taken) in [
            (json!({"n": "10"}), json!({"n": 10})),
            (json!({"a": "{\"n\": 1}"}), json!({"a": {"n": 1}})),
            (json!({"f": "8"}), json!({"f": 8})),
            (json!({"n": " -3 "}), json!({"n": -3})),
            (json!({"n": 10.0}), json!({"n": 10})),
            (json!({"n": "10.0"}), json!({"n": 10})),
            (json!({"n": 1e3}), json!({"n": 1000})),
            (json!({"f": "2.5"}), json!({"f": 2.5})),
            (json!({"b": "True"}), json!({"b": true})),
            (json!({"b": "FALSE"}), json!({"b": false})),
            (json!({"l": "a,b"}), json!({"l": ["a,b"]})),
            (json!({"l": "[\"a\", \"b\"]"}), json!({"l": ["a", "b"]})),
            (json!({"k": "5"}), json!({"k": [5]})),
            (json!({"k": 5}), json!({"k": [5]})),
            (json!({"k": ["5", 6.0]}), json!({"k": [5, 6]})),
            (json!({"o": "{\"n\": \"1\", \"s\": null}"}), json!({"o": {"n": 1}})),
            (json!({"u": {"id": "x", "n": "2"}}), json!({"u": [{"id": "x", "n": 2}]})),
            (json!({"u": "{\"id\": \"x\"}"}), json!({"u": [{"id": "x"}]})),
            (json!({"s": null, "n": null, "z": null}), json!({"z": null})),
            (json!({"toolCallId": "c", "chatInput": "hi", "s": "x"}), json!({"s": "x"})),
        ] {
            assert_eq!(meant(given.clone()), taken, "{given}");
        }
    }

    #[test]
    fn what_has_two_meanings_or_none_stays_as_it_is() {
        for given in [
            json!({"n": 2.5}),
            json!({"n": "2.5"}),
            json!({"n": "ten"}),
            json!({"n": true}),
            json!({"n": [1]}),
            json!({"n": ""}),
            json!({"b": "yes"}),
            json!({"b": 1}),
            json!({"s": 5}),
            json!({"s": ["a"]}),
            json!({"l": "[a, b]"}),
            json!({"o": "text"}),
            json!({"o": []}),
            json!({"r": null}),
            json!({"confirm": "a"}),
            json!({"confirm": null}),
            json!({"a": "{"}),
            json!({"unknown": "10"}),
            json!({"toolcallid": "c"}),
            json!({"o": {"sessionId": "s"}}),
        ] {
            assert_eq!(meant(given.clone()), given);
        }
    }
}
