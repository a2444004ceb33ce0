//! An MCP server for two products that share only a name: Vanta, a compliance
//! platform, and Vanta Panel, a web-hosting panel.
//!
//! The crate is one binary; the library exists so that tests and benches can
//! reach the catalog. It is a house of rooms, each a
//! module, in which imports go one way, down this list:
//!
//! - [`cli`]: what a person types: `serve`, `call`, `tools`, `demo`.
//! - [`config`]: flags, environment and file become settings.
//! - [`transport`]: a client's bytes, on stdin and stdout or over HTTP.
//! - [`callers`]: who calls over the network, and how much they were granted.
//! - [`server`]: MCP's handler.
//! - [`tools`]: which tools are offered, and the hand-written ones.
//! - [`call`]: the one door that every call goes through: build, admit, send, shape.
//! - [`answer`]: what a model gets to read.
//! - [`api`]: requests, tokens, the HTTP client, and what can go wrong.
//! - [`files`]: what goes up and comes down, inside the folders that the operator allowed.
//! - [`gate`]: whether a call may be sent.
//! - [`catalog`]: every operation, as data from `tools/`.
//!
//! The demo tenant, a simulated Vanta and Panel behind real HTTP, is a crate of its own (`demo/`) that knows nothing of
//! this one.
//!
//! # What never happens
//!
//! Most of the design is in what the rooms do not know:
//!
//! - Nothing is sent upstream without a [`gate::Permit`], and `gate` alone makes one.
//! - rmcp is named in `cli`, `transport` and `server` alone, reqwest in `api` alone.
//! - The environment, and the files of settings and credentials, are read in `config` alone; what may change while the
//!   server runs is read where it is used: the file of callers' hashes in `callers`, the certificate and its key in
//!   `transport`.
//! - No operation is written in Rust: a new one is a table in a file under `tools/`.
//! - A tool above the access level is neither listed nor callable.
//! - No secret is in a `Debug`, a log line or an error.
//! - A call is repeated in one case, after a 401 that proves it was not carried out, and once.
//! - stdout carries protocol and nothing else while serving.

#![forbid(unsafe_code)]

pub mod answer;
pub mod api;
pub mod call;
pub mod callers;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod files;
pub mod gate;
pub mod server;
pub mod tools;
pub mod transport;
