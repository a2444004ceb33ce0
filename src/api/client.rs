//! Sending. The only place that names the HTTP library.
//!
//! One [`Scoped`] client per API and effect: a read tool's client cannot send
//! a write. They share the application's token, because Vanta keeps one.

use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use tokio::time::{Instant, sleep};
use url::Url;

use super::again::Attempts;
use super::download::{self, Whereabouts};
use super::error::{Cause, Failure};
use super::fate::LONGEST_PAUSE;
use super::file_error::FileCause;
use super::hidden::{Hidden, Mask};
use super::http::{Pool, address, host, method};
use super::limits::RequestLimits;
use super::line::{Line, NoTurn, Sender, Wanted};
use super::measure::{BudgetLeft, Meter, Wait};
use super::network::{Network, Unconnected};
use super::patience::{Late, Patience};
use super::request::{Body, Request};
use super::response::{self, Length, WholeAnswer};
use super::term::Term;
use super::token::{Asking, Bearer, TokenSource, TokenState};
use super::token_request::Application;
use super::upload::{self, SentChunks};
use super::upstream::{Credential, TokenHeader, Upstream};
use super::verdict::{self, Response, Spent};
use super::words::innermost;
use crate::catalog::{Api, Effect, Method, Operation, Scope};
use crate::gate::Permit;
use crate::state::application::ApplicationRecord;
use crate::state::{RecordKey, RecordKind, Seal, Shared};

/// How many times longer than a call the transfer of a file may take.
const TRANSFER: u32 = 10;

/// The configured APIs.
#[derive(Default)]
pub struct Clients {
    connections: Vec<Connection>,
    lacking: Vec<Lacking>,
}

/// What is shared with other processes, and how much there is of it.
#[derive(Clone)]
pub struct Sharing {
    /// Where it is kept.
    pub shared: Arc<Shared>,
    /// The limits of requests a minute.
    pub limits: Arc<RequestLimits>,
    /// How long a call waits for a turn at most.
    pub longest_wait: Duration,
    /// This process, as others know it: no two are alike.
    pub owner: String,
}

impl Sharing {
    /// Shared by this state.
    #[must_use]
    pub fn by(shared: Arc<Shared>, limits: RequestLimits) -> Self {
        let owner = format!("{}-{:016x}", std::process::id(), fastrand::u64(..));
        Self { shared, limits: Arc::new(limits), longest_wait: LONGEST_WAIT, owner }
    }
}

/// How long a call waits for a turn unless the operator says otherwise: a little longer than the minute that limits are for.
pub const LONGEST_WAIT: Duration = Duration::from_secs(75);

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
    pub fn new(upstreams: Vec<Upstream>, network: &Arc<Network>, sharing: &Sharing) -> Self {
        let mut connections: Vec<Connection> = Vec::new();
        for upstream in upstreams {
            let known = connections.iter().find(|other| other.pool.serves(&upstream));
            let pool = known
                .map_or_else(|| Arc::new(Pool::new(&upstream, network)), |other| Arc::clone(&other.pool));
            connections.push(Connection::new(upstream, pool, sharing));
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
    /// Sends a request and reads the answer, with a turn of the budget for each time that it is sent. What is repeated, and
    /// when, is [`Attempts`]' to say; a 401 is answered with a newer token.
    ///
    /// # Errors
    /// Anything but an answer whose status is a success.
    pub async fn send(
        &self,
        permit: Permit,
        request: Request,
        sender: &Sender,
        term: &Term,
    ) -> Result<Response, Failure> {
        let operation = request.operation;
        let fail = |cause| Failure { operation, cause };
        let safe = request.operation.method == Method::Get || self.effect > Effect::Read;
        if operation.effect > self.effect || !safe || !permit.covers(operation) {
            return Err(fail(Cause::OutOfScope { client: self.effect, wanted: operation.effect }));
        }
        self.connection.exchange(&request, sender, term).await.map_err(fail)
    }
}

enum Identity {
    Application(Box<OwnApplication>),
    Token { name: HeaderName, value: Option<HeaderValue>, mask: Arc<Mask> },
}

/// An application: its token and its budget, which all who use it share.
struct OwnApplication {
    tokens: TokenSource,
    line: Line,
    shared: Arc<Shared>,
    key: RecordKey,
}

/// One attempt at a call.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    request: &'a Request,
    sender: &'a Sender,
    term: &'a Term,
    /// When it comes too late; none for the first.
    due: Option<Instant>,
}

