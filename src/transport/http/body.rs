//! Reading what a caller sends: no longer than is allowed, no slower, and not more at once than there is room for.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use futures::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::refusal::Refusal;

/// The longest message, in bytes: a file of 8 MiB in base64 with its call around it.
pub(super) const MOST: usize = 16 << 20;

/// All messages that are in memory together, in units of [`UNIT`].
const ROOM: usize = 128 << 10;

/// What the room is counted in, in bytes.
const UNIT: usize = 1 << 10;

/// The longest pause between two pieces.
const PAUSE: Duration = Duration::from_secs(10);

/// The longest that a message may take.
const WHOLE: Duration = Duration::from_secs(120);

/// The room for messages.
#[derive(Debug, Clone)]
pub(super) struct Room(Arc<Semaphore>);

/// The room that a message takes, until its call has ended.
pub(super) type Place = Option<OwnedSemaphorePermit>;

impl Room {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(ROOM)))
    }

    /// Reads a body to its end.
    pub(super) async fn read(&self, headers: &HeaderMap, body: Body) -> Result<(Bytes, Place), Refusal> {
        let told = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if told.is_some_and(|told| told > MOST) {
            return Err(Refusal::TooLarge);
        }
        timeout(WHOLE, self.pieces(body)).await.unwrap_or(Err(Refusal::TooSlow))
    }

    async fn pieces(&self, body: Body) -> Result<(Bytes, Place), Refusal> {
        let mut stream = body.into_data_stream();
        let mut place: Place = None;
        let mut first = Bytes::new();
        let mut whole = Vec::new();
        while let Some(piece) = timeout(PAUSE, stream.next()).await.map_err(|_| Refusal::TooSlow)? {
            let piece = piece.map_err(|_| Refusal::Broken)?;
            if first.len() + whole.len() + piece.len() > MOST {
                return Err(Refusal::TooLarge);
            }
            let units = u32::try_from(piece.len().div_ceil(UNIT)).unwrap_or(u32::MAX);
            let more = Arc::clone(&self.0).try_acquire_many_owned(units);
            let more = more.map_err(|_| Refusal::Full { of: "messages", retry: 2 })?;
            match &mut place {
                Some(place) => place.merge(more),
                None => place = Some(more),
            }
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
