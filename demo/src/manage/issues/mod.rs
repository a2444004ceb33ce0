//! Findings that someone has to do something about: nonconformities, exceptions, plans of action.

mod catalog;
mod routes;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::people::People;
use crate::ask::Reply;
use crate::clock::iso_days;
use crate::record::{fresh_id, set, slug, text};
use crate::shelf::Shelf;
use catalog::{ENTRIES, Entry, Template};

/// What an issue that came up in an audit says of where it comes from.
const AUDIT: &str = "AUDIT";
/// Where an issue says which risks it belongs to, by their risk ids.
const RISKS: &str = "mappedRiskScenarioIds";

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

    /// The ids of the issues that belong to a risk, by its risk id.
    pub(super) fn of_risk<'a>(&'a self, risk: &'a str) -> impl Iterator<Item = &'a str> {
        let mapped = self.0.all().iter().filter(move |issue| risks_of(issue).contains(&risk));
        mapped.map(|issue| text(issue, "id"))
    }

    /// Adds a risk to issues that may have it already; 404 where one is not there, and then to none.
    pub(super) fn add_risk(&mut self, ids: &[&str], risk: &str) -> Result<(), Reply> {
        ids.iter().try_for_each(|id| self.0.find(id).map(|_| ()))?;
        for id in ids {
            let issue = self.0.find_mut(id)?;
            let mut risks = risks_of(issue);
            if !risks.contains(&risk) {
                risks.push(risk);
                let risks = json!(risks);
                set(issue, RISKS, risks);
            }
        }
        Ok(())
    }

    /// Takes a risk from issues; 404 or 422 where one is not there or does not have it, and then from none.
    pub(super) fn remove_risk(&mut self, ids: &[&str], risk: &str) -> Result<(), Reply> {
        for id in ids {
            if !risks_of(self.0.find(id)?).contains(&risk) {
                return Err(Reply::error(422, format!("Issue {id} is not linked to this risk")));
            }
        }
        for id in ids {
            let issue = self.0.find_mut(id)?;
            let risks: Vec<&str> = risks_of(issue).into_iter().filter(|other| *other != risk).collect();
            let risks = json!(risks);
            set(issue, RISKS, risks);
        }
        Ok(())
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

fn risks_of(issue: &Value) -> Vec<&str> {
    let risks = issue.get(RISKS).and_then(Value::as_array);
    risks.into_iter().flatten().filter_map(Value::as_str).collect()
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
    let risks: Vec<String> = entry.risks.iter().map(|risk| (*risk).to_owned()).collect();
    let owner = |which| json!({ "ownerType": "USER", "ownerId": people.leader_id(index + which) });
    let owners: Vec<Value> = (0..entry.owners).map(owner).collect();
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
        RISKS: risks,
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
