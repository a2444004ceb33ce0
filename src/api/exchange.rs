//! A call over a connection: a token, a turn of the budget, the request, and what is repeated.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::AUTHORIZATION;
use tokio::time::{Instant, sleep};

use super::again::Attempts;
use super::connection::{Connection, Identity, OwnApplication};
use super::error::Cause;
use super::fate::LONGEST_PAUSE;
use super::hidden::Hidden;
use super::line::{NoTurn, Sender, WantedTurn};
use super::measure::Wait;
use super::request::Request;
use super::term::Term;
use super::token::Bearer;
use super::verdict::{Response, Spent};
use crate::catalog::{Operation, Scope};
use crate::state::application::ApplicationRecord;

/// One attempt at a call.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    request: &'a Request,
    sender: &'a Sender,
    term: &'a Term,
    /// When it comes too late; none for the first.
    due: Option<Instant>,
}

/// How many refused tokens are replaced at one call, by one that is fetched for it or by a newer one of somebody else.
const MOST_REFUSED: u32 = 4;

/// A pause that is worth a word.
const TOLD: Duration = Duration::from_secs(1);

impl Connection {
    /// Makes a call: sends its request, again where that is safe, and reads the answer.
    pub(super) async fn exchange(
        &self,
        request: &Request,
        sender: &Sender,
        term: &Term,
    ) -> Result<Response, Cause> {
        let began = Instant::now();
        let mut spent = Spent::default();
        let mut attempts: Option<Attempts> = None;
        loop {
            let due = attempts.as_ref().map(Attempts::deadline);
            let cause = match self.attempt(Attempt { request, sender, term, due }, &mut spent).await {
                Ok(mut response) => {
                    response.spent = spent;
                    return Ok(response);
                }
                Err(cause) => cause,
            };
            let attempts = attempts.get_or_insert_with(|| {
                // Waiting for a turn is not the upstream's time.
                let end = began.checked_add(self.upstream.timeouts.total + spent.waited);
                let end = [end, term.deadline].into_iter().flatten().min();
                Attempts::until(end.unwrap_or_else(Instant::now), request.operation)
            });
            if let Cause::TooManyRequests { retry_after: Some(pause), .. } = &cause {
                self.closed_for(request.operation, *pause).await;
            }
            let Some(pause) = attempts.pause(&cause, Instant::now(), fastrand::f64()) else {
                return Err(cause);
            };
            tracing::info!(%cause, pause = pause.as_secs_f64(), "a request is repeated");
            if pause >= TOLD {
                term.tell(&format!("{} failed; trying again in {} s", self.name, pause.as_secs())).await;
            }
            tokio::select! {
                biased;
                () = term.gone.cancelled() => return Err(cause),
                () = sleep(pause) => {}
            }
            spent.repeated += 1;
        }
    }

    /// The upstream has asked for a pause, which all keep.
    async fn closed_for(&self, operation: &Operation, pause: Duration) {
        let Identity::Application(own) = &self.identity else { return };
        let Some(limit) = self.limits.of(operation).into_iter().next() else { return };
        let pause = pause.min(LONGEST_PAUSE);
        let close = move |now, record: &mut ApplicationRecord| record.close(now, &limit.name, pause);
        own.shared.change(&own.key, close).await;
    }

    /// Sends once; twice or more only after a 401, which proves that nothing was done.
    async fn attempt(&self, attempt: Attempt<'_>, spent: &mut Spent) -> Result<Response, Cause> {
        let Attempt { request, term, .. } = attempt;
        let own = match &self.identity {
            Identity::Token { name, value, mask } => {
                let Some(value) = value else {
                    return Err(Cause::Setup(
                        "the token contains characters that are not allowed in a header".to_owned(),
                    ));
                };
                let begun = self.send(request, name, value, attempt.due, term).await?;
                return self.conclude(request, mask, begun).await;
            }
            Identity::Application(own) => own,
        };
        let http = self.http()?;
        let waiting = Wait::begin("token");
        let mut bearer = own.tokens.bearer(http, None).await?;
        waiting.over();
        let mut refused = 0;
        loop {
            granted(&bearer, request.operation)?;
            let generation = self.turn(own, attempt, spent).await?;
            if generation > bearer.generation {
                // Somebody has asked for another meanwhile, which revoked this one.
                bearer = own.tokens.bearer(http, Some(bearer.generation)).await?;
            }
            let begun = self.send(request, &AUTHORIZATION, &bearer.header, attempt.due, term).await?;
            if begun.response.status() != StatusCode::UNAUTHORIZED || refused == MOST_REFUSED {
                return self.conclude(request, &bearer.mask, begun).await;
            }
            refused += 1;
            let newer = own.tokens.newer(bearer.generation).await;
            if newer.is_none() && refused > 1 {
                // The newest of all was fetched for this call: to fetch yet another would help nobody.
                return self.conclude(request, &bearer.mask, begun).await;
            }
            // Read to its end, the connection can be used again; what it says does not matter.
            let _ = self.read(request, begun, Hidden::default()).await;
            bearer = match newer {
                Some(newer) => newer,
                None => own.tokens.bearer(http, Some(bearer.generation)).await.map_err(Cause::NotRenewed)?,
            };
        }
    }

    /// Waits for a turn of the budget; returns the generation of the application's newest token, as far as it is known.
    async fn turn(
        &self,
        own: &OwnApplication,
        attempt: Attempt<'_>,
        spent: &mut Spent,
    ) -> Result<u64, Cause> {
        let operation = attempt.request.operation;
        let limits = self.limits.of(operation);
        let most = limits.first().map_or(0, |limit| limit.most);
        let end = Instant::now().checked_add(self.longest_wait);
        let end = [end, attempt.due, attempt.term.deadline].into_iter().flatten().min();
        let wanted =
            WantedTurn { limits, sender: attempt.sender, deadline: end.unwrap_or_else(Instant::now) };
        let waiting = Wait::begin("budget");
        let taken = own.line.turn(wanted, attempt.term).await;
        waiting.over();
        let taken = taken.map_err(|none| match none {
            NoTurn::After(after) => Cause::NoTurn { most, after },
            NoTurn::Unwanted => Cause::Unwanted,
        })?;
        spent.waited += taken.waited;
        spent.left = taken.granted.left;
        Ok(taken.granted.generation)
    }
}

/// After `invalid_scope` the application is known to have fewer scopes than were asked for.
fn granted(bearer: &Bearer, operation: &Operation) -> Result<(), Cause> {
    if !operation.scopes().iter().any(|scope| bearer.scopes.contains(scope)) {
        let scope = operation.scopes().first().copied().unwrap_or(Scope::AllWrite);
        return Err(Cause::ScopeNotGranted { scope });
    }
    Ok(())
}
