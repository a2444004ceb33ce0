//! What to do about a failure that an operation is known to have.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A sentence about a failure. Those of one failure are said one after the other.
#[derive(Debug, Serialize, Deserialize)]
pub struct Advice<'a> {
    /// The status of the refusal that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The upstream's error code; where there is no status either, it is about a change whose answer was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<&'a str>,
    /// The sentence.
    #[serde(borrow)]
    pub say: Cow<'a, str>,
    /// The tools that it names. It is said to whoever may call them all.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub tools: Vec<&'a str>,
    /// What the others are told.
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub otherwise: Option<Cow<'a, str>>,
}

impl Advice<'_> {
    /// The sentence for whoever may call what `offered` lets through; `None` where there is nothing to say.
    pub fn told(&self, offered: impl Fn(&str) -> bool) -> Option<&str> {
        if self.tools.iter().all(|tool| offered(tool)) { Some(&self.say) } else { self.otherwise.as_deref() }
    }
}
