//! Who calls, in which session, and how much at once: what is found out before rmcp sees a request.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{ACCEPT, AUTHORIZATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use rmcp::model::RequestId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::accept;
use super::answers::routed;
use super::authorization::Authorization;
use super::body::{self, Room, RoomTaken};
use super::checks::{self, SESSION};
use super::connections::{Place, ShareTaken};
use super::direct::{self, Told};
use super::held::Hold;
use super::outgoing;
use super::refusal::{self, HttpRefusal};
use super::sessions::{Sessions, Standing, owner};
use super::settings::Limits;
use super::shape::{AnswerForm, shaped, unprimed};
use super::wording::worded;
use crate::call::Context;
use crate::callers::{Callers, Means, Recognised, Rejection, Tenure};
use crate::gate::Principal;
use crate::server::{Generation, Server, Unasked};
use crate::transport::direct::DirectRead;
use crate::transport::malformed::MalformedMessage;
use crate::transport::message::{Envelope, ToolCall, without_mark};
use crate::transport::quoted::with_object_arguments;
use crate::transport::weight::{Overweight, overweight};

/// Where Streamable HTTP is.
const MCP: &str = "/mcp";

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
    /// How long what was shown is good; none where everybody may call.
    tenure: Option<Tenure>,
    session: Result<Option<String>, HttpRefusal>,
    shares: Arc<Shares>,
}

/// What was sent.
struct Post {
    parts: Parts,
    bytes: Bytes,
    room: RoomTaken,
}

/// A message that may go on, with what is known of its sender.
struct Admitted {
    parts: Parts,
    bytes: Bytes,
    form: AnswerForm,
    owner: Arc<str>,
    means: Option<Means>,
    tenure: Option<Tenure>,
    session: Option<String>,
    held: Option<Hold>,
}

impl Shares {
    /// Leave for one more request.
    fn request(&self) -> Result<OwnedSemaphorePermit, HttpRefusal> {
        let leave = Arc::clone(&self.requests).try_acquire_owned();
        leave.map_err(|_| HttpRefusal::TooMany { of: "calls in progress", retry: 1 })
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
        let session = session_id(&parts);
        if parts.method == Method::POST {
            let shares = self.shares(&owner);
            let (bytes, room) = self.room.read(&shares.room, &parts.headers, body).await?;
            let introduced = Introduced { principal, owner, means, tenure, session, shares };
            return Ok(self.post(Post { parts, bytes, room }, introduced, mcp).await);
        }
        let session = session?;
        self.standing(session.as_deref(), &owner)?;
        if parts.uri.path() == MCP {
            checks::of_session(&parts.method, &parts.headers)?;
            parts.headers.insert(ACCEPT, accept::BOTH);
        }
        let ends = parts.method == Method::DELETE;
        let primed = checks::knows_priming(&parts.headers, None);
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
        let response = if primed { response } else { unprimed(response) };
        Ok(outgoing::while_granted(response, tenure))
    }

    /// What the request is part of.
    fn standing(&self, session: Option<&str>, owner: &str) -> Result<Standing, HttpRefusal> {
        session.map_or(Ok(Standing::Alone), |id| self.sessions.standing(id, owner))
    }

    /// Lets a message in; the refusal of one has its name.
    async fn post(&self, mut post: Post, introduced: Introduced, mcp: &Router) -> Response {
        post.bytes = post.bytes.slice_ref(without_mark(&post.bytes));
        if let Cow::Owned(read) = with_object_arguments(&post.bytes) {
            post.bytes = read.into();
        }
        let bytes = post.bytes.clone();
        let envelope = Envelope::of(&bytes);
        match self.lead(post, &envelope, introduced, mcp).await {
            // The usual answer has its name, and is no refusal.
            Ok(response) if response.status().is_success() => response,
            Ok(response) => refusal::named(response, envelope.id().as_ref()).await,
            Err(refusal) => refused(refusal, envelope.id().as_ref()),
        }
    }

