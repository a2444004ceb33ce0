//! Telling a client how far a call is.

use std::convert::Infallible;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, Either, select};
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use tokio::time::Instant;

use crate::call::{Progress, Step};

/// When a call that takes long is first told to be under way, and how often from then on.
const EACH: Duration = Duration::from_secs(2);

/// Takes a notification to the client; false where nobody listens.
pub type Notify = Box<dyn Fn(ProgressNotificationParam) -> BoxFuture<'static, bool> + Send + Sync>;

/// Tells a client that has asked for it, by whatever way its transport has.
pub struct Reporter {
    token: ProgressToken,
    notify: Notify,
    /// What was told last: by MCP's rule the next is more.
    last: Mutex<f64>,
}

impl Reporter {
    /// Tells of the call that the client gave this token.
    #[must_use]
    pub fn new(token: ProgressToken, notify: Notify) -> Self {
        Self { token, notify, last: Mutex::new(0.0) }
    }

    /// Runs a call, and tells now and then that it goes on: some clients give up on what they hear nothing of.
    pub async fn told<R>(&self, work: impl Future<Output = R>) -> R {
        let begun = Instant::now();
        let telling = async {
            let mut ticks = tokio::time::interval_at(begun + EACH, EACH);
            loop {
                ticks.tick().await;
                let done = begun.elapsed().as_secs_f64().round();
                let message = format!("waited {done} s for an answer so far");
                if !self.send(Step { done, total: None, message }).await {
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
}
