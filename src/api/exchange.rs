//! A call over a connection: a token, a turn of the budget, the request, and what is repeated.

use std::pin::pin;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use tokio::time::{Instant, sleep};

use super::again::Attempts;
use super::connection::{Begun, Connection, Identity, OwnApplication};
use super::error::Cause;
use super::failure::Failure;
use super::fate::LONGEST_OBEYED;
use super::file_error::FileCause;
use super::hidden::Hidden;
use super::line::{NoTurn, OnWire};
use super::measure::Wait;
use super::patience::{self, Late};
use super::reads::OnItsWay;
use super::request::{Opened, Request};
use super::term::{TOLD, Term};
use super::token::Bearer;
use super::token_error::TokenError;
use super::turn::{Sender, WantedTurn};
use super::verdict::{Response, Spent};
use crate::catalog::{Operation, Scope};
use crate::state::application::{ApplicationRecord, TurnWait};

/// A call under way.
struct Exchange<'e> {
    connection: &'e Connection,
    request: &'e Request,
    sender: &'e Sender,
    term: &'e Term,
    spent: Spent,
    /// What goes with the request, once it is open.
    opened: Opened,
    /// When the next attempt comes too late; none for the first.
    due: Option<Instant>,
    /// Whether what was told last is that it waits for something else than an answer.
    told: bool,
    /// Told once it is sent.
    on_its_way: &'e OnItsWay,
}

/// How many refused tokens are replaced at one call, by one that is fetched for it or by a newer one of somebody else.
const MOST_REFUSED: u32 = 4;

impl Connection {
    /// Makes a call: sends its request, again where that is safe, and reads the answer.
    pub(super) async fn exchange(
        &self,
        request: &Request,
        sender: &Sender,
        term: &Term,
    ) -> Result<Response, Failure> {
        self.exchange_watched(request, sender, term, &OnItsWay::default()).await
    }

    /// The same for who wants to know whether it is sent yet.
    pub(super) async fn exchange_watched(
        &self,
        request: &Request,
        sender: &Sender,
        term: &Term,
        on_its_way: &OnItsWay,
    ) -> Result<Response, Failure> {
        let (connection, spent, opened) = (self, Spent::default(), Opened::default());
        Exchange { connection, request, sender, term, spent, opened, due: None, told: false, on_its_way }
            .made()
            .await
    }

    /// The upstream has asked for a pause, which all keep. Where nothing is limited, those of other processes keep it who look
    /// into the shared state all the same.
    async fn closed_for(&self, operation: &Operation, pause: Duration) {
        let pause = pause.min(LONGEST_OBEYED);
        let row = self.limits.narrowest(operation);
        self.line.pauses(&row, pause);
        let Identity::Application(own) = &self.identity else { return };
        let close = move |now, record: &mut ApplicationRecord| record.close(now, &row, pause);
        own.shared.change(&own.key, close).await;
    }
}

impl<'e> Exchange<'e> {
    async fn made(mut self) -> Result<Response, Failure> {
        match self.attempts().await {
            Ok(mut response) => {
                response.spent = self.spent;
                Ok(response)
            }
            Err(mut failure) => {
                failure.spent = self.spent;
                Err(failure)
            }
        }
    }

    async fn attempts(&mut self) -> Result<Response, Failure> {
        let began = Instant::now();
        let operation = self.request.operation;
        let mut attempts: Option<Attempts> = None;
        let mut before: Option<Failure> = None;
        loop {
            let cause = match self.attempt().await {
                Ok(response) => return Ok(response),
                Err(cause) => cause,
            };
            let failure = match before.take() {
                // An attempt that was not made says nothing of those that were.
                Some(before) if was_not_made(&cause) => {
                    return Err(before);
                }
                Some(before) => Failure::again(&before, cause),
                None => Failure::new(operation, cause),
            };
            let attempts = attempts.get_or_insert_with(|| {
                // Waiting for a turn is not the upstream's time.
                let end = began.checked_add(self.connection.upstream.timeouts.total + self.spent.waited);
                let end = [end, self.term.deadline].into_iter().flatten().min();
                let connect = self.connection.upstream.timeouts.connect;
                Attempts::until(end.unwrap_or_else(Instant::now), connect, operation)
            });
            self.due = Some(attempts.deadline());
            if let Cause::TooManyRequests { retry_after: Some(pause), .. } = &failure.cause {
                self.connection.closed_for(operation, *pause).await;
            }
            let Some(pause) = attempts.pause(&failure.cause, Instant::now(), fastrand::f64()) else {
                return Err(failure);
            };
            tracing::info!(cause = %failure.cause, pause = pause.as_secs_f64(), "a request is repeated");
            if !self.waits(pause).await {
                return Err(failure);
            }
            self.spent.repeated += 1;
            before = Some(failure);
        }
    }

    /// Waits before the next attempt; false where nobody wants it any more.
    async fn waits(&mut self, pause: Duration) -> bool {
        if pause >= TOLD {
            self.tell(&format!("{} failed; trying again in {} s", self.connection.name, pause.as_secs()))
                .await;
        }
        tokio::select! {
            biased;
            () = self.term.gone.cancelled() => false,
            () = sleep(pause) => true,
        }
    }

    async fn tell(&mut self, words: &str) {
        self.told = true;
        self.term.tell(words).await;
    }

