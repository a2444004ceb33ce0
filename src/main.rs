//! Parses, runs, and exits with a code that says how it went.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    vanta_mcp::cli::run(std::env::args_os())
}
