//! The authorization server whose access tokens are good over HTTP.

use url::Url;

use super::error::ConfigError;
use super::layers::Layers;
use super::value::SourcedValue;
use crate::api::loopback::may_be_loopback;
use crate::callers::oauth::{Issuer, ResourceServer};

/// The authorization server, for whom its tokens must be, and by which address clients know this server.
///
/// The address is one that clients use, which nothing here can find out: the one that is listened on is behind a proxy
/// most of the time. So it is set, or it is an audience that is such an address.
pub(super) fn oauth(layers: &Layers) -> Result<Option<ResourceServer>, ConfigError> {
    let resource = public_url(layers)?;
    let named = audiences(layers)?;
    let Some(issuer) = layers.get("http.issuer") else {
        return match layers.get("http.audience") {
            Some(audience) => Err(ConfigError::Alone { origin: audience.source, other: "--issuer" }),
            None => Ok(None),
        };
    };
    let server = Issuer::new(&issuer.value).filter(|issuer| is_issuer(issuer.url())).ok_or_else(|| {
        issuer.malformed("the https address of an authorization server, such as https://login.example.com")
    })?;
    let origin = issuer.source;
    let (audiences, resource) = match (named, resource) {
        (named, None) if named.is_empty() => {
            return Err(ConfigError::Alone { origin, other: "--public-url or --audience" });
        }
        (named, Some(resource)) if named.is_empty() => (vec![resource.clone()], resource),
        (named, Some(resource)) => (named, resource),
        (named, None) => {
            let address = named.iter().find(|audience| is_address(audience)).cloned();
            (named, address.ok_or(ConfigError::NoPublicUrl { origin })?)
        }
    };
    Ok(Some(ResourceServer { issuer: server, audiences, resource }))
}

/// The address of `/mcp` that clients use, as it was written: they compare it letter by letter.
pub(super) fn public_url(layers: &Layers) -> Result<Option<String>, ConfigError> {
    let Some(found) = layers.get("http.public_url") else { return Ok(None) };
    let text = found.value.trim();
    // RFC 8707, section 2: no fragment, and a query only where nothing else will do.
    let fits = is_address(text)
        && Url::parse(text).is_ok_and(|url| url.query().is_none() && url.fragment().is_none());
    if !fits {
        return Err(found.malformed(
            "the address of /mcp that clients use, https unless it is this machine, without user, password, query \
             or fragment, such as https://mcp.example.com/mcp",
        ));
    }
    Ok(Some(text.to_owned()))
}

/// What the tokens may name as their audience: any texts, as authorization servers have them.
fn audiences(layers: &Layers) -> Result<Vec<String>, ConfigError> {
    let Some(found) = layers.get("http.audience") else { return Ok(Vec::new()) };
    let audiences: Vec<String> = found.texts().map(str::to_owned).collect();
    // What looks like somebody's password is in the wrong place.
    let shows = |text: &String| Url::parse(text).is_ok_and(|url| !is_nobodys(&url));
    if audiences.is_empty() || audiences.iter().any(shows) {
        return Err(misread(&found));
    }
    Ok(audiences)
}

fn misread(found: &SourcedValue) -> ConfigError {
    found.malformed("values of the claim `aud`, separated by commas, without user or password")
}

/// Whether a text is an address that clients can be told: https, or http where nobody else can listen in.
fn is_address(text: &str) -> bool {
    let safe = |url: &Url| url.scheme() == "https" || (url.scheme() == "http" && may_be_loopback(url));
    Url::parse(text).is_ok_and(|url| safe(&url) && url.has_host() && is_nobodys(&url))
        && !text.contains(['"', '\\'])
        && !text.contains(char::is_whitespace)
}

/// RFC 8414, section 2: https, no query, no fragment. Plain http only where nobody else can listen in.
fn is_issuer(url: &Url) -> bool {
    let safe = url.scheme() == "https" || (url.scheme() == "http" && may_be_loopback(url));
    safe && url.has_host() && url.query().is_none() && url.fragment().is_none() && is_nobodys(url)
}

/// Whether an address says nothing of who asks.
fn is_nobodys(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}
