//! What is right about questions that one list answers, or a single thing.

use serde_json::{Value, json};

use crate::records::Records;
use crate::truth::{all, count, day, is_any, today};

/// What the function of that name finds; `None` where there is none.
pub fn of(name: &str, records: &Records) -> Option<Value> {
    Some(match name {
        "viewers" => viewers(records),
        "vendors" => vendors(records),
        "risks" => risks(records),
        "computers" => computers(records),
        "panel" => panel(records),
        "account" => json!({ "user": records.list("panel")[2]["user"], "matches": 1 }),
        "ownerless_controls" => named(records, "/v1/controls", "externalId", |one| one["owner"].is_null()),
        "ownerless_tests" => {
            let is_it = |one: &Value| one["status"] == "NEEDS_ATTENTION" && one["owner"].is_null();
            named(records, "/v1/tests?isInRollout=false", "name", is_it)
        }
        "untrained" => {
            let is_it = |one: &Value| {
                is_any(&one["tasksSummary"]["details"]["completeTrainings"]["status"], &["OVERDUE"])
            };
            named(records, "/v1/people", "emailAddress", is_it)
        }
        "lapsed_documents" => {
            named(records, "/v1/documents", "title", |one| one["uploadStatus"] == "Needs update")
        }
        "policies" => {
            let states = ["RENEW_SOON", "EXPIRED"];
            named(records, "/v1/policies", "name", |one| is_any(&one["latestVersion"]["status"], &states))
        }
        "critical" => {
            let is_it = |one: &Value| one["severity"] == "CRITICAL" && one["deactivateMetadata"].is_null();
            named(records, "/v1/vulnerabilities?includeVulnerabilitiesWithoutSlas=true", "id", is_it)
        }
        _ => return None,
    })
}

/// How many of a list there are, and what they are called.
fn named(records: &Records, list: &'static str, name: &str, is_it: impl Fn(&Value) -> bool) -> Value {
    let found: Vec<&Value> = records.list(list).iter().filter(|one| is_it(one)).collect();
    assert!(!found.is_empty(), "the tenant has none: {list}");
    json!({ "count": found.len(), "names": all(found, name) })
}

fn viewers(records: &Records) -> Value {
    let present = records.list("/v1/trust-centers/{slug}/viewers?includeRemoved=false");
    let all_ever = records.list("/v1/trust-centers/{slug}/viewers?includeRemoved=true");
    let is_over = |viewer: &Value| day(&viewer["expirationDate"]).is_some_and(|end| end < today());
    let is_open =
        |viewer: &Value| viewer["ndaInfo"].is_object() && viewer["ndaInfo"]["satisfiedDate"].is_null();
    let having = present.iter().filter(|viewer| !is_over(viewer) && !is_open(viewer));
    let waiting = records.list("/v1/trust-centers/{slug}/access-requests");
    json!({
        "emails": all(having, "email"), "expired": count(present, is_over),
        "open": count(present, |viewer| is_open(viewer) && !is_over(viewer)),
        "removed": all_ever.len() - present.len(), "waiting": waiting.len(),
    })
}

fn vendors(records: &Records) -> Value {
    let kept = || records.list("/v1/vendors").iter().filter(|vendor| vendor["status"] != "ARCHIVED");
    let next = |vendor: &Value| day(&vendor["nextSecurityReviewDueDate"]);
    json!({
        "vendors": kept().count(),
        "never": count(kept(), |vendor| vendor["lastSecurityReviewCompletionDate"].is_null()),
        "overdue": count(kept(), |vendor| next(vendor).is_some_and(|due| due < today())),
        "names": all(kept(), "name"),
    })
}

/// The residual scores from the greatest, written as the answer has them: several risks may have the same.
fn risks(records: &Records) -> Value {
    let mut risks: Vec<&Value> = records.list("/v1/risk-scenarios").iter().collect();
    risks.extend(records.list("/v1/risk-scenarios?type=Enterprise%20Risk"));
    risks.retain(|risk| risk["isArchived"] != true);
    let score = |risk: &Value| {
        let (likelihood, impact) = (risk["residualLikelihood"].as_f64()?, risk["residualImpact"].as_f64()?);
        Some(likelihood * impact)
    };
    let mut scores: Vec<f64> = risks.iter().filter_map(|risk| score(risk)).collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    let least = scores[9];
    let high = risks.iter().copied().filter(|risk| score(risk).is_some_and(|score| score >= least));
    json!({ "risks": risks.len(), "scored": scores.len(), "ids": all(high, "riskId") })
}

fn computers(records: &Records) -> Value {
    let all_of = records.list("/v1/monitored-computers");
    let silent = "/v1/monitored-computers?complianceStatusFilterMatchesAny=LAST_CHECK_OVER_14_DAYS";
    let with = |outcome: &'static str| {
        all_of.iter().filter(move |computer| computer["diskEncryption"]["outcome"] == outcome)
    };
    json!({
        "computers": all_of.len(), "off": with("FAIL").count(), "unknown": with("IN_PROGRESS").count(),
        "silent": records.list(silent).len(), "serials": all(with("FAIL"), "serialNumber"),
    })
}

fn panel(records: &Records) -> Value {
    let accounts = records.list("panel");
    let suspended = accounts.iter().filter(|account| account["suspended"] == true);
    json!({ "accounts": accounts.len(), "users": all(suspended, "user") })
}
