//! Why no token could be fetched, and what that means.

use std::time::Duration;

use thiserror::Error;

use super::advice::{CHECK_ADDRESS, CHECK_NETWORK, grant, redirected};
use super::fate::{A_MINUTE, A_MOMENT, Retry};
use super::network::Unconnected;
use super::words::quote;
use crate::catalog::Api;
use crate::state::token::SecretsInUse;

/// What is said where others use another secret of the application.
pub const OTHER_SECRET: &str = "Another process uses another secret of this application, so the two revoke each other's \
                                tokens: give all of them the same secret.";

/// Why there is no token. The call itself was not sent.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Wrong client id or secret.
    #[error("the token endpoint of {upstream} does not accept the client id and secret ({status}{})", quote(.message))]
    Credentials {
        /// Host and port.
        upstream: String,
        /// Its status.
        status: u16,
        /// What it wrote.
        message: String,
    },
    /// The application has none of the scopes.
    #[error("the token endpoint of {upstream} refused the scopes {scopes} (invalid_scope)")]
    Scope {
        /// Host and port.
        upstream: String,
        /// What was asked for.
        scopes: String,
    },
    /// The five requests a minute are used up.
    #[error(
        "the token endpoint of {upstream} answered 429: at most 5 token requests a minute, across all processes"
    )]
    TooMany {
        /// Host and port.
        upstream: String,
        /// What `Retry-After` says.
        retry_after: Option<Duration>,
    },
    /// They are used up, or it asked for a pause, so none was asked for.
    #[error(
        "no token can be requested from {upstream} yet: its 5 token requests a minute are used up, or it asked for a pause"
    )]
    Spent {
        /// Host and port.
        upstream: String,
        /// When one can be.
        after: Duration,
        /// Whether others use another secret of the application.
        secrets: SecretsInUse,
    },
    /// It points elsewhere, where the secret does not belong.
    #[error("the token endpoint of {upstream} answered {status}, a redirect, which is not followed")]
    Redirected {
        /// Host and port.
        upstream: String,
        /// Its status.
        status: u16,
    },
    /// It answered something else.
    #[error("the token endpoint of {upstream} answered {status}{}", quote(.message))]
    Status {
        /// Host and port.
        upstream: String,
        /// Its status.
        status: u16,
        /// What it wrote.
        message: String,
        /// What `Retry-After` says.
        retry_after: Option<Duration>,
    },
    /// It answered something that holds no token.
    #[error("the token endpoint of {upstream} answered {status} without a token{}", quote(.detail))]
    Unreadable {
        /// Host and port.
        upstream: String,
        /// Its status.
        status: u16,
        /// What is wrong with it.
        detail: String,
    },
    /// No connection was made.
    #[error(transparent)]
    Unconnected(Unconnected),
    /// The connection ended before its answer did.
    #[error("the token endpoint of {upstream} sent no complete answer: {detail}")]
    Interrupted {
        /// Host and port.
        upstream: String,
        /// What the network said.
        detail: String,
    },
    /// Its answer did not arrive in time, or is none that is read.
    #[error("the token endpoint of {upstream} sent no complete answer: {detail}")]
    Network {
        /// Host and port.
        upstream: String,
        /// What the network said.
        detail: String,
    },
}

impl TokenError {
    pub(super) fn retry(&self) -> Retry {
        match self {
            Self::Unconnected(unconnected) => unconnected.retry(),
            Self::TooMany { retry_after, .. } => Retry::After(retry_after.unwrap_or(A_MINUTE)),
            Self::Spent { after, .. } => Retry::After(*after),
            Self::Status { retry_after: Some(wait), .. } => Retry::After(*wait),
            Self::Network { .. }
            | Self::Interrupted { .. }
            | Self::Status { status: 408 | 500..=599, .. } => Retry::After(A_MOMENT),
            _ => Retry::No,
        }
    }

    pub(super) fn advice(&self, api: Api) -> String {
        match self {
            Self::Credentials { .. } => format!("Check {}.", super::credential_settings(api)),
            Self::Scope { scopes, .. } => grant(api, scopes),
            Self::Network { .. } | Self::Interrupted { .. } => CHECK_NETWORK.to_owned(),
            Self::Unconnected(unconnected) => unconnected.advice(super::address_setting(api)),
            Self::Redirected { upstream, .. } => redirected(api, upstream),
            Self::Unreadable { .. } | Self::Status { status: 404 | 405, .. } => CHECK_ADDRESS.to_owned(),
            Self::Status { status: 400..=499, .. } => {
                format!("Check {} and the type of the application.", super::credential_settings(api))
            }
            Self::Spent { secrets: SecretsInUse::Several, .. } => OTHER_SECRET.to_owned(),
            Self::Spent { .. } => {
                "Programs that share an application share this limit: give each its own.".to_owned()
            }
            Self::TooMany { .. } | Self::Status { .. } => String::new(),
        }
    }
}
