//! An answer for a person: its list as a table that fits the terminal, the rest as lines.

use jiff::Timestamp;
use serde_json::{Map, Value};
use thiserror::Error;

use super::cell::{Cell, in_line};
use super::columns::{self, Column, Layout, is_id};
use super::output::{self, plain};
use super::width::{cut, padded, width, wrapped};

/// The widest name that the values of its block stand beside.
const BESIDE: usize = 28;

/// The least room in which a value stands beside its name.
const LEAST: usize = 20;

/// How an answer is to be read.
#[derive(Debug)]
pub(super) struct Presentation {
    /// How many columns a line has.
    pub(super) width: usize,
    pub(super) now: Timestamp,
    /// The columns of the list that were asked for, dotted where they are inside of others; none for those that fit.
    pub(super) columns: Vec<String>,
    /// The fields that the call asked for, written likewise. Where no columns were, those that there are take their place.
    pub(super) fields: Vec<String>,
}

/// What is to be known of the columns of a table.
#[derive(Debug, Default)]
struct AboutColumns {
    left_out: Vec<String>,
    /// The first that are shown, as they would be asked for.
    example: Option<String>,
    has_dates: bool,
}

/// A column that an answer does not have.
#[derive(Debug, Error)]
#[error("unknown column `{name}`; the columns are {}", .known.join(", "))]
pub(super) struct UnknownColumn {
    name: String,
    known: Vec<String>,
}

impl Presentation {
    /// The answer as lines.
    ///
    /// # Errors
    /// A column was asked for that the answer does not have.
    pub(super) fn text(&self, answer: &Value) -> Result<String, UnknownColumn> {
        let Some(members) = answer.as_object() else { return Ok(in_line(answer, self.now)) };
        let mut lines = Vec::new();
        match members.get("items").and_then(Value::as_array) {
            Some(items) => {
                self.list(&mut lines, items)?;
                for line in pages(items.len(), members.get("nextCursor").and_then(Value::as_str)) {
                    lines.extend(wrapped(&line, self.width));
                }
                let mut rest = named(members);
                rest.retain(|(name, _)| !["items", "count", "nextCursor"].contains(&&**name));
                self.block(&mut lines, 0, &rest);
            }
            None if self.columns.is_empty() => self.block(&mut lines, 0, &named(members)),
            None => {
                let picked =
                    self.picked(std::slice::from_ref(answer), &self.columns.iter().collect::<Vec<_>>())?;
                self.stacked(&mut lines, &picked, 1);
            }
        }
        Ok(lines.join("\n"))
    }

    /// The items of a list alone: as a table, or a block an item where no table fits.
    ///
    /// # Errors
    /// As [`Presentation::text`].
    #[cfg(feature = "demo")]
    pub(super) fn table(&self, items: &[Value]) -> Result<String, UnknownColumn> {
        let mut lines = Vec::new();
        self.rows(&mut lines, items)?;
        Ok(lines.join("\n"))
    }

    /// A list, and what is to be known of its columns.
    fn list(&self, lines: &mut Vec<String>, items: &[Value]) -> Result<(), UnknownColumn> {
        let about = self.rows(lines, items)?;
        if !lines.is_empty() {
            lines.push(String::new());
        }
        if let Some((hidden, shown)) = about.left_out.first().zip(about.example) {
            let left_out = format!("Columns left out: {}.", about.left_out.join(", "));
            let choose = format!("To choose columns: --columns {shown},{hidden}; everything: --json.");
            lines.extend(wrapped(&left_out, self.width));
            lines.extend(wrapped(&choose, self.width));
        }
        if about.has_dates {
            lines.push("Dates are in UTC.".to_owned());
        }
        Ok(())
    }

