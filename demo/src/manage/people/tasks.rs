//! The security tasks of each person: trainings, policies, devices, checks, and what leaving asks for.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::roster::Standing;
use crate::clock::iso_days;
use crate::record::set;

const TRAININGS: &[&str] = &["Security awareness", "HIPAA privacy"];
const CHORES: &[&str] = &["Confirm emergency contact"];
const POLICY_NAMES: &[&str] = &["Code of Conduct", "Information Security Policy", "Acceptable Use Policy"];

/// Of everyone at work, one in nine is late and one in nine has something due soon. `tenure` in days.
pub(super) fn summary(standing: Standing, index: usize, tenure: i64, now: Timestamp, rng: &mut Rng) -> Value {
    let (status, due) = match standing {
        Standing::OnLeave => ("PAUSED", Value::Null),
        Standing::Upcoming | Standing::Inactive => ("NONE", Value::Null),
        Standing::FormerDone => ("OFFBOARDING_COMPLETE", Value::Null),
        Standing::FormerReady => ("OFFBOARDING_DUE_SOON", json!(iso_days(now, rng.i64(1..6)))),
        Standing::FormerWithAccess => ("OFFBOARDING_OVERDUE", json!(iso_days(now, -rng.i64(2..20)))),
        Standing::Current | Standing::LeavingSoon => match index % 9 {
            4 => ("OVERDUE", json!(iso_days(now, -rng.i64(1..45)))),
            7 => ("DUE_SOON", json!(iso_days(now, rng.i64(1..14)))),
            _ => ("COMPLETE", Value::Null),
        },
    };
    let done = iso_days(now, -rng.i64(5..tenure.clamp(6, 300)));
    let complete = matches!(status, "COMPLETE" | "OFFBOARDING_COMPLETE");
    json!({
        "status": status,
        "dueDate": due,
        "completionDate": complete.then_some(&done),
        "details": details(status, &due, &done, index),
    })
}

/// Kinds of tasks, in the order in which they are open from one person who has some to the next.
const OPEN: [Kind; 5] = [Kind::Trainings, Kind::Policies, Kind::Device, Kind::BackgroundCheck, Kind::Chores];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Trainings,
    Policies,
    Device,
    BackgroundCheck,
    Chores,
}

/// One task in the state of the summary, which one depending on the person, and for some the policies too; the others are
/// complete.
fn details(status: &str, due: &Value, done: &str, index: usize) -> Value {
    let open_state = match status {
        "OVERDUE" => "OVERDUE",
        "DUE_SOON" => "DUE_SOON",
        _ => "COMPLETE",
    };
    let idle = matches!(status, "NONE" | "PAUSED");
    // Every ninth person has something open.
    let nth = index / 9;
    let task = |which: Kind, kind: &str, lists: &[(&str, &[&str])]| {
        let is_mine = OPEN.get(nth % OPEN.len()) == Some(&which) || (which == Kind::Policies && nth % 4 == 3);
        let open = open_state != "COMPLETE" && is_mine;
        let state = match (idle, open) {
            (true, _) => "NONE",
            (_, true) => open_state,
            _ => "COMPLETE",
        };
        let mut task = bare(kind, state, due, done);
        for (place, (key, names)) in lists.iter().enumerate() {
            let mine = if place == 0 { open || idle } else { !open && !idle };
            let names: Vec<Value> =
                names.iter().filter(|_| mine).map(|name| json!({ "name": name })).collect();
            set(&mut task, key, names);
        }
        task
    };
    let trainings = [("incompleteTrainings", TRAININGS), ("completedTrainings", TRAININGS)];
    let policies = [("unacceptedPolicies", POLICY_NAMES), ("acceptedPolicies", POLICY_NAMES)];
    let chores = [("incompleteCustomTasks", CHORES), ("completedCustomTasks", CHORES)];
    json!({
        "completeTrainings": task(Kind::Trainings, "COMPLETE_TRAININGS", &trainings),
        "acceptPolicies": task(Kind::Policies, "ACCEPT_POLICIES", &policies),
        "completeCustomTasks": task(Kind::Chores, "COMPLETE_CUSTOM_TASKS", &chores),
        "completeOffboardingCustomTasks": offboarding(status, index, due, done),
        "installDeviceMonitoring": task(Kind::Device, "INSTALL_DEVICE_MONITORING", &[]),
        "completeBackgroundChecks": task(Kind::BackgroundCheck, "COMPLETE_BACKGROUND_CHECKS", &[]),
    })
}

/// What is left to do for someone who has left.
fn offboarding(status: &str, index: usize, due: &Value, done: &str) -> Value {
    let state = match status {
        // Every other one has done all of it, and waits for the offboarding itself.
        "OFFBOARDING_DUE_SOON" if index % 2 == 1 => "COMPLETE",
        "OFFBOARDING_DUE_SOON" => "DUE_SOON",
        "OFFBOARDING_OVERDUE" => "OVERDUE",
        "OFFBOARDING_COMPLETE" => "COMPLETE",
        _ => "NONE",
    };
    let mut leaving = bare("COMPLETE_CUSTOM_OFFBOARDING_TASKS", state, due, done);
    let steps = [json!({ "name": "Return equipment" }), json!({ "name": "Hand over documents" })];
    let (todo, finished): (&[Value], &[Value]) = match state {
        "NONE" => (&[], &[]),
        "COMPLETE" => (&[], &steps),
        _ => steps.split_at(1),
    };
    set(&mut leaving, "incompleteCustomOffboardingTasks", todo);
    set(&mut leaving, "completedCustomOffboardingTasks", finished);
    leaving
}

fn bare(kind: &str, state: &str, due: &Value, done: &str) -> Value {
    json!({
        "taskType": kind,
        "status": state,
        "dueDate": if matches!(state, "DUE_SOON" | "OVERDUE") { due.clone() } else { Value::Null },
        "completionDate": (state == "COMPLETE").then_some(done),
        "disabled": null,
    })
}
