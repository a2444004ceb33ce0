//! How much is known of an operation, of the values of its filters, and of the names of its items.

use serde::{Deserialize, Serialize};

/// How much is known of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Known {
    /// Everything that the API publishes of it.
    #[default]
    #[serde(rename = "whole")]
    Whole,
    /// What its page shows of it; the rest is taken, and passed on, as it comes.
    #[serde(rename = "in part")]
    InPart,
}

impl Known {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature that serde's skip_serializing_if wants"
    )]
    pub(super) fn is_whole(&self) -> bool {
        *self == Self::Whole
    }
}

/// Where the values of a filter are from.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ValuesFrom<'a> {
    /// The filter.
    pub argument: &'a str,
    /// The operation that answers them: a list of the same API, or a read that takes one in its path.
    pub tool: &'a str,
    /// The member of an item that holds one.
    pub field: &'a str,
}

/// How a person calls the items of a list, so that a name is taken where an id is due.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Named<'a> {
    /// The member of an item that holds its id.
    pub id: &'a str,
    /// The members that hold a name or an e-mail address, `name.display` for one inside another.
    #[serde(borrow)]
    pub by: Vec<&'a str>,
    /// The list's own filter that keeps the items of which a name contains a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub find: Option<&'a str>,
}
