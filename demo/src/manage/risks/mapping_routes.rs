//! `/v1/risk-scenarios/{riskScenarioId}/mappings/…`, which take the object id of the risk, not its risk id.

use serde_json::{Value, json};

use super::mappings::Account;
use crate::ask::{Ask, Reply};
use crate::fields::{self, Shape, may, must};
use crate::manage::{Manage, Outcome};
use crate::pages::page_of;
use crate::record::text;

/// Changes of mappings answer nothing.
const CHANGED: Outcome = Ok(Reply::Empty(204));

impl Manage {
    pub(super) fn mappings_route(
        &mut self,
        method: &str,
        risk: &str,
        collection: &str,
        ask: &Ask,
    ) -> Option<Outcome> {
        if (method, collection) == ("GET", "enterprise-risk") {
            return Some(self.list_enterprise_risks(risk, ask));
        }
        if let Err(refusal) = self.risks.shelf.find(risk) {
            return Some(Err(refusal));
        }
        let mapped = &self.risks.mappings;
        let outcome = match (method, collection) {
            ("GET", "accounts") => Ok(page_of(ask, mapped.accounts_of(risk).collect(), Account::shown)),
            ("POST", "accounts") => self.map_accounts(risk, ask),
            ("DELETE", "accounts") => self.unmap_accounts(risk, ask),
            ("POST", "integrations") => self.map_integrations(risk, ask),
            ("DELETE", "integrations") => self.unmap_integrations(risk, ask),
            ("GET", "vendor-findings") => {
                let findings = mapped.findings.of(risk);
                let known = findings.filter(|id| self.vendors.findings.get(id).is_some());
                Ok(page_of(ask, known.collect(), shown))
            }
            ("POST", "vendor-findings") => self.map_findings(risk, ask),
            ("DELETE", "vendor-findings") => self.unmap_findings(risk, ask),
            ("GET", "issues") => Ok(page_of(ask, self.issues.of_risk(self.risk_id(risk)).collect(), shown)),
            ("POST", "issues") => self.map_issues(risk, ask),
            ("DELETE", "issues") => self.unmap_issues(risk, ask),
            ("POST", "custom-assets") => self.map_assets(risk, ask),
            ("DELETE", "custom-assets") => self.unmap_assets(risk, ask),
            _ => return None,
        };
        Some(outcome)
    }

    /// The risk id of a risk that is there.
    fn risk_id(&self, risk: &str) -> &str {
        self.risks.shelf.get(risk).map(|risk| text(risk, "riskId")).unwrap_or_default()
    }

    /// Takes the risk id too, and leaves out what is archived.
    fn list_enterprise_risks(&self, risk: &str, ask: &Ask) -> Outcome {
        let risk = self.risks.id_of(risk)?;
        let above = self.risks.mappings.enterprise.of(&risk).filter_map(|id| self.risks.shelf.get(id));
        let active = above.filter(|risk| risk.get("isArchived") != Some(&Value::Bool(true)));
        Ok(page_of(ask, active.collect(), |risk| json!({ "riskId": risk.get("riskId") })))
    }

    fn map_accounts(&mut self, risk: &str, ask: &Ask) -> Outcome {
        let accounts = self.accounts_named(&ask.body, "accountsToLink")?;
        let is_whole = |account: &&Account| self.risks.mappings.integrations.are_tied(risk, &account.service);
        if let Some(account) = accounts.iter().find(is_whole) {
            let Account { service, connection, .. } = account;
            let message = format!("Account {connection} is included through the whole integration {service}");
            return Err(Reply::error(422, message));
        }
        for account in accounts {
            self.risks.mappings.add_account(risk, account);
        }
        CHANGED
    }

    fn unmap_accounts(&mut self, risk: &str, ask: &Ask) -> Outcome {
        for account in self.accounts_named(&ask.body, "accountsToUnlink")? {
            let connected = self.integrations.connections(&account.service)?;
            self.risks.mappings.remove_account(risk, &account, &connected);
        }
        CHANGED
    }

