//! How to serve over HTTP.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::http::uri::Authority;
use url::Url;

use super::error::ConfigError;
use super::layers::Layers;
use super::oauth::{oauth, public_url};
use super::source::Source;
use super::table::SETTINGS;
use super::value::SourcedValue;
use crate::api::Network;
use crate::callers::CallerSettings;
use crate::transport::http::{AdminSettings, LegacySse, Limits, Reach, Settings, TlsFiles};

/// The settings of the HTTP server; none where it is not asked for.
pub(super) fn settings(layers: &Layers, network: &Arc<Network>) -> Result<Option<Settings>, ConfigError> {
    let Some(found) = layers.get("http.listen") else { return Ok(None) };
    let listen = address(&found)?;
    let callers =
        CallerSettings { tokens: tokens(layers)?, oauth: oauth(layers)?, network: Arc::clone(network) };
    // Whoever reaches an open server uses its owner's credentials.
    if callers.is_open() && !listen.ip().is_loopback() {
        return Err(ConfigError::Open { origin: found.source, address: listen });
    }
    Ok(Some(Settings {
        listen,
        admin: admin(layers)?,
        tls: tls(layers)?,
        callers,
        hosts: hosts(layers)?,
        origins: listed(layers, "http.origins", "origins such as https://app.example.com", is_origin)?,
        legacy_sse: if switch(layers, "http.sse")? { LegacySse::Offered } else { LegacySse::Absent },
        exports: std::env::temp_dir(),
        limits: limits(layers)?,
    }))
}

/// The names that clients may call: those that are listed, and that of the public address, by which they are told to.
fn hosts(layers: &Layers) -> Result<Vec<String>, ConfigError> {
    let mut hosts = listed(layers, "http.hosts", "names, or name:port, separated by commas", is_host)?;
    if let Some(url) = public_url(layers)? {
        let url = Url::parse(&url).ok();
        hosts.extend(url.and_then(|url| {
            let host = url.host_str()?.to_owned();
            // The port where one is named: behind a proxy the usual one is in no `Host`.
            Some(url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
        }));
    }
    Ok(hosts)
}

/// Where health and counts are told. They are not for everybody, so others are let in by a word of its own alone.
fn admin(layers: &Layers) -> Result<Option<AdminSettings>, ConfigError> {
    let reach = if switch(layers, "http.admin_open")? { Reach::Others } else { Reach::ThisMachine };
    let Some(found) = layers.get("http.admin") else { return Ok(None) };
    let listen = address(&found)?;
    if reach == Reach::ThisMachine && !listen.ip().is_loopback() {
        return Err(ConfigError::AdminOpen { origin: found.source, address: listen });
    }
    Ok(Some(AdminSettings { listen, reach }))
}

/// The settings that only a server over HTTP knows, where none is asked for.
pub(super) fn unheard(layers: &Layers) -> Vec<Source> {
    if layers.get("http.listen").is_some() {
        return Vec::new();
    }
    let keys = SETTINGS.iter().map(|setting| setting.key).filter(|key| key.starts_with("http."));
    keys.filter_map(|key| layers.get(key)).map(|found| found.source).collect()
}

/// The file of tokens.
pub(super) fn tokens(layers: &Layers) -> Result<Option<PathBuf>, ConfigError> {
    layers.get("http.tokens").map(|found| found.path(layers.home())).transpose()
}

/// Certificate and key, which go together.
fn tls(layers: &Layers) -> Result<Option<TlsFiles>, ConfigError> {
    let Some((certificate, key)) = both(layers, &TLS_CERT, &TLS_KEY)? else { return Ok(None) };
    let home = layers.home();
    Ok(Some(TlsFiles { certificate: certificate.path(home)?, key: key.path(home)? }))
}

/// One of two settings that mean nothing without each other.
struct Paired {
    key: &'static str,
    /// As it is typed.
    flag: &'static str,
}

const TLS_CERT: Paired = Paired { key: "http.tls_cert", flag: "--tls-cert" };
const TLS_KEY: Paired = Paired { key: "http.tls_key", flag: "--tls-key" };

/// Both settings of a pair, or neither.
fn both(
    layers: &Layers,
    one: &Paired,
    other: &Paired,
) -> Result<Option<(SourcedValue, SourcedValue)>, ConfigError> {
    let alone = |half: SourcedValue, other| Err(ConfigError::Alone { origin: half.source, other });
    match (layers.get(one.key), layers.get(other.key)) {
        (Some(first), Some(second)) => Ok(Some((first, second))),
        (None, None) => Ok(None),
        (Some(half), None) => alone(half, other.flag),
        (None, Some(half)) => alone(half, one.flag),
    }
}

/// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`, or a port alone, which is one of this machine.
fn address(found: &SourcedValue) -> Result<SocketAddr, ConfigError> {
    let text = found.value.trim();
    let text =
        text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    let of_port = |text: &str| Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), text.parse().ok()?));
    let address = text.parse().ok().or_else(|| of_port(&text));
    address.ok_or_else(|| found.malformed("an address and a port, such as 127.0.0.1:8080"))
}

fn listed(
    layers: &Layers,
    key: &'static str,
    expected: &'static str,
    fits: fn(&str) -> bool,
) -> Result<Vec<String>, ConfigError> {
    let Some(found) = layers.get(key) else { return Ok(Vec::new()) };
    if found.names().all(fits) {
        Ok(found.names().map(str::to_owned).collect())
    } else {
        Err(found.malformed(expected))
    }
}

fn is_host(text: &str) -> bool {
    !text.contains(['@', '/', '*']) && text.parse::<Authority>().is_ok()
}

/// What a browser sends: a scheme, a name, a port that is not the usual one, and nothing else.
fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.origin().ascii_serialization() == text.trim_end_matches('/').to_ascii_lowercase()
    })
}

fn switch(layers: &Layers, key: &'static str) -> Result<bool, ConfigError> {
    let Some(found) = layers.get(key) else { return Ok(false) };
    match found.value.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(found.malformed("true or false")),
    }
}

fn limits(layers: &Layers) -> Result<Limits, ConfigError> {
    let mut limits = Limits::default();
    let count = |found: SourcedValue, most| {
        found
            .number(1, most, "a whole number, at least 1")
            .map(|number| usize::try_from(number).unwrap_or(usize::MAX))
    };
    if let Some(found) = layers.get("http.max_connections") {
        limits.connections = count(found, 100_000)?;
    }
    if let Some(found) = layers.get("http.max_sessions") {
        limits.sessions = count(found, 100_000)?;
    }
    if let Some(found) = layers.get("http.max_calls") {
        limits.calls = count(found, 100_000)?;
    }
    if let Some(found) = layers.get("http.session_idle") {
        let minutes = found.number(1, 1440, "whole minutes, 1 to 1440")?;
        limits.session_idle = Duration::from_secs(u64::from(minutes) * 60);
    }
    if let Some(found) = layers.get("http.export_kept") {
        let seconds = found.number(1, 3600, "whole seconds, 1 to 3600")?;
        limits.export_kept = Duration::from_secs(u64::from(seconds));
    }
    Ok(limits)
}
