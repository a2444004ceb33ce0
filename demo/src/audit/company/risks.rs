//! The company's risks as they stood when snapshots of the register were taken; by Controlled Audit View only.

use serde_json::{Value, json};

use super::{Snapshot, derived_id, is_found, needs_controlled_view, snapshots};
use crate::Company;
use crate::ask::{Ask, Reply};
use crate::audit::Answer;
use crate::audit::audits::Audit;
use crate::audit::moment::Moment;
use crate::order::{Direction, ordered, property};
use crate::pages::page;
use crate::record::text;

const LIST: &str = "risks";
const ORDERS: &[&str] = &[
    "inherentRisk",
    "riskId",
    "riskScenario",
    "treatment",
    "residualRisk",
    "reviewStatus",
    "owner",
    "categories",
    "ciaCategories",
    "identified",
];

pub(super) fn list_snapshots(audit: &Audit, ask: &Ask) -> Answer {
    needs_controlled_view(audit)?;
    let taken = snapshots(audit, LIST, Moment::new(ask.now)).into_iter();
    let rows = taken.map(|snapshot| json!({ "id": snapshot.id, "createdAt": snapshot.at }));
    Ok(page(ask, rows.collect()))
}

pub(super) fn list(audit: &Audit, company: &Company, id: &str, ask: &Ask) -> Answer {
    needs_controlled_view(audit)?;
    let mut taken = snapshots(audit, LIST, Moment::new(ask.now)).into_iter();
    let snapshot = taken.find(|snapshot| snapshot.id == id);
    let snapshot = snapshot.ok_or_else(|| Reply::not_found("Risk snapshot", id))?;
    let rows = company.risks.iter().filter_map(|risk| row(company, &snapshot, risk));
    let kept: Vec<Value> = rows.filter(|row| is_found(ask, row, &["riskScenario"])).collect();
    Ok(page(ask, ordered(ask, kept, ORDERS, (Some("identified"), Direction::Descending), property)?))
}

/// A risk as it stood then; none where it was archived, or not known yet.
fn row(company: &Company, snapshot: &Snapshot, risk: &Value) -> Option<Value> {
    let identified = Moment::read(text(risk, "identificationDate"))?;
    if identified > snapshot.at || risk.get("isArchived").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let score = |key: &str| risk.get(key).and_then(Value::as_u64);
    let product = |left: &str, right: &str| score(left).zip(score(right)).map(|(left, right)| left * right);
    let residual = product("residualLikelihood", "residualImpact");
    let treatment = risk.get("treatment").and_then(Value::as_str).map(str::to_uppercase);
    let is_done = text(risk, "reviewStatus") == "APPROVED" && residual.is_some();
    let email = text(risk, "owner");
    let owner = company.people.iter().find(|person| text(person, "emailAddress") == email);
    let protects = risk.get("ciaCategories").and_then(Value::as_array);
    let protects: Vec<String> =
        protects.into_iter().flatten().filter_map(Value::as_str).map(str::to_uppercase).collect();
    Some(json!({
        "id": derived_id(&format!("{}/{}", snapshot.id, text(risk, "id"))),
        "riskId": risk.get("riskId"),
        "riskScenario": risk.get("description"),
        "likelihood": risk.get("likelihood"),
        "impact": risk.get("impact"),
        "inherentRisk": product("likelihood", "impact"),
        "treatment": treatment,
        "treatmentStatus": treatment.as_ref().map(|_| if is_done { "DONE" } else { "IN_PROGRESS" }),
        "residualRisk": residual,
        "reviewStatus": risk.get("reviewStatus"),
        "owner": owner.map(|owner| json!({ "displayName": owner.pointer("/name/display"), "imageUrl": null })),
        "categories": risk.get("categories"),
        "ciaCategories": protects,
        "linkedControlIds": risk.get("controlIds"),
        "identified": identified,
    }))
}
