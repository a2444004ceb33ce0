//! Automated tests and the entities that fail them.

mod catalog;
mod entities;
mod routes;
mod subjects;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::links::Links;
use super::people::People;
use crate::clock::{iso, iso_days, parse};
use crate::record::{set, slug, text, without};
use crate::shelf::Shelf;
use crate::size::Growth;
use catalog::{CLOUD_CHECKS, Check, FAMILIES};
use subjects::{POLICIES, SYSTEMS, Subject};

/// Kept with a test for the `isInRollout` filter; answers do not show it.
const IN_ROLLOUT: &str = "inRollout";

pub(super) struct Tests {
    pub(super) shelf: Shelf,
    /// Test id and its entities.
    entities: Vec<(String, Vec<Value>)>,
}

impl Tests {
    pub(super) fn new(
        now: Timestamp,
        people: &People,
        growth: Option<&Growth>,
        links: &mut Links,
        rng: &mut Rng,
    ) -> Self {
        let mut tests = Vec::new();
        let mut entities = Vec::new();
        let mut failing = 0;
        let further = further_accounts(growth);
        for (place, (check, subject)) in
            runs(&further).take(growth.map_or(usize::MAX, |growth| growth.tests)).enumerate()
        {
            let fate = Fate::of(place, growth);
            let mut test = test(check, subject, &fate, now, people, rng);
            let id = text(&test, "id").to_owned();
            for control in check.controls {
                links.tests.tie(&slug(control), &id);
            }
            let amount = entities::amount(text(&test, "status"), &fate, rng);
            let mut found = entities::found(check.entity, amount, subject, people, now, rng);
            if found.iter().any(is_failing) {
                failing += 1;
                if failing % 8 == 3 {
                    entities::find_lately(&mut found, now);
                }
            }
            remediate(&mut test, &found, now);
            // It has failed since there is something that fails.
            let still = found.iter().filter(|entity| is_failing(entity));
            if let Some(since) = still.map(|entity| text(entity, "createdDate")).min() {
                set(&mut test, "latestFlipDate", since);
            }
            entities.push((id, found));
            tests.push(test);
        }
        // One that fails is in rollout, so that it counts for nothing yet: the last.
        if let Some(last) = tests.iter_mut().rfind(|test| text(test, "status") == "NEEDS_ATTENTION") {
            set(last, IN_ROLLOUT, true);
        }
        Self { shelf: Shelf::new("Test", tests), entities }
    }

    /// Everything that fails a test of this subject or was set aside there.
    pub(super) fn entities_of(&self, subject: &str) -> impl Iterator<Item = &Value> {
        let prefix = format!("{subject}-");
        self.entities.iter().filter(move |(test, _)| test.starts_with(&prefix)).flat_map(|(_, found)| found)
    }

    /// The names of the accounts that fail one check of an integration.
    pub(super) fn failing_accounts(&self, integration: &str, check: &str) -> Vec<String> {
        let subject = SYSTEMS.iter().find(|(of, ..)| *of == integration).map(|(_, subject, _)| *subject);
        let found = subject.map(|subject| self.entities(&format!("{subject}-{check}"))).unwrap_or_default();
        found
            .iter()
            .filter(|entity| is_failing(entity))
            .map(|entity| text(entity, "displayName").to_owned())
            .collect()
    }

    /// The ids of what fails this check of a subject.
    pub(super) fn failing(&self, subject: &str, check: &str) -> Vec<&str> {
        let found = self.entities(&format!("{subject}-{check}")).iter();
        found.filter(|entity| is_failing(entity)).map(|entity| text(entity, "id")).collect()
    }

    fn entities(&self, test: &str) -> &[Value] {
        self.entities.iter().find(|(of, _)| of == test).map(|(_, found)| found.as_slice()).unwrap_or_default()
    }

    fn entities_mut(&mut self, test: &str) -> Option<&mut Vec<Value>> {
        self.entities.iter_mut().find(|(of, _)| of == test).map(|(_, found)| found)
    }
}

/// What each check is run on: what is written down first, then further accounts in AWS by id and name.
fn runs(further: &[(String, String)]) -> impl Iterator<Item = (Check, Subject<'_>)> {
    let written = FAMILIES.iter().flat_map(|(checks, subjects)| {
        subjects.iter().flat_map(move |subject| checks.iter().map(move |check| (*check, *subject)))
    });
    let further = further.iter().flat_map(|(id, name)| {
        CLOUD_CHECKS.iter().map(move |check| (*check, ("aws", id.as_str(), name.as_str())))
    });
    written.chain(further)
}

