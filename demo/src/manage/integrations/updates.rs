//! Changes to resources: scope, description and owner, where their kind has these.

use serde_json::{Value, json};

use super::routes::summary;
use super::{Integrations, Inventory};
use crate::ask::{Ask, Reply};
use crate::fields::{self, Shape, may};
use crate::manage::people::People;
use crate::manage::vulnerabilities::message;
use crate::manage::{Manage, Outcome, bulk};
use crate::record::{set, take_over, text};

/// Property of a body, and what a kind has to allow for it.
const PERMISSIONS: &[(&str, &str)] =
    &[("inScope", "isScopable"), ("description", "canUpdateDescription"), ("ownerId", "canUpdateOwner")];

impl Manage {
    pub(super) fn change_resources(&mut self, integration: &str, kind: &str, ask: &Ask) -> Outcome {
        let people = &self.people;
        let inventory = self.integrations.inventory_mut(integration, kind)?;
        bulk(ask, 50, |id, update| inventory.change(integration, id, update, people).map_err(message))
    }

    pub(super) fn change_resource(&mut self, integration: &str, kind: &str, id: &str, ask: &Ask) -> Outcome {
        let inventory = self.integrations.inventory_mut(integration, kind)?;
        inventory.change(integration, id, &ask.body, &self.people)?;
        Ok(Reply::Empty(204))
    }
}

impl Integrations {
    fn inventory_mut(&mut self, id: &str, kind: &str) -> Result<&mut Inventory, Reply> {
        // Says which of the two there is not.
        self.inventory(id, kind)?;
        let mut integrations = self.0.iter_mut();
        let found = integrations.find(|one| text(&one.record, "integrationId") == id);
        let inventories = found.into_iter().flat_map(|found| &mut found.inventories);
        let mut matching = inventories.filter(|inventory| inventory.kind == kind);
        matching.next().ok_or_else(|| Reply::not_found("Resource kind", kind))
    }

    /// The ids of the connections of an integration, or 404 naming it.
    pub(in crate::manage) fn connections(&self, id: &str) -> Result<Vec<String>, Reply> {
        let connections = self.find(id)?.record.get("connections").and_then(Value::as_array);
        let ids = connections.into_iter().flatten().map(|one| text(one, "connectionId").to_owned());
        Ok(ids.collect())
    }

    /// Every integration as it is answered.
    pub(in crate::manage) fn records(&self) -> Vec<Value> {
        self.0.iter().map(|one| one.record.clone()).collect()
    }

    /// Every account in every system, with the `integrationId` of the system.
    pub(in crate::manage) fn accounts(&self) -> Vec<Value> {
        let of_system = self.0.iter().flat_map(|one| {
            let resources = one.inventories.iter().flat_map(|inventory| &inventory.resources);
            let accounts = resources.filter(|resource| text(resource, "responseType") == "Account");
            accounts.map(|account| {
                let mut account = account.clone();
                set(&mut account, "integrationId", text(&one.record, "integrationId"));
                account
            })
        });
        of_system.collect()
    }
}

impl Inventory {
    fn change(&mut self, integration: &str, id: &str, update: &Value, people: &People) -> Result<(), Reply> {
        let wanted =
            [may("inScope", Shape::Flag), may("description", Shape::Text), may("ownerId", Shape::Text)];
        fields::check(update, &wanted)?;
        let allowed = summary(integration, self);
        let mut resources = self.resources.iter_mut();
        let resource = resources
            .find(|resource| text(resource, "resourceId") == id)
            .ok_or_else(|| Reply::not_found("Resource", id))?;
        for (property, permission) in PERMISSIONS {
            if update.get(property).is_some() && allowed.get(permission) != Some(&json!(true)) {
                let message = format!("{property} of a {} cannot be changed", self.kind);
                return Err(Reply::error(422, message));
            }
        }
        if let Some(owner) = update.get("ownerId").and_then(Value::as_str) {
            people.employed(owner)?;
            set(resource, "owner", owner);
        }
        take_over(resource, update, &["inScope", "description"]);
        Ok(())
    }
}
