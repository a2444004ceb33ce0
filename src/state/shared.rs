//! The store in use, and what happens while it cannot be used: each process goes on by itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::memory::{Memory, system_time};
use super::store::{KeptRecord, Moment, RecordGroup, RecordKey, Store, StoreError, StoreKind};

/// How long an operation of the store may take. A busy store is waited for, a silent one is not.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a store that failed is left alone.
const PAUSE: Duration = Duration::from_secs(3);

/// The store that all share, or, while that fails, this process's own.
pub struct Shared {
    store: Arc<dyn Store>,
    own: Memory,
    trouble: Mutex<Option<Trouble>>,
}

/// What is wrong with the store.
#[derive(Debug, Clone)]
struct Trouble {
    error: StoreError,
    /// Before this it is not tried again.
    until: Instant,
}

/// What it means that a record is there and cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UnreadableRecord {
    /// It counts as none: what is in it can be had anew.
    CountsAsNone,
    /// It is left as it is, and the change fails.
    Fails,
}

/// How the store is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateHealth {
    /// Which kind it is.
    pub kind: StoreKind,
    /// Where it is, without a secret; empty for memory.
    pub place: String,
    /// Why it cannot be used now, if so.
    pub trouble: Option<StoreError>,
}

impl Shared {
    /// Shares by this store. Nothing is opened before it is needed.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, own: Memory::new(system_time), trouble: Mutex::default() }
    }

    /// Shares with nobody.
    #[must_use]
    pub fn alone() -> Self {
        Self::new(Arc::new(Memory::new(system_time)))
    }

    /// Changes a record as one step. A record that cannot be read counts as none: what is in it can be had anew.
    pub async fn change<R, T, F>(&self, key: &RecordKey, change: F) -> T
    where
        R: Serialize + DeserializeOwned + Default + PartialEq + Clone,
        T: Send + Default + 'static,
        F: Fn(Moment, &mut R) -> T + Send + Sync + 'static,
    {
        let change = Arc::new(change);
        if self.known_trouble().is_none() {
            let unreadable = UnreadableRecord::CountsAsNone;
            match step(&*self.store, key, Arc::clone(&change), unreadable).await {
                Ok(answer) => {
                    self.is_well();
                    return answer;
                }
                Err(error) => self.is_in_trouble(error),
            }
        }
        step(&self.own, key, change, UnreadableRecord::CountsAsNone).await.unwrap_or_default()
    }

    /// Changes a record that must be kept, as one step: what this returns without an error is in the store, where all who
    /// share it find it. Nothing is kept in this process instead.
    ///
    /// # Errors
    /// The store cannot be used, or has just failed and is left alone for a moment; or the record is there and cannot be
    /// read. Nothing was changed, unless the error says that it may have been.
    pub async fn change_kept<R, T, F>(&self, key: &RecordKey, change: F) -> Result<T, StoreError>
    where
        R: Serialize + DeserializeOwned + Default + PartialEq + Clone,
        T: Send + 'static,
        F: Fn(Moment, &mut R) -> T + Send + Sync + 'static,
    {
        if let Some(error) = self.known_trouble() {
            return Err(error);
        }
        let changed = step(&*self.store, key, Arc::new(change), UnreadableRecord::Fails).await;
        match &changed {
            // That is one record's trouble, not the store's.
            Ok(_) | Err(StoreError::Unreadable { .. }) => self.is_well(),
            Err(error) => self.is_in_trouble(error.clone()),
        }
        changed
    }

    /// The records of a group as they are at one time; while the store fails, this process's own.
    pub async fn all(&self, group: &RecordGroup) -> Vec<KeptRecord> {
        if self.known_trouble().is_none() {
            match in_time(&*self.store, self.store.all(group)).await {
                Ok(records) => {
                    self.is_well();
                    return records;
                }
                Err(error) => self.is_in_trouble(error),
            }
        }
        self.own.all(group).await.unwrap_or_default()
    }

    /// Deletes the records of a group that have not been changed for so long; zero is all of them. Returns how many.
    ///
    /// # Errors
    /// The store cannot be used: what this process kept by itself meanwhile is deleted all the same.
    pub async fn delete(&self, group: &RecordGroup, unchanged_for: Duration) -> Result<u64, StoreError> {
        let own = self.own.delete(group, unchanged_for).await.unwrap_or_default();
        if let Some(error) = self.known_trouble() {
            return Err(error);
        }
        match in_time(&*self.store, self.store.delete(group, unchanged_for)).await {
            Ok(deleted) => {
                self.is_well();
                Ok(deleted + own)
            }
            Err(error) => {
                self.is_in_trouble(error.clone());
                Err(error)
            }
        }
    }

    /// How the store is doing.
    #[must_use]
    pub fn health(&self) -> StateHealth {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        StateHealth {
            kind: self.store.kind(),
            place: self.store.place(),
            trouble: trouble.as_ref().map(|trouble| trouble.error.clone()),
        }
    }

    /// Tries the store now, whatever was known of it.
    pub async fn try_now(&self, key: &RecordKey) -> StateHealth {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let look = Arc::new(|_, _: &mut serde_json::Value| ());
        if let Err(error) = step(&*self.store, key, look, UnreadableRecord::CountsAsNone).await {
            self.is_in_trouble(error);
        }
        self.health()
    }

    /// Why the store is left alone now; none where it is to be tried.
    fn known_trouble(&self) -> Option<StoreError> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.as_ref().filter(|trouble| trouble.until > Instant::now()).map(|trouble| trouble.error.clone())
    }

    fn is_well(&self) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if trouble.take().is_some() {
            tracing::info!(state = self.store.kind().as_str(), "the state can be used again");
        }
    }

    fn is_in_trouble(&self, error: StoreError) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if trouble.as_ref().is_none_or(|known| known.error != error) {
            tracing::warn!(
                error = error.told(),
                "the shared state cannot be used: this process goes on with its own token and budget"
            );
        }
        *trouble = Some(Trouble { error, until: Instant::now() + PAUSE });
    }
}

