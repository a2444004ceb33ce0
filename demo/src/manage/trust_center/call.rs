//! One request below the Trust Center's address, and what the answers of its areas share.

use fastrand::Rng;
use serde_json::{Value, json};
use url::Url;

use crate::ask::{Ask, Reply};
use crate::clock::iso;
use crate::files::Drawer;
use crate::record::{fresh_id, text};
use crate::shelf::Shelf;

pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    pub(super) ask: &'a Ask,
    /// The company's controls that are in use.
    pub(super) company: &'a Shelf,
    /// The customers' accounts in Customer Trust.
    pub(super) accounts: &'a [Value],
    pub(super) drawer: &'a mut Drawer,
    pub(super) rng: &'a mut Rng,
}

impl<'a> Call<'a> {
    pub(super) fn body(&self) -> &'a Value {
        &self.ask.body
    }

    pub(super) fn fresh_id(&mut self) -> String {
        fresh_id(self.rng)
    }

    pub(super) fn now(&self) -> String {
        iso(self.ask.now)
    }
}

/// A whole list at once: `{"results":[…]}`.
pub(super) fn results(records: impl Iterator<Item = Value>) -> Reply {
    Reply::ok(json!({ "results": records.collect::<Vec<_>>() }))
}

/// What an upload or a reminder answers.
pub(super) fn done() -> Reply {
    Reply::ok(json!({ "isSuccessful": true }))
}

/// The ids in a list of the body, none where there is no list; 422 where one is no string.
pub(super) fn ids<'a>(body: &'a Value, key: &str) -> Result<Vec<&'a str>, Reply> {
    let list = body.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let wrong = || Reply::error(422, format!("{key} must be an array of strings"));
    list.iter().map(|id| id.as_str().ok_or_else(wrong)).collect()
}

/// The ids in a list of the body, each of them known to the shelf, or 404.
pub(super) fn known_ids<'a>(body: &'a Value, key: &str, shelf: &Shelf) -> Result<Vec<&'a str>, Reply> {
    let ids = ids(body, key)?;
    ids.iter().try_for_each(|id| shelf.find(id).map(|_| ()))?;
    Ok(ids)
}

/// 422 unless the new order has each of the ids that there are, and each once.
pub(super) fn complete(key: &str, order: &[&str], present: &[&str]) -> Result<(), Reply> {
    let sorted = |ids: &[&str]| {
        let mut ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        ids.sort_unstable();
        ids
    };
    if sorted(order) == sorted(present) {
        return Ok(());
    }
    Err(Reply::error(422, format!("{key} must name each of the {} ids exactly once", present.len())))
}

/// The records of a shelf in the order that the body gives with all their ids.
pub(super) fn arranged(shelf: &Shelf, body: &Value, key: &str) -> Result<Vec<Value>, Reply> {
    let order = ids(body, key)?;
    let present: Vec<&str> = shelf.all().iter().map(|record| text(record, "id")).collect();
    complete(key, &order, &present)?;
    Ok(order.iter().filter_map(|id| shelf.get(id).cloned()).collect())
}

/// 422 for a text that is not something like an email address.
pub(super) fn is_email(key: &str, address: &str) -> Result<(), Reply> {
    let parts = address.split_once('@');
    let plausible = parts.is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'));
    if plausible { Ok(()) } else { Err(Reply::error(422, format!("{key} must be an email address"))) }
}

/// The address that a text property holds, where it holds a text; 422 unless that is a web address.
pub(super) fn web_address(body: &Value, key: &str) -> Result<Option<Url>, Reply> {
    let Some(address) = body.get(key).and_then(Value::as_str) else { return Ok(None) };
    let url = Url::parse(address).ok().filter(|url| ["http", "https"].contains(&url.scheme()));
    url.map(Some).ok_or_else(|| Reply::error(422, format!("{key} must be a web address")))
}

/// 422 for a file that is no picture.
pub(super) fn is_image(part: &str, mime: &str) -> Result<(), Reply> {
    if mime.starts_with("image/") {
        Ok(())
    } else {
        Err(Reply::error(422, format!("{part} must be an image")))
    }
}
