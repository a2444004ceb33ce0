//! The items of a list on their way into a file: an object a line, and the rows of a table made of those lines.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::bounded::{Bounds, LeftOut, members};
use super::fields::Fields;
use super::own::Own;
use super::written::{DEPTH, is_within, path};
use crate::catalog::Operation;
use crate::catalog::members::{leaves, lists};

/// How many items show what is in the file.
const SHOWN: usize = 3;

/// How long each of them is at most, in bytes.
const SHOWN_TEXT: usize = 2 << 10;

/// More columns than this are no table.
const MOST_COLUMNS: usize = 400;

/// What the column of an item that is no object is called.
const VALUE: &str = "value";

/// What a spreadsheet takes for the beginning of a formula ("CSV Injection", owasp.org).
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Items for a file.
#[derive(Debug, Default)]
pub(super) struct ExportedItems {
    /// Those that are still to be written, an object a line.
    pub(super) lines: Vec<u8>,
    found: Vec<FoundColumn>,
    places: HashMap<String, usize>,
    /// How many values there was no column for.
    columnless: u64,
    /// The first items, as they are shown.
    rows: Vec<Value>,
    left_out: LeftOut,
}

#[derive(Debug)]
struct FoundColumn {
    name: String,
    /// Whether any item has more there than null.
    is_filled: bool,
}

/// The columns of a table, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportColumns(Vec<String>);

impl ExportedItems {
    /// Takes an item, with the fields that are wanted of it.
    pub(super) fn put(&mut self, item: &RawValue, fields: &Fields<'_>) -> serde_json::Result<()> {
        let begin = self.lines.len();
        match fields {
            named @ Fields::Named(_) => {
                let mut bounds = Bounds::new();
                serde_json::to_writer(&mut self.lines, &named.keep(bounds.value(item)?))?;
                self.left_out += bounds.left_out;
            }
            Fields::AsTheyCome | Fields::All | Fields::Usual(_) => compact(item.get(), &mut self.lines),
        }
        let line = std::mem::take(&mut self.lines);
        let seen = line.get(begin..).map(|text| self.see(text, fields)).transpose();
        self.lines = line;
        self.lines.push(b'\n');
        seen.map(drop)
    }

    /// Looks at an item as it is written.
    pub(super) fn see(&mut self, line: &[u8], fields: &Fields<'_>) -> serde_json::Result<()> {
        let item: &RawValue = serde_json::from_slice(line)?;
        if self.rows.len() < SHOWN {
            self.rows.push(fields.keep(Bounds::of_text(SHOWN_TEXT).value(item)?));
        }
        cells(item, "", DEPTH, &mut |name, value| self.column(name, !is_empty(value)));
        Ok(())
    }

    fn column(&mut self, name: &str, is_filled: bool) {
        if let Some(column) = self.places.get(name).and_then(|place| self.found.get_mut(*place)) {
            column.is_filled |= is_filled;
        } else if self.found.len() < MOST_COLUMNS {
            self.places.insert(name.to_owned(), self.found.len());
            self.found.push(FoundColumn { name: name.to_owned(), is_filled });
        } else {
            self.columnless += 1;
        }
    }

    /// The columns: those that were named, else those that the catalog lists, in its order, then the others. Where there is
    /// no item, all that there could have been.
    pub(super) fn columns(&self, operation: &Operation, fields: &Fields<'_>) -> ExportColumns {
        let order: Vec<String> = match fields {
            Fields::Named(paths) => paths.iter().map(|&path| path.to_owned()).collect(),
            Fields::AsTheyCome | Fields::All | Fields::Usual(_) => leaves(operation.members),
        };
        if self.found.is_empty() {
            return ExportColumns(order);
        }
        // A null in place of an object is no column of its own beside those of what is inside of the object.
        let is_inner =
            |column: &FoundColumn, name: &str| column.name != name && is_within(&column.name, name);
        let is_column = |column: &&FoundColumn| {
            column.is_filled || !self.found.iter().any(|other| is_inner(other, &column.name))
        };
        let mut names: Vec<String> =
            self.found.iter().filter(is_column).map(|column| column.name.clone()).collect();
        let place = |name: &String| {
            order.iter().position(|listed| is_within(name, listed) || is_within(listed, name))
        };
        names.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
        ExportColumns(names)
    }

    /// The answer about the file, in which `file` says what was written.
    pub(super) fn own(self, operation: &Operation, fields: &Fields<'_>, file: Value) -> Own {
        let mut own = Own::default();
        if let Fields::Named(paths) = fields
            && !self.found.is_empty()
        {
            let has = |path: &str| {
                let touches =
                    |column: &FoundColumn| is_within(&column.name, path) || is_within(path, &column.name);
                lists(operation.members, path) || self.found.iter().any(touches)
            };
            let unknown: Vec<&str> = paths.iter().copied().filter(|path| !has(path)).collect();
            if !unknown.is_empty() {
                own.say("unknownFields", json!(unknown));
            }
        }
        if self.columnless > 0 {
            own.note(format!(
                "A table has at most {MOST_COLUMNS} columns, and {} values are in none of them. Name `fields`, or use the \
                 format jsonl, which has them all.",
                self.columnless
            ));
        }
        own.tell(self.left_out);
        own.say("exported", file);
        own.say("rows", json!(self.rows));
        own
    }
}

