//! `/v1/vendors/{vendorId}/assessments`: starting them, and the questions that they ask.

use serde_json::{Value, json};

use super::assessment_types::{self, TypeState};
use super::reviewing::one;
use super::{OF_VENDOR, of};
use crate::ask::{Ask, Reply};
use crate::clock::{iso, iso_days};
use crate::fields::{self, Shape, must};
use crate::manage::{Manage, Outcome};
use crate::pages::page_of;
use crate::record::{at, fresh_id, set, text, without};

/// How many days a vendor has to answer.
const DAYS: i64 = 30;
/// What the security questionnaire asks, and what Vanta AI finds in the reports of a vendor.
const QUESTIONS: &[(&str, &str)] = &[
    ("Is data encrypted at rest and in transit?", "Yes, according to the report."),
    ("Is multi-factor authentication enforced for all employees?", "Yes, according to the report."),
    ("When was the last penetration test?", "The documents do not say."),
    ("Who are your subprocessors?", "The documents do not say."),
];

impl Manage {
    /// Starts the assessment of that type that waits to be started, or a new one; one under way is 422.
    pub(super) fn start_assessment(&mut self, vendor: &str, ask: &Ask) -> Outcome {
        self.vendors.shelf.find(vendor)?;
        fields::check(&ask.body, &[must("assessmentTypeId", Shape::Text)])?;
        let asked = text(&ask.body, "assessmentTypeId");
        if asked.len() != 24 || !asked.chars().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(Reply::error(400, "assessmentTypeId must match ^[0-9a-fA-F]{24}$"));
        }
        let (kind, standing) = assessment_types::find(asked)?;
        if standing == TypeState::Archived {
            return Err(Reply::error(422, "Assessments of an archived type cannot be started"));
        }
        let mine: Vec<&Value> = of(&self.vendors.assessments, vendor)
            .filter(|assessment| at(assessment, "/assessmentType/id") == asked)
            .collect();
        if mine.iter().any(|assessment| text(assessment, "status") == "IN_PROGRESS") {
            return Err(Reply::error(422, "An assessment of this type is already in progress"));
        }
        let waiting = mine.iter().find(|assessment| text(assessment, "status") == "NOT_STARTED");
        let id = match waiting.map(|assessment| text(assessment, "id").to_owned()) {
            Some(id) => id,
            None => self.add_assessment(vendor, &kind, ask),
        };
        let assessment = self.vendors.assessments.find_mut(&id)?;
        set(assessment, "status", "IN_PROGRESS");
        set(assessment, "startDate", iso(ask.now));
        let mut answer = without(assessment, &["owner"]);
        set(&mut answer, "audience", assessment_types::audience(asked));
        Ok(Reply::ok(answer))
    }

    fn add_assessment(&mut self, vendor: &str, kind: &Value, ask: &Ask) -> String {
        let id = fresh_id(&mut self.rng);
        self.vendors.assessments.add(json!({
            "id": id,
            OF_VENDOR: vendor,
            "status": "NOT_STARTED",
            "completedByUserId": null,
            "startDate": null,
            "dueDate": iso_days(ask.now, DAYS),
            "overrideDueDate": null,
            "completionDate": null,
            "createdDate": iso(ask.now),
            "decision": null,
            "assessmentType": { "id": kind.get("id"), "name": kind.get("name") },
            "owner": null,
        }));
        id
    }

    /// Only assessments that the vendor takes part in have a questionnaire; answers come once they are done.
    pub(super) fn list_assessment_questions(&self, vendor: &str, id: &str, ask: &Ask) -> Outcome {
        one(&self.vendors.assessments, vendor, id)?;
        let assessment = self.vendors.assessments.find(id)?;
        let asks_vendor =
            assessment_types::audience(at(assessment, "/assessmentType/id")) == assessment_types::EXTERNAL;
        let questions = QUESTIONS.iter().enumerate().filter(|_| asks_vendor);
        let status = text(assessment, "status");
        Ok(page_of(ask, questions.collect(), |(index, (question, found))| {
            json!({
                "id": format!("{id}-{}", index + 1),
                "question": question,
                "aiAnswer": (status != "NOT_STARTED").then_some(found),
                "vendorAnswer": (status == "COMPLETED").then_some("See section 4 of our security overview."),
                "userAnswer": null,
            })
        }))
    }
}
