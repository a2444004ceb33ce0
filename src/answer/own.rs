//! The members of an answer that are this server's own words, kept apart from what is the upstream's.

use serde_json::{Map, Value, json};

use super::bounded::LeftOut;
use super::object::Answer;
use super::written::WrittenList;

/// What an upstream says beside what was asked for, or under a name of ours, stands under this.
const BESIDE: &str = "beside";

/// The names by which this server speaks of an answer, or of what to do next. Where the upstream's object has one of them,
/// a model would take it for ours.
const OURS: [&str; 17] = [
    BESIDE,
    "changed",
    "done",
    "itemsNotShown",
    "message",
    "nextCursor",
    "note",
    "preview",
    "shownOnce",
    "stateNotRead",
    "success",
    "toConfirm",
    "unanswered",
    "unclear",
    "undo",
    "unknownFields",
    "will",
];

/// An answer in the making.
#[derive(Debug, Default)]
pub(super) struct Own {
    members: Map<String, Value>,
    /// The items of a list, or the rows of a table, as JSON, and what they are called.
    items: Option<(&'static str, Vec<u8>)>,
    notes: Vec<String>,
}

impl Own {
    /// An answer that is an object of the upstream's. What is there under a name of ours goes aside.
    pub(super) fn around(mut object: Map<String, Value>) -> Self {
        let mut aside = Map::new();
        for name in OURS {
            if let Some(value) = object.remove(name) {
                aside.insert(name.to_owned(), value);
            }
        }
        let mut own = Self { members: object, ..Self::default() };
        own.keep_beside(aside);
        own
    }

    /// An answer that is a list.
    pub(super) fn list(list: WrittenList) -> Self {
        match list {
            WrittenList::Items(items) => Self { items: Some(("items", items)), ..Self::default() },
            WrittenList::Table { columns, rows } => {
                let mut own = Self { items: Some(("rows", rows)), ..Self::default() };
                own.say("columns", json!(columns));
                own
            }
        }
    }

    /// Says something under one of our names.
    pub(super) fn say(&mut self, name: &str, value: Value) {
        self.members.insert(name.to_owned(), value);
    }

    /// Says a sentence about the answer.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Says what was left out, where something was.
    pub(super) fn tell(&mut self, left_out: LeftOut) {
        self.notes.extend(left_out.told());
    }

    /// Keeps what the upstream says beside what was asked for.
    pub(super) fn keep_beside(&mut self, beside: Map<String, Value>) {
        if !beside.is_empty() {
            self.say(BESIDE, Value::Object(beside));
        }
    }

    /// The object, without a list's items.
    pub(super) fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// The same to take something out.
    pub(super) fn members_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.members
    }

    /// The answer.
    pub(super) fn answer(mut self) -> Answer {
        if !self.notes.is_empty() {
            let notes = self.notes.join(" ");
            self.say("note", json!(notes));
        }
        let Some((called, items)) = self.items else { return Answer::done(&self.members) };
        // The members are in the order of their names, and so are the items among them.
        let (before, after): (Vec<_>, Vec<_>) =
            self.members.iter().partition(|(name, _)| name.as_str() < called);
        let mut text = Vec::with_capacity(items.len() + 256);
        text.push(b'{');
        for (name, value) in before {
            member(&mut text, name, value);
            text.push(b',');
        }
        text.extend_from_slice(format!("\"{called}\":").as_bytes());
        text.extend_from_slice(&items);
        drop(items);
        for (name, value) in after {
            text.push(b',');
            member(&mut text, name, value);
        }
        text.push(b'}');
        // serde_json writes UTF-8.
        Answer::of_text(String::from_utf8(text).unwrap_or_default())
    }
}

fn member(text: &mut Vec<u8>, name: &str, value: &Value) {
    // A value can always be written.
    let _ = serde_json::to_writer(&mut *text, name);
    text.push(b':');
    let _ = serde_json::to_writer(&mut *text, value);
}
