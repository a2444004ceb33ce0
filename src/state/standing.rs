//! What can be told of an application's record: what is left of its limits, who waits for them, and what failed last. Pure,
//! like the rest of the record.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::application::{ApplicationRecord, Limit};
use super::kept::{KeptFailure, KeptToken};
use super::store::Moment;
use super::token::{SecretsInUse, TOKEN_LIMIT};
use super::turn::TurnWish;

/// What an application's record says at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordStanding {
    /// The moment.
    pub now: Moment,
    /// The limits that were asked about, in that order.
    pub limits: Vec<LimitStanding>,
    /// How many processes wait for a turn, but for the one that asks.
    pub waiting: usize,
    /// The newest token.
    pub token: Option<KeptToken>,
    /// Whether somebody asks for one now.
    pub asking: bool,
    /// Whether all use the same secret.
    pub secrets: SecretsInUse,
    /// What failed last at the API.
    pub failure: Option<KeptFailure>,
}

/// How a limit is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitStanding {
    /// Which.
    pub name: String,
    /// Requests a minute.
    pub most: u16,
    /// How many of them are left.
    pub left: u16,
    /// How long a pause still lasts that the upstream asked for; zero where it asked for none.
    pub paused: Duration,
    /// Who waits for it.
    pub waiting: LimitWaiting,
}

/// How many wait for a limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LimitWaiting {
    /// Processes.
    pub processes: usize,
    /// Their calls.
    pub calls: usize,
    /// Those who made the calls.
    pub callers: usize,
}

impl LimitStanding {
    /// Whether anything is to be told of it beside that it is there.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        self.left < self.most || !self.paused.is_zero() || self.waiting != LimitWaiting::default()
    }
}

impl ApplicationRecord {
    /// What is known of these limits, the token, and what failed last at an API. `owner` is who asks, and knows best how many
    /// wait there.
    pub fn standing(&mut self, now: Moment, limits: &[Limit], api: &str, owner: &str) -> RecordStanding {
        let left = self.left(now, limits);
        let limits = limits.iter().zip(left).map(|(limit, left)| LimitStanding {
            name: left.name,
            most: limit.most,
            left: left.requests,
            paused: self.pause(now, &limit.name).unwrap_or_default(),
            waiting: self.waiting_for(&limit.name, owner),
        });
        RecordStanding {
            now,
            limits: limits.collect(),
            waiting: self.waiting(owner),
            token: self.newest().cloned(),
            asking: self.lease.as_ref().is_some_and(|lease| lease.until > now),
            secrets: self.secrets(now),
            failure: self.failed.get(api).cloned(),
        }
    }

    /// Something failed at an API.
    pub fn fail(&mut self, api: &str, failure: KeptFailure) {
        self.failed.insert(api.to_owned(), failure);
    }

    /// How many processes wait for a turn, but for this one.
    #[must_use]
    pub fn waiting(&self, owner: &str) -> usize {
        let owners: BTreeSet<&str> = others(&self.wishes, owner).map(|wish| wish.owner.as_str()).collect();
        owners.len()
    }

    fn waiting_for(&self, limit: &str, owner: &str) -> LimitWaiting {
        if limit == TOKEN_LIMIT {
            return LimitWaiting { processes: self.token_waits.len(), ..LimitWaiting::default() };
        }
        // Of each process the newest that is known, which counts its calls of both ranks.
        let mut newest: BTreeMap<&str, &TurnWish> = BTreeMap::new();
        for wish in others(&self.wishes, owner).filter(|wish| wish.limit == limit) {
            let known = newest.entry(&wish.owner).or_insert(wish);
            if wish.until > known.until {
                *known = wish;
            }
        }
        newest.values().fold(LimitWaiting::default(), |all, wish| LimitWaiting {
            processes: all.processes + 1,
            calls: all.calls + wish.queue.calls,
            callers: all.callers + wish.queue.callers,
        })
    }
}

fn others<'w>(wishes: &'w [TurnWish], owner: &'w str) -> impl Iterator<Item = &'w TurnWish> {
    wishes.iter().filter(move |wish| wish.owner != owner)
}

#[cfg(test)]
mod tests {
    use super::super::application::{CallRank, Queue, TurnAnswer, TurnAsk};
    use super::super::kept::FailureKind;
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment(1_000_000).plus(Duration::from_secs(seconds))
    }

    fn limit(name: &str, most: u16) -> Limit {
        Limit { name: name.to_owned(), most }
    }

    #[test]
    fn who_waits_is_counted_by_limit_with_calls_and_callers() {
        let mut record = ApplicationRecord::default();
        let ask = |owner: &str, calls, callers| TurnAsk {
            owner: owner.to_owned(),
            limits: vec![limit("upload", 1), limit("manage", 50)],
            rank: CallRank::Single,
            ahead: 0,
            waiting: calls,
            source: 0,
            list: None,
            waited: Duration::ZERO,
            patience: Duration::from_secs(3600),
            queue: Queue { calls, callers },
        };
        assert!(matches!(record.turn(at(0), &ask("a", 1, 1)), TurnAnswer::Granted(_)));
        assert!(matches!(record.turn(at(1), &ask("b", 1, 1)), TurnAnswer::Later(_)));
        assert!(matches!(record.turn(at(2), &ask("b", 5, 2)), TurnAnswer::Later(_)), "renewed with more");
        assert!(matches!(record.turn(at(2), &ask("c", 1, 1)), TurnAnswer::Later(_)));
        let told = record.standing(at(2), &[limit("upload", 1), limit("other", 9)], "manage", "");
        let [upload, other] = &told.limits[..] else { panic!("{told:?}") };
        assert_eq!(upload.waiting, LimitWaiting { processes: 2, calls: 6, callers: 3 });
        assert_eq!((upload.left, other.left, other.is_in_use(), told.waiting), (0, 9, false, 2));
        let later = record.standing(at(6), &[limit("upload", 1)], "manage", "");
        assert_eq!(later.waiting, 0, "one who does not ask again is forgotten");
    }

    #[test]
    fn the_last_failure_of_each_api_is_kept() {
        let mut record = ApplicationRecord::default();
        let failure = |seconds, words: &str| KeptFailure {
            at: at(seconds),
            tool: "list_vendors".to_owned(),
            kind: FailureKind::Refused,
            status: Some(503),
            words: words.to_owned(),
        };
        record.fail("manage", failure(1, "first"));
        record.fail("manage", failure(2, "second"));
        record.fail("audit", failure(3, "other"));
        assert_eq!(record.standing(at(9), &[], "manage", "").failure, Some(failure(2, "second")));
        assert_eq!(record.standing(at(9), &[], "panel", "").failure, None);
        // A record of a newer version, with a kind that is not known here, loses nothing else.
        let newer = serde_json::to_string(&record).unwrap().replace("refused", "invented");
        let read: ApplicationRecord = serde_json::from_str(&newer).unwrap();
        assert_eq!(read.failed["audit"].kind, FailureKind::Other);
    }
}
