//! Accounts in connected systems: one for each person concerned, and two for services.

use fastrand::Rng;
use serde_json::{Value, json};

use super::Surroundings;
use super::catalog::Form;
use super::resources::{Common, Place, common};
use crate::company::DOMAIN;
use crate::manage::people::People;
use crate::manage::people::groups::EVERYONE;
use crate::record::{at, fresh_id, set, take_over, text};

/// Tests of accounts, by the end of their ids, that say something about the accounts that fail them.
struct Failing {
    without_mfa: Vec<String>,
    administrators: Vec<String>,
}

pub(super) fn of(place: &Place<'_>, groups: &[&str], around: &Surroundings<'_>, rng: &mut Rng) -> Vec<Value> {
    let failing = |check: &str| around.tests.failing_accounts(place.integration, check);
    let failing = Failing { without_mfa: failing("mfa-enabled"), administrators: failing("admins-limited") };
    let mut accounts = Vec::new();
    for member in &around.members {
        if member.belongs_to(groups) || failing.names(text(member.person, "emailAddress")) {
            accounts.push(personal(place, member, accounts.len(), &failing, around, rng));
        }
    }
    for job in ["backup", "reporting"] {
        accounts.push(service(place, job, accounts.len(), around, rng));
    }
    accounts
}

impl Failing {
    fn names(&self, email: &str) -> bool {
        self.without_mfa.iter().chain(&self.administrators).any(|other| other == email)
    }
}

/// A person, with what an account shows of them.
pub(super) struct Member<'a> {
    person: &'a Value,
    groups: Vec<&'a str>,
    has_access: bool,
}

impl<'a> Member<'a> {
    pub(super) fn of(person: &'a Value, people: &'a People) -> Self {
        let groups = people.groups_of(person).into_iter().filter(|group| *group != EVERYONE).collect();
        Self { person, groups, has_access: people.has_access(text(person, "id")) }
    }

    fn belongs_to(&self, groups: &[&str]) -> bool {
        groups.is_empty() || self.groups.iter().any(|group| groups.contains(group))
    }
}

fn personal(
    place: &Place<'_>,
    member: &Member<'_>,
    index: usize,
    failing: &Failing,
    around: &Surroundings<'_>,
    rng: &mut Rng,
) -> Value {
    let person = member.person;
    let email = text(person, "emailAddress");
    let id = known_id(place.integration, person).map_or_else(|| fresh_id(rng), str::to_owned);
    let facts = Common {
        id,
        name: email.to_owned(),
        owner: person.get("id").cloned().unwrap_or_default(),
        description: None,
    };
    let mut account = common(place, index, &facts, around.now, rng);
    let admin = failing.administrators.iter().any(|other| other == email) || index.is_multiple_of(23);
    set(&mut account, "accountName", at(person, "/name/display"));
    set(&mut account, "roles", json!([if admin { "Administrator" } else { "Member" }]));
    set(&mut account, "groups", member.groups.as_slice());
    set(&mut account, "isDeactivated", !member.has_access);
    set(&mut account, "isMfaEnabled", !failing.without_mfa.iter().any(|other| other == email));
    in_aws(place, &mut account, rng);
    account
}

fn service(place: &Place<'_>, job: &str, index: usize, around: &Surroundings<'_>, rng: &mut Rng) -> Value {
    let name = format!("svc-{job}@{DOMAIN}");
    let facts = Common {
        id: fresh_id(rng),
        name: name.clone(),
        owner: Value::Null,
        description: Some(format!("Service account for {job}")),
    };
    let mut account = common(place, index, &facts, around.now, rng);
    let more = json!({
        "accountName": name,
        "roles": ["Service"],
        "groups": [],
        "isDeactivated": false,
        "isMfaEnabled": null,
    });
    take_over(&mut account, &more, &["accountName", "roles", "groups", "isDeactivated", "isMfaEnabled"]);
    in_aws(place, &mut account, rng);
    account
}

/// What only accounts in AWS have.
fn in_aws(place: &Place<'_>, account: &mut Value, rng: &mut Rng) {
    if place.form != Form::AwsAccount {
        return;
    }
    let number = place.account(text(account, "connectionId"));
    let keys: Vec<Value> = (0..rng.usize(0..3))
        .map(|turn| {
            let status = if turn == 0 { "Active" } else { "Inactive" };
            json!({ "accessKeyId": format!("AKIA{:016X}", rng.u64(..)), "status": status })
        })
        .collect();
    set(account, "awsUserAccountId", format!("AIDA{:016X}", rng.u64(..)));
    set(account, "awsAccountNumber", number);
    set(account, "accessKeys", keys);
}

/// The id under which a person's own record names the account in this system.
fn known_id<'a>(integration: &str, person: &'a Value) -> Option<&'a str> {
    let sources = ["/sources/emailAddress", "/sources/employment/startDate"];
    let mut sources = sources.iter().filter_map(|pointer| person.pointer(pointer));
    sources
        .find(|source| text(source, "integrationId") == integration)
        .map(|source| text(source, "resourceId"))
}
