//! The HTTP client and the addresses that it is given.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::{redirect, retry};
use url::Url;

use super::network::Network;
use super::proxies::ProxyAddress;
use super::room::AnswerRoom;
use super::upstream::Upstream;
use super::words::innermost;
use crate::catalog::Method;

/// The connections to one origin, shared by every API that is there and every call: a handshake is paid for once.
pub(super) struct Pool {
    /// Scheme, host and port.
    origin: (String, String, Option<u16>),
    base: Url,
    network: Arc<Network>,
    /// How long a connection may take.
    connect: Duration,
    client: OnceLock<Result<reqwest::Client, String>>,
    /// Where its long answers find room.
    pub(super) room: AnswerRoom,
}

impl Pool {
    /// A pool for this upstream and others like it. Nothing is opened.
    pub(super) fn new(upstream: &Upstream, network: &Arc<Network>) -> Self {
        Self {
            origin: origin(&upstream.base),
            base: upstream.base.clone(),
            network: Arc::clone(network),
            connect: upstream.timeouts.connect,
            client: OnceLock::new(),
            room: AnswerRoom::default(),
        }
    }

    /// Whether an upstream is reached by the very same connections.
    pub(super) fn serves(&self, upstream: &Upstream) -> bool {
        self.origin == origin(&upstream.base) && self.connect == upstream.timeouts.connect
    }

    /// The proxy that the origin is reached through, if any.
    pub(super) fn proxy(&self) -> Option<&ProxyAddress> {
        self.network.proxies().of(&self.base)
    }

    /// The client. Building it costs milliseconds, so it waits for the first call.
    pub(super) fn client(&self) -> Result<&reqwest::Client, &str> {
        self.client.get_or_init(|| build(self)).as_ref().map_err(String::as_str)
    }
}

fn origin(base: &Url) -> (String, String, Option<u16>) {
    let host = base.host_str().unwrap_or_default();
    (base.scheme().to_owned(), host.to_owned(), base.port_or_known_default())
}

/// The client of a pool. How long an answer is waited for is [`Patience`](super::patience::Patience)'s business.
fn build(pool: &Pool) -> Result<reqwest::Client, String> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("vanta-mcp/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        // Nothing is repeated that the caller does not know of, so no copy has to be kept for it either.
        .retry(retry::never().max_retries_per_request(0))
        .connect_timeout(pool.connect);
    pool.network.towards(&pool.base, builder)?.build().map_err(|error| innermost(&error))
}

/// The base with a path below it. The path is percent-encoded already.
pub(super) fn address(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    if !path.is_empty() {
        let below = base.path().trim_end_matches('/');
        url.set_path(&format!("{below}{path}"));
    }
    url
}

pub(super) fn host(base: &Url) -> String {
    let host = base.host_str().unwrap_or_default();
    base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

pub(super) fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_put_below_the_base() {
        let below = |base: &str, path| address(&Url::parse(base).unwrap(), path).to_string();
        assert_eq!(below("https://api.vanta.com", "/v1/vendors"), "https://api.vanta.com/v1/vendors");
        assert_eq!(
            below("https://proxy.example/vanta/", "/v1/a%2Fb"),
            "https://proxy.example/vanta/v1/a%2Fb"
        );
        assert_eq!(below("https://panel.example/index.php", ""), "https://panel.example/index.php");
    }
}
