//! The vendors that the company lets auditors see.

use serde_json::{Value, json};

use super::is_found;
use crate::Company;
use crate::ask::{Ask, Reply};
use crate::audit::Answer;
use crate::audit::chance::fingerprint;
use crate::order::{Direction, ordered, property};
use crate::pages::{page, page_of};
use crate::query::choices;
use crate::record::text;

/// From the mildest to the worst.
const LEVELS: &[&str] = &["UNSCORED", "LOW", "MEDIUM", "HIGH", "CRITICAL"];

fn visible(company: &Company) -> impl Iterator<Item = &Value> {
    let is_visible =
        |vendor: &&Value| vendor.get("isVisibleToAuditors").and_then(Value::as_bool) == Some(true);
    company.vendors.iter().filter(is_visible)
}

/// The vendors as the company lists them.
pub(super) fn list(company: &Company, ask: &Ask) -> Reply {
    page_of(ask, visible(company).collect(), Value::clone)
}

/// The vendors in the columns that auditors ask for.
pub(super) fn managed(company: &Company, ask: &Ask) -> Answer {
    let statuses = choices(ask, "vendorStatusesMatchesAny", &["ACTIVE", "ARCHIVED", "IN_PROCUREMENT"])?;
    let levels = choices(ask, "inherentRiskMatchesAny", LEVELS)?;
    let wanted = |row: &Value| {
        (statuses.is_empty() || statuses.contains(&text(row, "status")))
            && (levels.is_empty() || levels.contains(&text(row, "inherentRisk")))
            && is_found(ask, row, &["name"])
    };
    let kept: Vec<Value> = visible(company).map(|vendor| row(company, vendor)).filter(wanted).collect();
    let keys = ["name", "inherentRisk"];
    Ok(page(ask, ordered(ask, kept, &keys, (Some("name"), Direction::Ascending), rank)?))
}

fn rank(row: &Value, key: &str) -> Value {
    if key == "inherentRisk" {
        return LEVELS.iter().position(|level| *level == text(row, key)).into();
    }
    property(row, key)
}

fn row(company: &Company, vendor: &Value) -> Value {
    let id = text(vendor, "id");
    let status = match text(vendor, "status") {
        "MANAGED" => "ACTIVE",
        other => other,
    };
    json!({
        "id": id,
        "name": vendor.get("name"),
        "inherentRisk": vendor.get("inherentRiskLevel"),
        "status": status,
        "findings": company.findings.iter().filter(|finding| text(finding, "vendorId") == id).count(),
        "lastReviewedCompleted": vendor.get("lastSecurityReviewCompletionDate"),
        "nextSecurityReviewDueDate": vendor.get("nextSecurityReviewDueDate"),
        "vendorCategory": vendor.pointer("/category/displayName"),
        "residualRisk": vendor.get("residualRiskLevel"),
        "dataAgreements": agreements(vendor),
    })
}

/// How many agreements on data a vendor with health information needs, and how many there are.
fn agreements(vendor: &Value) -> Option<Value> {
    let fields = vendor.get("customFields")?.as_array()?;
    fields.iter().find(|field| text(field, "value") == "Health information")?;
    let is_missing = fingerprint(text(vendor, "name")).is_multiple_of(5);
    Some(json!({ "total": 2, "complete": if is_missing { 1 } else { 2 } }))
}
