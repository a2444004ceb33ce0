//! `/v1/discovered-vendors`.

use serde_json::Value;

use crate::demo::ask::Ask;
use crate::demo::manage::{Manage, Outcome};
use crate::demo::pages::page_of;
use crate::demo::query::choice;

impl Manage {
    pub(in crate::demo::manage) fn discovered_route(
        &self,
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
            _ => return None,
        };
        Some(outcome)
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
