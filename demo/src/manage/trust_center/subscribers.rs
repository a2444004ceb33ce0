//! `subscribers`, who hear of updates, and `subscriber-groups`.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::{Call, ids, is_email, known_ids};
use super::customers::{self, satisfies};
use crate::ask::{Ask, Reply};
use crate::clock::iso_days;
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::Outcome;
use crate::pages::page_of;
use crate::record::{fresh_id, take_over, text, without};
use crate::shelf::Shelf;

/// Of a subscriber; kept, not shown.
const ACCOUNT: &str = "customerTrustAccountId";
const MEMBERS: &str = "subscriberIds";
const NEW: &[Field] =
    &[must("email", Shape::Text), may(ACCOUNT, Shape::Text), may("shouldSkipEmailVerification", Shape::Flag)];
const NEW_GROUP: &[Field] = &[must("name", Shape::Text), must(MEMBERS, Shape::List)];

/// Name, customer, whether the address was confirmed, and days since it was entered.
const SEEDED: &[(&str, usize, bool, i64)] = &[
    ("Ada Fenn", 0, true, 338),
    ("Signe Holt", 1, true, 260),
    ("Marcus Obi", 2, true, 119),
    ("Paolo Ferri", 5, true, 394),
    ("Yara Demir", 3, true, 80),
    ("Bridget Moran", 0, true, 301),
    ("Kenji Aoki", 1, false, 96),
    ("Ingrid Solheim", 4, true, 55),
    ("Nora Quist", 6, false, 1),
    ("Rosa Lindgren", 7, true, 140),
    ("Callum Reid", 4, true, 3),
    ("Omar Nasser", 2, true, 210),
];
/// Name, days since it was made, and which of the subscribers are in it.
const GROUPS: &[(&str, i64, &[usize])] = &[
    ("Hospital partners", 250, &[1, 6, 9]),
    ("Security contacts", 310, &[0, 1, 2, 4]),
    ("Insurers", 200, &[2, 11]),
    ("Beta clinics", 14, &[]),
];

pub(super) struct Subscribers {
    shelf: Shelf,
    groups: Shelf,
}

impl Subscribers {
    pub(super) fn new(now: Timestamp, accounts: &[Value], rng: &mut Rng) -> Self {
        let seeded: Vec<Value> = SEEDED
            .iter()
            .map(|(name, customer, verified, days)| {
                json!({
                    "id": fresh_id(rng),
                    "email": customers::address(name, *customer),
                    "isEmailVerified": verified,
                    "creationDate": iso_days(now, -days),
                    ACCOUNT: customers::account(*customer, accounts),
                })
            })
            .collect();
        let groups = GROUPS.iter().map(|(name, days, members)| {
            let members = members.iter().filter_map(|index| seeded.get(*index)?.get("id"));
            json!({
                "id": fresh_id(rng),
                "name": name,
                MEMBERS: members.collect::<Vec<_>>(),
                "creationDate": iso_days(now, -days),
            })
        });
        let groups = Shelf::new("Subscriber group", groups.collect());
        Self { shelf: Shelf::new("Subscriber", seeded), groups }
    }

    /// The addresses of all who have confirmed theirs.
    pub(super) fn active(&self) -> impl Iterator<Item = &str> {
        self.shelf.all().iter().filter(|one| is_verified(one)).map(|one| text(one, "email"))
    }

    /// The addresses of those in any of these groups who have confirmed theirs, or 404 for a group. Under a
    /// filter only subscribers count whose account satisfies it.
    pub(super) fn in_groups(
        &self,
        groups: &[&str],
        accounts: &[Value],
        filter: Option<&Value>,
    ) -> Result<Vec<&str>, Reply> {
        let fits = |one: &Value, filter: &Value| {
            let mut mine = accounts.iter().filter(|account| account.get("id") == one.get(ACCOUNT));
            mine.any(|account| satisfies(account, filter))
        };
        let mut found = Vec::new();
        for group in groups {
            let members = ids(self.groups.find(group)?, MEMBERS)?;
            let members = members.into_iter().filter_map(|id| self.shelf.get(id));
            let counted =
                members.filter(|one| is_verified(one) && filter.is_none_or(|filter| fits(one, filter)));
            found.extend(counted.map(|one| text(one, "email")));
        }
        Ok(found)
    }

