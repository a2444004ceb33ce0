//! Whether a call may go upstream.
//!
//! This room alone makes a [`Permit`], in [`admit`] and out of a [`Claim`] that holds, and the API client sends nothing
//! without one: a call that nobody decided on does not compile.

mod claim;
mod confirmation;
mod difference;
mod offered;
mod permit;
mod principal;
mod refusal;

use serde_json::{Map, Value};

pub use claim::Claim;
pub use confirmation::{ConfirmedBy, Confirming, Proposal};
pub use offered::{Confirmations, canonical};
pub use permit::Permit;
pub use principal::{Grant, Principal};
pub use refusal::Refusal;

use crate::catalog::raise::named;
use crate::catalog::{Api, Confirmation, Effect, Operation};

/// The most that may be done: what the operator allows, narrowed to what the caller was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Policy {
    operator: Effect,
    grant: Option<Grant>,
}

impl Policy {
    /// What the operator allows everybody.
    #[must_use]
    pub fn of_operator(access: Effect) -> Self {
        Self { operator: access, grant: None }
    }

    /// The same for one caller: never more than the operator allows.
    #[must_use]
    pub fn narrowed_to(self, principal: &Principal) -> Self {
        Self { grant: principal.grant(), ..self }
    }

    /// The highest effect that is let through to an API; `None` where nothing is.
    #[must_use]
    pub fn access(self, api: Api) -> Option<Effect> {
        match self.grant {
            Some(grant) => grant.access(api).map(|granted| granted.min(self.operator)),
            None => Some(self.operator),
        }
    }

    /// Whether the caller's token has a say in it.
    #[must_use]
    pub fn is_granted(self) -> bool {
        self.grant.is_some()
    }

    /// The highest effect that is let through anywhere.
    #[must_use]
    pub fn most(self) -> Option<Effect> {
        Api::ALL.into_iter().filter_map(|api| self.access(api)).max()
    }

    /// Whether an operation is within the access level at all.
    ///
    /// # Errors
    /// It is above.
    pub fn allows(self, operation: &'static Operation) -> Result<(), Refusal> {
        if Some(operation.effect) <= self.access(operation.api) {
            return Ok(());
        }
        let granted = self.grant.and_then(|grant| grant.access(operation.api));
        Err(self.refusal(operation.name, operation.effect, granted))
    }

    /// Whether what an operation does with the arguments of one call is within the access level.
    ///
    /// # Errors
    /// It is above.
    fn allows_raised(self, operation: &'static Operation, effect: Effect) -> Result<(), Refusal> {
        let access = self.access(operation.api);
        if Some(effect) <= access {
            return Ok(());
        }
        let arguments = named(operation.raise.iter().map(|raise| raise.argument));
        Err(Refusal::Raised { tool: operation.name, effect, access, arguments })
    }

    /// Whether a tool of no API is within the access level.
    ///
    /// # Errors
    /// It is above.
    pub fn allows_written(self, tool: &'static str, effect: Effect) -> Result<(), Refusal> {
        if Some(effect) <= self.most() { Ok(()) } else { Err(self.refusal(tool, effect, self.most())) }
    }

    fn refusal(self, tool: &'static str, effect: Effect, granted: Option<Effect>) -> Refusal {
        if effect > self.operator {
            return Refusal::AboveAccess { tool, effect, access: self.operator };
        }
        Refusal::BeyondGrant { tool, effect, granted }
    }
}

/// What [`admit`] decided.
#[derive(Debug)]
pub enum Decision {
    /// Send it.
    Permit(Permit),
    /// Send nothing; show what it would do. Holds the targets' identifiers.
    Preview(Vec<String>),
    /// Send it if its confirmation holds.
    Claim(Claim),
}

/// A call that is to be decided on, whose arguments have been validated.
#[derive(Clone, Copy)]
pub struct AskedCall<'a> {
    /// What is called.
    pub operation: &'static Operation,
    /// What it does with these arguments.
    pub effect: Effect,
    /// What it is called with.
    pub arguments: &'a Map<String, Value>,
}

impl<'a> AskedCall<'a> {
    /// A call whose arguments raise nothing: of a read, none does. What does more with them is not sent with its permit.
    #[must_use]
    pub fn unraised(operation: &'static Operation, arguments: &'a Map<String, Value>) -> Self {
        Self { operation, effect: operation.effect, arguments }
    }
}

/// Decides on one call of a principal. `operator` is what is allowed to everybody.
///
/// # Errors
/// The call is above the access level, or its confirmation does not fit its target.
pub fn admit(operator: Policy, principal: &Principal, wanted: AskedCall<'_>) -> Result<Decision, Refusal> {
    let AskedCall { operation, effect, arguments } = wanted;
    let policy = operator.narrowed_to(principal);
    policy.allows(operation)?;
    policy.allows_raised(operation, effect)?;
    let Some(confirmation) = operation.confirmation.as_ref().filter(|_| effect.is_confirmed()) else {
        return Ok(Decision::Permit(Permit::to(operation, effect)));
    };
    let targets = targets(confirmation, arguments)
        .filter(|targets| !targets.is_empty())
        .ok_or(Refusal::NoTarget { tool: operation.name, argument: confirmation.argument })?;
    let (tool, argument) = (operation.name, confirmation.argument);
    let given = |name| arguments.get(name).filter(|value: &&Value| !value.is_null());
    let Some(confirm) = given("confirm") else {
        return match given("confirmation") {
            Some(_) => Err(Refusal::ConfirmMissing { tool, argument }),
            None => Ok(Decision::Preview(targets)),
        };
    };
    if !repeats(confirm, &targets) {
        return Err(Refusal::ConfirmDiffers { tool, argument });
    }
    // Who names the target without having seen it gets to see it.
    Ok(match given("confirmation") {
        None => Decision::Preview(targets),
        Some(token) => Decision::Claim(Claim::new(
            Permit::to(operation, effect),
            targets,
            token.as_str().unwrap_or_default(),
        )),
    })
}

