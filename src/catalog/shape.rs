//! The form of a successful answer.

use serde::{Deserialize, Serialize};

/// The form of a successful answer, where more than passing it on is called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// An object, a list or nothing: told apart when it comes.
    #[default]
    Plain,
    /// One page of a list, with a cursor to the next.
    Page,
    /// A whole list in one answer, which is cut into pages here.
    List,
    /// One entry for each change asked for, each of which may have failed.
    Bulk,
    /// Accepted; takes effect some time later.
    Delayed,
    /// A file's content.
    File,
}

impl Shape {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature that serde's skip_serializing_if wants"
    )]
    pub(super) fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}
