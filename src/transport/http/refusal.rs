//! How a request is refused before it is a call: a status, a JSON-RPC error, and where it helps when to come again.

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use rmcp::model::{ErrorCode, ErrorData, ProtocolVersion, RequestId};
use serde_json::{Map, Value, json};

use crate::callers::Rejection;
use crate::transport::malformed::MalformedMessage;
use crate::transport::weight::TOO_HEAVY;

/// When to come again if a token could not be checked, in seconds.
const UNCHECKED_RETRY: u32 = 15;

/// The longest sentence of somebody else's that is passed on, in bytes.
const LONGEST: usize = 4 << 10;

/// Why a request goes no further.
#[derive(Debug, Clone, PartialEq)]
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
    NoMessage(MalformedMessage),
    /// What was sent is not said to be JSON.
    NotJson,
    /// There is no form of the answer that the caller takes.
    NotAcceptable { sentence: &'static str },
    /// The protocol version is none that is served.
    UnknownVersion { asked: String },
    /// A message that comes at the wrong time, or begins a session the wrong way.
    Protocol(ErrorData),
    /// The call has ended without an answer.
    Unanswered,
}

impl HttpRefusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchPath | Self::NoSession => StatusCode::NOT_FOUND,
            Self::Host | Self::Origin | Self::NotGranted { .. } => StatusCode::FORBIDDEN,
            Self::Unauthenticated { .. } => StatusCode::UNAUTHORIZED,
            Self::TooLarge | Self::TooHeavy => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken | Self::NoMessage(_) | Self::UnknownVersion { .. } | Self::Protocol(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotAcceptable { .. } => StatusCode::NOT_ACCEPTABLE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Full { .. } | Self::Unchecked | Self::Unanswered => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The error as JSON-RPC has it.
    fn error(&self) -> ErrorData {
        let sentence = match self {
            Self::NoMessage(malformed) => return malformed.error(),
            Self::Protocol(error) => return error.clone(),
            Self::UnknownVersion { asked } => return unknown_version(asked),
            Self::NoSuchPath => "unknown path; MCP is served at /mcp".to_owned(),
            Self::Host => {
                "the host name in the Host header is not accepted; the operator can add it with \
                 --allow-host".to_owned()
            }
            Self::Origin => {
                "web pages of this origin are not allowed to call; the operator can allow the origin with \
                 --allow-origin".to_owned()
            }
            // Many clients show this sentence and not the status.
            Self::Unauthenticated { rejection, .. } => format!("unauthorized: {rejection}"),
            Self::NotGranted { sentence, .. } => sentence.clone(),
            Self::Unchecked => Rejection::Unavailable.to_string(),
            Self::NoSession => "unknown session; initialize again".to_owned(),
            Self::TooLarge => format!("the message is longer than {} MiB", super::bounds::MOST >> 20),
            Self::TooHeavy => TOO_HEAVY.to_owned(),
            Self::TooSlow => "the message did not arrive in time".to_owned(),
            Self::Broken => "the message is incomplete".to_owned(),
            Self::TooMany { of, retry } => {
                format!("too many {of} for one caller; nothing was done; try again in {retry} s")
            }
            Self::Full { of, retry } => {
                format!("the server has no room for more {of}; nothing was done; try again in {retry} s")
            }
            Self::NotJson => "the message must be JSON: send `Content-Type: application/json`".to_owned(),
            Self::NotAcceptable { sentence } => (*sentence).to_owned(),
            Self::Unanswered => {
                "the call ended without an answer: it was cancelled, its token is no longer valid, or the server is \
                 stopping"
                    .to_owned()
            }
        };
        ErrorData::new(code(self.status()), sentence, None)
    }

    /// The answer to whom the door did not let in.
    pub(super) fn at_the_door(self) -> Response<Body> {
        tracing::info!(refusal = ?self, "request refused");
        self.into_response()
    }

    /// The answer to the request of this name, as far as it is known.
    pub(super) fn answering(self, id: Option<&RequestId>) -> Response<Body> {
        let named = if let Self::NoMessage(malformed) = &self { malformed.id.as_ref() } else { id };
        let mut response = error_response(self.status(), &self.error(), named);
        let headers = response.headers_mut();
        match &self {
            Self::TooMany { retry, .. } | Self::Full { retry, .. } => {
                headers.insert(RETRY_AFTER, HeaderValue::from(*retry));
            }
            Self::Unchecked => {
                headers.insert(RETRY_AFTER, HeaderValue::from(UNCHECKED_RETRY));
            }
            Self::Unauthenticated { challenge, .. } | Self::NotGranted { challenge, .. } => {
                headers.insert(WWW_AUTHENTICATE, challenge.clone());
            }
            _ => {}
        }
        response
    }
}

