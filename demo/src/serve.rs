//! HTTP/1.1 by axum, each connection driven on its own so that it can be closed without an answer.

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, USER_AGENT,
};
use axum::response::Response;
use futures::{StreamExt, stream};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::clock::http_date;
use super::door::{Answer, Arrival, Content, Door, Hangup, Origin, SecondHalf};

/// Larger than any upload that a test sends; a guard against a runaway client.
const BODY_LIMIT: usize = 64 * 1024 * 1024;
const CHUNK: u64 = 64 * 1024;

/// The first half of a body is on its way for this long before the connection is reset, which would overtake it.
const AHEAD: Duration = Duration::from_millis(20);

/// What one listener answers from.
#[derive(Clone)]
struct Desk {
    door: Arc<Door>,
    origin: Origin,
}

/// A listener on a free loopback port, and the port.
pub(super) async fn bind() -> std::io::Result<(TcpListener, u16)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

/// Serves until the task is aborted; its connections end with it, because the set owns them.
pub(super) async fn accept(listener: TcpListener, door: Arc<Door>, origin: Origin) {
    // The simulated APIs have routes of their own, so whatever comes is the fallback's.
    let router = Router::new().fallback(respond).with_state(Desk { door, origin });
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, router.clone()));
                }
                Err(error) => tracing::debug!(%error, "demo tenant: a connection was not accepted"),
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(stream: TcpStream, router: Router) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "demo tenant: TCP_NODELAY was refused");
    }
    let router = TowerToHyperService::new(router);
    let reset = Arc::new(AtomicBool::new(false));
    let resets = Arc::clone(&reset);
    // A response marked with a hangup is not sent: hyper gets an error in its place and gives the connection up.
    let service = service_fn(move |request: Request<Incoming>| {
        let (answering, resets) = (router.call(request), Arc::clone(&resets));
        Box::pin(async move {
            let Ok::<Response, Infallible>(response) = answering.await;
            let hangup = response.extensions().get::<Hangup>().copied();
            let lost = response.extensions().get::<LosesHalf>().is_some();
            resets.store(lost || hangup == Some(Hangup::Reset), Ordering::Relaxed);
            hangup.map_or(Ok(response), Err)
        })
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let ended = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let mut stream = connection.into_parts().io.into_inner();
    if let Err(error) = &ended {
        tracing::trace!(%error, "demo tenant: a connection ended early");
    }
    // What is dropped with no time to linger in is reset.
    let closed =
        if reset.load(Ordering::Relaxed) { stream.set_zero_linger() } else { stream.shutdown().await };
    if let Err(error) = closed {
        tracing::trace!(%error, "demo tenant: a connection was gone before it was closed");
    }
}

/// Marks a response in whose middle the connection is reset.
#[derive(Clone, Copy)]
struct LosesHalf;

async fn respond(State(desk): State<Desk>, request: Request) -> Response {
    match answered(&desk, request).await {
        Ok(response) => response,
        Err(hangup) => {
            let mut marked = Response::new(Body::empty());
            marked.extensions_mut().insert(hangup);
            marked
        }
    }
}

async fn answered(desk: &Desk, request: Request) -> Result<Response, Hangup> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_LIMIT).await.map_err(|_| Hangup::Closed)?;
    let arrival = Arrival {
        origin: desk.origin,
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        authorization: header(&parts.headers, AUTHORIZATION.as_str()),
        api_key: header(&parts.headers, "x-api-key"),
        user_agent: header(&parts.headers, USER_AGENT.as_str()),
        content_type: header(&parts.headers, CONTENT_TYPE.as_str()),
        body,
    };
    desk.door.receive(&arrival).await.map(|answer| written(answer, http_date(desk.door.clock().now())))
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn written(answer: Answer, date: String) -> Response {
    let mut response = Response::builder().status(answer.status).header(DATE, date);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    let body = match answer.content {
        Content::None => Body::empty(),
        Content::Text(mime, text) => {
            response = response.header(CONTENT_TYPE, mime);
            Body::from(text)
        }
        Content::File(file) => {
            let disposition =
                format!("attachment; filename=\"{}\"", file.name.replace(['"', '\\', '\r', '\n'], "_"));
            response = response.header(CONTENT_TYPE, file.mime).header(CONTENT_DISPOSITION, disposition);
            Body::from(file.content)
        }
        Content::Halves(mime, text, second) => {
            response = response.header(CONTENT_TYPE, mime).header(CONTENT_LENGTH, text.len());
            if matches!(second, SecondHalf::Lost) {
                response = response.extension(LosesHalf);
            }
            Body::from_stream(halves(&text, second))
        }
        Content::Endless(bytes) => {
            response = response.header(CONTENT_TYPE, "application/json");
            Body::from_stream(long_string(bytes))
        }
    };
    // A status or header value that HTTP does not have can only come from a queued fault.
    response.body(body).unwrap_or_else(|_| Response::new(Body::empty()))
}

/// A content in two halves, the second after a pause or never.
fn halves(
    text: &Bytes,
    second: SecondHalf,
) -> impl futures::Stream<Item = Result<Bytes, Hangup>> + Send + use<> {
    let (first, rest) = (text.slice(..text.len() / 2), text.slice(text.len() / 2..));
    let second = async move {
        match second {
            SecondHalf::After(pause) => {
                tokio::time::sleep(pause).await;
                Ok(rest)
            }
            SecondHalf::Lost => {
                tokio::time::sleep(AHEAD).await;
                Err(Hangup::Reset)
            }
        }
    };
    stream::iter([Ok(first)]).chain(stream::once(second))
}

/// A JSON string of `bytes` letters in chunks, without holding it in memory.
fn long_string(bytes: u64) -> impl futures::Stream<Item = Result<Bytes, Infallible>> + Send {
    let letters = Bytes::from(vec![b'a'; usize::try_from(CHUNK).unwrap_or_default()]);
    let rest = usize::try_from(bytes % CHUNK).unwrap_or_default();
    let quote = || stream::iter([Bytes::from_static(b"\"")]);
    let last = letters.slice(..rest);
    let chunks = stream::iter((0..bytes / CHUNK).map(move |_| letters.clone()));
    quote().chain(chunks).chain(stream::iter([last])).chain(quote()).map(Ok)
}
