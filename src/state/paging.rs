//! How fast the pages of collections are sent: as fast as the limit allows while nobody else calls, and so that single calls
//! find room where there are any. Pure, like the rest of the record.

use super::application::{ApplicationRecord, CallRank, Limit, SPAN, TurnAsk};
use super::store::Moment;
use super::turn::{OthersBeside, SingleCall, TurnWish};

/// How long a single call is remembered, in spans of a minute: whoever made it may call again.
const REMEMBERED: u32 = 2;

/// How many single calls are remembered: more make no difference.
const MOST_REMEMBERED: usize = 8;

impl ApplicationRecord {
    /// Who called beside a collection lately, or waits. What turned out to be the first page of a collection is not counted.
    pub(super) fn others(&self, limit: &Limit, ask: &TurnAsk) -> OthersBeside {
        if ask.rank == CallRank::Single {
            return OthersBeside::Nobody;
        }
        let is_waiting =
            |wish: &TurnWish| wish.rank == CallRank::Single && wish.limit == limit.name && wish.waiting > 0;
        let singles = self.singles.get(&limit.name);
        let counts = |single: &SingleCall| single.beside || single.source != ask.source;
        if self.wishes.iter().any(is_waiting) || singles.is_some_and(|singles| singles.iter().any(counts)) {
            return OthersBeside::Somebody;
        }
        if singles.is_some() { OthersBeside::ItsCaller } else { OthersBeside::Nobody }
    }

    /// When the next page may be sent, where others call. Were pages sent as fast as they may be, all turns would come free at
    /// once a minute later, and single calls would wait for that long. So all but a quarter of them are spread over the time
    /// until the next turn comes free. `most` is what pages may have of the limit.
    pub(super) fn next_page(&self, limit: &Limit, sent: &[Moment], most: usize) -> Option<Moment> {
        let (last, oldest) = (self.paged.get(&limit.name)?, sent.first()?);
        if sent.len() < most / 4 {
            return None;
        }
        let left = u32::try_from(most.saturating_sub(sent.len())).unwrap_or(u32::MAX).max(1);
        Some(last.plus(last.until(oldest.plus(SPAN)) / left))
    }

    /// Notes what a turn was for.
    pub(super) fn note(&mut self, now: Moment, limit: &str, ask: &TurnAsk) {
        match ask.rank {
            CallRank::Page => {
                self.paged.insert(limit.to_owned(), now);
                if let Some(singles) = self.singles.get_mut(limit) {
                    singles.retain(|single| single.list.is_none() || single.list != ask.list);
                    if singles.is_empty() {
                        self.singles.remove(limit);
                    }
                }
            }
            CallRank::Single => {
                let beside = self.paged.contains_key(limit);
                let singles = self.singles.entry(limit.to_owned()).or_default();
                if singles.len() == MOST_REMEMBERED {
                    singles.remove(0);
                }
                singles.push(SingleCall { at: now, list: ask.list, source: ask.source, beside });
            }
        }
    }

