//! What is wanted of a list beyond one of the upstream's pages.

use serde_json::Value;
use serde_json::value::RawValue;

use super::bounded::{Bounds, MAX_ITEMS};
use super::form::AnswerStyle;
use super::groups::Letters;
use super::position::Position;
use crate::catalog::{Operation, Shape};

/// What is wanted of a list beyond one of the upstream's pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedList<'c> {
    /// What the answer says about it.
    pub view: ListView<'c>,
    /// How many items at most.
    pub most: usize,
    /// How much of it is read.
    pub extent: Extent,
    /// Where it begins.
    pub start: Position,
    /// In which form.
    pub form: AnswerStyle,
    /// Members that an item has to have, each with its value: what the upstream does not filter by.
    here: Vec<(&'static str, &'c str)>,
}

/// What an answer says about a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListView<'c> {
    /// Its items.
    Items,
    /// How many they are.
    Count,
    /// How many they are for each value of a field, `owner.displayName` for one inside another.
    Groups(&'c str),
    /// What a program makes of them.
    Program(&'c str),
    /// A file with all of them.
    File,
    /// The items as they came, for a job.
    Rows,
}

/// How much of a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// One page that has any items.
    Page,
    /// As many items as are wanted, unless there is no room for them.
    Most,
    /// All of it, whether there is room to show it or not.
    All,
}

impl<'c> WantedList<'c> {
    /// What the arguments of a call ask for; `None` where the upstream's own page is all. `countOnly`, `groupBy` and `jq`
    /// mean the whole list.
    #[must_use]
    pub fn of(operation: &Operation, arguments: &'c Value, form: AnswerStyle) -> Option<Self> {
        if !operation.is_list() {
            return None;
        }
        let is_on = |name: &str| arguments.get(name).and_then(Value::as_bool) == Some(true);
        let number = |name: &str| {
            let number = arguments.get(name).and_then(Value::as_u64);
            number.map(|number| usize::try_from(number).unwrap_or(usize::MAX))
        };
        let text = |name: &str| arguments.get(name).and_then(Value::as_str);
        let view = match (text("jq"), text("groupBy")) {
            (Some(program), _) => ListView::Program(program),
            (None, Some(path)) => ListView::Groups(path),
            (None, None) if is_on("countOnly") => ListView::Count,
            (None, None) => ListView::Items,
        };
        let cut_here = operation.shape == Shape::List;
        let extent = match view {
            ListView::Items if is_on("all") => Extent::All,
            ListView::Items if number("maxItems").is_some() => Extent::Most,
            ListView::Items => Extent::Page,
            _ => Extent::All,
        };
        let page = number("pageSize").filter(|_| cut_here && extent == Extent::Page);
        let most = match (page, number("maxItems")) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let usual = if extent == Extent::All { usize::MAX } else { MAX_ITEMS };
        let start = text("pageCursor").map(Position::read).unwrap_or_default();
        let wanted = Self {
            view,
            most: most.unwrap_or(usual).min(usual),
            extent,
            start,
            form: form.of(operation, arguments),
            here: here(operation, arguments),
        };
        let is_own_page = extent == Extent::Page && wanted.start.skip == 0 && !cut_here;
        // A cursor that only looks like one of ours is the upstream's in disguise.
        let is_plain = text("pageCursor").is_none_or(|cursor| wanted.start.cursor.as_deref() == Some(cursor));
        let needs_nothing = cut_here
            && extent == Extent::Page
            && page.is_none()
            && wanted.start == Position::default()
            && wanted.here.is_empty();
        (!(is_own_page && is_plain || needs_nothing)).then_some(wanted)
    }

    /// The whole list from its beginning, to be counted.
    #[must_use]
    pub fn counted(form: AnswerStyle) -> Self {
        let (view, extent) = (ListView::Count, Extent::All);
        Self { view, most: usize::MAX, extent, start: Position::default(), form, here: Vec::new() }
    }

    /// The whole list from its beginning, as it came, for a job.
    #[must_use]
    pub fn rows(operation: &Operation, arguments: &'c Value, form: AnswerStyle) -> Self {
        Self { view: ListView::Rows, here: here(operation, arguments), ..Self::counted(form) }
    }

    /// The whole list, or as much of it as `maxItems` says, for a file.
    #[must_use]
    pub fn exported(operation: &Operation, arguments: &'c Value, form: AnswerStyle) -> Self {
        let text = |name: &str| arguments.get(name).and_then(Value::as_str);
        let most = arguments.get("maxItems").and_then(Value::as_u64);
        Self {
            view: ListView::File,
            most: most.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX)),
            extent: Extent::All,
            start: text("pageCursor").map(Position::read).unwrap_or_default(),
            form,
            here: here(operation, arguments),
        }
    }

    /// What an item has where it is filtered, each with the filter.
    ///
    /// # Errors
    /// The item cannot be read.
    pub(super) fn filtered(&self, item: &RawValue) -> serde_json::Result<Vec<(&'static str, String)>> {
        if self.here.is_empty() {
            return Ok(Vec::new());
        }
        let item = Bounds::new().value(item)?;
        let value = |(name, _): &(&'static str, &str)| {
            let value = item.get(*name).filter(|value| !value.is_null())?;
            Some((*name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        };
        Ok(self.here.iter().filter_map(value).collect())
    }

    /// A field that we filter by, whatever its case, is grouped by likewise.
    pub(super) fn letters(&self, operation: &Operation) -> Letters {
        match self.view {
            ListView::Groups(path) if operation.here.contains(&path) => Letters::Alike,
            _ => Letters::Exact,
        }
    }

    /// Whether items are left out that the upstream answered.
    pub(super) fn is_filtered(&self) -> bool {
        !self.here.is_empty()
    }

    /// Whether an item is among those that are wanted: upper and lower case are alike.
    ///
    /// # Errors
    /// The item cannot be read.
    pub(super) fn passes(&self, item: &RawValue) -> serde_json::Result<bool> {
        if self.here.is_empty() {
            return Ok(true);
        }
        let item = Bounds::new().value(item)?;
        let is = |(name, wanted): &(&str, &str)| match item.get(*name) {
            Some(Value::String(text)) => text.to_lowercase() == wanted.trim().to_lowercase(),
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => wanted.trim() == if *flag { "true" } else { "false" },
            Some(other) => serde_json::from_str::<Value>(wanted).is_ok_and(|wanted| wanted == *other),
        };
        Ok(self.here.iter().all(is))
    }
}

/// What the upstream does not filter by, with what is wanted of it.
fn here<'c>(operation: &Operation, arguments: &'c Value) -> Vec<(&'static str, &'c str)> {
    let given = |name: &&'static str| Some((*name, arguments.get(*name)?.as_str()?));
    operation.here.iter().filter_map(given).collect()
}
