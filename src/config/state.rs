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
    if (found.value.contains("://") && !is_file) || path.is_relative() || path.is_dir() {
        return Err(
            found.malformed("memory, the absolute path of a file, or postgres://user:password@host/database")
        );
    }
    Ok(StatePlace::File(Some(path)))
}

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
