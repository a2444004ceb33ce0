//! The one way to run a tool, whichever transport a call comes by.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use serde_json::Value;
use thiserror::Error;
use tracing::Instrument as _;

use super::listing::ListedOffer;
use super::measure::{Measured, Outcome};
use super::records::Record;
use super::serving::Server;
use crate::answer::{Answer, Success};
use crate::api::Spent;
use crate::call::{CallError, Context, is_missing};
use crate::catalog::Effect;
use crate::catalog::export::EXPORT;
use crate::jobs;
use crate::tools::{Resolved, Tool, UnknownName, Unresolved};

/// What a model gets for a call.
#[derive(Debug)]
pub struct Reply {
    /// An answer, or the words of an error that it can do something about.
    pub said: Result<Answer, String>,
    /// What it cost of the budget, whether or not it came to an answer.
    pub spent: Spent,
    /// The tool that was run, and for how long; none where the call was refused before.
    pub ran: Option<Ran>,
}

impl Reply {
    /// The words of an error before anything was run.
    #[must_use]
    pub fn refusal(problem: String) -> Self {
        Self { said: Err(problem), spent: Spent::default(), ran: None }
    }
}

/// A tool that was run.
#[derive(Debug, Clone, Copy)]
pub struct Ran {
    /// Its name: of a tool that runs others, the other's.
    pub tool: &'static str,
    /// How long it took.
    pub took: Duration,
    /// How it ended.
    pub ending: CallEnding,
    /// The form of address at which each item of its list can be read; none where it lists no such things.
    pub items_at: Option<&'static str>,
}

/// How a tool that was run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallEnding {
    /// With an answer.
    Done,
    /// What it is about is not there.
    Missing,
    /// The arguments do not fit, or it is not allowed: the same call will end in the same way.
    Refused,
    /// Otherwise.
    Failed,
}

/// A call for which a model gets nothing.
#[derive(Debug, Error)]
pub enum Unanswered {
    /// No tool has the name, which is an error of the protocol.
    #[error("{0}")]
    NoSuchTool(String),
    /// Nobody waits for the answer any more.
    #[error("cancelled")]
    Cancelled,
}

/// A call that is ready to run.
pub struct Prepared {
    server: Server,
    offer: Arc<ListedOffer>,
    resolved: Resolved,
}

impl Server {
    /// Runs a tool for a caller.
    ///
    /// # Errors
    /// No tool has the name, or a read was cancelled. All else that can go wrong is a reply.
    pub async fn call(&self, cx: &Context, name: &str, arguments: Value) -> Result<Reply, Unanswered> {
        let unresolved = match self.prepare(cx, name, arguments) {
            Ok(prepared) => return prepared.run(cx).await,
            Err(unresolved) => unresolved,
        };
        self.refuses(cx, name);
        match unresolved {
            Unresolved::Unknown(problem) => Err(Unanswered::NoSuchTool(problem)),
            Unresolved::Refused(problem) => Ok(Reply::refusal(problem)),
        }
    }

    /// Finds out what a call means, and runs nothing yet.
    ///
    /// # Errors
    /// There is no such tool, or it is not to be run.
    pub fn prepare(&self, cx: &Context, name: &str, arguments: Value) -> Result<Prepared, Unresolved> {
        let unknown = |problem: UnknownName| Unresolved::Refused(problem.to_string());
        let offer = self.offer_to(&cx.principal).map_err(unknown)?;
        let resolved = offer.offer.resolve(name, arguments)?;
        Ok(Prepared { server: self.clone(), offer, resolved })
    }

    /// Notes a call that is refused before it runs, for those who count.
    pub fn refuses(&self, cx: &Context, tool: &str) {
        Measured::begin(Tool::named(tool), cx).end(Outcome::Refused);
    }
}

impl Prepared {
    /// Whether it only reads.
    #[must_use]
    pub fn only_reads(&self) -> bool {
        self.resolved.tool.effect() == Effect::Read
    }

    /// Whether it reads so much that a caller may rather ask for the answer later than wait for it: a list to its end, into a
    /// file too, or many files.
    #[must_use]
    pub fn takes_long(&self, cx: &Context) -> bool {
        let Resolved { tool, arguments } = &self.resolved;
        self.only_reads()
            && match tool {
                Tool::Declared(_) => {
                    let is_asked = |name: &str| {
                        arguments.get(name).is_some_and(|value| *value != false && !value.is_null())
                    };
                    is_asked("all") || is_asked(EXPORT)
                }
                Tool::Job(job) => jobs::takes_long(job, &cx.profile),
                Tool::Written(_) => false,
            }
    }

    /// Runs it.
    ///
    /// # Errors
    /// It only reads, and was cancelled. A change that is under way is seen through, whether or not anybody waits.
    pub async fn run(self, cx: &Context) -> Result<Reply, Unanswered> {
        let Self { server, offer, resolved } = self;
        let cx = &cx.with_own_ledger();
        let tool = resolved.tool;
        let _under_way = server.calls().token();
        let measured = Measured::begin(Some(tool), cx);
        let span = tracing::info_span!("call", tool = tool.name(), principal = cx.principal.name());
        // On the heap, since it is large and what waits for it is moved about.
        let work = Box::pin(guarded(&offer, cx, resolved).instrument(span.clone()));
        let said = if tool.effect() == Effect::Read {
            tokio::select! {
                biased;
                () = cx.term.gone.cancelled() => return Err(Unanswered::Cancelled),
                said = work => said,
            }
        } else {
            work.await
        };
        let (said, ending) = match said {
            Ok(answer) => (Ok(answer), CallEnding::Done),
            Err((problem, ending)) => (Err(problem), ending),
        };
        let items_at = Record::listed_by(tool.name(), &offer.offer);
        let ran = Ran { tool: tool.name(), took: measured.so_far(), ending, items_at };
        measured.end(if said.is_ok() { Outcome::Done } else { Outcome::Failed });
        if tool.effect() != Effect::Read && cx.term.gone.is_cancelled() {
            let failed = said.is_err();
            span.in_scope(|| {
                tracing::warn!(failed, "a change finished after its caller had disconnected");
            });
        }
        Ok(Reply { said, spent: cx.ledger.total(), ran: Some(ran) })
    }
}

/// Runs a tool so that a panic becomes an error: without an answer a client would wait for ever.
async fn guarded(
    offer: &ListedOffer,
    cx: &Context,
    resolved: Resolved,
) -> Result<Answer, (String, CallEnding)> {
    let tool = resolved.tool;
    match AssertUnwindSafe(offer.offer.run(cx, resolved)).catch_unwind().await {
        Ok(Ok(Answer { text, success: Success::AllFailed, .. })) => {
            Err((format!("Nothing was changed. {text}"), CallEnding::Failed))
        }
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(problem)) => {
            tracing::info!(problem = %problem.for_log(), "the call failed");
            Err((problem.to_string(), ending_of(&problem)))
        }
        Err(_) => {
            tracing::error!(tool = tool.name(), "the tool panicked");
            let fate = if tool.effect() == Effect::Read { "" } else { " The change may have taken effect." };
            let name = tool.name();
            let told = format!("{name}: internal error (a bug in the server; please report it).{fate}");
            Err((told, CallEnding::Failed))
        }
    }
}

fn ending_of(problem: &CallError) -> CallEnding {
    match problem {
        _ if is_missing(problem) => CallEnding::Missing,
        CallError::Arguments(_) | CallError::Refused(_) | CallError::Unidentified { .. } => {
            CallEnding::Refused
        }
        _ => CallEnding::Failed,
    }
}
