//! What the model gets to read: a JSON object as text, made of the upstream's JSON and cut to what is useful.
//!
//! Pure: a response and the caller's choice of fields in, one text out. `read` decides how: a usual page is written
//! straight from the upstream's bytes (`flat`), everything else by way of a tree (`tree`). A test holds the two to the
//! same bytes.

mod bounded;
mod bulk;
mod collected;
mod fields;
mod flat;
mod list;
mod members;
mod mended;
mod object;
mod own;
mod preview;
mod read;
mod tree;

pub use collected::{Collected, ListFields, ListView, WantedList};
pub use object::{Answer, Shown, ShownContent, Success};
pub use preview::{TargetState, preview};
pub use read::read;

#[cfg(test)]
mod tests;
