//! What fails a test: accounts, buckets, computers, people, repositories …

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::catalog::Entity;
use super::subjects::Subject;
use crate::clock::iso_days;
use crate::manage::people::People;
use crate::record::{fresh_id, pick, without};

/// Kept with an entity so that the test's soonest deadline follows from it; answers do not show it.
pub(super) const DUE: &str = "due";

const SERVICES: &[&str] =
    &["intake", "billing", "scheduling", "records", "messaging", "reports", "identity", "imaging"];
const ENVIRONMENTS: &[&str] = &["prod", "staging", "shared"];

/// The entities of a test in this state: one to nine fail where it needs attention, a few are set aside
/// elsewhere.
pub(super) fn found(
    kind: Entity,
    status: &str,
    subject: Subject,
    people: &People,
    now: Timestamp,
    rng: &mut Rng,
) -> Vec<Value> {
    let (failing, aside) = match status {
        "NEEDS_ATTENTION" => (rng.usize(1..=9), rng.usize(0..3)),
        "OK" => (0, if rng.u8(..10) == 0 { rng.usize(1..3) } else { 0 }),
        _ => (0, 0),
    };
    let entities = std::iter::repeat_n("FAILING", failing).chain(std::iter::repeat_n("DEACTIVATED", aside));
    entities.map(|state| entity(kind, state, subject, people, now, rng)).collect()
}

fn entity(
    kind: Entity,
    state: &str,
    (integration, _, name): Subject,
    people: &People,
    now: Timestamp,
    rng: &mut Rng,
) -> Value {
    let (service, environment) = (pick(SERVICES, rng), pick(ENVIRONMENTS, rng));
    let (display, response) = match kind {
        Entity::Account => (people.any_email(rng.usize(..)), format!("{name} account")),
        Entity::Person => (people.any_email(rng.usize(..)), "Person".to_owned()),
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

/// An entity as it is answered.
pub(super) fn shown(entity: &Value) -> Value {
    without(entity, &[DUE])
}
