//! What can go wrong upstream, and what each case means for the one who called.
//!
//! Every variant answers the same four questions: what happened, whether the
//! change may have been made, when to try again, and what to do. `Display`
//! puts the answers into the text that a model reads. What an upstream wrote
//! is quoted and cut: it is data.

use std::time::Duration;

use thiserror::Error;

use super::advice::{CHECK_ADDRESS, check_ids, grant, redirected};
use super::fate::{A_MINUTE, A_MOMENT, Fate, LONGEST_PAUSE, Retry};
use super::file_error::FileCause;
use super::network::Unconnected;
use super::token_error::TokenError;
use super::uncatalogued::READ_API;
use super::words::{quote, size};
use crate::catalog::{Api, Effect, Operation, Scope, Shape};

/// A call that the upstream did not carry out as asked.
#[derive(Debug, Error)]
#[error("{}", self.text())]
pub struct Failure {
    /// What was called.
    pub operation: &'static Operation,
    /// What happened.
    pub cause: Cause,
}

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
        /// The Panel's error code.
        code: String,
    },
    /// The token is good, but not for this.
    #[error("{upstream} answered {status}: the scope {scope} is missing{}", quote(.message))]
    InsufficientScope {
        /// Host and port.
        upstream: String,
        /// Its status: 403, if it keeps to its own documents.
        status: u16,
        /// What is needed.
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
    /// No turn would come in time: the minute's requests are spent, so the call was not sent.
    #[error("the limit of {most} requests a minute is used up, by all that share the application")]
    NoTurn {
        /// The limit.
        most: u16,
        /// When there is a turn.
        after: Duration,
    },
    /// Any other status that is no success, or the Panel's `ok: false`.
    #[error("{upstream} answered {status} {reason}{}", quote(.message))]
    Refused {
        /// Host and port.
        upstream: String,
        /// Its status.
        status: u16,
        /// The status in words.
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
    fn token(&self) -> Option<&TokenError> {
        match self {
            Self::Token(error) | Self::NotRenewed(error) => Some(error),
            _ => None,
        }
    }
}

impl Failure {
    /// Whether the change may have been made.
    #[must_use]
    pub fn fate(&self) -> Fate {
        match &self.cause {
            Cause::NotConfigured(_)
            | Cause::OutOfScope { .. }
            | Cause::Setup(_)
            | Cause::Unwanted
            | Cause::Unconnected(_)
            | Cause::ScopeNotGranted { .. }
            | Cause::NoTurn { .. }
            | Cause::Token(_) => Fate::NotSent,
            // 307 and 308 ask for the request to be made elsewhere; the others may answer one that was carried out.
            Cause::Redirected { status: 300..=306, .. } => Fate::Unknown,
            Cause::Redirected { .. }
            | Cause::NotRenewed(_)
            | Cause::Unauthorized { .. }
            | Cause::PanelToken { .. }
            | Cause::InsufficientScope { .. }
            | Cause::TooManyRequests { .. } => Fate::NotDone,
            Cause::File(cause) => cause.fate(),
            Cause::TimedOut { .. } | Cause::Unsaid { .. } => Fate::Unknown,
            Cause::Interrupted { status, .. } => status.map_or(Fate::Unknown, |status| self.unread(status)),
            Cause::TooLarge { status, .. }
            | Cause::BrokenJson { status, .. }
            | Cause::Empty { status, .. } => self.unread(*status),
            // The Panel's `ok: false` is a refusal whatever its status.
            Cause::Refused { status: 200..=299, .. } => Fate::NotDone,
            // A page with 200 is as likely a proxy's sign-in form as an answer.
            Cause::NotJson { status: 200..=299, .. } => Fate::Unknown,
            Cause::NotJson { status, .. } | Cause::Refused { status, .. } => Fate::after_status(*status),
        }
    }

    /// What a status alone says. The Panel says in the body whether it did what was asked, and a bulk change may have
    /// failed in part or whole.
    fn unread(&self, status: u16) -> Fate {
        match Fate::after_status(status) {
            Fate::Done if self.operation.api == Api::Panel || self.operation.shape == Shape::Bulk => {
                Fate::Unknown
            }
            fate => fate,
        }
    }

    /// When to try again.
    #[must_use]
    pub fn retry(&self) -> Retry {
        let writes = self.operation.effect > Effect::Read;
        if let Some(error) = self.cause.token() {
            return error.retry();
        }
        match (&self.cause, self.fate()) {
            (Cause::Unconnected(unconnected), _) => unconnected.retry(),
            (Cause::NoTurn { after, .. }, _) => Retry::After(*after),
            (Cause::TooManyRequests { retry_after, .. }, _) => Retry::After(retry_after.unwrap_or(A_MINUTE)),
            (_, Fate::Unknown) if writes => {
                let wait = match &self.cause {
                    Cause::Refused { retry_after, .. } => *retry_after,
                    _ => None,
                };
                Retry::AfterChecking(wait)
            }
            (_, Fate::Done) if writes => Retry::No,
            (Cause::Refused { retry_after: Some(wait), .. }, _) => Retry::After(*wait),
            (
                Cause::TimedOut { .. }
                | Cause::Interrupted { .. }
                | Cause::BrokenJson { .. }
                | Cause::Empty { .. }
                | Cause::Refused { status: 408 | 500..=599, .. }
                | Cause::NotJson { status: 500..=599, .. },
                _,
            ) => Retry::After(A_MOMENT),
            _ => Retry::No,
        }
    }

    /// What to do, in a sentence or two.
    #[must_use]
    pub fn advice(&self) -> String {
        let api = self.operation.api;
        if let Some(error) = self.cause.token() {
            return error.advice(api);
        }
        match &self.cause {
            Cause::NotConfigured(api) => {
                format!("Set {}.{}", super::credential_settings(*api), super::credential_holders(*api))
            }
            Cause::OutOfScope { .. } => "This is a bug in the server; please report it.".to_owned(),
            Cause::Setup(_) => "If this machine has no CA certificates, install the package ca-certificates, or set \
                SSL_CERT_FILE to a file of CA certificates.".to_owned(),
            Cause::Unconnected(unconnected) => unconnected.advice(super::address_setting(api)),
            Cause::Redirected { upstream, .. } => redirected(api, upstream),
            Cause::Unauthorized { .. } => {
                "Vanta keeps one active token per application: when another program requests one with the same \
                 client id, this one is revoked. Give each program its own application, and check that the \
                 application has not been disabled."
                    .to_owned()
            }
            Cause::PanelToken { .. } => {
                "The token has expired, was revoked, or a proxy strips the header. Create a new one in vWHM → API \
                 Tokens and set VANTA_PANEL_TOKEN; if a proxy strips the header, set VANTA_PANEL_AUTH=x-api-key."
                    .to_owned()
            }
            Cause::TooManyRequests { .. } => limits(self.operation),
            Cause::InsufficientScope { scope, .. } => grant(api, scope),
            Cause::ScopeNotGranted { scope } => grant(api, scope.as_str()),
            Cause::TooLarge { .. } if self.operation.effect == Effect::Read => {
                "Ask for less: a smaller pageSize, or a filter.".to_owned()
            }
            Cause::File(cause) => cause.advice().to_owned(),
            Cause::NotJson { .. } => CHECK_ADDRESS.to_owned(),
            // The catalog has more to say of it, which depends on who calls.
            Cause::Refused { message, .. } if self.operation.advice_on(Some(message)).next().is_some() => {
                String::new()
            }
            Cause::Refused { status: 403, .. } => {
                "The credentials are valid but not allowed to do this: check what the application may do.".to_owned()
            }
            Cause::Refused { status: 404, .. } if self.operation.name == READ_API => {
                "The path does not exist, or nothing has this id: check the path in Vanta's API reference.".to_owned()
            }
            Cause::Refused { status: 404, .. } if self.operation.in_path.is_empty() && api != Api::Panel => {
                "Check the ids in the arguments; if there are none, check that the base URL is the API's.".to_owned()
            }
            Cause::Refused { status: 404, .. } => check_ids(self.operation),
            Cause::Refused { status: 400 | 409 | 413 | 422, .. } => "Change the arguments as the message says.".to_owned(),
            Cause::Refused { status: 405, .. } => CHECK_ADDRESS.to_owned(),
            Cause::Refused { status: 401..=499, .. } => {
                "The upstream refuses this call. Do what its message says, if there is one, before you try again."
                    .to_owned()
            }
            _ => String::new(),
        }
    }

    /// What a model reads: what happened, what became of the change, when to retry, what to do.
    fn text(&self) -> String {
        let mut text = format!("{}: {}.", self.operation.name, self.cause);
        let writes = self.operation.effect > Effect::Read;
        let told = match self.fate() {
            Fate::NotSent => "The call was not sent.",
            Fate::NotDone if writes => "Nothing was changed.",
            Fate::Unknown if writes => "The change may have taken effect.",
            Fate::Done if writes => {
                "The change was made, but the answer was lost. Do not repeat it; read the target to see the result."
            }
            _ => "",
        };
        push(&mut text, told);
        match self.retry() {
            Retry::No => {}
            Retry::After(wait) if wait > LONGEST_PAUSE => push(&mut text, "Try again in 5 minutes or more."),
            Retry::After(wait) => push(&mut text, &format!("Try again after {} s.", wait.as_secs().max(1))),
            Retry::AfterChecking(wait) => {
                let told = if self.operation.idempotent {
                    "Read the target to check, or repeat the call: repeating it is harmless."
                } else {
                    "Check whether it was made before you repeat it."
                };
                push(&mut text, told);
                match wait {
                    None => {}
                    Some(wait) if wait > LONGEST_PAUSE => {
                        push(&mut text, "The upstream asks for a pause of 5 minutes or more.");
                    }
                    Some(wait) => {
                        let seconds = wait.as_secs().max(1);
                        push(&mut text, &format!("The upstream asks for a pause of {seconds} s."));
                    }
                }
            }
        }
        push(&mut text, &self.advice());
        text
    }
}

fn push(text: &mut String, sentence: &str) {
    if !sentence.is_empty() {
        text.push(' ');
        text.push_str(sentence);
    }
}

/// How many calls the upstream takes, which explains a 429.
fn limits(operation: &Operation) -> String {
    let shared = "from one application, even if several programs share it";
    match (operation.limit, operation.api.per_minute()) {
        (Some(most), _) => format!("This operation accepts at most {most} calls a minute {shared}."),
        (None, Some(most)) => {
            format!("{} accepts at most {most} requests a minute {shared}.", operation.api.title())
        }
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn a_pause_is_told_up_to_five_minutes() {
        let told = |tool: &str, seconds| {
            let retry_after = Some(Duration::from_secs(seconds));
            let (upstream, message) = ("api.example.com".to_owned(), String::new());
            let cause = Cause::Refused { upstream, status: 503, reason: "", message, retry_after };
            Failure { operation: catalog::find(tool).unwrap(), cause }.to_string()
        };
        assert!(told("list_vendors", 300).contains("Try again after 300 s."));
        assert!(told("list_vendors", 301).contains("Try again in 5 minutes or more."));
        assert!(told("create_vendor", 300).contains("asks for a pause of 300 s."));
        assert!(told("create_vendor", u64::MAX).contains("asks for a pause of 5 minutes or more."));
    }
}
