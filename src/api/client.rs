//! Sending. The only place that names the HTTP library.
//!
//! One [`Scoped`] client per API and effect: a read tool's client cannot send
//! a write. They share the application's token, because Vanta keeps one.

use std::sync::Arc;

use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::ExposeSecret;

use super::download::{self, Whereabouts};
use super::error::{Cause, Failure};
use super::file_error::FileCause;
use super::hidden::{Hidden, Mask};
use super::http::{Pool, address, host, method};
use super::measure::{BudgetLeft, Meter, Wait};
use super::network::{Network, Unconnected};
use super::patience::{Late, Patience};
use super::request::{Body, Request};
use super::response::{self, Length, WholeAnswer};
use super::term::Term;
use super::token::{Bearer, TokenSource, TokenState};
use super::token_request::Application;
use super::upload::{self, SentChunks};
use super::upstream::{Credential, TokenHeader, Upstream};
use super::verdict::{self, Response};
use super::words::innermost;
use crate::catalog::{Api, Effect, Method, Operation, Scope};
use crate::gate::Permit;

/// How many times longer than a call the transfer of a file may take.
const TRANSFER: u32 = 10;

/// The configured APIs.
#[derive(Default)]
pub struct Clients {
    connections: Vec<Connection>,
    lacking: Vec<Lacking>,
}

/// Why an API that was meant to be configured is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// Which.
    pub api: Api,
    /// What it lacks.
    pub part: LackingPart,
    /// What is wrong, as it goes on after a colon. It names settings and shows no value.
    pub reason: String,
}

/// What an API lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LackingPart {
    /// Its credentials, or one of them.
    Credentials,
    /// The address that its credentials may be sent to.
    Address {
        /// The setting to be mended.
        setting: String,
    },
}

impl Clients {
    /// Clients for these APIs, which are reached so. Nothing is opened before the first call.
    #[must_use]
    pub fn new(upstreams: Vec<Upstream>, network: &Arc<Network>) -> Self {
        let mut connections: Vec<Connection> = Vec::new();
        for upstream in upstreams {
            let known = connections.iter().find(|other| other.pool.serves(&upstream));
            let pool = known
                .map_or_else(|| Arc::new(Pool::new(&upstream, network)), |other| Arc::clone(&other.pool));
            connections.push(Connection::new(upstream, pool));
        }
        Self { connections, lacking: Vec::new() }
    }

    /// The same, with what is known of the APIs that are missing.
    #[must_use]
    pub fn lacking(self, lacking: Vec<Lacking>) -> Self {
        Self { lacking, ..self }
    }

    /// What is known of why an API is missing.
    #[must_use]
    pub fn why_missing(&self, api: Api) -> Option<Lacking> {
        let mut known = self.lacking.iter().filter(|lacking| lacking.api == api);
        let first = known.next()?.clone();
        Some(known.fold(first, |told, lacking| Lacking {
            reason: format!("{}, {}", told.reason, lacking.reason),
            ..told
        }))
    }

    /// The client for one API and one effect.
    ///
    /// # Errors
    /// The API has no credentials.
    pub fn scoped(&self, api: Api, effect: Effect) -> Result<Scoped<'_>, Cause> {
        let connection = self.connection(api).ok_or(Cause::NotConfigured(api))?;
        Ok(Scoped { connection, effect })
    }

    /// What is configured for an API.
    #[must_use]
    pub fn upstream(&self, api: Api) -> Option<&Upstream> {
        self.connection(api).map(|connection| &*connection.upstream)
    }

    /// What can be told of an API's token; `None` where it has no such token, or one is just being fetched.
    #[must_use]
    pub fn token_state(&self, api: Api) -> Option<TokenState> {
        self.connection(api)?.tokens()?.state()
    }

    /// How many requests are left of the minute's, by limit; empty where there is no such limit, or nothing is configured.
    #[must_use]
    pub fn budget_left(&self, api: Api) -> Vec<BudgetLeft> {
        self.connection(api).map(|connection| connection.meter.budget_left()).unwrap_or_default()
    }

    fn connection(&self, api: Api) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.upstream.api == api)
    }
}

