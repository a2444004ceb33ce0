//! Which tools are offered: the access level, what the operator ruled out, the credentials and the scopes decide, in
//! that order. Which of them are listed is the operator's choice; the others are found and run by name.
//!
//! Most tools are operations of the catalog. Those that are written by hand are in `written`: to add one is a file there,
//! with what is said of it (`spec`) and what it does, and its line in the list.

mod choice;
mod findable;
mod naming;
mod offer;
pub mod output;
pub mod prompts;
mod rules;
pub mod schema;
pub mod search;
mod selection;
pub mod spec;
mod tool;
mod written;

pub use choice::Choice;
pub use findable::Findable;
pub use naming::UnknownName;
pub use offer::{Offer, Resolved, Unresolved};
pub use rules::NotOffered;
pub use spec::{Uses, Warnings};
pub use tool::Tool;
pub use written::status::TO_BEGIN;
