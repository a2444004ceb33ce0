//! `/v1/users`: everyone's account in Vanta itself. It carries the person's id, so that any owner can be found.

use serde_json::{Value, json};

use super::People;
use crate::ask::{Ask, Reply};
use crate::manage::{Manage, Outcome};
use crate::pages::page_of;
use crate::record::text;

impl Manage {
    pub(in crate::manage) fn users_route(&self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        let people = &self.people;
        let outcome = match (method, rest) {
            ("GET", []) => {
                let everyone = people.listed().chain(people.set_apart.all());
                Ok(page_of(ask, everyone.collect(), |person| people.user(person)))
            }
            ("GET", [id]) => {
                let found = people.shelf.get(id).or_else(|| people.set_apart.get(id));
                found.map(|person| Reply::ok(people.user(person))).ok_or_else(|| Reply::not_found("User", id))
            }
            _ => return None,
        };
        Some(outcome)
    }
}

impl People {
    /// Signing in works for those who still have access somewhere.
    fn user(&self, person: &Value) -> Value {
        json!({
            "id": person.get("id"),
            "email": person.get("emailAddress"),
            "displayName": person.pointer("/name/display"),
            "isActive": self.has_access(text(person, "id")),
        })
    }
}
