//! The tenant's index in the shared state: what is kept there, record by record.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::kept::{
    ControlEvidence, DocumentDetail, FORGOTTEN, KeptControl, KeptFramework, KeptList, LookedAt, WantedPart,
};
use super::known::KnownTenant;
use crate::api::{Clients, IndexExtent, Safe, SafeChange};
use crate::catalog::{Api, Effect, Operation};
use crate::state::{Moment, StoreError};

/// What nobody has changed for so long is deleted: nobody uses it.
const UNUSED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Over how many records the relations of a kind are spread, so that one more does not write all of them.
pub(super) const SHARDS: u32 = 16;

/// How many frameworks can be waiting to be looked at.
const MOST_WANTED: usize = 20;

const CONTROLS: &str = "controls";
const FRAMEWORKS: &str = "frameworks";
pub(super) const FRAMEWORK: &str = "framework/";
pub(super) const EVIDENCE: &str = "evidence/";
pub(super) const DOCUMENT: &str = "document/";
const WANTED: &str = "wanted";
pub(super) const REFRESHED: &str = "refreshed";
pub(super) const DOUBTS: &str = "doubts";
const LEASE: &str = "lease";

/// How the names of the records begin that tell of passes through the list of a kind, and of those with its things.
pub(super) const PASS: &str = "pass/";
pub(super) const THINGS: &str = "things/";

/// The index of one tenant.
#[derive(Clone)]
pub struct TenantIndex {
    pub(super) safe: Arc<Safe>,
    /// Where its snapshots are.
    pub(super) days: Arc<Safe>,
    /// Tells those who build it in one process apart.
    builder: u64,
}

static BUILDERS: AtomicU64 = AtomicU64::new(0);

/// Who builds the index now.
#[derive(Default, Serialize, Deserialize)]
struct BuilderLease {
    owner: String,
    until: i64,
}

impl TenantIndex {
    /// The index of the tenant of Manage Vanta; `None` where nothing is to be kept, or no application is configured.
    #[must_use]
    pub fn of(clients: &Clients) -> Option<Self> {
        if clients.index() == IndexExtent::Off {
            return None;
        }
        Self::to_clear(clients)
    }

    /// The same also where nothing is to be kept any more.
    #[must_use]
    pub fn to_clear(clients: &Clients) -> Option<Self> {
        let builder = BUILDERS.fetch_add(1, Ordering::Relaxed);
        let days = Arc::new(clients.safe(Api::Manage)?.aside("days"));
        Some(Self { safe: Arc::new(clients.safe(Api::Manage)?), days, builder })
    }

    /// Where its records are.
    pub(super) fn safe(&self) -> &Arc<Safe> {
        &self.safe
    }

    /// All controls, where the list was read to its end in the last week. It opens one record.
    pub async fn all_controls(&self, now: Moment) -> Option<KeptList<KeptControl>> {
        let controls = read(self.safe.one(CONTROLS).await.as_deref());
        let known = KnownTenant { controls, ..KnownTenant::default() };
        known.controls(now).is_some().then_some(known.controls).flatten()
    }

    /// All relations that are known at one time. What things are called has records of its own, which are not opened.
    pub async fn known(&self) -> KnownTenant {
        let mut known = KnownTenant::default();
        let is_of_things = |name: &str| name.starts_with(PASS) || name.starts_with(THINGS);
        for (name, content) in self.safe.all_but(is_of_things).await {
            if name == CONTROLS {
                known.controls = serde_json::from_slice(&content).ok();
            } else if name == FRAMEWORKS {
                known.framework_list = serde_json::from_slice(&content).ok();
            } else if name == WANTED {
                known.wanted = serde_json::from_slice(&content).unwrap_or_default();
            } else if name == REFRESHED {
                known.refreshed = serde_json::from_slice(&content).unwrap_or_default();
            } else if name == DOUBTS {
                known.doubts = serde_json::from_slice(&content).unwrap_or_default();
            } else if let Some(id) = name.strip_prefix(FRAMEWORK) {
                known
                    .frameworks
                    .extend(serde_json::from_slice(&content).ok().map(|kept| (id.to_owned(), kept)));
            } else if name.starts_with(EVIDENCE) {
                known.evidence.extend(shard::<ControlEvidence>(&content));
            } else if name.starts_with(DOCUMENT) {
                known.documents.extend(shard::<DocumentDetail>(&content));
            }
        }
        known
    }

    /// Keeps the list of all controls, unless a later one is there, or it may not be all of them.
    pub async fn keep_controls(&self, list: KeptList<KeptControl>) {
        if !list.certain {
            return;
        }
        self.keep_later(CONTROLS, list.at, &list, |kept: &KeptList<KeptControl>| kept.at).await;
    }

