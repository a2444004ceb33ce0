//! Lists, wherever an answer has them.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{Error as _, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::bounded::{Bounds, LeftOut, MAX_ITEMS, MAX_NODES, fitted, members};
use super::fields::{Fields, Missing, without_nulls};
use super::form::{AnswerStyle, Exports, USUAL_CHARS};
use super::own::Own;
use super::position::Position;
use super::written::{ItemFit, WrittenItems};
use crate::api::{Cause, Response};
use crate::catalog::Operation;

/// The longest cursor that is passed on, in bytes.
pub(super) const CURSOR: usize = 4 << 10;

/// What comes after a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing.
    End,
    /// What begins there.
    Place(Position),
    /// More, to which the upstream gave no cursor.
    Unreachable,
}

impl Next {
    /// The page of a cursor of the upstream's.
    pub(super) fn page(cursor: &str) -> Self {
        Self::Place(Position { cursor: Some(cursor.to_owned()), skip: 0 })
    }

    /// # Errors
    /// What the page info holds cannot be read, which must not be taken for its end.
    fn of(page: Option<&RawValue>) -> serde_json::Result<Self> {
        let page = page.map(|page| Bounds::of_text(2 * CURSOR).value(page)).transpose()?.unwrap_or_default();
        let cursor = page.get("endCursor").and_then(Value::as_str);
        let cursor = cursor.filter(|cursor| !cursor.is_empty() && cursor.len() <= CURSOR);
        Ok(match (page.get("hasNextPage").and_then(Value::as_bool), cursor) {
            (Some(true), Some(cursor)) => Self::page(cursor),
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

/// The JSON that holds the list, put right where it cannot be read as it came.
///
/// # Errors
/// It cannot be read then either.
pub fn body<'r>(response: &'r mut Response, operation: &'static Operation) -> Result<&'r RawValue, Cause> {
    let problem = response.json(operation).err();
    if let Some(problem @ (Cause::BrokenJson { .. } | Cause::NotJson { .. })) = problem
        && response.mend().is_none()
    {
        return Err(problem);
    }
    Ok(response.json(operation)?.unwrap_or(RawValue::NULL))
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

/// One page as it is shown: its items, how many they are, and the cursor to what comes next. `start` is where it begins.
///
/// # Errors
/// One of its items cannot be read.
pub(super) fn shown(
    operation: &'static Operation,
    found: FoundList<'_>,
    fields: &Fields<'_>,
    form: AnswerStyle,
    start: &Position,
) -> serde_json::Result<Own> {
    let beside = beside(found.beside, form.room() / 4)?;
    let mut items = ShownItems::new(operation, fields, form.beside(&beside));
    serde_json::Deserializer::from_str(found.items.get()).deserialize_seq(&mut items)?;
    let (count, left) = (items.count(), items.left);
    // What there was no room for begins the next page.
    let next = if left > 0 {
        Next::Place(Position { skip: start.skip + count, ..start.clone() })
    } else {
        found.next
    };
    let mut own = items.own(operation, next);
    if left > 0 {
        let all = u64::try_from(count).unwrap_or(u64::MAX).saturating_add(left);
        let of = if operation.is_paged() { OfHowMany::OnPage(all) } else { OfHowMany::InAll(all) };
        own.note(cut(operation, fields, form, count, of));
    }
    own.keep_beside(beside);
    Ok(own)
}

/// The items of a list as they are written, one after the other, so that no more than one of them is a tree at a time.
pub(super) struct ShownItems<'f, 'c> {
    fields: &'f Fields<'c>,
    missing: Missing<'c>,
    written: WrittenItems,
    /// How many characters there are for an item.
    room: usize,
    /// How many objects and lists there is room for.
    nodes: usize,
    /// How many there was no room for.
    pub(super) left: u64,
    left_out: LeftOut,
}

impl<'f, 'c> ShownItems<'f, 'c> {
    pub(super) fn new(operation: &Operation, fields: &'f Fields<'c>, form: AnswerStyle) -> Self {
        Self {
            fields,
            missing: fields.missing(operation),
            written: WrittenItems::new(form, fields.moments()),
            room: form.room(),
            nodes: MAX_NODES,
            left: 0,
            left_out: LeftOut::default(),
        }
    }

    /// How many items there was room for.
    pub(super) fn count(&self) -> usize {
        self.written.count()
    }

    /// The list, and what is said of it.
    pub(super) fn own(self, operation: &'static Operation, next: Next) -> Own {
        let Self { fields, missing, written, left_out, .. } = self;
        let count = written.count();
        let mut own = listed(written, &fields.order(operation), next);
        own.tell(left_out);
        if count > 0 && !missing.names().is_empty() {
            own.say("unknownFields", json!(missing.names()));
            missing.told(operation).into_iter().for_each(|told| own.note(told));
        }
        own
    }

    /// Writes an item, where there is room for it; for the first there always is.
    pub(super) fn put(&mut self, item: &RawValue) -> serde_json::Result<ItemFit> {
        let mut bounds = Bounds::new().with_nodes(self.nodes);
        let item = bounds.value(item)?;
        let missing = self.missing.without(&item);
        let mut item = self.fields.keep(item);
        if self.count() == 0 {
            let (fitted, left_out) = fitted(item, self.room);
            item = fitted;
            bounds.left_out.cut_again(left_out);
        }
        let is_full = self.count() > 0 && (bounds.nodes == 0 || self.count() == MAX_ITEMS);
        if is_full || self.written.put(&item)? == ItemFit::Full {
            self.left += 1;
            return Ok(ItemFit::Full);
        }
        self.missing = missing;
        self.nodes = bounds.nodes;
        self.left_out += bounds.left_out;
        Ok(ItemFit::Taken)
    }
}

/// A list in the form that is wanted, with how many items it has and what comes next.
pub(super) fn listed(written: WrittenItems, order: &[&str], next: Next) -> Own {
    let count = written.count();
    let mut own = Own::list(written.list(order));
    own.say("count", json!(count));
    match next {
        Next::End => {}
        Next::Place(place) => own.say("nextCursor", json!(place.written())),
        Next::Unreachable => {
            own.note("There are more items, but the upstream returned no cursor for them. Use a filter.");
        }
    }
    own
}

impl<'de> Visitor<'de> for &mut ShownItems<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        while self.left == 0 {
            let Some(item) = list.next_element()? else { return Ok(()) };
            self.put(item).map_err(S::Error::custom)?;
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            self.left += 1;
        }
        Ok(())
    }
}

/// Of how many items some are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfHowMany {
    /// So many are on the page.
    OnPage(u64),
    /// So many are in the whole list.
    InAll(u64),
    /// So many come from where the page begins.
    ThatFollow(u64),
    /// So many were read, and there are more.
    OrMore(u64),
}

/// That a list was cut, and how to see the rest or more at once.
pub(super) fn cut(
    operation: &Operation,
    fields: &Fields<'_>,
    form: AnswerStyle,
    count: usize,
    of: OfHowMany,
) -> String {
    let of = match of {
        OfHowMany::OnPage(all) => format!("of the {all} items on this page"),
        OfHowMany::InAll(all) => format!("of {all} items"),
        OfHowMany::ThatFollow(all) => format!("of the {all} items that follow"),
        OfHowMany::OrMore(read) => format!("of more than {read} items"),
    };
    if !operation.is_list() {
        let how = if operation.has_fields() { " Name a few `fields` to see more items at once." } else { "" };
        return format!(
            "Only the first {count} {of} are shown, because more would make the answer too long.{how}"
        );
    }
    let mut ways: Vec<String> = Vec::new();
    if !matches!(fields, Fields::Named(_)) || form.most < USUAL_CHARS {
        ways.push("name fewer `fields`".to_owned());
    }
    let filters: Vec<String> = filters(operation).map(|name| format!("`{name}`")).take(4).collect();
    if !filters.is_empty() {
        ways.push(format!("filter by {}", filters.join(", ")));
    }
    ways.push("count by `groupBy`".to_owned());
    ways.push("pick and reshape with `jq`".to_owned());
    if form.exports == Exports::Offered {
        ways.push("write all to a file with `export`".to_owned());
    }
    ways.push("raise `maxChars`".to_owned());
    format!(
        "Only the first {count} {of} are shown, because an answer has at most {} characters. nextCursor continues after \
         them. For less at once: {}.",
        form.most,
        ways.join("; ")
    )
}

/// The filters of a list, those first whose values the schema names.
fn filters(operation: &Operation) -> impl Iterator<Item = &str> {
    let schema: Value = serde_json::from_str(operation.schema.get()).unwrap_or_default();
    let is_chosen = move |name: &&str| {
        let argument = schema.pointer(&format!("/properties/{name}")).cloned().unwrap_or_default();
        argument.get("enum").or_else(|| argument.pointer("/items/enum")).is_some()
    };
    let sorts = |name: &&str| name.starts_with("order") || name.starts_with("sort");
    let all = operation.in_query.iter().chain(&operation.here).copied().filter(move |name| !sorts(name));
    let (first, then): (Vec<&str>, Vec<&str>) = all.partition(is_chosen);
    first.into_iter().chain(then)
}

/// What stands beside a list, as far as it says something, in at most so many bytes of text.
///
/// # Errors
/// One of the values cannot be read.
pub(super) fn beside(members: AsTheyCame<'_>, most: usize) -> serde_json::Result<Map<String, Value>> {
    let mut bounds = Bounds::of_text(most);
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
