//! Where state is kept.

use std::path::PathBuf;

use super::error::ConfigError;
use super::layers::Layers;
use super::value::SourcedValue;
use crate::state::StatePlace;

/// The place that is set, or the usual one.
pub(super) fn place(layers: &Layers) -> Result<StatePlace, ConfigError> {
    let Some(found) = layers.get("state") else { return Ok(StatePlace::File(usual_file())) };
    if found.value.eq_ignore_ascii_case("memory") {
        return Ok(StatePlace::Memory);
    }
    if is_postgres(&found.value) {
        return postgres(layers, &found);
    }
    let is_file = found.value.get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case("file:"));
    let path = found.expanded(layers.home())?;
    if !path.exists() {
        found.filled_in()?;
    }
    let problem = match found.value.split_once("://").filter(|_| !is_file) {
        Some((scheme, _)) => format!("is of an unknown kind{}; set {KINDS}", shown(scheme)),
        None if path.is_relative() => format!("is not an absolute path; set {KINDS}"),
        None if path.is_dir() => {
            "is a folder, not a file; add the name of a file, such as state.db".to_owned()
        }
        None => return Ok(StatePlace::File(Some(path))),
    };
    Err(ConfigError::State { origin: found.source, problem })
}

/// The kinds of value, as a message goes on with them.
const KINDS: &str = "memory, the absolute path of a file, or postgres://user:password@host/database";

/// A scheme as a message goes on with it, where it is like one: anything else may be part of a secret.
fn shown(scheme: &str) -> String {
    let is_like_one = scheme.len() <= LONGEST_SCHEME && scheme.bytes().all(|byte| byte.is_ascii_lowercase());
    if is_like_one { format!(" ({scheme})") } else { String::new() }
}

/// The longest scheme that is shown, in bytes.
const LONGEST_SCHEME: usize = 12;

/// Where the file is, unless a setting says otherwise: `$XDG_STATE_HOME/vanta-mcp/state.db`, or the folder that the system
/// has for what a program keeps on this machine.
fn usual_file() -> Option<PathBuf> {
    use etcetera::base_strategy::{BaseStrategy as _, choose_native_strategy};
    let folders = choose_native_strategy().ok()?;
    let other = || if cfg!(windows) { folders.cache_dir() } else { folders.data_dir() };
    let folder = folders.state_dir().unwrap_or_else(other);
    folder.is_absolute().then(|| folder.join("vanta-mcp").join("state.db"))
}

fn is_postgres(value: &str) -> bool {
    let scheme = value.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("postgres" | "postgresql"))
}

#[cfg(feature = "postgres")]
fn postgres(layers: &Layers, found: &SourcedValue) -> Result<StatePlace, ConfigError> {
    use super::authorities;
    use super::source::Layer;
    use crate::state::postgres::{PostgresAddress, PostgresPlace};

    let wrong = |problem: String| ConfigError::State { origin: found.source.clone(), problem };
    found.filled_in()?;
    let address = PostgresAddress::read(&found.value).map_err(|problem| wrong(problem.to_string()))?;
    if found.source.layer() == Layer::Flags && address.has_password() {
        let problem = "holds a password, which other users can see among the flags of this process; set VANTA_MCP_STATE, or \
                       `state` in the settings file, in its place";
        return Err(wrong(problem.to_owned()));
    }
    let authorities = authorities::all(layers)?;
    Ok(StatePlace::Postgres(Box::new(PostgresPlace { address, authorities })))
}

#[cfg(not(feature = "postgres"))]
fn postgres(_: &Layers, found: &SourcedValue) -> Result<StatePlace, ConfigError> {
    let problem = "names a PostgreSQL database, and this program was built without PostgreSQL (the Cargo feature `postgres`)";
    Err(ConfigError::State { origin: found.source.clone(), problem: problem.to_owned() })
}
