//! The usual page, from the upstream's text to the answer's without a tree of values in between.
//!
//! Most calls are answered with such a page, and taking it apart and putting it
//! together again is most of the work of a call. Whatever is in the least
//! unlike one is left to the long way, which also says what is wrong with it;
//! the two must not be told apart.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::fields::Fields;
use crate::catalog::{Api, Operation, Shape};

/// How deep the values of an item may be.
const DEPTH: usize = 8;

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageBody<'b> {
    #[serde(borrow)]
    results: Results<'b>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Results<'b> {
    #[serde(borrow)]
    data: Vec<ItemMembers<'b>>,
    #[serde(rename = "pageInfo")]
    info: Info,
}

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

/// An object's members as they came. A name that is written with escapes is no usual one.
struct ItemMembers<'b>(Vec<(&'b str, &'b RawValue)>);

impl<'de: 'b, 'b> Deserialize<'de> for ItemMembers<'b> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object<'b>(PhantomData<&'b ()>);
        impl<'de: 'b, 'b> Visitor<'de> for Object<'b> {
            type Value = ItemMembers<'b>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut members = Vec::with_capacity(16);
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(ItemMembers(members))
            }
        }
        deserializer.deserialize_map(Object(PhantomData))
    }
}

/// A page of items with the fields that are named, in order; all of them where none is.
fn rewritten(show: &[&str], body: &[u8]) -> Option<String> {
    // Looked at as a whole it takes less than string by string.
    let body = std::str::from_utf8(body).ok()?;
    let PageBody { results: Results { data, info } } = serde_json::from_str(body).ok()?;
    let cursor = info.end_cursor.filter(|cursor| !cursor.is_empty());
    let next = match (info.has_next_page, cursor) {
        (false, _) => None,
        (true, Some(cursor)) => Some(cursor),
        (true, None) => return None,
    };
    let mut out = Vec::with_capacity(body.len() + 64);
    out.extend_from_slice(b"{\"count\":");
    serde_json::to_writer(&mut out, &data.len()).ok()?;
    out.extend_from_slice(b",\"items\":[");
    for (number, item) in data.into_iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        put(item, show, 0, &mut out)?;
    }
    out.push(b']');
    if let Some(next) = next {
        out.extend_from_slice(b",\"next_cursor\":");
        serde_json::to_writer(&mut out, &next).ok()?;
    }
    out.push(b'}');
    String::from_utf8(out).ok()
}

/// An object with what is shown of it, in the order of the names.
fn put(
    ItemMembers(mut members): ItemMembers<'_>,
    show: &[&str],
    depth: usize,
    out: &mut Vec<u8>,
) -> Option<()> {
    out.push(b'{');
    let begun = out.len();
    if show.is_empty() {
        members.sort_unstable_by_key(|(name, _)| *name);
        // Of two members of one name the later one counts, which after sorting is not known any more.
        if members.windows(2).any(|pair| matches!(pair, [(one, _), (other, _)] if one == other)) {
            return None;
        }
        for (name, value) in members {
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
    out.push(b'}');
    Some(())
}

fn put_member(name: &str, value: &RawValue, depth: usize, begun: usize, out: &mut Vec<u8>) -> Option<()> {
    if value.get() == "null" {
        return Some(());
    }
    // Nothing in a name that came without escapes needs one.
    out.extend_from_slice(if out.len() > begun { b",\"" } else { b"\"" });
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    put_value(value.get(), depth, out)
}

fn put_value(raw: &str, depth: usize, out: &mut Vec<u8>) -> Option<()> {
    match raw.as_bytes() {
        // Each depth is read once more than the one around it.
        [b'{' | b'[', ..] if depth == DEPTH => return None,
        [b'{', ..] => return put(serde_json::from_str(raw).ok()?, &[], depth + 1, out),
        [b'[', ..] => {
            let all: Vec<&RawValue> = serde_json::from_str(raw).ok()?;
            out.push(b'[');
            for (number, value) in all.into_iter().enumerate() {
                if number > 0 {
                    out.push(b',');
                }
                put_value(value.get(), depth + 1, out)?;
            }
            out.push(b']');
        }
        [b'"', rest @ ..] if !rest.contains(&b'\\') => out.extend_from_slice(raw.as_bytes()),
        [b't' | b'f' | b'n', ..] => out.extend_from_slice(raw.as_bytes()),
        [b'1'..=b'9', rest @ ..] if rest.len() < 18 && rest.iter().all(u8::is_ascii_digit) => {
            out.extend_from_slice(raw.as_bytes());
        }
        b"0" => out.push(b'0'),
        // What may be written in several ways is written in one.
        _ => serde_json::to_writer(out, &serde_json::from_str::<Value>(raw).ok()?).ok()?,
    }
    Some(())
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
        let by_tree = tree::read(operation, arguments, Response::of(200, body)).unwrap();
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
        assert_eq!(both("list_vendors", &page_of(item, more)).unwrap()["next_cursor"], "c\"1");
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
