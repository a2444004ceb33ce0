//! Telling a client how far a call is.

use std::convert::Infallible;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, Either, select};
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use tokio::time::Instant;

use crate::call::{Progress, Step};

/// When a call that takes long is first reported to be under way.
const FIRST: Duration = Duration::from_secs(1);

/// How often from then on.
const EACH: Duration = Duration::from_secs(2);

/// Takes a notification to the client; false where nobody listens.
pub type Notify = Box<dyn Fn(ProgressNotificationParam) -> BoxFuture<'static, bool> + Send + Sync>;

/// Tells a client that has asked for it, by whatever way its transport has.
pub struct Reporter {
    token: ProgressToken,
    notify: Notify,
    /// What was told last: by MCP's rule the next is more.
    last: Mutex<f64>,
    begun: Instant,
    /// What the call waits for, where it is more than an answer.
    reason: Mutex<Option<String>>,
}

impl Reporter {
    /// Tells of the call that the client gave this token.
    #[must_use]
    pub fn new(token: ProgressToken, notify: Notify) -> Self {
        Self { token, notify, last: Mutex::new(0.0), begun: Instant::now(), reason: Mutex::default() }
    }

    /// Runs a call, and tells now and then that it goes on: some clients give up on what they hear nothing of.
    pub async fn told<R>(&self, work: impl Future<Output = R>) -> R {
        let telling = async {
            let mut ticks = tokio::time::interval_at(Instant::now() + FIRST, EACH);
            loop {
                ticks.tick().await;
                if !self.send(self.under_way()).await {
                    // Nobody listens; the call goes on all the same.
                    return std::future::pending::<Infallible>().await;
                }
            }
        };
        // On the heap by itself, since timers are large.
        let (work, telling) = (std::pin::pin!(work), Box::pin(telling));
        match select(work, telling).await {
            Either::Left((result, _)) => result,
            Either::Right((never, _)) => match never {},
        }
    }

    /// That the call goes on, for how long, and what it waits for.
    fn under_way(&self) -> Step {
        let done = self.begun.elapsed().as_secs_f64();
        let seconds = (done * 10.0).round() / 10.0;
        // So fine that what comes at once after another step is news all the same.
        let done = (done * 1000.0).round() / 1000.0;
        let reason = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        let message = match reason.as_deref() {
            Some(reason) => format!("{reason} ({seconds} s so far)"),
            None => format!("waited {seconds} s for an answer so far"),
        };
        Step { done, total: None, message }
    }

    /// Whether it could be sent, or was no news.
    async fn send(&self, step: Step) -> bool {
        {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if step.done <= *last {
                return true;
            }
            *last = step.done;
        }
        let mut told =
            ProgressNotificationParam::new(self.token.clone(), step.done).with_message(step.message);
        if let Some(total) = step.total {
            told = told.with_total(total);
        }
        (self.notify)(told).await
    }
}

impl Progress for Reporter {
    fn report(&self, step: Step) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.send(step).await;
        })
    }

    fn wait<'p>(&'p self, words: &'p str) -> BoxFuture<'p, ()> {
        Box::pin(async move {
            *self.reason.lock().unwrap_or_else(PoisonError::into_inner) = Some(words.to_owned());
            self.send(self.under_way()).await;
        })
    }
}
