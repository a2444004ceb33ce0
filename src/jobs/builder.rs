//! Building the index behind the questions: what they asked for first, then the rest, one request at a time and only while
//! there is budget to spare, so that every question goes before.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tokio::time::sleep;

use super::controls::{ControlRow, kept};
use super::desk::{Behind, Desk};
use super::frameworks::FrameworkRow;
use super::listing::{ThingsToList, list_things};
use super::relations::{Dates, look_at_control, look_at_document, moment};
use crate::api::IndexExtent;
use crate::call::CallError;
use crate::catalog::Api;
use crate::index::{
    ControlEvidence, DocumentDetail, KeptList, KnownTenant, LookedAt, TenantIndex, ThingKind, WantedPart,
    is_doubtful, relation_shard,
};
use crate::state::Moment;
use crate::state::token::TOKEN_LIMIT;

/// For how long the part of the one who builds is taken. It is renewed before each step, and while it is waited.
const LEASE: Duration = Duration::from_secs(10);

/// How long it is waited for budget to spare.
const PAUSE: Duration = Duration::from_secs(1);

/// Of how many requests a minute, in tenths, none is taken.
const LEFT_IN_TENTHS: u32 = 4;

/// How many things are looked at before they are kept: what a process that is killed loses.
const AT_A_TIME: usize = 8;

/// What is needed to look at documents.
const DOCUMENTS: [&str; 3] = ["list_documents", "list_document_controls", "get_document"];

/// Something to be looked at.
enum IndexStep {
    Control(String),
    Document(String),
    Controls,
    Frameworks,
    Things(ThingKind),
}

impl IndexStep {
    /// The record in which its outcome is kept, of its kind's.
    fn shard(&self) -> Option<u32> {
        match self {
            Self::Control(id) | Self::Document(id) => Some(relation_shard(id)),
            Self::Controls | Self::Frameworks | Self::Things(_) => None,
        }
    }
}

#[derive(Deserialize)]
struct DocumentId {
    id: String,
}

/// Goes on behind a question with what it could not look at, and with the rest if the operator wants that. One process builds
/// at a time; what is begun here is done there if somebody else is at it.
pub(super) fn go_on(behind: Behind, index: TenantIndex) {
    tokio::spawn(async move {
        if !index.build_for(LEASE).await {
            return;
        }
        let desk = behind.desk();
        let built = build(&desk, &index).await;
        index.built().await;
        match built {
            Ok(()) => tracing::debug!("the index has what was wanted"),
            Err(error) => tracing::debug!(error = error.for_log(), "the index is not built further for now"),
        }
    });
}

async fn build(desk: &Desk<'_>, index: &TenantIndex) -> Result<(), CallError> {
    index.forget_unused().await;
    let mut documents = None;
    let mut names = ThingsToList::default();
    loop {
        let known = index.known().await;
        let mut steps = next_steps(desk, index, &known, (&mut documents, &mut names)).await?;
        // Some at a time are kept by one write, and not by one each.
        steps.sort_by_key(IndexStep::shard);
        if steps.is_empty() {
            return Ok(());
        }
        let mut failed = None;
        let mut found = 0;
        for some in steps.chunks(AT_A_TIME) {
            let taken = take(desk, index, some).await;
            found += taken.found;
            failed = taken.failed.or(failed);
            if taken.found == 0 {
                break;
            }
        }
        // What fails again and again is left to the next question, and what somebody else is at, to them.
        if found == 0 {
            return failed.map_or(Ok(()), Err);
        }
    }
}

/// What is to be looked at next: what was asked about, then everything, if that is wanted.
async fn next_steps(
    desk: &Desk<'_>,
    index: &TenantIndex,
    known: &KnownTenant,
    (documents, names): (&mut Option<Vec<String>>, &mut ThingsToList),
) -> Result<Vec<IndexStep>, CallError> {
    let now = moment(desk);
    let of_controls = |due: Vec<&str>| -> Vec<IndexStep> {
        due.into_iter().map(|id| IndexStep::Control(id.to_owned())).collect()
    };
    for part in known.wanted() {
        let due: Vec<IndexStep> = match part {
            WantedPart::Documents => {
                let filter = json!({ "statusMatchesAny": ["Needs document", "Needs update"] });
                let list = desk.list::<DocumentId>("list_documents", filter).await?;
                let changed = known.last_change();
                let is_due = |one: &DocumentId| {
                    known.document(&one.id, now).is_none_or(|looked| is_doubtful(looked.at, changed))
                };
                let due = list.rows.into_iter().filter(is_due);
                due.map(|one| IndexStep::Document(one.id)).collect()
            }
            WantedPart::Renewals => {
                let filter = json!({ "statusMatchesAny": ["OK"] });
                let list = desk.list::<DocumentId>("list_documents", filter).await?;
                let due = list.rows.into_iter().filter(|one| needs_dates(known, &one.id, now));
                due.map(|one| IndexStep::Document(one.id)).collect()
            }
            WantedPart::Framework(framework) => {
                let kept = known.numbers(framework);
                let controls = kept.and_then(|kept| kept.controls.as_ref());
                let ids = controls.into_iter().flatten().map(|control| control.id.as_str());
                of_controls(known.to_look_at(ids, kept.and_then(|kept| kept.changed), now))
            }
            WantedPart::Controls => {
                let controls = known.controls(now).map(|list| list.rows.as_slice()).unwrap_or_default();
                let changed = known.numbers("").and_then(|kept| kept.changed);
                of_controls(known.to_look_at(
                    controls.iter().map(|control| control.id.as_str()),
                    changed,
                    now,
                ))
            }
        };
        if !due.is_empty() {
            return Ok(due);
        }
        index.has(part.clone()).await;
    }
    if desk.clients().index() != IndexExtent::All {
        return Ok(Vec::new());
    }
    if !known.has_all_frameworks(now) && desk.offers("list_frameworks") {
        return Ok(vec![IndexStep::Frameworks]);
    }
    if let Some(kind) = names.next(desk, index).await {
        return Ok(vec![IndexStep::Things(kind)]);
    }
    let Some(controls) = known.controls(now) else { return Ok(vec![IndexStep::Controls]) };
    let in_frameworks = known
        .frameworks()
        .flat_map(|(_, kept)| kept.controls.iter().flatten().map(|control| control.id.as_str()));
    let due = known.to_look_at(in_frameworks, None, now);
    if !due.is_empty() {
        return Ok(of_controls(due));
    }
    if documents.is_none() && DOCUMENTS.iter().all(|tool| desk.offers(tool)) {
        let list = desk.list::<DocumentId>("list_documents", json!({})).await?;
        *documents = Some(list.rows.into_iter().map(|document| document.id).collect());
    }
    let is_due = |id: &&String| needs_dates(known, id, now);
    let due: Vec<&String> = documents.iter().flatten().filter(is_due).collect();
    if !due.is_empty() {
        return Ok(due.into_iter().map(|id| IndexStep::Document(id.clone())).collect());
    }
    Ok(of_controls(known.to_look_at(controls.rows.iter().map(|control| control.id.as_str()), None, now)))
}