    pub(super) fn forget_pages(&mut self, now: Moment) {
        self.paged.retain(|_, at| at.plus(SPAN) > now);
        for singles in self.singles.values_mut() {
            singles.retain(|single| single.at.plus(SPAN * REMEMBERED) > now && single.at <= now.plus(SPAN));
        }
        self.singles.retain(|_, singles| !singles.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::application::{Queue, TurnAnswer};
    use super::*;

    /// A list that is read.
    const LIST: u64 = 7;

    fn ask(rank: CallRank, most: u16) -> TurnAsk {
        TurnAsk {
            owner: "a".to_owned(),
            limits: vec![Limit { name: "manage".to_owned(), most }],
            rank,
            source: 0,
            list: Some(LIST).filter(|_| rank == CallRank::Page),
            ahead: 0,
            waiting: 1,
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
                TurnAnswer::Later(wait) => now += wait.after.as_secs_f64().min(1.0),
            }
            assert!(now < from + 3600.0, "no turn in an hour");
        }
    }

    /// When each page of a collection is sent that nobody else calls beside, its first page like any call.
    fn alone(record: &mut ApplicationRecord, from: f64, pages: usize, most: u16) -> Vec<f64> {
        let first = TurnAsk { list: Some(LIST), ..ask(CallRank::Single, most) };
        let mut now = waited(record, from, &first);
        let mut sent = vec![now - from];
        for _ in 1..pages {
            now = waited(record, now + 0.01, &ask(CallRank::Page, most));
            sent.push(now - from);
        }
        sent
    }

    #[test]
    fn a_collection_alone_takes_no_longer_than_its_limit_makes_it() {
        for (pages, most) in [(50, 50), (100, 50), (200, 50), (1000, 50), (250, 250), (1000, 250)] {
            let sent = alone(&mut ApplicationRecord::default(), 0.0, pages, most);
            let minutes = (pages - 1) / usize::from(most);
            let shortest = 60.0 * f64::from(u32::try_from(minutes).unwrap());
            let took = sent.last().unwrap();
            let own = 0.01 * f64::from(most);
            assert!(took - own <= shortest * 1.05, "{pages} pages of {most} a minute took {took} s");
            for (index, first) in sent.iter().enumerate() {
                let in_a_minute = sent[index..].iter().filter(|at| *at - first < 60.0).count();
                assert!(in_a_minute <= usize::from(most));
            }
        }
    }

    #[test]
    fn a_collection_leaves_room_for_single_calls() {
        for between in [4.0, 10.0, 30.0] {
            let mut record = ApplicationRecord::default();
            let page = ask(CallRank::Page, 50);
            let single = TurnAsk { source: 1, ..ask(CallRank::Single, 50) };
            let (mut next_page, mut next_single) = (0.0, 0.0);
            let mut waits = Vec::new();
            let mut pages = 0;
            while next_page < 600.0 {
                if next_single <= next_page {
                    let got = waited(&mut record, next_page, &single);
                    waits.push(got - next_page);
                    next_page = next_page.max(got);
                    next_single = got + between;
                }
                match record.turn(at(next_page), &page) {
                    TurnAnswer::Granted(_) => {
                        pages += 1;
                        next_page += 0.02;
                    }
                    TurnAnswer::Later(wait) => next_page += wait.after.as_secs_f64().min(1.0),
                }
            }
            waits.sort_by(f64::total_cmp);
            assert!(waits[waits.len() / 2] < 1.0, "each {between} s: {waits:?}");
            assert!(waits.last().unwrap() < &5.0, "each {between} s: {waits:?}");
            assert!(pages > 290, "{pages} pages in ten minutes, with a single call each {between} s");
        }
    }

    /// It comes when the minute is spent and has to wait for the next; from then on there is room.
    #[test]
    fn whoever_comes_in_the_middle_of_a_collection_waits_once() {
        let mut record = ApplicationRecord::default();
        let spent = *alone(&mut record, 0.0, 50, 50).last().unwrap();
        let single = ask(CallRank::Single, 50);
        let first = waited(&mut record, spent + 5.0, &single);
        assert!((60.0..63.0).contains(&first), "{first}");
        let mut now = first;
        let mut next = first + 10.0;
        while now < first + 120.0 {
            if next <= now {
                let got = waited(&mut record, now, &single);
                assert!(got - now < 2.0, "{} s", got - now);
                next = got + 10.0;
            }
            now = waited(&mut record, now + 0.02, &ask(CallRank::Page, 50)).min(next.max(now + 0.02));
        }
    }

    #[test]
    fn a_page_that_cannot_wait_has_all_that_single_calls_leave() {
        let page = TurnAsk { patience: Duration::ZERO, ..ask(CallRank::Page, 50) };
        let sent = |record: &mut ApplicationRecord| {
            (0..60).filter(|_| matches!(record.turn(at(0.0), &page), TurnAnswer::Granted(_))).count()
        };
        assert_eq!(sent(&mut ApplicationRecord::default()), 50, "nobody else calls");
        let mut record = ApplicationRecord::default();
        for _ in 0..3 {
            assert!(matches!(record.turn(at(0.0), &ask(CallRank::Single, 50)), TurnAnswer::Granted(_)));
        }
        assert_eq!(sent(&mut record), 42, "of 50 three are spent, and five left");
    }

    /// Whoever looks at this and that, and then reads a whole list, waits for nobody.
    #[test]
    fn what_its_own_caller_called_before_does_not_slow_a_collection_down() {
        let mut record = ApplicationRecord::default();
        for call in 0..4 {
            waited(&mut record, f64::from(call), &ask(CallRank::Single, 50));
        }
        let sent = alone(&mut record, 5.0, 41, 50);
        assert!(*sent.last().unwrap() < 1.0, "{sent:?}");
        let other = TurnAsk { source: 1, ..ask(CallRank::Single, 50) };
        assert!(waited(&mut record, 6.0, &other) < 6.1, "and somebody else finds room");
    }
}
