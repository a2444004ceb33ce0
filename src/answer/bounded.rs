//! Values of an upstream's JSON, no larger than an answer may be.
//!
//! As a tree a text takes up to a hundred times its own bytes (`{"":0},` does), and what is deep enough ends a thread.
//! So a tree is built within bounds, and what goes beyond them is read over and counted.

use std::fmt;
use std::ops::AddAssign;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The longest answer, in bytes of its text: a quarter of a million tokens, more than a model can use at once.
pub(super) const MAX_TEXT: usize = 1 << 20;

/// The most entries that a list is shown with.
pub(super) const MAX_ITEMS: usize = 10_000;

/// The most objects and lists that an answer holds, at every depth: as an object of a client's, too, each takes memory.
pub(super) const MAX_NODES: usize = 20_000;

/// How deep values may be. `serde_json` itself reads 128.
const DEPTH: usize = 32;

/// The memory that a tree may take, in bytes.
const MEMORY: usize = 8 << 20;

/// The longest name of a member, in bytes.
const NAME: usize = 1 << 10;

/// What stands for a value that is too deep, and at the end of a text that was cut.
const CUT: &str = "…";

/// What the standard library's map takes from the first member on, in bytes: a leaf of eleven names and values.
const LEAF: usize = 640;

/// What a member, an entry or a text takes beside its own bytes.
const ROOM: usize = 64;

/// How much may still be built of one answer, and what was left out of it.
#[derive(Debug)]
pub(super) struct Bounds {
    memory: usize,
    text: usize,
    /// Objects and lists.
    pub(super) nodes: usize,
    pub(super) left_out: LeftOut,
}

/// What was left out.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// Entries of lists.
    entries: u64,
    /// Members of objects.
    members: u64,
    /// Texts whose end is missing.
    texts: u64,
    /// Values that were too deep.
    deep: u64,
}

impl Bounds {
    /// Those of a whole answer.
    pub(super) fn new() -> Self {
        Self::of_text(MAX_TEXT)
    }

    /// Those of a part of an answer whose text is no longer than that, in bytes.
    pub(super) fn of_text(text: usize) -> Self {
        Self { memory: MEMORY, text, nodes: MAX_NODES, left_out: LeftOut::default() }
    }

    /// The same for a part that holds no more objects and lists than that.
    pub(super) fn with_nodes(self, nodes: usize) -> Self {
        Self { nodes, ..self }
    }

    /// A value as far as there is room for it.
    ///
    /// # Errors
    /// What `serde_json` finds wrong with the text: a number that is none, half of a surrogate pair.
    pub(super) fn value(&mut self, raw: &RawValue) -> serde_json::Result<Value> {
        let mut deserializer = serde_json::Deserializer::from_str(raw.get());
        OfValue { bounds: self, depth: DEPTH }.deserialize(&mut deserializer)
    }

    fn are_reached(&self) -> bool {
        self.memory == 0 || self.text == 0 || self.nodes == 0
    }

    /// An object or a list begins.
    fn open(&mut self) {
        self.nodes = self.nodes.saturating_sub(1);
        self.take(ROOM, 2);
    }

    fn take(&mut self, memory: usize, text: usize) {
        self.memory = self.memory.saturating_sub(memory);
        self.text = self.text.saturating_sub(text);
    }

    /// A text, or its beginning.
    fn text(&mut self, text: &str) -> String {
        let room = self.text.min(self.memory);
        let written = written_length(text);
        if written <= room {
            self.take(ROOM + text.len(), written);
            return text.to_owned();
        }
        self.left_out.texts += 1;
        // In the worst case each byte is written as six.
        let most = if written == text.len() + 2 { room } else { room / 6 };
        let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        let mut begun = text.get(..end).unwrap_or_default().to_owned();
        begun.push_str(CUT);
        self.take(ROOM + begun.len(), room);
        begun
    }
}

