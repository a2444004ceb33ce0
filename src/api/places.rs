//! The places in line at one API, and who may send: the order, and how many requests are under way at once.
//!
//! A single call goes before a page of a collection, and callers take turns. An upstream that hangs holds as many requests
//! as it may have, and no other upstream's; a caller who asks for much waits for itself, and for nobody else.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tokio::sync::Notify;

use crate::state::application::{CallRank, Queue};

/// How many requests one upstream has at once.
pub(super) const OF_UPSTREAM: usize = 128;

/// How many of them one caller has.
pub(super) const OF_CALLER: usize = 32;

/// Who a caller is, where callers are told apart.
type CallerName = Option<Arc<str>>;

/// A place in line. What comes first in this order goes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PlaceNumber {
    rank: CallRank,
    /// In which round it is its caller's turn.
    round: u64,
    ticket: u64,
}

/// Somebody in line.
struct Waiter {
    caller: CallerName,
    /// Whether it asks for its turn now, and would send at once.
    asks: bool,
    woken: Arc<Notify>,
}

/// All who wait for the same limit.
#[derive(Default)]
struct Row {
    waiters: BTreeMap<PlaceNumber, Waiter>,
    /// The rounds that have begun, by rank.
    begun: HashMap<CallRank, u64>,
    /// How many of a caller wait, and the round of the last of them.
    last: HashMap<(CallRank, CallerName), (usize, u64)>,
}

/// The places in line, and how many requests are under way.
#[derive(Default)]
pub(super) struct LinePlaces {
    rows: HashMap<String, Row>,
    under_way: HashMap<CallerName, usize>,
    all_under_way: usize,
    tickets: u64,
}

/// Where somebody is in line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct WirePosition {
    /// How many go before.
    pub(super) ahead: usize,
    /// How many of the same rank could go, itself included where it could.
    pub(super) alike: usize,
    /// How many wait for the same, itself included.
    pub(super) queue: Queue,
}

impl LinePlaces {
    /// Takes the last place of its caller, which the others let through in turn.
    pub(super) fn enter(
        &mut self,
        limit: &str,
        rank: CallRank,
        caller: &CallerName,
    ) -> (PlaceNumber, Arc<Notify>) {
        if !self.rows.contains_key(limit) {
            self.rows.insert(limit.to_owned(), Row::default());
        }
        let ticket = self.tickets;
        self.tickets += 1;
        let woken = Arc::new(Notify::new());
        let mut number = PlaceNumber { rank, round: 0, ticket };
        if let Some(row) = self.rows.get_mut(limit) {
            let begun = row.begun.get(&rank).copied().unwrap_or(0);
            let (many, last) = row.last.entry((rank, caller.clone())).or_insert((0, begun));
            number.round = if *many == 0 { begun } else { last.saturating_add(1).max(begun) };
            (*many, *last) = (*many + 1, number.round);
            let waiter = Waiter { caller: caller.clone(), asks: false, woken: Arc::clone(&woken) };
            row.waiters.insert(number.clone(), waiter);
        }
        (number, woken)
    }

    /// Whether it is this one's turn to ask, and to send if it may: then a place on the wire is taken for it.
    pub(super) fn begins(&mut self, limit: &str, number: &PlaceNumber) -> bool {
        if self.first(limit).is_none_or(|(first, _)| first != number) {
            return false;
        }
        let Some(waiter) = self.rows.get_mut(limit).and_then(|row| row.waiters.get_mut(number)) else {
            return false;
        };
        waiter.asks = true;
        *self.under_way.entry(waiter.caller.clone()).or_default() += 1;
        self.all_under_way += 1;
        true
    }

    /// It asked and may not send yet, so it gives its place on the wire back, for whoever else can go.
    pub(super) fn waits(&mut self, limit: &str, number: &PlaceNumber) {
        let row = self.rows.get_mut(limit);
        let Some(waiter) = row.and_then(|row| row.waiters.get_mut(number)).filter(|waiter| waiter.asks)
        else {
            return;
        };
        waiter.asks = false;
        let caller = waiter.caller.clone();
        if self.gives_back(&caller) {
            self.wake_all_but(number);
        }
    }

