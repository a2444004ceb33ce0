//! When a token expires.

use std::fmt;
use std::time::SystemTime;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use toml::value::Datetime;

/// When a token expires. A date alone is its first moment in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Datetime", into = "Datetime")]
pub struct Expiry {
    written: Datetime,
    at: Timestamp,
}

impl TryFrom<Datetime> for Expiry {
    type Error = &'static str;

    fn try_from(written: Datetime) -> Result<Self, Self::Error> {
        let at = match (written.date, written.time, written.offset) {
            (Some(_), Some(_), Some(_)) => written.to_string().parse(),
            (Some(_), None, None) => format!("{written}T00:00:00Z").parse(),
            // A time without an offset is another one on each machine.
            _ => return Err("`expires` must be a date, or a date and time with an offset"),
        };
        at.map(|at| Self { written, at }).map_err(|_| "`expires` is a date that does not exist")
    }
}

impl From<Expiry> for Datetime {
    fn from(expiry: Expiry) -> Self {
        expiry.written
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written.fmt(f)
    }
}

impl Expiry {
    /// The time that a person means who says `90d`, `2027-01-31` or `2027-01-31T12:00:00Z`; none where that is no time
    /// after `now`.
    #[must_use]
    pub fn meant(text: &str, now: Timestamp) -> Option<Self> {
        let text = text.trim();
        let written = match seconds(text) {
            Some(seconds) => Timestamp::from_second(now.as_second().checked_add(seconds)?)
                .ok()?
                .to_string()
                .parse()
                .ok()?,
            None => text.parse::<Datetime>().ok()?,
        };
        Self::try_from(written).ok().filter(|expiry| expiry.at > now)
    }

    /// The same for the clock.
    #[must_use]
    pub fn at(&self) -> SystemTime {
        self.at.into()
    }
}

/// How long `90d` is: whole minutes, hours, days or weeks.
fn seconds(text: &str) -> Option<i64> {
    let unit = text.chars().next_back()?;
    let each = match unit {
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        'w' => 7 * 24 * 60 * 60,
        _ => return None,
    };
    let count: u32 = text.strip_suffix(unit)?.parse().ok()?;
    i64::from(count).checked_mul(each)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_how_long_or_until_when() {
        let now: Timestamp = "2026-11-01T10:00:00Z".parse().unwrap();
        let meant = |text: &str| Expiry::meant(text, now).map(|expiry| (expiry.to_string(), expiry.at));
        for (text, written, at) in [
            ("90d", "2027-01-30T10:00:00Z", "2027-01-30T10:00:00Z"),
            ("12h", "2026-11-01T22:00:00Z", "2026-11-01T22:00:00Z"),
            ("30m", "2026-11-01T10:30:00Z", "2026-11-01T10:30:00Z"),
            ("2w", "2026-11-15T10:00:00Z", "2026-11-15T10:00:00Z"),
            ("2027-01-31", "2027-01-31", "2027-01-31T00:00:00Z"),
            ("2027-01-31T12:00:00+02:00", "2027-01-31T12:00:00+02:00", "2027-01-31T10:00:00Z"),
        ] {
            assert_eq!(meant(text), Some((written.to_owned(), at.parse().unwrap())), "{text}");
        }
        for wrong in [
            "",
            "d",
            "0d",
            "-1d",
            "90",
            "90y",
            "2026-11-01",
            "2027-01-31T12:00:00",
            "12:00:00",
            "4000000000w",
            "9d\u{e9}",
        ] {
            assert_eq!(meant(wrong), None, "{wrong}");
        }
    }
}
