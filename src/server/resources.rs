//! What can be read without a call: which tools there are, how the server stands, and how it is used.

use std::fmt::Write as _;
use std::sync::Arc;

use rmcp::model::{
    CacheScope, ErrorData, ListResourceTemplatesResult, ListResourcesResult, ReadResourceResult, Resource,
    ResourceContents, ResourceTemplate,
};
use serde_json::{Value, json};

use super::contents::{JSON, MARKDOWN, kept};
use super::guides::{GUIDES, Guide};
use super::listing::{Hints, ListedOffer, TTL_MS};
use super::records::Record;
use crate::catalog;
use crate::files::{WaitingExport, id_of};
use crate::gate::Principal;
use crate::jobs;
use crate::tools::{Findable, Offer};

/// The tools that may be called, by toolset.
const TOOLSETS: &str = "vanta-mcp://toolsets";

/// What `server_status` answers.
const STATUS: &str = "vanta-mcp://status";

/// One tool, as it would be listed.
pub(super) const TOOL: &str = "vanta-mcp://tools/{name}";

pub(super) fn list(hints: Hints) -> ListResourcesResult {
    let toolsets = Resource::new(TOOLSETS, "toolsets")
        .with_title("Tools by toolset")
        .with_description("Every tool that can be called here, listed or not, by toolset, with its effect")
        .with_mime_type(MARKDOWN);
    let status = Resource::new(STATUS, "status")
        .with_title("Status of the server")
        .with_description("What is configured, what is missing, and why a tool may not be offered")
        .with_mime_type(JSON);
    let result = ListResourcesResult::with_all_items(
        [toolsets, status].into_iter().chain(GUIDES.iter().map(Guide::shown)).collect(),
    );
    if hints == Hints::Wanted {
        return result.with_ttl_ms(TTL_MS).with_cache_scope(CacheScope::Private);
    }
    result
}

pub(super) fn templates(listed: &ListedOffer, hints: Hints) -> ListResourceTemplatesResult {
    let tool = ResourceTemplate::new(TOOL, "tool")
        .with_title("One tool")
        .with_description("Description, effect and input schema of one tool")
        .with_mime_type(JSON);
    let all = std::iter::once(tool).chain(Record::offered(&listed.offer).map(Record::shown)).collect();
    let result = ListResourceTemplatesResult::with_all_items(all);
    if hints == Hints::Wanted {
        return result.with_ttl_ms(listed.ttl_ms).with_cache_scope(CacheScope::Private);
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
    let missing = || {
        let told = format!(
            "unknown resource {uri}: resources/list and resources/templates/list name what can be read here"
        );
        ErrorData::resource_not_found(told, Some(json!({ "uri": uri })))
    };
    if let Some(id) = id_of(uri) {
        // Whoever made it may have been granted less since.
        let waiting = offer.folders().shelf().and_then(|shelf| shelf.find(principal, id));
        let waiting = waiting.filter(|one| offer.why_not(one.tool).is_none()).ok_or_else(missing)?;
        return exported(waiting, uri, hints).await;
    }
    let (text, kind) = match uri {
        TOOLSETS => (toolsets(offer), MARKDOWN),
        STATUS => (offer.status().await.text, JSON),
        _ => {
            if let Some(guide) = Guide::at(uri) {
                let text = ResourceContents::text(guide.text, uri).with_mime_type(MARKDOWN);
                return Ok(kept(ReadResourceResult::new(vec![text]), TTL_MS, hints));
            }
            let named = uri.strip_prefix("vanta-mcp://tools/").and_then(|name| tool(offer, name));
            (named.ok_or_else(missing)?.to_string(), JSON)
        }
    };
    let result = ReadResourceResult::new(vec![ResourceContents::text(text, uri).with_mime_type(kind)]);
    // How the server stands changes with every call; the tools do not.
    let lasts = if uri == STATUS { 0 } else { listed.ttl_ms };
    Ok(kept(result, lasts, hints))
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
    Ok(kept(result, u64::try_from(left.as_millis()).unwrap_or(u64::MAX), hints))
}

/// The names of tools that may be called.
pub(super) fn tools(offer: &Offer) -> impl Iterator<Item = &'static str> {
    callable(offer).map(Findable::name)
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
    let mut told = json!({
        "name": tool.name(),
        "title": tool.title(),
        "effect": tool.effect(),
        "description": tool.about(),
        "inputSchema": tool.offered_schema(offer.profile(), offer.folders()),
    });
    // The list has the names of its members alone.
    if let (Some(job), Some(members)) = (jobs::find(name), told.as_object_mut()) {
        members.insert("outputSchema".to_owned(), Value::Object((job.output)()));
    }
    Some(told)
}
