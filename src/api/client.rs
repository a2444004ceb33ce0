//! Sending. The only place that names the HTTP library.
//!
//! One [`Scoped`] client per API and effect: a read tool's client cannot send
//! a write. They share the application's token, because Vanta keeps one.

use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::download::{self, Received};
use super::error::{Cause, Failure};
use super::file_error::FileCause;
use super::http::{address, build, host, method};
use super::lane::Each;
use super::measure::{Meter, Wait};
use super::patience::{Late, Patience};
use super::request::{Body, Request};
use super::response::{self, WholeAnswer as Answer};
use super::token::{Bearer, TokenSource, TokenState};
use super::token_request::Application;
use super::upload::{self, SentChunks as Progress};
use super::upstream::{Credential, TokenHeader, Upstream};
use crate::catalog::{Api, Effect, Method, Operation, Scope};
use crate::gate::Permit;

/// How many times longer than a call the transfer of a file may take.
const TRANSFER: u32 = 10;

/// A successful answer.
#[derive(Debug)]
pub struct Response {
    /// 200 to 299.
    pub status: u16,
    /// `None` where the upstream answered without content, or with what stands below.
    pub body: Option<Value>,
    /// What the request's own reader made of it.
    pub flat: Option<String>,
    /// The file, where the operation is a download.
    pub file: Option<Received>,
}

/// The configured APIs.
#[derive(Default)]
pub struct Clients {
    connections: Vec<Connection>,
}

impl Clients {
    /// Clients for these APIs. Nothing is opened before the first call.
    #[must_use]
    pub fn new(upstreams: Vec<Upstream>) -> Self {
        Self { connections: upstreams.into_iter().map(Connection::new).collect() }
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
        self.connection(api).map(|connection| &connection.upstream)
    }

    /// What can be told of an API's token; `None` where it has no such token, or one is just being fetched.
    #[must_use]
    pub fn token_state(&self, api: Api) -> Option<TokenState> {
        self.connection(api)?.tokens()?.state()
    }

