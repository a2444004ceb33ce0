//! The daily snapshot: what is read once a day for its own sake, in budget to spare.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::compliance_overview::numbers::{OverviewScope, numbers, progress};
use super::compliance_overview::read::{FrameworkProgress, read};
use super::desk::{Behind, Desk};
use super::gaps::Gaps;
use super::relations::moment;
use super::spare::may_go_on;
use crate::call::{CallError, ReadList};
use crate::index::{DayOfNumbers, TenantIndex};

#[derive(Deserialize)]
struct CountedTest {
    status: Option<String>,
    owner: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CountedDocument {
    upload_status: Option<String>,
    owner_id: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CountedPerson {
    tasks_summary: Option<CountedTasks>,
}

#[derive(Deserialize)]
struct CountedTasks {
    status: Option<String>,
}

/// Reads what today's snapshot does not have yet, and keeps it. What cannot be read whole is not in it.
///
/// # Errors
/// The call was cancelled.
pub(super) async fn take_snapshot(behind: &Behind, index: &TenantIndex) -> Result<(), CallError> {
    let (desk, gaps) = (&behind.desk(), Gaps::default());
    let frameworks =
        desk.also::<FrameworkProgress>("frameworks", "list_frameworks", json!({}), &gaps).await?;
    let mut taken = match frameworks.filter(ReadList::is_certain) {
        Some(list) => progress(&list.rows),
        None => DayOfNumbers::new(),
    };
    let overview = read(desk, None, &gaps).await?;
    taken.extend(numbers(&overview, OverviewScope::Everything, desk.now()));
    if may_go_on(desk, index).await {
        taken.extend(states(desk, &gaps).await?);
    }
    if let Some(controls) = index.known().await.controls(moment(desk)) {
        let unowned = controls.rows.iter().filter(|control| control.owner.is_none());
        add(&mut taken, "controls.total", controls.rows.len());
        add(&mut taken, "controls.withoutOwner", unowned.count());
    }
    index.keep_numbers(desk.today(), taken).await;
    tracing::debug!(gaps = ?gaps.told(), "a snapshot of today is kept");
    Ok(())
}

/// How many tests, documents and people there are of each state.
async fn states(desk: &Desk<'_>, gaps: &Gaps) -> Result<DayOfNumbers, CallError> {
    let mut taken = DayOfNumbers::new();
    let in_force = json!({ "isInRollout": false });
    let tests = desk.also::<CountedTest>("tests", "list_tests", in_force, gaps).await?;
    if let Some(list) = tests.filter(ReadList::is_certain) {
        add_states(&mut taken, "tests.byStatus", list.rows.iter().map(|test| test.status.as_deref()));
        add(&mut taken, "tests.withoutOwner", list.rows.iter().filter(|test| test.owner.is_none()).count());
    }
    let documents = desk.also::<CountedDocument>("documents", "list_documents", json!({}), gaps).await?;
    if let Some(list) = documents.filter(ReadList::is_certain) {
        let states = list.rows.iter().map(|document| document.upload_status.as_deref());
        add_states(&mut taken, "documents.byStatus", states);
        let unowned = list.rows.iter().filter(|document| document.owner_id.is_none());
        add(&mut taken, "documents.allWithoutOwner", unowned.count());
    }
    let people = desk.also::<CountedPerson>("people", "list_people", json!({}), gaps).await?;
    if let Some(list) = people.filter(ReadList::is_certain) {
        let states = list.rows.iter().map(|person| person.tasks_summary.as_ref()?.status.as_deref());
        add_states(&mut taken, "people.byStatus", states);
    }
    Ok(taken)
}

fn add(taken: &mut DayOfNumbers, name: &str, number: usize) {
    taken.insert(name.to_owned(), u64::try_from(number).unwrap_or(u64::MAX));
}

fn add_states<'s>(taken: &mut DayOfNumbers, name: &str, states: impl Iterator<Item = Option<&'s str>>) {
    let mut counts = BTreeMap::<&str, usize>::new();
    for state in states {
        *counts.entry(state.unwrap_or("(none)")).or_default() += 1;
    }
    for (state, count) in counts {
        add(taken, &format!("{name}.{state}"), count);
    }
}