impl ExportColumns {
    /// Columns of these names.
    #[must_use]
    pub fn named(names: &[&str]) -> Self {
        Self(names.iter().map(|&name| name.to_owned()).collect())
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Writes the lines of objects as a table: RFC 4180, with a line of names first. A list is written as JSON.
    ///
    /// # Errors
    /// The lines cannot be read, or the table cannot be written.
    pub fn write(&self, mut lines: impl BufRead, into: impl Write) -> io::Result<()> {
        let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(into);
        if !self.0.is_empty() {
            table.write_record(self.0.iter().map(|name| harmless(name.clone())))?;
        }
        let places: HashMap<&str, usize> = self.0.iter().map(String::as_str).zip(0..).collect();
        let (mut line, mut row) = (Vec::new(), vec![String::new(); self.0.len()]);
        while lines.read_until(b'\n', &mut line)? > 0 {
            let item: &RawValue = serde_json::from_slice(&line)?;
            row.iter_mut().for_each(String::clear);
            cells(item, "", DEPTH, &mut |name, value| {
                if let Some(cell) = places.get(name).and_then(|place| row.get_mut(*place))
                    && !is_empty(value)
                {
                    *cell = shown(value);
                }
            });
            table.write_record(&row)?;
            line.clear();
        }
        table.flush()
    }
}

/// The values of an item that have a column each, with its name.
fn cells<'b>(item: &'b RawValue, within: &str, depth: usize, put: &mut dyn FnMut(&str, &'b RawValue)) {
    let inner = if depth > 0 { members(item) } else { None };
    match inner.filter(|inner| !inner.is_empty()) {
        Some(inner) => {
            for (name, value) in inner {
                cells(value, &path(within, &name), depth - 1, put);
            }
        }
        None => put(if within.is_empty() { VALUE } else { within }, item),
    }
}

fn is_empty(value: &RawValue) -> bool {
    matches!(value.get(), "null" | "{}")
}

/// A value as a cell shows it: a text as it is, anything else as JSON. A number cannot be taken for a formula.
fn shown(value: &RawValue) -> String {
    match serde_json::from_str::<String>(value.get()) {
        Ok(text) => harmless(text),
        Err(_) => value.get().to_owned(),
    }
}

/// A text that no spreadsheet takes for a formula.
fn harmless(text: String) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text }
}

/// Writes JSON without the white space between its parts, so that it is one line.
fn compact(text: &str, into: &mut Vec<u8>) {
    let (mut is_text, mut is_escaped) = (false, false);
    for byte in text.bytes() {
        if is_text {
            is_text = byte != b'"' || is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
        } else if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            continue;
        } else {
            is_text = byte == b'"';
        }
        into.push(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    fn exported(items: &[&str], fields: &Fields<'_>) -> (String, String) {
        let operation = catalog::find("list_vendors").unwrap();
        let mut all = ExportedItems::default();
        for item in items {
            all.put(serde_json::from_str(item).unwrap(), fields).unwrap();
        }
        let mut table = Vec::new();
        all.columns(operation, fields).write(&all.lines[..], &mut table).unwrap();
        (String::from_utf8(all.lines).unwrap(), String::from_utf8(table).unwrap())
    }

    #[test]
    fn an_item_is_one_line_and_one_row() {
        let items = [
            "{\"id\": \"v1\",\n \"name\": \"a \\\\\\\" \\n b\", \"n\": 1.50e1, \"owner\": null, \"x\": [1, {\"y\": 2}]}",
            "{\"id\":\"v2\",\"owner\":{\"id\":\"u\",\"deep\":{\"a\":{\"b\":{\"c\":1}}}},\"n\":-1,\"x\":{}}",
            "\"alone\"",
        ];
        let (lines, table) = exported(&items, &Fields::All);
        let expected = "{\"id\":\"v1\",\"name\":\"a \\\\\\\" \\n b\",\"n\":1.50e1,\"owner\":null,\"x\":[1,{\"y\":2}]}\n\
            {\"id\":\"v2\",\"owner\":{\"id\":\"u\",\"deep\":{\"a\":{\"b\":{\"c\":1}}}},\"n\":-1,\"x\":{}}\n\"alone\"\n";
        assert_eq!(lines, expected);
        let expected = "id,name,n,x,owner.id,owner.deep.a.b,value\r\n\
            v1,\"a \\\"\" \n b\",1.50e1,\"[1,{\"\"y\"\":2}]\",,,\r\n\
            v2,,-1,,u,\"{\"\"c\"\":1}\",\r\n,,,,,,alone\r\n";
        assert_eq!(table, expected);
    }

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1"] {
            let item = json!({ "id": text, text: "=", "list": [text] }).to_string();
            let (_, table) = exported(&[&item], &Fields::All);
            let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(table.as_bytes());
            for cell in
                rows.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
            {
                assert!(!cell.starts_with(FORMULA), "{cell:?} of {table:?}");
            }
        }
        let (_, table) = exported(&["{\"id\":-5}"], &Fields::All);
        assert_eq!(table, "id\r\n-5\r\n", "a number stays one");
    }

    #[test]
    fn an_empty_list_has_the_columns_that_were_wanted() {
        let named = Fields::Named(vec!["name", "owner.id"]);
        assert_eq!(exported(&[], &named), (String::new(), "name,owner.id\r\n".to_owned()));
        let (_, table) = exported(&["{\"owner\":{\"id\":1,\"x\":2},\"name\":null}"], &named);
        assert_eq!(table, "name,owner.id\r\n,1\r\n", "in the order in which they were named");
    }
}
