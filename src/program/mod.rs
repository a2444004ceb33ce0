//! Programs in jq, which filter, sort, join and reshape the items of a list.
//!
//! A program cannot be interrupted: `[range(1e18)]` runs until the memory is full, and deep recursion ends a process. So
//! each runs in a process of its own, the same binary with one hidden argument (`child`), which has no environment, may
//! open no file and no connection, and is killed when it takes too long. [`Interpreter`] is the side of the server:
//! it starts the process, hands it the program and the items, and reads the outputs.
//!
//! What bounds a program:
//!
//! - 2 s, from when it has been given all items until its last output: reading the items, running and writing.
//! - 64 MiB, stack included, beyond what the process and the items take before the program runs.
//! - 20 MiB of output, nested at most 100 deep.
//! - Four programs at once in a server; others wait for their turn.
//!
//! The language is that of jaq, and of jq 1.7 but for little: a member of a missing member cannot be set (`.a.b = 1`
//! where there is no `.a`), `?//`, `$__loc__` and streams (`tostream`) do not exist, regular expressions have no
//! look-around, and in texts a float keeps its `.0` (`"\(6 / 2)"` is `3.0`; as an output it is `3`). Integers keep all
//! their digits, and so does every number that a program only passes on.

mod asked;
#[cfg(target_os = "linux")]
mod bounds;
#[cfg(not(target_os = "linux"))]
#[path = "sampled_bounds.rs"]
mod bounds;
mod child;
mod error;
mod interpreter;
mod language;
mod output;
mod place;
mod slip;
mod wire;

pub use child::{CHILD, serve};
pub use error::ProgramError;
pub use interpreter::{Interpreter, Reshaped};
