//! Where processes share, and whether that works.

use schemars::JsonSchema;
use serde::Serialize;

use super::audience::Audience;
use crate::state::StateHealth;

/// Where processes share.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SharedState {
    /// memory, SQLite or PostgreSQL.
    kind: &'static str,
    /// The file, or host and database.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    /// ok, or unavailable.
    health: Health,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Health {
    Ok,
    Unavailable,
}

impl SharedState {
    pub fn of(health: StateHealth, audience: Audience) -> Self {
        let own = audience == Audience::Operator;
        let warning = health.trouble.map(|trouble| {
            let detail = if own { format!(": {}", trouble.told()) } else { String::new() };
            unavailable(&detail)
        });
        Self {
            kind: health.kind.as_str(),
            place: Some(health.place).filter(|place| own && !place.is_empty()),
            health: if warning.is_some() { Health::Unavailable } else { Health::Ok },
            warning,
        }
    }

    /// The same for a place that has not answered yet.
    pub fn silent(health: StateHealth) -> Self {
        let warning = Some(unavailable(": it does not answer in time"));
        Self { warning, health: Health::Unavailable, ..Self::of(health, Audience::Probe) }
    }

    /// What is wrong with it, if anything.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }
}

fn unavailable(detail: &str) -> String {
    format!(
        "The shared state is unavailable{detail}. This process uses its own token and budget until it is back."
    )
}
