//! A read that asks for nothing but its answer, answered over HTTP without rmcp.
//!
//! Most calls are of this kind: nothing to notify, nobody to ask. rmcp gives
//! each of them tasks and channels, and one of 2026-07-28 a service of its own;
//! here the tool is run and its reply written. Whatever is in the least unlike
//! what is expected goes to rmcp, which also says what is wrong with it.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{HeaderMap, HeaderName, Response};
use axum::response::IntoResponse as _;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::StreamExt as _;
use futures::future::{Either, ready, select};
use futures::stream;
use rmcp::model::{ProtocolVersion, RequestId};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::answers::ALIGNMENT;
use super::bounds::KEEP_ALIVE;
use crate::server::{Generation, Notify, Reply};
use crate::transport::direct::{DirectRead, written};
use crate::transport::message::{PlainCall, REVISION};

static VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
static METHOD: HeaderName = HeaderName::from_static("mcp-method");
static NAME: HeaderName = HeaderName::from_static("mcp-name");

/// How long an answer may take before its caller is given a stream, which shows that the call is still under way.
const PATIENCE: Duration = Duration::from_secs(2);

/// How much may wait to be told.
const WAITING: usize = 16;

/// Whether the headers of a POST to `/mcp` fit a plain call.
pub(super) fn fits(headers: &HeaderMap, call: &PlainCall<'_>) -> bool {
    let name = &*call.name;
    let usual = only(headers, &CONTENT_TYPE) == Some("application/json")
        && headers
            .keys()
            .map(HeaderName::as_str)
            .all(|name| name != "last-event-id" && !name.starts_with("mcp-param-"));
    usual
        && match call.generation {
            Generation::Alone => {
                only(headers, &VERSION) == Some(REVISION)
                    && only(headers, &METHOD) == Some("tools/call")
                    && only(headers, &NAME) == Some(name)
            }
            Generation::Sessions => {
                at_most(headers, &VERSION, is_of_sessions)
                    && at_most(headers, &METHOD, |method| method == "tools/call")
                    && at_most(headers, &NAME, |named| named == name)
            }
        }
}

/// What is told of a call before its answer.
pub(super) type Told = mpsc::Receiver<Vec<u8>>;

/// A way for what is told of a call, and its other end.
pub(super) fn told() -> (Notify, Told) {
    let (tell, told) = mpsc::channel(WAITING);
    let notify: Notify = Box::new(move |told| {
        // Who does not read misses a word of it; the next one says more.
        let open = !tell.is_closed();
        if let Some(line) = written(told) {
            let _ = tell.try_send(line);
        }
        Box::pin(ready(open))
    });
    (notify, told)
}

/// The answer: alone where it comes soon, else as a stream that brings it, after what is told meanwhile.
pub(super) async fn answer(read: DirectRead, told: Option<Told>) -> Response<Body> {
    let mut work = Box::pin(read.answer());
    debug_assert!(align_of_val(&*work) <= ALIGNMENT);
    // On the heap by itself, since timers are large.
    match select(&mut work, Box::pin(sleep(PATIENCE))).await {
        Either::Left((Some(message), _)) => json(message),
        // What is no longer wanted is answered with nothing, as rmcp does it.
        Either::Left((None, _)) => Sse::new(stream::empty::<Result<Event, Infallible>>()).into_response(),
        Either::Right(_) => {
            let messages = stream::unfold(Some((work, told)), |under_way| async {
                let (mut work, mut told) = under_way?;
                tokio::select! {
                    biased;
                    Some(message) = next(&mut told) => Some((message, Some((work, told)))),
                    answer = &mut work => answer.map(|answer| (answer, None)),
                }
            });
            let text = messages.map(|message| String::from_utf8_lossy(&message).into_owned());
            let events = text.map(|text| Ok::<_, Infallible>(Event::default().data(text)));
            Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
        }
    }
}

/// The answer to a call that is not run, which says why.
pub(super) fn refused(problem: String, id: &RequestId, generation: Generation) -> Option<Response<Body>> {
    let message = Reply::refusal(problem).written(id, generation).ok()?;
    Some(json(message))
}

/// A message alone.
fn json(message: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(message));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The next word before the answer; none where nothing is told.
async fn next(told: &mut Option<Told>) -> Option<Vec<u8>> {
    told.as_mut()?.recv().await
}

/// The value of a header that is there once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() { None } else { first.to_str().ok() }
}

/// Whether a header is absent, or there once and right.
fn at_most(headers: &HeaderMap, name: &HeaderName, right: impl FnOnce(&str) -> bool) -> bool {
    !headers.contains_key(name) || only(headers, name).is_some_and(right)
}

fn is_of_sessions(revision: &str) -> bool {
    ProtocolVersion::KNOWN_VERSIONS.iter().any(|known| known.has_initialize() && known.as_str() == revision)
}
