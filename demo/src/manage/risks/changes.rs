//! Writing down risks, and having them approved.

use serde_json::{Value, json};

use super::{CUSTOM_FIELD, ENTERPRISE, HIDDEN, REGISTER, SCENARIO, shown};
use crate::ask::{Ask, Reply};
use crate::clock::iso;
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::{Manage, Outcome};
use crate::record::{fresh_id, set, slug, take_over, text};

const LONGEST_DETAIL: usize = 10_000;
const SCORES: &[&str] = &["likelihood", "impact", "residualLikelihood", "residualImpact"];
/// What a body may say, apart from the owner.
const PROPERTIES: &[Field] = &[
    may("description", Shape::Text),
    may("detailedDescription", Shape::Text),
    may("riskId", Shape::Text),
    may("isSensitive", Shape::Flag),
    may("likelihood", Shape::Number),
    may("impact", Shape::Number),
    may("residualLikelihood", Shape::Number),
    may("residualImpact", Shape::Number),
    may("categories", Shape::List),
    may("ciaCategories", Shape::List),
    may("treatment", Shape::OneOf(&["Mitigate", "Transfer", "Avoid", "Accept"])),
    may("note", Shape::Text),
    may("riskRegister", Shape::Text),
    may("customFields", Shape::List),
    may("type", Shape::OneOf(&[SCENARIO, ENTERPRISE])),
    may("identificationDate", Shape::Date),
];
/// Those that are kept as they come, both new and changed.
const AS_THEY_COME: &[&str] = &[
    "description",
    "detailedDescription",
    "isSensitive",
    "likelihood",
    "impact",
    "residualLikelihood",
    "residualImpact",
    "categories",
    "ciaCategories",
    "treatment",
    "owner",
    "note",
    "riskRegister",
    "customFields",
    "identificationDate",
];

impl Manage {
    pub(super) fn create_risk(&mut self, ask: &Ask) -> Outcome {
        fields::check(&ask.body, &[must("description", Shape::Text), may("owner", Shape::Text)])?;
        self.check_risk(&ask.body)?;
        let kind = ask.body.get("type").and_then(Value::as_str).unwrap_or(SCENARIO);
        if kind == ENTERPRISE && ask.body.get("riskRegister").is_some() {
            return Err(Reply::error(422, "An Enterprise Risk belongs to no riskRegister"));
        }
        let mut risk = blank(kind, &self.new_risk_id(&ask.body)?, &iso(ask.now));
        set(&mut risk, "id", fresh_id(&mut self.rng));
        take_over(&mut risk, &ask.body, AS_THEY_COME);
        self.risks.shelf.add(risk.clone());
        Ok(Reply::ok(shown(&risk)))
    }

