//! How long the answer of a call is wanted.

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long a call is wanted. Cloning is cheap, and all clones tell the same.
#[derive(Debug, Clone, Default)]
pub struct Term {
    /// Cancelled once nobody waits for the answer any more. A change that has been sent is seen through all the same.
    pub gone: CancellationToken,
    /// When the answer comes too late; none where the timeouts of the upstream are all there is.
    pub deadline: Option<Instant>,
}
