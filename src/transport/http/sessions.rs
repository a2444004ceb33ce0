//! Whose a session is, and how many there are.
//!
//! rmcp takes whoever knows a session's id for its owner, and any number of
//! sessions. Here a session belongs to the caller who began it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;

use super::refusal::Refusal;

/// How much of all sessions one caller may have, where callers are told apart: one in this many.
const SHARE: usize = 10;

/// The sessions that are open.
pub(super) struct Sessions {
    manager: Arc<LocalSessionManager>,
    most: usize,
    /// How many one caller may have.
    share: usize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    /// Streamable HTTP's, by id.
    begun: HashMap<String, Arc<str>>,
    /// Those that are about to begin, and those that end with their connection, by owner.
    counted: HashMap<Arc<str>, usize>,
}

impl Held {
    fn of(&self, owner: &str) -> usize {
        self.counted.get(owner).copied().unwrap_or_default()
            + self.begun.values().filter(|other| ***other == *owner).count()
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
        self.sessions.held().begun.insert(id.to_owned(), Arc::clone(&self.owner));
    }
}

impl Sessions {
    pub(super) fn new(manager: Arc<LocalSessionManager>, most: usize, sharing: Sharing) -> Self {
        let share = match sharing {
            Sharing::Alone => most,
            Sharing::Among => (most / SHARE).max(1),
        };
        Self { manager, most, share, held: Mutex::default() }
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

    /// Whether a session is this caller's.
    pub(super) fn belongs(&self, id: &str, owner: &str) -> bool {
        self.held().begun.get(id).is_some_and(|other| **other == *owner)
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
