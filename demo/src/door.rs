//! What happens to a request between the socket and the simulated APIs.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::ask::{Ask, File, Reply};
use super::audit::{Credentialed, FILE_HOST, Withheld, hand_out};
use super::budgets::{Budgets, Counted};
use super::clock::Clock;
use super::faults::{FaultKind, Faults};
use super::panel::Panel;
use super::secrets::Secrets;
use super::seen::{Credential, Log, Seen};
use super::tokens::{Application, Tokens};
use super::weather::Weather;
use super::world::World;
use super::{Options, multipart, scopes};

/// Which of the listeners a request came in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Vanta,
    Panel,
    /// The host of stored files.
    Files,
}

/// A request as it came off the wire.
pub(super) struct Arrival {
    pub(super) origin: Origin,
    pub(super) method: String,
    /// Still percent-encoded.
    pub(super) path: String,
    /// Still encoded, without the question mark.
    pub(super) query: String,
    pub(super) authorization: Option<String>,
    pub(super) api_key: Option<String>,
    pub(super) user_agent: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) body: Bytes,
}

impl Arrival {
    /// The query in order, decoded.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    /// The body as JSON: multipart parts become an object, no body is `Null`.
    pub(super) fn json(&self) -> Result<Value, Malformed> {
        self.content().map(|(body, _)| body)
    }

    /// The body as JSON, and the files that came in it.
    fn content(&self) -> Result<(Value, Vec<File>), Malformed> {
        if self.body.is_empty() {
            return Ok((Value::Null, Vec::new()));
        }
        if let Some(boundary) = self.content_type.as_deref().and_then(multipart::boundary) {
            return Ok(multipart::parts(&self.body, boundary));
        }
        serde_json::from_slice(&self.body).map(|body| (body, Vec::new())).map_err(|_| Malformed)
    }

    fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.authorization.as_deref()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    }

    fn entry(&self) -> Seen {
        let credential = match (&self.authorization, &self.api_key) {
            (Some(_), _) => Credential::Authorization,
            (None, Some(_)) => Credential::ApiKey,
            (None, None) => Credential::None,
        };
        Seen {
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.pairs(),
            credential,
            user_agent: self.user_agent.clone(),
            content_type: self.content_type.clone(),
            body: self.json().ok().filter(|body| !body.is_null()),
            status: None,
            at: Duration::ZERO,
            fault: None,
        }
    }
}

/// The body is not the JSON that its sender says it is.
pub(super) struct Malformed;

/// What goes back: status, further headers, body.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) content: Content,
}

pub(super) enum Content {
    None,
    /// MIME type and text.
    Text(&'static str, String),
    File(Box<File>),
    /// A JSON string of this many letters.
    Endless(u64),
    /// MIME type and content, which comes in two halves.
    Halves(String, Bytes, SecondHalf),
}

/// What becomes of the second half of a body.
#[derive(Debug, Clone, Copy)]
pub(super) enum SecondHalf {
    After(Duration),
    /// The connection is reset in its place.
    Lost,
}

/// The answer is withheld on purpose, and the connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Hangup {
    #[error("the connection is closed without an answer")]
    Closed,
    #[error("the connection is reset")]
    Reset,
}

impl Answer {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self { status, headers: Vec::new(), content: Content::Text("application/json", body.to_string()) }
    }

    pub(super) fn error(status: u16, message: &str) -> Self {
        Self::json(status, &json!({ "message": message }))
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Json(status, body) => Self::json(status, &body),
            Reply::File(file) => Self { status: 200, headers: Vec::new(), content: Content::File(file) },
            Reply::Empty(status) => Self { status, headers: Vec::new(), content: Content::None },
        }
    }
}

/// Everything of a tenant that changes while it runs.
pub(super) struct State {
    pub(super) faults: Faults,
    pub(super) weather: Option<Weather>,
    pub(super) log: Log,
    /// What came to the host of stored files.
    pub(super) downloads: Log,
    pub(super) tokens: Tokens,
    pub(super) budgets: Budgets,
    pub(super) panel: Panel,
    /// Generated when the first request needs it.
    world: Option<World>,
}

impl State {
    fn log_of(&mut self, origin: Origin) -> &mut Log {
        if origin == Origin::Files { &mut self.downloads } else { &mut self.log }
    }
}

