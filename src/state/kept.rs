//! What is kept of a token.

use serde::{Deserialize, Serialize};

use super::store::Moment;

/// A token as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptToken {
    /// The token, sealed, in base64.
    pub sealed: String,
    /// Which of the application's it is.
    pub generation: u64,
    /// The scopes it was granted.
    pub scopes: Vec<String>,
    /// When it was asked for.
    pub since: Moment,
    /// When it ends.
    pub expires: Moment,
    /// From when on it is replaced.
    pub renew: Moment,
    /// Whether the upstream did not accept it.
    #[serde(default)]
    pub rejected: bool,
}

/// The right to ask for a token, for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lease {
    pub(super) owner: String,
    pub(super) until: Moment,
}

/// Something that failed upstream, as it is kept: enough to tell of it, and no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFailure {
    /// When.
    pub at: Moment,
    /// The tool that was called.
    pub tool: String,
    /// What it was.
    pub kind: FailureKind,
    /// The status of the answer, where there was one.
    pub status: Option<u16>,
    /// The same in words. What an upstream wrote stands in quotation marks, cut.
    pub words: String,
}

/// What kind of thing fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// Nobody was reached.
    Unreachable,
    /// The certificate is not accepted.
    Certificate,
    /// No whole answer came in time.
    NoAnswer,
    /// The credentials, or the token, are not accepted.
    Credentials,
    /// A scope is missing.
    Scope,
    /// A limit of requests was reached.
    Limit,
    /// The answer points elsewhere.
    Redirect,
    /// The answer cannot be read.
    Unreadable,
    /// The upstream refused what was asked, or failed itself.
    Refused,
    /// This machine lacks something.
    Setup,
    /// What a newer version of this program wrote.
    #[serde(other)]
    Other,
}

impl FailureKind {
    /// Its name in data.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Certificate => "certificate",
            Self::NoAnswer => "no_answer",
            Self::Credentials => "credentials",
            Self::Scope => "scope",
            Self::Limit => "limit",
            Self::Redirect => "redirect",
            Self::Unreadable => "unreadable",
            Self::Refused => "refused",
            Self::Setup => "setup",
            Self::Other => "other",
        }
    }
}

impl KeptToken {
    pub(super) fn covers(&self, scopes: &[String]) -> bool {
        scopes.iter().all(|scope| self.scopes.contains(scope))
    }
}

/// A change that is being made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ChangeUnderWay {
    pub(super) change: String,
    /// When it counts as over: whoever makes it may have been killed.
    pub(super) until: Moment,
}
