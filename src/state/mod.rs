//! What several processes share: one application's token, its requests a minute, and who waits for a turn. Later whatever
//! else must be known to all of them.
//!
//! The rules ([`application`]) are pure and know nothing of where records are kept; a store keeps records and knows
//! nothing of what is in them. [`Shared`] joins the two.

pub mod application;
mod changes;
pub mod kept;
mod memory;
mod paging;
mod place;
#[cfg(feature = "postgres")]
pub mod postgres;
mod schema;
mod seal;
mod shared;
mod sqlite;
pub mod standing;
mod store;
pub mod token;
mod turn;

pub use place::{StatePlace, open};
pub use seal::Seal;
pub use shared::{Shared, StateHealth};
pub use store::{Moment, RecordGroup, RecordKey, RecordKind, StoreError, StoreKind};

#[cfg(test)]
use memory::{Memory, system_time};
#[cfg(test)]
use store::Store;

#[cfg(test)]
mod tests;
