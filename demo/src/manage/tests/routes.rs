//! `/v1/tests`.

use serde_json::Value;

use super::{IN_ROLLOUT, entities, remediate, shown};
use crate::ask::{Ask, Reply};
use crate::clock::iso;
use crate::fields::{self, Shape, may, must};
use crate::manage::{Manage, Outcome};
use crate::pages::page_of;
use crate::query::{choice, flag};
use crate::record::{at, set, text};

const STATUSES: &[&str] =
    &["OK", "DEACTIVATED", "NEEDS_ATTENTION", "IN_PROGRESS", "INVALID", "NOT_APPLICABLE"];
/// A category as the filter names it, and as tests carry it.
const CATEGORIES: &[(&str, &str)] = &[
    ("ACCOUNTS_ACCESS", "Accounts access"),
    ("ACCOUNT_SECURITY", "Account security"),
    ("ACCOUNT_SETUP", "Account setup"),
    ("COMPUTERS", "Computers"),
    ("CUSTOM", "Custom"),
    ("DATA_STORAGE", "Data storage"),
    ("EMPLOYEES", "Employees"),
    ("INFRASTRUCTURE", "Infrastructure"),
    ("IT", "IT"),
    ("LOGGING", "Logging"),
    ("MONITORING_ALERTS", "Monitoring alerts"),
    ("PEOPLE", "People"),
    ("POLICIES", "Policies"),
    ("RISK_ANALYSIS", "Risk analysis"),
    ("SECURITY_ALERT_MANAGEMENT", "CSPM alert management"),
    ("SOFTWARE_DEVELOPMENT", "Software development"),
    ("VENDORS", "Vendors"),
    ("VULNERABILITY_MANAGEMENT", "Vulnerability management"),
];

impl Manage {
    pub(in crate::manage) fn tests_route(
        &mut self,
        method: &str,
        rest: &[&str],
        ask: &Ask,
    ) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => self.list_tests(ask),
            ("GET", [id]) => self.tests.shelf.find(id).map(|test| Reply::ok(shown(test))),
            ("GET", [id, "entities"]) => self.list_entities(id, ask),
            ("POST", [id, "entities", entity, "deactivate"]) => self.deactivate_entity(id, entity, ask),
            ("POST", [id, "entities", entity, "reactivate"]) => {
                self.turn_entity(id, entity, Value::Null, ask)
            }
            _ => return None,
        };
        Some(outcome)
    }

    fn list_tests(&self, ask: &Ask) -> Outcome {
        let status = choice(ask, "statusFilter", STATUSES)?;
        let allowed: Vec<&str> = CATEGORIES.iter().map(|(name, _)| *name).collect();
        let named = choice(ask, "categoryFilter", &allowed)?;
        let category = CATEGORIES.iter().find(|(name, _)| Some(*name) == named).map(|(_, label)| *label);
        let rollout = flag(ask, "isInRollout")?;
        let wanted = |test: &&Value| {
            let id = text(test, "id");
            status.is_none_or(|status| text(test, "status") == status)
                && category.is_none_or(|category| text(test, "category") == category)
                && rollout.is_none_or(|wanted| test.get(IN_ROLLOUT).and_then(Value::as_bool) == Some(wanted))
                && ask.one("ownerFilter").is_none_or(|owner| at(test, "/owner/id") == owner)
                && ask.one("integrationFilter").is_none_or(|integration| uses(test, integration))
                && ask.one("controlFilter").is_none_or(|control| self.links.tests.are_tied(control, id))
                && ask.one("frameworkFilter").is_none_or(|framework| self.test_serves(id, framework))
                && !self.rests(self.links.tests.with(id), ask.now)
        };
        Ok(page_of(ask, self.tests.shelf.all().iter().filter(wanted).collect(), shown))
    }

    fn test_serves(&self, test: &str, framework: &str) -> bool {
        self.links.tests.with(test).any(|control| self.links.serves(control, &[framework]))
    }

    fn list_entities(&self, id: &str, ask: &Ask) -> Outcome {
        let status = choice(ask, "entityStatus", &["FAILING", "DEACTIVATED"])?.unwrap_or("FAILING");
        self.tests.shelf.find(id)?;
        let entities = self.tests.entities(id).iter().filter(|entity| text(entity, "entityStatus") == status);
        Ok(page_of(ask, entities.collect(), entities::shown))
    }

    fn deactivate_entity(&mut self, id: &str, entity: &str, ask: &Ask) -> Outcome {
        fields::check(
            &ask.body,
            &[must("deactivateReason", Shape::Text), may("deactivateUntilDate", Shape::Date)],
        )?;
        let reason = ask.body.get("deactivateReason").cloned().unwrap_or_default();
        self.turn_entity(id, entity, reason, ask)
    }

    /// Sets an entity aside for a reason, or back where there is none; the test's status follows.
    fn turn_entity(&mut self, id: &str, entity: &str, reason: Value, ask: &Ask) -> Outcome {
        self.tests.shelf.find(id)?;
        let missing = || Reply::not_found("Test entity", entity);
        let found = self.tests.entities_mut(id).ok_or_else(missing)?;
        let entity = found.iter_mut().find(|other| text(other, "id") == entity).ok_or_else(missing)?;
        set(entity, "entityStatus", if reason.is_null() { "FAILING" } else { "DEACTIVATED" });
        set(entity, "deactivatedReason", reason);
        set(entity, "lastUpdatedDate", iso(ask.now));
        let entities = found.clone();
        remediate(self.tests.shelf.find_mut(id)?, &entities, ask.now);
        Ok(Reply::Empty(202))
    }
}

fn uses(test: &Value, integration: &str) -> bool {
    let mine = test.get("integrations").and_then(Value::as_array);
    mine.into_iter().flatten().any(|of| of.as_str() == Some(integration))
}
