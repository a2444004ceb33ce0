//! Credentials, from wherever they are kept, into upstreams.

use std::fs;
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use super::address;
use super::error::ConfigError;
use super::layers::{Layer, Layers, SettingForm};
use super::likeness::Likeness;
use super::source::Source;
use super::value::SourcedValue;
use crate::api::{Credential, Route, Timeouts, TokenHeader, Upstream, credential_settings, upstream};
use crate::catalog::{Api, Effect, Scope};
use crate::files::exposed::open_to_others;

/// The keys of one OAuth application.
struct ApplicationKeys {
    api: Api,
    id: &'static str,
    secret: &'static str,
    scopes: &'static str,
    env_file: Option<&'static str>,
}

const APPLICATIONS: [ApplicationKeys; 3] = [
    ApplicationKeys {
        api: Api::Manage,
        id: "manage.client_id",
        secret: "manage.client_secret",
        scopes: "manage.scopes",
        env_file: Some("manage.env_file"),
    },
    ApplicationKeys {
        api: Api::Audit,
        id: "audit.client_id",
        secret: "audit.client_secret",
        scopes: "audit.scopes",
        env_file: None,
    },
    ApplicationKeys {
        api: Api::Connectors,
        id: "connectors.client_id",
        secret: "connectors.client_secret",
        scopes: "connectors.scopes",
        env_file: None,
    },
];

/// The APIs that have credentials. An incomplete set is a warning: the server can still say what is missing.
pub(super) fn upstreams(
    layers: &Layers,
    access: Effect,
    timeouts: Timeouts,
    warnings: &mut Vec<String>,
) -> Result<Vec<Upstream>, ConfigError> {
    let vanta = address::vanta(layers)?;
    let mut found = Vec::new();
    let mut used = Vec::new();
    for keys in &APPLICATIONS {
        if let Some(credential) = application(layers, keys, access, &mut used, warnings)? {
            found.push(Upstream {
                api: keys.api,
                base: vanta.clone(),
                credential,
                route: route(layers, &vanta, warnings),
                timeouts,
            });
        }
    }
    if let Some((base, credential)) = panel(layers, warnings)? {
        let route = route(layers, &base, warnings);
        found.push(Upstream { api: Api::Panel, base, credential, route, timeouts });
    }
    Ok(found)
}

/// The system's proxy is honoured, but for plain http: that is for this machine alone, and a proxy on another one would
/// be sent the credentials in the clear.
fn route(layers: &Layers, base: &Url, warnings: &mut Vec<String>) -> Route {
    if base.scheme() != "http" || !layers.http_proxy_is_remote {
        return Route::System;
    }
    let told = "The proxy for plain http is on another machine, so it is not used: credentials would reach it in the clear";
    if !warnings.iter().any(|warning| warning == told) {
        warnings.push(told.to_owned());
    }
    Route::Direct
}

fn application(
    layers: &Layers,
    keys: &ApplicationKeys,
    access: Effect,
    used: &mut Vec<(Api, String)>,
    warnings: &mut Vec<String>,
) -> Result<Option<Credential>, ConfigError> {
    one_source(layers, keys)?;
    let scopes = scopes(layers, keys, access)?;
    let id = first(layers, keys.id, keys.env_file)?;
    let secret = secret(layers, keys.secret, keys.env_file, warnings)?;
    let (client_id, client_secret) = match (id, secret) {
        (None, None) => return Ok(None),
        (Some(id), Some(secret)) => {
            is_none_of(&id.source, &id.value, "the client id", &NO_ID)?;
            is_none_of(&secret.source, secret.value.expose_secret(), "the client secret", &NO_SECRET)?;
            one_application(id, secret)?
        }
        (id, _) => {
            let (has, lacks) =
                if id.is_some() { ("a client id", "no secret") } else { ("a client secret", "no id") };
            let both = credential_settings(keys.api);
            warnings
                .push(format!("{} has {has} and {lacks}, so it is not used: set {both}", keys.api.title()));
            return Ok(None);
        }
    };
    if let Some((other, _)) = used.iter().find(|(_, id)| *id == client_id) {
        warnings.push(format!(
            "{} and {} have the same client id: an application belongs to one API, and each would revoke the other's \
             token",
            other.title(),
            keys.api.title()
        ));
    }
    used.push((keys.api, client_id.clone()));
    Ok(Some(Credential::Application { client_id, client_secret, scopes }))
}

