//! How a value that was set is taken in: without what surrounds it, and not at all where it is a placeholder.

use super::error::ConfigError;
use super::pasted;
use super::placeholder::Placeholder;
use super::source::{Layer, Source};
use super::table::{Setting, ValueKind};
use crate::api::{Lacking, LackingPart, credential_holders, credential_settings};
use crate::catalog::Api;

/// What was found odd in the settings while they were taken in.
#[derive(Debug, Clone, Default)]
pub(super) struct Intake {
    /// For the log and for `server_status`.
    pub(super) warnings: Vec<String>,
    /// What counts as not set, since it is a placeholder.
    unfilled: Vec<UnfilledSetting>,
    /// The APIs that have credentials, and no address to which they may be sent.
    unlocated: Vec<Api>,
    /// The APIs that have one half of their credentials, with which it is and which is missing.
    halves: Vec<(Api, &'static str, &'static str)>,
}

/// A setting with a placeholder in place of its value.
#[derive(Debug, Clone)]
pub(super) struct UnfilledSetting {
    key: &'static str,
    origin: Source,
    placeholder: Placeholder,
}

impl UnfilledSetting {
    /// The layer that it was set in.
    pub(super) fn layer(&self) -> Layer {
        self.origin.layer()
    }

    /// The settings that would decide in its place.
    pub(super) fn rivals(&self) -> Vec<&'static str> {
        match self.key {
            "manage.client_id" | "manage.client_secret" | "manage.env_file" => {
                vec!["manage.client_id", "manage.client_secret", "manage.env_file"]
            }
            // Nothing is sent where they are placeholders, whatever else is set.
            "region" | "base_url" => Vec::new(),
            key => vec![key],
        }
    }

    /// That nothing may start with it.
    pub(super) fn error(&self) -> ConfigError {
        ConfigError::Unfilled { origin: self.origin.clone(), placeholder: self.placeholder }
    }
}

/// What it means that a setting counts as not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unset {
    /// Less is offered, or nothing else than usual.
    IsHarmless,
    /// More would be let in or offered than was meant.
    IsRefused,
}

impl Intake {
    /// The value of a setting as it is meant; `None` where there is none.
    ///
    /// # Errors
    /// It is a placeholder, and without the setting more would be open than its operator meant.
    pub(super) fn take(
        &mut self,
        setting: &'static Setting,
        kind: ValueKind,
        origin: &Source,
        raw: &str,
    ) -> Result<Option<String>, ConfigError> {
        if raw.trim().is_empty() {
            return Ok(None);
        }
        let value = if kind == ValueKind::Secret { pasted::secret(raw) } else { pasted::plain(raw) };
        if value.is_empty() {
            self.warnings.push(format!(
                "{origin} is empty apart from quotation marks or `Bearer`, so it is treated as not set: give it a value, or \
                 remove it"
            ));
            return Ok(None);
        }
        let Some(placeholder) = placeholder(setting.key, value) else {
            // One of several values: what is left of the list is not what was meant.
            let within = is_list(setting).then(|| Placeholder::of_list(value)).flatten();
            return match within {
                Some(placeholder) => Err(ConfigError::Unfilled { origin: origin.clone(), placeholder }),
                None => Ok(Some(value.to_owned())),
            };
        };
        if without(setting.key) == Unset::IsRefused {
            return Err(ConfigError::Unfilled { origin: origin.clone(), placeholder });
        }
        self.leave_unfilled(setting.key, origin, "", placeholder);
        Ok(None)
    }

    /// A credential out of a file; `None` where it is empty or a placeholder. `part` is what of the file it is.
    pub(super) fn take_secret(
        &mut self,
        key: &'static str,
        origin: &Source,
        part: &str,
        raw: &str,
    ) -> Option<String> {
        let value = pasted::secret(raw);
        if value.is_empty() {
            self.warnings.push(format!(
                "{origin} names a file whose {part} is empty, so it is treated as not set: add it to the file"
            ));
            return None;
        }
        let Some(placeholder) = placeholder(key, value) else { return Some(value.to_owned()) };
        self.leave_unfilled(key, origin, part, placeholder);
        None
    }

    /// Notes that where Vanta is was left to a placeholder. What follows from it is told by [`Intake::locate`].
    pub(super) fn leave_address(&mut self, key: &'static str, origin: &Source, placeholder: Placeholder) {
        self.unfilled.push(UnfilledSetting { key, origin: origin.clone(), placeholder });
    }

    fn leave_unfilled(&mut self, key: &'static str, origin: &Source, part: &str, placeholder: Placeholder) {
        if is_address(key) {
            return self.leave_address(key, origin, placeholder);
        }
        let holds = if part.is_empty() {
            "still contains".to_owned()
        } else {
            format!("names a file whose {part} is still")
        };
        self.warnings.push(format!(
            "{origin} {holds} a placeholder ({placeholder}), so it is treated as not set. Replace it with the value"
        ));
        self.unfilled.push(UnfilledSetting { key, origin: origin.clone(), placeholder });
    }

