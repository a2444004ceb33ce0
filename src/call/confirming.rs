//! A destructive call is shown first, and carried out once as it was shown.

use serde_json::Value;

use super::{CallError, Calls, Context};
use crate::answer::{self, Answer, TargetState};
use crate::api::{Cause, Failure, Request};
use crate::catalog::Operation;
use crate::gate::{Claim, Confirmations, Permit, Proposal, Refusal};

impl Calls {
    /// What a destructive call would do, with its targets as they are now and a token to confirm it with. Sends reads alone.
    pub(super) async fn preview(
        &self,
        cx: &Context,
        request: &Request,
        arguments: &Value,
        targets: Vec<String>,
    ) -> Result<Answer, CallError> {
        let operation = request.operation;
        let states = self.states(cx, operation, arguments, &targets).await?;
        let offers = offers(cx, operation)?;
        let proposal = proposal(cx, request, arguments, &offers);
        let offered = offers.offer(&proposal, &shown(&states), self.confirm_within).await;
        let token = offered.map_err(|error| Refusal::Unchecked { tool: operation.name, error })?;
        answer::preview(operation, &targets, states, &token, self.form)
            .ok_or_else(|| Refusal::NoTarget { tool: operation.name, argument: "confirm" }.into())
    }

    /// Leave to carry out what was previewed: the targets are read again, and what is not as it was shown is not touched.
    pub(super) async fn confirmed(
        &self,
        cx: &Context,
        request: &Request,
        arguments: &Value,
        claim: Claim,
    ) -> Result<Permit, CallError> {
        let operation = request.operation;
        let offers = offers(cx, operation)?;
        let targets = claim.targets().to_vec();
        let checked = claim.check(&offers, &proposal(cx, request, arguments, &offers)).await?;
        let states = self.states(cx, operation, arguments, &targets).await?;
        for TargetState { target, state } in &states {
            let was_known =
                checked.shown().and_then(|shown| shown.get(target)).is_none_or(|was| !was.is_null());
            if let Err(problem) = state
                && was_known
            {
                return Err(Refusal::Unseen { tool: operation.name, problem: problem.clone() }.into());
            }
        }
        Ok(checked.permit(&offers, &shown(&states)).await?)
    }
}

fn offers(cx: &Context, operation: &'static Operation) -> Result<Confirmations, CallError> {
    let offers = cx.profile.offers(operation.api);
    offers.ok_or_else(|| Failure::new(operation, Cause::NotConfigured(operation.api)).into())
}

fn proposal(cx: &Context, request: &Request, arguments: &Value, offers: &Confirmations) -> Proposal {
    Proposal {
        tool: request.operation.name,
        request: request.canonical(arguments),
        tenant: offers.tenant().to_owned(),
        caller: cx.principal.name().unwrap_or_default().to_owned(),
    }
}

/// What is compared between preview and confirmation: null for what could not be read.
fn shown(states: &[TargetState]) -> Value {
    let known = |one: &TargetState| one.state.as_ref().map_or(Value::Null, lasting);
    Value::Object(states.iter().map(|one| (one.target.clone(), known(one))).collect())
}

/// Members that change by themselves while nobody changes the thing: when it was last looked at, and what it uses.
const PASSING: [&str; 8] = [
    "lastCheckedAt",
    "lastDetectedDate",
    "lastSeenAt",
    "lastSyncedAt",
    "lastTestRunDate",
    "lastLoginAt",
    "bandwidth_used_mb",
    "disk_used_mb",
];

/// A state without what changes by itself.
fn lasting(state: &Value) -> Value {
    match state {
        Value::Object(members) => {
            let stays = members.iter().filter(|(name, _)| !PASSING.contains(&name.as_str()));
            Value::Object(stays.map(|(name, value)| (name.clone(), lasting(value))).collect())
        }
        Value::Array(all) => all.iter().map(lasting).collect(),
        other => other.clone(),
    }
}
