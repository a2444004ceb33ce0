//! `/v1/customer-trust/questionnaires`: finding, changing, approving and completing them.

use serde_json::{Value, json};

use super::catalog::{DOCUMENT, SPREADSHEET, WEBSITE};
use super::change_status;
use super::responses::OF;
use crate::ask::{Ask, Reply};
use crate::clock::{iso, parse};
use crate::fields::{self, Field, Shape, may};
use crate::manage::customer_trust::actors::{application, user};
use crate::manage::people::groups::{CUSTOMERS, SECURITY};
use crate::manage::{Manage, Outcome};
use crate::pages::page_of;
use crate::query::{choices, date, manner};
use crate::record::{at, contains, fresh_id, set, text};

/// Those that a client may set.
const SETTABLE: &[&str] =
    &["IN_PROGRESS", "IN_REVIEW", "READY_FOR_REVIEW", "WAITING_ON_ANSWERS", "ON_HOLD", "NO_LONGER_NEEDED"];
/// Those of a questionnaire whose questions are not known yet, or never will be.
const UNREAD: &[&str] = &[
    "ERROR",
    "EXTRACTING_QUESTIONS",
    "EXTRACTING_SECTIONS",
    "MAPPING_SECTIONS",
    "GENERATING_ANSWERS",
    "QUEUED_FOR_EXTRACTION",
    "PROCESSING",
    "QUEUED_FOR_PROCESSING",
    "WAITING_ON_COLUMN_SELECTION",
    "WAITING_ON_COLUMN_APPROVAL",
    "QUEUED_FOR_COLUMN_DETECTION",
    "DETECTING_COLUMNS",
];
/// Kinds as they are asked for, and as they are shown.
const KINDS: &[(&str, &str)] = &[("SPREADSHEET", SPREADSHEET), ("WEBSITE", WEBSITE), ("DOCUMENT", DOCUMENT)];
const CHANGED: &[Field] = &[
    may("displayName", Shape::Text),
    may("dueDate", Shape::Date).or_null(),
    may("status", Shape::OneOf(SETTABLE)),
    may("ownerAssignment", Shape::Object).or_null(),
    may("approverAssignment", Shape::Object).or_null(),
    may("metadata", Shape::List),
    may("tagAndCategoryIds", Shape::List),
];

impl Manage {
    pub(super) fn list_questionnaires(&self, ask: &Ask) -> Outcome {
        let known = [SETTABLE, UNREAD, &["APPROVED", "COMPLETE"]].concat();
        let statuses = choices(ask, "statusMatchesAny", &known)?;
        let names: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
        let kinds = choices(ask, "typeMatchesAny", &names)?;
        let (after, before) = (date(ask, "createdAfter")?, date(ask, "createdBefore")?);
        let (owners, approvers) = (ask.all("ownerIdMatchesAny"), ask.all("approverIdMatchesAny"));
        let wanted = |one: &&Value| {
            let created = parse(text(one, "createdDate"));
            ask.one("q").is_none_or(|part| contains(text(one, "displayName"), part))
                && (statuses.is_empty() || statuses.contains(&text(one, "status")))
                && (kinds.is_empty() || kinds.iter().any(|kind| is_of_kind(one, kind)))
                && (after.is_none() || created >= after)
                && (before.is_none() || created <= before)
                && is_with(one, "/ownerAssignment", &owners)
                && is_with(one, "/approverAssignment", &approvers)
        };
        let found = self.customer_trust.questionnaires.shelf.all().iter().filter(wanted);
        Ok(page_of(ask, found.collect(), |one| self.shown_questionnaire(one)))
    }

    /// A questionnaire as it is now, as the answer to what was done with it.
    pub(super) fn questionnaire(&self, id: &str, status: u16) -> Outcome {
        let found = self.customer_trust.questionnaires.shelf.find(id)?;
        Ok(Reply::Json(status, self.shown_questionnaire(found)))
    }

