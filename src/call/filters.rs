//! Filters of a list that came back empty, and whether what they name exists.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::catalog::{self, Operation, ValuesFrom};

/// How many values of one filter are read by their ids: each costs a request of the minute's budget.
const MAX_READS: usize = 3;

/// How many of the values that exist are named.
const NAMED: usize = 20;

/// A filter whose values another operation answers.
pub(super) struct Filter<'c> {
    /// Where they are from.
    pub(super) from: &'static Operation,
    values: ValuesFrom<'static>,
    given: Vec<&'c str>,
}

/// One read that says whether values exist.
pub(super) struct Look<'c> {
    /// What to read with.
    pub(super) arguments: Value,
    /// The values that it decides about.
    values: Vec<&'c str>,
}

/// Filters by what may not exist. On a later page there was something, so nothing is looked up for it.
pub(super) fn to_look_up<'c>(operation: &'static Operation, arguments: &'c Value) -> Vec<Filter<'c>> {
    if arguments.get("pageCursor").is_some() {
        return Vec::new();
    }
    let filter = |values: &ValuesFrom<'static>| {
        let given = texts(arguments.get(values.argument)?);
        Some(Filter { from: catalog::find(values.tool)?, values: *values, given })
    };
    operation.values_from.iter().filter_map(filter).filter(|filter| !filter.given.is_empty()).collect()
}

/// Lists of one text with a comma in it, which may have been meant as several.
pub(super) fn commas(operation: &Operation, arguments: &Value) -> Vec<String> {
    operation.in_query.iter().chain(&operation.in_body).filter_map(|name| comma(name, arguments)).collect()
}

/// The same of `fields`, where no name has a comma.
pub(super) fn comma_in_fields(arguments: &Value) -> Option<String> {
    comma("fields", arguments)
}

fn comma(name: &str, arguments: &Value) -> Option<String> {
    let [Value::String(only)] = arguments.get(name)?.as_array()?.as_slice() else { return None };
    let each: Vec<&str> = only.split(',').map(str::trim).filter(|one| !one.is_empty()).collect();
    let list = json!({ name: each });
    (each.len() > 1).then(|| {
        format!("`{name}` was read as one value that contains a comma; for several values write {list}.")
    })
}

impl<'c> Filter<'c> {
    /// The reads that say whether the values exist.
    pub(super) fn looks(&self, arguments: &Value) -> Vec<Look<'c>> {
        let path = &self.from.in_path;
        let with = |own: Option<&str>| {
            let mut wanted = Map::new();
            for name in path {
                // The value fills the last of the path, and the call's own arguments the others.
                match own.filter(|_| path.last() == Some(name)) {
                    Some(own) => wanted.insert((*name).to_owned(), Value::from(own)),
                    None => {
                        wanted.insert((*name).to_owned(), arguments.get(name).cloned().unwrap_or_default())
                    }
                };
            }
            Value::Object(wanted)
        };
        if self.reads_one() {
            let read = |value: &&'c str| Look { arguments: with(Some(value)), values: vec![*value] };
            return self.given.iter().take(MAX_READS).map(read).collect();
        }
        let mut all = with(None);
        if let Some(members) = all.as_object_mut().filter(|_| self.from.is_paged()) {
            members.insert("pageSize".to_owned(), json!(100));
            members.insert("fields".to_owned(), json!([self.values.field]));
        }
        vec![Look { arguments: all, values: self.given.clone() }]
    }

    /// Whether a value is read by itself, and not a list of those that exist.
    fn reads_one(&self) -> bool {
        self.from.path.ends_with('}')
    }

    /// That some values were not looked up, so that nobody takes them for some that exist.
    pub(super) fn not_looked_up(&self) -> Option<String> {
        let others = self.given.get(MAX_READS..).filter(|others| self.reads_one() && !others.is_empty())?;
        Some(format!("Its other values ({}) were not checked.", others.len()))
    }

    /// What a read says of values that do not exist; `None` where all do, or where that cannot be told. `answer` is none
    /// where what was read does not exist.
    pub(super) fn told(&self, look: &Look<'_>, answer: Option<&Value>) -> Option<String> {
        let ValuesFrom { argument, tool, .. } = self.values;
        if self.reads_one() {
            let missing = look.values.first().filter(|_| answer.is_none())?;
            return Some(format!("`{argument}`: {tool} finds nothing with the id {}.", quoted(missing)));
        }
        let answer = answer?;
        let exist: BTreeSet<&str> = answer
            .get("items")?
            .as_array()?
            .iter()
            .filter_map(|item| item.get(self.values.field))
            .flat_map(texts)
            .collect();
        let missing: Vec<String> =
            look.values.iter().filter(|value| !exist.contains(**value)).map(|value| quoted(value)).collect();
        if missing.is_empty() {
            return None;
        }
        let missing = missing.join(", ");
        if answer.get("nextCursor").is_some() {
            return Some(format!("`{argument}`: {missing} is not among the first 100 items of {tool}."));
        }
        let named: Vec<String> = exist.iter().take(NAMED).map(|value| quoted(value)).collect();
        let more = exist.len().saturating_sub(NAMED);
        let exist = match (named.is_empty(), more) {
            (true, _) => "none".to_owned(),
            (false, 0) => named.join(", "),
            (false, more) => format!("{} and {more} more", named.join(", ")),
        };
        Some(format!("`{argument}`: nothing has the value {missing}. Values that exist ({tool}): {exist}."))
    }
}

/// A value in quotation marks, as JSON has it, so that what it holds is not read as our words.
pub(super) fn quoted(value: &str) -> String {
    json!(value).to_string()
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    }
}
