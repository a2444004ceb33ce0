//! What the model gets to read: a JSON object as text, made of the upstream's JSON and cut to what is useful.
//!
//! Pure: a response and the caller's choice of fields in, one text out. `read` decides how: a usual page is written
//! straight from the upstream's bytes (`flat`), everything else by way of a tree (`tree`). A test holds the two to the
//! same bytes.

mod bounded;
mod bulk;
mod collected;
mod exported;
mod fields;
mod flat;
mod form;
mod groups;
mod list;
mod mended;
mod object;
mod own;
mod position;
mod preview;
mod program;
mod read;
mod seen;
mod tree;
mod wanted;
mod written;

pub use collected::{Collected, ListFields};
pub use exported::ExportColumns;
pub use form::{AnswerStyle, Exports, ListFormat, MOST_CHARS, USUAL_CHARS};
pub use list::body;
pub use object::{Answer, Shown, ShownContent, Success};
pub use position::Position;
pub use preview::{TargetState, preview};
pub use read::read;
pub use wanted::{Extent, ListView, WantedList};

#[cfg(test)]
mod tests;
