//! What time it is upstream, by the `Date` of its answers (RFC 9110 section 6.6.1): this machine's own clock may be wrong, and
//! what is kept has to be dated alike by all who keep it.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{AGE, DATE, HeaderMap};

/// Nothing has been heard yet.
const UNKNOWN: i64 = i64::MIN;

/// A difference of so many seconds is that of the way and of rounding.
const ROUNDING: u64 = 5;

/// How far an upstream's clock is ahead of this machine's.
pub(super) struct UpstreamClock {
    /// In seconds.
    ahead: AtomicI64,
}

impl UpstreamClock {
    pub(super) fn new() -> Self {
        Self { ahead: AtomicI64::new(UNKNOWN) }
    }

    /// Takes note of an answer that came at this time of the machine's clock. One that lay in a cache tells of another time.
    pub(super) fn hears(&self, headers: &HeaderMap, now: Timestamp) {
        let date = headers.get(DATE).filter(|_| !headers.contains_key(AGE));
        let date = date.and_then(|date| date.to_str().ok());
        let parse = |text: &str| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
        let Some(date) = date.and_then(parse) else { return };
        let ahead = date.as_second().saturating_sub(now.as_second());
        let known = self.ahead().unwrap_or_default();
        // So that what is dated in turn stays in turn, it is the same until it is certainly another.
        let ahead = if ahead.abs_diff(known) <= ROUNDING { known } else { ahead };
        self.ahead.store(ahead, Ordering::Relaxed);
    }

    /// In seconds; none before the first answer.
    pub(super) fn ahead(&self) -> Option<i64> {
        Some(self.ahead.load(Ordering::Relaxed)).filter(|ahead| *ahead != UNKNOWN)
    }

    /// Now, upstream.
    pub(super) fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.ahead().unwrap_or_default());
        let now = Timestamp::now();
        now.checked_add(ahead).unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn heard(clock: &UpstreamClock, date: &str, now: &str) -> Option<i64> {
        let headers = HeaderMap::from_iter([(DATE, HeaderValue::from_str(date).unwrap())]);
        clock.hears(&headers, now.parse().unwrap());
        clock.ahead()
    }

    #[test]
    fn a_clock_that_is_wrong_is_known_by_the_answers() {
        let clock = UpstreamClock::new();
        let date = "Sun, 29 Nov 2026 12:00:00 GMT";
        assert_eq!(heard(&clock, "soon", "2026-11-29T12:00:00Z"), None);
        assert_eq!(heard(&clock, date, "2026-11-29T12:00:03Z"), Some(0), "that is the way");
        assert_eq!(heard(&clock, date, "2026-11-28T12:00:00Z"), Some(86_400));
        assert_eq!(heard(&clock, date, "2026-11-28T12:00:04Z"), Some(86_400), "it stays as it is");
        assert_eq!(heard(&clock, date, "2026-11-30T12:00:00Z"), Some(-86_400));
        let mut cached =
            HeaderMap::from_iter([(DATE, HeaderValue::from_static("Sun, 29 Nov 2026 12:00:00 GMT"))]);
        cached.insert(AGE, HeaderValue::from_static("90000"));
        clock.hears(&cached, "2026-11-29T12:00:00Z".parse().unwrap());
        assert_eq!(clock.ahead(), Some(-86_400), "what lay in a cache tells nothing");
    }
}
