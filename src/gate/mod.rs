//! Whether a call may go upstream.
//!
//! [`admit`] is the only place that makes a [`Permit`], and the API client
//! sends nothing without one: a call that nobody decided on does not compile.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::catalog::{Confirmation, Effect, Operation};

/// What the operator allows.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// The highest effect that is let through.
    pub access: Effect,
}

impl Policy {
    /// Whether an operation is within the access level at all.
    ///
    /// # Errors
    /// It is above.
    pub fn allows(self, operation: &'static Operation) -> Result<(), Refusal> {
        if operation.effect <= self.access {
            return Ok(());
        }
        Err(Refusal::AboveAccess { tool: operation.name, effect: operation.effect, access: self.access })
    }
}

/// Leave to send one operation once. It cannot be made or copied elsewhere.
#[derive(Debug)]
pub struct Permit {
    operation: &'static Operation,
}

impl Permit {
    /// Whether this is leave for that very operation.
    #[must_use]
    pub fn covers(&self, operation: &'static Operation) -> bool {
        std::ptr::eq(self.operation, operation)
    }
}

/// What [`admit`] decided.
#[derive(Debug)]
pub enum Decision {
    /// Send it.
    Permit(Permit),
    /// Send nothing; show what it would do. Holds the targets' identifiers.
    Preview(Vec<String>),
}

/// Why a call is not let through. Nothing was sent.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// The operation does more than the operator allows.
    #[error(
        "{tool} is not offered: its effect is `{effect}` and this server offers `{access}` at most. Nothing was sent. \
         The operator can allow it with VANTA_MCP_ACCESS={effect} (or --access {effect})."
    )]
    AboveAccess {
        /// The tool's name.
        tool: &'static str,
        /// What it does.
        effect: Effect,
        /// What is allowed.
        access: Effect,
    },
    /// `confirm` is there and names something else than the target.
    #[error(
        "`confirm` does not repeat `{argument}` exactly, so {tool} was refused and nothing was changed. \
         Check the target; leave `confirm` out to see a preview."
    )]
    ConfirmDiffers {
        /// The tool's name.
        tool: &'static str,
        /// The argument that identifies the target.
        argument: &'static str,
    },
    /// The arguments do not name each target, so there is something that could not be confirmed.
    #[error("`{argument}` does not name each target, so {tool} was refused and nothing was changed.")]
    NoTarget {
        /// The tool's name.
        tool: &'static str,
        /// The argument that identifies the target.
        argument: &'static str,
    },
}

/// Decides on one call, whose arguments have been validated.
///
/// # Errors
/// The call is above the access level, or its confirmation does not fit its target.
pub fn admit(
    policy: Policy,
    operation: &'static Operation,
    arguments: &Map<String, Value>,
) -> Result<Decision, Refusal> {
    policy.allows(operation)?;
    let Some(confirmation) = &operation.confirmation else {
        return Ok(Decision::Permit(Permit { operation }));
    };
    let mut targets = targets(confirmation, arguments)
        .filter(|targets| !targets.is_empty())
        .ok_or(Refusal::NoTarget { tool: operation.name, argument: confirmation.argument })?;
    let Some(confirm) = arguments.get("confirm") else {
        return Ok(Decision::Preview(targets));
    };
    let mut confirmed: Vec<String> = match confirm {
        Value::Array(all) => all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
        one => one.as_str().map(str::to_owned).into_iter().collect(),
    };
    confirmed.sort_unstable();
    targets.sort_unstable();
    if confirmed == targets {
        Ok(Decision::Permit(Permit { operation }))
    } else {
        Err(Refusal::ConfirmDiffers { tool: operation.name, argument: confirmation.argument })
    }
}

/// The identifiers of everything that a call would touch; `None` where one of them cannot be told.
fn targets(confirmation: &Confirmation<'_>, arguments: &Map<String, Value>) -> Option<Vec<String>> {
    match (arguments.get(confirmation.argument)?, confirmation.each) {
        (Value::Array(entries), Some(member)) => entries
            .iter()
            .map(|entry| identifier(if member.is_empty() { entry } else { entry.get(member)? }))
            .collect(),
        (one, _) => identifier(one).map(|one| vec![one]),
    }
}

fn identifier(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog;

    const ALL: Policy = Policy { access: Effect::Destroy };

    fn decide(policy: Policy, tool: &str, arguments: &Value) -> Result<Decision, Refusal> {
        admit(policy, catalog::find(tool).unwrap(), arguments.as_object().unwrap())
    }

    #[test]
    fn a_read_needs_no_confirmation() {
        assert!(matches!(decide(ALL, "list_panel_accounts", &json!({})), Ok(Decision::Permit(_))));
    }

    #[test]
    fn a_permit_covers_its_own_operation_alone() {
        let Ok(Decision::Permit(permit)) = decide(ALL, "ping_panel", &json!({})) else { panic!() };
        assert!(permit.covers(catalog::find("ping_panel").unwrap()));
        assert!(!permit.covers(catalog::find("list_panel_accounts").unwrap()));
    }

    #[test]
    fn above_the_access_level_nothing_passes_even_confirmed() {
        let arguments = json!({"user": "acme", "confirm": "acme"});
        for access in [Effect::Read, Effect::Write] {
            let refusal = decide(Policy { access }, "terminate_panel_account", &arguments).unwrap_err();
            assert!(refusal.to_string().contains("VANTA_MCP_ACCESS=destroy"));
        }
        assert!(decide(Policy { access: Effect::Read }, "create_panel_account", &arguments).is_err());
        assert!(decide(Policy { access: Effect::Write }, "create_panel_account", &arguments).is_ok());
    }

    #[test]
    fn confirm_repeats_the_target_or_nothing_happens() {
        let with = |confirm: Value| {
            decide(ALL, "terminate_panel_account", &json!({"user": "acme", "confirm": confirm}))
        };
        assert!(matches!(with(json!("acme")), Ok(Decision::Permit(_))));
        for wrong in ["acme ", "ACME", "", "acm", "acme2", "yes", "true"] {
            assert!(with(json!(wrong)).is_err(), "{wrong:?}");
        }
        assert!(with(json!(true)).is_err());
        assert!(with(json!(null)).is_err());
        let preview = decide(ALL, "terminate_panel_account", &json!({"user": "acme"})).unwrap();
        assert!(matches!(preview, Decision::Preview(targets) if targets == ["acme"]));
    }

    #[test]
    fn a_list_of_targets_is_confirmed_whole() {
        let with = |confirm: Value| {
            let updates = json!([{"id": "a"}, {"id": "b"}]);
            decide(ALL, "offboard_people", &json!({"updates": updates, "confirm": confirm}))
        };
        assert!(matches!(with(json!(["b", "a"])), Ok(Decision::Permit(_))));
        for wrong in [json!(["a"]), json!(["a", "b", "c"]), json!([]), json!("a,b"), json!(["a", "a"])] {
            assert!(with(wrong).is_err());
        }
        let none = decide(ALL, "offboard_people", &json!({"updates": []}));
        assert!(matches!(none, Err(Refusal::NoTarget { .. })));
        for nameless in [json!({"id": ""}), json!({}), json!({"id": null})] {
            let mixed = json!({"updates": [{"id": "a"}, nameless], "confirm": ["a"]});
            let mixed = decide(ALL, "offboard_people", &mixed);
            assert!(matches!(mixed, Err(Refusal::NoTarget { .. })), "nothing unconfirmed goes along");
        }
    }
}
