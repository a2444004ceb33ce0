//! What a job is.

use futures::future::BoxFuture;
use serde_json::{Map, Value};

use super::desk::Desk;
use crate::answer::Answer;
use crate::call::CallError;
use crate::catalog::{self, Api, Effect};

/// A question that is answered by several calls: what is said of it, and how it is answered.
pub struct Job {
    /// The tool's name.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// For a model that chooses.
    pub about: &'static str,
    /// What people say when they want this, for the search.
    pub asks: &'static [&'static str],
    /// The toolset that it belongs to.
    pub toolset: &'static str,
    /// Whether it is among those that are listed where nobody chooses.
    pub usual: bool,
    /// The operations that it cannot do without: it is offered where each of them can be called.
    pub uses: &'static [&'static str],
    /// Those that it also calls where they can be called; else its answer says what was not looked at.
    pub also: &'static [&'static str],
    /// The schema of its arguments, from their type.
    pub input: fn() -> Map<String, Value>,
    /// The schema of its answer, from its type.
    pub output: fn() -> Map<String, Value>,
    /// Answers it. The arguments have been checked against the schema.
    pub run: for<'c> fn(Desk<'c>, Value) -> BoxFuture<'c, Result<Answer, CallError>>,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Job").field(&self.name).finish()
    }
}

impl Job {
    /// What a call does at the most: as much as the operations that it makes.
    #[must_use]
    pub fn effect(&self) -> Effect {
        let effects = self.uses.iter().chain(self.also).map(|name| match catalog::find(name) {
            Some(operation) => operation.effect,
            // What is not known may do anything; a test finds the slip.
            None => Effect::Destroy,
        });
        effects.max().unwrap_or(Effect::Read)
    }

    /// The API that it is about.
    #[must_use]
    pub fn api(&self) -> Option<Api> {
        self.uses.iter().find_map(|name| Some(catalog::find(name)?.api))
    }
}
