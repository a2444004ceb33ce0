//! The list of tools: built once, on one page unless a client or the operator asks for several.

use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};

use rmcp::model::{
    CacheScope, ErrorData, JsonObject, ListToolsResult, MetaObject, RequestId, RequestMetaObject, ResultType,
    ToolAnnotations,
};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::identity;
use super::message::{Generation, Message};
use crate::catalog::{Effect, Operation};
use crate::tools::{Offer, Tool, Uses, output, schema};

/// How long a client may keep what does not change while the server runs, in milliseconds.
pub(super) const TTL_MS: u64 = 3_600_000;

/// How long it may keep what depends on its token, in milliseconds: as long as a change of the file of tokens takes.
pub(super) const GRANTED_TTL_MS: u64 = 1000;

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
    /// How long a client may keep what follows from the offer, in milliseconds.
    pub(super) ttl_ms: u64,
}

impl ListedOffer {
    pub(super) fn new(offer: Offer, page: Option<NonZeroUsize>, ttl_ms: u64) -> Self {
        Self { offer, all: OnceLock::new(), page, ttl_ms }
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
                .ok_or_else(|| ErrorData::invalid_params("unknown cursor for this list of tools", None))?,
            None => (0, asked_for(meta)?.or(self.page)),
        };
        let size = size.map_or(usize::MAX, NonZeroUsize::get);
        let tools: Vec<_> = all.iter().skip(start).take(size).cloned().collect();
        let end = start + tools.len();
        let mut list = ListToolsResult::with_all_items(tools);
        list.next_cursor = (end < all.len()).then(|| format!("{end}.{size}"));
        // Credentials and access decide on the list, so no one else may keep it.
        Ok(match hints {
            Hints::Wanted => list.with_ttl_ms(self.ttl_ms).with_cache_scope(CacheScope::Private),
            Hints::Unknown => list,
        })
    }

    /// The message that answers a request for all of it; `None` where the operator wants pages.
    ///
    /// A schema goes out as the text that it is: to parse hundreds of them for rmcp's type takes as long as all the rest of a
    /// start.
    ///
    /// # Errors
    /// The id cannot be written as JSON.
    pub fn written(&self, id: &RequestId, generation: Generation) -> Option<serde_json::Result<Vec<u8>>> {
        if self.page.is_some() {
            return None;
        }
        let (alone, tools) = (generation == Generation::Alone, self.shown().collect());
        let result = WholeList {
            result_type: alone.then_some(ResultType::COMPLETE),
            meta: alone.then(identity::meta),
            ttl_ms: alone.then_some(self.ttl_ms),
            cache_scope: alone.then_some(CacheScope::Private),
            tools,
        };
        Some(serde_json::to_vec(&Message::new(id, result)))
    }

    /// All that is listed, as clients are shown it.
    pub fn all(&self) -> &[rmcp::model::Tool] {
        self.all.get_or_init(|| self.shown().map(rmcp::model::Tool::from).collect())
    }

    fn shown(&self) -> impl Iterator<Item = ListedTool> {
        let selection = self.offer.selection();
        selection.listed().iter().map(move |tool| ListedTool::new(*tool, &self.offer))
    }
}

/// A result with the whole list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WholeList {
    #[serde(skip_serializing_if = "Option::is_none")]
    result_type: Option<ResultType>,
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    meta: Option<MetaObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_scope: Option<CacheScope>,
    tools: Vec<ListedTool>,
}

/// How many tools on a page a client asks for.
fn asked_for(meta: &RequestMetaObject) -> Result<Option<NonZeroUsize>, ErrorData> {
    let Some(asked) = meta.0.0.get(PAGE_SIZE) else { return Ok(None) };
    let size = asked.as_u64().and_then(|size| NonZeroUsize::new(usize::try_from(size).ok()?));
    let wrong = || ErrorData::invalid_params(format!("{PAGE_SIZE} must be a whole number, at least 1"), None);
    size.map(Some).ok_or_else(wrong)
}

