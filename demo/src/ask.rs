//! One request to the demo tenant and one reply of it, apart from HTTP.
//!
//! The simulated APIs are plain functions from an [`Ask`] to a [`Reply`], so
//! that what they do can be read and tested without a socket.

use axum::body::Bytes;
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
    /// The files of a multipart body; `body` has a summary of each under its part's name.
    pub(super) files: Vec<File>,
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

    /// The file that came as this part of a multipart body, or 422.
    pub(super) fn file(&self, part: &str) -> Result<&File, Reply> {
        let found = self.files.iter().find(|file| file.part == part);
        found.ok_or_else(|| Reply::error(422, format!("{part} must be a file")))
    }

    /// All values of a repeated query parameter; empty where it is absent.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// A file as it was sent, or as it is handed out.
#[derive(Clone)]
pub(super) struct File {
    /// The name of its part in the multipart body; empty in a reply.
    pub(super) part: String,
    /// `report.pdf`
    pub(super) name: String,
    /// `application/pdf`
    pub(super) mime: String,
    pub(super) content: Bytes,
}

/// What a simulated API answers.
pub(super) enum Reply {
    /// A status with a JSON body.
    Json(u16, Value),
    /// A status without a body: 202, 204.
    Empty(u16),
    /// 200 with a file's content.
    File(Box<File>),
}

impl Reply {
    /// 200 with a body.
    pub(super) fn ok(body: Value) -> Self {
        Self::Json(200, body)
    }

    /// Status and body, for tests; of a file its size in bytes.
    #[cfg(test)]
    pub(super) fn parts(self) -> (u16, Value) {
        match self {
            Self::Json(status, body) => (status, body),
            Self::Empty(status) => (status, Value::Null),
            Self::File(file) => (200, Value::from(file.content.len())),
        }
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
