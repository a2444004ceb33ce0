//! How a request is refused before it is a call: a status, a sentence, and where it helps when to come again.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use serde_json::json;

use crate::callers::Rejection;
use crate::transport::weight::TOO_HEAVY;

/// When to come again if a token could not be checked, in seconds.
const UNCHECKED_RETRY: u32 = 15;

/// Why a request goes no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HttpRefusal {
    /// Nothing is served there.
    NoSuchPath,
    /// The server is not addressed by one of its names: what DNS rebinding looks like.
    Host,
    /// A web page that is not allowed to call.
    Origin,
    /// No token, or one that is not known; holds the challenge.
    Unauthenticated { challenge: HeaderValue, rejection: Rejection },
    /// A good token that grants too little; holds the challenge.
    NotGranted { challenge: HeaderValue, sentence: String },
    /// Whether the token is good cannot be found out now.
    Unchecked,
    /// There is no such session, or it is somebody else's: the two look alike from outside.
    NoSession,
    /// The body is longer than is read.
    TooLarge,
    /// The message holds more than any needs.
    TooHeavy,
    /// The body did not come in time.
    TooSlow,
    /// The body broke off.
    Broken,
    /// One caller has as many sessions, connections or calls under way as it may.
    TooMany { of: &'static str, retry: u32 },
    /// The server as a whole has no room.
    Full { of: &'static str, retry: u32 },
    /// What was sent is no message.
    NoMessage { problem: String },
}

impl HttpRefusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchPath | Self::NoSession => StatusCode::NOT_FOUND,
            Self::Host | Self::Origin | Self::NotGranted { .. } => StatusCode::FORBIDDEN,
            Self::Unauthenticated { .. } => StatusCode::UNAUTHORIZED,
            Self::TooLarge | Self::TooHeavy => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken | Self::NoMessage { .. } => StatusCode::BAD_REQUEST,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Full { .. } | Self::Unchecked => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::NoSuchPath => "nothing is served here; MCP is at /mcp".to_owned(),
            Self::Host => {
                "this server is not called by that name; its operator can add it with --allow-host".to_owned()
            }
            Self::Origin => {
                "pages of that origin may not call; the operator can allow it with --allow-origin".to_owned()
            }
            // Many clients show this sentence and not the status.
            Self::Unauthenticated { rejection, .. } => format!("unauthorized: {rejection}"),
            Self::NotGranted { sentence, .. } => sentence.clone(),
            Self::Unchecked => Rejection::Unavailable.to_string(),
            Self::NoSession => "there is no such session; initialize again".to_owned(),
            Self::TooLarge => format!("the message is longer than {} MiB", super::bounds::MOST >> 20),
            Self::TooHeavy => TOO_HEAVY.to_owned(),
            Self::TooSlow => "the message did not come in time".to_owned(),
            Self::Broken => "the message broke off".to_owned(),
            Self::TooMany { of, .. } => format!("you have as many {of} as one caller may; nothing was done"),
            Self::Full { of, .. } => format!("the server has as many {of} as it can hold; nothing was done"),
            Self::NoMessage { problem } => problem.clone(),
        }
    }
}

impl HttpRefusal {
    /// The answer to whom the door did not let in.
    pub(super) fn at_the_door(self) -> Response<Body> {
        tracing::info!(refusal = ?self, "refused at the door");
        self.into_response()
    }
}

impl IntoResponse for HttpRefusal {
    fn into_response(self) -> Response<Body> {
        let status = self.status();
        // JSON-RPC has no better place for what happens below it, and clients show the message.
        let error =
            json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -32600, "message": self.sentence() } });
        let mut response = Response::new(Body::from(error.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match self {
            Self::TooMany { retry, .. } | Self::Full { retry, .. } => {
                headers.insert(RETRY_AFTER, HeaderValue::from(retry));
            }
            Self::Unchecked => {
                headers.insert(RETRY_AFTER, HeaderValue::from(UNCHECKED_RETRY));
            }
            Self::Unauthenticated { challenge, .. } | Self::NotGranted { challenge, .. } => {
                headers.insert(WWW_AUTHENTICATE, challenge);
            }
            _ => {}
        }
        response
    }
}

/// The answer on every other path.
pub(super) async fn no_such_path() -> Response<Body> {
    HttpRefusal::NoSuchPath.into_response()
}
