//! Our tools, answers and errors in MCP's types.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rmcp::model::{
    CallToolResult, ContentBlock, JsonObject, JsonRpcMessage, RequestId, ResourceContents, ResultType,
    ServerJsonRpcMessage, ServerResult, ToolAnnotations,
};
use serde_json::Value;

use crate::answer::{Answer, Shown, ShownContent, Success};
use crate::call::CallError;
use crate::catalog::Effect;
use crate::tools::{Tool, Written};

/// What the text of an answer mostly has room in, in bytes.
const USUAL: usize = 2 << 10;

/// How much of a text is put in quotes at once, in bytes.
const PIECE: usize = 1 << 10;

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
    let mut text = Vec::with_capacity(USUAL);
    // A value can always be written as JSON, which is UTF-8.
    let text = match serde_json::to_writer(&mut text, &value) {
        Ok(()) => String::from_utf8(text).unwrap_or_default(),
        Err(_) => String::new(),
    };
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = Some(value);
    result
}

/// A usual answer's text. The structured content stands for that very text: only [`written`] knows to write it so.
pub(super) fn of_text(text: String) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = Some(Value::Null);
    result
}

/// A message as it goes out. The structured content of a result is the very text of its first block, so that it is not
/// written a second time.
///
/// # Errors
/// The message cannot be written as JSON.
pub fn written(message: &ServerJsonRpcMessage) -> serde_json::Result<Vec<u8>> {
    if let JsonRpcMessage::Response(response) = message
        && let ServerResult::CallToolResult(result) = &response.result
        && result.structured_content.is_some()
        && result.meta.is_none()
        && let Some(text) = result.content.first().and_then(ContentBlock::as_text)
        && text.annotations.is_none()
        && text.meta.is_none()
    {
        debug_assert!(
            result.structured_content == Some(Value::Null)
                || result.structured_content == serde_json::from_str(&text.text).ok()
        );
        return written_result(&response.id, result, &text.text);
    }
    serde_json::to_vec(message)
}

fn written_result(id: &RequestId, result: &CallToolResult, structured: &str) -> serde_json::Result<Vec<u8>> {
    let beside = result.content.get(1..).unwrap_or_default();
    put(id, (structured, beside), (result.result_type.as_ref(), result.is_error))
}

/// The message of a success that is a text and nothing else.
///
/// # Errors
/// The id cannot be written as JSON.
pub fn written_flat(id: &RequestId, text: &str, kind: Option<&ResultType>) -> serde_json::Result<Vec<u8>> {
    put(id, (text, &[]), (kind, Some(false)))
}

fn put(
    id: &RequestId,
    (structured, beside): (&str, &[ContentBlock]),
    (kind, failed): (Option<&ResultType>, Option<bool>),
) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(structured.len() * 5 / 2 + 256);
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    serde_json::to_writer(&mut out, id)?;
    out.extend_from_slice(b",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"");
    quoted(structured.as_bytes(), &mut out);
    out.extend_from_slice(b"\"}");
    for block in beside {
        out.push(b',');
        serde_json::to_writer(&mut out, block)?;
    }
    out.extend_from_slice(b"],\"structuredContent\":");
    out.extend_from_slice(structured.as_bytes());
    if let Some(kind) = kind {
        out.extend_from_slice(b",\"resultType\":");
        serde_json::to_writer(&mut out, kind)?;
    }
    if let Some(failed) = failed {
        out.extend_from_slice(if failed { b",\"isError\":true" } else { b",\"isError\":false" });
    }
    out.extend_from_slice(b"}}");
    Ok(out)
}

/// An error as text alone: some clients check structured content against the output schema even then.
pub(super) fn error(text: impl Into<String>) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(text)])
}

/// Compact JSON as it stands inside a string: nothing in it needs to be escaped but quotation marks and backslashes.
fn quoted(json: &[u8], out: &mut Vec<u8>) {
    // They are so many that to look for the next one takes longer than to look at each byte.
    let mut piece = [0; 2 * PIECE];
    for plain in json.chunks(PIECE) {
        let mut room = piece.iter_mut();
        let mut put = |byte| {
            if let Some(place) = room.next() {
                *place = byte;
            }
        };
        for &byte in plain {
            if matches!(byte, b'"' | b'\\') {
                put(b'\\');
            }
            put(byte);
        }
        let filled = 2 * PIECE - room.len();
        out.extend_from_slice(piece.get(..filled).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_is_written_as_its_parts_say() {
        let value = json!({"items": [{"id": "a\"\\\n\u{1}\u{7f}\u{e9}\u{2028}", "n": 1.5}], "count": 1});
        let mut old = of_value(value.clone());
        old.result_type = None;
        let mut shown = of_value(value.clone());
        shown.content.push(ContentBlock::text("beside"));
        for result in [of_value(value), old, shown, error("no")] {
            for id in [RequestId::Number(7), RequestId::String("x\"".into())] {
                let message =
                    ServerJsonRpcMessage::response(ServerResult::CallToolResult(result.clone()), id);
                let read: Value = serde_json::from_slice(&written(&message).unwrap()).unwrap();
                assert_eq!(read, serde_json::to_value(&message).unwrap());
            }
        }
    }
}
