//! Reading what a person is responsible for, kind by kind.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::kinds::DutyKind;
use super::owner::SoughtOwner;
use crate::call::CallError;
use crate::jobs::columns::short;
use crate::jobs::desk::Desk;
use crate::jobs::gaps::Gaps;
use crate::jobs::known_names::{IndexAge, known_controls};

/// What a person is responsible for, of one kind.
#[derive(Debug)]
pub(super) struct Duties {
    pub(super) kind: DutyKind,
    /// What each is called.
    pub(super) items: Vec<String>,
}

/// How long an item is shown.
const LONGEST: usize = 40;

/// How long the number of a risk is at most.
const NUMBER: usize = 12;

/// An owner as an object: by id, and mostly with an email address.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamedOwner {
    id: Option<String>,
    email_address: Option<String>,
}

/// Whom something is assigned to: a user or a team.
#[derive(Deserialize)]
struct AssignedOwner {
    r#type: Option<String>,
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnedControl {
    external_id: Option<String>,
    name: Option<String>,
    owner: Option<NamedOwner>,
}

#[derive(Deserialize)]
struct OwnedTest {
    id: Option<String>,
    name: Option<String>,
    owner: Option<NamedOwner>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnedDocument {
    title: Option<String>,
    owner_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnedVendor {
    name: Option<String>,
    status: Option<String>,
    security_owner_user_id: Option<String>,
    business_owner_user_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnedRisk {
    risk_id: Option<String>,
    description: Option<String>,
    owner: Option<String>,
    review_status: Option<String>,
    #[serde(default)]
    is_archived: bool,
    #[serde(default)]
    required_approvers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnedIssue {
    readable_issue_id: Option<String>,
    title: Option<String>,
    status: Option<String>,
    #[serde(default)]
    owners: Vec<IssueOwner>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IssueOwner {
    owner_type: Option<String>,
    owner_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnedQuestionnaire {
    display_name: Option<String>,
    status: Option<String>,
    owner_assignment: Option<AssignedOwner>,
    approver_assignment: Option<AssignedOwner>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnedAnswer {
    question: Option<String>,
    owner_assignment: Option<AssignedOwner>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnedKnowledge {
    r#type: Option<String>,
    title: Option<String>,
    owner_assignment: Option<AssignedOwner>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnedComputer {
    serial_number: Option<String>,
    udid: Option<String>,
    owner: Option<NamedOwner>,
}

impl SoughtOwner {
    fn is_named(&self, owner: Option<&NamedOwner>) -> bool {
        owner.is_some_and(|owner| {
            self.has_id(owner.id.as_deref()) || self.has_email(owner.email_address.as_deref())
        })
    }

    fn is_assigned(&self, owner: Option<&AssignedOwner>) -> bool {
        let is_user = |owner: &&AssignedOwner| owner.r#type.as_deref().is_none_or(|kind| !is_team(kind));
        owner.filter(is_user).is_some_and(|owner| self.has_id(owner.id.as_deref()))
    }
}

fn is_team(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("team")
}

/// Where things are read, and whose.
pub(super) struct DutySearch<'s> {
    pub(super) desk: &'s Desk<'s>,
    pub(super) owner: &'s SoughtOwner,
    pub(super) gaps: &'s Gaps,
    pub(super) age: &'s IndexAge,
}

impl DutySearch<'_> {
    /// Everything that can be read. What cannot is among the gaps, and absent here.
    pub(super) async fn all(&self) -> Result<Vec<Duties>, CallError> {
        let (
            controls,
            tests,
            documents,
            vendors,
            risks,
            issues,
            questionnaires,
            answers,
            knowledge,
            computers,
        ) = futures::try_join!(
            self.controls(),
            self.tests(),
            self.documents(),
            self.vendors(),
            self.risks(),
            self.issues(),
            self.questionnaires(),
            self.answers(),
            self.knowledge(),
            self.computers(),
        )?;
        let each = [
            controls,
            documents,
            vendors,
            risks,
            questionnaires,
            answers,
            knowledge,
            tests,
            issues,
            computers,
        ];
        Ok(each.into_iter().flatten().collect())
    }

    /// The rows of a list; `None` where they could not be read.
    async fn rows<T: DeserializeOwned>(
        &self,
        what: &str,
        tool: &'static str,
        arguments: Value,
    ) -> Result<Option<Vec<T>>, CallError> {
        let list = self.desk.also::<T>(what, tool, arguments, self.gaps).await?;
        Ok(list.map(|list| self.gaps.rows(what, list)))
    }

    async fn controls(&self) -> Result<Vec<Duties>, CallError> {
        // The longest of all lists; whose a control is changes seldom.
        if let Some(known) = known_controls(self.desk).await {
            self.age.rests_on(known.at);
            return Ok(of(DutyKind::Controls, Some(known.rows), |control| {
                let owner = control.owner.as_ref()?;
                let is_own =
                    self.owner.has_id(Some(&owner.id)) || self.owner.has_email(owner.email.as_deref());
                is_own.then(|| called([control.external_id.as_deref(), Some(control.name.as_str())]))
            }));
        }
        let rows = self.rows::<OwnedControl>("controls", "list_controls", json!({})).await?;
        Ok(of(DutyKind::Controls, rows, |control| {
            let is_own = self.owner.is_named(control.owner.as_ref());
            is_own.then(|| called([control.external_id.as_deref(), control.name.as_deref()]))
        }))
    }

    async fn tests(&self) -> Result<Vec<Duties>, CallError> {
        let mut found: Vec<OwnedTest> = Vec::new();
        // The filter takes one id.
        for id in self.owner.ids() {
            let filter = json!({ "ownerFilter": id });
            let Some(rows) = self.rows::<OwnedTest>("tests", "list_tests", filter).await? else {
                return Ok(Vec::new());
            };
            let is_new =
                |test: &OwnedTest| found.iter().all(|other| other.id != test.id || test.id.is_none());
            let rows: Vec<OwnedTest> = rows.into_iter().filter(is_new).collect();
            found.extend(rows);
        }
        Ok(of(DutyKind::Tests, Some(found), |test| {
            self.owner.is_named(test.owner.as_ref()).then(|| called([test.name.as_deref()]))
        }))
    }

    async fn documents(&self) -> Result<Vec<Duties>, CallError> {
        let rows = self.rows::<OwnedDocument>("documents", "list_documents", json!({})).await?;
        Ok(of(DutyKind::Documents, rows, |document| {
            self.owner.has_id(document.owner_id.as_deref()).then(|| called([document.title.as_deref()]))
        }))
    }

    async fn vendors(&self) -> Result<Vec<Duties>, CallError> {
        let rows = self.rows::<OwnedVendor>("vendors", "list_vendors", json!({})).await?;
        Ok(of(DutyKind::Vendors, rows, |vendor| {
            let security = self.owner.has_id(vendor.security_owner_user_id.as_deref());
            let business = self.owner.has_id(vendor.business_owner_user_id.as_deref());
            let role = match (security, business) {
                (true, true) => "both roles",
                (true, false) => "security",
                (false, true) => "business",
                (false, false) => return None,
            };
            let archived = if vendor.status.as_deref() == Some("ARCHIVED") { ", archived" } else { "" };
            Some(format!("{} ({role}{archived})", called([vendor.name.as_deref()])))
        }))
    }

    async fn risks(&self) -> Result<Vec<Duties>, CallError> {
        // All of them, and not those of one owner: who has to approve one is not among the filters. Enterprise risks come
        // only where they are asked for.
        let kind = |kind: &'static str| {
            self.rows::<OwnedRisk>("risks", "list_risk_scenarios", json!({ "type": kind }))
        };
        let (scenarios, enterprise) = futures::try_join!(kind("Risk Scenario"), kind("Enterprise Risk"))?;
        let (Some(mut risks), Some(enterprise)) = (scenarios, enterprise) else { return Ok(Vec::new()) };
        risks.extend(enterprise);
        risks.retain(|risk| !risk.is_archived);
        // Some ids are numbers by which people call a risk, some are its whole description once more.
        let number = |risk: &OwnedRisk| risk.risk_id.clone().filter(|id| id.len() <= NUMBER);
        let name = |risk: &OwnedRisk| called([number(risk).as_deref(), risk.description.as_deref()]);
        let approves = |risk: &OwnedRisk| {
            risk.review_status.as_deref() != Some("APPROVED")
                && risk.required_approvers.iter().any(|one| self.owner.has_either(Some(one)))
        };
        let owned = risks.iter().filter(|risk| self.owner.has_either(risk.owner.as_deref())).map(name);
        let owned = Duties { kind: DutyKind::Risks, items: owned.collect() };
        let approvals = risks.iter().filter(|risk| approves(risk)).map(name).collect();
        Ok(vec![owned, Duties { kind: DutyKind::RiskApprovals, items: approvals }])
    }

    async fn issues(&self) -> Result<Vec<Duties>, CallError> {
        let filter = json!({
            "ownerIdMatchesAny": self.owner.ids().collect::<Vec<_>>(),
            "statusMatchesAny": ["NOT_STARTED", "IN_PROGRESS"],
        });
        let rows = self.rows::<OwnedIssue>("issues", "list_issues", filter).await?;
        Ok(of(DutyKind::Issues, rows, |issue| {
            let is_owner = |owner: &IssueOwner| {
                !owner.owner_type.as_deref().is_some_and(is_team)
                    && self.owner.has_id(owner.owner_id.as_deref())
            };
            let is_own = issue.status.as_deref() != Some("CLOSED") && issue.owners.iter().any(is_owner);
            is_own.then(|| called([issue.readable_issue_id.as_deref(), issue.title.as_deref()]))
        }))
    }

    async fn questionnaires(&self) -> Result<Vec<Duties>, CallError> {
        let ids: Vec<&str> = self.owner.ids().collect();
        let read = |what, filter: &str| {
            self.rows::<OwnedQuestionnaire>(what, "list_questionnaires", json!({ filter: ids }))
        };
        let (owned, approved) = futures::try_join!(
            read("questionnaires", "ownerIdMatchesAny"),
            read("questionnaires to approve", "approverIdMatchesAny"),
        )?;
        let mut duties = of(DutyKind::Questionnaires, owned, |one| {
            let is_own = one.is_open() && self.owner.is_assigned(one.owner_assignment.as_ref());
            is_own.then(|| called([one.display_name.as_deref()]))
        });
        duties.extend(of(DutyKind::QuestionnaireApprovals, approved, |one| {
            let is_own = one.is_open() && self.owner.is_assigned(one.approver_assignment.as_ref());
            is_own.then(|| called([one.display_name.as_deref()]))
        }));
        Ok(duties)
    }

    async fn answers(&self) -> Result<Vec<Duties>, CallError> {
        let rows =
            self.rows::<OwnedAnswer>("answer library", "list_answer_library_entries", json!({})).await?;
        Ok(of(DutyKind::Answers, rows, |answer| {
            let is_own = self.owner.is_assigned(answer.owner_assignment.as_ref());
            is_own.then(|| called([answer.question.as_deref()]))
        }))
    }

    async fn knowledge(&self) -> Result<Vec<Duties>, CallError> {
        let rows =
            self.rows::<OwnedKnowledge>("knowledge base", "list_knowledge_resources", json!({})).await?;
        let Some(rows) = rows else { return Ok(Vec::new()) };
        let (webpages, documents): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|one| one.r#type.as_deref() == Some("URL"));
        let item = |one: &OwnedKnowledge| {
            self.owner.is_assigned(one.owner_assignment.as_ref()).then(|| called([one.title.as_deref()]))
        };
        let mut duties = of(DutyKind::KnowledgeDocuments, Some(documents), item);
        duties.extend(of(DutyKind::KnowledgeWebpages, Some(webpages), item));
        Ok(duties)
    }

    async fn computers(&self) -> Result<Vec<Duties>, CallError> {
        let rows = self.rows::<OwnedComputer>("computers", "list_monitored_computers", json!({})).await?;
        Ok(of(DutyKind::Computers, rows, |computer| {
            let is_own = self.owner.is_named(computer.owner.as_ref());
            is_own.then(|| called([computer.serial_number.as_deref().or(computer.udid.as_deref())]))
        }))
    }
}

impl OwnedQuestionnaire {
    fn is_open(&self) -> bool {
        !matches!(self.status.as_deref(), Some("COMPLETE" | "NO_LONGER_NEEDED"))
    }
}

/// Those of the rows that are the person's: nothing where they could not be read, which is not the same as none of them.
fn of<T>(kind: DutyKind, rows: Option<Vec<T>>, item: impl Fn(&T) -> Option<String>) -> Vec<Duties> {
    let duties = rows.map(|rows| Duties { kind, items: rows.iter().filter_map(item).collect() });
    duties.into_iter().collect()
}

/// What something is called: its number, where it has one, and its name.
fn called<'t>(names: impl IntoIterator<Item = Option<&'t str>>) -> String {
    let names: Vec<&str> = names.into_iter().flatten().collect();
    if names.is_empty() { "(no name)".to_owned() } else { short(&names.join(" "), LONGEST) }
}
