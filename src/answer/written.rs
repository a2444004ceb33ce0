//! Items as they are written: as objects and as the rows of a table at once, until it is known which is shorter.
//!
//! An object repeats the name of each member in every item; a table has them once, as its columns, where a member of an
//! inner object is a column of its own (`owner.displayName`). Which of the two costs less depends on the items, so both are
//! written, and the shorter is kept.

use std::cmp::Reverse;

use serde_json::{Map, Value};

use super::form::{AnswerStyle, ListFormat};

/// Fewer items than this are easier to read as objects, and cost no more.
const FEW: usize = 5;

/// How much shorter than objects a table has to be, in hundredths.
const SHORTER: usize = 90;

/// More columns than this are no table.
const MOST_COLUMNS: usize = 64;

/// How deep inner objects become columns of their own.
pub(super) const DEPTH: usize = 4;

/// How much of a moment a table shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moments {
    /// All of it.
    Whole,
    /// Its day, where it is one of UTC: the time of day is as long again, and seldom asked for.
    Days,
}

/// Whether there was room for an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemFit {
    /// It is among the items.
    Taken,
    /// It is not, since the answer would have become too long.
    Full,
}

/// A list as it is shown.
pub(super) enum WrittenList {
    /// The text of an array of items.
    Items(Vec<u8>),
    /// A table.
    Table {
        /// The names of its columns.
        columns: Vec<String>,
        /// The text of an array of rows.
        rows: Vec<u8>,
    },
}

/// Items in the making.
#[derive(Debug)]
pub(super) struct WrittenItems {
    form: AnswerStyle,
    /// The items, one after the other with commas between.
    items: Vec<u8>,
    /// In characters.
    items_chars: usize,
    table: Option<Table>,
    moments: Moments,
    count: usize,
}

/// The same items as rows.
#[derive(Debug, Default)]
struct Table {
    columns: Vec<TableColumn>,
    /// The texts of the cells, one after the other.
    cells: Vec<u8>,
    /// Which they are, row by row.
    placed: Vec<TableCell>,
    /// Where each row's cells begin among those.
    rows: Vec<usize>,
    /// The texts of the cells, in characters.
    chars: usize,
    /// Where the column of the next cell probably is.
    likely: usize,
}

#[derive(Debug)]
struct TableColumn {
    name: String,
    /// How many rows have it.
    used: usize,
}

#[derive(Debug, Clone, Copy)]
struct TableCell {
    column: usize,
    /// Where its text ends.
    end: usize,
}

impl WrittenItems {
    pub(super) fn new(form: AnswerStyle, moments: Moments) -> Self {
        let table = (form.format != Some(ListFormat::Json)).then(Table::default);
        Self { form, items: Vec::new(), items_chars: 0, table, moments, count: 0 }
    }

    /// How many items there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether there may be a table.
    pub(super) fn has_table(&self) -> bool {
        self.table.is_some()
    }

    /// Where the text of the next item goes; [`WrittenItems::end`] takes it from there.
    pub(super) fn begin(&mut self) -> &mut Vec<u8> {
        if self.count > 0 {
            self.items.push(b',');
        }
        if let Some(table) = &mut self.table {
            table.rows.push(table.placed.len());
            table.likely = 0;
        }
        &mut self.items
    }

    /// The text of the item that is being written.
    pub(super) fn text(&mut self) -> &mut Vec<u8> {
        &mut self.items
    }

    /// A cell of the item that is being written.
    pub(super) fn cell(&mut self, path: &str, text: &[u8]) {
        let day = day(text).filter(|_| self.moments == Moments::Days);
        let put = |table: &mut Table| match day {
            Some(day) => table.put(path, &[day, b"\""].concat()),
            None => table.put(path, text),
        };
        let fits = self.table.as_mut().is_none_or(|table| put(table).is_some());
        if !fits {
            self.table = None;
        }
    }

    /// The same of what was written of the item from there on.
    pub(super) fn cell_from(&mut self, path: &str, from: usize) {
        if self.has_table() {
            let items = std::mem::take(&mut self.items);
            self.cell(path, items.get(from..).unwrap_or_default());
            self.items = items;
        }
    }

