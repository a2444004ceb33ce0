//! Jobs: questions that are answered by several calls. What is right is computed from the lists, never from the job.

mod audit_readiness;
mod changes_since;
mod collect_audit_evidence;
mod compliance_overview;
mod due;
mod explain_failure;
pub mod failing_controls;
mod found;
mod large;
mod offboarding_check;
mod panel;
mod person_duties;
mod rests;
mod top_risks;
mod trends;
mod trust_center_access;
mod unencrypted_computers;
mod vendor_overview;

use serde_json::{Value, json};
use vanta_demo::FaultKind;

use crate::harness::Run;
use crate::lists::with;

/// Every item of a list with all its fields, as the operation that lists it returns them.
pub async fn records(run: &Run, tool: &str, arguments: Value) -> Vec<Value> {
    let arguments = with(&with(&arguments, "all", json!(true)), "fields", json!(["*"]));
    let list = run.value(tool, arguments).await;
    list["items"].as_array().unwrap().clone()
}

/// What a job answers, and how many requests it sent. The bounds are on both: `most` characters of text, some three to a
/// token, and `requests`.
pub async fn asked(run: &Run, job: &str, arguments: Value, most: usize, requests: usize) -> Value {
    run.tenant.forget();
    let answer = run.value(job, arguments).await;
    let (length, sent) = (answer.to_string().len(), run.seen().len());
    assert!(length <= most, "{job} is {length} characters: {answer}");
    assert!(sent <= requests, "{job} sent {sent} requests");
    assert!(!run.sent_changes());
    answer
}

/// The values of a column of a table.
pub fn column(table: &Value, name: &str) -> Vec<Value> {
    let columns = table["columns"].as_array().unwrap();
    let at =
        columns.iter().position(|column| column == name).unwrap_or_else(|| panic!("{name} in {columns:?}"));
    table["rows"].as_array().unwrap().iter().map(|row| row[at].clone()).collect()
}

/// A refusal by the API, of this status.
pub fn refused(status: u16) -> FaultKind {
    FaultKind::Body { status, body: r#"{"message":"not for you"}"#.to_owned() }
}
