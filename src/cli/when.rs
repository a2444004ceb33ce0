//! Dates as a person reads them: the day, and how far it is from today. Days and times are UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Up to how many days are told as days.
const DAYS: i32 = 60;

/// Up to how many are told as months.
const MONTHS: i32 = 730;

/// A date in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ToldDate {
    /// `26 Nov 2026`
    pub(super) day: String,
    /// `26 Nov 2026 (2 days ago)`; for today the time in place of the distance.
    pub(super) near: String,
    /// `26 Nov 2026, 11:08 UTC (2 days ago)`
    pub(super) whole: String,
}

impl ToldDate {
    /// Of a text that is a date or a moment as APIs write them; none of anything else.
    pub(super) fn of(text: &str, now: Timestamp) -> Option<Self> {
        let digits =
            |range| text.get(range).is_some_and(|part: &str| part.bytes().all(|b| b.is_ascii_digit()));
        if !(digits(0..4) && digits(5..7) && digits(8..10)) {
            return None;
        }
        let utc = |moment: Timestamp| moment.to_zoned(TimeZone::UTC);
        let (date, time) = if text.len() == 10 {
            (text.parse().ok()?, None)
        } else {
            let moment = utc(text.parse().ok()?);
            (moment.date(), Some(moment.strftime("%H:%M UTC").to_string()))
        };
        let days = (date - utc(now).date()).get_days();
        let day = date.strftime("%-d %b %Y").to_string();
        let far = distance(days);
        let at = time.as_ref().map(|time| format!(", {time}")).unwrap_or_default();
        let near = match &time {
            Some(time) if days == 0 => format!("{day}, {time}"),
            _ => format!("{day} ({far})"),
        };
        Some(Self { near, whole: format!("{day}{at} ({far})"), day })
    }
}

/// How far a day is from today.
fn distance(days: i32) -> String {
    let (count, unit) = match days.abs() {
        0 => return "today".to_owned(),
        1 => return if days > 0 { "tomorrow" } else { "yesterday" }.to_owned(),
        far if far <= DAYS => (far, "days"),
        far if far <= MONTHS => ((far * 12 + 183) / 365, "months"),
        far => (far * 4 / 1461, "years"),
    };
    if days > 0 { format!("in {count} {unit}") } else { format!("{count} {unit} ago") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_told_with_its_distance() {
        let now: Timestamp = "2026-11-28T11:08:00Z".parse().unwrap();
        for (text, near, whole) in [
            ("2026-11-26T11:08:16.292Z", "26 Nov 2026 (2 days ago)", "26 Nov 2026, 11:08 UTC (2 days ago)"),
            ("2026-12-03T00:30:00+02:00", "2 Dec 2026 (in 4 days)", "2 Dec 2026, 22:30 UTC (in 4 days)"),
            ("2026-11-28T23:59:59Z", "28 Nov 2026, 23:59 UTC", "28 Nov 2026, 23:59 UTC (today)"),
            ("2026-11-28", "28 Nov 2026 (today)", "28 Nov 2026 (today)"),
            ("2026-11-27", "27 Nov 2026 (yesterday)", "27 Nov 2026 (yesterday)"),
            ("2026-11-29T00:00:00Z", "29 Nov 2026 (tomorrow)", "29 Nov 2026, 00:00 UTC (tomorrow)"),
            ("2027-02-28", "28 Feb 2027 (in 3 months)", "28 Feb 2027 (in 3 months)"),
            ("2020-05-03", "3 May 2020 (6 years ago)", "3 May 2020 (6 years ago)"),
            ("2022-10-30T11:18:21Z", "30 Oct 2022 (4 years ago)", "30 Oct 2022, 11:18 UTC (4 years ago)"),
        ] {
            let told = ToldDate::of(text, now).unwrap();
            assert_eq!((&*told.near, &*told.whole), (near, whole), "{text}");
        }
        for text in ["", "2026", "2026-13-01", "2026-11-26 and later", "12345678901", "CVE-2026-95204"] {
            assert_eq!(ToldDate::of(text, now), None, "{text}");
        }
    }
}
