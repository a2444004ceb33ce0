//! TLS that ends here, with a certificate that can be renewed while the server runs.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use thiserror::Error;
use tokio_rustls::TlsAcceptor;

use super::pem::{self, PemError};
use crate::files::exposed::open_to_others;
use crate::files::watched::Watched;

/// Where certificate and key are, both in PEM.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The certificate, followed by those that vouch for it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl TlsFiles {
    /// Reads both, as serving does, and returns the certificate.
    ///
    /// # Errors
    /// They cannot be served with.
    pub fn check(&self) -> Result<Option<CertificateDer<'static>>, TlsError> {
        // Of two installs the second is refused, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        read(self)?;
        let path = &self.certificate;
        let chain = pem::chain(path).map_err(|cause| TlsError::File { path: path.clone(), cause })?;
        Ok(chain.into_iter().next())
    }
}

/// A certificate that cannot be served with.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read, or holds nothing of the kind.
    #[error("{} cannot be used: {cause}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: PemError,
    },
    /// The two do not go together, or are of a kind that is not supported.
    #[error("the certificate {} cannot be used with its key: {cause}", .path.display())]
    Unfit {
        /// The certificate's file.
        path: PathBuf,
        /// What is wrong.
        cause: rustls::Error,
    },
}

/// What new connections are secured with.
pub(super) struct Tls {
    files: TlsFiles,
    watched: Watched,
    config: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    pub(super) fn new(files: TlsFiles) -> Result<Self, TlsError> {
        // Of two installs the second is refused, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let watched = Watched::new([files.certificate.clone(), files.key.clone()]);
        let config = RwLock::new(read(&files)?);
        Ok(Self { files, watched, config })
    }

    /// For one connection. A renewed certificate is seen within a second; one that is not right leaves the last in
    /// place, as happens between the writing of the two files.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        if self.watched.has_changed() {
            match read(&self.files) {
                Ok(config) => {
                    tracing::info!(certificate = %self.files.certificate.display(), "the certificate was renewed");
                    *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
                }
                Err(error) => {
                    tracing::error!(%error, "keeping the previous certificate");
                }
            }
        }
        TlsAcceptor::from(Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn read(files: &TlsFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let unusable = |path: &PathBuf| {
        let path = path.clone();
        move |cause| TlsError::File { path, cause }
    };
    let chain = pem::chain(&files.certificate).map_err(unusable(&files.certificate))?;
    let key = pem::key(&files.key).map_err(unusable(&files.key))?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
    let mut config = config.map_err(|cause| TlsError::Unfit { path: files.certificate.clone(), cause })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if let Some(warning) = open_to_others(&files.key) {
        tracing::warn!("{warning}");
    }
    Ok(Arc::new(config))
}
