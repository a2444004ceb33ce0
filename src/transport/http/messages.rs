//! What must be known of a message before rmcp reads it: its method, and the tool that it calls.

use std::borrow::Cow;

use serde::Deserialize;

/// The parts of a message that decide on its admission; everything else is passed over.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Envelope<'m> {
    #[serde(borrow, default)]
    pub(super) method: Option<Cow<'m, str>>,
}

impl<'m> Envelope<'m> {
    /// Of what is no message nothing is known; rmcp says what is wrong with it.
    pub(super) fn of(message: &'m [u8]) -> Self {
        serde_json::from_slice(message).unwrap_or_default()
    }

    pub(super) fn is_initialize(&self) -> bool {
        self.method.as_deref() == Some("initialize")
    }

    pub(super) fn is_call(&self) -> bool {
        self.method.as_deref() == Some("tools/call")
    }
}