/// A client that sends requests up to one effect to one API.
pub struct Scoped<'c> {
    connection: &'c Connection,
    effect: Effect,
}

impl Scoped<'_> {
    /// Sends a request and reads the answer. A 401 is answered once with a fresh token; nothing else is repeated.
    ///
    /// # Errors
    /// Anything but an answer whose status is a success.
    pub async fn send(&self, permit: Permit, request: Request, term: &Term) -> Result<Response, Failure> {
        let operation = request.operation;
        let fail = |cause| Failure { operation, cause };
        let safe = request.operation.method == Method::Get || self.effect > Effect::Read;
        if operation.effect > self.effect || !safe || !permit.covers(operation) {
            return Err(fail(Cause::OutOfScope { client: self.effect, wanted: operation.effect }));
        }
        self.connection.exchange(&request, term).await.map_err(fail)
    }
}

enum Identity {
    Application(Box<TokenSource>),
    Token { name: HeaderName, value: Option<HeaderValue>, mask: Arc<Mask> },
}

/// One upstream: its address, its identity, its HTTP client.
struct Connection {
    upstream: Arc<Upstream>,
    identity: Identity,
    meter: Meter,
    /// Host and port, for messages.
    name: String,
    pool: Arc<Pool>,
}

/// An answer that has begun.
struct Begun {
    response: reqwest::Response,
    patience: Patience,
}

