//! Parts of request bodies that several areas have: lists of objects, moments, and JSON inside of text.

use serde_json::Value;

use crate::ask::Reply;
use crate::clock::{iso, parse};
use crate::fields::{self, Field};
use crate::record::set;

/// The entries of a list; none where there is no list.
pub(in crate::manage) fn entries<'a>(body: &'a Value, key: &str) -> &'a [Value] {
    body.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Nothing, or the 422 that names what is wrong with an entry of a list.
pub(in crate::manage) fn each(body: &Value, key: &str, wanted: &[Field]) -> Result<(), Reply> {
    entries(body, key).iter().try_for_each(|entry| {
        if !entry.is_object() {
            return Err(Reply::error(422, format!("Each entry of {key} must be an object")));
        }
        fields::check(entry, wanted)
    })
}

/// Nothing, or the 422 that says that a list must hold texts alone.
pub(in crate::manage) fn texts(body: &Value, key: &str) -> Result<(), Reply> {
    if entries(body, key).iter().all(Value::is_string) {
        return Ok(());
    }
    Err(Reply::error(422, format!("Each entry of {key} must be a string")))
}

/// A date of a body as the API writes dates; `None` where the body does not have it, null where it clears it.
pub(in crate::manage) fn moment(body: &Value, key: &str) -> Option<Value> {
    let value = body.get(key)?;
    Some(value.as_str().and_then(parse).map_or(Value::Null, |at| iso(at).into()))
}

/// Sets a property to what the body says, where it says something.
pub(in crate::manage) fn set_given(record: &mut Value, key: &str, given: Option<Value>) {
    if let Some(value) = given {
        set(record, key, value);
    }
}

/// A multipart body with these of its parts read as JSON, or 422.
pub(in crate::manage) fn read_as_json(body: &Value, keys: &[&str]) -> Result<Value, Reply> {
    let mut read = body.clone();
    for key in keys {
        if let Some(part) = body.get(*key).and_then(Value::as_str) {
            let value: Value = serde_json::from_str(part)
                .map_err(|_| Reply::error(422, format!("{key} must be JSON in a string")))?;
            set(&mut read, key, value);
        }
    }
    Ok(read)
}

/// `hospital.example`
pub(in crate::manage) fn is_domain(text: &str) -> bool {
    let labels = text.split('.').collect::<Vec<_>>();
    let well_formed = |label: &&str| {
        !label.is_empty() && label.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    };
    labels.len() > 1 && labels.iter().all(well_formed)
}

/// 422 for what is not the address of a page.
pub(in crate::manage) fn check_url(body: &Value, key: &str) -> Result<(), Reply> {
    let Some(address) = body.get(key).and_then(Value::as_str) else { return Ok(()) };
    let parsed = url::Url::parse(address);
    if parsed.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
        return Ok(());
    }
    Err(Reply::error(422, format!("{key} must be a URL that begins with http:// or https://")))
}