/// Where a page begins and how long it is: `50.25`.
fn read(cursor: &str) -> Option<(usize, Option<NonZeroUsize>)> {
    let (start, size) = cursor.split_once('.')?;
    Some((start.parse().ok()?, Some(size.parse().ok()?)))
}

/// A tool as a client is shown it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedTool {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    input_schema: InputSchema,
    /// What its answers have in every form; clients check them.
    #[serde(skip_serializing_if = "Option::is_none")]
    output_schema: Option<JsonObject>,
    annotations: ToolAnnotations,
}

/// The schema of a tool's arguments.
enum InputSchema {
    /// As it stands in the catalog.
    Text(&'static RawValue),
    /// As it is made of a type.
    Made(JsonObject),
}

impl Serialize for InputSchema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Made(object) => object.serialize(serializer),
        }
    }
}

impl ListedTool {
    fn new(tool: Tool, offer: &Offer) -> Self {
        let name = tool.name();
        let (clients, folders) = (offer.profile(), offer.folders());
        let output_schema = output::answered(tool);
        match tool {
            Tool::Declared(operation) => Self {
                name,
                title: &operation.title,
                description: &operation.about,
                input_schema: if schema::is_of_catalog(operation, clients, folders) {
                    InputSchema::Text(operation.schema)
                } else {
                    InputSchema::Made(schema::offered(operation, clients, folders))
                },
                output_schema,
                annotations: annotations(ToolEffect::of(operation), operation.idempotent, World::Open),
            },
            Tool::Job(job) => Self {
                name,
                title: job.title,
                description: job.about,
                input_schema: InputSchema::Made((job.input)()),
                output_schema,
                annotations: annotations(job.effect().into(), job.effect() == Effect::Read, World::Open),
            },
            Tool::Written(written) => {
                let spec = written.spec();
                let effect = spec.effect();
                let world = match spec.uses {
                    Uses::Nothing | Uses::Tools => World::Closed,
                    Uses::Operations(_) | Uses::AnyPath | Uses::AnyTool(_) => World::Open,
                };
                Self {
                    name,
                    title: spec.title,
                    description: spec.about,
                    input_schema: InputSchema::Made((spec.input)()),
                    output_schema,
                    annotations: annotations(effect.into(), effect == Effect::Read, world),
                }
            }
        }
    }
}

impl From<ListedTool> for rmcp::model::Tool {
    fn from(shown: ListedTool) -> Self {
        let schema = match shown.input_schema {
            InputSchema::Text(text) => serde_json::from_str(text.get()).unwrap_or_default(),
            InputSchema::Made(object) => object,
        };
        let mut tool = Self::new(shown.name, shown.description, Arc::new(schema))
            .with_title(shown.title)
            .with_annotations(shown.annotations);
        tool.output_schema = shown.output_schema.map(Arc::new);
        tool
    }
}

/// What a tool deals with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum World {
    /// An upstream.
    Open,
    /// This server alone.
    Closed,
}

/// A tool's effect, as the protocol's hints express it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ToolEffect {
    /// It changes nothing.
    Reads,
    /// It adds something, which can be taken back.
    Adds,
    /// It overwrites, reaches outsiders, cannot be taken back, or destroys: the protocol knows one hint for all that.
    Destroys,
}

impl From<Effect> for ToolEffect {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Read => Self::Reads,
            Effect::Write => Self::Adds,
            Effect::Publish | Effect::Destroy => Self::Destroys,
        }
    }
}

impl ToolEffect {
    fn of(operation: &Operation) -> Self {
        if operation.overwrites { Self::Destroys } else { operation.most().into() }
    }
}

/// All four hints, always: an unset one is read as its worst case by some clients and as its best by others.
fn annotations(effect: ToolEffect, idempotent: bool, world: World) -> ToolAnnotations {
    // The title stands beside the description; a second one here would cost tokens in every list.
    ToolAnnotations::from_raw(
        None,
        Some(effect == ToolEffect::Reads),
        Some(effect == ToolEffect::Destroys),
        Some(idempotent),
        Some(world == World::Open),
    )
}
