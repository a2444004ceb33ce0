//! `/v1/groups`: everyone, and the departments that follow from people's jobs.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::routes::is_in;
use crate::ask::{Ask, Reply};
use crate::clock::iso_days;
use crate::manage::{Manage, Outcome};
use crate::pages::page_of;
use crate::record::{fresh_id, set, text, without};
use crate::shelf::Shelf;

pub(in crate::manage) const EVERYONE: &str = "Everyone";
pub(in crate::manage) const ENGINEERING: &str = "Engineering";
pub(in crate::manage) const SECURITY: &str = "Security and IT";
pub(in crate::manage) const PRODUCT: &str = "Product and design";
pub(in crate::manage) const CUSTOMERS: &str = "Customer success";

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

/// Groups whose members someone else keeps, and where.
const FROM_DIRECTORY: (&[&str], &str) = (&[ENGINEERING, SECURITY, PRODUCT, CUSTOMERS], "Okta");
/// Groups with someone to turn to, and that person's place among the leaders.
const CONTACTS: &[(&str, usize)] =
    &[(EVERYONE, 3), (ENGINEERING, 6), (SECURITY, 1), ("People operations", 3), ("Finance and legal", 7)];
/// What only the answer to a new group shows.
const DETAILS: &[&str] = &["description", "source", "pointOfContact"];

pub(super) fn shelf(now: Timestamp, rng: &mut Rng) -> Shelf {
    let groups = GROUPS.iter().map(|(name, age, _)| {
        let (departments, directory) = FROM_DIRECTORY;
        let source = if departments.contains(name) { directory } else { "Vanta" };
        group(&fresh_id(rng), name, &iso_days(now, -age), &Value::Null, (source, None))
    });
    Shelf::new("Group", groups.collect())
}

/// A group; `source` says where its members are kept, and who is its point of contact.
pub(super) fn group(
    id: &str,
    name: &str,
    created: &str,
    description: &Value,
    source: (&str, Option<&Value>),
) -> Value {
    json!({
        "id": id,
        "name": name,
        "creationDate": created,
        "description": description,
        "source": source.0,
        "pointOfContact": source.1,
    })
}

/// A group as it is listed.
fn shown(group: &Value) -> Value {
    without(group, DETAILS)
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
    /// A group by its id.
    pub(in crate::manage) fn group(&self, id: &str) -> Option<&Value> {
        self.groups.get(id)
    }

    /// The id of a group by its name.
    pub(in crate::manage) fn group_id(&self, name: &str) -> Option<String> {
        id_of(&self.groups, name)
    }

    /// The names of the groups that a person belongs to.
    pub(in crate::manage) fn groups_of(&self, person: &Value) -> Vec<&str> {
        let groups = self.groups.all().iter();
        groups.filter(|group| is_in(person, &[text(group, "id")])).map(|group| text(group, "name")).collect()
    }

    /// Gives groups their points of contact, once there are people.
    pub(super) fn name_contacts(&mut self) {
        for (name, place) in CONTACTS {
            let contact = self.leader(*place);
            if let Some(id) = id_of(&self.groups, name)
                && let Ok(group) = self.groups.find_mut(&id)
            {
                set(group, "pointOfContact", contact);
            }
        }
    }
}

impl Manage {
    pub(in crate::manage) fn groups_route(
        &mut self,
        method: &str,
        rest: &[&str],
        ask: &Ask,
    ) -> Option<Outcome> {
        if method != "GET" || rest == ["importable-idp-groups"] {
            return self.membership_route(method, rest, ask);
        }
        let groups = &self.people.groups;
        let outcome = match (method, rest) {
            ("GET", []) => Ok(page_of(ask, groups.all().iter().collect(), shown)),
            ("GET", [id]) => groups.find(id).map(|group| Reply::ok(shown(group))),
            ("GET", [id, "people"]) => groups.find(id).map(|_| {
                let members = self.people.listed().filter(|person| is_in(person, &[id]));
                Reply::ok(members.cloned().collect::<Vec<_>>().into())
            }),
            _ => return None,
        };
        Some(outcome)
    }
}
