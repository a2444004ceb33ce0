//! The line in which this process's requests wait for a turn of an application's budget, which is over all processes.
//!
//! Who is first in line asks the shared state; the others wait for their place. So between processes the state decides, and
//! within one this does: single calls before pages of collections, and one call of each caller in turn.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use super::term::Term;
use crate::gate::Grant;
use crate::state::application::{
    ApplicationRecord, CallRank, Limit, Queue, TurnAnswer, TurnAsk, TurnGranted, TurnWait, WaitReason,
};
use crate::state::{RecordKey, Shared};

/// How long the first in line sleeps at most before it shows the others that it is still there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// How often one who is behind others asks how long it takes.
const ASKED_AGAIN: Duration = Duration::from_secs(5);

/// How long a wait that would be too long is looked at once more.
const A_LOOK: Duration = Duration::from_millis(120);

/// Who sends, for fairness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The caller's name; none where callers are not told apart.
    pub caller: Option<Arc<str>>,
    /// Whether it is a page of a collection.
    pub rank: CallRank,
    /// What the caller is granted; none where callers are not told apart.
    pub grant: Option<Grant>,
}

/// What a request needs.
pub(super) struct WantedTurn<'w> {
    pub(super) limits: Vec<Limit>,
    pub(super) sender: &'w Sender,
    /// Until when a turn is of use.
    pub(super) deadline: Instant,
}

/// A turn that was waited for.
#[derive(Debug, Default)]
pub(super) struct TurnTaken {
    pub(super) granted: TurnGranted,
    pub(super) waited: Duration,
    /// Whether somebody was told that it was waited for.
    pub(super) told: bool,
}

/// There is no turn.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoTurn {
    /// None would come in time.
    Late(TurnWait),
    /// Nobody waits for the answer any more.
    Unwanted,
}

/// The line of one application.
pub(super) struct Line {
    shared: Arc<Shared>,
    key: RecordKey,
    /// This process, as the others know it.
    owner: String,
    waiting: Mutex<Vec<InLine>>,
    moved: Notify,
}

/// Somebody in line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct InLine {
    ticket: u64,
    /// The narrowest of the limits it waits for: others wait in other lines.
    limit: String,
    sender: Sender,
}

/// A place in line; dropping it gives it up, and what other processes know of it.
struct LinePlace<'l> {
    line: &'l Line,
    ticket: u64,
    /// Whether they may know of it.
    wished: bool,
}

impl Line {
    pub(super) fn new(shared: &Arc<Shared>, key: &RecordKey, owner: &str) -> Self {
        let (shared, key, owner) = (Arc::clone(shared), key.clone(), owner.to_owned());
        Self { shared, key, owner, waiting: Mutex::default(), moved: Notify::new() }
    }

    /// Waits for a turn, unless none would come in time.
    pub(super) async fn turn(&self, wanted: WantedTurn<'_>, term: &Term) -> Result<TurnTaken, NoTurn> {
        let Some(narrowest) = wanted.limits.first().map(|limit| limit.name.clone()) else {
            return Ok(TurnTaken::default());
        };
        let began = Instant::now();
        let mut place = self.enter(narrowest, wanted.sender);
        let mut told = false;
        let mut asked: Option<Instant> = None;
        let mut doubted = false;
        loop {
            let moved = self.moved.notified();
            let ahead = self.ahead(place.ticket);
            // Who is behind others asks at first, to learn whether to wait at all, and now and then whether that has
            // changed.
            let is_due = asked.is_none_or(|at| at.elapsed() >= ASKED_AGAIN);
            let mut after = SIGN_OF_LIFE;
            if ahead == 0 || is_due {
                place.wished = true;
                let wait = match self.ask(&wanted, &place, began.elapsed()).await {
                    TurnAnswer::Granted(granted) => {
                        place.wished = false;
                        return Ok(TurnTaken { granted, waited: began.elapsed(), told });
                    }
                    TurnAnswer::Later(wait) => wait,
                };
                asked = Some(Instant::now());
                if Instant::now().checked_add(wait.after).is_none_or(|then| then > wanted.deadline) {
                    // One who is just being let through may have been counted twice.
                    if doubted || wanted.deadline <= Instant::now() {
                        self.leave(place, ahead).await;
                        return Err(NoTurn::Late(wait));
                    }
                    (doubted, asked) = (true, None);
                    sleep(A_LOOK.min(wanted.deadline.saturating_duration_since(Instant::now()))).await;
                    continue;
                }
                doubted = false;
                after = wait.after;
                if !told && (ahead > 0 || after >= SIGN_OF_LIFE) {
                    told = true;
                    tracing::info!(seconds = after.as_secs(), ahead, "a call waits for its turn");
                    term.tell(&in_words(wait, ahead)).await;
                }
            }
            tokio::select! {
                biased;
                () = term.gone.cancelled() => {
                    self.leave(place, ahead).await;
                    return Err(NoTurn::Unwanted);
                }
                () = moved => {}
                () = sleep(after.min(SIGN_OF_LIFE)) => {}
            }
        }
    }

