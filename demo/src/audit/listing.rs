//! Pages of things that change: which of them a list shows.

use serde::Serialize;
use serde_json::Value;

use super::moment::Moment;
use super::{Answer, body};
use crate::ask::{Ask, Reply};
use crate::pages;

/// Something with a history, as far as lists are concerned.
pub(super) trait Dated {
    /// When it last changed: created, modified, shared or deleted.
    fn changed(&self) -> Moment;
    /// When it was deleted, if it was.
    fn deleted(&self) -> Option<Moment>;
}

/// The page of `items` that `ask` wants.
///
/// Without `changedSinceDate` deleted items are left out; with it they are in,
/// because that is how a client that synchronises learns of the deletion.
pub(super) fn page<'a, T>(ask: &Ask, items: impl Iterator<Item = &'a T>) -> Answer
where
    T: Dated + Serialize + 'a,
{
    Ok(pages::page(ask, shown(ask, items)?.into_iter().map(value).collect()))
}

/// The items that a list with the filter `changedSinceDate` shows; 400 where that is no date.
pub(super) fn shown<'a, T: Dated + 'a>(
    ask: &Ask,
    items: impl Iterator<Item = &'a T>,
) -> Result<Vec<&'a T>, Reply> {
    let since = body::changed_since(ask)?;
    let is_shown = |item: &&T| since.map_or(item.deleted().is_none(), |since| item.changed() >= since);
    Ok(items.filter(is_shown).collect())
}

/// One item as JSON.
pub(super) fn value<T: Serialize>(item: &T) -> Value {
    // Only types of this module come here, all with string keys, so this cannot fail.
    serde_json::to_value(item).unwrap_or_default()
}
