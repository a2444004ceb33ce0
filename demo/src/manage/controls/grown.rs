//! The controls of a large company beyond those that are written down: the same, of one part of the company each.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::organizational::ORGANIZATIONAL;
use super::technical::TECHNICAL;
use super::{Controls, Domain, control, map};
use crate::clock::iso_days;
use crate::manage::documents::Documents;
use crate::manage::invented;
use crate::manage::links::Links;
use crate::manage::people::People;
use crate::manage::tests::Tests;
use crate::record::{fresh_id, set, take_over, text};
use crate::size::Growth;

/// One control of those that are written down: its domain, its place there, name and deed.
type Written = (&'static Domain, usize, &'static str, &'static str);

fn written() -> impl Iterator<Item = Written> + Clone {
    TECHNICAL.iter().chain(ORGANIZATIONAL).flat_map(|domain| {
        let controls = domain.controls.iter().enumerate();
        controls.map(move |(index, (name, deed))| (domain, index, *name, *deed))
    })
}

/// As many controls as are missing behind `place`.
pub(super) fn controls(
    growth: &Growth,
    place: usize,
    now: Timestamp,
    people: &People,
    links: &mut Links,
    rng: &mut Rng,
) -> Vec<Value> {
    let rounds = (0..).flat_map(|round| written().map(move |written| (round, written)));
    let wanted = rounds.zip(place..growth.controls);
    wanted
        .map(|((round, written), place)| {
            let (domain, index, ..) = written;
            let grown = grown(round, written, place, now, people, rng);
            map(domain, index, text(&grown, "id"), place, Some(growth), links);
            grown
        })
        .collect()
}

fn grown(
    round: usize,
    (domain, index, name, deed): Written,
    place: usize,
    now: Timestamp,
    people: &People,
    rng: &mut Rng,
) -> Value {
    let scope = invented::scope(round);
    let number = domain.controls.len() * (round + 1) + index + 1;
    let external = format!("{}-{number:02}", domain.code);
    let mut grown =
        control(&format!("{name} ({scope})"), &format!("{deed} ({scope})"), domain.name, &external);
    if place % 9 != 8 {
        set(&mut grown, "owner", people.leader(rng.usize(..)));
    }
    // What the company wrote itself has an id that is no name, and names of it repeat.
    if place % 8 == 3 {
        let changed = rng.i64(5..60);
        let own = json!({
            "id": fresh_id(rng),
            "name": name,
            "source": "Custom",
            "creationDate": iso_days(now, -changed - rng.i64(30..500)),
            "modificationDate": iso_days(now, -changed),
        });
        take_over(&mut grown, &own, &["id", "name", "source", "creationDate", "modificationDate"]);
    }
    grown
}

impl Controls {
    /// Ties tests and documents to the controls of a large company, but for those that have no evidence.
    pub(in crate::manage) fn prove(&self, tests: &Tests, documents: &Documents, links: &mut Links) {
        let controls = self.active.all().iter().map(|control| text(control, "id")).enumerate();
        let is_proved = |id: &str| links.tests.of(id).chain(links.documents.of(id)).next().is_some();
        let provable: Vec<(usize, &str)> =
            controls.filter(|(place, id)| !Growth::is_bare(*place) && !is_proved(id)).collect();
        let tests: Vec<&str> = tests.shelf.all().iter().map(|test| text(test, "id")).collect();
        for (place, control) in &provable {
            // One to four tests that stand next to each other.
            let from = place * 13;
            for test in (from..=from + place % 4).filter_map(|test| tests.get(test % tests.len())) {
                links.tests.tie(control, test);
            }
        }
        let invented = documents.shelf.all().iter().enumerate().skip(Documents::written());
        for (index, document) in invented {
            for turn in 0..=index % 2 {
                let chosen = provable.get((index * 37 + turn * 97) % provable.len().max(1));
                if let Some((_, control)) = chosen {
                    links.documents.tie(control, text(document, "id"));
                }
            }
        }
    }
}
