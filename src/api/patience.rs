//! How long an upstream is waited for.
//!
//! reqwest counts a silence from the beginning of a request, which an upload outlives, and sets a timer for each bound
//! on each request. Here one is set, and only for what is not there yet.

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use thiserror::Error;
use tokio::time::{Instant, sleep_until};

use super::upstream::Timeouts;

/// What was waited for did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("timed out")]
pub(super) struct Late;

/// The patience for one exchange.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    silence: Duration,
    /// The end of the whole; none where it is beyond what a clock can show.
    end: Option<Instant>,
}

impl Patience {
    /// An exchange that begins now.
    pub(super) fn new(timeouts: Timeouts) -> Self {
        Self { silence: timeouts.read, end: Instant::now().checked_add(timeouts.total) }
    }

    /// The same for one that ends so long from now.
    pub(super) fn ending_in(self, total: Duration) -> Self {
        Self { end: Instant::now().checked_add(total), ..self }
    }

    /// The same for one whose answer is of no use after this.
    pub(super) fn no_later_than(self, deadline: Option<Instant>) -> Self {
        Self { end: [self.end, deadline].into_iter().flatten().min(), ..self }
    }

    /// Waits for what the upstream says next.
    pub(super) async fn next<F: Future>(&self, word: F) -> Result<F::Output, Late> {
        let silent = || Instant::now().checked_add(self.silence);
        by(|| [silent(), self.end].into_iter().flatten().min(), word).await
    }

    /// Waits for something that takes as long as it takes.
    pub(super) async fn all<F: Future>(&self, whole: F) -> Result<F::Output, Late> {
        by(|| self.end, whole).await
    }
}

/// Waits until then; where there is no such moment, for ever.
pub(super) async fn until(end: Option<Instant>) {
    match end {
        Some(end) => sleep_until(end).await,
        None => pending().await,
    }
}

/// Waits until `end`, which is asked for once what is awaited turns out not to be there yet.
async fn by<F: Future>(end: impl Fn() -> Option<Instant>, awaited: F) -> Result<F::Output, Late> {
    let mut awaited = pin!(awaited);
    // By itself on the heap: a timer has to stand at a multiple of 128 bytes, and so would every future around it, which
    // costs more than to make room for this one.
    let mut late = None;
    poll_fn(|cx| {
        if let Poll::Ready(awaited) = awaited.as_mut().poll(cx) {
            return Poll::Ready(Ok(awaited));
        }
        if late.is_none() {
            late = end().map(|end| Box::pin(sleep_until(end)));
        }
        late.as_mut().map_or(Poll::Pending, |late| late.as_mut().poll(cx).map(|()| Err(Late)))
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    fn patience(total: u64) -> Patience {
        Patience::new(Timeouts {
            connect: Duration::ZERO,
            read: Duration::from_secs(30),
            total: Duration::from_secs(total),
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_silence_ends_an_exchange_and_so_does_its_end() {
        let began = Instant::now();
        let patience = patience(60);
        assert_eq!(patience.next(ready(1)).await, Ok(1));
        assert_eq!(patience.next(pending::<()>()).await, Err(Late));
        assert_eq!(began.elapsed().as_secs(), 30);
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!(patience.next(pending::<()>()).await, Err(Late));
        assert_eq!(began.elapsed().as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_ends_it_sooner_and_never_later() {
        let began = Instant::now();
        let by = |seconds| Some(began + Duration::from_secs(seconds));
        assert_eq!(patience(60).no_later_than(by(5)).next(pending::<()>()).await, Err(Late));
        assert_eq!(began.elapsed().as_secs(), 5);
        assert_eq!(patience(1).no_later_than(by(500)).all(pending::<()>()).await, Err(Late));
        assert_eq!(began.elapsed().as_secs(), 6);
        assert_eq!(patience(1).no_later_than(None).all(pending::<()>()).await, Err(Late));
    }

    #[tokio::test(start_paused = true)]
    async fn a_whole_may_be_silent_to_its_end() {
        let began = Instant::now();
        assert_eq!(patience(60).ending_in(Duration::from_secs(600)).all(pending::<()>()).await, Err(Late));
        assert_eq!(began.elapsed().as_secs(), 600);
        let endless = patience(u64::MAX).next(pending::<()>()).await;
        assert_eq!((endless, began.elapsed().as_secs()), (Err(Late), 630));
    }
}
