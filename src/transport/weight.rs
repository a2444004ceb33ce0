//! How much a message may weigh before anything is made of it.
//!
//! A value in memory takes up to a hundred times what it takes as text, and a caller chooses the text. So a message is
//! weighed while it is text: a file that travels in it aside, which stays text and has a limit of its own.

use std::borrow::Cow;

use rmcp::model::RequestId;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::message::ToolCall;
use crate::api::arguments::MAX_ARGUMENTS;
use crate::server::Generation;

/// What a message may have around its arguments, in bytes.
const AROUND: usize = 64 << 10;

/// How many objects and lists a message may hold: many more than any call needs, and some tens of megabytes.
const MOST_NESTED: usize = 20_000;

/// What is said of a message that is not read any further.
pub(super) const TOO_HEAVY: &str = "the message is longer than 1 MiB or has too many objects and lists";

/// Why a message is not read any further.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Overweight {
    /// The arguments of a call. Its caller can do something about it, so it is answered like any other mistake in them.
    Arguments {
        /// By which name the answer goes.
        id: RequestId,
        /// In which form.
        generation: Generation,
        /// What is wrong, for the model.
        problem: String,
    },
    /// Something else.
    Message,
}

/// A file as it travels in arguments, where it is no path.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InlineFile<'m> {
    #[serde(borrow)]
    name: Option<Cow<'m, str>>,
    #[serde(borrow)]
    base64: Option<Cow<'m, str>>,
}

/// The places of a file in a call's arguments, and in those of the tool that it runs.
#[derive(Deserialize)]
struct Places<'m> {
    #[serde(borrow, default)]
    file: Option<&'m RawValue>,
    #[serde(borrow, default)]
    arguments: Option<&'m RawValue>,
}

/// Weighs a message of so many bytes.
pub(super) fn overweight(call: Option<&ToolCall<'_>>, text: &[u8]) -> Option<Overweight> {
    // What is short is light whatever is in it.
    if text.len() <= AROUND {
        return None;
    }
    let arguments = call.and_then(ToolCall::arguments).map_or("", RawValue::get);
    let Some(call) = call.filter(|_| text.len() - arguments.len() <= AROUND) else {
        let light = text.len() <= MAX_ARGUMENTS + AROUND && nested(text) <= MOST_NESTED;
        return (!light).then_some(Overweight::Message);
    };
    let size = arguments.len() - file(arguments).map_or(0, |file| file.get().len());
    let name: String = call.name().chars().filter(|c| !c.is_control()).take(64).collect();
    let problem = if size > MAX_ARGUMENTS {
        format!(
            "{name}: the arguments are {size} bytes; at most {MAX_ARGUMENTS} are accepted. Nothing was sent."
        )
    } else if nested(arguments.as_bytes()) > MOST_NESTED {
        format!(
            "{name}: the arguments contain more than {MOST_NESTED} objects and lists. Nothing was sent. Split the \
             call."
        )
    } else {
        return None;
    };
    Some(match call.id() {
        Some(id) => Overweight::Arguments { id: id.clone(), generation: call.generation(), problem },
        None => Overweight::Message,
    })
}

/// The file that travels in arguments, where it is no more than that.
fn file(arguments: &str) -> Option<&RawValue> {
    let Places { file: here, arguments: inner } = serde_json::from_str(arguments).ok()?;
    let inner = inner.and_then(|inner| serde_json::from_str::<Places<'_>>(inner.get()).ok()?.file);
    here.or(inner).filter(|file| {
        let inline = serde_json::from_str::<InlineFile<'_>>(file.get());
        let is_inline = inline.is_ok_and(|inline| inline.name.is_some() || inline.base64.is_some());
        is_inline || serde_json::from_str::<Cow<'_, str>>(file.get()).is_ok()
    })
}

/// How many objects and lists begin in a text of JSON.
fn nested(text: &[u8]) -> usize {
    let (mut begun, mut quoted, mut escaped) = (0, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => begun += 1,
            _ => {}
        }
    }
    begun
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::message::Envelope;

    fn weighed(arguments: &str) -> Option<Overweight> {
        let params = format!(r#"{{"name":"a","arguments":{arguments}}}"#);
        let text = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#);
        let envelope = Envelope::of(text.as_bytes());
        overweight(envelope.call().as_ref(), text.as_bytes())
    }

    fn is_refused(weighed: Option<Overweight>, because: &str) -> bool {
        matches!(weighed, Some(Overweight::Arguments { problem, .. }) if problem.contains(because))
    }

    #[test]
    fn arguments_are_weighed_without_the_file_that_travels_in_them() {
        let long = "x".repeat(2 << 20);
        assert!(is_refused(weighed(&format!(r#"{{"b":"{long}"}}"#)), "at most 1048576"));
        for file in [format!(r#""{long}""#), format!(r#"{{"name":"a.pdf","base64":"{long}"}}"#)] {
            assert_eq!(weighed(&format!(r#"{{"file":{file}}}"#)), None);
            assert_eq!(weighed(&format!(r#"{{"tool":"b","arguments":{{"file":{file}}}}}"#)), None);
            assert!(is_refused(weighed(&format!(r#"{{"other":{file}}}"#)), "at most"));
        }
        let many = r#"{"":0},"#.repeat(300_000);
        for file in [format!("[{many}0]"), format!(r#"{{"name":[{many}0]}}"#)] {
            assert!(is_refused(weighed(&format!(r#"{{"file":{file}}}"#)), "at most"), "that is no file");
        }
    }

    #[test]
    fn what_holds_too_much_is_refused_however_short() {
        let many = r#"{"":0},"#.repeat(MOST_NESTED);
        assert!(is_refused(weighed(&format!("[{many}0]")), "objects and lists"));
        let texts = format!(r#"{{"a":["{}"]}}"#, "[{\\\"".repeat(MOST_NESTED));
        assert_eq!(weighed(&texts), None, "brackets in a text are text");
    }

    #[test]
    fn any_other_message_has_the_same_limits() {
        let long = "x".repeat(2 << 20);
        let many = r#"{"":0},"#.repeat(MOST_NESTED);
        for heavy in [
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{{"cursor":"{long}"}}}}"#),
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":[{many}0]}}"#),
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"a","_meta":{{"x":"{long}"}}}}}}"#
            ),
            format!("[{long}"),
        ] {
            let envelope = Envelope::of(heavy.as_bytes());
            let weighed = overweight(envelope.call().as_ref(), heavy.as_bytes());
            assert_eq!(weighed, Some(Overweight::Message), "{}", heavy.get(..80).unwrap());
        }
    }
}