    /// How many requests are left of the minute's; `None` where there is no such limit, or nothing is configured.
    #[must_use]
    pub fn budget_left(&self, api: Api) -> Option<usize> {
        self.connection(api)?.meter.budget_left()
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
    /// Anything but a successful answer in JSON, or without content.
    pub async fn send(&self, permit: Permit, request: Request) -> Result<Response, Failure> {
        let operation = request.operation;
        let fail = |cause| Failure { operation, cause };
        let safe = request.operation.method == Method::Get || self.effect > Effect::Read;
        if operation.effect > self.effect || !safe || !permit.covers(operation) {
            return Err(fail(Cause::OutOfScope { client: self.effect, wanted: operation.effect }));
        }
        self.connection.exchange(&request).await.map_err(fail)
    }
}

enum Identity {
    Application(Box<TokenSource>),
    Token { name: HeaderName, value: Option<HeaderValue>, token: SecretString },
}

/// One upstream: its address, its identity, its HTTP client.
struct Connection {
    upstream: Upstream,
    identity: Identity,
    meter: Meter,
    /// Host and port, for messages.
    name: String,
    http: Each<Result<reqwest::Client, String>>,
}

/// An answer that has begun.
struct Begun {
    response: reqwest::Response,
    patience: Patience,
}

impl Connection {
    fn new(upstream: Upstream) -> Self {
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
                Identity::Token { name, value, token: token.clone() }
            }
        };
        let meter = Meter::new(upstream.api);
        Self { upstream, identity, meter, name, http: Each::new() }
    }

    fn tokens(&self) -> Option<&TokenSource> {
        match &self.identity {
            Identity::Application(tokens) => Some(tokens),
            Identity::Token { .. } => None,
        }
    }

    /// The client of this thread. Building one costs milliseconds, so it waits for the first call.
    fn http(&self) -> Result<&reqwest::Client, Cause> {
        let built = self.http.here(|| build(&self.upstream)).as_ref();
        built.map_err(|detail| Cause::Setup(detail.clone()))
    }

    async fn exchange(&self, request: &Request) -> Result<Response, Cause> {
        match &self.identity {
            Identity::Token { name, value, .. } => {
                let Some(value) = value else {
                    return Err(Cause::Setup(
                        "the token has characters that a header cannot carry".to_owned(),
                    ));
                };
                let begun = self.send(request, name, value).await?;
                self.conclude(request, value, begun).await
            }
            Identity::Application(tokens) => {
                let http = self.http()?;
                let waiting = Wait::begin("token");
                let bearer = tokens.bearer(http, None).await?;
                waiting.over();
                granted(&bearer, request.operation)?;
                let begun = self.send(request, &AUTHORIZATION, &bearer.header).await?;
                if begun.response.status() != StatusCode::UNAUTHORIZED {
                    return self.conclude(request, &bearer.header, begun).await;
                }
                // Read to its end, the connection can be used again; what it says does not matter.
                let _ = self.read(request, begun, Vec::new()).await;
                let fresh = tokens.bearer(http, Some(bearer.generation)).await.map_err(Cause::NotRenewed)?;
                granted(&fresh, request.operation)?;
                let begun = self.send(request, &AUTHORIZATION, &fresh.header).await?;
                self.conclude(request, &fresh.header, begun).await
            }
        }
    }

    async fn send(&self, request: &Request, name: &HeaderName, value: &HeaderValue) -> Result<Begun, Cause> {
        let mut url = address(&self.upstream.base, &request.path);
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let progress = Progress::default();
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
        let receipt = self.meter.request();
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
    async fn conclude(
        &self,
        request: &Request,
        value: &HeaderValue,
        begun: Begun,
    ) -> Result<Response, Cause> {
        let due = request.destination.as_ref().filter(|_| begun.response.status().is_success());
        if let Some(destination) = due.filter(|_| download::is_file(begun.response.headers())) {
            let status = begun.response.status().as_u16();
            let file = download::receive(begun.response, &self.name, destination, begun.patience).await?;
            return Ok(Response { status, body: None, flat: None, file: Some(file) });
        }
        let answer = self.read(request, begun, self.hidden(request, value)).await?;
        if due.is_some() {
            let (upstream, status, words) = (self.name.clone(), answer.status, answer.message());
            return Err(FileCause::Page { upstream, status, words }.into());
        }
        if let Some(flat) = request.flat.filter(|_| answer.is_success())
            && let Some(text) = flat(request.operation, &answer.body)
        {
            return Ok(Response { status: answer.status, body: None, flat: Some(text), file: None });
        }
        self.accept(request.operation, &answer)
    }

    /// Reads an answer within the time of a call, also where the transfer of a file had more.
    async fn read<'h>(
        &self,
        request: &Request,
        Begun { response, mut patience }: Begun,
        hidden: Vec<&'h str>,
    ) -> Result<Answer<'h>, Cause> {
        if request.transfers() {
            patience = patience.ending_in(self.upstream.timeouts.total);
        }
        response::read(response, &self.name, hidden, &patience).await
    }

    /// A failure before an answer began. Until a connection stands nothing has been sent.
    fn network(&self, error: &reqwest::Error) -> Cause {
        let upstream = self.name.clone();
        let detail = response::innermost(error);
        if let Some(unsent) = upload::unsent(error) {
            return unsent.into();
        }
        if error.is_connect() || error.is_builder() {
            Cause::Unreachable { upstream, detail }
        } else if error.is_timeout() {
            Cause::TimedOut { upstream }
        } else {
            Cause::Interrupted { upstream, detail, status: None }
        }
    }

    fn accept(&self, operation: &'static Operation, answer: &Answer<'_>) -> Result<Response, Cause> {
        if !answer.is_success() {
            return Err(self.refusal(operation, answer));
        }
        let body = answer.json(&self.name).map_err(|cause| unshown(operation, cause))?;
        // The Panel says with `ok` whether it did what was asked, whatever the status: nothing but `true` says that it did.
        if operation.api == Api::Panel
            && let Some(body) = &body
            && body.get("ok") != Some(&Value::Bool(true))
        {
            if body.get("ok").is_some() || body.get("error").is_some() {
                return Err(self.refusal(operation, answer));
            }
            if operation.effect > Effect::Read {
                return Err(Cause::Unsaid { status: answer.status });
            }
        }
        // Vanta answers some changes without content; the Panel says at least that all is well, in JSON or by a 204.
        let panel_says_nothing = operation.api == Api::Panel && answer.status != 204;
        let content_is_due = operation.effect == Effect::Read || panel_says_nothing;
        if content_is_due && body.as_ref().is_none_or(Value::is_null) {
            return Err(Cause::Empty { upstream: self.name.clone(), status: answer.status });
        }
        Ok(Response { status: answer.status, body, flat: None, file: None })
    }

    fn refusal(&self, operation: &'static Operation, answer: &Answer<'_>) -> Cause {
        let upstream = self.name.clone();
        let status = answer.status;
        let panel = operation.api == Api::Panel;
        let code = answer.code().filter(|_| panel);
        let message = answer.message();
        match status {
            300..=399 => {
                Cause::Redirected { upstream, status, target: answer.redirect_target(&self.upstream.base) }
            }
            401 if panel => Cause::PanelToken { code: code.unwrap_or(message) },
            401 => Cause::Unauthorized { upstream, message },
            429 => Cause::TooManyRequests { upstream, message, retry_after: answer.retry_after() },
            _ => match answer.missing_scope().filter(|_| status == 403 || code.is_some()) {
                Some(named) => {
                    let usual = self.upstream.scope_for(operation).map_or("", Scope::as_str);
                    let scope = if named.is_empty() { usual.to_owned() } else { named };
                    Cause::InsufficientScope { upstream, status, scope, message }
                }
                None => self.other(answer, message),
            },
        }
    }

    fn other(&self, answer: &Answer<'_>, message: String) -> Cause {
        let upstream = self.name.clone();
        let status = answer.status;
        if answer.is_page() {
            return Cause::NotJson { upstream, status, words: message };
        }
        let reason =
            reqwest::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("");
        Cause::Refused { upstream, status, reason, message, retry_after: answer.retry_after() }
    }

    /// What a request carries in confidence, to be kept out of whatever is told of its answer.
    fn hidden<'r>(&'r self, request: &'r Request, value: &'r HeaderValue) -> Vec<&'r str> {
        let value = value.to_str().unwrap_or_default();
        let credential = match &self.identity {
            Identity::Application(tokens) => tokens.secret(),
            Identity::Token { token, .. } => token,
        };
        let sent = [credential.expose_secret(), value.strip_prefix("Bearer ").unwrap_or(value)];
        sent.into_iter().chain(request.secrets()).collect()
    }
}