    /// Accounts that are connected; 422 where an entry is none, 404 where there is no such account.
    fn accounts_named(&self, body: &Value, key: &'static str) -> Result<Vec<Account>, Reply> {
        fields::check(body, &[must(key, Shape::List)])?;
        let entries = body.get(key).and_then(Value::as_array).into_iter().flatten();
        let account = |entry: &Value| {
            let wanted = [
                must("serviceId", Shape::Text),
                must("accountId", Shape::Text),
                may("subunitId", Shape::Text),
            ];
            fields::check(entry, &wanted)?;
            let mut account = Account::whole(text(entry, "serviceId"), text(entry, "accountId"));
            account.subunit = entry.get("subunitId").and_then(Value::as_str).map(str::to_owned);
            if self.integrations.connections(&account.service)?.contains(&account.connection) {
                Ok(account)
            } else {
                Err(Reply::not_found("Connected account", &account.connection))
            }
        };
        entries.map(account).collect()
    }

    fn map_integrations(&mut self, risk: &str, ask: &Ask) -> Outcome {
        let services = ids(&ask.body, "integrationIdsToAdd")?;
        services.iter().try_for_each(|id| self.integrations.connections(id).map(|_| ()))?;
        for service in services {
            self.risks.mappings.add_integration(risk, service);
        }
        CHANGED
    }

    /// What is not mapped stays so.
    fn unmap_integrations(&mut self, risk: &str, ask: &Ask) -> Outcome {
        for service in ids_under_any_name(&ask.body)? {
            self.risks.mappings.remove_integration(risk, service);
        }
        CHANGED
    }

    fn map_findings(&mut self, risk: &str, ask: &Ask) -> Outcome {
        let findings = ids(&ask.body, "vendorFindingIdsToLink")?;
        findings.iter().try_for_each(|id| self.vendors.findings.find(id).map(|_| ()))?;
        let mapped = &mut self.risks.mappings.findings;
        if let Some(id) = findings.iter().find(|id| mapped.are_tied(risk, id)) {
            return Err(Reply::error(422, format!("Vendor finding {id} is linked to this risk already")));
        }
        for finding in findings {
            mapped.tie(risk, finding);
        }
        CHANGED
    }

    /// Findings have to be there; what is not mapped stays so.
    fn unmap_findings(&mut self, risk: &str, ask: &Ask) -> Outcome {
        let findings = ids(&ask.body, "vendorFindingIdsToUnlink")?;
        findings.iter().try_for_each(|id| self.vendors.findings.find(id).map(|_| ()))?;
        for finding in findings {
            self.risks.mappings.findings.untie(risk, finding);
        }
        CHANGED
    }

    fn map_issues(&mut self, risk: &str, ask: &Ask) -> Outcome {
        let risk = self.risk_id(risk).to_owned();
        self.issues.add_risk(&ids_under_any_name(&ask.body)?, &risk)?;
        CHANGED
    }

    fn unmap_issues(&mut self, risk: &str, ask: &Ask) -> Outcome {
        let risk = self.risk_id(risk).to_owned();
        self.issues.remove_risk(&ids(&ask.body, "issueIdsToUnlink")?, &risk)?;
        CHANGED
    }

    fn map_assets(&mut self, risk: &str, ask: &Ask) -> Outcome {
        let assets = ids_under_any_name(&ask.body)?;
        assets.iter().try_for_each(|id| self.custom_assets.find(id).map(|_| ()))?;
        for asset in assets {
            self.risks.mappings.assets.tie(risk, asset);
        }
        CHANGED
    }

    /// What is not mapped, or not there, stays so.
    fn unmap_assets(&mut self, risk: &str, ask: &Ask) -> Outcome {
        for asset in ids(&ask.body, "customAssetIdsToUnlink")? {
            self.risks.mappings.assets.untie(risk, asset);
        }
        CHANGED
    }
}

fn shown(id: &str) -> Value {
    json!({ "id": id })
}

/// The ids in a list of a body; 422 where there is no such list of texts.
fn ids<'a>(body: &'a Value, key: &'static str) -> Result<Vec<&'a str>, Reply> {
    fields::check(body, &[must(key, Shape::List)])?;
    body.get(key)
        .and_then(texts)
        .ok_or_else(|| Reply::error(422, format!("{key} must be an array of strings")))
}

/// The ids in the one list of a body. How Vanta calls it is published, but not known here, so that any name does.
fn ids_under_any_name(body: &Value) -> Result<Vec<&str>, Reply> {
    let lists = body.as_object().into_iter().flatten();
    let mut texts = lists.filter_map(|(_, value)| texts(value));
    texts.next().ok_or_else(|| Reply::error(422, "The body must have an array of ids"))
}

fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}
