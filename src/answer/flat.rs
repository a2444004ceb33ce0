//! The usual page, from the upstream's text to the answer's without a tree of values in between.
//!
//! Most calls are answered with such a page, and taking it apart and putting it
//! together again is most of the work of a call. Whatever is in the least
//! unlike one is left to the long way, which also says what is wrong with it;
//! the two must not be told apart.

use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::bounded::{MAX_ITEMS, MAX_NODES, MAX_TEXT};
use super::fields::Fields;
use crate::catalog::{Api, Operation, Shape};

/// How deep the values of an item may be.
const DEPTH: usize = 8;

/// How many members an object may have.
const MEMBERS: usize = 1 << 10;

/// The text of a usual page's answer; `None` where the operation, the arguments or the body are not of that kind.
pub(super) fn page(operation: &Operation, arguments: &Value, body: &[u8]) -> Option<String> {
    let usual = operation.shape == Shape::Page && operation.api != Api::Panel && operation.once.is_empty();
    if !usual || operation.items.is_some() {
        return None;
    }
    match Fields::choose(operation, arguments) {
        Fields::All => rewritten(&[], body),
        Fields::Usual(usual) => rewritten(usual, body),
        Fields::Named(_) => None,
    }
}

/// Members of one object as they came. A name that is written with escapes is no usual one.
type RawMembers<'b> = Vec<(&'b str, &'b RawValue)>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Info {
    #[serde(default)]
    end_cursor: Option<String>,
    has_next_page: bool,
    #[serde(default, rename = "startCursor")]
    _start: IgnoredAny,
    #[serde(default, rename = "hasPreviousPage")]
    _previous: IgnoredAny,
}

/// Room before the items for what is known after them: `{"count":18446744073709551615,"items":[`
const HEAD: usize = 40;

/// The items as they are written, one after the other, so that no more than one of them is taken apart at a time.
struct Items<'s> {
    show: &'s [&'s str],
    count: usize,
    out: FlatText,
}

/// What is written.
struct FlatText {
    text: Vec<u8>,
    /// Objects and lists that there is still room for.
    nodes: usize,
}

impl FlatText {
    /// An object or a list begins; `None` where there is no room for one more.
    fn open(&mut self) -> Option<()> {
        self.nodes = self.nodes.checked_sub(1)?;
        Some(())
    }
}

impl Items<'_> {
    fn put(&mut self, members: &mut RawMembers<'_>) -> Option<()> {
        // What is too much is cut by the long way.
        if self.count == MAX_ITEMS || self.out.text.len() > MAX_TEXT {
            return None;
        }
        if self.count > 0 {
            self.out.text.push(b',');
        }
        self.count += 1;
        put(members, self.show, 0, &mut self.out)
    }
}

/// The body: an object of `results` alone.
struct OfBody<'i, 's>(&'i mut Items<'s>);

/// `results`: the list and its page info, in either order.
struct OfResults<'i, 's>(&'i mut Items<'s>);

/// The list.
struct OfData<'i, 's>(&'i mut Items<'s>);

/// One item, whose members go where those of the one before were.
struct OfItem<'m, 'b>(&'m mut RawMembers<'b>);

fn unlike<E: serde::de::Error>() -> E {
    E::custom("unlike a usual page")
}

impl<'de> DeserializeSeed<'de> for OfBody<'_, '_> {
    type Value = Info;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Info, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OfBody<'_, '_> {
    type Value = Info;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Info, M::Error> {
        let Some("results") = map.next_key()? else { return Err(unlike()) };
        let info = map.next_value_seed(OfResults(self.0))?;
        if map.next_key::<&str>()?.is_some() { Err(unlike()) } else { Ok(info) }
    }
}

impl<'de> DeserializeSeed<'de> for OfResults<'_, '_> {
    type Value = Info;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Info, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OfResults<'_, '_> {
    type Value = Info;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("results")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Info, M::Error> {
        let (mut listed, mut info) = (false, None);
        while let Some(name) = map.next_key::<&str>()? {
            match name {
                "data" if !listed => {
                    listed = true;
                    map.next_value_seed(OfData(&mut *self.0))?;
                }
                "pageInfo" if info.is_none() => info = Some(map.next_value()?),
                _ => return Err(unlike()),
            }
        }
        info.filter(|_| listed).ok_or_else(unlike)
    }
}

impl<'de> DeserializeSeed<'de> for OfData<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for OfData<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        let mut members = Vec::with_capacity(16);
        while list.next_element_seed(OfItem(&mut members))?.is_some() {
            self.0.put(&mut members).ok_or_else(unlike)?;
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for OfItem<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OfItem<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        self.0.clear();
        while let Some(member) = map.next_entry()? {
            if self.0.len() == MEMBERS {
                return Err(unlike());
            }
            self.0.push(member);
        }
        Ok(())
    }
}

/// The members of an object inside of an item.
fn members(raw: &str) -> Option<RawMembers<'_>> {
    let mut members = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_str(raw);
    OfItem(&mut members).deserialize(&mut deserializer).ok()?;
    Some(members)
}

