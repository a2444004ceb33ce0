//! Lists, wherever an answer has them.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{Error as _, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::bounded::{Bounds, LeftOut, MAX_ITEMS, MAX_NODES, MAX_TEXT, members};
use super::fields::{Fields, Missing, without_nulls};
use super::own::Own;
use crate::catalog::Operation;

/// The longest cursor that is passed on, in bytes.
const CURSOR: usize = 4 << 10;

/// How much is shown of what stands beside a list, in bytes of its text.
const MAX_BESIDE: usize = 64 << 10;

/// What comes after a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing.
    End,
    /// The page of this cursor.
    Cursor(String),
    /// More, to which the upstream gave no cursor.
    Unreachable,
}

impl Next {
    /// # Errors
    /// What the page info holds cannot be read, which must not be taken for its end.
    fn of(page: Option<&RawValue>) -> serde_json::Result<Self> {
        let page = page.map(|page| Bounds::of_text(2 * CURSOR).value(page)).transpose()?.unwrap_or_default();
        let cursor = page.get("endCursor").and_then(Value::as_str);
        let cursor = cursor.filter(|cursor| !cursor.is_empty() && cursor.len() <= CURSOR);
        Ok(match (page.get("hasNextPage").and_then(Value::as_bool), cursor) {
            (Some(true), Some(cursor)) => Self::Cursor(cursor.to_owned()),
            (Some(true), None) => Self::Unreachable,
            _ => Self::End,
        })
    }
}

/// Members of an object as they came.
pub(super) type AsTheyCame<'b> = Vec<(String, &'b RawValue)>;

/// A list that was found in an answer.
pub(super) struct FoundList<'b> {
    pub(super) items: &'b RawValue,
    pub(super) next: Next,
    /// What stands beside it.
    pub(super) beside: AsTheyCame<'b>,
}

/// Finds the list: `results.data` with page info, `results`, a bare array, or the member that the catalog names. `body` is
/// the whole answer, `around` its members where it is an object.
///
/// # Errors
/// What says whether there is more cannot be read.
pub(super) fn find<'b>(
    operation: &Operation,
    body: &'b RawValue,
    around: Option<&AsTheyCame<'b>>,
) -> serde_json::Result<Option<FoundList<'b>>> {
    if is_list(body) {
        return Ok(Some(FoundList { items: body, next: Next::End, beside: Vec::new() }));
    }
    let Some(mut beside) = around.cloned() else { return Ok(None) };
    let named = operation.items.and_then(|name| take(&mut beside, name, is_list));
    if let Some(items) = named.or_else(|| take(&mut beside, "results", is_list)) {
        return Ok(Some(FoundList { items, next: Next::End, beside }));
    }
    let results = take(&mut beside, "results", |_| true);
    let mut results = match results {
        Some(results) => members(results),
        // Some answers leave the outer member out.
        None => operation.is_paged().then(|| std::mem::take(&mut beside)),
    };
    let list = results.as_mut().and_then(|results| take(results, "data", is_list));
    let (Some(mut results), Some(items)) = (results, list) else { return Ok(None) };
    let next = Next::of(take(&mut results, "pageInfo", |_| true))?;
    // What an upstream says beside the list may be that the list is not whole.
    results.retain(|(name, _)| !beside.iter().any(|(other, _)| other == name));
    beside.append(&mut results);
    Ok(Some(FoundList { items, next, beside }))
}

fn is_list(value: &RawValue) -> bool {
    value.get().starts_with('[')
}

/// Takes a member out, where it is there and as it should be.
fn take<'b>(members: &mut AsTheyCame<'b>, name: &str, fits: fn(&RawValue) -> bool) -> Option<&'b RawValue> {
    let place = members.iter().position(|(other, value)| other == name && fits(value))?;
    Some(members.swap_remove(place).1)
}

/// A list as it is shown: its items, how many they are, and the cursor to the next.
///
/// # Errors
/// One of its items cannot be read.
pub(super) fn shown(
    operation: &Operation,
    found: FoundList<'_>,
    fields: &Fields<'_>,
) -> serde_json::Result<Own> {
    let mut items = ShownItems::new(operation, fields);
    serde_json::Deserializer::from_str(found.items.get()).deserialize_seq(&mut items)?;
    let (count, left) = (items.count, items.left);
    let mut own = items.own(operation, found.next);
    if left > 0 {
        own.note(not_shown(operation, count, left));
    }
    own.keep_beside(beside(found.beside)?);
    Ok(own)
}

