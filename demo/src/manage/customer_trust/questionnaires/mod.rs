//! Questionnaires of customers, the responses to their questions, and their exports.

mod catalog;
mod creating;
mod exports;
mod responses;
mod routes;
mod seeded;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::actors;
use super::tags::Tags;
use crate::ask::Ask;
use crate::clock::{iso, parse};
use crate::manage::knowledge::Knowledge;
use crate::manage::people::People;
use crate::manage::{Manage, Outcome};
use crate::record::{set, text, without};
use crate::shelf::Shelf;
use catalog::QUESTIONNAIRES;

/// When the questions of a new questionnaire will have been read; kept with it, not shown.
const READ_BY: &str = "readBy";
/// How long reading takes.
const READING: SignedDuration = SignedDuration::from_secs(10);
/// How many of the usual questions one questionnaire asks.
const LENGTH: usize = 8;

pub(super) struct Questionnaires {
    pub(super) shelf: Shelf,
    /// Each response keeps the questionnaire that it belongs to.
    responses: Shelf,
    exports: Shelf,
}

/// What questionnaires draw on.
pub(super) struct Company<'a> {
    pub(super) people: &'a People,
    pub(super) tags: &'a Tags,
    pub(super) knowledge: &'a Knowledge,
    pub(super) accounts: &'a Shelf,
}

impl Questionnaires {
    pub(super) fn new(now: Timestamp, company: &Company, rng: &mut Rng) -> Self {
        let mut all = Self {
            shelf: Shelf::new("Questionnaire", Vec::new()),
            responses: Shelf::new("Questionnaire response", Vec::new()),
            exports: Shelf::new("Questionnaire export", Vec::new()),
        };
        for (index, entry) in QUESTIONNAIRES.iter().enumerate() {
            let questionnaire = seeded::questionnaire(index, *entry, now, company, rng);
            for response in seeded::responses(index, &questionnaire, company, rng) {
                all.responses.add(response);
            }
            all.shelf.add(questionnaire);
        }
        all
    }

    /// Reads those questionnaires whose time has come: they get their questions, and answers to most of them.
    fn read(&mut self, now: Timestamp, knowledge: &Knowledge, rng: &mut Rng) {
        let ready = |questionnaire: &&Value| {
            parse(text(questionnaire, READ_BY)).is_some_and(|read_by| read_by <= now)
        };
        let ids: Vec<String> =
            self.shelf.all().iter().filter(ready).map(|one| text(one, "id").to_owned()).collect();
        for id in ids {
            let Ok(questionnaire) = self.shelf.find_mut(&id) else { continue };
            let at = text(questionnaire, READ_BY).to_owned();
            change_status(questionnaire, "IN_PROGRESS", None, &at);
            set(questionnaire, READ_BY, Value::Null);
            for response in responses::first_draft(questionnaire, knowledge, rng) {
                self.responses.add(response);
            }
        }
    }
}

/// Puts a status, and the entry about it in front of the log.
fn change_status(questionnaire: &mut Value, status: &str, message: Option<&str>, at: &str) {
    let entry = json!({
        "updatedBy": actors::application(),
        "updatedAt": at,
        "status": status,
        "message": message,
    });
    if let Some(log) = questionnaire.get_mut("statusLog").and_then(Value::as_array_mut) {
        log.insert(0, entry);
    }
    set(questionnaire, "status", status);
    set(questionnaire, "updatedDate", at);
}

impl Manage {
    pub(super) fn questionnaires_route(&mut self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        self.customer_trust.questionnaires.read(ask.now, &self.knowledge, &mut self.rng);
        let outcome = match (method, rest) {
            ("GET", []) => self.list_questionnaires(ask),
            ("GET", ["assignable-users"]) => self.list_assignable_users(ask),
            ("POST", ["exports"]) => self.create_export(ask),
            ("GET", ["exports", id]) => self.poll_export(id, ask),
            ("POST", ["file"]) => self.create_file_questionnaire(ask),
            ("POST", ["website"]) => self.create_website_questionnaire(ask),
            ("GET", [id]) => self.questionnaire(id, 200),
            ("PATCH", [id]) => self.change_questionnaire(id, ask),
            ("DELETE", [id]) => self.delete_questionnaire(id),
            ("POST", [id, "approve"]) => self.approve_questionnaire(id, ask),
            ("POST", [id, "complete"]) => self.complete_questionnaire(id, ask),
            ("GET", [id, "responses"]) => self.list_responses(id, ask),
            ("GET", [id, "responses", response]) => self.response(id, response),
            ("PATCH", [id, "responses", response]) => self.change_response(id, response, ask),
            ("PATCH", [id, "responses", response, "owner"]) => self.set_response_owner(id, response, ask),
            _ => return None,
        };
        Some(outcome)
    }

    /// A questionnaire with the names of those who are assigned to it and of its tags.
    fn shown_questionnaire(&self, questionnaire: &Value) -> Value {
        let mut shown = without(questionnaire, &[READ_BY]);
        for (assignment, user) in [("ownerAssignment", "owner"), ("approverAssignment", "approver")] {
            let actor = questionnaire.get(assignment).unwrap_or(&Value::Null);
            set(&mut shown, assignment, actors::shown(&self.people, actor));
            set(&mut shown, user, actors::user(&self.people, actor));
        }
        let tags = self.customer_trust.tags.shown(questionnaire, "tagAndCategoryIds");
        set(&mut shown, "tagIdentifiers", tags);
        shown
    }
}

/// A questionnaire of which nothing is known but when it came.
fn blank(id: &str, kind: &str, now: Timestamp) -> Value {
    json!({
        "id": id,
        "url": format!("/trust-center/questionnaires/view/{id}"),
        "type": kind,
        "statusLog": [],
        "companyUrl": null,
        "description": null,
        "dueDate": null,
        "metadata": [],
        "ownerAssignment": null,
        "approverAssignment": null,
        "customerTrustAccountId": null,
        "includeUntaggedEntitiesForCategoryIds": [],
        "tagAndCategoryIds": [],
        "createdDate": iso(now),
        "updatedDate": iso(now),
        "completedDate": null,
    })
}
