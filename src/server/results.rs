//! Our tools, answers and errors in MCP's types.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rmcp::model::{CallToolResult, ContentBlock, JsonObject, ResourceContents, ToolAnnotations};
use serde_json::Value;

use crate::answer::{Answer, Shown, ShownContent, Success};
use crate::call::CallError;
use crate::catalog::Effect;
use crate::tools::{Tool, Written};

/// The tools as a client is shown them.
pub(super) fn tools(offered: &[Tool], access: Effect) -> Vec<rmcp::model::Tool> {
    offered.iter().map(|offered| tool(*offered, access)).collect()
}

fn tool(tool: Tool, access: Effect) -> rmcp::model::Tool {
    let (title, about, schema, idempotent): (&'static str, &'static str, JsonObject, bool) = match tool {
        Tool::Declared(operation) => (
            &operation.title,
            &operation.about,
            serde_json::from_str(operation.schema.get()).unwrap_or_default(),
            operation.idempotent,
        ),
        Tool::Written(written) => {
            (written.title(), written.about(), written.schema(), written != Written::RunWriteTool)
        }
    };
    // What runs any tool does as much as is allowed.
    let effect = if tool.effect() == Effect::Read { Effect::Read } else { worst(tool, access) };
    rmcp::model::Tool::new(tool.name(), about, Arc::new(schema))
        .with_title(title)
        .with_annotations(annotations(effect, idempotent, opens(tool)))
}

/// The greatest effect that a call can have.
fn worst(tool: Tool, access: Effect) -> Effect {
    match tool {
        Tool::Written(Written::RunWriteTool) => access,
        other => other.effect(),
    }
}

/// Whether a tool reaches something outside of this server.
fn opens(tool: Tool) -> World {
    match tool {
        Tool::Written(Written::RunReadTool | Written::RunWriteTool) | Tool::Declared(_) => World::Open,
        Tool::Written(_) => World::Closed,
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

/// A call's answer or error. The text and the structured content are one value.
pub(super) fn of_call(outcome: Result<Answer, CallError>) -> CallToolResult {
    match outcome {
        Ok(Answer { value, success: Success::AllFailed, .. }) => {
            error(format!("Nothing was changed. {value}"))
        }
        Ok(Answer { value, shown, .. }) => {
            let mut result = of_value(value);
            result.content.extend(shown.map(content));
            result
        }
        Err(problem) => {
            tracing::info!(problem = %problem.for_log(), "the call failed");
            error(problem.to_string())
        }
    }
}

/// A file's content as a block of its own.
fn content(shown: Shown) -> ContentBlock {
    match shown.content {
        ShownContent::Image(bytes) => ContentBlock::image(STANDARD.encode(bytes), shown.media_type),
        ShownContent::Text(text) => {
            let name = utf8_percent_encode(&shown.name, NON_ALPHANUMERIC);
            let resource =
                ResourceContents::text(text, format!("vanta://file/{name}")).with_mime_type(shown.media_type);
            ContentBlock::resource(resource)
        }
    }
}

/// A value as text and as structured content.
pub(super) fn of_value(value: Value) -> CallToolResult {
    CallToolResult::structured(value)
}

/// An error as text alone: some clients check structured content against the output schema even then.
pub(super) fn error(text: impl Into<String>) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(text)])
}
