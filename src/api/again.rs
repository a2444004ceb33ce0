//! Which requests are sent again, when, and how often.
//!
//! What was not sent can always be. What was sent and failed on the way is repeated only where a second time changes
//! nothing more: reads, and changes that the catalog calls idempotent. Pure: time and chance are passed in.

use std::time::Duration;

use tokio::time::Instant;

use super::error::Cause;
use super::fate::Retry;
use super::token_error::TokenError;
use crate::catalog::{Effect, Operation};

/// How often a request is repeated at most.
const MOST: u32 = 4;

/// The first pause is up to this long, each further one up to twice the one before (exponential back-off, full jitter).
const FIRST: Duration = Duration::from_millis(250);

/// The longest pause that nobody asked for.
const LONGEST: Duration = Duration::from_secs(8);

/// The attempts at one call.
pub(super) struct Attempts {
    operation: &'static Operation,
    failed: u32,
    deadline: Instant,
}

impl Attempts {
    /// Attempts that end at a deadline.
    pub(super) fn until(deadline: Instant, operation: &'static Operation) -> Self {
        Self { operation, failed: 0, deadline }
    }

    /// The moment at which the last of them ends.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// How long to wait before the next attempt; nothing where there is none. `chance` is from 0 to 1.
    pub(super) fn pause(&mut self, cause: &Cause, now: Instant, chance: f64) -> Option<Duration> {
        let asked_for = match self.repetition(cause) {
            Repetition::Never => return None,
            Repetition::AsUsual => None,
            Repetition::After(asked_for) => Some(asked_for),
        };
        if self.failed == MOST {
            return None;
        }
        let usual = FIRST.saturating_mul(1 << self.failed).min(LONGEST).mul_f64(chance.clamp(0.0, 1.0));
        self.failed += 1;
        let pause = asked_for.unwrap_or(usual);
        (now + pause < self.deadline).then_some(pause)
    }

    /// Whether a failure allows another attempt, and when.
    fn repetition(&self, cause: &Cause) -> Repetition {
        let harmless = self.operation.effect == Effect::Read || self.operation.idempotent;
        match cause {
            Cause::Unconnected(unconnected) | Cause::Token(TokenError::Unconnected(unconnected)) => {
                match unconnected.retry() {
                    Retry::After(_) => Repetition::AsUsual,
                    _ => Repetition::Never,
                }
            }
            _ if !harmless => Repetition::Never,
            Cause::TooManyRequests { retry_after: Some(pause), .. }
            | Cause::Refused { status: 502..=504, retry_after: Some(pause), .. } => Repetition::After(*pause),
            Cause::Interrupted { .. }
            | Cause::TooManyRequests { .. }
            | Cause::Refused { status: 502..=504, .. }
            | Cause::NotJson { status: 502..=504, .. } => Repetition::AsUsual,
            _ => Repetition::Never,
        }
    }
}

/// Whether a request is sent again.
enum Repetition {
    /// It is not.
    Never,
    /// After a pause of ours.
    AsUsual,
    /// After the pause that the upstream asks for.
    After(Duration),
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

    fn pauses(tool: &str, cause: &Cause) -> Vec<f64> {
        let now = Instant::now();
        let mut attempts = Attempts::until(now + Duration::from_secs(60), catalog::find(tool).unwrap());
        std::iter::from_fn(|| attempts.pause(cause, now, 1.0)).map(|pause| pause.as_secs_f64()).collect()
    }

    #[test]
    fn a_read_is_repeated_four_times_with_growing_pauses() {
        assert_eq!(pauses("list_vendors", &refused(503, None)), [0.25, 0.5, 1.0, 2.0]);
        assert_eq!(pauses("list_vendors", &refused(503, Some(7))), [7.0; 4]);
        assert_eq!(pauses("list_vendors", &refused(503, Some(61))), [0.0; 0], "beyond the deadline");
        assert_eq!(pauses("list_vendors", &refused(500, None)), [0.0; 0]);
        assert_eq!(pauses("list_vendors", &refused(404, None)), [0.0; 0]);
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
