//! Connections: accepted, given time limits, and closed.

use std::convert::Infallible;
use std::iter;
use std::net::SocketAddr;
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

/// How long a connection that has said nothing may still begin a request once the server is to stop: what was sent before may
/// not have been read yet.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// The most connections that are taken once the server is to stop, as many as the system keeps waiting.
const MOST_PENDING: usize = 4096;

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

/// Accepts until it is told to stop, and then what clients have connected by that moment: they may have sent a call, and
/// could not tell whether it was carried out. Answers the connections that are still open.
pub(super) async fn accept(
    listener: TcpListener,
    app: impl Answers,
    connections: Arc<Connections>,
    tls: Option<Tls>,
    ends: Ends,
) -> TaskTracker {
    let stop = ends.stop.clone();
    let taking = Taking { app, connections, tls, ends, open: TaskTracker::new() };
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, from)) => taking.take(stream, from),
            Err(error) => {
                // Out of file descriptors, most likely: others have to close first.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    // Asked of the system itself: the runtime may not have heard of them yet.
    if let Ok(listener) = listener.into_std() {
        for (stream, from) in iter::from_fn(|| listener.accept().ok()).take(MOST_PENDING) {
            if let Ok(stream) = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream)) {
                taking.take(stream, from);
            }
        }
    }
    taking.open
}

/// What becomes of accepted connections.
struct Taking<A> {
    app: A,
    connections: Arc<Connections>,
    tls: Option<Tls>,
    ends: Ends,
    open: TaskTracker,
}

impl<A: Answers> Taking<A> {
    fn take(&self, stream: TcpStream, from: SocketAddr) {
        let Some(place) = self.connections.admit(from.ip()) else {
            // Over TLS it would not be understood before a handshake, which is what there is no room for.
            if self.tls.is_none() {
                self.open.spawn(turn_away(stream));
            }
            return;
        };
        // Answers are small and many: waiting to fill a packet costs 40 ms each.
        let _ = stream.set_nodelay(true);
        let acceptor = self.tls.as_ref().map(Tls::acceptor);
        self.open.spawn(begin(stream, acceptor, self.app.clone(), place, self.ends.clone()));
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
        () = silent_since(&stop) => None,
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

/// The end of the time for last words.
async fn silent_since(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(LAST_WORDS).await;
}
