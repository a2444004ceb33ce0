//! Where a value came from: flags, environment, file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::folder_list;
use super::intake::Intake;
use super::likeness::Likeness;
use super::shared::SharedVariables;
use super::source::{Layer, Source};
use super::table::{self, SETTINGS, Setting, ValueKind};
use super::telemetry::{self, Telemetry};
use super::value::SourcedValue;
use crate::files::exposed::open_to_others;
use crate::files::{Home, text};

/// The three layers, as text, the first the strongest.
pub struct Layers {
    flags: BTreeMap<&'static str, String>,
    environment: BTreeMap<String, String>,
    file: BTreeMap<String, String>,
    file_path: Option<PathBuf>,
    /// What the variables say that other programs share.
    pub(super) shared: SharedVariables,
    /// Where traces go, if anywhere.
    pub(super) telemetry: Option<Telemetry>,
    /// What was odd while reading them.
    pub(super) intake: Intake,
}

impl Layers {
    /// The layers of this process. `flags` are keyed by setting; `usual_file` is read if it is there.
    ///
    /// # Errors
    /// An unknown name in the environment or in the file, a file that cannot be read.
    pub fn read(
        flags: BTreeMap<&'static str, String>,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        usual_file: Option<PathBuf>,
    ) -> Result<Self, ConfigError> {
        let mut intake = Intake::default();
        let variables: Vec<(OsString, OsString)> = variables.into_iter().collect();
        let shared = SharedVariables::of(&variables, &mut intake.warnings);
        let telemetry = telemetry::settings(&variables);
        let flags = typed(flags, &mut intake)?;
        let environment = environment(variables, &mut intake)?;
        let file = BTreeMap::new();
        let mut layers = Self { flags, environment, file, file_path: None, shared, telemetry, intake };
        if let Some(found) = layers.get("config") {
            let path = found.expanded(layers.home())?;
            if !path.exists() {
                found.filled_in()?;
            }
            layers.read_file(path, Absence::IsAnError)?;
        } else if let Some(path) = usual_file {
            layers.read_file(path, Absence::IsFine)?;
        }
        layers.settled()?;
        Ok(layers)
    }

    /// The layers of this process: its environment, and the settings file where it usually is.
    ///
    /// # Errors
    /// As [`Layers::read`].
    pub fn of_this_process(flags: BTreeMap<&'static str, String>) -> Result<Self, ConfigError> {
        Self::read(flags, std::env::vars_os(), usual_file())
    }

    /// That no placeholder lets a weaker layer decide what its own layer was to decide.
    fn settled(&self) -> Result<(), ConfigError> {
        for unfilled in self.intake.unfilled() {
            let below = Layer::ALL.into_iter().skip_while(|layer| *layer != unfilled.layer()).skip(1);
            let is_set = |layer, key| {
                [SettingForm::Itself, SettingForm::Path]
                    .into_iter()
                    .any(|form| self.at(layer, key, form).is_some())
            };
            if below.into_iter().any(|layer| unfilled.rivals().into_iter().any(|key| is_set(layer, key))) {
                return Err(unfilled.error());
            }
        }
        Ok(())
    }

    /// What `~` stands for.
    pub(super) fn home(&self) -> &Home {
        &self.shared.home
    }

    /// The value of a setting from the strongest layer that has it.
    pub(super) fn get(&self, key: &'static str) -> Option<SourcedValue> {
        Layer::ALL.into_iter().find_map(|layer| self.at(layer, key, SettingForm::Itself))
    }

    /// The value of a setting, or of the path form of a secret, in one layer.
    pub(super) fn at(&self, layer: Layer, key: &'static str, form: SettingForm) -> Option<SourcedValue> {
        let setting = table::by_key(key)?;
        let kind = if form == SettingForm::Path { ValueKind::Plain } else { setting.kind };
        let found = |value: &String, source| Some(SourcedValue { value: value.clone(), source, kind });
        match layer {
            Layer::Flags => {
                let flag = setting.flag.filter(|_| form == SettingForm::Itself)?;
                found(self.flags.get(key)?, Source::Flag(flag.to_owned()))
            }
            Layer::Environment => {
                let variable = form.variable(setting);
                found(self.environment.get(&variable)?, Source::Environment(variable))
            }
            Layer::File => {
                let name = form.key(setting);
                found(self.file.get(&name)?, Source::File(name, self.file_path.clone()?))
            }
        }
    }

    fn read_file(&mut self, path: PathBuf, absence: Absence) -> Result<(), ConfigError> {
        let text = match text::read(&path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == ErrorKind::NotFound && absence == Absence::IsFine => return Ok(()),
            Err(cause) => return Err(ConfigError::SettingsFile { path, cause }),
        };
        let content: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            ConfigError::Syntax { path: path.clone(), line, problem: error.message().to_owned() }
        })?;
        flatten("", &content, &path, &mut self.file, &mut self.intake)?;
        let is_private = |value: &String| {
            Likeness::of(value) == Some(Likeness::PrivateAddress) || value.contains("password=")
        };
        let holds_secret =
            SETTINGS.iter().any(|s| s.kind == ValueKind::Secret && self.file.contains_key(s.key))
                || self.file.get("state").is_some_and(is_private);
        if holds_secret {
            self.intake.warnings.extend(open_to_others(&path));
        }
        self.file_path = Some(path);
        Ok(())
    }
}

