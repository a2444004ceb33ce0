//! How long a caller may go on with what a token has begun.

use std::time::{Duration, SystemTime};

use tokio_util::sync::CancellationToken;

/// The longest sleep before the clock is looked at again: while a machine sleeps, timers stand still and the clock goes on.
const SLEEP: Duration = Duration::from_secs(30);

/// The time for which a token is good: until it is revoked or expires. Clones end together.
#[derive(Debug, Clone)]
pub struct Tenure {
    revoked: CancellationToken,
    until: Option<SystemTime>,
}

impl Tenure {
    /// A tenure that begins now, and ends by itself at that time if one is given.
    pub(super) fn new(until: Option<SystemTime>) -> Self {
        Self { revoked: CancellationToken::new(), until }
    }

    /// Ends it now.
    pub(super) fn revoke(&self) {
        self.revoked.cancel();
    }

    /// How long it lasts if it is not revoked; none where it does not end by itself.
    fn left(&self) -> Option<Duration> {
        self.until.map(|until| until.duration_since(SystemTime::now()).unwrap_or_default())
    }

    /// Whether it has ended by itself.
    #[must_use]
    pub fn has_expired(&self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    /// Whether it has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.revoked.is_cancelled() || self.has_expired()
    }

    /// Returns when it has ended.
    pub async fn over(self) {
        while let Some(left) = self.left() {
            if left.is_zero() || self.revoked.is_cancelled() {
                return;
            }
            tokio::select! {
                () = self.revoked.cancelled() => return,
                () = tokio::time::sleep(left.min(SLEEP)) => {}
            }
        }
        self.revoked.cancelled().await;
    }
}
