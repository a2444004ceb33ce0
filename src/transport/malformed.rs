//! What is wrong with bytes that are no message, in words; the same over stdin and HTTP.

use rmcp::model::{ErrorCode, ErrorData, RequestId};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;
use thiserror::Error;

use super::message::{Envelope, present};

/// Bytes that are no message of JSON-RPC 2.0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MalformedMessage {
    /// By which name its sender looks for the answer, where it has one.
    pub(super) id: Option<RequestId>,
    fault: Fault,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
enum Fault {
    #[error("the message is empty")]
    Empty,
    #[error("the message is not UTF-8")]
    NotText,
    #[error("the message is not JSON: {0}")]
    NotJson(String),
    /// The revisions that had batches are 2024-11-05 and 2025-03-26, whose clients hardly ever sent one.
    #[error(
        "a batch (a JSON array of messages) is refused: MCP removed batches in protocol version 2025-06-18. Send \
         each message separately: one per POST over HTTP, one per line over stdio."
    )]
    Batch,
    #[error("the message must be a JSON object: {NOT_A_MESSAGE}")]
    NotAnObject,
    #[error("`jsonrpc` must be \"2.0\": {NOT_A_MESSAGE}")]
    Version,
    #[error("`id` must be a string or a whole number: {NOT_A_MESSAGE}")]
    Id,
    #[error("`method` must be a string: {NOT_A_MESSAGE}")]
    Method,
    #[error("`params` must be an object: {NOT_A_MESSAGE}")]
    Parameters,
    #[error("`id` must be between -2^63 and 2^63-1: {NOT_A_MESSAGE}")]
    IdRange,
    #[error("the message cannot be read: {0}")]
    Unreadable(String),
    #[error("{NOT_A_MESSAGE}")]
    Other,
}

const NOT_A_MESSAGE: &str = "this is not a JSON-RPC 2.0 message as MCP requires it";

/// The members of an object that should be a message.
#[derive(Deserialize)]
struct Loose<'m> {
    #[serde(borrow, default, deserialize_with = "present")]
    jsonrpc: Option<&'m RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'m RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    method: Option<&'m RawValue>,
    #[serde(borrow, default)]
    params: Option<&'m RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'m RawValue>,
    #[serde(borrow, default)]
    error: Option<&'m RawValue>,
}

impl MalformedMessage {
    /// What is wrong with a message; `None` where nothing is, for all that can be told without knowing its method.
    pub(super) fn of(bytes: &[u8], envelope: &Envelope<'_>) -> Option<Self> {
        if envelope.is_sound() {
            return None;
        }
        let alone = |fault| Some(Self { id: None, fault });
        let Ok(text) = std::str::from_utf8(bytes) else { return alone(Fault::NotText) };
        let text = text.trim_ascii();
        if text.is_empty() {
            return alone(Fault::Empty);
        }
        if let Err(problem) = serde_json::from_str::<IgnoredAny>(text) {
            return alone(Fault::NotJson(problem.to_string()));
        }
        match text.as_bytes().first() {
            Some(b'{') => {}
            Some(b'[') => return alone(Fault::Batch),
            _ => return alone(Fault::NotAnObject),
        }
        match serde_json::from_str::<Loose<'_>>(text) {
            Ok(loose) => loose.fault().map(|fault| Self { id: loose.named(), fault }),
            // A member that is there twice.
            Err(problem) => alone(Fault::Unreadable(problem.to_string())),
        }
    }

    /// A message with these members that is none for a reason that only its reader knows.
    pub(super) fn other(bytes: &[u8], envelope: &Envelope<'_>) -> Self {
        Self::unreadable(bytes, envelope).unwrap_or(Self { id: envelope.id(), fault: Fault::Other })
    }

    /// What keeps a message from being read as a whole, which nothing at a glance tells: it is nested too deeply, or has a
    /// number or an escape that stands for nothing. `None` where it can be read.
    pub(super) fn unreadable(bytes: &[u8], envelope: &Envelope<'_>) -> Option<Self> {
        let problem = serde_json::from_slice::<Value>(bytes).err()?;
        Some(Self { id: envelope.id(), fault: Fault::Unreadable(problem.to_string()) })
    }

    /// The error that answers it.
    pub(super) fn error(&self) -> ErrorData {
        let code = match self.fault {
            Fault::Empty | Fault::NotText | Fault::NotJson(_) => ErrorCode::PARSE_ERROR,
            _ => ErrorCode::INVALID_REQUEST,
        };
        ErrorData::new(code, self.fault.to_string(), None)
    }
}

