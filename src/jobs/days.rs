//! Dates as the API gives them, and as an answer shows them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::state::Moment;

/// The day of a moment or day as the API writes it, UTC; `None` where it is neither.
#[must_use]
pub fn day(text: &str) -> Option<Date> {
    let moment = text.parse::<Timestamp>().map(|moment| moment.to_zoned(TimeZone::UTC).date());
    moment.or_else(|_| text.get(..10).unwrap_or(text).parse::<Date>()).ok()
}

/// The moment that is written there; a day alone is its start in UTC.
#[must_use]
pub fn moment(text: &str) -> Option<Timestamp> {
    let start = || Some(day(text)?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    text.parse::<Timestamp>().ok().or_else(start)
}

/// The day for what may be missing, as an answer shows it: `2026-11-28`.
#[must_use]
pub fn shown(text: Option<&str>) -> Option<String> {
    text.and_then(day).map(|day| day.to_string())
}

/// A time of looking to the minute: `2026-11-28T07:12Z`.
#[must_use]
pub fn minute(at: Moment) -> String {
    let Ok(at) = Timestamp::from_millisecond(at.0) else { return String::new() };
    at.strftime("%Y-%m-%dT%H:%MZ").to_string()
}

/// How many days it is from one day to another; fewer than none where that was before.
#[must_use]
pub fn between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// The day so many days later, or the last that there is.
#[must_use]
pub fn after(from: Date, days: u32) -> Date {
    from.checked_add(i64::from(days).days()).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_moment_is_on_its_day_in_utc() {
        assert_eq!(day("2026-11-28T23:30:00Z"), Some(date(2026, 11, 28)));
        assert_eq!(day("2026-11-28T23:30:00-02:00"), Some(date(2026, 11, 29)));
        assert_eq!(day("2026-11-28"), Some(date(2026, 11, 28)));
        assert_eq!(day("soon"), None);
        let start = "2026-11-28T00:00:00Z".parse().ok();
        assert_eq!((moment("2026-11-28"), moment("2026-11-28T02:00:00+02:00")), (start, start));
        assert_eq!(moment("soon"), None);
        assert_eq!(shown(Some("2026-11-28T00:00:00.000Z")).as_deref(), Some("2026-11-28"));
    }

    #[test]
    fn days_are_counted_both_ways() {
        let (today, later) = (date(2026, 11, 28), date(2026, 12, 3));
        assert_eq!((between(today, later), between(later, today)), (5, -5));
        assert_eq!(after(today, 5), later);
    }
}
