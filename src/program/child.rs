//! The process that runs a program: reads the question from stdin, writes the outputs to stdout, and can do nothing else.

use std::any::Any;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::panic;
use std::process::ExitCode;
use std::thread;

use jaq_core::Filter;
use jaq_json::{Error, Val, read};

use super::bounds::{self, STACK};
use super::error::ProgramError;
use super::language::{self, Data};
use super::output::{Extract, Outputs};
use super::slip::Remedy;
use super::wire;

/// The one argument that makes the binary this process. It is in no help, and of no use to a person.
pub const CHILD: &str = "run-jq-program";

/// What is written at once.
const CHUNK: usize = 64 << 10;

/// What follows `cannot index `.
const INDEXED: &str = "cannot index ";

/// Answers the question on stdin.
pub fn serve() -> ExitCode {
    bounds::before_reading();
    panic::set_hook(Box::new(|_| {}));
    let mut question = Vec::new();
    if io::stdin().lock().read_to_end(&mut question).is_err() || wire::asked(&question).is_none() {
        return ExitCode::from(2);
    }
    // On a thread of its own, whose stack does not depend on what the system gives the first one.
    let worker = thread::Builder::new().stack_size(STACK).spawn(move || answer(question));
    let panicked = match worker.map(thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => return ExitCode::SUCCESS,
        Ok(Err(panicked)) => panicked,
        // Nobody reads any longer, or there is no thread: the other side sees that there is no ending.
        Ok(Ok(Err(_))) | Err(_) => return ExitCode::FAILURE,
    };
    let ending = wire::ending(&Err(of_panic(panicked.as_ref())));
    let written = io::stdout().lock().write_all(ending.as_bytes());
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What jaq did not expect, or a length that no memory has.
fn of_panic(panicked: &(dyn Any + Send)) -> ProgramError {
    let texts =
        [panicked.downcast_ref::<&str>().copied(), panicked.downcast_ref::<String>().map(String::as_str)];
    let text = texts.into_iter().flatten().next().unwrap_or("no message");
    if text.contains("capacity overflow") {
        return ProgramError::TooMuchMemory;
    }
    ProgramError::Ended { how: text.chars().take(200).collect() }
}

fn answer(question: Vec<u8>) -> io::Result<()> {
    let mut outputs = Outputs::new(BufWriter::with_capacity(CHUNK, io::stdout()));
    let (filter, items) = match prepared(question) {
        Ok(prepared) => prepared,
        Err(error) => return outputs.end(&wire::ending(&Err(error))),
    };
    let list = Extract::beginning(&items);
    let mut results = filter.id.run((language::surroundings(&filter), items)).map(|result| {
        // What is no error is `halt`: the rest is not wanted.
        result.map_err(|exception| exception.get_err().ok())
    });
    let how = written(&mut results, &list, &mut outputs);
    // Before the values are dropped, which may take longer than all else and, where they are deep, end the process.
    outputs.end(&wire::ending(&how))
}

fn prepared(question: Vec<u8>) -> Result<(Filter<Data>, Val), ProgramError> {
    bounds::while_reading(question.len());
    let Some((program, items)) = wire::asked(&question) else { return Err(ProgramError::Empty) };
    let program = program.to_owned();
    let items =
        read::parse_single(items).map_err(|error| ProgramError::Items { problem: error.to_string() })?;
    drop(question);
    bounds::while_running();
    Ok((language::compiled(&program)?, items))
}

fn written(
    results: &mut dyn Iterator<Item = Result<Val, Option<Error>>>,
    list: &Extract,
    outputs: &mut Outputs<impl io::Write>,
) -> Result<(), ProgramError> {
    for (count, result) in results.enumerate() {
        match result {
            Ok(value) => outputs.output(&value)?,
            Err(Some(error)) => return Err(failed(&Extract::of(&error), list, count)),
            Err(None) => break,
        }
    }
    Ok(())
}

fn failed(message: &Extract, list: &Extract, outputs: usize) -> ProgramError {
    let is_of_the_list = message.is_continued_by(list, INDEXED.len());
    let text = message.text();
    // A message that is a text of jq's comes as JSON.
    let plain = serde_json::from_str::<String>(&text).unwrap_or(text);
    let remedy = Remedy::of(&plain, is_of_the_list);
    let message = match (&remedy, plain.rsplit_once(" with ")) {
        // Who called has the items before them.
        (Remedy::ListAsObject, Some((_, member))) => format!("{INDEXED}the array of items with {member}"),
        _ => plain,
    };
    ProgramError::Failed { message, outputs, remedy }
}
