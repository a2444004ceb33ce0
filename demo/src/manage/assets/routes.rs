//! `/v1/vulnerable-assets`.

use serde_json::Value;

use super::{is_scanned_by, scanners};
use crate::ask::{Ask, Reply};
use crate::manage::{Manage, Outcome};
use crate::pages::page_of;
use crate::query::choice;
use crate::record::{contains, text};

const TYPES: &[&str] = &[
    "SERVER",
    "SERVERLESS_FUNCTION",
    "CONTAINER",
    "CONTAINER_REPOSITORY",
    "CONTAINER_REPOSITORY_IMAGE",
    "CODE_REPOSITORY",
    "MANIFEST_FILE",
    "WORKSTATION",
    "OTHER",
];

impl Manage {
    pub(in crate::manage) fn assets_route(&self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => listed(ask, self.assets.all(), "q"),
            ("GET", [id]) => self.assets.find(id).cloned().map(Reply::ok),
            _ => return None,
        };
        Some(outcome)
    }
}

/// The assets that the query asks for; `part` is the parameter with a part of the name.
pub(crate) fn listed(ask: &Ask, assets: &[Value], part: &str) -> Outcome {
    let kind = choice(ask, "assetType", TYPES)?;
    let belongs = |asset: &Value, account: &str| {
        scanners(asset).any(|scanner| text(scanner, "parentAccountOrOrganization") == account)
    };
    let wanted = |asset: &&Value| {
        kind.is_none_or(|kind| text(asset, "assetType") == kind)
            && ask.one(part).is_none_or(|part| contains(text(asset, "name"), part))
            && ask.one("integrationId").is_none_or(|integration| is_scanned_by(asset, integration))
            && ask.one("assetExternalAccountId").is_none_or(|account| belongs(asset, account))
    };
    Ok(page_of(ask, assets.iter().filter(wanted).collect(), Value::clone))
}
