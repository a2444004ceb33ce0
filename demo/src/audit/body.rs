//! Reading request bodies and query parameters, with errors that name the property.

use serde_json::{Map, Value};

use super::moment::Moment;
use crate::ask::{Ask, Reply};

/// A JSON object that was sent, known to have its required properties.
pub(super) struct Body<'a>(&'a Map<String, Value>);

impl<'a> Body<'a> {
    /// The body of a request; 400 where it is no object or lacks one of `required`, all of which are named.
    pub(super) fn of(ask: &'a Ask, required: &[&str]) -> Result<Self, Reply> {
        Self::within(&ask.body, "The body", required)
    }

    /// The same for an object inside a body, called `place` in messages.
    pub(super) fn within(value: &'a Value, place: &str, required: &[&str]) -> Result<Self, Reply> {
        let object = value.as_object().ok_or_else(|| malformed(&format!("{place} must be a JSON object")))?;
        let missing: Vec<&str> =
            required.iter().copied().filter(|name| !object.contains_key(*name)).collect();
        if missing.is_empty() {
            Ok(Self(object))
        } else {
            Err(malformed(&format!("{place} lacks required properties: {}", missing.join(", "))))
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The raw value; `Null` where it is absent.
    pub(super) fn value(&self, name: &str) -> &'a Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }

    /// A string of at least one character that is not a blank.
    pub(super) fn text(&self, name: &str) -> Result<&'a str, Reply> {
        let text = self.value(name).as_str().filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| malformed(&format!("{name} must be a string of at least one character")))
    }

    /// A string, or `None` for null or absent.
    pub(super) fn text_or_null(&self, name: &str) -> Result<Option<&'a str>, Reply> {
        if self.value(name).is_null() { Ok(None) } else { self.text(name).map(Some) }
    }

    /// A date with or without a time.
    pub(super) fn moment(&self, name: &str) -> Result<Moment, Reply> {
        Moment::read(self.text(name)?)
            .ok_or_else(|| malformed(&format!("{name} must be an ISO 8601 date and time")))
    }

    /// A date, or `None` for null or absent.
    pub(super) fn moment_or_null(&self, name: &str) -> Result<Option<Moment>, Reply> {
        if self.value(name).is_null() { Ok(None) } else { self.moment(name).map(Some) }
    }

    /// An array of strings; empty where it is absent.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, Reply> {
        let refusal = || malformed(&format!("{name} must be an array of strings"));
        match self.0.get(name) {
            None => Ok(Vec::new()),
            Some(value) => value
                .as_array()
                .ok_or_else(refusal)?
                .iter()
                .map(|item| item.as_str().map(str::to_owned).ok_or_else(refusal))
                .collect(),
        }
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Reply> {
        self.value(name).as_bool().ok_or_else(|| malformed(&format!("{name} must be true or false")))
    }

    /// One of the `allowed` values, which the error names.
    pub(super) fn choice(&self, name: &str, allowed: &[&'static str]) -> Result<&'static str, Reply> {
        one_of(name, self.text(name)?, allowed)
    }

    /// One of the `allowed` values, or `None` for null or absent.
    pub(super) fn choice_or_null(
        &self,
        name: &str,
        allowed: &[&'static str],
    ) -> Result<Option<&'static str>, Reply> {
        if self.value(name).is_null() { Ok(None) } else { self.choice(name, allowed).map(Some) }
    }
}

/// `value` as one of the `allowed` ones; 400 with all of them otherwise.
pub(super) fn one_of(name: &str, value: &str, allowed: &[&'static str]) -> Result<&'static str, Reply> {
    let found = allowed.iter().copied().find(|candidate| *candidate == value);
    found.ok_or_else(|| malformed(&format!("{name} must be one of {}; got {value}", allowed.join(", "))))
}

/// The query parameter `changedSinceDate`; 400 where it is no date.
pub(super) fn changed_since(ask: &Ask) -> Result<Option<Moment>, Reply> {
    let read =
        |text| Moment::read(text).ok_or_else(|| malformed("changedSinceDate must be an ISO 8601 date"));
    ask.one("changedSinceDate").map(read).transpose()
}

/// 400 with a message.
pub(super) fn malformed(message: &str) -> Reply {
    Reply::error(400, message)
}
