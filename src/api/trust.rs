//! Whose certificates are accepted: the system's authorities, those that the environment names in their place, and those
//! that the operator adds.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::certificate::ExplainingVerifier;
use super::presented::Presented;
use crate::authorities::Authorities;
use crate::files::text;

/// The authorities that this process trusts.
#[derive(Debug, Default)]
pub struct Trust {
    authorities: Authorities,
    presented: Arc<Presented>,
    /// Made once: reading the system's authorities takes milliseconds.
    tls: OnceLock<Result<ClientConfig, String>>,
}

impl Trust {
    /// The system's authorities, or those of the places that are named, and those that are added. Nothing is read yet.
    #[must_use]
    pub fn new(authorities: Authorities) -> Self {
        Self { authorities, presented: Arc::default(), tls: OnceLock::new() }
    }

    /// The certificates that servers have shown.
    pub(super) fn presented(&self) -> &Presented {
        &self.presented
    }

    /// What connections are secured with.
    pub(super) fn tls(&self) -> Result<ClientConfig, String> {
        self.tls.get_or_init(|| self.build()).clone()
    }

    fn build(&self) -> Result<ClientConfig, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = self.verifier(&provider)?;
        let explaining =
            ExplainingVerifier::new(verifier, self.authorities.added.clone(), Arc::clone(&self.presented));
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| error.to_string())?;
        let mut config =
            builder.dangerous().with_custom_certificate_verifier(Arc::new(explaining)).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    fn verifier(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, String> {
        let places = &self.authorities.places;
        if places.is_empty() {
            self.of_system(provider)
        } else {
            self.of(places.certificates(of_text), provider)
        }
    }

    /// Whoever these vouch for, or those that were added.
    fn of(
        &self,
        roots: Vec<CertificateDer<'static>>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ServerCertVerifier>, String> {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(self.authorities.added.iter().cloned().chain(roots));
        if store.is_empty() {
            return Err("no CA certificates were found on this machine".to_owned());
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider));
        Ok(verifier.build().map_err(|error| error.to_string())?)
    }

    #[cfg(all(unix, not(target_vendor = "apple")))]
    fn of_system(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, String> {
        self.of(crate::authorities::of_system(), provider)
    }

    /// The others decide themselves.
    #[cfg(not(all(unix, not(target_vendor = "apple"))))]
    fn of_system(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, String> {
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(
            self.authorities.added.iter().cloned(),
            Arc::clone(provider),
        );
        Ok(Arc::new(verifier.map_err(|error| error.to_string())?))
    }
}

/// The certificates of a file of text, however an editor has saved it.
fn of_text(path: &Path) -> Vec<CertificateDer<'static>> {
    let content = text::content(path).unwrap_or_default();
    CertificateDer::pem_slice_iter(&content).filter_map(Result::ok).collect()
}
