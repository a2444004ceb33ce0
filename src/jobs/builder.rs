//! Building the index behind the questions: what they asked for first, then the rest, one request at a time and only while
//! there is budget to spare, so that every question goes before.

use serde::Deserialize;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::desk::{Behind, Desk};
use super::listing::ThingsToList;
use super::refresh::{OFTEN, UNUSED, keep_today, refresh};
use super::relations::moment;
use super::spare::LEASE;
use super::steps::{IndexStep, take};
use crate::api::IndexExtent;
use crate::call::CallError;
use crate::index::{DocumentDetail, KnownTenant, LookedAt, TenantIndex, WantedPart};
use crate::state::Moment;

/// How many things are looked at before they are kept: what a process that is killed loses.
const AT_A_TIME: usize = 8;

/// What is needed to look at documents.
const DOCUMENTS: [&str; 3] = ["list_documents", "list_document_controls", "get_document"];

#[derive(Deserialize)]
struct DocumentId {
    id: String,
}

/// Goes on behind a question with what it could not look at, and, if the operator wants that, with the rest, and with keeping
/// it true as long as questions come. One process builds at a time; what is begun here is done there if somebody else is at it.
pub(super) fn go_on(behind: Behind, index: TenantIndex) {
    let tending = behind.desk().clients().tend();
    tokio::spawn(async move {
        let begun = behind.desk().now();
        build_and_refresh(&behind, &index).await;
        if behind.desk().clients().index() != IndexExtent::All {
            return;
        }
        while waits(&tending).await && behind.desk().now().duration_since(begun) < UNUSED {
            build_and_refresh(&behind, &index).await;
        }
    });
}

/// The same behind a question that the index has nothing to do with: it shows that the server is in use.
pub(super) fn keep_up(desk: &Desk<'_>) {
    if desk.clients().index() != IndexExtent::All {
        return;
    }
    if let (Some(index), Some(behind)) = (TenantIndex::of(desk.clients()), desk.behind()) {
        go_on(behind, index);
    }
}

/// Waits for the next round. Whether it is still to be done by this one: the latest question's leave is the one that counts.
async fn waits(tending: &CancellationToken) -> bool {
    tokio::select! {
        () = tending.cancelled() => false,
        () = tokio::time::sleep(OFTEN) => true,
    }
}

async fn build_and_refresh(behind: &Behind, index: &TenantIndex) {
    if !index.build_for(LEASE).await {
        return;
    }
    let built = async {
        if behind.desk().clients().index() != IndexExtent::All {
            return build(behind, index, IndexExtent::Asked).await;
        }
        // What somebody waits for goes before what nobody asked for.
        refresh(behind, index).await?;
        build(behind, index, IndexExtent::Asked).await?;
        keep_today(behind, index).await?;
        build(behind, index, IndexExtent::All).await
    };
    let built = built.await;
    index.built().await;
    match built {
        Ok(()) => tracing::debug!("the index has what was wanted"),
        Err(error) => tracing::debug!(error = error.for_log(), "the index is not built further for now"),
    }
}

async fn build(behind: &Behind, index: &TenantIndex, extent: IndexExtent) -> Result<(), CallError> {
    index.forget_unused().await;
    let mut documents = None;
    let mut names = ThingsToList::default();
    loop {
        let known = index.known().await;
        let mut steps = next_steps(behind, index, (&known, extent), (&mut documents, &mut names)).await?;
        // Some at a time are kept by one write, and not by one each.
        steps.sort_by_key(IndexStep::shard);
        if steps.is_empty() {
            return Ok(());
        }
        let mut failed = None;
        let mut found = 0;
        for some in steps.chunks(AT_A_TIME) {
            let taken = take(behind, index, some).await;
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

/// What is to be looked at next: what something happened to, then what was asked about, then everything, if that is wanted.
async fn next_steps(
    behind: &Behind,
    index: &TenantIndex,
    (known, extent): (&KnownTenant, IndexExtent),
    (documents, names): (&mut Option<Vec<String>>, &mut ThingsToList),
) -> Result<Vec<IndexStep>, CallError> {
    let desk = &behind.desk();
    let now = moment(desk);
    let doubtful = known.in_doubt();
    if !doubtful.is_empty() {
        return Ok(doubtful.into_iter().map(IndexStep::from).collect());
    }
    let of_controls = |due: Vec<&str>| -> Vec<IndexStep> {
        due.into_iter().map(|id| IndexStep::Control(id.to_owned())).collect()
    };
    for part in known.wanted() {
        let due: Vec<IndexStep> = match part {
            WantedPart::Documents => {
                let filter = json!({ "statusMatchesAny": ["Needs document", "Needs update"] });
                let list = desk.list::<DocumentId>("list_documents", filter).await?;
                let changed = known.last_change();
                let due = list.rows.into_iter().filter(|one| known.is_due(&one.id, changed, now));
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
    if extent != IndexExtent::All {
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
        if list.is_certain() {
            index.has_only_documents(list.rows.iter().map(|one| one.id.clone()).collect(), now).await;
        }
        *documents = Some(list.rows.into_iter().map(|document| document.id).collect());
    }
    let is_due = |id: &&String| needs_dates(known, id, now);
    let due: Vec<&String> = documents.iter().flatten().filter(is_due).collect();
    if !due.is_empty() {
        return Ok(due.into_iter().map(|id| IndexStep::Document(id.clone())).collect());
    }
    Ok(of_controls(known.to_look_at(controls.rows.iter().map(|control| control.id.as_str()), None, now)))
}

/// Whether a document's own answer is to be looked at.
fn needs_dates(known: &KnownTenant, id: &str, now: Moment) -> bool {
    let lacks =
        |looked: &LookedAt<DocumentDetail>| matches!(&looked.found, Ok(detail) if !detail.has_renewal);
    known.is_due(id, None, now) || known.document(id, now).is_some_and(lacks)
}
