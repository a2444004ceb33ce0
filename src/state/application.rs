//! What is known of one application by all who share it: its token, its budgets, who waits. Pure: a moment and a question
//! go in, a decision comes out, and the record is changed accordingly.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::kept::{ChangeUnderWay, KeptFailure, KeptToken, Lease};
use super::store::Moment;
use super::turn::{OthersBeside, SingleCall, TurnWish};

pub use super::turn::{
    CallRank, Limit, LimitLeft, Queue, SPAN, TurnAnswer, TurnAsk, TurnGranted, TurnWait, WaitReason,
};

/// The record of one application.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApplicationRecord {
    /// Its newest token.
    pub(super) token: Option<KeptToken>,
    /// Who asks for a token now.
    pub(super) lease: Option<Lease>,
    /// How many tokens there have been.
    pub(super) generation: u64,
    /// When requests were sent, by limit, the oldest first.
    pub(super) sent: BTreeMap<String, Vec<Moment>>,
    /// Until when the upstream asked for a pause, by limit.
    pub(super) closed: BTreeMap<String, Moment>,
    /// When the last page of a collection was sent, by limit.
    pub(super) paged: BTreeMap<String, Moment>,
    /// The last single calls, by limit, the oldest first.
    pub(super) singles: BTreeMap<String, Vec<SingleCall>>,
    /// Who waits for a turn.
    pub(super) wishes: Vec<TurnWish>,
    /// How many changes were made with it: what was read before the last of them may no longer be so.
    pub(super) changes: u64,
    /// Those that are being made.
    pub(super) changing: Vec<ChangeUnderWay>,
    /// When somebody last found that others use another secret of the application.
    pub(super) several_secrets: Option<Moment>,
    /// Scopes that the application was refused, and until when they are not asked for again.
    pub(super) refused: BTreeMap<String, Moment>,
    /// Who waits for the minute's requests for tokens, and until when that is remembered.
    pub(super) token_waits: BTreeMap<String, Moment>,
    /// What failed last, by API.
    pub(super) failed: BTreeMap<String, KeptFailure>,
}

/// How soon one who must let others go first asks again.
const AFTER_YOU: Duration = Duration::from_millis(60);

impl ApplicationRecord {
    /// Decides on a turn.
    pub fn turn(&mut self, now: Moment, ask: &TurnAsk) -> TurnAnswer {
        self.forget(now);
        let wait = ask.limits.iter().filter_map(|limit| self.wait_for(now, limit, ask)).max();
        if wait.is_none() && ask.ahead == 0 {
            return TurnAnswer::Granted(self.grant(now, ask));
        }
        // Whoever comes is told of all who wait already, so all of them are known from the beginning.
        self.wish(now, ask);
        let wait = wait.unwrap_or(TurnWait { after: AFTER_YOU, reason: WaitReason::Behind });
        TurnAnswer::Later(TurnWait { after: wait.after.max(Duration::from_millis(1)), ..wait })
    }

    /// How long a limit makes a request wait; nothing where it has room.
    pub(super) fn wait_for(&self, now: Moment, limit: &Limit, ask: &TurnAsk) -> Option<TurnWait> {
        if let Some(after) = self.pause(now, &limit.name) {
            return Some(TurnWait { after, reason: WaitReason::Paused });
        }
        let none = Vec::new();
        let sent = self.sent.get(&limit.name).unwrap_or(&none);
        let others = self.others(limit, ask);
        let room = if others == OthersBeside::Nobody { 0 } else { limit.room() };
        let most = usize::from(limit.most).saturating_sub(room).max(1);
        let own = self.wishes.iter().find(|wish| wish.is_of(ask) && wish.limit == limit.name);
        let before: usize = self.wishes.iter().map(|wish| wish.before(now, &limit.name, ask, own)).sum();
        let taken = sent.len() + before + ask.ahead;
        if taken < most {
            let spread = others == OthersBeside::Somebody;
            let next = spread.then(|| self.next_page(limit, sent, most)).flatten().map(|at| now.until(at));
            // Who cannot wait is not made to where there is room.
            let paced = next.filter(|wait| !wait.is_zero() && *wait <= ask.patience);
            return paced.map(|after| TurnWait { after, reason: WaitReason::Spent });
        }
        // The turn that has to come free before there is one left. Those that are free now are taken at once by those
        // before.
        let wanted = taken - most;
        let turns = sent.len().max(most);
        let taken_at = sent.get(wanted % turns).copied().unwrap_or(now);
        let rounds = u32::try_from(wanted / turns).unwrap_or(u32::MAX);
        let after = now.until(taken_at.plus(SPAN)).saturating_add(SPAN.saturating_mul(rounds));
        Some(TurnWait { after, reason: WaitReason::Spent })
    }

