//! The keys of an authorization server that are held, and when they are fetched again.
//!
//! A token whose key is held waits for nobody, however the server does. Fetches
//! go one at a time, each in a task of its own; whoever waits for one shares its
//! end, so that a server that hangs is waited for once and not once for each.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jsonwebtoken::Algorithm;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::key::PublicKey;
use super::source::KeySource;

/// How old keys may be before they are fetched again.
const FRESH: Duration = Duration::from_secs(10 * 60);

/// How old they may be while the server cannot be reached.
const STALE: Duration = Duration::from_secs(60 * 60);

/// How often at the most keys are fetched because a token names one that is not known.
const EACH: Duration = Duration::from_secs(15);

/// How many such fetches may follow each other at once.
const BURST: u32 = 4;

/// How long the server is left alone after a fetch that failed.
const PAUSE: Duration = Duration::from_secs(10);

/// Why there is no key for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The server has none of that name for that algorithm.
    Unknown,
    /// The server's keys are not to be had now.
    Unavailable,
}

/// The keys of one authorization server.
pub(super) struct Keys<S> {
    known: Arc<RwLock<KnownKeys>>,
    turn: Arc<Mutex<Turn<S>>>,
}

/// What is known at a moment.
#[derive(Clone, Default)]
struct KnownKeys {
    held: Option<Arc<KeySet>>,
    /// Whether the last fetch failed.
    failed: bool,
    /// How many fetches have ended: whoever waited meanwhile shares the end of the last.
    ended: u64,
}

/// The keys as they were at some time.
struct KeySet {
    keys: Vec<Arc<PublicKey>>,
    since: Instant,
}

impl KnownKeys {
    /// The key that a token's header means: by its name, or without one the only key of its algorithm.
    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Arc<PublicKey>> {
        let held = self.held.as_ref().filter(|held| held.since.elapsed() < STALE)?;
        let fits =
            |key: &&Arc<PublicKey>| key.algorithm == algorithm && (id.is_none() || key.id.as_deref() == id);
        let mut fitting = held.keys.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Some(Arc::clone(key)),
            _ => None,
        }
    }

    fn is_fresh(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.since.elapsed() < FRESH)
    }

    /// Why a key is not among these. After a failure it may be one that the server has had since.
    fn why_not(&self) -> NoKey {
        if self.is_fresh() && !self.failed { NoKey::Unknown } else { NoKey::Unavailable }
    }

    /// What a fetch has brought. Older keys outlive one that failed.
    fn learn(&mut self, fetched: Option<Vec<PublicKey>>) {
        self.ended += 1;
        self.failed = fetched.is_none();
        if let Some(keys) = fetched {
            let keys = keys.into_iter().map(Arc::new).collect();
            self.held = Some(Arc::new(KeySet { keys, since: Instant::now() }));
        }
    }
}

/// What only one at a time may do: ask the server.
struct Turn<S> {
    source: S,
    /// When the next fetch would be due if all had been [`EACH`] apart.
    due: Instant,
    /// Before this the server is left alone.
    closed_until: Instant,
}

impl<S: KeySource> Turn<S> {
    /// Whether a fetch may begin now. One that may is counted.
    fn may_begin(&mut self) -> bool {
        let now = Instant::now();
        let due = self.due.max(now);
        if now < self.closed_until || due.duration_since(now) > EACH * (BURST - 1) {
            return false;
        }
        self.due = due + EACH;
        true
    }

    /// The server's keys, if it gives them. This is where a failure is told, once for all who wait.
    async fn fetch(&mut self) -> Option<Vec<PublicKey>> {
        match self.source.keys().await {
            Ok(keys) => {
                tracing::debug!(keys = keys.len(), "the issuer's keys were fetched");
                Some(keys)
            }
            Err(error) => {
                tracing::warn!(%error, "the issuer's keys could not be fetched");
                self.closed_until = Instant::now() + PAUSE;
                None
            }
        }
    }
}

