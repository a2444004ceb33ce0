//! How long the answer of a call is wanted.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A wait that is worth a word.
pub(super) const TOLD: Duration = Duration::from_secs(1);

/// How long a call is wanted. Cloning is cheap, and all clones tell the same.
#[derive(Debug, Clone, Default)]
pub struct Term {
    /// Cancelled once nobody waits for the answer any more. A change that has been sent is seen through all the same.
    pub gone: CancellationToken,
    /// When the answer comes too late; none where the timeouts of the upstream are all there is.
    pub deadline: Option<Instant>,
    /// Who is told what the call waits for; none where nobody wants to know.
    pub listener: Option<Arc<dyn Listens>>,
}

/// Somebody who wants to know what a call waits for.
pub trait Listens: Send + Sync {
    /// Hears of it, in words. Whether it arrives is nobody's concern.
    fn hear<'l>(&'l self, words: &'l str) -> BoxFuture<'l, ()>;
}

impl fmt::Debug for dyn Listens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listens")
    }
}

impl Term {
    /// Tells what the call waits for.
    pub(super) async fn tell(&self, words: &str) {
        if let Some(listener) = &self.listener {
            listener.hear(words).await;
        }
    }
}