impl AddAssign for LeftOut {
    fn add_assign(&mut self, other: Self) {
        self.entries += other.entries;
        self.members += other.members;
        self.texts += other.texts;
        self.deep += other.deep;
    }
}

impl LeftOut {
    /// Counts also what a second cut left out: a text that was cut before still is one.
    pub(super) fn cut_again(&mut self, second: Self) {
        let texts = self.texts.max(second.texts);
        *self += second;
        self.texts = texts;
    }

    /// What was left out, in words; `None` where nothing was.
    pub(super) fn told(self) -> Option<String> {
        let one_or_many = |number: u64, one: &str, many: &str| match number {
            0 => None,
            1 => Some(format!("1 {one}")),
            number => Some(format!("{number} {many}")),
        };
        let parts: Vec<String> = [
            one_or_many(self.entries, "list entry", "list entries"),
            one_or_many(self.members, "object member", "object members"),
            one_or_many(self.texts, "end of a long text", "ends of long texts"),
            one_or_many(self.deep, "deeply nested value", "deeply nested values"),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!parts.is_empty())
            .then(|| format!("Left out because the answer is too large: {}.", parts.join(", ")))
    }
}

/// A value in at most so many bytes of text, and what was left out of it. What is short stays whole, and what is long shares
/// the room that is left: the ends of texts and of lists go first.
pub(super) fn fitted(value: Value, room: usize) -> (Value, LeftOut) {
    let mut left_out = LeftOut::default();
    (fit(value, room, &mut left_out), left_out)
}

fn fit(value: Value, room: usize, left_out: &mut LeftOut) -> Value {
    if size(&value) <= room {
        return value;
    }
    match value {
        Value::String(text) => {
            let mut bounds = Bounds::of_text(room);
            let cut = bounds.text(&text);
            *left_out += bounds.left_out;
            Value::String(cut)
        }
        Value::Array(all) => Value::Array(fit_entries(all, room, left_out)),
        Value::Object(members) => Value::Object(fit_members(members, room, left_out)),
        other => other,
    }
}

/// As many entries as there is room for, from the first on, which may be cut.
fn fit_entries(all: Vec<Value>, room: usize, left_out: &mut LeftOut) -> Vec<Value> {
    let (mut kept, mut used) = (Vec::new(), 2);
    let mut entries = all.into_iter();
    for entry in entries.by_ref() {
        let size = size(&entry) + 1;
        if used + size <= room {
            used += size;
            kept.push(entry);
            continue;
        }
        if kept.is_empty() {
            kept.push(fit(entry, room.saturating_sub(used + 1), left_out));
        } else {
            left_out.entries += 1;
        }
        break;
    }
    left_out.entries += entries.fold(0, |count, _| count + 1);
    kept
}

/// The members, the shortest first, each with its share of the room.
fn fit_members(members: Map<String, Value>, room: usize, left_out: &mut LeftOut) -> Map<String, Value> {
    let mut sized: Vec<(usize, String, Value)> =
        members.into_iter().map(|(name, value)| (size(&value), name, value)).collect();
    sized.sort_by_key(|(size, _, _)| *size);
    let (mut fitting, mut room) = (0, room.saturating_sub(2));
    for (_, name, _) in &sized {
        let Some(rest) = room.checked_sub(written_length(name) + 2 + SHORTEST) else { break };
        (fitting, room) = (fitting + 1, rest);
    }
    left_out.members += u64::try_from(sized.len() - fitting).unwrap_or(u64::MAX);
    let mut kept = Map::new();
    for (index, (before, name, value)) in sized.into_iter().take(fitting).enumerate() {
        let share = SHORTEST + room / (fitting - index);
        let value = if before <= share { value } else { fit(value, share, left_out) };
        room = (room + SHORTEST).saturating_sub(size(&value));
        kept.insert(name, value);
    }
    kept
}

/// The room that each value has at least, in bytes.
const SHORTEST: usize = 8;

