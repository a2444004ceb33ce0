//! Arguments that a client has put into a text: some encode them twice. As they can mean only one thing, they are taken
//! out of it before anybody reads the message.

use std::borrow::Cow;

use memchr::memmem;
use serde_json::{Map, Value};

/// The longest message that is looked into: no arguments of a call are longer.
const LONGEST: usize = 2 << 20;

/// The message with its arguments as the object that is in their text; as it came where they are no such text.
pub(super) fn with_object_arguments(message: &[u8]) -> Cow<'_, [u8]> {
    let rewritten = Some(message)
        .filter(|message| message.len() <= LONGEST && may_be_quoted(message))
        .and_then(rewritten);
    rewritten.map_or(Cow::Borrowed(message), Cow::Owned)
}

/// Whether a member of that name has a text. What is inside of another is found too, and sorted out by [`rewritten`].
fn may_be_quoted(message: &[u8]) -> bool {
    const NAME: &[u8] = b"\"arguments\"";
    memmem::find_iter(message, NAME).any(|at| {
        let after = message.get(at + NAME.len()..).unwrap_or_default().trim_ascii_start();
        after
            .strip_prefix(b":")
            .is_some_and(|value| matches!(value.trim_ascii_start().first(), Some(b'"' | b'[')))
    })
}

fn rewritten(message: &[u8]) -> Option<Vec<u8>> {
    let mut whole: Value = serde_json::from_slice(message).ok()?;
    if whole.get("method")? != "tools/call" {
        return None;
    }
    let arguments = whole.get_mut("params")?.get_mut("arguments")?;
    let object = match arguments {
        // Some languages write an empty object as a list.
        Value::Array(none) if none.is_empty() => Value::Object(Map::new()),
        Value::String(text) if text.trim().is_empty() => Value::Object(Map::new()),
        Value::String(text) => serde_json::from_str(text).ok().filter(Value::is_object)?,
        _ => return None,
    };
    *arguments = object;
    serde_json::to_vec(&whole).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(message: &Value) -> Option<Value> {
        match with_object_arguments(message.to_string().as_bytes()) {
            Cow::Borrowed(_) => None,
            Cow::Owned(text) => Some(serde_json::from_slice(&text).unwrap()),
        }
    }

    fn call(arguments: &Value) -> Value {
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "t", "arguments": arguments}})
    }

    #[test]
    fn an_object_in_a_text_is_taken_out_of_it() {
        assert_eq!(read(&call(&json!("{\"a\": 1}"))), Some(call(&json!({"a": 1}))));
        for nothing in [json!("{}"), json!(""), json!([])] {
            assert_eq!(read(&call(&nothing)), Some(call(&json!({}))), "{nothing}");
        }
    }

    #[test]
    fn everything_else_stays_as_it_came() {
        for arguments in
            [json!({"arguments": "{\"a\":1}"}), json!("[1]"), json!([1]), json!("{"), json!(null), json!({})]
        {
            assert_eq!(read(&call(&arguments)), None, "{arguments}");
        }
        let other = json!({"jsonrpc": "2.0", "id": 1, "method": "prompts/get", "params": {"name": "p", "arguments": "{}"}});
        assert_eq!(read(&other), None);
    }
}
