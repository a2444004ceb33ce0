//! The line in which requests to one API wait: for a turn of the budget, which is over all processes, and for room on the wire,
//! which is this process's own.
//!
//! Who is the first that can go asks the shared state; the others wait for their place. So between processes the state decides,
//! and within one this does: single calls before pages of collections, and one call of each caller in turn. Room on the wire
//! and the turn of the budget come together, so whoever waits for either stands in the same line, and a turn that is granted
//! is used at once.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep};

use super::places::{LinePlaces, PlaceNumber, Sends, WirePosition};
use super::term::Term;
use super::turn::{Sender, Stay, WantedTurn};
use crate::state::application::{
    ApplicationRecord, LimitLeft, Queue, TurnAnswer, TurnAsk, TurnGranted, TurnWait, WaitReason,
};
use crate::state::{RecordKey, Shared};

/// How many of those who are behind others ask at once.
const MOST_ASKING: usize = 2;

/// How long a wait that would be too long is looked at once more.
const A_LOOK: Duration = Duration::from_millis(120);

/// A turn that was waited for.
pub(super) struct TurnTaken<'l> {
    pub(super) granted: TurnGranted,
    pub(super) waited: Duration,
    /// Whether somebody was told that it was waited for.
    pub(super) told: bool,
    /// As long as it is kept, the request counts as under way.
    pub(super) on_wire: OnWire<'l>,
}

/// There is no turn.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoTurn {
    /// None would come in time.
    Late {
        /// When there is one.
        wait: TurnWait,
        /// What is left of the limits.
        left: Vec<LimitLeft>,
        /// How long it waited before that was known.
        waited: Duration,
    },
    /// Nobody waits for the answer any more.
    Unwanted,
}

/// What a look at the line brought.
enum Looked {
    /// A turn.
    Granted(TurnGranted),
    /// None in time, and what is left of the limits.
    Late(Vec<LimitLeft>),
    /// Nothing yet: look again after this.
    Again(Duration),
}

/// The line of one API.
pub(super) struct Line {
    shared: Arc<Shared>,
    key: RecordKey,
    /// This process, as the others know it.
    owner: String,
    places: Mutex<LinePlaces>,
    /// Of those who are behind others some ask at once, so that the first in line need not wait for all of them.
    asking: Semaphore,
    /// The pauses that the upstream asked this process for, by row, until when.
    paused: Mutex<Vec<(String, Instant)>>,
}

/// A request under way; dropping it makes room for the next.
pub(super) struct OnWire<'l> {
    line: &'l Line,
    caller: Option<Arc<str>>,
}

/// A place in line; dropping it gives it up, and what other processes know of it.
struct LinePlace<'l> {
    line: &'l Line,
    row: String,
    number: PlaceNumber,
    woken: Arc<Notify>,
    /// Whether other processes may know of it.
    wished: bool,
}

impl Line {
    pub(super) fn new(shared: &Arc<Shared>, key: &RecordKey, owner: &str) -> Self {
        let (shared, key, owner) = (Arc::clone(shared), key.clone(), owner.to_owned());
        Self {
            shared,
            key,
            owner,
            places: Mutex::default(),
            asking: Semaphore::new(MOST_ASKING),
            paused: Mutex::default(),
        }
    }