/// The one way in, shared by all listeners.
pub(super) struct Door {
    options: Options,
    /// Where stored files are.
    files_url: String,
    clock: Clock,
    secrets: Secrets,
    state: Mutex<State>,
}

impl Door {
    pub(super) fn new(options: Options, files_url: String) -> Self {
        let secrets = Secrets::new(options.seed);
        let state = State {
            faults: Faults::default(),
            weather: None,
            log: Log::default(),
            downloads: Log::default(),
            tokens: Tokens::new(options.seed, &secrets),
            budgets: Budgets::new(options.limits),
            panel: Panel::new(options.seed, options.now, secrets.panel_token()),
            world: None,
        };
        Self { options, files_url, clock: Clock::start(options.now), secrets, state: Mutex::new(state) }
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// A test that panicked elsewhere must not take the tenant with it, so a poisoned lock is taken as it is.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one request, or says how the connection ends instead.
    pub(super) async fn receive(&self, arrival: &Arrival) -> Result<Answer, Hangup> {
        let (entry, fault) = {
            let mut state = self.state();
            let ordered = state.faults.take(arrival.origin, &arrival.method, &arrival.path);
            let fault = ordered.or_else(|| state.weather.as_mut()?.fault(arrival));
            let seen = Seen { at: self.clock.elapsed(), fault: fault.clone(), ..arrival.entry() };
            (state.log_of(arrival.origin).note(seen), fault)
        };
        let answer = self.faulted(arrival, fault).await;
        if let Ok(answer) = &answer {
            self.state().log_of(arrival.origin).answered(entry, answer.status);
        }
        answer
    }

    async fn faulted(&self, arrival: &Arrival, fault: Option<FaultKind>) -> Result<Answer, Hangup> {
        let Some(fault) = fault else { return Ok(self.answer(arrival)) };
        match fault {
            FaultKind::Dropped => Err(Hangup::Closed),
            FaultKind::Reset => Err(Hangup::Reset),
            FaultKind::DroppedAfter => {
                self.answer(arrival);
                Err(Hangup::Closed)
            }
            FaultKind::Slow(delay) => {
                tokio::time::sleep(delay).await;
                Ok(self.answer(arrival))
            }
            FaultKind::Truncated => Ok(cut(self.answer(arrival))),
            FaultKind::Broken => Ok(in_halves(self.answer(arrival), SecondHalf::Lost)),
            FaultKind::Halting(pause) => Ok(in_halves(self.answer(arrival), SecondHalf::After(pause))),
            other => Ok(other.answer(arrival.origin)),
        }
    }

    /// What the simulated product answers where nothing disturbs it.
    fn answer(&self, arrival: &Arrival) -> Answer {
        let now = self.clock.now();
        let mut state = self.state();
        match (arrival.origin, arrival.path.as_str()) {
            (Origin::Panel, _) => panel(&mut state, arrival, now),
            (Origin::Files, _) => stored_file(arrival, now),
            (Origin::Vanta, "/oauth/token") => token(&mut state, arrival, now),
            (Origin::Vanta, path) if path.starts_with("/v1/") => self.vanta(&mut state, arrival, now),
            (Origin::Vanta, _) => Answer::error(404, "There is no such endpoint"),
        }
    }

    fn vanta(&self, state: &mut State, arrival: &Arrival, now: Timestamp) -> Answer {
        let path = segments(&arrival.path);
        let api = match admitted(state, arrival, &path, now) {
            Ok(api) => api,
            Err(refusal) => return refusal,
        };
        let Ok((body, files)) = arrival.content() else {
            return Answer::error(400, "The request body is not valid JSON");
        };
        let ask = Ask { method: arrival.method.clone(), path, query: arrival.pairs(), body, files, now };
        let Options { seed, now: start, size, .. } = self.options;
        let world = state.world.get_or_insert_with(|| World::new(seed, start, size));
        let mut answer = Answer::from(world.answer(api, &ask));
        if let Content::Text(_, text) = &mut answer.content {
            *text = text.replace(FILE_HOST, &self.files_url);
        }
        answer
    }
}

/// Token, application type, budget, scope, in this order.
fn admitted(
    state: &mut State,
    arrival: &Arrival,
    path: &[String],
    now: Timestamp,
) -> Result<Application, Answer> {
    let Some(token) = arrival.bearer() else {
        return Err(Answer::error(401, "An access token is required"));
    };
    let Some((api, granted)) = state.tokens.admit(token, now) else {
        return Err(Answer::error(401, "The access token is unknown, expired or revoked"));
    };
    if api != scopes::api_of(path) {
        return Err(Answer::error(403, "This application belongs to another API"));
    }
    state.budgets.spend(&Counted::of(api, &arrival.method, path), now).map_err(too_many)?;
    scopes::permit(&arrival.method, path, &granted).map_err(|wanted| {
        let body =
            json!({ "error": "insufficient_scope", "message": format!("The scope {wanted} is missing") });
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{wanted}\"");
        Answer::json(403, &body).with("www-authenticate", challenge)
    })?;
    Ok(api)
}

