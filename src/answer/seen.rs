//! Which ids were met on earlier pages, at eight bytes each: lists have a hundred thousand items.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

/// With a key of this process, so that nobody can make two ids that are taken for one. Among 100,000 of them that happens
/// by chance once in 3,000,000,000 lists.
static HASH: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// Texts that were met.
#[derive(Debug, Default)]
pub(super) struct SeenTexts {
    before: HashSet<u64>,
    /// Those of the page that is being read: two items of one page are two, whatever their ids.
    on_page: Vec<u64>,
}

impl SeenTexts {
    /// Notes a text; whether no earlier page had it.
    pub(super) fn insert(&mut self, text: &str) -> bool {
        let seen = HASH.hash_one(text);
        let is_new = !self.before.contains(&seen);
        if is_new {
            self.on_page.push(seen);
        }
        is_new
    }

    /// The page is at its end.
    pub(super) fn end_page(&mut self) {
        self.before.extend(self.on_page.drain(..));
    }

    /// Whether there is any, and all of them are among others.
    pub(super) fn are_some_of(&self, others: &Self) -> bool {
        !self.before.is_empty() && self.before.is_subset(&others.before)
    }
}
