//! How many connections there are, and which one goes when there is no room for another.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// The connections that are open.
#[derive(Debug)]
pub(super) struct Connections {
    most: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    next: u64,
    open: usize,
    /// Those of whom nobody knows yet who is calling, the oldest first.
    unknown: BTreeMap<u64, CancellationToken>,
}

/// A connection's place; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Place {
    connections: Arc<Connections>,
    number: u64,
    known: AtomicBool,
    /// Cancelled where the connection has to go.
    pub(super) evicted: CancellationToken,
}

impl Connections {
    pub(super) fn new(most: usize) -> Self {
        Self { most, held: Mutex::default() }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        // A panic elsewhere leaves numbers that are still right.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are open.
    pub(super) fn count(&self) -> usize {
        self.held().open
    }

    /// A place for one more. Where there is none, the connection that has been unknown for longest makes room: thousands
    /// that are opened by nobody in particular must not keep out somebody who may call.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Place> {
        let mut held = self.held();
        if held.open >= self.most {
            let (_, evicted) = held.unknown.pop_first()?;
            evicted.cancel();
        }
        held.open += 1;
        held.next += 1;
        let (number, evicted) = (held.next, CancellationToken::new());
        held.unknown.insert(number, evicted.clone());
        Some(Place { connections: Arc::clone(self), number, known: AtomicBool::new(false), evicted })
    }
}

impl Place {
    /// Whether a request has come from somebody who may call.
    pub(super) fn has_known_caller(&self) -> bool {
        self.known.load(Ordering::Relaxed)
    }

    /// Notes that a request has come from somebody who may call.
    pub(super) fn is_known(&self) {
        if !self.known.swap(true, Ordering::Relaxed) {
            self.connections.held().unknown.remove(&self.number);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.connections.held();
        held.unknown.remove(&self.number);
        held.open = held.open.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_unknown_makes_room_and_who_is_known_stays() {
        let connections = Arc::new(Connections::new(2));
        let first = connections.admit().unwrap();
        let second = connections.admit().unwrap();
        first.is_known();
        let third = connections.admit().unwrap();
        assert!(second.evicted.is_cancelled() && !first.evicted.is_cancelled());
        drop(second);
        third.is_known();
        assert!(connections.admit().is_none(), "both that are left are known");
        drop(third);
        assert!(connections.admit().is_some());
    }
}
