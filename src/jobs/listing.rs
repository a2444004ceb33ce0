//! Listing the things of a tenant for the index, kind by kind.

use std::collections::BTreeSet;

use serde_json::Value;

use super::desk::Desk;
use super::relations::{is_refusal, moment};
use crate::call::CallError;
use crate::index::{KeptThing, TenantIndex, ThingKind, ThingsRead};

/// The kinds that whoever builds the index has still to list.
#[derive(Default)]
pub(super) struct ThingsToList {
    /// Those that were listed by this one: each is tried once, whatever comes of it.
    tried: BTreeSet<ThingKind>,
}

impl ThingsToList {
    /// The kind that is listed next: one that was never listed, or too long ago. Controls are listed with what proves them.
    pub(super) async fn next(&mut self, desk: &Desk<'_>, index: &TenantIndex) -> Option<ThingKind> {
        let (passes, now) = (index.passes().await, moment(desk));
        let is_due = |kind: &ThingKind| {
            *kind != ThingKind::Control
                && !self.tried.contains(kind)
                && desk.offers(kind.list())
                && passes.get(kind).is_none_or(|pass| pass.is_due(now))
        };
        let next = ThingKind::ALL.into_iter().find(is_due)?;
        self.tried.insert(next);
        Some(next)
    }
}

/// Lists all things of a kind, and keeps them, or why they cannot be listed.
///
/// # Errors
/// As of any call; a refusal is none, as it is what was found out.
pub(super) async fn list_things(
    desk: &Desk<'_>,
    index: &TenantIndex,
    kind: ThingKind,
) -> Result<(), CallError> {
    let at = moment(desk);
    let (mut things, mut doubt) = (Vec::new(), None);
    for arguments in kind.reads() {
        match desk.list::<Value>(kind.list(), arguments).await {
            Ok(list) => {
                doubt = doubt.or(list.doubt());
                things.extend(list.rows.iter().filter_map(|item| KeptThing::read(kind, item)));
            }
            Err(CallError::Failed { failure, .. }) if is_refusal(&failure.cause) => {
                index.keep_things(kind, at, ThingsRead::Refused(failure.cause.to_string())).await;
                return Ok(());
            }
            Err(error) => return Err(error),
        }
    }
    let read = doubt.map_or(ThingsRead::Whole(things), ThingsRead::Doubtful);
    index.keep_things(kind, at, read).await;
    Ok(())
}
