//! Changes that are made with an application, so that nobody answers with what was read before. Pure, like the rest of the
//! record.

use std::time::Duration;

use super::application::ApplicationRecord;
use super::kept::ChangeUnderWay;
use super::store::Moment;

impl ApplicationRecord {
    /// A change begins, which is over after so long at the latest. No two have the same name.
    pub fn begin_change(&mut self, now: Moment, change: &str, lasts: Duration) {
        self.changing.push(ChangeUnderWay { change: change.to_owned(), until: now.plus(lasts) });
    }

    /// A change is over, and may have been made.
    pub fn changed(&mut self, change: &str) {
        self.changing.retain(|one| one.change != change);
        self.changes = self.changes.wrapping_add(1);
    }

    /// A change was not made.
    pub fn not_changed(&mut self, change: &str) {
        self.changing.retain(|one| one.change != change);
    }

    /// How many changes have been made; `None` while one is under way, since what is read meanwhile may be of before or after
    /// it.
    pub fn changes(&mut self, now: Moment) -> Option<u64> {
        let before = self.changing.len();
        self.changing.retain(|one| one.until > now);
        if self.changing.len() < before {
            self.changes = self.changes.wrapping_add(1);
        }
        self.changing.is_empty().then_some(self.changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment(1_000_000).plus(Duration::from_secs(seconds))
    }

    #[test]
    fn while_something_changes_nothing_is_known_and_afterwards_it_is_another_state() {
        let mut record = ApplicationRecord::default();
        assert_eq!(record.changes(at(0)), Some(0));
        record.begin_change(at(0), "a-1", Duration::from_secs(10));
        record.begin_change(at(1), "b-1", Duration::from_secs(10));
        assert_eq!(record.changes(at(2)), None);
        record.changed("a-1");
        assert_eq!(record.changes(at(3)), None, "the other is still being made");
        record.not_changed("b-1");
        assert_eq!(record.changes(at(4)), Some(1));
    }

    #[test]
    fn one_who_is_killed_while_it_changes_something_may_have_changed_it() {
        let mut record = ApplicationRecord::default();
        record.begin_change(at(0), "a-1", Duration::from_secs(10));
        assert_eq!(record.changes(at(9)), None);
        assert_eq!(record.changes(at(10)), Some(1));
    }
}
