//! Arguments with which an operation does more than it usually does.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::effect::Effect;

/// One argument, and the value with which the operation's effect is a higher one.
#[derive(Debug, Serialize, Deserialize)]
pub struct Raise<'a> {
    /// Where the value stands: `status`, `config.isPublic`, or `updates[].status` for a member of each entry.
    pub argument: &'a str,
    /// Which value.
    #[serde(borrow)]
    pub when: When<'a>,
    /// The effect with it.
    pub to: Effect,
}

/// A value of an argument.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When<'a> {
    /// This text, number or truth value, as JSON.
    #[serde(borrow)]
    Is(Scalar<'a>),
    /// Any other than this, and not null.
    #[serde(borrow)]
    IsNot(Scalar<'a>),
    /// Null.
    Null,
    /// A list, or a text, with nothing in it.
    Empty,
    /// Any but null.
    Given,
}

/// A value that is compared whole.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar<'a> {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(&'a str),
}

/// The places of several conditions in words, each once: those of one argument stand together.
#[must_use]
pub fn named<'p>(places: impl Iterator<Item = &'p str>) -> String {
    let mut names: Vec<&str> = places.collect();
    names.dedup();
    names.join(", ")
}

impl Raise<'_> {
    /// Whether the arguments have the value at that place, or at one of those places.
    #[must_use]
    pub fn holds(&self, arguments: &Value) -> bool {
        self.holds_at(arguments, self.argument)
    }

    fn holds_at(&self, value: &Value, path: &str) -> bool {
        if path.is_empty() {
            return self.when.holds(value);
        }
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        match name.strip_suffix("[]") {
            Some(list) => {
                let entries = value.get(list).and_then(Value::as_array);
                entries.into_iter().flatten().any(|entry| self.holds_at(entry, rest))
            }
            None => value.get(name).is_some_and(|inner| self.holds_at(inner, rest)),
        }
    }
}

impl When<'_> {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Is(wanted) => wanted.is(value),
            Self::IsNot(usual) => !value.is_null() && !usual.is(value),
            Self::Null => value.is_null(),
            Self::Empty => match value {
                Value::Array(all) => all.is_empty(),
                Value::String(text) => text.is_empty(),
                _ => false,
            },
            Self::Given => !value.is_null(),
        }
    }
}

impl Scalar<'_> {
    fn is(&self, value: &Value) -> bool {
        match self {
            Self::Flag(wanted) => value.as_bool() == Some(*wanted),
            Self::Number(wanted) => value.as_i64() == Some(*wanted),
            Self::Text(wanted) => value.as_str() == Some(wanted),
        }
    }
}
