//! What is counted of the requests to an upstream. No label holds anything that a user or an upstream wrote.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use metrics::{counter, histogram};
use reqwest::StatusCode;

use super::error::Cause;
use crate::catalog::Api;

/// Whether anybody counts.
static COUNTED: AtomicBool = AtomicBool::new(false);

/// Counts from now on, for the whole process. Before, counting would be for nothing, and costs nothing.
pub fn begin_to_count() {
    COUNTED.store(true, Ordering::Relaxed);
}

/// Whether anybody counts.
#[must_use]
pub fn is_counted() -> bool {
    COUNTED.load(Ordering::Relaxed)
}

/// A wait that has begun.
pub struct Wait {
    wanted: &'static str,
    /// Where anybody counts.
    since: Option<Instant>,
}

impl Wait {
    /// Begins to wait for something, which is named in the counts.
    #[must_use]
    pub fn begin(wanted: &'static str) -> Self {
        Self { wanted, since: is_counted().then(Instant::now) }
    }

    /// It has come.
    pub fn over(self) {
        let Some(since) = self.since else { return };
        histogram!("vanta_mcp_wait_seconds", "for" => self.wanted).record(since.elapsed());
    }
}

/// The span of time that Vanta's limits are for.
const MINUTE: Duration = Duration::from_secs(60);

/// How many requests an application may make in a minute, as the overview page of each API has it. The Panel has no limit.
fn per_minute(api: Api) -> Option<usize> {
    match api {
        Api::Manage => Some(50),
        Api::Audit => Some(250),
        Api::Connectors => Some(20),
        Api::Panel => None,
    }
}

/// Counts one upstream's requests.
pub(super) struct Meter {
    api: Api,
    /// When those of the last minute were sent, the oldest first.
    sent: Mutex<VecDeque<Instant>>,
}

impl Meter {
    pub(super) fn new(api: Api) -> Self {
        Self { api, sent: Mutex::default() }
    }

    /// Notes that a request goes out. How it ends is to be told to what this returns.
    pub(super) fn request(&self) -> InFlight {
        let begun = Instant::now();
        if let Some(most) = per_minute(self.api) {
            let mut sent = self.of_last_minute(begun);
            // More than are allowed leave nothing, however many they are.
            if sent.len() >= most {
                sent.pop_front();
            }
            sent.push_back(begun);
        }
        InFlight { api: self.api, begun }
    }

    /// How many requests this process has left of the minute's. Others that use the application are not known.
    pub(super) fn budget_left(&self) -> Option<usize> {
        let sent = self.of_last_minute(Instant::now()).len();
        per_minute(self.api).map(|most| most.saturating_sub(sent))
    }

    fn of_last_minute(&self, now: Instant) -> std::sync::MutexGuard<'_, VecDeque<Instant>> {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        while sent.front().is_some_and(|first| now.duration_since(*first) >= MINUTE) {
            sent.pop_front();
        }
        sent
    }
}

/// A request under way.
pub(super) struct InFlight {
    api: Api,
    begun: Instant,
}

impl InFlight {
    /// An answer has begun, or the request failed.
    pub(super) fn answered(self, outcome: Result<StatusCode, &Cause>) {
        if !is_counted() {
            return;
        }
        let outcome = match outcome {
            Ok(StatusCode::TOO_MANY_REQUESTS) => "limited",
            Ok(status) if status.is_success() => "success",
            Ok(status) if status.is_redirection() => "redirected",
            Ok(status) if status.is_client_error() => "refused",
            Ok(_) => "failed",
            Err(Cause::TimedOut { .. }) => "timed_out",
            Err(Cause::Interrupted { .. }) => "interrupted",
            Err(_) => "not_sent",
        };
        counter!("vanta_mcp_upstream_requests_total", "api" => self.api.as_str(), "outcome" => outcome)
            .increment(1);
        histogram!("vanta_mcp_upstream_request_seconds", "api" => self.api.as_str())
            .record(self.begun.elapsed());
    }
}

/// Notes what became of an attempt to get a token.
pub(super) fn token_request<T, E>(result: &Result<T, E>) {
    let outcome = if result.is_ok() { "success" } else { "failed" };
    counter!("vanta_mcp_token_requests_total", "outcome" => outcome).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_the_minute_is_known() {
        let meter = Meter::new(Api::Connectors);
        for _ in 0..25 {
            meter.request().answered(Ok(StatusCode::OK));
        }
        assert_eq!(meter.budget_left(), Some(0));
        assert_eq!(Meter::new(Api::Panel).budget_left(), None);
    }
}
