//! A vendor of the start, with everything that belongs to it.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::catalog::Entry;
use super::{CUSTOM_FIELD, OF_REVIEW, OF_VENDOR, Vendors, assessment_types, risk_attributes};
use crate::clock::iso_days;
use crate::manage::people::People;
use crate::record::{fresh_id, pick, slug, text, turn};

const CONCERNS: &[&str] = &[
    "Single sign-on is not enforced for administrators.",
    "The audit report has expired.",
    "Data is retained longer than the contract allows.",
    "The penetration test is more than 18 months old.",
    "No business associate agreement covers the mobile product.",
    "Subprocessors are announced only after the fact.",
];

/// Adds the vendor, one or two reviews and assessments, and for many a finding and documents.
pub(super) fn vendor(
    vendors: &mut Vendors,
    index: usize,
    entry: Entry<'_>,
    now: Timestamp,
    people: &People,
    rng: &mut Rng,
) {
    let record = record(index, entry, now, people, rng);
    let id = text(&record, "id").to_owned();
    let status = text(&record, "status").to_owned();
    let last = record.get("lastSecurityReviewCompletionDate").cloned().unwrap_or_default();
    vendors.shelf.add(record);
    if status != "IN_PROCUREMENT" && !last.is_null() {
        let review = review(&id, &last, index, now, people, rng);
        let review_id = text(&review, "id").to_owned();
        vendors.reviews.add(review);
        vendors.documents.add(document(&id, &json!(review_id), "SOC2_REPORT", entry.0, now, people, rng));
        if index % 3 == 1 {
            vendors.findings.add(finding(&id, &json!(review_id), rng));
        }
    }
    if index % 4 == 2 {
        vendors.reviews.add(review(&id, &Value::Null, index, now, people, rng));
    }
    if index.is_multiple_of(5) {
        vendors.documents.add(document(&id, &Value::Null, "CONTRACT", entry.0, now, people, rng));
    }
    for turn in 0..=index % 2 {
        vendors.assessments.add(assessment(&id, index + turn, now, people, rng));
    }
}

fn record(index: usize, entry: Entry<'_>, now: Timestamp, people: &People, rng: &mut Rng) -> Value {
    let (name, website, category, services, inherent, headquarters) = entry;
    let status = match index % 40 {
        37 => "IN_PROCUREMENT",
        39 => "ARCHIVED",
        _ if index % 13 == 12 => "IN_PROCUREMENT",
        _ => "MANAGED",
    };
    let managed = status == "MANAGED";
    let reviewed = (status != "IN_PROCUREMENT" && index % 8 != 3).then(|| rng.i64(20..420));
    let due = managed.then(|| reviewed.map_or_else(|| rng.i64(-30..30), |days| 365 - days));
    let residual = match inherent {
        "CRITICAL" => "HIGH",
        "HIGH" => turn(&["MEDIUM", "HIGH"], index),
        "MEDIUM" => turn(&["LOW", "MEDIUM"], index),
        other => other,
    };
    let sso = index % 4 != 3;
    json!({
        "id": fresh_id(rng),
        "name": name,
        "websiteUrl": website,
        "accountManagerName": (index.is_multiple_of(3)).then_some("Account team"),
        "accountManagerEmail": (index.is_multiple_of(3)).then(|| format!("accounts@{}.example", slug(name))),
        "servicesProvided": services,
        "additionalNotes": (index % 6 == 4).then_some("Request the new report in the spring."),
        "securityOwnerUserId": (index % 9 != 7).then(|| people.leader_id(rng.usize(..))),
        "businessOwnerUserId": (index % 11 != 9).then(|| people.leader_id(rng.usize(..))),
        "contractStartDate": managed.then(|| iso_days(now, -rng.i64(60..1200))),
        "contractRenewalDate": managed.then(|| iso_days(now, rng.i64(5..360))),
        "contractTerminationDate": match (status, index % 12) {
            ("ARCHIVED", _) => json!(iso_days(now, -rng.i64(30..200))),
            // Notice has been given, or the contract was never renewed.
            ("MANAGED", 7) => json!(iso_days(now, 45)),
            ("MANAGED", 11) => json!(iso_days(now, -12)),
            _ => Value::Null,
        },
        "nextSecurityReviewDueDate": due.map(|days| iso_days(now, days)),
        "lastSecurityReviewCompletionDate": reviewed.map(|days| iso_days(now, -days)),
        "isVisibleToAuditors": index % 7 != 6,
        "isRiskAutoScored": index.is_multiple_of(2),
        "riskAttributeIds": risk_attributes::behind(inherent, category),
        "category": { "displayName": category },
        "authDetails": {
            "method": if sso { "OKTA" } else { "USERNAME_PASSWORD" },
            "passwordMFA": !sso,
            "passwordMinimumLength": if sso { Value::Null } else { json!(14) },
            "passwordRequiresNumber": (!sso).then_some(true),
            "passwordRequiresSymbol": (!sso).then_some(true),
        },
        "status": status,
        "inherentRiskLevel": inherent,
        "residualRiskLevel": residual,
        "vendorHeadquarters": headquarters,
        "contractAmount": managed.then(|| json!({ "amount": rng.u32(2..400) * 1000, "currency": "USD" })),
        "customFields": [{ "label": CUSTOM_FIELD, "value": turn(&["Health information", "None"], index) }],
        "latestDecision": reviewed.map(|days| {
            json!({ "status": decision(index), "lastUpdatedAt": iso_days(now, -days) })
        }),
        "linkedTaskTrackerTaskProcurementRequest": (status == "IN_PROCUREMENT").then(|| json!({
            "service": "jira",
            "url": format!("https://quillmere.atlassian.example/browse/PROC-{}", 100 + index),
        })),
    })
}

