//! `/v1/groups`, what changes them: new groups, members, and groups of identity providers taken over.

use fastrand::Rng;
use serde_json::{Value, json};

use super::{People, groups};
use crate::ask::{Ask, Reply};
use crate::clock::iso;
use crate::fields::{self, Shape, may, must};
use crate::manage::{Manage, Outcome, bulk};
use crate::pages::page_of;
use crate::record::{contains, fresh_id, set, text, without};

/// Name, integration, what the provider is called, the account there, and every how many-th person belongs to it.
const DIRECTORY_GROUPS: &[(&str, &str, &str, Option<&str>, usize)] = &[
    ("aws-administrators", "okta", "Okta", Some("quillmere.okta.example"), 15),
    ("On-call engineers", "okta", "Okta", Some("quillmere.okta.example"), 11),
    ("Contractors", "okta", "Okta", Some("quillmere.okta.example"), 19),
    ("Finance systems", "okta", "Okta", Some("quillmere.okta.example"), 23),
    ("Records access, read only", "okta", "Okta", Some("quillmere.okta.example"), 7),
    ("Incident announcements", "gsuiteadmin", "Google Workspace", None, 4),
    ("Partner clinics", "gsuiteadmin", "Google Workspace", None, 17),
    ("Security champions", "gsuiteadmin", "Google Workspace", None, 13),
];
/// Kept with a group of an identity provider; answers do not show them.
const MEMBERS: &str = "members";
const PROVIDER: &str = "provider";

/// Groups that identity providers have and the company does not.
pub(super) fn importable(people: &People, rng: &mut Rng) -> Vec<Value> {
    let entries = DIRECTORY_GROUPS.iter().map(|(name, integration, provider, account, every)| {
        let first = rng.usize(..*every);
        let working = people.listed().filter(|person| people.has_access(text(person, "id")));
        let members: Vec<&str> =
            working.skip(first).step_by(*every).map(|person| text(person, "id")).collect();
        json!({
            "id": fresh_id(rng),
            "name": name,
            "integrationId": integration,
            "externalAccountId": account,
            PROVIDER: provider,
            MEMBERS: members,
        })
    });
    entries.collect()
}

impl Manage {
    pub(super) fn membership_route(&mut self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("POST", []) => self.create_group(ask),
            ("GET", ["importable-idp-groups"]) => Ok(self.list_importable(ask)),
            ("POST", ["import-from-idp"]) => self.import_groups(ask),
            ("POST", [group, "people"]) => self.add_person(group, ask),
            ("DELETE", [group]) => self.delete_group(group),
            ("DELETE", [group, "people", person]) => self.remove_person(group, person),
            ("POST", [group, "add-people"]) => self.change_members(group, ask, |people, group, person| {
                people.join(group, person).map_err(|_| unknown(person))
            }),
            ("POST", [group, "remove-people"]) => self.change_members(group, ask, |people, group, person| {
                people.leave(group, person).map_err(|_| format!("{person} is no member of this group"))
            }),
            _ => return None,
        };
        Some(outcome)
    }

    fn create_group(&mut self, ask: &Ask) -> Outcome {
        let wanted = [
            must("name", Shape::Text),
            may("description", Shape::Text).or_null(),
            may("pointOfContactEmail", Shape::Text).or_null(),
        ];
        fields::check(&ask.body, &wanted)?;
        let name = text(&ask.body, "name");
        if name.trim().is_empty() {
            return Err(Reply::error(422, "name must not be empty"));
        }
        if self.people.groups.all().iter().any(|group| text(group, "name") == name) {
            return Err(Reply::error(409, format!("There is a group called {name} already")));
        }
        let email = text(&ask.body, "pointOfContactEmail");
        let contact = self.people.with_email(email).map(super::owner);
        if contact.is_none() && !email.is_empty() {
            let message = format!("pointOfContactEmail {email} is not the address of a person");
            return Err(Reply::error(422, message));
        }
        let description = ask.body.get("description").cloned().unwrap_or_default();
        let id = fresh_id(&mut self.rng);
        let group = groups::group(&id, name, &iso(ask.now), &description, ("Vanta", contact.as_ref()));
        self.people.groups.add(group);
        self.people.group_in_full(&id).map(Reply::ok)
    }

    fn list_importable(&self, ask: &Ask) -> Reply {
        let integrations = ask.all("integrationId");
        let wanted = |group: &&Value| {
            ask.one("search").is_none_or(|part| contains(text(group, "name"), part))
                && (integrations.is_empty() || integrations.contains(&text(group, "integrationId")))
        };
        let kept = self.people.importable.iter().filter(wanted);
        page_of(ask, kept.collect(), |group| without(group, &[MEMBERS, PROVIDER]))
    }

    fn import_groups(&mut self, ask: &Ask) -> Outcome {
        fields::check(&ask.body, &[must("idpGroupIds", Shape::List)])?;
        let ids = ask.body.get("idpGroupIds").and_then(Value::as_array);
        let ids: Option<Vec<&str>> = ids.into_iter().flatten().map(Value::as_str).collect();
        let ids = ids.ok_or_else(|| Reply::error(422, "idpGroupIds must be an array of strings"))?;
        let results: Vec<Value> = ids.into_iter().map(|id| self.import_group(id, ask)).collect();
        Ok(Reply::ok(json!({ "results": results })))
    }

    /// One entry of the answer. A group that was taken over already, or whose name is taken, stays where it is.
    fn import_group(&mut self, asked: &str, ask: &Ask) -> Value {
        let failed = |reason: &str, message: String| json!({ "idpGroupId": asked, "status": "ERROR", "reason": reason, "message": message });
        if self.people.imported.iter().any(|id| id == asked) {
            return failed("IMPORT_FAILED", "This group has been imported already".to_owned());
        }
        let Some(place) = self.people.importable.iter().position(|group| text(group, "id") == asked) else {
            return failed("NOT_FOUND", format!("No identity provider has a group with id {asked}"));
        };
        let found = self.people.importable.get(place).cloned().unwrap_or_default();
        let name = text(&found, "name");
        if self.people.groups.all().iter().any(|group| text(group, "name") == name) {
            return failed("IMPORT_FAILED", format!("There is a group called {name} already"));
        }
        self.people.importable.remove(place);
        self.people.imported.push(asked.to_owned());
        let id = fresh_id(&mut self.rng);
        let source = (text(&found, PROVIDER), None);
        self.people.groups.add(groups::group(&id, name, &iso(ask.now), &Value::Null, source));
        for member in found.get(MEMBERS).and_then(Value::as_array).into_iter().flatten() {
            // Someone marked as no person since then is left out.
            let _ = self.people.join(&id, member.as_str().unwrap_or_default());
        }
        json!({ "idpGroupId": asked, "status": "SUCCESS", "groupId": id })
    }

    fn add_person(&mut self, group: &str, ask: &Ask) -> Outcome {
        self.people.groups.find(group)?;
        fields::check(&ask.body, &[must("id", Shape::Text)])?;
        self.people.join(group, text(&ask.body, "id")).map(Reply::ok)
    }

    fn remove_person(&mut self, group: &str, person: &str) -> Outcome {
        self.people.groups.find(group)?;
        self.people.leave(group, person).map(Reply::ok)
    }

    /// The group of everyone stays, and so does one with people in it that was made here.
    fn delete_group(&mut self, id: &str) -> Outcome {
        let group = self.people.groups.find(id)?;
        if text(group, "name") == groups::EVERYONE {
            return Err(Reply::error(422, "The default group cannot be deleted"));
        }
        let is_used = self.people.listed().any(|person| super::routes::is_in(person, &[id]));
        if text(group, "source") == "Vanta" && is_used {
            return Err(Reply::error(422, "A group with people assigned to it cannot be deleted"));
        }
        self.people.dissolve(id);
        self.people.groups.remove(id)?;
        Ok(Reply::Empty(204))
    }

    fn change_members(
        &mut self,
        group: &str,
        ask: &Ask,
        change: impl Fn(&mut People, &str, &str) -> Result<Value, String>,
    ) -> Outcome {
        self.people.groups.find(group)?;
        bulk(ask, 100, |person, _| change(&mut self.people, group, person).map(|_| ()))
    }
}