fn token(state: &mut State, arrival: &Arrival, now: Timestamp) -> Answer {
    if arrival.method != "POST" {
        return Answer::error(405, "Tokens are asked for with POST");
    }
    if let Err(wait) = state.budgets.spend(&Counted::Token, now) {
        return too_many(wait);
    }
    state.tokens.issue(&arrival.json().unwrap_or_default(), now).into()
}

fn stored_file(arrival: &Arrival, now: Timestamp) -> Answer {
    let ask = Ask {
        method: arrival.method.clone(),
        path: segments(&arrival.path),
        query: arrival.pairs(),
        body: Value::Null,
        files: Vec::new(),
        now,
    };
    let is_credentialed = arrival.authorization.is_some() || arrival.api_key.is_some();
    match hand_out(&ask, if is_credentialed { Credentialed::Yes } else { Credentialed::No }) {
        Ok(file) => Answer { status: 200, headers: Vec::new(), content: Content::File(Box::new(file)) },
        Err(Withheld { status, code, message }) => {
            let page = format!(
                "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            );
            Answer { status, headers: Vec::new(), content: Content::Text("application/xml", page) }
        }
    }
}

fn panel(state: &mut State, arrival: &Arrival, now: Timestamp) -> Answer {
    let token = arrival.bearer().or(arrival.api_key.as_deref()).map(str::to_owned);
    let body = arrival.json();
    let ask = Ask {
        method: arrival.method.clone(),
        path: segments(&arrival.path),
        query: arrival.pairs(),
        body: body.unwrap_or(Value::String(String::new())),
        files: Vec::new(),
        now,
    };
    state.panel.answer(token.as_deref(), &ask).into()
}

fn too_many(wait: Duration) -> Answer {
    Answer::error(429, "Too many requests in this minute")
        .with("retry-after", wait.as_secs().max(1).to_string())
}

/// The same answer, its JSON cut in the middle; the length is that of what is left.
fn cut(mut answer: Answer) -> Answer {
    answer.content = match answer.content {
        Content::Text(mime, text) => {
            Content::Text(mime, text.chars().take(text.chars().count() / 2).collect())
        }
        Content::File(mut file) => {
            file.content = file.content.slice(..file.content.len() / 2);
            Content::File(file)
        }
        other => other,
    };
    answer
}

/// The same answer, its text in two halves.
fn in_halves(mut answer: Answer, second: SecondHalf) -> Answer {
    answer.content = match answer.content {
        Content::Text(mime, text) => Content::Halves(mime.to_owned(), text.into(), second),
        Content::File(file) => Content::Halves(file.mime, file.content, second),
        other => other,
    };
    answer
}

/// The path split at slashes, each part percent-decoded on its own, so that `%2F` stays inside an id.
fn segments(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(decoded).collect()
}

fn decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        let ahead = rest.clone();
        let hex: String = ahead.take(2).map(char::from).collect();
        match u8::from_str_radix(&hex, 16) {
            Ok(value) if byte == b'%' && hex.len() == 2 => {
                bytes.push(value);
                rest.by_ref().take(2).for_each(drop);
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod checks {
    use super::*;

    #[test]
    fn an_encoded_slash_stays_inside_its_segment() {
        assert_eq!(segments("/v1/tests/a%2Fb%20c/entities"), ["v1", "tests", "a/b c", "entities"]);
        assert_eq!(segments("/v1/100%"), ["v1", "100%"]);
    }
}
