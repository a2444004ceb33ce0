//! An MCP server for two products that share only a name: Vanta, a compliance
//! platform, and Vanta Panel, a web-hosting panel.
//!
//! It is one binary, and a house of rooms, each a module, in which imports go
//! one way, down this list; the files of a room form no circle either:
//!
//! - [`cli`]: what a person types: `serve`, `call`, `tools`, `status`, `doctor`, `token`, `demo`, `index`.
//! - [`config`]: flags, environment and file become settings.
//! - [`transport`]: a client's bytes, on stdin and stdout or over HTTP.
//! - [`callers`]: who calls over the network, and how much they were granted.
//! - [`server`]: MCP's handler, and the one way to run a tool.
//! - [`tools`]: which tools are offered, and those that are written by hand.
//! - [`jobs`]: questions that are answered by several calls.
//! - [`call`]: the one door that every call goes through: build, admit, send, read the answer.
//! - [`answer`]: what a model gets to read.
//! - [`index`]: what the API holds one way round only, kept so that it can be asked the other way round.
//! - [`program`]: programs in jq, which reshape a list, each in a process of its own.
//! - [`api`]: requests, tokens, the HTTP client, and what can go wrong.
//! - [`files`]: what goes up and comes down, inside the folders that the operator allowed.
//! - [`gate`]: whether a call may be sent.
//! - [`state`]: what several processes share: tokens, budgets, waits, last errors, the index; in a file, a database or memory.
//! - [`authorities`]: whose certificates are accepted.
//! - [`catalog`]: every operation, as data from `tools/`.
//!
//! The demo tenant, a simulated Vanta and Panel behind real HTTP, is a crate of
//! its own (`demo/`) that knows nothing of this one.
//!
//! # The way of one call
//!
//! 1. **[`transport`]** reads a message once, into an envelope whose parameters stay as they came. Over HTTP it finds out
//!    who calls ([`callers`]), and what of the server they may take up. A read that asks for nothing but its answer goes on
//!    from here; everything else goes to rmcp, whose handler in [`server`] adds progress and log lines around the same
//!    call. `vanta-mcp call` begins at the next step.
//! 2. A **[`Context`](call::Context)** is made, once: the [`Principal`](gate::Principal), the profile of credentials, how
//!    long the answer is wanted, whether and how a person can be asked, who is told of progress, which trace. From here on
//!    it is only handed down.
//! 3. **[`Server::call`](server::Server::call)** finds the tool among those that the principal is offered ([`tools`]): a
//!    tool that runs others is resolved to the other. It opens a span, counts, and turns a panic into an error.
//! 4. An operation of the catalog goes through **[`Calls::call`](call::Calls::call)**; a job ([`Job`](jobs::Job)) and a
//!    written tool ([`Written`](tools::spec::Written)) make their calls through the same door with the same context.
//! 5. [`api::request`] makes a request of the arguments, or says all that is wrong with them.
//! 6. **[`gate::admit`]** decides: a [`Permit`](gate::Permit), a refusal, or a preview, for which the door reads the present
//!    state of the targets.
//! 7. With the permit, **[`Scoped::send`](api::client::Scoped::send)** takes the application's token, waits in the line of
//!    its API for a turn, sends over the pool of the origin, and repeats what is safe to repeat.
//! 8. **[`answer::read`]** makes the text of one JSON object from the response's bytes: straight for a usual page, by a tree
//!    for everything else.
//! 9. The transport writes the [`Reply`](server::Reply): the text, quoted, and the same text as structured content.
//!
//! So the types at the borders are: raw arguments → request → permit → response (bytes) → answer (text) → reply.
//!
//! # What never happens
//!
//! Most of the design is in what the rooms do not know:
//!
//! - Nothing is sent upstream without a [`gate::Permit`], and `gate` alone makes one.
//! - rmcp is named in `transport` and `server` alone, reqwest in `api` alone.
//! - The environment, and the files of settings and credentials, are read in `config` alone; what may change while the
//!   server runs is read where it is used: the file of callers' hashes in `callers`, the certificate and its key in
//!   `transport`.
//! - A program in jq runs in no process that serves, and its own has no environment, file or connection.
//! - No operation is written in Rust: a new one is a table in a file under `tools/`.
//! - A tool above the access level is neither listed nor callable.
//! - No secret is in a `Debug`, a log line or an error.
//! - A change that a second time could do twice is repeated only where nothing was done: no connection was made, or a 401
//!   refused it.
//! - stdout carries protocol and nothing else while serving.

#![forbid(unsafe_code)]

pub(crate) mod answer;
pub(crate) mod api;
pub(crate) mod authorities;
pub(crate) mod call;
pub(crate) mod callers;
pub mod catalog;
pub mod cli;
pub(crate) mod config;
pub(crate) mod files;
pub(crate) mod gate;
pub(crate) mod index;
pub(crate) mod jobs;
pub(crate) mod program;
pub(crate) mod server;
pub(crate) mod state;
pub(crate) mod tools;
pub(crate) mod transport;

/// What programs beside the binary are made of: the tests, and the server that a conformance suite asks.
pub mod parts {
    pub use crate::call::Calls;
    pub use crate::callers::CallerSettings;
    pub use crate::config::table;
    pub use crate::files::{Folders, Receipt};
    pub use crate::gate::Policy;
    pub use crate::program::{Interpreter, ProgramError, Reshaped};
    pub use crate::server::Server;
    pub use crate::tools::search::{Index, SearchOutcome, Verdict};
    pub use crate::tools::{Choice, Findable, Warnings};
    pub use crate::transport::http::{LegacySse, Limits, Listening, Settings};
}
