//! Where a setting was set, as messages name it.

use std::fmt;
use std::path::PathBuf;

/// One of the layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    Flags,
    Environment,
    File,
}

impl Layer {
    /// The strongest first.
    pub(super) const ALL: [Self; 3] = [Self::Flags, Self::Environment, Self::File];
}

/// The name of a setting and where it was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `--access`
    Flag(String),
    /// `VANTA_MCP_ACCESS (environment)`
    Environment(String),
    /// `access (in /home/me/.config/vanta-mcp/config.toml)`
    File(String, PathBuf),
}

impl Source {
    /// The layer that it is of.
    pub(super) fn layer(&self) -> Layer {
        match self {
            Self::Flag(_) => Layer::Flags,
            Self::Environment(_) => Layer::Environment,
            Self::File(..) => Layer::File,
        }
    }

    /// The name of the setting alone.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Flag(name) | Self::Environment(name) | Self::File(name, _) => name,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "--{flag}"),
            Self::Environment(variable) => write!(f, "{variable} (environment)"),
            Self::File(key, path) => write!(f, "`{key}` (in {})", path.display()),
        }
    }
}
