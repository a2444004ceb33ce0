//! A list over all its pages: its items, how many they are, how many of each kind, or what a program makes of them.
//!
//! Pure: pages go in one after the other, and one answer comes out. With offsets for cursors an item that is added or removed
//! meanwhile shifts the others, so what comes twice is counted once and told.

mod file;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::bounded::{Bounds, members};
use super::exported::ExportedItems;
use super::fields::Fields;
use super::groups::Groups;
use super::list::{self, FoundList, Next, OfHowMany, ShownItems};
use super::object::Answer;
use super::own::Own;
use super::position::Position;
use super::program;
use super::seen::SeenTexts;
use super::wanted::{Extent, ListView, WantedList};
use super::written::ItemFit;
use crate::api::known_fields::near;
use crate::api::{Cause, Response};
use crate::catalog::members::lists;
use crate::catalog::{Api, Operation};

/// How many values are named that exist, where a filter leaves nothing.
const MOST_VALUES: usize = 20;

/// How many pages in a row may hold nothing new.
const MOST_IDLE: u32 = 5;

/// How much of a list a program is run on, in bytes of its text.
const MOST_FOR_PROGRAM: usize = 20 << 20;

/// A list in the making.
pub struct Collected<'c> {
    operation: &'static Operation,
    wanted: &'c WantedList<'c>,
    fields: &'c ListFields<'c>,
    shown: ShownItems<'c, 'c>,
    /// How many items were read.
    count: usize,
    groups: Groups,
    /// The items as they came, for a program: the text of an array.
    whole: Vec<u8>,
    /// The items for a file.
    exported: ExportedItems,
    ids: SeenTexts,
    /// How many items came again.
    doubled: u64,
    /// What stood beside the first page's list.
    beside: Option<Map<String, Value>>,
    /// The cursor of the page that is read next.
    cursor: Option<String>,
    /// How many items are passed over before the first that is wanted.
    skip: usize,
    /// How many items were passed over that are among those that are wanted.
    passed_over: usize,
    /// What the items have that a filter of ours left out, by the filter.
    rejected: BTreeMap<&'static str, BTreeSet<String>>,
    /// Where the first item is that there was no room for.
    cut: Option<Position>,
    /// What comes after what was read.
    next: Next,
    /// Where the pages began that were read.
    cursors: SeenTexts,
    /// How many pages in a row held nothing new.
    idle: u32,
    /// Whether the cursors lead nowhere.
    circles: bool,
    /// Whether the next page is not to be read: there is none, or enough was read.
    done: bool,
}

