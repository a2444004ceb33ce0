//! Which fields of an item an answer keeps.

use serde_json::{Map, Value};

use super::written::Moments;
use crate::api::arguments::nearest;
use crate::api::known_fields::near;
use crate::catalog::{Operation, members};

/// The caller's choice, or the catalog's.
pub(super) enum Fields<'c> {
    /// All, whatever they say: what a program put out.
    AsTheyCome,
    /// All that say something.
    All,
    /// The useful ones, where they say something.
    Usual(&'c [&'static str]),
    /// Those that were named, `owner.emailAddress` for one inside another; a null is an answer here.
    Named(Vec<&'c str>),
}

impl<'c> Fields<'c> {
    pub(super) fn choose(operation: &'c Operation, arguments: &'c Value) -> Self {
        let named = arguments.get("fields").and_then(Value::as_array).filter(|_| operation.has_fields());
        // To name none is to leave the choice to the catalog.
        let named = named.filter(|named| !named.is_empty());
        match named {
            Some(named) => {
                let named: Vec<&str> = named.iter().filter_map(Value::as_str).collect();
                if named.contains(&"*") { Self::All } else { Self::Named(named) }
            }
            None if operation.show.is_empty() => Self::All,
            None => Self::Usual(&operation.show),
        }
    }

    /// The item with the chosen fields. Something that is no object stays what it is.
    pub(super) fn keep(&self, mut item: Value) -> Value {
        let Value::Object(members) = &mut item else { return item };
        match self {
            Self::AsTheyCome => {}
            Self::All => without_nulls(&mut item),
            Self::Usual(usual) => {
                let mut kept = Value::Object(copied(members, usual));
                without_nulls(&mut kept);
                return kept;
            }
            Self::Named(paths) => return Value::Object(copied(members, paths)),
        }
        item
    }

    /// Whether an item has members and none of them is among the useful ones.
    pub(super) fn keep_nothing_of(&self, item: &Value) -> bool {
        let (Self::Usual(usual), Some(members)) = (self, item.as_object()) else { return false };
        !members.is_empty() && !members.keys().any(|name| usual.iter().any(|path| outer(path) == name))
    }

    /// The columns of a table, or what they are inside of, in their order.
    pub(super) fn order(&self, operation: &'static Operation) -> Vec<&str> {
        match self {
            Self::AsTheyCome => Vec::new(),
            Self::All => members::outermost(operation.members).map(|(name, _)| name).collect(),
            Self::Usual(usual) => usual.to_vec(),
            Self::Named(paths) => paths.clone(),
        }
    }

    /// How much of a moment a table shows: all of it where somebody asked for the field.
    pub(super) fn moments(&self) -> Moments {
        match self {
            Self::Usual(_) => Moments::Days,
            Self::AsTheyCome | Self::All | Self::Named(_) => Moments::Whole,
        }
    }

    /// The names that are to be found in an item, so that a misspelt field is not taken for an empty one. Those that the
    /// catalog lists exist, whether an item has them or not.
    pub(super) fn missing(&self, operation: &Operation) -> Missing<'c> {
        let unlisted = |path: &&&'c str| !members::lists(operation.members, path);
        match self {
            Self::Named(paths) => {
                Missing { names: paths.iter().filter(unlisted).copied().collect(), like: None }
            }
            Self::AsTheyCome | Self::All | Self::Usual(_) => Missing::default(),
        }
    }
}

/// The names that no item has had so far.
#[derive(Clone, Default)]
pub(super) struct Missing<'c> {
    names: Vec<&'c str>,
    /// The members of the first item that they are like, each with the name: for lists of which the catalog knows none.
    like: Option<Vec<(&'c str, String)>>,
}

impl<'c> Missing<'c> {
    /// Those that this item has not either.
    pub(super) fn without(&self, item: &Value) -> Self {
        let names: Vec<&'c str> = self.names.iter().copied().filter(|path| !may_have(item, path)).collect();
        let like = self.like.clone().or_else(|| {
            let members = item.as_object().filter(|_| !names.is_empty())?;
            let meant =
                |path: &&'c str| Some((*path, nearest(path, members.keys().map(String::as_str))?.to_owned()));
            Some(names.iter().filter_map(meant).collect())
        });
        Self { names, like }
    }

    /// What they were probably meant to be, in words; `None` where nothing is like them.
    pub(super) fn told(&self, operation: &Operation) -> Option<String> {
        let meant = |path: &&str| {
            let like = self.like.iter().flatten().find(|(missing, _)| missing == path);
            let near = near(operation.members, path).or_else(|| like.map(|(_, near)| near.clone()))?;
            Some(format!("Unknown field `{path}`; did you mean `{near}`?"))
        };
        let told: Vec<String> = self.names.iter().filter_map(meant).collect();
        (!told.is_empty()).then(|| told.join(" "))
    }

    pub(super) fn names(&self) -> &[&'c str] {
        &self.names
    }
}

/// Whether a field is in an item, or may be: of what is inside of a null, or of a list of nothing, nothing is known.
fn may_have(item: &Value, path: &str) -> bool {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    match (item, rest) {
        (Value::Null, _) => true,
        (Value::Array(all), _) => all.is_empty() || all.iter().any(|one| may_have(one, path)),
        (item, None) => item.get(name).is_some(),
        (item, Some(rest)) => item.get(name).is_some_and(|inner| may_have(inner, rest)),
    }
}

fn outer(path: &str) -> &str {
    path.split_once('.').map_or(path, |(outer, _)| outer)
}

/// What stands at the paths, in an object of its own.
fn copied(from: &Map<String, Value>, paths: &[&str]) -> Map<String, Value> {
    let mut kept = Map::new();
    for path in paths {
        copy(from, &mut kept, path);
    }
    kept
}

/// Copies what stands at `path` to the same place in another object.
fn copy(from: &Map<String, Value>, to: &mut Map<String, Value>, path: &str) {
    match path.split_once('.') {
        None => {
            if let Some(value) = from.get(path) {
                to.insert(path.to_owned(), value.clone());
            }
        }
        Some((name, rest)) => match from.get(name) {
            Some(Value::Object(inner)) => {
                let mut kept = match to.remove(name) {
                    Some(Value::Object(kept)) => kept,
                    _ => Map::new(),
                };
                copy(inner, &mut kept, rest);
                if !kept.is_empty() {
                    to.insert(name.to_owned(), Value::Object(kept));
                }
            }
            // Of a list, of each of its objects.
            Some(Value::Array(all)) => {
                let mut kept = match to.remove(name) {
                    Some(Value::Array(kept)) => kept,
                    _ => all.iter().map(|_| Value::Object(Map::new())).collect(),
                };
                for (from, to) in all.iter().zip(&mut kept) {
                    if let (Value::Object(from), Value::Object(to)) = (from, to) {
                        copy(from, to, rest);
                    }
                }
                to.insert(name.to_owned(), Value::Array(kept));
            }
            Some(Value::Null) => {
                to.entry(name).or_insert(Value::Null);
            }
            _ => {}
        },
    }
}

/// Takes the members out that are null, at every depth: they say nothing and cost tokens.
pub(super) fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, inner| !inner.is_null());
            members.values_mut().for_each(without_nulls);
        }
        Value::Array(all) => all.iter_mut().for_each(without_nulls),
        _ => {}
    }
}
