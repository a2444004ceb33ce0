//! Whose a session is, and how many there are.
//!
//! rmcp takes whoever knows a session's id for its owner, and any number of
//! sessions. Here a session belongs to the caller who began it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rmcp::model::NumberOrString;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;

use tokio_util::sync::CancellationToken;

use super::messages::Envelope;
use super::refusal::Refusal;

/// How much of all sessions one caller may have, where callers are told apart: one in this many.
const SHARE: usize = 10;

/// The sessions that are open.
pub(super) struct Sessions {
    manager: Arc<LocalSessionManager>,
    most: usize,
    /// How many one caller may have.
    share: usize,
    /// How long rmcp may hear nothing of a session before the next call goes to it, so that it does not end one in use.
    unheard: Duration,
    held: Mutex<Held>,
    /// The calls in sessions that go the short way: rmcp does not know them, so a cancellation is found here.
    short: Mutex<HashMap<(String, NumberOrString), CancellationToken>>,
}

/// A session that has begun.
struct Begun {
    owner: Arc<str>,
    /// When rmcp last heard of it.
    heard: Instant,
    /// Whether the client has said that it is ready.
    ready: bool,
    /// Whether the client wants no log.
    quiet: bool,
}

/// What a request may do in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ways {
    /// A read may go the short way.
    Both,
    /// All must go to rmcp.
    Usual,
}

/// A call's place among those that go the short way; dropping it gives it back.
pub(super) struct OnShortWay {
    sessions: Arc<Sessions>,
    /// Where it stands among those of sessions.
    key: Option<(String, NumberOrString)>,
    unwanted: Option<CancellationToken>,
}

impl OnShortWay {
    /// Returns once the caller has said that it wants no answer; outside of sessions it leaves to say so.
    pub(super) async fn unwanted(&self) {
        match &self.unwanted {
            Some(unwanted) => unwanted.cancelled().await,
            None => std::future::pending().await,
        }
    }
}

impl Drop for OnShortWay {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            self.sessions.on_short_way().remove(key);
        }
    }
}

#[derive(Default)]
struct Held {
    /// Streamable HTTP's, by id.
    begun: HashMap<String, Begun>,
    /// Those that are about to begin, and those that end with their connection, by owner.
    counted: HashMap<Arc<str>, usize>,
}

impl Held {
    fn of(&self, owner: &str) -> usize {
        self.counted.get(owner).copied().unwrap_or_default()
            + self.begun.values().filter(|begun| *begun.owner == *owner).count()
    }

    fn all(&self) -> usize {
        self.begun.len() + self.counted.values().sum::<usize>()
    }
}

/// Room for a session; dropping it gives it back.
pub(super) struct Reserved {
    sessions: Arc<Sessions>,
    owner: Arc<str>,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let mut held = self.sessions.held();
        if let Some(count) = held.counted.get_mut(&self.owner) {
            *count -= 1;
            if *count == 0 {
                held.counted.remove(&self.owner);
            }
        }
    }
}

impl Reserved {
    /// The session has begun and has an id.
    pub(super) fn begun(self, id: &str) {
        let owner = Arc::clone(&self.owner);
        let begun = Begun { owner, heard: Instant::now(), ready: false, quiet: true };
        self.sessions.held().begun.insert(id.to_owned(), begun);
    }
}

impl Sessions {
    /// `idle` is how long rmcp lets a session be silent.
    pub(super) fn new(
        manager: Arc<LocalSessionManager>,
        (most, idle): (usize, Duration),
        sharing: Sharing,
    ) -> Self {
        let share = match sharing {
            Sharing::Alone => most,
            Sharing::Among => (most / SHARE).max(1),
        };
        Self { manager, most, share, unheard: idle / 4, held: Mutex::default(), short: Mutex::default() }
    }

    fn on_short_way(
        &self,
    ) -> std::sync::MutexGuard<'_, HashMap<(String, NumberOrString), CancellationToken>> {
        self.short.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Room for one more session of a caller.
    pub(super) async fn reserve(self: &Arc<Self>, owner: &Arc<str>) -> Result<Reserved, Refusal> {
        if let Ok(reserved) = self.try_reserve(owner) {
            return Ok(reserved);
        }
        // Some may have ended by themselves.
        self.forget_ended().await;
        self.try_reserve(owner)
    }

    fn try_reserve(self: &Arc<Self>, owner: &Arc<str>) -> Result<Reserved, Refusal> {
        let mut held = self.held();
        if held.all() >= self.most {
            return Err(Refusal::Full { of: "sessions", retry: 30 });
        }
        if held.of(owner) >= self.share {
            return Err(Refusal::TooMany { of: "sessions", retry: 30 });
        }
        *held.counted.entry(Arc::clone(owner)).or_default() += 1;
        Ok(Reserved { sessions: Arc::clone(self), owner: Arc::clone(owner) })
    }

    /// How many are open.
    pub(super) async fn count(&self) -> usize {
        self.forget_ended().await;
        self.held().all()
    }

    async fn forget_ended(&self) {
        let live = self.manager.sessions.read().await;
        self.held().begun.retain(|id, _| live.contains_key(id.as_str()));
    }

    /// What a request may do in a session of this caller's; `None` where there is no such session.
    pub(super) fn ways(&self, id: &str, owner: &str) -> Option<Ways> {
        let held = self.held();
        let begun = held.begun.get(id).filter(|begun| *begun.owner == *owner)?;
        let both = begun.ready && begun.quiet && begun.heard.elapsed() < self.unheard;
        Some(if both { Ways::Both } else { Ways::Usual })
    }

    /// Notes a message that goes to rmcp.
    pub(super) fn hears(&self, id: &str, message: &Envelope<'_>) {
        if let Some(begun) = self.held().begun.get_mut(id) {
            begun.heard = Instant::now();
            begun.ready |= message.is("notifications/initialized");
            begun.quiet &= !message.may_be("logging/setLevel");
        }
        if let Some(call) = message.cancels() {
            let unwanted = self.on_short_way().get(&(id.to_owned(), call)).cloned();
            unwanted.inspect(CancellationToken::cancel);
        }
    }

    /// A place on the short way; `None` where a call of the same id is under way there already.
    pub(super) fn short_way(
        self: &Arc<Self>,
        session: Option<&str>,
        call: &NumberOrString,
    ) -> Option<OnShortWay> {
        let key = session.map(|id| (id.to_owned(), call.clone()));
        let mut unwanted = None;
        if let Some(key) = key.clone() {
            let mut under_way = self.on_short_way();
            let Entry::Vacant(place) = under_way.entry(key) else { return None };
            unwanted = Some(place.insert(CancellationToken::new()).clone());
        }
        Some(OnShortWay { sessions: Arc::clone(self), key, unwanted })
    }

    /// Forgets a session that has ended.
    pub(super) fn end(&self, id: &str) {
        self.held().begun.remove(id);
    }
}

/// Whether the bound on all sessions is also that of one caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    /// Callers are not told apart.
    Alone,
    /// Each has a share.
    Among,
}
