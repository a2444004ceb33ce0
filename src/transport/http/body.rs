//! Reading what a caller sends: no longer than is allowed, no slower, and not more at once than there is room for.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes, HttpBody as _};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use futures::{FutureExt as _, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::bounds::MOST;
use super::refusal::HttpRefusal;

/// All messages that are in memory together, in units of [`UNIT`].
const ROOM: usize = 128 << 10;

/// How much of the room one caller may have, where callers are told apart: one in this many, which is two of the longest.
const SHARE: usize = 4;

/// What the room is counted in, in bytes.
const UNIT: usize = 1 << 10;

/// The longest pause between two pieces.
const PAUSE: Duration = Duration::from_secs(10);

/// The longest that a message may take.
const WHOLE: Duration = Duration::from_secs(120);

/// The room for messages.
#[derive(Debug, Clone)]
pub(super) struct Room(Arc<Semaphore>);

/// What a caller may have of the room.
#[derive(Debug, Clone)]
pub(super) struct Share(Option<Arc<Semaphore>>);

/// The room that a message takes, until its call has ended.
#[derive(Debug, Default)]
pub(super) struct RoomTaken {
    /// In units.
    size: usize,
    of_all: Option<OwnedSemaphorePermit>,
    of_caller: Option<OwnedSemaphorePermit>,
}

impl Room {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(ROOM)))
    }

    /// A share for a caller of whom there may be others.
    pub(super) fn share() -> Share {
        Share(Some(Arc::new(Semaphore::new(ROOM / SHARE))))
    }

    /// Reads a body to its end.
    pub(super) async fn read(
        &self,
        share: &Share,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<(Bytes, RoomTaken), HttpRefusal> {
        let told = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if told.is_some_and(|told| told > MOST) {
            return Err(HttpRefusal::TooLarge);
        }
        let mut stream = body.into_data_stream();
        let first = match stream.next().now_or_never() {
            None => Bytes::new(),
            Some(None) => return Ok((Bytes::new(), RoomTaken::default())),
            Some(Some(piece)) => piece.map_err(|_| HttpRefusal::Broken)?,
        };
        let mut place = RoomTaken::default();
        place.grow(first.len(), self, share)?;
        // Most messages are there with their head: then there is nothing to wait for, and nothing to time.
        if stream.is_end_stream() {
            return Ok((first, place));
        }
        // On the heap, since timers are large.
        let rest = Box::pin(timeout(WHOLE, self.rest(share, first, place, stream)));
        rest.await.unwrap_or(Err(HttpRefusal::TooSlow))
    }

    /// Reads what comes after the first piece.
    async fn rest(
        &self,
        share: &Share,
        mut first: Bytes,
        mut place: RoomTaken,
        mut stream: BodyDataStream,
    ) -> Result<(Bytes, RoomTaken), HttpRefusal> {
        let mut whole = Vec::new();
        loop {
            let piece = timeout(PAUSE, stream.next()).await.map_err(|_| HttpRefusal::TooSlow)?;
            let Some(piece) = piece else { break };
            let piece = piece.map_err(|_| HttpRefusal::Broken)?;
            place.grow(first.len() + whole.len() + piece.len(), self, share)?;
            // Most messages come in one piece, which is not copied.
            if first.is_empty() && whole.is_empty() {
                first = piece;
            } else {
                whole.extend_from_slice(&std::mem::take(&mut first));
                whole.extend_from_slice(&piece);
            }
        }
        Ok((if whole.is_empty() { first } else { whole.into() }, place))
    }
}

impl Share {
    /// All of the room, where there is nobody to share it with.
    pub(super) fn whole() -> Self {
        Self(None)
    }

    /// Whether any of it is taken.
    pub(super) fn in_use(&self) -> bool {
        self.0.as_ref().is_some_and(|share| share.available_permits() < ROOM / SHARE)
    }
}

impl RoomTaken {
    /// Makes room for so many bytes in all.
    fn grow(&mut self, length: usize, room: &Room, share: &Share) -> Result<(), HttpRefusal> {
        if length > MOST {
            return Err(HttpRefusal::TooLarge);
        }
        let size = length.div_ceil(UNIT);
        let more = u32::try_from(size.saturating_sub(self.size)).unwrap_or(u32::MAX);
        if more == 0 {
            return Ok(());
        }
        if let Some(share) = &share.0 {
            let permit = Arc::clone(share).try_acquire_many_owned(more);
            let permit =
                permit.map_err(|_| HttpRefusal::TooMany { of: "bytes of messages in transit", retry: 2 })?;
            add(&mut self.of_caller, permit);
        }
        let permit = Arc::clone(&room.0).try_acquire_many_owned(more);
        add(&mut self.of_all, permit.map_err(|_| HttpRefusal::Full { of: "messages", retry: 2 })?);
        self.size = size;
        Ok(())
    }
}

fn add(held: &mut Option<OwnedSemaphorePermit>, more: OwnedSemaphorePermit) {
    match held {
        Some(held) => held.merge(more),
        None => *held = Some(more),
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    fn body(pieces: usize, size: usize) -> Body {
        let piece = Bytes::from(vec![b'x'; size]);
        let pieces = std::iter::repeat_n(Ok::<_, std::convert::Infallible>(piece), pieces);
        Body::from_stream(stream::iter(pieces))
    }

    async fn read(room: &Room, share: &Share, body: Body) -> Result<(Bytes, RoomTaken), HttpRefusal> {
        room.read(share, &HeaderMap::new(), body).await
    }

    #[tokio::test]
    async fn a_message_takes_as_much_room_as_it_is_long_however_many_its_pieces() {
        let room = Room::new();
        let (bytes, _place) = read(&room, &Share::whole(), body(200_000, 1)).await.unwrap();
        assert_eq!(bytes.len(), 200_000);
        assert_eq!(ROOM - room.0.available_permits(), 200_000_usize.div_ceil(UNIT));
    }

    #[tokio::test]
    async fn one_caller_leaves_room_for_others() {
        let room = Room::new();
        let greedy = Room::share();
        let mut held = Vec::new();
        let refused = loop {
            match read(&room, &greedy, body(16, 1 << 20)).await {
                Ok(read) => held.push(read),
                Err(refused) => break refused,
            }
        };
        assert!(matches!(refused, HttpRefusal::TooMany { .. }) && held.len() == 2, "{refused:?}");
        assert!(read(&room, &Room::share(), body(16, 1 << 20)).await.is_ok());
        held.clear();
        assert!(read(&room, &greedy, body(16, 1 << 20)).await.is_ok(), "it is given back");
    }
}
