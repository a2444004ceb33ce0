//! What a search answers.

use super::beyond::Beyond;
use crate::tools::findable::Findable;

/// A tool that was found.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// It.
    pub tool: Findable,
    /// How well it fits; comparable within one answer alone.
    pub score: f32,
    /// How much of the query it is, 0 to 1; comparable between queries.
    pub fit: f32,
}

/// What a search has to say.
#[derive(Debug)]
pub struct SearchOutcome {
    /// The tools, best first.
    pub found: Vec<Found>,
    /// Whether the first of them does it.
    pub verdict: Verdict,
}

/// Whether a tool does what is wanted.
#[derive(Debug, Clone, Copy)]
pub enum Verdict {
    /// The best one seems to.
    Fits,
    /// No tool does, and what is wanted is known.
    Beyond(&'static Beyond),
    /// None fits well enough.
    Nothing,
}
