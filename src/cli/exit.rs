//! What the exit code says beside success and failure.

/// Wrong usage: of a command, of a setting, of a tool's name.
pub(super) const USAGE: u8 = 2;

/// As a shell tells of a process that Ctrl-C ended.
pub(super) const INTERRUPTED: u8 = 130;
