//! What must be known of a message before it is led anywhere: its method, and the tool that it calls.
//!
//! It is read once, and its parameters stay as they came until it is known who needs them.

use std::borrow::Cow;

use rmcp::model::{ClientCapabilities, Implementation, InitializeRequestParams, ProgressToken, RequestId};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::call::Trace;
use crate::server::Generation;

/// The revision whose requests stand alone.
pub(super) const REVISION: &str = "2026-07-28";

/// What is answered in a few words. A subscription is too, though for long.
const SHORTLY_ANSWERED: [&str; 4] = ["initialize", "ping", "logging/setLevel", "subscriptions/listen"];

/// A message by what decides where it goes.
#[derive(Debug)]
pub(super) enum Envelope<'m> {
    /// Nothing is known. rmcp says what is wrong with it, if anything is: until then it counts for the most that it could be.
    Sealed,
    /// A message.
    Read(Members<'m>),
}

/// The members of a message.
#[derive(Debug, Deserialize)]
pub(super) struct Members<'m> {
    #[serde(borrow, default)]
    jsonrpc: Option<Cow<'m, str>>,
    /// What it asks for; an answer has none.
    #[serde(borrow, default)]
    method: Option<Cow<'m, str>>,
    /// With what.
    #[serde(borrow, default)]
    params: Option<&'m RawValue>,
    /// By which name the answer goes; a notification has none. One that is `null` is there, and wrong.
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'m RawValue>,
}

/// A member that is there, if only as `null`.
pub(super) fn present<'m, D: Deserializer<'m>>(member: D) -> Result<Option<&'m RawValue>, D::Error> {
    <&RawValue>::deserialize(member).map(Some)
}

/// What the parameters of any request may say beside what they are for.
#[derive(Default, Deserialize)]
struct Beside {
    #[serde(default, rename = "_meta")]
    meta: Option<Marks>,
    /// The revision that `initialize` asks for.
    #[serde(default, rename = "protocolVersion")]
    version: Option<Value>,
}

/// The parts of it that decide how a request is answered.
#[derive(Default, Deserialize)]
struct Marks {
    #[serde(default, rename = "io.modelcontextprotocol/protocolVersion")]
    revision: Option<Value>,
}

/// A call of a tool.
#[derive(Debug)]
pub(super) struct ToolCall<'m> {
    /// By which name the answer goes, where it has one.
    id: Option<RequestId>,
    parameters: Parameters<'m>,
}

#[derive(Debug, Deserialize)]
struct Parameters<'m> {
    #[serde(borrow)]
    name: Cow<'m, str>,
    #[serde(borrow, default)]
    arguments: Option<&'m RawValue>,
    #[serde(borrow, default, rename = "_meta")]
    meta: Option<&'m RawValue>,
    #[serde(default, rename = "inputResponses")]
    responses: Option<IgnoredAny>,
    #[serde(default, rename = "requestState")]
    state: Option<IgnoredAny>,
    /// Of the tasks that 2025-11-25 tried out.
    #[serde(default)]
    task: Option<IgnoredAny>,
}

/// A call that asks for nothing but its answer, and to be told meanwhile that it goes on.
#[derive(Debug)]
pub(super) struct PlainCall<'m> {
    pub(super) id: RequestId,
    pub(super) name: Cow<'m, str>,
    pub(super) arguments: Value,
    /// Whether it stands alone, by what it says of its client.
    pub(super) generation: Generation,
    /// By which name its progress is told, where that is wanted.
    pub(super) progress: Option<ProgressToken>,
    pub(super) trace: Trace,
    /// Whether its client takes a task for an answer.
    pub(super) takes_tasks: bool,
}

/// What a plain call may say beside its parameters. The first three are those of each request of 2026-07-28.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Meta<'m> {
    #[serde(borrow, default, rename = "io.modelcontextprotocol/protocolVersion")]
    revision: Option<Cow<'m, str>>,
    #[serde(default, rename = "io.modelcontextprotocol/clientCapabilities")]
    capabilities: Option<ClientCapabilities>,
    #[serde(default, rename = "io.modelcontextprotocol/clientInfo")]
    info: Option<Implementation>,
    #[serde(default, rename = "progressToken")]
    progress: Option<ProgressToken>,
    #[serde(default)]
    traceparent: Option<String>,
    #[serde(default)]
    tracestate: Option<String>,
}

/// A request for the whole list of tools, which asks for nothing else.
#[derive(Debug)]
pub(super) struct PlainList {
    pub(super) id: RequestId,
    pub(super) generation: Generation,
}

