//! HTTP with SSE as of protocol 2024-11-05: `GET /sse` opens a stream, whose first event says where to post.
//!
//! rmcp does not have this transport. A session lives as long as its stream.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{FromRequestParts as _, Query, Request, State as Shared};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::stream;
use rmcp::model::{ClientJsonRpcMessage, GetExtensions as _, JsonRpcMessage};
use rmcp::service::{RoleServer, RxJsonRpcMessage, TxJsonRpcMessage, serve_server_with_ct};
use rmcp::transport::Transport;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::bounds::KEEP_ALIVE;
use super::held::Hold;
use super::refusal::HttpRefusal;
use super::sessions::{Reserved, Sessions, owner};
use super::unread::Unread;
use crate::gate::Principal;
use crate::server::{Server, Worded};
use crate::transport::malformed::MalformedMessage;
use crate::transport::message::Envelope;
use crate::transport::quoted::with_object_arguments;

/// How many messages may wait in each direction.
const WAITING: usize = 64;

/// What the two endpoints share.
#[derive(Clone)]
pub(super) struct State {
    server: Server,
    sessions: Arc<Sessions>,
    open: Arc<Mutex<HashMap<String, Open>>>,
    hard: CancellationToken,
    /// How long a caller may say nothing.
    idle: Duration,
}

/// A session by what is needed to post to it.
struct Open {
    owner: Arc<str>,
    incoming: mpsc::Sender<ClientJsonRpcMessage>,
    unread: Unread,
}

impl State {
    pub(super) fn new(
        server: Server,
        sessions: Arc<Sessions>,
        hard: CancellationToken,
        idle: Duration,
    ) -> Self {
        Self { server, sessions, open: Arc::default(), hard, idle }
    }

    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<String, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes a session when its stream is dropped.
struct Ending {
    state: State,
    id: String,
    _reserved: Reserved,
    _stop: DropGuard,
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.state.open().remove(&self.id);
    }
}

/// `GET /sse`: begins a session.
pub(super) async fn open(
    Shared(state): Shared<State>,
    Extension(principal): Extension<Principal>,
) -> Result<Response, HttpRefusal> {
    let owner = owner(&principal);
    let reserved = state.sessions.reserve(&owner).await?;
    let id = fresh_id().ok_or(HttpRefusal::Full { of: "random numbers", retry: 5 })?;
    let (incoming, received) = mpsc::channel(WAITING);
    let (sent, outgoing) = mpsc::channel(WAITING);
    let unread = Unread::new();
    state.open().insert(id.clone(), Open { owner, incoming, unread: unread.clone() });
    let stop = state.hard.child_token();
    let transport = Pipe { received, sent, unread: unread.clone() };
    let (server, ended) = (Worded(state.server.for_session()), stop.clone());
    tokio::spawn(async move {
        if let Ok(session) = serve_server_with_ct(server, transport, ended).await {
            let _ = session.waiting().await;
        }
    });
    let endpoint = Event::default().event("endpoint").data(format!("/messages?sessionId={id}"));
    let idle = state.idle;
    let ending = Ending { state, id, _reserved: reserved, _stop: stop.clone().drop_guard() };
    let stream = Stream { first: Some(endpoint), outgoing, unread, idle, stop, _ending: ending };
    let events = stream::unfold(stream, next_event);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

/// What a caller reads.
struct Stream {
    first: Option<Event>,
    outgoing: mpsc::Receiver<TxJsonRpcMessage<RoleServer>>,
    unread: Unread,
    idle: Duration,
    stop: CancellationToken,
    _ending: Ending,
}

/// Returns once the caller has said nothing for too long.
async fn idles(unread: Unread, most: Duration) {
    loop {
        let left = most.saturating_sub(unread.heard().elapsed());
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left).await;
    }
}

async fn next_event(mut stream: Stream) -> Option<(Result<Event, Infallible>, Stream)> {
    if let Some(first) = stream.first.take() {
        return Some((Ok(first), stream));
    }
    let message = tokio::select! {
        biased;
        message = stream.outgoing.recv() => message?,
        () = stream.stop.cancelled() => return None,
        () = idles(stream.unread.clone(), stream.idle) => return None,
    };
    stream.unread.taken(&message);
    // A message of ours can always be written as JSON.
    let event = Event::default().event("message").json_data(&message).unwrap_or_default();
    Some((Ok(event), stream))
}

/// The query of `POST /messages`.
#[derive(Deserialize)]
struct Addressed {
    #[serde(rename = "sessionId")]
    session: String,
}

/// `POST /messages`: one message of a session. What comes of it goes out on the stream.
pub(super) async fn message(
    Shared(state): Shared<State>,
    request: Request,
) -> Result<StatusCode, HttpRefusal> {
    let (mut parts, body) = request.into_parts();
    let Query(Addressed { session }) =
        Query::from_request_parts(&mut parts, &()).await.map_err(|_| HttpRefusal::NoSession)?;
    let owner = parts.extensions.get::<Principal>().map(owner);
    let (incoming, unread) = state
        .open()
        .get(&session)
        .filter(|open| Some(&open.owner) == owner.as_ref())
        .map(|open| (open.incoming.clone(), open.unread.clone()))
        .ok_or(HttpRefusal::NoSession)?;
    let held = parts.extensions.get::<Hold>().cloned();
    let bytes = axum::body::to_bytes(body, super::bounds::MOST).await.map_err(|_| HttpRefusal::TooLarge)?;
    let message = parse(&bytes, parts)?;
    let place = match incoming.try_reserve() {
        Ok(place) => place,
        Err(mpsc::error::TrySendError::Full(())) => {
            return Err(HttpRefusal::TooMany { of: "messages waiting", retry: 1 });
        }
        Err(mpsc::error::TrySendError::Closed(())) => return Err(HttpRefusal::NoSession),
    };
    unread.hears(&message, held);
    place.send(message);
    Ok(StatusCode::ACCEPTED)
}

/// Reads a message and puts the request that it came with beside it, as rmcp's own transport does.
fn parse(bytes: &Bytes, parts: Parts) -> Result<ClientJsonRpcMessage, HttpRefusal> {
    // What is wrong with a message by its members has been found before.
    let read = serde_json::from_slice::<ClientJsonRpcMessage>(&with_object_arguments(bytes));
    let mut message =
        read.map_err(|_| HttpRefusal::NoMessage(MalformedMessage::other(bytes, &Envelope::of(bytes))))?;
    match &mut message {
        JsonRpcMessage::Request(request) => {
            request.request.extensions_mut().insert(parts);
        }
        JsonRpcMessage::Notification(notification) => {
            notification.notification.extensions_mut().insert(parts);
        }
        _ => {}
    }
    Ok(message)
}

/// 128 random bits: who can guess another's session still has to be its owner.
fn fresh_id() -> Option<String> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).ok()?;
    Some(u128::from_be_bytes(random)).map(|id| format!("{id:032x}"))
}

/// rmcp's side of a session.
struct Pipe {
    received: mpsc::Receiver<ClientJsonRpcMessage>,
    sent: mpsc::Sender<TxJsonRpcMessage<RoleServer>>,
    unread: Unread,
}

impl Transport<RoleServer> for Pipe {
    type Error = mpsc::error::SendError<TxJsonRpcMessage<RoleServer>>;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.unread.sends();
        let sent = self.sent.clone();
        async move { sent.send(message).await }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        self.received.recv().await
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.received.close();
        Ok(())
    }
}
