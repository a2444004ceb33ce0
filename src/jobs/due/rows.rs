//! What falls due, as the lists have it.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use super::super::columns::short;
use super::super::controls::{OwnerRow, Remediation};
use super::super::days::day;
use super::things::{DueKind, DueThing, LONGEST};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DueTest {
    pub(super) name: Option<String>,
    pub(super) owner: Option<OwnerRow>,
    pub(super) remediation_status_info: Option<Remediation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DueDocument {
    pub(super) id: String,
    pub(super) title: Option<String>,
    pub(super) owner_id: Option<String>,
    pub(super) upload_status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DuePolicy {
    pub(super) name: Option<String>,
    pub(super) latest_version: Option<PolicyVersion>,
}

#[derive(Deserialize)]
pub(super) struct PolicyVersion {
    pub(super) status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DuePerson {
    pub(super) email_address: Option<String>,
    pub(super) name: Option<DisplayedName>,
    pub(super) tasks_summary: Option<TasksDue>,
}

#[derive(Deserialize)]
pub(super) struct DisplayedName {
    pub(super) display: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TasksDue {
    pub(super) status: Option<String>,
    pub(super) due_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DueVulnerability {
    pub(super) name: Option<String>,
    pub(super) severity: Option<String>,
    pub(super) target_id: Option<String>,
    pub(super) remediate_by_date: Option<String>,
    pub(super) deactivate_metadata: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct NamedAsset {
    pub(super) id: String,
    pub(super) name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DueVendor {
    pub(super) name: Option<String>,
    pub(super) status: Option<String>,
    pub(super) security_owner_user_id: Option<String>,
    pub(super) business_owner_user_id: Option<String>,
    pub(super) next_security_review_due_date: Option<String>,
    pub(super) contract_renewal_date: Option<String>,
    pub(super) contract_termination_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DueIssue {
    pub(super) readable_issue_id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) severity: Option<String>,
    pub(super) status: Option<String>,
    pub(super) due_date: Option<String>,
    #[serde(default)]
    pub(super) owners: Vec<DueIssueOwner>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DueIssueOwner {
    pub(super) owner_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DueQuestionnaire {
    pub(super) display_name: Option<String>,
    pub(super) status: Option<String>,
    pub(super) due_date: Option<String>,
    pub(super) owner_assignment: Option<Assigned>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Assigned {
    pub(super) id: Option<String>,
    pub(super) display_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DueAnswer {
    pub(super) question: Option<String>,
    pub(super) expiration_date: Option<String>,
    pub(super) owner_assignment: Option<Assigned>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DueViewer {
    pub(super) email: Option<String>,
    pub(super) company_name: Option<String>,
    pub(super) expiration_date: Option<String>,
}

/// How an owner begins of whom only the id is known.
pub(super) const ID: &str = "id:";

impl DueDocument {
    fn thing(&self, due: Option<Date>, note: Option<&str>) -> DueThing {
        DueThing {
            kind: DueKind::Document,
            what: short(self.title.as_deref().unwrap_or(&self.id), LONGEST),
            due,
            owner: self.owner_id.as_deref().map(|id| format!("{ID}{id}")),
            note: note.map(str::to_owned),
            count: 1,
        }
    }

    pub(super) fn overdue(&self) -> DueThing {
        self.thing(None, self.upload_status.as_deref())
    }

    pub(super) fn renewed(&self, renewal: &str) -> Option<DueThing> {
        Some(self.thing(Some(day(renewal)?), Some("renewal")))
    }
}

impl DueVulnerability {
    pub(super) fn deadline(&self) -> Option<Date> {
        self.remediate_by_date.as_deref().and_then(day)
    }
}

impl Assigned {
    pub(super) fn shown(self) -> Option<String> {
        self.display_name.or_else(|| self.id.map(|id| format!("{ID}{id}")))
    }
}
