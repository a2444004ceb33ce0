//! By which name the server is addressed, and from which web page.
//!
//! A page of a hostile site can make a browser send requests to this machine,
//! and by DNS rebinding even read the answers. What such requests cannot fake
//! is `Host` and `Origin`.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::header::{HOST, HeaderValue, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method};
use tower_http::cors::CorsLayer;
use url::Url;

use super::refusal::HttpRefusal;

/// The names that a machine always has for itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// How long a browser may keep what it was told about an origin.
const PREFLIGHT: Duration = Duration::from_secs(600);

/// Who is let in, by the name that is called and the page that calls.
#[derive(Debug)]
pub(super) struct Door {
    /// `name` or `name:port`, in lower case.
    hosts: Vec<String>,
    /// As a browser writes them, in lower case.
    origins: Vec<String>,
}

impl Door {
    /// A server at `address` goes by that, on loopback by this machine's names too; what the operator says comes to it.
    pub(super) fn new(address: SocketAddr, hosts: Vec<String>, origins: &[String]) -> Self {
        let mut hosts: Vec<String> = hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect();
        if address.ip().is_loopback() {
            hosts.extend(LOOPBACK.map(str::to_owned));
        }
        if !address.ip().is_unspecified() {
            hosts.push(address.to_string());
        }
        let origins =
            origins.iter().map(|origin| origin.trim_end_matches('/').to_ascii_lowercase()).collect();
        Self { hosts, origins }
    }

    /// What the pages of the origins that the operator named may send and see.
    pub(super) fn cors(&self) -> Option<CorsLayer> {
        let origins: Vec<HeaderValue> =
            self.origins.iter().filter_map(|origin| origin.parse().ok()).collect();
        (!origins.is_empty()).then(|| cors(origins))
    }

    /// Looks at the name that is called and the page that calls.
    pub(super) fn admits(&self, headers: &HeaderMap) -> Result<(), HttpRefusal> {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(HttpRefusal::Host) };
        // Most clients call it by the very name that it goes by.
        if !headers.contains_key(ORIGIN) && self.hosts.iter().any(|name| name.as_bytes() == host.as_bytes()) {
            return Ok(());
        }
        let host = host.to_str().map_err(|_| HttpRefusal::Host)?.to_ascii_lowercase();
        let authority: Authority = host.parse().map_err(|_| HttpRefusal::Host)?;
        // `user@name` is no Host; the part that counts would depend on who reads it.
        if host.contains('@') || !self.hosts.iter().any(|name| name == authority.host() || *name == host) {
            return Err(HttpRefusal::Host);
        }
        let mut origins = headers.get_all(ORIGIN).iter();
        match (origins.next(), origins.next()) {
            // Only browsers send it.
            (None, _) => Ok(()),
            (Some(origin), None) if self.knows(origin, &host) => Ok(()),
            _ => Err(HttpRefusal::Origin),
        }
    }

    /// A page of this server itself, by the name that it was just called, or one that the operator named.
    fn knows(&self, origin: &HeaderValue, host: &str) -> bool {
        let Ok(origin) = origin.to_str().map(str::to_ascii_lowercase) else { return false };
        if self.origins.contains(&origin) {
            return true;
        }
        let Ok(url) = Url::parse(&origin) else { return false };
        let of_web = matches!(url.scheme(), "http" | "https");
        of_web && origin.split_once("://").is_some_and(|(_, authority)| authority == host)
    }
}

/// What pages of these origins may send and see.
fn cors(origins: Vec<HeaderValue>) -> CorsLayer {
    let sent = [
        "authorization",
        "content-type",
        "accept",
        "last-event-id",
        "mcp-session-id",
        "mcp-protocol-version",
        "mcp-method",
        "mcp-name",
    ];
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(sent.map(HeaderName::from_static))
        .expose_headers(["mcp-session-id", "www-authenticate", "retry-after"].map(HeaderName::from_static))
        .max_age(PREFLIGHT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(hosts: &[&str], origins: &[&str]) -> Door {
        let owned = |all: &[&str]| -> Vec<String> { all.iter().map(|one| (*one).to_owned()).collect() };
        Door::new("127.0.0.1:8080".parse().unwrap(), owned(hosts), &owned(origins))
    }

    fn admits(door: &Door, host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        door.admits(&headers).is_ok()
    }

    #[test]
    fn only_its_own_names_are_answered_to() {
        let door = door(&["Mcp.example.com", "proxy:8443"], &[]);
        for host in
            ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080", "mcp.example.com:443", "proxy:8443"]
        {
            assert!(admits(&door, host, None), "{host}");
        }
        for host in [
            "evil.example",
            "proxy:80",
            "proxy",
            "localhost.evil.example",
            "localhost@evil.example",
            "evil@localhost",
            "",
            "127.0.0.1.nip.io:8080",
        ] {
            assert!(!admits(&door, host, None), "{host}");
        }
        let mut twice = HeaderMap::new();
        twice.append(HOST, "localhost".parse().unwrap());
        twice.append(HOST, "evil.example".parse().unwrap());
        assert!(door.admits(&twice).is_err());
        assert!(door.admits(&HeaderMap::new()).is_err());
    }

    #[test]
    fn a_page_is_of_this_server_or_named_by_the_operator() {
        let door = door(&[], &["https://App.example.com/", "http://localhost:5173"]);
        for origin in ["http://127.0.0.1:8080", "https://app.example.com", "http://localhost:5173"] {
            assert!(admits(&door, "127.0.0.1:8080", Some(origin)), "{origin}");
        }
        for origin in [
            "null",
            "http://localhost:9999",
            "http://127.0.0.1:80801",
            "https://app.example.com.evil.example",
            "file://127.0.0.1:8080",
            "https://evil.example",
            "",
        ] {
            assert!(!admits(&door, "127.0.0.1:8080", Some(origin)), "{origin}");
        }
    }
}