/// A page of items with the fields that are named, in order; all of them where none is.
fn rewritten(show: &[&str], body: &[u8]) -> Option<String> {
    // Looked at as a whole it takes less than string by string.
    let body = std::str::from_utf8(body).ok()?;
    let mut text = Vec::with_capacity(body.len().min(MAX_TEXT) + HEAD + 64);
    text.resize(HEAD, b' ');
    let out = FlatText { text, nodes: MAX_NODES };
    let mut items = Items { show, count: 0, out };
    let mut deserializer = serde_json::Deserializer::from_str(body);
    let info = OfBody(&mut items).deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    let cursor = info.end_cursor.filter(|cursor| !cursor.is_empty());
    let next = match (info.has_next_page, cursor) {
        (false, _) => None,
        (true, Some(cursor)) => Some(cursor),
        (true, None) => return None,
    };
    let Items { count, out: FlatText { text: mut out, .. }, .. } = items;
    out.push(b']');
    if let Some(next) = next {
        out.extend_from_slice(b",\"nextCursor\":");
        serde_json::to_writer(&mut out, &next).ok()?;
    }
    out.push(b'}');
    let head = format!("{{\"count\":{count},\"items\":[");
    let begin = HEAD.checked_sub(head.len())?;
    out.get_mut(begin..HEAD)?.copy_from_slice(head.as_bytes());
    out.drain(..begin);
    if out.len() > MAX_TEXT {
        return None;
    }
    String::from_utf8(out).ok()
}

/// An object with what is shown of it, in the order of the names.
fn put(members: &mut RawMembers<'_>, show: &[&str], depth: usize, out: &mut FlatText) -> Option<()> {
    out.open()?;
    out.text.push(b'{');
    let begun = out.text.len();
    if show.is_empty() {
        members.sort_unstable_by_key(|(name, _)| *name);
        // Of two members of one name the later one counts, which after sorting is not known any more.
        if members.windows(2).any(|pair| matches!(pair, [(one, _), (other, _)] if one == other)) {
            return None;
        }
        for &mut (name, value) in members {
            put_member(name, value, depth, begun, out)?;
        }
    } else {
        // The names are sorted already.
        for name in show {
            if let Some((name, value)) = members.iter().rfind(|(member, _)| member == name) {
                put_member(name, value, depth, begun, out)?;
            }
        }
    }
    out.text.push(b'}');
    Some(())
}

fn put_member(name: &str, value: &RawValue, depth: usize, begun: usize, out: &mut FlatText) -> Option<()> {
    if value.get() == "null" {
        return Some(());
    }
    // Nothing in a name that came without escapes needs one.
    out.text.extend_from_slice(if out.text.len() > begun { b",\"" } else { b"\"" });
    out.text.extend_from_slice(name.as_bytes());
    out.text.extend_from_slice(b"\":");
    put_value(value.get(), depth, out)
}

fn put_value(raw: &str, depth: usize, out: &mut FlatText) -> Option<()> {
    match raw.as_bytes() {
        // Each depth is read once more than the one around it.
        [b'{' | b'[', ..] if depth == DEPTH => return None,
        [b'{', ..] => return put(&mut members(raw)?, &[], depth + 1, out),
        [b'[', ..] => {
            out.open()?;
            out.text.push(b'[');
            serde_json::Deserializer::from_str(raw).deserialize_seq(OfEntries { depth, out }).ok()?;
            out.text.push(b']');
        }
        [b'"', rest @ ..] if !rest.contains(&b'\\') => out.text.extend_from_slice(raw.as_bytes()),
        [b't' | b'f' | b'n', ..] => out.text.extend_from_slice(raw.as_bytes()),
        [b'1'..=b'9', rest @ ..] if rest.len() < 18 && rest.iter().all(u8::is_ascii_digit) => {
            out.text.extend_from_slice(raw.as_bytes());
        }
        b"0" => out.text.push(b'0'),
        // What may be written in several ways is written in one.
        _ => serde_json::to_writer(&mut out.text, &serde_json::from_str::<Value>(raw).ok()?).ok()?,
    }
    Some(())
}

