//! What is told of each call to those who run the server: counts, durations, and a span of a trace.

use std::time::{Duration, Instant};

use metrics::{counter, gauge, histogram};

use super::serving::Server;
use super::trace::Span;
use crate::api::{TokenState, is_counted};
use crate::call::Context;
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
    span: Option<Span>,
    outcome: Outcome,
}

impl Measured {
    pub(super) fn begin(tool: Option<Tool>, cx: &Context) -> Self {
        if is_counted() {
            gauge!("vanta_mcp_calls_under_way").increment(1);
        }
        let (name, effect) = (tool.map_or("unknown", Tool::name), tool.map(Tool::effect));
        let principal = cx.principal.name();
        let named = principal.filter(|_| tracing::enabled!(tracing::Level::INFO));
        Self {
            tool: name,
            effect,
            principal: named.map(str::to_owned),
            begun: Instant::now(),
            span: Span::begin(name, effect, cx),
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
        if let Some(span) = self.span.take() {
            span.end(self.outcome == Outcome::Done, outcome);
        }
    }
}

impl Server {
    /// Sets the gauges of what is true at this moment, for whoever is about to read them: budgets and tokens of the
    /// upstreams.
    pub fn observe(&self) {
        let clients = self.offer().profile();
        for api in Api::ALL {
            for left in clients.budget_left(api) {
                let api = api.as_str();
                let gauge = if let Some(tool) = left.operation {
                    gauge!("vanta_mcp_upstream_budget_left", "api" => api, "tool" => tool)
                } else {
                    gauge!("vanta_mcp_upstream_budget_left", "api" => api)
                };
                gauge.set(left.requests);
            }
            if let Some(TokenState::Held { age, expires_in, .. }) = clients.token_state(api) {
                gauge!("vanta_mcp_token_age_seconds", "api" => api.as_str()).set(age);
                gauge!("vanta_mcp_token_expires_seconds", "api" => api.as_str()).set(expires_in);
            }
        }
    }
}
