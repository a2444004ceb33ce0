//! The MCP server: names and arguments in, replies out. The only place that knows MCP's types beside the transports.
//!
//! `serving` is what all requests share, `run` the one way to run a tool, `wire` what a reply looks like in a message.
//! `handler` is rmcp's: it leads each kind of request to where it is answered, and adds progress (`progress`), questions
//! to a person (`asking`) and lines for a client's log (`log`) to a call; what takes long can be a task (`tasks`). What can
//! be read at an address is in `resources`: the server itself, `guides`, and single things of the APIs (`records`), which
//! are read by a call like any other.

mod asking;
mod completing;
mod contents;
mod guides;
mod handler;
mod identity;
mod instructions;
mod level;
mod listing;
mod log;
mod measure;
mod message;
mod misfit;
mod offers;
mod progress;
mod prompts;
mod recorded;
mod records;
mod resources;
mod run;
mod serving;
mod tasks;
#[cfg(feature = "otel")]
mod trace;
#[cfg(not(feature = "otel"))]
#[path = "untraced.rs"]
mod trace;
mod wire;
mod worded;

pub use asking::Unasked;
pub use message::Generation;
pub use progress::{Notify, Reporter};
pub use rmcp::model::Tool as ShownTool;
pub use run::{Prepared, Reply, Unanswered};
pub use serving::Server;
#[cfg(feature = "otel")]
pub use trace::trace_calls;
pub use worded::{Worded, is_always_served, no_such_method};

#[cfg(test)]
mod tests;
