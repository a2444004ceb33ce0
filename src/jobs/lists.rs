//! The lists that the index keeps: all controls, and those of each framework.

use std::collections::HashSet;

use serde_json::json;

use super::controls::{ControlRow, kept};
use super::desk::{Behind, Desk};
use super::frameworks::FrameworkRow;
use super::relations::moment;
use super::spare::may_go_on;
use crate::call::CallError;
use crate::index::{KeptList, TenantIndex};
use crate::state::Moment;

/// Lists all controls. Only a list that is certainly whole replaces the one before, and tells which are gone.
///
/// # Errors
/// As of any call.
pub(super) async fn look_at_all(behind: &Behind, index: &TenantIndex) -> Result<(), CallError> {
    let desk = &behind.desk();
    let at = moment(desk);
    let list = kept(at, desk.list::<ControlRow>("list_controls", json!({})).await?);
    if list.certain {
        let ids: HashSet<String> = list.rows.iter().map(|control| control.id.clone()).collect();
        index.has_only_controls(ids, at).await;
    }
    index.keep_controls(list).await;
    Ok(())
}

/// Lists the frameworks, and compares their numbers with those that are kept.
///
/// # Errors
/// As of any call.
pub(super) async fn compare_frameworks(
    desk: &Desk<'_>,
    index: &TenantIndex,
) -> Result<Vec<FrameworkRow>, CallError> {
    let at = moment(desk);
    let list = desk.list::<FrameworkRow>("list_frameworks", json!({})).await?;
    let (known, certain) = (index.known().await, list.is_certain());
    for framework in &list.rows {
        if let Some(renumbered) = known.renumbered(&framework.id, framework.totals(), at) {
            index.keep_framework(&framework.id, renumbered).await;
        }
    }
    let ids = list.rows.iter().map(|framework| framework.id.clone()).collect();
    index.keep_frameworks(KeptList { at, certain, rows: ids }).await;
    Ok(list.rows)
}

/// Lists the frameworks, and the controls of each whose list is not known, or from before then.
///
/// # Errors
/// As of any call.
pub(super) async fn look_at_frameworks(
    behind: &Behind,
    index: &TenantIndex,
    before: Moment,
) -> Result<(), CallError> {
    let frameworks = compare_frameworks(&behind.desk(), index).await?;
    for framework in &frameworks {
        let desk = &behind.desk();
        let (known, at) = (index.known().await, moment(desk));
        if known.framework(&framework.id, framework.totals(), at).is_some_and(|kept| kept.at >= before) {
            continue;
        }
        if !may_go_on(desk, index).await {
            return Ok(());
        }
        let controls = kept(at, framework.controls(desk).await?);
        let changed = known.numbers(&framework.id).and_then(|kept| kept.changed);
        index.keep_framework(&framework.id, framework.kept(&controls, changed)).await;
    }
    Ok(())
}
