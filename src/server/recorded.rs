//! Reading a single thing at its address: a call like any other, told as a resource.

use rmcp::model::{ErrorData, ReadResourceResult, ResourceContents};
use serde_json::{Value, json};

use super::contents::{JSON, kept};
use super::identity;
use super::listing::Hints;
use super::records::Record;
use super::run::{CallEnding, Reply, Unanswered};
use super::serving::Server;
use crate::call::Context;
use crate::tools::Offer;

/// Reads a record by its tool.
pub(super) async fn read(
    server: &Server,
    cx: &Context,
    offer: &Offer,
    record: &Record,
    arguments: Value,
    uri: &str,
) -> Result<Reply, ErrorData> {
    if let Some(reason) = offer.why_not(record.tool) {
        let told = format!("{uri} cannot be read here: {reason}");
        return Err(ErrorData::resource_not_found(told, Some(json!({ "uri": uri }))));
    }
    server.call(cx, record.tool, arguments).await.map_err(|unanswered| match unanswered {
        Unanswered::NoSuchTool(problem) => ErrorData::invalid_params(problem, None),
        Unanswered::Cancelled => ErrorData::internal_error("cancelled", None),
    })
}

/// What was read, as it is told: the tool's answer as JSON, or what went wrong as an error of the protocol.
pub(super) fn answer(reply: Reply, uri: &str, hints: Hints) -> Result<ReadResourceResult, ErrorData> {
    let told = |problem: String| format!("{uri} was not read. {problem}");
    let at = Some(json!({ "uri": uri }));
    let cost = identity::cost(&reply.spent);
    let ending = reply.ran.map_or(CallEnding::Refused, |ran| ran.ending);
    match reply.said {
        Ok(answer) => {
            let content = ResourceContents::text(answer.text, uri).with_mime_type(JSON);
            // What it is about changes in Vanta at any time.
            let mut result = kept(ReadResourceResult::new(vec![content]), 0, hints);
            result.meta = cost;
            Ok(result)
        }
        Err(problem) => Err(match ending {
            CallEnding::Missing => ErrorData::resource_not_found(told(problem), at),
            CallEnding::Refused => ErrorData::invalid_params(told(problem), at),
            CallEnding::Done | CallEnding::Failed => ErrorData::internal_error(told(problem), at),
        }),
    }
}
