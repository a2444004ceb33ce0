//! The certificates that are trusted beside the system's: those of a company whose proxy looks into TLS.

use rustls::pki_types::CertificateDer;

use super::error::ConfigError;
use super::layers::Layers;
use super::pem;
use crate::authorities::Authorities;
use crate::files::text;

/// All who vouch for servers.
pub(super) fn all(layers: &Layers) -> Result<Authorities, ConfigError> {
    Ok(Authorities { added: read(layers)?, places: layers.shared.certificates.clone() })
}

/// The certificates of the file that a setting names; none where it is not set.
fn read(layers: &Layers) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let Some(found) = layers.get("ca_file") else { return Ok(Vec::new()) };
    let path = found.path(layers.home())?;
    let content = text::content(&path).map_err(|cause| found.unreadable(cause))?;
    pem::certificates(&content)
        .map_err(|problem| ConfigError::Content { origin: found.source, problem: problem.to_owned() })
}
