//! What is counted of requests over HTTP, and how counts are read.

use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use thiserror::Error;

use crate::api::{begin_to_count, is_counted};

/// Bounds of the groups that durations are counted in, in seconds: from an answer out of memory to the longest call.
const SECONDS: [f64; 13] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];

/// Counting could not begin.
#[derive(Debug, Error)]
#[error("metrics could not be set up: {0}")]
pub struct RecorderError(String);

/// Begins to count, for the whole process.
///
/// # Errors
/// Something counts already.
pub(super) fn install() -> Result<PrometheusHandle, RecorderError> {
    let builder =
        PrometheusBuilder::new().set_buckets(&SECONDS).map_err(|error| RecorderError(error.to_string()))?;
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|error| RecorderError(error.to_string()))?;
    begin_to_count();
    describe();
    metrics::gauge!("vanta_mcp_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
    Ok(handle)
}

fn describe() {
    describe_gauge!("vanta_mcp_build_info", "The running version");
    describe_counter!("vanta_mcp_http_requests_total", "Requests by route, method and status");
    describe_gauge!("vanta_mcp_http_connections", "Open connections");
    describe_gauge!("vanta_mcp_sessions", "Open sessions of all callers");
    describe_counter!(
        "vanta_mcp_tool_calls_total",
        "Tool calls by tool and outcome: done, failed, refused, cancelled"
    );
    describe_histogram!("vanta_mcp_tool_call_seconds", Unit::Seconds, "Duration of tool calls by effect");
    describe_gauge!("vanta_mcp_calls_under_way", "Tool calls in progress");
    describe_histogram!(
        "vanta_mcp_wait_seconds",
        Unit::Seconds,
        "Time that calls wait for their turn or for a token"
    );
    describe_counter!("vanta_mcp_upstream_requests_total", "Requests to upstreams by API and outcome");
    describe_histogram!(
        "vanta_mcp_upstream_request_seconds",
        Unit::Seconds,
        "Time until an upstream's answer begins, by API"
    );
    describe_gauge!(
        "vanta_mcp_upstream_budget_left",
        "Requests that this process has left of an API's documented limit per minute"
    );
    describe_counter!("vanta_mcp_token_requests_total", "Token requests to upstreams by outcome");
    describe_gauge!("vanta_mcp_token_age_seconds", "Age of an API's token");
    describe_gauge!("vanta_mcp_token_expires_seconds", "Time until an API's token expires");
}

/// A request that is to be counted, whatever becomes of it; nothing where nobody counts.
pub(super) struct Counted(Option<(&'static str, &'static str)>);

impl Counted {
    pub(super) fn of(request: &Request) -> Self {
        Self(is_counted().then(|| (route(request.uri().path()), method(request.method()))))
    }

    pub(super) fn answered(self, response: &Response) {
        let Some((route, method)) = self.0 else { return };
        let status = response.status().as_u16().to_string();
        counter!("vanta_mcp_http_requests_total", "route" => route, "method" => method, "status" => status)
            .increment(1);
    }
}

/// A route's name; all others share one, since a path is a caller's choice.
fn route(path: &str) -> &'static str {
    match path {
        "/mcp" => "/mcp",
        "/sse" => "/sse",
        "/messages" => "/messages",
        path if path.starts_with("/.well-known/oauth-protected-resource") => "metadata",
        _ => "other",
    }
}

fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