    /// Sends once; twice or more only after a 401, which proves that nothing was done.
    async fn attempt(&mut self) -> Result<Response, Cause> {
        let (connection, request) = (self.connection, self.request);
        let own = match &connection.identity {
            Identity::Token { name, value, mask } => {
                let Some(value) = value else {
                    return Err(Cause::Setup(
                        "the token contains characters that are not allowed in a header".to_owned(),
                    ));
                };
                let (_, _on_wire) = self.turn().await?;
                let begun = self.send(name, value).await?;
                return connection.conclude(request, &self.opened, mask, begun).await;
            }
            Identity::Application(own) => own,
        };
        let mut bearer = self.bearer(own, None).await?;
        let mut refused = 0;
        loop {
            granted(&bearer, request.operation)?;
            let (generation, on_wire) = self.turn().await?;
            if generation > bearer.generation {
                // Somebody has asked for another meanwhile, which revoked this one.
                bearer = self.bearer(own, Some(bearer.generation)).await?;
            }
            let begun = self.send(&AUTHORIZATION, &bearer.header).await?;
            if begun.response.status() != StatusCode::UNAUTHORIZED || refused == MOST_REFUSED {
                return connection.conclude(request, &self.opened, &bearer.mask, begun).await;
            }
            refused += 1;
            let newer = own.tokens.newer(bearer.generation).await;
            if newer.is_none() && refused > 1 {
                // The newest of all was fetched for this call: to fetch yet another would help nobody.
                return connection.conclude(request, &self.opened, &bearer.mask, begun).await;
            }
            // Read to its end, the connection can be used again; what it says does not matter.
            let _ = connection.read(request, begun, Hidden::default()).await;
            // The next turn comes with another, and were all to keep theirs meanwhile, there would be none.
            drop(on_wire);
            bearer = match newer {
                Some(newer) => newer,
                None => self.bearer(own, Some(bearer.generation)).await.map_err(|cause| match cause {
                    Cause::Token(error) => Cause::NotRenewed(error),
                    other => other,
                })?,
            };
        }
    }

    async fn send(&mut self, name: &HeaderName, value: &HeaderValue) -> Result<Begun, Cause> {
        if std::mem::take(&mut self.told) {
            self.term.tell(&format!("Waiting for an answer from {}", self.connection.name)).await;
        }
        let request = self.request;
        if let Some(opens) = request.opens.as_ref().filter(|_| !self.opened.is_some()) {
            self.opened = opens.open().await.map_err(FileCause::Unopened)?;
        }
        self.on_its_way.leaves();
        self.connection.send(request, &self.opened, (name, value), self.due, self.term).await
    }

    /// The application's token, waited for no longer than it is of use. Its fetch goes on by itself, for whoever is next.
    async fn bearer(&mut self, own: &OwnApplication, rejected: Option<u64>) -> Result<Bearer, Cause> {
        let http = self.connection.http()?;
        let waiting = Wait::begin("token");
        let mut fetched = pin!(own.tokens.bearer(http, rejected));
        let told = Box::pin(sleep(TOLD));
        let gone = &self.term.gone;
        let bearer = tokio::select! {
            biased;
            bearer = &mut fetched => Some(bearer),
            () = gone.cancelled() => None,
            () = told => {
                self.tell(&format!("Waiting for an access token from {}", self.connection.name)).await;
                let end = [self.due, self.term.deadline].into_iter().flatten().min();
                tokio::select! {
                    biased;
                    bearer = &mut fetched => Some(bearer),
                    () = gone.cancelled() => None,
                    () = Box::pin(patience::until(end)) => {
                        let (upstream, detail) = (self.connection.name.clone(), Late.to_string());
                        Some(Err(TokenError::Network { upstream, detail }))
                    }
                }
            }
        };
        waiting.over();
        Ok(bearer.ok_or(Cause::Unwanted)??)
    }

    /// Waits for a turn; returns the generation of the application's newest token, as far as it is known, and the place on the
    /// wire.
    async fn turn(&mut self) -> Result<(u64, OnWire<'e>), Cause> {
        let (connection, operation) = (self.connection, self.request.operation);
        let limits = connection.limits.of(operation);
        let most = limits.first().map_or(0, |limit| limit.most);
        let now = Instant::now();
        let ends = [self.due, self.term.deadline];
        let within = |span| [now.checked_add(span)].into_iter().chain(ends).flatten().min().unwrap_or(now);
        let wanted = WantedTurn {
            limits,
            row: connection.limits.narrowest(operation),
            sender: self.sender,
            deadline: within(connection.longest_wait),
            // In so long whatever is under way now has ended.
            patience: within(connection.longest_wait.max(connection.upstream.timeouts.total)),
        };
        let waiting = Wait::begin("turn");
        // On the heap, so that the usual call's future stays small.
        let taken = Box::pin(connection.line.turn(wanted, self.term)).await;
        waiting.over();
        let taken = taken.map_err(|none| match none {
            NoTurn::Late { wait: TurnWait { after, reason }, left, waited } => {
                self.spent.waited += waited;
                self.spent.left = left;
                Cause::NoTurn { most, after, reason }
            }
            NoTurn::Unwanted => Cause::Unwanted,
        })?;
        self.told |= taken.told;
        self.spent.waited += taken.waited;
        self.spent.left = taken.granted.left;
        if most > 0 {
            self.spent.changes = taken.granted.changes;
            self.on_its_way.knows(taken.granted.changes);
        }
        Ok((taken.granted.generation, taken.on_wire))
    }
}

/// Whether an attempt ended before anything was asked of anybody.
fn was_not_made(cause: &Cause) -> bool {
    let no_token = |error: &TokenError| matches!(error, TokenError::Spent { .. });
    match cause {
        Cause::NoTurn { .. } | Cause::Unwanted => true,
        Cause::Token(error) | Cause::NotRenewed(error) => no_token(error),
        _ => false,
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
