//! Query parameters with a type: a wrong value is 400 and names what is allowed.

use jiff::Timestamp;

use super::ask::{Ask, Reply};
use super::clock;

/// One of a fixed set of values.
pub(super) fn choice<'a>(ask: &'a Ask, name: &str, allowed: &[&str]) -> Result<Option<&'a str>, Reply> {
    let value = ask.one(name);
    value.into_iter().try_for_each(|value| known(name, value, allowed))?;
    Ok(value)
}

/// Any number of a fixed set of values, the key repeated.
pub(super) fn choices<'a>(ask: &'a Ask, name: &str, allowed: &[&str]) -> Result<Vec<&'a str>, Reply> {
    let values = ask.all(name);
    values.iter().try_for_each(|value| known(name, value, allowed))?;
    Ok(values)
}

fn known(name: &str, value: &str, allowed: &[&str]) -> Result<(), Reply> {
    if allowed.contains(&value) {
        return Ok(());
    }
    Err(Reply::error(400, format!("{name} must be one of {}, not {value}", allowed.join(", "))))
}

/// `true` or `false`.
pub(super) fn flag(ask: &Ask, name: &str) -> Result<Option<bool>, Reply> {
    ask.one(name)
        .map(|value| value.parse().map_err(|_| Reply::error(400, format!("{name} must be true or false"))))
        .transpose()
}

/// A moment in RFC 3339, or a date.
pub(super) fn date(ask: &Ask, name: &str) -> Result<Option<Timestamp>, Reply> {
    ask.one(name)
        .map(|value| clock::parse(value).ok_or_else(|| Reply::error(400, format!("{name} must be a date"))))
        .transpose()
}
