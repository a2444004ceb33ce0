//! People: the company's, and the accounts that turned out not to be people.

pub(super) mod groups;
mod membership;
mod roster;
mod routes;
mod tasks;
mod users;

use std::collections::HashSet;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::ask::Reply;
use crate::record::{at, text, turn};
use crate::shelf::Shelf;
use crate::size::Growth;
use roster::PEOPLE;

pub(crate) use routes::listed as list;

/// Security, IT, engineering and legal people own controls, tests and vendors.
const LEADERS: &[usize] = &[1, 2, 3, 4, 5, 6, 7, 8];
/// Those of them who administer Vanta with accounts that were made by hand.
const ADMINS: &[usize] = &[4, 8];

pub(super) struct People {
    pub(super) shelf: Shelf,
    /// Accounts that someone has marked as no people.
    set_apart: Shelf,
    /// Ids of those who can still sign in somewhere.
    with_access: HashSet<String>,
    groups: Shelf,
    /// Groups of identity providers that can be taken over, and the ids of those that were.
    importable: Vec<Value>,
    imported: Vec<String>,
    /// Ids of those who may change Vanta's settings, and of those who may not sign in to it any more.
    admins: Vec<String>,
    deactivated: HashSet<String>,
}

impl People {
    pub(super) fn new(now: Timestamp, growth: Option<&Growth>, rng: &mut Rng) -> Self {
        let groups = groups::shelf(now, rng);
        let (people, with_access) =
            roster::people(now, &groups, growth.map_or(PEOPLE, |growth| growth.people), rng);
        let mut people = Self {
            shelf: Shelf::new("Person", people),
            set_apart: Shelf::new("Account that is not a person", Vec::new()),
            with_access,
            groups,
            importable: Vec::new(),
            imported: Vec::new(),
            admins: Vec::new(),
            deactivated: HashSet::new(),
        };
        people.name_contacts();
        people.admins = ADMINS.iter().map(|place| people.any_id(*place)).collect();
        people
    }

    /// Lets the identity providers' groups be seen.
    pub(super) fn connect_directories(&mut self, rng: &mut Rng) {
        self.importable = membership::importable(self, rng);
    }

    pub(super) fn listed(&self) -> impl Iterator<Item = &Value> {
        self.shelf.all().iter()
    }

    /// One of those who own things, as an owner is shown.
    pub(super) fn leader(&self, which: usize) -> Value {
        self.shelf.all().get(turn(LEADERS, which)).map(owner).unwrap_or_default()
    }

    /// The id of one of those who own things.
    pub(super) fn leader_id(&self, which: usize) -> String {
        text(&self.leader(which), "id").to_owned()
    }

    /// The owner that a body's `userId` names; `null` for none, 404 for someone unknown, 422 for a user who is not active.
    pub(super) fn owner_of(&self, body: &Value) -> Result<Value, Reply> {
        let Some(id) = body.get("userId").and_then(Value::as_str) else { return Ok(Value::Null) };
        let person = self.shelf.find(id)?;
        if !self.may_sign_in(id) {
            return Err(Reply::error(422, format!("{id} is not an active user")));
        }
        Ok(owner(person))
    }

    /// Someone by id.
    pub(super) fn get(&self, id: &str) -> Option<&Value> {
        self.shelf.get(id)
    }

    /// 404 for someone unknown.
    pub(super) fn known(&self, id: &str) -> Result<(), Reply> {
        self.shelf.find(id).map(|_| ())
    }

    /// 404 for someone unknown, 422 for someone who has left.
    pub(super) fn employed(&self, id: &str) -> Result<(), Reply> {
        match at(self.shelf.find(id)?, "/employment/status") {
            "FORMER" => Err(Reply::error(422, format!("{id} is not a current employee"))),
            _ => Ok(()),
        }
    }

    /// Whether someone can still sign in somewhere.
    pub(super) fn has_access(&self, id: &str) -> bool {
        self.with_access.contains(id)
    }

    /// A person as an owner is shown; `null` for someone unknown.
    pub(super) fn owner_by_id(&self, id: &str) -> Value {
        self.shelf.get(id).map(owner).unwrap_or_default()
    }

    /// The person with this email address.
    pub(super) fn with_email(&self, email: &str) -> Option<&Value> {
        self.listed().find(|person| text(person, "emailAddress").eq_ignore_ascii_case(email))
    }

    /// The id of any person.
    pub(super) fn any_id(&self, which: usize) -> String {
        text(self.any(which), "id").to_owned()
    }

    /// The id of someone from this place on who has no device monitoring left to install.
    pub(super) fn with_device(&self, which: usize) -> String {
        let task = "/tasksSummary/details/installDeviceMonitoring/status";
        let count = self.shelf.all().len().max(1);
        let mut from_there = self.shelf.all().iter().cycle().skip(which % count).take(count);
        let found = from_there.find(|person| !matches!(at(person, task), "OVERDUE" | "DUE_SOON"));
        found.map(|person| text(person, "id").to_owned()).unwrap_or_default()
    }

    /// The email address of any person.
    pub(super) fn any_email(&self, which: usize) -> String {
        text(self.any(which), "emailAddress").to_owned()
    }

    fn any(&self, which: usize) -> &Value {
        let count = self.shelf.all().len().max(1);
        self.shelf.all().get(which % count).unwrap_or(&Value::Null)
    }
}

fn owner(person: &Value) -> Value {
    json!({
        "id": person.get("id"),
        "displayName": person.pointer("/name/display"),
        "emailAddress": person.get("emailAddress"),
    })
}
