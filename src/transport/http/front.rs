//! The way of a request: counted, looked at by the door, admitted, and led to what answers it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::Uri;
use axum::response::Response;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_http::cors::CorsLayer;

use super::admission::Admission;
use super::answers::{Answers, routed};
use super::connections::Place;
use super::door::Door;
use super::measure::Counted;
use super::refusal;

/// All that is served at the address. Cloning is cheap.
///
/// It is no stack of layers, since each of those costs every request a box and a copy of all that is below it.
#[derive(Clone)]
pub(super) struct Front(Arc<Rooms>);

struct Rooms {
    door: Door,
    /// For the pages of origins that the operator named; none where none is named.
    cors: Option<CorsLayer>,
    admission: Admission,
    /// What is for those who are admitted.
    mcp: Router,
    /// Where that is.
    paths: &'static [&'static str],
    /// What everybody may read, and the answer on every other path.
    open: Router,
}

impl Rooms {
    /// Clients and people write addresses with a slash at the end, and mean the same.
    fn without_last_slash(&self, mut request: Request) -> Request {
        let uri = request.uri();
        let meant = uri.path().strip_suffix('/').filter(|path| self.paths.contains(path));
        let Some(path) = meant else { return request };
        let path = match uri.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = path.parse().ok();
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
        request
    }
}

impl Front {
    pub(super) fn new(
        door: Door,
        admission: Admission,
        mcp: Router,
        paths: &'static [&'static str],
        open: Router,
    ) -> Self {
        let cors = door.cors();
        Self(Arc::new(Rooms { door, cors, admission, mcp, paths, open }))
    }

    async fn beyond_the_door(self, request: Request, place: Arc<Place>) -> Response {
        let rooms = &self.0;
        if rooms.paths.contains(&request.uri().path()) {
            rooms.admission.admit(request, &place, &rooms.mcp).await
        } else {
            routed(&rooms.open, request).await
        }
    }
}

impl Answers for Front {
    async fn answer(self, request: Request, place: Arc<Place>) -> Response {
        let request = self.0.without_last_slash(request);
        let counted = Counted::of(&request);
        let response = match (self.0.door.admits(request.headers()), &self.0.cors) {
            (Err(refusal), _) => refusal.at_the_door(),
            (Ok(()), None) => self.beyond_the_door(request, place).await,
            (Ok(()), Some(cors)) => {
                let front = self.clone();
                let inside = move |request| {
                    let (front, place) = (front.clone(), Arc::clone(&place));
                    async move { Ok::<_, Infallible>(front.beyond_the_door(request, place).await) }
                };
                let answered = cors.layer(service_fn(inside)).oneshot(request).await;
                answered.unwrap_or_else(|never| match never {})
            }
        };
        let response = refusal::named(response, None).await;
        counted.answered(&response);
        response
    }
}
