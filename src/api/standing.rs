//! How an API is doing, as far as this process and those who share its credential know: its token, what is left of its
//! limits, who waits, and what failed last.

use std::sync::PoisonError;

use jiff::{SignedDuration, Timestamp};

use super::client::Clients;
use super::connection::{Connection, Identity};
use super::error::Cause;
use super::failure::Failure;
use super::file_error::FileCause;
use super::network::Unconnected;
use super::token::TokenState;
use super::token_error::TokenError;
use crate::catalog::{self, Api};
use crate::state::application::{ApplicationRecord, Limit};
use crate::state::kept::{FailureKind, KeptFailure};
use crate::state::standing::{LimitStanding, LimitWaiting, RecordStanding};
use crate::state::token::{SecretsInUse, TOKEN_LIMIT};
use crate::state::{Moment, RecordKey, RecordKind};

/// How an API is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiStanding {
    /// Its token; none where it has no such token.
    pub token: Option<TokenState>,
    /// Its limits: its own, that of the token endpoint, and those of operations that are in use.
    pub limits: Vec<LimitStanding>,
    /// Whether all who share the application use the same secret of it.
    pub secrets: SecretsInUse,
    /// How many processes wait for a turn.
    pub waiting: usize,
    /// What failed last, and how long ago in seconds.
    pub failure: Option<(KeptFailure, u64)>,
}

/// Whose clock is taken, the first that was heard.
const CLOCKS: [Api; 4] = [Api::Manage, Api::Audit, Api::Connectors, Api::Panel];

impl Clients {
    /// How far the upstreams' clock is ahead of this machine's, by the answers so far: zero before the first, and where they
    /// differ by seconds alone.
    #[must_use]
    pub fn ahead(&self) -> SignedDuration {
        let heard = CLOCKS.iter().find_map(|api| self.connection(*api)?.clock.ahead());
        SignedDuration::from_secs(heard.unwrap_or_default())
    }

    /// Now, by the upstreams' clock as far as it is known.
    #[must_use]
    pub fn moment(&self) -> Moment {
        let now = Timestamp::now();
        Moment(now.checked_add(self.ahead()).unwrap_or(now).as_millisecond())
    }

    /// How an API is doing for all who share its credential; `None` where it is not configured.
    pub async fn standing(&self, api: Api) -> Option<ApiStanding> {
        let connection = self.connection(api)?;
        let limits = connection.all_limits();
        let owner = connection.record.owner.clone();
        let look = move |now, record: &mut ApplicationRecord| {
            Some(record.standing(now, &limits, api.as_str(), &owner))
        };
        let record = connection.record.shared.change(&connection.record.key, look).await;
        Some(connection.standing(record))
    }

    /// How an API is doing as far as this process alone knows; `None` where it is not configured.
    #[must_use]
    pub fn standing_here(&self, api: Api) -> Option<ApiStanding> {
        Some(self.connection(api)?.standing(None))
    }

    /// Looks whether the place can be used where processes share. [`Clients::state_health`] tells what was found.
    pub async fn look_at_state(&self) {
        if let Some(shared) = &self.shared {
            let key = RecordKey { kind: RecordKind::Check, id: String::new() };
            shared.change(&key, |_, _: &mut Option<bool>| ()).await;
        }
    }

    /// Notes what failed, for whoever asks later, here or in another process.
    pub async fn note(&self, failure: &Failure) {
        let api = failure.operation.api;
        let Some((connection, (kind, status))) = self.connection(api).zip(failure.kind()) else { return };
        let kept = move |at| KeptFailure {
            at,
            tool: failure.operation.name.to_owned(),
            kind,
            status,
            words: failure.cause.to_string(),
        };
        let unstamped = kept(Moment(0));
        let fail = move |now, record: &mut ApplicationRecord| {
            record.fail(api.as_str(), KeptFailure { at: now, ..unstamped.clone() });
            Some(now)
        };
        if let Some(now) = connection.record.shared.change(&connection.record.key, fail).await {
            *connection.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept(now));
        }
    }
}

impl Failure {
    /// What kind of failure it is, and the status of the answer; none where it was no failure of the upstream or on the
    /// way there.
    #[must_use]
    pub fn kind(&self) -> Option<(FailureKind, Option<u16>)> {
        kind(&self.cause)
    }
}

impl Connection {
    /// All limits that its requests may count against, its own and the token endpoint's first.
    fn all_limits(&self) -> Vec<Limit> {
        if matches!(self.identity, Identity::Token { .. }) {
            return Vec::new();
        }
        let api = self.upstream.api;
        let token = self.limits.tokens().map(|most| Limit { name: TOKEN_LIMIT.to_owned(), most });
        let of_operations = catalog::operations()
            .iter()
            .filter(|operation| operation.api == api)
            .flat_map(|operation| self.limits.of(operation))
            .filter(|limit| limit.name != api.as_str());
        self.limits.of_api(api).into_iter().chain(token).chain(of_operations).collect()
    }

