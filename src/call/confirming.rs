//! A destructive call is shown first, and carried out once as it was shown.

use std::sync::Arc;

use serde_json::Value;

use super::context::{Asks, Consent, Context, Question};
use super::{CallError, Calls};
use crate::answer::{self, Answer, TargetState};
use crate::api::{Cause, Failure, Request};
use crate::catalog::Operation;
use crate::gate::{Claim, Confirmations, ConfirmedBy, Permit, Proposal, Refusal};

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
        let offered = offers.offer(&proposal, &shown(&states), self.confirming.within).await;
        let token = offered.map_err(|error| Refusal::Unchecked { tool: operation.name, error })?;
        let place = cx.profile.place(operation.api).unwrap_or_default();
        answer::preview(operation, &targets, states, &token, &place, self.form)
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
        let (targets, token) = (claim.targets().to_vec(), claim.token().to_owned());
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
        let shown = shown(&states);
        let compared = checked.compare(&shown)?;
        if let Some(asks) = self.who_is_asked(cx, operation)? {
            let sealed = offers.seal_question(&token).await;
            let seal = sealed.map_err(|error| Refusal::Unchecked { tool: operation.name, error })?;
            let place = cx.profile.place(operation.api).unwrap_or_default();
            let question = Question { seal, ..question(operation, &targets, &shown, &place) };
            consented(operation, asks.ask(&question).await)?;
        }
        Ok(compared.permit(&offers).await?)
    }

    /// Who can ask a person, where one is to be asked.
    fn who_is_asked<'c>(
        &self,
        cx: &'c Context,
        operation: &'static Operation,
    ) -> Result<Option<&'c Arc<dyn Asks>>, Refusal> {
        match (self.confirming.by, &cx.asks) {
            (ConfirmedBy::Arguments, _) | (ConfirmedBy::PersonIfAble, None) => Ok(None),
            (ConfirmedBy::Person, None) => Err(Refusal::NobodyToAsk { tool: operation.name }),
            (ConfirmedBy::Person | ConfirmedBy::PersonIfAble, Some(asks)) => Ok(Some(asks)),
        }
    }
}

/// Only a yes is a yes.
fn consented(operation: &'static Operation, consent: Consent) -> Result<(), Refusal> {
    let tool = operation.name;
    match consent {
        Consent::Given => Ok(()),
        Consent::Refused => Err(Refusal::Declined { tool }),
        Consent::Unanswered => Err(Refusal::Unanswered { tool }),
        Consent::Pending => Err(Refusal::Pending { tool }),
    }
}

/// How many targets a question names.
const NAMED: usize = 10;

/// How much of the targets' states a question shows, in characters.
const MOST_STATE: usize = 600;

/// What a person is asked: the same as a preview shows.
fn question(operation: &Operation, targets: &[String], states: &Value, place: &str) -> Question {
    let (does, undo) = operation
        .confirmation
        .as_ref()
        .map_or(("", ""), |confirmation| (&*confirmation.does, &*confirmation.undo));
    let named: Vec<String> = targets.iter().take(NAMED).map(|target| format!("{target:?}")).collect();
    let more = match targets.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let state: String = states.to_string().chars().take(MOST_STATE).collect();
    Question {
        text: format!(
            "{does}\n\nWhere: {place}\nTarget: {}{more}\nAs it is now: {state}\n\n{undo}",
            named.join(", ")
        ),
        yes: format!("Yes, carry out {}", operation.name),
        seal: String::new(),
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
