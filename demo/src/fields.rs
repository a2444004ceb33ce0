//! What a request body must hold: names, shapes and allowed values, checked before anything is changed.

use serde_json::Value;

use super::ask::Reply;
use super::clock;

/// What a property may be.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Text,
    Flag,
    Number,
    /// RFC 3339, or a date alone.
    Date,
    Object,
    List,
    OneOf(&'static [&'static str]),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Required,
    Optional,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Null {
    Refused,
    Allowed,
}

/// One property of a request body.
#[derive(Clone, Copy)]
pub(super) struct Field {
    name: &'static str,
    shape: Shape,
    presence: Presence,
    null: Null,
}

impl Field {
    /// The same property, `null` allowed.
    pub(super) const fn or_null(self) -> Self {
        Self { null: Null::Allowed, ..self }
    }
}

/// A property that must be there.
pub(super) const fn must(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, presence: Presence::Required, null: Null::Refused }
}

/// A property that may be there.
pub(super) const fn may(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, presence: Presence::Optional, null: Null::Refused }
}

/// Nothing, or the 422 that names the first property that is missing or wrong (400 where there is no object).
///
/// Properties that no field names are ignored, as Vanta ignores them.
pub(super) fn check(body: &Value, fields: &[Field]) -> Result<(), Reply> {
    if !body.is_object() {
        let names: Vec<&str> = required(fields).collect();
        return Err(match names.as_slice() {
            [] if body.is_null() => return Ok(()),
            [] => Reply::error(400, "The request body must be a JSON object"),
            names => {
                Reply::error(400, format!("The request body must be a JSON object with {}", names.join(", ")))
            }
        });
    }
    fields.iter().try_for_each(|field| check_one(body, *field))
}

fn required(fields: &[Field]) -> impl Iterator<Item = &'static str> {
    fields.iter().filter(|field| field.presence == Presence::Required).map(|field| field.name)
}

fn check_one(body: &Value, field: Field) -> Result<(), Reply> {
    let name = field.name;
    let Some(value) = body.get(name) else {
        return match field.presence {
            Presence::Required => Err(Reply::error(422, format!("{name} is required"))),
            Presence::Optional => Ok(()),
        };
    };
    if value.is_null() && field.null == Null::Allowed {
        return Ok(());
    }
    let (fits, wanted) = match field.shape {
        Shape::Text => (value.is_string(), "a string".to_owned()),
        Shape::Flag => (value.is_boolean(), "true or false".to_owned()),
        Shape::Number => (value.is_number(), "a number".to_owned()),
        Shape::Date => (value.as_str().and_then(clock::parse).is_some(), "a date".to_owned()),
        Shape::Object => (value.is_object(), "an object".to_owned()),
        Shape::List => (value.is_array(), "an array".to_owned()),
        Shape::OneOf(allowed) => {
            let known = value.as_str().is_some_and(|text| allowed.contains(&text));
            (known, format!("one of {}", allowed.join(", ")))
        }
    };
    if fits { Ok(()) } else { Err(Reply::error(422, format!("{name} must be {wanted}"))) }
}

#[cfg(test)]
mod checks {
    use serde_json::json;

    use super::*;

    const FIELDS: &[Field] = &[
        must("title", Shape::Text),
        must("userId", Shape::Text).or_null(),
        may("level", Shape::OneOf(&["HIGH", "LOW"])),
        may("until", Shape::Date),
    ];

    fn message(body: &Value) -> Option<String> {
        match check(body, FIELDS) {
            Err(Reply::Json(_, body)) => Some(body["message"].as_str().unwrap().to_owned()),
            _ => None,
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(message(&json!({ "title": "a", "userId": null, "until": "2026-11-22" })), None);
        assert_eq!(message(&json!({ "title": "a" })).unwrap(), "userId is required");
        assert_eq!(message(&json!({ "title": 1, "userId": null })).unwrap(), "title must be a string");
        let wrong = json!({ "title": "a", "userId": "b", "level": "MIDDLE" });
        assert_eq!(message(&wrong).unwrap(), "level must be one of HIGH, LOW");
        assert!(message(&Value::Null).unwrap().contains("title, userId"));
    }
}
