//! The steps by which the index is built: one thing at a time.

use super::desk::Behind;
use super::listing::list_things;
use super::lists::{look_at_all, look_at_frameworks};
use super::relations::{Dates, look_at_control, look_at_document};
use super::spare::may_go_on;
use crate::call::CallError;
use crate::index::{
    ControlEvidence, DocumentDetail, GONE, KeptRelation, LookedAt, TenantIndex, ThingKind, relation_shard,
};
use crate::state::Moment;

/// Something to be looked at.
pub(super) enum IndexStep {
    Control(String),
    Document(String),
    Controls,
    Frameworks,
    Things(ThingKind),
}

impl IndexStep {
    /// The record in which its outcome is kept, of its kind's.
    pub(super) fn shard(&self) -> Option<u32> {
        match self {
            Self::Control(id) | Self::Document(id) => Some(relation_shard(id)),
            Self::Controls | Self::Frameworks | Self::Things(_) => None,
        }
    }
}

impl From<KeptRelation> for IndexStep {
    fn from(relation: KeptRelation) -> Self {
        match relation {
            KeptRelation::Control(id) => Self::Control(id),
            KeptRelation::Document(id) => Self::Document(id),
        }
    }
}

/// What became of a few steps.
pub(super) struct TakenSteps {
    /// How many found something out, be it a refusal.
    pub(super) found: usize,
    /// What went wrong last.
    pub(super) failed: Option<CallError>,
}

/// Looks at a few things and keeps what was found.
pub(super) async fn take(behind: &Behind, index: &TenantIndex, steps: &[IndexStep]) -> TakenSteps {
    let mut controls: Vec<(String, LookedAt<ControlEvidence>)> = Vec::new();
    let mut documents: Vec<(String, LookedAt<DocumentDetail>)> = Vec::new();
    let mut taken = TakenSteps { found: 0, failed: None };
    for step in steps {
        // Each look has its own time: what is forgotten meanwhile is older than the next look.
        let desk = &behind.desk();
        if !may_go_on(desk, index).await {
            break;
        }
        let found = match step {
            IndexStep::Control(id) => {
                look_at_control(desk, id).await.map(|looked| controls.push((id.clone(), looked)))
            }
            IndexStep::Document(id) => look_at_document(desk, id, Dates::Asked)
                .await
                .map(|looked| documents.push((id.clone(), looked))),
            IndexStep::Controls => look_at_all(behind, index).await,
            IndexStep::Frameworks => look_at_frameworks(behind, index, Moment(0)).await,
            IndexStep::Things(kind) => list_things(desk, index, *kind).await,
        };
        match found {
            Ok(()) => taken.found += 1,
            Err(error) => taken.failed = Some(error),
        }
    }
    let is_gone = controls.iter().any(|(_, looked)| matches!(&looked.found, Err(why) if why == GONE));
    index.keep_evidence(controls).await;
    index.keep_documents(documents).await;
    if is_gone {
        // The lists still have it, and only a whole one proves what there is.
        index.forget_lists().await;
    }
    taken
}
