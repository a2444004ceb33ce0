//! The answer to a method that is not found, in words. rmcp's HTTP service takes no handler that could choose them.

use std::future::ready;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use axum::response::Response;
use futures::TryStreamExt as _;
use memchr::memmem;

use crate::server::{Generation, is_always_served, no_such_method};

/// The same answer to a request for this method; where it says that there is none, it says so in words.
pub(super) async fn worded(response: Response, method: Option<&str>, generation: Generation) -> Response {
    let Some(method) = method.filter(|method| !is_always_served(method)) else { return response };
    let (Ok(bare), Ok(told)) =
        (serde_json::to_string(method), serde_json::to_string(&no_such_method(method, generation)))
    else {
        return response;
    };
    let bare = format!(r#""code":-32601,"message":{bare}"#);
    let told = format!(r#""code":-32601,"message":{told}"#);
    let kind = response.headers().get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if kind.starts_with(b"text/event-stream") {
        // Each event comes in one piece.
        return response.map(|body| {
            let events = body.into_data_stream();
            Body::from_stream(events.and_then(move |event| ready(Ok(replaced(event, &bare, &told)))))
        });
    }
    let (mut head, body) = response.into_parts();
    // It is in memory already.
    let whole = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, Body::from(replaced(whole, &bare, &told)))
}

fn replaced(text: Bytes, from: &str, to: &str) -> Bytes {
    let Some(at) = memmem::find(&text, from.as_bytes()) else { return text };
    let (before, after) = (text.get(..at), text.get(at + from.len()..));
    [before.unwrap_or_default(), to.as_bytes(), after.unwrap_or_default()].concat().into()
}
