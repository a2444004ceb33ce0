//! One request to the demo tenant and one reply of it, apart from HTTP.
//!
//! The simulated APIs are plain functions from an [`Ask`] to a [`Reply`], so
//! that what they do can be read and tested without a socket.

use serde_json::{Value, json};

/// A request as a simulated API sees it: decoded, authenticated, in one piece.
pub(super) struct Ask {
    /// `GET`, `POST`, `PATCH`, `PUT` or `DELETE`.
    pub(super) method: String,
    /// The path below the origin, split at `/` and percent-decoded: `["v1", "controls"]`.
    pub(super) path: Vec<String>,
    /// The query in order, decoded; a repeated key is an array parameter.
    pub(super) query: Vec<(String, String)>,
    /// The JSON body, `Null` where there was none.
    pub(super) body: Value,
    /// The time at which the tenant answers.
    pub(super) now: jiff::Timestamp,
}

impl Ask {
    /// Method and path in the form that a `match` wants: `("GET", ["v1", "controls", id])`.
    pub(super) fn route(&self) -> (&str, Vec<&str>) {
        (self.method.as_str(), self.path.iter().map(String::as_str).collect())
    }

    /// The first value of a query parameter.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a repeated query parameter; empty where it is absent.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// What a simulated API answers.
pub(super) enum Reply {
    /// A status with a JSON body.
    Json(u16, Value),
    /// A status without a body: 202, 204.
    Empty(u16),
}

impl Reply {
    /// 200 with a body.
    pub(super) fn ok(body: Value) -> Self {
        Self::Json(200, body)
    }

    /// An error in the form that Vanta gives it.
    pub(super) fn error(status: u16, message: impl Into<String>) -> Self {
        Self::Json(status, json!({ "message": message.into() }))
    }

    /// 404 for one thing, named.
    pub(super) fn not_found(what: &str, id: &str) -> Self {
        Self::error(404, format!("{what} with id {id} was not found"))
    }
}
