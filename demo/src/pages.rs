//! Cursor pages: 1 to 100 items, 10 unless asked for more, behind an opaque cursor.

use serde_json::{Value, json};

use super::ask::{Ask, Reply};

const DEFAULT_SIZE: usize = 10;
const LARGEST_SIZE: usize = 100;

/// One page of `items` as the query asks for it: `{"results":{"data":[…],"pageInfo":{…}}}`.
///
/// 400 for a `pageSize` outside of 1 to 100 and for a `pageCursor` that no page has given out.
pub(super) fn page(ask: &Ask, items: Vec<Value>) -> Reply {
    page_of(ask, items, |item| item)
}

/// As [`page`], with pages of up to so many items.
pub(super) fn page_up_to(largest: usize, ask: &Ask, items: Vec<Value>) -> Reply {
    cut(largest, ask, items, |item| item)
}

/// As [`page`], but makes the items from something cheaper, and only those of the page.
pub(super) fn page_of<T>(ask: &Ask, items: Vec<T>, show: impl Fn(T) -> Value) -> Reply {
    cut(LARGEST_SIZE, ask, items, show)
}

fn cut<T>(largest: usize, ask: &Ask, items: Vec<T>, show: impl Fn(T) -> Value) -> Reply {
    let (size, start) = match (size(largest, ask), start(ask)) {
        (Ok(size), Ok(start)) => (size, start),
        (Err(reply), _) | (_, Err(reply)) => return reply,
    };
    let total = items.len();
    let data: Vec<Value> = items.into_iter().skip(start).take(size).map(show).collect();
    let end = start + data.len();
    let (first, last) =
        if data.is_empty() { (None, None) } else { (Some(cursor(start)), Some(cursor(end - 1))) };
    Reply::ok(json!({ "results": { "data": data, "pageInfo": {
        "startCursor": first,
        "endCursor": last,
        "hasNextPage": end < total,
        "hasPreviousPage": start > 0 && total > 0,
    } } }))
}

fn size(largest: usize, ask: &Ask) -> Result<usize, Reply> {
    let Some(asked) = ask.one("pageSize") else { return Ok(DEFAULT_SIZE) };
    asked.parse().ok().filter(|size| (1..=largest).contains(size)).ok_or_else(|| {
        Reply::error(400, format!("pageSize must be a number from 1 to {largest}, not {asked}"))
    })
}

/// The page begins behind the item that the cursor names.
fn start(ask: &Ask) -> Result<usize, Reply> {
    let Some(asked) = ask.one("pageCursor") else { return Ok(0) };
    position(asked)
        .map(|index| index + 1)
        .ok_or_else(|| Reply::error(400, "pageCursor is not a cursor of this list"))
}

/// Hexadecimal, so that nobody is tempted to count with it.
fn cursor(index: usize) -> String {
    format!("item:{index}").bytes().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}

fn position(cursor: &str) -> Option<usize> {
    let pairs =
        cursor.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
    let bytes: Vec<u8> = pairs.collect::<Option<_>>()?;
    String::from_utf8(bytes).ok()?.strip_prefix("item:")?.parse().ok().filter(|index| *index < usize::MAX)
}

#[cfg(test)]
mod checks {
    use super::*;

    fn asked(query: &[(&str, &str)], count: u32) -> (u16, Value) {
        let query = query.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let ask = Ask {
            method: "GET".into(),
            path: Vec::new(),
            query,
            body: Value::Null,
            files: Vec::new(),
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        page(&ask, (0..count).map(Value::from).collect()).parts()
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_overlap() {
        let (_, first) = asked(&[], 25);
        assert_eq!(first["results"]["data"].as_array().unwrap().len(), 10);
        assert_eq!(first["results"]["pageInfo"]["hasPreviousPage"], false);
        let mut all = first["results"]["data"].as_array().unwrap().clone();
        let mut info = first["results"]["pageInfo"].clone();
        while info["hasNextPage"] == true {
            let (_, next) = asked(&[("pageCursor", info["endCursor"].as_str().unwrap())], 25);
            all.extend(next["results"]["data"].as_array().unwrap().clone());
            info = next["results"]["pageInfo"].clone();
            assert_eq!(info["hasPreviousPage"], true);
        }
        assert_eq!(all, (0..25).map(Value::from).collect::<Vec<_>>());
    }

    #[test]
    fn sizes_and_cursors_out_of_bounds_are_refused() {
        for size in ["0", "101", "-1", "ten"] {
            assert_eq!(asked(&[("pageSize", size)], 5).0, 400, "{size}");
        }
        for cursor in ["", "x", "10", "6974656d"] {
            assert_eq!(asked(&[("pageCursor", cursor)], 5).0, 400, "{cursor}");
        }
        assert_eq!(asked(&[("pageSize", "100")], 5).0, 200);
    }

    #[test]
    fn a_list_may_have_larger_pages_than_the_others() {
        let ask = |size: &str| Ask {
            method: "GET".into(),
            path: Vec::new(),
            query: vec![("pageSize".to_owned(), size.to_owned())],
            body: Value::Null,
            files: Vec::new(),
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        let items = || (0..250).map(Value::from).collect();
        let (status, body) = page_up_to(200, &ask("200"), items()).parts();
        assert_eq!((status, body["results"]["data"].as_array().unwrap().len()), (200, 200));
        assert_eq!(page_up_to(200, &ask("201"), items()).parts().0, 400);
        assert_eq!(page(&ask("200"), items()).parts().0, 400);
    }

    #[test]
    fn an_empty_page_has_no_cursors() {
        let (status, body) = asked(&[], 0);
        assert_eq!(status, 200);
        assert_eq!(body["results"]["pageInfo"]["endCursor"], Value::Null);
        assert_eq!(body["results"]["pageInfo"]["hasNextPage"], false);
    }
}
