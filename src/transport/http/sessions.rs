//! Whose a session is, and how many there are.
//!
//! rmcp takes whoever knows a session's id for its owner, and any number of
//! sessions. Here a session belongs to the caller who began it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::future::{AbortHandle, AbortRegistration, Abortable};
use rmcp::model::NumberOrString;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;

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
    short: Arc<ShortCalls>,
}

/// What a call stands in that may go the short way.
pub(super) enum Standing {
    /// Nothing: it is of 2026-07-28.
    Alone,
    /// A session, which has begun, and which wants to be told nothing besides.
    InSession(Arc<ShortCalls>),
}

impl Standing {
    /// A place on the short way; `None` where a call of the same id is under way there already.
    pub(super) fn place(self, call: &NumberOrString) -> Option<OnShortWay> {
        let Self::InSession(calls) = self else { return Some(OnShortWay(None)) };
        let mut under_way = calls.under_way();
        if under_way.iter().any(|(other, _)| other == call) {
            return None;
        }
        let (end, wanted) = AbortHandle::new_pair();
        under_way.push((call.clone(), end));
        drop(under_way);
        Some(OnShortWay(Some((wanted, Entry { calls, call: call.clone() }))))
    }
}

/// The calls of a session that go the short way: rmcp does not know them, so a cancellation is found here.
#[derive(Default)]
pub(super) struct ShortCalls(Mutex<Vec<(NumberOrString, AbortHandle)>>);

impl ShortCalls {
    fn under_way(&self) -> std::sync::MutexGuard<'_, Vec<(NumberOrString, AbortHandle)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call on the short way; in a session for as long as its caller wants an answer. Outside of one it leaves to say
/// otherwise.
pub(super) struct OnShortWay(Option<(AbortRegistration, Entry)>);

/// A place among the calls of a session; dropping it gives it back.
struct Entry {
    calls: Arc<ShortCalls>,
    call: NumberOrString,
}

impl OnShortWay {
    /// Whether it stands in no session.
    pub(super) fn is_alone(&self) -> bool {
        self.0.is_none()
    }

    /// Does the work; `None` where it is not wanted any more.
    pub(super) async fn go<W: Future>(self, work: W) -> Option<W::Output> {
        match self.0 {
            Some((wanted, _entry)) => Abortable::new(work, wanted).await.ok(),
            None => Some(work.await),
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.calls.under_way().retain(|(call, _)| *call != self.call);
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
        let begun = Begun { owner, heard: Instant::now(), ready: false, quiet: true, short: Arc::default() };
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
        Self { manager, most, share, unheard: idle / 4, held: Mutex::default() }
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

    /// What a request stands in that names this session of the caller's; `None` where all must go to rmcp.
    pub(super) fn standing(&self, id: &str, owner: &str) -> Result<Option<Standing>, Refusal> {
        let held = self.held();
        let begun = held.begun.get(id).filter(|begun| *begun.owner == *owner).ok_or(Refusal::NoSession)?;
        let short = begun.ready && begun.quiet && begun.heard.elapsed() < self.unheard;
        Ok(short.then(|| Standing::InSession(Arc::clone(&begun.short))))
    }

    /// Notes a message that goes to rmcp.
    pub(super) fn hears(&self, id: &str, message: &Envelope<'_>) {
        let mut held = self.held();
        let Some(begun) = held.begun.get_mut(id) else { return };
        begun.heard = Instant::now();
        begun.ready |= message.is("notifications/initialized");
        begun.quiet &= !message.may_be("logging/setLevel");
        if let Some(call) = message.cancels() {
            let under_way = begun.short.under_way();
            under_way.iter().filter(|(other, _)| *other == call).for_each(|(_, end)| end.abort());
        }
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
