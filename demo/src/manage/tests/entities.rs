//! What fails a test: accounts, buckets, computers, people, repositories …

use std::collections::HashSet;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Fate;
use super::catalog::Entity;
use super::subjects::Subject;
use crate::clock::iso_days;
use crate::manage::invented::numbered;
use crate::manage::people::People;
use crate::record::{fresh_id, pick, set, text, without};

/// Kept with an entity so that the test's soonest deadline follows from it; answers do not show it.
pub(super) const DUE: &str = "due";

const SERVICES: &[&str] =
    &["intake", "billing", "scheduling", "records", "messaging", "reports", "identity", "imaging"];
const ENVIRONMENTS: &[&str] = &["prod", "staging", "shared"];

/// How many entities fail a test in this state, and how many are set aside: one to nine fail where it needs attention,
/// unless its fate says how many, and a few are set aside there and elsewhere.
pub(super) fn amount(status: &str, fate: &Fate, rng: &mut Rng) -> (usize, usize) {
    match (status, fate) {
        ("NEEDS_ATTENTION", Fate::Fails(failing)) => (*failing, rng.usize(0..3)),
        ("NEEDS_ATTENTION", _) => (rng.usize(1..=9), rng.usize(0..3)),
        ("OK", _) => (0, if rng.u8(..10) == 0 { rng.usize(1..3) } else { 0 }),
        _ => (0, 0),
    }
}

/// So many entities that fail, and so many that are set aside; no two are called alike.
pub(super) fn found(
    kind: Entity,
    (failing, aside): (usize, usize),
    subject: Subject<'_>,
    people: &People,
    now: Timestamp,
    rng: &mut Rng,
) -> Vec<Value> {
    let entities = std::iter::repeat_n("FAILING", failing).chain(std::iter::repeat_n("DEACTIVATED", aside));
    let mut taken = HashSet::new();
    entities.map(|state| entity(kind, state, subject, people, &mut taken, now, rng)).collect()
}

/// The email address of someone who is not taken yet, from this place on; of anyone where all are.
fn someone(people: &People, from: usize, taken: &HashSet<String>) -> String {
    let from = from % people.listed().count().max(1);
    let from_there = people.listed().skip(from).chain(people.listed());
    let mut addresses = from_there.map(|person| text(person, "emailAddress"));
    addresses.find(|address| !taken.contains(*address)).map_or_else(|| people.any_email(from), str::to_owned)
}

fn entity(
    kind: Entity,
    state: &str,
    (integration, _, name): Subject<'_>,
    people: &People,
    taken: &mut HashSet<String>,
    now: Timestamp,
    rng: &mut Rng,
) -> Value {
    let (service, environment) = (pick(SERVICES, rng), pick(ENVIRONMENTS, rng));
    let (display, response) = match kind {
        Entity::Account => (someone(people, rng.usize(..), taken), format!("{name} account")),
        Entity::Person => (someone(people, rng.usize(..), taken), "Person".to_owned()),
        Entity::Resource => {
            (format!("{environment}-{service}-{:03x}", rng.u16(..4096)), format!("{integration} resource"))
        }
        Entity::Computer => (format!("QH-LT-{:04}", rng.u16(..10_000)), "Computer".to_owned()),
        Entity::Repository => {
            (format!("quillmere/{service}-{}", pick(&["api", "web", "jobs"], rng)), "Repository".to_owned())
        }
        Entity::Vulnerability => {
            (format!("CVE-2026-{} in {service}", rng.u32(90_000..99_999)), "Vulnerability".to_owned())
        }
        Entity::Vendor => (
            format!("{} vendor record", pick(&["Analytics", "Payroll", "Hosting", "Messaging"], rng)),
            "Vendor".to_owned(),
        ),
        Entity::Task => (format!("{name}: {service}"), "Task".to_owned()),
    };
    let display =
        (0..=taken.len()).map(|again| numbered(display.clone(), again)).find(|name| !taken.contains(name));
    let display = display.unwrap_or_default();
    taken.insert(display.clone());
    let aside = state == "DEACTIVATED";
    // What fails has its deadline counted from when it was found: some are past theirs, none had it before.
    let created = if aside { rng.i64(3..150) } else { rng.i64(3..45) };
    json!({
        "id": fresh_id(rng),
        "entityStatus": state,
        "displayName": display,
        "responseType": response,
        "deactivatedReason": aside.then_some("Accepted until the next review"),
        "createdDate": iso_days(now, -created),
        "lastUpdatedDate": iso_days(now, -rng.i64(0..created)),
        DUE: iso_days(now, rng.i64(25..48) - created),
    })
}

/// Lets all that fails have been found within the last days, with the deadline ahead.
pub(super) fn find_lately(entities: &mut [Value], now: Timestamp) {
    let failing = entities.iter_mut().filter(|entity| text(entity, "entityStatus") == "FAILING");
    for (age, entity) in (1..=4).cycle().zip(failing) {
        set(entity, "createdDate", iso_days(now, -age));
        set(entity, "lastUpdatedDate", iso_days(now, 1 - age));
        set(entity, DUE, iso_days(now, 30 - age));
    }
}

/// An entity as it is answered.
pub(super) fn shown(entity: &Value) -> Value {
    without(entity, &[DUE])
}
