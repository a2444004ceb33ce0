//! Dates and times in arguments. An API wants a moment (RFC 3339); people and models often give the day alone, which is
//! taken as its start in UTC and said so. What is no date, and what could be several moments, is not sent.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::meant::beside_null;

/// A text where a moment is due.
enum Given {
    /// A moment, in the form that every API reads.
    Moment,
    /// One in another form of the same meaning.
    Otherwise(Timestamp),
    /// A day.
    Day(Date),
    /// A time of day without its offset to UTC.
    Floating,
    /// Written like a day that no calendar has.
    NoSuchDay,
    /// None of them.
    Nothing,
}

impl Given {
    fn read(text: &str) -> Self {
        let plain = text.trim();
        if let Some(day) = day(plain) {
            return Self::Day(day);
        }
        let bytes = plain.as_bytes();
        if plain.get(..10).is_some_and(|text| is_written_as_day(text) && day(text).is_none()) {
            return Self::NoSuchDay;
        }
        // What begins with a day in four, two and two digits and a separator is a date and a time.
        let has_time = bytes.get(10).is_some_and(|byte| matches!(byte, b'T' | b't' | b' '));
        if !has_time || plain.get(..10).and_then(day).is_none() || plain.contains('[') {
            return Self::Nothing;
        }
        match plain.parse::<Timestamp>() {
            Ok(_) if is_plain_moment(text) => Self::Moment,
            Ok(moment) => Self::Otherwise(moment),
            Err(_) if plain.parse::<jiff::civil::DateTime>().is_ok() => Self::Floating,
            Err(_) => Self::Nothing,
        }
    }

    /// What is sent in its place.
    fn replacement(&self) -> Option<String> {
        match self {
            Self::Day(day) => Some(format!("{day}T00:00:00Z")),
            Self::Otherwise(moment) => Some(moment.to_string()),
            Self::Moment | Self::Floating | Self::NoSuchDay | Self::Nothing => None,
        }
    }
}

/// `2026-03-31`, and no other way to write a day.
fn day(text: &str) -> Option<Date> {
    is_written_as_day(text).then(|| text.parse().ok())?
}

fn is_written_as_day(text: &str) -> bool {
    let fits = |(place, byte): (usize, u8)| {
        if matches!(place, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() }
    };
    text.len() == 10 && text.bytes().enumerate().all(fits)
}

/// Whether a moment is written with its seconds, a `T`, and `Z` or an offset in hours and minutes, as RFC 3339 has it.
fn is_plain_moment(text: &str) -> bool {
    let bytes = text.as_bytes();
    let at = |place: usize| bytes.get(place).copied();
    let offset = text.ends_with('Z') || text.len() >= 25 && at(text.len() - 3) == Some(b':');
    at(10) == Some(b'T') && at(13) == Some(b':') && at(16) == Some(b':') && offset
}

/// Texts where a moment or, for the arguments in `days`, a day is due, and that are neither.
pub(super) fn problems(schema: &Value, days: &[&str], arguments: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    for name in days {
        if let Some(text) = arguments.get(name).and_then(Value::as_str)
            && let Some(problem) = problem(name, &Given::read(text))
        {
            problems.push(problem);
        }
    }
    each_moment(schema, arguments, "", &mut |at, text| {
        problems.extend(problem(at, &Given::read(text)));
    });
    problems
}

fn problem(at: &str, given: &Given) -> Option<String> {
    match given {
        Given::Floating => Some(format!(
            "`{at}` is a time without a UTC offset: end it with Z for UTC, or with an offset such as +02:00"
        )),
        Given::NoSuchDay => {
            Some(format!("`{at}` must be a date that exists: there is no such day in the calendar"))
        }
        Given::Nothing => Some(format!(
            "`{at}` must be a date or a date and time, such as 2026-03-31 or 2026-03-31T09:30:00Z"
        )),
        Given::Day(_) | Given::Moment | Given::Otherwise(_) => None,
    }
}

/// Arguments as they are sent.
pub struct Sent<'a> {
    /// With moments where days were given.
    pub arguments: Cow<'a, Value>,
    /// What is sent in place of what was given, a sentence for each.
    pub echo: Vec<String>,
}

/// The arguments as they are sent.
pub(super) fn as_sent<'a>(schema: &Value, arguments: &'a Value) -> Sent<'a> {
    let replaced = replaced(schema, arguments);
    if replaced.is_empty() {
        return Sent { arguments: Cow::Borrowed(arguments), echo: Vec::new() };
    }
    let mut sent = arguments.clone();
    replace(schema, &mut sent);
    let echo = replaced.into_iter().map(|(at, sent)| format!("`{at}` was sent as {sent}."));
    Sent { arguments: Cow::Owned(sent), echo: echo.collect() }
}

fn replaced(schema: &Value, arguments: &Value) -> Vec<(String, String)> {
    let mut all = Vec::new();
    each_moment(schema, arguments, "", &mut |at, text| {
        all.extend(Given::read(text).replacement().map(|sent| (at.to_owned(), sent)));
    });
    all
}