fn decision(index: usize) -> &'static str {
    match index % 10 {
        4 => "CONDITIONALLY_APPROVED",
        9 => "NOT_APPROVED",
        _ => "APPROVED",
    }
}

/// A completed review of that date, or an open one where there is none.
fn review(
    vendor: &str,
    completed: &Value,
    index: usize,
    now: Timestamp,
    people: &People,
    rng: &mut Rng,
) -> Value {
    let open = completed.is_null();
    json!({
        "id": fresh_id(rng),
        OF_VENDOR: vendor,
        "decisionNotes": (!open).then_some("No concerns in the report or the answers; little data is shared."),
        "comments": (index % 5 == 1).then_some("Review again if the contract expands."),
        "completedByUserId": (!open).then(|| people.leader_id(rng.usize(..))),
        "startDate": iso_days(now, -rng.i64(5..500)),
        "dueDate": iso_days(now, if open { rng.i64(-20..60) } else { -rng.i64(1..400) }),
        "overrideDueDate": null,
        "completionDate": completed,
        "decision": (!open).then(|| json!({ "status": decision(index), "lastUpdatedAt": completed })),
    })
}

fn assessment(vendor: &str, index: usize, now: Timestamp, people: &People, rng: &mut Rng) -> Value {
    let status = turn(&["COMPLETED", "IN_PROGRESS", "COMPLETED", "NOT_STARTED"], index);
    let (type_id, type_name) = turn(assessment_types::IN_USE, index);
    let done = (status == "COMPLETED").then(|| iso_days(now, -rng.i64(5..200)));
    json!({
        "id": fresh_id(rng),
        OF_VENDOR: vendor,
        "status": status,
        "completedByUserId": done.as_ref().map(|_| people.leader_id(rng.usize(..))),
        "startDate": (status != "NOT_STARTED").then(|| iso_days(now, -rng.i64(201..300))),
        "dueDate": iso_days(now, rng.i64(-15..60)),
        "overrideDueDate": null,
        "completionDate": done,
        "createdDate": iso_days(now, -rng.i64(301..400)),
        "decision": done.as_ref().map(|date| json!({ "status": decision(index), "lastUpdatedAt": date })),
        "assessmentType": { "id": type_id, "name": type_name },
        "owner": assessor(&people.leader(rng.usize(..))),
    })
}

/// Whoever an assessment belongs to, in the form of an assessment.
fn assessor(leader: &Value) -> Value {
    json!({
        "id": leader.get("id"),
        "type": "USER",
        "displayName": leader.get("displayName"),
        "email": leader.get("emailAddress"),
    })
}

fn finding(vendor: &str, review: &Value, rng: &mut Rng) -> Value {
    let risk = pick(&["REMEDIATE", "REMEDIATE", "ACCEPT", "NONE"], rng);
    json!({
        "id": fresh_id(rng),
        OF_VENDOR: vendor,
        OF_REVIEW: review,
        "documentId": null,
        "content": pick(CONCERNS, rng),
        "riskStatus": risk,
        "remediation": (risk == "REMEDIATE").then(|| json!({
            "state": pick(&["OPEN", "OPEN", "CLOSED"], rng),
            "requirementNotes": "Written confirmation from the vendor.",
        })),
    })
}

fn document(
    vendor: &str,
    review: &Value,
    kind: &str,
    name: &str,
    now: Timestamp,
    people: &People,
    rng: &mut Rng,
) -> Value {
    let file = format!("{}-{}.pdf", slug(name), slug(kind));
    let date = iso_days(now, -rng.i64(10..400));
    json!({
        "id": fresh_id(rng),
        OF_VENDOR: vendor,
        OF_REVIEW: review,
        "fileName": file,
        "title": format!("{name}: {}", kind.replace('_', " ").to_lowercase()),
        "description": null,
        "mimeType": "application/pdf",
        "uploadedBy": { "type": "USER", "id": people.leader_id(rng.usize(..)) },
        "creationDate": date,
        "updatedDate": date,
        "deletionDate": null,
        "type": kind,
        "url": format!("https://files.vanta.example/vendors/{file}"),
    })
}
