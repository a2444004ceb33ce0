//! What can be read without a call: which tools there are, and how the server stands.

use std::fmt::Write as _;
use std::sync::Arc;

use rmcp::model::{
    CacheScope, CompletionInfo, ErrorData, ListResourceTemplatesResult, ListResourcesResult,
    ReadResourceResult, Resource, ResourceContents, ResourceTemplate,
};
use serde_json::{Value, json};

use super::listing::{Hints, ListedOffer, TTL_MS};
use crate::catalog;
use crate::files::{WaitingExport, id_of};
use crate::gate::Principal;
use crate::tools::{Findable, Offer};

/// The tools that may be called, by toolset.
const TOOLSETS: &str = "vanta-mcp://toolsets";

/// What `server_status` answers.
const STATUS: &str = "vanta-mcp://status";

/// One tool, as it would be listed.
const TOOL: &str = "vanta-mcp://tools/{name}";

const TEXT: &str = "text/markdown";
const JSON: &str = "application/json";

/// How many names a completion holds at the most, by MCP's rule.
const COMPLETIONS: usize = 100;

pub(super) fn list(hints: Hints) -> ListResourcesResult {
    let toolsets = Resource::new(TOOLSETS, "toolsets")
        .with_title("Tools by toolset")
        .with_description("Every tool that can be called here, listed or not, by toolset, with its effect")
        .with_mime_type(TEXT);
    let status = Resource::new(STATUS, "status")
        .with_title("Status of the server")
        .with_description("What is configured, what is missing, and why a tool may not be offered")
        .with_mime_type(JSON);
    let result = ListResourcesResult::with_all_items(vec![toolsets, status]);
    if hints == Hints::Wanted {
        return result.with_ttl_ms(TTL_MS).with_cache_scope(CacheScope::Private);
    }
    result
}

pub(super) fn templates(hints: Hints) -> ListResourceTemplatesResult {
    let tool = ResourceTemplate::new(TOOL, "tool")
        .with_title("One tool")
        .with_description("Description, effect and input schema of one tool")
        .with_mime_type(JSON);
    let result = ListResourceTemplatesResult::with_all_items(vec![tool]);
    if hints == Hints::Wanted {
        return result.with_ttl_ms(TTL_MS).with_cache_scope(CacheScope::Private);
    }
    result
}

pub(super) async fn read(
    listed: &ListedOffer,
    principal: &Principal,
    uri: &str,
    hints: Hints,
) -> Result<ReadResourceResult, ErrorData> {
    let offer = &listed.offer;
    let missing =
        || ErrorData::resource_not_found(format!("unknown resource {uri}"), Some(json!({ "uri": uri })));
    if let Some(id) = id_of(uri) {
        // Whoever made it may have been granted less since.
        let waiting = offer.folders().shelf().and_then(|shelf| shelf.find(principal, id));
        let waiting = waiting.filter(|one| offer.why_not(one.tool).is_none()).ok_or_else(missing)?;
        return exported(waiting, uri, hints).await;
    }
    let (text, kind) = match uri {
        TOOLSETS => (toolsets(offer), TEXT),
        STATUS => (offer.status().await.text, JSON),
        _ => {
            let named = uri.strip_prefix("vanta-mcp://tools/").and_then(|name| tool(offer, name));
            (named.ok_or_else(missing)?.to_string(), JSON)
        }
    };
    let result = ReadResourceResult::new(vec![ResourceContents::text(text, uri).with_mime_type(kind)]);
    // How the server stands changes with every call; the tools do not.
    let lasts = if uri == STATUS { 0 } else { listed.ttl_ms };
    if hints == Hints::Wanted {
        return Ok(result.with_ttl_ms(lasts).with_cache_scope(CacheScope::Private));
    }
    Ok(result)
}

/// An export that waits.
async fn exported(
    waiting: Arc<WaitingExport>,
    uri: &str,
    hints: Hints,
) -> Result<ReadResourceResult, ErrorData> {
    let (kind, left) = (waiting.media_type, waiting.left());
    let text = waiting.text().await.map_err(|error| {
        tracing::warn!(%error, "an export cannot be read");
        ErrorData::internal_error("the export cannot be read; export the list again", None)
    })?;
    let result = ReadResourceResult::new(vec![ResourceContents::text(text, uri).with_mime_type(kind)]);
    if hints == Hints::Wanted {
        let lasts = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
        return Ok(result.with_ttl_ms(lasts).with_cache_scope(CacheScope::Private));
    }
    Ok(result)
}

/// Names that a template's `{name}` can have, of which the beginning has been typed.
pub(super) fn complete(offer: &Offer, uri: &str, argument: &str, begun: &str) -> CompletionInfo {
    if uri != TOOL || argument != "name" {
        return CompletionInfo::default();
    }
    let fitting: Vec<String> = callable(offer)
        .map(Findable::name)
        .filter(|name| name.starts_with(begun))
        .map(str::to_owned)
        .collect();
    let total = u32::try_from(fitting.len()).ok();
    let more = fitting.len() > COMPLETIONS;
    let first = fitting.into_iter().take(COMPLETIONS).collect();
    CompletionInfo::with_pagination(first, total, more).unwrap_or_default()
}

fn callable(offer: &Offer) -> impl Iterator<Item = Findable> {
    Findable::all().filter(|tool| offer.why_not(tool.name()).is_none())
}

fn toolsets(offer: &Offer) -> String {
    let mut text = String::from(
        "# Tools\n\nCall tools that are not listed with run_read_tool, run_write_tool or run_destroy_tool, by effect.\n",
    );
    for area in catalog::areas() {
        let mut members = callable(offer)
            .filter(|tool| tool.area().is_some_and(|own| (own.api, own.name) == (area.api, area.name)))
            .peekable();
        if members.peek().is_none() {
            continue;
        }
        let _ = write!(text, "\n## {} ({})\n\n", area.title, area.toolset);
        for tool in members {
            let _ = writeln!(text, "- {} ({}): {}", tool.name(), tool.effect(), tool.title());
        }
    }
    text
}

fn tool(offer: &Offer, name: &str) -> Option<Value> {
    let tool = Findable::named(name).filter(|_| offer.why_not(name).is_none())?;
    Some(json!({
        "name": tool.name(),
        "title": tool.title(),
        "effect": tool.effect(),
        "description": tool.about(),
        "inputSchema": tool.offered_schema(offer.profile(), offer.folders()),
    }))
}
