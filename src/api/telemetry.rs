//! The client that traces are exported with.

use std::time::Duration;

use opentelemetry_http::HttpClient;

use super::network::Network;
use super::words::innermost;

/// The longest that an export may take, like the default of the OTLP specification.
const LONGEST: Duration = Duration::from_secs(10);

/// A client for the thread that exports to this address. It waits, so it must not be made or used where other tasks run.
///
/// # Errors
/// TLS could not be set up.
pub fn client(endpoint: &str, network: &Network) -> Result<impl HttpClient + 'static, String> {
    // Of two installs the second is refused, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::blocking::Client::builder()
        .user_agent(concat!("vanta-mcp/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .timeout(LONGEST);
    // Most collectors are next door and speak plain http: no certificate will be looked at.
    let builder = if endpoint.starts_with("http:") {
        builder.tls_certs_only([])
    } else {
        builder.tls_backend_preconfigured(network.tls()?)
    };
    let builder = match network.proxies().for_client() {
        Some(proxy) => builder.proxy(proxy),
        None => builder,
    };
    builder.build().map_err(|error| innermost(&error))
}
