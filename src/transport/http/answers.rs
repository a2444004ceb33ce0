//! Who answers requests.

use std::future::Future;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use tower::ServiceExt as _;

/// The largest alignment of a future that each request has on the heap, in bytes. One that has a timer in it needs more,
/// and to make room for that takes several times as long.
pub(super) const ALIGNMENT: usize = 16;

/// What answers the requests of connections.
pub(super) trait Answers: Clone + Send + Sync + 'static {
    /// The answer to one request.
    fn answer(self, request: Request) -> impl Future<Output = Response> + Send;
}

impl Answers for Router {
    async fn answer(self, request: Request) -> Response {
        self.oneshot(request).await.unwrap_or_else(|never| match never {})
    }
}

/// The answer of a route.
pub(super) async fn routed(routes: &Router, request: axum::http::Request<Body>) -> Response {
    routes.clone().answer(request).await
}
