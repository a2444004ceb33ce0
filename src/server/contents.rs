//! The contents of resources: their types, and how long a client may keep them.

use rmcp::model::{CacheScope, ReadResourceResult};

use super::listing::Hints;

pub(super) const MARKDOWN: &str = "text/markdown";
pub(super) const JSON: &str = "application/json";

/// The same with how long a client may keep it, in milliseconds, where it knows that.
pub(super) fn kept(result: ReadResourceResult, lasts: u64, hints: Hints) -> ReadResourceResult {
    if hints == Hints::Wanted {
        return result.with_ttl_ms(lasts).with_cache_scope(CacheScope::Private);
    }
    result
}
