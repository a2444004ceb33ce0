//! Questions that are answered by several calls: which controls fail, what falls due, who has access.
//!
//! A job is a file here and its line in [`JOBS`]. It has its arguments and its answer as types, from which their schemas
//! come, names the operations that it makes, and reads through its [`Desk`] alone, so that nothing reaches an API another
//! way. What it could not look at is in its answer, and never counts as none.

mod audit_readiness;
mod audits;
mod builder;
mod changes_since;
mod collect_audit_evidence;
mod columns;
mod compliance_overview;
mod controls;
mod days;
mod desk;
mod due;
mod explain_failure;
mod failing_controls;
mod frameworks;
mod gaps;
mod job;
mod known_names;
mod listing;
mod lists;
mod offboarding_check;
mod panel;
mod person;
mod person_duties;
mod pick;
mod refresh;
mod relations;
mod side_by_side;
mod snapshot;
mod spare;
mod steps;
mod top_risks;
mod trend;
mod trust_center_access;
mod typed;
mod unencrypted_computers;
mod users;
mod vendor_overview;

use crate::api::{Clients, IndexExtent};

pub use desk::Desk;
pub use job::Job;
pub use typed::{NoArguments, schema_of, typed};

/// All jobs, in the order of their names.
pub static JOBS: &[&Job] = &[
    &audit_readiness::AUDIT_READINESS,
    &changes_since::CHANGES_SINCE,
    &collect_audit_evidence::COLLECT_AUDIT_EVIDENCE,
    &compliance_overview::COMPLIANCE_OVERVIEW,
    &due::DUE,
    &explain_failure::EXPLAIN_FAILURE,
    &failing_controls::FAILING_CONTROLS,
    &panel::FIND_PANEL_ACCOUNT,
    &offboarding_check::OFFBOARDING_CHECK,
    &panel::PANEL_OVERVIEW,
    &person_duties::PERSON_DUTIES,
    &top_risks::TOP_RISKS,
    &trust_center_access::TRUST_CENTER_ACCESS,
    &unencrypted_computers::UNENCRYPTED_COMPUTERS,
    &vendor_overview::VENDOR_OVERVIEW,
];

/// The job of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Job> {
    JOBS.iter().find(|job| job.name == name).copied()
}

/// Whether a job may read for minutes before it answers: one that collects files, and one that has no index to answer from.
#[must_use]
pub fn takes_long(job: &Job, clients: &Clients) -> bool {
    let is = |other: &Job| job.name == other.name;
    is(&collect_audit_evidence::COLLECT_AUDIT_EVIDENCE)
        || is(&failing_controls::FAILING_CONTROLS) && clients.index() == IndexExtent::Off
}

/// What of a job's work the next call goes on from, where it is stopped in the middle: a sentence, or none where that is
/// nothing.
#[must_use]
pub fn kept_when_stopped(job: &Job) -> Option<&'static str> {
    let is = |other: &Job| job.name == other.name;
    if is(&collect_audit_evidence::COLLECT_AUDIT_EVIDENCE) {
        return Some("stopped; what was collected is kept, and the same call goes on after it.");
    }
    is(&failing_controls::FAILING_CONTROLS).then_some(
        "stopped; what was found out of the controls so far is kept, and the same call goes on after it.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn each_job_names_what_there_is() {
        for job in JOBS {
            for name in job.uses.iter().chain(job.also) {
                assert!(catalog::find(name).is_some(), "{}: {name}", job.name);
            }
            assert!(!job.uses.is_empty(), "{}", job.name);
            assert!(catalog::find(job.name).is_none(), "{} is an operation too", job.name);
            let toolset = catalog::areas().iter().any(|area| area.toolset == job.toolset);
            assert!(toolset, "{}: {}", job.name, job.toolset);
            assert!(job.asks.len() >= 15, "{}: {} asks", job.name, job.asks.len());
        }
        assert!(JOBS.is_sorted_by_key(|job| job.name));
    }

    #[test]
    fn each_schema_is_an_object_with_described_members() {
        for job in JOBS {
            let input = (job.input)();
            assert_eq!(input.get("type").and_then(|kind| kind.as_str()), Some("object"), "{}", job.name);
            for (name, schema) in input["properties"].as_object().unwrap() {
                assert!(schema.get("description").is_some(), "{}: {name}", job.name);
            }
            assert!((job.output)().contains_key("properties"), "{}", job.name);
        }
    }
}