/// An operation of a store that is answered in time, or an error.
async fn in_time<T>(
    store: &dyn Store,
    operation: BoxFuture<'_, Result<T, StoreError>>,
) -> Result<T, StoreError> {
    timeout(PATIENCE, operation).await.map_err(|_| StoreError::Late { place: store.place() })?
}

async fn step<R, T, F>(
    store: &dyn Store,
    key: &RecordKey,
    change: Arc<F>,
    unreadable: UnreadableRecord,
) -> Result<T, StoreError>
where
    R: Serialize + DeserializeOwned + Default + PartialEq + Clone,
    T: Send + 'static,
    F: Fn(Moment, &mut R) -> T + Send + Sync + 'static,
{
    let answer = Arc::new(Mutex::new(None));
    let told = Arc::clone(&answer);
    let place = store.place();
    let changed = store.change(
        key,
        Box::new(move |now, body| {
            let (result, body) = match changed(body, unreadable, |record: &mut R| change(now, record)) {
                Ok((result, body)) => (Ok(result), body),
                Err(error) => {
                    (Err(StoreError::Unreadable { place: place.clone(), detail: error.to_string() }), None)
                }
            };
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
            body
        }),
    );
    let late = || StoreError::Late { place: store.place() };
    timeout(PATIENCE, changed).await.map_err(|_| late())??;
    let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
    answer.ok_or_else(late)?
}

