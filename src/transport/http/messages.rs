//! What must be known of a message before rmcp reads it: its method, and the tool that it calls.

use std::borrow::Cow;

use rmcp::model::{NumberOrString, RequestMetaObject};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The parts of a message that decide on its admission; everything else is passed over.
#[derive(Debug)]
pub(super) enum Envelope<'m> {
    /// Nothing is known. rmcp says what is wrong with it, if anything is: until then it counts for the most that it could be.
    Sealed,
    /// A message.
    Read {
        /// What it asks for; an answer has none.
        method: Option<Cow<'m, str>>,
        /// With what.
        params: Option<&'m RawValue>,
        /// By which name the answer goes; a notification has none.
        id: Option<&'m RawValue>,
    },
}

#[derive(Deserialize)]
struct Message<'m> {
    #[serde(borrow, default)]
    method: Option<Cow<'m, str>>,
    #[serde(borrow, default)]
    params: Option<&'m RawValue>,
    #[serde(borrow, default)]
    id: Option<&'m RawValue>,
}

/// The parameters of `tools/call`, and below them the arguments of the tools that run others.
#[derive(Deserialize)]
struct Call<'m> {
    #[serde(borrow)]
    name: Cow<'m, str>,
    #[serde(borrow, default)]
    arguments: Option<&'m RawValue>,
}

/// The parameters of any request.
#[derive(Deserialize)]
struct Tagged {
    #[serde(rename = "_meta", default)]
    meta: RequestMetaObject,
}

/// The parameters of `notifications/cancelled`.
#[derive(Deserialize)]
struct Cancelled {
    #[serde(rename = "requestId")]
    call: NumberOrString,
}

#[derive(Deserialize)]
struct Run<'m> {
    #[serde(borrow)]
    tool: Cow<'m, str>,
}

/// What is answered in a few words. A subscription is too, though for long.
const SHORTLY_ANSWERED: [&str; 4] = ["initialize", "ping", "logging/setLevel", "subscriptions/listen"];

/// The tool that is called, and the one that it is told to run, if any.
pub(super) type Called<'m> = (Cow<'m, str>, Option<Cow<'m, str>>);

impl<'m> Envelope<'m> {
    pub(super) fn of(message: &'m [u8]) -> Self {
        match serde_json::from_slice(message) {
            Ok(Message { method, params, id }) => Self::Read { method, params, id },
            Err(_) => Self::Sealed,
        }
    }

    /// Whether it is known to be that.
    pub(super) fn is(&self, asked: &str) -> bool {
        matches!(self, Self::Read { method: Some(method), .. } if method == asked)
    }

    /// The call that is no longer wanted.
    pub(super) fn cancels(&self) -> Option<NumberOrString> {
        let Self::Read { params: Some(params), .. } = self else { return None };
        if !self.is("notifications/cancelled") {
            return None;
        }
        serde_json::from_str::<Cancelled>(params.get()).ok().map(|cancelled| cancelled.call)
    }

    /// What it says beside its parameters, such as where it belongs in a trace.
    pub(super) fn meta(&self) -> RequestMetaObject {
        let Self::Read { params: Some(params), .. } = self else { return RequestMetaObject::default() };
        serde_json::from_str::<Tagged>(params.get()).map(|tagged| tagged.meta).unwrap_or_default()
    }

    /// Whether it may be that, for all that is known.
    pub(super) fn may_be(&self, asked: &str) -> bool {
        match self {
            Self::Sealed => true,
            Self::Read { method, .. } => method.as_deref() == Some(asked),
        }
    }

    pub(super) fn is_initialize(&self) -> bool {
        self.may_be("initialize")
    }

    /// Whether an answer of some length may be due, which a caller can leave unread.
    pub(super) fn is_answered(&self) -> bool {
        match self {
            Self::Sealed => true,
            Self::Read { method: Some(method), id: Some(_), .. } => !SHORTLY_ANSWERED.contains(&&**method),
            Self::Read { .. } => false,
        }
    }

    /// The tool that is called.
    pub(super) fn tool(&self) -> Option<Called<'m>> {
        let Self::Read { method: Some(method), params: Some(params), .. } = self else { return None };
        if method != "tools/call" {
            return None;
        }
        let call: Call<'m> = serde_json::from_str(params.get()).ok()?;
        let run = call.arguments.and_then(|arguments| serde_json::from_str::<Run<'m>>(arguments.get()).ok());
        Some((call.name, run.map(|run| run.tool)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_counts_for_everything() {
        for sealed in
            [&br#"{"method":"ping","method":"tools/call"}"#[..], br#"[{"method":"ping"}]"#, b"{", b""]
        {
            let envelope = Envelope::of(sealed);
            assert!(envelope.is_answered() && envelope.is_initialize() && envelope.tool().is_none());
        }
    }

    #[test]
    fn a_call_names_its_tool_whatever_else_is_in_it() {
        let of = |text: &'static str| {
            let envelope = Envelope::of(text.as_bytes());
            (envelope.is_answered(), envelope.tool())
        };
        let plain =
            of(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":[1]}}"#);
        assert_eq!(plain, (true, Some(("a".into(), None))));
        let run = of(
            r#"{"params":{"arguments":{"tool":"b","arguments":{}},"name":"a"},"id":1,"method":"tools/call"}"#,
        );
        assert_eq!(run, (true, Some(("a".into(), Some("b".into())))));
        assert_eq!(of(r#"{"id":2,"method":"tools/call","params":{"name":1}}"#), (true, None));
        assert_eq!(of(r#"{"id":2,"method":"tools/list","params":{"name":"a"}}"#), (true, None));
        assert_eq!(of(r#"{"id":2,"method":"subscriptions/listen"}"#), (false, None));
        assert_eq!(of(r#"{"method":"notifications/initialized"}"#), (false, None));
        assert_eq!(of(r#"{"id":1,"result":{}}"#), (false, None));
    }
}
