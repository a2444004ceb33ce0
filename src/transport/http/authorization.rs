//! How a caller without enough of a token is told where to get one.
//!
//! The challenges of RFC 6750, with the parameters that MCP's authorization
//! chapter asks for, and the protected resource metadata of RFC 9728.

use std::collections::BTreeSet;

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use serde_json::json;
use url::Url;

use super::refusal::HttpRefusal;
use crate::callers::oauth::{ResourceServer, scopes};
use crate::callers::{Callers, Rejection};
use crate::gate::Grant;

/// Where the metadata is, for a resource without a path (RFC 9728, section 3.1).
const METADATA: &str = "/.well-known/oauth-protected-resource";

/// What to tell callers of the authorization server, if there is one.
#[derive(Debug, Clone)]
pub(super) struct Authorization {
    /// Where the metadata is; none where there is nothing to tell, or the resource is no web address.
    metadata: Option<String>,
    /// The scopes that a first token should have.
    first: Option<String>,
    /// The metadata itself.
    document: Option<String>,
}

impl Authorization {
    /// `offered` is the most that anybody can be granted here.
    pub(super) fn new(callers: &Callers, offered: Grant) -> Self {
        let Some(settings) = callers.oauth() else {
            return Self { metadata: None, first: None, document: None };
        };
        let document = json!({
            "resource": settings.resource,
            "authorization_servers": [settings.issuer.as_str()],
            "scopes_supported": scopes::up_to(offered),
            "bearer_methods_supported": ["header"],
            "resource_name": "vanta-mcp",
        });
        let least = |product: Option<_>| product.map(|_| crate::catalog::Effect::Read);
        let first = Grant { vanta: least(offered.vanta), panel: least(offered.panel) };
        Self {
            metadata: metadata_address(settings),
            first: Some(scopes::highest(first).join(" ")),
            document: Some(document.to_string()),
        }
    }

    /// The routes that everybody may read.
    pub(super) fn routes(&self) -> Router {
        let Some(document) = self.document.clone() else { return Router::new() };
        let answer = move || {
            let document = document.clone();
            async move { ([(CONTENT_TYPE, "application/json")], document) }
        };
        // What a colon or an asterisk used to mean to the router is not meant in an address.
        let routes = Router::new().without_v07_checks();
        self.paths().iter().fold(routes, |routes, path| routes.route(path, get(answer.clone())))
    }

    /// Where the metadata is looked for: where this server is by itself, and where the challenge says.
    fn paths(&self) -> BTreeSet<String> {
        let mut paths =
            BTreeSet::from([METADATA.to_owned(), format!("{METADATA}/mcp"), format!("{METADATA}/mcp/")]);
        // Behind a proxy that keeps the path the resource has another. No address has braces in its path, which are
        // the router's: they are encoded.
        let told = self.metadata.as_deref().and_then(|url| Url::parse(url).ok());
        paths.extend(told.map(|url| url.path().to_owned()));
        paths
    }

    /// The refusal of a caller who is not recognised.
    pub(super) fn reject(&self, rejection: Rejection) -> HttpRefusal {
        let error = match rejection {
            // RFC 6750, section 3.1: without a token the challenge names no error.
            Rejection::Missing => None,
            Rejection::Malformed => Some("invalid_request"),
            Rejection::NotGood
            | Rejection::Expired
            | Rejection::NotYet
            | Rejection::NoExpiry
            | Rejection::OtherAudience
            | Rejection::OtherIssuer
            | Rejection::UnknownKey
            | Rejection::NoSubject => Some("invalid_token"),
            Rejection::NoScope => {
                let challenge = self.challenge(Some("insufficient_scope"), self.first.as_deref());
                return HttpRefusal::NotGranted { challenge, sentence: rejection.to_string() };
            }
            Rejection::Unavailable => return HttpRefusal::Unchecked,
        };
        HttpRefusal::Unauthenticated { challenge: self.challenge(error, self.first.as_deref()), rejection }
    }

    /// The refusal of a call that needs more scopes; `wanted` is all that the next token should grant.
    pub(super) fn step_up(&self, wanted: Grant) -> HttpRefusal {
        let scopes = scopes::up_to(wanted).join(" ");
        let challenge = self.challenge(Some("insufficient_scope"), Some(&scopes));
        let sentence =
            format!("this call requires an access token with the scopes {scopes}; nothing was done");
        HttpRefusal::NotGranted { challenge, sentence }
    }

    fn challenge(&self, error: Option<&str>, scopes: Option<&str>) -> HeaderValue {
        let parameters =
            [("error", error), ("scope", scopes), ("resource_metadata", self.metadata.as_deref())];
        let told: Vec<String> = parameters
            .iter()
            .filter_map(|(name, value)| value.map(|value| format!("{name}=\"{value}\"")))
            .collect();
        // None of the parts comes from a caller, and a URL has no quotes; a header that cannot be is the bare scheme.
        let bare = HeaderValue::from_static("Bearer");
        if told.is_empty() { bare } else { format!("Bearer {}", told.join(", ")).parse().unwrap_or(bare) }
    }
}

/// The address of the metadata: its well-known part is between the resource's host and its path and query.
fn metadata_address(settings: &ResourceServer) -> Option<String> {
    let mut url =
        Url::parse(&settings.resource).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{METADATA}{path}"));
    url.set_fragment(None);
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callers::oauth::Issuer;

    #[test]
    fn the_metadata_is_where_the_rfc_has_it() {
        let at = |resource: &str| {
            let issuer = Issuer::new("https://login.example").unwrap();
            metadata_address(&ResourceServer { issuer, audiences: Vec::new(), resource: resource.to_owned() })
        };
        assert_eq!(
            at("https://mcp.example/mcp").unwrap(),
            "https://mcp.example/.well-known/oauth-protected-resource/mcp"
        );
        assert_eq!(
            at("https://mcp.example/").unwrap(),
            "https://mcp.example/.well-known/oauth-protected-resource"
        );
        assert_eq!(
            at("https://mcp.example/vanta/mcp?tenant=1#x").unwrap(),
            "https://mcp.example/.well-known/oauth-protected-resource/vanta/mcp?tenant=1"
        );
        assert_eq!(at("urn:vanta-mcp"), None);
    }
}
