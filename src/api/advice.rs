//! What to do about a failure, where more than one kind of failure calls for it.

use crate::catalog::Api;

pub(super) const CHECK_NETWORK: &str = "Check the network, the proxy settings and the configured address.";
pub(super) const CHECK_ADDRESS: &str =
    "Check that the base URL is the API's and that no proxy asks to sign in.";

/// Where a scope is granted.
pub(super) fn grant(api: Api, scope: &str) -> String {
    match api {
        Api::Panel => {
            format!("Make a token with the scope {scope} in vWHM → API Tokens and set VANTA_PANEL_TOKEN.")
        }
        _ => format!(
            "Grant {scope} to the application in Vanta under Settings → Developer Console, or use an application of \
             the type {}.",
            api.title()
        ),
    }
}
