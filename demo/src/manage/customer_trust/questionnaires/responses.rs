//! Responses: a question, the parts of its answer, and what they hold.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::{Value, json};

use super::LENGTH;
use super::catalog::{Answer, QUESTIONS, Question};
use crate::ask::{Ask, Reply};
use crate::fields::{self, Shape, must};
use crate::manage::customer_trust::actors::{self, USERS_AND_TEAMS, assigned};
use crate::manage::customer_trust::parts::{entries, set_given};
use crate::manage::knowledge::Knowledge;
use crate::manage::{Manage, Outcome};
use crate::pages::page_of;
use crate::record::{contains, fresh_id, set, slug, text, without};
use crate::shelf::Shelf;

/// Kept with a response, not shown: its questionnaire, and the ids of the resources that back it.
pub(super) const OF: &str = "questionnaireId";
const BACKED_BY: &str = "resourceIds";
const CHOICES: &[&str] = &["Yes", "No", "Not applicable"];

/// The questions of a questionnaire as responses without answers. Which of the usual ones it asks depends on
/// `from`.
pub(super) fn draft(questionnaire: &str, from: usize, rng: &mut Rng) -> Vec<(Value, Question)> {
    let start = from * 5 % QUESTIONS.len().max(1);
    let mut asked: Vec<(usize, Question)> =
        QUESTIONS.iter().copied().enumerate().cycle().skip(start).take(LENGTH).collect();
    // In the order of the sections, wherever the reading began.
    asked.sort_by_key(|(place, _)| *place);
    let mut sections: BTreeMap<&str, usize> = BTreeMap::new();
    let mut number = 0;
    let mut drafted = Vec::new();
    for (_, question) in asked {
        let of_section = sections.entry(question.section).or_default();
        *of_section += 1;
        if *of_section == 1 {
            number += 1;
        }
        drafted.push((blank(questionnaire, &format!("{number}.{of_section}"), question, rng), question));
    }
    drafted
}

/// The responses that a questionnaire begins with: three in four are answered from what is known.
pub(super) fn first_draft(questionnaire: &Value, knowledge: &Knowledge, rng: &mut Rng) -> Vec<Value> {
    let mut drafted = draft(text(questionnaire, "id"), text(questionnaire, "displayName").len(), rng);
    for (place, (response, question)) in drafted.iter_mut().enumerate() {
        if place % 4 != 3 {
            answer(response, *question, knowledge);
        }
    }
    drafted.into_iter().map(|(response, _)| response).collect()
}

fn blank(questionnaire: &str, label: &str, question: Question, rng: &mut Rng) -> Value {
    let (kind, schema, values) = parts(question.answer);
    let empty: Value =
        values.as_object().into_iter().flatten().map(|(part, _)| (part.clone(), Value::Null)).collect();
    json!({
        "id": fresh_id(rng),
        OF: questionnaire,
        BACKED_BY: [],
        "sectionId": slug(question.section),
        "sequenceLabel": label,
        "question": question.asks,
        "answer": {},
        "editedBy": null,
        "approvedBy": null,
        "isPendingAnswerGeneration": false,
        "originType": null,
        "answerSchema": kind,
        "answerPartsSchema": schema,
        "answerPartsValues": empty,
        "generatedAnswerLogId": fresh_id(rng),
        "ownerAssignment": null,
    })
}

/// What an answer consists of: the kind of it, its parts, and their values.
fn parts(answer: Answer) -> (&'static str, Value, Value) {
    let text = |label: &str| json!({ "type": "TEXT", "label": label });
    match answer {
        Answer::Words(words) => ("TEXT", json!({ "text": text("Answer") }), json!({ "text": words })),
        Answer::Choice(choice, comment) => (
            "SINGLE_SELECT_WITH_COMMENT",
            json!({
                "choice": { "type": "SINGLE_SELECT", "label": "Answer", "options": CHOICES },
                "comment": text("Comment"),
            }),
            json!({ "choice": choice, "comment": comment }),
        ),
        Answer::Several(options, chosen) => (
            "MULTI_SELECT",
            json!({ "choices": { "type": "MULTI_SELECT", "label": "Answer", "options": options } }),
            json!({ "choices": chosen }),
        ),
        Answer::Number(number) => (
            "NUMBER",
            json!({ "number": { "type": "NUMBER", "label": "Answer" } }),
            json!({ "number": number }),
        ),
    }
}

/// Answers a response as the company always answers this question.
pub(super) fn answer(response: &mut Value, question: Question, knowledge: &Knowledge) {
    let (_, _, values) = parts(question.answer);
    set(response, "answerPartsValues", values);
    set(response, "originType", question.origin);
    let backed = question.evidence.and_then(|title| knowledge.resource_called(title));
    set(response, BACKED_BY, Vec::from_iter(backed));
}

pub(super) fn approve(response: &mut Value, by: &Value) {
    if is_answered(response) {
        set(response, "approvedBy", by.clone());
    }
}

fn values(response: &Value) -> impl Iterator<Item = (&String, &Value)> {
    response.get("answerPartsValues").and_then(Value::as_object).into_iter().flatten()
}

fn is_answered(response: &Value) -> bool {
    values(response).any(|(_, value)| !value.is_null())
}

/// The answer of a response in one text: `Yes: The last rehearsal met both objectives.`
fn in_words(response: &Value) -> String {
    let said = values(response).filter_map(|(_, value)| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(several) => {
            Some(several.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "))
        }
        other => Some(other.to_string()),
    });
    said.collect::<Vec<_>>().join(": ")
}

