//! Which tools are offered: the access level, what the operator ruled out, the credentials and the scopes decide, in
//! that order. Which of them are listed is the operator's choice; the others are found and run by name.
//!
//! Most tools are operations of the catalog. Those that are written by hand are listed in `list`: to add one is a file
//! with its `Written` and a line there.

mod choice;
mod find;
mod list;
mod naming;
mod offer;
#[cfg(test)]
mod probes;
pub mod prompts;
mod rules;
mod run;
mod schema;
pub mod search;
mod selection;
mod status;
mod tool;
pub mod written;

pub use choice::Choice;
pub use naming::UnknownName;
pub use offer::{Offer, Resolved, Unresolved};
pub use tool::Tool;
pub use written::Uses;
