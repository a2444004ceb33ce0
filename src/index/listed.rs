//! Things by their kinds in the shared state. A kind is read as a whole, and each of its records says of which pass it is: so
//! whoever reads while it is written sees that, and a pass that was not certainly whole replaces nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::kept::{FORGOTTEN, KeptControl, KeptList};
use super::tenant::{PASS, THINGS, TenantIndex, shard_of};
use super::things::{KeptThing, ThingKind};
use crate::api::{Clients, SafeChange};
use crate::catalog::{Api, Effect, Operation};
use crate::state::Moment;

/// For so long names are taken from a pass.
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// After so long a kind that could not be read is tried again.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// What was kept so short a time ago is not written again because a question read it too.
const JUST_NOW: Duration = Duration::from_secs(60);

/// A pass through the list of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThingPass {
    /// When it began.
    pub at: Moment,
    /// How many there are, or why that is not known.
    pub outcome: Result<usize, String>,
}

/// What a pass through a list found.
#[derive(Debug, Clone)]
pub enum ThingsRead {
    /// All that there are.
    Whole(Vec<KeptThing>),
    /// Perhaps not all, and why.
    Doubtful(String),
    /// Nothing: it is not to be read, and why.
    Refused(String),
}

/// All things of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownThings {
    /// When they were read.
    pub at: Moment,
    /// Them.
    pub things: Vec<KeptThing>,
}

/// What some things are called.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct FoundNames {
    /// When the oldest of them was read.
    pub oldest: Option<Moment>,
    /// Names by id; what is not known is not there.
    pub names: BTreeMap<String, String>,
}

/// Some of the things of a kind.
#[derive(Serialize, Deserialize)]
struct ThingShard {
    at: Moment,
    things: Vec<KeptThing>,
}

impl ThingPass {
    /// Whether the kind is to be read again.
    #[must_use]
    pub fn is_due(&self, now: Moment) -> bool {
        let after = match &self.outcome {
            Ok(_) => WEEK,
            Err(reason) if reason == FORGOTTEN => Duration::ZERO,
            Err(_) => HOUR,
        };
        self.at.until(now) >= after
    }

    /// Whether names are taken from it.
    fn counts(&self, now: Moment) -> bool {
        self.outcome.is_ok() && self.at.until(now) < WEEK
    }
}

impl TenantIndex {
    /// The latest pass of each kind that was ever read, controls aside.
    pub async fn passes(&self) -> HashMap<ThingKind, ThingPass> {
        let mut passes = HashMap::new();
        for (name, content) in self.safe().some(PASS).await {
            let kind = ThingKind::ALL.into_iter().find(|kind| name.strip_prefix(PASS) == Some(kind.record()));
            passes.extend(kind.and_then(|kind| Some((kind, serde_json::from_slice(&content).ok()?))));
        }
        passes
    }

    /// All things of a kind with their names, where it was read as a whole in the last week. Whether they may be told to
    /// whoever asks is for the caller to know: they are what the tool [`ThingKind::list`] tells.
    pub async fn things(&self, kind: ThingKind, now: Moment) -> Option<KnownThings> {
        if kind == ThingKind::Control {
            let list = self.all_controls(now).await?;
            let things = list.rows.iter().map(KeptThing::from).collect();
            return Some(KnownThings { at: list.at, things });
        }
        let pass = self.pass(kind).await.filter(|pass| pass.counts(now))?;
        let mut things = Vec::new();
        for (_, content) in self.safe().some(&format!("{THINGS}{}/", kind.record())).await {
            let shard: ThingShard = serde_json::from_slice(&content).ok()?;
            // Another pass is being written, and they cannot be told apart.
            if shard.at != pass.at {
                return None;
            }
            things.extend(shard.things);
        }
        (pass.outcome == Ok(things.len())).then_some(KnownThings { at: pass.at, things })
    }

    /// What the things with these ids are called. It opens the records alone that they can be in.
    pub async fn called(&self, kind: ThingKind, ids: &BTreeSet<&str>, now: Moment) -> FoundNames {
        let mut found = FoundNames::default();
        let mut take = |at: Moment, things: &[KeptThing]| {
            for thing in things.iter().filter(|thing| ids.contains(thing.id.as_str())) {
                let name = thing.called(kind);
                if !name.is_empty() {
                    found.oldest = Some(found.oldest.map_or(at, |oldest| oldest.min(at)));
                    found.names.insert(thing.id.clone(), name);
                }
            }
        };
        if ids.is_empty() {
            return found;
        }
        if kind == ThingKind::Control {
            if let Some(known) = self.things(kind, now).await {
                take(known.at, &known.things);
            }
            return found;
        }
        if !self.pass(kind).await.is_some_and(|pass| pass.counts(now)) {
            return found;
        }
        let shards: BTreeSet<u32> = ids.iter().map(|id| shard_of(id, kind.shards())).collect();
        for shard in shards {
            let content = self.safe().one(&record(kind, shard)).await;
            if let Some(shard) =
                content.and_then(|content| serde_json::from_slice::<ThingShard>(&content).ok())
            {
                take(shard.at, &shard.things);
            }
        }
        found
    }