    /// Who may be given a questionnaire: approvers come from security, owners from customer success as well.
    pub(super) fn list_assignable_users(&self, ask: &Ask) -> Outcome {
        let role = manner(ask, "role", &["owner", "approver"])?;
        let departments = if role == Some("approver") { vec![SECURITY] } else { vec![SECURITY, CUSTOMERS] };
        let wanted = |person: &&Value| {
            let names = [at(person, "/name/display"), text(person, "emailAddress")];
            self.people.has_access(text(person, "id"))
                && self.people.groups_of(person).iter().any(|group| departments.contains(group))
                && ask.one("q").is_none_or(|part| names.iter().any(|name| contains(name, part)))
        };
        let brief = |person: &Value| json!({ "id": person.get("id"), "displayName": person.pointer("/name/display") });
        let users: Vec<Value> = self.people.listed().filter(wanted).map(brief).collect();
        Ok(Reply::ok(json!({ "results": { "data": users } })))
    }

    pub(super) fn change_questionnaire(&mut self, id: &str, ask: &Ask) -> Outcome {
        let mut questionnaire = self.customer_trust.questionnaires.shelf.find(id)?.clone();
        fields::check(&ask.body, CHANGED)?;
        let status = text(&ask.body, "status");
        if !status.is_empty() {
            must_be_read(&questionnaire)?;
        }
        self.fill_questionnaire(&mut questionnaire, &ask.body)?;
        let now = iso(ask.now);
        if !status.is_empty() && status != text(&questionnaire, "status") {
            change_status(&mut questionnaire, status, None, &now);
            set(&mut questionnaire, "completedDate", Value::Null);
        }
        set(&mut questionnaire, "updatedDate", now);
        *self.customer_trust.questionnaires.shelf.find_mut(id)? = questionnaire;
        self.questionnaire(id, 200)
    }

    pub(super) fn delete_questionnaire(&mut self, id: &str) -> Outcome {
        let all = &mut self.customer_trust.questionnaires;
        all.shelf.remove(id)?;
        all.responses.drop_where(|response| text(response, OF) == id);
        self.drawer.discard(id);
        Ok(Reply::Empty(204))
    }

    /// Approving a questionnaire approves what is answered in it, in the name of its approver.
    pub(super) fn approve_questionnaire(&mut self, id: &str, ask: &Ask) -> Outcome {
        let questionnaire = self.customer_trust.questionnaires.shelf.find_mut(id)?;
        fields::check(&ask.body, &[may("statusChangeMessage", Shape::Text)])?;
        must_be_read(questionnaire)?;
        let message = ask.body.get("statusChangeMessage").and_then(Value::as_str);
        change_status(questionnaire, "APPROVED", message, &iso(ask.now));
        set(questionnaire, "completedDate", Value::Null);
        let approver = questionnaire.get("approverAssignment").cloned().unwrap_or_default();
        let by = Some(user(&self.people, &approver)).filter(Value::is_object).unwrap_or_else(application);
        self.customer_trust.questionnaires.approve_responses(id, &by);
        self.questionnaire(id, 200)
    }

    pub(super) fn complete_questionnaire(&mut self, id: &str, ask: &Ask) -> Outcome {
        let questionnaire = self.customer_trust.questionnaires.shelf.find_mut(id)?;
        fields::check(&ask.body, &[may("shouldSyncApprovedToAnswerLibrary", Shape::Flag)])?;
        must_be_read(questionnaire)?;
        let now = iso(ask.now);
        change_status(questionnaire, "COMPLETE", None, &now);
        set(questionnaire, "completedDate", now.as_str());
        if ask.body.get("shouldSyncApprovedToAnswerLibrary") != Some(&json!(false)) {
            for (question, answer) in self.customer_trust.questionnaires.approved(id) {
                self.knowledge.learn(&fresh_id(&mut self.rng), &question, &answer, &now);
            }
        }
        self.questionnaire(id, 200)
    }
}

/// 422 for a questionnaire in which there is nothing to answer.
fn must_be_read(questionnaire: &Value) -> Result<(), Reply> {
    let status = text(questionnaire, "status");
    if UNREAD.contains(&status) {
        return Err(Reply::error(422, format!("The questionnaire has no questions yet; it is {status}")));
    }
    Ok(())
}

fn is_of_kind(questionnaire: &Value, name: &str) -> bool {
    KINDS.iter().any(|(kind, shown)| *kind == name && text(questionnaire, "type") == *shown)
}

/// Whether any of these users is assigned; none asked for means that it does not matter.
fn is_with(questionnaire: &Value, assignment: &str, users: &[&str]) -> bool {
    users.is_empty()
        || (at(questionnaire, &format!("{assignment}/type")) == "User"
            && users.contains(&at(questionnaire, &format!("{assignment}/id"))))
}
