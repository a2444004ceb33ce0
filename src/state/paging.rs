//! How fast the pages of collections are sent: as fast as the limit allows while nobody else calls, and so that single calls
//! find room where there are any. Pure, like the rest of the record.

use super::application::{ApplicationRecord, CallRank, Limit, SPAN, TurnAsk};
use super::store::Moment;
use super::turn::{SingleCall, TurnWish};

/// How long a single call is remembered, in spans of a minute: whoever made it may call again.
const REMEMBERED: u32 = 2;

/// How many single calls are remembered: more make no difference.
const MOST_REMEMBERED: usize = 8;

impl ApplicationRecord {
    /// How many single calls there were lately, or are waiting, beside the collections. What turned out to be the first page
    /// of a collection is none of them.
    pub(super) fn singles_beside(&self, limit: &Limit) -> usize {
        let is_waiting =
            |wish: &&TurnWish| wish.rank == CallRank::Single && wish.limit == limit.name && wish.waiting > 0;
        let waiting = self.wishes.iter().filter(is_waiting).count();
        self.singles.get(&limit.name).map_or(0, Vec::len) + waiting
    }

    /// When the next page may be sent, where pages are paced. Were they sent as fast as they may be, all turns would come free
    /// at once a minute later, and single calls would wait for that long. So the more of those there are, the sooner what is
    /// left is spread over the time until the next turn comes free. `most` is what pages may have of the limit.
    pub(super) fn next_page(
        &self,
        limit: &Limit,
        sent: &[Moment],
        most: usize,
        singles: usize,
    ) -> Option<Moment> {
        let at_once = match singles {
            0 | 1 => return None,
            2 => most / 2,
            _ => most / 4,
        };
        let (last, oldest) = (self.paged.get(&limit.name)?, sent.first()?);
        if sent.len() < at_once {
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
                }
            }
            CallRank::Single => {
                let singles = self.singles.entry(limit.to_owned()).or_default();
                if singles.len() == MOST_REMEMBERED {
                    singles.remove(0);
                }
                singles.push(SingleCall { at: now, list: ask.list });
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
            let (page, single) = (ask(CallRank::Page, 50), ask(CallRank::Single, 50));
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
            // Whoever called once finds room for a few; only from then on it is known that there are more.
            let long = waits.iter().filter(|wait| **wait > 5.0).count();
            assert!(long <= 2, "each {between} s: {waits:?}");
            assert!(pages > 300, "{pages} pages in ten minutes, with a single call each {between} s");
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
}
