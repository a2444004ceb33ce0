//! What was previewed and may be carried out: kept in the shared state, so that a confirmation is good for one call of all
//! processes that share it.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::confirmation::{Proposal, SignedName, Signer, TokenMisfit};
use super::difference::between;
use crate::state::{Moment, RecordGroup, RecordKey, RecordKind, Seal, Shared, StoreError};

/// How long it is known that a confirmation was used. Long after its end it counts as expired anyway.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// The most of a shown state that is kept, in bytes of JSON: of more it is told that it changed, and not what.
const MOST_SHOWN: usize = 64 * 1024;

/// The key's record.
const KEY: &str = "key";

/// How the names of the other records begin.
const OFFERS: &str = "offer/";

/// The confirmations of one installation: of all who share its state.
pub struct Confirmations {
    shared: Arc<Shared>,
    seal: Seal,
}

/// The key that tokens are signed with. It is made once for each state.
#[derive(Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct KeyRecord(String);

/// A confirmation that was given out.
#[derive(Default, Clone, PartialEq, Serialize, Deserialize)]
struct OfferRecord {
    /// A digest of what was shown of the targets.
    #[serde(default)]
    fingerprint: String,
    /// The same whole, sealed; empty where it is too long.
    #[serde(default)]
    shown: String,
    /// When it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used: Option<Moment>,
}

/// A confirmation that fits its call, and was not used when it was looked at.
pub(super) struct LookedOffer {
    key: RecordKey,
    fingerprint: String,
    shown: Option<Value>,
}

/// Why a confirmation is not good for a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// The token does not fit.
    Token(TokenMisfit),
    /// Nothing is known of it here.
    Unknown,
    /// It has been used.
    Used,
    /// Whether it has been used cannot be found out.
    State(StoreError),
}

impl Confirmations {
    /// Kept in this state, sealed with what belongs to one application.
    #[must_use]
    pub fn new(shared: Arc<Shared>, seal: Seal) -> Self {
        Self { shared, seal }
    }

    /// Host and application, as a name that tells neither.
    #[must_use]
    pub fn tenant(&self) -> &str {
        self.seal.application()
    }

    /// Gives out a confirmation for what was shown.
    ///
    /// # Errors
    /// The state cannot be used, so that nobody could tell afterwards whether it was used.
    pub async fn offer(
        &self,
        proposal: &Proposal,
        shown: &Value,
        lasts: Duration,
    ) -> Result<String, StoreError> {
        let (signer, now) = self.signer().await?;
        let no_random = || StoreError::Failed {
            place: "the random source".to_owned(),
            detail: "it gave nothing".to_owned(),
        };
        let (SignedName { name }, token) = signer.sign(proposal, now, lasts).ok_or_else(no_random)?;
        let key = offer_key(&name);
        let text = canonical(shown);
        let sealed =
            (text.len() <= MOST_SHOWN).then(|| self.seal.close_as(&key.id, text.as_bytes())).flatten();
        let record =
            OfferRecord { fingerprint: fingerprint(&text), shown: sealed.unwrap_or_default(), used: None };
        self.shared.change_kept(&key, move |_, kept: &mut OfferRecord| *kept = record.clone()).await?;
        // What stays is deleted the next time.
        let old = RecordGroup { kind: RecordKind::Confirmation, prefix: OFFERS.to_owned() };
        let _ = self.shared.delete(&old, KEPT).await;
        Ok(token)
    }

    /// What the answer to a question about a confirmation comes back with.
    ///
    /// # Errors
    /// The state cannot be used.
    pub async fn seal_question(&self, token: &str) -> Result<String, StoreError> {
        let (signer, _) = self.signer().await?;
        Ok(signer.seal(token))
    }

