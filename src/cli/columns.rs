//! The columns of a table, and which of them fit beside each other, how wide.

use std::collections::BTreeSet;

use super::cell::Cell;
use super::width::width;

/// Between two columns.
pub(super) const GAP: usize = 2;

/// What a column of text keeps at least before another is left out for it.
const TEXT: usize = 20;

/// The same of a name.
const NAME: usize = 30;

/// The same where nothing else helps.
const LITTLE: usize = 12;

/// What a column is to a reader, the most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// What identifies an item.
    Key,
    Name,
    State,
    /// The date by which something is due.
    Due,
    Owner,
    Text,
    Date,
    /// Further ids, yes and no, addresses.
    Detail,
    /// Alike or empty in all rows.
    Same,
}

/// A column with its cells from top to bottom.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) cells: Vec<Cell>,
    rank: Rank,
}

/// The columns that fit, or none where not even two do.
#[derive(Debug)]
pub(super) enum Layout<'c> {
    /// Side by side, with their widths.
    Table {
        shown: Vec<(&'c Column, usize)>,
        /// The names of those that did not fit.
        left_out: Vec<&'c str>,
    },
    /// One below the other.
    Stacked,
}

impl Column {
    pub(super) fn new(name: String, cells: Vec<Cell>) -> Self {
        let rank = rank(&name, &cells);
        Self { name, cells, rank }
    }

    /// All of it: the head and the widest cell.
    fn whole(&self) -> usize {
        self.cells.iter().map(|cell| width(&cell.text)).fold(width(&self.name), usize::max)
    }

    /// The least that it is shown in.
    fn least(&self) -> usize {
        let whole = self.whole();
        if is_id(&self.name) {
            return whole;
        }
        if let Some(days) = self.days() {
            return days.max(width(&self.name).min(TEXT));
        }
        whole.min(if self.rank == Rank::Name { NAME } else { TEXT })
    }

    /// The width of its dates as days alone; none where it has other cells than dates.
    fn days(&self) -> Option<usize> {
        let is_empty = |cell: &Cell| cell.text.is_empty() || cell.text == "-";
        let dates = self.cells.iter().filter(|cell| !is_empty(cell));
        let days: Option<Vec<usize>> = dates.map(|cell| cell.day.as_deref().map(width)).collect();
        days?.into_iter().max()
    }

    /// Whether the dates of a column of this width are days alone.
    pub(super) fn tells_days(&self, columns: usize) -> bool {
        self.days().is_some() && columns < self.whole()
    }

    pub(super) fn has_dates(&self) -> bool {
        self.cells.iter().any(|cell| cell.day.is_some())
    }
}

/// Whether a column of that name holds ids, which are of no use when they are cut.
pub(super) fn is_id(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    matches!(last, "id" | "user" | "uuid" | "ids")
        || ["Id", "Ids", "_id", "_ids"].iter().any(|end| last.ends_with(end))
}

fn rank(name: &str, cells: &[Cell]) -> Rank {
    const STATES: [&str; 7] = ["status", "severity", "state", "result", "level", "priority", "outcome"];
    const DUE: [&str; 6] = ["due", "deadline", "remediateby", "expir", "renewal", "enddate"];
    const OWNERS: [&str; 3] = ["owner", "assignee", "assignedto"];
    let lower = name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let is_date = cells.iter().any(|cell| cell.day.is_some());
    let is_alike = match cells {
        [first, _, _, ..] => cells.iter().all(|cell| cell == first),
        few => few.iter().all(|cell| matches!(&*cell.text, "" | "-" | "none")),
    };
    match &*lower {
        "id" | "user" => Rank::Key,
        "name" | "title" | "displayname" | "question" | "domain" => Rank::Name,
        _ if is_alike => Rank::Same,
        _ if is_date && has(&DUE) => Rank::Due,
        _ if is_date => Rank::Date,
        _ if is_id(name) => Rank::Detail,
        _ if STATES.iter().any(|word| lower.ends_with(word)) => Rank::State,
        _ if has(&OWNERS) => Rank::Owner,
        _ if cells.iter().all(|cell| matches!(&*cell.text, "yes" | "no" | "-" | "")) => Rank::Detail,
        _ if has(&["url", "link"]) => Rank::Detail,
        _ => Rank::Text,
    }
}