impl Connection {
    fn new(upstream: Upstream, pool: Arc<Pool>) -> Self {
        let name = host(&upstream.base);
        let identity = match &upstream.credential {
            Credential::Application { client_id, client_secret, scopes } => {
                Identity::Application(Box::new(TokenSource::new(Application {
                    endpoint: address(&upstream.base, "/oauth/token"),
                    upstream: name.clone(),
                    client_id: client_id.clone(),
                    client_secret: client_secret.clone(),
                    scopes: scopes.clone(),
                    timeouts: upstream.timeouts,
                    proxy: pool.proxy().cloned(),
                })))
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
        let meter = Meter::new(upstream.api);
        Self { upstream: Arc::new(upstream), identity, meter, name, pool }
    }

    fn tokens(&self) -> Option<&TokenSource> {
        match &self.identity {
            Identity::Application(tokens) => Some(tokens),
            Identity::Token { .. } => None,
        }
    }

    fn http(&self) -> Result<&reqwest::Client, Cause> {
        self.pool.client().map_err(|detail| Cause::Setup(detail.to_owned()))
    }

    async fn exchange(&self, request: &Request, term: &Term) -> Result<Response, Cause> {
        match &self.identity {
            Identity::Token { name, value, mask } => {
                let Some(value) = value else {
                    return Err(Cause::Setup(
                        "the token contains characters that are not allowed in a header".to_owned(),
                    ));
                };
                let begun = self.send(request, name, value, term).await?;
                self.conclude(request, mask, begun).await
            }
            Identity::Application(tokens) => {
                let http = self.http()?;
                let waiting = Wait::begin("token");
                let bearer = tokens.bearer(http, None).await?;
                waiting.over();
                granted(&bearer, request.operation)?;
                let begun = self.send(request, &AUTHORIZATION, &bearer.header, term).await?;
                if begun.response.status() != StatusCode::UNAUTHORIZED {
                    return self.conclude(request, &bearer.mask, begun).await;
                }
                // Read to its end, the connection can be used again; what it says does not matter.
                let _ = self.read(request, begun, Hidden::default()).await;
                let fresh = tokens.bearer(http, Some(bearer.generation)).await.map_err(Cause::NotRenewed)?;
                granted(&fresh, request.operation)?;
                let begun = self.send(request, &AUTHORIZATION, &fresh.header, term).await?;
                self.conclude(request, &fresh.mask, begun).await
            }
        }
    }

    async fn send(
        &self,
        request: &Request,
        name: &HeaderName,
        value: &HeaderValue,
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
            Some(Body::Form(parts)) => builder.multipart(upload::form(parts, request, &progress)?),
        };
        let total = self.upstream.timeouts.total;
        let mut patience = Patience::new(self.upstream.timeouts);
        if request.transfers() {
            patience = patience.ending_in(total.saturating_mul(TRANSFER));
        }
        patience = patience.no_later_than(term.deadline);
        let receipt = self.meter.request(request.operation);
        let sent = if request.upload.is_some() {
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
        receipt.answered(answered.as_ref().map(reqwest::Response::status));
        answered.map(|response| Begun { response, patience })
    }

    /// Reads an answer, as a file where it is due to be one.
    async fn conclude(&self, request: &Request, own: &Arc<Mask>, begun: Begun) -> Result<Response, Cause> {
        let hidden = Hidden::new(own, request.secrets());
        let due = request.destination.as_ref().filter(|_| begun.response.status().is_success());
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
    async fn read(
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

/// After `invalid_scope` the application is known to have fewer scopes than were asked for.
fn granted(bearer: &Bearer, operation: &Operation) -> Result<(), Cause> {
    if !operation.scopes().iter().any(|scope| bearer.scopes.contains(scope)) {
        let scope = operation.scopes().first().copied().unwrap_or(Scope::AllWrite);
        return Err(Cause::ScopeNotGranted { scope });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use url::Url;

    use super::*;
    use crate::api::{Timeouts, request};
    use crate::catalog;
    use crate::gate::{self, Decision, Policy, Principal};

    fn clients() -> Clients {
        let upstreams = vec![Upstream {
            api: Api::Panel,
            // Nobody listens there: what is sent would fail as unreachable.
            base: Url::parse("http://127.0.0.1:1/").unwrap(),
            credential: Credential::Token { token: "vp_x".into(), header: TokenHeader::Bearer },
            timeouts: Timeouts::from_silence(Duration::from_secs(1)),
        }];
        Clients::new(upstreams, &Arc::default())
    }

    async fn send(client: Effect, permitted: &str, sent: &str) -> Cause {
        send_in(&Term::default(), client, permitted, sent).await
    }

    async fn send_in(term: &Term, client: Effect, permitted: &str, sent: &str) -> Cause {
        let policy = Policy::of_operator(Effect::Destroy);
        let arguments = json!({"user": "acme"});
        let permitted = catalog::find(permitted).unwrap();
        let members = arguments.as_object().unwrap();
        let permit = gate::admit(policy, &Principal::Anybody, permitted, members).unwrap();
        let Decision::Permit(permit) = permit else { panic!("no permit") };
        let request = request::build(catalog::find(sent).unwrap(), &arguments, |_| true).unwrap();
        clients().scoped(Api::Panel, client).unwrap().send(permit, request, term).await.unwrap_err().cause
    }

    #[tokio::test]
    async fn a_reading_client_sends_no_write() {
        let write = "unsuspend_panel_account";
        assert!(matches!(send(Effect::Read, write, write).await, Cause::OutOfScope { .. }));
        assert!(matches!(send(Effect::Write, write, write).await, Cause::Unconnected(_)));
    }

    #[tokio::test]
    async fn what_nobody_wants_any_more_is_not_sent() {
        let term = Term::default();
        let write = "unsuspend_panel_account";
        assert!(matches!(send_in(&term, Effect::Write, write, write).await, Cause::Unconnected(_)));
        term.gone.cancel();
        assert!(matches!(send_in(&term, Effect::Write, write, write).await, Cause::Unwanted));
    }

    #[tokio::test]
    async fn a_permit_lets_no_other_operation_through() {
        let sent = send(Effect::Destroy, "get_panel_account", "unsuspend_panel_account").await;
        assert!(matches!(sent, Cause::OutOfScope { .. }));
    }
}
