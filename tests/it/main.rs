//! Behaviour through the public face: a real MCP client, the real binary, the demo tenant.
//!
//! One binary, a module a subject. `harness` is what the others stand on.

mod given;
mod harness;

mod answers;
mod arguments;
mod cli;
mod contract;
mod errors;
mod gate;
mod house;
mod operations;
mod readme;
mod session;
mod snapshots;
mod token;
