//! Where the keys of an authorization server come from, and why they may not come.

use thiserror::Error;
use url::Url;

use super::key::PublicKey;
use crate::api::document::DocumentError;

/// Where keys come from.
pub(super) trait KeySource: Send + 'static {
    /// The keys of now, of which there is at least one.
    fn keys(&mut self) -> impl Future<Output = Result<Vec<PublicKey>, KeysError>> + Send;
}

/// Keys that could not be had.
#[derive(Debug, Error)]
pub(super) enum KeysError {
    /// A document did not come.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A document is not what it should be.
    #[error("{url} is invalid: {problem}")]
    Malformed { url: Url, problem: String },
}
