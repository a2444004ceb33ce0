//! The fixture as what stands beside the product.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ErrorData, GetPromptRequestParams, GetPromptResponse, Prompt,
    ReadResourceResult, Resource, ResourceTemplate, ServerCapabilities, SubscriptionFilter, Tool,
};
use rmcp::service::SubscriptionContext;
use tokio::sync::broadcast;
use vanta_mcp::server::beside::{Beside, Context};

use crate::{calls, list, rounds};

/// A list that has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// That of tools.
    Tools,
    /// That of prompts.
    Prompts,
}

/// The fixture.
pub struct Fixture {
    pub changes: broadcast::Sender<Change>,
    pub rounds: rounds::Rounds,
}

impl Default for Fixture {
    fn default() -> Self {
        Self { changes: broadcast::Sender::new(16), rounds: rounds::Rounds::default() }
    }
}

impl Beside for Fixture {
    fn declare(&self, capabilities: &mut ServerCapabilities) {
        let declared = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_prompts()
            .enable_prompts_list_changed()
            .enable_resources()
            .enable_resources_subscribe()
            .enable_completions()
            .enable_logging()
            .build();
        *capabilities = declared;
    }

    fn tools(&self) -> Vec<Tool> {
        list::tools()
    }

    fn call<'c>(
        &'c self,
        request: CallToolRequestParams,
        cx: &'c Context,
    ) -> BoxFuture<'c, Result<CallToolResponse, ErrorData>> {
        calls::call(self, request, cx).boxed()
    }

    fn prompts(&self) -> Vec<Prompt> {
        list::prompts()
    }

    fn prompt(&self, request: GetPromptRequestParams) -> Result<GetPromptResponse, ErrorData> {
        calls::prompt(&request)
    }

    fn resources(&self) -> Vec<Resource> {
        list::resources()
    }

    fn templates(&self) -> Vec<ResourceTemplate> {
        list::templates()
    }

    fn read(&self, uri: &str) -> Option<ReadResourceResult> {
        list::read(uri)
    }

    fn subscribes(&self, uri: &str) -> bool {
        uri == list::WATCHED
    }

    fn notifies(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    fn listen(&self, subscription: SubscriptionContext) -> BoxFuture<'_, Result<(), ErrorData>> {
        let mut changes = self.changes.subscribe();
        async move {
            loop {
                let change = tokio::select! {
                    () = subscription.cancelled() => return Ok(()),
                    change = changes.recv() => change,
                };
                let sent = match change {
                    Ok(Change::Tools) => subscription.sink().notify_tool_list_changed().await,
                    Ok(Change::Prompts) => subscription.sink().notify_prompt_list_changed().await,
                    Err(broadcast::error::RecvError::Lagged(_)) => continue,
                    Err(broadcast::error::RecvError::Closed) => return Ok(()),
                };
                // What the client did not ask for is not sent, and no reason to end.
                drop(sent);
            }
        }
        .boxed()
    }
}
