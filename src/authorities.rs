//! Whose certificates are accepted: the system's authorities, those that the environment names in their place, and those that
//! the operator adds.

use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;

/// Who vouches for servers. Nothing is read yet.
#[derive(Debug, Clone, Default)]
pub struct Authorities {
    /// Certificates beside all others.
    pub added: Vec<CertificateDer<'static>>,
    /// Where those are that take the place of the system's.
    pub places: CertificatePlaces,
}

/// Files of certificates that are trusted in place of the system's, as every program that uses OpenSSL has them.
#[derive(Debug, Clone, Default)]
pub struct CertificatePlaces {
    /// `SSL_CERT_FILE`
    pub file: Option<PathBuf>,
    /// `SSL_CERT_DIR`
    pub folders: Vec<PathBuf>,
}

impl CertificatePlaces {
    /// Whether none is named, so that the system's authorities are trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.file.is_none() && self.folders.is_empty()
    }

    /// The certificates of these places. What cannot be read vouches for nobody. `of_file` reads the file.
    pub fn certificates(
        &self,
        of_file: impl Fn(&Path) -> Vec<CertificateDer<'static>>,
    ) -> Vec<CertificateDer<'static>> {
        let mut found = self.file.as_deref().map(of_file).unwrap_or_default();
        for folder in &self.folders {
            found.extend(rustls_native_certs::load_certs_from_paths(None, Some(folder)).certs);
        }
        found
    }
}

/// The certificates of a file in PEM, without those that cannot be read.
#[cfg(feature = "postgres")]
#[must_use]
pub fn of_file(path: &Path) -> Vec<CertificateDer<'static>> {
    rustls_native_certs::load_certs_from_paths(Some(path), None).certs
}

/// Of most systems the authorities are files, which are looked for where distributions have them. Not by way of the
/// environment: a variable that is set to nothing would hide them.
#[cfg(all(unix, not(target_vendor = "apple")))]
#[must_use]
pub fn of_system() -> Vec<CertificateDer<'static>> {
    let mut folders = openssl_probe::candidate_cert_dirs();
    // Most folders hold the file too, which is read once if the two are asked for together.
    let file = openssl_probe::probe().cert_file;
    let mut found = rustls_native_certs::load_certs_from_paths(file.as_deref(), folders.next()).certs;
    for folder in folders {
        found.extend(rustls_native_certs::load_certs_from_paths(None, Some(folder)).certs);
    }
    found.sort_unstable_by(|one, other| one.as_ref().cmp(other.as_ref()));
    found.dedup();
    found
}

/// The others keep them elsewhere.
#[cfg(all(feature = "postgres", not(all(unix, not(target_vendor = "apple")))))]
#[must_use]
pub fn of_system() -> Vec<CertificateDer<'static>> {
    rustls_native_certs::load_native_certs().certs
}
