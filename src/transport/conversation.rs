//! What is known of a client's session from what has been said in it, and the calls of it that are answered directly.
//!
//! rmcp gives each call tasks and channels, and does not know of those that are answered without it. So whether a call may
//! be, and that it is no longer wanted, is found out here.

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::RequestId;
use tokio_util::sync::CancellationToken;

use super::message::Envelope;

/// A session of a revision that has sessions.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    /// Whether the client has said that it is ready.
    ready: bool,
    /// Whether the client has asked for a log, whose lines come before an answer.
    wants_log: bool,
    under_way: Arc<UnderWay>,
}

impl Conversation {
    /// Notes a message that goes to rmcp.
    pub(super) fn hears(&mut self, message: &Envelope<'_>) {
        self.ready |= message.is("notifications/initialized");
        self.wants_log |= message.may_be("logging/setLevel");
        if let Some(call) = message.cancels() {
            self.under_way.cancel(&call);
        }
    }

    /// Whether the client has said that it is ready.
    pub(super) fn is_ready(&self) -> bool {
        self.ready
    }

    /// The calls that may be answered directly; none where all must go to rmcp.
    pub(super) fn direct(&self) -> Option<&Arc<UnderWay>> {
        (self.ready && !self.wants_log).then_some(&self.under_way)
    }

    /// The same whether or not there is a session, for revisions whose requests stand alone.
    pub(super) fn under_way(&self) -> &Arc<UnderWay> {
        &self.under_way
    }
}

/// The calls that are being answered directly.
#[derive(Debug, Default)]
pub(super) struct UnderWay(Mutex<Vec<(RequestId, CancellationToken)>>);

impl UnderWay {
    fn calls(&self) -> std::sync::MutexGuard<'_, Vec<(RequestId, CancellationToken)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a call, which is cancelled by `gone`; `None` where one of the same id is under way already.
    pub(super) fn enter(self: &Arc<Self>, id: &RequestId, gone: &CancellationToken) -> Option<Entered> {
        let mut calls = self.calls();
        if calls.iter().any(|(other, _)| other == id) {
            return None;
        }
        calls.push((id.clone(), gone.clone()));
        drop(calls);
        Some(Entered { under_way: Arc::clone(self), id: id.clone() })
    }

    /// Cancels whatever is under way.
    pub(super) fn cancel_all(&self) {
        self.calls().iter().for_each(|(_, gone)| gone.cancel());
    }

    fn cancel(&self, id: &RequestId) {
        self.calls().iter().filter(|(other, _)| other == id).for_each(|(_, gone)| gone.cancel());
    }
}

/// A place among the calls; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Entered {
    under_way: Arc<UnderWay>,
    id: RequestId,
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.under_way.calls().retain(|(call, _)| *call != self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_one_place_and_is_cancelled_in_it() {
        let mut conversation = Conversation::default();
        assert!(conversation.direct().is_none(), "nothing has been said");
        conversation.hears(&Envelope::of(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#));
        let calls = Arc::clone(conversation.direct().unwrap());
        let (id, gone) = (RequestId::Number(1), CancellationToken::new());
        let entered = calls.enter(&id, &gone).unwrap();
        assert!(calls.enter(&id, &gone).is_none());
        let cancel = br#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
        conversation.hears(&Envelope::of(cancel));
        assert!(gone.is_cancelled());
        drop(entered);
        assert!(calls.enter(&id, &gone).is_some());
        conversation.hears(&Envelope::of(br#"{"jsonrpc":"2.0","id":2,"method":"logging/setLevel"}"#));
        assert!(conversation.direct().is_none(), "lines of a log come before an answer");
    }
}
