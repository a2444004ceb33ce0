//! Noting what may have changed, and what is gone.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use serde_json::Value;

use super::doubts::{Doubts, Refreshed};
use super::kept::{KeptFramework, LookedAt};
use super::tenant::{DOCUMENT, DOUBTS, EVIDENCE, FRAMEWORK, REFRESHED, SHARDS, TenantIndex, read, written};
use crate::api::SafeChange;
use crate::state::Moment;

/// What is older than this does not count in any case, so no doubt of it is needed.
const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl TenantIndex {
    /// Now, by the clock of the tenant's API.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.safe.now()
    }

    /// Notes that it was looked through: what is named in `now` replaces what was noted before, if it is later.
    pub async fn has_refreshed(&self, now: Refreshed) {
        let note = move |_, content: Option<Vec<u8>>| {
            let kept: Refreshed = read(content.as_deref()).unwrap_or_default();
            let next = Refreshed {
                events: kept.events.max(now.events),
                numbers: kept.numbers.max(now.numbers),
                lists: kept.lists.max(now.lists),
                rolled: kept.rolled.max(now.rolled),
                snapshot: kept.snapshot.max(now.snapshot),
            };
            SafeChange { content: written(&next), answer: () }
        };
        self.safe.change(REFRESHED, note).await;
    }

    /// Notes that what was looked at of these before then may no longer be so.
    pub async fn doubt(&self, doubts: Vec<(String, Moment)>) {
        if doubts.is_empty() {
            return;
        }
        let oldest = self.now().minus(MONTH);
        let note = move |_, content: Option<Vec<u8>>| {
            let mut kept: Doubts = read(content.as_deref()).unwrap_or_default();
            kept.add(&doubts);
            kept.of.retain(|_, at| *at > oldest);
            SafeChange { content: written(&kept), answer: () }
        };
        self.safe.change(DOUBTS, note).await;
    }

    /// Notes that whatever was looked at before then may no longer be so.
    pub async fn doubt_all(&self, at: Moment) {
        let note = move |_, content: Option<Vec<u8>>| {
            let kept: Doubts = read(content.as_deref()).unwrap_or_default();
            SafeChange { content: written(&Doubts { all: kept.all.max(Some(at)), ..kept }), answer: () }
        };
        self.safe.change(DOUBTS, note).await;
    }

    /// Notes that the relations of a framework may no longer be what they were before then.
    pub async fn doubt_framework(&self, id: &str, at: Moment) {
        let note = move |_, content: Option<Vec<u8>>| {
            let kept = read::<KeptFramework>(content.as_deref());
            let next = kept.map(|kept| KeptFramework { changed: kept.changed.max(Some(at)), ..kept });
            SafeChange { content: next.and_then(|next| written(&next)), answer: () }
        };
        self.safe.change(&format!("{FRAMEWORK}{id}"), note).await;
    }

    /// Drops what was found out before then of controls that are not among these: they are gone.
    pub async fn has_only_controls(&self, ids: HashSet<String>, before: Moment) {
        self.has_only(EVIDENCE, ids, before).await;
    }

    /// Drops what was found out before then of documents that are not among these: they are gone.
    pub async fn has_only_documents(&self, ids: HashSet<String>, before: Moment) {
        self.has_only(DOCUMENT, ids, before).await;
    }

    async fn has_only(&self, kind: &str, ids: HashSet<String>, before: Moment) {
        let ids = std::sync::Arc::new(ids);
        for shard in 0..SHARDS {
            let ids = std::sync::Arc::clone(&ids);
            let drop = move |_, content: Option<Vec<u8>>| {
                let mut kept: HashMap<String, LookedAt<Value>> = read(content.as_deref()).unwrap_or_default();
                let all = kept.len();
                kept.retain(|id, looked| ids.contains(id) || looked.at >= before);
                let content = (kept.len() < all).then(|| written(&kept)).flatten();
                SafeChange { content, answer: () }
            };
            self.safe.change(&format!("{kind}{shard:x}"), drop).await;
        }
    }
}