    /// Waits for a turn, unless none would come in time.
    pub(super) async fn turn(&self, wanted: WantedTurn<'_>, term: &Term) -> Result<TurnTaken<'_>, NoTurn> {
        let mut place = self.enter(&wanted);
        let mut stay = Stay::begin();
        loop {
            let pause = match self.look(&wanted, &mut place, &mut stay, term).await {
                Looked::Granted(granted) => {
                    let (waited, told) = (stay.began.elapsed(), stay.told);
                    return Ok(TurnTaken { granted, waited, told, on_wire: place.sends(wanted.sender) });
                }
                Looked::Late(left) => {
                    place.given_up().await;
                    let (wait, waited) = (stay.late(), stay.began.elapsed());
                    return Err(NoTurn::Late { wait, left, waited });
                }
                Looked::Again(pause) => pause,
            };
            tokio::select! {
                biased;
                () = term.gone.cancelled() => {
                    place.given_up().await;
                    return Err(NoTurn::Unwanted);
                }
                () = place.woken.notified() => {}
                () = Box::pin(sleep(pause)) => {}
            }
        }
    }

    /// Looks whether it is its turn, and asks where there is something to learn.
    async fn look(
        &self,
        wanted: &WantedTurn<'_>,
        place: &mut LinePlace<'_>,
        stay: &mut Stay,
        term: &Term,
    ) -> Looked {
        let goes = self.places().begins(&place.row, &place.number);
        let mut position = place.position();
        let is_first = goes || position.ahead == 0;
        if is_first || stay.is_due(wanted, position) {
            let asking = if is_first { None } else { self.may_ask(place, term).await };
            if !is_first && asking.is_none() {
                return Looked::Again(Duration::ZERO);
            }
            position = place.position();
            let (answer, left) = self.ask(wanted, place, position, stay, goes).await;
            match answer {
                TurnAnswer::Granted(granted) => return Looked::Granted(granted),
                TurnAnswer::Later(wait) => stay.answered(wait),
            }
            self.places().waits(&place.row, &place.number);
            let end = wanted.end(stay.wait.reason);
            if Instant::now().checked_add(stay.wait.after).is_none_or(|then| then > end) {
                // One who is just being let through may have been counted twice.
                if stay.doubted || end <= Instant::now() {
                    return Looked::Late(left);
                }
                (stay.doubted, stay.asked) = (true, None);
                return Looked::Again(A_LOOK.min(end.saturating_duration_since(Instant::now())));
            }
            stay.doubted = false;
        }
        stay.tells(position, term).await;
        Looked::Again(stay.pause(wanted, position, goes))
    }

    /// Waits until one who is behind others may ask; none where it is woken before, or not wanted any more.
    async fn may_ask(&self, place: &LinePlace<'_>, term: &Term) -> Option<SemaphorePermit<'_>> {
        tokio::select! {
            biased;
            () = place.woken.notified() => None,
            () = term.gone.cancelled() => None,
            asking = self.asking.acquire() => asking.ok(),
        }
    }

    /// Asks for a turn, with a place on the wire where it goes at once; else how long it takes.
    async fn ask(
        &self,
        wanted: &WantedTurn<'_>,
        place: &mut LinePlace<'_>,
        position: WirePosition,
        stay: &Stay,
        goes: bool,
    ) -> (TurnAnswer, Vec<LimitLeft>) {
        if wanted.limits.is_empty() {
            return (self.unlimited(wanted, goes), Vec::new());
        }
        place.wished = true;
        let Sender { rank, list, .. } = *wanted.sender;
        let ask = TurnAsk {
            owner: self.owner.clone(),
            limits: wanted.limits.clone(),
            rank,
            source: self.source(wanted.sender),
            list,
            ahead: if goes { 0 } else { position.ahead.max(1) },
            waiting: position.alike,
            waited: stay.began.elapsed(),
            patience: wanted.deadline.saturating_duration_since(Instant::now()),
            queue: position.queue,
        };
        let turn = self.shared.change(&self.key, move |now, record: &mut ApplicationRecord| {
            let answer = record.turn(now, &ask);
            Some((answer, record.left(now, &ask.limits)))
        });
        // Without any store there is nobody to ask for a turn, and the upstream's own limit is all there is.
        turn.await.unwrap_or_else(|| (self.unlimited(wanted, goes), Vec::new()))
    }

    /// Tells one caller of one process from all others.
    fn source(&self, sender: &Sender) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.owner, &sender.caller).hash(&mut hasher);
        hasher.finish()
    }

    /// The answer where nothing is limited but what is under way at once.
    fn unlimited(&self, wanted: &WantedTurn<'_>, goes: bool) -> TurnAnswer {
        if let Some(after) = self.pause_of(&wanted.row) {
            return TurnAnswer::Later(TurnWait { after, reason: WaitReason::Paused });
        }
        if goes {
            return TurnAnswer::Granted(TurnGranted::default());
        }
        TurnAnswer::Later(TurnWait { after: Duration::ZERO, reason: WaitReason::Behind })
    }

    /// The upstream asked for a pause.
    pub(super) fn pauses(&self, row: &str, pause: Duration) {
        let Some(until) = Instant::now().checked_add(pause) else { return };
        let mut paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        paused.retain(|(known, end)| *end > Instant::now() && (known != row || *end > until));
        if !paused.iter().any(|(known, _)| known == row) {
            paused.push((row.to_owned(), until));
        }
    }

    /// How long a pause lasts yet.
    fn pause_of(&self, row: &str) -> Option<Duration> {
        let paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, until) = paused.iter().find(|(known, _)| known == row)?;
        Some(until.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
    }

    fn enter(&self, wanted: &WantedTurn<'_>) -> LinePlace<'_> {
        let (number, woken) = self.places().enter(&wanted.row, wanted.sender.rank, &wanted.sender.caller);
        LinePlace { line: self, row: wanted.row.clone(), number, woken, wished: false }
    }

    /// How many wait here.
    pub(super) fn waiting(&self) -> Queue {
        self.places().waiting()
    }

    /// How many wait here for a limit.
    pub(super) fn waiting_for(&self, limit: &str) -> Queue {
        self.places().waiting_for(limit)
    }

    fn places(&self) -> MutexGuard<'_, LinePlaces> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'l> LinePlace<'l> {
    fn position(&self) -> WirePosition {
        self.line.places().position(&self.row, &self.number).unwrap_or_default()
    }

    /// Leaves the line to send.
    fn sends(mut self, sender: &Sender) -> OnWire<'l> {
        self.wished = false;
        self.line.places().leaves(&self.row, &self.number, Sends::Yes);
        OnWire { line: self.line, caller: sender.caller.clone() }
    }

