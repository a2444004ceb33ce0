//! Who calls, in which session, and how much at once: what is found out before rmcp sees a request.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::authorization::Authorization;
use super::body::{self, Place, Room};
use super::connections;
use super::direct::{self, Short};
use super::front::routed;
use super::messages::{Called, Envelope};
use super::outgoing;
use super::refusal::Refusal;
use super::sessions::{Sessions, Standing};
use super::settings::Limits;
use crate::callers::{Callers, Means, Recognised, Rejection};
use crate::gate::Grant;
use crate::server::{Offer, Principal, Server};

/// The header that names a session of Streamable HTTP.
static SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

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
    /// What each caller may still begin.
    shares: Mutex<HashMap<Arc<str>, Arc<Shares>>>,
}

/// What one caller has of what there is.
struct Shares {
    requests: Arc<Semaphore>,
    room: body::Share,
}

/// Callers of one kind are offered the same: those who were granted as much, in the same toolsets.
type Kind = (Grant, Arc<[String]>);

/// What a request holds until its call has ended, wherever that goes on.
#[derive(Clone)]
pub(super) struct Held {
    _request_and_message: Arc<(OwnedSemaphorePermit, Place)>,
}

/// What is known of a request before its message is read.
struct Known {
    principal: Principal,
    means: Option<Means>,
    session: Option<String>,
    /// None where it may not go the short way.
    standing: Option<Standing>,
    shares: Arc<Shares>,
}

impl Shares {
    /// Leave for one more request.
    fn request(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let leave = Arc::clone(&self.requests).try_acquire_owned();
        leave.map_err(|_| Refusal::TooMany { of: "calls under way", retry: 1 })
    }
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
            shares: Mutex::default(),
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

    /// What a caller may still begin.
    fn shares(&self, name: &Arc<str>) -> Arc<Shares> {
        let mut all = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= COUNTS {
            let in_use = |shares: &Arc<Shares>| {
                Arc::strong_count(shares) > 1
                    || Arc::strong_count(&shares.requests) > 1
                    || shares.room.in_use()
            };
            all.retain(|_, shares| in_use(shares));
        }
        let new = || {
            let room = if self.callers.is_open() { body::Share::whole() } else { Room::share() };
            Arc::new(Shares { requests: Arc::new(Semaphore::new(self.most_calls)), room })
        };
        Arc::clone(all.entry(Arc::clone(name)).or_insert_with(new))
    }

    async fn pass(&self, request: Request, mcp: &Router) -> Result<Response, Refusal> {
        let (mut parts, body) = request.into_parts();
        let (principal, means) = self.principal(&parts.headers).await?;
        if let Some(place) = parts.extensions.remove::<Arc<connections::Place>>() {
            place.is_known();
        }
        // Whatever the caller came with is not for anybody further down, least of all an upstream.
        parts.headers.remove(AUTHORIZATION);
        let session = session_id(&parts)?;
        let standing = match &session {
            None => Some(Standing::Alone),
            Some(id) => self.sessions.standing(id, principal.name())?,
        };
        if parts.method == Method::POST {
            let shares = self.shares(principal.name());
            let (bytes, place) = self.room.read(&shares.room, &parts.headers, body).await?;
            let known = Known { principal, means, session, standing, shares };
            return self.post((parts, bytes, place), known, mcp).await;
        }
        let ends = parts.method == Method::DELETE;
        parts.extensions.insert(principal);
        let mut response = routed(mcp, Request::from_parts(parts, body)).await;
        if let Some(id) = session
            && (ends || response.status() == StatusCode::NOT_FOUND)
        {
            self.sessions.end(&id);
        }
        // rmcp says that it has been accepted; some clients take that for a failure, and it has been done.
        if ends && response.status() == StatusCode::ACCEPTED {
            *response.status_mut() = StatusCode::NO_CONTENT;
        }
        Ok(response)
    }

    /// Lets a message in: a call that only reads to its answer, everything else to rmcp.
    async fn post(
        &self,
        (mut parts, bytes, place): (Parts, Bytes, Place),
        Known { principal, means, session, standing, shares }: Known,
        mcp: &Router,
    ) -> Result<Response, Refusal> {
        let standing = standing.filter(|_| parts.uri.path() == "/mcp");
        let short = standing.as_ref().and_then(|standing| Short::of(standing, &parts.headers, &bytes));
        let envelope = short.is_none().then(|| Envelope::of(&bytes));
        if means == Some(Means::AccessToken) {
            let tool = match (&short, &envelope) {
                (Some(short), _) => Some((Cow::Borrowed(short.name), short.runs().map(Cow::Borrowed))),
                (None, envelope) => envelope.as_ref().and_then(Envelope::tool),
            };
            self.check_grant(&principal, tool, envelope.as_ref())?;
        }
        // Whatever is answered counts: a list is longer than most calls' answers.
        let answered = envelope.as_ref().is_none_or(Envelope::is_answered);
        let held = if answered { Some((shares.request()?, place)) } else { None };
        if let Some(short) = short
            && let Some(way) = standing.and_then(|standing| standing.place(&short.id))
            && let Some(reading) = self.server.reading(&principal, short.name, short.arguments)
        {
            let answer = direct::answer(short.id, reading, way).await;
            return Ok(outgoing::holding(answer, held));
        }
        let held = held.map(|held| Held { _request_and_message: Arc::new(held) });
        if let Some(held) = &held {
            parts.extensions.insert(held.clone());
        }
        let envelope = envelope.unwrap_or_else(|| Envelope::of(&bytes));
        let begins = envelope.is_initialize() && session.is_none();
        let reserved = if begins { Some(self.sessions.reserve(principal.name()).await?) } else { None };
        if let Some(id) = &session {
            self.sessions.hears(id, &envelope);
        }
        parts.extensions.insert(principal);
        let response = routed(mcp, Request::from_parts(parts, Body::from(bytes))).await;
        let id = response.headers().get(&SESSION).and_then(|id| id.to_str().ok());
        if let (Some(reserved), Some(id)) = (reserved, id) {
            reserved.begun(id);
        }
        if let Some(id) = session
            && response.status() == StatusCode::NOT_FOUND
        {
            self.sessions.end(&id);
        }
        Ok(outgoing::holding(response, held))
    }

    /// Who can get a token with more scopes is told which; who cannot reads it in the answer.
    fn check_grant(
        &self,
        principal: &Principal,
        tool: Option<Called<'_>>,
        message: Option<&Envelope<'_>>,
    ) -> Result<(), Refusal> {
        let Some((tool, run)) = tool else { return Ok(()) };
        let tool = run.as_deref().unwrap_or(&tool);
        let Some(wanted) = principal.offer().beyond_grant(tool) else { return Ok(()) };
        self.server.refuses(principal, tool, &message.map(Envelope::meta).unwrap_or_default());
        Err(self.authorization.step_up(wanted))
    }

    /// The answer to a request, or to whom it is not let in.
    pub(super) async fn admit(&self, request: Request, mcp: &Router) -> Response {
        match self.pass(request, mcp).await {
            Ok(response) => response,
            Err(refusal) => {
                tracing::info!(?refusal, "not admitted");
                refusal.into_response()
            }
        }
    }
}

/// The session that a request names; one at the most.
fn session_id(parts: &Parts) -> Result<Option<String>, Refusal> {
    let mut named = parts.headers.get_all(&SESSION).iter();
    match (named.next(), named.next()) {
        (None, _) => Ok(None),
        (Some(id), None) => Ok(Some(id.to_str().map_err(|_| Refusal::NoSession)?.to_owned())),
        (Some(_), Some(_)) => Err(Refusal::NoSession),
    }
}