    /// It leaves the line, to send or because it is not wanted any more.
    pub(super) fn leaves(&mut self, limit: &str, number: &PlaceNumber, sends: Sends) {
        let Some(row) = self.rows.get_mut(limit) else { return };
        let Some(waiter) = row.waiters.remove(number) else { return };
        let key = (number.rank, waiter.caller);
        if let Some((many, _)) = row.last.get_mut(&key) {
            *many -= 1;
            if *many == 0 {
                row.last.remove(&key);
            }
        }
        if sends == Sends::Yes {
            let begun = row.begun.entry(number.rank).or_default();
            *begun = (*begun).max(number.round);
        }
        if row.waiters.is_empty() {
            self.rows.remove(limit);
        }
        self.wake(limit);
    }

    /// A request of this caller's is not under way any more.
    pub(super) fn ends(&mut self, caller: &CallerName) {
        if self.gives_back(caller) {
            for limit in self.rows.keys() {
                self.wake(limit);
            }
        }
    }

    /// Whether somebody had been kept waiting by it.
    fn gives_back(&mut self, caller: &CallerName) -> bool {
        let was_full = self.is_full(caller);
        if let Some(many) = self.under_way.get_mut(caller) {
            *many -= 1;
            if *many == 0 {
                self.under_way.remove(caller);
            }
        }
        self.all_under_way = self.all_under_way.saturating_sub(1);
        was_full
    }

    /// Where one is now; none where it has left.
    pub(super) fn position(&self, limit: &str, number: &PlaceNumber) -> Option<WirePosition> {
        let row = self.rows.get(limit)?;
        let own = row.waiters.get(number)?;
        let could_go = row.last.iter().filter(|((rank, caller), _)| {
            *rank == number.rank && (!self.is_full(caller) || (own.asks && *caller == own.caller))
        });
        let alike: usize = could_go.map(|(_, (many, _))| many).sum();
        Some(WirePosition { ahead: row.waiters.range(..number).count(), alike, queue: queue([row]) })
    }

    /// How many wait for a limit.
    pub(super) fn waiting_for(&self, limit: &str) -> Queue {
        queue(self.rows.get(limit))
    }

    /// How many wait, whatever for.
    pub(super) fn waiting(&self) -> Queue {
        queue(self.rows.values())
    }

    /// The first who can go: whoever has all that it may have under way is passed over.
    fn first(&self, limit: &str) -> Option<(&PlaceNumber, &Waiter)> {
        let row = self.rows.get(limit)?;
        row.waiters.iter().find(|(_, waiter)| waiter.asks || !self.is_full(&waiter.caller))
    }

    fn is_full(&self, caller: &CallerName) -> bool {
        let own = self.under_way.get(caller).copied().unwrap_or(0);
        own >= OF_CALLER || self.all_under_way >= OF_UPSTREAM
    }

    fn wake_all_but(&self, number: &PlaceNumber) {
        for limit in self.rows.keys() {
            if self.first(limit).is_some_and(|(first, _)| first != number) {
                self.wake(limit);
            }
        }
    }

    fn wake(&self, limit: &str) {
        if let Some((_, waiter)) = self.first(limit) {
            waiter.woken.notify_one();
        }
    }
}

/// How many wait in these rows.
fn queue<'r>(rows: impl IntoIterator<Item = &'r Row>) -> Queue {
    let (mut calls, mut callers) = (0, BTreeSet::new());
    for row in rows {
        calls += row.waiters.len();
        callers.extend(row.last.keys().map(|(_, caller)| caller));
    }
    Queue { calls, callers: callers.len() }
}