/// The parameters of `tools/list` that ask for all of it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListParameters<'m> {
    #[serde(borrow, default, rename = "_meta")]
    meta: Option<&'m RawValue>,
}

/// The parameters of `notifications/cancelled`.
#[derive(Deserialize)]
struct Cancelled {
    #[serde(rename = "requestId")]
    call: RequestId,
}

/// The arguments of a tool that runs another.
#[derive(Deserialize)]
struct RunsAnother<'m> {
    #[serde(borrow)]
    tool: Cow<'m, str>,
}

#[derive(Default, Deserialize)]
struct InTrace {
    #[serde(default)]
    traceparent: Option<String>,
    #[serde(default)]
    tracestate: Option<String>,
}

/// A message without white space around it and the byte-order mark that some programs write before a text.
pub(super) fn without_mark(message: &[u8]) -> &[u8] {
    let message = message.trim_ascii();
    message.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(message)
}

/// An object as its type. A list of its members' values, which serde takes for one too, is none.
fn object<'m, T: Deserialize<'m>>(text: &'m str) -> Option<T> {
    let is_object = text.trim_start().starts_with('{');
    is_object.then(|| serde_json::from_str(text).ok()).flatten()
}

impl<'m> Envelope<'m> {
    pub(super) fn of(message: &'m [u8]) -> Self {
        // Looked at as a whole it takes less than string by string.
        let text = std::str::from_utf8(message).ok();
        text.and_then(object).map_or(Self::Sealed, Self::Read)
    }

    /// Whether it is known to be that.
    pub(super) fn is(&self, asked: &str) -> bool {
        matches!(self, Self::Read(Members { method: Some(method), .. }) if method == asked)
    }

    /// Whether it may be that, for all that is known.
    pub(super) fn may_be(&self, asked: &str) -> bool {
        match self {
            Self::Sealed => true,
            Self::Read(members) => members.method.as_deref() == Some(asked),
        }
    }

    /// Whether an answer of some length may be due, which a caller can leave unread.
    pub(super) fn is_answered(&self) -> bool {
        match self {
            Self::Sealed => true,
            Self::Read(Members { method: Some(method), id: Some(_), .. }) => {
                !SHORTLY_ANSWERED.contains(&&**method)
            }
            Self::Read(_) => false,
        }
    }

    /// Whether it is a message by its members, and by what can be told of them at a glance.
    pub(super) fn is_sound(&self) -> bool {
        let Self::Read(members) = self else { return false };
        members.jsonrpc.as_deref() == Some("2.0")
            && members.method.is_some()
            && members.params.is_none_or(|params| params.get().starts_with('{'))
            && members.id.is_none_or(|_| members.named().is_some())
    }

    /// What it asks for, where it is a request or a notification.
    pub(super) fn method(&self) -> Option<&str> {
        let Self::Read(members) = self else { return None };
        members.method.as_deref()
    }

    /// By which name the answer goes, as far as it is known, whatever else is wrong with the message.
    pub(super) fn id(&self) -> Option<RequestId> {
        let Self::Read(members) = self else { return None };
        members.named()
    }

    /// Whether it begins a session. 2026-07-28 has none: a request of it by this name is one for a method that is gone.
    pub(super) fn begins_session(&self) -> bool {
        self.is("initialize") && {
            let beside = self.beside();
            beside.version.is_some() || beside.meta.is_none_or(|marks| marks.revision.is_none())
        }
    }

    /// Whether it is an `initialize` with all that one needs.
    pub(super) fn is_whole_initialize(&self) -> bool {
        let Self::Read(Members { params: Some(params), id: Some(_), .. }) = self else { return false };
        self.is("initialize") && object::<InitializeRequestParams>(params.get()).is_some()
    }

    /// The revision that it says it is of, as each request of 2026-07-28 does; whatever it is.
    pub(super) fn revision(&self) -> Option<Value> {
        let Self::Read(Members { params: Some(params), .. }) = self else { return None };
        // Most requests name none, which is found out without reading them.
        params.get().contains("protocolVersion").then(|| self.beside().meta?.revision)?
    }

    /// The revision that it asks for, where it is an `initialize` that does.
    pub(super) fn asked_version(&self) -> Option<String> {
        match self.beside().version? {
            Value::String(version) => Some(version),
            _ => None,
        }
    }

    fn beside(&self) -> Beside {
        let Self::Read(Members { params: Some(params), .. }) = self else { return Beside::default() };
        object(params.get()).unwrap_or_default()
    }