/// Whether a document's own answer was not looked at yet.
fn needs_dates(known: &KnownTenant, id: &str, now: Moment) -> bool {
    known.document(id, now).is_none_or(|looked| matches!(&looked.found, Ok(detail) if !detail.has_renewal))
}

/// What became of a few steps.
struct TakenSteps {
    /// How many found something out, be it a refusal.
    found: usize,
    /// What went wrong last.
    failed: Option<CallError>,
}

/// Looks at a few things and keeps what was found.
async fn take(desk: &Desk<'_>, index: &TenantIndex, steps: &[IndexStep]) -> TakenSteps {
    let mut controls: Vec<(String, LookedAt<ControlEvidence>)> = Vec::new();
    let mut documents: Vec<(String, LookedAt<DocumentDetail>)> = Vec::new();
    let mut taken = TakenSteps { found: 0, failed: None };
    for step in steps {
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
            IndexStep::Controls => look_at_all(desk, index).await,
            IndexStep::Frameworks => look_at_frameworks(desk, index).await,
            IndexStep::Things(kind) => list_things(desk, index, *kind).await,
        };
        match found {
            Ok(()) => taken.found += 1,
            Err(error) => taken.failed = Some(error),
        }
    }
    index.keep_evidence(controls).await;
    index.keep_documents(documents).await;
    taken
}

async fn look_at_all(desk: &Desk<'_>, index: &TenantIndex) -> Result<(), CallError> {
    let at = moment(desk);
    let list = desk.list::<ControlRow>("list_controls", json!({})).await?;
    index.keep_controls(kept(at, list)).await;
    Ok(())
}

/// Lists the frameworks, and the controls of each.
async fn look_at_frameworks(desk: &Desk<'_>, index: &TenantIndex) -> Result<(), CallError> {
    let at = moment(desk);
    let list = desk.list::<FrameworkRow>("list_frameworks", json!({})).await?;
    let ids = list.rows.iter().map(|framework| framework.id.clone()).collect();
    let certain = list.is_certain();
    let known = index.known().await;
    for framework in &list.rows {
        if known.framework(&framework.id, framework.totals(), at).is_some() {
            continue;
        }
        if !may_go_on(desk, index).await {
            return Ok(());
        }
        let controls = kept(at, framework.controls(desk).await?);
        let before = known.numbers(&framework.id);
        let changed = match before {
            Some(kept) if kept.totals == framework.totals() => kept.changed,
            Some(_) => Some(at),
            None => None,
        };
        index.keep_framework(&framework.id, framework.kept(&controls, changed)).await;
    }
    index.keep_frameworks(KeptList { at, certain, rows: ids }).await;
    Ok(())
}

/// Waits until nobody else waits, and the minute has requests to spare. Whether it is still this one who builds.
async fn may_go_on(desk: &Desk<'_>, index: &TenantIndex) -> bool {
    loop {
        if !index.build_for(LEASE).await {
            return false;
        }
        let Some(standing) = desk.clients().standing(Api::Manage).await else { return true };
        let of_calls = standing.limits.iter().filter(|limit| limit.name != TOKEN_LIMIT);
        let is_free = of_calls.into_iter().all(|limit| {
            let has_left = u32::from(limit.left) * 10 > u32::from(limit.most) * LEFT_IN_TENTHS;
            limit.paused.is_zero() && limit.waiting.calls == 0 && (has_left || limit.most == 0)
        });
        if standing.waiting == 0 && is_free {
            return true;
        }
        sleep(PAUSE).await;
    }
}
