//! How many connections there are, and which one goes when there is no room for another.
//!
//! A connection counts to whoever was last let in on it; until then, to the
//! address that it comes from. Each caller has a share of those on which a
//! request is under way. The others, kept open for a next request, may be as many
//! as there is room for, since they make room: see [`Held::closable`].

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::holders::{ConnectionHolder, Ranking, origin};
use super::sessions::Sharing;

/// Of all connections, one caller may use one in this many at once, where callers are told apart.
const SHARE: usize = 4;

/// Of all connections, one in this many is for those who have not said yet who they are. Beyond that they make room for
/// each other.
const ARRIVING: usize = 8;

/// The connections that are open.
#[derive(Debug)]
pub(super) struct Connections {
    most: usize,
    sharing: Sharing,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// Grows by one with everything that has an order.
    clock: u64,
    open: usize,
    /// Those that have not been told to go.
    staying: HashMap<u64, OpenConnection>,
    strangers: Ranking,
    callers: Ranking,
}

/// One that is open.
#[derive(Debug)]
struct OpenConnection {
    holder: ConnectionHolder,
    /// Since when it may be closed; none where it may not.
    closable: Option<u64>,
    evicted: CancellationToken,
}

/// A connection's place; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Place {
    connections: Arc<Connections>,
    number: u64,
    from: IpAddr,
    known: AtomicBool,
    used: AtomicBool,
    /// Cancelled where the connection has to go.
    pub(super) evicted: CancellationToken,
}

/// A request under way on a connection, until its answer has gone out.
#[derive(Debug)]
pub(super) struct InUse(Arc<Place>);

/// One caller has requests under way on as many connections as it may.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ShareTaken;

impl Connections {
    pub(super) fn new(most: usize, sharing: Sharing) -> Self {
        Self { most, sharing, held: Mutex::default() }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // A panic elsewhere leaves numbers that are still right.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are open.
    pub(super) fn count(&self) -> usize {
        self.held().open
    }

    /// A place for one more. Where there is none, another makes room, if any may: thousands that are opened by nobody in
    /// particular, or kept open by one caller, must not keep out somebody who may call.
    pub(super) fn admit(self: &Arc<Self>, from: IpAddr) -> Option<Place> {
        let from = origin(from);
        let mut held = self.held();
        if held.open >= self.most {
            let number = held.closable((self.most / ARRIVING).max(1))?;
            held.evict(number);
        }
        held.open += 1;
        let number = held.tick();
        let (holder, evicted) = (ConnectionHolder::Stranger(from), CancellationToken::new());
        held.strangers.add(&holder);
        held.staying.insert(number, OpenConnection { holder, closable: None, evicted: evicted.clone() });
        held.free(number);
        let (known, used) = (AtomicBool::new(false), AtomicBool::new(false));
        Some(Place { connections: Arc::clone(self), number, from, known, used, evicted })
    }

    fn share(&self) -> usize {
        match self.sharing {
            Sharing::Alone => self.most,
            Sharing::Among => (self.most / SHARE).max(1),
        }
    }
}

impl Held {
    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    fn ranking(&mut self, holder: &ConnectionHolder) -> &mut Ranking {
        if holder.is_stranger() { &mut self.strangers } else { &mut self.callers }
    }

    /// Which one makes room: while few are strangers', the one that has waited for longest for a next request, of the
    /// caller who has most; else the oldest of the strangers from whose address there are most.
    fn closable(&self, arriving: usize) -> Option<u64> {
        if self.strangers.all() >= arriving {
            self.strangers.next().or_else(|| self.callers.next())
        } else {
            self.callers.next().or_else(|| self.strangers.next())
        }
    }

    fn evict(&mut self, number: u64) {
        if let Some(evicted) = self.take(number) {
            evicted.cancel();
        }
    }

    /// Lets a connection be closed from now on.
    fn free(&mut self, number: u64) {
        let now = self.tick();
        let Some(connection) = self.staying.get_mut(&number) else { return };
        connection.closable = Some(now);
        let holder = connection.holder.clone();
        self.ranking(&holder).free(&holder, now, number);
    }

    /// Lets a connection be closed no longer.
    fn keep(&mut self, number: u64) {
        let Some(connection) = self.staying.get_mut(&number) else { return };
        let (Some(since), holder) = (connection.closable.take(), connection.holder.clone()) else { return };
        self.ranking(&holder).keep(&holder, since);
    }

    /// Counts a connection to nobody any more.
    fn take(&mut self, number: u64) -> Option<CancellationToken> {
        self.keep(number);
        let OpenConnection { holder, evicted, .. } = self.staying.remove(&number)?;
        self.ranking(&holder).remove(&holder);
        Some(evicted)
    }

    /// Counts a connection to somebody else.
    fn hand_over(&mut self, number: u64, to: &ConnectionHolder) {
        self.keep(number);
        let Some(connection) = self.staying.get_mut(&number) else { return };
        let from = std::mem::replace(&mut connection.holder, to.clone());
        self.ranking(&from).remove(&from);
        self.ranking(to).add(to);
    }
}

impl Place {
    /// Whether a request has come from somebody who may call.
    pub(super) fn has_known_caller(&self) -> bool {
        self.known.load(Ordering::Relaxed)
    }

    /// Whether a request is under way.
    pub(super) fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }

