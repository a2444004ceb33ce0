//! What to do about a failure, where more than one kind of failure calls for it.

use serde_json::Value;

use crate::catalog::{self, Api, Operation};

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

/// What to do where ids lead to nothing: which tools return them, as far as the descriptions of the arguments say so.
pub(super) fn check_ids(operation: &Operation) -> String {
    let schema: Value = serde_json::from_str(operation.schema.get()).unwrap_or_default();
    // The Panel has no ids in its path: what it is asked for is what it requires.
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let required = required.filter_map(Value::as_str);
    let names: Vec<&str> =
        if operation.in_path.is_empty() { required.collect() } else { operation.in_path.clone() };
    let source = |name: &str| {
        let about = schema.get("properties")?.get(name)?.get("description")?.as_str()?;
        about.split("from ").skip(1).find_map(|rest| {
            let end = rest.find(|c: char| c != '_' && !c.is_ascii_lowercase()).unwrap_or(rest.len());
            catalog::find(rest.get(..end)?).map(|tool| tool.name)
        })
    };
    let sources: Vec<(&str, &str)> = names.iter().filter_map(|name| Some((*name, source(name)?))).collect();
    match (names.as_slice(), sources.as_slice()) {
        ([_], [(_, tool)]) => format!("Check the id with {tool}."),
        (_, []) => "Check the ids: list them with the tool that returns each.".to_owned(),
        (_, all) => {
            let all: Vec<String> = all.iter().map(|(name, tool)| format!("{name} with {tool}")).collect();
            format!("Check the ids: {}.", all.join(", "))
        }
    }
}

/// Where a scope is granted; an empty one is not known.
pub(super) fn grant(api: Api, scope: &str) -> String {
    match api {
        Api::Panel if scope.is_empty() => {
            "Create a token in vWHM → API Tokens with the scopes that you need (accounts:read, accounts:write, \
             accounts:delete), and set VANTA_PANEL_TOKEN."
                .to_owned()
        }
        _ if scope.is_empty() => format!(
            "Check the scopes of the application in Vanta under Settings → Developer Console, and that it is of the type {}.",
            api.title()
        ),
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
