//! Reads that several callers want at once are sent once, and what was read is kept for a moment.
//!
//! What was read before a change is not used after it: this process counts its own changes, and the shared state those of
//! all who use the application. Which requests are shared in this way, and when something has changed, is known in `reading`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt as _, Shared as Flying, WeakShared};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::time::Instant;

use super::failure::Failure;
use super::request::{Freshness, Request};
use super::term::{Listens, Term};
use super::turn::Sender;
use super::verdict::{AnswerOrigin, Response};
use crate::catalog::Operation;
use crate::gate::Grant;

/// All that is kept of one API, in bytes.
const MOST_KEPT: u64 = 4 << 20;

/// The longest answer that is kept, in bytes.
const LONGEST_KEPT: usize = 1 << 20;

/// What an entry takes beside its text, in bytes: headers, keys, places in tables.
const BESIDE: u64 = 2 << 10;

/// How many entries there are room for at first.
const ENTRIES: usize = 64;

/// What tells one read from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ReadKey {
    operation: &'static str,
    path: String,
    query: Vec<(&'static str, String)>,
    further: Vec<(String, String)>,
    /// What its caller is granted; none where callers are not told apart.
    grant: Option<Grant>,
}

/// An answer that was kept.
#[derive(Clone)]
pub(super) struct KeptRead {
    pub(super) response: Response,
    pub(super) at: Instant,
    /// How many changes this process had made when it was sent.
    own_changes: u64,
    /// How many all had made.
    pub(super) changes: u64,
}

#[derive(Debug, Clone, Copy)]
struct ByLength;

impl Weighter<ReadKey, KeptRead> for ByLength {
    fn weight(&self, _: &ReadKey, kept: &KeptRead) -> u64 {
        BESIDE + kept.response.body().map_or(0, |body| body.len() as u64)
    }
}

/// How a read ended, for everybody who shares in it.
pub(super) type ReadOutcome = Result<Response, Arc<Failure>>;
/// A read that is waited for.
pub(super) type Flight = BoxFuture<'static, ReadOutcome>;

/// A read under way.
struct ReadUnderWay {
    number: u64,
    flight: WeakShared<Flight>,
    listeners: Arc<AllListeners>,
    own_changes: u64,
    /// Who began it.
    caller: Option<Arc<str>>,
    on_its_way: Arc<OnItsWay>,
}

/// Whether a read was sent yet, and when.
#[derive(Default)]
pub(super) struct OnItsWay {
    /// Before it is sent, it waits for the turn of the caller who began it.
    sent: AtomicBool,
    changes: Mutex<KnownChanges>,
}

/// What is known of the changes that all had made when a read was sent.
#[derive(Clone, Copy, Default)]
enum KnownChanges {
    /// Nobody asked: all changes that count are this process's own.
    #[default]
    NotAsked,
    /// So many; `None` while one was being made.
    Asked(Option<u64>),
}

impl OnItsWay {
    pub(super) fn is_sent(&self) -> bool {
        self.sent.load(Ordering::Acquire)
    }

    /// It is sent now.
    pub(super) fn leaves(&self) {
        self.sent.store(true, Ordering::Release);
    }

    /// How many changes all have made, just before it is sent.
    pub(super) fn knows(&self, changes: Option<u64>) {
        *self.changes.lock().unwrap_or_else(PoisonError::into_inner) = KnownChanges::Asked(changes);
    }

    /// Whether it was sent after the last of so many changes.
    fn is_after(&self, changes: Option<u64>) -> bool {
        match *self.changes.lock().unwrap_or_else(PoisonError::into_inner) {
            KnownChanges::NotAsked => true,
            KnownChanges::Asked(known) => known == changes,
        }
    }
}

/// A read that somebody wants.
pub(super) struct WantedRead<'w> {
    pub(super) key: ReadKey,
    pub(super) freshness: Freshness,
    /// None where callers are not told apart.
    pub(super) caller: Option<Arc<str>>,
    /// How many changes all have made by now; `None` where that is not known.
    pub(super) changes: Option<u64>,
    pub(super) term: &'w Term,
}

/// The reads of one API.
pub(super) struct Reads {
    kept_for: Duration,
    kept: Option<Cache<ReadKey, KeptRead, ByLength>>,
    under_way: Mutex<HashMap<ReadKey, ReadUnderWay>>,
    numbers: AtomicU64,
    own_changes: AtomicU64,
}

/// Everybody who waits for a read, and what they heard last.
#[derive(Default)]
struct AllListeners {
    listening: Mutex<Vec<Weak<dyn Listens>>>,
    last: Mutex<Option<String>>,
}

