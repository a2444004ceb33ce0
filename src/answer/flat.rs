//! The usual page, from the upstream's text to the answer's without a tree of values in between.
//!
//! Most calls are answered with such a page, and taking it apart and putting it
//! together again is most of the work of a call. Whatever is in the least
//! unlike one is left to the long way, which also says what is wrong with it;
//! the two must not be told apart.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::fields::Fields;
use super::without_nulls;
use crate::api::Flat;
use crate::catalog::{Api, Operation, Shape};

/// The short way for a call's answer, where there is one.
#[must_use]
pub fn flat(operation: &Operation, arguments: &Value) -> Option<Flat> {
    let usual = operation.shape == Shape::Page && operation.api != Api::Panel && operation.once.is_empty();
    let fields = Fields::choose(operation, arguments);
    (usual && operation.items.is_none() && !matches!(fields, Fields::Named(_))).then_some(page)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body<'b> {
    #[serde(borrow)]
    results: Results<'b>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Results<'b> {
    #[serde(borrow)]
    data: Vec<Item<'b>>,
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

/// An item's members as they came.
struct Item<'b>(Vec<(Cow<'b, str>, &'b RawValue)>);

#[derive(Deserialize)]
struct Name<'b>(#[serde(borrow)] Cow<'b, str>);

impl<'de: 'b, 'b> Deserialize<'de> for Item<'b> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<'b>(PhantomData<&'b ()>);
        impl<'de: 'b, 'b> Visitor<'de> for Members<'b> {
            type Value = Item<'b>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut members = Vec::with_capacity(16);
                while let Some((Name(name), value)) = map.next_entry()? {
                    members.push((name, value));
                }
                Ok(Item(members))
            }
        }
        deserializer.deserialize_map(Members(PhantomData))
    }
}

fn page(operation: &Operation, body: &[u8]) -> Option<String> {
    let Body { results: Results { data, info } } = serde_json::from_slice(body).ok()?;
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
        put(item, &operation.show, &mut out)?;
    }
    out.push(b']');
    if let Some(next) = next {
        out.extend_from_slice(b",\"next_cursor\":");
        serde_json::to_writer(&mut out, &next).ok()?;
    }
    out.push(b'}');
    String::from_utf8(out).ok()
}

/// An item with what is shown of it, in the order of the names.
fn put(Item(mut members): Item<'_>, show: &[&str], out: &mut Vec<u8>) -> Option<()> {
    members.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    // Of two members of one name the later one counts, which after sorting is not known any more.
    if members.windows(2).any(|pair| matches!(pair, [(one, _), (other, _)] if one == other)) {
        return None;
    }
    let shown = members
        .iter()
        .filter(|(name, value)| (show.is_empty() || show.contains(&&**name)) && value.get() != "null");
    out.push(b'{');
    for (number, (name, value)) in shown.enumerate() {
        if number > 0 {
            out.push(b',');
        }
        serde_json::to_writer(&mut *out, name).ok()?;
        out.push(b':');
        let raw = value.get();
        if raw.starts_with(['{', '[']) || raw.contains('\\') {
            let mut value: Value = serde_json::from_str(raw).ok()?;
            without_nulls(&mut value);
            serde_json::to_writer(&mut *out, &value).ok()?;
        } else {
            out.extend_from_slice(raw.as_bytes());
        }
    }
    out.push(b'}');
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::answer::shape;
    use crate::api::Response;
    use crate::catalog;

    /// The answer of the short way, which has to be that of the long one.
    fn both(tool: &str, body: &str) -> Option<Value> {
        let operation = catalog::find(tool).unwrap();
        let flat = flat(operation, &json!({})).and_then(|flat| flat(operation, body.as_bytes()))?;
        let read: Value = serde_json::from_str(&flat).unwrap();
        let tree = serde_json::from_str(body).unwrap();
        let response = Response { status: 200, body: Some(tree), flat: None, file: None };
        let shaped = shape(operation, &json!({}), response).value;
        assert_eq!(read, shaped, "{body}");
        assert_eq!(flat, shaped.to_string(), "not a byte of difference");
        Some(read)
    }

    fn page_of(items: &str, info: &str) -> String {
        format!(r#"{{"results": {{"data": [{items}], "pageInfo": {info}}}}}"#)
    }

    const LAST: &str =
        r#"{"startCursor": null, "endCursor": "x", "hasNextPage": false, "hasPreviousPage": true}"#;

    #[test]
    fn a_usual_page_is_the_same_either_way() {
        let item = r#"{"name": "a\"\\ \u00e9é", "id": "v1", "status": null, "category": {"b": [1, null, {"c": null}], "a": "x y"},
            "inherentRiskLevel" : "HIGH", "unknown": {"x": 1}, "securityOwnerUserId": true, "latestDecision": -1.5}"#;
        let read = both("list_vendors", &page_of(&format!("{item}, {item}"), LAST)).unwrap();
        assert_eq!(read["count"], 2);
        let more = r#"{"endCursor": "c\"1", "hasNextPage": true}"#;
        assert_eq!(both("list_vendors", &page_of(item, more)).unwrap()["next_cursor"], "c\"1");
        assert_eq!(both("list_vendors", &page_of("", LAST)).unwrap()["items"], json!([]));
    }

    #[test]
    fn what_is_unlike_a_usual_page_goes_the_long_way() {
        let operation = catalog::find("list_vendors").unwrap();
        let flat = flat(operation, &json!({})).unwrap();
        for body in [
            page_of("", r#"{"endCursor": null, "hasNextPage": true}"#),
            page_of("", r#"{"hasNextPage": "no"}"#),
            page_of(r#"{"id": 1, "id": 2}"#, LAST),
            page_of("1", LAST),
            page_of(r#"{"id": 1"#, LAST),
            r#"{"results": {"data": [], "pageInfo": {"hasNextPage": false}}, "warnings": []}"#.to_owned(),
            r#"{"data": [], "pageInfo": {"hasNextPage": false}}"#.to_owned(),
            "[]".to_owned(),
            String::new(),
        ] {
            assert_eq!(flat(operation, body.as_bytes()), None, "{body}");
        }
        assert!(super::flat(operation, &json!({"fields": ["id"]})).is_none());
        for other in ["get_vendor", "list_panel_accounts", "add_people_to_group"] {
            assert!(super::flat(catalog::find(other).unwrap(), &json!({})).is_none(), "{other}");
        }
    }
}
