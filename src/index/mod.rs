//! What the API holds one way round only, kept so that it can be asked the other way round: which tests and documents prove
//! a control, when a document is to be renewed, and what the things are called that are told by their ids ([`ThingKind`]).
//!
//! Kept are ids, names, owners and dates, each with the time at which it was looked at; no texts, comments or evidence. It
//! lies in the shared state, sealed like tokens, for each host, application and set of scopes by itself, so that what less
//! could be seen with never answers for more. What was not looked at is told apart from what there is not: see [`KnownTenant`].
//! Whether a test fails now is never taken from here.

mod doubts;
mod kept;
mod known;
mod listed;
mod names;
mod refreshing;
mod snapshots;
mod stale;
mod tenant;
mod things;

pub use doubts::Refreshed;
pub use kept::{
    ControlEvidence, DocumentDetail, GONE, KeptControl, KeptFramework, KeptList, KeptOwner, LookedAt,
    WantedPart,
};
pub use known::KnownTenant;
pub use listed::{KnownThings, ThingsRead, note, renamed};
pub use names::{KnownName, NamedKind, known_names};
pub use snapshots::{DayOfNumbers, Snapshots};
pub use stale::KeptRelation;
pub use tenant::{TenantIndex, relation_shard, touched};
pub use things::{KeptThing, ThingKind};
