//! How many items of a list there are for each value of a field.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use super::own::Own;

/// How many groups are told apart: a field that differs in each item is none to group by.
const MOST_GROUPS: usize = 200;

/// The longest name of a group, in characters.
const LONGEST_LABEL: usize = 200;

/// What an item without a value is counted as.
const NONE: &str = "(none)";

/// What more than [`MOST_GROUPS`] are counted as.
const OTHERS: &str = "(others)";

/// Groups in the making.
#[derive(Debug, Default)]
pub(super) struct Groups {
    groups: BTreeMap<String, u64>,
    /// Whether any item had the field to group by.
    pub(super) found: bool,
}

impl Groups {
    /// Counts an item.
    pub(super) fn take(&mut self, item: &Value, path: &str) {
        let found = path.split('.').try_fold(item, |value, name| value.get(name));
        self.found |= found.is_some();
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

    /// Says how many of `count` items are in each group.
    pub(super) fn tell(&self, own: &mut Own, path: &str, count: usize) {
        own.say("groupBy", json!(path));
        own.say("groups", json!(self.groups));
        let sum: u64 = self.groups.values().sum();
        if sum != u64::try_from(count).unwrap_or(u64::MAX) {
            own.note(format!(
                "The groups add up to {sum}, not {count}: `{path}` is a list, and an item is counted for each of its values."
            ));
        }
        if self.groups.contains_key(OTHERS) {
            own.note(format!("There are more than {MOST_GROUPS} values; the rest is counted as {OTHERS}."));
        }
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
