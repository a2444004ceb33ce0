//! Keeping the index true without being asked: what the event log names, what the frameworks' numbers show, what a whole list
//! shows, and in turn everything, the oldest first.
//!
//! All of it goes after the questions, and ends when none has come for a while: nobody's requests are spent for nobody.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::days;
use super::desk::{Behind, Desk};
use super::gaps::Gaps;
use super::lists::{compare_frameworks, look_at_all, look_at_frameworks};
use super::relations::moment;
use super::snapshot::take_snapshot;
use super::spare::may_go_on;
use super::steps::{IndexStep, take};
use crate::call::CallError;
use crate::index::{KnownTenant, Refreshed, TenantIndex};
use crate::state::Moment;

/// How often the event log is read and the frameworks' numbers are compared, at a request each: 8 an hour, of 3,000.
pub(super) const OFTEN: Duration = Duration::from_secs(15 * 60);

/// How long it goes on after the last question: a pause for lunch is bridged, a night is not.
pub(super) const UNUSED: SignedDuration = SignedDuration::from_hours(2);

/// How often the lists of controls are read, some 25 requests for 1,000 controls: what is new, renamed or gone shows there
/// also where no event tells of it.
const DAILY: Duration = Duration::from_secs(24 * 60 * 60);

/// From this age on a relation is looked at again in its turn, so that none gets older than a week: there are two days for it.
const AGED: Duration = Duration::from_secs(5 * 24 * 60 * 60);

/// How many rounds those two days have: of 1,000 controls six are looked at in a round.
const ROUNDS: usize = 2 * 24 * 4;

/// How many pages of the event log are read: a usual week is five.
const PAGES: usize = 10;

/// An event may be in the log a little after its time, so the last minutes are read once more.
const OVERLAP: Duration = Duration::from_secs(10 * 60);

/// By so much the times of the log and of a look may differ.
const ROUNDING: Duration = Duration::from_secs(10);

/// How far the log is read back at the most: what is older does not count any more.
const BACK: Duration = Duration::from_secs(30 * 24 * 60 * 60);

#[derive(Deserialize)]
struct RefreshEvent {
    date: Option<String>,
    action: Option<String>,
    targets: Option<Vec<RefreshTarget>>,
}

#[derive(Deserialize)]
struct RefreshTarget {
    #[serde(rename = "type")]
    kind: Option<String>,
    id: Option<String>,
}

/// What the events of a time show.
#[derive(Debug, Default, PartialEq, Eq)]
struct EventHints {
    /// Controls and documents that something happened to, and when.
    things: Vec<(String, Moment)>,
    /// Frameworks that something happened to, and when.
    frameworks: Vec<(String, Moment)>,
    /// When something may have been mapped that cannot be told.
    anything: Option<Moment>,
    /// Whether a control may be new, gone or renamed.
    lists: bool,
}

/// One round: looks through what is due.
///
/// # Errors
/// The call was cancelled, or the API cannot be asked.
pub(super) async fn refresh(behind: &Behind, index: &TenantIndex) -> Result<(), CallError> {
    let now = moment(&behind.desk());
    let known = index.known().await;
    let before = known.refreshed();
    if !known.is_empty() && is_due(before.numbers, OFTEN, now) {
        let lists = look_through(behind, index, &known, now).await?;
        if lists || is_due(before.lists, DAILY, now) {
            read_lists(behind, index, now).await?;
        }
        look_again(behind, index, now).await?;
    }
    Ok(())
}

/// Takes a snapshot, once a day.
///
/// # Errors
/// The call was cancelled.
pub(super) async fn keep_today(behind: &Behind, index: &TenantIndex) -> Result<(), CallError> {
    let now = moment(&behind.desk());
    let is_due = is_due(index.known().await.refreshed().snapshot, DAILY, now);
    if is_due && may_go_on(&behind.desk(), index).await {
        take_snapshot(behind, index).await?;
        index.has_refreshed(Refreshed { snapshot: Some(now), ..Refreshed::default() }).await;
    }
    Ok(())
}

fn is_due(last: Option<Moment>, every: Duration, now: Moment) -> bool {
    last.is_none_or(|last| last.until(now) >= every || last > now)
}

