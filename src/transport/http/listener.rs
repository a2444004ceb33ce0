//! Connections: accepted, given time limits, and closed.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutWriter;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::answers::{ALIGNMENT, Answers};
use super::bounds::PARTING;
use super::connections::{Connections, Place};
use super::outgoing;
use super::tls::Tls;

/// How long a new connection may take to send its first request's head.
const FIRST_HEAD: Duration = Duration::from_secs(10);

/// How long a connection may be idle between requests, the next head included.
const IDLE: Duration = Duration::from_secs(75);

/// How long a caller may leave what is sent to it unread.
const UNREAD: Duration = Duration::from_secs(30);

/// The longest head of a request, in bytes.
const HEAD: usize = 32 << 10;

/// What a connection hears that there is no room for.
const FULL: &str = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"the server has no room for more connections; nothing was done; try again in 5 s"}}"#;

/// What ends connections.
#[derive(Clone)]
pub(super) struct Ends {
    /// No connection is accepted any more; those that are open finish what they are at.
    pub(super) stop: CancellationToken,
    /// What is left is cut.
    pub(super) hard: CancellationToken,
}

/// Accepts until it is told to stop. Answers the connections that are still open.
pub(super) async fn accept(
    listener: TcpListener,
    app: impl Answers,
    connections: Arc<Connections>,
    tls: Option<Tls>,
    ends: Ends,
) -> TaskTracker {
    let open = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = ends.stop.cancelled() => return open,
            accepted = listener.accept() => accepted,
        };
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: others have to close first.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(place) = connections.admit(from.ip()) else {
            // Over TLS it would not be understood before a handshake, which is what there is no room for.
            if tls.is_none() {
                open.spawn(turn_away(stream));
            }
            continue;
        };
        // Answers are small and many: waiting to fill a packet costs 40 ms each.
        let _ = stream.set_nodelay(true);
        let acceptor = tls.as_ref().map(Tls::acceptor);
        open.spawn(begin(stream, acceptor, app.clone(), place, ends.clone()));
    }
}

async fn turn_away(mut stream: TcpStream) {
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{FULL}",
        FULL.len()
    );
    let _ = tokio::time::timeout(Duration::from_secs(1), stream.write_all(answer.as_bytes())).await;
}

/// Secures a connection where that is to be done, and serves it.
async fn begin(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    app: impl Answers,
    place: Place,
    ends: Ends,
) {
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(UNREAD));
    let stream = Box::pin(stream);
    let Some(acceptor) = acceptor else { return serve(stream, app, place, ends).await };
    let secured = tokio::select! {
        secured = tokio::time::timeout(FIRST_HEAD, acceptor.accept(stream)) => secured,
        () = place.evicted.cancelled() => return,
        () = ends.stop.cancelled() => return,
    };
    match secured {
        Ok(Ok(stream)) => serve(stream, app, place, ends).await,
        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
        Err(_) => tracing::debug!("a TLS handshake took too long"),
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, app: impl Answers, place: Place, ends: Ends) {
    let Ends { stop, hard } = ends;
    let spoken = CancellationToken::new();
    let place = Arc::new(place);
    let service = service_fn(|request: Request<Incoming>| {
        spoken.cancel();
        let in_use = place.begin();
        // On the heap, since it is large and hyper moves it about.
        let answer = Box::pin(app.clone().answer(request.map(Body::new), Arc::clone(&place)));
        debug_assert!(align_of_val(&*answer) <= ALIGNMENT);
        async move { Ok::<_, Infallible>(outgoing::holding(answer.await, in_use)) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .max_buf_size(HEAD)
        // Answers are small: to copy one behind its head takes less than to send it in two pieces.
        .writev(false)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // Once it has said something every message wakes what is waited for here, so there is no more of it than must be.
    let mute = tokio::select! {
        biased;
        ended = connection.as_mut() => Some(ended),
        () = spoken.cancelled() => None,
        () = stop.cancelled() => None,
        () = place.evicted.cancelled() => return,
        () = tokio::time::sleep(FIRST_HEAD) => return,
    };
    let mut cut = &hard;
    let ended = if mute.is_some() {
        mute
    } else {
        tokio::select! {
            biased;
            ended = connection.as_mut() => Some(ended),
            () = place.evicted.cancelled() => {
                if !place.has_known_caller() {
                    return;
                }
                // A request that has begun in this very moment is answered all the same.
                if !place.is_used() {
                    cut = &place.evicted;
                }
                None
            }
            () = stop.cancelled() => None,
        }
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            ended = connection.as_mut() => ended,
            () = cut.cancelled() => tokio::time::timeout(PARTING, connection).await.unwrap_or(Ok(())),
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
}
