//! A span of a trace for each call, where the operator has traces exported.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::global::{self, BoxedSpan};
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{Span as _, SpanContext, SpanKind, Status, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context as Parent, KeyValue};
use opentelemetry_sdk::propagation::TraceContextPropagator;

use crate::call::{Context, Trace};
use crate::catalog::Effect;

/// Whether spans go anywhere.
static TRACED: AtomicBool = AtomicBool::new(false);

/// Makes a span of every call from now on, with the tracer provider that is set for the process.
pub fn trace_calls() {
    TRACED.store(true, Ordering::Relaxed);
}

/// The span of one call.
pub(super) struct Span(BoxedSpan);

impl Span {
    /// Begins a span as `OpenTelemetry`'s conventions for MCP have it, below the one that the client names; `None` where
    /// spans go nowhere. That the client's is not recorded keeps none of a change out: who answers for changes is not the
    /// caller.
    pub(super) fn begin(tool: &'static str, effect: Option<Effect>, cx: &Context) -> Option<Self> {
        static PROPAGATOR: OnceLock<TraceContextPropagator> = OnceLock::new();
        if !TRACED.load(Ordering::Relaxed) {
            return None;
        }
        let tracer = global::tracer("vanta-mcp");
        let mut attributes = vec![
            KeyValue::new("mcp.method.name", "tools/call"),
            KeyValue::new("gen_ai.operation.name", "execute_tool"),
            KeyValue::new("gen_ai.tool.name", tool),
        ];
        attributes.extend(cx.principal.name().map(|name| KeyValue::new("enduser.id", name.to_owned())));
        let parent = PROPAGATOR
            .get_or_init(TraceContextPropagator::new)
            .extract_with_context(&Parent::new(), &Headers(&cx.trace));
        let parent = if effect > Some(Effect::Read) { recorded(parent) } else { parent };
        let span = tracer
            .span_builder(format!("tools/call {tool}"))
            .with_kind(SpanKind::Server)
            .with_attributes(attributes)
            .start_with_context(&tracer, &parent);
        Some(Self(span))
    }

    /// Ends it. `outcome` is what became of the call, in a word.
    pub(super) fn end(mut self, done: bool, outcome: &'static str) {
        self.0.set_attribute(KeyValue::new("vanta_mcp.outcome", outcome));
        if !done {
            self.0.set_status(Status::error(outcome));
        }
        self.0.end();
    }
}

/// The same place in a trace as one that is recorded.
fn recorded(parent: Parent) -> Parent {
    let named = parent.span().span_context().clone();
    if !named.is_valid() || named.is_sampled() {
        return parent;
    }
    let flags = named.trace_flags().with_sampled(true);
    let state = named.trace_state().clone();
    let named = SpanContext::new(named.trace_id(), named.span_id(), flags, named.is_remote(), state);
    parent.with_remote_span_context(named)
}

/// A place in a trace as the headers that would carry it.
struct Headers<'t>(&'t Trace);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.0.parent.as_deref(),
            "tracestate" => self.0.state.as_deref(),
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        ["traceparent", "tracestate"].into_iter().filter(|key| self.get(key).is_some()).collect()
    }
}
