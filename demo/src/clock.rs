//! The tenant's clock, and dates as Vanta writes them.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// Runs on from the start time that the tenant was given.
pub(super) struct Clock {
    start: Timestamp,
    since: Instant,
    /// By how many seconds it was put forward since.
    forward: AtomicI64,
}

impl Clock {
    pub(super) fn start(start: Timestamp) -> Self {
        Self { start, since: Instant::now(), forward: AtomicI64::new(0) }
    }

    pub(super) fn now(&self) -> Timestamp {
        let forward = SignedDuration::from_secs(self.forward.load(Ordering::Relaxed));
        let now = self.start.checked_add(self.since.elapsed()).unwrap_or(self.start);
        now.checked_add(forward).unwrap_or(now)
    }

    /// From now on it is so many seconds later.
    pub(super) fn put_forward(&self, seconds: i64) {
        self.forward.fetch_add(seconds, Ordering::Relaxed);
    }

    /// How long it has run.
    pub(super) fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }
}

/// As a `Date` header has it (RFC 9110 section 5.6.7).
pub(super) fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// RFC 3339 in UTC with milliseconds: `2026-11-22T02:18:06.000Z`.
pub(super) fn iso(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// The moment `days` after `from`, before it where negative.
pub(super) fn after_days(from: Timestamp, days: i64) -> Timestamp {
    from.checked_add(SignedDuration::from_hours(days.saturating_mul(24))).unwrap_or(from)
}

/// [`iso`] of [`after_days`].
pub(super) fn iso_days(from: Timestamp, days: i64) -> String {
    iso(after_days(from, days))
}

/// A date or a moment as clients send it: `2026-11-22` or RFC 3339.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| format!("{text}T00:00:00Z").parse().ok())
}
