//! Controls as several jobs read them.

use serde::Deserialize;

use crate::call::ReadList;
use crate::index::{KeptControl, KeptList, KeptOwner};
use crate::state::Moment;

/// A control in a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ControlRow {
    id: String,
    external_id: Option<String>,
    #[serde(default)]
    name: Option<String>,
    owner: Option<OwnerRow>,
}

/// An owner as controls, tests and computers name one.
#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
pub(super) struct OwnerRow {
    pub(super) id: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) email_address: Option<String>,
}

/// How urgent a failing test is, as the API counts its items.
#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
pub(super) struct Remediation {
    pub(super) status: Option<String>,
    pub(super) soonest_remediate_by_date: Option<String>,
    pub(super) item_count: Option<u64>,
}

impl From<ControlRow> for KeptControl {
    fn from(row: ControlRow) -> Self {
        let ControlRow { id, external_id, name, owner } = row;
        let owner = owner.and_then(|owner| {
            let (id, email) = (owner.id?, owner.email_address);
            Some(KeptOwner {
                name: owner.display_name.or_else(|| email.clone()).unwrap_or_else(|| id.clone()),
                id,
                email,
            })
        });
        Self { id, external_id, name: name.unwrap_or_default(), owner }
    }
}

/// A list of controls that was read at that moment, to be kept.
pub(super) fn kept(at: Moment, list: ReadList<ControlRow>) -> KeptList<KeptControl> {
    let certain = list.is_certain();
    KeptList { at, certain, rows: list.rows.into_iter().map(KeptControl::from).collect() }
}
