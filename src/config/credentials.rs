//! Credentials, from wherever they are kept, into upstreams.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use super::address;
use super::error::ConfigError;
use super::intake::{Intake, Location};
use super::layers::{Layers, SettingForm};
use super::likeness::Likeness;
use super::pasted;
use super::placeholder::Placeholder;
use super::source::{Layer, Source};
use super::table::{SETTINGS, SettingGroup, ValueKind};
use super::value::SourcedValue;
use crate::api::{Credential, Timeouts, TokenHeader, Upstream, upstream};
use crate::catalog::{Api, Effect, Scope};
use crate::files::exposed::open_to_others;
use crate::files::{Home, text};

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
    intake: &mut Intake,
) -> Result<Vec<Upstream>, ConfigError> {
    let own = own_region(layers, intake)?;
    let vanta = address::vanta(layers, own)?;
    let location = intake.locate(layers.get("base_url").as_ref().map(|found| &found.source));
    let mut found = Vec::new();
    let mut used = Vec::new();
    for keys in &APPLICATIONS {
        let credential = application(layers, keys, access, &mut used, intake)?;
        match (credential, location) {
            (None, _) => {}
            (Some(_), Location::Unknown) => intake.leave_unlocated(keys.api),
            (Some(credential), Location::Known) => {
                found.push(Upstream { api: keys.api, base: vanta.clone(), credential, timeouts });
            }
        }
    }
    if let Some((base, credential)) = panel(layers, intake)? {
        found.push(Upstream { api: Api::Panel, base, credential, timeouts });
    }
    Ok(found)
}

/// The origin of the region that came with Vanta's own file of credentials: by the variable that Vanta's own server reads
/// beside it, or in the file itself. Without that file the variable is somebody else's, and beside a setting of this
/// server's own it decides nothing.
fn own_region(layers: &Layers, intake: &mut Intake) -> Result<Option<&'static str>, ConfigError> {
    let Some(file) = used_env_file(layers) else { return Ok(None) };
    if layers.get("region").is_some() || layers.get("base_url").is_some() {
        return Ok(None);
    }
    let found = match &layers.shared.region {
        Some(variable) => Some(variable.clone()),
        None => region_in(&file, layers.home())?,
    };
    let Some(found) = found else { return Ok(None) };
    if let Some(placeholder) = Placeholder::marked(&found.value) {
        intake.leave_address("region", &found.source, placeholder);
        return Ok(None);
    }
    match address::of_region(&found.value) {
        Some(origin) => Ok(Some(origin)),
        None => Err(found.malformed("us, eu, aus or gov, like VANTA_REGION, which overrides it")),
    }
}

/// The region in Vanta's own file.
fn region_in(file: &SourcedValue, home: &Home) -> Result<Option<SourcedValue>, ConfigError> {
    let Some(raw) = read_env_file(file, home)?.region else { return Ok(None) };
    let value = pasted::plain(&raw).to_owned();
    let source = Source::File("REGION".to_owned(), file.path(home)?);
    Ok((!value.is_empty()).then_some(SourcedValue { value, source, kind: ValueKind::Word }))
}

/// Vanta's own file, where the credentials are taken from it.
fn used_env_file(layers: &Layers) -> Option<SourcedValue> {
    for layer in Layer::ALL {
        let direct = |key, form| layers.at(layer, key, form).is_some();
        let itself = SettingForm::Itself;
        if direct("manage.client_id", itself)
            || direct("manage.client_secret", itself)
            || direct("manage.client_secret", SettingForm::Path)
        {
            return None;
        }
        if let Some(file) = layers.at(layer, "manage.env_file", SettingForm::Itself) {
            return Some(file);
        }
    }
    None
}

fn application(
    layers: &Layers,
    keys: &ApplicationKeys,
    access: Effect,
    used: &mut Vec<(Api, String)>,
    intake: &mut Intake,
) -> Result<Option<Credential>, ConfigError> {
    one_source(layers, keys)?;
    let scopes = scopes(layers, keys, access)?;
    let id = first(layers, keys.id, keys.env_file, intake)?;
    let secret = secret(layers, keys.secret, keys.env_file, intake)?;
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
            intake.leave_half(keys.api, has, lacks);
            return Ok(None);
        }
    };
    if let Some((other, _)) = used.iter().find(|(_, id)| *id == client_id) {
        intake.warnings.push(format!(
            "{} and {} have the same client id: an application belongs to one API, and each of the two would revoke \
             the other's token: create an application for each",
            other.title(),
            keys.api.title()
        ));
    }
    used.push((keys.api, client_id.clone()));
    Ok(Some(Credential::Application { client_id, client_secret, scopes }))
}

fn panel(layers: &Layers, intake: &mut Intake) -> Result<Option<(Url, Credential)>, ConfigError> {
    let header = match layers.get("panel.auth") {
        None => TokenHeader::default(),
        Some(found) => match found.value.as_str() {
            "bearer" => TokenHeader::Bearer,
            "x-api-key" => TokenHeader::ApiKey,
            _ => return Err(found.malformed("bearer or x-api-key")),
        },
    };
    let base = layers.get("panel.url").map(|found| address::read(&found)).transpose()?;
    let token = secret(layers, "panel.token", None, intake)?;
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
            intake.leave_half(Api::Panel, has, lacks);
            Ok(None)
        }
    }
}