/// Which fields of the items are wanted.
pub struct ListFields<'c>(pub(super) Fields<'c>);

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
    pub fn new(
        operation: &'static Operation,
        wanted: &'c WantedList<'c>,
        fields: &'c ListFields<'c>,
    ) -> Self {
        Self {
            operation,
            wanted,
            fields,
            shown: ShownItems::new(operation, &fields.0, wanted.form),
            count: 0,
            groups: Groups::by(wanted.letters(operation)),
            whole: b"[]".to_vec(),
            exported: ExportedItems::default(),
            ids: SeenTexts::default(),
            doubled: 0,
            beside: None,
            cursor: wanted.start.cursor.clone(),
            skip: wanted.start.skip,
            passed_over: 0,
            rejected: BTreeMap::new(),
            cut: None,
            next: Next::End,
            cursors: SeenTexts::default(),
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
        other.ids.are_some_of(&self.ids)
    }

    /// How many more items have to be read, those included that are passed over.
    #[must_use]
    pub fn wanted(&self) -> usize {
        self.wanted.most.saturating_sub(self.count).saturating_add(self.skip)
    }

    /// The cursor of the page to be read next; none for the first.
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Whether there is another page to be read.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        !self.done && matches!(self.next, Next::Place(_))
    }

    /// The items that were read so far, for a program or a job: the text of an array.
    #[must_use]
    pub fn whole(&self) -> &[u8] {
        &self.whole
    }

    /// Takes the next page.
    ///
    /// # Errors
    /// It cannot be read, or holds no list.
    pub fn take(&mut self, response: &mut Response) -> Result<(), Cause> {
        let status = response.status;
        let broken = |detail: String| Cause::BrokenJson { status, detail };
        let body = list::body(response, self.operation)?;
        let found = list::find(self.operation, body, members(body).as_ref())
            .map_err(|problem| broken(problem.to_string()))?
            .ok_or_else(|| broken("there is no list in it".to_owned()))?;
        self.page(found).map_err(|problem| broken(problem.to_string()))
    }

    fn page(&mut self, found: FoundList<'_>) -> serde_json::Result<()> {
        let FoundList { items, mut next, mut beside } = found;
        if self.operation.api == Api::Panel {
            beside.retain(|(name, _)| name != "ok");
        }
        if self.beside.is_none() {
            let beside = list::beside(beside, self.wanted.form.room() / 4)?;
            let form = self.wanted.form.beside(&beside);
            self.shown = ShownItems::new(self.operation, &self.fields.0, form);
            self.beside = Some(beside);
        }
        let items: Vec<&RawValue> = serde_json::from_str(items.get())?;
        let (before, skipping) = (self.count, self.skip > 0);
        for (index, item) in items.into_iter().enumerate() {
            if self.skip > 0 {
                self.skip -= 1;
                self.passed_over += usize::from(self.wanted.passes(item)?);
            } else if !self.wanted.passes(item)? {
                self.rejected(item)?;
            } else if self.is_known(item) {
                self.doubled += 1;
            } else if self.count == self.wanted.most && self.ends_at_most() {
                next = Next::Place(Position { cursor: self.cursor.clone(), skip: index });
                break;
            } else {
                self.count += 1;
                self.item(item, index)?;
            }
        }
        self.ids.end_page();
        self.idle = if self.count > before || skipping { 0 } else { self.idle + 1 };
        let cursor = match &next {
            Next::Place(place) => place.cursor.clone(),
            Next::End | Next::Unreachable => None,
        };
        let turns_back = self.count < self.wanted.most
            && cursor.as_ref().is_some_and(|cursor| !self.cursors.insert(cursor));
        self.circles = turns_back || self.idle == MOST_IDLE && matches!(next, Next::Place(_));
        self.next = if self.circles { Next::End } else { next };
        self.cursor = cursor;
        self.done = self.is_enough();
        Ok(())
    }

    /// Keeps what an item has that does not pass, for when none does.
    fn rejected(&mut self, item: &RawValue) -> serde_json::Result<()> {
        for (filter, value) in self.wanted.filtered(item)? {
            let values = self.rejected.entry(filter).or_default();
            if values.len() < MOST_VALUES {
                values.insert(value);
            }
        }
        Ok(())
    }

    /// Takes an item, which is at that place of its page.
    fn item(&mut self, item: &RawValue, index: usize) -> serde_json::Result<()> {
        match self.wanted.view {
            ListView::Count => {}
            ListView::Groups(path) => self.groups.take(&Bounds::new().value(item)?, path),
            ListView::Program(_) | ListView::Rows => {
                self.whole.pop();
                if self.whole.len() > 1 {
                    self.whole.push(b',');
                }
                match &self.fields.0 {
                    named @ Fields::Named(_) => {
                        serde_json::to_writer(&mut self.whole, &named.keep(Bounds::new().value(item)?))?;
                    }
                    _ => self.whole.extend_from_slice(item.get().as_bytes()),
                }
                self.whole.push(b']');
            }
            ListView::File => self.exported.put(item, &self.fields.0)?,
            ListView::Items => {
                let is_beyond = self.count > self.wanted.most;
                if self.cut.is_none() && (is_beyond || self.shown.put(item)? == ItemFit::Full) {
                    self.cut = Some(Position { cursor: self.cursor.clone(), skip: index });
                }
            }
        }
        Ok(())
    }

    /// Whether what comes after as many items as are wanted is not even counted: of a whole list that came at once it costs
    /// nothing.
    fn ends_at_most(&self) -> bool {
        self.operation.is_paged() || self.wanted.view != ListView::Items
    }

    /// Whether no other page is wanted.
    fn is_enough(&self) -> bool {
        let read = self.count >= self.wanted.most;
        let too_large = self.whole.len() > MOST_FOR_PROGRAM;
        // Where a known field is like it, there is no need to read the whole list.
        let unknown = matches!(self.wanted.view, ListView::Groups(path) if self.is_misspelt(path));
        let shown = match self.wanted.extent {
            // A page on which everything was passed over is none.
            Extent::Page => self.count > 0,
            Extent::Most => self.cut.is_some(),
            Extent::All => false,
        };
        read || too_large || unknown || shown
    }

    /// Whether an item was on an earlier page.
    fn is_known(&mut self, item: &RawValue) -> bool {
        let id = serde_json::from_str::<Identified>(item.get()).ok().and_then(|item| item.id);
        id.is_some_and(|id| !id.is_null() && !self.ids.insert(&id.to_string()))
    }

    /// Whether nobody knows of a field, and no item has had it.
    fn is_unknown(&self, path: &str) -> bool {
        !self.groups.found && !lists(self.operation.members, path)
    }

    /// Whether a known field is meant by one that is not.
    fn is_misspelt(&self, path: &str) -> bool {
        self.is_unknown(path) && near(self.operation.members, path).is_some()
    }

    /// Whether the whole list was read from where it began.
    fn is_whole(&self) -> bool {
        self.next == Next::End && !self.circles
    }

    /// Whether the whole list was read, and no item came twice: with offsets for cursors one that comes twice may have
    /// pushed another out.
    #[must_use]
    pub fn is_steady(&self) -> bool {
        self.is_whole() && self.doubled == 0
    }

    /// The answer, with these sentences about it.
    #[must_use]
    pub fn answer(mut self, notes: Vec<String>) -> Answer {
        let own = match self.wanted.view {
            ListView::Items | ListView::Program(_) | ListView::File | ListView::Rows => self.items(),
            ListView::Count => self.counted(),
            ListView::Groups(path) => self.in_groups(path),
        };
        self.told(own, notes).answer()
    }

    /// The answer of a program that was run on the items: the texts of what it put out.
    ///
    /// # Errors
    /// What it put out cannot be read.
    pub fn programmed(&self, outputs: &[Box<RawValue>]) -> serde_json::Result<Answer> {
        let own = program::own(self.operation, self.wanted.form, outputs)?;
        let mut own = self.told(own, Vec::new());
        if !self.is_whole() {
            let reason = if self.whole.len() > MOST_FOR_PROGRAM {
                "as no more than 20 MB are given to one: name a few `fields`"
            } else {
                "as `maxItems` says"
            };
            own.note(format!("The program saw the first {} items, {reason}.", self.count));
        }
        if self.wanted.start != Position::default() {
            own.note("The program saw only what comes from `pageCursor` on.");
        }
        Ok(own.answer())
    }

    /// The same with what is to be said of the list.
    fn told(&self, mut own: Own, notes: Vec<String>) -> Own {
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
        let whole = self.is_whole() && self.wanted.start == Position::default() && !self.wanted.is_filtered();
        if let Some(total) = self.total().filter(|total| whole && *total != count) {
            own.note(format!("The upstream reports a total of {total}, but its pages hold {count} items."));
        }
        if self.count == 0 {
            for (filter, values) in &self.rejected {
                own.note(format!("`{filter}` leaves nothing. Values that exist: {}.", json!(values)));
            }
        }
        for note in notes {
            own.note(note);
        }
        own
    }

    fn items(&mut self) -> Own {
        let next = match self.cut.take() {
            Some(place) => Next::Place(place),
            None => std::mem::replace(&mut self.next, Next::End),
        };
        let is_cut = self.count > self.shown.count();
        let empty = ShownItems::new(self.operation, &self.fields.0, self.wanted.form);
        let shown = std::mem::replace(&mut self.shown, empty);
        let (count, read) = (shown.count(), u64::try_from(self.count).unwrap_or(u64::MAX));
        let whole = self.is_whole();
        let mut own = shown.own(self.operation, next);
        if is_cut {
            let of = match self.wanted.extent {
                Extent::Page if self.operation.is_paged() => OfHowMany::OnPage(read),
                _ if whole && self.wanted.start.cursor.is_some() => OfHowMany::ThatFollow(read),
                _ if whole => {
                    OfHowMany::InAll(read.saturating_add(u64::try_from(self.passed_over).unwrap_or(u64::MAX)))
                }
                _ => OfHowMany::OrMore(read),
            };
            if let OfHowMany::InAll(all) = of {
                own.say("total", json!(all));
            }
            if count < self.wanted.most {
                own.note(list::cut(self.operation, &self.fields.0, self.wanted.form, count, of));
            }
        }
        own.keep_beside(self.beside.clone().unwrap_or_default());
        own
    }

    fn counted(&mut self) -> Own {
        let mut own = Own::default();
        own.say("count", json!(self.count));
        if matches!(self.next, Next::Place(_)) {
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
            own.note(match near(self.operation.members, path) {
                Some(near) => format!("Unknown field `{path}`; did you mean `{near}`? Nothing was counted."),
                None => format!(
                    "Unknown field `{path}`: none of {} items has it. Nothing was grouped.",
                    self.count
                ),
            });
            return own;
        }
        let mut own = self.counted();
        self.groups.tell(&mut own, path, self.count, self.wanted.form.room());
        own
    }
}
