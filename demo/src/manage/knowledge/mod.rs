//! The knowledge base: answers to questions of customers, and the documents and pages that back them.

mod answers;
mod catalog;
mod resources;
mod seeded;
mod webpages;
mod writing;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::Value;

use super::customer_trust::actors;
use super::customer_trust::parts::moment;
use super::customer_trust::tags::Tags;
use super::people::People;
use super::{Manage, Outcome};
use crate::ask::{Ask, Reply};
use crate::clock::{iso, iso_days, parse};
use crate::fields::{self, Shape, may};
use crate::query::date;
use crate::record::{contains, set, text};
use crate::shelf::Shelf;

/// How long something that was verified is good for, unless its verifier says otherwise.
const REVIEW_DAYS: i64 = 180;

pub(super) struct Knowledge {
    pub(super) answers: Shelf,
    pub(super) resources: Shelf,
}

impl Knowledge {
    pub(super) fn new(
        now: Timestamp,
        people: &People,
        tags: &Tags,
        (of_answers, of_resources): (&mut Rng, &mut Rng),
    ) -> Self {
        Self {
            answers: Shelf::new("Answer library entry", seeded::answers(now, people, tags, of_answers)),
            resources: Shelf::new("Resource", seeded::resources(now, people, tags, of_resources)),
        }
    }

    /// The id of a resource by its title; `None` where there is none of it.
    pub(super) fn resource_called(&self, title: &str) -> Option<&str> {
        let found = self.resources.all().iter().find(|resource| text(resource, "title") == title)?;
        Some(text(found, "id"))
    }
}

impl Manage {
    pub(super) fn knowledge_route(&mut self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        match rest {
            ["answer-library", below @ ..] => self.answer_library_route(method, below, ask),
            ["resources", below @ ..] => self.resources_route(method, below, ask),
            _ => None,
        }
    }

    /// What answers and resources have in common, as it is shown: owner, tags, and whether it is still good.
    fn show_known(&self, shown: &mut Value, now: Timestamp) {
        let owner = shown.get("ownerAssignment").cloned().unwrap_or_default();
        set(shown, "ownerAssignment", actors::shown(&self.people, &owner));
        let tags = self.customer_trust.tags.shown(shown, "tags");
        set(shown, "tags", tags);
        let expired = parse(text(shown, "expirationDate")).is_some_and(|until| until < now);
        set(shown, "expirationStatus", if expired { "EXPIRED" } else { "CURRENT" });
    }
}

/// Says that something is right as of now and how long that holds.
fn verify(record: &mut Value, ask: &Ask) -> Result<(), Reply> {
    fields::check(&ask.body, &[may("expirationDate", Shape::Date)])?;
    let until = moment(&ask.body, "expirationDate").unwrap_or_else(|| iso_days(ask.now, REVIEW_DAYS).into());
    set(record, "expirationDate", until);
    set(record, "lastVerified", iso(ask.now));
    Ok(())
}

/// The bounds that a list's query sets to two dates of a record, both included.
struct Bounds {
    updated: (Option<Timestamp>, Option<Timestamp>),
    expires: (Option<Timestamp>, Option<Timestamp>),
}

impl Bounds {
    fn of(ask: &Ask) -> Result<Self, Reply> {
        Ok(Self {
            updated: (date(ask, "lastUpdatedAfter")?, date(ask, "lastUpdatedBefore")?),
            expires: (date(ask, "expiresAfter")?, date(ask, "expiresBefore")?),
        })
    }

    /// What never expires lies within no bounds of expiry.
    fn hold(&self, record: &Value) -> bool {
        let within = |(after, before): (Option<Timestamp>, Option<Timestamp>), key: &str| {
            if after.is_none() && before.is_none() {
                return true;
            }
            let at = parse(text(record, key));
            at.is_some_and(|at| {
                after.is_none_or(|after| at >= after) && before.is_none_or(|before| at <= before)
            })
        };
        within(self.updated, "lastUpdated") && within(self.expires, "expirationDate")
    }
}

/// Whether every word of the query occurs in the text.
fn has_words(text: &str, query: &str) -> bool {
    query.split_whitespace().all(|word| contains(text, word))
}
