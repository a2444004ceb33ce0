//! Behaviour through the public face: a real MCP client, the real binary, the demo tenant.
//!
//! One binary, a module a subject. `harness` is what the others stand on.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, which is what it is for; clippy.toml excuses test functions, not their helpers"
)]

mod given;
mod harness;
mod secured;

mod addresses;
mod answers;
mod arguments;
mod as_written;
mod beyond_tools;
mod catalog_diff;
mod cli;
mod confirming;
mod contract;
mod demo_ids;
mod demo_limits;
mod diagnoses;
mod docs;
mod doctor;
mod errors;
mod exports;
mod faults;
mod files;
mod gate;
mod help;
mod house;
mod http;
mod index;
mod jobs;
mod lists;
mod names;
mod odd_answers;
mod offer;
mod operations;
mod outgoing;
mod outputs;
mod pages;
mod program;
mod prompts;
mod read_api;
mod reads;
mod refreshed;
mod schemas;
mod search;
mod session;
mod settings;
mod sharing;
mod shown;
mod small_faults;
mod snapshots;
mod state;
mod tables;
mod tasks;
mod token;
mod tour;
mod trust_center;
mod turns;
mod weight;
mod words;
