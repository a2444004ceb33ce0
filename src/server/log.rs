//! Lines for a client's log, of which one tells what became of each call.

// MCP's logging is on its way out and still a part of the generation that most clients speak.
#![expect(deprecated, reason = "served for as long as 2025-11-25 is")]

use rmcp::model::{LoggingLevel, LoggingMessageNotificationParam};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::json;

use super::level::Level;
use super::run::Reply;

/// Tells of a call that has been run, if the client wants lines of that level.
pub(super) async fn tell(cx: &RequestContext<RoleServer>, wanted: &Level, reply: &Reply) {
    let Some(ran) = reply.ran else { return };
    let failed = reply.said.is_err();
    let level = if failed { LoggingLevel::Warning } else { LoggingLevel::Info };
    if wanted.of(cx).is_some_and(|wanted| severity(level) >= severity(wanted)) {
        let line = json!({ "tool": ran.tool, "failed": failed, "seconds": ran.took.as_secs_f64() });
        let message = LoggingMessageNotificationParam::new(level, line).with_logger("vanta-mcp");
        // A client that does not take it misses a line and no answer.
        let _ = cx.peer.notify_logging_message(message).await;
    }
}

/// The levels of RFC 5424 by weight.
fn severity(level: LoggingLevel) -> u8 {
    match level {
        LoggingLevel::Debug => 0,
        LoggingLevel::Info => 1,
        LoggingLevel::Notice => 2,
        LoggingLevel::Warning => 3,
        LoggingLevel::Error => 4,
        LoggingLevel::Critical => 5,
        LoggingLevel::Alert => 6,
        LoggingLevel::Emergency => 7,
    }
}
