//! Parses, runs, and exits with a code that says how it went.
#![forbid(unsafe_code)]

use std::process::ExitCode;

/// Calls allocate much and free it on other threads, which the allocators of glibc and above all of musl are slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    vanta_mcp::cli::run(std::env::args_os())
}