    fn grant(&mut self, now: Moment, ask: &TurnAsk) -> TurnGranted {
        let granted = |limit: &str| ask.limits.iter().any(|one| one.name == limit);
        let own = self.wishes.iter().find(|wish| wish.is_of(ask) && granted(&wish.limit));
        // Those who have had more turns meanwhile are only even with it.
        let owing: BTreeSet<String> =
            own.into_iter().flat_map(|wish| wish.overtaken.keys().cloned()).collect();
        for wish in self.wishes.iter_mut().filter(|wish| granted(&wish.limit) && !owing.contains(&wish.owner))
        {
            wish.sees_grant(now, ask);
        }
        self.wishes.retain(TurnWish::is_anybody);
        for limit in &ask.limits {
            self.count(now, &limit.name);
            self.note(now, &limit.name, ask);
        }
        let (left, generation) = (self.left(now, &ask.limits), self.token_generation());
        TurnGranted { left, generation, changes: self.changes(now) }
    }

    /// Counts a request against a limit.
    pub(super) fn count(&mut self, now: Moment, limit: &str) {
        self.sent.entry(limit.to_owned()).or_default().push(now);
    }

    fn wish(&mut self, now: Moment, ask: &TurnAsk) {
        for limit in &ask.limits {
            let wish = TurnWish::of(now, &limit.name, ask);
            match self.wishes.iter_mut().find(|known| known.is_of(ask) && known.limit == wish.limit) {
                Some(known) => known.renewed(wish, ask),
                None => self.wishes.push(wish),
            }
        }
    }

    /// Somebody has stopped waiting.
    pub fn unwish(&mut self, owner: &str) {
        self.wishes.retain(|wish| wish.owner != owner);
    }

    /// What is left of these limits.
    pub fn left(&mut self, now: Moment, limits: &[Limit]) -> Vec<LimitLeft> {
        self.forget(now);
        let left = limits.iter().map(|limit| {
            let sent = self.sent.get(&limit.name).map_or(0, Vec::len);
            let spent = u16::try_from(sent).unwrap_or(u16::MAX);
            LimitLeft { name: limit.name.clone(), requests: limit.most.saturating_sub(spent) }
        });
        left.collect()
    }

    /// The upstream has asked for a pause.
    pub fn close(&mut self, now: Moment, limit: &str, pause: Duration) {
        let until = now.plus(pause);
        let closed = self.closed.entry(limit.to_owned()).or_insert(until);
        *closed = (*closed).max(until);
    }

    /// How long a pause lasts yet that the upstream asked for; none where there is none.
    #[must_use]
    pub fn pause(&self, now: Moment, limit: &str) -> Option<Duration> {
        let left = self.closed.get(limit).map(|until| now.until(*until));
        left.filter(|left| !left.is_zero())
    }

    fn token_generation(&self) -> u64 {
        self.token.as_ref().map_or(0, |token| token.generation)
    }

