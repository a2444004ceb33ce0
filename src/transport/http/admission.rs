//! Who calls, in which session, and how much at once: what is found out before rmcp sees a request.

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

use super::answers::routed;
use super::authorization::Authorization;
use super::body::{self, Room, RoomTaken};
use super::connections::{Place, ShareTaken};
use super::direct::{self, Told};
use super::held::Hold;
use super::outgoing;
use super::refusal::HttpRefusal;
use super::sessions::{Sessions, Standing, owner};
use super::settings::Limits;
use crate::call::Context;
use crate::callers::{Callers, Means, Recognised, Rejection, Tenure};
use crate::gate::Principal;
use crate::server::{Generation, Server};
use crate::transport::direct::DirectRead;
use crate::transport::message::{Envelope, ToolCall};
use crate::transport::weight::{Overweight, overweight};

/// The header that names a session of Streamable HTTP.
static SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

/// How many callers' counts are kept before those are dropped that have nothing under way.
const COUNTS: usize = 1024;

/// Lets requests in.
pub(super) struct Admission {
    server: Server,
    callers: Arc<Callers>,
    authorization: Authorization,
    sessions: Arc<Sessions>,
    room: Room,
    most_calls: usize,
    /// What each caller may still begin.
    shares: Mutex<HashMap<Arc<str>, Arc<Shares>>>,
}

/// What one caller has of what there is.
struct Shares {
    requests: Arc<Semaphore>,
    room: body::Share,
}

/// Who calls, by what was shown.
struct Introduction {
    principal: Principal,
    means: Option<Means>,
    /// How long it is good; none where everybody may call.
    tenure: Option<Tenure>,
}

/// What is known of a request before its message is read.
struct Introduced {
    principal: Principal,
    /// Under what name it counts.
    owner: Arc<str>,
    means: Option<Means>,
    /// How long a session that begins may last.
    tenure: Option<Tenure>,
    session: Option<String>,
    standing: Standing,
    shares: Arc<Shares>,
}

/// What was sent.
struct Post {
    parts: Parts,
    bytes: Bytes,
    room: RoomTaken,
}

impl Shares {
    /// Leave for one more request.
    fn request(&self) -> Result<OwnedSemaphorePermit, HttpRefusal> {
        let leave = Arc::clone(&self.requests).try_acquire_owned();
        leave.map_err(|_| HttpRefusal::TooMany { of: "calls under way", retry: 1 })
    }
}

impl Admission {
    pub(super) fn new(
        server: &Server,
        callers: Arc<Callers>,
        authorization: Authorization,
        sessions: Arc<Sessions>,
        limits: &Limits,
    ) -> Self {
        Self {
            server: server.clone(),
            callers,
            authorization,
            sessions,
            room: Room::new(),
            most_calls: limits.calls,
            shares: Mutex::default(),
        }
    }