/// Changes the record that a body is; with the new body, where it is another.
fn changed<R, T>(
    body: Option<&str>,
    unreadable: UnreadableRecord,
    change: impl FnOnce(&mut R) -> T,
) -> Result<(T, Option<String>), serde_json::Error>
where
    R: Serialize + DeserializeOwned + Default + PartialEq + Clone,
{
    let mut record: R = match body.map(serde_json::from_str) {
        None => R::default(),
        Some(Ok(record)) => record,
        Some(Err(_)) if unreadable == UnreadableRecord::CountsAsNone => R::default(),
        Some(Err(error)) => return Err(error),
    };
    let before = record.clone();
    let result = change(&mut record);
    let body = (record != before).then(|| serde_json::to_string(&record)).transpose()?;
    Ok((result, body))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use futures::FutureExt as _;
    use futures::future::ready;

    use super::super::store::{Change, RecordKind};
    use super::*;

    /// A store that can be switched off.
    struct Switched {
        off: AtomicBool,
        memory: Memory,
    }

    impl Store for Switched {
        fn change<'s>(&'s self, key: &'s RecordKey, change: Change) -> BoxFuture<'s, Result<(), StoreError>> {
            if self.off.load(Ordering::Relaxed) {
                return ready(Err(StoreError::Full { place: "here".to_owned() })).boxed();
            }
            self.memory.change(key, change)
        }

        fn all<'s>(&'s self, group: &'s RecordGroup) -> BoxFuture<'s, Result<Vec<KeptRecord>, StoreError>> {
            self.memory.all(group)
        }

        fn delete<'s>(
            &'s self,
            group: &'s RecordGroup,
            unchanged_for: Duration,
        ) -> BoxFuture<'s, Result<u64, StoreError>> {
            self.memory.delete(group, unchanged_for)
        }

        fn kind(&self) -> StoreKind {
            StoreKind::Sqlite
        }

        fn place(&self) -> String {
            "here".to_owned()
        }
    }

    #[tokio::test]
    async fn a_process_goes_on_by_itself_while_the_store_fails() {
        let store = Arc::new(Switched { off: AtomicBool::new(false), memory: Memory::new(system_time) });
        let shared = Shared::new(Arc::clone(&store) as Arc<dyn Store>);
        let key = RecordKey { kind: RecordKind::Application, id: "a".to_owned() };
        let add = |_: Moment, number: &mut u64| {
            *number += 1;
            *number
        };
        assert_eq!(shared.change(&key, add).await, 1);
        store.off.store(true, Ordering::Relaxed);
        assert_eq!(shared.change(&key, add).await, 1, "its own begins anew");
        assert_eq!(shared.health().trouble, Some(StoreError::Full { place: "here".to_owned() }));
        store.off.store(false, Ordering::Relaxed);
        assert_eq!(shared.change(&key, add).await, 2, "it is left alone for a moment");
        assert_eq!(shared.try_now(&key).await.trouble, None);
        assert_eq!(shared.change(&key, add).await, 2, "what all share went on from where it was");
    }

    #[tokio::test]
    async fn what_must_be_kept_is_refused_while_the_store_fails() {
        let store = Arc::new(Switched { off: AtomicBool::new(false), memory: Memory::new(system_time) });
        let shared = Shared::new(Arc::clone(&store) as Arc<dyn Store>);
        let key = RecordKey { kind: RecordKind::Check, id: "a".to_owned() };
        let add = |_: Moment, number: &mut u64| {
            *number += 1;
            *number
        };
        assert_eq!(shared.change_kept(&key, add).await, Ok(1));
        store.off.store(true, Ordering::Relaxed);
        let full = StoreError::Full { place: "here".to_owned() };
        assert_eq!(shared.change_kept(&key, add).await, Err(full.clone()));
        assert_eq!(shared.health().trouble, Some(full.clone()));
        store.off.store(false, Ordering::Relaxed);
        assert_eq!(shared.change_kept(&key, add).await, Err(full), "it is left alone for a moment");
        assert_eq!(shared.try_now(&key).await.trouble, None);
        assert_eq!(shared.change_kept(&key, add).await, Ok(2), "nothing was counted meanwhile");
    }
}
