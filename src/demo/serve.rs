//! HTTP/1.1 by hand: one task per connection, so that a connection can be closed without an answer.

use std::convert::Infallible;
use std::sync::Arc;

use futures::{StreamExt, stream};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, USER_AGENT};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::door::{Answer, Arrival, Content, Door, Origin};

/// Larger than any upload that a test sends; a guard against a runaway client.
const BODY_LIMIT: usize = 64 * 1024 * 1024;
const CHUNK: u64 = 64 * 1024;

/// The answer is withheld on purpose; hyper closes the connection when it sees this.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed without an answer")]
struct Hangup;

/// A listener on a free loopback port, and the port.
pub(super) async fn bind() -> std::io::Result<(TcpListener, u16)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

/// Serves until the task is aborted; its connections end with it, because the set owns them.
pub(super) async fn accept(listener: TcpListener, door: Arc<Door>, origin: Origin) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, Arc::clone(&door), origin));
                }
                Err(error) => tracing::debug!(%error, "demo tenant: a connection was not accepted"),
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(stream: TcpStream, door: Arc<Door>, origin: Origin) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "demo tenant: TCP_NODELAY was refused");
    }
    let service = service_fn(move |request| respond(Arc::clone(&door), origin, request));
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        tracing::trace!(%error, "demo tenant: a connection ended early");
    }
}

async fn respond(
    door: Arc<Door>,
    origin: Origin,
    request: Request<Incoming>,
) -> Result<Response<BoxBody<Bytes, Infallible>>, Hangup> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(|_| Hangup)?.to_bytes();
    let arrival = Arrival {
        origin,
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        authorization: header(&parts.headers, AUTHORIZATION.as_str()),
        api_key: header(&parts.headers, "x-api-key"),
        user_agent: header(&parts.headers, USER_AGENT.as_str()),
        content_type: header(&parts.headers, CONTENT_TYPE.as_str()),
        body: body.to_vec(),
    };
    let answer = door.receive(&arrival).await.ok_or(Hangup)?;
    Ok(written(answer))
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn written(answer: Answer) -> Response<BoxBody<Bytes, Infallible>> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    let body = match answer.content {
        Content::None => Full::new(Bytes::new()).boxed(),
        Content::Text(mime, text) => {
            response = response.header(CONTENT_TYPE, mime);
            Full::new(Bytes::from(text)).boxed()
        }
        Content::Endless(bytes) => {
            response = response.header(CONTENT_TYPE, "application/json");
            BodyExt::boxed(StreamBody::new(long_string(bytes)))
        }
    };
    // A status or header value that HTTP does not have can only come from a queued fault.
    response.body(body).unwrap_or_else(|_| Response::new(Full::new(Bytes::new()).boxed()))
}

/// A JSON string of `bytes` letters in chunks, without holding it in memory.
fn long_string(bytes: u64) -> impl futures::Stream<Item = Result<Frame<Bytes>, Infallible>> + Send + Sync {
    let letters = Bytes::from(vec![b'a'; usize::try_from(CHUNK).unwrap_or_default()]);
    let rest = usize::try_from(bytes % CHUNK).unwrap_or_default();
    let quote = || stream::iter([Bytes::from_static(b"\"")]);
    let last = letters.slice(..rest);
    let chunks = stream::iter((0..bytes / CHUNK).map(move |_| letters.clone()));
    quote().chain(chunks).chain(stream::iter([last])).chain(quote()).map(|chunk| Ok(Frame::data(chunk)))
}