    /// Who calls.
    async fn principal(&self, headers: &HeaderMap) -> Result<Introduction, HttpRefusal> {
        if self.callers.is_open() {
            return Ok(Introduction { principal: Principal::Anybody, means: None, tenure: None });
        }
        let mut shown = headers.get_all(AUTHORIZATION).iter();
        let recognised = match (shown.next(), shown.next()) {
            (None, _) => Err(Rejection::Missing),
            (Some(_), Some(_)) => Err(Rejection::Malformed),
            (Some(shown), None) => self.callers.recognise(shown.as_bytes()).await,
        };
        let recognised = recognised.map_err(|rejection| self.authorization.reject(rejection))?;
        let Recognised { name, grant, toolsets, means, tenure } = recognised;
        let principal = Principal::Recognised { name, grant, toolsets };
        // The file of tokens was checked when it was read; whoever is offered nothing is as good as unknown.
        match self.server.offer_to(&principal) {
            Ok(_) => Ok(Introduction { principal, means: Some(means), tenure: Some(tenure) }),
            Err(_) => Err(self.authorization.reject(Rejection::NotGood)),
        }
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

    async fn pass(&self, request: Request, place: &Place, mcp: &Router) -> Result<Response, HttpRefusal> {
        let (mut parts, body) = request.into_parts();
        let Introduction { principal, means, tenure } = self.principal(&parts.headers).await?;
        let owner = owner(&principal);
        place
            .belongs_to(&owner)
            .map_err(|ShareTaken| HttpRefusal::TooMany { of: "connections in use", retry: 1 })?;
        // Whatever the caller came with is not for anybody further down, least of all an upstream.
        parts.headers.remove(AUTHORIZATION);
        let session = session_id(&parts)?;
        let standing = match &session {
            None => Standing::Alone,
            Some(id) => self.sessions.standing(id, &owner)?,
        };
        if parts.method == Method::POST {
            let shares = self.shares(&owner);
            let (bytes, room) = self.room.read(&shares.room, &parts.headers, body).await?;
            // An access token is renewed while a session goes on; a token of the file is the caller's only one.
            let lasts = tenure.clone().filter(|_| means == Some(Means::FileToken));
            let introduced = Introduced { principal, owner, means, tenure: lasts, session, standing, shares };
            let answered = self.post(Post { parts, bytes, room }, introduced, mcp).await?;
            return Ok(outgoing::while_granted(answered, tenure));
        }
        let ends = parts.method == Method::DELETE;
        parts.extensions.insert(principal);
        let mut response = routed(mcp, Request::from_parts(parts, body)).await;
        // What rmcp refuses to end lives on.
        let ended = (ends && response.status().is_success()) || response.status() == StatusCode::NOT_FOUND;
        if let Some(id) = session
            && ended
        {
            self.sessions.end(&id);
        }
        // rmcp says that it has been accepted; some clients take that for a failure, and it has been done.
        if ends && response.status() == StatusCode::ACCEPTED {
            *response.status_mut() = StatusCode::NO_CONTENT;
        }
        Ok(outgoing::while_granted(response, tenure))
    }

    /// Lets a message in: a plain read to its answer, everything else to rmcp.
    async fn post(&self, post: Post, introduced: Introduced, mcp: &Router) -> Result<Response, HttpRefusal> {
        let Post { mut parts, bytes, room } = post;
        let Introduced { principal, owner, means, tenure, session, standing, shares } = introduced;
        let envelope = Envelope::of(&bytes);
        let call = envelope.call();
        if means == Some(Means::AccessToken)
            && let Some(call) = &call
        {
            self.check_grant(&principal, call)?;
        }
        match overweight(call.as_ref(), &bytes) {
            None => {}
            Some(Overweight::Arguments { id, generation, problem }) if parts.uri.path() == "/mcp" => {
                return direct::refused(problem, &id, generation).ok_or(HttpRefusal::TooLarge);
            }
            Some(_) => return Err(HttpRefusal::TooHeavy),
        }
        // Whatever is answered counts: a list is longer than most calls' answers.
        let held = if envelope.is_answered() { Some(Hold::new(shares.request()?, room)) } else { None };
        if parts.uri.path() == "/mcp"
            && let Some((read, told)) =
                call.and_then(|call| self.direct(&principal, standing, &parts.headers, &call))
        {
            return Ok(outgoing::holding(direct::answer(read, told).await, held));
        }
        if let Some(held) = &held {
            parts.extensions.insert(held.clone());
        }
        let begins = envelope.may_be("initialize") && session.is_none();
        let reserved = if begins { Some(self.sessions.reserve(&owner).await?) } else { None };
        if let Some(id) = &session {
            self.sessions.hears(id, &envelope);
        }
        parts.extensions.insert(principal);
        let response = routed(mcp, Request::from_parts(parts, Body::from(bytes))).await;
        let id = response.headers().get(&SESSION).and_then(|id| id.to_str().ok());
        if let (Some(reserved), Some(id)) = (reserved, id) {
            reserved.begun(id, tenure);
        }
        if let Some(id) = session
            && response.status() == StatusCode::NOT_FOUND
        {
            self.sessions.end(&id);
        }
        Ok(outgoing::holding(response, held))
    }

    /// A read that needs nothing of rmcp.
    fn direct(
        &self,
        principal: &Principal,
        standing: Standing,
        headers: &HeaderMap,
        call: &ToolCall<'_>,
    ) -> Option<(DirectRead, Option<Told>)> {
        let under_way = match standing {
            Standing::Alone => None,
            Standing::InSession(under_way) => Some(under_way?),
        };
        let call = call.plain()?;
        // In a session a stream can be taken up again where it broke, which rmcp sees to.
        if under_way.is_some() && call.progress.is_some() {
            return None;
        }
        let generation = if under_way.is_some() { Generation::Sessions } else { Generation::Alone };
        if call.generation != generation || !direct::fits(headers, &call) {
            return None;
        }
        let mut told = None;
        let notify = || {
            let (notify, other_end) = direct::told();
            told = Some(other_end);
            notify
        };
        let read = DirectRead::new(&self.server, principal.clone(), call, under_way.as_ref(), notify)?;
        Some((read, told))
    }

    /// Who can get a token with more scopes is told which; who cannot reads it in the answer.
    fn check_grant(&self, principal: &Principal, call: &ToolCall<'_>) -> Result<(), HttpRefusal> {
        let runs = call.runs();
        let tool = runs.as_deref().unwrap_or(call.name());
        let offer = self.server.offer_to(principal).ok();
        let Some(wanted) = offer.and_then(|offer| offer.offer.beyond_grant(tool)) else { return Ok(()) };
        let context = Context { trace: call.trace(), ..self.server.context(principal.clone()) };
        self.server.refuses(&context, tool);
        Err(self.authorization.step_up(wanted))
    }

    /// The answer to a request, or to whom it is not let in.
    pub(super) async fn admit(&self, request: Request, place: &Place, mcp: &Router) -> Response {
        match self.pass(request, place, mcp).await {
            Ok(response) => response,
            Err(refusal) => {
                tracing::info!(?refusal, "not admitted");
                refusal.into_response()
            }
        }
    }
}

/// The session that a request names; one at the most.
fn session_id(parts: &Parts) -> Result<Option<String>, HttpRefusal> {
    let mut named = parts.headers.get_all(&SESSION).iter();
    match (named.next(), named.next()) {
        (None, _) => Ok(None),
        (Some(id), None) => Ok(Some(id.to_str().map_err(|_| HttpRefusal::NoSession)?.to_owned())),
        (Some(_), Some(_)) => Err(HttpRefusal::NoSession),
    }
}
