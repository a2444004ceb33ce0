//! From a response to an answer.

use serde_json::Value;

use super::form::AnswerStyle;
use super::object::Answer;
use super::{flat, mended, tree};
use crate::api::{Cause, Response};
use crate::catalog::Operation;

/// Makes an answer of a successful response, in the form that is wanted where the arguments ask for none.
///
/// # Errors
/// The body is not what a success of this operation has: no JSON, or the Panel's `ok` that is not `true`.
pub fn read(
    operation: &'static Operation,
    arguments: &Value,
    form: AnswerStyle,
    mut response: Response,
) -> Result<Answer, Cause> {
    let form = form.of(operation, arguments);
    let flat = response.body().and_then(|body| flat::page(operation, arguments, form, body));
    if let Some(answer) = flat {
        return Ok(answer);
    }
    match tree::read(operation, arguments, form, &mut response, None) {
        // One bad string should not hide all else, least of all what a change answered.
        Err(problem @ (Cause::BrokenJson { .. } | Cause::NotJson { .. })) => match response.mend() {
            Some(places) => {
                tree::read(operation, arguments, form, &mut response, mended::told(operation, &places))
            }
            None => Err(problem),
        },
        read => read,
    }
}
