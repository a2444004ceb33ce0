//! The threads that connections are served on.
//!
//! Each has a runtime of its own and keeps the connections that it is given:
//! what a call touches stays with one core. Threads that take work from each
//! other spend much of a call waiting for memory that another core has just
//! written. The price is that a call that computes for long, as for an answer
//! of megabytes, holds up the others of its thread.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use futures::future::join_all;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::api::lane;

/// How long a thread may take to drop what it has left.
const FAREWELL: Duration = Duration::from_secs(1);

/// Less than the shortest time that a call is timed with.
const TICK: Duration = Duration::from_secs(1);

/// Where connections are served.
pub(super) struct Lanes {
    lanes: Vec<Lane>,
    end: DropGuard,
}

/// One thread.
struct Lane {
    runtime: Handle,
    /// As many hold it as there are connections, and one more.
    load: Arc<()>,
    /// Told when the thread is done; none where it is not ours.
    done: Option<oneshot::Receiver<()>>,
}

/// A connection's place on a lane; dropping it gives it back.
pub(super) struct OnLane(#[expect(dead_code, reason = "it is there to be counted")] Arc<()>);

impl Lanes {
    /// A lane for each core.
    pub(super) fn start() -> io::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let end = CancellationToken::new();
        // The first number is that of the threads that are no lanes.
        let lanes = (1..=cores.min(lane::MOST - 1)).map(|number| Lane::start(number, end.clone()));
        Ok(Self { lanes: lanes.collect::<io::Result<_>>()?, end: end.drop_guard() })
    }

    /// The runtime that this is called on, and no other.
    pub(super) fn here() -> Self {
        let lane = Lane { runtime: Handle::current(), load: Arc::default(), done: None };
        Self { lanes: vec![lane], end: CancellationToken::new().drop_guard() }
    }

    /// The one that has the fewest connections, with one more.
    pub(super) fn least_loaded(&self) -> Option<(&Handle, OnLane)> {
        let lane = self.lanes.iter().min_by_key(|lane| Arc::strong_count(&lane.load))?;
        Some((&lane.runtime, OnLane(Arc::clone(&lane.load))))
    }

    /// Ends the threads. What is still under way on them is dropped.
    pub(super) async fn end(self) {
        drop(self.end);
        let done = join_all(self.lanes.into_iter().filter_map(|lane| lane.done));
        let _ = tokio::time::timeout(FAREWELL * 2, done).await;
    }
}

impl Lane {
    fn start(number: usize, end: CancellationToken) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (tell, done) = oneshot::channel();
        thread::Builder::new().name(format!("lane-{number}")).spawn(move || {
            lane::enter(number);
            runtime.block_on(end.run_until_cancelled(crate::transport::tick(TICK)));
            runtime.shutdown_timeout(FAREWELL);
            let _ = tell.send(());
        })?;
        Ok(Self { runtime: handle, load: Arc::default(), done: Some(done) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connections_are_spread_and_what_is_left_is_dropped() {
        let lanes = Lanes::start().unwrap();
        let count = lanes.lanes.len();
        let places: Vec<OnLane> = (0..2 * count).filter_map(|_| Some(lanes.least_loaded()?.1)).collect();
        assert!(lanes.lanes.iter().all(|lane| Arc::strong_count(&lane.load) == 3));
        let (runtime, place) = lanes.least_loaded().unwrap();
        let (held, free) = (Arc::new(()), places);
        let under_way = runtime.spawn({
            let held = Arc::clone(&held);
            async move {
                std::future::pending::<()>().await;
                drop((held, place));
            }
        });
        drop(free);
        lanes.end().await;
        assert!(under_way.await.unwrap_err().is_cancelled());
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
