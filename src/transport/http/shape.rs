//! The form of an answer: one message as JSON, or a stream of events whose last is the answer.
//!
//! Whatever answers a request chooses by itself, and here its answer is brought
//! into the form that the caller takes.

use std::convert::Infallible;
use std::future::ready;
use std::pin::pin;

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sse_stream::SseStream;

use super::accept::Accepted;
use super::accept::Liking::{AsAnything, ByName, Refused};
use super::refusal::HttpRefusal;
use crate::transport::message::Envelope;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The form that an answer is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnswerForm {
    /// As it comes.
    Either,
    /// One message, without what is told before it.
    Json,
    /// A stream, of one event at the least.
    Events,
}

impl AnswerForm {
    /// The form for one message. Who takes anything can most likely read JSON alone, and gets a stream where nothing else
    /// would do.
    pub(super) fn of(headers: &HeaderMap, message: &Envelope<'_>) -> Result<Self, HttpRefusal> {
        let listens = message.is("subscriptions/listen");
        let Accepted { json, events } = Accepted::of(headers);
        match (json, events) {
            (_, Refused) if listens => Err(HttpRefusal::NotAcceptable {
                sentence: "`subscriptions/listen` is answered with a stream: send `Accept: text/event-stream`",
            }),
            (Refused, Refused) => Err(HttpRefusal::NotAcceptable {
                sentence: "`Accept` must include application/json, text/event-stream or both",
            }),
            (_, Refused) => Ok(Self::Json),
            (Refused, _) => Ok(Self::Events),
            (ByName | AsAnything, ByName) => Ok(Self::Either),
            (_, AsAnything) if listens => Ok(Self::Either),
            (_, AsAnything) => Ok(Self::Json),
        }
    }
}

/// The same answer in this form. What is no answer to a request, and every refusal, stays as it is.
pub(super) async fn shaped(response: Response, form: AnswerForm) -> Result<Response, HttpRefusal> {
    if response.status() != StatusCode::OK {
        return Ok(response);
    }
    let kind = response.headers().get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    match form {
        AnswerForm::Json if kind.starts_with(b"text/event-stream") => alone(response).await,
        AnswerForm::Events if kind.starts_with(b"application/json") => Ok(in_a_stream(response).await),
        _ => Ok(response),
    }
}

/// The same stream without the events that bring nothing but a place to resume from. They came with 2025-11-25, and
/// clients of older versions read the nothing in them as JSON.
pub(super) fn unprimed(response: Response) -> Response {
    let kind = response.headers().get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if !kind.starts_with(b"text/event-stream") {
        return response;
    }
    response.map(|body| {
        Body::from_stream(body.into_data_stream().try_filter(|event| ready(!brings_nothing(event))))
    })
}

/// Whether an event has data and nothing in it. rmcp sends each event in one piece.
fn brings_nothing(event: &Bytes) -> bool {
    let mut data = event.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"data:"));
    data.next().is_some_and(|data| data.trim_ascii().is_empty()) && data.next().is_none()
}

/// An event that may be an answer.
#[derive(Deserialize)]
struct MaybeAnswer {
    id: Option<IgnoredAny>,
    method: Option<IgnoredAny>,
}

/// The answer out of a stream.
async fn alone(response: Response) -> Result<Response, HttpRefusal> {
    let (mut parts, body) = response.into_parts();
    let mut events = pin!(SseStream::new(body));
    while let Some(Ok(event)) = events.next().await {
        let Some(data) = event.data else { continue };
        // What has a method is told or asked of the client; what has none is the answer.
        if let Ok(MaybeAnswer { id: Some(_), method: None }) = serde_json::from_str(&data) {
            parts.headers.remove(CACHE_CONTROL);
            parts.headers.remove("x-accel-buffering");
            parts.headers.insert(CONTENT_TYPE, JSON);
            return Ok(Response::from_parts(parts, Body::from(data)));
        }
    }
    Err(HttpRefusal::Unanswered)
}

/// An answer as the only event of a stream.
async fn in_a_stream(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    // It is in memory already, and as long as answers are at the most.
    let message = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let event = Event::default().data(String::from_utf8_lossy(&message));
    let mut stream = Sse::new(stream::once(ready(Ok::<_, Infallible>(event)))).into_response();
    parts.headers.remove(CONTENT_TYPE);
    parts.headers.remove(CONTENT_LENGTH);
    stream.headers_mut().extend(parts.headers);
    stream.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    stream
}