    /// Keeps the ids of all frameworks, unless a later list is there, or it may not be all of them.
    pub async fn keep_frameworks(&self, list: KeptList<String>) {
        if !list.certain {
            return;
        }
        self.keep_later(FRAMEWORKS, list.at, &list, |kept: &KeptList<String>| kept.at).await;
    }

    /// Keeps a framework, unless a later one is there. Since when it is in doubt stays, and so do its controls where those
    /// that were read may not be all, and the numbers are the same.
    pub async fn keep_framework(&self, id: &str, framework: KeptFramework) {
        let keep = move |_, content: Option<Vec<u8>>| {
            let mut next = framework.clone();
            if let Some(kept) = read::<KeptFramework>(content.as_deref()) {
                if kept.at > next.at {
                    return SafeChange { content: None, answer: () };
                }
                next.changed = next.changed.max(kept.changed);
                if next.controls.is_none() && kept.controls.is_some() && kept.totals == next.totals {
                    (next.controls, next.at) = (kept.controls, kept.at);
                }
            }
            SafeChange { content: written(&next), answer: () }
        };
        self.safe.change(&format!("{FRAMEWORK}{id}"), keep).await;
    }

    /// Keeps what was found out of controls.
    pub async fn keep_evidence(&self, looked: Vec<(String, LookedAt<ControlEvidence>)>) {
        self.keep_relations(EVIDENCE, looked).await;
    }

    /// Keeps what was found out of documents.
    pub async fn keep_documents(&self, looked: Vec<(String, LookedAt<DocumentDetail>)>) {
        self.keep_relations(DOCUMENT, looked).await;
    }

    /// Notes that somebody asked about something that is not all looked at yet.
    pub async fn want(&self, part: WantedPart) {
        let add = move |_, content: Option<Vec<u8>>| {
            let mut wanted: Vec<WantedPart> = read(content.as_deref()).unwrap_or_default();
            if wanted.contains(&part) || wanted.len() >= MOST_WANTED {
                return SafeChange { content: None, answer: () };
            }
            wanted.push(part.clone());
            SafeChange { content: written(&wanted), answer: () }
        };
        self.safe.change(WANTED, add).await;
    }

    /// Notes that something is all looked at.
    pub async fn has(&self, part: WantedPart) {
        let remove = move |_, content: Option<Vec<u8>>| {
            let mut wanted: Vec<WantedPart> = read(content.as_deref()).unwrap_or_default();
            let before = wanted.len();
            wanted.retain(|other| *other != part);
            let content = (wanted.len() < before).then(|| written(&wanted)).flatten();
            SafeChange { content, answer: () }
        };
        self.safe.change(WANTED, remove).await;
    }

    /// Takes, or keeps, the part of the one who builds, for so long. Whether it was had: somebody else may have it.
    pub async fn build_for(&self, lasts: Duration) -> bool {
        let owner = format!("{} {}", self.safe.owner(), self.builder);
        let take = move |now: Moment, content: Option<Vec<u8>>| {
            let lease: BuilderLease = read(content.as_deref()).unwrap_or_default();
            if lease.owner != owner && Moment(lease.until) > now {
                return SafeChange { content: None, answer: false };
            }
            let lease = BuilderLease { owner: owner.clone(), until: now.plus(lasts).0 };
            SafeChange { content: written(&lease), answer: true }
        };
        self.safe.change(LEASE, take).await
    }

    /// Gives the part of the one who builds to whoever wants it.
    pub async fn built(&self) {
        let owner = format!("{} {}", self.safe.owner(), self.builder);
        let give = move |_, content: Option<Vec<u8>>| {
            let lease: BuilderLease = read(content.as_deref()).unwrap_or_default();
            let content = (lease.owner == owner).then(|| written(&BuilderLease::default())).flatten();
            SafeChange { content, answer: () }
        };
        self.safe.change(LEASE, give).await;
    }

    /// Forgets what was found out of a control's tests, or of a document.
    pub async fn forget_of(&self, control: Option<&str>, document: Option<&str>) {
        for (kind, id) in [(EVIDENCE, control), (DOCUMENT, document)] {
            let Some(id) = id else { continue };
            let (name, id) = (shard_name(kind, id), id.to_owned());
            // What was being read meanwhile is older than this, and does not come back.
            let at = self.safe.now();
            let forget = move |_, content: Option<Vec<u8>>| {
                let mut kept: HashMap<String, LookedAt<Value>> = read(content.as_deref()).unwrap_or_default();
                kept.insert(id.clone(), LookedAt { at, found: Err(FORGOTTEN.to_owned()) });
                SafeChange { content: written(&kept), answer: () }
            };
            self.safe.change(&name, forget).await;
        }
    }

