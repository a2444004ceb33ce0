//! How large files may be, and how long their names.

/// The largest file that goes up or comes down where the operator does not say, in bytes.
pub const USUAL_LIMIT: u64 = 100 << 20;

/// The largest file that a message may carry, in bytes: a message has 16 MiB, and base64 makes four bytes of three.
pub const MAX_INLINE: u64 = 8 << 20;

/// The longest name that a file is given, in bytes; file systems take 255, and a number may follow.
pub(super) const LONGEST: usize = 200;
