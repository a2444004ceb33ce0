//! Addresses: https, or http to this machine.

use url::Url;

use super::error::ConfigError;
use super::layers::Layers;
use super::value::SourcedValue;
use crate::api::loopback::may_be_loopback;

/// Vanta's address: what was set, else the region's.
pub(super) fn vanta(layers: &Layers) -> Result<Url, ConfigError> {
    let region = layers.get("region");
    let origin = match region.as_ref().map(|found| found.value.as_str()) {
        None | Some("us") => "https://api.vanta.com",
        Some("gov") => "https://api.vanta-gov.com",
        Some(_) => return Err(malformed(region.as_ref(), "us or gov")),
    };
    if let Some(found) = layers.get("base_url") {
        let mut url = read(&found)?;
        // Vanta's documents give the address with the version, ours gives it with each path.
        let path = url.path().trim_end_matches('/').trim_end_matches("/v1").to_owned();
        url.set_path(&path);
        return Ok(url);
    }
    Url::parse(origin).map_err(|_| malformed(region.as_ref(), "us or gov"))
}

/// An address that credentials may be sent to.
pub(super) fn read(found: &SourcedValue) -> Result<Url, ConfigError> {
    let expected = "an address like https://host/ without user, password, query or fragment";
    let url = Url::parse(found.value.trim()).map_err(|_| found.malformed(expected))?;
    let plain = url.username().is_empty() && url.password().is_none();
    if !plain || url.query().is_some() || url.fragment().is_some() || url.host().is_none() {
        return Err(found.malformed(expected));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if may_be_loopback(&url) => Ok(url),
        "http" => Err(ConfigError::PlainHttp { origin: found.source.clone() }),
        _ => Err(found.malformed(expected)),
    }
}

fn malformed(found: Option<&SourcedValue>, expected: &'static str) -> ConfigError {
    match found {
        Some(found) => found.malformed(expected),
        None => {
            ConfigError::Unknown { name: "region".to_owned(), source_name: expected.to_owned(), near: None }
        }
    }
}
