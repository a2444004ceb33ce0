//! What is kept of a tenant.

use serde::{Deserialize, Serialize};

use crate::state::Moment;

/// Why something that is to be looked at again is not known.
pub(super) const FORGOTTEN: &str = "";

/// Why something that was kept could not be looked at: there is no such thing any more.
pub const GONE: &str = "it is gone (404)";

/// What was found out about one thing, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookedAt<T> {
    /// When it was looked at.
    pub at: Moment,
    /// What was found, or why it could not be looked at.
    pub found: Result<T, String>,
}

/// What proves a control, but for documents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlEvidence {
    /// Ids of the tests that are mapped to it.
    pub tests: Vec<String>,
    /// Whether the API says that nothing at all is mapped to it; asked only where no test is.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unproven: bool,
}

/// What a document's own answer says, which no list does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentDetail {
    /// Ids of the controls that it proves.
    pub controls: Vec<String>,
    /// When it is to be renewed, as the API writes it; none where the API says none, or was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<String>,
    /// Whether `renewal` was asked for.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_renewal: bool,
}

/// A list that was read to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptList<T> {
    /// When it was read.
    pub at: Moment,
    /// Whether it was certainly all that there was.
    pub certain: bool,
    /// Its items.
    pub rows: Vec<T>,
}

/// What somebody asked about and is not all looked at yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WantedPart {
    /// The controls of the documents that are missing or lapsed.
    Documents,
    /// When the other documents are to be renewed.
    Renewals,
    /// The tests of a framework's controls; its id.
    Framework(String),
    /// The tests of all controls.
    Controls,
}

/// A control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptControl {
    /// Its id.
    pub id: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Its name.
    pub name: String,
    /// Who owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<KeptOwner>,
}

/// Who owns something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptOwner {
    /// Id of the user.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A framework: which controls it has, and the numbers that tell when something about them has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFramework {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// When its controls were read.
    pub at: Moment,
    /// Its controls; none where they were not read, or not certainly all.
    pub controls: Option<Vec<KeptControl>>,
    /// How many controls, tests and documents it has, as the API counted when this was last asked.
    pub totals: [u64; 3],
    /// When these numbers were last seen to change: what was looked at before may have changed too.
    pub changed: Option<Moment>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes members by reference")]
fn is_false(value: &bool) -> bool {
    !value
}