    /// Leads a message to what answers it: a plain read to its answer, everything else to rmcp.
    async fn lead(
        &self,
        post: Post,
        envelope: &Envelope<'_>,
        introduced: Introduced,
        mcp: &Router,
    ) -> Result<Response, HttpRefusal> {
        let Post { mut parts, bytes, room } = post;
        let Introduced { principal, owner, means, tenure, session, shares } = introduced;
        let session = session?;
        let standing = self.standing(session.as_deref(), &owner)?;
        let call = envelope.call();
        if means == Some(Means::AccessToken)
            && let Some(call) = &call
        {
            self.check_grant(&principal, call)?;
        }
        let is_mcp = parts.uri.path() == MCP;
        let mut form = AnswerForm::Either;
        if is_mcp {
            form = AnswerForm::of(&parts.headers, envelope)?;
            checks::of_post(&parts.headers)?;
            parts.headers.insert(ACCEPT, accept::BOTH);
        }
        match overweight(call.as_ref(), &bytes) {
            None => {}
            Some(Overweight::Arguments { id, generation, problem }) if is_mcp => {
                let refused = direct::refused(problem, &id, generation).ok_or(HttpRefusal::TooLarge)?;
                return shaped(refused, form).await;
            }
            Some(_) => return Err(HttpRefusal::TooHeavy),
        }
        if let Some(malformed) = MalformedMessage::of(&bytes, envelope) {
            return Err(HttpRefusal::NoMessage(malformed));
        }
        if is_mcp {
            checks::of_message(&mut parts.headers, envelope).map_err(|refusal| {
                // What cannot be read is told as that, whatever else would be said of what is read of it.
                MalformedMessage::unreadable(&bytes, envelope).map_or(refusal, HttpRefusal::NoMessage)
            })?;
        }
        // Whatever is answered counts: a list is longer than most calls' answers.
        let held = if envelope.is_answered() { Some(Hold::new(shares.request()?, room)) } else { None };
        if is_mcp
            && let Some((read, told)) =
                call.and_then(|call| self.direct(&principal, standing, &parts.headers, &call))
        {
            let answered = outgoing::while_granted(direct::answer(read, told).await, tenure);
            return Ok(outgoing::holding(shaped(answered, form).await?, held));
        }
        parts.extensions.insert(principal);
        let admitted = Admitted { parts, bytes, form, owner, means, tenure, session, held };
        self.pass_on(admitted, envelope, mcp).await
    }

    /// Hands a message to rmcp, or to the older transport.
    async fn pass_on(
        &self,
        admitted: Admitted,
        envelope: &Envelope<'_>,
        mcp: &Router,
    ) -> Result<Response, HttpRefusal> {
        let Admitted { mut parts, bytes, form, owner, means, tenure, session, held } = admitted;
        let is_mcp = parts.uri.path() == MCP;
        if let Some(held) = &held {
            parts.extensions.insert(held.clone());
        }
        if form == AnswerForm::Json {
            parts.extensions.insert(Unasked);
        }
        let begins = envelope.may_be("initialize") && session.is_none();
        let reserved = if begins { Some(self.sessions.reserve(&owner).await?) } else { None };
        if let Some(id) = &session {
            self.sessions.hears(id, envelope);
        }
        let primed = checks::knows_priming(&parts.headers, Some(envelope));
        let generation = if session.is_some() { Generation::Sessions } else { Generation::Alone };
        let response = routed(mcp, Request::from_parts(parts, Body::from(bytes.clone()))).await;
        let id = response.headers().get(&SESSION).and_then(|id| id.to_str().ok());
        if let (Some(reserved), Some(id)) = (reserved, id) {
            // An access token is renewed while a session goes on; a token of the file is the caller's only one.
            reserved.begun(id, tenure.clone().filter(|_| means == Some(Means::FileToken)));
        }
        if let Some(id) = session
            && response.status() == StatusCode::NOT_FOUND
        {
            self.sessions.end(&id);
        }
        // It is said to be JSON and is a message by its members, and yet rmcp cannot read it as one.
        if is_mcp && response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            return Err(HttpRefusal::NoMessage(MalformedMessage::other(&bytes, envelope)));
        }
        let response = if primed { response } else { unprimed(response) };
        let response = if is_mcp { worded(response, envelope.method(), generation).await } else { response };
        let response = shaped(outgoing::while_granted(response, tenure), form).await?;
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
            Err(refusal) => refused(refusal, None),
        }
    }
}

fn refused(refusal: HttpRefusal, id: Option<&RequestId>) -> Response {
    tracing::info!(?refusal, "not admitted");
    refusal.answering(id)
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
