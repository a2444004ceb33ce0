//! `updates`: news for visitors, and whom each was sent to.

use std::collections::BTreeSet;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::{Call, ids, is_email};
use super::customers::entries;
use super::subscribers::Subscribers;
use crate::ask::Reply;
use crate::clock::iso_days;
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::Outcome;
use crate::pages::page_of;
use crate::record::{fresh_id, set, take_over, text};
use crate::shelf::Shelf;

const CATEGORIES: &[&str] = &["GENERAL", "COMPLIANCE", "SECURITY", "PRIVACY", "INCIDENT", "ROADMAP"];
const CONTENT: &[Field] = &[
    must("title", Shape::Text),
    must("description", Shape::Text),
    must("category", Shape::OneOf(CATEGORIES)),
    may("visibilityType", Shape::OneOf(&["PUBLIC", "PRIVATE"])),
];
const CONTENT_KEYS: &[&str] = &["title", "description", "category", "visibilityType"];
const AUDIENCE: &[Field] = &[
    may("notifiedEmails", Shape::List),
    may("notificationTarget", Shape::OneOf(&["ALL", "GROUPS", "NONE"])),
    may(GROUPS, Shape::List),
];
const SPECIFIC: &[Field] =
    &[must("emails", Shape::List), must(GROUPS, Shape::List), may("customerTrustAccounts", Shape::Object)];
/// One message goes to at most so many.
const MOST_RECIPIENTS: usize = 5000;
/// Of a filter of accounts.
const FIELDS: &str = "customFieldsFilter";
const TAGS: &str = "tagsByCategory";
const GROUPS: &str = "subscriberGroupIds";
const NOTIFIED: &str = "notifiedEmails";

