//! Who reads a status, and the name of what it is about.

/// Name and version.
pub const SERVER: &str = concat!("vanta-mcp ", env!("CARGO_PKG_VERSION"));

/// Who reads a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Whoever runs the server: everything but secrets.
    Operator,
    /// A caller with a token: no settings, no place of this machine, nothing of what others were answered.
    Caller,
    /// A probe, which nobody has asked who it is: figures and names alone.
    Probe,
}
