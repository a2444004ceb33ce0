//! Lists in the order that `orderBy` and `orderDirection` ask for.

use std::borrow::Borrow;
use std::cmp::Ordering;

use serde_json::Value;

use super::ask::{Ask, Reply};
use super::query::manner;
use super::record::text;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Ascending,
    Descending,
}

/// The items by the key that the query names, one of `keys`, or as `otherwise` says; equal ones keep their order.
///
/// `key` makes of an item what is compared. 400 for another key or direction.
pub(super) fn ordered<T: Borrow<Value>>(
    ask: &Ask,
    mut items: Vec<T>,
    keys: &[&str],
    otherwise: (Option<&str>, Direction),
    key: impl Fn(&Value, &str) -> Value,
) -> Result<Vec<T>, Reply> {
    let by = manner(ask, "orderBy", keys)?.or(otherwise.0);
    let direction = match manner(ask, "orderDirection", &["asc", "desc"])? {
        Some("asc") => Direction::Ascending,
        Some(_) => Direction::Descending,
        None => otherwise.1,
    };
    if let Some(by) = by {
        items.sort_by(|left, right| {
            let order = compare(&key(left.borrow(), by), &key(right.borrow(), by));
            if direction == Direction::Descending { order.reverse() } else { order }
        });
    }
    Ok(items)
}

/// The property of that name, as it is compared where nothing else is wanted.
pub(super) fn property(item: &Value, name: &str) -> Value {
    item.get(name).cloned().unwrap_or_default()
}

/// Nothing first, then numbers by size, texts by letters; lists by their first entry, objects by the name shown.
fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left.as_f64().unwrap_or_default().total_cmp(&right.as_f64().unwrap_or_default())
        }
        (Value::String(left), Value::String(right)) => left.to_lowercase().cmp(&right.to_lowercase()),
        (Value::Array(left), Value::Array(right)) => {
            compare(left.first().unwrap_or(&Value::Null), right.first().unwrap_or(&Value::Null))
        }
        (Value::Object(_), Value::Object(_)) => text(left, "displayName").cmp(text(right, "displayName")),
        _ => right.is_null().cmp(&left.is_null()),
    }
}

#[cfg(test)]
mod checks {
    use serde_json::json;

    use super::*;

    fn names(query: &[(&str, &str)]) -> Result<String, u16> {
        let ask = Ask {
            method: "GET".into(),
            path: Vec::new(),
            query: query.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            body: Value::Null,
            files: Vec::new(),
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        let items = vec![
            json!({ "name": "b", "size": 10 }),
            json!({ "name": "A", "size": 9 }),
            json!({ "name": "c", "size": null }),
        ];
        let sorted = ordered(&ask, items, &["name", "size"], (Some("name"), Direction::Ascending), property);
        sorted
            .map(|items| items.iter().map(|item| text(item, "name")).collect())
            .map_err(|refusal| refusal.parts().0)
    }

    #[test]
    fn orders_by_what_is_asked_for() {
        assert_eq!(names(&[]), Ok("Abc".into()));
        assert_eq!(names(&[("orderDirection", "desc")]), Ok("cbA".into()));
        assert_eq!(names(&[("orderBy", "size")]), Ok("cAb".into()));
        assert_eq!(names(&[("orderBy", "size"), ("orderDirection", "desc")]), Ok("bAc".into()));
        assert_eq!(names(&[("orderBy", "weight")]), Err(400));
        assert_eq!(names(&[("orderDirection", "up")]), Err(400));
    }
}