    pub(super) fn route(&mut self, path: &[&str], call: &mut Call<'_>) -> Option<Outcome> {
        let outcome = match (call.method, path) {
            ("GET", ["subscribers"]) => Ok(self.list(call.ask)),
            ("POST", ["subscribers"]) => self.subscribe(call),
            ("GET", ["subscribers", id]) => self.shelf.find(id).map(|one| Reply::ok(shown(one))),
            ("DELETE", ["subscribers", id]) => self.unsubscribe(id),
            ("PUT", ["subscribers", id, "groups"]) => self.replace_groups(id, call.body()),
            ("GET", ["subscriber-groups"]) => {
                Ok(page_of(call.ask, self.groups.all().iter().collect(), Value::clone))
            }
            ("POST", ["subscriber-groups"]) => self.create_group(call),
            ("GET", ["subscriber-groups", id]) => self.groups.find(id).cloned().map(Reply::ok),
            ("PATCH", ["subscriber-groups", id]) => self.rename_group(id, call.body()),
            ("DELETE", ["subscriber-groups", id]) => self.groups.remove(id).map(|_| Reply::Empty(204)),
            _ => return None,
        };
        Some(outcome)
    }

    fn list(&self, ask: &Ask) -> Reply {
        let account = ask.one(ACCOUNT);
        let wanted = |one: &&Value| account.is_none_or(|account| text(one, ACCOUNT) == account);
        page_of(ask, self.shelf.all().iter().filter(wanted).collect(), shown)
    }

    fn subscribe(&mut self, call: &mut Call<'_>) -> Outcome {
        let body = call.body();
        fields::check(body, NEW)?;
        let email = text(body, "email");
        is_email("email", email)?;
        if self.shelf.all().iter().any(|one| text(one, "email").eq_ignore_ascii_case(email)) {
            return Err(Reply::error(409, format!("{email} is a subscriber already")));
        }
        let verified = body.get("shouldSkipEmailVerification").and_then(Value::as_bool).unwrap_or(false);
        let subscriber = json!({
            "id": call.fresh_id(),
            "email": email,
            "isEmailVerified": verified,
            "creationDate": call.now(),
            ACCOUNT: body.get(ACCOUNT),
        });
        self.shelf.add(subscriber.clone());
        Ok(Reply::Json(201, shown(&subscriber)))
    }

    fn unsubscribe(&mut self, id: &str) -> Outcome {
        self.shelf.remove(id)?;
        self.leave_groups(id)?;
        Ok(Reply::Empty(204))
    }

    fn leave_groups(&mut self, id: &str) -> Result<(), Reply> {
        let groups: Vec<String> =
            self.groups.all().iter().map(|group| text(group, "id").to_owned()).collect();
        for group in groups {
            if let Some(members) =
                self.groups.find_mut(&group)?.get_mut(MEMBERS).and_then(Value::as_array_mut)
            {
                members.retain(|member| member != id);
            }
        }
        Ok(())
    }

    fn replace_groups(&mut self, id: &str, body: &Value) -> Outcome {
        fields::check(body, &[must("groupIds", Shape::List)])?;
        let answer = shown(self.shelf.find(id)?);
        let wanted = known_ids(body, "groupIds", &self.groups)?;
        self.leave_groups(id)?;
        for group in wanted {
            let members = self.groups.find_mut(group)?.get_mut(MEMBERS).and_then(Value::as_array_mut);
            if let Some(members) = members.filter(|members| !members.iter().any(|member| member == id)) {
                members.push(id.into());
            }
        }
        Ok(Reply::ok(answer))
    }

    fn create_group(&mut self, call: &mut Call<'_>) -> Outcome {
        let body = call.body();
        fields::check(body, NEW_GROUP)?;
        let mut members = Vec::new();
        for id in known_ids(body, MEMBERS, &self.shelf)? {
            if !members.contains(&id) {
                members.push(id);
            }
        }
        let group = json!({
            "id": call.fresh_id(),
            "name": body.get("name"),
            MEMBERS: members,
            "creationDate": call.now(),
        });
        self.groups.add(group.clone());
        Ok(Reply::Json(201, group))
    }

    fn rename_group(&mut self, id: &str, body: &Value) -> Outcome {
        fields::check(body, &[must("name", Shape::Text)])?;
        let group = self.groups.find_mut(id)?;
        take_over(group, body, &["name"]);
        Ok(Reply::ok(group.clone()))
    }
}

fn is_verified(subscriber: &Value) -> bool {
    subscriber.get("isEmailVerified") == Some(&json!(true))
}

fn shown(subscriber: &Value) -> Value {
    without(subscriber, &[ACCOUNT])
}
