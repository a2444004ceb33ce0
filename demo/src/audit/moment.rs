//! Instants as the audit API writes and reads them.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};

/// An instant, written as RFC 3339 in UTC with milliseconds: `2026-03-07T21:25:56.000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(Timestamp);

impl Moment {
    pub(super) fn new(at: Timestamp) -> Self {
        Self(at)
    }

    /// Reads an RFC 3339 timestamp, or a bare date as midnight UTC; `None` for anything else.
    pub(super) fn read(text: &str) -> Option<Self> {
        text.parse().or_else(|_| format!("{text}T00:00:00Z").parse()).ok().map(Self)
    }

    /// So many hours later, earlier where negative; stays where the calendar ends.
    pub(super) fn plus_hours(self, hours: i64) -> Self {
        self.plus(SignedDuration::from_hours(hours))
    }

    /// So many days of 24 hours later, earlier where negative.
    pub(super) fn plus_days(self, days: i64) -> Self {
        self.plus_hours(days.saturating_mul(24))
    }

    /// Moved by the distance from `old` to `new`: how dates follow an audit window.
    pub(super) fn moved_along(self, old: Self, new: Self) -> Self {
        self.plus(new.0.duration_since(old.0))
    }

    /// Whole seconds since 1970.
    pub(super) fn seconds(self) -> i64 {
        self.0.as_second()
    }

    /// The calendar year in UTC, for display names: `2026`.
    pub(super) fn year(self) -> String {
        self.to_string().chars().take_while(char::is_ascii_digit).collect()
    }

    fn plus(self, distance: SignedDuration) -> Self {
        Self(self.0.checked_add(distance).unwrap_or(self.0))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:.3}", self.0)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
