//! What travels with every call.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::ledger::Ledger;
use crate::api::{Clients, Term};
use crate::gate::Principal;
use crate::state::application::CallRank;

/// Who makes a call, with whose credentials, for how long, and who can be asked or told in the middle of it.
///
/// It is made once, where a request is taken in, and only handed down from there.
#[derive(Clone)]
pub struct Context {
    /// Who calls, and how much was granted.
    pub principal: Principal,
    /// The credentials that requests go out with.
    pub profile: Arc<Clients>,
    /// How long the answer is wanted.
    pub term: Term,
    /// Who can be asked; none where the client has no way to ask a person, which means no.
    pub asks: Option<Arc<dyn Asks>>,
    /// Who is told how far the call is; none where nobody wants to know.
    pub progress: Option<Arc<dyn Progress>>,
    /// The trace that the call belongs to, as the caller names it.
    pub trace: Trace,
    /// What its requests cost.
    pub ledger: Ledger,
    /// Whether its requests are single calls, or part of a collection even where they begin one.
    pub rank: CallRank,
    /// Whether there is still somebody at work after the answer.
    pub afterwards: Afterwards,
}

/// What comes after a call's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Afterwards {
    /// Other calls: what was begun can go on.
    Serving,
    /// The end of the process: what is not done by then is not done.
    End,
}

impl Context {
    /// The context of a call whose caller can neither be asked nor told anything before the answer.
    #[must_use]
    pub fn plain(principal: Principal, profile: Arc<Clients>) -> Self {
        let (term, trace, ledger) = (Term::default(), Trace::default(), Ledger::default());
        let (rank, afterwards) = (CallRank::Single, Afterwards::Serving);
        Self { principal, profile, term, asks: None, progress: None, trace, ledger, rank, afterwards }
    }

    /// The same for a call that tells its own steps: those of what it reads are not told, but what it waits for is.
    #[must_use]
    pub fn without_steps(&self) -> Self {
        let waits =
            |progress: &Arc<dyn Progress>| Arc::new(WaitsAlone(Arc::clone(progress))) as Arc<dyn Progress>;
        Self { progress: self.progress.as_ref().map(waits), ..self.clone() }
    }

    /// The same with a ledger of its own.
    #[must_use]
    pub fn with_own_ledger(&self) -> Self {
        Self { ledger: Ledger::default(), ..self.clone() }
    }
}

/// A way to ask the person at the other end.
pub trait Asks: Send + Sync {
    /// Asks, and waits for the answer as long as the implementation thinks right.
    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Consent>;
}

/// What a person is asked: something that is answered with yes or no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What will happen, in whole sentences. What comes from upstream stands in quotation marks.
    pub text: String,
    /// The words beside the box to tick.
    pub yes: String,
    /// What an answer to this question and no other comes back with, where it comes with another call; empty where nothing
    /// is bound to it.
    pub seal: String,
}

/// What a person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Yes, in so many words.
    Given,
    /// No, or nothing that is a yes.
    Refused,
    /// Nobody answered: it took too long, or the client could not ask.
    Unanswered,
    /// The answer comes with the same call made again.
    Pending,
}

/// Somebody who wants to know how far a call is.
pub trait Progress: Send + Sync {
    /// Tells of a step. Whether it arrives is nobody's concern: a call goes on all the same.
    fn report(&self, step: Step) -> BoxFuture<'_, ()>;

    /// Tells what the call waits for, in words.
    fn wait<'p>(&'p self, words: &'p str) -> BoxFuture<'p, ()>;
}

/// Progress without steps.
struct WaitsAlone(Arc<dyn Progress>);

impl Progress for WaitsAlone {
    fn report(&self, _: Step) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    fn wait<'p>(&'p self, words: &'p str) -> BoxFuture<'p, ()> {
        self.0.wait(words)
    }
}

/// How far a call is.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// How much is done. Each step's is greater than the one before.
    pub done: f64,
    /// Of how much, where that is known.
    pub total: Option<f64>,
    /// The same in words.
    pub message: String,
}

/// Where a call belongs in a trace (W3C Trace Context); empty where it belongs to none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// `traceparent`.
    pub parent: Option<String>,
    /// `tracestate`.
    pub state: Option<String>,
}
