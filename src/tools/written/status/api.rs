//! The state of one API.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::audience::Audience;
use crate::api::{
    ApiStanding, Clients, Credential, Lacking, LackingPart, OTHER_SECRET, TokenState, Upstream,
    credential_settings,
};
use crate::catalog::{Api, Scope};
use crate::state::kept::KeptFailure;
use crate::state::standing::{LimitStanding, LimitWaiting};
use crate::state::token::SecretsInUse;

/// The state of one API.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiState {
    /// Its short name.
    api: &'static str,
    /// Its name.
    name: &'static str,
    /// Whether it has credentials.
    configured: bool,
    /// The settings to make, where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    set: Option<String>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    base_url: Option<String>,
    /// The header that carries a token of the Panel.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_header: Option<String>,
    /// The application's public part, where it is certain to be that.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// The scopes that are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<&'static str>>,
    /// The scopes that were granted, once there is a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    granted: Option<Vec<&'static str>>,
    /// The state of the access token, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// How long ago the token was fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_age_seconds: Option<u64>,
    /// How long the token is still valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_expires_in_seconds: Option<u64>,
    /// How many requests are left of the minute, for all that share the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    requests_left: Option<u16>,
    /// How many processes wait for a turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<usize>,
    /// Each limit of requests a minute: the API's, the token endpoint's, and those of single tools that are in use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    limits: Vec<LimitState>,
    /// What failed last, here or in another process with the same credentials. It may be long over.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<LastError>,
    /// What is to be known of its application: that scopes were refused, or that others use another secret of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// One limit of requests a minute.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LimitState {
    /// The API, `token` for the token endpoint, or a tool.
    limit: String,
    /// How many requests a minute.
    per_minute: u16,
    /// How many of them are left.
    left: u16,
    /// How long the pause still lasts that the API asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_seconds: Option<u64>,
    /// Who waits for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<WaitState>,
}

/// Who waits for a limit.
#[derive(Debug, Serialize, JsonSchema)]
struct WaitState {
    /// How many processes.
    processes: usize,
    /// How many calls of theirs, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    calls: Option<usize>,
    /// How many callers made these.
    #[serde(skip_serializing_if = "Option::is_none")]
    callers: Option<usize>,
}

/// What failed last.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LastError {
    /// When, in UTC.
    at: String,
    /// How long ago that is.
    seconds_ago: u64,
    /// The tool that was called.
    tool: String,
    /// What it was: unreachable, certificate, `no_answer`, credentials, scope, limit, redirect, unreadable, refused or setup.
    kind: &'static str,
    /// The HTTP status of the answer, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// The error in words; what the API wrote is quoted and cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// What client ids of Vanta begin with.
const CLIENT_ID: &str = "vci_";

impl ApiState {
    /// As a reader may see it. `standing` is none where it is not configured.
    pub fn of(clients: &Clients, api: Api, standing: Option<ApiStanding>, audience: Audience) -> Self {
        let state = Self { api: api.as_str(), name: api.title(), ..Self::default() };
        let Some((upstream, standing)) = clients.upstream(api).zip(standing) else {
            let set = (audience != Audience::Probe).then(|| to_set(clients, api));
            return Self { set, ..state };
        };
        let base_url = (audience != Audience::Probe).then(|| upstream.base.to_string());
        Self { configured: true, base_url, ..state }
            .with_credential(upstream, audience)
            .with_token(standing.token, audience)
            .with_secrets(standing.secrets)
            .with_limits(api, standing.limits, standing.waiting)
            .with_error(standing.failure, audience)
    }

    /// Whether it has credentials.
    pub fn is_configured(&self) -> bool {
        self.configured
    }

    fn with_credential(self, upstream: &Upstream, audience: Audience) -> Self {
        match &upstream.credential {
            Credential::Token { header, .. } => Self { token_header: Some(header.to_string()), ..self },
            Credential::Application { client_id, scopes, .. } => Self {
                // Whoever swaps the two has set the secret in its place.
                client_id: Some(client_id.clone())
                    .filter(|id| audience != Audience::Probe && id.starts_with(CLIENT_ID)),
                scopes: Some(spelled(scopes)),
                ..self
            },
        }
    }

