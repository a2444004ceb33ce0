//! What people wish for and no tool does, from `tools/beyond.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalog::Api;

/// A wish that no tool fulfils.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beyond {
    /// What is wished for, in a few words.
    pub wish: String,
    /// Whether it is to know something or to change it.
    #[serde(default)]
    pub aim: Aim,
    /// Which API it is about, where most people mean another.
    #[serde(default)]
    pub api: Option<Api>,
    /// What people say who wish for it.
    pub asks: Vec<String>,
    /// What a person does instead.
    pub instead: String,
    /// The tools that come closest.
    pub near: Vec<String>,
}

/// What a wish without a tool is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aim {
    /// To know something.
    Know,
    /// To have something changed.
    #[default]
    Change,
    /// Either.
    Either,
}

#[derive(Deserialize)]
struct BeyondFile {
    wish: Vec<Beyond>,
}

/// Read at the first search.
static BEYOND: LazyLock<Vec<Beyond>> = LazyLock::new(|| {
    // A test reads it too, so that a slip in it is found there.
    toml::from_str::<BeyondFile>(include_str!("../../../tools/beyond.toml"))
        .map(|file| file.wish)
        .unwrap_or_default()
});

/// All of them.
pub fn all() -> &'static [Beyond] {
    &BEYOND
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::catalog;

    #[test]
    fn every_wish_says_what_to_do_and_names_tools_that_exist() {
        let mut said = HashSet::new();
        assert!(all().len() > 40, "{}", all().len());
        for beyond in all() {
            assert!(beyond.instead.ends_with('.'), "{}", beyond.wish);
            assert!(beyond.asks.len() >= 3, "{}", beyond.wish);
            for ask in &beyond.asks {
                assert!(said.insert(ask), "{ask} is there twice");
            }
            for near in &beyond.near {
                assert!(catalog::find(near).is_some(), "{}: {near}", beyond.wish);
            }
        }
    }
}