/// Somebody's share in a read. Once nobody has one any more, the read ends.
pub(super) struct ReadShare {
    pub(super) flight: Flying<Flight>,
    pub(super) origin: AnswerOrigin,
    /// What the others were told last.
    pub(super) told: Option<String>,
}

/// A read that is to begin.
pub(super) struct Beginning {
    reads: Arc<Reads>,
    key: ReadKey,
    number: u64,
    own_changes: u64,
    /// How long it is wanted: as long as anybody has a share in it.
    pub(super) term: Term,
    /// To be told once it is sent.
    pub(super) on_its_way: Arc<OnItsWay>,
}

impl Reads {
    /// Reads that are kept for so long; zero is not at all.
    pub(super) fn new(kept_for: Duration) -> Self {
        let cache = || Cache::with_weighter(ENTRIES, MOST_KEPT, ByLength);
        Self {
            kept_for,
            kept: (!kept_for.is_zero()).then(cache),
            under_way: Mutex::default(),
            numbers: AtomicU64::default(),
            own_changes: AtomicU64::default(),
        }
    }

    /// A number that no other read or change of this API has.
    pub(super) fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// What was read before no longer counts.
    pub(super) fn forget(&self) {
        self.own_changes.fetch_add(1, Ordering::Relaxed);
        if let Some(kept) = &self.kept {
            kept.clear();
        }
    }

    /// What was kept of the same read, and is not too old. Whether somebody else has changed something is for the caller to ask.
    pub(super) fn kept(&self, key: &ReadKey) -> Option<KeptRead> {
        let kept = self.kept.as_ref()?.get(key)?;
        let counts =
            kept.at.elapsed() < self.kept_for && kept.own_changes == self.own_changes.load(Ordering::Relaxed);
        counts.then_some(kept)
    }

    /// Whether the same read is on its way.
    pub(super) fn is_sent(&self, key: &ReadKey) -> bool {
        let under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.get(key).is_some_and(|known| known.on_its_way.is_sent())
    }

    /// What was kept of an operation's reads for those who were granted this, and is not too old, each with the path that
    /// was read.
    pub(super) fn all_kept(&self, operation: &Operation, grant: Option<Grant>) -> Vec<(String, Response)> {
        let Some(kept) = &self.kept else { return Vec::new() };
        let own_changes = self.own_changes.load(Ordering::Relaxed);
        let of_it = |key: &ReadKey| key.operation == operation.name && key.grant == grant;
        let counts = |read: &KeptRead| read.at.elapsed() < self.kept_for && read.own_changes == own_changes;
        kept.iter()
            .filter(|(key, read)| of_it(key) && counts(read))
            .map(|(key, read)| (key.path, read.response))
            .collect()
    }

    /// Whether anything is kept at all.
    pub(super) fn keeps(&self) -> bool {
        self.kept.is_some()
    }

    /// Takes part in a read that is under way, or begins one.
    pub(super) fn share(
        self: &Arc<Self>,
        wanted: WantedRead<'_>,
        begin: impl FnOnce(Beginning) -> Flight,
    ) -> ReadShare {
        let WantedRead { key, freshness, caller, changes, term } = wanted;
        let own_changes = self.own_changes.load(Ordering::Relaxed);
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody waits behind the other calls of somebody else, and nobody gets what was read before a change.
        let is_fair = |known: &ReadUnderWay| {
            if known.on_its_way.is_sent() {
                known.on_its_way.is_after(changes)
            } else {
                known.caller == caller
            }
        };
        let joins = |known: &&ReadUnderWay| {
            known.own_changes == own_changes && freshness == Freshness::Recent && is_fair(known)
        };
        if let Some(known) = under_way.get(&key).filter(joins)
            && let Some(flight) = known.flight.upgrade()
        {
            known.listeners.add(term);
            let told = known.listeners.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
            drop(under_way);
            return ReadShare { flight, origin: AnswerOrigin::Joined, told };
        }
        let on_its_way = Arc::new(OnItsWay::default());
        let number = self.next_number();
        let listeners = Arc::new(AllListeners::default());
        listeners.add(term);
        let listener = Some(Arc::clone(&listeners) as Arc<dyn Listens>);
        // Who has a deadline of its own knows it before it waits; whoever joins has none, or ends by itself.
        let term = Term { listener, deadline: term.deadline, ..Term::default() };
        let beginning = Beginning {
            reads: Arc::clone(self),
            key: key.clone(),
            number,
            own_changes,
            term,
            on_its_way: Arc::clone(&on_its_way),
        };
        let flight = begin(beginning).shared();
        if let Some(flight) = flight.downgrade() {
            under_way
                .insert(key, ReadUnderWay { number, flight, listeners, own_changes, caller, on_its_way });
        }
        ReadShare { flight, origin: AnswerOrigin::Sent, told: None }
    }
}

