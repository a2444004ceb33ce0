//! One upstream: its address, its identity, its HTTP client, and one request over it. With `token_request` the only place that
//! names the HTTP library.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;
use url::Url;

use super::clock::UpstreamClock;
use super::download::{self, Whereabouts};
use super::error::Cause;
use super::file_error::FileCause;
use super::hidden::{Hidden, Mask};
use super::http::{Pool, address, host, method};
use super::limits::RequestLimits;
use super::line::Line;
use super::measure::Meter;
use super::network::Unconnected;
use super::patience::{Late, Patience};
use super::reads::Reads;
use super::request::{Body, Opened, Request};
use super::response::{self, Length, WholeAnswer};
use super::rivals::Rivals;
use super::sharing::SharedBudget;
use super::term::Term;
use super::token::{Asking, TokenSource};
use super::token_request::Application;
use super::upload::{self, SentChunks};
use super::upstream::{Credential, TokenHeader, Upstream};
use super::verdict::{self, Response};
use super::words::innermost;
use crate::state::kept::KeptFailure;
use crate::state::{RecordKey, RecordKind, Seal, Shared};

/// How many times longer than a call the transfer of a file may take.
const TRANSFER: u32 = 10;

pub(super) enum Identity {
    Application(Box<OwnApplication>),
    Token { name: HeaderName, value: Option<HeaderValue>, mask: Arc<Mask> },
}

/// An application: its token and its budget, which all who use it share.
pub(super) struct OwnApplication {
    pub(super) tokens: TokenSource,
    pub(super) shared: Arc<Shared>,
    pub(super) key: RecordKey,
    /// This process, as the others know it.
    pub(super) owner: String,
}

/// Where it is kept what all are told who use the same credential.
pub(super) struct SharedRecord {
    pub(super) shared: Arc<Shared>,
    pub(super) key: RecordKey,
    /// This process, as the others know it.
    pub(super) owner: String,
}

/// One upstream: its address, its identity, its HTTP client.
pub(super) struct Connection {
    pub(super) upstream: Arc<Upstream>,
    pub(super) identity: Identity,
    /// Where its requests wait for their turns.
    pub(super) line: Line,
    pub(super) meter: Meter,
    /// Host and port, for messages.
    pub(super) name: String,
    pub(super) pool: Arc<Pool>,
    pub(super) limits: Arc<RequestLimits>,
    pub(super) longest_wait: Duration,
    /// What is being read, and what was read a moment ago.
    pub(super) reads: Arc<Reads>,
    pub(super) record: SharedRecord,
    /// What time it is there.
    pub(super) clock: Arc<UpstreamClock>,
    /// What failed last here, should the record be out of reach.
    pub(super) failed: Mutex<Option<KeptFailure>>,
}

/// An answer that has begun.
pub(super) struct Begun {
    pub(super) response: reqwest::Response,
    pub(super) patience: Patience,
}

impl OwnApplication {
    fn new(application: Application, base: &Url, sharing: &SharedBudget) -> Self {
        let seal = Seal::new(base.as_str(), &application.client_id, &application.client_secret);
        let id = seal.as_ref().map(|seal| seal.application().to_owned()).unwrap_or_default();
        let key = RecordKey { kind: RecordKind::Application, id };
        let shared = Arc::clone(&sharing.shared);
        let tokens = TokenSource::new(Asking {
            application,
            shared: Arc::clone(&shared),
            key: key.clone(),
            owner: sharing.owner.clone(),
            seal,
            most: sharing.limits.tokens(),
            rivals: Rivals::default(),
        });
        Self { tokens, shared, key, owner: sharing.owner.clone() }
    }
}

impl SharedRecord {
    fn of(upstream: &Upstream, identity: &Identity, sharing: &SharedBudget) -> Self {
        let key = match identity {
            Identity::Application(own) => own.key.clone(),
            // Nothing is sealed there, so it is the same whatever the token is.
            Identity::Token { .. } => {
                let seal = Seal::new(upstream.base.as_str(), "a token", &SecretString::default());
                let id = seal.map(|seal| seal.application().to_owned()).unwrap_or_default();
                RecordKey { kind: RecordKind::Application, id }
            }
        };
        Self { shared: Arc::clone(&sharing.shared), key, owner: sharing.owner.clone() }
    }
}

impl Connection {
    pub(super) fn new(upstream: Upstream, pool: Arc<Pool>, sharing: &SharedBudget) -> Self {
        let name = host(&upstream.base);
        let identity = match &upstream.credential {
            Credential::Application { client_id, client_secret, scopes } => {
                let application = Application {
                    endpoint: address(&upstream.base, "/oauth/token"),
                    upstream: name.clone(),
                    client_id: client_id.clone(),
                    client_secret: client_secret.clone(),
                    scopes: scopes.clone(),
                    timeouts: upstream.timeouts,
                    proxy: pool.proxy().cloned(),
                };
                Identity::Application(Box::new(OwnApplication::new(application, &upstream.base, sharing)))
            }
            Credential::Token { token, header } => {
                let (name, value) = match header {
                    TokenHeader::Bearer => (AUTHORIZATION, format!("Bearer {}", token.expose_secret())),
                    TokenHeader::ApiKey => {
                        (HeaderName::from_static("x-api-key"), token.expose_secret().to_owned())
                    }
                };
                let value = HeaderValue::from_str(&value).ok().map(|mut value| {
                    value.set_sensitive(true);
                    value
                });
                Identity::Token { name, value, mask: Arc::new(Mask::new([token.expose_secret()])) }
            }
        };
        let record = SharedRecord::of(&upstream, &identity, sharing);
        let line = Line::new(&record.shared, &record.key, &record.owner);
        let meter = Meter::new(upstream.api);
        let (limits, longest_wait) = (Arc::clone(&sharing.limits), sharing.longest_wait);
        // Nobody tells of changes that other processes make in the Panel, so nothing of it is kept.
        let kept_for = match identity {
            Identity::Application(_) => sharing.kept_for,
            Identity::Token { .. } => Duration::ZERO,
        };
        let reads = Arc::new(Reads::new(kept_for));
        let (upstream, failed) = (Arc::new(upstream), Mutex::default());
        let clock = Arc::new(UpstreamClock::new());
        Self {
            upstream,
            identity,
            line,
            meter,
            name,
            pool,
            limits,
            longest_wait,
            reads,
            record,
            clock,
            failed,
        }
    }

