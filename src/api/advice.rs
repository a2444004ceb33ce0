//! What to do about a failure, where more than one kind of failure calls for it.

use crate::catalog::Api;

/// Hosts of Vanta's European and Australian tenants. It documents no API there, and says that those of its MCP server
/// redirect.
const REDIRECTING: [&str; 2] = ["eu.vanta.com", "aus.vanta.com"];

pub(super) const CHECK_NETWORK: &str = "Check the network, the proxy settings and the configured address.";
pub(super) const CHECK_ADDRESS: &str =
    "Check that the base URL is the API's and that no proxy requires a sign-in.";

/// What a redirect in place of an answer means.
pub(super) fn redirected(api: Api, upstream: &str) -> String {
    elsewhere(upstream)
        .unwrap_or_else(|| format!("Check the configured base URL ({}).", super::address_setting(api)))
}

/// The host of `host:port`; an address of IPv6 stands in brackets.
pub(super) fn without_port(upstream: &str) -> &str {
    match upstream.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => upstream,
    }
}

/// Where the API is of a tenant whose host only redirects; none for any other host.
pub(super) fn elsewhere(upstream: &str) -> Option<String> {
    let host = without_port(upstream);
    let is_one = |known: &&str| {
        host.strip_suffix(*known).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    REDIRECTING.iter().any(is_one).then(|| {
        format!(
            "Vanta documents no API at {host}. The hosts of European and Australian tenants only redirect; their \
             API is https://api.vanta.com too. Remove the base URL (VANTA_BASE_URL, --base-url). VANTA_REGION can be \
             us, eu or aus; all three select the same API."
        )
    })
}

/// Where a scope is granted.
pub(super) fn grant(api: Api, scope: &str) -> String {
    match api {
        Api::Panel => {
            format!("Create a token with the scope {scope} in vWHM → API Tokens and set VANTA_PANEL_TOKEN.")
        }
        _ => format!(
            "Grant {scope} to the application in Vanta under Settings → Developer Console, or use an application of \
             the type {}.",
            api.title()
        ),
    }
}
