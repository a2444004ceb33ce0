//! The answer of one call.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

/// What the text of an answer mostly has room in, in bytes.
const USUAL: usize = 2 << 10;

/// What stands around the names of ids: what they are called, and their day.
const AROUND: usize = 40;

/// The answer of one call.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// A JSON object, written without white space. It is what a model reads, and the structured content too.
    pub text: String,
    /// Whether what was asked for was done.
    pub success: Success,
    /// A file's content, for the model to read or look at beside the text.
    pub shown: Option<Shown>,
}

/// The content of a file, in a form that a model can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// As the upstream calls it.
    pub name: String,
    /// As the upstream says.
    pub media_type: String,
    /// The content.
    pub content: ShownContent,
}

/// What a model can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownContent {
    /// To read.
    Text(String),
    /// To look at.
    Image(Vec<u8>),
    /// To read as a resource of this server.
    Link {
        /// Where it is.
        uri: String,
        /// In bytes.
        size: u64,
    },
}

/// Whether what was asked for was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Success {
    /// All of it, or in bulk at least a part, of which the answer tells.
    Done,
    /// Of a bulk change, nothing.
    AllFailed,
}

impl Answer {
    /// An answer that says that all is well. `value` is written as an object.
    #[must_use]
    pub fn done(value: &impl Serialize) -> Self {
        let mut text = Vec::with_capacity(USUAL);
        // What is answered can always be written as JSON, which is UTF-8.
        let text = match serde_json::to_writer(&mut text, value) {
            Ok(()) => String::from_utf8(text).unwrap_or_default(),
            Err(_) => String::new(),
        };
        Self::of_text(text)
    }

    /// The same of the object's text.
    #[must_use]
    pub fn of_text(text: String) -> Self {
        Self { text, success: Success::Done, shown: None }
    }

    /// Whether it is a list without an item.
    #[must_use]
    pub fn finds_nothing(&self) -> bool {
        // The members are in the order of their names, and one alone may come before these.
        let text = self.text.as_str();
        text.starts_with("{\"count\":0,")
            || text.starts_with("{\"beside\":") && text.contains(",\"count\":0,\"items\":[]")
    }

    /// The same with these sentences about it, after those that it has.
    #[must_use]
    pub fn with_notes(self, notes: &[String]) -> Self {
        let mut value = if notes.is_empty() { Value::Null } else { self.value() };
        let Some(members) = value.as_object_mut() else { return self };
        let had = members.get("note").and_then(Value::as_str).map(str::to_owned);
        let all: Vec<&str> = had.iter().chain(notes).map(String::as_str).collect();
        members.insert("note".to_owned(), Value::from(all.join(" ")));
        Self { text: Self::done(&value).text, ..self }
    }

    /// The same with what ids in it are called, by the id, as of that day, as far as there is room in so many characters.
    #[must_use]
    pub fn beside_names(self, names: BTreeMap<String, String>, as_of: &str, most: usize) -> Self {
        let mut room = most.saturating_sub(self.text.chars().count() + AROUND);
        let mut fits = |(id, name): &(String, String)| {
            let length = id.chars().count() + json!(name).to_string().chars().count() + 4;
            let has_room = length <= room;
            room = if has_room { room - length } else { 0 };
            has_room
        };
        let names: BTreeMap<String, String> = names.into_iter().take_while(|one| fits(one)).collect();
        let members = serde_json::from_str::<BTreeMap<String, &RawValue>>(&self.text);
        let (Ok(mut members), false) = (members, names.is_empty()) else { return self };
        let (Ok(names), Ok(as_of)) = (to_raw_value(&names), to_raw_value(as_of)) else { return self };
        members.insert("names".to_owned(), &names);
        members.insert("namesAsOf".to_owned(), &as_of);
        let text = serde_json::to_string(&members);
        Self { text: text.unwrap_or_else(|_| self.text.clone()), ..self }
    }

    /// The object, for whoever has to look into it.
    #[must_use]
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}
