//! `/v1/groups`: everyone, and the departments that follow from people's jobs.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::routes::is_in;
use crate::demo::ask::{Ask, Reply};
use crate::demo::clock::iso_days;
use crate::demo::manage::{Manage, Outcome};
use crate::demo::pages::page_of;
use crate::demo::record::{fresh_id, text};
use crate::demo::shelf::Shelf;

pub(in crate::demo::manage) const EVERYONE: &str = "Everyone";
pub(in crate::demo::manage) const ENGINEERING: &str = "Engineering";
pub(in crate::demo::manage) const SECURITY: &str = "Security and IT";
pub(in crate::demo::manage) const PRODUCT: &str = "Product and design";
pub(in crate::demo::manage) const CUSTOMERS: &str = "Customer success";

/// Group, age in days, and the jobs of its members; the first has everyone.
const GROUPS: &[(&str, i64, &[&str])] = &[
    (EVERYONE, 2400, &[]),
    (
        ENGINEERING,
        2390,
        &[
            "Chief technology officer",
            "Site reliability lead",
            "Engineering director",
            "Software engineer",
            "Data engineer",
            "Quality engineer",
        ],
    ),
    (SECURITY, 2100, &["Head of security", "Compliance lead", "IT administrator", "Security engineer"]),
    (PRODUCT, 1800, &["Product designer", "Product lead"]),
    (CUSTOMERS, 1500, &["Customer success manager", "Account executive", "Support specialist"]),
    ("Clinical operations", 1200, &["Clinical analyst"]),
    ("People operations", 900, &["Head of people", "Recruiter"]),
    ("Finance and legal", 600, &["Privacy officer", "Finance director", "Accountant"]),
];

pub(super) fn shelf(now: Timestamp, rng: &mut Rng) -> Shelf {
    let groups = GROUPS.iter().map(
        |(name, age, _)| json!({ "id": fresh_id(rng), "name": name, "creationDate": iso_days(now, -age) }),
    );
    Shelf::new("Group", groups.collect())
}

/// The ids of the groups that someone with this job belongs to, the department first.
pub(super) fn of_job(groups: &Shelf, job: &str) -> Vec<String> {
    let departments = GROUPS.iter().filter(|(_, _, jobs)| jobs.contains(&job)).map(|(name, ..)| *name);
    let everyone = GROUPS.iter().take(1).map(|(name, ..)| *name);
    departments.chain(everyone).filter_map(|name| id_of(groups, name)).collect()
}

fn id_of(groups: &Shelf, name: &str) -> Option<String> {
    groups.all().iter().find(|group| text(group, "name") == name).map(|group| text(group, "id").to_owned())
}

impl super::People {
    /// The names of the groups that a person belongs to.
    pub(in crate::demo::manage) fn groups_of(&self, person: &Value) -> Vec<&str> {
        let groups = self.groups.all().iter();
        groups.filter(|group| is_in(person, &[text(group, "id")])).map(|group| text(group, "name")).collect()
    }
}

impl Manage {
    pub(in crate::demo::manage) fn groups_route(
        &self,
        method: &str,
        rest: &[&str],
        ask: &Ask,
    ) -> Option<Outcome> {
        let groups = &self.people.groups;
        let outcome = match (method, rest) {
            ("GET", []) => Ok(page_of(ask, groups.all().iter().collect(), Value::clone)),
            ("GET", [id]) => groups.find(id).cloned().map(Reply::ok),
            ("GET", [id, "people"]) => groups.find(id).map(|_| {
                let members = self.people.listed().filter(|person| is_in(person, &[id]));
                Reply::ok(members.cloned().collect::<Vec<_>>().into())
            }),
            _ => return None,
        };
        Some(outcome)
    }
}
