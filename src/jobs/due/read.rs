//! What `due` reads, kind by kind.

use std::collections::{BTreeMap, HashMap};

use futures::future::join;
use futures::try_join;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::columns::short;
use super::super::days::day;
use super::super::known_names::known_things;
use super::super::users::ReadUsers;
use super::rows::{
    Assigned, DueAnswer, DueIssue, DuePerson, DuePolicy, DueQuestionnaire, DueTest, DueVendor, DueViewer,
    DueVulnerability, ID, NamedAsset,
};
use super::things::{DueKind, DueThing, FoundDue, LONGEST, ReadDue};
use crate::call::CallError;
use crate::index::{KeptThing, ThingKind};
use crate::state::Moment;

/// Things of one kind, by what they are.
type Things = Vec<DueThing>;

impl ReadDue<'_> {
    /// The rows of a list; none where the kind is not wanted, or the list could not be read, which is then named.
    async fn rows<T: DeserializeOwned>(
        &self,
        (wanted, what): (bool, &'static str),
        tool: &'static str,
        filter: Value,
    ) -> Result<Vec<T>, CallError> {
        if !wanted {
            return Ok(Vec::new());
        }
        let list = self.desk.also::<T>(what, tool, filter, self.gaps).await?;
        Ok(list.map(|list| self.gaps.rows(what, list)).unwrap_or_default())
    }

    /// Names of assets by id.
    async fn assets(&self, wanted: bool) -> Result<HashMap<String, String>, CallError> {
        let assets: Vec<NamedAsset> =
            self.rows((wanted, "names of assets"), "list_vulnerable_assets", json!({})).await?;
        Ok(assets.into_iter().filter_map(|asset| Some((asset.id, asset.name?))).collect())
    }

    /// The same from the index, with the time at which they were read; where it does not have them, they are read.
    async fn known_assets(
        &self,
        wanted: bool,
    ) -> Result<(HashMap<String, String>, Option<Moment>), CallError> {
        let known = if wanted { known_things(self.desk, ThingKind::Asset).await } else { None };
        let Some(known) = known else { return Ok((self.assets(wanted).await?, None)) };
        let name = |asset: KeptThing| {
            let name = asset.called(ThingKind::Asset);
            (!name.is_empty()).then_some((asset.id, name))
        };
        Ok((known.things.into_iter().filter_map(name).collect(), Some(known.at)))
    }

    pub(super) async fn all(&self) -> Result<FoundDue, CallError> {
        let what = "names of owners";
        let users = ReadUsers::known_or_read(self.desk, what, self.gaps);
        let (
            users,
            tests,
            documents,
            policies,
            people,
            vulnerabilities,
            vendors,
            issues,
            questionnaires,
            answers,
            viewers,
        ) = try_join!(
            users,
            self.tests(),
            self.documents(),
            self.policies(),
            self.people(),
            self.vulnerabilities(),
            self.vendors(),
            self.issues(),
            self.questionnaires(),
            self.answers(),
            self.viewers(),
        )?;
        let mut found = documents;
        found.left_out.extend(std::iter::repeat_n("deactivatedVulnerabilities", vulnerabilities.1));
        for things in
            [tests, policies, people, vulnerabilities.0, vendors, issues, questionnaires, answers, viewers]
        {
            found.things.extend(things);
        }
        // Where an owner is an id, it is given the name.
        let ids: Vec<&str> =
            found.things.iter().filter_map(|thing| thing.owner.as_deref()?.strip_prefix(ID)).collect();
        let users = users.covering(self.desk, &ids, (what, self.gaps), self.age).await?;
        for thing in &mut found.things {
            if let Some(id) = thing.owner.as_deref().and_then(|owner| owner.strip_prefix(ID)) {
                thing.owner = users.shown(Some(id)).as_str().map(str::to_owned);
            }
        }
        Ok(found)
    }

    async fn tests(&self) -> Result<Things, CallError> {
        if !self.wants(DueKind::Test) {
            return Ok(Vec::new());
        }
        let filter = json!({ "statusFilter": "NEEDS_ATTENTION", "isInRollout": false });
        let list = self.gaps.rows("tests", self.desk.list::<DueTest>("list_tests", filter).await?);
        let thing = |test: DueTest| {
            let info = test.remediation_status_info?;
            let due = info.soonest_remediate_by_date.as_deref().and_then(day);
            // A test that fails without a deadline is not due.
            (due.is_some() || info.status.as_deref() == Some("OVERDUE")).then(|| DueThing {
                kind: DueKind::Test,
                what: short(test.name.as_deref().unwrap_or("(no name)"), LONGEST),
                due,
                owner: test.owner.and_then(|owner| owner.display_name.or(owner.email_address)),
                note: info.item_count.map(|items| format!("{items} items")),
                count: 1,
            })
        };
        Ok(list.into_iter().filter_map(thing).collect())
    }

    async fn policies(&self) -> Result<Things, CallError> {
        let policies: Vec<DuePolicy> =
            self.rows((self.wants(DueKind::Policy), "policies"), "list_policies", json!({})).await?;
        let thing = |policy: DuePolicy| {
            let status = policy.latest_version?.status?;
            let note = match status.as_str() {
                "EXPIRED" => "expired",
                "RENEW_SOON" => "to be renewed soon",
                _ => return None,
            };
            Some(DueThing {
                kind: DueKind::Policy,
                what: short(&policy.name.unwrap_or_default(), LONGEST),
                // The API says no day: what is to be renewed soon counts as due at the end of what is looked at.
                due: (status != "EXPIRED").then_some(self.until),
                owner: None,
                note: Some(note.to_owned()),
                count: 1,
            })
        };
        Ok(policies.into_iter().filter_map(thing).collect())
    }

    async fn people(&self) -> Result<Things, CallError> {
        let states = ["OVERDUE", "DUE_SOON", "OFFBOARDING_OVERDUE", "OFFBOARDING_DUE_SOON"];
        let filter = json!({ "tasksSummaryStatusMatchesAny": states });
        let people: Vec<DuePerson> =
            self.rows((self.wants(DueKind::Person), "people's tasks"), "list_people", filter).await?;
        let thing = |person: DuePerson| {
            let tasks = person.tasks_summary?;
            // The API may know another filter than the one that it documents.
            let status = tasks.status.filter(|status| states.contains(&status.as_str()))?;
            let name = person.name.and_then(|name| name.display).or(person.email_address)?;
            let note = if status.starts_with("OFFBOARDING") { "offboarding" } else { "tasks" };
            Some(DueThing {
                kind: DueKind::Person,
                what: short(&name, LONGEST),
                due: tasks.due_date.as_deref().and_then(day),
                owner: Some(name),
                note: Some(note.to_owned()),
                count: 1,
            })
        };
        Ok(people.into_iter().filter_map(thing).collect())
    }

    /// Those with a deadline, one row for each asset, and how many more are deactivated.
    async fn vulnerabilities(&self) -> Result<(Things, usize), CallError> {
        let wanted = (self.wants(DueKind::Vulnerability), "vulnerabilities");
        let end = json!({ "slaDeadlineBeforeDate": format!("{}T23:59:59Z", self.until) });
        let rows = self.rows::<DueVulnerability>(wanted, "list_vulnerabilities", end);
        let (rows, assets) = join(rows, self.known_assets(wanted.0)).await;
        let (rows, (mut names, kept)) = (rows?, assets?);
        let is_named =
            |one: &DueVulnerability| one.target_id.as_ref().is_none_or(|asset| names.contains_key(asset));
        match kept {
            Some(at) if rows.iter().all(is_named) => self.age.rests_on(at),
            // What the index does not know may be new.
            Some(_) => names = self.assets(wanted.0).await?,
            None => {}
        }
        let (deactivated, open): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .partition(|one| one.deactivate_metadata.as_ref().is_some_and(|metadata| !metadata.is_null()));
        let mut by_asset = BTreeMap::<String, Vec<DueVulnerability>>::new();
        for one in open {
            by_asset.entry(one.target_id.clone().unwrap_or_default()).or_default().push(one);
        }
        let today = self.desk.today();
        let mut things = Vec::new();
        for (asset, all) in by_asset {
            let name = names.get(&asset).cloned().unwrap_or(asset);
            let (late, coming): (Vec<_>, Vec<_>) =
                all.into_iter().partition(|one| one.deadline().is_some_and(|deadline| deadline < today));
            things.extend([late, coming].into_iter().filter_map(|of_asset| on_asset(&name, &of_asset)));
        }
        Ok((things, deactivated.len()))
    }

    async fn vendors(&self) -> Result<Things, CallError> {
        let wanted = self.wants(DueKind::VendorReview) || self.wants(DueKind::VendorContract);
        let vendors: Vec<DueVendor> = self.rows((wanted, "vendors"), "list_vendors", json!({})).await?;
        let mut things = Vec::new();
        for vendor in vendors.iter().filter(|vendor| vendor.status.as_deref() != Some("ARCHIVED")) {
            let dates = [
                (
                    DueKind::VendorReview,
                    &vendor.next_security_review_due_date,
                    "review",
                    &vendor.security_owner_user_id,
                ),
                (
                    DueKind::VendorContract,
                    &vendor.contract_renewal_date,
                    "contract renews",
                    &vendor.business_owner_user_id,
                ),
                (
                    DueKind::VendorContract,
                    &vendor.contract_termination_date,
                    "contract ends",
                    &vendor.business_owner_user_id,
                ),
            ];
            for (kind, date, note, owner) in dates.into_iter().filter(|(kind, ..)| self.wants(*kind)) {
                let due = date.as_deref().and_then(day);
                // A contract that renewed or ended in the past is not overdue.
                let counts = due.is_some_and(|due| kind == DueKind::VendorReview || due >= self.desk.today());
                if counts {
                    things.push(DueThing {
                        kind,
                        what: short(vendor.name.as_deref().unwrap_or("(no name)"), LONGEST),
                        due,
                        owner: owner.as_deref().map(|id| format!("{ID}{id}")),
                        note: (kind == DueKind::VendorContract).then(|| note.to_owned()),
                        count: 1,
                    });
                }
            }
        }
        Ok(things)
    }

    async fn issues(&self) -> Result<Things, CallError> {
        let until = format!("{}T23:59:59Z", self.until);
        let filter = json!({ "dueBeforeDate": until, "statusMatchesAny": ["NOT_STARTED", "IN_PROGRESS"] });
        let issues: Vec<DueIssue> =
            self.rows((self.wants(DueKind::Issue), "issues"), "list_issues", filter).await?;
        let open = issues.into_iter().filter(|issue| issue.status.as_deref() != Some("CLOSED"));
        let thing = |issue: DueIssue| {
            let title = issue.title.unwrap_or_default();
            Some(DueThing {
                kind: DueKind::Issue,
                what: short(&format!("{} {title}", issue.readable_issue_id.unwrap_or_default()), LONGEST),
                due: Some(issue.due_date.as_deref().and_then(day)?),
                owner: issue
                    .owners
                    .into_iter()
                    .find_map(|owner| owner.owner_id)
                    .map(|id| format!("{ID}{id}")),
                note: issue.severity,
                count: 1,
            })
        };
        Ok(open.filter_map(thing).collect())
    }

    async fn questionnaires(&self) -> Result<Things, CallError> {
        let wanted = (self.wants(DueKind::Questionnaire), "questionnaires");
        let all: Vec<DueQuestionnaire> = self.rows(wanted, "list_questionnaires", json!({})).await?;
        let done = [Some("COMPLETE"), Some("NO_LONGER_NEEDED")];
        let open = all.into_iter().filter(|one| !done.contains(&one.status.as_deref()));
        let thing = |one: DueQuestionnaire| {
            Some(DueThing {
                kind: DueKind::Questionnaire,
                what: short(one.display_name.as_deref().unwrap_or("(no name)"), LONGEST),
                due: Some(one.due_date.as_deref().and_then(day)?),
                owner: one.owner_assignment.and_then(Assigned::shown),
                note: one.status,
                count: 1,
            })
        };
        Ok(open.filter_map(thing).collect())
    }

    async fn answers(&self) -> Result<Things, CallError> {
        let wanted = (self.wants(DueKind::Answer), "answers to questionnaires");
        let filter = json!({ "expiresBefore": format!("{}T23:59:59Z", self.until) });
        let all: Vec<DueAnswer> = self.rows(wanted, "list_answer_library_entries", filter).await?;
        let thing = |one: DueAnswer| {
            Some(DueThing {
                kind: DueKind::Answer,
                what: short(one.question.as_deref().unwrap_or("(no question)"), LONGEST),
                due: Some(one.expiration_date.as_deref().and_then(day)?),
                owner: one.owner_assignment.and_then(Assigned::shown),
                note: None,
                count: 1,
            })
        };
        Ok(all.into_iter().filter_map(thing).collect())
    }

    /// Whose access to the Trust Center ends; what has ended is not overdue.
    async fn viewers(&self) -> Result<Things, CallError> {
        let wanted = self.wants(DueKind::Viewer);
        if wanted && self.desk.clients().trust_center().is_none() {
            self.gaps.name("whose access to the Trust Center ends: its slug is not set (VANTA_TRUST_CENTER)");
            return Ok(Vec::new());
        }
        let filter = json!({ "includeRemoved": false });
        let all: Vec<DueViewer> =
            self.rows((wanted, "Trust Center viewers"), "list_trust_center_viewers", filter).await?;
        let today = self.desk.today();
        let thing = |one: DueViewer| {
            let due = one.expiration_date.as_deref().and_then(day).filter(|due| *due >= today)?;
            Some(DueThing {
                kind: DueKind::Viewer,
                what: short(&one.email?, LONGEST),
                due: Some(due),
                owner: None,
                note: one.company_name,
                count: 1,
            })
        };
        Ok(all.into_iter().filter_map(thing).collect())
    }
}

/// The vulnerabilities of one asset in a row: the one with the first deadline by name.
fn on_asset(asset: &str, all: &[DueVulnerability]) -> Option<DueThing> {
    let first = all.iter().filter(|one| one.deadline().is_some()).min_by_key(|one| one.deadline())?;
    let severe = |severity: &str| all.iter().filter(|one| one.severity.as_deref() == Some(severity)).count();
    let severities = ["CRITICAL", "HIGH", "MEDIUM", "LOW"].map(|severity| (severity, severe(severity)));
    let severities = severities.into_iter().filter(|(_, count)| *count > 0);
    let severities: Vec<String> = severities.map(|(severity, count)| format!("{count} {severity}")).collect();
    let name = short(first.name.as_deref().unwrap_or("(no name)"), 40);
    let others = all.len() - 1;
    Some(DueThing {
        kind: DueKind::Vulnerability,
        what: if others == 0 { name } else { format!("{name} and {others} more") },
        due: first.deadline(),
        owner: None,
        note: Some(format!("{}: {}", short(asset, 40), severities.join(", "))),
        count: all.len(),
    })
}
