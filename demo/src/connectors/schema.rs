//! What a resource must look like, to its full depth.

use serde_json::Value;

use crate::clock;

#[derive(Clone, Copy)]
pub(super) enum Shape {
    Text,
    /// A link by HTTPS.
    Address,
    /// RFC 3339.
    Moment,
    Flag,
    Number,
    Whole,
    OneOf(&'static [&'static str]),
    Object(&'static [Property]),
    Each(&'static Shape),
}

#[derive(Clone, Copy)]
pub(super) struct Property {
    name: &'static str,
    shape: Shape,
    is_required: bool,
}

pub(super) const fn must(name: &'static str, shape: Shape) -> Property {
    Property { name, shape, is_required: true }
}

pub(super) const fn may(name: &'static str, shape: Shape) -> Property {
    Property { name, shape, is_required: false }
}

/// Nothing, or what is wrong with the first thing that is, with where it is: `resources[2].users[0].username`.
pub(super) fn check(value: &Value, shape: Shape, place: &str) -> Result<(), String> {
    let (fits, wanted) = match shape {
        Shape::Object(properties) => return check_object(value, properties, place),
        Shape::Each(shape) => return check_each(value, *shape, place),
        Shape::Text => (value.is_string(), "a string".to_owned()),
        Shape::Address => {
            let is_link = value.as_str().is_some_and(|link| link.starts_with("https://"));
            (is_link, "an https URL".to_owned())
        }
        Shape::Moment => (value.as_str().and_then(clock::parse).is_some(), "a date and time".to_owned()),
        Shape::Flag => (value.is_boolean(), "true or false".to_owned()),
        Shape::Number => (value.is_number(), "a number".to_owned()),
        Shape::Whole => (value.is_i64(), "a whole number".to_owned()),
        Shape::OneOf(allowed) => {
            let known = value.as_str().is_some_and(|text| allowed.contains(&text));
            (known, format!("one of {}", allowed.join(", ")))
        }
    };
    if fits { Ok(()) } else { Err(format!("{place} must be {wanted}")) }
}

/// Properties that nobody has named are let through.
pub(super) fn check_object(value: &Value, properties: &[Property], place: &str) -> Result<(), String> {
    let object = value.as_object().ok_or_else(|| format!("{place} must be an object"))?;
    properties.iter().try_for_each(|property| {
        let place = format!("{place}.{}", property.name);
        match object.get(property.name) {
            Some(value) => check(value, property.shape, &place),
            None if property.is_required => Err(format!("{place} is required")),
            None => Ok(()),
        }
    })
}

fn check_each(value: &Value, shape: Shape, place: &str) -> Result<(), String> {
    let entries = value.as_array().ok_or_else(|| format!("{place} must be an array"))?;
    let mut entries = entries.iter().enumerate();
    entries.try_for_each(|(index, entry)| check(entry, shape, &format!("{place}[{index}]")))
}
