//! Whose certificates are accepted: the system's authorities, those that the environment names in their place, and those
//! that the operator adds.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::certificate::ExplainingVerifier;
use crate::files::text;

/// Files of certificates that are trusted in place of the system's, as every program that uses OpenSSL has them.
#[derive(Debug, Clone, Default)]
pub struct CertificatePlaces {
    /// `SSL_CERT_FILE`
    pub file: Option<PathBuf>,
    /// `SSL_CERT_DIR`
    pub folders: Vec<PathBuf>,
}

/// The authorities that this process trusts.
#[derive(Debug, Default)]
pub struct Trust {
    added: Vec<CertificateDer<'static>>,
    places: CertificatePlaces,
    /// Made once: reading the system's authorities takes milliseconds.
    tls: OnceLock<Result<ClientConfig, String>>,
}

impl Trust {
    /// The system's authorities, or those of the places that are named, and those that are added. Nothing is read yet.
    #[must_use]
    pub fn new(added: Vec<CertificateDer<'static>>, places: CertificatePlaces) -> Self {
        Self { added, places, tls: OnceLock::new() }
    }

    /// What connections are secured with.
    pub(super) fn tls(&self) -> Result<ClientConfig, String> {
        self.tls.get_or_init(|| self.build()).clone()
    }

    fn build(&self) -> Result<ClientConfig, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = self.verifier(&provider)?;
        let explaining = ExplainingVerifier::new(verifier, self.added.clone());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| error.to_string())?;
        let mut config =
            builder.dangerous().with_custom_certificate_verifier(Arc::new(explaining)).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    fn verifier(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, String> {
        if self.places.file.is_none() && self.places.folders.is_empty() {
            return self.of_system(provider);
        }
        self.of(self.of_places(), provider)
    }

    /// The certificates of the places that the environment names. What cannot be read vouches for nobody.
    fn of_places(&self) -> Vec<CertificateDer<'static>> {
        let content = self.places.file.as_ref().and_then(|file| text::content(file).ok()).unwrap_or_default();
        let in_file = CertificateDer::pem_slice_iter(&content).filter_map(Result::ok);
        let mut found: Vec<_> = in_file.collect();
        for folder in &self.places.folders {
            found.extend(rustls_native_certs::load_certs_from_paths(None, Some(folder)).certs);
        }
        found
    }

    /// Whoever these vouch for, or those that were added.
    fn of(
        &self,
        roots: Vec<CertificateDer<'static>>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ServerCertVerifier>, String> {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(self.added.iter().cloned().chain(roots));
        if store.is_empty() {
            return Err("no CA certificates were found on this machine".to_owned());
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider));
        Ok(verifier.build().map_err(|error| error.to_string())?)
    }

    /// Of most systems the authorities are files, which are looked for where distributions have them. Not by way of the
    /// environment: a variable that is set to nothing would hide them.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    fn of_system(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, String> {
        let mut folders = openssl_probe::candidate_cert_dirs();
        // Most folders hold the file too, which is read once if the two are asked for together.
        let file = openssl_probe::probe().cert_file;
        let mut found = rustls_native_certs::load_certs_from_paths(file.as_deref(), folders.next()).certs;
        for folder in folders {
            found.extend(rustls_native_certs::load_certs_from_paths(None, Some(folder)).certs);
        }
        found.sort_unstable_by(|one, other| one.as_ref().cmp(other.as_ref()));
        found.dedup();
        self.of(found, provider)
    }

    /// The others decide themselves.
    #[cfg(not(all(unix, not(target_vendor = "apple"))))]
    fn of_system(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, String> {
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(
            self.added.iter().cloned(),
            Arc::clone(provider),
        );
        Ok(Arc::new(verifier.map_err(|error| error.to_string())?))
    }
}