    /// The call that is no longer wanted.
    pub(super) fn cancels(&self) -> Option<RequestId> {
        let Self::Read(Members { params: Some(params), .. }) = self else { return None };
        if !self.is("notifications/cancelled") {
            return None;
        }
        serde_json::from_str::<Cancelled>(params.get()).ok().map(|cancelled| cancelled.call)
    }

    /// The call of a tool, where it is one.
    pub(super) fn call(&self) -> Option<ToolCall<'m>> {
        let Self::Read(members @ Members { params: Some(params), .. }) = self else { return None };
        if !self.is("tools/call") {
            return None;
        }
        Some(ToolCall { parameters: object(params.get())?, id: members.answered_by() })
    }

    /// The request for the whole list of tools, where it is one and in nothing unlike one.
    pub(super) fn plain_list(&self) -> Option<PlainList> {
        let Self::Read(members) = self else { return None };
        if !self.is("tools/list") {
            return None;
        }
        let parameters = match members.params {
            Some(params) => object::<ListParameters<'m>>(params.get())?,
            None => ListParameters::default(),
        };
        let generation = Meta::of(parameters.meta)?.generation()?;
        Some(PlainList { id: members.answered_by()?, generation })
    }
}

impl Members<'_> {
    /// By which name the answer goes, where the message is one of JSON-RPC 2.0.
    fn answered_by(&self) -> Option<RequestId> {
        self.named().filter(|_| self.jsonrpc.as_deref() == Some("2.0"))
    }

    /// The name that it gives itself, where it is one.
    fn named(&self) -> Option<RequestId> {
        self.id.and_then(|id| serde_json::from_str(id.get()).ok())
    }
}

impl<'m> Meta<'m> {
    /// What is said beside parameters; `None` where that is more than a plain request says.
    fn of(text: Option<&'m RawValue>) -> Option<Self> {
        match text {
            Some(text) => object(text.get()),
            None => Some(Self::default()),
        }
    }

    /// Which lifecycle it is of; `None` where it is not wholly of one.
    fn generation(&self) -> Option<Generation> {
        match (self.revision.as_deref(), &self.capabilities, &self.info) {
            (None, None, None) => Some(Generation::Sessions),
            (Some(REVISION), Some(_), _) => Some(Generation::Alone),
            _ => None,
        }
    }
}

impl<'m> ToolCall<'m> {
    /// The tool.
    pub(super) fn name(&self) -> &str {
        &self.parameters.name
    }

    /// By which name the answer goes, where it has one.
    pub(super) fn id(&self) -> Option<&RequestId> {
        self.id.as_ref()
    }

    /// What with, as it came.
    pub(super) fn arguments(&self) -> Option<&'m RawValue> {
        self.parameters.arguments
    }

    /// Whether it stands alone, for all that it says of itself.
    pub(super) fn generation(&self) -> Generation {
        let says = self.parameters.meta.is_some_and(|meta| meta.get().contains(REVISION));
        if says { Generation::Alone } else { Generation::Sessions }
    }

    /// The tool that it is told to run, if any.
    pub(super) fn runs(&self) -> Option<Cow<'m, str>> {
        let arguments = self.parameters.arguments?;
        object::<RunsAnother<'m>>(arguments.get()).map(|run| run.tool)
    }

    /// Where it says that it belongs in a trace.
    pub(super) fn trace(&self) -> Trace {
        let said = self.parameters.meta.and_then(|meta| serde_json::from_str::<InTrace>(meta.get()).ok());
        let InTrace { traceparent, tracestate } = said.unwrap_or_default();
        Trace { parent: traceparent, state: tracestate }
    }

    /// The same as a plain call; `None` where it is in the least unlike one, which rmcp's way says what is wrong with.
    pub(super) fn plain(&self) -> Option<PlainCall<'m>> {
        let Parameters { name, arguments, meta, responses, state, task } = &self.parameters;
        if responses.is_some() || state.is_some() || task.is_some() {
            return None;
        }
        let meta = Meta::of(*meta)?;
        let generation = meta.generation()?;
        let takes_tasks = meta.capabilities.is_some_and(|capabilities| capabilities.supports_tasks());
        let trace = Trace { parent: meta.traceparent, state: meta.tracestate };
        let arguments: Map<String, Value> = match arguments {
            Some(arguments) => serde_json::from_str(arguments.get()).ok()?,
            None => Map::new(),
        };
        let arguments = Value::Object(arguments);
        let (name, progress) = (name.clone(), meta.progress);
        Some(PlainCall { id: self.id.clone()?, name, arguments, generation, progress, trace, takes_tasks })
    }
}

#[cfg(test)]
mod tests;
