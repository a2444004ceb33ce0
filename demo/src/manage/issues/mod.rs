//! Findings that someone has to do something about: nonconformities, exceptions, plans of action.

mod catalog;
mod routes;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::people::People;
use crate::clock::iso_days;
use crate::record::{fresh_id, set, slug, text};
use crate::shelf::Shelf;
use catalog::{ENTRIES, Entry, Template};

/// What an issue that came up in an audit says of where it comes from.
const AUDIT: &str = "AUDIT";

pub(super) struct Issues(Shelf);

impl Issues {
    pub(super) fn new(now: Timestamp, people: &People, rng: &mut Rng) -> Self {
        let issues = ENTRIES.iter().enumerate();
        let issues = issues.map(|(index, entry)| issue(index, entry, now, people, rng));
        Self(Shelf::new("Issue", issues.collect()))
    }

    pub(super) fn all(&self) -> &[Value] {
        self.0.all()
    }

    /// Makes the issues of audits say which: the recent ones the first, those of a year ago the last.
    pub(super) fn name_audits(&mut self, audits: &[String]) {
        let ids: Vec<String> = self.0.all().iter().map(|issue| text(issue, "id").to_owned()).collect();
        for (id, entry) in ids.iter().zip(ENTRIES) {
            let audit = if entry.created > 365 { audits.last() } else { audits.first() };
            if let (Ok(issue), AUDIT, Some(audit)) = (self.0.find_mut(id), entry.source, audit)
                && let Some(source) = issue.get_mut("source")
            {
                set(source, "auditId", audit.as_str());
            }
        }
    }
}

fn issue(index: usize, entry: &Entry, now: Timestamp, people: &People, rng: &mut Rng) -> Value {
    let by = |which: usize| json!({ "type": "USER", "id": people.leader_id(which) });
    let closed = entry.closed.map(|(reason, days, comment)| {
        json!({
            "closeReason": reason,
            "closedDate": iso_days(now, -days),
            "closedBy": by(index + 2),
            "comment": comment,
        })
    });
    let status = match (&closed, entry.begun) {
        (Some(_), _) => "CLOSED",
        (None, true) => "IN_PROGRESS",
        (None, false) => "NOT_STARTED",
    };
    let changed = entry.closed.map_or_else(|| rng.i64(0..entry.created), |(_, days, _)| days);
    let controls: Vec<String> = entry.controls.iter().map(|control| slug(control)).collect();
    let risks: Vec<String> = entry.risks.iter().map(|risk| slug(risk)).collect();
    let owners: Vec<Value> = (0..entry.owners).map(|which| people.leader(index + which)).collect();
    let mut issue = json!({
        "id": fresh_id(rng),
        "readableIssueId": format!("ISS-{:03}", index + 1),
        "createdDate": iso_days(now, -entry.created),
        "createdBy": by(index),
        "lastModifiedBy": by(index + 2),
        "lastModifiedDate": iso_days(now, -changed),
        "title": entry.title,
        "description": entry.description,
        "owners": owners,
        "severity": entry.severity,
        "status": status,
        "rootCause": entry.cause,
        "correctiveAction": entry.action,
        "dueDate": entry.due.map(|days| iso_days(now, days)),
        "source": { "type": entry.source, "auditId": null },
        "controlDomain": entry.domain,
        "closedMetadata": closed,
        "detectedDate": iso_days(now, -entry.created - entry.unnoticed),
        "mappedControlIds": controls,
        "mappedRiskScenarioIds": risks,
        "mappedPolicyIds": entry.policies,
        "customFields": [],
        "template": entry.template.name(),
    });
    match entry.template {
        Template::Issue(kind) => set(&mut issue, "type", kind),
        Template::Plan { resources, systems } => {
            set(&mut issue, "requiredResources", resources);
            set(&mut issue, "systemsDescription", systems);
        }
    }
    issue
}
