//! What is said of an answer that could be read only after a part of it was put right.

use std::fmt::Write as _;

use crate::api::{Flaw, MendedPlace, MendedPlaces, MendedStep};
use crate::catalog::Operation;

/// Where the upstream's JSON was put right, and how, in a sentence or two.
pub(super) fn told(operation: &Operation, places: &MendedPlaces) -> Option<String> {
    let mut told: Vec<String> = places.told.iter().map(|place| one(operation, place)).collect();
    if told.is_empty() {
        return None;
    }
    if places.others > 0 {
        let values = if places.others == 1 { "value" } else { "values" };
        told.push(format!("{} more {values} of this kind", places.others));
    }
    Some(format!("The upstream sent invalid JSON, which was repaired: {}.", told.join("; ")))
}

fn one(operation: &Operation, place: &MendedPlace) -> String {
    let id = place.shown_id().map(|id| format!(" (id {id})")).unwrap_or_default();
    let flaw = match place.flaw {
        Flaw::Surrogate => "an unpaired surrogate was replaced by U+FFFD",
        Flaw::Encoding => "bytes that are not UTF-8 were replaced by U+FFFD",
        Flaw::Escape => "a control character or an invalid escape was escaped",
        Flaw::Number => "a number that is too large or invalid became a string",
    };
    format!("`{}`{id}: {flaw}", path(operation, &place.path))
}

/// The way to a value as the answer has it, whose list is `items` wherever the upstream's is.
fn path(operation: &Operation, steps: &[MendedStep]) -> String {
    let to_list = steps.iter().position(|step| matches!(step, MendedStep::Entry(_)));
    let around: Vec<&str> = steps.iter().map_while(member).collect();
    let is_list = to_list.is_some()
        && (matches!(around.as_slice(), [] | ["results" | "data"] | ["results", "data"])
            || around.first().copied() == operation.items && around.len() == 1);
    let (mut path, rest) = match to_list {
        Some(place) if is_list => ("items".to_owned(), steps.get(place..).unwrap_or_default()),
        _ => (String::new(), steps),
    };
    for step in rest {
        match step {
            MendedStep::Entry(index) => {
                // A text can always be written to.
                let _ = write!(path, "[{index}]");
            }
            MendedStep::Member(name) => {
                path.push_str(if path.is_empty() { "" } else { "." });
                path.push_str(name);
            }
        }
    }
    path
}

fn member(step: &MendedStep) -> Option<&str> {
    match step {
        MendedStep::Member(name) => Some(name),
        MendedStep::Entry(_) => None,
    }
}
