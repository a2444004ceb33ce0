//! Records of this process alone.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};

use super::store::{Change, KeptRecord, Moment, RecordGroup, RecordKey, Store, StoreError, StoreKind};

/// The time of this machine.
#[must_use]
pub fn system_time() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Records in memory.
pub struct Memory {
    records: Mutex<HashMap<RecordKey, MemoryRecord>>,
    clock: fn() -> Moment,
}

/// A body, and when it was changed.
struct MemoryRecord {
    body: String,
    changed: Moment,
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
        let (now, body) = ((self.clock)(), records.get(key).map(|record| record.body.as_str()));
        if let Some(body) = change(now, body) {
            records.insert(key.clone(), MemoryRecord { body, changed: now });
        }
        ready(Ok(())).boxed()
    }

    fn all<'s>(&'s self, group: &'s RecordGroup) -> BoxFuture<'s, Result<Vec<KeptRecord>, StoreError>> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let found = records.iter().filter(|(key, _)| group.holds(key)).map(|(key, record)| KeptRecord {
            id: key.id.clone(),
            body: record.body.clone(),
            changed: record.changed,
        });
        ready(Ok(found.collect())).boxed()
    }

    fn delete<'s>(
        &'s self,
        group: &'s RecordGroup,
        unchanged_for: Duration,
    ) -> BoxFuture<'s, Result<u64, StoreError>> {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let (before, until) = (records.len(), (self.clock)().minus(unchanged_for));
        records.retain(|key, record| !group.holds(key) || record.changed > until);
        ready(Ok(u64::try_from(before - records.len()).unwrap_or(u64::MAX))).boxed()
    }

    fn kind(&self) -> StoreKind {
        StoreKind::Memory
    }

    fn place(&self) -> String {
        String::new()
    }
}
