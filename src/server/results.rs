//! Our tools, answers and errors in MCP's types.

use std::sync::Arc;

use rmcp::model::{CallToolResult, ContentBlock, JsonObject, ToolAnnotations};
use serde_json::Value;

use crate::answer::{Answer, Success};
use crate::call::CallError;
use crate::catalog::Effect;
use crate::tools::Tool;

/// The tools as a client is shown them.
pub(super) fn tools(offered: &[Tool]) -> Vec<rmcp::model::Tool> {
    offered.iter().copied().map(tool).collect()
}

fn tool(tool: Tool) -> rmcp::model::Tool {
    let (title, about, schema, idempotent): (&'static str, &'static str, JsonObject, bool) = match tool {
        Tool::Declared(operation) => (
            &operation.title,
            &operation.about,
            serde_json::from_str(operation.schema.get()).unwrap_or_default(),
            operation.idempotent,
        ),
        Tool::Written(written) => (written.title(), written.about(), written.schema(), true),
    };
    rmcp::model::Tool::new(tool.name(), about, Arc::new(schema))
        .with_title(title)
        .with_annotations(annotations(tool, title, idempotent))
}

/// All four hints, always: an unset one is read as its worst case by some clients and as its best by others.
fn annotations(tool: Tool, title: &str, idempotent: bool) -> ToolAnnotations {
    let effect = tool.effect();
    let open_world = matches!(tool, Tool::Declared(_));
    ToolAnnotations::from_raw(
        Some(title.to_owned()),
        Some(effect == Effect::Read),
        Some(effect == Effect::Destroy),
        Some(idempotent),
        Some(open_world),
    )
}

/// A call's answer or error. The text and the structured content are one value.
pub(super) fn of_call(outcome: Result<Answer, CallError>) -> CallToolResult {
    match outcome {
        Ok(Answer { value, success: Success::Done }) => of_value(value),
        Ok(Answer { value, success: Success::AllFailed }) => error(format!("Nothing was changed. {value}")),
        Err(problem) => {
            tracing::info!(%problem, "the call failed");
            error(problem.to_string())
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

/// What is wrong with arguments for a tool that takes none.
pub(super) fn surplus(arguments: &Value) -> Option<String> {
    let names: Vec<&str> = arguments.as_object()?.keys().map(String::as_str).collect();
    (!names.is_empty()).then(|| format!("`{}` is not known; no arguments are taken", names.join("`, `")))
}
