//! `/v1/integrations`.

use serde_json::{Value, json};

use super::catalog::Form;
use super::{Integration, Integrations, Inventory};
use crate::ask::{Ask, Reply};
use crate::manage::{Manage, Outcome};
use crate::pages::page_of;
use crate::query::flag;
use crate::record::{set, text};

impl Manage {
    pub(in crate::manage) fn integrations_route(
        &mut self,
        method: &str,
        rest: &[&str],
        ask: &Ask,
    ) -> Option<Outcome> {
        match (method, rest) {
            ("PATCH", [id, "resource-kinds", kind, "resources"]) => {
                return Some(self.change_resources(id, kind, ask));
            }
            ("PATCH", [id, "resource-kinds", kind, "resources", resource]) => {
                return Some(self.change_resource(id, kind, resource, ask));
            }
            _ => {}
        }
        let all = &self.integrations;
        let outcome = match (method, rest) {
            ("GET", []) => Ok(page_of(ask, all.0.iter().collect(), |one| one.record.clone())),
            ("GET", [id]) => all.find(id).map(|one| Reply::ok(one.record.clone())),
            ("GET", [id, "resource-kinds"]) => all.find(id).map(|one| {
                let kinds = one.inventories.iter().map(|inventory| summary(id, inventory));
                Reply::ok(kinds.collect::<Vec<_>>().into())
            }),
            ("GET", [id, "resource-kinds", kind]) => {
                all.inventory(id, kind).map(|inventory| Reply::ok(details(id, inventory, ask)))
            }
            ("GET", [id, "resource-kinds", kind, "resources"]) => {
                all.inventory(id, kind).and_then(|inventory| list(inventory, ask))
            }
            ("GET", [id, "resource-kinds", kind, "resources", resource]) => {
                all.inventory(id, kind).and_then(|inventory| one(inventory, resource))
            }
            _ => return None,
        };
        Some(outcome)
    }
}

impl Integrations {
    pub(super) fn find(&self, id: &str) -> Result<&Integration, Reply> {
        let found = self.0.iter().find(|one| text(&one.record, "integrationId") == id);
        found.ok_or_else(|| Reply::not_found("Integration", id))
    }

    pub(super) fn inventory(&self, id: &str, kind: &str) -> Result<&Inventory, Reply> {
        let found = self.find(id)?.inventories.iter().find(|inventory| inventory.kind == kind);
        found.ok_or_else(|| Reply::not_found("Resource kind", kind))
    }
}

/// The owner of a device and of an account follows from who uses it; policies have neither owner nor scope.
pub(super) fn summary(integration: &str, inventory: &Inventory) -> Value {
    let of_people = matches!(inventory.form, Form::Account | Form::AwsAccount | Form::Device);
    let policy = integration == "vanta";
    json!({
        "integrationId": integration,
        "resourceKind": inventory.kind,
        "isScopable": !policy,
        "canUpdateDescription": !policy,
        "canUpdateOwner": !of_people && !policy,
    })
}

fn details(integration: &str, inventory: &Inventory, ask: &Ask) -> Value {
    let counted: Vec<&Value> =
        inventory.resources.iter().filter(|resource| is_read_by(resource, ask)).collect();
    let count = |holds: fn(&Value) -> bool| counted.iter().filter(|resource| holds(resource)).count();
    let mut details = summary(integration, inventory);
    set(&mut details, "numResources", counted.len());
    set(&mut details, "numInScope", count(in_scope));
    set(&mut details, "numOwned", count(is_owned));
    set(&mut details, "numWithDescription", count(is_described));
    details
}

fn list(inventory: &Inventory, ask: &Ask) -> Outcome {
    let described = flag(ask, "hasDescription")?;
    let owned = flag(ask, "hasOwner")?;
    let scoped = flag(ask, "isInScope")?;
    let wanted = |resource: &&Value| {
        is_read_by(resource, ask)
            && described.is_none_or(|wanted| is_described(resource) == wanted)
            && owned.is_none_or(|wanted| is_owned(resource) == wanted)
            && scoped.is_none_or(|wanted| in_scope(resource) == wanted)
    };
    Ok(page_of(ask, inventory.resources.iter().filter(wanted).collect(), Value::clone))
}

fn one(inventory: &Inventory, id: &str) -> Outcome {
    let found = inventory.resources.iter().find(|resource| text(resource, "resourceId") == id);
    found.map(|resource| Reply::ok(resource.clone())).ok_or_else(|| Reply::not_found("Resource", id))
}

fn is_read_by(resource: &Value, ask: &Ask) -> bool {
    ask.one("connectionId").is_none_or(|connection| text(resource, "connectionId") == connection)
}

fn in_scope(resource: &Value) -> bool {
    resource.get("inScope").and_then(Value::as_bool) == Some(true)
}

fn is_owned(resource: &Value) -> bool {
    !text(resource, "owner").is_empty()
}

fn is_described(resource: &Value) -> bool {
    !text(resource, "description").is_empty()
}