    /// Forgets the lists of controls: one was added, removed or renamed.
    pub async fn forget_lists(&self) {
        let at = self.safe.now();
        for (name, content) in self.safe.some(FRAMEWORK).await {
            let Some(framework) = read::<KeptFramework>(Some(&content)) else { continue };
            let empty = move |_, _: Option<Vec<u8>>| SafeChange {
                content: written(&KeptFramework { at, controls: None, ..framework.clone() }),
                answer: (),
            };
            self.safe.change(&name, empty).await;
        }
        let empty = move |_, _: Option<Vec<u8>>| SafeChange {
            content: written(&KeptList::<KeptControl> { at, certain: false, rows: Vec::new() }),
            answer: (),
        };
        self.safe.change(CONTROLS, empty).await;
    }

    /// Deletes all of it. Returns how many records that were.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn clear(&self) -> Result<u64, StoreError> {
        // With the snapshots, which are of the same application.
        self.safe.clear().await
    }

    /// Deletes every index in the same state that nobody has used for a month.
    pub async fn forget_unused(&self) {
        self.safe.forget(UNUSED).await;
    }

    async fn keep_later<T>(
        &self,
        name: &str,
        at: Moment,
        new: &T,
        when: impl Fn(&T) -> Moment + Send + Sync + 'static,
    ) where
        T: Serialize + DeserializeOwned + 'static,
    {
        let Some(content) = written(new) else { return };
        let keep = move |_, kept: Option<Vec<u8>>| {
            let is_later = read::<T>(kept.as_deref()).is_none_or(|kept| when(&kept) <= at);
            SafeChange { content: is_later.then(|| content.clone()), answer: () }
        };
        self.safe.change(name, keep).await;
    }

    /// Each relation is replaced as a whole, by a later look alone.
    async fn keep_relations<T>(&self, kind: &str, looked: Vec<(String, LookedAt<T>)>)
    where
        T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    {
        let mut shards = BTreeMap::<String, Vec<(String, LookedAt<T>)>>::new();
        for (id, one) in looked {
            shards.entry(shard_name(kind, &id)).or_default().push((id, one));
        }
        for (name, looked) in shards {
            let keep = move |_, content: Option<Vec<u8>>| {
                let mut kept: HashMap<String, LookedAt<T>> = read(content.as_deref()).unwrap_or_default();
                for (id, one) in &looked {
                    if kept.get(id).is_none_or(|other| other.at <= one.at) {
                        kept.insert(id.clone(), one.clone());
                    }
                }
                SafeChange { content: written(&kept), answer: () }
            };
            self.safe.change(&name, keep).await;
        }
    }
}

/// Forgets what a change of ours may have changed. It costs nothing where nothing is kept of it.
pub async fn touched(clients: &Clients, operation: &Operation, arguments: &Value) {
    if operation.effect == Effect::Read || operation.api != Api::Manage {
        return;
    }
    let part = |name: &str| arguments.get(name).and_then(Value::as_str);
    let concerns = ["/v1/controls", "/v1/documents", "/v1/frameworks"];
    if !concerns.iter().any(|path| operation.path.starts_with(path)) {
        return;
    }
    let Some(index) = TenantIndex::of(clients) else { return };
    index.forget_of(part("controlId"), part("documentId")).await;
    // A control that is made, renamed, given to somebody or removed is in the lists.
    if !operation.path.starts_with("/v1/documents") {
        index.forget_lists().await;
    }
}

fn shard<T: DeserializeOwned>(content: &[u8]) -> HashMap<String, LookedAt<T>> {
    serde_json::from_slice(content).unwrap_or_default()
}

pub(super) fn read<T: DeserializeOwned>(content: Option<&[u8]>) -> Option<T> {
    serde_json::from_slice(content?).ok()
}

pub(super) fn written(value: &impl Serialize) -> Option<Vec<u8>> {
    serde_json::to_vec(value).ok()
}

/// The record that a relation is in: always the same, in every version.
fn shard_name(kind: &str, id: &str) -> String {
    format!("{kind}{:x}", relation_shard(id))
}

/// Which of the records of a kind a relation is in. Those that are kept together are kept at one write where they are in one.
#[must_use]
pub fn relation_shard(id: &str) -> u32 {
    shard_of(id, SHARDS)
}

/// In which of so many records something of this id is: always the same, in every version.
pub(super) fn shard_of(id: &str, shards: u32) -> u32 {
    let sum = id.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    sum.checked_rem(shards).unwrap_or_default()
}