    /// Keeps what a pass through the list of a kind found that began at that moment, unless a later one is there.
    pub async fn keep_things(&self, kind: ThingKind, at: Moment, read: ThingsRead) {
        let outcome = match read {
            ThingsRead::Whole(things) => {
                let count = things.len();
                self.keep_shards(kind, at, things).await;
                Ok(count)
            }
            ThingsRead::Refused(reason) => Err(reason),
            ThingsRead::Doubtful(reason) => {
                // What was certain is worth more than what is new.
                if self.pass(kind).await.is_some_and(|pass| pass.counts(at)) {
                    return;
                }
                Err(reason)
            }
        };
        self.keep_pass(kind, ThingPass { at, outcome }).await;
    }

    /// That a kind is to be read again before its names are used: something of it was added, removed or renamed.
    pub async fn forget_things(&self, kind: ThingKind) {
        let forget = |now: Moment, _: Option<Vec<u8>>| {
            // What is being read meanwhile is older than this, and does not come back.
            let pass = ThingPass { at: now, outcome: Err(FORGOTTEN.to_owned()) };
            SafeChange { content: serde_json::to_vec(&pass).ok(), answer: () }
        };
        self.safe().change(&format!("{PASS}{}", kind.record()), forget).await;
    }

    async fn pass(&self, kind: ThingKind) -> Option<ThingPass> {
        let content = self.safe().one(&format!("{PASS}{}", kind.record())).await?;
        serde_json::from_slice(&content).ok()
    }

    async fn keep_pass(&self, kind: ThingKind, pass: ThingPass) {
        let keep = move |_, content: Option<Vec<u8>>| {
            let kept = content.and_then(|content| serde_json::from_slice::<ThingPass>(&content).ok());
            let is_later = kept.is_none_or(|kept| kept.at <= pass.at);
            SafeChange { content: is_later.then(|| serde_json::to_vec(&pass).ok()).flatten(), answer: () }
        };
        self.safe().change(&format!("{PASS}{}", kind.record()), keep).await;
    }

    async fn keep_shards(&self, kind: ThingKind, at: Moment, things: Vec<KeptThing>) {
        let mut shards: Vec<ThingShard> =
            (0..kind.shards()).map(|_| ThingShard { at, things: Vec::new() }).collect();
        for thing in things {
            let shard = usize::try_from(shard_of(&thing.id, kind.shards())).unwrap_or_default();
            if let Some(shard) = shards.get_mut(shard) {
                shard.things.push(thing);
            }
        }
        for (number, shard) in (0..).zip(shards) {
            let Ok(written) = serde_json::to_vec(&shard) else { continue };
            let keep = move |_, content: Option<Vec<u8>>| {
                let kept = content.and_then(|content| serde_json::from_slice::<ThingShard>(&content).ok());
                let is_later = kept.is_none_or(|kept| kept.at <= at);
                SafeChange { content: is_later.then(|| written.clone()), answer: () }
            };
            self.safe().change(&record(kind, number), keep).await;
        }
    }

    /// Whether a pass through the list of a kind was kept a moment before.
    async fn has_just_kept(&self, kind: ThingKind, at: Moment) -> bool {
        let kept = match kind {
            ThingKind::Control => self.all_controls(at).await.map(|list| list.at),
            _ => self.pass(kind).await.filter(|pass| pass.outcome.is_ok()).map(|pass| pass.at),
        };
        kept.is_some_and(|kept| kept.until(at) < JUST_NOW)
    }
}

