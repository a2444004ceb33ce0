//! Small public JSON documents: what an authorization server says of itself, and its keys.
//!
//! They are asked for without any credential.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::StreamExt as _;
use thiserror::Error;
use url::Url;

use super::network::{Network, Unconnected};
use super::words::innermost;

/// The longest document that is read, in bytes.
const LONGEST: usize = 1 << 20;

/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// The longest wait for all of a document.
const TOTAL: Duration = Duration::from_secs(10);

/// A document that did not come.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// It is not there, or not for us.
    #[error("{url} answered {status}")]
    Status {
        /// Where it should be.
        url: Url,
        /// What it answered.
        status: u16,
    },
    /// It is too long to be what it should be.
    #[error("{url} is longer than {LONGEST} bytes")]
    TooLong {
        /// Where it is.
        url: Url,
    },
    /// The way to it is broken.
    #[error("{url}: {detail}")]
    Network {
        /// Where it should be.
        url: Url,
        /// What is known.
        detail: String,
    },
}

/// Fetches documents: over https, or in the clear from this machine alone. Nothing is opened before the first one.
#[derive(Debug)]
pub struct Documents {
    network: Arc<Network>,
    /// For https.
    secured: OnceLock<reqwest::Client>,
    /// For plain http.
    plain: OnceLock<reqwest::Client>,
}

impl Documents {
    /// Documents that are reached so.
    #[must_use]
    pub fn new(network: Arc<Network>) -> Self {
        Self { network, secured: OnceLock::new(), plain: OnceLock::new() }
    }

    /// The bytes of one document. No redirect is followed.
    ///
    /// # Errors
    /// It did not come, or not whole, or not with 200.
    pub async fn get(&self, url: &Url) -> Result<Vec<u8>, DocumentError> {
        let network = |detail| DocumentError::Network { url: url.clone(), detail };
        let client = self.client(url).map_err(network)?;
        let broken = |error: reqwest::Error| {
            let host = url.host_str().unwrap_or_default();
            let unconnected = Unconnected::of(&error, host, self.network.proxies().of(url));
            network(unconnected.map_or_else(
                || innermost(&error),
                |unconnected| format!("{unconnected}. {}", unconnected.advice("--issuer")),
            ))
        };
        let answer =
            client.get(url.clone()).header("accept", "application/json").send().await.map_err(broken)?;
        let status = answer.status().as_u16();
        if status != 200 {
            return Err(DocumentError::Status { url: url.clone(), status });
        }
        let mut whole = Vec::new();
        let mut pieces = answer.bytes_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(broken)?;
            if whole.len() + piece.len() > LONGEST {
                return Err(DocumentError::TooLong { url: url.clone() });
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }

    fn client(&self, url: &Url) -> Result<&reqwest::Client, String> {
        let held = if url.scheme() == "http" { &self.plain } else { &self.secured };
        if let Some(client) = held.get() {
            return Ok(client);
        }
        let client = self.build(url)?;
        Ok(held.get_or_init(|| client))
    }

    fn build(&self, first: &Url) -> Result<reqwest::Client, String> {
        let builder = reqwest::Client::builder()
            .user_agent(concat!("vanta-mcp/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .timeout(TOTAL);
        self.network.towards(first, builder)?.build().map_err(|error| innermost(&error))
    }
}
