//! A read that asks for nothing but its answer, and perhaps to be told that it goes on, answered without rmcp.

use std::sync::Arc;

use rmcp::model::{
    ProgressNotification, ProgressNotificationParam, RequestId, ServerJsonRpcMessage, ServerNotification,
};

use super::conversation::{Entered, UnderWay};
use super::message::PlainCall;
use crate::call::{Context, Progress};
use crate::gate::Principal;
use crate::server::{Generation, Notify, Prepared, Reporter, Server};

/// A read that is ready to be answered.
pub(super) struct DirectRead {
    id: RequestId,
    generation: Generation,
    context: Context,
    prepared: Prepared,
    /// Its place among the calls that can be cancelled; none where its caller cancels it by leaving.
    entered: Option<Entered>,
    /// Who is told that it goes on, where that is wanted.
    reporter: Option<Arc<Reporter>>,
}

impl DirectRead {
    /// Makes a call ready; `None` where its tool does not only read or is not to be run, or where it may become a task, which
    /// is for rmcp's way, or where a call of the same id is under way.
    pub(super) fn new(
        server: &Server,
        principal: Principal,
        call: PlainCall<'_>,
        under_way: Option<&Arc<UnderWay>>,
        notify: impl FnOnce() -> Notify,
    ) -> Option<Self> {
        let PlainCall { id, name, arguments, generation, progress, trace, takes_tasks } = call;
        let reporter = progress.map(|token| Arc::new(Reporter::new(token, notify())));
        let told = reporter.clone().map(|reporter| reporter as Arc<dyn Progress>);
        let context = Context { trace, progress: told, ..server.context(principal) };
        let prepared = server.prepare(&context, &name, arguments).ok()?;
        if !prepared.only_reads() || takes_tasks && prepared.takes_long(&context) {
            return None;
        }
        let entered = match under_way {
            Some(under_way) => Some(under_way.enter(&id, &context.term.gone)?),
            None => None,
        };
        Some(Self { id, generation, context, prepared, entered, reporter })
    }

    /// The message that answers it; `None` where it is no longer wanted.
    pub(super) async fn answer(self) -> Option<Vec<u8>> {
        let Self { id, generation, context, prepared, entered, reporter } = self;
        // It is pinned here, since it is large and would be moved from hand to hand.
        let work = std::pin::pin!(prepared.run(&context));
        let reply = match reporter {
            Some(reporter) => reporter.told(work).await,
            None => work.await,
        };
        drop(entered);
        reply.ok()?.written(&id, generation).ok()
    }
}

/// A notification of progress as it is written.
pub(super) fn written(told: ProgressNotificationParam) -> Option<Vec<u8>> {
    let notification = ServerNotification::ProgressNotification(ProgressNotification::new(told));
    serde_json::to_vec(&ServerJsonRpcMessage::notification(notification)).ok()
}