    /// How it is doing, by what all share where that is known.
    fn standing(&self, record: Option<RecordStanding>) -> ApiStanding {
        let own = self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let shared = record.as_ref().and_then(|record| record.failure.clone());
        let failure = [own, shared].into_iter().flatten().max_by_key(|failure| failure.at);
        let now = record.as_ref().map(|record| record.now);
        let ago = |failure: KeptFailure| {
            let ago = now.map(|now| failure.at.until(now)).unwrap_or_default();
            (failure, ago.as_secs())
        };
        let is_own =
            |limit: &LimitStanding| [self.upstream.api.as_str(), TOKEN_LIMIT].contains(&&*limit.name);
        let token = self.tokens().map(|tokens| {
            let kept = record.as_ref().and_then(|record| tokens.state_of(record.now, record.token.as_ref()?));
            let asking = record.as_ref().is_some_and(|record| record.asking);
            match (kept, tokens.state()) {
                (Some(kept), _) => kept,
                (None, TokenState::NotFetched) if asking => TokenState::BeingFetched,
                (None, own) => own,
            }
        });
        ApiStanding {
            token,
            secrets: record.as_ref().map(|record| record.secrets).unwrap_or_default(),
            waiting: record.as_ref().map_or(0, |record| record.waiting)
                + usize::from(self.line.waiting().calls > 0),
            limits: record
                .map(|record| {
                    let limits = record.limits.into_iter().map(|limit| self.with_own(limit));
                    limits.filter(|one| is_own(one) || one.is_in_use()).collect()
                })
                .unwrap_or_default(),
            failure: failure.map(ago),
        }
    }

    /// The same with those who wait in this process.
    fn with_own(&self, limit: LimitStanding) -> LimitStanding {
        let is_whole = limit.name == self.upstream.api.as_str();
        let own = if is_whole { self.line.waiting() } else { self.line.waiting_for(&limit.name) };
        let LimitWaiting { processes, calls, callers } = limit.waiting;
        let waiting = LimitWaiting {
            processes: processes + usize::from(own.calls > 0),
            calls: calls + own.calls,
            callers: callers + own.callers,
        };
        LimitStanding { waiting, ..limit }
    }
}

fn kind(cause: &Cause) -> Option<(FailureKind, Option<u16>)> {
    use FailureKind as Kind;
    if let Some(error) = cause.token() {
        return Some(kind_of_token(error));
    }
    Some(match cause {
        Cause::NotConfigured(_) | Cause::OutOfScope { .. } | Cause::Unwanted => return None,
        Cause::File(FileCause::Page { status, .. }) => (Kind::Unreadable, Some(*status)),
        // Those are about files of this machine.
        Cause::File(_) => return None,
        Cause::Setup(_) => (Kind::Setup, None),
        Cause::Unconnected(unconnected) => (kind_of_connection(unconnected), None),
        Cause::TimedOut { .. } => (Kind::NoAnswer, None),
        Cause::Interrupted { status, .. } => (Kind::NoAnswer, *status),
        Cause::Stalled { status, .. } => (Kind::NoAnswer, Some(*status)),
        Cause::TooLarge { status, .. }
        | Cause::BrokenJson { status, .. }
        | Cause::Empty { status, .. }
        | Cause::Unsaid { status, .. }
        | Cause::NotJson { status, .. } => (Kind::Unreadable, Some(*status)),
        Cause::Redirected { status, .. } => (Kind::Redirect, Some(*status)),
        Cause::Unauthorized { .. } => (Kind::Credentials, Some(401)),
        Cause::PanelToken { status, .. } => (Kind::Credentials, Some(*status)),
        Cause::InsufficientScope { status, .. } => (Kind::Scope, Some(*status)),
        Cause::ScopeNotGranted { .. } => (Kind::Scope, None),
        Cause::TooManyRequests { .. } => (Kind::Limit, Some(429)),
        Cause::NoTurn { .. } => (Kind::Limit, None),
        Cause::Refused { status, .. } => (Kind::Refused, Some(*status)),
        // Said above.
        Cause::Token(_) | Cause::NotRenewed(_) => (Kind::Credentials, None),
    })
}

fn kind_of_token(error: &TokenError) -> (FailureKind, Option<u16>) {
    use FailureKind as Kind;
    match error {
        TokenError::Credentials { status, .. } => (Kind::Credentials, Some(*status)),
        TokenError::Scope { .. } => (Kind::Scope, None),
        TokenError::TooMany { .. } => (Kind::Limit, Some(429)),
        TokenError::Spent { .. } => (Kind::Limit, None),
        TokenError::Redirected { status, .. } => (Kind::Redirect, Some(*status)),
        TokenError::Status { status, .. } => (Kind::Refused, Some(*status)),
        TokenError::Unreadable { status, .. } => (Kind::Unreadable, Some(*status)),
        TokenError::Unconnected(unconnected) => (kind_of_connection(unconnected), None),
        TokenError::Network { .. } | TokenError::Interrupted { .. } => (Kind::NoAnswer, None),
    }
}

fn kind_of_connection(unconnected: &Unconnected) -> FailureKind {
    match unconnected {
        Unconnected::Untrusted { .. } => FailureKind::Certificate,
        _ => FailureKind::Unreachable,
    }
}
