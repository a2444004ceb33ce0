//! The store in use, and what happens while it cannot be used: each process goes on by itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::memory::{Memory, system_time};
use super::store::{Moment, RecordKey, Store, StoreError, StoreKind};

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
        if self.is_tried() {
            match self.step(&*self.store, key, Arc::clone(&change)).await {
                Ok(answer) => {
                    self.is_well();
                    return answer;
                }
                Err(error) => self.is_in_trouble(error),
            }
        }
        self.step(&self.own, key, change).await.unwrap_or_default()
    }

    async fn step<R, T, F>(&self, store: &dyn Store, key: &RecordKey, change: Arc<F>) -> Result<T, StoreError>
    where
        R: Serialize + DeserializeOwned + Default + PartialEq + Clone,
        T: Send + 'static,
        F: Fn(Moment, &mut R) -> T + Send + Sync + 'static,
    {
        let answer = Arc::new(Mutex::new(None));
        let told = Arc::clone(&answer);
        let changed = store.change(
            key,
            Box::new(move |now, body| {
                let mut record: R = body.and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
                let before = record.clone();
                let result = change(now, &mut record);
                *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                (record != before).then(|| serde_json::to_string(&record).ok()).flatten()
            }),
        );
        let late = || StoreError::Late { place: store.place() };
        timeout(PATIENCE, changed).await.map_err(|_| late())??;
        let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        answer.ok_or_else(late)
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
        if let Err(error) = self.step(&*self.store, key, Arc::new(|_, _: &mut serde_json::Value| ())).await {
            self.is_in_trouble(error);
        }
        self.health()
    }

    fn is_tried(&self) -> bool {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.as_ref().is_none_or(|trouble| trouble.until <= Instant::now())
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
                %error,
                "the shared state cannot be used: this process goes on with its own token and budget"
            );
        }
        *trouble = Some(Trouble { error, until: Instant::now() + PAUSE });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use futures::FutureExt as _;
    use futures::future::{BoxFuture, ready};

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
}
