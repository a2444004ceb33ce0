//! A list over all its pages: its items, how many they are, or how many of each kind.
//!
//! Pure: pages go in one after the other, and one answer comes out. With offsets for cursors an item that is added or removed
//! meanwhile shifts the others, so what comes twice is counted once and told.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::bounded::{Bounds, MAX_ITEMS, members};
use super::fields::Fields;
use super::list::{self, FoundList, Next, ShownItems};
use super::members;
use super::object::Answer;
use super::own::Own;
use crate::api::{Cause, Response};
use crate::catalog::Operation;

/// How many groups are told apart: a field that differs in each item is none to group by.
const MOST_GROUPS: usize = 200;

/// How many pages in a row may hold nothing new.
const MOST_IDLE: u32 = 5;

/// The longest name of a group, in characters.
const LONGEST_LABEL: usize = 200;

/// What an item without a value is counted as.
const NONE: &str = "(none)";

/// What more than [`MOST_GROUPS`] are counted as.
const OTHERS: &str = "(others)";

/// What is wanted of a list beyond one page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedList<'c> {
    /// Which.
    pub view: ListView<'c>,
    /// How many items at most.
    pub most: usize,
}

/// What is told of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListView<'c> {
    /// Its items.
    Items,
    /// How many they are.
    Count,
    /// How many they are for each value of a field, `owner.displayName` for one inside another.
    Groups(&'c str),
}

impl<'c> WantedList<'c> {
    /// What the arguments of a call ask for; `None` where one page is all. `countOnly` and `groupBy` mean the whole list.
    #[must_use]
    pub fn of(operation: &Operation, arguments: &'c Value) -> Option<Self> {
        let is_on = |name: &str| arguments.get(name).and_then(Value::as_bool) == Some(true);
        let most = arguments.get("maxItems").and_then(Value::as_u64);
        let most = most.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
        let view = match arguments.get("groupBy").and_then(Value::as_str) {
            Some(path) => ListView::Groups(path),
            None if is_on("countOnly") => ListView::Count,
            None => ListView::Items,
        };
        let whole = view != ListView::Items || is_on("all") || most.is_some();
        let usual = if view == ListView::Items { MAX_ITEMS } else { usize::MAX };
        (operation.is_paged() && whole).then(|| Self { view, most: most.unwrap_or(usual).min(usual) })
    }
}

/// A list in the making.
pub struct Collected<'c> {
    operation: &'static Operation,
    wanted: WantedList<'c>,
    fields: &'c ListFields<'c>,
    shown: ShownItems<'c, 'c>,
    count: usize,
    groups: BTreeMap<String, u64>,
    /// Whether any item had the field to group by.
    grouped: bool,
    ids: HashSet<String>,
    /// How many items came again.
    doubled: u64,
    /// What stood beside the first page's list.
    beside: Option<Map<String, Value>>,
    /// Where the page begins that is read next.
    next: Next,
    /// Where the pages began that were read.
    cursors: HashSet<String>,
    /// How many pages in a row held nothing new.
    idle: u32,
    /// Whether the cursors lead nowhere.
    circles: bool,
    /// Whether the next page is not to be read: there is none, or enough was read.
    done: bool,
}

/// Which fields of the items are wanted.
pub struct ListFields<'c>(Fields<'c>);

impl<'c> ListFields<'c> {
    /// The caller's choice, or the catalog's.
    #[must_use]
    pub fn of(operation: &'c Operation, arguments: &'c Value) -> Self {
        Self(Fields::choose(operation, arguments))
    }
}

#[derive(Deserialize)]
struct Identified {
    id: Option<Value>,
}

impl<'c> Collected<'c> {
    /// A list of which no page has been read.
    #[must_use]
    pub fn new(operation: &'static Operation, wanted: WantedList<'c>, fields: &'c ListFields<'c>) -> Self {
        Self {
            operation,
            wanted,
            fields,
            shown: ShownItems::new(operation, &fields.0),
            count: 0,
            groups: BTreeMap::new(),
            grouped: false,
            ids: HashSet::new(),
            doubled: 0,
            beside: None,
            next: Next::End,
            cursors: HashSet::new(),
            idle: 0,
            circles: false,
            done: false,
        }
    }

