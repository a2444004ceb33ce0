//! How this process reaches others: whose certificates it accepts, and through which proxies it goes.

use std::error::Error as StdError;

use reqwest::ClientBuilder;
use thiserror::Error;
use url::Url;

use super::advice::{CHECK_NETWORK, elsewhere, without_port};
use super::certificate::{Unaccepted, is_no_agreement, is_no_tls};
use super::fate::{A_MOMENT, Retry};
use super::lookup::has_no_address;
use super::loopback::{LoopbackOnly, may_be_loopback};
use super::presented::PresentedCertificate;
use super::proxies::{Proxies, ProxyAddress, ProxyRefusal};
use super::trust::Trust;
use super::words::innermost;

/// How others are reached.
#[derive(Debug, Default)]
pub struct Network {
    trust: Trust,
    proxies: Proxies,
}

impl Network {
    /// By these certificates and proxies.
    #[must_use]
    pub fn new(trust: Trust, proxies: Proxies) -> Self {
        Self { trust, proxies }
    }

    /// A client's settings for addresses like this one: over https by any proxy that is set, in the clear to this machine
    /// alone.
    pub(super) fn towards(&self, base: &Url, builder: ClientBuilder) -> Result<ClientBuilder, String> {
        // Of two installs the second is refused, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        if base.scheme() == "http" {
            // No certificate will be looked at: a machine without any still runs the demo.
            return Ok(builder.no_proxy().tls_certs_only([]).dns_resolver(LoopbackOnly));
        }
        let builder = builder.https_only(true).tls_backend_preconfigured(self.trust.tls()?);
        Ok(match self.proxies.for_client() {
            _ if may_be_loopback(base) => builder.no_proxy(),
            Some(proxy) => builder.proxy(proxy),
            None => builder,
        })
    }

    /// What connections over https are secured with.
    #[cfg(feature = "otel")]
    pub(super) fn tls(&self) -> Result<rustls::ClientConfig, String> {
        self.trust.tls()
    }

    /// The certificate that the server of an address has shown last; none where it is not reached over https, or was not
    /// reached yet.
    #[must_use]
    pub fn certificate_of(&self, base: &Url) -> Option<PresentedCertificate> {
        // An address of IPv6 stands in brackets in a URL alone.
        let host = base.host_str()?.trim_start_matches('[').trim_end_matches(']');
        self.trust.presented().by(host)
    }

    /// The proxies.
    pub(super) fn proxies(&self) -> &Proxies {
        &self.proxies
    }
}

/// Why no connection was made, so that nothing was sent.
#[derive(Debug, Clone, Error)]
pub enum Unconnected {
    /// Nobody is there, or not in time.
    #[error("{upstream} could not be reached: {detail}")]
    Unreachable {
        /// Host and port.
        upstream: String,
        /// What the network said.
        detail: String,
    },
    /// The same where a proxy stands between.
    #[error("{upstream} could not be reached through the proxy {proxy}: {detail}")]
    ThroughProxy {
        /// Host and port.
        upstream: String,
        /// Which proxy, and who names it.
        proxy: ProxyAddress,
        /// What the network said.
        detail: String,
    },
    /// Its name, or that of the proxy before it, has no address.
    #[error("{upstream} could not be reached{}: {detail}", by.as_ref().map(|proxy| format!(" through the proxy {proxy}")).unwrap_or_default())]
    Nameless {
        /// Host and port.
        upstream: String,
        /// Which proxy, and who names it; none where there is none.
        by: Option<ProxyAddress>,
        /// What the system said.
        detail: String,
    },
    /// The proxy does not make the connection.
    #[error("{upstream} could not be reached: {refusal}", refusal = refusal.told(proxy))]
    Refused {
        /// Host and port.
        upstream: String,
        /// Which proxy, and who names it.
        proxy: ProxyAddress,
        /// How it refused.
        refusal: ProxyRefusal,
    },
    /// Whoever is there does not speak TLS.
    #[error("could not connect to {upstream}: the service at that port does not speak TLS (https)")]
    Unsecured {
        /// Host and port.
        upstream: String,
    },
    /// Whoever is there speaks TLS, but not with this client.
    #[error("could not connect to {upstream}: no TLS connection could be agreed on: {detail}")]
    Incompatible {
        /// Host and port.
        upstream: String,
        /// What TLS said.
        detail: String,
    },
    /// Whoever is there has no certificate that is accepted.
    #[error("could not connect to {upstream}: {cause}")]
    Untrusted {
        /// Host and port.
        upstream: String,
        /// What is wrong with it.
        cause: Box<Unaccepted>,
    },
}

