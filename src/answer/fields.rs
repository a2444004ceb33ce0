//! Which fields of an item an answer keeps.

use serde_json::{Map, Value};

use super::members;
use crate::catalog::Operation;

/// The caller's choice, or the catalog's.
pub(super) enum Fields<'c> {
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
            Self::All => without_nulls(&mut item),
            Self::Usual(usual) => {
                members.retain(|name, _| usual.contains(&name.as_str()));
                without_nulls(&mut item);
            }
            Self::Named(paths) => {
                let mut kept = Map::new();
                for path in paths {
                    copy(members, &mut kept, path);
                }
                return Value::Object(kept);
            }
        }
        item
    }

    /// Whether an item has members and none of them is among the useful ones.
    pub(super) fn keep_nothing_of(&self, item: &Value) -> bool {
        let (Self::Usual(usual), Some(members)) = (self, item.as_object()) else { return false };
        !members.is_empty() && !members.keys().any(|name| usual.contains(&name.as_str()))
    }

    /// The names that are to be found in an item, so that a misspelt field is not taken for an empty one. Those that the
    /// catalog lists exist, whether an item has them or not.
    pub(super) fn missing(&self, operation: &Operation) -> Missing<'c> {
        let unlisted = |path: &&&'c str| !members::lists(operation.members, path);
        match self {
            Self::Named(paths) => Missing(paths.iter().filter(unlisted).copied().collect()),
            Self::All | Self::Usual(_) => Missing(Vec::new()),
        }
    }
}

/// The names that no item has had so far.
#[derive(Clone)]
pub(super) struct Missing<'c>(Vec<&'c str>);

impl<'c> Missing<'c> {
    /// Those that this item has not either.
    pub(super) fn without(&self, item: &Value) -> Self {
        Self(self.0.iter().copied().filter(|path| !may_have(item, path)).collect())
    }

    /// What they were probably meant to be, in words; `None` where nothing is like them.
    pub(super) fn told(&self, operation: &Operation) -> Option<String> {
        let meant = |path: &&str| {
            let near = members::near(operation.members, path)?;
            Some(format!("Unknown field `{path}`; did you mean `{near}`?"))
        };
        let told: Vec<String> = self.0.iter().filter_map(meant).collect();
        (!told.is_empty()).then(|| told.join(" "))
    }

    pub(super) fn names(&self) -> &[&'c str] {
        &self.0
    }
}

/// Whether a field is in an item, or may be: of what is inside of a null nothing is known.
fn may_have(item: &Value, path: &str) -> bool {
    let found = path
        .split('.')
        .try_fold(item, |value, name| if value.is_null() { Some(value) } else { value.get(name) });
    found.is_some()
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
                let place = to.entry(name).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(place) = place {
                    copy(inner, place, rest);
                }
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
