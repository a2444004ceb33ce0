//! A person's accounts in connected systems, as far as they are seen.

use std::collections::BTreeSet;

use futures::future::{try_join, try_join_all};
use serde::Deserialize;
use serde_json::json;

use crate::call::CallError;
use crate::jobs::desk::Desk;
use crate::jobs::gaps::Gaps;
use crate::jobs::person::ListedPerson;
use crate::jobs::users::ReadUsers;

/// What was seen of a person's accounts.
#[derive(Default)]
pub(super) struct SeenAccounts {
    /// Those that are active: the system, and the account's name.
    pub(super) active: Vec<(String, String)>,
    /// In how many systems accounts were looked for.
    pub(super) looked: usize,
    /// How many systems are connected; `None` where they could not be read.
    pub(super) systems: Option<usize>,
}

impl SeenAccounts {
    /// How far accounts were looked for, as an answer shows it.
    pub(super) fn looked_at(&self) -> Option<String> {
        self.systems.map(|systems| format!("{} of {systems} integrations", self.looked))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConnectedSystem {
    integration_id: String,
    display_name: Option<String>,
    #[serde(default)]
    resource_kinds: Vec<String>,
    #[serde(default)]
    connections: Vec<SystemConnection>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SystemConnection {
    #[serde(default)]
    is_disabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SystemAccount {
    response_type: Option<String>,
    owner: Option<String>,
    display_name: Option<String>,
    account_name: Option<String>,
    is_deactivated: Option<bool>,
    deleted_date: Option<String>,
}

/// Words of which one is in the name of each known kind of account. What a kind holds is said by its items alone, and to
/// read all would be some hundred requests.
const OF_ACCOUNTS: &[&str] = &["account", "user", "member", "person", "people", "identity", "employee"];

/// How many kinds are read at most.
const KINDS: usize = 40;

/// How many systems that could not be read are named.
const NAMED: usize = 5;

/// Looks for the person's active accounts.
pub(super) async fn accounts_of(
    desk: &Desk<'_>,
    person: &ListedPerson,
    gaps: &Gaps,
) -> Result<SeenAccounts, CallError> {
    let systems = desk.also::<ConnectedSystem>("accounts", "list_integrations", json!({}), gaps);
    let (systems, users) = try_join(systems, ReadUsers::of(desk, "logins with that email", gaps)).await?;
    let Some(systems) = systems else { return Ok(SeenAccounts::default()) };
    let systems = gaps.rows("integrations", systems);
    let ids: BTreeSet<&str> = users
        .with_email(&person.email_address)
        .into_iter()
        .flatten()
        .map(|user| user.id.as_str())
        .chain([person.id.as_str()])
        .collect();
    let mut kinds: Vec<(&ConnectedSystem, &str)> = systems
        .iter()
        .flat_map(|system| system.resource_kinds.iter().map(move |kind| (system, kind.as_str())))
        .filter(|(_, kind)| is_of_accounts(kind))
        .collect();
    if kinds.len() > KINDS {
        gaps.name(format!("{} more kinds of account", kinds.len() - KINDS));
        kinds.truncate(KINDS);
    }
    let reads = kinds.iter().map(|(system, kind)| read(desk, system, kind));
    let mut seen = SeenAccounts { systems: Some(systems.len()), ..SeenAccounts::default() };
    let (mut looked, mut failed) = (BTreeSet::new(), Vec::new());
    for ((system, _), outcome) in kinds.iter().zip(try_join_all(reads).await?) {
        match outcome {
            Ok(accounts) => {
                looked.insert(system.integration_id.as_str());
                let active = accounts.into_iter().filter(|account| account.is_active_of(&ids));
                seen.active.extend(active.map(|account| (system.called().to_owned(), account.called())));
            }
            Err(why) => failed.push((system.called(), why)),
        }
    }
    seen.looked = looked.len();
    tell(&failed, gaps);
    let broken: Vec<&str> =
        systems.iter().filter(|system| system.is_broken()).map(ConnectedSystem::called).collect();
    if !broken.is_empty() {
        gaps.name(format!("what changed lately in {}: a connection is disabled", listed(&broken)));
    }
    Ok(seen)
}

/// The accounts of a kind, or why they could not be read.
async fn read(
    desk: &Desk<'_>,
    system: &ConnectedSystem,
    kind: &str,
) -> Result<Result<Vec<SystemAccount>, String>, CallError> {
    let own = Gaps::default();
    let arguments = json!({
        "integrationId": system.integration_id, "resourceKind": kind, "hasOwner": true,
    });
    let tool = "list_integration_resources";
    let accounts = desk.also::<SystemAccount>("accounts", tool, arguments, &own).await?;
    let accounts = accounts.map(|accounts| own.rows("accounts", accounts));
    // An account that may be missing is as good as one that was not read.
    match (accounts, own.told().into_iter().next()) {
        (Some(accounts), None) => Ok(Ok(accounts)),
        (_, why) => Ok(Err(why.unwrap_or_default())),
    }
}

/// Names the systems whose accounts could not be read, with the first reason: they mostly share it.
fn tell(failed: &[(&str, String)], gaps: &Gaps) {
    if let Some((_, why)) = failed.first() {
        let names: Vec<&str> = failed.iter().map(|(name, _)| *name).collect();
        gaps.name(format!("{}: {why}", listed(&names)));
    }
}

fn listed(names: &[&str]) -> String {
    let shown = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn is_of_accounts(kind: &str) -> bool {
    let kind = kind.to_lowercase();
    OF_ACCOUNTS.iter().any(|word| kind.contains(word))
}

impl ConnectedSystem {
    fn called(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.integration_id)
    }

    fn is_broken(&self) -> bool {
        self.connections.iter().any(|connection| connection.is_disabled)
    }
}

impl SystemAccount {
    /// Whether it is an account of any of these ids that can be used: one is deactivated only where that is said.
    fn is_active_of(&self, ids: &BTreeSet<&str>) -> bool {
        self.response_type.as_deref() == Some("Account")
            && self.owner.as_deref().is_some_and(|owner| ids.contains(owner))
            && self.is_deactivated != Some(true)
            && self.deleted_date.is_none()
    }

    fn called(&self) -> String {
        self.display_name
            .clone()
            .or_else(|| self.account_name.clone())
            .unwrap_or_else(|| "(no name)".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn kinds_of_accounts_are_known_by_their_names() {
        for kind in ["AsanaAccount", "AwsUser", "GithubOrganizationMember", "OKTA_USER"] {
            assert!(is_of_accounts(kind), "{kind}");
        }
        for kind in ["S3", "JamfManagedComputer", "SQS", "ECRContainerRepository"] {
            assert!(!is_of_accounts(kind), "{kind}");
        }
    }

    #[test]
    fn an_account_is_active_unless_it_is_said_not_to_be() {
        let ids = BTreeSet::from(["p", "u"]);
        let is_active = |value: Value| -> bool {
            serde_json::from_value::<SystemAccount>(value).unwrap().is_active_of(&ids)
        };
        assert!(is_active(json!({"responseType": "Account", "owner": "p", "isDeactivated": false})));
        assert!(is_active(json!({"responseType": "Account", "owner": "u"})));
        assert!(!is_active(json!({"responseType": "Account", "owner": "u", "isDeactivated": true})));
        assert!(!is_active(json!({"responseType": "Account", "owner": "other", "isDeactivated": false})));
        assert!(!is_active(json!({"responseType": "Account", "owner": null, "isDeactivated": false})));
        assert!(!is_active(json!({"responseType": "Resource", "owner": "p"})));
        assert!(!is_active(
            json!({"responseType": "Account", "owner": "p", "isDeactivated": false, "deletedDate": "2026-01-01"})
        ));
    }

    #[test]
    fn many_systems_that_fail_are_one_gap() {
        let gaps = Gaps::default();
        let failed: Vec<(&str, String)> = vec![("Okta", "accounts: the API answered 500".to_owned()); 7];
        tell(&failed, &gaps);
        assert_eq!(gaps.told(), ["Okta, Okta, Okta, Okta, Okta and 2 more: accounts: the API answered 500"]);
    }
}
