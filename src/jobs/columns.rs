//! Rows in columns, as an answer shows them: the names of the columns once.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Rows in columns.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InColumns {
    /// The names of the columns.
    pub columns: &'static [&'static str],
    /// A list of values each, in the order of the columns.
    pub rows: Vec<Vec<Value>>,
    /// How many rows there are, where not all are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<usize>,
}

impl InColumns {
    /// The first `most` of these rows.
    #[must_use]
    pub fn first(columns: &'static [&'static str], most: usize, mut rows: Vec<Vec<Value>>) -> Self {
        let all = rows.len();
        rows.truncate(most);
        Self { columns, rows, of: (all > most).then_some(all) }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// The beginning of a text, at most so many characters of it, on one line.
#[must_use]
pub fn short(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        None => line,
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
    }
}

/// How many there are of each kind, the most frequent first: an object with a number each.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Counts(Vec<(String, usize)>);

impl Counts {
    /// Counts these.
    #[must_use]
    pub fn of<K: Into<String>>(kinds: impl IntoIterator<Item = K>) -> Self {
        let mut counted = BTreeMap::new();
        for kind in kinds {
            *counted.entry(kind.into()).or_insert(0_usize) += 1;
        }
        let mut counted: Vec<(String, usize)> = counted.into_iter().collect();
        // What is as frequent stays in the order of its names.
        counted.sort_by_key(|(_, count)| Reverse(*count));
        Self(counted)
    }

    /// How many there are of one kind.
    #[must_use]
    pub fn count(&self, kind: &str) -> usize {
        self.0.iter().find(|(name, _)| name == kind).map_or(0, |(_, count)| *count)
    }

    /// The same with the `most` most frequent alone, and the others in one.
    #[must_use]
    pub fn first(mut self, most: usize) -> Self {
        let others: usize = self.0.iter().skip(most).map(|(_, count)| count).sum();
        self.0.truncate(most);
        if others > 0 {
            self.0.push(("(others)".to_owned(), others));
        }
        self
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, count)| (name, count)))
    }
}

impl JsonSchema for Counts {
    fn schema_name() -> Cow<'static, str> {
        "Counts".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object" })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_table_says_how_many_rows_it_leaves_out() {
        let rows = || vec![vec![json!(1)], vec![json!(2)]];
        let whole = InColumns::first(&["n"], 2, rows());
        assert_eq!(json!(whole), json!({"columns": ["n"], "rows": [[1], [2]]}));
        let cut = InColumns::first(&["n"], 1, rows());
        assert_eq!(json!(cut), json!({"columns": ["n"], "rows": [[1]], "of": 2}));
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(short(" zwölf \n Boxkämpfer", 5), "zwölf…");
        assert_eq!(short("zwölf", 5), "zwölf");
    }

    #[test]
    fn the_most_frequent_comes_first() {
        let counts = Counts::of(["b", "a", "c", "b"]);
        assert_eq!(serde_json::to_string(&counts).unwrap(), r#"{"b":2,"a":1,"c":1}"#);
        assert_eq!((counts.count("b"), counts.count("x")), (2, 0));
        assert_eq!(serde_json::to_string(&counts.first(1)).unwrap(), r#"{"b":2,"(others)":2}"#);
    }
}