/// Reads the event log and the frameworks' numbers, and notes what may have changed. Whether lists of controls may have.
async fn look_through(
    behind: &Behind,
    index: &TenantIndex,
    known: &KnownTenant,
    now: Moment,
) -> Result<bool, CallError> {
    let desk = &behind.desk();
    let mut done = Refreshed { numbers: Some(now), ..Refreshed::default() };
    let mut lists = false;
    if desk.offers("list_event_logs") && may_go_on(desk, index).await {
        let last = known.refreshed().events.or_else(|| known.oldest_look()).unwrap_or(now);
        let since = last.max(now.minus(BACK)).minus(OVERLAP);
        if let Some((hints, is_all)) = read_events(desk, known, since, now).await? {
            lists = hints.lists;
            index.doubt(hints.things).await;
            for (framework, at) in hints.frameworks {
                index.doubt_framework(&framework, at).await;
            }
            if let Some(at) = hints.anything {
                index.doubt_all(at).await;
            }
            done.events = Some(now).filter(|_| is_all);
        }
    }
    if desk.offers("list_frameworks") && may_go_on(desk, index).await {
        let before: Vec<(String, [u64; 3])> =
            known.frameworks().map(|(id, kept)| (id.to_owned(), kept.totals)).collect();
        let frameworks = compare_frameworks(desk, index).await?;
        lists |= frameworks.iter().any(|framework| {
            before.iter().any(|(id, totals)| *id == framework.id && totals[0] != framework.totals()[0])
        });
    }
    index.has_refreshed(done).await;
    Ok(lists)
}

/// The events since then, and whether they are certainly all.
async fn read_events(
    desk: &Desk<'_>,
    known: &KnownTenant,
    since: Moment,
    now: Moment,
) -> Result<Option<(EventHints, bool)>, CallError> {
    let Ok(start) = Timestamp::from_millisecond(since.0) else { return Ok(None) };
    let gaps = Gaps::default();
    let wanted = json!({ "startDate": start.to_string() });
    let read =
        desk.also_beginning::<RefreshEvent>("event log", ("list_event_logs", PAGES), wanted, &gaps).await?;
    let Some(list) = read else {
        tracing::debug!(gaps = ?gaps.told(), "the event log cannot be read");
        return Ok(None);
    };
    let mut hints = EventHints::default();
    for event in &list.rows {
        hints.add(event, known, now);
    }
    // Where it goes on after the pages that are read, everything may have happened.
    let is_long = list.rows.len() >= PAGES * LEAST_OF_A_PAGE && !list.is_certain();
    if is_long {
        hints.anything = Some(now);
    }
    Ok(Some((hints, is_long || list.is_certain())))
}

/// A page of the log is at least so long where the list goes on.
const LEAST_OF_A_PAGE: usize = 50;

impl EventHints {
    fn add(&mut self, event: &RefreshEvent, known: &KnownTenant, now: Moment) {
        let at = event.date.as_deref().and_then(days::moment).map(|date| Moment(date.as_millisecond()));
        let at = at.map_or(now, |at| at.plus(ROUNDING).min(now));
        let action = event.action.as_deref().unwrap_or_default().to_lowercase();
        let (mut is_known, mut words) = (false, action.clone());
        for target in event.targets.iter().flatten() {
            words.push_str(&target.kind.as_deref().unwrap_or_default().to_lowercase());
            let Some(id) = target.id.as_deref() else { continue };
            if known.has_control(id) {
                self.things.push((id.to_owned(), at));
                (is_known, self.lists) = (true, true);
            } else if known.has_document(id) {
                self.things.push((id.to_owned(), at));
                is_known = true;
            } else if known.numbers(id).is_some() {
                self.frameworks.push((id.to_owned(), at));
                (is_known, self.lists) = (true, true);
            } else {
                self.things.extend(known.controls_of(id).map(|control| (control.to_owned(), at)));
            }
        }
        if is_known {
            return;
        }
        // What is not known is new, or of a kind that does not matter here; a mapping is between a control and something.
        if words.contains("control") || words.contains("framework") {
            self.lists = true;
            if ["test", "document", "evidence", "mapping"].iter().any(|thing| words.contains(thing)) {
                self.anything = self.anything.max(Some(at));
            }
        }
    }
}

/// Reads the lists of controls again: those of before this round.
async fn read_lists(behind: &Behind, index: &TenantIndex, now: Moment) -> Result<(), CallError> {
    let desk = &behind.desk();
    if desk.offers("list_controls") && may_go_on(desk, index).await {
        look_at_all(behind, index).await?;
    }
    if desk.offers("list_frameworks") && may_go_on(desk, index).await {
        look_at_frameworks(behind, index, now).await?;
        index.has_refreshed(Refreshed { lists: Some(now), ..Refreshed::default() }).await;
    }
    Ok(())
}

/// Looks at the oldest relations again, a few of them.
async fn look_again(behind: &Behind, index: &TenantIndex, now: Moment) -> Result<(), CallError> {
    let old = index.known().await.oldest(now.minus(AGED), ROUNDS);
    if old.is_empty() {
        return Ok(());
    }
    let steps: Vec<IndexStep> = old.into_iter().map(IndexStep::from).collect();
    let taken = take(behind, index, &steps).await;
    if taken.found > 0 {
        index.has_refreshed(Refreshed { rolled: Some(now), ..Refreshed::default() }).await;
    }
    taken.failed.map_or(Ok(()), Err)
}
