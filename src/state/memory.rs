//! Records of this process alone.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};

use super::store::{Change, Moment, RecordKey, Store, StoreError, StoreKind};

/// The time of this machine.
#[must_use]
pub fn system_time() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Records in memory.
pub struct Memory {
    records: Mutex<HashMap<RecordKey, String>>,
    clock: fn() -> Moment,
}

impl Memory {
    /// An empty store with this clock.
    #[must_use]
    pub fn new(clock: fn() -> Moment) -> Self {
        Self { records: Mutex::default(), clock }
    }
}

impl Store for Memory {
    fn change<'s>(&'s self, key: &'s RecordKey, change: Change) -> BoxFuture<'s, Result<(), StoreError>> {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let body = records.get(key).map(String::as_str);
        if let Some(body) = change((self.clock)(), body) {
            records.insert(key.clone(), body);
        }
        ready(Ok(())).boxed()
    }

    fn kind(&self) -> StoreKind {
        StoreKind::Memory
    }

    fn place(&self) -> String {
        String::new()
    }
}
