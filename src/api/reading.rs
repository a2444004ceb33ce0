//! Reads and changes of one API, as they touch each other: who reads the same shares one request, and what was read before a
//! change is not used after it.

use std::future::pending;
use std::sync::Arc;

use futures::FutureExt as _;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep_until};

use super::connection::{Connection, Identity};
use super::error::Cause;
use super::failure::Failure;
use super::fate::Fate;
use super::line::Sender;
use super::reads::{Beginning, ReadKey, ReadOutcome, WantedRead};
use super::request::{Freshness, Request};
use super::term::Term;
use super::verdict::{AnswerOrigin, Response};
use crate::catalog::{Effect, Operation};
use crate::state::application::ApplicationRecord;

/// A change under way. Once it is over, whatever its end, nothing that was read before is used any more.
pub(super) struct Changing {
    /// Whose; none once it is over.
    connection: Option<Arc<Connection>>,
}

/// Whether others may share in what a request is answered with: it only reads, and no file moves.
pub(super) fn is_shared(request: &Request) -> bool {
    request.operation.effect == Effect::Read && request.body.is_none() && !request.transfers()
}

impl Connection {
    /// Reads: by what was read a moment ago, by a request for the same that is under way, or by one of its own.
    ///
    /// # Errors
    /// Anything but an answer whose status is a success.
    pub(super) async fn read_shared(
        self: &Arc<Self>,
        request: Request,
        sender: &Sender,
        term: &Term,
    ) -> ReadOutcome {
        let operation = request.operation;
        let key = ReadKey::of(&request, sender);
        if request.freshness == Freshness::Recent
            && let Some(kept) = self.reads.kept(&key)
            && self.changes().await == Some(kept.changes)
        {
            let mut response = kept.response;
            response.spent.origin = AnswerOrigin::Kept { age: kept.at.elapsed() };
            return Ok(response);
        }
        let (connection, sender) = (Arc::clone(self), sender.clone());
        let wanted = WantedRead { key, freshness: request.freshness, caller: sender.caller.clone(), term };
        let share = self.reads.share(wanted, |beginning| {
            async move { connection.read_first(request, sender, beginning).await }.boxed()
        });
        if let Some(words) = &share.told {
            term.tell(words).await;
        }
        let began = Instant::now();
        let failed = |cause| Err(Arc::new(Failure::new(operation, cause)));
        let late = async {
            match term.deadline {
                Some(end) => sleep_until(end).await,
                None => pending().await,
            }
        };
        let mut response = tokio::select! {
            biased;
            () = term.gone.cancelled() => return failed(Cause::Unwanted),
            outcome = share.flight => outcome?,
            () = Box::pin(late) => return failed(Cause::TimedOut { upstream: self.name.clone() }),
        };
        if share.origin == AnswerOrigin::Joined {
            response.spent.origin = share.origin;
            response.spent.waited = response.spent.waited.min(began.elapsed());
        }
        Ok(response)
    }

    /// Reads for everybody who has a share in it.
    async fn read_first(&self, request: Request, sender: Sender, beginning: Beginning) -> ReadOutcome {
        let before = self.changes_before(request.operation).await;
        let answered = self.exchange_watched(&request, &sender, &beginning.term, &beginning.sent).await;
        if let Ok(response) = &answered
            && let Some(changes) = response.spent.changes.or(before)
        {
            beginning.keep(response, changes);
        }
        answered.map_err(Arc::new)
    }

    /// A change begins.
    pub(super) fn changing(self: &Arc<Self>) -> Changing {
        Changing { connection: Some(Arc::clone(self)) }
    }

    /// How many changes all have made with the application; none where it is no application.
    async fn changes(&self) -> Option<u64> {
        let Identity::Application(own) = &self.identity else { return None };
        own.shared.change(&own.key, |_, record: &mut ApplicationRecord| Some(record.changes())).await
    }

    /// The same where it is of use, and is not learned with a turn.
    async fn changes_before(&self, operation: &Operation) -> Option<u64> {
        let is_of_use = self.reads.keeps() && self.limits.of(operation).is_empty();
        if is_of_use { self.changes().await } else { None }
    }

    /// Tells all who use the application that something was changed.
    async fn tell_of_change(&self) {
        if let Identity::Application(own) = &self.identity {
            own.shared.change(&own.key, |_, record: &mut ApplicationRecord| record.changed()).await;
        }
    }
}

impl Changing {
    /// The change has ended.
    pub(super) async fn over(mut self, outcome: &Result<Response, Failure>) {
        let Some(connection) = self.connection.take() else { return };
        if outcome.as_ref().is_err_and(|failure| failure.fate() == Fate::NotSent) {
            return;
        }
        connection.reads.forget();
        connection.tell_of_change().await;
    }
}

/// Nobody waited for its end.
impl Drop for Changing {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        connection.reads.forget();
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { connection.tell_of_change().await });
        }
    }
}
