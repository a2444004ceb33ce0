//! How a value that was set is taken in: without what surrounds it, and not at all where it is a placeholder.

use super::error::ConfigError;
use super::pasted;
use super::placeholder::Placeholder;
use super::source::Source;
use super::table::{Setting, ValueKind};
use crate::api::Lacking;
use crate::catalog::Api;

/// What was found odd in the settings while they were taken in.
#[derive(Debug, Clone, Default)]
pub(super) struct Intake {
    /// For the log and for `server_status`.
    pub(super) warnings: Vec<String>,
    /// What counts as not set, since it is a placeholder.
    pub(super) unfilled: Vec<UnfilledSetting>,
}

/// A setting with a placeholder in place of its value.
#[derive(Debug, Clone)]
pub(super) struct UnfilledSetting {
    key: &'static str,
    /// Its name, without the place where it was set.
    name: String,
    placeholder: Placeholder,
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
                "{origin} is empty once the quotation marks or the `Bearer` around it are taken off, so it counts as not set"
            ));
            return Ok(None);
        }
        let Some(placeholder) = placeholder(setting.key, value) else { return Ok(Some(value.to_owned())) };
        if without(setting.key) == Unset::IsRefused {
            return Err(ConfigError::Unfilled { origin: origin.clone(), placeholder });
        }
        self.leave_unfilled(setting.key, origin, "", placeholder);
        Ok(None)
    }

    /// A credential out of a file; `None` where it is a placeholder. `part` is what of the file it is.
    pub(super) fn take_secret(
        &mut self,
        key: &'static str,
        origin: &Source,
        part: &str,
        raw: &str,
    ) -> Option<String> {
        let value = pasted::secret(raw);
        let Some(placeholder) = placeholder(key, value) else { return Some(value.to_owned()) };
        self.leave_unfilled(key, origin, part, placeholder);
        None
    }

    fn leave_unfilled(&mut self, key: &'static str, origin: &Source, part: &str, placeholder: Placeholder) {
        let holds =
            if part.is_empty() { "holds".to_owned() } else { format!("names a file whose {part} is") };
        self.warnings.push(format!(
            "{origin} {holds} a placeholder that was never filled in ({placeholder}), so it counts as not set. Put the value \
             itself in its place"
        ));
        self.unfilled.push(UnfilledSetting { key, name: origin.name().to_owned(), placeholder });
    }

    /// Whether where Vanta is was left to a placeholder: nothing is sent to a place that nobody chose.
    pub(super) fn is_vanta_nowhere(&self) -> bool {
        self.unfilled.iter().any(|unfilled| matches!(unfilled.key, "region" | "base_url"))
    }

    /// What is missing for each API, as far as it is a placeholder.
    pub(super) fn lacking(&self) -> Vec<Lacking> {
        let told = |unfilled: &UnfilledSetting| {
            let reason = format!(
                "{} holds a placeholder that was never filled in ({})",
                unfilled.name, unfilled.placeholder
            );
            let apis = apis(unfilled.key).iter();
            apis.map(move |api| Lacking { api: *api, reason: reason.clone() }).collect::<Vec<_>>()
        };
        self.unfilled.iter().flat_map(told).collect()
    }
}

fn placeholder(key: &str, value: &str) -> Option<Placeholder> {
    match key {
        "panel.url" | "base_url" => Placeholder::of_address(value),
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
        None if matches!(key, "region" | "base_url") => &[Api::Manage, Api::Audit, Api::Connectors],
        _ => &[],
    }
}

/// Settings that narrow what is open, or say who may call, are never left out.
fn without(key: &str) -> Unset {
    let narrows = key.starts_with("http.") || key.ends_with(".scopes");
    if narrows || matches!(key, "exclude_tools" | "config") { Unset::IsRefused } else { Unset::IsHarmless }
}