/// The items of a list as they are written, one after the other, so that no more than one of them is a tree at a time.
#[derive(Clone)]
pub(super) struct ShownItems<'f, 'c> {
    fields: &'f Fields<'c>,
    missing: Missing<'c>,
    text: Vec<u8>,
    /// How many objects and lists there is room for.
    nodes: usize,
    pub(super) count: usize,
    /// How many there was no room for.
    pub(super) left: u64,
    left_out: LeftOut,
}

impl<'f, 'c> ShownItems<'f, 'c> {
    pub(super) fn new(operation: &Operation, fields: &'f Fields<'c>) -> Self {
        Self {
            fields,
            missing: fields.missing(operation),
            text: Vec::from(b"["),
            nodes: MAX_NODES,
            count: 0,
            left: 0,
            left_out: LeftOut::default(),
        }
    }

    /// The list, and what is said of it.
    pub(super) fn own(self, operation: &Operation, next: Next) -> Own {
        let Self { missing, mut text, count, left_out, .. } = self;
        text.push(b']');
        let mut own = Own::list(text);
        own.say("count", json!(count));
        match next {
            Next::End => {}
            Next::Cursor(cursor) => own.say("nextCursor", json!(cursor)),
            Next::Unreachable => {
                own.note("There are more items, but the upstream returned no cursor for them. Use a filter.");
            }
        }
        own.tell(left_out);
        if count > 0 && !missing.names().is_empty() {
            own.say("unknownFields", json!(missing.names()));
            missing.told(operation).into_iter().for_each(|told| own.note(told));
        }
        own
    }

    /// Writes an item, where there is room for it; for the first there always is.
    pub(super) fn put(&mut self, item: &RawValue) -> serde_json::Result<()> {
        let mut bounds = Bounds::of_nodes(self.nodes);
        let item = bounds.value(item)?;
        let before = self.text.len();
        if self.count > 0 {
            self.text.push(b',');
        }
        let missing = self.missing.without(&item);
        serde_json::to_writer(&mut self.text, &self.fields.keep(item))?;
        if (self.text.len() > MAX_TEXT || bounds.nodes == 0) && self.count > 0 {
            self.text.truncate(before);
            self.left += 1;
            return Ok(());
        }
        self.missing = missing;
        self.nodes = bounds.nodes;
        self.count += 1;
        self.left_out += bounds.left_out;
        Ok(())
    }
}

impl<'de> Visitor<'de> for &mut ShownItems<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        while self.left == 0 && self.count < MAX_ITEMS {
            let Some(item) = list.next_element()? else { return Ok(()) };
            self.put(item).map_err(S::Error::custom)?;
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            self.left += 1;
        }
        Ok(())
    }
}

/// What became of the items that there was no room for, and how to get at them.
fn not_shown(operation: &Operation, count: usize, left: u64) -> String {
    let all = u64::try_from(count).unwrap_or(u64::MAX).saturating_add(left);
    let how = match (operation.is_paged(), operation.has_fields()) {
        (true, _) => format!(
            "nextCursor skips the remaining items. To see them, call again with the same pageCursor and a pageSize of {} or \
             less, or request only a few `fields`.",
            count.clamp(1, 100)
        ),
        (false, true) => "Request only a few `fields` to see more items at once.".to_owned(),
        (false, false) => "This tool cannot show the rest.".to_owned(),
    };
    format!(
        "Only the first {count} of {all} items are shown, because there are too many or they are too large. \
        {how}"
    )
}

/// What stands beside a list, as far as it says something.
///
/// # Errors
/// One of the values cannot be read.
pub(super) fn beside(members: AsTheyCame<'_>) -> serde_json::Result<Map<String, Value>> {
    let mut bounds = Bounds::of_text(MAX_BESIDE);
    let mut kept = Map::new();
    for (name, value) in members {
        let mut value = bounds.value(value)?;
        if !value.is_null() {
            without_nulls(&mut value);
            kept.insert(name, value);
        }
    }
    Ok(kept)
}
