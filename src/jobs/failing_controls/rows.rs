//! What `failing_controls` reads: frameworks with Vanta's own numbers, and what fails now.

use futures::future::try_join3;
use serde::Deserialize;
use serde_json::json;

use super::super::controls::OwnerRow;
use super::super::desk::Desk;
use super::super::gaps::Gaps;
use crate::call::{CallError, Candidate};

/// A framework with the numbers that Vanta counts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameworkRow {
    pub(super) id: String,
    pub(super) display_name: Option<String>,
    pub(super) shorthand_name: Option<String>,
    pub(super) num_controls_completed: Option<u64>,
    pub(super) num_controls_total: Option<u64>,
    pub(super) num_tests_total: Option<u64>,
    pub(super) num_documents_total: Option<u64>,
}

impl FrameworkRow {
    pub(super) fn totals(&self) -> [u64; 3] {
        [self.num_controls_total, self.num_tests_total, self.num_documents_total]
            .map(Option::unwrap_or_default)
    }

    pub(super) fn name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.id)
    }

    /// How many of its controls Vanta counts as not completed.
    pub(super) fn incomplete(&self) -> Option<u64> {
        Some(self.num_controls_total?.saturating_sub(self.num_controls_completed?))
    }

    pub(super) fn candidate(&self) -> Candidate {
        let names = [("displayName", &self.display_name), ("shorthandName", &self.shorthand_name)];
        let names = names.into_iter().filter_map(|(field, name)| Some((field, name.as_deref()?)));
        Candidate::new(("id", &self.id), names)
    }
}

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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Remediation {
    pub(super) status: Option<String>,
    pub(super) soonest_remediate_by_date: Option<String>,
    pub(super) item_count: Option<u64>,
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
