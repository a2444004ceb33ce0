//! What is this machine's own, so that nobody else listens in.
//!
//! An address says it by itself. A name says it only by what it resolves to:
//! most systems resolve `localhost` and the names below it to this machine, and
//! some ask a name server, which can answer anything. So plain http goes to
//! loopback addresses alone, found out at the moment of connecting.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;
use url::{Host, Url};

/// Whether plain http to an address may be tried: it is this machine's own, or is a name that should be (RFC 6761,
/// section 6.3), of which [`LoopbackOnly`] finds out whether it is.
#[must_use]
pub fn may_be_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// A name of another machine, or of none.
#[derive(Debug, Error)]
#[error(
    "{0} does not resolve to this machine, and plain http is allowed only to this machine; use https or 127.0.0.1"
)]
pub(super) struct Elsewhere(String);

/// Resolves names as the system does, and keeps those addresses that are this machine's own.
#[derive(Debug, Clone, Copy)]
pub(super) struct LoopbackOnly;

impl Resolve for LoopbackOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let own = own(found);
            if own.is_empty() {
                return Err(Elsewhere(name.as_str().to_owned()).into());
            }
            let own: Addrs = Box::new(own.into_iter());
            Ok(own)
        })
    }
}

fn own(found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    found.filter(|address| address.ip().to_canonical().is_loopback()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_by_itself_whether_it_is_this_machines() {
        let is = |url: &str| may_be_loopback(&Url::parse(url).unwrap());
        for own in [
            "http://127.0.0.1",
            "http://127.9.9.9:1",
            "http://[::1]:1",
            "http://localhost",
            "http://x.localhost",
        ] {
            assert!(is(own), "{own}");
        }
        for other in
            ["http://192.0.2.1", "http://localhost.example", "http://xlocalhost", "http://[2001:db8::1]"]
        {
            assert!(!is(other), "{other}");
        }
    }

    #[test]
    fn of_what_a_name_resolves_to_only_this_machine_is_kept() {
        let found = ["127.0.0.1:0", "192.0.2.1:0", "[::1]:0", "[2001:db8::1]:0", "[::ffff:127.0.0.1]:0"];
        let found = found.map(|address| address.parse::<SocketAddr>().unwrap());
        assert_eq!(own(found.into_iter()), [found[0], found[2], found[4]]);
    }

    #[tokio::test]
    async fn a_name_of_another_machine_is_not_connected_to() {
        // A name of digits needs no name server.
        let elsewhere: Name = "192.0.2.1".parse().unwrap();
        let refused = LoopbackOnly.resolve(elsewhere).await.err().unwrap().to_string();
        assert!(refused.contains("does not resolve to this machine"), "{refused}");
        let own: Name = "127.0.0.1".parse().unwrap();
        assert_eq!(LoopbackOnly.resolve(own).await.unwrap().count(), 1);
    }
}
