//! A program that is run on the items of a list.

use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;

use super::CallError;
use crate::answer::{Answer, Collected};
use crate::catalog::Operation;
use crate::program::{Interpreter, ProgramError, Reshaped};

/// How many items show what the program was given, where it did not work.
const SAMPLES: usize = 2;

/// How much of each is shown, in characters.
const SAMPLE: usize = 400;

/// A mistake that a program has by itself shows before it runs.
const AT_ONCE: Duration = Duration::from_millis(300);

/// Runs a program on what was collected.
pub(super) async fn run(
    operation: &'static Operation,
    program: &str,
    collected: &Collected<'_>,
) -> Result<Answer, CallError> {
    let failed = |cause| failed(operation, cause, collected);
    let interpreter = Interpreter::of_this_binary().map_err(failed)?;
    let outputs = match interpreter.run(program, collected.whole()).await.map_err(failed)? {
        Reshaped::Array(only) | Reshaped::Value(only) => vec![only],
        Reshaped::Several(outputs) => outputs,
    };
    collected.programmed(&outputs).map_err(|problem| {
        failed(ProgramError::Ended { how: format!("its output cannot be read: {problem}") })
    })
}

/// Tells of a mistake that a program has whatever it is run on, before the rest of the list is read for it.
pub(super) async fn check(
    operation: &'static Operation,
    program: &str,
    collected: &Collected<'_>,
) -> Result<(), CallError> {
    let Ok(interpreter) = Interpreter::of_this_binary() else { return Ok(()) };
    match interpreter.within(AT_ONCE).run(program, collected.whole()).await {
        Err(cause) if cause.is_of_the_program() => Err(failed(operation, cause, collected)),
        _ => Ok(()),
    }
}

fn failed(operation: &Operation, cause: ProgramError, collected: &Collected<'_>) -> CallError {
    CallError::Program {
        tool: operation.name,
        cause: Box::new(cause),
        samples: samples(collected.whole()).into(),
    }
}

/// The first items in a sentence, so that whoever wrote the program sees what it was given.
fn samples(items: &[u8]) -> String {
    let all: Vec<&RawValue> = serde_json::from_slice(items).unwrap_or_default();
    if all.is_empty() {
        return "The list is empty.".to_owned();
    }
    let shown: Vec<String> = all.iter().take(SAMPLES).map(|item| sample(item)).collect();
    format!("The input is an array of items, such as {}", shown.join(" "))
}

/// The beginning of an item, as data.
fn sample(item: &RawValue) -> String {
    let text = serde_json::from_str::<Value>(item.get()).unwrap_or_default().to_string();
    match text.char_indices().nth(SAMPLE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