/// Title, description, category, days since it was written, whether all may read it and whether it was sent.
type Seed = (&'static str, &'static str, &'static str, i64, bool, bool);

const SEEDED: &[Seed] = &[
    (
        "New SOC 2 Type II report",
        "The report for the latest period is available. It has no exceptions.",
        "COMPLIANCE",
        73,
        true,
        true,
    ),
    (
        "Slow video visits on two mornings",
        "A faulty cache delayed the start of visits. No data was affected; the cache has been replaced.",
        "INCIDENT",
        39,
        true,
        true,
    ),
    (
        "Fivetran processes de-identified data only",
        "Several customers asked what data the pipeline processes: only de-identified data.",
        "PRIVACY",
        26,
        true,
        false,
    ),
    (
        "Sign-in by passkey is coming",
        "Clinics can try passkeys from next quarter. Contact us for early access.",
        "ROADMAP",
        17,
        false,
        false,
    ),
    (
        "Second factor required for all administrators",
        "Clinic administrators now need a second factor at every sign-in.",
        "SECURITY",
        9,
        true,
        true,
    ),
    ("Office closed on Thursday", "We will answer questions again on Friday.", "GENERAL", 2, true, false),
];

pub(super) struct Updates(Shelf);

impl Updates {
    pub(super) fn new(now: Timestamp, subscribers: &Subscribers, rng: &mut Rng) -> Self {
        let seeded = SEEDED.iter().map(|(title, description, category, days, is_public, sent)| {
            let sent: BTreeSet<&str> = subscribers.active().filter(|_| *sent).collect();
            json!({
                "id": fresh_id(rng),
                "title": title,
                "description": description,
                "category": category,
                "creationDate": iso_days(now, -days),
                "updatedDate": iso_days(now, -days),
                "visibilityType": if *is_public { "PUBLIC" } else { "PRIVATE" },
                NOTIFIED: sent,
            })
        });
        Self(Shelf::new("Update", seeded.collect()))
    }

    pub(super) fn route(
        &mut self,
        path: &[&str],
        subscribers: &Subscribers,
        call: &mut Call<'_>,
    ) -> Option<Outcome> {
        let outcome = match (call.method, path) {
            ("GET", [_]) => Ok(page_of(call.ask, self.0.all().iter().collect(), Value::clone)),
            ("POST", [_]) => self.publish(subscribers, call),
            ("GET", [_, id]) => self.0.find(id).cloned().map(Reply::ok),
            ("PATCH", [_, id]) => self.change(id, call),
            ("DELETE", [_, id]) => self.0.remove(id).map(|_| Reply::Empty(204)),
            ("POST", [_, id, "notify-all-subscribers"]) => self.notify(id, subscribers.active().collect()),
            ("POST", [_, id, "notify-specific-subscribers"]) => self.notify_specific(id, subscribers, call),
            _ => return None,
        };
        Some(outcome)
    }

    fn publish(&mut self, subscribers: &Subscribers, call: &mut Call<'_>) -> Outcome {
        let body = call.body();
        fields::check(body, CONTENT)?;
        fields::check(body, AUDIENCE)?;
        let mut recipients = addresses(body, NOTIFIED)?;
        match text(body, "notificationTarget") {
            "ALL" => recipients.extend(subscribers.active()),
            "GROUPS" => {
                let groups = ids(body, GROUPS)?;
                if groups.is_empty() {
                    return Err(Reply::error(422, format!("{GROUPS} is required for the target GROUPS")));
                }
                recipients.extend(subscribers.in_groups(&groups, call.accounts, None)?);
            }
            _ => {}
        }
        let recipients: BTreeSet<&str> = recipients.into_iter().collect();
        let mut update = json!({
            "id": call.fresh_id(),
            "creationDate": call.now(),
            "updatedDate": call.now(),
            "visibilityType": "PUBLIC",
            NOTIFIED: recipients,
        });
        take_over(&mut update, body, CONTENT_KEYS);
        self.0.add(update.clone());
        Ok(Reply::Json(201, update))
    }

    fn change(&mut self, id: &str, call: &Call<'_>) -> Outcome {
        fields::check(call.body(), CONTENT)?;
        let update = self.0.find_mut(id)?;
        take_over(update, call.body(), CONTENT_KEYS);
        set(update, "updatedDate", call.now());
        Ok(Reply::ok(update.clone()))
    }

    /// Adds to those who were told; nobody is named twice.
    fn notify(&mut self, id: &str, recipients: Vec<&str>) -> Outcome {
        let update = self.0.find_mut(id)?;
        let told: BTreeSet<String> =
            ids(update, NOTIFIED)?.into_iter().chain(recipients).map(str::to_owned).collect();
        set(update, NOTIFIED, told.into_iter().collect::<Vec<_>>());
        Ok(Reply::Empty(204))
    }

    fn notify_specific(&mut self, id: &str, subscribers: &Subscribers, call: &Call<'_>) -> Outcome {
        let body = call.body();
        self.0.find(id)?;
        fields::check(body, SPECIFIC)?;
        let filter = filter(body)?;
        let mut recipients = addresses(body, "emails")?;
        let groups = ids(body, GROUPS)?;
        if recipients.is_empty() && groups.is_empty() {
            return Err(Reply::error(422, "At least one email address or subscriber group is needed"));
        }
        recipients.extend(subscribers.in_groups(&groups, call.accounts, filter)?);
        recipients.sort_unstable();
        recipients.dedup();
        if recipients.len() > MOST_RECIPIENTS {
            return Err(Reply::error(
                422,
                format!("At most {MOST_RECIPIENTS} recipients can be notified at once"),
            ));
        }
        self.notify(id, recipients)
    }
}

fn addresses<'a>(body: &'a Value, key: &str) -> Result<Vec<&'a str>, Reply> {
    let addresses = ids(body, key)?;
    addresses.iter().try_for_each(|address| is_email(key, address))?;
    Ok(addresses)
}

/// The filter of accounts that the body has, given that it says anything; each of its entries is checked.
fn filter(body: &Value) -> Result<Option<&Value>, Reply> {
    let Some(filter) = body.get("customerTrustAccounts") else { return Ok(None) };
    fields::check(filter, &[may(FIELDS, Shape::List), may(TAGS, Shape::List)])?;
    for field in entries(filter, FIELDS) {
        fields::check(field, &[must("label", Shape::Text)])?;
        if !field.get("value").is_some_and(|value| value.is_string() || value.is_array()) {
            return Err(Reply::error(422, "value must be a string or an array of strings"));
        }
    }
    for tags in entries(filter, TAGS) {
        fields::check(tags, &[must("categoryId", Shape::Text), must("tagIds", Shape::List)])?;
    }
    let narrows = [FIELDS, TAGS].iter().any(|key| !entries(filter, key).is_empty());
    Ok(narrows.then_some(filter))
}