fn is_moment(schema: &Value) -> bool {
    schema.get("format").is_some_and(|format| format == "date-time")
}

/// Each text where a moment is due, with its path.
fn each_moment(schema: &Value, value: &Value, at: &str, found: &mut dyn FnMut(&str, &str)) {
    let schema = beside_null(schema);
    match value {
        Value::String(text) if is_moment(schema) => found(at, text),
        Value::Array(all) => {
            let Some(entries) = schema.get("items") else { return };
            for (place, entry) in all.iter().enumerate() {
                each_moment(entries, entry, &format!("{at}[{place}]"), found);
            }
        }
        Value::Object(members) => {
            let Some(properties) = schema.get("properties") else { return };
            for (name, member) in members {
                let Some(known) = properties.get(name) else { continue };
                let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                each_moment(known, member, &at, found);
            }
        }
        _ => {}
    }
}

fn replace(schema: &Value, value: &mut Value) {
    let schema = beside_null(schema);
    match value {
        Value::String(text) if is_moment(schema) => {
            if let Some(sent) = Given::read(text).replacement() {
                *text = sent;
            }
        }
        Value::Array(all) => {
            if let Some(entries) = schema.get("items") {
                for entry in all {
                    replace(entries, entry);
                }
            }
        }
        Value::Object(members) => {
            let Some(properties) = schema.get("properties") else { return };
            for (name, member) in members {
                if let Some(known) = properties.get(name) {
                    replace(known, member);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        let moment = json!({"type": "string", "format": "date-time"});
        json!({"properties": {
            "at": moment, "plain": {"type": "string"},
            "until": {"description": "U.", "anyOf": [moment, {"type": "null"}]},
            "all": {"type": "array", "items": {"properties": {"at": moment}}},
        }})
    }

    #[test]
    fn a_day_is_sent_as_its_start_and_said_so() {
        let given =
            json!({"at": "2026-03-31", "plain": "2026-03-31", "until": null, "all": [{"at": "2028-02-29"}]});
        let sent = as_sent(&schema(), &given);
        let expected = json!({
            "at": "2026-03-31T00:00:00Z", "plain": "2026-03-31", "until": null, "all": [{"at": "2028-02-29T00:00:00Z"}],
        });
        assert_eq!(sent.arguments.into_owned(), expected);
        let said =
            ["`all[0].at` was sent as 2028-02-29T00:00:00Z.", "`at` was sent as 2026-03-31T00:00:00Z."];
        assert_eq!(sent.echo, said);
    }

    #[test]
    fn a_moment_is_sent_as_it_is() {
        for moment in [
            "2026-03-31T09:30:00Z",
            "2026-03-31T09:30:00.123Z",
            "2026-03-31T09:30:00+02:00",
            "2026-03-31T09:30:00.5-11:30",
        ] {
            let given = json!({"at": moment, "until": moment});
            assert!(matches!(as_sent(&schema(), &given).arguments, Cow::Borrowed(_)), "{moment}");
            assert!(problems(&schema(), &[], &given).is_empty(), "{moment}");
        }
        for (moment, sent) in [
            ("2026-03-31 09:30:00Z", "2026-03-31T09:30:00Z"),
            ("2026-03-31T09:30Z", "2026-03-31T09:30:00Z"),
            (" 2026-03-31T09:30:00Z", "2026-03-31T09:30:00Z"),
            ("2026-03-31T09:30:00+0200", "2026-03-31T07:30:00Z"),
            (" 2026-03-31 ", "2026-03-31T00:00:00Z"),
        ] {
            let given = json!({"until": moment});
            let read = as_sent(&schema(), &given);
            assert_eq!(read.echo, [format!("`until` was sent as {sent}.")]);
            assert_eq!(read.arguments.into_owned(), json!({"until": sent}), "{moment}");
        }
    }

    #[test]
    fn what_is_no_date_is_told() {
        for wrong in [
            "",
            "tomorrow",
            "2026-02-30",
            "31.03.2026",
            "03/31/2026",
            "2026-3-1",
            "20260331",
            "2026-W14",
            "1774915200",
            "2026-03-31T25:00:00Z",
            "2026-03",
            "2026-03-31T",
            "+002026-03-31",
            "2026-03-31T09:30:00Z[UTC]",
            "2026-03-3\u{663}",
        ] {
            let given = json!({"all": [{}, {"at": wrong}], "day": wrong});
            let told = problems(&schema(), &["day"], &given);
            assert_eq!(told.len(), 2, "{wrong}: {told:?}");
            assert!(
                told[0].starts_with("`day` must be") && told[1].starts_with("`all[1].at` must be"),
                "{told:?}"
            );
        }
        let told = problems(&schema(), &[], &json!({"at": "2026-03-31T09:30:00"}));
        assert!(told[0].contains("end it with Z"), "{told:?}");
        assert!(problems(&schema(), &["day"], &json!({"day": "2026-03-31"})).is_empty());
    }
}
