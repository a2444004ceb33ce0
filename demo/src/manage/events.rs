//! `/v1/event-logs`: who did what. What happens through this API is added as it happens.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::people::People;
use super::{Manage, Outcome};
use crate::ask::{Ask, Reply};
use crate::clock::{iso, parse};
use crate::pages::page_of;
use crate::query::date;
use crate::record::{fresh_id, pick, text};
use crate::shelf::Shelf;
use crate::size::Growth;

const COUNT: usize = 160;
/// How far the log reaches back, in hours.
const HOURS: i64 = 90 * 24;
/// What people have done in the product before, and to records of which kind.
const DEEDS: &[(&str, &str)] = &[
    ("controls.set-owner", "controls"),
    ("controls.update", "controls"),
    ("documents.uploads", "documents"),
    ("documents.submit", "documents"),
    ("vendors.update", "vendors"),
    ("vendors.findings", "vendors"),
    ("tests.deactivate", "tests"),
    ("people.set-leave", "people"),
    ("people.offboard", "people"),
    ("session.sign-in", "users"),
    ("session.sign-in", "users"),
];

pub(super) struct Events {
    /// The newest first.
    log: Vec<Value>,
    /// Makes the ids of what is added later.
    rng: Rng,
}

impl Events {
    /// `shelves` has the records of each kind that events can be about.
    pub(super) fn new(
        now: Timestamp,
        people: &People,
        shelves: &[(&str, &Shelf)],
        growth: Option<&Growth>,
        mut rng: Rng,
    ) -> Self {
        let ages: Vec<i64> = if let Some(growth) = growth {
            evenly(growth.events_a_week).collect()
        } else {
            let mut ages: Vec<i64> = (0..COUNT).map(|_| 60 * rng.i64(1..HOURS)).collect();
            ages.sort_unstable();
            ages
        };
        let log = ages.into_iter().map(|minutes| past(minutes, now, people, shelves, &mut rng)).collect();
        Self { log, rng }
    }

    /// Adds a change that this API has carried out.
    pub(super) fn note(&mut self, ask: &Ask, reply: &Reply) {
        if ask.method == "GET" {
            return;
        }
        let answer = match reply {
            Reply::Json(status, body) if *status < 300 => body,
            Reply::Empty(status) if *status < 300 => &Value::Null,
            _ => return,
        };
        let (_, path) = ask.route();
        let ["v1", area, rest @ ..] = path.as_slice() else { return };
        let deed = match (ask.method.as_str(), rest) {
            ("POST", []) => "create",
            ("POST", [.., last]) => last,
            ("PATCH", _) => "update",
            ("PUT", _) => "replace",
            _ => "delete",
        };
        let targets = targets(area, rest, answer);
        let event = event(
            &fresh_id(&mut self.rng),
            ("APPLICATION", "demo-application"),
            ask.now,
            &format!("{area}.{deed}"),
            &targets,
        );
        self.log.insert(0, event);
    }
}

/// What a change was made to: the entries of a bulk answer, the record in the path, or the new one.
fn targets(area: &str, rest: &[&str], answer: &Value) -> Vec<Value> {
    let target = |id: &str| json!({ "type": area, "id": id });
    if let Some(entries) = answer.get("results").and_then(Value::as_array) {
        let done = entries.iter().filter(|entry| text(entry, "status") == "SUCCESS");
        let named = done.map(|entry| [text(entry, "id"), text(entry, "groupId")]);
        return named.flatten().filter(|id| !id.is_empty()).map(target).collect();
    }
    let created = [text(answer, "id"), text(answer, "riskId")].into_iter().find(|id| !id.is_empty());
    rest.first().copied().or(created).map(target).into_iter().collect()
}

/// Ages in minutes as far back as the log reaches, so many to a week.
fn evenly(a_week: usize) -> impl Iterator<Item = i64> {
    let a_week = i64::try_from(a_week).unwrap_or(1);
    let week = 7 * 24 * 60;
    (0..HOURS * 60 * a_week / week).map(move |place| (2 * place + 1) * week / (2 * a_week))
}

fn past(minutes: i64, now: Timestamp, people: &People, shelves: &[(&str, &Shelf)], rng: &mut Rng) -> Value {
    let at = now.checked_sub(jiff::SignedDuration::from_mins(minutes)).unwrap_or(now);
    let actor = people.leader_id(rng.usize(..));
    let (deed, kind) = pick(DEEDS, rng);
    let shelf = shelves.iter().find(|(name, _)| *name == kind).map(|(_, shelf)| shelf.all());
    let record = shelf.and_then(|records| rng.choice(records.iter()));
    let id = record.map_or(actor.as_str(), |record| text(record, "id"));
    event(&fresh_id(rng), ("USER", &actor), at, deed, &[json!({ "type": kind, "id": id })])
}

fn event(id: &str, actor: (&str, &str), at: Timestamp, action: &str, targets: &[Value]) -> Value {
    json!({
        "id": id,
        "actor": { "type": actor.0, "id": actor.1 },
        "date": iso(at),
        "action": action,
        "targets": targets,
    })
}

impl Manage {
    pub(super) fn events_route(&self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        (method == "GET" && rest.is_empty()).then(|| {
            let since = date(ask, "startDate")?;
            let recent = |event: &&Value| since.is_none_or(|since| parse(text(event, "date")) >= Some(since));
            Ok(page_of(ask, self.events.log.iter().filter(recent).collect(), Value::clone))
        })
    }
}
