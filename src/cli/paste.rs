//! What to paste into a client so that it starts this program.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::config::programs;

/// The program's name, where a shell finds it.
const NAME: &str = "vanta-mcp";

/// The name of its file.
const FILE: &str = if cfg!(windows) { "vanta-mcp.exe" } else { "vanta-mcp" };

/// How a client starts this program.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Startable {
    /// By its name: it is what a shell would start.
    Name,
    /// By its path.
    Path(PathBuf),
    /// Not where it is, which is where cargo builds; this is where cargo installs it.
    OnceInstalled(PathBuf),
}

impl Startable {
    /// The program that runs.
    pub(super) fn of_this_process() -> Self {
        let running = std::env::current_exe().ok();
        Self::of(running, programs::on_path(FILE), programs::cargo_bin())
    }

    fn of(running: Option<PathBuf>, on_path: Option<PathBuf>, cargo_bin: Option<PathBuf>) -> Self {
        let Some(running) = running else { return Self::Name };
        let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if on_path.is_some_and(|found| whole(&found) == whole(&running)) {
            return Self::Name;
        }
        let is_built_here = running.components().any(|part| part.as_os_str() == "target");
        match (is_built_here, cargo_bin) {
            (true, Some(folder)) => Self::OnceInstalled(folder.join(FILE)),
            _ => Self::Path(running),
        }
    }

    /// The entry of a client's configuration, command first, as people write it.
    pub(super) fn entry(&self) -> String {
        let command = match self {
            Self::Name => NAME.to_owned(),
            Self::Path(path) | Self::OnceInstalled(path) => path.display().to_string(),
        };
        format!(
            "{{\n  \"mcpServers\": {{\n    \"vanta\": {{\n      \"command\": {},\n      \"args\": [\"serve\", \"--demo\"]\n    \
             }}\n  }}\n}}",
            json!(command)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_started_by_its_name_only_where_that_is_found() {
        let path = |text: &str| Some(PathBuf::from(text));
        let bin = || path("/home/me/.cargo/bin");
        for (running, on_path, expected) in [
            (path("/home/me/.cargo/bin/vanta-mcp"), path("/home/me/.cargo/bin/vanta-mcp"), Startable::Name),
            (path("/opt/vanta-mcp"), path("/usr/bin/vanta-mcp"), Startable::Path("/opt/vanta-mcp".into())),
            (path("/opt/vanta-mcp"), None, Startable::Path("/opt/vanta-mcp".into())),
            (None, None, Startable::Name),
            (
                path("/src/target/debug/vanta-mcp"),
                path("/usr/bin/vanta-mcp"),
                Startable::OnceInstalled(Path::new("/home/me/.cargo/bin").join(FILE)),
            ),
        ] {
            assert_eq!(Startable::of(running.clone(), on_path, bin()), expected, "{running:?}");
        }
    }
}
