//! The list of tools: built once, on one page unless a client or the operator asks for several.

use std::num::NonZeroUsize;
use std::sync::OnceLock;

use rmcp::model::{CacheScope, ErrorData, ListToolsResult, RequestMetaObject};

use super::results;
use crate::catalog::Effect;
use crate::tools::Tool;

/// How long a client may keep the list, in milliseconds: it does not change while the server runs.
pub(super) const TTL_MS: u64 = 3_600_000;

/// What a client puts into `_meta` of `tools/list` to ask for pages of so many tools.
const PAGE_SIZE: &str = "vanta-mcp/pageSize";

/// Whether the client speaks a generation that has cache hints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hints {
    /// 2026-07-28 and later.
    Wanted,
    /// Earlier ones.
    Unknown,
}

/// The list of tools as clients are shown it.
pub(super) struct Listing {
    all: OnceLock<Vec<rmcp::model::Tool>>,
    /// How many tools the operator wants on a page.
    page: Option<NonZeroUsize>,
}

impl Listing {
    pub(super) fn new(page: Option<NonZeroUsize>) -> Self {
        Self { all: OnceLock::new(), page }
    }

    /// A list of other tools, in pages of the same size.
    pub(super) fn fresh(&self) -> Self {
        Self::new(self.page)
    }

    /// One page.
    ///
    /// # Errors
    /// The cursor is none of this list, or the size of a page is no size.
    pub(super) fn page(
        &self,
        offered: &[Tool],
        access: Effect,
        (cursor, meta): (Option<&str>, &RequestMetaObject),
        hints: Hints,
    ) -> Result<ListToolsResult, ErrorData> {
        let all = self.all.get_or_init(|| results::tools(offered, access));
        let (start, size) = match cursor {
            Some(cursor) => read(cursor)
                .filter(|(start, _)| *start < all.len())
                .ok_or_else(|| ErrorData::invalid_params("the cursor is none of this list of tools", None))?,
            None => (0, asked_for(meta)?.or(self.page)),
        };
        let size = size.map_or(usize::MAX, NonZeroUsize::get);
        let tools: Vec<_> = all.iter().skip(start).take(size).cloned().collect();
        let end = start + tools.len();
        let mut list = ListToolsResult::with_all_items(tools);
        list.next_cursor = (end < all.len()).then(|| format!("{end}.{size}"));
        // Credentials and access decide on the list, so no one else may keep it.
        Ok(match hints {
            Hints::Wanted => list.with_ttl_ms(TTL_MS).with_cache_scope(CacheScope::Private),
            Hints::Unknown => list,
        })
    }
}

/// How many tools on a page a client asks for.
fn asked_for(meta: &RequestMetaObject) -> Result<Option<NonZeroUsize>, ErrorData> {
    let Some(asked) = meta.0.0.get(PAGE_SIZE) else { return Ok(None) };
    let size = asked.as_u64().and_then(|size| NonZeroUsize::new(usize::try_from(size).ok()?));
    let wrong = || ErrorData::invalid_params(format!("{PAGE_SIZE} is a whole number from 1 on"), None);
    size.map(Some).ok_or_else(wrong)
}

/// Where a page begins and how long it is: `50.25`.
fn read(cursor: &str) -> Option<(usize, Option<NonZeroUsize>)> {
    let (start, size) = cursor.split_once('.')?;
    Some((start.parse().ok()?, Some(size.parse().ok()?)))
}
