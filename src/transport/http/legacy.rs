//! HTTP with SSE as of protocol 2024-11-05: `GET /sse` opens a stream, whose first event says where to post.
//!
//! rmcp does not have this transport. A session lives as long as its stream.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

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

use super::KEEP_ALIVE;
use super::refusal::Refusal;
use super::sessions::{Reserved, Sessions};
use crate::server::{Principal, Server};

/// How many messages may wait in each direction.
const WAITING: usize = 64;

/// What the two endpoints share.
#[derive(Clone)]
pub(super) struct State {
    server: Server,
    sessions: Arc<Sessions>,
    open: Arc<Mutex<HashMap<String, Open>>>,
    hard: CancellationToken,
}

/// A session by what is needed to post to it.
struct Open {
    owner: Arc<str>,
    incoming: mpsc::Sender<ClientJsonRpcMessage>,
}

impl State {
    pub(super) fn new(server: Server, sessions: Arc<Sessions>, hard: CancellationToken) -> Self {
        Self { server, sessions, open: Arc::default(), hard }
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
) -> Result<Response, Refusal> {
    let owner = Arc::clone(principal.name());
    let reserved = state.sessions.reserve(&owner).await?;
    let id = fresh_id().ok_or(Refusal::Full { of: "random numbers", retry: 5 })?;
    let (incoming, received) = mpsc::channel(WAITING);
    let (sent, outgoing) = mpsc::channel(WAITING);
    state.open().insert(id.clone(), Open { owner, incoming });
    let stop = state.hard.child_token();
    let transport = Pipe { received, sent };
    let (server, ended) = (state.server.for_session(), stop.clone());
    tokio::spawn(async move {
        if let Ok(session) = serve_server_with_ct(server, transport, ended).await {
            let _ = session.waiting().await;
        }
    });
    let endpoint = Event::default().event("endpoint").data(format!("/messages?sessionId={id}"));
    let ending = Ending { state, id, _reserved: reserved, _stop: stop.clone().drop_guard() };
    let events = stream::unfold((Some(endpoint), outgoing, stop, ending), next_event);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

type Stream = (Option<Event>, mpsc::Receiver<TxJsonRpcMessage<RoleServer>>, CancellationToken, Ending);

async fn next_event(mut stream: Stream) -> Option<(Result<Event, Infallible>, Stream)> {
    if let Some(first) = stream.0.take() {
        return Some((Ok(first), stream));
    }
    let message = tokio::select! {
        biased;
        message = stream.1.recv() => message?,
        () = stream.2.cancelled() => return None,
    };
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
pub(super) async fn message(Shared(state): Shared<State>, request: Request) -> Result<StatusCode, Refusal> {
    let (mut parts, body) = request.into_parts();
    let Query(Addressed { session }) =
        Query::from_request_parts(&mut parts, &()).await.map_err(|_| Refusal::NoSession)?;
    let owner = parts.extensions.get::<Principal>().map(|principal| Arc::clone(principal.name()));
    let incoming = state
        .open()
        .get(&session)
        .filter(|open| Some(&open.owner) == owner.as_ref())
        .map(|open| open.incoming.clone())
        .ok_or(Refusal::NoSession)?;
    let bytes = axum::body::to_bytes(body, super::body::MOST).await.map_err(|_| Refusal::TooLarge)?;
    let message = parse(&bytes, parts)?;
    match incoming.try_send(message) {
        Ok(()) => Ok(StatusCode::ACCEPTED),
        Err(mpsc::error::TrySendError::Full(_)) => Err(Refusal::TooMany { of: "messages waiting", retry: 1 }),
        Err(mpsc::error::TrySendError::Closed(_)) => Err(Refusal::NoSession),
    }
}

/// Reads a message and puts the request that it came with beside it, as rmcp's own transport does.
fn parse(bytes: &Bytes, parts: Parts) -> Result<ClientJsonRpcMessage, Refusal> {
    let mut message: ClientJsonRpcMessage = serde_json::from_slice(bytes)
        .map_err(|error| Refusal::NoMessage { problem: format!("this is no JSON-RPC message: {error}") })?;
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
}

impl Transport<RoleServer> for Pipe {
    type Error = mpsc::error::SendError<TxJsonRpcMessage<RoleServer>>;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
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