fn panel(layers: &Layers, warnings: &mut Vec<String>) -> Result<Option<(Url, Credential)>, ConfigError> {
    let header = match layers.get("panel.auth") {
        None => TokenHeader::default(),
        Some(found) => match found.value.as_str() {
            "bearer" => TokenHeader::Bearer,
            "x-api-key" => TokenHeader::ApiKey,
            _ => return Err(found.malformed("bearer or x-api-key")),
        },
    };
    let base = layers.get("panel.url").map(|found| address::read(&found)).transpose()?;
    let token = secret(layers, "panel.token", None, warnings)?;
    if let Some(Half { value, source, .. }) = &token {
        is_none_of(source, value.expose_secret(), "a token of Vanta Panel", &NO_TOKEN)?;
        if !value.expose_secret().bytes().all(|byte| byte.is_ascii_graphic()) {
            let expected = "one word of printable characters";
            return Err(ConfigError::Malformed {
                origin: source.clone(),
                expected,
                shown: None,
                seems: None,
            });
        }
    }
    let token = token.map(|token| token.value);
    match (base, token) {
        (Some(base), Some(token)) => Ok(Some((base, Credential::Token { token, header }))),
        (None, None) => Ok(None),
        (base, _) => {
            let (has, lacks) =
                if base.is_some() { ("an address", "no token") } else { ("a token", "no address") };
            let both = credential_settings(Api::Panel);
            warnings.push(format!("Vanta Panel has {has} and {lacks}, so it is not used: set {both}"));
            Ok(None)
        }
    }
}

/// What a client id, a client secret and a token of the Panel certainly are not.
const NO_ID: [Likeness; 4] = [Likeness::ClientSecret, Likeness::Token, Likeness::Json, Likeness::Pem];
const NO_SECRET: [Likeness; 3] = [Likeness::ClientId, Likeness::Json, Likeness::Pem];
const NO_TOKEN: [Likeness; 4] = [Likeness::ClientId, Likeness::ClientSecret, Likeness::Json, Likeness::Pem];

/// A credential is not what another one is.
fn is_none_of(
    origin: &Source,
    value: &str,
    expected: &'static str,
    others: &[Likeness],
) -> Result<(), ConfigError> {
    match Likeness::of(value).filter(|seems| others.contains(seems)) {
        Some(seems) => Err(ConfigError::Misplaced { origin: origin.clone(), expected, seems }),
        None => Ok(()),
    }
}

fn scopes(layers: &Layers, keys: &ApplicationKeys, access: Effect) -> Result<Vec<Scope>, ConfigError> {
    let Some(found) = layers.get(keys.scopes) else {
        return Ok(upstream::scopes_for(keys.api, access, None));
    };
    let words = found.value.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
    let granted: Result<Vec<Scope>, _> = words.map(str::parse).collect();
    let granted =
        granted.map_err(|_| found.malformed("scopes as Vanta spells them, e.g. vanta-api.vendors:read"))?;
    Ok(upstream::scopes_for(keys.api, access, Some(&granted)))
}

/// A half of a credential.
struct Half<T> {
    value: T,
    source: Source,
    holder: Holder,
}

/// What a half was taken from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holder {
    /// A setting of its own, or the file that it names.
    Own,
    /// The file of both halves.
    EnvFile,
}

/// The two halves, if they are of one application as far as can be told.
fn one_application(
    id: Half<String>,
    secret: Half<SecretString>,
) -> Result<(String, SecretString), ConfigError> {
    match (id.holder, secret.holder) {
        (Holder::EnvFile, Holder::Own) => Err(ConfigError::Mixed { env_file: id.source }),
        (Holder::Own, Holder::EnvFile) => Err(ConfigError::Mixed { env_file: secret.source }),
        _ => Ok((id.value, secret.value)),
    }
}