    /// How many items have been read.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many there are, as the upstream says; mostly it says nothing.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        let beside = self.beside.as_ref()?;
        ["totalCount", "total"].iter().find_map(|name| beside.get(*name)?.as_u64())
    }

    /// Whether it holds all items of another.
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        !other.ids.is_empty() && other.ids.is_subset(&self.ids)
    }

    /// How many more are wanted.
    #[must_use]
    pub fn wanted(&self) -> usize {
        self.wanted.most.saturating_sub(self.count)
    }

    /// The cursor of the page to be read next; `None` where the list is whole, or long enough.
    #[must_use]
    pub fn next_cursor(&self) -> Option<&str> {
        match &self.next {
            Next::Cursor(cursor) if !self.done => Some(cursor),
            _ => None,
        }
    }

    /// Takes the next page.
    ///
    /// # Errors
    /// It cannot be read, or holds no list.
    pub fn take(&mut self, response: &mut Response) -> Result<(), Cause> {
        let status = response.status;
        let broken = |detail: String| Cause::BrokenJson { status, detail };
        let problem = response.json(self.operation).err();
        if let Some(problem @ (Cause::BrokenJson { .. } | Cause::NotJson { .. })) = problem
            && response.mend().is_none()
        {
            return Err(problem);
        }
        let body = response.json(self.operation)?.unwrap_or(RawValue::NULL);
        let found = list::find(self.operation, body, members(body).as_ref())
            .map_err(|problem| broken(problem.to_string()))?
            .ok_or_else(|| broken("there is no list in it".to_owned()))?;
        self.page(found).map_err(|problem| broken(problem.to_string()))
    }

    fn page(&mut self, found: FoundList<'_>) -> serde_json::Result<()> {
        let FoundList { items, next, beside } = found;
        if self.beside.is_none() {
            self.beside = Some(list::beside(beside)?);
        }
        let items: Vec<&RawValue> = serde_json::from_str(items.get())?;
        // What there is no room for begins the page that its reader asks for next.
        let before = (self.shown.clone(), self.count);
        for item in items {
            if self.count == self.wanted.most {
                break;
            }
            if self.is_known(item) {
                self.doubled += 1;
                continue;
            }
            self.count += 1;
            match self.wanted.view {
                ListView::Count => {}
                ListView::Groups(path) => self.group(&Bounds::new().value(item)?, path),
                ListView::Items => self.shown.put(item)?,
            }
            if self.shown.left > 0 && before.1 > 0 {
                (self.shown, self.count) = before;
                self.done = true;
                return Ok(());
            }
        }
        self.idle = if self.count > before.1 { 0 } else { self.idle + 1 };
        let turns_back = matches!(&next, Next::Cursor(cursor) if !self.cursors.insert(cursor.clone()));
        self.circles = turns_back || self.idle == MOST_IDLE && matches!(next, Next::Cursor(_));
        self.next = if self.circles { Next::End } else { next };
        // Where a known field is like it, there is no need to read the whole list.
        let unknown = matches!(self.wanted.view, ListView::Groups(path) if self.is_misspelt(path));
        self.done = self.count >= self.wanted.most || self.shown.left > 0 || unknown;
        Ok(())
    }

    /// Whether an item was on an earlier page.
    fn is_known(&mut self, item: &RawValue) -> bool {
        let id = serde_json::from_str::<Identified>(item.get()).ok().and_then(|item| item.id);
        id.is_some_and(|id| !id.is_null() && !self.ids.insert(id.to_string()))
    }

    /// Whether nobody knows of a field, and no item has had it.
    fn is_unknown(&self, path: &str) -> bool {
        !self.grouped && !members::lists(self.operation.members, path)
    }

    /// Whether a known field is meant by one that is not.
    fn is_misspelt(&self, path: &str) -> bool {
        self.is_unknown(path) && members::near(self.operation.members, path).is_some()
    }

    fn group(&mut self, item: &Value, path: &str) {
        let found = path.split('.').try_fold(item, |value, name| value.get(name));
        self.grouped |= found.is_some();
        match found {
            Some(Value::Array(all)) if !all.is_empty() => {
                // One that is in a list twice is still one item.
                let labels: HashSet<String> = all.iter().map(label).collect();
                for label in labels {
                    self.add(label);
                }
            }
            Some(one) => self.add(label(one)),
            None => self.add(NONE.to_owned()),
        }
    }

    fn add(&mut self, label: String) {
        let room = self.groups.len() < MOST_GROUPS || self.groups.contains_key(&label);
        *self.groups.entry(if room { label } else { OTHERS.to_owned() }).or_default() += 1;
    }

    /// The answer, with these sentences about it.
    #[must_use]
    pub fn answer(mut self, notes: Vec<String>) -> Answer {
        let total = self.total();
        let whole = !self.done && self.next == Next::End && !self.circles;
        let mut own = match self.wanted.view {
            ListView::Items => self.items(),
            ListView::Count => self.counted(),
            ListView::Groups(path) => self.in_groups(path),
        };
        if self.circles {
            own.note(
                "The upstream's cursors lead back to what was read before, so this is not certain to be all. Use a filter.",
            );
        } else if self.doubled > 0 {
            own.note(format!(
                "{} came twice, counted once: the list changed while it was read, so an item may be missing. \
                 Read it again with `fresh: true` to be sure.",
                if self.doubled == 1 { "1 item".to_owned() } else { format!("{} items", self.doubled) }
            ));
        }
        let count = u64::try_from(self.count).unwrap_or(u64::MAX);
        if let Some(total) = total.filter(|total| whole && *total != count) {
            own.note(format!("The upstream reports a total of {total}, but its pages hold {count} items."));
        }
        for note in notes {
            own.note(note);
        }
        own.answer()
    }

    fn items(&mut self) -> Own {
        let next = std::mem::replace(&mut self.next, Next::End);
        let shown = std::mem::replace(&mut self.shown, ShownItems::new(self.operation, &self.fields.0));
        let mut own = shown.own(self.operation, next.clone());
        if self.done && matches!(next, Next::Cursor(_)) && self.count < self.wanted.most {
            own.note(format!(
                "Only the first {} items are shown, because there are too many or they are too large. nextCursor continues \
                 after them; to see less of more items, name a few `fields`, or use `countOnly` or `groupBy`.",
                self.count
            ));
        }
        own.keep_beside(self.beside.take().unwrap_or_default());
        own
    }

    fn counted(&mut self) -> Own {
        let mut own = Own::default();
        own.say("count", json!(self.count));
        if matches!(self.next, Next::Cursor(_)) {
            own.note(format!("Only the first {} items were counted, as `maxItems` says.", self.count));
        }
        if self.next == Next::Unreachable {
            own.note(
                "There are more items, but the upstream returned no cursor for them, so this is not all.",
            );
        }
        own
    }

    fn in_groups(&mut self, path: &str) -> Own {
        if self.count > 0 && self.is_unknown(path) {
            let mut own = Own::default();
            own.say("unknownFields", json!([path]));
            own.note(match members::near(self.operation.members, path) {
                Some(near) => format!("Unknown field `{path}`; did you mean `{near}`? Nothing was counted."),
                None => format!(
                    "Unknown field `{path}`: none of {} items has it. Nothing was grouped.",
                    self.count
                ),
            });
            return own;
        }
        let mut own = self.counted();
        own.say("groupBy", json!(path));
        own.say("groups", json!(self.groups));
        let sum: u64 = self.groups.values().sum();
        if sum != u64::try_from(self.count).unwrap_or(u64::MAX) {
            own.note(format!(
                "The groups add up to {sum}, not {}: `{path}` is a list, and an item is counted for each of its values.",
                self.count
            ));
        }
        if self.groups.contains_key(OTHERS) {
            own.note(format!("There are more than {MOST_GROUPS} values; the rest is counted as {OTHERS}."));
        }
        own
    }
}

/// A value as the name of a group: of an object what people call it.
fn label(value: &Value) -> String {
    let text = match value {
        Value::Null => NONE.to_owned(),
        Value::Array(all) if all.is_empty() => NONE.to_owned(),
        Value::String(text) if text.is_empty() => NONE.to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(members) => ["displayName", "name", "title", "emailAddress", "email", "id"]
            .iter()
            .find_map(|name| members.get(*name)?.as_str())
            .map_or_else(|| value.to_string(), str::to_owned),
        other => other.to_string(),
    };
    text.chars().take(LONGEST_LABEL).collect()
}