    /// The id that was asked for, 409 where it is taken, or one made from the description.
    fn new_risk_id(&self, body: &Value) -> Result<String, Reply> {
        let is_taken = |id: &str| self.risks.id_of(id).is_ok();
        if let Some(asked) = body.get("riskId").and_then(Value::as_str) {
            let taken = || Reply::error(409, format!("riskId {asked} is taken already"));
            return if is_taken(asked) { Err(taken()) } else { Ok(asked.to_owned()) };
        }
        let name = slug(text(body, "description"));
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|id| !is_taken(id));
        Ok(free.unwrap_or(name))
    }

    pub(super) fn change_risk(&mut self, id: &str, ask: &Ask) -> Outcome {
        let id = self.risks.id_of(id)?;
        fields::check(&ask.body, &[may("owner", Shape::Text).or_null()])?;
        self.check_risk(&ask.body)?;
        if ask.body.get("type").is_some() {
            return Err(Reply::error(422, "The type of a risk scenario cannot be changed"));
        }
        let risk = self.risks.shelf.find_mut(&id)?;
        let before = risk.clone();
        take_over(risk, &ask.body, AS_THEY_COME);
        // What was approved is no longer what stands there.
        if text(risk, "reviewStatus") == "APPROVED" && *risk != before {
            set(risk, "reviewStatus", "AWAITING_SUBMISSION");
        }
        Ok(Reply::ok(shown(risk)))
    }

    /// Whether the body is one that a risk can be made of or changed by.
    fn check_risk(&self, body: &Value) -> Result<(), Reply> {
        fields::check(body, PROPERTIES)?;
        let wrong = |message: String| Err(Reply::error(422, message));
        if text(body, "detailedDescription").chars().count() > LONGEST_DETAIL {
            return wrong(format!("detailedDescription may have at most {LONGEST_DETAIL} characters"));
        }
        let outside = |key: &&&str| {
            let score = body.get(**key).and_then(Value::as_f64);
            score.is_some_and(|score| !(1.0..=5.0).contains(&score))
        };
        if let Some(key) = SCORES.iter().find(outside) {
            return wrong(format!("{key} must be a number from 1 to 5"));
        }
        check_texts(body, "categories", &[])?;
        check_texts(body, "ciaCategories", &["Confidentiality", "Integrity", "Availability"])?;
        if let Some(fields) = body.get("customFields").and_then(Value::as_array) {
            fields.iter().try_for_each(check_custom)?;
            let unknown =
                fields.iter().map(|field| text(field, "label")).find(|label| *label != CUSTOM_FIELD);
            if let Some(label) = unknown {
                let message = format!("There is no custom field {label}; there is {CUSTOM_FIELD}");
                return Err(Reply::error(400, message));
            }
        }
        if let Some(register) = body.get("riskRegister").filter(|register| *register != REGISTER) {
            return wrong(format!("There is no riskRegister {register}; there is {REGISTER}"));
        }
        match body.get("owner").and_then(Value::as_str) {
            Some(owner) if self.people.with_email(owner).is_none() => {
                wrong(format!("owner {owner} is not the email address of a user"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn submit_risk(&mut self, id: &str, ask: &Ask) -> Outcome {
        let id = self.risks.id_of(id)?;
        fields::check(&ask.body, &[may("comment", Shape::Text)])?;
        let approver = self.people.leader(1);
        let risk = self.risks.shelf.find_mut(&id)?;
        let status = text(risk, "reviewStatus");
        if matches!(status, "PENDING_APPROVAL" | "APPROVED") {
            let message = format!("A risk scenario that is {status} cannot be submitted for approval");
            return Err(Reply::error(422, message));
        }
        set(risk, "reviewStatus", "PENDING_APPROVAL");
        if risk.get("requiredApprovers").and_then(Value::as_array).is_none_or(Vec::is_empty) {
            set(risk, "requiredApprovers", vec![text(&approver, "emailAddress")]);
        }
        Ok(Reply::ok(shown(risk)))
    }

    pub(super) fn withdraw_risk(&mut self, id: &str) -> Outcome {
        let id = self.risks.id_of(id)?;
        let risk = self.risks.shelf.find_mut(&id)?;
        let status = text(risk, "reviewStatus");
        if status != "PENDING_APPROVAL" {
            let message = format!("A risk scenario that is {status} has no approval request to cancel");
            return Err(Reply::error(422, message));
        }
        set(risk, "reviewStatus", "AWAITING_SUBMISSION");
        Ok(Reply::ok(shown(risk)))
    }
}

/// A list of texts, of the `allowed` ones where there are any.
fn check_texts(body: &Value, key: &str, allowed: &[&str]) -> Result<(), Reply> {
    let fits = |item: &Value| item.as_str().is_some_and(|item| allowed.is_empty() || allowed.contains(&item));
    if body.get(key).and_then(Value::as_array).into_iter().flatten().all(fits) {
        return Ok(());
    }
    let wanted = if allowed.is_empty() { "strings".to_owned() } else { allowed.join(", ") };
    Err(Reply::error(422, format!("{key} must be an array of {wanted}")))
}

fn check_custom(field: &Value) -> Result<(), Reply> {
    fields::check(field, &[must("label", Shape::Text)])?;
    let value = field.get("value").unwrap_or(&Value::Null);
    let options = value.as_array().is_some_and(|options| options.iter().all(Value::is_string));
    if value.is_string() || options {
        return Ok(());
    }
    Err(Reply::error(422, "The value of a custom field must be a string or an array of strings"))
}

/// A risk of which nothing is known yet.
fn blank(kind: &str, risk_id: &str, now: &str) -> Value {
    let mut risk = json!({
        "riskId": risk_id,
        "isSensitive": false,
        "categories": [],
        "ciaCategories": [],
        "riskRegister": (kind == SCENARIO).then_some(REGISTER),
        "customFields": [],
        "isArchived": false,
        "reviewStatus": "DRAFT",
        "requiredApprovers": [],
        "type": kind,
        "identificationDate": now,
        "createdAt": now,
    });
    for key in AS_THEY_COME {
        if risk.get(*key).is_none() && !HIDDEN.contains(key) {
            set(&mut risk, key, Value::Null);
        }
    }
    risk
}
