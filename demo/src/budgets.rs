//! Requests per minute: a sliding window per application, and one for token requests.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

use super::Limits;
use super::tokens::Application;

const WINDOW: Duration = Duration::from_secs(60);

/// What a request counts against.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Token,
    Api(Application),
}

impl Counted {
    fn per_minute(self) -> usize {
        match self {
            Self::Token => 5,
            Self::Api(Application::Connectors) => 20,
            Self::Api(Application::Manage) => 50,
            Self::Api(Application::Audit) => 250,
        }
    }
}

pub(super) struct Budgets {
    limits: Limits,
    spent: Vec<(Counted, VecDeque<Timestamp>)>,
}

impl Budgets {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, spent: Vec::new() }
    }

    /// Counts one request, or says how long to wait, in whole seconds. A refused request does not count.
    pub(super) fn spend(&mut self, on: Counted, now: Timestamp) -> Result<(), Duration> {
        if self.limits == Limits::Off {
            return Ok(());
        }
        if !self.spent.iter().any(|(counted, _)| *counted == on) {
            self.spent.push((on, VecDeque::new()));
        }
        let Some((_, times)) = self.spent.iter_mut().find(|(counted, _)| *counted == on) else {
            return Ok(());
        };
        while times.front().is_some_and(|first| age(*first, now) >= WINDOW) {
            times.pop_front();
        }
        match times.front() {
            Some(first) if times.len() >= on.per_minute() => {
                let left = WINDOW.saturating_sub(age(*first, now));
                Err(Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0)))
            }
            _ => {
                times.push_back(now);
                Ok(())
            }
        }
    }
}

fn age(first: Timestamp, now: Timestamp) -> Duration {
    now.duration_since(first).try_into().unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod checks {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    #[test]
    fn the_sixth_token_request_of_a_minute_waits_for_the_first_to_age() {
        let mut budgets = Budgets::new(Limits::Enforced);
        for second in 0..5 {
            assert!(budgets.spend(Counted::Token, at(second)).is_ok());
        }
        assert_eq!(budgets.spend(Counted::Token, at(10)), Err(Duration::from_secs(50)));
        assert!(budgets.spend(Counted::Api(Application::Manage), at(10)).is_ok());
        assert!(budgets.spend(Counted::Token, at(60)).is_ok());
        assert_eq!(budgets.spend(Counted::Token, at(60)), Err(Duration::from_secs(1)));
    }

    #[test]
    fn each_api_has_its_own_budget() {
        for (api, allowed) in
            [(Application::Connectors, 20), (Application::Manage, 50), (Application::Audit, 250)]
        {
            let mut budgets = Budgets::new(Limits::Enforced);
            let passed = (0..300).filter(|_| budgets.spend(Counted::Api(api), at(0)).is_ok()).count();
            assert_eq!(passed, allowed);
        }
    }

    #[test]
    fn without_limits_nothing_is_refused() {
        let mut budgets = Budgets::new(Limits::Off);
        assert!((0..100).all(|_| budgets.spend(Counted::Token, at(0)).is_ok()));
    }
}