    /// The lines of a list.
    fn rows(&self, lines: &mut Vec<String>, items: &[Value]) -> Result<AboutColumns, UnknownColumn> {
        if !items.iter().any(Value::is_object) {
            lines.extend(items.iter().map(|item| in_line(item, self.now)));
            return Ok(AboutColumns::default());
        }
        let fields = self.fields.iter().filter(|name| items.iter().any(|item| at(item, name).is_some()));
        let asked: Vec<&String> =
            if self.columns.is_empty() { fields.collect() } else { self.columns.iter().collect() };
        let columns = if asked.is_empty() { self.all(items) } else { self.picked(items, &asked)? };
        let layout = if asked.is_empty() {
            columns::fitting(&columns, self.width)
        } else {
            columns::all_of(&columns, self.width)
        };
        let Layout::Table { shown, left_out } = layout else {
            self.stacked(lines, &columns, items.len());
            return Ok(AboutColumns::default());
        };
        lines.push(table(&shown, items.len()));
        let example: Vec<&str> = shown.iter().take(2).map(|(column, _)| &*column.name).collect();
        Ok(AboutColumns {
            left_out: left_out.into_iter().map(str::to_owned).collect(),
            example: Some(example.join(",")),
            has_dates: shown.iter().any(|(column, _)| column.has_dates()),
        })
    }

    /// A column for each member that an item has.
    fn all(&self, items: &[Value]) -> Vec<Column> {
        let mut names: Vec<&str> = Vec::new();
        for name in items.iter().filter_map(Value::as_object).flat_map(Map::keys) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names.sort_by_key(|name| place(name));
        let column = |name: &&str| {
            let cells = items.iter().map(|item| self.cell(name, item.get(*name)));
            Column::new(plain(name), cells.collect())
        };
        let mut columns: Vec<Column> = names.iter().map(column).collect();
        columns::with_key(&mut columns);
        columns
    }

    /// The columns that were asked for.
    fn picked(&self, items: &[Value], names: &[&String]) -> Result<Vec<Column>, UnknownColumn> {
        let column = |name: &&String| {
            if !items.is_empty() && items.iter().all(|item| at(item, name).is_none()) {
                return Err(UnknownColumn { name: plain(name), known: known(items) });
            }
            let cells = items.iter().map(|item| self.cell(name, at(item, name).as_ref()));
            Ok(Column::new(plain(name), cells.collect()))
        };
        names.iter().map(column).collect()
    }

    fn cell(&self, name: &str, value: Option<&Value>) -> Cell {
        value.map(|value| Cell::of(name, value, self.now)).unwrap_or_default()
    }

    /// A block for each item, with a line for each column that says something of it.
    fn stacked(&self, lines: &mut Vec<String>, columns: &[Column], items: usize) {
        let beside = columns.iter().map(|column| width(&column.name)).filter(|wide| *wide <= BESIDE).max();
        for at in 0..items {
            if at > 0 {
                lines.push(String::new());
            }
            for column in columns {
                let text = column.cells.get(at).map_or("", |cell| &*cell.text);
                if !text.is_empty() {
                    self.line(lines, 0, beside.unwrap_or(BESIDE), &column.name, text);
                }
            }
        }
    }

    /// Names with their values; what is inside of a value is indented.
    fn block(&self, lines: &mut Vec<String>, indent: usize, members: &[(String, &Value)]) {
        let flat = members.iter().filter(|(_, value)| !is_nested(value));
        let beside = flat.map(|(name, _)| width(name)).filter(|wide| *wide <= BESIDE).max().unwrap_or(BESIDE);
        for (name, value) in members {
            let inner = match value {
                Value::Object(inner) if is_nested(value) => named(inner),
                Value::Array(all) if is_nested(value) => {
                    all.iter().enumerate().map(|(at, one)| ((at + 1).to_string(), one)).collect()
                }
                other => {
                    self.line(lines, indent, beside, name, &in_line(other, self.now));
                    continue;
                }
            };
            lines.push(format!("{}{name}:", " ".repeat(indent)));
            self.block(lines, indent + 2, &inner);
        }
    }

