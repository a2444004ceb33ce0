//! What can go wrong upstream.
//!
//! What an upstream wrote is quoted and cut: it is data. What a case means for the one who called is said in `failure`.

use std::time::Duration;

use thiserror::Error;

use super::file_error::FileCause;
use super::network::Unconnected;
use super::places::{OF_CALLER, OF_UPSTREAM};
use super::token_error::TokenError;
use super::words::{quote, size};
use crate::catalog::{Api, Effect, Scope};
use crate::state::application::WaitReason;

/// What happened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Cause {
    /// There is no credential for the API.
    #[error("no credentials are set for {}", .0.title())]
    NotConfigured(Api),
    /// The client of an effect was given a request of a greater one.
    #[error("a {client} client cannot send a {wanted} request")]
    OutOfScope {
        /// What the client may send.
        client: Effect,
        /// What it was given.
        wanted: Effect,
    },
    /// The caller went away while the call waited to be sent.
    #[error("nobody is waiting for the answer any more")]
    Unwanted,
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be set up: {0}")]
    Setup(String),
    /// No connection was made.
    #[error(transparent)]
    Unconnected(#[from] Unconnected),
    /// The upstream was silent for too long after the request was sent.
    #[error("{upstream} did not answer in time")]
    TimedOut {
        /// Host and port.
        upstream: String,
    },
    /// The connection ended before the answer did.
    #[error("the connection to {upstream} ended before the answer was complete: {detail}")]
    Interrupted {
        /// Host and port.
        upstream: String,
        /// What the network said.
        detail: String,
        /// The status, where it had arrived.
        status: Option<u16>,
    },
    /// The answer began and went no further.
    #[error("{upstream} answered {status}, but the rest of the answer did not arrive in time")]
    Stalled {
        /// Host and port.
        upstream: String,
        /// Its status.
        status: u16,
    },
    /// The answer is larger than is read.
    #[error("the answer ({status}) is larger than {} and was not read", size(*.limit))]
    TooLarge {
        /// Its status.
        status: u16,
        /// In bytes.
        limit: usize,
    },
    /// The answer says that it is JSON and is not, mostly because it was cut.
    #[error("the answer ({status}) is not complete, valid JSON: {detail}")]
    BrokenJson {
        /// Its status.
        status: u16,
        /// What the parser said.
        detail: String,
    },
    /// The answer is something else than JSON: a proxy's page, a sign-in form.
    #[error(
        "{upstream} answered {status} with something other than JSON (a page from a proxy?): \"{words}\""
    )]
    NotJson {
        /// Host and port.
        upstream: String,
        /// Its status.
        status: u16,
        /// Its first words.
        words: String,
        /// What `Retry-After` says.
        retry_after: Option<Duration>,
    },
    /// The answer points elsewhere. It is not followed, since the credential belongs to this origin alone, and where it
    /// points to is not told: whoever can answer in the upstream's place could have the credentials sent there.
    #[error("{upstream} answered {status}, a redirect, which is not followed")]
    Redirected {
        /// Host and port.
        upstream: String,
        /// Its status.
        status: u16,
    },
    /// A second 401, with a fresh token.
    #[error("{upstream} answered 401 twice, the second time for a token that was fetched for this call{}", quote(.message))]
    Unauthorized {
        /// Host and port.
        upstream: String,
        /// What it wrote.
        message: String,
    },
    /// The Panel does not know the token.
    #[error("Vanta Panel does not accept the token ({code})")]
    PanelToken {
        /// The status of the answer: 401, if it keeps to its own documents.
        status: u16,
        /// The Panel's error code, or its words in quotation marks.
        code: String,
    },
    /// The token is good, but not for this.
    #[error("{upstream} answered {status}: {}{}", lacking(.scope), quote(.message))]
    InsufficientScope {
        /// Host and port.
        upstream: String,
        /// Its status: 403, if it keeps to its own documents.
        status: u16,
        /// What is needed; empty where neither the answer nor the operation names it.
        scope: String,
        /// What it wrote.
        message: String,
    },
    /// The application was not given the scope when the token was fetched, so the call was not sent.
    #[error("the application has no scope {scope}: the token endpoint refused it as invalid_scope")]
    ScopeNotGranted {
        /// What is needed.
        scope: Scope,
    },
    /// More requests than the upstream takes.
    #[error("{upstream} answered 429, too many requests{}", quote(.message))]
    TooManyRequests {
        /// Host and port.
        upstream: String,
        /// What it wrote.
        message: String,
        /// What `Retry-After` says.
        retry_after: Option<Duration>,
    },
    /// No turn would come in time, so the call was not sent.
    #[error("{}", no_turn(*.most, *.reason))]
    NoTurn {
        /// The limit.
        most: u16,
        /// When there is a turn.
        after: Duration,
        /// Why there is none.
        reason: WaitReason,
    },
    /// Any other status that is no success, or the Panel's `ok: false`.
    #[error("{upstream} answered {status}{}{}", spaced(.reason), quote(.message))]
    Refused {
        /// Host and port.
        upstream: String,
        /// Its status.
        status: u16,
        /// The status in words; empty where it has none.
        reason: &'static str,
        /// What it wrote, or the Panel's code.
        message: String,
        /// What `Retry-After` says.
        retry_after: Option<Duration>,
    },
    /// The Panel answered and did not say whether it did what was asked.
    #[error("Vanta Panel answered {status} in an unknown format, neither a success (`ok: true`) nor a refusal (`ok: \
             false`), so it is unknown whether the call took effect{}", quote(.code))]
    Unsaid {
        /// Its status.
        status: u16,
        /// The Panel's code, where there is one.
        code: String,
    },
    /// A read was answered with nothing at all.
    #[error("{upstream} answered {status} with an empty body instead of data")]
    Empty {
        /// Host and port.
        upstream: String,
        /// Its status.
        status: u16,
    },
    /// Something about a file.
    #[error(transparent)]
    File(#[from] FileCause),
    /// No token could be fetched.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The token was refused, and no other could be fetched.
    #[error("the upstream answered 401, and no fresh token could be fetched: {0}")]
    NotRenewed(#[source] TokenError),
}

impl Cause {
    /// What was wrong with a token, whether before the call or after it was refused.
    pub(super) fn token(&self) -> Option<&TokenError> {
        match self {
            Self::Token(error) | Self::NotRenewed(error) => Some(error),
            _ => None,
        }
    }
}

/// Which scope is missing, where that is known.
fn lacking(scope: &str) -> String {
    match scope {
        "" => "a scope is missing, and the answer does not say which".to_owned(),
        named => format!("the scope {named} is missing"),
    }
}

fn spaced(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(" {reason}") }
}

fn no_turn(most: u16, reason: WaitReason) -> String {
    match reason {
        WaitReason::Spent => {
            let requests = if most == 1 { "1 request".to_owned() } else { format!("{most} requests") };
            format!("the limit of {requests} a minute is used up, by all that share the application")
        }
        WaitReason::Paused => "the API asked for a pause (Retry-After) that is not over yet".to_owned(),
        WaitReason::Behind => format!(
            "{OF_CALLER} requests of this caller, or {OF_UPSTREAM} in all, are waiting for an answer, which is as many \
             as are sent at once"
        ),
    }
}
