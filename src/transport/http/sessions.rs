//! Whose a session is, and how many there are.
//!
//! rmcp takes whoever knows a session's id for its owner, and any number of
//! sessions. Here a session belongs to the caller who began it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rmcp::transport::streamable_http_server::session::SessionManager as _;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;

use super::refusal::HttpRefusal;
use crate::callers::Tenure;
use crate::gate::Principal;
use crate::transport::conversation::{Conversation, UnderWay};
use crate::transport::message::Envelope;

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
    held: Mutex<OpenSessions>,
}

/// A session that has begun.
struct OpenSession {
    owner: Arc<str>,
    /// When rmcp last heard of it.
    heard: Instant,
    conversation: Conversation,
    /// How long its owner may go on with it; none where that is not bound to one token.
    tenure: Option<Tenure>,
}

/// Everybody, where callers are not told apart.
static ANYBODY: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("anybody"));

/// Under what name a caller's requests, sessions and messages count.
pub(super) fn owner(principal: &Principal) -> Arc<str> {
    match principal {
        Principal::Anybody => Arc::clone(&ANYBODY),
        Principal::Recognised { name, .. } => Arc::clone(name),
    }
}

/// What a request stands in.
pub(super) enum Standing {
    /// Nothing: it is of 2026-07-28, or begins a session.
    Alone,
    /// A session of the caller's, with the calls of it that may be answered directly; none where all must go to rmcp.
    InSession(Option<Arc<UnderWay>>),
}

#[derive(Default)]
struct OpenSessions {
    /// Streamable HTTP's, by id.
    begun: HashMap<String, OpenSession>,
    /// Those that are about to begin, and those that end with their connection, by owner.
    counted: HashMap<Arc<str>, usize>,
}

impl Drop for OpenSession {
    /// rmcp ends what it knows of; the reads that it does not know of end here.
    fn drop(&mut self) {
        self.conversation.under_way().cancel_all();
    }
}

impl OpenSessions {
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
    /// The session has begun and has an id. It ends with the tenure.
    pub(super) fn begun(self, id: &str, tenure: Option<Tenure>) {
        let owner = Arc::clone(&self.owner);
        let (heard, conversation) = (Instant::now(), Conversation::default());
        let begun = OpenSession { owner, heard, conversation, tenure };
        self.sessions.held().begun.insert(id.to_owned(), begun);
    }
}

impl Sessions {
    /// `idle` is how long rmcp lets a session be silent.
    pub(super) fn new(
        manager: Arc<LocalSessionManager>,
        most: usize,
        idle: Duration,
        sharing: Sharing,
    ) -> Self {
        let share = match sharing {
            Sharing::Alone => most,
            Sharing::Among => (most / SHARE).max(1),
        };
        Self { manager, most, share, unheard: idle / 4, held: Mutex::default() }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, OpenSessions> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Room for one more session of a caller.
    pub(super) async fn reserve(self: &Arc<Self>, owner: &Arc<str>) -> Result<Reserved, HttpRefusal> {
        if let Ok(reserved) = self.try_reserve(owner) {
            return Ok(reserved);
        }
        // Some may have ended by themselves.
        self.forget_ended().await;
        self.try_reserve(owner)
    }

    fn try_reserve(self: &Arc<Self>, owner: &Arc<str>) -> Result<Reserved, HttpRefusal> {
        let mut held = self.held();
        if held.all() >= self.most {
            return Err(HttpRefusal::Full { of: "sessions", retry: 30 });
        }
        if held.of(owner) >= self.share {
            return Err(HttpRefusal::TooMany { of: "sessions", retry: 30 });
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

    /// What a request stands in that names this session of the caller's.
    pub(super) fn standing(&self, id: &str, owner: &str) -> Result<Standing, HttpRefusal> {
        let held = self.held();
        let begun =
            held.begun.get(id).filter(|begun| *begun.owner == *owner).ok_or(HttpRefusal::NoSession)?;
        let direct = begun.conversation.direct().filter(|_| begun.heard.elapsed() < self.unheard);
        Ok(Standing::InSession(direct.cloned()))
    }

    /// Notes a message that goes to rmcp.
    pub(super) fn hears(&self, id: &str, message: &Envelope<'_>) {
        let mut held = self.held();
        let Some(begun) = held.begun.get_mut(id) else { return };
        begun.heard = Instant::now();
        begun.conversation.hears(message);
    }

    /// Ends the sessions of callers whose token is no longer valid.
    pub(super) async fn end_those_over(&self) {
        let is_over = |begun: &OpenSession| begun.tenure.as_ref().is_some_and(Tenure::is_over);
        let over: Vec<String> = {
            let held = self.held();
            held.begun.iter().filter(|(_, begun)| is_over(begun)).map(|(id, _)| id.clone()).collect()
        };
        for id in over {
            tracing::info!("a session has ended because its owner's token is no longer valid");
            self.end(&id);
            // One that has ended by itself meanwhile is as good.
            let _ = self.manager.close_session(&id.into()).await;
        }
    }

    /// Forgets a session that has ended.
    pub(super) fn end(&self, id: &str) {
        self.held().begun.remove(id);
    }
}

/// Whether a bound on what all callers have is also that of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    /// Callers are not told apart.
    Alone,
    /// Each has a share.
    Among,
}
