//! `/v1/discovered-vendors`.

use serde_json::{Value, json};

use crate::ask::{Ask, Reply};
use crate::manage::{Manage, Outcome, vendors};
use crate::pages::page_of;
use crate::query::choice;
use crate::record::{fresh_id, set, take_over};

impl Manage {
    pub(in crate::manage) fn discovered_route(
        &mut self,
        method: &str,
        rest: &[&str],
        ask: &Ask,
    ) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => self.list_discovered(ask),
            ("GET", [id, "accounts"]) => self
                .discovered
                .shelf
                .find(id)
                .map(|_| page_of(ask, self.discovered.accounts(id).iter().collect(), Value::clone)),
            ("POST", [id, "add-to-managed"]) => self.take_on(id),
            _ => return None,
        };
        Some(outcome)
    }

    /// A product that is taken on is a managed vendor from then on, and no discovered one.
    fn take_on(&mut self, id: &str) -> Outcome {
        let found = self.discovered.shelf.remove(id)?;
        self.discovered.accounts.retain(|(of, _)| of != id);
        let mut vendor = vendors::blank(&fresh_id(&mut self.rng));
        take_over(&mut vendor, &found, &["name"]);
        let category = found.pointer("/category/name");
        set(&mut vendor, "category", category.map(|name| json!({ "displayName": name })));
        self.vendors.shelf.add(vendor.clone());
        Ok(Reply::ok(vendor))
    }

    fn list_discovered(&self, ask: &Ask) -> Outcome {
        let scope = choice(ask, "scope", &["NEEDS_REVIEW", "IGNORED", "REJECTED"])?.unwrap_or("NEEDS_REVIEW");
        let kept = self.discovered.shelf.all().iter().filter(|vendor| scope_of(vendor) == scope);
        Ok(page_of(ask, kept.collect(), Value::clone))
    }
}

fn scope_of(vendor: &Value) -> &'static str {
    let decided = |key: &str| vendor.get(key).is_some_and(Value::is_object);
    if decided("ignored") {
        "IGNORED"
    } else if decided("rejected") {
        "REJECTED"
    } else {
        "NEEDS_REVIEW"
    }
}
