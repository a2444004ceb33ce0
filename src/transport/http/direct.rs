//! The short way: a read of 2026-07-28 that asks for nothing but its answer.
//!
//! Most calls are of this kind, and each stands alone: there is no session to
//! find, nothing to notify, nobody to ask. rmcp builds a service with tasks and
//! channels for each; here the tool is run and its result written. Whatever is
//! in the least unlike what is expected goes the usual way, which also says
//! what is wrong with it.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use axum::http::{HeaderMap, Response};
use rmcp::model::{ClientCapabilities, Implementation, NumberOrString, ServerJsonRpcMessage, ServerResult};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::server::{Principal, Server};

/// The revision whose requests stand alone.
const REVISION: &str = "2026-07-28";

/// A call, and nothing that is not written here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message<'m> {
    #[serde(borrow)]
    jsonrpc: Cow<'m, str>,
    id: NumberOrString,
    #[serde(borrow)]
    method: Cow<'m, str>,
    #[serde(borrow)]
    params: Params<'m>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params<'m> {
    #[serde(borrow)]
    name: Cow<'m, str>,
    #[serde(default)]
    arguments: Map<String, Value>,
    #[serde(borrow, rename = "_meta")]
    meta: Meta<'m>,
}

/// What each request says of its client. Anything else, a token for progress or a trace, goes the usual way.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Meta<'m> {
    #[serde(borrow, rename = "io.modelcontextprotocol/protocolVersion")]
    revision: Cow<'m, str>,
    #[serde(rename = "io.modelcontextprotocol/clientCapabilities")]
    _capabilities: ClientCapabilities,
    #[serde(default, rename = "io.modelcontextprotocol/clientInfo")]
    _info: Option<Implementation>,
}

/// The answer to a POST, where it is one for the short way.
pub(super) async fn answer(
    server: &Server,
    principal: &Principal,
    (path, headers): (&str, &HeaderMap),
    body: &[u8],
) -> Option<Response<Body>> {
    if path != "/mcp" || only(headers, "mcp-protocol-version")? != REVISION {
        return None;
    }
    let Message { jsonrpc, id, method, params } = serde_json::from_slice(body).ok()?;
    let expected = jsonrpc == "2.0"
        && method == "tools/call"
        && params.meta.revision == REVISION
        && only(headers, "mcp-method")? == "tools/call"
        && only(headers, "mcp-name")? == params.name
        && only(headers, CONTENT_TYPE.as_str())? == "application/json"
        && takes_both(only(headers, ACCEPT.as_str())?)
        && !headers.contains_key("last-event-id")
        && headers.keys().all(|name| !name.as_str().starts_with("mcp-param-"));
    if !expected {
        return None;
    }
    let result = server.read(principal, &params.name, Value::Object(params.arguments)).await?;
    let message = ServerJsonRpcMessage::response(ServerResult::CallToolResult(result), id);
    let mut response = Response::new(Body::from(serde_json::to_vec(&message).ok()?));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Some(response)
}

/// The value of a header that is there once.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() { None } else { first.to_str().ok() }
}

/// Whether a client takes either form of an answer, as the specification asks of it.
fn takes_both(accepted: &str) -> bool {
    accepted.contains("application/json") && accepted.contains("text/event-stream")
}
