//! The usual page, from the upstream's text to the answer's without a tree of values in between.
//!
//! Most calls are answered with such a page, and taking it apart and putting it
//! together again is most of the work of a call. Whatever is in the least
//! unlike one is left to the long way, which also says what is wrong with it;
//! the two must not be told apart.

mod items;
mod raw;

use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::bounded::MAX_NODES;
use super::fields::Fields;
use super::form::AnswerStyle;
use super::list::{self, CURSOR, Next};
use super::object::Answer;
use super::written::WrittenItems;
use crate::catalog::{Api, Operation, Shape};
use items::{Items, ShownMember, shown};
use raw::{OfItem, unlike};

/// The answer of a usual page; `None` where the operation, the arguments or the body are not of that kind, or where it is
/// too long.
pub(super) fn page(
    operation: &'static Operation,
    arguments: &Value,
    form: AnswerStyle,
    body: &[u8],
) -> Option<Answer> {
    let usual = operation.shape == Shape::Page && operation.api != Api::Panel && operation.once.is_empty();
    if !usual || operation.items.is_some() {
        return None;
    }
    let fields = Fields::choose(operation, arguments);
    let show = match &fields {
        Fields::All => Vec::new(),
        Fields::Usual(usual) => shown(usual)?,
        Fields::Named(_) | Fields::AsTheyCome => return None,
    };
    let written = WrittenItems::new(form, fields.moments());
    let (written, next) = rewritten(written, &show, body)?;
    Some(list::listed(written, &fields.order(operation), next).answer())
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

/// The body: an object of `results` alone.
struct OfBody<'i, 's>(&'i mut Items<'s>);

/// `results`: the list and its page info, in either order.
struct OfResults<'i, 's>(&'i mut Items<'s>);

/// The list.
struct OfData<'i, 's>(&'i mut Items<'s>);

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

/// The items of a page with the members that are shown, in order; all of them where none is named. Beside them, what comes
/// next.
fn rewritten(written: WrittenItems, show: &[ShownMember<'_>], body: &[u8]) -> Option<(WrittenItems, Next)> {
    // Looked at as a whole it takes less than string by string.
    let body = std::str::from_utf8(body).ok()?;
    let mut items = Items { show, written, nodes: MAX_NODES };
    let mut deserializer = serde_json::Deserializer::from_str(body);
    let info = OfBody(&mut items).deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    let cursor = info.end_cursor.filter(|cursor| !cursor.is_empty() && cursor.len() <= CURSOR);
    let next = match (info.has_next_page, cursor) {
        (true, Some(cursor)) => Next::page(&cursor),
        (true, None) => return None,
        (false, _) => Next::End,
    };
    Some((items.written, next))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::answer::form::ListFormat;
    use crate::answer::tree;
    use crate::api::Response;
    use crate::catalog;

    /// The answer of the short way, which has to be that of the long one.
    fn both(tool: &str, body: &str) -> Option<Value> {
        both_with(&json!({}), tool, body)
    }

    fn both_with(arguments: &Value, tool: &str, body: &str) -> Option<Value> {
        let operation = catalog::find(tool).unwrap();
        let flat = [None, Some(ListFormat::Json), Some(ListFormat::Table)].map(|format| {
            let form = AnswerStyle { format, ..AnswerStyle::default() };
            let flat = page(operation, arguments, form, body.as_bytes())?;
            let by_tree = tree::read(operation, arguments, form, &mut Response::of(200, body), None).unwrap();
            assert_eq!(flat.text, by_tree.text, "not a byte of difference");
            Some(flat)
        });
        let [flat, ..] = flat;
        Some(flat?.value())
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
            page_of(r#"{"name": {"a": 1, "a": 2}}"#, LAST),
            page_of(r#"{"\u0069d": 1}"#, LAST),
            page_of(&format!(r#"{{"id": {}{}}}"#, "[".repeat(9), "]".repeat(9)), LAST),
            r#"{"results": {"data": [], "pageInfo": {"hasNextPage": false}}, "warnings": []}"#.to_owned(),
            r#"{"data": [], "pageInfo": {"hasNextPage": false}}"#.to_owned(),
            "[]".to_owned(),
            String::new(),
        ] {
            assert_eq!(page(operation, &json!({}), AnswerStyle::default(), body.as_bytes()), None, "{body}");
        }
        let last = page_of("", LAST);
        assert!(page(operation, &json!({}), AnswerStyle::default(), last.as_bytes()).is_some());
        assert!(
            page(operation, &json!({"fields": ["id"]}), AnswerStyle::default(), last.as_bytes()).is_none()
        );
        for other in ["get_vendor", "list_panel_accounts", "add_people_to_group"] {
            assert!(
                page(catalog::find(other).unwrap(), &json!({}), AnswerStyle::default(), last.as_bytes())
                    .is_none(),
                "{other}"
            );
        }
    }
}
