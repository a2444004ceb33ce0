//! Who calls, in which session, and how much at once: what is found out before rmcp sees a request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::authorization::Authorization;
use super::body::{Place, Room};
use super::direct;
use super::messages::Envelope;
use super::refusal::Refusal;
use super::sessions::Sessions;
use super::settings::Limits;
use crate::callers::{Callers, Means, Recognised, Rejection};
use crate::gate::Grant;
use crate::server::{Offer, Principal, Server};

/// The header that names a session of Streamable HTTP.
const SESSION: &str = "mcp-session-id";

/// Everybody, where callers are not told apart.
const ANYBODY: &str = "anybody";

/// How many kinds of callers are kept ready.
const KINDS: usize = 256;

/// How many callers' counts are kept before those are dropped that have nothing under way.
const COUNTS: usize = 1024;

/// Lets requests in.
pub(super) struct Admission {
    server: Server,
    callers: Callers,
    authorization: Authorization,
    sessions: Arc<Sessions>,
    room: Room,
    most_calls: usize,
    anybody: Principal,
    /// What those are offered who were granted the same.
    offers: Mutex<HashMap<Kind, Arc<Offer>>>,
    /// The calls that each caller may still begin.
    calls: Mutex<HashMap<Arc<str>, Arc<Semaphore>>>,
}

/// Callers of one kind are offered the same: those who were granted as much, in the same toolsets.
type Kind = (Grant, Arc<[String]>);

/// What a request holds until its call has ended, wherever that goes on.
#[derive(Clone)]
struct Held {
    _call: Arc<OwnedSemaphorePermit>,
    _message: Arc<Place>,
}

impl Admission {
    pub(super) fn new(
        server: &Server,
        callers: Callers,
        authorization: Authorization,
        sessions: Arc<Sessions>,
        limits: &Limits,
    ) -> Self {
        let anybody = Principal::new(Arc::from(ANYBODY), Arc::clone(server.offer()));
        Self {
            server: server.clone(),
            callers,
            authorization,
            sessions,
            room: Room::new(),
            most_calls: limits.calls,
            anybody,
            offers: Mutex::default(),
            calls: Mutex::default(),
        }
    }

    /// Who calls.
    async fn principal(&self, headers: &HeaderMap) -> Result<(Principal, Option<Means>), Refusal> {
        if self.callers.is_open() {
            return Ok((self.anybody.clone(), None));
        }
        let mut shown = headers.get_all(AUTHORIZATION).iter();
        let recognised = match (shown.next(), shown.next()) {
            (None, _) => Err(Rejection::Missing),
            (Some(_), Some(_)) => Err(Rejection::Malformed),
            (Some(shown), None) => self.callers.recognise(shown.as_bytes()).await,
        };
        let recognised = recognised.map_err(|rejection| self.authorization.reject(rejection))?;
        let offer = self.offer(&recognised)?;
        Ok((Principal::new(recognised.name, offer), Some(recognised.means)))
    }

    fn offer(&self, recognised: &Recognised) -> Result<Arc<Offer>, Refusal> {
        let mut offers = self.offers.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = (recognised.grant, Arc::clone(&recognised.toolsets));
        if let Some(offer) = offers.get(&kind) {
            return Ok(Arc::clone(offer));
        }
        let made = self.server.offer_to(recognised.grant, &recognised.toolsets);
        // The file of tokens was checked when it was read.
        let made = Arc::new(made.map_err(|_| self.authorization.reject(Rejection::NotGood))?);
        if offers.len() >= KINDS {
            offers.clear();
        }
        offers.insert(kind, Arc::clone(&made));
        Ok(made)
    }

    /// Leave for one more call of a caller.
    fn call(&self, name: &Arc<str>) -> Result<OwnedSemaphorePermit, Refusal> {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.len() >= COUNTS {
            calls.retain(|_, count| Arc::strong_count(count) > 1);
        }
        let count =
            calls.entry(Arc::clone(name)).or_insert_with(|| Arc::new(Semaphore::new(self.most_calls)));
        let leave = Arc::clone(count).try_acquire_owned();
        leave.map_err(|_| Refusal::TooMany { of: "calls under way", retry: 1 })
    }

    async fn pass(&self, request: Request, next: Next) -> Result<Response, Refusal> {
        let (mut parts, body) = request.into_parts();
        let (principal, means) = self.principal(&parts.headers).await?;
        // Whatever the caller came with is not for anybody further down, least of all an upstream.
        parts.headers.remove(AUTHORIZATION);
        let owner = Arc::clone(principal.name());
        let offer = Arc::clone(principal.offer());
        parts.extensions.insert(principal.clone());
        let session = session_id(&parts)?;
        if let Some(id) = &session
            && !self.sessions.belongs(id, &owner)
        {
            return Err(Refusal::NoSession);
        }
        if parts.method != Method::POST {
            let ends = parts.method == Method::DELETE;
            let mut response = next.run(Request::from_parts(parts, body)).await;
            if let Some(id) = session
                && (ends || response.status() == StatusCode::NOT_FOUND)
            {
                self.sessions.end(&id);
            }
            // rmcp says that it has been accepted; some clients take that for a failure, and it has been done.
            if ends && response.status() == StatusCode::ACCEPTED {
                *response.status_mut() = StatusCode::NO_CONTENT;
            }
            return Ok(response);
        }
        let (bytes, place) = self.room.read(&parts.headers, body).await?;
        let envelope = Envelope::of(&bytes);
        // Who can get a token with more scopes is told which; who cannot reads it in the answer.
        if means == Some(Means::AccessToken)
            && let Some((tool, run)) = envelope.tool()
            && let Some(wanted) = offer.beyond_grant(run.as_deref().unwrap_or(&tool))
        {
            return Err(self.authorization.step_up(wanted));
        }
        let begins = envelope.is_initialize() && session.is_none();
        let call = if envelope.is_call() { Some(self.call(&owner)?) } else { None };
        if session.is_none() && call.is_some() {
            let head = (parts.uri.path(), &parts.headers);
            if let Some(answer) = direct::answer(&self.server, &principal, head, &bytes).await {
                return Ok(answer);
            }
        }
        if let Some(call) = call {
            let held = Held { _call: Arc::new(call), _message: Arc::new(place) };
            parts.extensions.insert(held);
        }
        let reserved = if begins { Some(self.sessions.reserve(&owner).await?) } else { None };
        let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
        let id = response.headers().get(SESSION).and_then(|id| id.to_str().ok());
        if let (Some(reserved), Some(id)) = (reserved, id) {
            reserved.begun(id);
        }
        if let Some(id) = session
            && response.status() == StatusCode::NOT_FOUND
        {
            self.sessions.end(&id);
        }
        Ok(response)
    }
}

/// The session that a request names; one at the most.
fn session_id(parts: &Parts) -> Result<Option<String>, Refusal> {
    let mut named = parts.headers.get_all(SESSION).iter();
    match (named.next(), named.next()) {
        (None, _) => Ok(None),
        (Some(id), None) => Ok(Some(id.to_str().map_err(|_| Refusal::NoSession)?.to_owned())),
        (Some(_), Some(_)) => Err(Refusal::NoSession),
    }
}

/// The middleware before every route of MCP.
pub(super) async fn admit(State(admission): State<Arc<Admission>>, request: Request, next: Next) -> Response {
    match admission.pass(request, next).await {
        Ok(response) => response,
        Err(refusal) => {
            tracing::info!(?refusal, "not admitted");
            refusal.into_response()
        }
    }
}