/// Whether `confirm` names each target once, in any order.
fn repeats(confirm: &Value, targets: &[String]) -> bool {
    let mut confirmed: Vec<&str> = match confirm {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let mut targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    confirmed.sort_unstable();
    targets.sort_unstable();
    confirmed == targets
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

    const ALL: Effect = Effect::Destroy;

    fn decide(access: Effect, tool: &str, arguments: &Value) -> Result<Decision, Refusal> {
        let (policy, operation) = (Policy::of_operator(access), catalog::find(tool).unwrap());
        let effect = operation.effect_of(arguments);
        let arguments = arguments.as_object().unwrap();
        admit(policy, &Principal::Anybody, AskedCall { operation, effect, arguments })
    }

    #[test]
    fn a_read_needs_no_confirmation() {
        assert!(matches!(decide(ALL, "list_panel_accounts", &json!({})), Ok(Decision::Permit(_))));
    }

    #[test]
    fn a_permit_covers_its_own_operation_alone() {
        let Ok(Decision::Permit(permit)) = decide(ALL, "ping_panel", &json!({})) else { panic!() };
        assert!(permit.covers(catalog::find("ping_panel").unwrap(), Effect::Read));
        assert!(
            !permit.covers(catalog::find("ping_panel").unwrap(), Effect::Write),
            "nor more than was admitted"
        );
        assert!(!permit.covers(catalog::find("list_panel_accounts").unwrap(), Effect::Read));
    }

    #[test]
    fn above_the_access_level_nothing_passes_even_confirmed() {
        let arguments = json!({"user": "acme", "confirm": "acme"});
        for access in [Effect::Read, Effect::Write, Effect::Publish] {
            let refusal = decide(access, "terminate_panel_account", &arguments).unwrap_err();
            assert!(refusal.to_string().contains("VANTA_MCP_ACCESS=destroy"));
        }
        assert!(decide(Effect::Read, "create_panel_account", &arguments).is_err());
        assert!(decide(Effect::Write, "create_panel_account", &arguments).is_ok());
    }

    #[test]
    fn a_grant_narrows_each_product_by_itself_and_never_widens() {
        let operator = Policy::of_operator(Effect::Write);
        let narrowed = |vanta, panel| {
            let (name, toolsets) = ("ci".into(), Vec::new().into());
            operator.narrowed_to(&Principal::Recognised { name, grant: Grant { vanta, panel }, toolsets })
        };
        let allows = |policy: Policy, tool| policy.allows(catalog::find(tool).unwrap());
        let granted = narrowed(Some(Effect::Destroy), None);
        assert!(allows(granted, "create_vendor").is_ok());
        let above = allows(granted, "delete_vendor").unwrap_err();
        assert!(above.to_string().contains("VANTA_MCP_ACCESS=destroy"), "the operator is the limit: {above}");
        let beyond = allows(granted, "list_panel_accounts").unwrap_err();
        assert!(beyond.to_string().contains("grants no access to this product"), "{beyond}");
        let reader = narrowed(Some(Effect::Read), Some(Effect::Read));
        let beyond = allows(reader, "create_vendor").unwrap_err();
        assert!(beyond.to_string().contains("grants at most `read`"), "{beyond}");
        assert_eq!((reader.most(), granted.most()), (Some(Effect::Read), Some(Effect::Write)));
    }

    #[test]
    fn confirm_repeats_the_target_or_nothing_happens() {
        let with = |confirm: Value| {
            let arguments = json!({"user": "acme", "confirm": confirm, "confirmation": "token"});
            decide(ALL, "terminate_panel_account", &arguments)
        };
        assert!(matches!(with(json!("acme")), Ok(Decision::Claim(claim)) if claim.targets() == ["acme"]));
        for wrong in ["acme ", "ACME", "", "acm", "acme2", "yes", "true"] {
            assert!(with(json!(wrong)).is_err(), "{wrong:?}");
        }
        assert!(with(json!(true)).is_err());
        assert!(with(json!(null)).is_err());
        for unseen in [json!({"user": "acme"}), json!({"user": "acme", "confirm": "acme"})] {
            let preview = decide(ALL, "terminate_panel_account", &unseen).unwrap();
            assert!(matches!(preview, Decision::Preview(targets) if targets == ["acme"]), "{unseen}");
        }
    }

    #[test]
    fn a_list_of_targets_is_confirmed_whole() {
        let with = |confirm: Value| {
            let updates = json!([{"id": "a"}, {"id": "b"}]);
            let arguments = json!({"updates": updates, "confirm": confirm, "confirmation": "token"});
            decide(ALL, "offboard_people", &arguments)
        };
        assert!(matches!(with(json!(["b", "a"])), Ok(Decision::Claim(_))));
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