fn unknown(person: &str) -> String {
    format!("Person with id {person} was not found")
}

impl People {
    /// The person as it is after joining; a member stays one. 404 for someone unknown.
    fn join(&mut self, group: &str, person: &str) -> Result<Value, Reply> {
        let person = self.shelf.find_mut(person)?;
        let mut mine = groups_of(person);
        if !mine.iter().any(|id| id == group) {
            mine.push(group.to_owned());
        }
        set(person, "groupIds", mine);
        Ok(person.clone())
    }

    /// The person as it is after leaving; 404 for someone who is no member.
    fn leave(&mut self, group: &str, person: &str) -> Result<Value, Reply> {
        let record = self.shelf.find_mut(person)?;
        let mut mine = groups_of(record);
        let before = mine.len();
        mine.retain(|id| id != group);
        if mine.len() == before {
            return Err(Reply::not_found("Member of this group", person));
        }
        set(record, "groupIds", mine);
        Ok(record.clone())
    }

    /// Takes everyone out of a group.
    fn dissolve(&mut self, group: &str) {
        for shelf in [&mut self.shelf, &mut self.set_apart] {
            let everyone: Vec<String> =
                shelf.all().iter().map(|person| text(person, "id").to_owned()).collect();
            for id in everyone {
                if let Ok(person) = shelf.find_mut(&id) {
                    let mut mine = groups_of(person);
                    mine.retain(|id| id != group);
                    set(person, "groupIds", mine);
                }
            }
        }
    }

    /// A group with everything that is known of it.
    pub(super) fn group_in_full(&self, id: &str) -> Result<Value, Reply> {
        let mut group = self.groups.find(id)?.clone();
        let members = self.listed().filter(|person| super::routes::is_in(person, &[id])).count();
        set(&mut group, "personnelCount", members);
        Ok(group)
    }

    /// All groups with everything that is known of them.
    pub(in crate::manage) fn groups_in_full(&self) -> Vec<Value> {
        let groups = self.groups.all().iter();
        groups.filter_map(|group| self.group_in_full(text(group, "id")).ok()).collect()
    }
}

fn groups_of(person: &Value) -> Vec<String> {
    let mine = person.get("groupIds").and_then(Value::as_array);
    mine.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
