//! The requests of MCP, each led to where it is answered.

// MCP's logging and subscriptions of 2025-11-25 are on their way out and still what most clients speak.
#![expect(deprecated, reason = "served for as long as 2025-11-25 is")]

use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult,
    CompletionInfo, CustomRequest, CustomResult, DiscoverResult, ErrorCode, ErrorData,
    GetPromptRequestParams, GetPromptResponse, Implementation, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, LoggingLevel, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, Reference, ServerCapabilities, ServerConfig,
    SetLevelRequestMethod, SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter,
    UnsubscribeRequestParams,
};
use rmcp::service::{RequestContext, RoleServer, SubscriptionContext};
use serde_json::{Value, json};
use tracing::Instrument as _;

use super::listing::{self, Hints};
use super::measure::{Measured, Outcome};
use super::offer::Unresolved;
use super::{INSTRUCTIONS, Server, Shown, notices, prompts, resources, results};
use crate::catalog::Effect;
use crate::tools::Tool;

/// What is asked for in every generation.
const METHODS: [&str; 9] = [
    "server/discover",
    "tools/list",
    "tools/call",
    "prompts/list",
    "prompts/get",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "completion/complete",
];

/// What is asked for before 2026-07-28 alone.
const OLDER_METHODS: [&str; 3] = ["initialize", "ping", "logging/setLevel"];

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let product =
            Implementation::new("vanta-mcp", env!("CARGO_PKG_VERSION")).with_title("Vanta and Vanta Panel");
        let mut capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_prompts()
            .enable_resources()
            .enable_completions()
            .enable_logging()
            .build();
        if let Some(beside) = &self.shared.beside {
            beside.declare(&mut capabilities);
        }
        ServerConfig::new(capabilities).with_server_info(product).with_instructions(INSTRUCTIONS)
    }

    async fn discover(&self, _cx: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let versions = self.supported_protocol_versions().into_owned();
        let found = DiscoverResult::from_server_info(versions, self.get_info());
        Ok(found.with_ttl_ms(listing::TTL_MS).with_cache_scope(CacheScope::Private))
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let cursor = request.and_then(|request| request.cursor);
        let mut page = self.offer_in(&cx.extensions)?.page((cursor.as_deref(), &cx.meta), hints(&cx))?;
        if let Some(beside) = self.shared.beside.as_ref().filter(|_| page.next_cursor.is_none()) {
            page.tools.extend(beside.tools());
        }
        Ok(page)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        // Only where there is something beside must the request outlive its arguments.
        let asked = self.shared.beside.as_ref().map(|_| request.clone());
        let arguments = Value::Object(request.arguments.unwrap_or_default());
        let offer = self.offer_in(&cx.extensions)?;
        let principal = self.principal(&cx.extensions)?.and_then(|principal| self.known(principal));
        let (tool, arguments) = match offer.resolve(&request.name, arguments) {
            Ok(resolved) => resolved,
            Err(Unresolved::Unknown(problem)) => {
                if let Some(answer) = self.beside(asked, &cx).await {
                    return answer;
                }
                Measured::begin(None, principal, &cx.meta).end(Outcome::Refused);
                return Err(ErrorData::invalid_params(problem, None));
            }
            Err(Unresolved::Refused(problem)) => {
                Measured::begin(Tool::named(&request.name), principal, &cx.meta).end(Outcome::Refused);
                return Ok(results::error(problem).into());
            }
        };
        let _under_way = self.shared.calls.token();
        let measured = Measured::begin(Some(tool), principal, &cx.meta);
        let span = tracing::info_span!("call", tool = tool.name(), principal);
        // On the heap, since it is large and what waits for it is moved about.
        let work = Box::pin(
            self.guarded(&offer, tool, arguments, (Some(&cx.ct), self.form)).instrument(span.clone()),
        );
        let work = notices::told(&cx, work);
        let result = if tool.effect() == Effect::Read {
            tokio::select! {
                told = work => told.into_result(),
                () = cx.ct.cancelled() => return Err(ErrorData::internal_error("cancelled", None)),
            }
        } else {
            // A change that is under way is seen through, whether or not anybody waits for the answer.
            work.await.into_result()
        };
        let failed = result.is_error == Some(true);
        let (took, level) =
            (measured.so_far(), if failed { LoggingLevel::Warning } else { LoggingLevel::Info });
        let line = || json!({ "tool": tool.name(), "failed": failed, "seconds": took.as_secs_f64() });
        notices::log(&cx, &self.level, (level, line)).await;
        measured.end(Outcome::of(&result));
        if tool.effect() != Effect::Read && cx.ct.is_cancelled() {
            span.in_scope(|| {
                tracing::warn!(failed, "a change was carried through after its caller had gone");
            });
        }
        Ok(result.into())
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        cx: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        // Parameters that do not fit a known method end up here.
        let CustomRequest { method, .. } = request;
        let of_old = hints(&cx) == Hints::Unknown && OLDER_METHODS.contains(&method.as_str());
        Err(if of_old || METHODS.contains(&method.as_str()) {
            ErrorData::invalid_params(format!("the parameters do not fit {method}"), None)
        } else {
            ErrorData::new(ErrorCode::METHOD_NOT_FOUND, method, None)
        })
    }

    async fn set_level(
        &self,
        request: SetLevelRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if hints(&cx) == Hints::Wanted {
            // Since 2026-07-28 each request says its own.
            return Err(ErrorData::method_not_found::<SetLevelRequestMethod>());
        }
        self.level.set(request.level);
        Ok(())
    }

    async fn list_prompts(
        &self,
        _request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let mut list = prompts::list(&*self.offer_in(&cx.extensions)?, hints(&cx));
        if let Some(beside) = &self.shared.beside {
            list.prompts.extend(beside.prompts());
        }
        Ok(list)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let found = prompts::get(&*self.offer_in(&cx.extensions)?, &request);
        match (found, &self.shared.beside) {
            (Err(_), Some(beside)) => beside.prompt(request),
            (found, _) => found.map(GetPromptResponse::from),
        }
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let mut list = resources::list(hints(&cx));
        if let Some(beside) = &self.shared.beside {
            list.resources.extend(beside.resources());
        }
        Ok(list)
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let mut list = resources::templates(hints(&cx));
        if let Some(beside) = &self.shared.beside {
            list.resource_templates.extend(beside.templates());
        }
        Ok(list)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let offer = self.offer_in(&cx.extensions)?;
        if let Some(read) = self.shared.beside.as_ref().and_then(|beside| beside.read(&request.uri)) {
            return Ok(read.into());
        }
        resources::read(&offer, &request.uri, hints(&cx)).map(ReadResourceResponse::from)
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        _cx: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.may_subscribe(&request.uri)
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        _cx: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.may_subscribe(&request.uri)
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        self.shared.beside.as_ref().and_then(|beside| beside.notifies(requested))
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        match &self.shared.beside {
            Some(beside) => beside.listen(subscription).await,
            None => Ok(()),
        }
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let offer = self.offer_in(&cx.extensions)?;
        let argument = &request.argument;
        Ok(CompleteResult::new(match &request.r#ref {
            Reference::Resource(template) => {
                resources::complete(&offer, &template.uri, &argument.name, &argument.value)
            }
            // What a prompt can be asked with is known upstream alone, and typing costs no request of the minute's.
            _ => CompletionInfo::default(),
        }))
    }

    fn get_tool(&self, name: &str) -> Option<Shown> {
        // It is asked for headers that a tool's arguments are repeated in, which the product's tools have none of.
        self.shared.beside.as_ref()?.tools().into_iter().find(|tool| tool.name == name)
    }
}

/// Whether the client's generation has cache hints.
fn hints(cx: &RequestContext<RoleServer>) -> Hints {
    let modern = cx.protocol_version().is_some_and(|version| !version.has_initialize());
    if modern { Hints::Wanted } else { Hints::Unknown }
}

impl Server {
    fn may_subscribe(&self, uri: &str) -> Result<(), ErrorData> {
        match &self.shared.beside {
            Some(beside) if beside.subscribes(uri) => Ok(()),
            Some(_) => {
                Err(ErrorData::resource_not_found(format!("no resource {uri}"), Some(json!({ "uri": uri }))))
            }
            None => Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, "resources/subscribe", None)),
        }
    }

    /// The answer of what stands beside, if anything does.
    async fn beside(
        &self,
        asked: Option<CallToolRequestParams>,
        cx: &RequestContext<RoleServer>,
    ) -> Option<Result<CallToolResponse, ErrorData>> {
        let (beside, asked) = self.shared.beside.as_ref().zip(asked)?;
        let _under_way = self.shared.calls.token();
        Some(beside.call(asked, cx).await)
    }
}