    async fn ask(&self, wanted: &WantedTurn<'_>, place: &LinePlace<'_>, waited: Duration) -> TurnAnswer {
        let (ahead, behind) = self.around(place.ticket);
        let ask = TurnAsk {
            owner: self.owner.clone(),
            limits: wanted.limits.clone(),
            rank: wanted.sender.rank,
            ahead,
            behind,
            waited,
            patience: wanted.deadline.saturating_duration_since(Instant::now()),
            queue: self.queue(wanted),
        };
        let turn = self
            .shared
            .change(&self.key, move |now, record: &mut ApplicationRecord| Some(record.turn(now, &ask)));
        // Without any store there is nobody to ask for a turn, and the upstream's own limit is all there is.
        turn.await.unwrap_or(TurnAnswer::Granted(TurnGranted::default()))
    }

    fn enter(&self, limit: String, sender: &Sender) -> LinePlace<'_> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let ticket = waiting.last().map_or(0, |last| last.ticket + 1);
        waiting.push(InLine { ticket, limit, sender: sender.clone() });
        LinePlace { line: self, ticket, wished: false }
    }

    /// How many wait here for what one wants.
    fn queue(&self, wanted: &WantedTurn<'_>) -> Queue {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let narrowest = wanted.limits.first().map(|limit| &limit.name);
        let same: Vec<&InLine> = waiting.iter().filter(|one| Some(&one.limit) == narrowest).collect();
        let callers: BTreeSet<_> = same.iter().map(|one| one.sender.caller.as_deref()).collect();
        Queue { calls: same.len(), callers: callers.len() }
    }

    fn ahead(&self, ticket: u64) -> usize {
        self.around(ticket).0
    }

    /// How many go before, and how many of the same rank after.
    fn around(&self, ticket: u64) -> (usize, usize) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let ahead = ahead_of(&waiting, ticket);
        let own = waiting.iter().find(|one| one.ticket == ticket);
        let alike = |other: &&InLine| {
            own.is_some_and(|own| own.limit == other.limit && own.sender.rank == other.sender.rank)
        };
        (ahead, waiting.iter().filter(alike).count().saturating_sub(ahead + 1))
    }

    /// How many wait here.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Gives up a place, and what the others know of it.
    async fn leave(&self, mut place: LinePlace<'_>, ahead: usize) {
        place.wished = false;
        drop(place);
        if ahead == 0 {
            let owner = self.owner.clone();
            let forget = move |_, record: &mut ApplicationRecord| record.unwish(&owner);
            self.shared.change(&self.key, forget).await;
        }
    }
}

