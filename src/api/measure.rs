//! What is counted of the requests to an upstream. No label holds anything that a user or an upstream wrote.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use metrics::{counter, histogram};
use reqwest::StatusCode;

use super::error::Cause;
use crate::catalog::{Api, Operation};

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

/// What of a minute's requests is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetLeft {
    /// The operation, where it has a limit of its own; else all of the API's.
    pub operation: Option<&'static str>,
    /// How many requests.
    pub requests: u16,
}

/// The requests of the last minute against one limit.
struct Window {
    /// The operation, where it has a limit of its own.
    operation: Option<&'static str>,
    most: u16,
    /// When they were sent, the oldest first.
    sent: VecDeque<Instant>,
}

impl Window {
    fn forget(&mut self, now: Instant) {
        while self.sent.front().is_some_and(|first| now.duration_since(*first) >= MINUTE) {
            self.sent.pop_front();
        }
    }

    fn count(&mut self, now: Instant) {
        self.forget(now);
        // More than are allowed leave nothing, however many they are.
        if self.sent.len() >= usize::from(self.most) {
            self.sent.pop_front();
        }
        self.sent.push_back(now);
    }
}

/// Counts one upstream's requests.
pub(super) struct Meter {
    api: Api,
    /// One for the API where it has a limit, and one for each operation with one of its own that was called.
    windows: Mutex<Vec<Window>>,
}

impl Meter {
    pub(super) fn new(api: Api) -> Self {
        let whole = api.per_minute().map(|most| Window { operation: None, most, sent: VecDeque::new() });
        Self { api, windows: Mutex::new(whole.into_iter().collect()) }
    }

    /// Notes that a request goes out. How it ends is to be told to what this returns.
    pub(super) fn request(&self, operation: &'static Operation) -> InFlight {
        let begun = Instant::now();
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(most) = operation.limit
            && !windows.iter().any(|window| window.operation == Some(operation.name))
        {
            windows.push(Window { operation: Some(operation.name), most, sent: VecDeque::new() });
        }
        let counts = |window: &&mut Window| window.operation.is_none_or(|name| name == operation.name);
        windows.iter_mut().filter(counts).for_each(|window| window.count(begun));
        InFlight { api: self.api, begun }
    }

    /// How many requests this process has left of the minute's, by limit. Others that use the application are not known.
    pub(super) fn budget_left(&self) -> Vec<BudgetLeft> {
        let now = Instant::now();
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let left = windows.iter_mut().map(|window| {
            window.forget(now);
            let sent = u16::try_from(window.sent.len()).unwrap_or(u16::MAX);
            BudgetLeft { operation: window.operation, requests: window.most.saturating_sub(sent) }
        });
        left.collect()
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
        let of = |operation, requests| BudgetLeft { operation, requests };
        let sent = |api: Api, calls: &[(&str, usize)]| {
            let meter = Meter::new(api);
            for (name, times) in calls {
                for _ in 0..*times {
                    meter.request(crate::catalog::find(name).unwrap()).answered(Ok(StatusCode::OK));
                }
            }
            meter.budget_left()
        };
        assert_eq!(sent(Api::Connectors, &[("list_connector_secrets", 25)]), [of(None, 0)]);
        assert_eq!(sent(Api::Panel, &[("ping_panel", 5)]), []);
        let uploads = [of(None, 38), of(Some("upload_contract"), 8)];
        assert_eq!(sent(Api::Manage, &[("list_vendors", 10), ("upload_contract", 2)]), uploads);
        let audit = [of(Some("list_audits"), 249), of(Some("list_audit_groups"), 0)];
        assert_eq!(sent(Api::Audit, &[("list_audits", 1), ("list_audit_groups", 12)]), audit);
    }
}
