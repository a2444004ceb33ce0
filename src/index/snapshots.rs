//! A snapshot a day: numbers of the whole program, from lists that were read to their end.
//!
//! The API keeps no history, so what was not written down that day cannot be known later. A number that could not be read whole
//! is left out of its day.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::tenant::{TenantIndex, read, written};
use crate::api::SafeChange;

/// For how many days they are kept.
const KEPT: i32 = 400;

/// How many numbers a day can have, should an API one day invent kinds without end.
const MOST: usize = 400;

/// The one record.
const DAYS: &str = "days";

/// The numbers of one day, by name.
pub type DayOfNumbers = BTreeMap<String, u64>;

/// The snapshots that are kept.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Snapshots {
    /// The names of the numbers, once for all days.
    names: Vec<String>,
    /// For each day (`2026-11-28`, UTC) the numbers in the order of the names.
    days: BTreeMap<String, Vec<Option<u64>>>,
}

impl Snapshots {
    /// The first day of which there is one.
    #[must_use]
    pub fn first(&self) -> Option<Date> {
        self.days.keys().find_map(|day| day.parse().ok())
    }

    /// How many days there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.days.len()
    }

    /// The last day until this one of which there is one, and not before that other.
    #[must_use]
    pub fn last(&self, not_before: Date, until: Date) -> Option<Date> {
        self.days.range(not_before.to_string()..=until.to_string()).next_back()?.0.parse().ok()
    }

    /// The numbers of a day.
    #[must_use]
    pub fn of(&self, day: Date) -> DayOfNumbers {
        let numbers = self.days.get(&day.to_string());
        let named = self.names.iter().zip(numbers.into_iter().flatten());
        named.filter_map(|(name, number)| Some((name.clone(), (*number)?))).collect()
    }

    /// Adds the numbers of a day that it does not have yet. Whether there were any.
    fn add(&mut self, day: Date, numbers: &DayOfNumbers) -> bool {
        let mut is_new = false;
        for (name, number) in numbers {
            let at = match self.names.iter().position(|known| known == name) {
                Some(at) => at,
                None if self.names.len() < MOST => {
                    self.names.push(name.clone());
                    self.names.len() - 1
                }
                None => continue,
            };
            let of_day = self.days.entry(day.to_string()).or_default();
            if of_day.len() <= at {
                of_day.resize(at + 1, None);
            }
            if let Some(place) = of_day.get_mut(at).filter(|place| place.is_none()) {
                *place = Some(*number);
                is_new = true;
            }
        }
        let first = day.checked_sub(KEPT.days()).unwrap_or(Date::MIN).to_string();
        self.days.retain(|day, _| *day >= first);
        is_new
    }
}

impl TenantIndex {
    /// The snapshots that are kept.
    pub async fn snapshots(&self) -> Snapshots {
        let look = |_, content: Option<Vec<u8>>| SafeChange {
            content: None,
            answer: read::<Snapshots>(content.as_deref()).unwrap_or_default(),
        };
        self.days.change(DAYS, look).await
    }

    /// Keeps the numbers of a day; the first of each name counts.
    pub async fn keep_numbers(&self, day: Date, numbers: DayOfNumbers) {
        let add = move |_, content: Option<Vec<u8>>| {
            let mut kept: Snapshots = read(content.as_deref()).unwrap_or_default();
            let is_new = kept.add(day, &numbers);
            SafeChange { content: is_new.then(|| written(&kept)).flatten(), answer: () }
        };
        self.days.change(DAYS, add).await;
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn numbers(numbers: &[(&str, u64)]) -> DayOfNumbers {
        numbers.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect()
    }

    #[test]
    fn a_number_that_was_not_read_is_not_in_its_day() {
        let (monday, tuesday) = (date(2026, 11, 23), date(2026, 11, 24));
        let mut kept = Snapshots::default();
        assert!(kept.add(monday, &numbers(&[("a", 1)])));
        assert!(kept.add(tuesday, &numbers(&[("b", 2)])));
        assert!(kept.add(monday, &numbers(&[("b", 3), ("a", 9)])), "the first of each name counts");
        assert!(!kept.add(monday, &numbers(&[("a", 9)])));
        assert_eq!(kept.of(monday), numbers(&[("a", 1), ("b", 3)]));
        assert_eq!(kept.of(tuesday), numbers(&[("b", 2)]));
        assert_eq!((kept.first(), kept.count()), (Some(monday), 2));
        assert_eq!(kept.last(monday, date(2026, 11, 30)), Some(tuesday));
        assert_eq!(kept.last(date(2026, 11, 25), date(2026, 11, 30)), None);
    }

    #[test]
    fn days_are_kept_for_a_little_more_than_a_year() {
        let mut kept = Snapshots::default();
        kept.add(date(2025, 1, 1), &numbers(&[("a", 1)]));
        kept.add(date(2026, 2, 5), &numbers(&[("a", 2)]));
        assert_eq!(kept.count(), 2);
        kept.add(date(2026, 2, 6), &numbers(&[("a", 3)]));
        assert_eq!(kept.first(), Some(date(2026, 2, 5)));
    }

    #[test]
    fn a_year_is_small() {
        let mut kept = Snapshots::default();
        let names: Vec<String> = (0..120).map(|n| format!("a.number.of.usual.length.{n}")).collect();
        let mut day = date(2026, 1, 1);
        for n in 0..365 {
            kept.add(day, &names.iter().map(|name| (name.clone(), n)).collect());
            day = day.tomorrow().unwrap();
        }
        assert!(serde_json::to_vec(&kept).unwrap().len() < 300_000);
    }
}