/// That the settings of real upstreams, of which these are set, decide nothing in the demo tenant; `None` where none is.
pub(super) fn not_for_demo(layers: &Layers) -> Option<String> {
    let upstreams =
        SETTINGS.iter().filter(|one| matches!(one.group, SettingGroup::Vanta | SettingGroup::Panel));
    let set = |key| {
        let forms = [SettingForm::Itself, SettingForm::Path];
        let places = Layer::ALL.into_iter().flat_map(|layer| forms.map(|form| (layer, form)));
        places.into_iter().find_map(|(layer, form)| layers.at(layer, key, form))
    };
    let names: Vec<String> = upstreams.filter_map(|one| Some(set(one.key)?.source.to_string())).collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    (!names.is_empty()).then(|| {
        format!(
            "the demo tenant uses its own credentials and scopes, so {} {verb} ignored; run without --demo to use {}",
            names.join(", "),
            if names.len() == 1 { "it" } else { "them" }
        )
    })
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
    let granted: Result<Vec<Scope>, _> = found.names().map(str::parse).collect();
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
    #[serde(default, alias = "REGION")]
    region: Option<String>,
}

/// A file with a secret holds the secret, and nothing else.
fn alone(origin: &Source, text: &str) -> Result<(), ConfigError> {
    let problem = if pasted::secret(text).is_empty() {
        "is empty"
    } else if text.lines().any(is_assignment) {
        "contains a line NAME=value; it must contain only the secret, without a name before it"
    } else {
        return Ok(());
    };
    Err(ConfigError::Content { origin: origin.clone(), problem: problem.to_owned() })
}

/// Whether a line is one of a file of variables. What stands before the `=` has to be named as they are: a secret may
/// have such a sign in it.
fn is_assignment(line: &str) -> bool {
    let line = line.trim().strip_prefix("export ").unwrap_or(line.trim());
    let Some((name, value)) = line.split_once('=') else { return false };
    let name = name.trim().to_ascii_uppercase();
    let is_name = name.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'.'));
    let is_ours = ["SECRET", "TOKEN", "KEY", "VANTA", "PASSWORD"].into_iter().any(|word| name.contains(word));
    is_name && is_ours && !value.trim_matches(['=', ' ', '\t']).is_empty()
}

/// The client id from the strongest layer that has one, directly or in Vanta's file.
fn first(
    layers: &Layers,
    key: &'static str,
    env_file: Option<&'static str>,
    intake: &mut Intake,
) -> Result<Option<Half<String>>, ConfigError> {
    for layer in Layer::ALL {
        if let Some(found) = layers.at(layer, key, SettingForm::Itself) {
            return Ok(Some(Half { value: found.value, source: found.source, holder: Holder::Own }));
        }
        if let Some(found) = env_file.and_then(|key| layers.at(layer, key, SettingForm::Itself)) {
            let raw = read_env_file(&found, layers.home())?.client_id;
            let value = intake.take_secret(key, &found.source, "client_id", &raw);
            let half = |value| Half { value, source: found.source.clone(), holder: Holder::EnvFile };
            return Ok(value.map(half));
        }
    }
    Ok(None)
}

/// A secret from the strongest layer that has it: directly, in a file of its own, or in Vanta's file.
fn secret(
    layers: &Layers,
    key: &'static str,
    env_file: Option<&'static str>,
    intake: &mut Intake,
) -> Result<Option<Half<SecretString>>, ConfigError> {
    for layer in Layer::ALL {
        let direct = layers.at(layer, key, SettingForm::Itself);
        let path = layers.at(layer, key, SettingForm::Path);
        match (direct, path) {
            (Some(direct), Some(path)) => {
                return Err(ConfigError::Twice { direct: direct.source, path: path.source });
            }
            (Some(direct), None) => {
                let value = direct.value.into();
                return Ok(Some(Half { value, source: direct.source, holder: Holder::Own }));
            }
            (None, Some(found)) => {
                let text = read(&found, layers.home())?;
                intake.warnings.extend(open_to_others(&found.path(layers.home())?));
                alone(&found.source, &text)?;
                let value = intake.take_secret(key, &found.source, "content", &text);
                let half =
                    |value: String| Half { value: value.into(), source: found.source, holder: Holder::Own };
                return Ok(value.map(half));
            }
            (None, None) => {}
        }
        if let Some(found) = env_file.and_then(|key| layers.at(layer, key, SettingForm::Itself)) {
            intake.warnings.extend(open_to_others(&found.path(layers.home())?));
            let raw = read_env_file(&found, layers.home())?.client_secret;
            let value = intake.take_secret(key, &found.source, "client_secret", raw.expose_secret());
            let half =
                |value: String| Half { value: value.into(), source: found.source, holder: Holder::EnvFile };
            return Ok(value.map(half));
        }
    }
    Ok(None)
}

fn read_env_file(found: &SourcedValue, home: &Home) -> Result<EnvFile, ConfigError> {
    let text = read(found, home)?;
    serde_json::from_str(&text).map_err(|_| ConfigError::Content {
        origin: found.source.clone(),
        problem: "is not JSON with client_id and client_secret".to_owned(),
    })
}

fn read(found: &SourcedValue, home: &Home) -> Result<String, ConfigError> {
    text::read(&found.path(home)?).map_err(|cause| found.unreadable(cause))
}
