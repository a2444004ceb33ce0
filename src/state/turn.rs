//! Turns: what is asked, what is answered, and who waits.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::store::Moment;

/// What a request is part of: a single call goes before the next page of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CallRank {
    /// A call on its own.
    Single,
    /// One page of many.
    Page,
}

/// One limit of an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Which: an API's own, or an operation's.
    pub name: String,
    /// Requests a minute.
    pub most: u16,
}

impl Limit {
    /// How many of them pages of collections leave to single calls, where there are any.
    pub(super) fn room(&self) -> usize {
        ROOM.min(usize::from(self.most) / 10).max(1)
    }
}

/// The most requests a minute that pages of collections leave to single calls.
const ROOM: usize = 5;

/// How many wait in one process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Calls.
    pub calls: usize,
    /// Those who made them.
    pub callers: usize,
}

/// A question for a turn.
#[derive(Debug, Clone)]
pub struct TurnAsk {
    /// Who asks: one of a process.
    pub owner: String,
    /// Every limit that the request counts against.
    pub limits: Vec<Limit>,
    /// What it is part of.
    pub rank: CallRank,
    /// Whose it is: the same for all requests of one caller of one process.
    pub source: u64,
    /// The list that it reads, or a page of it; none where it is no list.
    pub list: Option<u64>,
    /// How many of the same process go before it. Zero where it would send at once.
    pub ahead: usize,
    /// How many of the same process and rank wait and could go, itself included where it could.
    pub waiting: usize,
    /// How long it has waited.
    pub waited: Duration,
    /// How long it can wait yet.
    pub patience: Duration,
    /// How many of the same process wait, itself included.
    pub queue: Queue,
}

/// What is left of a limit's minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitLeft {
    /// Which limit.
    pub name: String,
    /// How many requests.
    pub requests: u16,
}

/// The answer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TurnAnswer {
    /// Send.
    Granted(TurnGranted),
    /// Not yet.
    Later(TurnWait),
}

/// How long there will be no turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TurnWait {
    /// As far as is known: others may come, or give up.
    pub after: Duration,
    /// What for.
    pub reason: WaitReason,
}

/// Why there is no turn yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaitReason {
    /// The minute's requests are spent, or wanted by those who came before.
    Spent,
    /// The upstream asked for a pause.
    Paused,
    /// There is room, and others go first.
    Behind,
}

/// A turn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TurnGranted {
    /// What is left after it.
    pub left: Vec<LimitLeft>,
    /// The generation of the application's newest token; zero where there is none.
    pub generation: u64,
    /// How many changes had been made with the application; `None` while one is being made.
    pub changes: Option<u64>,
}

/// The span that Vanta's limits are for, and a little more, since a request is counted there when it arrives: the first of a
/// minute may have had to connect, or a processor to wait for, and the fifty-first has not. Of 200 calls this costs 4.5 s.
pub const SPAN: Duration = Duration::from_millis(61_500);

/// How long a wish is remembered without being renewed.
pub(super) const REMEMBERED: Duration = Duration::from_secs(3);

/// Who else calls beside a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OthersBeside {
    /// Nobody.
    Nobody,
    /// Only its own caller, and only before it: some room is left for more of that.
    ItsCaller,
    /// Somebody, or its caller in the middle of it.
    Somebody,
}

/// A single call that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SingleCall {
    pub(super) at: Moment,
    /// The list that it read, of which it may have been the first page.
    #[serde(default)]
    pub(super) list: Option<u64>,
    /// Whose it was.
    #[serde(default)]
    pub(super) source: u64,
    /// Whether pages of a collection were sent in the minute before it.
    #[serde(default)]
    pub(super) beside: bool,
}

/// Those of one process and rank who wait for a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TurnWish {
    pub(super) owner: String,
    pub(super) limit: String,
    pub(super) rank: CallRank,
    /// Since when the first of them has waited.
    pub(super) since: Moment,
    /// When it is forgotten unless it is renewed: its owner may have been killed.
    pub(super) until: Moment,
    /// How many they are. A program of a version before this member counts one.
    #[serde(default = "one")]
    pub(super) waiting: usize,
    /// How many wait in its process, of any rank.
    #[serde(default)]
    pub(super) queue: Queue,
    /// How many turns others have had meanwhile, by owner, beyond those that were had here.
    #[serde(default)]
    pub(super) overtaken: BTreeMap<String, usize>,
}

fn one() -> usize {
    1
}

impl TurnWish {
    /// The wish of one who asks for a turn of a limit.
    pub(super) fn of(now: Moment, limit: &str, ask: &TurnAsk) -> Self {
        Self {
            owner: ask.owner.clone(),
            limit: limit.to_owned(),
            rank: ask.rank,
            since: now.minus(ask.waited),
            until: now.plus(REMEMBERED),
            waiting: ask.waiting,
            queue: ask.queue,
            overtaken: BTreeMap::new(),
        }
    }

    /// Whether the one who asks is one of them, as far as the limit is theirs.
    pub(super) fn is_of(&self, ask: &TurnAsk) -> bool {
        self.owner == ask.owner && self.rank == ask.rank
    }

    /// Whether anybody waits still.
    pub(super) fn is_anybody(&self) -> bool {
        self.waiting > 0 || self.queue.calls > 0
    }

    /// The same as it is now, by one who asks later.
    pub(super) fn renewed(&mut self, new: Self, ask: &TurnAsk) {
        // One who is behind others has not waited for as long as the first of them.
        let since = if ask.ahead == 0 { new.since } else { self.since.min(new.since) };
        *self = Self { since, overtaken: std::mem::take(&mut self.overtaken), ..new };
    }

    /// How many of them are served before the one who asks: all of a better rank, and of the same as many as it takes for
    /// processes to be served in turn. So one that has many waiting, or is quick to ask again, leaves the others theirs.
    /// `own` is the wish of the one who asks.
    pub(super) fn before(&self, now: Moment, limit: &str, ask: &TurnAsk, own: Option<&Self>) -> usize {
        if self.limit != limit || self.owner == ask.owner || self.rank > ask.rank {
            return 0;
        }
        if self.rank < ask.rank {
            return self.waiting;
        }
        let is_even = own.is_none_or(|own| !own.overtaken.contains_key(&self.owner));
        let is_older = is_even && (self.since, &self.owner) < (now.minus(ask.waited), &ask.owner);
        let owed = self.overtaken.get(&ask.owner).copied().unwrap_or(0);
        self.waiting.min(owed + ask.ahead + usize::from(is_older))
    }

    /// Somebody was granted a turn of its limit.
    pub(super) fn sees_grant(&mut self, now: Moment, ask: &TurnAsk) {
        if self.owner == ask.owner {
            self.queue = Queue { calls: ask.queue.calls.saturating_sub(1), ..ask.queue };
        }
        if self.is_of(ask) {
            // The others go on waiting, and keep what they have waited for until they ask for themselves.
            self.waiting = ask.waiting.saturating_sub(1);
            self.until = now.plus(REMEMBERED);
            self.overtaken.values_mut().for_each(|turns| *turns = turns.saturating_sub(1));
            self.overtaken.retain(|_, turns| *turns > 0);
        } else if self.owner != ask.owner && self.rank == ask.rank {
            *self.overtaken.entry(ask.owner.clone()).or_default() += 1;
        }
    }
}
