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

impl KeptToken {
    pub(super) fn covers(&self, scopes: &[String]) -> bool {
        scopes.iter().all(|scope| self.scopes.contains(scope))
    }
}
