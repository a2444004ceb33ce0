//! What the overview reads.

use std::collections::BTreeSet;

use futures::future::{try_join, try_join4, try_join5};
use serde::Deserialize;
use serde_json::{Value, json};

use super::parts::{self, Rows};
use crate::call::{CallError, Candidate, ReadList};
use crate::jobs::columns::short;
use crate::jobs::days;
use crate::jobs::desk::Desk;
use crate::jobs::gaps::Gaps;

/// How many days ahead deadlines of vulnerabilities count.
const AHEAD: u32 = 30;

/// How long the name of a framework is shown.
const NAME: usize = 40;

/// The states of people's tasks that are read: those that are done or paused are of no interest here.
const OPEN_TASKS: &[&str] = &["OVERDUE", "DUE_SOON", "OFFBOARDING_OVERDUE", "OFFBOARDING_DUE_SOON"];

/// What was read, and which of it certainly whole.
pub struct OverviewRows {
    /// The rows.
    pub rows: Rows,
    /// The members of the answer whose lists were certainly read to their end.
    pub whole: BTreeSet<&'static str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameworkProgress {
    pub id: Option<String>,
    pub display_name: Option<String>,
    pub shorthand_name: Option<String>,
    pub num_controls_completed: Option<u64>,
    pub num_controls_total: Option<u64>,
    pub num_documents_passing: Option<u64>,
    pub num_documents_total: Option<u64>,
    pub num_tests_passing: Option<u64>,
    pub num_tests_total: Option<u64>,
}

/// Reads everything but the frameworks, and keeps what fits its question: a filter that is not known upstream would let all
/// through.
pub async fn read(desk: &Desk<'_>, framework: Option<&str>, gaps: &Gaps) -> Result<OverviewRows, CallError> {
    let tests = |status: &str| {
        let mut wanted = json!({ "statusFilter": status, "isInRollout": false });
        if let (Some(framework), Some(members)) = (framework, wanted.as_object_mut()) {
            members.insert("frameworkFilter".to_owned(), json!(framework));
        }
        wanted
    };
    let documents = match framework {
        Some(framework) => json!({ "statusMatchesAny": parts::NOT_OK, "frameworkMatchesAny": [framework] }),
        None => json!({ "statusMatchesAny": parts::NOT_OK }),
    };
    let horizon = days::after(desk.today(), AHEAD + 1);
    let vulnerabilities =
        json!({ "slaDeadlineBeforeDate": format!("{horizon}T00:00:00Z"), "isDeactivated": false });
    let people = json!({ "tasksSummaryStatusMatchesAny": OPEN_TASKS });
    let issues = json!({ "statusMatchesAny": ["NOT_STARTED", "IN_PROGRESS"] });
    let ((failing, invalid, documents, people), (vulnerabilities, vendors, policies, issues, risks)) =
        try_join(
            try_join4(
                desk.also("failing tests", "list_tests", tests("NEEDS_ATTENTION"), gaps),
                desk.also("invalid tests", "list_tests", tests("INVALID"), gaps),
                desk.also("documents", "list_documents", documents, gaps),
                desk.also("people's tasks", "list_people", people, gaps),
            ),
            try_join5(
                desk.also("vulnerabilities", "list_vulnerabilities", vulnerabilities, gaps),
                desk.also("vendors", "list_vendors", json!({}), gaps),
                desk.also("policies", "list_policies", json!({}), gaps),
                desk.also("issues", "list_issues", issues, gaps),
                desk.also("risks", "list_risk_scenarios", json!({}), gaps),
            ),
        )
        .await?;
    let mut whole = BTreeSet::new();
    let mut note = |member: &'static str, is_whole: bool| {
        if is_whole {
            whole.insert(member);
        }
    };
    note("tests", is_whole(failing.as_ref()));
    note("invalidTests", is_whole(invalid.as_ref()));
    note("documents", is_whole(documents.as_ref()));
    note("people", is_whole(people.as_ref()));
    note("vulnerabilities", is_whole(vulnerabilities.as_ref()));
    note("vendors", is_whole(vendors.as_ref()));
    note("policies", is_whole(policies.as_ref()));
    note("issues", is_whole(issues.as_ref()));
    note("risks", is_whole(risks.as_ref()));
    let read = Rows {
        failing: failing.map(|list| gaps.rows("failing tests", list)),
        invalid: invalid.map(|list| gaps.rows("invalid tests", list)),
        documents: documents.map(|list| gaps.rows("documents", list)),
        people: people.map(|list| gaps.rows("people's tasks", list)),
        vulnerabilities: vulnerabilities.map(|list| gaps.rows("vulnerabilities", list)),
        vendors: vendors.map(|list| gaps.rows("vendors", list)),
        policies: policies.map(|list| gaps.rows("policies", list)),
        issues: issues.map(|list| gaps.rows("issues", list)),
        risks: risks.map(|list| gaps.rows("risks", list)),
    };
    Ok(OverviewRows { rows: read.fitting(horizon), whole })
}

fn is_whole<T>(list: Option<&ReadList<T>>) -> bool {
    list.is_some_and(ReadList::is_certain)
}

impl FrameworkProgress {
    pub fn candidate(&self) -> Candidate {
        let names = [("displayName", &self.display_name), ("shorthandName", &self.shorthand_name)];
        let names = names.into_iter().filter_map(|(field, name)| Some((field, name.as_deref()?)));
        Candidate::new(("id", self.id.as_deref().unwrap_or_default()), names)
    }

    pub fn row(&self) -> Vec<Value> {
        let share = |part: Option<u64>, whole: Option<u64>| Some(format!("{} of {}", part?, whole?));
        vec![
            json!(self.id),
            json!(self.display_name.as_deref().map(|name| short(name, NAME))),
            json!(share(self.num_controls_completed, self.num_controls_total)),
            json!(share(self.num_tests_passing, self.num_tests_total)),
            json!(share(self.num_documents_passing, self.num_documents_total)),
        ]
    }
}
