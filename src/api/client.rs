//! Sending: one client for each API and effect.
//!
//! One [`Scoped`] client per API and effect: a read tool's client cannot send
//! a write. They share the application's token, because Vanta keeps one.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;

use super::connection::Connection;
use super::error::Cause;
use super::failure::Failure;
use super::file_hosts::{FileHosts, StoredFile};
use super::http::Pool;
use super::measure::BudgetLeft;
use super::network::Network;
use super::reading;
use super::request::Request;
use super::sharing::{IndexExtent, SharedBudget};
use super::term::Term;
use super::token::TokenState;
use super::turn::Sender;
use super::upstream::Upstream;
use super::verdict::Response;
use crate::catalog::{self, Api, Effect, Method, Operation};
use crate::files::Saving;
use crate::gate::{Grant, Permit};
use crate::state::{Shared, StateHealth};

/// The configured APIs.
#[derive(Default)]
pub struct Clients {
    connections: Vec<Arc<Connection>>,
    lacking: Vec<Lacking>,
    trust_center: Option<String>,
    file_hosts: FileHosts,
    pub(super) shared: Option<Arc<Shared>>,
    pub(super) index: IndexExtent,
    /// Who goes on behind the latest question.
    pub(super) tended: Mutex<CancellationToken>,
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
    pub fn new(upstreams: Vec<Upstream>, network: &Arc<Network>, sharing: &SharedBudget) -> Self {
        let mut connections: Vec<Arc<Connection>> = Vec::new();
        for upstream in upstreams {
            let known = connections.iter().find(|other| other.pool.serves(&upstream));
            let pool = known
                .map_or_else(|| Arc::new(Pool::new(&upstream, network)), |other| Arc::clone(&other.pool));
            connections.push(Arc::new(Connection::new(upstream, pool, sharing)));
        }
        let shared = Some(Arc::clone(&sharing.shared));
        let (file_hosts, index) = (FileHosts::new(Arc::clone(network)), sharing.index);
        let (lacking, trust_center, tended) = (Vec::new(), None, Mutex::default());
        Self { connections, lacking, trust_center, file_hosts, shared, index, tended }
    }

    /// The same, with what is known of the APIs that are missing.
    #[must_use]
    pub fn lacking(self, lacking: Vec<Lacking>) -> Self {
        Self { lacking, ..self }
    }

    /// The same, with the slug of the Trust Center that is meant where nobody names one.
    #[must_use]
    pub fn with_trust_center(self, slug: Option<String>) -> Self {
        Self { trust_center: slug, ..self }
    }

    /// The slug of the Trust Center that is meant where nobody names one.
    #[must_use]
    pub fn trust_center(&self) -> Option<&str> {
        self.trust_center.as_deref()
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

    /// Fetches a stored file from the address that an operation of this API gave for it. No credential goes there.
    ///
    /// # Errors
    /// It did not come, or not whole; what came of it is in `into`, which is not to be kept.
    pub async fn fetch(
        &self,
        permit: &Permit,
        file: StoredFile<'_>,
        into: &mut Saving,
        term: &Term,
    ) -> Result<(), Failure> {
        let api = file.operation.api;
        let Some(upstream) = self.upstream(api) else {
            return Err(Failure::new(file.operation, Cause::NotConfigured(api)));
        };
        self.file_hosts.fetch(permit, upstream, file, into, term).await
    }

    /// What is configured for an API.
    #[must_use]
    pub fn upstream(&self, api: Api) -> Option<&Upstream> {
        self.connection(api).map(|connection| &*connection.upstream)
    }

    /// What this process knows of an API's token; `None` where it has no such token.
    #[must_use]
    pub fn token_state(&self, api: Api) -> Option<TokenState> {
        Some(self.connection(api)?.tokens()?.state())
    }

    /// How many requests are left of the minute's, by limit; empty where there is no such limit, or nothing is configured.
    #[must_use]
    pub fn budget_left(&self, api: Api) -> Vec<BudgetLeft> {
        self.connection(api).map(|connection| connection.meter.budget_left()).unwrap_or_default()
    }

    /// How many requests a minute an API takes of an operation, the least and the most over all operations; `None` where
    /// nothing is limited or configured.
    #[must_use]
    pub fn per_minute(&self, api: Api) -> Option<RangeInclusive<u16>> {
        let connection = self.connection(api)?;
        if let Some(whole) = connection.limits.of_api(api) {
            return Some(whole.most..=whole.most);
        }
        let of_api = catalog::operations().iter().filter(|operation| operation.api == api);
        let all = of_api.flat_map(|operation| connection.limits.of(operation)).map(|limit| limit.most);
        let (least, most) = all.fold((u16::MAX, 0), |(least, most), one| (least.min(one), most.max(one)));
        (least <= most).then_some(least..=most)
    }

    /// What was read by an operation a moment ago for those who were granted this, each with the path that was read. It costs
    /// no request.
    #[must_use]
    pub fn kept_reads(&self, operation: &Operation, grant: Option<Grant>) -> Vec<(String, Response)> {
        let connection = self.connection(operation.api);
        connection.map(|connection| connection.reads.all_kept(operation, grant)).unwrap_or_default()
    }

    /// How the place is doing where processes share; `None` where there is none. It is tried by whatever is looked up
    /// there.
    #[must_use]
    pub fn state_health(&self) -> Option<StateHealth> {
        self.shared.as_ref().map(|shared| shared.health())
    }

    pub(super) fn connection(&self, api: Api) -> Option<&Arc<Connection>> {
        self.connections.iter().find(|connection| connection.upstream.api == api)
    }
}

/// A client that sends requests up to one effect to one API.
pub struct Scoped<'c> {
    connection: &'c Arc<Connection>,
    effect: Effect,
}

