//! The certificates that are trusted beside the system's: those of a company whose proxy looks into TLS.

use memchr::memmem;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::error::ConfigError;
use super::layers::Layers;
use crate::files::text;

/// The certificates of the file that a setting names; none where it is not set.
pub(super) fn read(layers: &Layers) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let Some(found) = layers.get("ca_file") else { return Ok(Vec::new()) };
    let path = found.path(layers.home())?;
    let content = text::content(&path).map_err(|cause| found.unreadable(cause))?;
    certificates(&content)
        .map_err(|problem| ConfigError::Content { origin: found.source, problem: problem.to_owned() })
}

fn certificates(content: &[u8]) -> Result<Vec<CertificateDer<'static>>, &'static str> {
    let has = |text: &str| memmem::find(content, text.as_bytes()).is_some();
    if content.trim_ascii().is_empty() {
        return Err("is empty; it should hold CA certificates in PEM");
    }
    let damaged = "holds a certificate that is damaged or was cut off; it should hold CA certificates in PEM";
    let read = CertificateDer::pem_slice_iter(content).collect::<Result<Vec<_>, _>>().map_err(|_| damaged)?;
    if read.is_empty() {
        return Err(if has("PRIVATE KEY-----") {
            "holds a private key and no certificate; it should hold CA certificates in PEM"
        } else if content.starts_with(&[0x30, 0x82]) {
            "is in the binary form (DER); write it in PEM: openssl x509 -inform der -in ca.cer -out ca.pem"
        } else {
            "holds no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----"
        });
    }
    let mut store = RootCertStore::empty();
    if read.iter().any(|certificate| store.add(certificate.clone()).is_err()) {
        return Err(damaged);
    }
    Ok(read)
}