impl<S: KeySource> Keys<S> {
    pub(super) fn new(source: S) -> Self {
        let now = Instant::now();
        let turn = Turn { source, due: now, closed_until: now };
        Self { known: Arc::default(), turn: Arc::new(Mutex::new(turn)) }
    }

    fn known(&self) -> KnownKeys {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The key for a token with such a header. One that is known costs no wait; one that is not may be new.
    pub(super) async fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Arc<PublicKey>, NoKey> {
        let before = self.known();
        if let Some(key) = before.find(id, algorithm) {
            if !before.is_fresh() {
                self.renew(&before);
            }
            return Ok(key);
        }
        let turn = Arc::clone(&self.turn).lock_owned().await;
        if let Some(fetch) = self.begin(turn, &before) {
            // Its end stands in what is known; if it has none, what was known still is.
            let _ = fetch.await;
        }
        let after = self.known();
        after.find(id, algorithm).ok_or_else(|| after.why_not())
    }

    /// Has the keys fetched again without waiting for them. Whoever has the turn is at it already.
    fn renew(&self, before: &KnownKeys) {
        if let Ok(turn) = Arc::clone(&self.turn).try_lock_owned() {
            self.begin(turn, before);
        }
    }

    /// Begins a fetch, unless one has ended meanwhile or the server was asked just now.
    fn begin(&self, mut turn: OwnedMutexGuard<Turn<S>>, before: &KnownKeys) -> Option<JoinHandle<()>> {
        if self.known().ended != before.ended {
            return None;
        }
        if !turn.may_begin() {
            // Callers who guess can bring this about at will, so it is nothing to fill a log with.
            tracing::debug!("the issuer's keys were requested moments ago and are not requested again yet");
            return None;
        }
        let known = Arc::clone(&self.known);
        // In a task of its own: were the fetch dropped with the caller that began it, the next would begin it again.
        Some(tokio::spawn(async move {
            let fetched = turn.fetch().await;
            // Known before the turn is over, which those who wait for it look at next.
            known.write().unwrap_or_else(PoisonError::into_inner).learn(fetched);
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde_json::json;
    use tokio::time::{advance, sleep};
    use url::Url;

    use super::super::source::KeysError;
    use super::*;

    /// A server that takes a while, and has a key of this name or fails.
    #[derive(Default)]
    struct Server {
        takes: Mutex<Duration>,
        key: Mutex<Option<&'static str>>,
        asked: AtomicUsize,
    }

    impl Server {
        fn becomes(&self, takes: Duration, key: Option<&'static str>) {
            *self.takes.lock().unwrap() = takes;
            *self.key.lock().unwrap() = key;
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::Relaxed)
        }
    }

    impl KeySource for Arc<Server> {
        async fn keys(&mut self) -> Result<Vec<PublicKey>, KeysError> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let (takes, key) = (*self.takes.lock().unwrap(), *self.key.lock().unwrap());
            sleep(takes).await;
            let key = key.ok_or_else(|| KeysError::Malformed {
                url: Url::parse("https://login.example").unwrap(),
                problem: "it fails".to_owned(),
            })?;
            let key = json!({"kty": "OKP", "crv": "Ed25519", "x": "A".repeat(43), "kid": key});
            Ok(vec![PublicKey::usable(key).unwrap()])
        }
    }

    const HANGS: Duration = Duration::from_secs(10);

    fn keys() -> (Arc<Server>, Arc<Keys<Arc<Server>>>) {
        let server = Arc::new(Server::default());
        server.becomes(Duration::ZERO, Some("k1"));
        (Arc::clone(&server), Arc::new(Keys::new(server)))
    }

    async fn find(keys: &Keys<Arc<Server>>, id: &str) -> Result<(), NoKey> {
        keys.find(Some(id), Algorithm::EdDSA).await.map(|_| ())
    }

    /// What many who come at once are told, and how many seconds all of them took.
    async fn crowd(keys: &Keys<Arc<Server>>, id: &str) -> (Result<(), NoKey>, u64) {
        let begun = Instant::now();
        let told = futures::future::join_all((0..50).map(|_| find(keys, id))).await;
        assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
        (told[0], begun.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_known_key_never_waits_for_a_server_that_hangs() {
        let (server, keys) = keys();
        assert_eq!(find(&keys, "k1").await, Ok(()));
        server.becomes(HANGS, None);
        advance(FRESH).await;
        for asked in [2, 3] {
            for _ in 0..3 {
                assert_eq!(crowd(&keys, "k1").await, (Ok(()), 0));
                advance(Duration::from_secs(1)).await;
            }
            assert_eq!(server.asked(), asked, "one fetch is under way");
            advance(HANGS).await;
            sleep(PAUSE / 2).await;
            assert_eq!(crowd(&keys, "k1").await, (Ok(()), 0));
            assert_eq!(server.asked(), asked, "after a failure the server is left alone");
            advance(PAUSE / 2).await;
        }
        server.becomes(HANGS, Some("k1"));
        advance(STALE).await;
        assert_eq!(crowd(&keys, "k1").await, (Ok(()), 10), "these are too old to go by");
    }

    #[tokio::test(start_paused = true)]
    async fn keys_that_are_old_are_renewed_behind_the_callers_back() {
        let (server, keys) = keys();
        assert_eq!(find(&keys, "k1").await, Ok(()));
        server.becomes(Duration::from_secs(1), Some("k2"));
        advance(FRESH).await;
        assert_eq!(find(&keys, "k1").await, Ok(()));
        sleep(Duration::from_secs(2)).await;
        assert_eq!((find(&keys, "k2").await, server.asked()), (Ok(()), 2));
        assert_eq!(find(&keys, "k1").await, Err(NoKey::Unknown));
    }

    #[tokio::test(start_paused = true)]
    async fn all_who_wait_for_a_fetch_share_its_end() {
        let (server, keys) = keys();
        server.becomes(HANGS, None);
        assert_eq!(crowd(&keys, "k1").await, (Err(NoKey::Unavailable), 10));
        assert_eq!(crowd(&keys, "k1").await, (Err(NoKey::Unavailable), 0));
        assert_eq!(server.asked(), 1);
        server.becomes(HANGS, Some("k1"));
        advance(PAUSE).await;
        assert_eq!(crowd(&keys, "k1").await, (Ok(()), 10));
        assert_eq!(crowd(&keys, "k2").await, (Err(NoKey::Unknown), 10));
        assert_eq!(server.asked(), 3);
        server.becomes(HANGS, None);
        assert_eq!(crowd(&keys, "k2").await, (Err(NoKey::Unavailable), 10), "it may be new");
        assert_eq!(crowd(&keys, "k2").await, (Err(NoKey::Unavailable), 0));
        assert_eq!(crowd(&keys, "k1").await, (Ok(()), 0));
        assert_eq!(server.asked(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn guesses_do_not_become_requests_without_end() {
        let (server, keys) = keys();
        for _ in 0..50 {
            assert_eq!(find(&keys, "guess").await, Err(NoKey::Unknown));
        }
        assert_eq!(server.asked(), 4);
        server.becomes(Duration::ZERO, Some("k2"));
        assert_eq!(find(&keys, "k2").await, Err(NoKey::Unknown));
        advance(EACH).await;
        assert_eq!(find(&keys, "k2").await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_who_leaves_takes_no_fetch_along() {
        let (server, keys) = keys();
        server.becomes(HANGS, Some("k1"));
        assert!(tokio::time::timeout(HANGS / 2, find(&keys, "k1")).await.is_err());
        assert_eq!(crowd(&keys, "k1").await, (Ok(()), 5));
        assert_eq!(server.asked(), 1);
    }
}
