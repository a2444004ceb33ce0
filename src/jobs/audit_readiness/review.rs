//! The state of what an audit reviews: evidence and information requests.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::jobs::columns::short;
use crate::jobs::days::{day, shown};

/// How long a name is shown.
pub(super) const NAME: usize = 60;

/// How long an author's name is shown.
pub(super) const AUTHOR: usize = 40;

/// A piece of evidence.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EvidenceState {
    pub(super) id: String,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) status: String,
    pub(super) evidence_type: Option<String>,
    pub(super) status_updated_date: Option<String>,
    pub(super) deletion_date: Option<String>,
}

/// An information request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestState {
    pub(super) id: String,
    pub(super) unique_id: Option<String>,
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) approval_status: String,
    pub(super) due_date: Option<String>,
    pub(super) modification_date: Option<String>,
    pub(super) deletion_date: Option<String>,
    pub(super) owner_assignment: Option<RequestOwner>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestOwner {
    pub(super) display_name: Option<String>,
}

/// The statuses in which the customer owes something.
pub(super) const OWED: [&str; 3] = ["NEEDS_EVIDENCE", "AUDITOR_FLAGGED", "READY_FOR_INTERNAL_REVIEW"];

impl RequestState {
    /// Whether the customer owes it, and the day on which it was due is past.
    pub(super) fn is_overdue(&self, today: Date) -> bool {
        let due = self.due_date.as_deref().and_then(day);
        OWED.contains(&self.approval_status.as_str()) && due.is_some_and(|due| due < today)
    }

    pub(super) fn shown_name(&self) -> String {
        let title = self.title.as_deref().unwrap_or(&self.id);
        let name = self.unique_id.as_deref().map_or_else(|| title.to_owned(), |id| format!("{id} {title}"));
        short(&name, NAME)
    }

    pub(super) fn row(&self) -> Vec<Value> {
        let owner = self.owner_assignment.as_ref().and_then(|owner| owner.display_name.as_deref());
        vec![json!(self.shown_name()), json!(shown(self.due_date.as_deref())), json!(owner.map(author))]
    }
}

/// An author's name, as it is shown.
pub(super) fn author(name: &str) -> String {
    short(name, AUTHOR)
}