impl IntoResponse for HttpRefusal {
    /// The answer without the request's name, which whoever knows it can still put in: see [`named`].
    fn into_response(self) -> Response<Body> {
        let mut response = self.clone().answering(None);
        response.extensions_mut().insert(self);
        response
    }
}

/// The same answer; a refusal as a JSON-RPC error, whoever made it, and with the name of the request that it answers.
pub(super) async fn named(mut response: Response<Body>, id: Option<&RequestId>) -> Response<Body> {
    if let Some(refusal) = response.extensions_mut().remove::<HttpRefusal>() {
        return if id.is_some() { refusal.answering(id) } else { response };
    }
    let status = response.status();
    let told = response.headers().get(CONTENT_TYPE);
    let is_json = told.is_some_and(|told| told.as_bytes().starts_with(b"application/json"));
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    if is_json {
        return with_id(response, id).await;
    }
    let (mut head, body) = response.into_parts();
    let said = axum::body::to_bytes(body, LONGEST).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let sentence = match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            "this method is not supported at this path; `Allow` lists the supported ones"
        }
        // What went wrong inside is for the log.
        status if status.is_server_error() => "the server failed to answer; its log says why",
        _ if said.trim().is_empty() => status.canonical_reason().unwrap_or("the request was refused"),
        _ => said.trim(),
    };
    let error = ErrorData::new(code(status), sentence.to_owned(), None);
    let spoken = error_response(status, &error, id);
    head.headers.remove(CONTENT_LENGTH);
    head.headers.extend(spoken.headers().clone());
    Response::from_parts(head, spoken.into_body())
}

/// The same error with an `id`, which JSON-RPC asks for also where it is not known: rmcp leaves it out there.
async fn with_id(response: Response<Body>, id: Option<&RequestId>) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    // It is in memory already.
    let said = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut error: Map<String, Value> = match serde_json::from_slice(&said) {
        Ok(Value::Object(error)) if !error.contains_key("id") => error,
        _ => return Response::from_parts(head, Body::from(said)),
    };
    error.insert("id".to_owned(), json!(id));
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, Body::from(Value::Object(error).to_string()))
}

/// An error with nothing but its body.
fn error_response(status: StatusCode, error: &ErrorData, id: Option<&RequestId>) -> Response<Body> {
    // JSON-RPC has no better place for what happens below it, and clients show the message.
    let message = json!({ "jsonrpc": "2.0", "id": id, "error": error });
    let mut response = Response::new(Body::from(message.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn code(status: StatusCode) -> ErrorCode {
    if status.is_server_error() { ErrorCode::INTERNAL_ERROR } else { ErrorCode::INVALID_REQUEST }
}

/// As 2026-07-28 has it, with those that are served in its data, and in words for who reads the message alone.
fn unknown_version(asked: &str) -> ErrorData {
    let supported: Vec<&str> = ProtocolVersion::KNOWN_VERSIONS.iter().map(ProtocolVersion::as_str).collect();
    let told = format!(
        "Unsupported protocol version; `MCP-Protocol-Version`, and the version in `_meta`, must be one of {}",
        supported.join(", ")
    );
    let data = json!({ "requested": asked, "supported": supported });
    ErrorData::new(ErrorCode::UNSUPPORTED_PROTOCOL_VERSION, told, Some(data))
}

/// The answer on every other path.
pub(super) async fn no_such_path() -> Response<Body> {
    HttpRefusal::NoSuchPath.into_response()
}
