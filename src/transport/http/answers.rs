//! Who answers requests.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use tower::ServiceExt as _;

use super::connections::Place;

/// The largest alignment of a future that each request has on the heap, in bytes. One that has a timer in it needs more,
/// and to make room for that takes several times as long.
pub(super) const ALIGNMENT: usize = 16;

/// What answers the requests of connections.
pub(super) trait Answers: Clone + Send + Sync + 'static {
    /// The answer to one request, which came on this connection.
    fn answer(self, request: Request, place: Arc<Place>) -> impl Future<Output = Response> + Send;
}

impl Answers for Router {
    async fn answer(self, request: Request, _: Arc<Place>) -> Response {
        routed(&self, request).await
    }
}

/// The answer of a route.
pub(super) async fn routed(routes: &Router, request: axum::http::Request<Body>) -> Response {
    routes.clone().oneshot(request).await.unwrap_or_else(|never| match never {})
}