    /// Notes that a request is under way. A stranger's connection may be closed in spite of it.
    pub(super) fn begin(self: &Arc<Self>) -> InUse {
        self.used.store(true, Ordering::Relaxed);
        if self.has_known_caller() {
            self.connections.held().keep(self.number);
        }
        InUse(Arc::clone(self))
    }

    /// Notes that the request under way is from somebody who may call.
    ///
    /// # Errors
    /// With it there are more under way than the caller may have. The connection counts to it and may be closed.
    pub(super) fn belongs_to(&self, caller: &Arc<str>) -> Result<(), ShareTaken> {
        let holder = match self.connections.sharing {
            Sharing::Alone => ConnectionHolder::Anybody(self.from),
            Sharing::Among => ConnectionHolder::Caller(Arc::clone(caller)),
        };
        self.known.store(true, Ordering::Relaxed);
        let mut held = self.connections.held();
        let is_same =
            |connection: &OpenConnection| connection.holder == holder && connection.closable.is_none();
        // One that has been told to go counts to nobody.
        if !held.staying.get(&self.number).is_none_or(is_same) {
            held.hand_over(self.number, &holder);
        }
        if held.callers.in_use(&holder) > self.connections.share() {
            held.free(self.number);
            return Err(ShareTaken);
        }
        Ok(())
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        let place = &self.0;
        place.used.store(false, Ordering::Relaxed);
        if place.has_known_caller() {
            let mut held = place.connections.held();
            held.keep(place.number);
            held.free(place.number);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.connections.held();
        held.take(self.number);
        held.open = held.open.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: [u8; 4] = [127, 0, 0, 1];
    const THERE: [u8; 4] = [192, 0, 2, 1];

    fn admit(connections: &Arc<Connections>, from: [u8; 4]) -> Option<Arc<Place>> {
        connections.admit(from.into()).map(Arc::new)
    }

    /// A place on which a caller has had a request answered.
    fn idle(connections: &Arc<Connections>, caller: &str) -> Arc<Place> {
        let place = admit(connections, HERE).unwrap();
        let used = place.begin();
        place.belongs_to(&caller.into()).unwrap();
        drop(used);
        place
    }

    fn is_gone(place: &Arc<Place>) -> bool {
        place.evicted.is_cancelled()
    }

    #[test]
    fn strangers_make_room_for_each_other_once_they_are_too_many() {
        let connections = Arc::new(Connections::new(4, Sharing::Among));
        let known = idle(&connections, "alice");
        let strangers = [HERE, THERE, THERE].map(|from| admit(&connections, from).unwrap());
        let _fifth = admit(&connections, THERE).unwrap();
        let gone: Vec<bool> = strangers.iter().map(is_gone).collect();
        assert_eq!(gone, [false, true, false], "the oldest of those from where there are most");
        assert!(!is_gone(&known));
    }

    #[test]
    fn who_has_most_makes_room_by_what_has_been_idle_for_longest() {
        let connections = Arc::new(Connections::new(4, Sharing::Among));
        let bob = idle(&connections, "bob");
        let alice = ["alice"; 3].map(|name| idle(&connections, name));
        // The first has a request under way, the second has just had another one.
        let used = alice[0].begin();
        drop(alice[1].begin());
        let newcomer = admit(&connections, THERE).unwrap();
        let gone: Vec<bool> = alice.iter().map(is_gone).collect();
        assert_eq!((gone, is_gone(&bob)), (vec![false, false, true], false));
        drop(alice);
        drop(newcomer);
        drop(bob);
        drop(used);
        assert_eq!(connections.count(), 0);
        let held = connections.held();
        assert_eq!((held.staying.len(), held.strangers.all(), held.callers.all()), (0, 0, 0));
    }

    #[test]
    fn what_is_under_way_stays_and_is_a_share_at_most() {
        let connections = Arc::new(Connections::new(8, Sharing::Among));
        let places: Vec<_> = (0..3).map(|_| admit(&connections, HERE).unwrap()).collect();
        let used: Vec<_> = places.iter().map(Place::begin).collect();
        let answers: Vec<_> = places.iter().map(|place| place.belongs_to(&"alice".into())).collect();
        assert_eq!(answers, [Ok(()), Ok(()), Err(ShareTaken)]);
        assert_eq!(places[2].belongs_to(&"bob".into()), Ok(()), "it counts to who was last let in on it");
        drop(used);
        assert_eq!(places[2].belongs_to(&"alice".into()), Ok(()), "the others are not in use any more");
        let alone = Arc::new(Connections::new(2, Sharing::Alone));
        let places = [HERE; 2].map(|from| admit(&alone, from).unwrap());
        let _used = places.each_ref().map(Place::begin);
        assert!(places.iter().all(|place| place.belongs_to(&"anybody".into()).is_ok()));
        assert!(admit(&alone, THERE).is_none(), "everything is in use");
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let from = |address: &str| origin(address.parse().unwrap());
        assert_eq!(from("2001:db8::1"), from("2001:db8::ffff:0:0:2"));
        assert_ne!(from("2001:db8::1"), from("2001:db8:0:1::1"));
        assert_eq!(from("::ffff:192.0.2.1"), from("192.0.2.1"));
        assert_ne!(from("192.0.2.1"), from("192.0.2.2"));
    }
}
