//! Where programs are, as the environment says.

use std::env;
use std::path::PathBuf;

/// The program that a shell would start by the name of its file: the first such along `PATH`.
#[must_use]
pub fn on_path(file: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(file)).find(|file| file.is_file())
}

/// The folder that `cargo install` puts programs into.
#[must_use]
pub fn cargo_bin() -> Option<PathBuf> {
    let folder = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || etcetera::home_dir().ok().map(|home| home.join(".cargo"));
    let root = folder("CARGO_INSTALL_ROOT").or_else(|| folder("CARGO_HOME")).or_else(home)?;
    Some(root.join("bin"))
}
