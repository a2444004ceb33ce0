//! A read that asks for nothing but its answer, answered without rmcp.

use std::sync::Arc;

use rmcp::model::RequestId;

use super::conversation::{Entered, UnderWay};
use super::message::PlainCall;
use crate::call::Context;
use crate::gate::Principal;
use crate::server::{Generation, Prepared, Server};

/// A read that is ready to be answered.
pub(super) struct DirectRead {
    id: RequestId,
    generation: Generation,
    context: Context,
    prepared: Prepared,
    /// Its place among the calls that can be cancelled; none where its caller cancels it by leaving.
    entered: Option<Entered>,
}

impl DirectRead {
    /// Makes a call ready; `None` where its tool does not only read or is not to be run, which rmcp's way says, or where a
    /// call of the same id is under way.
    pub(super) fn new(
        server: &Server,
        principal: Principal,
        call: PlainCall<'_>,
        under_way: Option<&Arc<UnderWay>>,
    ) -> Option<Self> {
        let PlainCall { id, name, arguments, generation } = call;
        let context = server.context(principal);
        let prepared = server.prepare(&context, &name, arguments).ok()?;
        if !prepared.only_reads() {
            return None;
        }
        let entered = match under_way {
            Some(under_way) => Some(under_way.enter(&id, &context.term.gone)?),
            None => None,
        };
        Some(Self { id, generation, context, prepared, entered })
    }

    /// The message that answers it; `None` where it is no longer wanted.
    pub(super) async fn answer(self) -> Option<Vec<u8>> {
        let Self { id, generation, context, prepared, entered } = self;
        // It is pinned here, since it is large and would be moved from hand to hand.
        let reply = std::pin::pin!(prepared.run(&context)).await;
        drop(entered);
        reply.ok()?.written(&id, generation).ok()
    }
}
