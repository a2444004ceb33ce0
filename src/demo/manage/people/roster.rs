//! The company's people: invented names, real-sounding jobs, and the tasks that each of them has.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::demo::clock::iso_days;
use crate::demo::company::DOMAIN;
use crate::demo::record::{fresh_id, pick, turn};

const FIRST: &[&str] = &[
    "Amara", "Benedikt", "Carys", "Dario", "Elif", "Farid", "Greta", "Hamish", "Ines", "Jonas", "Keiko",
    "Leandro", "Mirela", "Nadia", "Oskar", "Priya", "Quentin", "Rosalind", "Sana", "Tomasz", "Uma", "Viktor",
    "Wanjiru", "Xenia", "Yusuf", "Zofia", "Anneke", "Bastian", "Chiamaka", "Delphine",
];
const LAST: &[&str] = &[
    "Abernethy", "Brandvold", "Castellane", "Drummond", "Eskeland", "Fairweather", "Grzelak", "Hollander",
    "Iweala", "Jankowiak", "Kestrel", "Lindqvist", "Marchetti", "Nakagome", "Okonjo", "Pellerin", "Quaife",
    "Rautio", "Santangelo", "Thackeray", "Umarov", "Vasquero", "Whitlock", "Yarrow", "Zabriskie",
];
/// Jobs, the leaders and the security team first: they own controls, tests and vendors.
const JOBS: &[&str] = &[
    "Chief executive officer", "Chief technology officer", "Head of security", "Compliance lead",
    "Head of people", "IT administrator", "Site reliability lead", "Engineering director",
    "Privacy officer", "Finance director", "Software engineer", "Data engineer", "Product designer",
    "Customer success manager", "Account executive", "Clinical analyst", "Support specialist",
    "Product lead", "Quality engineer", "Recruiter", "Accountant", "Security engineer",
];
pub(super) const PEOPLE: usize = 120;
const TRAININGS: &[&str] = &["Security awareness", "HIPAA privacy"];
const POLICY_NAMES: &[&str] = &["Code of Conduct", "Information Security Policy", "Acceptable Use Policy"];

/// How someone stands with the company, decided by their place in the list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Current,
    OnLeave,
    LeavingSoon,
    Upcoming,
    Inactive,
    FormerDone,
    /// Left; all access is gone, so the offboarding can be completed.
    FormerReady,
    /// Left, but accounts are still open.
    FormerWithAccess,
}

impl Standing {
    fn of(index: usize) -> Self {
        match index {
            0..12 => Self::Current,
            _ if index % 29 == 14 => Self::OnLeave,
            _ if index % 41 == 20 => Self::LeavingSoon,
            _ if index % 47 == 30 => Self::Upcoming,
            _ if index % 59 == 40 => Self::Inactive,
            _ if index % 13 == 5 => Self::FormerDone,
            _ if index % 31 == 19 => Self::FormerReady,
            _ if index % 37 == 26 => Self::FormerWithAccess,
            _ => Self::Current,
        }
    }

    fn employment(self) -> &'static str {
        match self {
            Self::Current | Self::LeavingSoon => "CURRENT",
            Self::OnLeave => "ON_LEAVE",
            Self::Upcoming => "UPCOMING",
            Self::Inactive => "INACTIVE",
            Self::FormerDone | Self::FormerReady | Self::FormerWithAccess => "FORMER",
        }
    }

    fn has_access(self) -> bool {
        !matches!(self, Self::FormerDone | Self::FormerReady | Self::Upcoming)
    }

    fn is_former(self) -> bool {
        self.employment() == "FORMER"
    }
}

/// The people, and the ids of those who can still sign in somewhere.
pub(super) fn people(now: Timestamp, groups: &[String], rng: &mut Rng) -> (Vec<Value>, Vec<String>) {
    let mut with_access = Vec::new();
    let people = (0..PEOPLE).map(|index| {
        let standing = Standing::of(index);
        let id = fresh_id(rng);
        if standing.has_access() {
            with_access.push(id.clone());
        }
        person(index, &id, standing, now, groups, rng)
    });
    (people.collect(), with_access)
}

