//! The process that started this one, watched over stdio: when it is gone and nobody else speaks, neither will anybody.
//!
//! A client that leaves closes its end of the pipe, but where another process has the same end open, as a child does that
//! was started in between, the pipe stays open for good. So the parent is looked at now and then. It need not be the
//! client: a launcher may leave at once, and the client keep the pipe. Whoever says something once the parent is gone is
//! not the parent, and from then on the pipe alone tells.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How often the parent is looked at.
const LOOK: Duration = Duration::from_secs(2);

/// How long somebody else may take to speak once the parent is gone, where something has been said before.
const SILENCE: Duration = Duration::from_secs(5);

/// The same where nothing has been said: what left may be a launcher, and its client about to begin.
const FIRST_WORD: Duration = Duration::from_secs(20);

/// Notes that something has come from the client.
#[derive(Debug, Default)]
pub(super) struct Heard {
    anything: AtomicBool,
    news: Notify,
}

impl Heard {
    pub(super) fn one_more(&self) {
        self.anything.store(true, Ordering::Relaxed);
        self.news.notify_waiters();
    }
}

/// The parent's process id; `None` where it cannot be told, or is the first process, which adopts those whose parent is
/// gone and starts others in a container.
pub(super) fn of_this_process() -> Option<u32> {
    #[cfg(unix)]
    return Some(std::os::unix::process::parent_id()).filter(|parent| *parent > 1);
    #[cfg(not(unix))]
    None
}

/// Cancels `stop` once the parent that there is now, when this is called, is gone and nobody speaks in its place.
pub(super) fn watch(
    parent: impl Fn() -> Option<u32>,
    heard: Arc<Heard>,
    stop: CancellationToken,
) -> impl Future<Output = Infallible> {
    let first = parent();
    watch_from(first, parent, heard, stop)
}

async fn watch_from(
    first: Option<u32>,
    parent: impl Fn() -> Option<u32>,
    heard: Arc<Heard>,
    stop: CancellationToken,
) -> Infallible {
    let Some(first) = first else { return pending().await };
    while parent() == Some(first) {
        tokio::time::sleep(LOOK).await;
    }
    let patience = if heard.anything.load(Ordering::Relaxed) { SILENCE } else { FIRST_WORD };
    if tokio::time::timeout(patience, heard.news.notified()).await.is_err() {
        tracing::info!("the parent process has ended and no more input arrived: stopping");
        stop.cancel();
    }
    pending().await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    /// Whether serving has ended so many seconds after the parent was gone, which was after eleven. The client speaks at
    /// these seconds from the beginning.
    async fn ended(first: u32, then: u32, speaks: &[u64], after: u64) -> bool {
        let (parent, heard, stop) =
            (Arc::new(AtomicU32::new(first)), Arc::new(Heard::default()), CancellationToken::new());
        let told = Arc::clone(&parent);
        let of_then = move || Some(told.load(Ordering::Relaxed)).filter(|parent| *parent > 1);
        tokio::spawn(watch(of_then, Arc::clone(&heard), stop.clone()));
        for second in 0..11 + after {
            if speaks.contains(&second) {
                heard.one_more();
            }
            if second == 11 {
                parent.store(then, Ordering::Relaxed);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        stop.is_cancelled()
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_of_a_parent_ends_serving_unless_somebody_else_speaks() {
        for (first, then, speaks, after, expected) in [
            (7, 7, &[][..], 3600, false),
            (7, 1, &[1], 4, false),
            (7, 1, &[1], 10, true),
            (7, 400, &[1], 10, true),
            (7, 1, &[], 10, false),
            (7, 1, &[], 30, true),
            // A launcher that has left, and its client.
            (7, 1, &[15], 3600, false),
            (7, 1, &[1, 15], 3600, false),
            // The first process of a container, or adopted by the first process from the beginning.
            (1, 1, &[1], 3600, false),
        ] {
            assert_eq!(
                ended(first, then, speaks, after).await,
                expected,
                "{first} {then} {speaks:?} {after}"
            );
        }
    }
}
