//! From a response to an answer.

use serde_json::Value;

use super::object::Answer;
use super::{flat, tree};
use crate::api::{Cause, Response};
use crate::catalog::Operation;

/// Makes an answer of a successful response.
///
/// # Errors
/// The body is not what a success of this operation has: no JSON, or the Panel's `ok` that is not `true`.
pub fn read(operation: &'static Operation, arguments: &Value, response: Response) -> Result<Answer, Cause> {
    let flat = response.body().and_then(|body| flat::page(operation, arguments, body));
    match flat {
        Some(text) => Ok(Answer::of_text(text)),
        None => tree::read(operation, arguments, response),
    }
}
