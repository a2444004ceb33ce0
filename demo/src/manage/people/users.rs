//! `/v1/users`: everyone's account in Vanta itself. It carries the person's id, so that any owner can be found. The list has
//! the active ones alone; one who has left is found by id.

use serde_json::{Value, json};

use super::People;
use super::routes::is_in;
use crate::ask::{Ask, Reply};
use crate::manage::{Manage, Outcome, bulk};
use crate::pages::page_of;
use crate::record::text;

impl Manage {
    pub(in crate::manage) fn users_route(
        &mut self,
        method: &str,
        rest: &[&str],
        ask: &Ask,
    ) -> Option<Outcome> {
        let people = &mut self.people;
        let outcome = match (method, rest) {
            ("POST", ["deactivate"]) => bulk(ask, usize::MAX, |id, _| people.deactivate(id)),
            ("GET", []) => {
                let everyone = people.listed().chain(people.set_apart.all());
                let active = everyone.filter(|person| people.may_sign_in(text(person, "id")));
                Ok(page_of(ask, active.collect(), |person| people.user(person)))
            }
            ("GET", [id]) => {
                let found = people.account(id);
                found.map(|person| Reply::ok(people.user(person))).ok_or_else(|| Reply::not_found("User", id))
            }
            _ => return None,
        };
        Some(outcome)
    }
}

impl People {
    fn account(&self, id: &str) -> Option<&Value> {
        self.shelf.get(id).or_else(|| self.set_apart.get(id))
    }

    pub(super) fn may_sign_in(&self, id: &str) -> bool {
        self.has_access(id) && !self.deactivated.contains(id)
    }

    /// Takes the account in Vanta away, but not one that an identity provider keeps, and never that of the last admin.
    fn deactivate(&mut self, id: &str) -> Result<(), String> {
        let account = self.account(id).ok_or_else(|| format!("User with id {id} was not found"))?;
        let groups = self.groups.all().iter().filter(|group| text(group, "source") != "Vanta");
        let provided: Vec<&str> = groups.map(|group| text(group, "id")).collect();
        if is_in(account, &provided) {
            return Err("This user comes from the identity provider and is deactivated there".to_owned());
        }
        let mut others = self.admins.iter().filter(|admin| *admin != id);
        let is_admin = self.admins.iter().any(|admin| admin == id);
        if is_admin && self.may_sign_in(id) && !others.any(|other| self.may_sign_in(other)) {
            return Err("The last active admin cannot be deactivated".to_owned());
        }
        self.deactivated.insert(id.to_owned());
        Ok(())
    }

    /// Signing in works for those who still have access somewhere.
    fn user(&self, person: &Value) -> Value {
        json!({
            "id": person.get("id"),
            "email": person.get("emailAddress"),
            "displayName": person.pointer("/name/display"),
            "isActive": self.may_sign_in(text(person, "id")),
        })
    }
}
