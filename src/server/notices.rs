//! What a client is told of a call besides its answer: that it is still under way, and for a log what became of it.

// MCP's logging is on its way out and still a part of the generation that most clients speak.
#![expect(deprecated, reason = "served for as long as 2025-11-25 is")]

use std::convert::Infallible;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::{Either, select};
use rmcp::model::{LoggingLevel, LoggingMessageNotificationParam, ProgressNotificationParam};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::Value;
use tokio::time::Instant;

/// When a call that takes long is first told to be under way, and how often from then on.
const EACH: Duration = Duration::from_secs(2);

/// The level of the log that a session has asked for; none before it does.
#[derive(Debug, Default)]
pub(super) struct Level(Mutex<Option<LoggingLevel>>);

impl Level {
    pub(super) fn set(&self, level: LoggingLevel) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(level);
    }

    /// The level for a request: its own where it names one, as of 2026-07-28, else the session's.
    fn of(&self, cx: &RequestContext<RoleServer>) -> Option<LoggingLevel> {
        let modern = cx.protocol_version().is_some_and(|version| !version.has_initialize());
        let own = cx.meta.log_level();
        if modern { own } else { *self.0.lock().unwrap_or_else(PoisonError::into_inner) }
    }
}

/// Runs a call, and where the client has asked for progress tells now and then that it goes on: some clients give up on
/// what they hear nothing of.
pub(super) async fn told<R>(cx: &RequestContext<RoleServer>, work: impl Future<Output = R>) -> R {
    let Some(token) = cx.meta.get_progress_token() else { return work.await };
    let begun = Instant::now();
    let telling = async {
        let mut ticks = tokio::time::interval_at(begun + EACH, EACH);
        loop {
            ticks.tick().await;
            let seconds = begun.elapsed().as_secs_f64().round();
            let progress = ProgressNotificationParam::new(token.clone(), seconds)
                .with_message(format!("waiting for an answer for {seconds} s"));
            if cx.peer.notify_progress(progress).await.is_err() {
                // Nobody listens; the call goes on all the same.
                return std::future::pending::<Infallible>().await;
            }
        }
    };
    let (work, telling) = (std::pin::pin!(work), std::pin::pin!(telling));
    match select(work, telling).await {
        Either::Left((result, _)) => result,
        Either::Right((never, _)) => match never {},
    }
}

/// Sends a line for the client's log, if it wants lines of that level.
pub(super) async fn log(
    cx: &RequestContext<RoleServer>,
    wanted: &Level,
    (level, line): (LoggingLevel, impl FnOnce() -> Value),
) {
    if wanted.of(cx).is_some_and(|wanted| severity(level) >= severity(wanted)) {
        let message = LoggingMessageNotificationParam::new(level, line()).with_logger("vanta-mcp");
        // A client that does not take it misses a line and no answer.
        let _ = cx.peer.notify_logging_message(message).await;
    }
}

/// The levels of RFC 5424 by weight.
fn severity(level: LoggingLevel) -> u8 {
    match level {
        LoggingLevel::Debug => 0,
        LoggingLevel::Info => 1,
        LoggingLevel::Notice => 2,
        LoggingLevel::Warning => 3,
        LoggingLevel::Error => 4,
        LoggingLevel::Critical => 5,
        LoggingLevel::Alert => 6,
        LoggingLevel::Emergency => 7,
    }
}
