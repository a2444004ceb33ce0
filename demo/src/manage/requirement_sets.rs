//! `/v1/task-requirement-sets`: which security tasks are asked of whom.

use serde_json::{Value, json};

use super::Outcome;
use crate::ask::{Ask, Reply};
use crate::pages::page_of;

struct Set {
    id: &'static str,
    name: &'static str,
    about: &'static str,
    tasks: &'static [&'static str],
}

const SETS: &[Set] = &[
    Set {
        id: "64d2b7e05c31f8a6940e0001",
        name: "All employees",
        about: "Tasks for every employee in the first 30 days and annually thereafter.",
        tasks: &[
            "COMPLETE_TRAININGS",
            "ACCEPT_POLICIES",
            "INSTALL_DEVICE_MONITORING",
            "COMPLETE_BACKGROUND_CHECKS",
        ],
    },
    Set {
        id: "64d2b7e05c31f8a6940e0002",
        name: "Contractors",
        about: "For contractors who use their own computers.",
        tasks: &["COMPLETE_TRAININGS", "ACCEPT_POLICIES"],
    },
    Set {
        id: "64d2b7e05c31f8a6940e0003",
        name: "Access to health information",
        about: "In addition to the other tasks, for personnel with access to patient records.",
        tasks: &["COMPLETE_TRAININGS", "COMPLETE_CUSTOM_TASKS"],
    },
];

pub(super) fn route(method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
    let outcome = match (method, rest) {
        ("GET", []) => Ok(page_of(ask, SETS.iter().collect(), shown)),
        ("GET", [id]) => SETS
            .iter()
            .find(|set| set.id == *id)
            .map(|set| Reply::ok(shown(set)))
            .ok_or_else(|| Reply::not_found("Task requirement set", id)),
        _ => return None,
    };
    Some(outcome)
}

fn shown(set: &Set) -> Value {
    json!({ "id": set.id, "name": set.name, "description": set.about, "taskTypes": set.tasks })
}