    /// One name with its value, in as many lines as it takes: beside the name, or below it where there is little room.
    fn line(&self, lines: &mut Vec<String>, indent: usize, beside: usize, name: &str, text: &str) {
        let room = |hanging: usize| self.width.saturating_sub(hanging);
        let parts = |hanging| if is_id(name) { vec![text.to_owned()] } else { wrapped(text, room(hanging)) };
        let fits = |parts: &[String], hanging| parts.iter().all(|part| width(part) <= room(hanging));
        let hanging = indent + beside + 2;
        let label = format!("{}{name}:", " ".repeat(indent));
        let stands_beside = parts(hanging);
        let is_roomy = room(hanging) >= LEAST && fits(&stands_beside, hanging) && width(name) <= beside;
        if is_roomy || stands_beside.is_empty() {
            let mut parts = stands_beside.into_iter();
            let first = format!("{}{}", padded(&label, hanging), parts.next().unwrap_or_default());
            lines.push(first.trim_end().to_owned());
            lines.extend(parts.map(|part| format!("{}{part}", " ".repeat(hanging))));
        } else {
            lines.push(label);
            lines.extend(
                parts(indent + 4).into_iter().map(|part| format!("{}{part}", " ".repeat(indent + 4))),
            );
        }
    }
}

/// The members of an object, what it is called first, under names that cannot steer the terminal.
fn named(members: &Map<String, Value>) -> Vec<(String, &Value)> {
    let mut named: Vec<(String, &Value)> = members.iter().map(|(name, value)| (plain(name), value)).collect();
    named.sort_by_key(|(name, _)| place(name));
    named
}

/// Where a member stands: what a thing is called by comes first.
fn place(name: &str) -> u8 {
    match name {
        "id" | "user" => 0,
        "name" | "title" | "displayName" => 1,
        _ => 2,
    }
}

/// How many items there are, and how to ask for more.
fn pages(items: usize, next: Option<&str>) -> Vec<String> {
    let count = match items {
        1 => "1 item".to_owned(),
        items => format!("{items} items"),
    };
    match next {
        None => vec![format!("{count}.")],
        Some(next) => vec![
            format!("{count} on this page."),
            format!("More: add \"pageCursor\":\"{}\" to the arguments.", plain(next)),
        ],
    }
}

fn table(shown: &[(&Column, usize)], rows: usize) -> String {
    let cell = |(column, wide): &(&Column, usize), at: usize| {
        let Some(cell) = column.cells.get(at) else { return String::new() };
        match &cell.day {
            Some(day) if column.tells_days(*wide) => day.clone(),
            _ if is_id(&column.name) => cell.text.clone(),
            _ => cut(&cell.text, *wide),
        }
    };
    let head: Vec<String> = shown.iter().map(|(column, wide)| cut(&column.name, *wide)).collect();
    let rows = (0..rows).map(|at| shown.iter().map(|one| cell(one, at)).collect());
    output::table_as_wide_as_it_is(&head, rows)
}

/// Whether a value takes lines of its own.
fn is_nested(value: &Value) -> bool {
    match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(all) => all.iter().any(Value::is_object),
        _ => false,
    }
}

/// What is at a dotted path; of a list, what is there in each of its items.
fn at(value: &Value, path: &str) -> Option<Value> {
    // A name may have a dot of its own.
    if let Some(found) = value.get(path) {
        return Some(found.clone());
    }
    if let Value::Array(all) = value {
        let found: Vec<Value> = all.iter().filter_map(|one| at(one, path)).collect();
        return (!found.is_empty()).then_some(Value::Array(found));
    }
    let (first, rest) = path.split_once('.')?;
    at(value.get(first)?, rest)
}

/// The columns that items have, those inside of others too.
fn known(items: &[Value]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: String| {
        if !names.contains(&name) {
            names.push(name);
        }
    };
    for (name, value) in items.iter().filter_map(Value::as_object).flatten() {
        let name = plain(name);
        add(name.clone());
        let inner = value.as_object().into_iter().flat_map(Map::keys);
        inner.for_each(|inner| add(format!("{name}.{}", plain(inner))));
    }
    names
}
