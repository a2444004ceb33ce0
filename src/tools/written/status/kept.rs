//! What is kept of a tenant, for the status.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::Clients;
use crate::index::TenantIndex;
use crate::state::Moment;

/// What is kept of the tenant of Manage Vanta, so that questions cost less.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeptState {
    /// Controls whose tests are known.
    controls: usize,
    /// How many controls there are, where they were listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    controls_of: Option<usize>,
    /// Documents whose controls are known.
    documents: usize,
    /// When the oldest of these was looked at, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<String>,
    /// When it was last compared with the tenant, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    refreshed: Option<String>,
    /// Until when the event log was read, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    events_until: Option<String>,
    /// Days of which a snapshot of the numbers is kept.
    snapshots: usize,
    /// The first of these days.
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshots_since: Option<String>,
}

impl KeptState {
    /// What is kept now; none where nothing is.
    pub async fn of(clients: &Clients) -> Option<Self> {
        let index = TenantIndex::of(clients)?;
        let (known, snapshots) = (index.known().await, index.snapshots().await);
        if known.is_empty() && snapshots.count() == 0 {
            return None;
        }
        let (controls, documents, refreshed) =
            (known.looked_at_controls(), known.looked_at_documents(), known.refreshed());
        let oldest = [controls.oldest, documents.oldest].into_iter().flatten().min();
        Some(Self {
            controls: controls.looked,
            controls_of: controls.of,
            documents: documents.looked,
            oldest: oldest.and_then(shown),
            refreshed: refreshed.numbers.and_then(shown),
            events_until: refreshed.events.and_then(shown),
            snapshots: snapshots.count(),
            snapshots_since: snapshots.first().map(|day| day.to_string()),
        })
    }
}

/// A moment in UTC, to the second.
fn shown(moment: Moment) -> Option<String> {
    Some(Timestamp::from_second(moment.0.div_euclid(1000)).ok()?.to_string())
}
