//! In which form, and how long, an answer is.

use serde_json::{Map, Value, json};

use super::bounded::MAX_TEXT;
use crate::catalog::Operation;

/// The most characters of an answer, where nobody says otherwise: about 6,000 tokens.
pub const USUAL_CHARS: usize = 20_000;

/// The least that what was asked for may have, in characters.
const LEAST_ROOM: usize = 200;

/// The least that an answer can be cut to.
const LEAST_CHARS: usize = 1_000;

/// The longest answer that can be asked for, in characters.
pub const MOST_CHARS: usize = MAX_TEXT;

/// How the items of a list are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListFormat {
    /// An object for each.
    Json,
    /// The names of the columns once, and a row for each.
    Table,
}

/// Whether a list can be written into a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Exports {
    /// It can, by `export`.
    Offered,
    /// There is no folder for it.
    #[default]
    NotOffered,
}

/// The form that is wanted of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerStyle {
    /// How items are written; none for the shorter way.
    pub format: Option<ListFormat>,
    /// How many characters its text may have.
    pub most: usize,
    /// Whether what is too long for it can go into a file.
    pub exports: Exports,
    /// How many of the characters other things have taken.
    pub taken: usize,
}

impl AnswerStyle {
    /// What the arguments of a call say, where they say it.
    #[must_use]
    pub fn of(self, operation: &Operation, arguments: &Value) -> Self {
        if !operation.is_list() {
            return self;
        }
        let format = match arguments.get("format").and_then(Value::as_str) {
            Some("json") => Some(ListFormat::Json),
            Some("table") => Some(ListFormat::Table),
            _ => self.format,
        };
        let most = arguments.get("maxChars").and_then(Value::as_u64);
        let most = most.map_or(self.most, |most| usize::try_from(most).unwrap_or(usize::MAX));
        Self { format, most: most.clamp(LEAST_CHARS, MOST_CHARS), ..self }
    }

    /// The same where this stands beside what was asked for.
    pub(super) fn beside(self, beside: &Map<String, Value>) -> Self {
        let taken = if beside.is_empty() { 0 } else { 12 + json!(beside).to_string().chars().count() };
        Self { taken: self.taken + taken, ..self }
    }

    /// How many of the characters what was asked for may have: the rest is for what is said of it.
    #[must_use]
    pub(super) fn room(self) -> usize {
        (self.most - (self.most / 20).clamp(500, 1_000)).saturating_sub(self.taken).max(LEAST_ROOM)
    }
}

impl Default for AnswerStyle {
    fn default() -> Self {
        Self { format: None, most: USUAL_CHARS, exports: Exports::default(), taken: 0 }
    }
}
