//! What is told of each call to those who run the server: counts, durations, and a span of a trace.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use metrics::{counter, gauge, histogram};
use opentelemetry::global::{self, BoxedSpan};
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{Span as _, SpanKind, Status, Tracer as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use rmcp::model::{CallToolResult, RequestMetaObject};
use serde_json::Value;

use super::Offer;
use crate::api::{TokenState, is_counted};
use crate::catalog::{Api, Effect};
use crate::tools::Tool;

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// An answer.
    Done,
    /// An answer that is an error.
    Failed,
    /// The call was refused before it began.
    Refused,
    /// The caller went away.
    Cancelled,
}

impl Outcome {
    pub(super) fn of(result: &CallToolResult) -> Self {
        if result.is_error == Some(true) { Self::Failed } else { Self::Done }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One call, from when it is known what it is until it is over.
pub(super) struct Measured {
    /// The tool's name in the catalog. What a caller calls a tool that there is not stands nowhere.
    tool: &'static str,
    effect: Option<Effect>,
    /// Who calls, where that is known and the log is to name it.
    principal: Option<String>,
    begun: Instant,
    /// Where spans go anywhere.
    span: Option<BoxedSpan>,
    outcome: Outcome,
}

/// Whether spans go anywhere.
static TRACED: AtomicBool = AtomicBool::new(false);

/// Makes a span of every call from now on, with the tracer provider that is set for the process.
pub fn trace_calls() {
    TRACED.store(true, Ordering::Relaxed);
}

impl Measured {
    pub(super) fn begin(tool: Option<Tool>, principal: Option<&str>, meta: &RequestMetaObject) -> Self {
        if is_counted() {
            gauge!("vanta_mcp_calls_under_way").increment(1);
        }
        let name = tool.map_or("unknown", Tool::name);
        let named = principal.filter(|_| tracing::enabled!(tracing::Level::INFO));
        let span = TRACED.load(Ordering::Relaxed).then(|| begin_span(name, principal, meta));
        Self {
            tool: name,
            effect: tool.map(Tool::effect),
            principal: named.map(str::to_owned),
            begun: Instant::now(),
            span,
            outcome: Outcome::Cancelled,
        }
    }

    /// How long it has taken until now.
    pub(super) fn so_far(&self) -> Duration {
        self.begun.elapsed()
    }

    pub(super) fn end(mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        let (tool, outcome) = (self.tool, self.outcome.as_str());
        if is_counted() {
            gauge!("vanta_mcp_calls_under_way").decrement(1);
            counter!("vanta_mcp_tool_calls_total", "tool" => tool, "outcome" => outcome).increment(1);
            if let Some(effect) = self.effect {
                histogram!("vanta_mcp_tool_call_seconds", "effect" => effect.as_str())
                    .record(self.begun.elapsed());
            }
        }
        let seconds = || self.begun.elapsed().as_secs_f64();
        tracing::info!(tool, principal = self.principal.as_deref(), outcome, seconds = seconds(), "a call");
        let Some(span) = &mut self.span else { return };
        span.set_attribute(KeyValue::new("vanta_mcp.outcome", outcome));
        if self.outcome != Outcome::Done {
            span.set_status(Status::error(outcome));
        }
        span.end();
    }
}

/// Begins a span as `OpenTelemetry`'s conventions for MCP have it, below the one that the client names in `_meta`.
fn begin_span(tool: &'static str, principal: Option<&str>, meta: &RequestMetaObject) -> BoxedSpan {
    static PROPAGATOR: OnceLock<TraceContextPropagator> = OnceLock::new();
    let tracer = global::tracer("vanta-mcp");
    let mut attributes = vec![
        KeyValue::new("mcp.method.name", "tools/call"),
        KeyValue::new("gen_ai.operation.name", "execute_tool"),
        KeyValue::new("gen_ai.tool.name", tool),
    ];
    attributes.extend(principal.map(|principal| KeyValue::new("enduser.id", principal.to_owned())));
    let parent = PROPAGATOR
        .get_or_init(TraceContextPropagator::new)
        .extract_with_context(&Context::new(), &Meta(meta));
    tracer
        .span_builder(format!("tools/call {tool}"))
        .with_kind(SpanKind::Server)
        .with_attributes(attributes)
        .start_with_context(&tracer, &parent)
}

/// `traceparent` and `tracestate` as members of `_meta`.
struct Meta<'m>(&'m RequestMetaObject);

impl Extractor for Meta<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(Value::as_str)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

/// Sets what is true at this moment, for whoever is about to read it: budgets and tokens of the upstreams.
pub(super) fn observe(offer: &Offer) {
    let clients = offer.caller().clients();
    for api in Api::ALL {
        if let Some(left) = clients.budget_left(api) {
            gauge!("vanta_mcp_upstream_budget_left", "api" => api.as_str())
                .set(u32::try_from(left).unwrap_or(u32::MAX));
        }
        if let Some(TokenState::Held { age, expires_in, .. }) = clients.token_state(api) {
            gauge!("vanta_mcp_token_age_seconds", "api" => api.as_str()).set(age);
            gauge!("vanta_mcp_token_expires_seconds", "api" => api.as_str()).set(expires_in);
        }
    }
}
