//! What `failing_controls` reads: tests and documents that fail now.

use futures::future::try_join3;
use serde::Deserialize;
use serde_json::json;

use super::super::controls::{OwnerRow, Remediation};
use super::super::desk::Desk;
use super::super::frameworks::FrameworkRow;
use super::super::gaps::Gaps;
use crate::call::CallError;

/// A test that fails, or has no valid result.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TestRow {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) latest_flip_date: Option<String>,
    pub(super) owner: Option<OwnerRow>,
    pub(super) remediation_status_info: Option<Remediation>,
}

/// A document that is missing or has lapsed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DocumentRow {
    pub(super) id: String,
    pub(super) title: Option<String>,
    pub(super) upload_status: Option<String>,
    pub(super) upload_status_date: Option<String>,
    pub(super) owner_id: Option<String>,
}

/// What fails now: tests in force, tests without a valid result, and documents.
pub(super) struct FailingNow {
    pub(super) tests: Vec<TestRow>,
    pub(super) invalid: Vec<TestRow>,
    pub(super) documents: Vec<DocumentRow>,
}

pub(super) async fn now_failing(
    desk: &Desk<'_>,
    framework: Option<&FrameworkRow>,
    gaps: &Gaps,
) -> Result<FailingNow, CallError> {
    let tests = |status: &str| {
        let mut filter = json!({ "statusFilter": status, "isInRollout": false });
        if let (Some(framework), Some(members)) = (framework, filter.as_object_mut()) {
            members.insert("frameworkFilter".to_owned(), json!(framework.id));
        }
        desk.list::<TestRow>("list_tests", filter)
    };
    let mut filter = json!({ "statusMatchesAny": ["Needs document", "Needs update"] });
    if let (Some(framework), Some(members)) = (framework, filter.as_object_mut()) {
        members.insert("frameworkMatchesAny".to_owned(), json!([framework.id]));
    }
    let documents = desk.list::<DocumentRow>("list_documents", filter);
    let (failing, invalid, documents) =
        try_join3(tests("NEEDS_ATTENTION"), tests("INVALID"), documents).await?;
    Ok(FailingNow {
        tests: gaps.rows("failing tests", failing),
        invalid: gaps.rows("invalid tests", invalid),
        documents: gaps.rows("documents", documents),
    })
}
