//! What a request holds until its call has ended, wherever that goes on.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::body::RoomTaken;

/// Leave for the request, and the room that its message takes. Cloning is cheap and shares both.
#[derive(Clone)]
pub(super) struct Hold(
    #[expect(dead_code, reason = "it is there to be given back")] Arc<(OwnedSemaphorePermit, RoomTaken)>,
);

impl Hold {
    pub(super) fn new(request: OwnedSemaphorePermit, message: RoomTaken) -> Self {
        Self(Arc::new((request, message)))
    }
}
