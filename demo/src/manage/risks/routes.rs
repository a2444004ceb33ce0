//! `/v1/risk-scenarios`.

use serde_json::Value;

use super::{ENTERPRISE, EXISTING, PLANNED, SCENARIO, Tie, shown, shown_alone, shown_tie};
use crate::ask::{Ask, Reply};
use crate::fields::{self, Shape, may, must};
use crate::manage::{Manage, Outcome};
use crate::order::{Direction, ordered, property};
use crate::pages::page_of;
use crate::query::{choice, choices, flag};
use crate::record::{contains, text};

const GROUPS: &[&str] = &["Very low", "Low", "Med", "High", "Critical"];
const REVIEWS: &[&str] =
    &["APPROVED", "DRAFT", "NOT_REVIEWED", "AWAITING_SUBMISSION", "PENDING_APPROVAL", "REQUESTED_CHANGES"];

impl Manage {
    pub(in crate::manage) fn risks_route(
        &mut self,
        method: &str,
        rest: &[&str],
        ask: &Ask,
    ) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => self.list_risks(ask),
            ("POST", []) => self.create_risk(ask),
            ("GET", [id]) => self.risk(id).map(|risk| Reply::ok(shown_alone(risk))),
            ("PATCH", [id]) => self.change_risk(id, ask),
            ("POST", [id, "submit-for-approval"]) => self.submit_risk(id, ask),
            ("POST", [id, "cancel-approval-request"]) => self.withdraw_risk(id),
            ("GET", [id, "controls"]) => self.list_risk_controls(id, ask),
            ("POST", [id, "controls"]) => self.tie_risk_control(id, ask),
            ("PATCH", [id, "controls", control]) => self.change_risk_control(id, control, ask),
            ("DELETE", [id, "controls", control]) => self.untie_risk_control(id, control),
            (_, [id, "mappings", collection]) => return self.mappings_route(method, id, collection, ask),
            _ => return None,
        };
        Some(outcome)
    }

    fn risk(&self, asked: &str) -> Result<&Value, Reply> {
        self.risks.shelf.find(&self.risks.id_of(asked)?)
    }

    fn list_risks(&self, ask: &Ask) -> Outcome {
        let ignored = flag(ask, "includeIgnored")?.unwrap_or(false);
        let kind = choice(ask, "type", &[SCENARIO, ENTERPRISE])?.unwrap_or(SCENARIO);
        let reviews = choices(ask, "reviewStatusMatchesAny", REVIEWS)?;
        let protects = choices(
            ask,
            "ciaCategoryMatchesAny",
            &["Confidentiality", "Integrity", "Availability", "Uncategorized"],
        )?;
        let treatments = choices(
            ask,
            "treatmentTypeMatchesAny",
            &["Mitigate", "Transfer", "Avoid", "Accept", "No treatment type"],
        )?;
        let inherent = choices(ask, "inherentScoreGroupMatchesAny", GROUPS)?;
        let residual = choices(ask, "residualScoreGroupMatchesAny", GROUPS)?;
        let (owners, categories) = (ask.all("ownerMatchesAny"), ask.all("categoryMatchesAny"));
        let wanted = |risk: &&Value| {
            let archived = risk.get("isArchived").and_then(Value::as_bool) == Some(true);
            text(risk, "type") == kind
                && (ignored || !archived)
                && ask.one("searchString").is_none_or(|part| mentions(risk, part))
                && is_one_of(&reviews, &[text(risk, "reviewStatus")], "")
                && is_one_of(&owners, &[text(risk, "owner")], "No owner")
                && is_one_of(&treatments, &[text(risk, "treatment")], "No treatment type")
                && is_one_of(&categories, &texts(risk, "categories"), "Uncategorized")
                && is_one_of(&protects, &texts(risk, "ciaCategories"), "Uncategorized")
                && is_one_of(&inherent, &[group(risk, "likelihood", "impact")], "")
                && is_one_of(&residual, &[group(risk, "residualLikelihood", "residualImpact")], "")
        };
        let kept: Vec<&Value> = self.risks.shelf.all().iter().filter(wanted).collect();
        let keys = ["description", "createdAt"];
        let sorted = ordered(ask, kept, &keys, (Some("description"), Direction::Ascending), property)?;
        Ok(page_of(ask, sorted, shown))
    }

    fn list_risk_controls(&self, id: &str, ask: &Ask) -> Outcome {
        let id = self.risks.id_of(id)?;
        Ok(page_of(ask, self.risks.ties_of(&id, &self.controls).collect(), shown_tie))
    }

    fn tie_risk_control(&mut self, id: &str, ask: &Ask) -> Outcome {
        let risk = self.risks.id_of(id)?;
        let kind = may("controlType", Shape::OneOf(&[EXISTING, PLANNED]));
        fields::check(&ask.body, &[must("controlId", Shape::Text), kind])?;
        let control = self.control_called(text(&ask.body, "controlId"))?;
        if self.risks.ties.iter().any(|tie| tie.risk == risk && tie.control == control) {
            let message = format!("Control {control} is tied to this risk scenario already");
            return Err(Reply::error(409, message));
        }
        let kind = ask.body.get("controlType").and_then(Value::as_str).unwrap_or(EXISTING).to_owned();
        let tie = Tie { risk, control, kind };
        let answer = shown_tie(&tie);
        self.risks.ties.push(tie);
        Ok(Reply::ok(answer))
    }

    fn change_risk_control(&mut self, id: &str, control: &str, ask: &Ask) -> Outcome {
        let (risk, control) = (self.risks.id_of(id)?, self.control_called(control)?);
        fields::check(&ask.body, &[must("controlType", Shape::OneOf(&[EXISTING, PLANNED]))])?;
        let mut ties = self.risks.ties.iter_mut();
        let tie = ties
            .find(|tie| tie.risk == risk && tie.control == control)
            .ok_or_else(|| Reply::not_found("Control of this risk scenario", &control))?;
        text(&ask.body, "controlType").clone_into(&mut tie.kind);
        Ok(Reply::ok(shown_tie(tie)))
    }

    fn untie_risk_control(&mut self, id: &str, control: &str) -> Outcome {
        let (risk, control) = (self.risks.id_of(id)?, self.control_called(control)?);
        let before = self.risks.ties.len();
        self.risks.ties.retain(|tie| tie.risk != risk || tie.control != control);
        if self.risks.ties.len() == before {
            return Err(Reply::not_found("Control of this risk scenario", &control));
        }
        Ok(Reply::Empty(204))
    }

    /// The id of the control that is meant by its id or its external id.
    fn control_called(&self, asked: &str) -> Result<String, Reply> {
        let controls = self.controls.active.all().iter();
        let mut called = controls.filter(|control| text(control, "externalId") == asked);
        let found = self.controls.active.get(asked).or_else(|| called.next());
        found.map(|control| text(control, "id").to_owned()).ok_or_else(|| Reply::not_found("Control", asked))
    }
}

