//! How many items of a list there are for each value of a field.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Value, json};

use super::own::Own;

/// How many groups are shown, the largest first: a field that differs in each item is none to group by.
const MOST_GROUPS: usize = 200;

/// How many groups are told apart, and how much memory their values take, in bytes.
const MOST_KEPT: usize = 20_000;
const MEMORY: usize = 4 << 20;

/// The longest name of a group, in characters.
const LONGEST_LABEL: usize = 200;

/// What an item without a value is counted as.
const NONE: &str = "(none)";

/// What smaller groups are counted as.
const OTHERS: &str = "(others)";

/// Groups in the making.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// By the value, as [`identity`] has it.
    all: HashMap<String, ItemGroup>,
    memory: usize,
    /// Items whose values there was no room for.
    beyond: u64,
    /// Whether any item had the field to group by.
    pub(super) found: bool,
    letters: Letters,
}

/// Whether upper and lower case tell texts apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Letters {
    #[default]
    Exact,
    /// As for the filter of the same field.
    Alike,
}

#[derive(Debug)]
struct ItemGroup {
    /// What people call it.
    label: String,
    items: u64,
}

impl Groups {
    /// None yet, of values that are told apart so.
    pub(super) fn by(letters: Letters) -> Self {
        Self { letters, ..Self::default() }
    }

    /// Counts an item.
    pub(super) fn take(&mut self, item: &Value, path: &str) {
        let mut found = Vec::new();
        standing_at(item, path, &mut found);
        self.found |= !found.is_empty();
        match found[..] {
            [] => self.add(&Value::Null),
            [one] => self.add(one),
            _ => {
                // One that is in a list twice is still one item.
                let mut counted = HashSet::new();
                for value in found {
                    if counted.insert(self.identity(value)) {
                        self.add(value);
                    }
                }
            }
        }
    }

    /// What tells a value from others here.
    fn identity(&self, value: &Value) -> String {
        match self.letters {
            Letters::Exact => identity(value),
            Letters::Alike => identity(value).to_lowercase(),
        }
    }

    fn add(&mut self, value: &Value) {
        let identity = self.identity(value);
        if let Some(group) = self.all.get_mut(&identity) {
            group.items += 1;
        } else if self.all.len() < MOST_KEPT && self.memory + identity.len() < MEMORY {
            self.memory += identity.len();
            self.all.insert(identity, ItemGroup { label: label(value), items: 1 });
        } else {
            self.beyond += 1;
        }
    }

    /// Says how many of `count` items are in each group, in about so many characters.
    pub(super) fn tell(&self, own: &mut Own, path: &str, count: usize, room: usize) {
        let mut largest: Vec<(&String, &ItemGroup)> = self.all.iter().collect();
        // Of a text and another value that look the same, the text gets the quotation marks.
        let order = |(identity, group): &(&String, &ItemGroup)| {
            (Reverse(group.items), identity.starts_with('"'), (*identity).clone())
        };
        largest.sort_by_cached_key(order);
        let (mut shown, mut others, mut used) = (BTreeMap::new(), self.beyond, 0);
        for (identity, group) in largest {
            let name = name(identity, group, &shown);
            used += json!(name).to_string().chars().count() + 12;
            if shown.len() == MOST_GROUPS || used > room && !shown.is_empty() {
                others += group.items;
            } else {
                shown.insert(name, group.items);
            }
        }
        let sum: u64 = shown.values().sum::<u64>() + others;
        let told = shown.len();
        if others > 0 {
            shown.insert(OTHERS.to_owned(), others);
        }
        own.say("groupBy", json!(path));
        own.say("groups", json!(shown));
        if sum != u64::try_from(count).unwrap_or(u64::MAX) {
            own.note(format!(
                "The groups add up to {sum}, not {count}: `{path}` is a list, and an item is counted for each of its values."
            ));
        }
        if others > 0 {
            let all = if self.beyond > 0 { "more".to_owned() } else { format!("{} values", self.all.len()) };
            own.note(format!(
                "There are {all}; those with fewer items than the first {told} are counted as {OTHERS}."
            ));
        }
    }
}

/// What stands at a path, inside of lists too; of a list at its end, what is in it.
fn standing_at<'v>(item: &'v Value, path: &str, into: &mut Vec<&'v Value>) {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    match (item.get(name), rest) {
        (None, _) => {}
        (Some(Value::Array(all)), None) if !all.is_empty() => into.extend(all),
        (Some(one), None) => into.push(one),
        (Some(Value::Array(all)), Some(rest)) => all.iter().for_each(|one| standing_at(one, rest, into)),
        (Some(inner), Some(rest)) => standing_at(inner, rest, into),
    }
}

/// What a group is called: like its value, unless another one is called so already.
fn name(identity: &str, group: &ItemGroup, taken: &BTreeMap<String, u64>) -> String {
    let label = &group.label;
    let is_free = |name: &String| !taken.contains_key(name) && name != OTHERS;
    let is_of_nothing = identity.is_empty();
    if is_free(label) && (is_of_nothing || label != NONE) {
        return label.clone();
    }
    let exact = if identity.starts_with('"') {
        shortened(identity)
    } else {
        format!("{label} ({})", shortened(identity))
    };
    let numbered = (2..).map(|number| format!("{exact} #{number}"));
    std::iter::once(exact.clone()).chain(numbered).find(is_free).unwrap_or_default()
}

/// What tells a value from others: of an object its id, where it has one. Nothing is alike, whichever way it is written.
fn identity(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Array(all) if all.is_empty() => String::new(),
        Value::String(text) if text.is_empty() => String::new(),
        Value::Object(members) => match members.get("id") {
            Some(id) if !id.is_null() => {
                format!("id {}", id.as_str().map_or_else(|| id.to_string(), str::to_owned))
            }
            _ => value.to_string(),
        },
        other => other.to_string(),
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
    shortened(&text)
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_LABEL) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(values: &[Value], room: usize) -> Value {
        let mut groups = Groups::default();
        for value in values {
            groups.take(&json!({ "a": value }), "a");
        }
        let mut own = Own::default();
        groups.tell(&mut own, "a", values.len(), room);
        own.answer().value()
    }

    #[test]
    fn values_that_differ_are_groups_that_differ() {
        let person = |id: &str| json!({"id": id, "displayName": "Same Name"});
        let values = [
            person("u0"),
            person("u1"),
            person("u1"),
            json!(1),
            json!("1"),
            json!(null),
            json!(""),
            json!("(none)"),
        ];
        let told = groups(&values, 10_000)["groups"].clone();
        let expected = json!({
            "Same Name": 2, "Same Name (id u0)": 1, "1": 1, "\"1\"": 1, "(none)": 2, "\"(none)\"": 1
        });
        assert_eq!(told, expected);
        let long = |end: usize| json!(format!("{}{end}", "x".repeat(400)));
        let told = groups(&[long(1), long(2), long(2)], 10_000);
        assert_eq!(told["groups"].as_object().unwrap().len(), 2, "{told}");
        assert!(told.get("note").is_none());
    }

    #[test]
    fn the_largest_groups_are_shown() {
        let mut values: Vec<Value> = (0..500).map(|number| json!(format!("name {number}"))).collect();
        values.extend(vec![json!("big"); 70]);
        let told = groups(&values, 100_000);
        assert_eq!((&told["groups"]["big"], &told["groups"][OTHERS]), (&json!(70), &json!(301)), "{told}");
        let short = groups(&values, 400);
        assert!(short["groups"].to_string().len() < 500 && short["groups"]["big"] == 70, "{short}");
    }
}