/// Why somebody leaves the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sends {
    /// To send.
    Yes,
    /// For nothing.
    No,
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: &str = "manage";

    fn caller(name: &str) -> Arc<str> {
        name.into()
    }

    fn enter(places: &mut LinePlaces, name: &str) -> PlaceNumber {
        places.enter(LIMIT, CallRank::Single, &Some(caller(name))).0
    }

    /// Lets so many of a caller through, as far as there is room for them.
    fn sent(places: &mut LinePlaces, name: &str, most: usize) -> usize {
        let mut gone = 0;
        while gone < most {
            let number = enter(places, name);
            let goes = places.begins(LIMIT, &number);
            places.leaves(LIMIT, &number, if goes { Sends::Yes } else { Sends::No });
            if !goes {
                break;
            }
            gone += 1;
        }
        gone
    }

    #[test]
    fn who_has_all_it_may_have_under_way_leaves_the_others_theirs() {
        let mut places = LinePlaces::default();
        assert_eq!(sent(&mut places, "greedy", 1000), OF_CALLER);
        let greedy = enter(&mut places, "greedy");
        assert!(!places.begins(LIMIT, &greedy));
        assert_eq!(sent(&mut places, "modest", 1000), OF_CALLER, "who cannot go is passed over");
        places.ends(&Some(caller("greedy")));
        assert!(places.begins(LIMIT, &greedy), "they are given back");
    }

    #[test]
    fn all_callers_together_have_so_many_under_way() {
        let mut places = LinePlaces::default();
        let all: usize = (0..10).map(|number| sent(&mut places, &format!("caller{number}"), 1000)).sum();
        assert_eq!(all, OF_UPSTREAM);
    }

    /// In which order those in line go.
    fn order(places: &mut LinePlaces, mut line: Vec<(&'static str, PlaceNumber)>) -> Vec<&'static str> {
        let mut gone = Vec::new();
        while !line.is_empty() {
            let first = line.iter().position(|(_, number)| places.begins(LIMIT, number)).unwrap();
            let (name, number) = line.remove(first);
            places.leaves(LIMIT, &number, Sends::Yes);
            places.ends(&Some(caller(name)));
            gone.push(name);
        }
        gone
    }

    #[test]
    fn callers_take_turns_and_pages_yield() {
        let mut places = LinePlaces::default();
        let page = places.enter(LIMIT, CallRank::Page, &Some(caller("collector"))).0;
        let mut line = vec![("collector", page)];
        for name in ["greedy", "greedy", "greedy", "greedy", "modest", "modest"] {
            line.push((name, enter(&mut places, name)));
        }
        let ahead = |places: &LinePlaces, number: &PlaceNumber| places.position(LIMIT, number).unwrap().ahead;
        let told: Vec<usize> = line.iter().map(|(_, number)| ahead(&places, number)).collect();
        assert_eq!(told, [6, 0, 2, 4, 5, 1, 3], "the page, greedy's four, modest's two");
        let elsewhere = places.enter("upload_contract", CallRank::Single, &Some(caller("greedy"))).0;
        assert!(places.begins("upload_contract", &elsewhere), "other limits have other lines");
        let expected = ["greedy", "modest", "greedy", "modest", "greedy", "greedy", "collector"];
        assert_eq!(order(&mut places, line), expected);
    }

    #[test]
    fn who_comes_later_goes_before_the_many_of_somebody_else() {
        let mut places = LinePlaces::default();
        let mut many: Vec<PlaceNumber> = (0..100).map(|_| enter(&mut places, "greedy")).collect();
        for number in many.drain(..50) {
            assert!(places.begins(LIMIT, &number));
            places.leaves(LIMIT, &number, Sends::Yes);
            places.ends(&Some(caller("greedy")));
        }
        let one = enter(&mut places, "modest");
        assert!(places.begins(LIMIT, &one));
    }

    /// Thousands in line cost each of them little.
    #[test]
    fn whoever_leaves_wakes_one() {
        let mut places = LinePlaces::default();
        let line: Vec<_> =
            (0..2000).map(|_| places.enter(LIMIT, CallRank::Single, &Some(caller("greedy")))).collect();
        let woken = |number: usize| {
            use futures::FutureExt as _;
            line[number].1.notified().now_or_never().is_some()
        };
        assert!(places.begins(LIMIT, &line[0].0));
        places.leaves(LIMIT, &line[0].0, Sends::Yes);
        assert_eq!((1..2000).filter(|number| woken(*number)).count(), 1);
        assert_eq!(places.position(LIMIT, &line[1999].0).unwrap().ahead, 1998);
        assert_eq!(places.position(LIMIT, &line[1].0).unwrap().queue, Queue { calls: 1999, callers: 1 });
    }
}