impl Scoped<'_> {
    /// Sends a request and reads the answer, with a turn of the budget for each time that it is sent. What is repeated, and
    /// when, is decided in `again`; a 401 is answered with a newer token. What was read a moment ago, or is just being
    /// read, is not asked for again unless the request says so.
    ///
    /// # Errors
    /// Anything but an answer whose status is a success.
    pub async fn send(
        &self,
        permit: Permit,
        request: Request,
        sender: &Sender,
        term: &Term,
    ) -> Result<Response, Arc<Failure>> {
        let operation = request.operation;
        let fail = |cause| Arc::new(Failure::new(operation, cause));
        let safe = request.operation.method == Method::Get || self.effect > Effect::Read;
        if request.effect > self.effect || !safe || !permit.covers(operation, request.effect) {
            return Err(fail(Cause::OutOfScope { client: self.effect, wanted: request.effect }));
        }
        if reading::is_shared(&request) {
            return self.connection.read_shared(request, sender, term).await;
        }
        if operation.effect == Effect::Read {
            return self.connection.exchange(&request, sender, term).await.map_err(Arc::new);
        }
        let changing = self.connection.changing(operation).await;
        let outcome = self.connection.exchange(&request, sender, term).await;
        changing.over(&outcome).await;
        outcome.map_err(Arc::new)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use url::Url;

    use super::*;
    use crate::api::{Credential, RequestLimits, Timeouts, TokenHeader, request};
    use crate::catalog;
    use crate::gate::{self, AskedCall, Decision, Policy, Principal};
    use crate::state::application::CallRank;

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
            &SharedBudget::by(Arc::new(Shared::alone()), RequestLimits::default()),
        )
    }

    async fn send(client: Effect, permitted: &str, sent: &str) -> Arc<Failure> {
        send_in(&Term::default(), client, permitted, sent).await
    }

    async fn send_in(term: &Term, client: Effect, permitted: &str, sent: &str) -> Arc<Failure> {
        let policy = Policy::of_operator(Effect::Destroy);
        let arguments = json!({"user": "acme"});
        let permitted = catalog::find(permitted).unwrap();
        let members = arguments.as_object().unwrap();
        let permit =
            gate::admit(policy, &Principal::Anybody, AskedCall::unraised(permitted, members)).unwrap();
        let Decision::Permit(permit) = permit else { panic!("no permit") };
        let sender = Sender { caller: None, rank: CallRank::Single, list: None, grant: None };
        let request = request::build(catalog::find(sent).unwrap(), &arguments, |_| true).unwrap();
        clients()
            .scoped(Api::Panel, client)
            .unwrap()
            .send(permit, request, &sender, term)
            .await
            .map(|_| ())
            .unwrap_err()
    }

    #[tokio::test]
    async fn a_reading_client_sends_no_write() {
        let write = "unsuspend_panel_account";
        assert!(matches!(send(Effect::Read, write, write).await.cause, Cause::OutOfScope { .. }));
        assert!(matches!(send(Effect::Write, write, write).await.cause, Cause::Unconnected(_)));
    }

    #[tokio::test]
    async fn what_nobody_wants_any_more_is_not_sent() {
        let term = Term::default();
        let write = "unsuspend_panel_account";
        assert!(matches!(send_in(&term, Effect::Write, write, write).await.cause, Cause::Unconnected(_)));
        term.gone.cancel();
        assert!(matches!(send_in(&term, Effect::Write, write, write).await.cause, Cause::Unwanted));
    }

    #[tokio::test]
    async fn a_permit_lets_no_other_operation_through() {
        let sent = send(Effect::Destroy, "get_panel_account", "unsuspend_panel_account").await;
        assert!(matches!(sent.cause, Cause::OutOfScope { .. }));
    }
}