    pub(super) fn forget(&mut self, now: Moment) {
        for sent in self.sent.values_mut() {
            // A clock that was set back would leave them there for as long as it was set back by.
            sent.retain(|at| at.plus(SPAN) > now && *at <= now.plus(SPAN));
        }
        self.sent.retain(|_, sent| !sent.is_empty());
        self.closed.retain(|_, until| *until > now);
        self.refused.retain(|_, until| *until > now);
        self.forget_pages(now);
        self.wishes.retain(|wish| wish.until > now && wish.since <= now.plus(SPAN));
        self.token_waits.retain(|_, until| *until > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(most: u16) -> Limit {
        Limit { name: "manage".to_owned(), most }
    }

    fn ask(owner: &str, rank: CallRank) -> TurnAsk {
        TurnAsk {
            owner: owner.to_owned(),
            limits: vec![limit(50)],
            rank,
            ahead: 0,
            waiting: 1,
            source: 0,
            list: None,
            waited: Duration::ZERO,
            patience: Duration::from_secs(3600),
            queue: Queue::default(),
        }
    }

    fn at(seconds: f64) -> Moment {
        Moment(1_000_000).plus(Duration::from_secs_f64(seconds))
    }

    /// Asks until a turn is granted, and returns when that was.
    fn waited(record: &mut ApplicationRecord, from: f64, ask: &TurnAsk) -> f64 {
        let mut now = from;
        loop {
            match record.turn(at(now), ask) {
                TurnAnswer::Granted(_) => return now,
                TurnAnswer::Later(wait) => now += wait.after.as_secs_f64(),
            }
            assert!(now < from + 3600.0, "no turn in an hour");
        }
    }

    #[test]
    fn two_hundred_calls_take_three_minutes_and_no_span_of_one_has_more_than_fifty() {
        let mut record = ApplicationRecord::default();
        let mut now = 0.0;
        let mut sent = Vec::new();
        for _ in 0..200 {
            now = waited(&mut record, now, &ask("a", CallRank::Single));
            sent.push(now);
        }
        assert!(now < 180.0 * 1.05, "{now}");
        for (index, first) in sent.iter().enumerate() {
            assert!(sent[index..].iter().filter(|at| *at - first < 60.0).count() <= 50);
        }
    }

    #[test]
    fn processes_that_wait_take_turns() {
        let mut record = ApplicationRecord::default();
        let (a, b) = (ask("a", CallRank::Single), ask("b", CallRank::Single));
        for _ in 0..50 {
            assert!(matches!(record.turn(at(0.0), &a), TurnAnswer::Granted(_)));
        }
        // Both wait; b was there first, so what comes free is b's.
        let since =
            |ask: &TurnAsk, seconds| TurnAsk { waited: Duration::from_secs_f64(seconds), ..ask.clone() };
        assert!(matches!(record.turn(at(1.0), &b), TurnAnswer::Later(_)));
        assert!(matches!(record.turn(at(1.1), &a), TurnAnswer::Later(_)));
        record.sent.get_mut("manage").unwrap().remove(0);
        assert!(
            matches!(record.turn(at(1.2), &since(&a, 0.1)), TurnAnswer::Later(wait) if wait.after > AFTER_YOU)
        );
        assert!(matches!(record.turn(at(1.3), &since(&b, 0.3)), TurnAnswer::Granted(_)));
        // One who was killed while waiting is forgotten.
        assert!(matches!(record.turn(at(1.4), &b), TurnAnswer::Later(_)));
        record.sent.get_mut("manage").unwrap().remove(0);
        assert!(matches!(record.turn(at(9.0), &b), TurnAnswer::Granted(_)));
    }

    /// One process asks again at once, the other is slow to; each has ten calls under way, and twenty turns come free.
    #[test]
    fn turns_that_others_have_waited_for_are_not_taken_by_who_asks_more_often() {
        let mut record = ApplicationRecord::default();
        let ten = |owner: &str, behind: usize, waited| TurnAsk {
            limits: vec![limit(20)],
            waiting: behind + 1,
            waited: Duration::from_secs_f64(waited),
            ..ask(owner, CallRank::Single)
        };
        for _ in 0..20 {
            assert!(matches!(record.turn(at(0.0), &ten("quick", 0, 0.0)), TurnAnswer::Granted(_)));
        }
        assert!(matches!(record.turn(at(60.0), &ten("quick", 9, 59.0)), TurnAnswer::Later(_)));
        assert!(matches!(record.turn(at(60.1), &ten("slow", 9, 58.0)), TurnAnswer::Later(_)));
        let mut taken = 0;
        // Ten that have waited, and whatever comes after them.
        for ask in 0..40 {
            let (behind, waited) = if ask < 10 { (9 - ask, 59.5) } else { (9, 0.1) };
            let answer = record.turn(at(61.6), &ten("quick", behind, waited));
            taken += usize::from(matches!(answer, TurnAnswer::Granted(_)));
        }
        assert_eq!(taken, 10);
        for behind in (0..10).rev() {
            let answer = record.turn(at(62.0), &ten("slow", behind, 59.0));
            assert!(matches!(answer, TurnAnswer::Granted(_)), "with {behind} behind it: {answer:?}");
        }
    }

    #[test]
    fn one_who_is_behind_others_of_its_process_learns_how_long_it_takes() {
        let mut record = ApplicationRecord::default();
        for second in 0..50 {
            let now = at(f64::from(second) / 10.0);
            assert!(matches!(record.turn(now, &ask("a", CallRank::Single)), TurnAnswer::Granted(_)));
        }
        let behind = |ahead| TurnAsk { ahead, ..ask("a", CallRank::Single) };
        let TurnAnswer::Later(wait) = record.turn(at(5.0), &behind(10)) else { panic!() };
        assert_eq!(wait.after, at(5.0).until(at(1.0).plus(SPAN)));
        let TurnAnswer::Later(wait) = record.turn(at(5.0), &behind(60)) else { panic!() };
        assert_eq!(wait.after, at(5.0).until(at(1.0).plus(SPAN)) + SPAN);
    }

    #[test]
    fn a_pause_that_the_upstream_asks_for_holds_for_all() {
        let mut record = ApplicationRecord::default();
        record.close(at(0.0), "manage", Duration::from_secs(7));
        record.close(at(0.0), "manage", Duration::from_secs(2));
        let asked = record.turn(at(1.0), &ask("b", CallRank::Single));
        let wait = TurnWait { after: Duration::from_secs(6), reason: WaitReason::Paused };
        assert_eq!(asked, TurnAnswer::Later(wait));
        assert!(matches!(record.turn(at(7.1), &ask("b", CallRank::Single)), TurnAnswer::Granted(_)));
    }

    #[test]
    fn those_who_come_at_once_learn_of_the_turns_that_come_free_a_minute_later() {
        let mut record = ApplicationRecord::default();
        let behind = |ahead| TurnAsk { ahead, limits: vec![limit(10)], ..ask("a", CallRank::Single) };
        // Nobody has sent anything yet, and nineteen are before.
        let TurnAnswer::Later(wait) = record.turn(at(0.0), &behind(19)) else { panic!() };
        assert_eq!(wait.after, SPAN);
        assert!(matches!(record.turn(at(0.0), &behind(0)), TurnAnswer::Granted(_)));
        let TurnAnswer::Later(wait) = record.turn(at(1.0), &behind(18)) else { panic!() };
        assert_eq!(wait.after, SPAN, "the first ten go now, and the others once their minute is over");
        let TurnAnswer::Later(wait) = record.turn(at(1.0), &behind(19)) else { panic!() };
        assert_eq!(wait.after, SPAN + at(1.0).until(at(0.0).plus(SPAN)), "and so on");
    }

    #[test]
    fn those_of_other_processes_who_wait_are_counted() {
        let mut record = ApplicationRecord::default();
        for _ in 0..50 {
            assert!(matches!(record.turn(at(0.0), &ask("a", CallRank::Single)), TurnAnswer::Granted(_)));
        }
        let first = TurnAsk { waiting: 50, ..ask("a", CallRank::Single) };
        assert!(matches!(record.turn(at(0.1), &first), TurnAnswer::Later(_)));
        let of_other = |ahead| TurnAsk { ahead, ..ask("b", CallRank::Single) };
        let TurnAnswer::Later(wait) = record.turn(at(0.2), &of_other(0)) else { panic!() };
        assert!(wait.after < SPAN, "processes are served in turn: {wait:?}");
        let TurnAnswer::Later(wait) = record.turn(at(0.2), &of_other(30)) else { panic!() };
        assert!(wait.after > SPAN, "thirty of its own and as many of the other are before it: {wait:?}");
    }

    /// Nobody has been refused a turn yet, and all of them are known all the same.
    #[test]
    fn whoever_comes_is_told_of_all_who_came_before_in_other_processes() {
        let mut record = ApplicationRecord::default();
        let joins = |owner: &str, ahead| TurnAsk { ahead, waiting: 40, ..ask(owner, CallRank::Single) };
        let TurnAnswer::Later(wait) = record.turn(at(0.0), &joins("a", 39)) else { panic!() };
        assert!(wait.reason == WaitReason::Behind, "there is room for all of the first: {wait:?}");
        let TurnAnswer::Later(wait) = record.turn(at(0.0), &joins("b", 10)) else { panic!() };
        assert!(wait.reason == WaitReason::Behind, "and for some of the second: {wait:?}");
        let TurnAnswer::Later(wait) = record.turn(at(0.0), &joins("b", 30)) else { panic!() };
        assert!(wait.after >= SPAN, "but not for all of both: {wait:?}");
        // One who is asked again learns of those who have come since.
        let TurnAnswer::Later(wait) = record.turn(at(1.0), &joins("a", 39)) else { panic!() };
        assert!(wait.after > SPAN / 2, "{wait:?}");
    }

    #[test]
    fn a_single_call_is_not_kept_waiting_by_the_many_of_another() {
        let mut record = ApplicationRecord::default();
        for _ in 0..50 {
            assert!(matches!(record.turn(at(0.0), &ask("many", CallRank::Single)), TurnAnswer::Granted(_)));
        }
        let many = |behind: usize| TurnAsk { waiting: behind + 1, ..ask("many", CallRank::Single) };
        let after = 61.6;
        let waited = |from: f64| Duration::from_secs_f64(after - from);
        assert!(matches!(record.turn(at(61.0), &many(59)), TurnAnswer::Later(_)));
        assert!(matches!(record.turn(at(61.0), &ask("one", CallRank::Single)), TurnAnswer::Later(_)));
        let mut taken = 0;
        for behind in (0..60).rev() {
            let ask = TurnAsk { waited: waited(1.0), ..many(behind) };
            taken += usize::from(matches!(record.turn(at(after), &ask), TurnAnswer::Granted(_)));
        }
        assert_eq!(taken, 49, "one is left to the other");
        let one = TurnAsk { waited: waited(2.0), ..ask("one", CallRank::Single) };
        assert!(matches!(record.turn(at(after), &one), TurnAnswer::Granted(_)));
    }
}
