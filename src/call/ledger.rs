//! What the requests of one call cost together, whatever became of them.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use crate::api::Spent;

/// What a call has cost so far. Cloning is cheap, and all clones tell the same.
#[derive(Clone, Default)]
pub struct Ledger(Arc<Mutex<Tally>>);

#[derive(Default)]
struct Tally {
    spent: Option<Spent>,
    /// Until when it waited: of what waits at the same time, no wait counts twice.
    waited_until: Option<Instant>,
}

impl Ledger {
    /// Enters what a request cost that began then.
    pub(super) fn enter(&self, began: Instant, spent: &Spent) {
        let mut tally = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let end = began.checked_add(spent.waited).unwrap_or(began);
        let counted = tally.waited_until.map_or(began, |until| until.max(began));
        let mut spent = spent.clone();
        spent.waited = end.saturating_duration_since(counted);
        tally.waited_until = Some(counted.max(end));
        tally.spent = Some(match tally.spent.take() {
            Some(before) => before.and(spent),
            None => spent,
        });
    }

    /// All of it; nothing where no request was made.
    #[must_use]
    pub fn total(&self) -> Spent {
        let tally = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tally.spent.clone().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_waits_at_the_same_time_waits_once() {
        let ledger = Ledger::default();
        assert_eq!(ledger.total(), Spent::default());
        let began = Instant::now();
        let second = Duration::from_secs(1);
        let waits = |waited, repeated| {
            let mut spent = Spent::default();
            (spent.waited, spent.repeated) = (waited, repeated);
            spent
        };
        ledger.enter(began, &waits(4 * second, 1));
        ledger.enter(began, &waits(5 * second, 0));
        ledger.enter(began + second, &waits(second, 0));
        ledger.enter(began + 10 * second, &waits(2 * second, 1));
        assert_eq!(ledger.total(), waits(7 * second, 2));
    }
}
