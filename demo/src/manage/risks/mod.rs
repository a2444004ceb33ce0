//! The risk register: scenarios with scores, treatment, approval and the controls that they are tied to.

mod catalog;
mod changes;
mod mapping_routes;
mod mappings;
pub(super) mod registers;
mod routes;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::controls::Controls;
use super::invented;
use super::people::People;
use crate::ask::Reply;
use crate::clock::iso_days;
use crate::record::{fresh_id, set, slug, text, without};
use crate::shelf::Shelf;
use crate::size::Growth;
use catalog::{SCENARIOS, Scenario};
use mappings::Mappings;

/// The one register of the company; enterprise risks stand outside of it.
const REGISTER: &str = "Company register";
/// The one field that the company has added to risks.
const CUSTOM_FIELD: &str = "Reviewed with";
const SCENARIO: &str = "Risk Scenario";
const ENTERPRISE: &str = "Enterprise Risk";
/// How the tie of a control is called that is in place, and that of one still to come.
const EXISTING: &str = "EXISTING";
const PLANNED: &str = "TREATMENT_PLAN";
/// Kept with a risk; answers do not show them, but for the object id in that about a single risk.
const HIDDEN: &[&str] = &["id", "detailedDescription", "createdAt"];

/// A control that a risk is tied to.
struct Tie {
    /// The object id of the risk.
    risk: String,
    control: String,
    kind: String,
}

pub(super) struct Risks {
    shelf: Shelf,
    ties: Vec<Tie>,
    mappings: Mappings,
}

impl Risks {
    pub(super) fn new(now: Timestamp, people: &People, growth: Option<&Growth>, rng: &mut Rng) -> Self {
        let mut risks = Self {
            shelf: Shelf::new("Risk scenario", Vec::new()),
            ties: Vec::new(),
            mappings: Mappings::default(),
        };
        let count = growth.map_or(SCENARIOS.len(), |growth| growth.risks);
        for (index, scenario) in SCENARIOS.iter().cycle().enumerate().take(count) {
            let mut risk = risk(index, scenario, now, people, rng);
            if let Some(round) = (index / SCENARIOS.len()).checked_sub(1) {
                narrow(&mut risk, scenario, round, rng);
            }
            let id = text(&risk, "id");
            for (controls, kind) in [(scenario.controls, EXISTING), (scenario.planned, PLANNED)] {
                risks.ties.extend(controls.iter().map(|control| Tie {
                    risk: id.to_owned(),
                    control: slug(control),
                    kind: kind.to_owned(),
                }));
            }
            risks.shelf.add(risk);
        }
        risks
    }

    /// The object id of the risk that is meant by its risk id or its object id.
    fn id_of(&self, asked: &str) -> Result<String, Reply> {
        let risks = self.shelf.all().iter();
        let found = risks.map(|risk| (text(risk, "id"), text(risk, "riskId")));
        let mut matching = found.filter(|(id, risk)| *id == asked || *risk == asked);
        let id = matching.next().map(|(id, _)| id.to_owned());
        id.ok_or_else(|| Reply::not_found("Risk scenario", asked))
    }

    /// The ties of a risk to controls that there still are.
    fn ties_of<'a>(&'a self, risk: &'a str, controls: &'a Controls) -> impl Iterator<Item = &'a Tie> {
        let mine = self.ties.iter().filter(move |tie| tie.risk == risk);
        mine.filter(|tie| controls.active.get(&tie.control).is_some())
    }

    /// How many ties there are, to controls of any kind.
    #[cfg(test)]
    pub(super) fn ties(&self) -> usize {
        self.ties.len()
    }

    /// Every risk with everything that is known of it, its controls included.
    pub(super) fn in_full(&self, controls: &Controls) -> Vec<Value> {
        let full = self.shelf.all().iter().map(|risk| {
            let mut risk = risk.clone();
            let id = text(&risk, "id").to_owned();
            let tied: Vec<&str> = self.ties_of(&id, controls).map(|tie| tie.control.as_str()).collect();
            set(&mut risk, "controlIds", tied);
            risk
        });
        full.collect()
    }
}

/// Makes a risk one of a part of a large company, with scores of its own.
fn narrow(risk: &mut Value, scenario: &Scenario, round: usize, rng: &mut Rng) {
    let scope = invented::scope(round);
    set(risk, "riskId", format!("{}-{}", scenario.id, slug(&scope)));
    set(risk, "description", format!("{} ({scope})", scenario.title));
    for (before, after) in [("likelihood", "residualLikelihood"), ("impact", "residualImpact")] {
        // What has no score keeps none.
        if risk.get(before).is_some_and(Value::is_u64) {
            let score = rng.u8(2..=5);
            set(risk, before, score);
            if risk.get(after).is_some_and(Value::is_u64) {
                set(risk, after, rng.u8(1..=score));
            }
        }
    }
}

/// A risk as it is answered.
fn shown(risk: &Value) -> Value {
    without(risk, HIDDEN)
}

/// A single risk as it is answered: with its object id, which what it is mapped to goes by. Vanta's pages name no answer
/// that has it.
fn shown_alone(risk: &Value) -> Value {
    let mut alone = shown(risk);
    set(&mut alone, "id", text(risk, "id"));
    alone
}

fn shown_tie(tie: &Tie) -> Value {
    json!({ "controlId": tie.control, "controlType": tie.kind })
}

fn risk(index: usize, scenario: &Scenario, now: Timestamp, people: &People, rng: &mut Rng) -> Value {
    let score = |value: u8| (value > 0).then_some(value);
    let [likelihood, impact, residual_likelihood, residual_impact] = scenario.scores.map(score);
    let identified = iso_days(now, -rng.i64(70..620));
    let owner = (index % 6 != 4).then(|| people.leader(rng.usize(..)));
    let approver = people.leader(index + 1);
    let waits = matches!(scenario.review, "PENDING_APPROVAL" | "REQUESTED_CHANGES" | "APPROVED");
    let approvers = waits.then(|| text(&approver, "emailAddress"));
    let enterprise = scenario.kind == ENTERPRISE;
    json!({
        "id": fresh_id(rng),
        "riskId": scenario.id,
        "description": scenario.title,
        "detailedDescription": scenario.detail,
        "isSensitive": index % 8 == 3,
        "likelihood": likelihood,
        "impact": impact,
        "residualLikelihood": residual_likelihood,
        "residualImpact": residual_impact,
        "categories": scenario.categories,
        "ciaCategories": scenario.protects,
        "treatment": scenario.treatment,
        "owner": owner.map(|owner| text(&owner, "emailAddress").to_owned()),
        "note": scenario.note,
        "riskRegister": (!enterprise).then_some(REGISTER),
        "customFields": [{ "label": CUSTOM_FIELD, "value": ["Board", "Security team"] }],
        "isArchived": scenario.archived,
        "reviewStatus": scenario.review,
        "requiredApprovers": approvers.into_iter().collect::<Vec<_>>(),
        "type": scenario.kind,
        "identificationDate": identified,
        "createdAt": identified,
    })
}