/// Where the settings file is, unless a flag or the environment says otherwise:
/// `$XDG_CONFIG_HOME/vanta-mcp/config.toml`, or `%APPDATA%\vanta-mcp\config.toml` on Windows.
fn usual_file() -> Option<PathBuf> {
    use etcetera::base_strategy::{BaseStrategy as _, choose_base_strategy};
    let folders = choose_base_strategy().ok()?;
    Some(folders.config_dir().join("vanta-mcp").join("config.toml"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Absence {
    IsAnError,
    IsFine,
}

/// A setting itself, or the path of a file that holds its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SettingForm {
    Itself,
    Path,
}

impl SettingForm {
    fn variable(self, setting: &Setting) -> String {
        let suffix = if self == Self::Path { "_FILE" } else { "" };
        format!("{}{suffix}", setting.env)
    }

    fn key(self, setting: &Setting) -> String {
        let suffix = if self == Self::Path { "_file" } else { "" };
        format!("{}{suffix}", setting.key)
    }
}

/// The flags as they are meant.
fn typed(
    flags: BTreeMap<&'static str, String>,
    intake: &mut Intake,
) -> Result<BTreeMap<&'static str, String>, ConfigError> {
    let mut meant = BTreeMap::new();
    for (key, raw) in flags {
        let Some(setting) = table::by_key(key) else { continue };
        let origin = Source::Flag(setting.flag.unwrap_or_default().to_owned());
        if let Some(value) = intake.take(setting, setting.kind, &origin, &raw)? {
            meant.insert(setting.key, value);
        }
    }
    Ok(meant)
}

/// Takes our variables out of the environment. An empty one counts as not set: clients fill templates with nothing.
fn environment(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
    intake: &mut Intake,
) -> Result<BTreeMap<String, String>, ConfigError> {
    let known: Vec<String> = table::variables().collect();
    let mut environment = BTreeMap::new();
    for (name, value) in variables {
        let Some(name) = name.to_str().filter(|name| name.starts_with("VANTA_")) else { continue };
        if !known.iter().any(|known| known == name) {
            let near = nearest(name, &known);
            if name.starts_with("VANTA_MCP_") {
                let source_name = "the environment".to_owned();
                return Err(ConfigError::Unknown { name: name.to_owned(), source_name, near });
            }
            // Other programs for Vanta have variables of their own; only a likely slip is worth a word.
            if let Some(near) = near {
                intake.warnings.push(format!("unknown setting {name} (environment); did you mean {near}?"));
            }
            continue;
        }
        let value = value.into_string().map_err(|_| ConfigError::NotText { name: name.to_owned() })?;
        let Some((setting, kind)) = table::by_variable(name) else { continue };
        let origin = Source::Environment(name.to_owned());
        if let Some(value) = intake.take(setting, kind, &origin, &value)? {
            environment.insert(name.to_owned(), value);
        }
    }
    Ok(environment)
}

fn nearest(name: &str, known: &[String]) -> Option<String> {
    known
        .iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.clone())
}

fn flatten(
    prefix: &str,
    table: &toml::Table,
    path: &Path,
    into: &mut BTreeMap<String, String>,
    intake: &mut Intake,
) -> Result<(), ConfigError> {
    let known: Vec<String> = table::file_keys().collect();
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let is_table = known.iter().any(|known| known.split_once('.').is_some_and(|(table, _)| table == key));
        if let (toml::Value::Table(inner), true) = (value, is_table) {
            flatten(&key, inner, path, into, intake)?;
            continue;
        }
        if !known.contains(&key) {
            let near = nearest(&key, &known);
            let key = if Likeness::of(&key).is_some() { "…".to_owned() } else { key };
            return Err(ConfigError::Unknown { name: key, source_name: path.display().to_string(), near });
        }
        let text = as_text(&key, value).map_err(|expected| ConfigError::Malformed {
            origin: Source::File(key.clone(), path.to_owned()),
            expected,
            shown: None,
            seems: None,
        })?;
        let Some((setting, kind)) = table::by_file_key(&key) else { continue };
        let origin = Source::File(key.clone(), path.to_owned());
        if let Some(value) = intake.take(setting, kind, &origin, &text)? {
            into.insert(key, value);
        }
    }
    Ok(())
}

/// A value of the file as text, or what it should be: scopes may be a list, the timeout a number.
fn as_text(key: &str, value: &toml::Value) -> Result<String, &'static str> {
    let kind = table::by_key(key).map(|setting| setting.kind);
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) if kind == Some(ValueKind::Number) => Ok(number.to_string()),
        toml::Value::Boolean(on) if kind == Some(ValueKind::Switch) => Ok(on.to_string()),
        toml::Value::Array(all) if kind == Some(ValueKind::Names) => {
            all_strings(all).map(|all| all.join(","))
        }
        toml::Value::Array(all) if kind == Some(ValueKind::Folders) => {
            folder_list::join(&all_strings(all)?).ok_or("a list of folders")
        }
        toml::Value::Array(all) if key.ends_with(".scopes") => all_strings(all).map(|all| all.join(" ")),
        _ if key.ends_with(".scopes") => Err("a string, or a list of strings"),
        _ => Err("a string"),
    }
}

fn all_strings(all: &[toml::Value]) -> Result<Vec<&str>, &'static str> {
    let all: Option<Vec<&str>> = all.iter().map(toml::Value::as_str).collect();
    all.ok_or("a string, or a list of strings")
}
