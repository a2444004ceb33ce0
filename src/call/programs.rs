//! A program that is run on the items of a list.

use serde_json::Value;
use serde_json::value::RawValue;

use super::CallError;
use crate::answer::{Answer, Collected};
use crate::api::{Cause, Failure};
use crate::catalog::Operation;
use crate::program::{Interpreter, Reshaped};

/// How many items show what the program was given, where it did not work.
const SAMPLES: usize = 2;

/// How much of each is shown, in characters.
const SAMPLE: usize = 400;

/// Runs a program on what was collected.
pub(super) async fn run(
    operation: &'static Operation,
    program: &str,
    collected: Collected<'_>,
) -> Result<Answer, CallError> {
    let items = collected.whole();
    let outputs = match ran(program, &items).await {
        Ok(Reshaped::Array(only) | Reshaped::Value(only)) => vec![only],
        Ok(Reshaped::Several(outputs)) => outputs,
        Err(cause) => {
            return Err(CallError::Program { tool: operation.name, cause, samples: samples(&items) });
        }
    };
    let broken = |problem: serde_json::Error| {
        Failure::new(operation, Cause::BrokenJson { status: 200, detail: problem.to_string() })
    };
    Ok(collected.programmed(&outputs).map_err(broken)?)
}

/// Tells of a mistake that a program has whatever it is run on, before the rest of the list is read for it.
pub(super) async fn check(
    operation: &'static Operation,
    program: &str,
    collected: &Collected<'_>,
) -> Result<(), CallError> {
    let items = collected.whole();
    match ran(program, &items).await {
        Err(cause) if cause.is_of_the_program() => {
            Err(CallError::Program { tool: operation.name, cause, samples: samples(&items) })
        }
        _ => Ok(()),
    }
}

async fn ran(program: &str, items: &[u8]) -> Result<Reshaped, crate::program::ProgramError> {
    Interpreter::of_this_binary()?.run(program, items).await
}

/// The first items in a sentence, so that whoever wrote the program sees what it was given.
fn samples(items: &[u8]) -> String {
    let all: Vec<&RawValue> = serde_json::from_slice(items).unwrap_or_default();
    if all.is_empty() {
        return "The list is empty.".to_owned();
    }
    let shown: Vec<String> = all.iter().take(SAMPLES).map(|item| sample(item)).collect();
    format!("The input is an array of {} items. Some of them: {}", all.len(), shown.join(" "))
}

/// The beginning of an item, as data.
fn sample(item: &RawValue) -> String {
    let text = serde_json::from_str::<Value>(item.get()).unwrap_or_default().to_string();
    match text.char_indices().nth(SAMPLE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