impl super::Questionnaires {
    /// Approves what is answered in a questionnaire.
    pub(super) fn approve_responses(&mut self, questionnaire: &str, by: &Value) {
        for id in ids_of(&self.responses, questionnaire) {
            if let Ok(response) = self.responses.find_mut(&id) {
                approve(response, by);
            }
        }
    }

    /// Questions with their answers, as far as they are approved.
    pub(super) fn approved(&self, questionnaire: &str) -> Vec<(String, String)> {
        let mine = self.responses.all().iter().filter(|response| text(response, OF) == questionnaire);
        mine.filter(|response| response.get("approvedBy").is_some_and(Value::is_object))
            .map(|response| (text(response, "question").to_owned(), in_words(response)))
            .collect()
    }

    /// A response of this questionnaire; another one's is as unknown as none.
    fn response(&self, questionnaire: &str, id: &str) -> Result<&Value, Reply> {
        self.shelf.find(questionnaire)?;
        let response = self.responses.find(id)?;
        if text(response, OF) == questionnaire {
            return Ok(response);
        }
        Err(Reply::not_found("Response of this questionnaire", id))
    }
}

fn ids_of(responses: &Shelf, questionnaire: &str) -> Vec<String> {
    let mine = responses.all().iter().filter(|response| text(response, OF) == questionnaire);
    mine.map(|response| text(response, "id").to_owned()).collect()
}

impl Manage {
    pub(super) fn list_responses(&self, questionnaire: &str, ask: &Ask) -> Outcome {
        let all = &self.customer_trust.questionnaires;
        all.shelf.find(questionnaire)?;
        let wanted = |response: &&Value| {
            text(response, OF) == questionnaire
                && ask.one("q").is_none_or(|part| contains(text(response, "question"), part))
        };
        let responses = all.responses.all().iter().filter(wanted);
        Ok(page_of(ask, responses.collect(), |response| self.shown_response(response)))
    }

    fn shown_response(&self, response: &Value) -> Value {
        let mut shown = without(response, &[OF, BACKED_BY]);
        let backing = entries(response, BACKED_BY).iter().filter_map(Value::as_str);
        let resources = backing.filter_map(|id| self.knowledge.resources.get(id));
        let evidence: Vec<Value> = resources
            .map(|resource| {
                json!({ "type": "RESOURCE", "id": resource.get("id"), "title": resource.get("title") })
            })
            .collect();
        set(&mut shown, "attachedEvidence", evidence);
        let owner = response.get("ownerAssignment").unwrap_or(&Value::Null);
        set(&mut shown, "ownerAssignment", actors::shown(&self.people, owner));
        shown
    }

    pub(super) fn response(&self, questionnaire: &str, id: &str) -> Outcome {
        let response = self.customer_trust.questionnaires.response(questionnaire, id)?;
        Ok(Reply::ok(self.shown_response(response)))
    }

    /// A changed answer is its editor's own and wants approval anew.
    pub(super) fn change_response(&mut self, questionnaire: &str, id: &str, ask: &Ask) -> Outcome {
        let mut response = self.customer_trust.questionnaires.response(questionnaire, id)?.clone();
        fields::check(&ask.body, &[must("answerPartsValues", Shape::Object)])?;
        let given = ask.body.get("answerPartsValues").and_then(Value::as_object);
        let mut now = response.get("answerPartsValues").cloned().unwrap_or_default();
        for (part, value) in given.into_iter().flatten() {
            check_part(&response, part, value)?;
            set(&mut now, part, value.clone());
        }
        set(&mut response, "answerPartsValues", now);
        let origin = is_answered(&response).then_some("MANUAL");
        set(&mut response, "originType", origin);
        set(&mut response, "isPendingAnswerGeneration", false);
        set(&mut response, "editedBy", actors::application());
        set(&mut response, "approvedBy", Value::Null);
        *self.customer_trust.questionnaires.responses.find_mut(id)? = response;
        self.response(questionnaire, id)
    }

    pub(super) fn set_response_owner(&mut self, questionnaire: &str, id: &str, ask: &Ask) -> Outcome {
        self.customer_trust.questionnaires.response(questionnaire, id)?;
        fields::check(&ask.body, &[must("ownerAssignment", Shape::Object).or_null()])?;
        let owner = assigned(&self.people, &ask.body, "ownerAssignment", USERS_AND_TEAMS)?;
        let response = self.customer_trust.questionnaires.responses.find_mut(id)?;
        set_given(response, "ownerAssignment", owner);
        self.response(questionnaire, id)
    }
}

/// 422 for a part that the answer does not have, and for a value that does not fit it.
fn check_part(response: &Value, part: &str, value: &Value) -> Result<(), Reply> {
    let schemas = response.get("answerPartsSchema");
    let Some(schema) = schemas.and_then(|schemas| schemas.get(part)) else {
        return Err(Reply::error(422, format!("The answer has no part {part}")));
    };
    let options = entries(schema, "options");
    let fits = match text(schema, "type") {
        _ if value.is_null() => true,
        "SINGLE_SELECT" => options.contains(value),
        "MULTI_SELECT" => {
            value.as_array().is_some_and(|chosen| chosen.iter().all(|choice| options.contains(choice)))
        }
        "NUMBER" => value.is_number(),
        _ => value.is_string(),
    };
    if fits {
        return Ok(());
    }
    let wanted = match text(schema, "type") {
        "NUMBER" => "a number".to_owned(),
        "TEXT" => "a string".to_owned(),
        _ => {
            let offered: Vec<&str> = options.iter().filter_map(Value::as_str).collect();
            format!("out of {}", offered.join(", "))
        }
    };
    Err(Reply::error(422, format!("{part} must be {wanted}")))
}
