//! Reading and changing one JSON record.

use fastrand::Rng;
use serde_json::Value;

/// A text property; empty where it is absent or not a text.
pub(super) fn text<'a>(record: &'a Value, key: &str) -> &'a str {
    record.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The text at a JSON pointer such as `/tasksSummary/status`; empty where there is none.
pub(super) fn at<'a>(record: &'a Value, pointer: &str) -> &'a str {
    record.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Sets a property of an object; anything else stays as it is.
pub(super) fn set(record: &mut Value, key: &str, value: impl Into<Value>) {
    if let Some(object) = record.as_object_mut() {
        object.insert(key.to_owned(), value.into());
    }
}

/// Copies those of `keys` that `from` has.
pub(super) fn take_over(record: &mut Value, from: &Value, keys: &[&str]) {
    for key in keys {
        if let Some(value) = from.get(*key) {
            set(record, key, value.clone());
        }
    }
}

/// The record without these properties.
pub(super) fn without(record: &Value, keys: &[&str]) -> Value {
    let mut shown = record.clone();
    if let Some(object) = shown.as_object_mut() {
        object.retain(|key, _| !keys.contains(&key.as_str()));
    }
    shown
}

/// 24 hexadecimal digits, the form of most of Vanta's ids.
pub(super) fn fresh_id(rng: &mut Rng) -> String {
    format!("{:08x}{:016x}", rng.u32(..) | 0x6000_0000, rng.u64(..))
}

/// One of the entries; the default of an empty table.
pub(super) fn pick<T: Copy + Default>(table: &[T], rng: &mut Rng) -> T {
    rng.choice(table.iter()).copied().unwrap_or_default()
}

/// The entry that `index` comes to when the table is read round and round.
pub(super) fn turn<T: Copy + Default>(table: &[T], index: usize) -> T {
    table.iter().cycle().nth(index % table.len().max(1)).copied().unwrap_or_default()
}

/// Words in small letters joined by hyphens: `Access reviews conducted` becomes `access-reviews-conducted`.
pub(super) fn slug(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// Whether `needle` occurs in `text`, whatever the case.
pub(super) fn contains(text: &str, needle: &str) -> bool {
    text.to_lowercase().contains(&needle.to_lowercase())
}
