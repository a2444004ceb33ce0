//! The fixture: a handler before the product's, which answers what has a name of the suite's and hands on the rest.

use std::sync::Arc;

use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult, CustomRequest,
    CustomResult, DiscoverResult, ErrorData, GetPromptRequestParams, GetPromptResponse, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig, SetLevelRequestParams,
    SubscribeRequestParams, SubscriptionFilter, Tool, UnsubscribeRequestParams,
};
use rmcp::service::{RequestContext, RoleServer, SubscriptionContext};
use serde_json::json;
use tokio::sync::broadcast;
use vanta_mcp::parts::Server;

use crate::{calls, list, rounds};

/// What a request comes with.
pub type Context = RequestContext<RoleServer>;

/// A list that has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// That of tools.
    Tools,
    /// That of prompts.
    Prompts,
}

/// What all sessions share.
pub struct Shared {
    pub changes: broadcast::Sender<Change>,
    pub rounds: rounds::Rounds,
}

impl Default for Shared {
    fn default() -> Self {
        Self { changes: broadcast::Sender::new(16), rounds: rounds::Rounds::default() }
    }
}

/// The handler of one session.
pub struct Fixture {
    server: Server,
    shared: Arc<Shared>,
}

impl Fixture {
    /// The fixture before one session's server.
    pub fn new(server: Server, shared: Arc<Shared>) -> Self {
        Self { server, shared }
    }
}

/// What is declared: the product's, and that lists change and a resource can be subscribed to.
fn capabilities() -> ServerCapabilities {
    ServerCapabilities::builder()
        .enable_tools()
        .enable_tool_list_changed()
        .enable_prompts()
        .enable_prompts_list_changed()
        .enable_resources()
        .enable_resources_subscribe()
        .enable_completions()
        .enable_logging()
        .build()
}

/// Whether a session of an older generation may be told of changes to a resource.
fn may_subscribe(uri: &str) -> Result<(), ErrorData> {
    if uri == list::WATCHED {
        Ok(())
    } else {
        Err(ErrorData::resource_not_found(format!("unknown resource {uri}"), Some(json!({ "uri": uri }))))
    }
}

impl ServerHandler for Fixture {
    fn get_info(&self) -> ServerConfig {
        let mut info = self.server.get_info();
        info.capabilities = capabilities();
        info
    }

    async fn discover(&self, cx: Context) -> Result<DiscoverResult, ErrorData> {
        let mut found = self.server.discover(cx).await?;
        found.capabilities = capabilities();
        Ok(found)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        list::tools().into_iter().find(|tool| tool.name == name).or_else(|| self.server.get_tool(name))
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: Context,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut page = self.server.list_tools(request, cx).await?;
        if page.next_cursor.is_none() {
            page.tools.extend(list::tools());
        }
        Ok(page)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        cx: Context,
    ) -> Result<CallToolResponse, ErrorData> {
        if !list::tools().iter().any(|tool| tool.name == request.name) {
            return self.server.call_tool(request, cx).await;
        }
        let _under_way = self.server.calls().token();
        calls::call(&self.shared, request, &cx).await
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: Context,
    ) -> Result<ListPromptsResult, ErrorData> {
        let mut page = self.server.list_prompts(request, cx).await?;
        if page.next_cursor.is_none() {
            page.prompts.extend(list::prompts());
        }
        Ok(page)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        cx: Context,
    ) -> Result<GetPromptResponse, ErrorData> {
        if list::prompts().iter().any(|prompt| prompt.name == request.name) {
            return calls::prompt(&request);
        }
        self.server.get_prompt(request, cx).await
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: Context,
    ) -> Result<ListResourcesResult, ErrorData> {
        let mut page = self.server.list_resources(request, cx).await?;
        if page.next_cursor.is_none() {
            page.resources.extend(list::resources());
        }
        Ok(page)
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: Context,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let mut page = self.server.list_resource_templates(request, cx).await?;
        if page.next_cursor.is_none() {
            page.resource_templates.extend(list::templates());
        }
        Ok(page)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        cx: Context,
    ) -> Result<ReadResourceResponse, ErrorData> {
        match list::read(&request.uri) {
            Some(read) => Ok(read.into()),
            None => self.server.read_resource(request, cx).await,
        }
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        cx: Context,
    ) -> Result<CompleteResult, ErrorData> {
        self.server.complete(request, cx).await
    }

    async fn set_level(&self, request: SetLevelRequestParams, cx: Context) -> Result<(), ErrorData> {
        self.server.set_level(request, cx).await
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        cx: Context,
    ) -> Result<CustomResult, ErrorData> {
        self.server.on_custom_request(request, cx).await
    }

    async fn subscribe(&self, request: SubscribeRequestParams, _cx: Context) -> Result<(), ErrorData> {
        may_subscribe(&request.uri)
    }

    async fn unsubscribe(&self, request: UnsubscribeRequestParams, _cx: Context) -> Result<(), ErrorData> {
        may_subscribe(&request.uri)
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        // rmcp takes out what is not declared.
        Some(requested.clone())
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changes = self.shared.changes.subscribe();
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
}
