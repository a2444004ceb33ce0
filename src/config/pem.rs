//! Certificates in PEM, and what is told of a file that should hold them and does not.

use memchr::memmem;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// All certificates of a file.
///
/// # Errors
/// What is wrong with it, as a sentence goes on after the file.
pub(super) fn certificates(content: &[u8]) -> Result<Vec<CertificateDer<'static>>, &'static str> {
    let damaged =
        "contains a certificate that is damaged or truncated; it must contain CA certificates in PEM";
    let read = CertificateDer::pem_slice_iter(content).collect::<Result<Vec<_>, _>>().map_err(|_| damaged)?;
    if read.is_empty() {
        return Err(in_their_place(content));
    }
    let mut store = RootCertStore::empty();
    if read.iter().any(|certificate| store.add(certificate.clone()).is_err()) {
        return Err(damaged);
    }
    Ok(read)
}

/// What is wrong with a file of which not one certificate can be used; none where there is one.
pub(super) fn uselessness(content: &[u8]) -> Option<&'static str> {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(CertificateDer::pem_slice_iter(content).filter_map(Result::ok));
    if store.is_empty() { certificates(content).err() } else { None }
}

/// What a file holds that has no certificate.
fn in_their_place(content: &[u8]) -> &'static str {
    if content.trim_ascii().is_empty() {
        "is empty; it must contain CA certificates in PEM"
    } else if memmem::find(content, b"PRIVATE KEY-----").is_some() {
        "contains a private key and no certificate; it must contain CA certificates in PEM"
    } else if content.starts_with(&[0x30, 0x82]) {
        "is in binary form (DER); convert it to PEM: openssl x509 -inform der -in ca.cer -out ca.pem"
    } else {
        "contains no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----"
    }
}
