//! Frameworks with the numbers that Vanta counts, and their controls.

use serde::Deserialize;
use serde_json::json;

use super::controls::ControlRow;
use super::desk::Desk;
use crate::call::{CallError, Candidate, ReadList};
use crate::index::{KeptControl, KeptFramework, KeptList};
use crate::state::Moment;

/// A framework with the numbers that Vanta counts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameworkRow {
    pub(super) id: String,
    pub(super) display_name: Option<String>,
    pub(super) shorthand_name: Option<String>,
    pub(super) num_controls_completed: Option<u64>,
    pub(super) num_controls_total: Option<u64>,
    pub(super) num_tests_total: Option<u64>,
    pub(super) num_documents_total: Option<u64>,
}

impl FrameworkRow {
    pub(super) fn totals(&self) -> [u64; 3] {
        [self.num_controls_total, self.num_tests_total, self.num_documents_total]
            .map(Option::unwrap_or_default)
    }

    pub(super) fn name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.id)
    }

    /// How many of its controls Vanta counts as not completed.
    pub(super) fn incomplete(&self) -> Option<u64> {
        Some(self.num_controls_total?.saturating_sub(self.num_controls_completed?))
    }

    pub(super) fn candidate(&self) -> Candidate {
        let names = [("displayName", &self.display_name), ("shorthandName", &self.shorthand_name)];
        let names = names.into_iter().filter_map(|(field, name)| Some((field, name.as_deref()?)));
        Candidate::new(("id", &self.id), names)
    }

    /// Its controls.
    ///
    /// # Errors
    /// As of any call.
    pub(super) async fn controls(&self, desk: &Desk<'_>) -> Result<ReadList<ControlRow>, CallError> {
        desk.list("list_controls", json!({ "frameworkMatchesAny": [self.id] })).await
    }

    /// The same to be kept, with these controls, which were listed at that moment.
    pub(super) fn kept(&self, list: &KeptList<KeptControl>, changed: Option<Moment>) -> KeptFramework {
        let controls = list.certain.then(|| list.rows.clone());
        KeptFramework { name: self.name().to_owned(), at: list.at, controls, totals: self.totals(), changed }
    }
}
