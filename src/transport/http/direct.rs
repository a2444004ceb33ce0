//! The short way: a read that asks for nothing but its answer.
//!
//! Most calls are of this kind: nothing to notify, nobody to ask. rmcp gives
//! each of them tasks and channels, and one of 2026-07-28 a service of its own;
//! here the tool is run and its result written. Whatever is in the least unlike
//! what is expected goes the usual way, which also says what is wrong with it.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use axum::http::{HeaderMap, HeaderName, Response};
use axum::response::IntoResponse as _;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::StreamExt as _;
use futures::future::{Either, ready, select};
use futures::stream;
use rmcp::model::{
    ClientCapabilities, Implementation, NumberOrString, ProtocolVersion, ResultType, ServerJsonRpcMessage,
    ServerResult,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::time::sleep;

use super::KEEP_ALIVE;
use super::listener::ALIGNMENT;
use super::sessions::{OnShortWay, Standing};
use crate::server::{Reading, Told, written, written_flat};

/// The revision whose requests stand alone.
const REVISION: &str = "2026-07-28";

static VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
static METHOD: HeaderName = HeaderName::from_static("mcp-method");
static NAME: HeaderName = HeaderName::from_static("mcp-name");

/// How long an answer may take before its caller is given a stream, which shows that the call is still under way.
const PATIENCE: Duration = Duration::from_secs(2);

/// A call, and nothing that is not written here. No text in it is written with escapes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message<'m> {
    jsonrpc: &'m str,
    id: NumberOrString,
    method: &'m str,
    #[serde(borrow)]
    params: Params<'m>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params<'m> {
    name: &'m str,
    #[serde(default)]
    arguments: Map<String, Value>,
    #[serde(borrow, default, rename = "_meta")]
    meta: Option<Meta<'m>>,
}

/// What each request of 2026-07-28 says of its client. Anything else, a token for progress or a trace, goes the usual way.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Meta<'m> {
    #[serde(borrow, default, rename = "io.modelcontextprotocol/protocolVersion")]
    revision: Option<&'m str>,
    #[serde(default, rename = "io.modelcontextprotocol/clientCapabilities")]
    capabilities: Option<ClientCapabilities>,
    #[serde(default, rename = "io.modelcontextprotocol/clientInfo")]
    info: Option<Implementation>,
}

/// A call that may go the short way, if its tool only reads.
pub(super) struct Short<'m> {
    pub(super) id: NumberOrString,
    pub(super) name: &'m str,
    pub(super) arguments: Map<String, Value>,
}

impl<'m> Short<'m> {
    /// The call that a POST to `/mcp` brings, where it is one for the short way.
    pub(super) fn of(standing: &Standing, headers: &HeaderMap, body: &'m [u8]) -> Option<Self> {
        let usual = only(headers, &CONTENT_TYPE)? == "application/json"
            && takes_both(only(headers, &ACCEPT)?)
            && headers
                .keys()
                .map(HeaderName::as_str)
                .all(|name| name != "last-event-id" && !name.starts_with("mcp-param-"));
        if !usual {
            return None;
        }
        // Looked at as a whole it takes less than string by string.
        let body = std::str::from_utf8(body).ok()?;
        let Message { jsonrpc, id, method, params } = serde_json::from_str(body).ok()?;
        let Params { name, arguments, meta } = params;
        let Meta { revision, capabilities, info } = meta.unwrap_or_default();
        let method = jsonrpc == "2.0" && method == "tools/call";
        let fits = method
            && match standing {
                Standing::Alone => {
                    only(headers, &VERSION)? == REVISION
                        && only(headers, &METHOD)? == "tools/call"
                        && only(headers, &NAME)? == name
                        && revision? == REVISION
                        && capabilities.is_some()
                }
                Standing::InSession(_) => {
                    (revision, capabilities, info) == (None, None, None)
                        && at_most(headers, &VERSION, is_of_sessions)
                        && at_most(headers, &METHOD, |method| method == "tools/call")
                        && at_most(headers, &NAME, |named| named == name)
                }
            };
        fits.then_some(Self { id, name, arguments })
    }

    /// The tool that it is told to run, if any.
    pub(super) fn runs(&self) -> Option<&str> {
        self.arguments.get("tool")?.as_str()
    }
}

/// The answer to a call that goes the short way: alone where it comes soon, else as a stream that brings it.
pub(super) async fn answer(id: NumberOrString, reading: Reading, way: OnShortWay) -> Response<Body> {
    let mut work = Box::pin(async move {
        // The revisions that have sessions know no such member.
        let kind = way.is_alone().then_some(ResultType::COMPLETE);
        // It is pinned here, since it is large and would be moved from hand to hand.
        match way.go(std::pin::pin!(reading.run())).await? {
            Told::Flat(text) => written_flat(&id, &text, kind.as_ref()).ok(),
            Told::Result(mut result) => {
                result.result_type = kind;
                written(&ServerJsonRpcMessage::response(ServerResult::CallToolResult(result), id)).ok()
            }
        }
    });
    debug_assert!(align_of_val(&*work) <= ALIGNMENT);
    // On the heap by itself, for the same reason.
    match select(&mut work, Box::pin(sleep(PATIENCE))).await {
        Either::Left((Some(message), _)) => {
            let mut response = Response::new(Body::from(message));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        // What is no longer wanted is answered with nothing, as rmcp does it.
        Either::Left((None, _)) => Sse::new(stream::empty::<Result<Event, Infallible>>()).into_response(),
        Either::Right(_) => {
            let message = stream::once(work).filter_map(ready);
            let text = message.map(|message| String::from_utf8_lossy(&message).into_owned());
            let events = text.map(|text| Ok::<_, Infallible>(Event::default().data(text)));
            Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
        }
    }
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

/// Whether a client takes either form of an answer, as the specification asks of it.
fn takes_both(accepted: &str) -> bool {
    accepted.contains("application/json") && accepted.contains("text/event-stream")
}
