//! Room in memory for the answers of one origin.
//!
//! Most answers are small and come when they come. Of long ones no more are read at once than there is room for, so that
//! many of them, by chance or by somebody's will, do not take the machine's memory.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The most of an answer that is read, in bytes.
pub(super) const MAX_ANSWER: usize = 16 << 20;

/// What is read without asking for room, in bytes.
pub(super) const SMALL: usize = 256 << 10;

/// All long answers that are in memory together, in bytes: the longest that there is, and some others.
const ROOM: usize = MAX_ANSWER + (4 << 20);

/// What the room is counted in, in bytes.
const UNIT: usize = 1 << 10;

/// The room for long answers.
#[derive(Debug, Clone)]
pub(super) struct AnswerRoom(Arc<Semaphore>);

/// The room that an answer takes; dropping it gives it back.
#[derive(Debug)]
pub(super) struct AnswerPlace(OwnedSemaphorePermit);

impl Default for AnswerRoom {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ROOM / UNIT)))
    }
}

impl AnswerRoom {
    /// Waits for room for an answer of so many bytes. It is asked for once and as a whole, since answers that each wait for
    /// more would wait for one another.
    pub(super) async fn take(&self, size: usize) -> Option<AnswerPlace> {
        Arc::clone(&self.0).acquire_many_owned(units(size)).await.ok().map(AnswerPlace)
    }
}

impl AnswerPlace {
    /// Gives back what the answer did not need.
    pub(super) fn shrink_to(&mut self, size: usize) {
        let spare = self.0.num_permits().saturating_sub(units(size) as usize);
        drop(self.0.split(spare));
    }
}

fn units(size: usize) -> u32 {
    u32::try_from(size.min(ROOM).div_ceil(UNIT)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn an_answer_waits_for_room_and_gives_back_what_it_did_not_need() {
        let room = AnswerRoom::default();
        let take = || room.take(MAX_ANSWER).now_or_never().flatten();
        let mut longest = take().unwrap();
        assert!(take().is_none());
        longest.shrink_to(3 << 20);
        let other = take().unwrap();
        assert!(take().is_none());
        drop((longest, other));
        assert!(take().is_some());
    }
}