impl Beginning {
    /// Keeps the answer. `changes` is how many changes all had made when it was asked for.
    pub(super) fn keep(&self, response: &Response, changes: u64) {
        let (reads, own_changes) = (&self.reads, self.own_changes);
        let Some(cache) = &reads.kept else { return };
        let is_short = |body: &[u8]| body.len() <= LONGEST_KEPT;
        if own_changes != reads.own_changes.load(Ordering::Relaxed) || !response.body().is_some_and(is_short)
        {
            return;
        }
        if let Some(response) = response.kept() {
            let kept = KeptRead { response, at: Instant::now(), own_changes, changes };
            cache.insert(self.key.clone(), kept);
        }
    }
}

/// A read that is over is not under way any more, also where nobody waited for its end.
impl Drop for Beginning {
    fn drop(&mut self) {
        let mut under_way = self.reads.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if under_way.get(&self.key).is_some_and(|known| known.number == self.number) {
            under_way.remove(&self.key);
        }
    }
}

impl ReadKey {
    pub(super) fn of(request: &Request, sender: &Sender) -> Self {
        Self {
            operation: request.operation.name,
            path: request.path.clone(),
            query: request.query.clone(),
            further: request.further.clone(),
            grant: sender.grant,
        }
    }
}

impl AllListeners {
    fn add(&self, term: &Term) {
        if let Some(listener) = &term.listener {
            let mut listening = self.listening.lock().unwrap_or_else(PoisonError::into_inner);
            listening.push(Arc::downgrade(listener));
        }
    }

    fn all(&self) -> Vec<Arc<dyn Listens>> {
        let mut listening = self.listening.lock().unwrap_or_else(PoisonError::into_inner);
        listening.retain(|one| one.strong_count() > 0);
        listening.iter().filter_map(Weak::upgrade).collect()
    }
}

impl Listens for AllListeners {
    fn hear<'l>(&'l self, words: &'l str) -> BoxFuture<'l, ()> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(words.to_owned());
        Box::pin(async move {
            for listener in self.all() {
                listener.hear(words).await;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(path: String) -> ReadKey {
        ReadKey { operation: "list_vendors", path, query: Vec::new(), further: Vec::new(), grant: None }
    }

    /// Reads with the answers of so many, each of so many bytes, kept.
    fn kept(many: usize, bytes: usize) -> Arc<Reads> {
        let reads = Arc::new(Reads::new(Duration::from_secs(30)));
        let response = Response::of(200, &"x".repeat(bytes));
        for number in 0..many {
            let wanted = WantedRead {
                key: key(number.to_string()),
                freshness: Freshness::Recent,
                caller: None,
                changes: None,
                term: &Term::default(),
            };
            let response = response.clone();
            let share = reads.share(wanted, |beginning| {
                async move {
                    beginning.keep(&response, 0);
                    Ok(response)
                }
                .boxed()
            });
            assert!(share.flight.now_or_never().unwrap().is_ok());
        }
        reads
    }

    fn count(reads: &Reads, many: usize) -> usize {
        (0..many).filter(|number| reads.kept(&key(number.to_string())).is_some()).count()
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        assert_eq!(count(&kept(3, 100), 3), 3);
        let reads = kept(100, 256 << 10);
        let (kept_now, room) = (count(&reads, 100), usize::try_from(MOST_KEPT).unwrap() / (256 << 10));
        assert!((1..=room).contains(&kept_now), "{kept_now} of {room}");
        assert_eq!(count(&kept(1, LONGEST_KEPT + 1), 1), 0, "too long");
        // A great many small ones take room beside their text.
        let reads = kept(10_000, 1);
        assert!(
            count(&reads, 10_000) * usize::try_from(BESIDE).unwrap() <= usize::try_from(MOST_KEPT).unwrap()
        );
    }

    #[test]
    fn a_change_empties_what_is_kept_and_a_read_that_is_over_is_not_under_way() {
        let reads = kept(3, 100);
        assert!(reads.under_way.lock().unwrap().is_empty());
        reads.forget();
        assert_eq!(count(&reads, 3), 0);
    }
}
