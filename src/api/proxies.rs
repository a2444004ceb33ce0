//! The proxies that the environment names, and which of them an address is reached through.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::loopback::may_be_loopback;

/// A proxy. `Debug` shows no password.
#[derive(Clone)]
pub struct ProxyAddress {
    url: Arc<Url>,
    variable: &'static str,
}

impl ProxyAddress {
    /// A proxy over http or https, and the variable that names it.
    #[must_use]
    pub fn new(url: Url, variable: &'static str) -> Self {
        Self { url: Arc::new(url), variable }
    }

    /// Whether it is itself reached over https.
    pub(super) fn is_secured(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether user and password come with it.
    fn has_password(&self) -> bool {
        self.url.password().is_some()
    }

    /// The variable that names it.
    pub(super) fn variable(&self) -> &'static str {
        self.variable
    }
}

impl fmt::Display for ProxyAddress {
    /// Host and port, and the variable.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port_or_known_default().unwrap_or_default();
        write!(f, "{host}:{port} ({})", self.variable)
    }
}

impl fmt::Debug for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How a proxy refused to make a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyRefusal {
    /// It wants to know who asks (407).
    Unauthenticated,
    /// It answered with another status than 200. The client does not tell which.
    Denied,
    /// It ended the connection.
    Ended,
    /// It does not speak TLS, and its address says that it does.
    Unsecured,
}

impl ProxyRefusal {
    /// What the client's last words mean. It has no type for them that others can see.
    pub(super) fn of(detail: &str) -> Option<Self> {
        match detail.strip_prefix("tunnel error: ")? {
            "proxy authorization required" => Some(Self::Unauthenticated),
            "unsuccessful" | "proxy response headers too long" => Some(Self::Denied),
            "unexpected end of file" => Some(Self::Ended),
            _ => None,
        }
    }

    /// Whether an error is from before the proxy was asked for anything.
    pub(super) fn is_before(error: &(dyn StdError + 'static)) -> bool {
        let mut causes = std::iter::successors(Some(error), |&error| error.source());
        causes.any(|cause| cause.to_string() == "tunnel error: failed to create underlying connection")
    }

    /// What happened.
    pub(super) fn told(self, proxy: &ProxyAddress) -> String {
        match self {
            Self::Unauthenticated if proxy.has_password() => {
                format!("the proxy {proxy} refused the connection (407): the user or password is wrong")
            }
            Self::Unauthenticated => {
                format!("the proxy {proxy} refused the connection (407): the user and password are missing")
            }
            Self::Denied => {
                format!("the proxy {proxy} refused the connection (its answer to CONNECT was not 200)")
            }
            Self::Unsecured => {
                format!("the proxy {proxy} does not speak TLS, and its address begins with https://")
            }
            Self::Ended => format!("the proxy {proxy} closed the connection without answering CONNECT"),
        }
    }

    /// What to do; `variable` names the proxy, and `host` is what it was to lead to.
    pub(super) fn advice(self, variable: &str, host: &str) -> String {
        match self {
            Self::Unauthenticated => format!(
                "Correct the user and password in {variable}, e.g. http://user:password@proxy.example.com:3128 \
                 (special \
                 characters percent-encoded)."
            ),
            Self::Unsecured => {
                format!("If it accepts plain connections, as most proxies do, write http:// in {variable}.")
            }
            Self::Denied | Self::Ended => format!(
                "Ask the proxy's operator to allow {host}, check that {variable} names the right proxy, or add \
                 {host} to NO_PROXY to bypass it."
            ),
        }
    }
}

/// The proxies for each scheme, and what is reached without.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    rules: Option<Arc<Rule>>,
}

#[derive(Debug)]
struct Rule {
    https: Option<ProxyAddress>,
    http: Option<ProxyAddress>,
    /// Knows the rules of `NO_PROXY`.
    matcher: Matcher,
}

impl Proxies {
    /// What the environment says; `bypass` is `NO_PROXY`, separated by commas. Where it says nothing at all, the system's
    /// own settings are honoured, on systems that have some.
    #[must_use]
    pub fn of_environment(https: Option<ProxyAddress>, http: Option<ProxyAddress>, bypass: &str) -> Self {
        let text = |proxy: &Option<ProxyAddress>| proxy.as_ref().map(|proxy| proxy.url.to_string());
        let matcher = Matcher::builder()
            .https(text(&https).unwrap_or_default())
            .http(text(&http).unwrap_or_default())
            .no(bypass)
            .build();
        Self { rules: Some(Arc::new(Rule { https, http, matcher })) }
    }

    /// The proxy that an address is reached through; none for this machine itself.
    pub(super) fn of(&self, url: &Url) -> Option<&ProxyAddress> {
        self.rules.as_deref()?.of(url)
    }

    /// The same for the HTTP client; `None` leaves it to the system.
    pub(super) fn for_client(&self) -> Option<reqwest::Proxy> {
        let rules = Arc::clone(self.rules.as_ref()?);
        Some(reqwest::Proxy::custom(move |url| rules.of(url).map(|proxy| Url::clone(&proxy.url))))
    }
}

impl Rule {
    fn of(&self, url: &Url) -> Option<&ProxyAddress> {
        if may_be_loopback(url) {
            return None;
        }
        let uri: http::Uri = url.as_str().parse().ok()?;
        self.matcher.intercept(&uri)?;
        if url.scheme() == "https" { self.https.as_ref() } else { self.http.as_ref() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_proxy() {
        let proxy = |url: &str, variable| Some(ProxyAddress::new(Url::parse(url).unwrap(), variable));
        let proxies = Proxies::of_environment(
            proxy("http://me:hunter2@one.example:3128", "HTTPS_PROXY"),
            proxy("http://two.example", "http_proxy"),
            "example.org,10.0.0.0/8",
        );
        let of = |url: &str| proxies.of(&Url::parse(url).unwrap()).map(ToString::to_string);
        let (one, two) =
            ("one.example:3128 (HTTPS_PROXY)".to_owned(), "two.example:80 (http_proxy)".to_owned());
        assert_eq!(of("https://api.vanta.com/v1"), Some(one));
        assert_eq!(of("http://collector.example:4318"), Some(two));
        for direct in [
            "https://localhost:1",
            "http://127.9.9.9",
            "https://[::1]",
            "https://a.example.org",
            "https://10.1.2.3",
        ] {
            assert_eq!(of(direct), None, "{direct}");
        }
        assert!(!format!("{proxies:?}").contains("hunter2"));
    }
}
