//! `/v1/monitored-computers`: the devices that device management reads, as their tests find them.

use std::collections::HashSet;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::integrations::Integrations;
use super::people::People;
use super::tests::Tests;
use super::{Manage, Outcome};
use crate::ask::{Ask, Reply};
use crate::clock::{after_days, iso_days, parse};
use crate::pages::page_of;
use crate::query::choices;
use crate::record::{at, set, text};
use crate::shelf::Shelf;

/// Integration and kind of the devices. The first two are tested, the last is on trial.
const FLEETS: &[(&str, &str)] =
    &[("kandji", "KandjiComputer"), ("intune", "IntuneComputer"), ("jamf", "JamfComputer")];
/// A computer that has been silent for longer is reported.
const SILENT_DAYS: i64 = 14;
/// Filter value, and the outcome that it looks at.
const PROBLEMS: &[(&str, &str)] = &[
    ("PWM_NOT_INSTALLED", "/passwordManager/outcome"),
    ("HD_NOT_ENCRYPTED", DISK),
    ("AV_NOT_INSTALLED", "/antivirusInstallation/outcome"),
    ("SCREENLOCK_NOT_CONFIGURED", "/screenlock/outcome"),
];
const SILENT: &str = "LAST_CHECK_OVER_14_DAYS";
/// No values of the filter: the computer has not sent what the check of its disk needs, or never anything at all.
const DISK_NOT_READ: &str = "DISK_NOT_READ";
const NEVER_HEARD_OF: &str = "NEVER_HEARD_OF";
const DISK: &str = "/diskEncryption/outcome";

pub(super) fn shelf(
    now: Timestamp,
    people: &People,
    tests: &Tests,
    integrations: &Integrations,
    rng: &mut Rng,
) -> Shelf {
    let mut computers = Vec::new();
    for (fleet, kind) in FLEETS {
        let failing = Failing::of(fleet, tests);
        for (index, device) in integrations.resources(fleet, kind).iter().enumerate() {
            let found = problems(fleet, device, index, &failing);
            let mut computer = computer(fleet, device, &found, now, people, rng);
            if *fleet != "jamf" && index % 17 == 11 && at(&computer, DISK) == "PASS" {
                // The agent has not reported on the disk yet, which no test takes for a failure.
                set(&mut computer, "diskEncryption", json!({ "outcome": "IN_PROGRESS" }));
            }
            computers.push(computer);
        }
    }
    Shelf::new("Monitored computer", computers)
}

/// The ids of the devices that fail the tests of a fleet, and the check that each fails.
struct Failing<'a>(HashSet<(&'static str, &'a str)>);

impl<'a> Failing<'a> {
    fn of(fleet: &str, tests: &'a Tests) -> Self {
        let checks = ["password-manager", "malware-protected", "screen-locked", "updated", "firewall-on"];
        let failing = |check| tests.failing(fleet, check).into_iter().map(move |id| (check, id));
        Self(checks.into_iter().flat_map(failing).collect())
    }
}

/// What is wrong with a device: values of the filter, and what keeps a check from being made.
fn problems(fleet: &str, device: &Value, index: usize, failing: &Failing<'_>) -> Vec<&'static str> {
    let fails = |check: &'static str| failing.0.contains(&(check, text(device, "resourceId")));
    let on_trial: &[&str] = match (fleet, index % 10) {
        ("jamf", 1) => &["AV_NOT_INSTALLED", "PWM_NOT_INSTALLED"],
        ("jamf", 0 | 7) => &[SILENT],
        ("jamf", 2) => &[NEVER_HEARD_OF],
        ("jamf", 3) => &["SCREENLOCK_NOT_CONFIGURED"],
        ("jamf", 4) => &["PWM_NOT_INSTALLED", DISK_NOT_READ],
        _ => &[],
    };
    let tested = [
        ("PWM_NOT_INSTALLED", fails("password-manager")),
        ("HD_NOT_ENCRYPTED", device.get("isEncrypted").and_then(Value::as_bool) == Some(false)),
        ("AV_NOT_INSTALLED", fails("malware-protected")),
        ("SCREENLOCK_NOT_CONFIGURED", fails("screen-locked")),
        (SILENT, fails("updated") || fails("firewall-on")),
    ];
    let found = tested.into_iter().filter(|(_, fails)| *fails).map(|(problem, _)| problem);
    found.chain(on_trial.iter().copied()).collect()
}

fn computer(
    fleet: &str,
    device: &Value,
    problems: &[&str],
    now: Timestamp,
    people: &People,
    rng: &mut Rng,
) -> Value {
    let is_new = problems.contains(&NEVER_HEARD_OF);
    let outcome = |problem: &str| {
        let lacks_data = is_new || (problem == "HD_NOT_ENCRYPTED" && problems.contains(&DISK_NOT_READ));
        let outcome = match problems.contains(&problem) {
            _ if lacks_data => "IN_PROGRESS",
            true => "FAIL",
            false => "PASS",
        };
        json!({ "outcome": outcome })
    };
    let silence = if problems.contains(&SILENT) { rng.i64(SILENT_DAYS + 1..40) } else { rng.i64(0..5) };
    let system = text(device, "operatingSystemName");
    let (name, version) = system.split_once(' ').unwrap_or((system, ""));
    let kind = if name == "Windows" { "windows" } else { "macOS" };
    json!({
        "id": text(device, "resourceId"),
        "integrationId": fleet,
        "lastCheckDate": (!is_new).then(|| iso_days(now, -silence)),
        "screenlock": outcome("SCREENLOCK_NOT_CONFIGURED"),
        "diskEncryption": outcome("HD_NOT_ENCRYPTED"),
        "passwordManager": outcome("PWM_NOT_INSTALLED"),
        "antivirusInstallation": outcome("AV_NOT_INSTALLED"),
        "operatingSystem": { "type": kind, "version": version },
        "owner": people.owner_by_id(text(device, "owner")),
        "serialNumber": format!("QHC{:09X}", rng.u64(..1 << 36)),
        "udid": format!(
            "{:08X}-{:04X}-{:04X}-{:04X}-{:012X}",
            rng.u32(..),
            rng.u16(..),
            rng.u16(..),
            rng.u16(..),
            rng.u64(..1 << 48)
        ),
    })
}

impl Manage {
    pub(super) fn computers_route(&self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => listed(ask, self.computers.all()),
            ("GET", [id]) => self.computers.find(id).cloned().map(Reply::ok),
            _ => return None,
        };
        Some(outcome)
    }
}

/// The computers that have any of the problems asked for.
pub(crate) fn listed(ask: &Ask, computers: &[Value]) -> Outcome {
    let known: Vec<&str> = PROBLEMS.iter().map(|(problem, _)| *problem).chain([SILENT]).collect();
    let wanted = choices(ask, "complianceStatusFilterMatchesAny", &known)?;
    let kept = computers.iter().filter(|computer| wanted.is_empty() || has_any(computer, &wanted, ask.now));
    Ok(page_of(ask, kept.collect(), Value::clone))
}

fn has_any(computer: &Value, problems: &[&str], now: Timestamp) -> bool {
    let fails =
        |(problem, outcome): &(&str, &str)| problems.contains(problem) && at(computer, outcome) == "FAIL";
    let silent = || {
        let since = parse(text(computer, "lastCheckDate"));
        since.is_none_or(|since| since < after_days(now, -SILENT_DAYS))
    };
    PROBLEMS.iter().any(fails) || (problems.contains(&SILENT) && silent())
}
