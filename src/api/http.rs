//! The HTTP client and the addresses that it is given.

use reqwest::redirect;
use url::Url;

use super::response;
use super::upstream::{Route, Upstream};
use crate::catalog::Method;

/// Who counts an upstream's silence.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// reqwest, from the beginning of a request.
    FromTheBeginning,
    /// `upload::Progress`, from the last chunk of a body.
    FromTheLastChunk,
}

/// A client for one upstream.
pub(super) fn build(upstream: &Upstream, silence: Silence) -> Result<reqwest::Client, String> {
    let timeouts = upstream.timeouts;
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("vanta-mcp/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total);
    if silence == Silence::FromTheBeginning {
        builder = builder.read_timeout(timeouts.read);
    }
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
