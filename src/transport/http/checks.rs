//! What is wrong with a request to `/mcp`, in words of our own: rmcp refuses some of it in a bare line of text, and some
//! of it that clients send is harmless.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, Method};
use rmcp::model::{ErrorData, ProtocolVersion};

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
    let then = " and pass the `Mcp-Session-Id` of its answer with every later request";
    if message.begins_session() {
        headers.remove(&VERSION);
        let is_whole = message.is_whole_initialize();
        return if is_whole {
            Ok(())
        } else {
            Err(HttpRefusal::Protocol(before_initialize(message.method(), then)))
        };
    }
    of_version(headers)?;
    let is_part = headers.contains_key(&SESSION) || stands_alone(headers);
    if is_part && headers.contains_key(&VERSION) {
        return Ok(());
    }
    if let Some(revision) = message.revision() {
        // That the two are the same rmcp looks at: a body that names another revision than a known one in the header is
        // a mismatch, known or not.
        let alone = revision.as_str().filter(|_| !headers.contains_key(&VERSION));
        return alone.map_or(Ok(()), |revision| is_served(revision.as_bytes()));
    }
    if is_part || message.is("server/discover") {
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
    of_version(headers)?;
    if headers.contains_key(&SESSION) || stands_alone(headers) {
        return Ok(());
    }
    let told = format!(
        "{method} needs a session: send `initialize` first and pass the `Mcp-Session-Id` of its answer \
         (protocol 2025-11-25 and older)"
    );
    Err(HttpRefusal::Protocol(ErrorData::invalid_request(told, None)))
}

/// Whether the client knows events without a message, which say from where a broken stream can be taken up again. On
/// `initialize` the version is that of the body, later that of the header; who names none is of before there was one.
pub(super) fn knows_priming(headers: &HeaderMap, message: Option<&Envelope<'_>>) -> bool {
    // Versions are dates, which are in order as texts.
    let first = ProtocolVersion::V_2025_11_25;
    match message.filter(|message| message.begins_session()) {
        Some(message) => message.asked_version().is_some_and(|asked| *asked >= *first.as_str()),
        None => headers.get(&VERSION).is_some_and(|told| told.as_bytes() >= first.as_str().as_bytes()),
    }
}

/// Whether the header names a revision whose requests stand alone.
fn stands_alone(headers: &HeaderMap) -> bool {
    let known = headers.get(&VERSION).and_then(|version| known(version.as_bytes()));
    known.is_some_and(|known| !known.has_initialize())
}

fn known(version: &[u8]) -> Option<&'static ProtocolVersion> {
    ProtocolVersion::KNOWN_VERSIONS.iter().find(|known| known.as_str().as_bytes() == version)
}

fn of_version(headers: &HeaderMap) -> Result<(), HttpRefusal> {
    headers.get(&VERSION).map_or(Ok(()), |version| is_served(version.as_bytes()))
}

/// A revision that is not known is not spoken by mistake.
fn is_served(version: &[u8]) -> Result<(), HttpRefusal> {
    if known(version).is_some() {
        return Ok(());
    }
    Err(HttpRefusal::UnknownVersion { asked: String::from_utf8_lossy(version).into_owned() })
}
