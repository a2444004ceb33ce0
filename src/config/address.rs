//! Addresses: https, or http to this machine.

use url::Url;

use super::error::ConfigError;
use super::layers::Layers;
use super::value::SourcedValue;
use crate::api::loopback::may_be_loopback;

/// What a region may be called.
const REGIONS: &str = "us, eu, aus or gov";

/// The origin of a region. Vanta documents no other API host for its European and Australian tenants than that of the
/// others, so their regions are other names of it.
pub(super) fn of_region(name: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().as_str() {
        "us" | "eu" | "aus" => Some("https://api.vanta.com"),
        "gov" => Some("https://api.vanta-gov.com"),
        _ => None,
    }
}

/// Vanta's address: what was set, else the region's, else that of the region that came with the credentials.
pub(super) fn vanta(layers: &Layers, own: Option<&'static str>) -> Result<Url, ConfigError> {
    let region = layers.get("region");
    let origin = match &region {
        None => own.unwrap_or("https://api.vanta.com"),
        Some(found) => of_region(&found.value).ok_or_else(|| found.malformed(REGIONS))?,
    };
    if let Some(found) = layers.get("base_url") {
        let mut url = read(&found)?;
        // Vanta's documents give the address with the version, ours gives it with each path.
        let path = url.path().trim_end_matches('/').trim_end_matches("/v1").to_owned();
        url.set_path(&path);
        return Ok(url);
    }
    Url::parse(origin).map_err(|_| malformed(region.as_ref(), REGIONS))
}

/// The slug of the Trust Center: as it is, or the end of its address at Vanta.
pub(super) fn trust_center(layers: &Layers) -> Result<Option<String>, ConfigError> {
    let expected = "the SLUG in app.vanta.com/NAME/trust/SLUG, or `data-slugid` in the HTML of a page with its own domain";
    let Some(found) = layers.get("manage.trust_center") else { return Ok(None) };
    let value = found.value.trim();
    let slug = match value.split_once("/trust/") {
        Some((_, rest)) => rest.split(['/', '?', '#']).next().unwrap_or_default(),
        None => value,
    };
    let is_slug = !slug.is_empty()
        && slug.len() <= 100
        && slug.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if is_slug { Ok(Some(slug.to_owned())) } else { Err(found.malformed(expected)) }
}

/// An address that credentials may be sent to.
pub(super) fn read(found: &SourcedValue) -> Result<Url, ConfigError> {
    let expected = "an address such as https://host/ without user, password, query or fragment";
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
