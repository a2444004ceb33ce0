//! Query parameters with a type. A word that a filter does not know fits nothing: the list is empty, and nobody is told why.
//! What is no date, no number or no yes or no at all is 400.

use jiff::Timestamp;

use super::ask::{Ask, Reply};
use super::clock;
use super::pages::page;

/// One of a fixed set of values; the empty list for another.
pub(super) fn choice<'a>(ask: &'a Ask, name: &str, known: &[&str]) -> Result<Option<&'a str>, Reply> {
    Ok(choices(ask, name, known)?.first().copied())
}

/// Any number of a fixed set of values, the key repeated; the empty list where none of several is one of them.
pub(super) fn choices<'a>(ask: &'a Ask, name: &str, known: &[&str]) -> Result<Vec<&'a str>, Reply> {
    let mut values = ask.all(name);
    if values.is_empty() {
        return Ok(values);
    }
    values.retain(|value| known.contains(value));
    if values.is_empty() { Err(page(ask, Vec::new())) } else { Ok(values) }
}

/// One of a fixed set of words that say how to answer, and do not filter: 400 for another.
pub(super) fn manner<'a>(ask: &'a Ask, name: &str, allowed: &[&str]) -> Result<Option<&'a str>, Reply> {
    let value = ask.one(name);
    value.into_iter().try_for_each(|value| known(name, value, allowed))?;
    Ok(value)
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