    /// That the item that is being written is none for a table.
    pub(super) fn no_table(&mut self) {
        self.table = None;
    }

    /// Ends an item that began when the text had this length; for the first there is always room.
    pub(super) fn end(&mut self, began: usize) -> ItemFit {
        let added = self.items.get(began..).map_or(0, chars);
        self.items_chars += added;
        self.count += 1;
        if self.count == 1 || self.chars() <= self.form.room() {
            return ItemFit::Taken;
        }
        self.count -= 1;
        self.items_chars -= added;
        self.items.truncate(began);
        if let Some(table) = &mut self.table {
            table.take_back();
        }
        ItemFit::Full
    }

    /// Whether there is room for all that was written.
    pub(super) fn fits(&self) -> bool {
        self.chars() <= self.form.room()
    }

    /// How many bytes were written of the items.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// An item that is a tree of values.
    pub(super) fn put(&mut self, item: &Value) -> serde_json::Result<ItemFit> {
        let began = self.items.len();
        serde_json::to_writer(self.begin(), item)?;
        match item {
            Value::Object(members) if self.has_table() => self.cells(members, "", DEPTH)?,
            _ => self.no_table(),
        }
        Ok(self.end(began))
    }

    fn cells(&mut self, members: &Map<String, Value>, within: &str, depth: usize) -> serde_json::Result<()> {
        for (name, value) in members {
            let path = path(within, name);
            match value {
                // Of an empty one nothing is told.
                Value::Object(inner) if depth > 1 => self.cells(inner, &path, depth - 1)?,
                other => self.cell(&path, &serde_json::to_vec(other)?),
            }
        }
        Ok(())
    }

    /// How long the text is in the form that would be kept.
    fn chars(&self) -> usize {
        let items = self.items_chars + 2;
        match (&self.table, self.form.format) {
            (Some(table), Some(ListFormat::Table)) => table.text_chars(),
            (Some(table), None) => items.min(table.text_chars()),
            _ => items,
        }
    }

    /// The list in the form that was wanted, or in the shorter one. `order` is that of the columns: names, or the names of
    /// what they are inside of.
    pub(super) fn list(mut self, order: &[&str]) -> WrittenList {
        let items = self.items_chars + 2;
        let pays = |table: &Table| match self.form.format {
            Some(ListFormat::Table) => self.count > 0,
            Some(ListFormat::Json) => false,
            None => {
                let chars = table.text_chars();
                self.count >= FEW && chars * 100 <= items * SHORTER
                    || items > self.form.room() && chars < items
            }
        };
        if let Some(table) = self.table.take().filter(pays) {
            return table.list(order);
        }
        let mut text = std::mem::take(&mut self.items);
        text.insert(0, b'[');
        text.push(b']');
        WrittenList::Items(text)
    }
}

impl Table {
    /// Puts a cell into the last row; `None` where the table cannot have it.
    fn put(&mut self, path: &str, text: &[u8]) -> Option<()> {
        let likely = self.columns.get(self.likely).filter(|column| column.name == path).map(|_| self.likely);
        let found = likely.or_else(|| self.columns.iter().position(|column| column.name == path));
        let column = match found {
            Some(column) => column,
            None if self.columns.len() == MOST_COLUMNS => return None,
            None => {
                self.columns.push(TableColumn { name: path.to_owned(), used: 0 });
                self.columns.len() - 1
            }
        };
        let row = self.rows.last().copied()?;
        // A name with a dot in it, and one that is inside of another, are not told apart in a table.
        if self.placed.get(row..)?.iter().any(|cell| cell.column == column) {
            return None;
        }
        self.columns.get_mut(column)?.used += 1;
        self.likely = column + 1;
        self.cells.extend_from_slice(text);
        self.chars += chars(text);
        self.placed.push(TableCell { column, end: self.cells.len() });
        Some(())
    }

