//! The questionnaires of the start, with their responses.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::catalog::{Entry, WEBSITE};
use super::responses::{answer, approve, draft};
use super::{Company, blank};
use crate::clock::{after_days, iso_days};
use crate::manage::customer_trust::actors::{leader, user};
use crate::manage::people::groups::SECURITY;
use crate::record::{fresh_id, set, slug, text};

pub(super) fn questionnaire(
    index: usize,
    entry: Entry,
    now: Timestamp,
    company: &Company,
    rng: &mut Rng,
) -> Value {
    let (name, kind, status, account, due, age) = entry;
    let mut record = blank(&fresh_id(rng), kind, after_days(now, -age));
    let account = account.and_then(|place| company.accounts.all().get(place));
    let owner = match index % 6 {
        5 => Value::Null,
        3 => json!({ "type": "Team", "id": company.people.group_id(SECURITY) }),
        _ => leader(company.people, rng.usize(..)),
    };
    let approver = if index % 4 == 3 { Value::Null } else { leader(company.people, rng.usize(..)) };
    set(&mut record, "displayName", name);
    if kind == WEBSITE {
        set(&mut record, "url", format!("https://portal.example/{}", slug(name)));
    }
    set(&mut record, "status", status);
    set(&mut record, "companyUrl", account.map(|account| text(account, "emailDomain")));
    set(&mut record, "customerTrustAccountId", account.map(|account| text(account, "id")));
    set(&mut record, "description", (index % 3 != 1).then_some("Sent by the customer's security team."));
    set(&mut record, "dueDate", due.map(|days| iso_days(now, days)));
    let priority = if index.is_multiple_of(4) { "high" } else { "normal" };
    set(&mut record, "metadata", json!([{ "key": "priority", "value": priority }]));
    set(&mut record, "statusLog", log(status, &owner, age, now, company));
    set(&mut record, "ownerAssignment", owner);
    set(&mut record, "approverAssignment", approver);
    let product = if index.is_multiple_of(3) { "Patient app" } else { "Care platform" };
    set(&mut record, "tagAndCategoryIds", Vec::from_iter(company.tags.called(product)));
    let last = iso_days(now, -age / 4);
    set(&mut record, "updatedDate", last.as_str());
    set(&mut record, "completedDate", (status == "COMPLETE").then_some(last));
    record
}

/// The statuses that led to this one, the oldest first.
fn history(status: &str) -> &'static [&'static str] {
    match status {
        "COMPLETE" => &["IN_PROGRESS", "IN_REVIEW", "APPROVED"],
        "APPROVED" => &["IN_PROGRESS", "IN_REVIEW"],
        "IN_REVIEW" => &["IN_PROGRESS", "READY_FOR_REVIEW"],
        "READY_FOR_REVIEW" | "ON_HOLD" | "NO_LONGER_NEEDED" | "WAITING_ON_ANSWERS" => &["IN_PROGRESS"],
        _ => &[],
    }
}

/// The latest change first, a quarter of the age ago.
fn log(status: &str, owner: &Value, age: i64, now: Timestamp, company: &Company) -> Vec<Value> {
    let by = if text(owner, "type") == "User" { owner.clone() } else { leader(company.people, 3) };
    let statuses = std::iter::once(&status).chain(history(status).iter().rev());
    let entries = statuses.enumerate().map(|(back, status)| {
        let quarters = i64::try_from(back + 1).unwrap_or(1);
        let message = match *status {
            "ON_HOLD" => Some("The customer postponed the project."),
            "NO_LONGER_NEEDED" => Some("Withdrawn by the customer."),
            "ERROR" => Some("The file could not be read."),
            _ => None,
        };
        json!({
            "updatedBy": user(company.people, &by),
            "updatedAt": iso_days(now, -age * quarters / 4),
            "status": status,
            "message": message,
        })
    });
    entries.collect()
}

/// How far the answers have come, of each question by its place.
fn progress(status: &str, place: usize) -> (bool, bool) {
    match status {
        "COMPLETE" | "APPROVED" => (true, true),
        "IN_REVIEW" => (true, place.is_multiple_of(2)),
        "READY_FOR_REVIEW" => (true, false),
        "WAITING_ON_ANSWERS" => (place % 2 == 1, false),
        _ => (place % 3 != 2, place == 0),
    }
}

pub(super) fn responses(index: usize, questionnaire: &Value, company: &Company, rng: &mut Rng) -> Vec<Value> {
    let status = text(questionnaire, "status");
    if matches!(status, "EXTRACTING_QUESTIONS" | "ERROR") {
        return Vec::new();
    }
    let approver = user(company.people, &leader(company.people, index));
    let mut drafted = draft(text(questionnaire, "id"), index, rng);
    for (place, (response, question)) in drafted.iter_mut().enumerate() {
        let (answered, approved) = progress(status, place);
        if answered {
            answer(response, *question, company.knowledge);
        } else {
            set(response, "ownerAssignment", leader(company.people, index + place));
            set(response, "isPendingAnswerGeneration", status == "IN_PROGRESS" && place == 2);
        }
        if answered && question.origin == "MANUAL" {
            set(response, "editedBy", user(company.people, &leader(company.people, place)));
        }
        if approved {
            approve(response, &approver);
        }
    }
    drafted.into_iter().map(|(response, _)| response).collect()
}