    /// Says what follows from placeholders in place of Vanta's address, of which `base_url` is the one that was set.
    pub(super) fn locate(&mut self, base_url: Option<&Source>) -> Location {
        let is_base_unfilled = self.unfilled.iter().any(|unfilled| unfilled.key == "base_url");
        let decides = base_url.filter(|_| !is_base_unfilled);
        let mut location = Location::Known;
        for unfilled in self.unfilled.iter().filter(|unfilled| is_address(unfilled.key)) {
            let follows = if let Some(decides) = decides {
                format!("so it is treated as not set; {decides} selects Vanta's address")
            } else {
                location = Location::Unknown;
                "so nothing is sent to Vanta: its address is unknown. Replace the placeholder with the value, or \
                 remove the setting"
                    .to_owned()
            };
            self.warnings.push(format!(
                "{} still contains a placeholder ({}), {follows}",
                unfilled.origin, unfilled.placeholder
            ));
        }
        location
    }

    /// Notes that an API has credentials, and no address.
    pub(super) fn leave_unlocated(&mut self, api: Api) {
        self.unlocated.push(api);
    }

    /// Notes that an API has one half of its credentials and lacks the other.
    pub(super) fn leave_half(&mut self, api: Api, has: &'static str, lacks: &'static str) {
        let (name, both, holders) = (api.title(), credential_settings(api), credential_holders(api));
        let end = if holders.is_empty() { "" } else { "." };
        let told = format!("{name} has {has} but {lacks}, so it is not used: set {both}{end}{holders}");
        self.warnings.push(told.trim_end_matches('.').to_owned());
        self.halves.push((api, has, lacks));
    }

    /// The settings that count as not set, since they are placeholders.
    pub(super) fn unfilled(&self) -> &[UnfilledSetting] {
        &self.unfilled
    }

    /// What is missing for each API, as far as it is a placeholder or one half of its credentials.
    pub(super) fn lacking(&self) -> Vec<Lacking> {
        let told = |unfilled: &UnfilledSetting| {
            let setting = unfilled.origin.name().to_owned();
            let reason = format!("{setting} still contains a placeholder ({})", unfilled.placeholder);
            let (apis, part) = if is_address(unfilled.key) {
                (self.unlocated.as_slice(), LackingPart::Address { setting })
            } else {
                (apis(unfilled.key), LackingPart::Credentials)
            };
            let lacking = |api: &Api| Lacking { api: *api, part: part.clone(), reason: reason.clone() };
            apis.iter().map(lacking).collect::<Vec<_>>()
        };
        let mut lacking: Vec<Lacking> = self.unfilled.iter().flat_map(told).collect();
        for (api, has, lacks) in &self.halves {
            // A placeholder is the reason for it.
            if !lacking.iter().any(|known| known.api == *api) {
                let reason = format!("it has {has} but {lacks}");
                lacking.push(Lacking { api: *api, part: LackingPart::Credentials, reason });
            }
        }
        lacking
    }
}

/// Whether it is known where Vanta is: nothing is sent to a place that nobody chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Location {
    Known,
    Unknown,
}

/// Whether a setting says where Vanta is.
fn is_address(key: &str) -> bool {
    matches!(key, "region" | "base_url")
}

/// Whether a setting takes several values in one text. Folders are looked at where it is known which of them exist.
fn is_list(setting: &Setting) -> bool {
    setting.kind == ValueKind::Names || setting.key.ends_with(".scopes") || setting.key == "log"
}

fn placeholder(key: &str, value: &str) -> Option<Placeholder> {
    match key {
        "panel.url" => Placeholder::of_panel_address(value),
        "base_url" | "http.issuer" | "http.public_url" => Placeholder::of_address(value),
        _ if apis(key).is_empty() => Placeholder::marked(value),
        _ => Placeholder::of_credential(value),
    }
}

/// The APIs that are out of reach without a setting that was set.
fn apis(key: &str) -> &'static [Api] {
    match key.split_once('.') {
        Some((_, "scopes" | "auth")) => &[],
        Some(("manage", _)) => &[Api::Manage],
        Some(("audit", _)) => &[Api::Audit],
        Some(("connectors", _)) => &[Api::Connectors],
        Some(("panel", _)) => &[Api::Panel],
        _ => &[],
    }
}

/// Settings that narrow what is open, or say who may call, are never left out.
fn without(key: &str) -> Unset {
    let narrows = key.starts_with("http.") || key.ends_with(".scopes");
    if narrows || matches!(key, "access" | "exclude_tools" | "max_file" | "config") {
        Unset::IsRefused
    } else {
        Unset::IsHarmless
    }
}