impl Loose<'_> {
    fn named(&self) -> Option<RequestId> {
        self.id.and_then(|id| serde_json::from_str(id.get()).ok())
    }

    /// Whether its name is a whole number, however large.
    fn is_numbered(&self) -> bool {
        let digits = self.id.map(|id| id.get().trim_start_matches('-'));
        digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
    }

    fn fault(&self) -> Option<Fault> {
        if self.jsonrpc.is_none_or(|version| version.get() != "\"2.0\"") {
            return Some(Fault::Version);
        }
        match self.method {
            // An answer; one to what could not be read has no name to go by.
            None if self.result.is_some() || self.error.is_some() => None,
            Some(method) if method.get().starts_with('"') => {
                let nameless = self.id.is_some() && self.named().is_none();
                let listed = self.params.is_some_and(|params| !params.get().starts_with('{'));
                let of_id = if self.is_numbered() { Fault::IdRange } else { Fault::Id };
                nameless.then_some(of_id).or(listed.then_some(Fault::Parameters))
            }
            _ => Some(Fault::Method),
        }
    }
}

/// The error for a message that came before any session and names no revision; `then` is what is to follow on `initialize`.
pub(super) fn before_initialize(method: Option<&str>, then: &str) -> ErrorData {
    if method == Some("initialize") {
        let told = "`initialize` requires an `id`, and in `params` `protocolVersion` (a string), `capabilities` (an \
            object) \
                    and `clientInfo` (an object with `name` and `version`)";
        return ErrorData::invalid_params(told, None);
    }
    let what = method.map_or_else(|| "this message".to_owned(), |method| format!("`{method}`"));
    let told = format!(
        "{what} came before `initialize`. Send `initialize` first{then} (protocol 2025-11-25 and older), or name the \
         protocol version with each request in `_meta`, as 2026-07-28 does."
    );
    ErrorData::invalid_request(told, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_is_told_what_is_wrong_with_it() {
        for (bytes, code, says, id) in [
            (&b""[..], -32700, "empty", None),
            (b" \r\n", -32700, "empty", None),
            (b"\xff", -32700, "UTF-8", None),
            (b"{", -32700, "not JSON", None),
            (b"[{]", -32700, "not JSON", None),
            (b"[]", -32600, "batch", None),
            (br#" [{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600, "2025-06-18", None),
            (b"5", -32600, "must be a JSON object", None),
            (br#""x""#, -32600, "must be a JSON object", None),
            (b"null", -32600, "must be a JSON object", None),
            (b"{}", -32600, "`jsonrpc`", None),
            (br#"{"id":4,"method":"ping"}"#, -32600, "`jsonrpc`", Some(4)),
            (br#"{"jsonrpc":2.0,"id":4,"method":"ping"}"#, -32600, "`jsonrpc`", Some(4)),
            (br#"{"jsonrpc":"1.0","id":4,"method":"ping"}"#, -32600, "`jsonrpc`", Some(4)),
            (br#"{"jsonrpc":"2.0","id":4}"#, -32600, "`method`", Some(4)),
            (br#"{"jsonrpc":"2.0","id":4,"method":7}"#, -32600, "`method`", Some(4)),
            (br#"{"jsonrpc":"2.0","id":4,"method":null}"#, -32600, "`method`", Some(4)),
            (br#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600, "`id`", None),
            (br#"{"jsonrpc":"2.0","id":4.5,"method":"ping"}"#, -32600, "`id`", None),
            (br#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600, "`id`", None),
            (
                br#"{"jsonrpc":"2.0","id":9223372036854775808,"method":"ping"}"#,
                -32600,
                "between -2^63 and 2^63-1",
                None,
            ),
            (br#"{"jsonrpc":"2.0","id":5,"id":6,"method":"ping"}"#, -32600, "duplicate field `id`", None),
            (br#"{"jsonrpc":"2.0","id":4,"method":"ping","params":[1]}"#, -32600, "`params`", Some(4)),
            (br#"{"jsonrpc":"2.0","id":4,"method":"ping","params":5}"#, -32600, "`params`", Some(4)),
        ] {
            let shown = String::from_utf8_lossy(bytes);
            let malformed =
                MalformedMessage::of(bytes, &Envelope::of(bytes)).unwrap_or_else(|| panic!("{shown}"));
            let error = malformed.error();
            assert_eq!(error.code.0, code, "{shown}");
            assert!(error.message.contains(says), "{shown}: {}", error.message);
            assert_eq!(malformed.id, id.map(RequestId::Number), "{shown}");
        }
        for sound in [
            &br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#[..],
            br#"{"jsonrpc":"2.0","id":"a","method":"no/such","params":{}}"#,
            br#"{"jsonrpc":"2.0","id":1,"method":"ping","params":null}"#,
            br#"{"jsonrpc":"2.0","method":"notifications/x"}"#,
            br#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
            br#"{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"x"}}"#,
        ] {
            let shown = String::from_utf8_lossy(sound);
            assert_eq!(MalformedMessage::of(sound, &Envelope::of(sound)), None, "{shown}");
        }
    }
}
