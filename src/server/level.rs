//! The level of a client's log.

// MCP's logging is on its way out and still a part of the generation that most clients speak.
#![expect(deprecated, reason = "served for as long as 2025-11-25 is")]

use std::sync::{Mutex, PoisonError};

use rmcp::model::LoggingLevel;
use rmcp::service::{RequestContext, RoleServer};

/// The level of the log that a session has asked for; none before it does.
#[derive(Debug, Default)]
pub(super) struct Level(Mutex<Option<LoggingLevel>>);

impl Level {
    pub(super) fn set(&self, level: LoggingLevel) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(level);
    }

    /// The level for a request: its own where it names one, as of 2026-07-28, else the session's.
    pub(super) fn of(&self, cx: &RequestContext<RoleServer>) -> Option<LoggingLevel> {
        let modern = cx.protocol_version().is_some_and(|version| !version.has_initialize());
        let own = cx.meta.log_level();
        if modern { own } else { *self.0.lock().unwrap_or_else(PoisonError::into_inner) }
    }
}
