//! What every store must hold.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::super::*;

/// A key of its own for each part.
pub fn key(id: &str) -> RecordKey {
    RecordKey { kind: RecordKind::Application, id: id.to_owned() }
}

/// What a change saw of the record, and when.
pub async fn seen(store: &dyn Store, key: &RecordKey) -> Result<(Moment, Option<String>), StoreError> {
    let seen = Arc::new(Mutex::new(None));
    let told = Arc::clone(&seen);
    let look = move |now: Moment, body: Option<&str>| {
        *told.lock().unwrap() = Some((now, body.map(str::to_owned)));
        None
    };
    store.change(key, Box::new(look)).await?;
    let seen = seen.lock().unwrap().take();
    Ok(seen.expect("the change was asked"))
}

/// Adds one to the number that the record is, and returns it.
pub async fn add(store: &dyn Store, key: &RecordKey) -> Result<u64, StoreError> {
    let number = Arc::new(Mutex::new(0));
    let told = Arc::clone(&number);
    let add = move |_: Moment, body: Option<&str>| {
        let next = body.map_or(0, |body| body.parse::<u64>().unwrap()) + 1;
        *told.lock().unwrap() = next;
        Some(next.to_string())
    };
    store.change(key, Box::new(add)).await?;
    let number = *number.lock().unwrap();
    Ok(number)
}

pub async fn put(store: &dyn Store, key: &RecordKey, body: &str) -> Result<(), StoreError> {
    let body = body.to_owned();
    store.change(key, Box::new(move |_, _| Some(body))).await
}

pub async fn holds(store: &Arc<dyn Store>) {
    what_is_kept_is_what_was_given(&**store).await;
    a_record_that_stays_as_it_is_is_not_made(&**store).await;
    time_goes_on(&**store).await;
    a_change_that_panics_changes_nothing(store).await;
    changes_are_atomic(store).await;
    what_must_be_kept_is_kept(store).await;
    a_group_is_read_and_deleted_alone(&**store).await;
}

/// Adds one to the number that the record is, in the store or not at all.
pub async fn add_kept(shared: &Shared, key: &RecordKey) -> Result<u64, StoreError> {
    let add = |_: Moment, number: &mut u64| {
        *number += 1;
        *number
    };
    shared.change_kept(key, add).await
}

async fn what_is_kept_is_what_was_given(store: &dyn Store) {
    let large = format!("\"{}\"", "a body of one MB ".repeat(1 << 16));
    for body in ["{}", r#""äöü – 漢字 😀 \u0000 ' \" \\ %s $1 ?""#, &large, "null"] {
        put(store, &key("kept"), body).await.unwrap();
        assert_eq!(seen(store, &key("kept")).await.unwrap().1.as_deref(), Some(body));
    }
    let odd = key("' or 1=1; -- ä");
    assert_eq!(seen(store, &odd).await.unwrap().1, None);
    assert_eq!(add(store, &odd).await, Ok(1));
    assert_eq!(add(store, &odd).await, Ok(2));
}

async fn a_record_that_stays_as_it_is_is_not_made(store: &dyn Store) {
    for _ in 0..2 {
        assert_eq!(seen(store, &key("never made")).await.unwrap().1, None);
    }
}

async fn time_goes_on(store: &dyn Store) {
    let before = system_time();
    let mut last = Moment(0);
    for _ in 0..20 {
        let (now, _) = seen(store, &key("clock")).await.unwrap();
        assert!(now >= last, "{now:?} after {last:?}");
        last = now;
    }
    assert!((last.0 - before.0).abs() < 60_000, "{last:?} is no time of now, {before:?}");
}

async fn a_change_that_panics_changes_nothing(store: &Arc<dyn Store>) {
    assert_eq!(add(&**store, &key("panic")).await, Ok(1));
    let own = Arc::clone(store);
    let panics = tokio::spawn(async move {
        own.change(&key("panic"), Box::new(|_, _| panic!("a change of a test"))).await
    });
    assert!(panics.await.unwrap_err().is_panic());
    assert_eq!(add(&**store, &key("panic")).await, Ok(2));
}

async fn changes_are_atomic(store: &Arc<dyn Store>) {
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                for _ in 0..200 {
                    add(&*store, &key("atomic")).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(seen(&**store, &key("atomic")).await.unwrap().1.as_deref(), Some("1600"));
}

async fn what_must_be_kept_is_kept(store: &Arc<dyn Store>) {
    let (own, other) = (Shared::new(Arc::clone(store)), Shared::new(Arc::clone(store)));
    let record = RecordKey { kind: RecordKind::Check, id: "kept".to_owned() };
    assert_eq!(add_kept(&own, &record).await, Ok(1));
    assert_eq!(add_kept(&other, &record).await, Ok(2), "another finds it");
    // What cannot be read is not lost by being written over.
    put(&**store, &record, "{\"of\": \"a newer version\"").await.unwrap();
    let told = add_kept(&own, &record).await;
    assert!(matches!(told, Err(StoreError::Unreadable { .. })), "{told:?}");
    assert!(seen(&**store, &record).await.unwrap().1.unwrap().contains("newer"), "it is left as it is");
    assert_eq!(own.health().trouble, None, "the store itself is well");
}

/// Says aloud that something is not checked, and fails where everything has to be, as in `.ci/run`.
pub fn unchecked(what: &str) {
    assert!(std::env::var_os("VANTA_MCP_CHECK_ALL").is_none(), "NOT CHECKED: {what}");
    std::io::Write::write_all(&mut std::io::stderr(), format!("NOT CHECKED: {what}\n").as_bytes()).unwrap();
}

async fn a_group_is_read_and_deleted_alone(store: &dyn Store) {
    let group = |prefix: &str| RecordGroup { kind: RecordKind::Index, prefix: prefix.to_owned() };
    let of_index = |id: &str| RecordKey { kind: RecordKind::Index, id: id.to_owned() };
    for (id, body) in [("a/1", "1"), ("a/2", "2"), ("a%", "3"), ("b/1", "4")] {
        put(store, &of_index(id), body).await.unwrap();
    }
    put(store, &key("a/1"), "of another kind").await.unwrap();
    let (now, _) = seen(store, &of_index("a/1")).await.unwrap();
    let read = async |prefix: &str| {
        let mut found = store.all(&group(prefix)).await.unwrap();
        found.sort_by(|a, b| a.id.cmp(&b.id));
        assert!(found.iter().all(|record| record.changed <= now.plus(Duration::from_secs(1))), "{found:?}");
        found.into_iter().map(|record| (record.id, record.body)).collect::<Vec<_>>()
    };
    let pair = |id: &str, body: &str| (id.to_owned(), body.to_owned());
    assert_eq!(read("a/").await, [pair("a/1", "1"), pair("a/2", "2")]);
    assert_eq!(store.delete(&group("a/"), Duration::from_secs(3_600)).await, Ok(0), "they are young");
    assert_eq!(store.delete(&group("a/"), Duration::ZERO).await, Ok(2));
    assert_eq!(read("").await, [pair("a%", "3"), pair("b/1", "4")]);
    assert_eq!(seen(store, &key("a/1")).await.unwrap().1.as_deref(), Some("of another kind"));
    assert_eq!(store.delete(&group(""), Duration::ZERO).await, Ok(2));
}
