//! The message that answers a request, whatever its result.

use rmcp::model::RequestId;
use serde::Serialize;

/// What a message looks like that a request is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// That of the revisions that have sessions, the last of which is 2025-11-25.
    Sessions,
    /// That of 2026-07-28: each result says of what kind it is, and whose.
    Alone,
}

/// A message that answers a request.
#[derive(Serialize)]
pub(super) struct Message<'m, R> {
    jsonrpc: &'static str,
    id: &'m RequestId,
    result: R,
}

impl<'m, R> Message<'m, R> {
    pub(super) fn new(id: &'m RequestId, result: R) -> Self {
        Self { jsonrpc: "2.0", id, result }
    }
}