    /// Leaves it for nothing, and lets the others know.
    async fn given_up(mut self) {
        let wished = std::mem::take(&mut self.wished);
        let line = self.line;
        drop(self);
        if wished && line.waiting().calls == 0 {
            line.forgotten().await;
        }
    }
}

impl Line {
    /// Nobody waits here any more, of which other processes are told.
    fn forgotten(&self) -> impl Future<Output = ()> + use<> {
        let (shared, key, owner) = (Arc::clone(&self.shared), self.key.clone(), self.owner.clone());
        async move {
            let forget = move |_, record: &mut ApplicationRecord| record.unwish(&owner);
            shared.change(&key, forget).await;
        }
    }
}

impl Drop for LinePlace<'_> {
    fn drop(&mut self) {
        let mut places = self.line.places();
        places.waits(&self.row, &self.number);
        places.leaves(&self.row, &self.number, Sends::No);
        let empty = places.waiting().calls == 0;
        drop(places);
        // A read that is not wanted any more is dropped where it waits. Whoever else waits here renews the wish.
        if let Some(runtime) = Handle::try_current().ok().filter(|_| self.wished && empty) {
            runtime.spawn(self.line.forgotten());
        }
    }
}

impl Drop for OnWire<'_> {
    fn drop(&mut self) {
        self.line.places().ends(&self.caller);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::RecordKind;
    use crate::state::application::{CallRank, Limit};

    fn sender(caller: &str, rank: CallRank) -> Sender {
        Sender { caller: Some(caller.into()), rank, list: None, grant: None }
    }

    fn line() -> Line {
        let key = RecordKey { kind: RecordKind::Application, id: "a".to_owned() };
        Line::new(&Arc::new(Shared::alone()), &key, "me")
    }

    fn wanted(sender: &Sender, most: u16, seconds: u64) -> WantedTurn<'_> {
        let limits = vec![Limit { name: "manage".to_owned(), most }];
        let deadline = Instant::now() + Duration::from_secs(seconds);
        WantedTurn { limits, row: "manage".to_owned(), sender, deadline, patience: deadline }
    }

    #[tokio::test]
    async fn what_would_come_too_late_is_not_waited_for() {
        let line = line();
        let sender = sender("a", CallRank::Single);
        let term = Term::default();
        assert!(line.turn(wanted(&sender, 1, 5), &term).await.is_ok());
        let began = Instant::now();
        let refused = line.turn(wanted(&sender, 1, 5), &term).await;
        assert!(
            matches!(&refused, Err(NoTurn::Late { wait, .. }) if wait.after > Duration::from_secs(50)),
            "too long"
        );
        assert!(began.elapsed() < Duration::from_secs(1));
        assert_eq!(line.waiting().calls, 0);
    }

    #[tokio::test]
    async fn who_is_dropped_while_waiting_leaves_no_wish_behind() {
        let line = line();
        let sender = sender("a", CallRank::Single);
        let term = Term::default();
        assert!(line.turn(wanted(&sender, 1, 5), &term).await.is_ok());
        let waits = Box::pin(line.turn(wanted(&sender, 1, 500), &term));
        assert!(
            tokio::time::timeout(Duration::from_millis(50), waits).await.is_err(),
            "dropped while it waits"
        );
        assert_eq!(line.waiting().calls, 0);
        let forgotten = async {
            while line.shared.change(&line.key, |_, record: &mut ApplicationRecord| record.waiting("")).await
                > 0
            {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(2), forgotten)
            .await
            .expect("no other process waits behind it");
    }

    #[tokio::test]
    async fn who_is_not_wanted_any_more_gives_up_the_place() {
        let line = line();
        let sender = sender("a", CallRank::Single);
        let term = Term::default();
        assert!(line.turn(wanted(&sender, 1, 5), &term).await.is_ok());
        let waits = line.turn(wanted(&sender, 1, 500), &term);
        let goes = async {
            while line.waiting().calls == 0 {
                tokio::task::yield_now().await;
            }
            term.gone.cancel();
        };
        let (turn, ()) = tokio::join!(waits, goes);
        assert_eq!(turn.err(), Some(NoTurn::Unwanted));
        assert_eq!(line.waiting().calls, 0);
    }
}