/// How long a value is as JSON, in bytes.
fn size(value: &Value) -> usize {
    value.to_string().len()
}

/// How long a text is as JSON, at the most, in bytes.
fn written_length(text: &str) -> usize {
    let more = |byte: u8| match byte {
        b'"' | b'\\' => 1,
        0..0x20 => 5,
        _ => 0,
    };
    text.len() + 2 + text.bytes().map(more).sum::<usize>()
}

/// A value within bounds.
struct OfValue<'b> {
    bounds: &'b mut Bounds,
    depth: usize,
}

/// The name of a member, where it is not too long for one.
struct OfName;

impl<'de> DeserializeSeed<'de> for OfName {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for OfName {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok((name.len() <= NAME).then(|| name.to_owned()))
    }
}

impl<'de> DeserializeSeed<'de> for OfValue<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for OfValue<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        self.bounds.take(0, 5);
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        self.bounds.take(0, 20);
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        self.bounds.take(0, 20);
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        self.bounds.take(0, 24);
        Ok(Value::from(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        self.bounds.take(0, 4);
        Ok(Value::Null)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(self.bounds.text(text)))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Value, S::Error> {
        let Self { bounds, depth } = self;
        let Some(depth) = depth.checked_sub(1) else {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(too_deep(bounds));
        };
        bounds.open();
        let mut all = Vec::new();
        while all.len() < MAX_ITEMS && !bounds.are_reached() {
            let Some(value) = list.next_element_seed(OfValue { bounds: &mut *bounds, depth })? else {
                return Ok(Value::Array(all));
            };
            bounds.take(ROOM, 1);
            all.push(value);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            bounds.left_out.entries += 1;
        }
        Ok(Value::Array(all))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<Value, M::Error> {
        let Self { bounds, depth } = self;
        let Some(depth) = depth.checked_sub(1) else {
            while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(too_deep(bounds));
        };
        bounds.open();
        let mut all = Map::new();
        while !bounds.are_reached() {
            let Some(name) = members.next_key_seed(OfName)? else { return Ok(Value::Object(all)) };
            let Some(name) = name else {
                members.next_value::<IgnoredAny>()?;
                bounds.left_out.members += 1;
                continue;
            };
            bounds.take(if all.is_empty() { LEAF } else { ROOM } + name.len(), written_length(&name) + 2);
            let value = members.next_value_seed(OfValue { bounds: &mut *bounds, depth })?;
            all.insert(name, value);
        }
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            bounds.left_out.members += 1;
        }
        Ok(Value::Object(all))
    }
}

fn too_deep(bounds: &mut Bounds) -> Value {
    bounds.left_out.deep += 1;
    bounds.take(ROOM, CUT.len() + 2);
    Value::from(CUT)
}

/// The members of an object as they came; of several of one name the last. `None` where it is no object, or has more than
/// an object that holds a list has.
pub(super) fn members(raw: &RawValue) -> Option<Vec<(String, &RawValue)>> {
    /// How many there may be.
    const MOST: usize = 256;

    struct OfMembers;

    impl<'de> Visitor<'de> for OfMembers {
        type Value = Vec<(String, &'de RawValue)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object with few members")
        }

        fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
            let mut members: Self::Value = Vec::new();
            while let Some(name) = map.next_key_seed(OfName)? {
                let name = name.ok_or_else(|| M::Error::custom("too long a name"))?;
                let value = map.next_value()?;
                if let Some(before) = members.iter_mut().find(|(other, _)| *other == name) {
                    before.1 = value;
                } else if members.len() < MOST {
                    members.push((name, value));
                } else {
                    return Err(M::Error::custom("too many members"));
                }
            }
            Ok(members)
        }
    }

    if !raw.get().starts_with('{') {
        return None;
    }
    serde_json::Deserializer::from_str(raw.get()).deserialize_map(OfMembers).ok()
}
