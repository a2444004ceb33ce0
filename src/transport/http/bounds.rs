//! How much and how long, where several files have a part in it.

use std::time::Duration;

/// How long calls under way may take to finish once a signal has come.
pub(super) const GRACE: Duration = Duration::from_secs(10);

/// How long the answers that are ready may take to reach their callers after that.
pub(super) const PARTING: Duration = Duration::from_secs(1);

/// How long the answers of a session's calls are kept for a caller whose stream broke.
pub(super) const RESUMABLE: Duration = Duration::from_secs(15);

/// How often an open stream shows that it is alive.
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The longest message, in bytes: a file of 8 MiB in base64 with its call around it.
pub(super) const MOST: usize = 16 << 20;
