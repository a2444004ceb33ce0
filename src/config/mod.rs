//! Settings: flags over environment over file over defaults, each told where it came from.
//!
//! The only room that reads the environment and the files of settings and
//! secrets. What it gives out are structs of the rooms below.

mod address;
mod credentials;
mod error;
mod http;
mod layers;
mod log;
mod offer;
pub mod table;
mod telemetry;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::api::{Timeouts, Upstream};
use crate::catalog::Effect;
use crate::files::Folders;
use crate::tools::Choice;
use crate::transport::http::Settings;

pub use error::ConfigError;
use layers::Found;

pub use layers::{Layers, Source};
pub use log::{LogFormat, LogSettings};
pub use telemetry::Telemetry;

/// Everything that can be set, as what it means.
#[derive(Debug)]
pub struct Config {
    /// The highest effect that is offered.
    pub access: Effect,
    /// Which tools are listed, and which are ruled out.
    pub choice: Choice,
    /// How many tools are on a page of the list, where not all are.
    pub list_page: Option<NonZeroUsize>,
    /// The folders that files may be in.
    pub folders: Folders,
    /// How to serve over HTTP, where that is asked for; else on stdin and stdout.
    pub http: Option<Settings>,
    /// The settings of a server over HTTP that are set though none is asked for.
    pub unheard: Vec<Source>,
    /// The file of tokens that callers over HTTP are recognised by.
    pub tokens: Option<PathBuf>,
    /// What is logged to stderr, and how.
    pub log: LogSettings,
    /// Where traces go, if anywhere.
    pub telemetry: Option<Telemetry>,
    /// The APIs that have credentials.
    pub upstreams: Vec<Upstream>,
    /// How long to wait for an upstream.
    pub timeouts: Timeouts,
    /// What is odd and not wrong: for the log and for `server_status`.
    pub warnings: Vec<String>,
}

impl Config {
    /// Reads what was typed, the environment, and the file that one of them or the platform names.
    ///
    /// # Errors
    /// An unknown setting or a malformed value, with its name and where it came from.
    pub fn load(layers: &Layers) -> Result<Self, ConfigError> {
        let access = access(layers)?;
        let timeouts = timeouts(layers)?;
        let mut warnings = layers.warnings.clone();
        let upstreams = credentials::upstreams(layers, access, timeouts, &mut warnings)?;
        Ok(Self {
            access,
            choice: offer::choice(layers)?,
            list_page: offer::list_page(layers)?,
            folders: offer::folders(layers)?,
            http: http::settings(layers)?,
            unheard: http::unheard(layers),
            tokens: http::tokens(layers),
            log: log::settings(layers)?,
            telemetry: layers.telemetry.clone(),
            upstreams,
            timeouts,
            warnings,
        })
    }

    /// The settings without any upstream: for the demo tenant, which takes their place.
    ///
    /// # Errors
    /// A malformed value among those that still matter.
    pub fn load_for_demo(layers: &Layers) -> Result<Self, ConfigError> {
        let access = access(layers)?;
        let timeouts = timeouts(layers)?;
        address::vanta(layers)?;
        Ok(Self {
            access,
            choice: offer::choice(layers)?,
            list_page: offer::list_page(layers)?,
            folders: offer::folders(layers)?,
            http: http::settings(layers)?,
            unheard: http::unheard(layers),
            tokens: http::tokens(layers),
            log: log::settings(layers)?,
            telemetry: layers.telemetry.clone(),
            upstreams: Vec::new(),
            timeouts,
            warnings: Vec::new(),
        })
    }
}

/// Where the settings file is, unless a flag or the environment says otherwise:
/// `$XDG_CONFIG_HOME/vanta-mcp/config.toml`, or `%APPDATA%\vanta-mcp\config.toml` on Windows.
fn usual_file() -> Option<PathBuf> {
    use etcetera::base_strategy::{BaseStrategy as _, choose_base_strategy};
    let folders = choose_base_strategy().ok()?;
    Some(folders.config_dir().join("vanta-mcp").join("config.toml"))
}

fn access(layers: &Layers) -> Result<Effect, ConfigError> {
    let Some(found) = layers.get("access") else { return Ok(Effect::Read) };
    match found.value.as_str() {
        "read" => Ok(Effect::Read),
        "write" => Ok(Effect::Write),
        "destroy" => Ok(Effect::Destroy),
        _ => Err(found.malformed("read, write or destroy")),
    }
}

/// Names that are separated by commas or spaces.
fn names(text: &str) -> Names<'_> {
    let separators: fn(char) -> bool = |c| c == ',' || c.is_whitespace();
    let named: fn(&&str) -> bool = |name| !name.is_empty();
    text.split(separators).filter(named)
}

type Names<'n> = std::iter::Filter<std::str::Split<'n, fn(char) -> bool>, fn(&&'n str) -> bool>;

fn number(found: &Found, least: u32, most: u32, expected: &'static str) -> Result<u32, ConfigError> {
    let number = found.value.trim().parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| found.malformed(expected))
}

fn timeouts(layers: &Layers) -> Result<Timeouts, ConfigError> {
    let Some(found) = layers.get("timeout") else {
        return Ok(Timeouts::from_silence(Duration::from_secs(30)));
    };
    let seconds: u64 = found.value.parse().map_err(|_| found.malformed("whole seconds, 1 to 600"))?;
    if !(1..=600).contains(&seconds) {
        return Err(found.malformed("whole seconds, 1 to 600"));
    }
    Ok(Timeouts::from_silence(Duration::from_secs(seconds)))
}

#[cfg(test)]
mod tests;
