//! The company's people: invented names, real-sounding jobs, and how each of them stands with the company.

use std::collections::HashSet;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{groups, tasks};
use crate::clock::iso_days;
use crate::company::DOMAIN;
use crate::record::{fresh_id, pick, turn};
use crate::shelf::Shelf;

const FIRST: &[&str] = &[
    "Amara", "Benedikt", "Carys", "Dario", "Elif", "Farid", "Greta", "Hamish", "Ines", "Jonas", "Keiko",
    "Leandro", "Mirela", "Nadia", "Oskar", "Priya", "Quentin", "Rosalind", "Sana", "Tomasz", "Uma", "Viktor",
    "Wanjiru", "Xenia", "Yusuf", "Zofia", "Anneke", "Bastian", "Chiamaka", "Delphine",
];
const LAST: &[&str] = &[
    "Abernethy",
    "Brandvold",
    "Castellane",
    "Drummond",
    "Eskeland",
    "Fairweather",
    "Grzelak",
    "Hollander",
    "Iweala",
    "Jankowiak",
    "Kestrel",
    "Lindqvist",
    "Marchetti",
    "Nakagome",
    "Okonjo",
    "Pellerin",
    "Quaife",
    "Rautio",
    "Santangelo",
    "Thackeray",
    "Umarov",
    "Vasquero",
    "Whitlock",
    "Yarrow",
    "Zabriskie",
];
/// Jobs, the leaders and the security team first: they own controls, tests and vendors.
const JOBS: &[&str] = &[
    "Chief executive officer",
    "Chief technology officer",
    "Head of security",
    "Compliance lead",
    "Head of people",
    "IT administrator",
    "Site reliability lead",
    "Engineering director",
    "Privacy officer",
    "Finance director",
    "Software engineer",
    "Data engineer",
    "Product designer",
    "Customer success manager",
    "Account executive",
    "Clinical analyst",
    "Support specialist",
    "Product lead",
    "Quality engineer",
    "Recruiter",
    "Accountant",
    "Security engineer",
];
pub(super) const PEOPLE: usize = 120;

/// How someone stands with the company, decided by their place in the list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
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
pub(super) fn people(
    now: Timestamp,
    groups: &Shelf,
    count: usize,
    rng: &mut Rng,
) -> (Vec<Value>, HashSet<String>) {
    let mut with_access = HashSet::new();
    let people = (0..count).map(|index| {
        let standing = Standing::of(index);
        let id = fresh_id(rng);
        if standing.has_access() {
            with_access.insert(id.clone());
        }
        person(index, &id, standing, now, groups, rng)
    });
    (people.collect(), with_access)
}

/// The middle initial that tells someone from the one 150 places before them.
fn initial(index: usize) -> Option<char> {
    let block = (index / 150).checked_sub(1)?;
    ('A'..='Z').nth(block % 26)
}

fn person(
    index: usize,
    id: &str,
    standing: Standing,
    now: Timestamp,
    groups: &Shelf,
    rng: &mut Rng,
) -> Value {
    // Thirty first and twenty-five last names in two steps apart: no pair repeats within 150 people, and those behind
    // them have an initial.
    let (first, last) = (turn(FIRST, index), turn(LAST, index * 7 + index / 25));
    let (first, last) = match initial(index) {
        Some(initial) => (format!("{first} {initial}."), last),
        None => (first.to_owned(), last),
    };
    let handle = format!("{first} {last}").to_lowercase().replace(". ", ".").replace(' ', ".");
    let tenure = if standing == Standing::Upcoming { -rng.i64(3..25) } else { rng.i64(45..2200) };
    let left = match standing {
        Standing::LeavingSoon => json!(iso_days(now, rng.i64(3..20))),
        _ if standing.is_former() => json!(iso_days(now, -rng.i64(1..40))),
        _ => Value::Null,
    };
    let leave = (standing == Standing::OnLeave).then(|| {
        json!({
            "startDate": iso_days(now, -rng.i64(5..60)),
            "endDate": iso_days(now, rng.i64(10..90)),
            "status": "ACTIVE",
        })
    });
    let directory =
        json!({ "type": "INTEGRATION", "integrationId": "gsuiteadmin", "resourceId": fresh_id(rng) });
    let payroll = json!({ "type": "INTEGRATION", "integrationId": "rippling", "resourceId": fresh_id(rng) });
    let job = if index < 10 { turn(JOBS, index) } else { pick(JOBS.get(10..).unwrap_or_default(), rng) };
    json!({
        "id": id,
        "emailAddress": format!("{handle}@{DOMAIN}"),
        "name": { "first": first, "last": last, "display": format!("{first} {last}") },
        "employment": {
            "status": standing.employment(),
            "startDate": iso_days(now, -tenure),
            "endDate": left,
            "jobTitle": job,
        },
        "leaveInfo": leave,
        "groupIds": groups::of_job(groups, job),
        "sources": {
            "emailAddress": directory,
            "employment": { "startDate": payroll, "endDate": payroll },
        },
        "tasksSummary": tasks::summary(standing, index, tenure, now, rng),
    })
}
