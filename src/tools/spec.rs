//! What a tool is that is written by hand.

use std::fmt;

use futures::future::BoxFuture;
use serde_json::{Map, Value};

use super::rules::Rules;
use crate::answer::Answer;
use crate::call::{CallError, Calls, Context};
use crate::catalog::{self, Effect};

/// A tool that is written by hand: what is said of it, and what it does.
pub trait Written: Send + Sync {
    /// What is said of it.
    fn spec(&self) -> &'static Spec;

    /// Does it. `arguments` have been checked against the schema; it makes calls through the site, with this context.
    fn run<'c>(
        &'c self,
        cx: &'c Context,
        site: Site<'c>,
        arguments: Value,
    ) -> BoxFuture<'c, Result<Answer, CallError>>;
}

impl fmt::Debug for dyn Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Written").field(&self.spec().name).finish()
    }
}

/// What is said of a tool that is written by hand.
pub struct Spec {
    /// The tool's name.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// For a model that chooses.
    pub about: &'static str,
    /// What it reaches upstream.
    pub uses: Uses,
    /// The schema of its arguments, from their type.
    pub input: fn() -> Map<String, Value>,
    /// The schema of its answer, from its type; none where it answers what another tool does.
    pub output: Option<fn() -> Map<String, Value>>,
}

/// What a tool that is written by hand reaches upstream. Its effect follows, so that it cannot call itself harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uses {
    /// Nothing.
    Nothing,
    /// Nothing but the tools themselves, of which there must be some that can be called.
    Tools,
    /// These operations of the catalog. It is offered where each of them can be called.
    Operations(&'static [&'static str]),
    /// Any path of Vanta's APIs that its argument names, reading. It is not listed, and offered to whoever is bound to no
    /// toolset and may read at least one of them.
    AnyPath,
    /// Whatever tool of this effect its argument names. It is offered where this much is allowed.
    AnyTool(Effect),
}

impl Spec {
    /// What a call does at the most by itself.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self.uses {
            Uses::Nothing | Uses::Tools | Uses::AnyPath => Effect::Read,
            Uses::AnyTool(least) => least,
            Uses::Operations(names) => {
                let effects = names.iter().map(|name| match catalog::find(name) {
                    Some(operation) => operation.effect,
                    // What is not known may do anything; a test finds the slip.
                    None => Effect::Destroy,
                });
                effects.max().unwrap_or(Effect::Read)
            }
        }
    }
}

/// Where a written tool runs.
#[derive(Clone, Copy)]
pub struct Site<'c> {
    /// What its caller may do.
    pub rules: &'c Rules,
    /// The door that its calls go through.
    pub calls: &'c Calls,
    /// How many tools its caller sees listed.
    pub listed: usize,
    /// What its caller is warned of.
    pub warnings: &'c Warnings,
}

/// What `server_status` warns of.
#[derive(Debug, Clone, Default)]
pub struct Warnings {
    /// What was found odd in the settings: for whoever runs the server, since it names them and places of this machine.
    pub of_operator: Vec<String>,
    /// What everybody should know.
    pub of_everybody: Vec<String>,
}

impl Warnings {
    /// The same for callers over the network, who did not make the settings. The log has the others.
    #[must_use]
    pub fn for_callers(&self) -> Self {
        Self { of_operator: Vec::new(), of_everybody: self.of_everybody.clone() }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.of_operator.iter().chain(&self.of_everybody)
    }
}