impl Unconnected {
    /// What an error of the client means, where no connection stood.
    pub(super) fn of(error: &reqwest::Error, upstream: &str, proxy: Option<&ProxyAddress>) -> Option<Self> {
        let upstream = upstream.to_owned();
        if let Some(cause) = Unaccepted::within(error as &(dyn StdError + 'static)) {
            return Some(Self::Untrusted { upstream, cause: Box::new(cause) });
        }
        if !error.is_connect() && !error.is_builder() {
            return None;
        }
        let detail = innermost(error);
        if let Some((refusal, proxy)) = ProxyRefusal::of(&detail).zip(proxy) {
            return Some(Self::Refused { upstream, proxy: proxy.clone(), refusal });
        }
        if is_no_tls(error) {
            return Some(match proxy.filter(|proxy| proxy.is_secured() && ProxyRefusal::is_before(error)) {
                Some(proxy) => {
                    Self::Refused { upstream, proxy: proxy.clone(), refusal: ProxyRefusal::Unsecured }
                }
                None => Self::Unsecured { upstream },
            });
        }
        if has_no_address(error) {
            return Some(Self::Nameless { upstream, by: proxy.cloned(), detail });
        }
        if is_no_agreement(error) {
            return Some(Self::Incompatible { upstream, detail });
        }
        Some(match proxy {
            Some(proxy) => Self::ThroughProxy { upstream, proxy: proxy.clone(), detail },
            None => Self::Unreachable { upstream, detail },
        })
    }

    /// When to try again. A certificate does not become another one by waiting, nor a name, a proxy's mind or a port.
    pub(super) fn retry(&self) -> Retry {
        match self {
            Self::Nameless { .. }
            | Self::Untrusted { .. }
            | Self::Refused { .. }
            | Self::Unsecured { .. }
            | Self::Incompatible { .. } => Retry::No,
            Self::Unreachable { .. } | Self::ThroughProxy { .. } => Retry::After(A_MOMENT),
        }
    }

    /// What to do; `setting` is where the address is set.
    pub(super) fn advice(&self, setting: &str) -> String {
        match self {
            Self::Unreachable { upstream, .. } => {
                elsewhere(upstream).unwrap_or_else(|| CHECK_NETWORK.to_owned())
            }
            Self::ThroughProxy { upstream, proxy, .. } => {
                let host = without_port(upstream);
                format!(
                    "Check that {} names a proxy that is running and lets you through, or add {host} to NO_PROXY to \
                     bypass it.",
                    proxy.variable()
                )
            }
            Self::Refused { upstream, proxy, refusal } => {
                refusal.advice(proxy.variable(), without_port(upstream))
            }
            Self::Nameless { by: Some(proxy), .. } => {
                format!("Check the host name in {}.", proxy.variable())
            }
            Self::Nameless { by: None, .. } => {
                format!("Check the host name in {setting}, and this machine's DNS settings.")
            }
            Self::Incompatible { .. } => format!(
                "Check {setting}, and that the server, or a proxy in between, accepts TLS 1.2 or 1.3 without a client \
                 certificate."
            ),
            Self::Unsecured { .. } => {
                format!("Check the port, and whether it should be http or https, in {setting}.")
            }
            Self::Untrusted { cause, .. } => cause.advice(setting),
        }
    }
}
