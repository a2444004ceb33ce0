//! What is wrong with a request to `/mcp`, in words of our own: rmcp refuses some of it in a bare line of text, and some
//! of it that clients send is harmless.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, Method};
use rmcp::model::ProtocolVersion;

use super::accept::Accepted;
use super::refusal::HttpRefusal;
use crate::transport::malformed::before_initialize;
use crate::transport::message::Envelope;

/// The header that names a session of Streamable HTTP.
pub(super) static SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

static VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");

/// Looks at the head of a POST.
pub(super) fn of_post(headers: &HeaderMap) -> Result<(), HttpRefusal> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split_once(';').map_or(kind, |(kind, _)| kind);
    if kind.trim().eq_ignore_ascii_case("application/json") { Ok(()) } else { Err(HttpRefusal::NotJson) }
}

/// Looks at what a message says of the protocol. On `initialize` the header says nothing: the body does, and what comes
/// after it follows from the answer.
pub(super) fn of_message(headers: &mut HeaderMap, message: &Envelope<'_>) -> Result<(), HttpRefusal> {
    let then = " and pass the `Mcp-Session-Id` of its answer with everything that follows";
    if message.begins_session() {
        headers.remove(&VERSION);
        let is_whole = message.is_whole_initialize();
        return if is_whole {
            Ok(())
        } else {
            Err(HttpRefusal::Protocol(before_initialize(message.method(), then)))
        };
    }
    if let Some(revision) = message.revision() {
        // The two have to be the same, which rmcp looks at.
        let is_told = headers.get(&VERSION).is_some_and(|told| revision.as_str().is_some_and(|r| told == r));
        return if is_told { of_version(headers) } else { Ok(()) };
    }
    of_version(headers)?;
    let stands_alone = headers.get(&VERSION).is_some_and(|version| {
        let known = ProtocolVersion::KNOWN_VERSIONS
            .iter()
            .find(|known| version.as_bytes() == known.as_str().as_bytes());
        known.is_some_and(|known| !known.has_initialize())
    });
    if headers.contains_key(&SESSION) || stands_alone || message.is("server/discover") {
        return Ok(());
    }
    Err(HttpRefusal::Protocol(before_initialize(message.method(), then)))
}

/// Looks at a request that brings no message: the stream of a session, or its end.
pub(super) fn of_session(method: &Method, headers: &HeaderMap) -> Result<(), HttpRefusal> {
    if !matches!(*method, Method::GET | Method::DELETE) {
        return Ok(());
    }
    if *method == Method::GET && !Accepted::of(headers).events.is_taken() {
        let sentence = "a GET opens a stream of events: send `Accept: text/event-stream`";
        return Err(HttpRefusal::NotAcceptable { sentence });
    }
    of_version(headers)
}

/// A revision that is not known is not spoken by mistake.
fn of_version(headers: &HeaderMap) -> Result<(), HttpRefusal> {
    let Some(version) = headers.get(&VERSION) else { return Ok(()) };
    let known = ProtocolVersion::KNOWN_VERSIONS;
    if known.iter().any(|known| known.as_str().as_bytes() == version.as_bytes()) {
        return Ok(());
    }
    Err(HttpRefusal::UnknownVersion { asked: String::from_utf8_lossy(version.as_bytes()).into_owned() })
}
