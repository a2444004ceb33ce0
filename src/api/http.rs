//! The HTTP client and the addresses that it is given.

use reqwest::{redirect, retry};
use url::Url;

use super::response;
use super::upstream::{Route, Upstream};
use crate::catalog::Method;

/// A client for one upstream. How long an answer is waited for is [`Patience`](super::patience::Patience)'s business.
pub(super) fn build(upstream: &Upstream) -> Result<reqwest::Client, String> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("vanta-mcp/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        // Nothing is repeated that the caller does not know of, so no copy has to be kept for it either.
        .retry(retry::never().max_retries_per_request(0))
        .connect_timeout(upstream.timeouts.connect);
    if upstream.route == Route::Direct {
        builder = builder.no_proxy();
    }
    if upstream.base.scheme() == "http" {
        // Loopback only, so no certificate will be looked at: a machine without any still runs the demo.
        builder = builder.tls_certs_only([]);
    } else {
        builder = builder.https_only(true);
    }
    // Of two installs the second is refused, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    builder.build().map_err(|error| response::innermost(&error))
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
