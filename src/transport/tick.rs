//! A timer that is always the nearest.

use std::convert::Infallible;
use std::time::Duration;

/// Wakes its runtime now and then, for ever.
///
/// A timer that is nearer than every other one wakes whoever waits for the
/// sockets, to be waited for too. Where nothing else is going on, that is every
/// timer of every call: a write and a read of a pipe each, and half of what a
/// thread does for the call. With this one there is always a nearer one.
pub(super) async fn tick(each: Duration) -> Infallible {
    let mut ticks = tokio::time::interval(each);
    loop {
        ticks.tick().await;
    }
}