    /// Looks at a confirmation, without using it.
    pub(super) async fn look(&self, proposal: &Proposal, token: &str) -> Result<LookedOffer, Unfit> {
        let (signer, now) = self.signer().await.map_err(Unfit::State)?;
        let SignedName { name } = signer.read(token, proposal, now).map_err(Unfit::Token)?;
        let key = offer_key(&name);
        let record = self.shared.change_kept(&key, |_, kept: &mut OfferRecord| kept.clone()).await;
        let OfferRecord { fingerprint, shown, used } = record.map_err(Unfit::State)?;
        match (fingerprint.is_empty(), used) {
            (true, _) => Err(Unfit::Unknown),
            (false, Some(_)) => Err(Unfit::Used),
            (false, None) => {
                let opened = self.seal.open_as(&key.id, &shown);
                let shown = opened.and_then(|text| serde_json::from_slice(&text).ok());
                Ok(LookedOffer { key, fingerprint, shown })
            }
        }
    }

    /// Uses a confirmation, which whoever comes first does alone.
    pub(super) async fn take(&self, looked: LookedOffer) -> Result<(), Unfit> {
        let step = |now: Moment, kept: &mut OfferRecord| {
            if kept.fingerprint.is_empty() {
                return Err(Unfit::Unknown);
            }
            if kept.used.is_some() {
                return Err(Unfit::Used);
            }
            kept.used = Some(now);
            kept.shown.clear();
            Ok(())
        };
        self.shared.change_kept(&looked.key, step).await.map_err(Unfit::State)?
    }

    /// What signs, and what time it is.
    async fn signer(&self) -> Result<(Signer, Moment), StoreError> {
        let mut fresh = [0; 32];
        // Where the random source fails, an empty key is found below.
        let fresh = getrandom::fill(&mut fresh).map(|()| STANDARD.encode(fresh)).unwrap_or_default();
        let key = RecordKey { kind: RecordKind::Confirmation, id: KEY.to_owned() };
        let step = move |now: Moment, kept: &mut KeyRecord| {
            if kept.0.is_empty() {
                kept.0.clone_from(&fresh);
            }
            (kept.0.clone(), now)
        };
        let (kept, now) = self.shared.change_kept(&key, step).await?;
        let unusable = || StoreError::Unreadable {
            place: self.shared.health().place,
            detail: "the key of confirmations is damaged".to_owned(),
        };
        let bytes = STANDARD.decode(kept).ok().filter(|bytes| bytes.len() == 32).ok_or_else(unusable)?;
        Ok((Signer::new(&bytes), now))
    }
}

impl LookedOffer {
    pub(super) fn shown(&self) -> Option<&Value> {
        self.shown.as_ref()
    }

    /// What is another than it was when it was shown; empty where nothing is. What was not known then is no difference.
    pub(super) fn differences(&self, now: &Value) -> Vec<String> {
        let now = match &self.shown {
            Some(shown) => known_then(shown, now),
            None => now.clone(),
        };
        if fingerprint(&canonical(&now)) == self.fingerprint {
            return Vec::new();
        }
        let mut told = Vec::new();
        if let Some(shown) = &self.shown {
            between(shown, &now, &mut told);
        }
        if told.is_empty() {
            told.push("something that was too long to keep".to_owned());
        }
        told
    }
}

/// The states of now without those of targets of which nothing was known.
fn known_then(shown: &Value, now: &Value) -> Value {
    let mut now = now.clone();
    if let (Some(shown), Some(now)) = (shown.as_object(), now.as_object_mut()) {
        for (target, state) in now.iter_mut() {
            if shown.get(target).is_some_and(Value::is_null) {
                *state = Value::Null;
            }
        }
    }
    now
}

fn offer_key(name: &str) -> RecordKey {
    RecordKey { kind: RecordKind::Confirmation, id: format!("{OFFERS}{name}") }
}

fn fingerprint(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    STANDARD.encode(digest)
}

/// A value in one spelling: members in the order of their names, no blanks.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| name.as_str());
            text.push('{');
            for (place, (name, value)) in sorted.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write(value, text);
            }
            text.push('}');
        }
        Value::Array(all) => {
            text.push('[');
            for (place, value) in all.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write(value, text);
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}
