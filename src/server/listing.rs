//! The list of tools: built once, on one page unless a client or the operator asks for several.

use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};

use rmcp::model::{CacheScope, ErrorData, JsonObject, ListToolsResult, RequestMetaObject, ToolAnnotations};

use crate::catalog::Effect;
use crate::tools::{Offer, Tool, Uses};

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

/// An offer with the list of it that clients are shown.
pub struct ListedOffer {
    /// The tools.
    pub offer: Offer,
    all: OnceLock<Vec<rmcp::model::Tool>>,
    /// How many tools the operator wants on a page.
    page: Option<NonZeroUsize>,
}

impl ListedOffer {
    pub(super) fn new(offer: Offer, page: Option<NonZeroUsize>) -> Self {
        Self { offer, all: OnceLock::new(), page }
    }

    /// One page of the list. `cursor` and `meta` are the request's.
    ///
    /// # Errors
    /// The cursor is none of this list, or the size of a page is no size.
    pub(super) fn page(
        &self,
        cursor: Option<&str>,
        meta: &RequestMetaObject,
        hints: Hints,
    ) -> Result<ListToolsResult, ErrorData> {
        let all = self.all();
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

    /// All that is listed, as clients are shown it.
    pub fn all(&self) -> &[rmcp::model::Tool] {
        let most = self.offer.selection().rules().policy.most().unwrap_or(Effect::Read);
        self.all.get_or_init(|| tools(self.offer.selection().listed(), most))
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

/// The tools as a client is shown them.
fn tools(offered: &[Tool], access: Effect) -> Vec<rmcp::model::Tool> {
    offered.iter().map(|offered| tool(*offered, access)).collect()
}

fn tool(tool: Tool, access: Effect) -> rmcp::model::Tool {
    let shown = match tool {
        Tool::Declared(operation) => Said {
            title: &operation.title,
            about: &operation.about,
            schema: serde_json::from_str(operation.schema.get()).unwrap_or_default(),
            idempotent: operation.idempotent,
            effect: operation.effect,
            world: World::Open,
        },
        Tool::Written(written) => {
            let spec = written.spec();
            let effect = spec.effect();
            Said {
                title: spec.title,
                about: spec.about,
                schema: (spec.input)(),
                idempotent: effect == Effect::Read,
                // What runs any tool does as much as is allowed.
                effect: match spec.uses {
                    Uses::AnyTool(least) if least > Effect::Read => access,
                    _ => effect,
                },
                world: match spec.uses {
                    Uses::Nothing | Uses::Tools => World::Closed,
                    Uses::Operations(_) | Uses::AnyTool(_) => World::Open,
                },
            }
        }
    };
    rmcp::model::Tool::new(tool.name(), shown.about, Arc::new(shown.schema))
        .with_title(shown.title)
        .with_annotations(annotations(shown.effect, shown.idempotent, shown.world))
}

/// What is said of a tool, declared or written.
struct Said {
    title: &'static str,
    about: &'static str,
    schema: JsonObject,
    idempotent: bool,
    /// The greatest that a call can have.
    effect: Effect,
    world: World,
}

/// What a tool deals with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum World {
    /// An upstream.
    Open,
    /// This server alone.
    Closed,
}

/// All four hints, always: an unset one is read as its worst case by some clients and as its best by others.
fn annotations(effect: Effect, idempotent: bool, world: World) -> ToolAnnotations {
    // The title stands beside the description; a second one here would cost tokens in every list.
    ToolAnnotations::from_raw(
        None,
        Some(effect == Effect::Read),
        Some(effect == Effect::Destroy),
        Some(idempotent),
        Some(world == World::Open),
    )
}