/// Sees to it that something identifies the items where there is no `id`: the first id that each has one of its own of.
pub(super) fn with_key(columns: &mut [Column]) {
    if columns.iter().any(|column| column.rank == Rank::Key) {
        return;
    }
    let is_own = |column: &&mut Column| {
        let distinct: BTreeSet<&str> = column.cells.iter().map(|cell| &*cell.text).collect();
        let is_whole = !distinct.contains("") && !distinct.contains("-");
        is_id(&column.name) && is_whole && distinct.len() == column.cells.len()
    };
    if let Some(own) = columns.iter_mut().find(is_own) {
        own.rank = Rank::Key;
    }
}

/// Those columns that fit into a width: the least important are left out first.
pub(super) fn fitting(columns: &[Column], room: usize) -> Layout<'_> {
    let mut ranked: Vec<&Column> = columns.iter().collect();
    ranked.sort_by_key(|column| column.rank);
    let mut shown: Vec<(&Column, usize)> = Vec::new();
    let mut left: Vec<&Column> = Vec::new();
    for column in ranked {
        let free = room.saturating_sub(taken(&shown));
        let whole = Some(column.whole()).filter(|_| column.rank == Rank::Due);
        match whole.into_iter().chain([column.least()]).find(|wanted| *wanted <= free) {
            Some(wanted) => shown.push((column, wanted)),
            None if shown.is_empty() => shown.push((column, column.whole())),
            None if shown.len() == 1 && !is_id(&column.name) && free >= LITTLE => shown.push((column, free)),
            None => left.push(column),
        }
    }
    if shown.len() < 2 && !left.is_empty() || taken(&shown) > room + GAP {
        return Layout::Stacked;
    }
    widen(&mut shown, room);
    // In the order of the answer, not of what seemed important.
    let left_out = columns.iter().filter(|one| left.iter().any(|left| left.name == one.name));
    Layout::Table { left_out: left_out.map(|column| &*column.name).collect(), shown }
}

/// All of the columns in their order, where they fit. The widest texts are shortened first, then the dates, and heads and
/// short values where nothing else helps.
pub(super) fn all_of(columns: &[Column], room: usize) -> Layout<'_> {
    let mut shown: Vec<(&Column, usize)> = columns.iter().map(|column| (column, column.whole())).collect();
    let text = |least: usize| {
        move |column: &Column| {
            let is_text = !is_id(&column.name) && column.days().is_none();
            is_text.then(|| width(&column.name).max(least))
        }
    };
    let day = |column: &Column| column.days().map(|days| days.max(width(&column.name)));
    let little = |column: &Column| (!is_id(&column.name)).then(|| column.days().unwrap_or(LITTLE));
    let fits = shorten(&mut shown, room, text(TEXT))
        || shorten(&mut shown, room, day)
        || shorten(&mut shown, room, text(LITTLE))
        || shorten(&mut shown, room, little);
    if fits { Layout::Table { shown, left_out: Vec::new() } } else { Layout::Stacked }
}

/// Takes the room that is missing from the widest columns, of each no more than leaves it the least that it can do with;
/// one without such a least stays as it is. Whether that was enough.
fn shorten(shown: &mut [(&Column, usize)], room: usize, least: impl Fn(&Column) -> Option<usize>) -> bool {
    while taken(shown) > room + GAP {
        let can_give =
            |(column, wide): &&mut (&Column, usize)| least(column).is_some_and(|least| *wide > least);
        match shown.iter_mut().filter(can_give).max_by_key(|(_, wide)| *wide) {
            // A date is told whole or as a day.
            Some((column, wide)) if column.days().is_some() => *wide = least(column).unwrap_or_default(),
            Some((_, wide)) => *wide -= 1,
            None => return false,
        }
    }
    true
}

/// The columns that these take, with a gap after each.
fn taken(shown: &[(&Column, usize)]) -> usize {
    shown.iter().map(|(_, wide)| wide + GAP).sum()
}

/// Gives the room that is left to those that need it, the first as much as it can use.
fn widen(shown: &mut [(&Column, usize)], room: usize) {
    let mut free = (room + GAP).saturating_sub(taken(shown));
    for (column, wide) in shown {
        let more = column.whole().saturating_sub(*wide).min(free);
        // A date is told whole or as a day.
        if more < column.whole() - *wide && column.has_dates() {
            continue;
        }
        *wide += more;
        free -= more;
    }
}