/// How many refused tokens are replaced at one call, by one that is fetched for it or by a newer one of somebody else.
const MOST_REFUSED: u32 = 4;

/// A pause that is worth a word.
const TOLD: Duration = Duration::from_secs(1);

/// One upstream: its address, its identity, its HTTP client.
struct Connection {
    upstream: Arc<Upstream>,
    identity: Identity,
    meter: Meter,
    /// Host and port, for messages.
    name: String,
    pool: Arc<Pool>,
    limits: Arc<RequestLimits>,
    longest_wait: Duration,
}

/// An answer that has begun.
struct Begun {
    response: reqwest::Response,
    patience: Patience,
}

impl OwnApplication {
    fn new(application: Application, base: &Url, sharing: &Sharing) -> Self {
        let seal = Seal::new(base.as_str(), &application.client_id, &application.client_secret);
        let id = seal.as_ref().map(|seal| seal.application().to_owned()).unwrap_or_default();
        let key = RecordKey { kind: RecordKind::Application, id };
        let shared = Arc::clone(&sharing.shared);
        let line = Line::new(&shared, &key, &sharing.owner);
        let tokens = TokenSource::new(Asking {
            application,
            shared: Arc::clone(&shared),
            key: key.clone(),
            owner: sharing.owner.clone(),
            seal,
            most: sharing.limits.tokens(),
        });
        Self { tokens, line, shared, key }
    }
}

impl Connection {
    fn new(upstream: Upstream, pool: Arc<Pool>, sharing: &Sharing) -> Self {
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
        let meter = Meter::new(upstream.api);
        let (limits, longest_wait) = (Arc::clone(&sharing.limits), sharing.longest_wait);
        Self { upstream: Arc::new(upstream), identity, meter, name, pool, limits, longest_wait }
    }

    fn tokens(&self) -> Option<&TokenSource> {
        match &self.identity {
            Identity::Application(own) => Some(&own.tokens),
            Identity::Token { .. } => None,
        }
    }

    fn http(&self) -> Result<&reqwest::Client, Cause> {
        self.pool.client().map_err(|detail| Cause::Setup(detail.to_owned()))
    }

    async fn exchange(&self, request: &Request, sender: &Sender, term: &Term) -> Result<Response, Cause> {
        let began = Instant::now();
        let mut spent = Spent::default();
        let mut attempts: Option<Attempts> = None;
        loop {
            let due = attempts.as_ref().map(Attempts::deadline);
            let cause = match self.attempt(Attempt { request, sender, term, due }, &mut spent).await {
                Ok(mut response) => {
                    response.spent = spent;
                    return Ok(response);
                }
                Err(cause) => cause,
            };
            let attempts = attempts.get_or_insert_with(|| {
                // Waiting for a turn is not the upstream's time.
                let end = began.checked_add(self.upstream.timeouts.total + spent.waited);
                let end = [end, term.deadline].into_iter().flatten().min();
                Attempts::until(end.unwrap_or_else(Instant::now), request.operation)
            });
            if let Cause::TooManyRequests { retry_after: Some(pause), .. } = &cause {
                self.closed_for(request.operation, *pause).await;
            }
            let Some(pause) = attempts.pause(&cause, Instant::now(), fastrand::f64()) else {
                return Err(cause);
            };
            tracing::info!(%cause, pause = pause.as_secs_f64(), "a request is repeated");
            if pause >= TOLD {
                term.tell(&format!("{} failed; trying again in {} s", self.name, pause.as_secs())).await;
            }
            tokio::select! {
                biased;
                () = term.gone.cancelled() => return Err(cause),
                () = sleep(pause) => {}
            }
            spent.repeated += 1;
        }
    }

    /// The upstream has asked for a pause, which all keep.
    async fn closed_for(&self, operation: &Operation, pause: Duration) {
        let Identity::Application(own) = &self.identity else { return };
        let Some(limit) = self.limits.of(operation).into_iter().next() else { return };
        let pause = pause.min(LONGEST_PAUSE);
        let close = move |now, record: &mut ApplicationRecord| record.close(now, &limit.name, pause);
        own.shared.change(&own.key, close).await;
    }