    /// Takes the last row back.
    fn take_back(&mut self) {
        let Some(row) = self.rows.pop() else { return };
        let before = row.checked_sub(1).and_then(|last| self.placed.get(last)).map_or(0, |cell| cell.end);
        self.chars -= self.cells.get(before..).map_or(0, chars);
        for cell in self.placed.drain(row..) {
            if let Some(column) = self.columns.get_mut(cell.column) {
                column.used -= 1;
            }
        }
        self.cells.truncate(before);
    }

    /// How long its text is: names and rows with their brackets and commas, and a null where a row has no cell.
    fn text_chars(&self) -> usize {
        let used = || self.columns.iter().filter(|column| column.used > 0);
        let names: usize = used().map(|column| column.name.chars().count() + 3).sum();
        let (width, rows) = (used().count(), self.rows.len());
        let empty = (rows * width).saturating_sub(self.placed.len());
        names + 14 + rows * (width.max(1) + 2) + self.chars + 4 * empty
    }

    fn list(self, order: &[&str]) -> WrittenList {
        let mut shown: Vec<usize> = (0..self.columns.len()).collect();
        shown.retain(|column| self.columns.get(*column).is_some_and(|column| column.used > 0));
        let place = |column: &usize| {
            let name = self.columns.get(*column).map_or("", |column| column.name.as_str());
            let longest = order
                .iter()
                .enumerate()
                .filter(|(_, entry)| is_within(name, entry))
                .min_by_key(|(_, entry)| Reverse(entry.len()));
            longest.map_or(usize::MAX, |(place, _)| place)
        };
        shown.sort_by_key(place);
        let mut rows = Vec::with_capacity(self.cells.len() + self.rows.len() * (shown.len() + 3));
        rows.push(b'[');
        for (row, from) in self.rows.iter().enumerate() {
            rows.extend_from_slice(if row > 0 { b",[" } else { b"[" });
            let to = self.rows.get(row + 1).copied().unwrap_or(self.placed.len());
            for (at, column) in shown.iter().enumerate() {
                if at > 0 {
                    rows.push(b',');
                }
                let cell = (*from..to)
                    .find(|cell| self.placed.get(*cell).is_some_and(|cell| cell.column == *column));
                rows.extend_from_slice(cell.and_then(|cell| self.text(cell)).unwrap_or(b"null"));
            }
            rows.push(b']');
        }
        rows.push(b']');
        let name = |column: &usize| self.columns.get(*column).map(|column| column.name.clone());
        WrittenList::Table { columns: shown.iter().filter_map(name).collect(), rows }
    }

    fn text(&self, cell: usize) -> Option<&[u8]> {
        let from = cell.checked_sub(1).and_then(|before| self.placed.get(before)).map_or(0, |cell| cell.end);
        self.cells.get(from..self.placed.get(cell)?.end)
    }
}

/// The beginning of a text that is a moment of UTC, `"2026-11-28T09:30:00.000Z"`, up to the end of its day.
fn day(text: &[u8]) -> Option<&[u8]> {
    let (day, time) = text.split_at_checked(11)?;
    let like = |form: &[u8], text: &[u8]| {
        form.len() == text.len()
            && form
                .iter()
                .zip(text)
                .all(|(form, byte)| if *form == b'0' { byte.is_ascii_digit() } else { form == byte })
    };
    let time = time.strip_suffix(b"Z\"")?;
    let (time, fraction) = time.split_at_checked(9)?;
    let whole = fraction.is_empty() || fraction.starts_with(b".") && fraction.len() < 11;
    let digits = fraction.iter().skip(1).all(u8::is_ascii_digit);
    (like(b"\"0000-00-00", day) && like(b"T00:00:00", time) && whole && digits).then_some(day)
}

/// The name of a member inside of another.
pub(super) fn path(within: &str, name: &str) -> String {
    if within.is_empty() { name.to_owned() } else { format!("{within}.{name}") }
}

/// Whether a column is the one of that name, or inside of it.
pub(super) fn is_within(column: &str, name: &str) -> bool {
    column.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// How many characters a text of UTF-8 has.
fn chars(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}