/// Keeps what a question read anyway: a list with all things of a kind, which began to be read at that moment; `doubt` says
/// why something may be missing. Any other list is passed over.
pub async fn note(
    clients: &Clients,
    (operation, arguments): (&Operation, &Value),
    at: Moment,
    doubt: Option<String>,
    items: &[&RawValue],
) {
    if operation.api != Api::Manage {
        return;
    }
    let Some(kind) = ThingKind::all_listed(operation, arguments) else { return };
    let Some(index) = TenantIndex::of(clients) else { return };
    // What was asked for afresh may be new all the same.
    let is_fresh = arguments.get("fresh").and_then(Value::as_bool) == Some(true);
    if !is_fresh && index.has_just_kept(kind, at).await {
        return;
    }
    let items = items.iter().filter_map(|item| serde_json::from_str::<Value>(item.get()).ok());
    if kind == ThingKind::Control {
        if doubt.is_none() {
            let rows: Vec<KeptControl> = items.filter_map(|item| KeptControl::read(&item)).collect();
            index.keep_controls(KeptList { at, certain: true, rows }).await;
        }
        return;
    }
    let read = match doubt {
        None => ThingsRead::Whole(items.filter_map(|item| KeptThing::read(kind, &item)).collect()),
        Some(doubt) => ThingsRead::Doubtful(doubt),
    };
    index.keep_things(kind, at, read).await;
}

/// Forgets the names that a change of ours may have changed. It costs nothing where nothing is kept of them.
pub async fn renamed(clients: &Clients, operation: &Operation) {
    if operation.effect == Effect::Read || operation.api != Api::Manage {
        return;
    }
    let kinds: Vec<ThingKind> =
        ThingKind::ALL.into_iter().filter(|kind| renames(*kind, operation.path)).collect();
    if kinds.is_empty() {
        return;
    }
    let Some(index) = TenantIndex::of(clients) else { return };
    for kind in kinds {
        index.forget_things(kind).await;
    }
}

/// Whether a change at that path may change what things of a kind are called, whose they are, or which there are.
fn renames(kind: ThingKind, path: &str) -> bool {
    let of_kind = match kind {
        // Controls are forgotten with what proves them.
        ThingKind::Control => return false,
        ThingKind::User => &["/v1/users", "/v1/people"][..],
        ThingKind::Person => &["/v1/people", "/v1/groups"],
        other => {
            let list = crate::catalog::find(other.list()).map_or("", |list| list.path);
            return is_near(path, list);
        }
    };
    of_kind.iter().any(|list| is_near(path, list) || *list == "/v1/groups" && path.starts_with(list))
}

/// Whether a path is that of a list, of one of its items, or of an item's owner: what is deeper is something else.
fn is_near(path: &str, list: &str) -> bool {
    let Some(below) = path.strip_prefix(list).filter(|rest| rest.is_empty() || rest.starts_with('/')) else {
        return false;
    };
    let below: Vec<&str> = below.split('/').filter(|part| !part.is_empty()).collect();
    matches!(below.as_slice(), [] | [_] | [_, "set-owner"])
}

fn record(kind: ThingKind, shard: u32) -> String {
    format!("{THINGS}{}/{shard:x}", kind.record())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn a_change_forgets_the_names_that_it_may_change_and_no_others() {
        let forgets = |tool: &str| -> Vec<ThingKind> {
            let operation = catalog::find(tool).unwrap();
            ThingKind::ALL.into_iter().filter(|kind| renames(*kind, operation.path)).collect()
        };
        for (tool, kinds) in [
            ("update_vendor", &[ThingKind::Vendor][..]),
            ("delete_document", &[ThingKind::Document]),
            ("set_document_owner", &[ThingKind::Document]),
            ("create_vendor_finding", &[]),
            ("offboard_people", &[ThingKind::Person, ThingKind::User]),
            ("add_group_person", &[ThingKind::Person]),
            ("create_group", &[ThingKind::Person, ThingKind::Group]),
            ("deactivate_test_entity", &[]),
            ("update_risk_scenario", &[ThingKind::Risk]),
        ] {
            if catalog::find(tool).is_some() {
                assert_eq!(forgets(tool), kinds, "{tool}");
            }
        }
        assert!(catalog::find("update_vendor").is_some() && catalog::find("offboard_people").is_some());
    }

    #[test]
    fn a_pass_is_due_when_it_is_old_was_refused_or_is_forgotten() {
        let now = Moment(1_800_000_000_000);
        let pass = |age: Duration, outcome: Result<usize, &str>| ThingPass {
            at: now.minus(age),
            outcome: outcome.map_err(str::to_owned),
        };
        let minute = Duration::from_secs(60);
        assert!(!pass(minute, Ok(3)).is_due(now) && pass(minute, Ok(3)).counts(now));
        assert!(pass(WEEK, Ok(3)).is_due(now) && !pass(WEEK, Ok(3)).counts(now));
        assert!(!pass(minute, Err("403")).is_due(now) && !pass(minute, Err("403")).counts(now));
        assert!(pass(HOUR, Err("403")).is_due(now) && pass(minute, Err(FORGOTTEN)).is_due(now));
    }
}