    /// Sends once; twice or more only after a 401, which proves that nothing was done.
    async fn attempt(&self, attempt: Attempt<'_>, spent: &mut Spent) -> Result<Response, Cause> {
        let Attempt { request, term, .. } = attempt;
        let own = match &self.identity {
            Identity::Token { name, value, mask } => {
                let Some(value) = value else {
                    return Err(Cause::Setup(
                        "the token contains characters that are not allowed in a header".to_owned(),
                    ));
                };
                let begun = self.send(request, name, value, attempt.due, term).await?;
                return self.conclude(request, mask, begun).await;
            }
            Identity::Application(own) => own,
        };
        let http = self.http()?;
        let waiting = Wait::begin("token");
        let mut bearer = own.tokens.bearer(http, None).await?;
        waiting.over();
        let mut refused = 0;
        loop {
            granted(&bearer, request.operation)?;
            let generation = self.turn(own, attempt, spent).await?;
            if generation > bearer.generation {
                // Somebody has asked for another meanwhile, which revoked this one.
                bearer = own.tokens.bearer(http, Some(bearer.generation)).await?;
            }
            let begun = self.send(request, &AUTHORIZATION, &bearer.header, attempt.due, term).await?;
            if begun.response.status() != StatusCode::UNAUTHORIZED || refused == MOST_REFUSED {
                return self.conclude(request, &bearer.mask, begun).await;
            }
            refused += 1;
            let newer = own.tokens.newer(bearer.generation).await;
            if newer.is_none() && refused > 1 {
                // The newest of all was fetched for this call: to fetch yet another would help nobody.
                return self.conclude(request, &bearer.mask, begun).await;
            }
            // Read to its end, the connection can be used again; what it says does not matter.
            let _ = self.read(request, begun, Hidden::default()).await;
            bearer = match newer {
                Some(newer) => newer,
                None => own.tokens.bearer(http, Some(bearer.generation)).await.map_err(Cause::NotRenewed)?,
            };
        }
    }

    /// Waits for a turn of the budget; returns the generation of the application's newest token, as far as it is known.
    async fn turn(
        &self,
        own: &OwnApplication,
        attempt: Attempt<'_>,
        spent: &mut Spent,
    ) -> Result<u64, Cause> {
        let operation = attempt.request.operation;
        let limits = self.limits.of(operation);
        let most = limits.first().map_or(0, |limit| limit.most);
        let end = Instant::now().checked_add(self.longest_wait);
        let end = [end, attempt.due, attempt.term.deadline].into_iter().flatten().min();
        let wanted = Wanted {
            limits,
            sender: attempt.sender,
            changes: operation.effect > Effect::Read,
            deadline: end.unwrap_or_else(Instant::now),
        };
        let waiting = Wait::begin("budget");
        let taken = own.line.turn(wanted, attempt.term).await;
        waiting.over();
        let taken = taken.map_err(|none| match none {
            NoTurn::After(after) => Cause::NoTurn { most, after },
            NoTurn::Unwanted => Cause::Unwanted,
        })?;
        spent.waited += taken.waited;
        spent.left = taken.granted.left;
        Ok(taken.granted.generation)
    }

    async fn send(
        &self,
        request: &Request,
        name: &HeaderName,
        value: &HeaderValue,
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
            Some(Body::Form(parts)) => builder.multipart(upload::form(parts, request, &progress)?),
        };
        let total = self.upstream.timeouts.total;
        let mut patience = Patience::new(self.upstream.timeouts);
        if request.transfers() {
            patience = patience.ending_in(total.saturating_mul(TRANSFER));
        }
        patience = patience.no_later_than(term.deadline).no_later_than(due);
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
    use crate::state::application::Rank;

    fn clients() -> Clients {
        let upstreams = vec![Upstream {
            api: Api::Panel,
            // Nobody listens there: what is sent would fail as unreachable.
            base: Url::parse("http://127.0.0.1:1/").unwrap(),
            credential: Credential::Token { token: "vp_x".into(), header: TokenHeader::Bearer },
            timeouts: Timeouts::from_silence(Duration::from_secs(1)),
        }];
        Clients::new(
            upstreams,
            &Arc::default(),
            &Sharing::by(Arc::new(Shared::alone()), RequestLimits::default()),
        )
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
        let sender = Sender { caller: None, rank: Rank::Single };
        let request = request::build(catalog::find(sent).unwrap(), &arguments, |_| true).unwrap();
        clients()
            .scoped(Api::Panel, client)
            .unwrap()
            .send(permit, request, &sender, term)
            .await
            .unwrap_err()
            .cause
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