/// As many accounts in AWS as a large company can have tests of; none in the usual one.
fn further_accounts(growth: Option<&Growth>) -> Vec<(String, String)> {
    let count = growth.map_or(0, |growth| growth.tests / CLOUD_CHECKS.len() + 1);
    (1..=count).map(|number| (format!("account-{number:03}-aws"), format!("AWS account {number}"))).collect()
}

/// Whether a test fails.
enum Fate {
    /// By chance: about one in eight does.
    Open,
    /// With about so many items.
    Fails(usize),
    Passes,
}

impl Fate {
    fn of(place: usize, growth: Option<&Growth>) -> Self {
        let Some(growth) = growth else { return Self::Open };
        if place + 1 == growth.tests {
            return Self::Fails(1);
        }
        growth.failing_test(place).map_or(Self::Passes, |rank| Self::Fails(growth.items_failing(rank)))
    }
}

/// The ids and names of the company's policies.
pub(super) fn policies() -> impl Iterator<Item = (&'static str, &'static str)> {
    POLICIES.iter().map(|(_, id, name)| (*id, *name))
}

/// A test as it is answered.
pub(super) fn shown(test: &Value) -> Value {
    without(test, &[IN_ROLLOUT])
}

fn test(
    check: Check,
    subject: Subject<'_>,
    fate: &Fate,
    now: Timestamp,
    people: &People,
    rng: &mut Rng,
) -> Value {
    let (integration, id, name) = subject;
    let said = |sentence: &str| sentence.replace("{x}", name);
    // About one in eight needs attention; a few are in each of the rarer states.
    let status = match (rng.u8(..100), fate) {
        (_, Fate::Fails(_)) | (0..12, Fate::Open) => "NEEDS_ATTENTION",
        (12..14, _) => "DEACTIVATED",
        (14..16, _) => "NOT_APPLICABLE",
        (16, _) => "IN_PROGRESS",
        (17, _) => "INVALID",
        _ => "OK",
    };
    let off = status == "DEACTIVATED";
    let owner = if rng.u8(..3) == 0 { Value::Null } else { people.leader(rng.usize(..)) };
    json!({
        "id": format!("{id}-{}", check.id),
        "name": said(check.name),
        "description": said(&format!("Verifies that {}.", check.verifies)),
        "failureDescription": said(check.failure),
        "remediationDescription": said(check.remedy),
        "category": check.category,
        "integrations": [integration],
        "status": status,
        "version": { "major": rng.u8(0..3), "minor": rng.u8(0..6) },
        "lastTestRunDate": iso_days(now, 0),
        "latestFlipDate": (rng.u8(..3) > 0).then(|| iso_days(now, -rng.i64(1..120))),
        "deactivatedStatusInfo": {
            "isDeactivated": off,
            "deactivatedReason": off.then_some("Covered by one of the provider's controls"),
            "lastUpdatedDate": off.then(|| iso_days(now, -rng.i64(10..200))),
        },
        "remediationStatusInfo": { "status": "PASS", "soonestRemediateByDate": null, "itemCount": 0 },
        "owner": owner,
        IN_ROLLOUT: status == "OK" && rng.u8(..25) == 0,
    })
}

fn is_failing(entity: &Value) -> bool {
    text(entity, "entityStatus") == "FAILING"
}

/// Makes the remediation summary, and a passing or failing status, follow from the entities.
fn remediate(test: &mut Value, entities: &[Value], now: Timestamp) {
    let failing = entities.iter().filter(|entity| is_failing(entity));
    let deadlines: Vec<Timestamp> = failing.filter_map(|entity| parse(text(entity, entities::DUE))).collect();
    let status = match text(test, "status") {
        "OK" | "NEEDS_ATTENTION" if deadlines.is_empty() => "OK",
        "OK" | "NEEDS_ATTENTION" => "NEEDS_ATTENTION",
        other => other,
    }
    .to_owned();
    let soonest = deadlines.iter().min().copied();
    let days = soonest.map(|date| date.duration_since(now).as_hours() / 24);
    let remediation = match (status.as_str(), days) {
        ("DEACTIVATED", _) => "DISABLED",
        ("NOT_APPLICABLE", _) => "NA",
        ("INVALID", _) => "INVALID",
        ("IN_PROGRESS", _) => "IN_PROGRESS",
        (_, None) => "PASS",
        _ if soonest < Some(now) => "OVERDUE",
        (_, Some(0..=7)) => "DUE_SOON",
        _ => "NEEDS_WORK",
    };
    if text(test, "status") != status {
        set(test, "latestFlipDate", iso(now));
    }
    set(test, "status", status);
    set(
        test,
        "remediationStatusInfo",
        json!({
            "status": remediation,
            "soonestRemediateByDate": soonest.map(iso),
            "itemCount": deadlines.len(),
        }),
    );
}
