//! Which requests are sent again, when, and how often.
//!
//! What was not sent can always be. What was sent and failed on the way is repeated only where a second time changes
//! nothing more: reads, and changes that the catalog calls idempotent. Pure: time and chance are passed in.

use std::time::Duration;

use tokio::time::Instant;

use super::error::Cause;
use super::fate::Retry;
use super::network::Unconnected;
use super::token_error::TokenError;
use crate::catalog::{Effect, Operation};

/// How often a request is repeated at most.
const MOST: u32 = 4;

/// How often a call is repeated that got no token: each attempt costs one of five requests a minute.
const MOST_FOR_TOKEN: u32 = 1;

/// The first pause is up to this long, each further one up to twice the one before (exponential back-off, full jitter).
const FIRST: Duration = Duration::from_millis(250);

/// The longest pause that nobody asked for.
const LONGEST: Duration = Duration::from_secs(8);

/// The attempts at one call.
pub(super) struct Attempts {
    operation: &'static Operation,
    failed: u32,
    deadline: Instant,
    /// How long a connection may take to be made.
    connect: Duration,
}

impl Attempts {
    /// Attempts that end at a deadline, over connections that may each take so long to be made.
    pub(super) fn until(deadline: Instant, connect: Duration, operation: &'static Operation) -> Self {
        Self { operation, failed: 0, deadline, connect }
    }

    /// The moment at which the last of them ends.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// How long to wait before the next attempt; nothing where there is none. `chance` is from 0 to 1.
    pub(super) fn pause(&mut self, cause: &Cause, now: Instant, chance: f64) -> Option<Duration> {
        let asked_for = self.repeats(cause)?;
        let most = if is_without_token(cause) { MOST_FOR_TOKEN } else { MOST };
        if self.failed >= most {
            return None;
        }
        let usual = FIRST.saturating_mul(1 << self.failed).min(LONGEST).mul_f64(chance.clamp(0.0, 1.0));
        self.failed += 1;
        // What asks for no pause at all, as a date does that is over, gets the usual one.
        let pause = asked_for.max(usual);
        // Cut off while its connection is still being made, a change would no longer be known not to have been sent.
        let needed = if unconnected(cause).is_some() { pause + self.connect } else { pause };
        now.checked_add(needed).is_some_and(|then| then < self.deadline).then_some(pause)
    }

    /// Whether a failure allows another attempt, and the pause that the upstream asks for before it: none is no time at all.
    fn repeats(&self, cause: &Cause) -> Option<Duration> {
        let harmless = self.operation.effect == Effect::Read || self.operation.idempotent;
        if let Some(unconnected) = unconnected(cause) {
            return matches!(unconnected.retry(), Retry::After(_)).then_some(Duration::ZERO);
        }
        match cause {
            // Without a token nothing was sent. One that was refused for the moment is waited for by all.
            Cause::Token(error) | Cause::NotRenewed(error) => match error {
                TokenError::Interrupted { .. } => Some(Duration::ZERO),
                // A pause that does not end in time is not waited for: that it was asked for is what is to be told.
                TokenError::TooMany { retry_after, .. }
                | TokenError::Status { status: 502..=504, retry_after, .. } => {
                    Some(retry_after.unwrap_or_default())
                }
                _ => None,
            },
            Cause::Interrupted { .. } => harmless.then_some(Duration::ZERO),
            Cause::TooManyRequests { retry_after, .. }
            | Cause::Refused { status: 502..=504, retry_after, .. }
            | Cause::NotJson { status: 502..=504, retry_after, .. } => {
                harmless.then_some(retry_after.unwrap_or_default())
            }
            _ => None,
        }
    }
}

/// Whether the token endpoint was reached, and gave no token.
fn is_without_token(cause: &Cause) -> bool {
    matches!(cause, Cause::Token(_) | Cause::NotRenewed(_)) && unconnected(cause).is_none()
}

/// What kept a request from being sent at all.
fn unconnected(cause: &Cause) -> Option<&Unconnected> {
    match cause {
        Cause::Unconnected(unconnected)
        | Cause::Token(TokenError::Unconnected(unconnected))
        | Cause::NotRenewed(TokenError::Unconnected(unconnected)) => Some(unconnected),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    fn refused(status: u16, retry_after: Option<u64>) -> Cause {
        let retry_after = retry_after.map(Duration::from_secs);
        let (upstream, message) = ("api.example.com".to_owned(), String::new());
        Cause::Refused { upstream, status, reason: "", message, retry_after }
    }

    fn page(status: u16, retry_after: Option<u64>) -> Cause {
        let retry_after = retry_after.map(Duration::from_secs);
        let (upstream, words) = ("api.example.com".to_owned(), String::new());
        Cause::NotJson { upstream, status, words, retry_after }
    }

    fn attempts(tool: &str, now: Instant) -> Attempts {
        Attempts::until(now + Duration::from_secs(60), Duration::from_secs(10), catalog::find(tool).unwrap())
    }

    fn pauses(tool: &str, cause: &Cause) -> Vec<f64> {
        let now = Instant::now();
        let mut attempts = attempts(tool, now);
        std::iter::from_fn(|| attempts.pause(cause, now, 1.0)).map(|pause| pause.as_secs_f64()).collect()
    }

    #[test]
    fn a_read_is_repeated_four_times_with_growing_pauses() {
        assert_eq!(pauses("list_vendors", &refused(503, None)), [0.25, 0.5, 1.0, 2.0]);
        assert_eq!(pauses("list_vendors", &refused(503, Some(7))), [7.0; 4]);
        assert_eq!(pauses("list_vendors", &refused(503, Some(0))), [0.25, 0.5, 1.0, 2.0], "no pause at all");
        assert_eq!(pauses("list_vendors", &page(503, Some(7))), [7.0; 4], "a proxy's page says it as well");
        assert_eq!(pauses("list_vendors", &refused(503, Some(61))), [0.0; 0], "beyond the deadline");
        assert_eq!(pauses("list_vendors", &refused(500, None)), [0.0; 0]);
        assert_eq!(pauses("list_vendors", &refused(404, None)), [0.0; 0]);
    }

    #[test]
    fn what_could_not_be_connected_to_is_tried_only_while_there_is_time_to_connect() {
        let now = Instant::now();
        let (upstream, detail) = ("api.example.com".to_owned(), "timed out".to_owned());
        let cause = Cause::Unconnected(Unconnected::Unreachable { upstream, detail });
        let at =
            |seconds| attempts("create_vendor", now).pause(&cause, now + Duration::from_secs(seconds), 0.0);
        assert!(at(49).is_some());
        assert_eq!(at(50), None, "a connection may take 10 s of the 60");
    }

    #[test]
    fn a_change_is_repeated_only_where_a_second_time_changes_nothing_more() {
        let repeated = |idempotent: bool| {
            let of_kind = |operation: &&Operation| {
                operation.effect > Effect::Read && operation.idempotent == idempotent
            };
            let tool = catalog::operations().iter().find(of_kind).unwrap();
            pauses(tool.name, &refused(503, None)).len()
        };
        assert_eq!((repeated(true), repeated(false)), (4, 0));
    }
}