/// The entries of a list inside of an item, as they are written.
struct OfEntries<'o> {
    depth: usize,
    out: &'o mut FlatText,
}

impl<'de> Visitor<'de> for OfEntries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        let mut count = 0;
        while let Some(value) = list.next_element::<&RawValue>()? {
            if count == MAX_ITEMS {
                return Err(unlike());
            }
            if count > 0 {
                self.out.text.push(b',');
            }
            count += 1;
            put_value(value.get(), self.depth + 1, self.out).ok_or_else(unlike)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::answer::tree;
    use crate::api::Response;
    use crate::catalog;

    /// The answer of the short way, which has to be that of the long one.
    fn both(tool: &str, body: &str) -> Option<Value> {
        both_with(&json!({}), tool, body)
    }

    fn both_with(arguments: &Value, tool: &str, body: &str) -> Option<Value> {
        let operation = catalog::find(tool).unwrap();
        let flat = page(operation, arguments, body.as_bytes())?;
        let by_tree = tree::read(operation, arguments, &mut Response::of(200, body), None).unwrap();
        assert_eq!(flat, by_tree.text, "not a byte of difference");
        Some(by_tree.value())
    }

    fn page_of(items: &str, info: &str) -> String {
        format!(r#"{{"results": {{"data": [{items}], "pageInfo": {info}}}}}"#)
    }

    const LAST: &str =
        r#"{"startCursor": null, "endCursor": "x", "hasNextPage": false, "hasPreviousPage": true}"#;

    #[test]
    fn a_usual_page_is_the_same_either_way() {
        let item = r#"{"name": "a\"\\ \u00e9é", "id": "v1", "status": null, "category": {"b": [1, null, {"c": null}], "a": "x y"},
            "inherentRiskLevel" : "HIGH", "unknown": {"x": 1}, "securityOwnerUserId": true, "latestDecision": -1.5,
            "residualRiskLevel": [ ], "businessOwnerUserId": [null, [1, 0, -0, 1.50, 1e3, 123456789012345678901], {"b": {}, "a": null}, "\u0041"]}"#;
        let read = both("list_vendors", &page_of(&format!("{item}, {item}"), LAST)).unwrap();
        assert_eq!(read["count"], 2);
        let more = r#"{"endCursor": "c\"1", "hasNextPage": true}"#;
        assert_eq!(both("list_vendors", &page_of(item, more)).unwrap()["nextCursor"], "c\"1");
        assert_eq!(both("list_vendors", &page_of("", LAST)).unwrap()["items"], json!([]));
        let all = both_with(&json!({"fields": ["*"]}), "list_vendors", &page_of(item, LAST)).unwrap();
        assert_eq!(all["items"][0]["unknown"]["x"], 1);
        assert_eq!(
            both("list_vendors", &page_of(r#"{"id": 1, "id": 2}"#, LAST)).unwrap()["items"][0]["id"],
            2
        );
    }

    #[test]
    fn what_is_unlike_a_usual_page_goes_the_long_way() {
        let operation = catalog::find("list_vendors").unwrap();
        for body in [
            page_of("", r#"{"endCursor": null, "hasNextPage": true}"#),
            page_of("", r#"{"hasNextPage": "no"}"#),
            page_of("1", LAST),
            page_of(r#"{"id": 1"#, LAST),
            page_of(r#"{"category": {"a": 1, "a": 2}}"#, LAST),
            page_of(r#"{"\u0069d": 1}"#, LAST),
            page_of(&format!(r#"{{"id": {}{}}}"#, "[".repeat(9), "]".repeat(9)), LAST),
            r#"{"results": {"data": [], "pageInfo": {"hasNextPage": false}}, "warnings": []}"#.to_owned(),
            r#"{"data": [], "pageInfo": {"hasNextPage": false}}"#.to_owned(),
            "[]".to_owned(),
            String::new(),
        ] {
            assert_eq!(page(operation, &json!({}), body.as_bytes()), None, "{body}");
        }
        let last = page_of("", LAST);
        assert!(page(operation, &json!({}), last.as_bytes()).is_some());
        assert!(page(operation, &json!({"fields": ["id"]}), last.as_bytes()).is_none());
        for other in ["get_vendor", "list_panel_accounts", "add_people_to_group"] {
            assert!(page(catalog::find(other).unwrap(), &json!({}), last.as_bytes()).is_none(), "{other}");
        }
    }
}
