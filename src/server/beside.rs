//! A seam for builds that serve more than the product: the fixture that a conformance suite asks for by name.
//!
//! What stands beside is served by the same handler and transports. The product has nothing here.

use std::sync::Arc;

use futures::future::BoxFuture;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ErrorData, GetPromptRequestParams, GetPromptResponse, Prompt,
    ReadResourceResult, Resource, ResourceTemplate, ServerCapabilities, SubscriptionFilter, Tool,
};
use rmcp::service::{RequestContext, RoleServer, SubscriptionContext};

/// What a request comes with.
pub type Context = RequestContext<RoleServer>;

/// Tools, prompts and resources beside those of the product.
pub trait Beside: Send + Sync + 'static {
    /// Declares what the product does not have.
    fn declare(&self, capabilities: &mut ServerCapabilities);

    /// Further tools, listed after the product's.
    fn tools(&self) -> Vec<Tool>;

    /// Calls one of them, or none: every name that is not in the catalog comes here.
    fn call<'c>(
        &'c self,
        request: CallToolRequestParams,
        cx: &'c Context,
    ) -> BoxFuture<'c, Result<CallToolResponse, ErrorData>>;

    /// Further prompts.
    fn prompts(&self) -> Vec<Prompt>;

    /// One of them.
    fn prompt(&self, request: GetPromptRequestParams) -> Result<GetPromptResponse, ErrorData>;

    /// Further resources.
    fn resources(&self) -> Vec<Resource>;

    /// Further templates.
    fn templates(&self) -> Vec<ResourceTemplate>;

    /// One resource; `None` where it is none of these.
    fn read(&self, uri: &str) -> Option<ReadResourceResult>;

    /// Whether a session of an older generation may be told of changes to a resource.
    fn subscribes(&self, uri: &str) -> bool;

    /// Which of the notifications that a client asks for there are.
    fn notifies(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter>;

    /// Sends them until the client goes.
    fn listen(&self, subscription: SubscriptionContext) -> BoxFuture<'_, Result<(), ErrorData>>;
}

/// Nothing, or something.
pub(super) type Besides = Option<Arc<dyn Beside>>;
