//! Replies on the wire: in rmcp's types where it writes the message, as bytes where we do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rmcp::model::{
    CallToolResult, ContentBlock, MetaObject, RequestId, Resource, ResourceContents, ResultType,
};

use super::identity;
use super::message::{Generation, Message};
use super::run::Reply;
use crate::answer::{Answer, Shown, ShownContent};

/// How much of a text is put in quotes at once, in bytes.
const PIECE: usize = 1 << 10;

impl Reply {
    /// What its result says beside itself: what it cost, and where each item of a list can be read.
    fn beside(&self) -> Option<MetaObject> {
        let mut meta = identity::cost(&self.spent);
        if let Some(form) = self.ran.and_then(|ran| ran.items_at).filter(|_| self.said.is_ok()) {
            meta.get_or_insert_default().insert(identity::ITEMS_AT.to_owned(), form.into());
        }
        meta
    }

    /// The same in rmcp's type, for messages that rmcp writes.
    pub(super) fn into_result(self) -> CallToolResult {
        let cost = self.beside();
        let mut result = match self.said {
            Ok(answer) => {
                let structured = answer.value();
                let mut result = CallToolResult::success(vec![ContentBlock::text(answer.text)]);
                result.content.extend(answer.shown.map(content));
                result.structured_content = Some(structured);
                result
            }
            Err(problem) => error(problem),
        };
        result.meta = cost;
        result
    }

    /// The message that answers a request with it. The structured content is the very text of the first block.
    ///
    /// # Errors
    /// The id cannot be written as JSON.
    pub fn written(self, id: &RequestId, generation: Generation) -> serde_json::Result<Vec<u8>> {
        let mut meta = self.beside();
        match self.said {
            Ok(answer) => success(answer, meta, id, generation),
            Err(problem) => {
                let mut result = error(problem);
                result.result_type = None;
                if generation == Generation::Alone {
                    result.result_type = Some(ResultType::COMPLETE);
                    meta.get_or_insert_default().extend(identity::meta());
                }
                result.meta = meta;
                serde_json::to_vec(&Message::new(id, result))
            }
        }
    }
}

/// An error as text alone: some clients check structured content against the output schema even then.
fn error(text: String) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(text)])
}

fn success(
    answer: Answer,
    cost: Option<MetaObject>,
    id: &RequestId,
    generation: Generation,
) -> serde_json::Result<Vec<u8>> {
    let text = answer.text.as_bytes();
    let mut out = Vec::with_capacity(text.len() * 5 / 2 + 256);
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    serde_json::to_writer(&mut out, id)?;
    out.extend_from_slice(b",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"");
    quoted(text, &mut out);
    out.extend_from_slice(b"\"}");
    if let Some(shown) = answer.shown {
        out.push(b',');
        serde_json::to_writer(&mut out, &content(shown))?;
    }
    out.extend_from_slice(b"],\"structuredContent\":");
    out.extend_from_slice(text);
    if generation == Generation::Alone {
        out.extend_from_slice(b",\"resultType\":\"complete\"");
    }
    match (generation, cost) {
        (Generation::Sessions, None) => {}
        (Generation::Alone, None) => {
            out.extend_from_slice(b",\"_meta\":");
            out.extend_from_slice(identity::meta_text().as_bytes());
        }
        (generation, Some(mut meta)) => {
            if generation == Generation::Alone {
                meta.extend(identity::meta());
            }
            out.extend_from_slice(b",\"_meta\":");
            serde_json::to_writer(&mut out, &meta)?;
        }
    }
    out.extend_from_slice(b",\"isError\":false}}");
    Ok(out)
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
        ShownContent::Link { uri, size } => ContentBlock::resource_link(
            Resource::new(uri, shown.name).with_mime_type(shown.media_type).with_size(size),
        ),
    }
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
    use rmcp::model::{ServerJsonRpcMessage, ServerResult};
    use serde_json::{Value, json};

    use super::*;
    use crate::api::Spent;
    use crate::state::application::LimitLeft;

    fn reply(said: Result<Answer, String>) -> Reply {
        let mut spent = Spent::default();
        spent.left.push(LimitLeft { name: "manage".to_owned(), requests: 7 });
        Reply { said, spent, ran: None }
    }

    #[test]
    fn a_message_is_what_rmcp_would_write() {
        let value = json!({"items": [{"id": "a\"\\\n\u{1}\u{7f}\u{e9}\u{2028}", "n": 1.5}], "count": 1});
        let plain = Answer::done(&value);
        let content = ShownContent::Text("beside".to_owned());
        let shown = Shown { name: "a b".to_owned(), media_type: "text/plain".to_owned(), content };
        let shown = Answer { shown: Some(shown), ..plain.clone() };
        let content = ShownContent::Link { uri: "vanta://exports/0".to_owned(), size: 7 };
        let link = Shown { name: "a.csv".to_owned(), media_type: "text/csv".to_owned(), content };
        let link = Answer { shown: Some(link), ..plain.clone() };
        for said in [Ok(plain), Ok(shown), Ok(link), Err("no \"good\"".to_owned())] {
            for id in [RequestId::Number(7), RequestId::String("x\"".into())] {
                for generation in [Generation::Sessions, Generation::Alone] {
                    let mut result = reply(said.clone()).into_result();
                    if generation == Generation::Alone {
                        result.result_type = Some(ResultType::COMPLETE);
                        result.meta.get_or_insert_default().extend(identity::meta());
                    } else {
                        result.result_type = None;
                    }
                    let by_rmcp =
                        ServerJsonRpcMessage::response(ServerResult::CallToolResult(result), id.clone());
                    let written = reply(said.clone()).written(&id, generation).unwrap();
                    let read: Value = serde_json::from_slice(&written).unwrap();
                    assert_eq!(read, serde_json::to_value(&by_rmcp).unwrap());
                }
            }
        }
    }
}
