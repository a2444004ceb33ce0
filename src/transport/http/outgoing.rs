//! An answer on its way out.
//!
//! A caller that asks and does not read makes answers pile up. So what is
//! counted for a call is held until its answer has been taken, and an answer of
//! some size goes out in pieces: hyper asks for the next one when the one before
//! is nearly gone.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};

use crate::callers::Tenure;

/// The largest piece, in bytes. What is no larger is not worth holding anything for.
const PIECE: usize = 16 << 10;

/// The same answer, for which `held` is kept until the last piece has been asked for.
pub(super) fn holding(response: Response, held: impl Send + Unpin + 'static) -> Response {
    let small = response.body().size_hint().upper().is_some_and(|size| size <= PIECE as u64);
    if small {
        return response;
    }
    response.map(|body| Body::new(Pieces { body, rest: Bytes::new(), _held: held }))
}

struct Pieces<H> {
    body: Body,
    /// What is left of a frame that was larger than a piece.
    rest: Bytes,
    _held: H,
}

impl<H> Pieces<H> {
    fn next_of_rest(&mut self) -> Frame<Bytes> {
        Frame::data(self.rest.split_to(self.rest.len().min(PIECE)))
    }
}

impl<H: Unpin> HttpBody for Pieces<H> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(self.next_of_rest())));
        }
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(cx));
        Poll::Ready(match frame {
            Some(Ok(frame)) => Some(Ok(match frame.into_data() {
                Ok(data) => {
                    self.rest = data;
                    self.next_of_rest()
                }
                Err(other) => other,
            })),
            end => end,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (inner, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + rest);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}

/// The same answer, which ends with the caller's tenure if it is a stream: what is said on it from then on is not for one
/// whose token is no longer good.
pub(super) fn while_granted(response: Response, tenure: Option<Tenure>) -> Response {
    let kind = response.headers().get(CONTENT_TYPE);
    let streams = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    match tenure {
        Some(tenure) if streams => {
            response.map(|body| Body::new(WhileGranted { body: Some(body), over: Box::pin(tenure.over()) }))
        }
        _ => response,
    }
}

struct WhileGranted {
    /// None once the tenure is over.
    body: Option<Body>,
    over: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl HttpBody for WhileGranted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.body.is_some() && self.over.as_mut().poll(cx).is_ready() {
            // Dropped at once, so that what hangs on it ends too.
            self.body = None;
        }
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn a_large_answer_goes_in_pieces_and_holds_to_the_last() {
        let content: Vec<u8> = (0..PIECE * 2 + 5).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let held = Arc::new(());
        let response = holding(Response::new(Body::from(content.clone())), Arc::clone(&held));
        assert_eq!(response.body().size_hint().exact(), Some(content.len() as u64));
        let mut pieces = response.into_body().into_data_stream();
        let mut got = Vec::new();
        for length in [PIECE, PIECE, 5] {
            assert_eq!(Arc::strong_count(&held), 2);
            let piece = pieces.next().await.unwrap().unwrap();
            assert_eq!(piece.len(), length);
            got.extend_from_slice(&piece);
        }
        assert!(pieces.next().await.is_none());
        drop(pieces);
        assert_eq!((got, Arc::strong_count(&held)), (content, 1));
    }

    #[test]
    fn for_a_small_answer_nothing_is_held() {
        let held = Arc::new(());
        let response = holding(Response::new(Body::from("small")), Arc::clone(&held));
        assert_eq!(Arc::strong_count(&held), 1);
        drop(response);
    }
}
