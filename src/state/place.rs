//! Where state is kept, as the operator chose, and the store that is there.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};

use super::memory::{Memory, system_time};
#[cfg(feature = "postgres")]
use super::postgres::{Postgres, PostgresPlace};
use super::shared::Shared;
use super::sqlite::Sqlite;
use super::store::{Change, KeptRecord, RecordGroup, RecordKey, Store, StoreError, StoreKind};

/// Where state is kept. `Debug` shows no password.
#[derive(Debug, Clone)]
pub enum StatePlace {
    /// In this process.
    Memory,
    /// In a SQLite file. None where nobody chose a file, and the system has no folder for it.
    File(Option<PathBuf>),
    /// In a PostgreSQL database.
    #[cfg(feature = "postgres")]
    Postgres(Box<PostgresPlace>),
}

/// What is shared at that place. Nothing is opened before the first change.
#[must_use]
pub fn open(place: StatePlace) -> Shared {
    Shared::new(store(place))
}

fn store(place: StatePlace) -> Arc<dyn Store> {
    match place {
        StatePlace::Memory => Arc::new(Memory::new(system_time)),
        StatePlace::File(Some(path)) => Arc::new(Sqlite::new(path)),
        StatePlace::File(None) => Arc::new(Nowhere),
        #[cfg(feature = "postgres")]
        StatePlace::Postgres(place) => Arc::new(Postgres::new(*place)),
    }
}

/// A file for which there is no folder: every change fails and says so.
struct Nowhere;

impl Store for Nowhere {
    fn change<'s>(&'s self, _: &'s RecordKey, _: Change) -> BoxFuture<'s, Result<(), StoreError>> {
        ready(Err(StoreError::NoPlace)).boxed()
    }

    fn all<'s>(&'s self, _: &'s RecordGroup) -> BoxFuture<'s, Result<Vec<KeptRecord>, StoreError>> {
        ready(Err(StoreError::NoPlace)).boxed()
    }

    fn delete<'s>(&'s self, _: &'s RecordGroup, _: Duration) -> BoxFuture<'s, Result<u64, StoreError>> {
        ready(Err(StoreError::NoPlace)).boxed()
    }

    fn kind(&self) -> StoreKind {
        StoreKind::Sqlite
    }

    fn place(&self) -> String {
        String::new()
    }
}
