//! The people and records of the company as the audit takes them over.

use serde_json::Value;

use super::chance::{Chance, fingerprint};
use crate::Company;

/// A person of the audited company.
#[derive(Clone)]
pub(super) struct Colleague {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: String,
}

/// Those who prepare evidence for the auditors: a dozen of the company's people at most.
pub(super) struct Staff {
    members: Vec<Colleague>,
    mailbox: Colleague,
}

impl Staff {
    pub(super) fn of(company: &Company, chance: &mut Chance) -> Self {
        let current: Vec<Colleague> = company.people.iter().filter_map(colleague).collect();
        let members = chance.some_of(&current, 12).into_iter().cloned().collect();
        let email = format!("compliance@{}", company.domain);
        let id = format!("{:024x}", fingerprint(&email));
        let mailbox = Colleague { id, name: format!("{} Compliance", company.name), email };
        Self { members, mailbox }
    }

    /// One of them; the compliance mailbox of a company without people.
    pub(super) fn someone(&self, chance: &mut Chance) -> &Colleague {
        chance.pick(&self.members).unwrap_or(&self.mailbox)
    }
}

/// A string property of a record; empty where it is absent or no string.
pub(super) fn text(record: &Value, name: &str) -> String {
    record.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A current employee; `None` for someone who has left.
fn colleague(person: &Value) -> Option<Colleague> {
    let status = person.pointer("/employment/status").and_then(Value::as_str);
    if status == Some("FORMER") {
        return None;
    }
    let email = text(person, "emailAddress");
    let name = person.pointer("/name/display").and_then(Value::as_str).unwrap_or(&email).to_owned();
    Some(Colleague { id: text(person, "id"), name, email })
}