fn person(index: usize, id: &str, standing: Standing, now: Timestamp, groups: &[String], rng: &mut Rng) -> Value {
    // Thirty first and twenty-five last names in two steps apart: no pair repeats within 150 people.
    let (first, last) = (turn(FIRST, index), turn(LAST, index * 7 + index / 25));
    let handle = format!("{first}.{last}").to_lowercase();
    let tenure = if standing == Standing::Upcoming { -rng.i64(3..25) } else { rng.i64(45..2200) };
    let left = match standing {
        Standing::LeavingSoon => json!(iso_days(now, rng.i64(3..20))),
        _ if standing.is_former() => json!(iso_days(now, -rng.i64(1..40))),
        _ => Value::Null,
    };
    let leave = (standing == Standing::OnLeave).then(|| {
        json!({ "startDate": iso_days(now, -rng.i64(5..60)), "endDate": iso_days(now, rng.i64(10..90)), "status": "ACTIVE" })
    });
    let group = groups.get(index % groups.len().max(1)).cloned();
    let mut member_of: Vec<String> = group.into_iter().chain(groups.first().cloned()).collect();
    member_of.dedup();
    let directory = json!({ "type": "INTEGRATION", "integrationId": "gsuiteadmin", "resourceId": fresh_id(rng) });
    let payroll = json!({ "type": "INTEGRATION", "integrationId": "rippling", "resourceId": fresh_id(rng) });
    json!({
        "id": id,
        "emailAddress": format!("{handle}@{DOMAIN}"),
        "name": { "first": first, "last": last, "display": format!("{first} {last}") },
        "employment": {
            "status": standing.employment(),
            "startDate": iso_days(now, -tenure),
            "endDate": left,
            "jobTitle": if index < 10 { turn(JOBS, index) } else { pick(JOBS.get(10..).unwrap_or_default(), rng) },
        },
        "leaveInfo": leave,
        "groupIds": member_of,
        "sources": {
            "emailAddress": directory,
            "employment": { "startDate": payroll, "endDate": payroll },
        },
        "tasksSummary": summary(standing, index, now, rng),
    })
}

fn summary(standing: Standing, index: usize, now: Timestamp, rng: &mut Rng) -> Value {
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
    let done = iso_days(now, -rng.i64(30..300));
    let complete = matches!(status, "COMPLETE" | "OFFBOARDING_COMPLETE");
    json!({
        "status": status,
        "dueDate": due,
        "completionDate": complete.then_some(&done),
        "details": details(status, &due, &done, index),
    })
}

/// One task in the state of the summary, which one depending on the person; the others are complete.
fn details(status: &str, due: &Value, done: &str, index: usize) -> Value {
    let open_state = match status {
        "OVERDUE" => "OVERDUE",
        "DUE_SOON" => "DUE_SOON",
        _ => "COMPLETE",
    };
    let idle = matches!(status, "NONE" | "PAUSED");
    let task = |turn: usize, kind: &str, lists: &[(&str, &[&str])]| {
        let open = open_state != "COMPLETE" && (index % 3 == turn || (turn == 1 && index % 6 == 0));
        let state = if idle { "NONE" } else if open { open_state } else { "COMPLETE" };
        let mut task = bare(kind, state, due, done);
        for (place, (key, names)) in lists.iter().enumerate() {
            let mine = if place == 0 { open || idle } else { !open && !idle };
            let names: Vec<Value> = names.iter().filter(|_| mine).map(|name| json!({ "name": name })).collect();
            crate::demo::record::set(&mut task, key, names);
        }
        task
    };
    let offboarding = match status {
        "OFFBOARDING_DUE_SOON" => "DUE_SOON",
        "OFFBOARDING_OVERDUE" => "OVERDUE",
        "OFFBOARDING_COMPLETE" => "COMPLETE",
        _ => "NONE",
    };
    let mut leaving = bare("COMPLETE_CUSTOM_OFFBOARDING_TASKS", offboarding, due, done);
    let steps = [json!({ "name": "Return equipment" }), json!({ "name": "Hand over documents" })];
    let (todo, finished): (&[Value], &[Value]) = match offboarding {
        "NONE" => (&[], &[]),
        "COMPLETE" => (&[], &steps),
        _ => steps.split_at(1),
    };
    crate::demo::record::set(&mut leaving, "incompleteCustomOffboardingTasks", todo);
    crate::demo::record::set(&mut leaving, "completedCustomOffboardingTasks", finished);
    json!({
        "completeTrainings": task(0, "COMPLETE_TRAININGS", &[("incompleteTrainings", TRAININGS), ("completedTrainings", TRAININGS)]),
        "acceptPolicies": task(1, "ACCEPT_POLICIES", &[("unacceptedPolicies", POLICY_NAMES), ("acceptedPolicies", POLICY_NAMES)]),
        "completeCustomTasks": task(3, "COMPLETE_CUSTOM_TASKS", &[("incompleteCustomTasks", &[]), ("completedCustomTasks", &["Confirm emergency contact"])]),
        "completeOffboardingCustomTasks": leaving,
        "installDeviceMonitoring": task(2, "INSTALL_DEVICE_MONITORING", &[]),
        "completeBackgroundChecks": task(3, "COMPLETE_BACKGROUND_CHECKS", &[]),
    })
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