/// In one layer a client id or secret beside a file with both would mix two applications.
fn one_source(layers: &Layers, keys: &ApplicationKeys) -> Result<(), ConfigError> {
    let Some(env_file) = keys.env_file else { return Ok(()) };
    for layer in Layer::ALL {
        let Some(file) = layers.at(layer, env_file, SettingForm::Itself) else { continue };
        let direct = layers.at(layer, keys.id, SettingForm::Itself);
        let direct = direct.or_else(|| layers.at(layer, keys.secret, SettingForm::Itself));
        if let Some(direct) = direct.or_else(|| layers.at(layer, keys.secret, SettingForm::Path)) {
            return Err(ConfigError::Twice { direct: direct.source, path: file.source });
        }
    }
    Ok(())
}

/// What Vanta's own server takes.
#[derive(Deserialize)]
struct EnvFile {
    client_id: String,
    client_secret: SecretString,
}

/// The client id from the strongest layer that has one, directly or in Vanta's file.
fn first(
    layers: &Layers,
    key: &'static str,
    env_file: Option<&'static str>,
) -> Result<Option<Half<String>>, ConfigError> {
    for layer in Layer::ALL {
        if let Some(found) = layers.at(layer, key, SettingForm::Itself) {
            let value = found.value.trim().to_owned();
            return Ok(Some(Half { value, source: found.source, holder: Holder::Own }));
        }
        if let Some(found) = env_file.and_then(|key| layers.at(layer, key, SettingForm::Itself)) {
            let value = read_env_file(&found)?.client_id;
            return Ok(Some(Half { value, source: found.source, holder: Holder::EnvFile }));
        }
    }
    Ok(None)
}

/// A secret from the strongest layer that has it: directly, in a file of its own, or in Vanta's file.
fn secret(
    layers: &Layers,
    key: &'static str,
    env_file: Option<&'static str>,
    warnings: &mut Vec<String>,
) -> Result<Option<Half<SecretString>>, ConfigError> {
    for layer in Layer::ALL {
        let direct = layers.at(layer, key, SettingForm::Itself);
        let path = layers.at(layer, key, SettingForm::Path);
        match (direct, path) {
            (Some(direct), Some(path)) => {
                return Err(ConfigError::Twice { direct: direct.source, path: path.source });
            }
            (Some(direct), None) => {
                let value = direct.value.trim().into();
                return Ok(Some(Half { value, source: direct.source, holder: Holder::Own }));
            }
            (None, Some(found)) => {
                let text = read(&found)?;
                warnings.extend(open_to_others(Path::new(found.value.trim())));
                if text.trim().is_empty() {
                    return Err(ConfigError::Content {
                        origin: found.source,
                        problem: "is empty".to_owned(),
                    });
                }
                let value = text.trim().into();
                return Ok(Some(Half { value, source: found.source, holder: Holder::Own }));
            }
            (None, None) => {}
        }
        if let Some(found) = env_file.and_then(|key| layers.at(layer, key, SettingForm::Itself)) {
            warnings.extend(open_to_others(Path::new(found.value.trim())));
            let value = read_env_file(&found)?.client_secret;
            return Ok(Some(Half { value, source: found.source, holder: Holder::EnvFile }));
        }
    }
    Ok(None)
}

fn read_env_file(found: &SourcedValue) -> Result<EnvFile, ConfigError> {
    let text = read(found)?;
    serde_json::from_str(&text).map_err(|_| ConfigError::Content {
        origin: found.source.clone(),
        problem: "is not JSON with client_id and client_secret".to_owned(),
    })
}

fn read(found: &SourcedValue) -> Result<String, ConfigError> {
    fs::read_to_string(found.value.trim()).map_err(|cause| found.unreadable(cause))
}