    pub(super) fn tokens(&self) -> Option<&TokenSource> {
        match &self.identity {
            Identity::Application(own) => Some(&own.tokens),
            Identity::Token { .. } => None,
        }
    }

    pub(super) fn http(&self) -> Result<&reqwest::Client, Cause> {
        self.pool.client().map_err(|detail| Cause::Setup(detail.to_owned()))
    }

    pub(super) async fn send(
        &self,
        request: &Request,
        opened: &Opened,
        (name, value): (&HeaderName, &HeaderValue),
        due: Option<Instant>,
        term: &Term,
    ) -> Result<Begun, Cause> {
        // A token may have taken a while. From here on a change is seen through.
        if term.gone.is_cancelled() {
            return Err(Cause::Unwanted);
        }
        let mut url = address(&self.upstream.base, &request.path);
        if !request.query.is_empty() || !request.further.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query).extend_pairs(&request.further);
        }
        let progress = SentChunks::default();
        let mut builder = self.http()?.request(method(request.operation.method), url).header(name, value);
        builder = match &request.body {
            None => builder,
            Some(Body::Json(body)) => builder.json(body),
            Some(Body::Form(parts)) => {
                builder.multipart(upload::form(parts, request.operation, opened, &progress)?)
            }
        };
        let total = self.upstream.timeouts.total;
        let mut patience = Patience::new(self.upstream.timeouts);
        if request.transfers() {
            patience = patience.ending_in(total.saturating_mul(TRANSFER));
        }
        // A transfer that was begun in time has the time of one.
        let due = due.filter(|_| !request.transfers());
        patience = patience.no_later_than(term.deadline).no_later_than(due);
        let receipt = self.meter.request(request.operation);
        let sent = if opened.upload.is_some() {
            // What has gone may still be in buffers on the way, so this silence is that of a whole call.
            let watched = Box::pin(progress.watch(builder.send(), total));
            patience.all(watched).await.and_then(|watched| watched.ok_or(Late))
        } else {
            patience.next(builder.send()).await
        };
        let answered = match sent {
            Ok(answered) => answered.map_err(|error| self.network(&error)),
            Err(Late) => Err(Cause::TimedOut { upstream: self.name.clone() }),
        };
        if let Ok(response) = &answered {
            self.clock.hears(response.headers(), jiff::Timestamp::now());
        }
        receipt.answered(answered.as_ref().map(reqwest::Response::status));
        answered.map(|response| Begun { response, patience })
    }

    /// Reads an answer, as a file where it is due to be one.
    pub(super) async fn conclude(
        &self,
        request: &Request,
        opened: &Opened,
        own: &Arc<Mask>,
        begun: Begun,
    ) -> Result<Response, Cause> {
        let hidden = Hidden::new(own, request.secrets());
        let due = opened.destination.as_ref().filter(|_| begun.response.status().is_success());
        if let Some(destination) = due.filter(|_| download::is_file(begun.response.headers())) {
            let status = begun.response.status().as_u16();
            let mut file = download::receive(begun.response, &self.name, destination, begun.patience).await?;
            file.name = hidden.over(&file.name).into_owned();
            file.media_type = hidden.over(&file.media_type).into_owned();
            if let Whereabouts::Here { content, .. } = &mut file.place {
                hidden.over_text(content);
            }
            return Ok(Response::of_file(status, file, Arc::clone(&self.upstream)));
        }
        let answer = self.read(request, begun, hidden).await?;
        if due.is_some() {
            let (upstream, status, words) = (self.name.clone(), answer.status, answer.message());
            return Err(FileCause::Page { upstream, status, words }.into());
        }
        if !answer.is_success() {
            return Err(verdict::refusal(request.operation, &answer, &self.upstream));
        }
        Ok(Response::of_answer(answer.masked(), Arc::clone(&self.upstream)))
    }

    /// Reads an answer within the time of a call, also where the transfer of a file had more.
    pub(super) async fn read(
        &self,
        request: &Request,
        Begun { response, mut patience }: Begun,
        hidden: Hidden,
    ) -> Result<WholeAnswer, Cause> {
        if request.transfers() {
            patience = patience.ending_in(self.upstream.timeouts.total);
        }
        let length = Length::Long(&self.pool.room);
        response::read(response, &self.name, hidden, &patience, length).await
    }

    /// A failure before an answer began. Until a connection stands nothing has been sent.
    fn network(&self, error: &reqwest::Error) -> Cause {
        let upstream = self.name.clone();
        if let Some(unsent) = upload::unsent(error) {
            return unsent.into();
        }
        if let Some(unconnected) = Unconnected::of(error, &upstream, self.pool.proxy()) {
            unconnected.into()
        } else if error.is_timeout() {
            Cause::TimedOut { upstream }
        } else {
            Cause::Interrupted { upstream, detail: innermost(error), status: None }
        }
    }
}