/// What may hold a password that was just made is not quoted, whatever form it came in.
fn unshown(operation: &Operation, mut cause: Cause) -> Cause {
    if let Cause::NotJson { words, .. } = &mut cause
        && !operation.once.is_empty()
    {
        "not shown, since it may hold a password".clone_into(words);
    }
    cause
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
    use crate::api::{Route, Timeouts, request};
    use crate::catalog;
    use crate::gate::{self, Decision, Policy};

    fn clients() -> Clients {
        Clients::new(vec![Upstream {
            api: Api::Panel,
            // Nobody listens there: what is sent would fail as unreachable.
            base: Url::parse("http://127.0.0.1:1/").unwrap(),
            credential: Credential::Token { token: "vp_x".into(), header: TokenHeader::Bearer },
            route: Route::Direct,
            timeouts: Timeouts::from_silence(Duration::from_secs(1)),
        }])
    }

    async fn send(client: Effect, permitted: &str, sent: &str) -> Cause {
        let policy = Policy::of_operator(Effect::Destroy);
        let arguments = json!({"user": "acme"});
        let permitted = catalog::find(permitted).unwrap();
        let permit = gate::admit(policy, permitted, arguments.as_object().unwrap()).unwrap();
        let Decision::Permit(permit) = permit else { panic!("no permit") };
        let request = request::build(catalog::find(sent).unwrap(), &arguments).unwrap();
        clients().scoped(Api::Panel, client).unwrap().send(permit, request).await.unwrap_err().cause
    }

    #[tokio::test]
    async fn a_reading_client_sends_no_write() {
        let write = "unsuspend_panel_account";
        assert!(matches!(send(Effect::Read, write, write).await, Cause::OutOfScope { .. }));
        assert!(matches!(send(Effect::Write, write, write).await, Cause::Unreachable { .. }));
    }

    #[tokio::test]
    async fn a_permit_lets_no_other_operation_through() {
        let sent = send(Effect::Destroy, "get_panel_account", "unsuspend_panel_account").await;
        assert!(matches!(sent, Cause::OutOfScope { .. }));
    }
}
