//! Which forms of an answer a caller takes (RFC 9110, section 12.5.1).
//!
//! The specification asks clients to take both, and many name one alone, or
//! none. Each is served with what it takes.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, HeaderValue};

/// What the specification asks of clients, and what rmcp is told in place of what they say.
pub(super) const BOTH: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");

/// What a caller takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Accepted {
    /// `application/json`
    pub(super) json: Liking,
    /// `text/event-stream`
    pub(super) events: Liking,
}

/// How a caller takes a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Liking {
    Refused,
    /// As it takes anything: `*/*`, or nothing said at all.
    AsAnything,
    /// By its name, or that of its kind.
    ByName,
}

/// How closely a range fits a type; the closest has the say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Anything,
    Kind,
    Name,
}

impl Accepted {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(ACCEPT).iter();
        if values.next() == Some(&BOTH) && values.next().is_none() {
            return Self { json: Liking::ByName, events: Liking::ByName };
        }
        let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let ranges: Vec<&str> =
            values.flat_map(|value| unquoted(value, ',')).filter(|range| !range.trim().is_empty()).collect();
        Self {
            json: liking(&ranges, "application", "application/json"),
            events: liking(&ranges, "text", "text/event-stream"),
        }
    }
}

impl Liking {
    pub(super) fn is_taken(self) -> bool {
        self != Self::Refused
    }
}

fn liking(ranges: &[&str], kind: &str, name: &str) -> Liking {
    if ranges.is_empty() {
        return Liking::AsAnything;
    }
    let fitting = ranges.iter().filter_map(|range| {
        let mut parts = unquoted(range, ';');
        let range = parts.next()?.trim().to_ascii_lowercase();
        let fit = match range.as_str() {
            "*/*" | "*" => Fit::Anything,
            range if range == name => Fit::Name,
            range => range.strip_suffix("/*").filter(|of| *of == kind).map(|_| Fit::Kind)?,
        };
        Some((fit, parts.all(|parameter| !refuses(parameter))))
    });
    match fitting.max() {
        Some((Fit::Anything, true)) => Liking::AsAnything,
        Some((Fit::Kind | Fit::Name, true)) => Liking::ByName,
        _ => Liking::Refused,
    }
}

/// Whether a parameter says that the range is not taken. A weight that is none is no such word.
fn refuses(parameter: &str) -> bool {
    let Some((name, weight)) = parameter.split_once('=') else { return false };
    let weight = weight.trim();
    name.trim().eq_ignore_ascii_case("q")
        && weight
            .strip_prefix('0')
            .is_some_and(|rest| rest.trim_start_matches('.').bytes().all(|b| b == b'0'))
}

/// The parts of a list whose entries may have separators in quotes.
fn unquoted(list: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    list.split(move |c| {
        let literal = std::mem::take(&mut escaped);
        match c {
            _ if literal => false,
            '\\' if quoted => {
                escaped = true;
                false
            }
            '"' => {
                quoted = !quoted;
                false
            }
            c => !quoted && c == separator,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::Liking::{AsAnything, ByName, Refused};
    use super::*;

    #[test]
    fn the_range_that_fits_closest_has_the_say() {
        for (lines, json, events) in [
            (&[][..], AsAnything, AsAnything),
            (&[""], AsAnything, AsAnything),
            (&["*/*"], AsAnything, AsAnything),
            (&["*; q=.2"], AsAnything, AsAnything),
            (&["application/json, text/event-stream"], ByName, ByName),
            (&["text/event-stream", "application/json"], ByName, ByName),
            (&["application/json"], ByName, Refused),
            (&["APPLICATION/JSON; charset=utf-8"], ByName, Refused),
            (&["Text/Event-Stream;q=0.1"], Refused, ByName),
            (&["application/*"], ByName, Refused),
            (&["text/*"], Refused, ByName),
            (&["text/html"], Refused, Refused),
            (&["text/html, */*;q=0.8"], AsAnything, AsAnything),
            (&["application/json, */*;q=0"], ByName, Refused),
            (&["*/*, text/event-stream;q=0.000"], AsAnything, Refused),
            (&["application/json;q=0, application/*"], Refused, Refused),
            (&["application/json;q=0", "text/event-stream"], Refused, ByName),
            (&["application/json; Q=0.0, */*"], Refused, AsAnything),
            (&[r#"application/json;profile="a,text/event-stream;q=0""#], ByName, Refused),
            (&["application/json;q=none"], ByName, Refused),
            (&["json"], Refused, Refused),
            (&["application/jsonp"], Refused, Refused),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(ACCEPT, line.parse().unwrap());
            }
            assert_eq!(Accepted::of(&headers), Accepted { json, events }, "{lines:?}");
        }
    }
}