    fn with_token(self, token: Option<TokenState>, audience: Audience) -> Self {
        let words = token.as_ref().map(|token| in_words(token, audience));
        let Some(TokenState::Held { expires_in, age, granted, withheld }) = token else {
            return Self { token: words, ..self };
        };
        Self {
            token: words,
            token_age_seconds: Some(age.as_secs()),
            token_expires_in_seconds: Some(expires_in.as_secs()),
            note: (!withheld.is_empty()).then(|| told_of_withheld(&withheld)),
            granted: Some(spelled(&granted)),
            ..self
        }
    }

    fn with_secrets(self, secrets: SecretsInUse) -> Self {
        let several = (secrets == SecretsInUse::Several).then(|| OTHER_SECRET.to_owned());
        let notes: Vec<String> = several.into_iter().chain(self.note).collect();
        Self { note: (!notes.is_empty()).then(|| notes.join(" ")), ..self }
    }

    fn with_limits(self, api: Api, limits: Vec<LimitStanding>, waiting: usize) -> Self {
        let own = limits.iter().find(|limit| limit.name == api.as_str());
        Self {
            requests_left: own.map(|limit| limit.left),
            waiting: Some(waiting).filter(|waiting| *waiting > 0),
            limits: limits.into_iter().map(LimitState::of).collect(),
            ..self
        }
    }

    fn with_error(self, failure: Option<(KeptFailure, u64)>, audience: Audience) -> Self {
        let last_error = failure.map(|(failure, seconds_ago)| LastError {
            at: moment(failure.at.0),
            seconds_ago,
            tool: failure.tool,
            kind: failure.kind.as_str(),
            status: failure.status,
            error: Some(failure.words).filter(|_| audience == Audience::Operator),
        });
        Self { last_error, ..self }
    }
}

impl LimitState {
    fn of(standing: LimitStanding) -> Self {
        let LimitStanding { name, most, left, paused, waiting } = standing;
        let LimitWaiting { processes, calls, callers } = waiting;
        let known = |count: usize| Some(count).filter(|count| *count > 0);
        Self {
            limit: name,
            per_minute: most,
            left,
            paused_seconds: (paused > Duration::ZERO).then(|| paused.as_secs().max(1)),
            waiting: (processes > 0).then(|| WaitState {
                processes,
                calls: known(calls),
                callers: known(callers),
            }),
        }
    }
}

/// The settings to make for an API that has none.
fn to_set(clients: &Clients, api: Api) -> String {
    let credentials = credential_settings(api);
    match clients.why_missing(api) {
        None => credentials.to_owned(),
        Some(Lacking { part: LackingPart::Address { setting }, reason, .. }) => {
            format!("{setting}, or remove it: {reason}")
        }
        Some(Lacking { reason, .. }) => format!("{credentials}: {reason}"),
    }
}

fn in_words(token: &TokenState, audience: Audience) -> String {
    match token {
        TokenState::BeingFetched => "being fetched".to_owned(),
        TokenState::NotFetched => "not fetched yet; the first call fetches it".to_owned(),
        TokenState::Failed { .. } if audience == Audience::Probe => {
            "the last attempt to fetch one failed".to_owned()
        }
        TokenState::Failed { reason } => format!("the last attempt to fetch one failed: {reason}"),
        TokenState::Held { expires_in, age, .. } => {
            let (left, age) = (expires_in.as_secs(), age.as_secs());
            format!("valid for another {left} s, fetched {age} s ago")
        }
    }
}

/// A moment in UTC, to the second.
fn moment(milliseconds: i64) -> String {
    let second = Timestamp::from_second(milliseconds.div_euclid(1000));
    second.map(|second| second.to_string()).unwrap_or_default()
}

/// What it means that scopes were refused.
fn told_of_withheld(withheld: &[Scope]) -> String {
    let refused = spelled(withheld).join(", ");
    let fate = if withheld.iter().any(|scope| !scope.is_aside()) {
        "so the server can only read: writes will fail"
    } else {
        "so the server works without it: tools that need it will fail"
    };
    format!(
        "Refused as invalid_scope: {refused}, {fate} until the application is granted what is missing and the server is \
         restarted."
    )
}

fn spelled(scopes: &[Scope]) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope.as_str()).collect()
}