impl Drop for LinePlace<'_> {
    fn drop(&mut self) {
        let mut waiting = self.line.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|one| one.ticket != self.ticket);
        let empty = waiting.is_empty();
        drop(waiting);
        self.line.moved.notify_waiters();
        // A read that is not wanted any more is dropped where it waits. Whoever else waits here renews the wish.
        if let Some(runtime) = Handle::try_current().ok().filter(|_| self.wished && empty) {
            let (shared, key, owner) =
                (Arc::clone(&self.line.shared), self.line.key.clone(), self.line.owner.clone());
            runtime.spawn(async move {
                let forget = move |_, record: &mut ApplicationRecord| record.unwish(&owner);
                shared.change(&key, forget).await;
            });
        }
    }
}

/// How many go before: those of a better rank, and of the same those that are earlier in their callers' turns.
fn ahead_of(waiting: &[InLine], ticket: u64) -> usize {
    let Some(own) = waiting.iter().find(|one| one.ticket == ticket) else { return 0 };
    let key = |one: &InLine| {
        let same = |other: &&InLine| {
            other.limit == one.limit && other.sender == one.sender && other.ticket < one.ticket
        };
        (one.sender.rank, waiting.iter().filter(same).count(), one.ticket)
    };
    let mine = key(own);
    waiting.iter().filter(|one| one.limit == own.limit && key(one) < mine).count()
}

fn in_words(wait: TurnWait, ahead: usize) -> String {
    let seconds = wait.after.as_secs().max(1);
    let mut text = match wait.reason {
        WaitReason::Spent => {
            format!("Waiting for a turn within the limit of requests a minute, about {seconds} s")
        }
        WaitReason::Paused => format!("Waiting for the end of a pause that was asked for, about {seconds} s"),
    };
    match ahead {
        0 => {}
        1 => text.push_str(", behind 1 other call"),
        many => {
            let _ = write!(text, ", behind {many} other calls");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::RecordKind;

    fn sender(caller: &str, rank: CallRank) -> Sender {
        Sender { caller: Some(caller.into()), rank, grant: None }
    }

    fn line() -> Line {
        let key = RecordKey { kind: RecordKind::Application, id: "a".to_owned() };
        Line::new(&Arc::new(Shared::alone()), &key, "me")
    }

    fn wanted(sender: &Sender, most: u16, seconds: u64) -> WantedTurn<'_> {
        let limits = vec![Limit { name: "manage".to_owned(), most }];
        let deadline = Instant::now() + Duration::from_secs(seconds);
        WantedTurn { limits, sender, deadline }
    }

    #[test]
    fn callers_take_turns_and_pages_yield() {
        let line = line();
        let (greedy, modest) = (sender("greedy", CallRank::Single), sender("modest", CallRank::Single));
        let page = sender("collector", CallRank::Page);
        let places: Vec<LinePlace<'_>> = [&page, &greedy, &greedy, &greedy, &modest]
            .into_iter()
            .map(|sender| line.enter("manage".to_owned(), sender))
            .collect();
        let ahead: Vec<usize> = places.iter().map(|place| line.ahead(place.ticket)).collect();
        assert_eq!(ahead, [4, 0, 2, 3, 1], "page, greedy's three, modest");
        let elsewhere = line.enter("upload_contract".to_owned(), &greedy);
        assert_eq!(line.ahead(elsewhere.ticket), 0, "other limits have other lines");
        drop(places);
        assert_eq!(line.waiting(), 1);
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
            matches!(refused, Err(NoTurn::Late(wait)) if wait.after > Duration::from_secs(50)),
            "{refused:?}"
        );
        assert!(began.elapsed() < Duration::from_secs(1));
        assert_eq!(line.waiting(), 0);
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
        assert_eq!(line.waiting(), 0);
        let forgotten = async {
            while line.shared.change(&line.key, |_, record: &mut ApplicationRecord| record.waiting()).await
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
            while line.waiting() == 0 {
                tokio::task::yield_now().await;
            }
            term.gone.cancel();
        };
        let (turn, ()) = tokio::join!(waits, goes);
        assert_eq!(turn.unwrap_err(), NoTurn::Unwanted);
        assert_eq!(line.waiting(), 0);
    }
}
