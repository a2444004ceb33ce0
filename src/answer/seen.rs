//! Which ids were met before, at eight bytes each: lists have a hundred thousand items.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

/// With a key of this process, so that nobody can make two ids that are taken for one. Among 100,000 of them that happens
/// by chance once in 3,000,000,000 lists.
static HASH: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// Texts that were met.
#[derive(Debug, Default)]
pub(super) struct SeenTexts(HashSet<u64>);

impl SeenTexts {
    /// Notes a text; whether it is new.
    pub(super) fn insert(&mut self, text: &str) -> bool {
        self.0.insert(HASH.hash_one(text))
    }

    /// Whether there is any, and all of them are among others.
    pub(super) fn are_some_of(&self, others: &Self) -> bool {
        !self.0.is_empty() && self.0.is_subset(&others.0)
    }
}
