//! What can go wrong with a program.

use std::io;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::place::ProgramPlace;
use super::slip::{Remedy, Slip};

/// Why a program has no result. The message says what to do next; values of items in it are quoted and cut.
#[derive(Debug, Error, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ProgramError {
    /// It was written as a command line that is more than the program.
    #[error(
        "`jq` takes the program alone, not a command line (`{argument}`). Write values into the program instead of \
         passing them with --arg, and leave out file names and options: the input is always the array of items."
    )]
    CommandLine {
        /// What should not be there.
        argument: String,
    },
    /// There is none.
    #[error("the jq program is empty. Write a program, such as `map(select(.name != null))`.")]
    Empty,
    /// It cannot be read.
    #[error("the jq program has a mistake at {place}: expected {expected}, found {found}. {slip}")]
    Syntax {
        /// Where.
        place: Box<ProgramPlace>,
        /// What could stand there.
        expected: String,
        /// What does, quoted.
        found: String,
        /// What it looks like.
        slip: Slip,
    },
    /// It calls a function that does not exist, or with a different number of arguments.
    #[error("unknown jq function `{name}` with {} at {place}. {}", counted(*.arguments), instead_of_function(name, near, known_with))]
    UnknownFunction {
        /// Where.
        place: Box<ProgramPlace>,
        /// Which.
        name: String,
        /// With how many arguments it is called.
        arguments: usize,
        /// Known names that are like it.
        near: Vec<String>,
        /// With how many arguments a function of this name exists.
        known_with: Vec<usize>,
    },
    /// It uses a variable that has no value.
    #[error("unknown jq variable `{name}` at {place}. {}", .near.as_ref().map_or_else(|| format!("Give it a value in the program first: `… as {name} | …`."), |near| format!("Did you mean `{near}`?")))]
    UnknownVariable {
        /// Where.
        place: Box<ProgramPlace>,
        /// Which, with its `$`.
        name: String,
        /// One that the program defines and that is like it.
        near: Option<String>,
    },
    /// It leaves a loop that does not exist.
    #[error("unknown jq label `{name}` at {place}. Surround the loop with `label {name} | …`.")]
    UnknownLabel {
        /// Where.
        place: Box<ProgramPlace>,
        /// Which, with its `$`.
        name: String,
    },
    /// It wants another file.
    #[error(
        "jq modules are not available (`{module}` at {place}). Write the functions into the program: `def f: …; …`."
    )]
    Module {
        /// Where.
        place: Box<ProgramPlace>,
        /// Which.
        module: String,
    },
    /// It ran into something that cannot be done.
    #[error("the jq program failed{}: {message}. {remedy}", after(*.outputs))]
    Failed {
        /// jq's own words, cut.
        message: String,
        /// How many outputs there were before.
        outputs: usize,
        /// What to try.
        remedy: Remedy,
    },
    /// An output has a key that JSON cannot have.
    #[error(
        "the jq program made an object with the key {key}; keys must be strings. Write `(… | tostring)` for the key."
    )]
    Key {
        /// The key, cut.
        key: String,
    },
    /// An output, or the recursion, is too deep.
    #[error(
        "the jq program recursed or nested values too deeply. Write it with `reduce`, `map` or `limit` instead of recursion."
    )]
    TooDeep,
    /// It took too long.
    #[error(
        "the jq program took longer than {seconds} s. Narrow down the items first (`select`, `limit`), and avoid loops \
         without an end and pairs of every item with every other; `group_by` or `INDEX` joins in one pass."
    )]
    TooSlow {
        /// How long a program may take.
        seconds: f32,
    },
    /// It took too much memory.
    #[error(
        "the jq program needed more than 64 MiB of memory. Select the items and fields you need before sorting or \
         grouping, and avoid building long strings and ranges."
    )]
    TooMuchMemory,
    /// Its outputs are too long.
    #[error(
        "the jq program's result is larger than 20 MiB. Select fewer items or fields, or count them (`length`)."
    )]
    TooMuchOutput,
    /// The items are no JSON array.
    #[error("the items cannot be read by jq ({problem}). Call again without `jq`.")]
    Items {
        /// Why.
        problem: String,
    },
    /// The interpreter ended without saying why.
    #[error(
        "the jq interpreter ended unexpectedly ({how}). Write the program in another way, or call again without `jq`."
    )]
    Ended {
        /// What is known of it.
        how: String,
    },
    /// There is no process to run it in.
    #[error("the jq interpreter could not be started ({0}). Call again without `jq`, or later.")]
    #[serde(skip)]
    NotStarted(#[source] io::Error),
}

impl ProgramError {
    /// Whether the program itself is wrong, whatever it is run on.
    pub(crate) fn is_of_the_program(&self) -> bool {
        matches!(
            self,
            Self::CommandLine { .. }
                | Self::Empty
                | Self::Syntax { .. }
                | Self::UnknownFunction { .. }
                | Self::UnknownVariable { .. }
        )
    }
}

fn counted(arguments: usize) -> String {
    match arguments {
        0 => "no arguments".to_owned(),
        1 => "1 argument".to_owned(),
        more => format!("{more} arguments"),
    }
}

fn after(outputs: usize) -> String {
    match outputs {
        0 => String::new(),
        1 => " after 1 output".to_owned(),
        more => format!(" after {more} outputs"),
    }
}

fn instead_of_function(name: &str, near: &[String], known_with: &[usize]) -> String {
    let quoted =
        |near: &[String]| near.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
    match (known_with, near) {
        ([], []) => "Use a function of jq 1.7, or define it in the program: `def f: …; …`.".to_owned(),
        ([], near) => format!("Did you mean {}?", quoted(near)),
        (known, _) => {
            let known: Vec<String> = known.iter().map(|arguments| counted(*arguments)).collect();
            format!("`{name}` takes {}; several are separated by `;`.", known.join(" or "))
        }
    }
}