fn mentions(risk: &Value, part: &str) -> bool {
    ["riskId", "description", "detailedDescription"].iter().any(|key| contains(text(risk, key), part))
}

/// Whether any value is wanted; `nothing` stands for none at all. Everything is where nothing is asked for.
fn is_one_of(wanted: &[&str], values: &[&str], nothing: &str) -> bool {
    let none = values.iter().all(|value| value.is_empty());
    wanted.is_empty()
        || values.iter().any(|value| !value.is_empty() && wanted.contains(value))
        || (none && !nothing.is_empty() && wanted.contains(&nothing))
}

fn texts<'a>(risk: &'a Value, key: &str) -> Vec<&'a str> {
    let list = risk.get(key).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The group of the product of two scores of 1 to 5; none without both.
fn group(risk: &Value, likelihood: &str, impact: &str) -> &'static str {
    let score = |key: &str| risk.get(key).and_then(Value::as_f64);
    match score(likelihood).zip(score(impact)).map(|(likelihood, impact)| likelihood * impact) {
        None => "",
        Some(product) if product < 5.0 => "Very low",
        Some(product) if product < 10.0 => "Low",
        Some(product) if product < 15.0 => "Med",
        Some(product) if product < 20.0 => "High",
        Some(_) => "Critical",
    }
}
