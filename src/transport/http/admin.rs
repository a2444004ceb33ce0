//! What those who run the server may ask it: whether it lives, whether it is ready, and its counts.
//!
//! It listens at an address of its own, without tokens: nothing here tells more
//! than numbers, names of settings and kinds of errors. Those are for this machine alone unless the operator says
//! otherwise, so pages that a browser here has open must not read them either.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;

use super::connections::Connections;
use super::door::Door;
use super::sessions::Sessions;
use super::settings::Reach;
use crate::callers::Callers;
use crate::callers::tokens::TokenFileState;
use crate::server::Server;

/// Connections at once: a probe or two and a scraper.
pub(super) const CONNECTIONS: usize = 64;

/// How often counts that nobody reads are brought together, so that they do not pile up.
const UPKEEP: Duration = Duration::from_secs(5);

/// What the routes answer from.
#[derive(Clone)]
pub(super) struct Admin {
    /// None where any name will do.
    pub(super) door: Option<Arc<Door>>,
    pub(super) handle: PrometheusHandle,
    pub(super) server: Server,
    pub(super) callers: Arc<Callers>,
    pub(super) sessions: Arc<Sessions>,
    pub(super) connections: Arc<Connections>,
    /// Cancelled when the server is asked to end.
    pub(super) stop: CancellationToken,
}

impl Admin {
    /// The door of an address: who reaches it by which name.
    pub(super) fn door(address: SocketAddr, reach: Reach) -> Option<Arc<Door>> {
        (reach == Reach::ThisMachine).then(|| Arc::new(Door::new(address, Vec::new(), &[])))
    }

    pub(super) fn routes(self) -> Router {
        let door = self.door.clone();
        let routes = Router::new()
            .route("/healthz", get(async || "alive\n"))
            .route("/readyz", get(ready))
            .route("/metrics", get(counts))
            .fallback(async || {
                (StatusCode::NOT_FOUND, "only /healthz, /readyz and /metrics are served here\n")
            })
            .with_state(self);
        match door {
            None => routes,
            Some(door) => routes.layer(middleware::from_fn_with_state(door, only_its_own_names)),
        }
    }

    /// Keeps the counts small until it is dropped.
    pub(super) async fn keep_up(handle: PrometheusHandle) {
        let mut ticks = tokio::time::interval(UPKEEP);
        loop {
            ticks.tick().await;
            handle.run_upkeep();
        }
    }
}

/// A hostile site's page can reach this machine under the site's name, by DNS rebinding.
async fn only_its_own_names(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    if let Err(refusal) = door.admits(request.headers()) {
        tracing::info!(?refusal, "refused at the admin address");
        let told =
            "requests must use a host name and an origin of this machine, unless --admin-open is set\n";
        return (StatusCode::FORBIDDEN, told).into_response();
    }
    next.run(request).await
}

/// Once the server is asked to end it is not to be sent anything new. A mistake in the file of tokens is told and takes
/// nothing from those whose entries are right, so it is no reason to send them nowhere.
async fn ready(State(admin): State<Admin>) -> impl IntoResponse {
    let mut readiness = admin.server.offer().readiness().await;
    if admin.stop.is_cancelled() {
        readiness.refuse("the server is stopping");
    }
    if let Some(state) = admin.callers.file_state().filter(|state| *state != TokenFileState::Whole) {
        readiness.warn(state.to_string());
    }
    let status = if readiness.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness))
}

async fn counts(State(admin): State<Admin>) -> impl IntoResponse {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    metrics::gauge!("vanta_mcp_sessions").set(number(admin.sessions.count().await));
    metrics::gauge!("vanta_mcp_http_connections").set(number(admin.connections.count()));
    admin.server.observe();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], admin.handle.render())
}
