//! Reads and changes of one API, as they touch each other: who reads the same shares one request, and what was read before a
//! change is not used after it.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::connection::{Connection, Identity, OwnApplication};
use super::error::Cause;
use super::failure::Failure;
use super::fate::Fate;
use super::patience;
use super::reads::{Beginning, ReadKey, ReadOutcome, WantedRead};
use super::request::{Freshness, Request};
use super::term::Term;
use super::turn::Sender;
use super::verdict::{AnswerOrigin, Response};
use crate::catalog::{Api, Effect, Operation};
use crate::state::application::ApplicationRecord;

/// A change under way. Once it is over, whatever its end, nothing that was read before is used any more.
pub(super) struct Changing {
    /// Whose; none once it is over.
    connection: Option<Arc<Connection>>,
    number: u64,
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
        let is_recent = request.freshness == Freshness::Recent;
        let kept = self.reads.kept(&key).filter(|_| is_recent);
        // Others may have changed something: who has nothing to compare with need not ask.
        let compares = is_recent && (kept.is_some() || self.reads.is_sent(&key));
        let changes = if compares { self.changes(operation).await } else { None };
        if let Some(kept) = kept
            && changes == Some(kept.changes)
        {
            let mut response = kept.response;
            response.spent.origin = AnswerOrigin::Kept { age: kept.at.elapsed() };
            return Ok(response);
        }
        let (connection, sender) = (Arc::clone(self), sender.clone());
        let wanted =
            WantedRead { key, freshness: request.freshness, caller: sender.caller.clone(), changes, term };
        let share = self.reads.share(wanted, |beginning| {
            async move { connection.read_first(request, sender, beginning).await }.boxed()
        });
        if let Some(words) = &share.told {
            term.tell(words).await;
        }
        let began = Instant::now();
        let failed = |cause| Err(Arc::new(Failure::new(operation, cause)));
        let mut response = tokio::select! {
            biased;
            () = term.gone.cancelled() => return failed(Cause::Unwanted),
            outcome = share.flight => outcome?,
            () = Box::pin(patience::until(term.deadline)) => return failed(Cause::TimedOut { upstream: self.name.clone() }),
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
        if self.reads.keeps() {
            beginning.on_its_way.knows(before);
        }
        let on_its_way = &beginning.on_its_way;
        let answered = self.exchange_watched(&request, &sender, &beginning.term, on_its_way).await;
        if let Ok(response) = &answered
            && let Some(changes) = response.spent.changes.or(before)
        {
            beginning.keep(response, changes);
        }
        answered.map_err(Arc::new)
    }

    /// A change begins, of which all who use the application are told.
    pub(super) async fn changing(self: &Arc<Self>, operation: &Operation) -> Changing {
        let number = self.reads.next_number();
        let changing = Changing { connection: Some(Arc::clone(self)), number };
        if let Identity::Application(own) = &self.identity {
            let change = own.change(self.upstream.api, number);
            let lasts = self.upstream.timeouts.total.saturating_mul(2).saturating_add(self.longest_wait);
            let row = self.limits.narrowest(operation);
            let of_row = row.clone();
            let begin = move |now, record: &mut ApplicationRecord| {
                record.begin_change(now, &change, lasts);
                record.pause(now, &of_row)
            };
            self.keeps_pause(&row, own.shared.change(&own.key, begin).await);
        }
        changing
    }

    /// How many changes all have made with the application; `None` while one is under way, where it is no application, and
    /// where what others do is not known.
    async fn changes(&self, operation: &Operation) -> Option<u64> {
        let Identity::Application(own) = &self.identity else { return None };
        let row = self.limits.narrowest(operation);
        let of_row = row.clone();
        let look =
            move |now, record: &mut ApplicationRecord| (record.changes(now), record.pause(now, &of_row));
        let (changes, pause) = own.shared.change_kept(&own.key, look).await.ok()?;
        self.keeps_pause(&row, pause);
        changes
    }

    /// Another process was asked for a pause, which is learned here by the way where nothing is limited.
    fn keeps_pause(&self, row: &str, pause: Option<Duration>) {
        if let Some(pause) = pause {
            self.line.pauses(row, pause);
        }
    }

    /// The same where it is of use, and is not learned with a turn.
    async fn changes_before(&self, operation: &Operation) -> Option<u64> {
        let is_of_use = self.reads.keeps() && self.limits.of(operation).is_empty();
        if is_of_use { self.changes(operation).await } else { None }
    }

    /// Tells all who use the application that a change is over.
    async fn tell_of_change(&self, number: u64, made: ChangeMade) {
        let Identity::Application(own) = &self.identity else { return };
        let change = own.change(self.upstream.api, number);
        let tell = move |_, record: &mut ApplicationRecord| match made {
            ChangeMade::Perhaps => record.changed(&change),
            ChangeMade::No => record.not_changed(&change),
        };
        own.shared.change(&own.key, tell).await;
    }
}

impl OwnApplication {
    /// A change of this process, as all know it.
    fn change(&self, api: Api, number: u64) -> String {
        format!("{}-{}-{number}", self.owner, api.as_str())
    }
}

/// Whether a change was made.
#[derive(Debug, Clone, Copy)]
enum ChangeMade {
    /// It may have been.
    Perhaps,
    /// It was never sent.
    No,
}

impl Changing {
    /// The change has ended.
    pub(super) async fn over(mut self, outcome: &Result<Response, Failure>) {
        let Some(connection) = self.connection.take() else { return };
        let unsent = outcome.as_ref().is_err_and(|failure| failure.fate() == Fate::NotSent);
        if !unsent {
            connection.reads.forget();
        }
        let made = if unsent { ChangeMade::No } else { ChangeMade::Perhaps };
        connection.tell_of_change(self.number, made).await;
    }
}

/// Nobody waited for its end.
impl Drop for Changing {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        connection.reads.forget();
        if let Ok(runtime) = Handle::try_current() {
            let number = self.number;
            runtime.spawn(async move { connection.tell_of_change(number, ChangeMade::Perhaps).await });
        }
    }
}
